/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 3: what a program must see, from the semantics of Linux memory alone. It keeps its own
 * VMAs, its own file bytes (page cache and disk) and its own private copies, by mapping and page;
 * it knows no frame, no page table and no TLB, and shares no code with the kernel half.
 */
#ifndef PW_DATA_H
#define PW_DATA_H
#include "config.h"
#include "os/call.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct data;
struct data *data_new(const struct config *);
void data_delete(struct data *);

/* Apply a call (every call of enums.def; READ, WRITE, KLOAD, KSTORE, GUP are applied byte by
 * byte through the functions below instead). False if the call is impossible; data_error says why.
 */
bool data_call(struct data *, const struct os_call *);
const char *data_error(const struct data *);

/* Must this access succeed? Returns 0, or the signal (enum signal) and its code (enum sicode). A
 * kernel access that may not succeed returns the signal a user access would get: the caller treats
 * it as EFAULT. */
uint8_t data_verdict(struct data *, uint32_t pid, uint8_t access, vaddr_t va, size_t bytes,
                     uint8_t *code);

/* Is it right that get_user_pages got the page at va, or that it did not? `how`: GUP_WRITE, ... of
 * os/call.h. */
bool data_gup(struct data *, uint32_t pid, vaddr_t va, uint32_t how, bool got);

/* The first mapping that ends above va; false: there is none. Where two touch, one may be told of,
 * or two: whether Linux has one VMA there is not for the semantics to say. */
struct data_vma {
    vaddr_t start, end;
    uint8_t prot;
    bool shared, backed;
    uint32_t file; /* backed: by this file, from byte `offset`; 0: by shared memory of its own */
    uint64_t offset;
};
bool data_vma(struct data *, uint32_t pid, vaddr_t va, struct data_vma *);

/* Where reads of a file fail: an access may end in SIGBUS ADRERR, a read(2) or write(2) be short.
 * What is in the page cache still works; what is there is not for the semantics to say. */
bool data_may_break(struct data *, uint32_t pid, vaddr_t va, size_t bytes);
bool data_file_breaks(const struct data *, uint32_t file);

/* A store that happened / the bytes a load must return. */
void data_store(struct data *, uint32_t pid, vaddr_t va, const uint8_t *in, size_t bytes);
void data_load(struct data *, uint32_t pid, vaddr_t va, uint8_t *out, size_t bytes);

/* Where the semantics leave a choice (MADV_FREE), what a load returned makes it. Before data_load.
 */
void data_seen(struct data *, uint32_t pid, vaddr_t va, const uint8_t *got, size_t bytes);
/* The kernel wrote pages of files that no call named (the flusher, reclaim, the rest of a folio):
 * any page that is dirty now may have reached its disk, or been lost by one that fails. */
void data_aged(struct data *);
void data_disk_seen(struct data *, uint32_t file, uint64_t offset, const uint8_t *got,
                    size_t bytes); /* before data_disk_read */

/* read(2) and write(2) on the file side; return bytes done. */
size_t data_file_read(struct data *, uint32_t file, uint64_t offset, uint8_t *out, size_t bytes);
size_t data_file_write(struct data *, uint32_t file, uint64_t offset, const uint8_t *in,
                       size_t bytes);

/* What the disk must hold (after msync, fsync); compares by itself at CALL_MSYNC and CALL_FSYNC
 * through `disk`. */
size_t data_disk_read(struct data *, uint32_t file, uint64_t offset, uint8_t *out, size_t bytes);

/* The process, all its threads, was ended by a signal. */
void data_killed(struct data *, uint32_t pid);

#endif
