/* SPDX-License-Identifier: Apache-2.0
 *
 * Files: their objects, the pages of the page cache, what is read ahead, what is cut off.
 *
 * Included by kernel.h only.
 */
#ifndef PW_OS_FILECACHE_H
#define PW_OS_FILECACHE_H

struct os;
struct mm;
struct vma;
struct object;
struct page;
struct block;

/* ---- filecache.c --------------------------------------------------------------------- */
struct object *object_new(struct os *, uint32_t id, const char *name, uint64_t size, enum store);
struct object *object_find(const struct os *, uint32_t id);
void object_unused(struct os *, struct object *); /* its last VMA went: a shmem object ends */
void object_free(struct os *, struct object *);
struct page *page_find(const struct object *, uint64_t index);
struct page *page_get(struct os *, struct object *, uint64_t index,
                      bool *major);                                   /* read in if need be */
struct page *page_read(struct os *, struct object *, uint64_t index); /* it is not there yet */
size_t page_chunk(uint64_t offset, size_t left);       /* as many bytes as lie in one page */
struct page *page_last(const struct object *);         /* it holds the end; cached, not full */
bool page_hole(const struct object *, uint64_t index); /* nothing on disk: zeros, without a read */
void page_remove(struct os *, struct object *, struct page *);
struct block *block_find(const struct object *, uint64_t index);
struct block *block_make(struct object *, uint64_t index);
void page_zero(struct os *, struct page *, uint64_t at, size_t bytes); /* bytes of one page */
void page_write_back(struct os *, struct object *, const struct page *);
void write_back_all(struct os *); /* every dirty page of every file */
bool call_file(struct os *, const struct os_call *);
bool call_msync(struct os *, struct mm *, const struct os_call *);
bool call_fsync(struct os *, const struct os_call *);

/* ---- truncate.c ---------------------------------------------------------------------- */
void object_punch(struct os *, struct object *, uint64_t first, uint64_t end); /* a hole */
void object_cut_page(struct os *, struct object *, uint64_t at, size_t bytes);
bool call_truncate(struct os *, const struct os_call *);

/* ---- readahead.c --------------------------------------------------------------------- */
void ra_sync(struct os *, struct object *, uint64_t index, uint64_t request);
void ra_async(struct os *, struct object *, const struct page *, uint64_t index, uint64_t request);
void ra_fault_miss(struct os *, const struct vma *, uint64_t index);
bool ra_fault_hit(struct os *, const struct vma *, const struct page *);
void ra_found(struct object *, uint64_t pages);
void ra_wait(struct object *, const struct page *); /* until it has been read */
void ra_done(struct object *);                      /* all reads */

#endif
