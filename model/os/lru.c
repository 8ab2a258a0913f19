/* SPDX-License-Identifier: Apache-2.0
 *
 * The lists that reclaim ages frames on (mm/swap.c, mm/vmscan.c): inactive and active, of frames
 * whose bytes go to swap and of frames that a file has, or that nobody misses (MADV_FREE). A frame
 * begins inactive; a second reference makes it active. What a locked VMA maps stands apart.
 *
 * Lists are doubly linked by frame number, newest first; a folio of 512 stands there by its first
 * frame and counts 512. Linux batches moves per CPU
 * (folio_batch); here each takes place at once.
 */
#include "kernel.h"
#include <assert.h>

bool lru_swaps(const struct frame *f) {
    return f->kind == FRAME_ANON ? !f->lazy : object_shmem(f->page->object);
}

static void link_newest(struct os *os, ppn_t ppn, enum lru_list list) { /* of a folio: the first */
    struct lru *l = &os->lru[list];
    struct frame *f = frame_of(os, ppn);
    assert(f->lru == LRU_NONE);
    f->lru = (uint8_t)list;
    f->newer = 0;
    f->older = l->newest;
    if (l->newest)
        frame_of(os, l->newest)->newer = ppn;
    else
        l->oldest = ppn;
    l->newest = ppn;
    l->count += folio_pages(f);
}

void lru_del(struct os *os, ppn_t ppn) {
    struct frame *f = folio_of(os, ppn);
    if (f->lru == LRU_NONE) return;
    struct lru *l = &os->lru[f->lru];
    if (f->newer)
        frame_of(os, f->newer)->older = f->older;
    else
        l->newest = f->older;
    if (f->older)
        frame_of(os, f->older)->newer = f->newer;
    else
        l->oldest = f->newer;
    l->count -= folio_pages(f);
    f->lru = LRU_NONE;
}

void lru_put(struct os *os, ppn_t ppn, bool active) {
    const struct frame *f = folio_of(os, ppn);
    enum lru_list list = lru_swaps(f) ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
    if (folio_unevictable(f))
        list = LRU_UNEVICTABLE;
    else if (active)
        list++; /* the active list of the same kind */
    lru_del(os, ppn);
    link_newest(os, folio_head(os, ppn), list);
}

void lru_new(struct os *os, ppn_t ppn) {
    lru_put(os, ppn, false);
}

static bool is_active(const struct frame *f) {
    return f->lru == LRU_ACTIVE_ANON || f->lru == LRU_ACTIVE_FILE;
}

/* inactive,unreferenced -> inactive,referenced -> active,unreferenced -> active,referenced */
void lru_accessed(struct os *os, ppn_t ppn) {
    struct frame *f = folio_of(os, ppn);
    if (!f->referenced) {
        f->referenced = true;
    } else if (f->lru != LRU_UNEVICTABLE && !is_active(f)) {
        f->referenced = false;
        lru_put(os, ppn, true);
    }
}

void lru_deactivate(struct os *os, ppn_t ppn) {
    struct frame *f = folio_of(os, ppn);
    f->referenced = false;
    if (is_active(f)) lru_put(os, ppn, false);
}

void lru_lazy(struct os *os, ppn_t ppn) {
    struct frame *f = folio_of(os, ppn);
    if (f->lazy || f->swap || f->lru == LRU_UNEVICTABLE) return;
    f->lazy = true;
    f->referenced = false;
    lru_put(os, ppn, false);
}
