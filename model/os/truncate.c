/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file loses: truncation takes its end, MADV_REMOVE punches a hole. Mappings go first, then
 * pages of the cache and of swap, then blocks on disk.
 */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>

/* unmap_mapping_range with even_cows: private copies of what lay behind the new end go, too. */
static void unmap_tail(struct os *os, struct object *o, uint64_t first) {
    for (struct vma *v = o->vmas; v; v = v->next) {
        uint64_t pages = (v->end - v->start) / PAGE_BYTES;
        uint64_t keep = first > v->pgoff ? first - v->pgoff : 0;
        if (keep < pages) vma_zap(os, v, v->start + keep * PAGE_BYTES, v->end, false);
    }
}

static void drop_tail(struct os *os, struct object *o, uint64_t first) {
    struct page *p, *next_page;
    struct block *b, *next_block;
    HASH_ITER(hh, o->pages, p, next_page) {
        if (cache_first(p) >= first) page_remove(os, o, p);
    }
    swap_forget(os, o, first, UINT64_MAX);
    HASH_ITER(hh, o->disk, b, next_block) {
        if (b->index < first) continue;
        HASH_DEL(o->disk, b);
        free(b);
    }
}

/* truncate_inode_partial_folio: where pages [first, end) begin or end, at byte `at`, within a
 * folio. They are zeros from now on, and the folio is split, so that they can go. One that stays
 * dirty cannot be: they stay, but nothing maps it (try_folio_split_or_unmap). */
static void cut_folio(struct os *os, const struct object *o, uint64_t at, uint64_t first,
                      uint64_t end) {
    struct page *p = page_find(o, at / PAGE_BYTES);
    if (!p || cache_first(p) * PAGE_BYTES >= at || !p->order) return;
    for (uint64_t i = cache_first(p); i < cache_end(p); i++) {
        struct page *one = page_find(o, i);
        if (i < first || i >= end) continue;
        page_zero(os, one, 0, PAGE_BYTES);
        one->dirty = false;
    }
    if (!cache_split(os, p, false)) cache_unmap(os, p);
}

/* Pages [first, end) become a hole: of cache, swap and disk. Nothing maps them any longer. */
void object_punch(struct os *os, struct object *o, uint64_t first, uint64_t end) {
    uint64_t pages = (o->size + PAGE_BYTES - 1) / PAGE_BYTES;
    cut_folio(os, o, first * PAGE_BYTES, first, end);
    cut_folio(os, o, end * PAGE_BYTES, first, end);
    swap_forget(os, o, first, end);
    for (uint64_t index = first; index < end && index < pages; index++) {
        struct page *p = page_find(o, index);
        if (p && cache_first(p) >= first && cache_end(p) <= end) page_remove(os, o, p);
        if (object_shmem(o)) continue;
        struct block *b = block_make(o, index);
        memset(b->bytes, 0, PAGE_BYTES);
        b->hole = true;
    }
}

/* __ext4_block_zero_page_range, where the end of a file cuts a page in two: the block is read, its
 * tail zeroed, the page dirty; a hole stays one. A page that was not in the cache is now, but what
 * was read is the block: the page counts as not up to date until somebody asks for it. Of shmem the
 * page is cut where there is one, in swap too (shmem_get_partial_folio). */
void object_cut_page(struct os *os, struct object *o, uint64_t at, size_t bytes) {
    uint64_t index = at / PAGE_BYTES;
    struct page *p = page_find(o, index);
    struct block *b = block_find(o, index);
    bool shmem = object_shmem(o), hole = !shmem && page_hole(o, index) && !(p && p->dirty), major;
    if (shmem && !p && !swap_find(o, index)) return;
    if (!p) {
        p = page_get(os, o, index, &major);
        p->blank = !shmem;
    }
    if (hole) return;
    p->dirty = true;
    page_zero(os, p, at, bytes);
    if (b) memset(b->bytes + at % PAGE_BYTES, 0, PAGE_BYTES - at % PAGE_BYTES);
}

/* truncate_pagecache, of a file that grows too: a folio may have been left that passes the end. */
static void cut_pages(struct os *os, struct object *o, uint64_t size) {
    uint64_t first = (size + PAGE_BYTES - 1) / PAGE_BYTES;
    unmap_tail(os, o, first);
    cut_folio(os, o, size, first, UINT64_MAX);
    drop_tail(os, o, first);
}

/* A file of tmpfs that grows keeps what mappings stored behind its end, up to the end of that page
 * (shmem_setattr; 6.18 does not zero it). */
bool call_truncate(struct os *os, const struct os_call *c) {
    struct object *o = c->file ? object_find(os, c->file) : NULL;
    uint64_t size = c->arg[0];
    if (!o) return refuse(os, "truncate: file %u is not declared", c->file);
    bool grows = size > o->size;
    uint64_t cut = !grows ? size : o->size, tail = page_chunk(cut, PAGE_BYTES);
    if (cut % PAGE_BYTES && !frames_want(os, 1))
        return (os->current && os->current->dying) ||
               refuse(os, "truncate: no memory left for the file's last page");
    o->size = size;
    if (!grows) cut_pages(os, o, size);
    if (cut % PAGE_BYTES && (!grows || !object_shmem(o))) object_cut_page(os, o, cut, tail);
    if (grows) cut_pages(os, o, size);
    o->original = cut < o->original ? cut : o->original;
    return true;
}
