/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical memory: bytes of RAM between MEM_BASE and MEM_BASE + size, allocated a frame at a time
 * on first write (an untouched frame reads zero). Everything outside is no memory. No time here:
 * latency lives in memport.h.
 *
 * A frame may be marked as a page table. Every change of an aligned 8-byte word in a marked frame
 * is reported to one watcher, before it takes effect: that is how the spec opinion keeps the values
 * a PTE has had.
 */
#ifndef PW_MEM_H
#define PW_MEM_H
#include "types.h"
#include <stddef.h>

#define MEM_BASE 0x80000000ull

struct mem;
typedef void mem_watch(void *who, paddr_t pa, uint64_t old, uint64_t now);

struct mem *mem_new(uint64_t bytes);
void mem_delete(struct mem *);
uint64_t mem_bytes(const struct mem *);
bool mem_has(const struct mem *, paddr_t pa, size_t bytes); /* wholly inside RAM? */

/* Aligned 8-byte words. The caller has asked mem_has. */
uint64_t mem_read64(const struct mem *, paddr_t pa);
void mem_write64(struct mem *, paddr_t pa, uint64_t value);

/* Any bytes; may cross frames. The caller has asked mem_has. */
void mem_read(const struct mem *, paddr_t pa, void *out, size_t bytes);
void mem_write(struct mem *, paddr_t pa, const void *in, size_t bytes);
void mem_zero_frame(struct mem *, ppn_t ppn);
void mem_copy_frame(struct mem *, ppn_t to, ppn_t from);

void mem_mark_table(struct mem *, ppn_t ppn); /* from now on changes in this frame are reported */
bool mem_is_table(const struct mem *, ppn_t ppn);
void mem_mark_rom(struct mem *, ppn_t ppn); /* from now on its bus refuses to write a PTE here */
bool mem_is_rom(const struct mem *, ppn_t ppn);
void mem_set_watch(struct mem *, mem_watch *watch, void *who);

#endif
