/* SPDX-License-Identifier: Apache-2.0
 *
 * Folios of 512 and of 16 frames (struct folio): taken from the buddy allocator as one block, free
 * as one block when nothing maps any of the frames, or in pieces after they were split.
 *
 * A folio of which something is mapped and something is not keeps all its frames: it stands on a
 * list, and reclaim splits what stands there before it takes pages (deferred_split_folio). To split
 * one Linux takes all its PTEs away (try_to_migrate: one fence of all for the batch), and puts them
 * back (remap_page, remove_migration_pte: update_mmu_cache for each); where a page holds zeros it
 * puts the zero page instead, and the frame is free.
 */
#include "kernel.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

ppn_t folio_head(const struct os *os, ppn_t ppn) {
    const struct frame *f = frame_of(os, ppn);
    return f->folio ? f->folio->head : ppn;
}

struct frame *folio_of(const struct os *os, ppn_t ppn) {
    return frame_of(os, folio_head(os, ppn));
}

uint64_t folio_pages(const struct frame *f) {
    return f->folio ? f->folio->pages : 1;
}

uint32_t folio_locks(const struct frame *f) {
    return f->folio ? f->folio->locks : f->locks;
}

bool frame_vdso(const struct frame *f) {
    return f->kind == FRAME_CACHE && f->page->object->store == STORE_VDSO;
}

bool folio_unevictable(const struct frame *f) {
    return folio_locks(f) || frame_vdso(f);
}

/* vma_alloc_folio. Nothing is reclaimed or compacted for it. */
ppn_t folio_alloc(struct os *os, uint64_t index, unsigned order) {
    ppn_t head = buddy_take(os, order);
    if (!head) return 0;
    struct folio *folio = calloc(1, sizeof *folio);
    if (!folio) abort();
    folio->head = head;
    folio->pages = 1u << order;
    for (ppn_t i = 0; i < folio->pages; i++)
        *frame_of(os, head + i) = (struct frame){
            .kind = FRAME_ANON, .exclusive = true, .index = index + i, .folio = folio};
    if (os->frames.used > os->frames.peak) os->frames.peak = os->frames.used;
    return head;
}

/* ---- The deferred list --------------------------------------------------------------- */
static void undefer(struct folio *folio) {
    if (!folio->partial) return;
    *folio->link = folio->next;
    if (folio->next) folio->next->link = folio->link;
    folio->partial = false;
}

static void defer(struct os *os, struct folio *folio) { /* deferred_split_folio */
    if (folio->partial) return;
    folio->partial = true;
    folio->link = &os->huge.partial;
    folio->next = os->huge.partial;
    if (folio->next) folio->next->link = &folio->next;
    os->huge.partial = folio;
}

void folio_put(struct os *os, struct frame *f) {
    struct folio *folio = f->folio;
    assert(f->refs && folio->refs);
    f->refs--;
    if (--folio->refs) {
        if (!f->refs) defer(os, folio);
        return;
    }
    ppn_t head = folio->head;
    unsigned order = folio->pages == HUGE_FRAMES ? ORDER_HUGE : ORDER_NAPOT;
    lru_del(os, head);
    undefer(folio);
    free(folio);
    buddy_give(os, head, order);
}

/* ---- Who maps it --------------------------------------------------------------------- */
struct each {
    struct os *os;
    ppn_t head, pages;
    struct vma *vma;
    folio_visit *visit;
    void *arg;
};

static bool inside(const struct each *e, pte_t pte) {
    return pte_present(pte) && pte_ppn(pte) - e->head < e->pages;
}

static void each_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    const struct each *e = arg;
    if (inside(e, pte)) e->visit(e->arg, e->vma, va, slot, pte, false);
}

static bool each_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    const struct each *e = arg;
    (void)next;
    return !inside(e, pmd) || e->visit(e->arg, e->vma, va & ~(HUGE_BYTES - 1), slot, pmd, true);
}

/* rmap_walk_anon: the VMAs that cover a part of its indices. */
void folio_each(struct os *os, ppn_t ppn, folio_visit *visit, void *arg) {
    static const struct walk_ops ops = {.pte = each_pte, .pmd = each_pmd};
    struct each e = {os, folio_head(os, ppn), folio_pages(frame_of(os, ppn)), NULL, visit, arg};
    uint64_t first = frame_of(os, e.head)->index, end = first + e.pages;
    for (struct mm *mm = os->mms; mm; mm = mm->next)
        for (size_t i = 0; i < mm->vmas; i++) {
            struct vma *v = e.vma = mm->vma[i];
            uint64_t pages = (v->end - v->start) / PAGE_BYTES;
            uint64_t from = first > v->pgoff ? first - v->pgoff : 0;
            uint64_t to = end > v->pgoff ? end - v->pgoff : 0;
            if (to > pages) to = pages;
            if (v->anon && from < to)
                pt_each(os, mm, v->start + from * PAGE_BYTES, v->start + to * PAGE_BYTES, &ops, &e);
        }
}

/* ---- How many mms map it ----------------------------------------------------------------- */

/* folio_add_return_large_mapcount: two mms have a slot each in which their mappings are counted; a
 * third one has none as long as both are taken. */
