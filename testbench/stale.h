/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel-side check: may a translation be left that the kernel has no right to leave?
 *
 * It holds what the privileged specification lets a hart have cached, whatever a TLB really holds:
 * it learns from stores to page tables, satp writes and fences, told in the kernel's order, and
 * from nothing else. Every valid entry that could be reached since the last fence that covers it is
 * in that set: the present ones, which the tables themselves hold, and the past ones, kept here.
 *
 * The kernel must answer for the set three times: when a frame goes free, for it may be anything
 * next; when a page counts as clean, for no store may go unnoticed from then on; and before it
 * returns to the user, for nothing in it may grant more than VMA and page table do or name another
 * frame. The first failure is kept as one sentence.
 *
 *   space    a root and its ASID that satp has named; `live` until a fence leaves nothing of it
 *   past     an entry that is no longer in its table, or grants less there by now
 */
#ifndef PW_STALE_H
#define PW_STALE_H
#include "mem.h"
#include "types.h"

struct stale;

/* What the VMA permits at va in the address space of this root (R 1, W 2, X 4); false: no VMA. */
typedef bool stale_vma(const void *who, ppn_t root, vaddr_t va, uint8_t *prot);

struct stale *stale_new(const struct mem *, uint32_t mode /* enum mode */, stale_vma *,
                        const void *who);
void stale_delete(struct stale *);

void stale_pte_write(struct stale *, paddr_t pa, uint64_t old, uint64_t now); /* aligned 8 bytes */
void stale_satp(struct stale *, uint64_t satp);
void stale_fence(struct stale *, uint8_t op /* enum fence */, bool rs1, bool rs2, vaddr_t va,
                 uint16_t asid);
void stale_freed(struct stale *, ppn_t);
void stale_cleaned(struct stale *, ppn_t);
void stale_user(struct stale *);

const char *stale_found(const struct stale *); /* NULL: all is well */
size_t stale_kept(const struct stale *);       /* past entries held now */

#endif
