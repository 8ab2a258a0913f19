/* SPDX-License-Identifier: Apache-2.0
 *
 * Folios of the page cache. What is read ahead of a marker comes in as 2^order pages, aligned
 * (page_cache_ra_order). Frames are single here: a folio is its pages, which say the same order and
 * are all in the cache. What Linux keeps by folio is kept by it here, too:
 *
 *   a fault that comes to one page maps all of them (finish_fault), whose PTEs say the same
 *   a mapping that makes one page dirty makes all dirty (folio_mark_dirty, block_dirty_folio); what
 *   write(2) writes is dirty alone, but the folio counts as dirty (folio_test_dirty)
 *   writing back takes write permission from all (folio_clear_dirty_for_io)
 *   where a part of it is to go it is split, and nothing maps any of it after that (unmap_folio);
 *   a dirty one cannot be (filemap_release_folio: its buffers are in use)
 *
 * Included by kernel.h only.
 */
#ifndef PW_OS_CACHEFOLIO_H
#define PW_OS_CACHEFOLIO_H

struct os;
struct page;

uint64_t cache_first(const struct page *); /* index of the folio's first page */
uint64_t cache_end(const struct page *);   /* folio_next_index: behind its last */
bool cache_dirty(const struct page *);     /* any page of it is */
void cache_set_dirty(const struct page *);
void cache_mark(const struct page *, bool mark); /* PG_readahead */
void cache_unmap(struct os *, const struct page *);
/* Into pages, or into halves down to this page; false: it is dirty, and stays as it is. */
bool cache_split(struct os *, struct page *, bool pages);
void cache_leave(struct page *); /* it leaves the cache: the others are single from then on */
uint64_t cache_mapcount(struct os *, const struct page *);
bool cache_shared(struct os *, const struct page *); /* mapped by more than one mm */

#endif