void folio_map(struct folio *folio, const struct mm *mm, uint32_t n) {
    folio->mapcount += n;
    for (int i = 0; i < 2; i++) {
        if (folio->slot[i].mm != mm) continue;
        folio->slot[i].mapcount += n;
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (folio->slot[i].mm) continue;
        folio->slot[i] = (struct folio_mm){mm, n};
        folio->shared |= i || folio->mapcount != n;
        return;
    }
}

/* folio_sub_return_large_mapcount: whether one slot has all mappings is asked when a slot gets
 * free, or for an mm that has none. So with three mms a folio may count as shared that is not. */
void folio_unmap(struct folio *folio, const struct mm *mm, uint32_t n) {
    folio->mapcount -= n;
    for (int i = 0; i < 2; i++) {
        struct folio_mm *slot = &folio->slot[i];
        if (slot->mm != mm) continue;
        slot->mapcount -= n;
        if (slot->mapcount > 0) return;
        *slot = (struct folio_mm){0};
        break;
    }
    if (folio->slot[0].mapcount == folio->mapcount || folio->slot[1].mapcount == folio->mapcount)
        folio->shared = false;
}

bool folio_shared(const struct os *os, ppn_t ppn) { /* of a small page: more than one PTE does */
    const struct frame *f = frame_of(os, ppn);
    if (f->folio) return f->folio->mapcount > 1 && f->folio->shared;
    return f->refs - (f->swap != 0) > 1;
}

/* ---- Splitting ----------------------------------------------------------------------- */
struct splitting {
    struct os *os;
    struct aways away;
};

static bool split_leaf(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte, bool leaf) {
    const struct splitting *s = arg;
    (void)pte;
    if (leaf) pmd_split(s->os, v, va, slot);
    return true;
}

/* Its PTEs are about to differ: reclaim takes page by page, and may stop. */
static bool split_or_unfold(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte,
                            bool leaf) {
    const struct splitting *s = arg;
    if (!leaf && napot_at(s->os, slot)) napot_unfold(s->os, v->mm, va, slot);
    return split_leaf(arg, v, va, slot, pte, leaf);
}

static bool take_away(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte, bool leaf) {
    struct splitting *s = arg;
    if (leaf) return split_leaf(arg, v, va, slot, pte, leaf), false;
    away_take(s->os, &s->away, (struct away){v, va, slot, pte});
    return true;
}

static bool all_zeros(const struct os *os, ppn_t ppn) {
    static const uint8_t zeros[PAGE_BYTES];
    uint8_t bytes[PAGE_BYTES];
    mem_read(os->mem, ppn << PAGE_SHIFT, bytes, PAGE_BYTES);
    return !memcmp(bytes, zeros, PAGE_BYTES);
}

/* remove_migration_pte; a page of zeros is given up for the zero page, unless it is locked
 * (try_to_map_unused_to_zeropage). */
static void put_back(struct os *os, const struct away *a) {
    ppn_t ppn = pte_ppn(a->pte);
    bool locked = frame_of(os, ppn)->locks || (a->vma->flags & VMA_LOCKED);
    if (locked || !os->cfg.os_zero_page || !all_zeros(os, ppn)) {
        pte_set(os, a->slot, a->pte);
        update_mmu_cache(os, a->va);
        return;
    }
    pte_set(os, a->slot, pte_make(os->zero_page, a->vma->flags, false) | PTE_SPECIAL);
    rmap_remove(os, a->vma, ppn);
    frame_put(os, ppn);
}

static void unmap_and_remap(struct os *os, ppn_t head) {
    struct splitting s = {.os = os};
    folio_each(os, head, take_away, &s); /* unmap_folio */
    batch_flush(os, RULE_MIGRATE);
    for (size_t i = 0; i < s.away.count; i++) put_back(os, &s.away.at[i]); /* remap_page */
    free(s.away.at);
}

static void pieces(struct os *os, const struct folio *folio, const struct frame *was, bool active) {
    for (ppn_t i = 0; i < folio->pages; i++) {
        struct frame *f = frame_of(os, folio->head + i);
        f->folio = NULL;
        f->dirty = was->dirty;
        f->lazy = was->lazy;
        f->referenced = was->referenced;
        if (f->refs)
            lru_put(os, folio->head + i, active);
        else
            buddy_give(os, folio->head + i, 0);
    }
}

void folio_split(struct os *os, ppn_t ppn, bool remap) {
    struct folio *folio = frame_of(os, ppn)->folio;
    struct splitting leaves = {.os = os};
    folio->refs++; /* the caller's own, so that it does not go meanwhile */
    if (remap)
        unmap_and_remap(os, folio->head);
    else
        folio_each(os, ppn, split_or_unfold, &leaves);
    struct frame was = *frame_of(os, folio->head);
    bool active = was.lru == LRU_ACTIVE_ANON || was.lru == LRU_ACTIVE_FILE;
    lru_del(os, folio->head);
    undefer(folio);
    pieces(os, folio, &was, active);
    free(folio);
    os->stats.thp_split++;
}

void folio_split_leaves(struct os *os, ppn_t head) {
    struct splitting leaves = {.os = os};
    folio_each(os, head, split_leaf, &leaves);
}

uint64_t folio_split_partial(struct os *os) {
    uint64_t before = os->frames.used;
    while (os->huge.partial) folio_split(os, os->huge.partial->head, true);
    return before - os->frames.used;
}
