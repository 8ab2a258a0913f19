/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice about pages that are there (mm/madvise.c): FREE, COLD, PAGEOUT, REMOVE, and WILLNEED for
 * what is in swap.
 *
 *   FREE     the page may go instead of being written to swap, unless it is written again: its PTE
 *            gets old and clean, one fence, and the page stands at the young end of the inactive
 *            file list; what is in swap already is given up at once
 *   COLD     the PTE gets old, one fence, and the page inactive
 *   PAGEOUT  the page goes now, used or not (reclaim.c); a dirty page of a file only loses its PTEs
 *   REMOVE   a hole in the object beneath a shared writable mapping
 *
 * COLD and PAGEOUT leave alone what others map, too. Of a folio so does FREE; where
 * the range holds a part of one, it is split first.
 */
#include "kernel.h"
#include <stdlib.h>

struct advising {
    struct os *os;
    struct vma *vma;
    struct gather gather; /* COLD, FREE: what must be fenced */
    ppn_t *ppn;           /* PAGEOUT: what is to go; FREE: what counts as clean */
    size_t count, room;
    vaddr_t end, whole; /* of the range; of a folio that lies in it PTE by PTE */
};

/* vm_normal_folio */
static bool normal_page(pte_t pte) {
    return pte_present(pte) && pte_normal(pte);
}

static uint32_t mapcount(const struct frame *f) {
    return f->refs - (f->kind == FRAME_CACHE) - (f->swap != 0);
}

static void wanted(struct advising *a, ppn_t ppn) {
    a->ppn = grow(a->ppn, a->count, &a->room, sizeof *a->ppn);
    a->ppn[a->count++] = ppn;
}

static void make_old(struct advising *a, vaddr_t va, paddr_t slot, pte_t pte, pte_t clear) {
    if (!(pte & clear)) return;
    pte_set(a->os, slot, pte & ~clear);
    gather_pte(&a->gather, va);
}

/* ---- Folios --------------------------------------------------------------------- */
enum leaf_part {
    ALONE, /* not to be touched: others map it, too, or it is the zero page */
    WHOLE,
    SPLIT /* only a part was asked for: it is pages now */
};

static enum leaf_part part_of_leaf(struct advising *a, vaddr_t va, vaddr_t next, paddr_t slot,
                                   pte_t pmd) {
    (void)slot;
    if (pte_ppn(pmd) == a->os->huge.zero || folio_shared(a->os, pte_ppn(pmd))) return ALONE;
    if (next - va == HUGE_BYTES) return WHOLE;
    folio_split(a->os, pte_ppn(pmd), true);
    return SPLIT;
}

/* Does the range hold the whole folio, PTE by PTE, from this one on (folio_pte_batch)? */
static bool batch(const struct advising *a, vaddr_t va, paddr_t slot, pte_t pte) {
    const struct folio *folio = frame_of(a->os, pte_ppn(pte))->folio;
    vaddr_t bytes = folio->pages * (vaddr_t)PAGE_BYTES;
    if (va % HUGE_BYTES + bytes > HUGE_BYTES || a->end - va < bytes || pte_ppn(pte) != folio->head)
        return false;
    for (ppn_t i = 0; i < folio->pages; i++) {
        pte_t one = pte_get(a->os, slot + i * PTE_BYTES);
        if (!pte_present(one) || pte_ppn(one) != pte_ppn(pte) + i) return false;
    }
    return true;
}

/* The same of a folio of the page cache. */
static bool batch_cached(const struct advising *a, vaddr_t va, paddr_t slot, const struct page *p) {
    uint64_t bytes = (cache_end(p) - p->index) * PAGE_BYTES, span = pt_span(a->os, 1);
    if (p->index != cache_first(p) || va % span + bytes > span || a->end - va < bytes) return false;
    for (uint64_t i = p->index; i < cache_end(p); i++, slot += a->os->pte_bytes) {
        pte_t pte = pte_get(a->os, slot);
        if (!normal_page(pte) || pte_ppn(pte) != page_find(p->object, i)->ppn) return false;
    }
    return true;
}

static bool part_cached(struct advising *a, vaddr_t va, paddr_t slot, struct page *p) {
    if (!p->order) return true;
    if (va >= a->whole && batch_cached(a, va, slot, p))
        a->whole = va + (cache_end(p) - p->index) * PAGE_BYTES;
    if (va < a->whole) return cache_mapcount(a->os, p) == cache_end(p) - cache_first(p);
    if (!cache_shared(a->os, p)) cache_split(a->os, p, true);
    return false; /* nothing maps it any longer; or others do, or it is dirty */
}

/* A PTE of a folio: the folio is left alone if others map some of it, taken as it is if the range
 * has all of it, else split, which may leave the zero page. False: nothing to do here. */
static bool part(struct advising *a, vaddr_t va, paddr_t slot, pte_t *pte) {
    if (!normal_page(*pte)) return false;
    const struct frame *f = frame_of(a->os, pte_ppn(*pte));
    const struct folio *folio = f->folio;
    if (f->kind == FRAME_CACHE) return part_cached(a, va, slot, f->page);
    if (!folio || va < a->whole) return !folio || folio->mapcount == folio->pages;
    if (batch(a, va, slot, *pte)) {
        a->whole = va + folio->pages * (vaddr_t)PAGE_BYTES;
        return folio->mapcount == folio->pages;
    }
    if (folio_shared(a->os, pte_ppn(*pte))) return false;
    folio_split(a->os, pte_ppn(*pte), true);
    *pte = pte_get(a->os, slot);
    return normal_page(*pte);
}

/* A run that the range has whole is old, or clean, as one; false: PTE by PTE, which splits it. */
static bool run_of_folio(struct advising *a, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte,
                         pte_t clear, bool *alone) {
    *alone = frame_of(a->os, pte_ppn(pte))->folio->mapcount == NAPOT_PTES;
    if (next - va < NAPOT_BYTES) return false;
    if (!*alone || !(pte & clear)) return true;
    napot_clear(a->os, slot, clear);
    gather_pte(&a->gather, va);
    gather_pte(&a->gather, next - PAGE_BYTES);
    return true;
}

static void old_leaf(struct advising *a, vaddr_t va, paddr_t slot, pte_t pmd, pte_t clear,
                     enum rule rule) {
    if (!(pmd & clear)) return;
    pmd_invalidate(a->os, a->vma->mm, va, slot, rule);
    pte_set(a->os, slot, pmd & ~clear);
    gather_leaf(&a->gather, va, HUGE_BYTES);
}

/* ---- MADV_FREE ----------------------------------------------------------------------- */

struct others {
    paddr_t slot;
    bool clean; /* another PTE of the page is */
};

static bool other_pte(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte) {
    struct others *o = arg;
    (void)v;
    (void)va;
    o->clean |= slot != o->slot && !(pte & PTE_D);
    return !o->clean;
}

/* Would others lose a page that they never gave up? Reclaim knows by a dirty PTE that somebody
 * needs it; a page that came back from swap before a fork has none. Linux 6.18 gives it up all the
 * same, and the other process reads zeros (traces/madvise_free_swapped_fork.md). Of a page that was
 * never in swap a clean PTE is one that gave it up. */
static bool needed_by_others(struct os *os, ppn_t ppn, paddr_t slot) {
    struct others o = {.slot = slot};
    const struct frame *f = frame_of(os, ppn);
    if (!f->swapped || mapcount(f) == 1 || f->lazy) return false;
    rmap_each(os, ppn, other_pte, &o);
    return o.clean;
}

/* madvise_free_pte_range */
static void free_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct advising *a = arg;
    struct os *os = a->os;
    if (pte_swapped(pte)) {
        pte_set(os, slot, 0);
        a->vma->mm->swapents--;
        swap_put(os, swap_pte_slot(pte));
        return;
    }
    if (!part(a, va, slot, &pte)) return;
    ppn_t ppn = pte_ppn(pte);
    struct frame *f = folio_of(os, ppn);
    if (f->folio) {
        f->dirty = false;
        make_old(a, va, slot, pte, PTE_A | PTE_D);
        lru_lazy(os, ppn);
        wanted(a, ppn);
        return;
    }
    if (needed_by_others(os, ppn, slot)) return;
    if (f->swap || f->dirty) {
        if (mapcount(f) != 1 || (f->swap && !swap_cache_free(os, ppn))) return;
        f->dirty = false;
    }
    make_old(a, va, slot, pte, PTE_A | PTE_D);
    lru_lazy(os, ppn);
    wanted(a, ppn);
}

/* madvise_free_huge_pmd */
static bool free_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    struct advising *a = arg;
    enum leaf_part what = part_of_leaf(a, va, next, slot, pmd);
    if (what != WHOLE) return what == ALONE;
    frame_of(a->os, pte_ppn(pmd))->dirty = false;
    old_leaf(a, va, slot, pmd, PTE_A | PTE_D, RULE_LAZYFREE);
    lru_lazy(a->os, pte_ppn(pmd));
    for (ppn_t i = 0; i < HUGE_FRAMES; i++) wanted(a, pte_ppn(pmd) + i);
    return true;
}

static bool free_napot(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte) {
    struct advising *a = arg;
    bool alone;
    if (!run_of_folio(a, va, next, slot, pte, PTE_A | PTE_D, &alone)) return false;
    if (!alone) return true;
    folio_of(a->os, pte_ppn(pte))->dirty = false;
    lru_lazy(a->os, pte_ppn(pte));
    for (ppn_t i = 0; i < NAPOT_PTES; i++) wanted(a, pte_ppn(pte) + i);
    return true;
}

void advise_free(struct os *os, struct vma *v, vaddr_t start, vaddr_t end) {
    struct advising a = {.os = os, .vma = v, .gather = gather_begin(os, v->mm, RULE_LAZYFREE)};
    static const struct walk_ops ops = {free_pte, free_pmd, free_napot};
    pt_each(os, v->mm, start, a.end = end, &ops, &a);
    gather_end(&a.gather);
    for (size_t i = 0; os->watch.cleaned && i < a.count; i++)
        os->watch.cleaned(os->watch.who, a.ppn[i]);
    free(a.ppn);
}

/* ---- MADV_COLD, MADV_PAGEOUT: madvise_cold_or_pageout_pte_range ---------------------- */
static bool alone(const struct os *os, pte_t pte) {
    const struct frame *f = frame_of(os, pte_ppn(pte));
    return mapcount(f) == 1 && folio_of(os, pte_ppn(pte))->lru != LRU_NONE;
}

static void cold_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct advising *a = arg;
    if (!part(a, va, slot, &pte) || !alone(a->os, pte)) return;
    make_old(a, va, slot, pte, PTE_A);
    lru_deactivate(a->os, pte_ppn(pte));
}

static bool cold_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    struct advising *a = arg;
    enum leaf_part what = part_of_leaf(a, va, next, slot, pmd);
    if (what != WHOLE) return what == ALONE;
    old_leaf(a, va, slot, pmd, PTE_A, RULE_COLD);
    lru_deactivate(a->os, pte_ppn(pmd));
    return true;
}

static bool cold_napot(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte) {
    struct advising *a = arg;
    bool alone;
    if (!run_of_folio(a, va, next, slot, pte, PTE_A, &alone)) return false;
    if (alone) lru_deactivate(a->os, pte_ppn(pte));
    return true;
}

void advise_cold(struct os *os, struct vma *v, vaddr_t start, vaddr_t end) {
    struct advising a = {.os = os, .vma = v, .gather = gather_begin(os, v->mm, RULE_COLD)};
    static const struct walk_ops ops = {cold_pte, cold_pmd, cold_napot};
    pt_each(os, v->mm, start, a.end = end, &ops, &a);
    gather_end(&a.gather);
}

static void pageout_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct advising *a = arg;
    if (!part(a, va, slot, &pte) || !alone(a->os, pte)) return;
    struct frame *f = folio_of(a->os, pte_ppn(pte));
    f->referenced = false;
    if (f->lru == LRU_UNEVICTABLE || pte_ppn(pte) != folio_head(a->os, pte_ppn(pte))) return;
    wanted(a, pte_ppn(pte));
}

static bool pageout_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    struct advising *a = arg;
    enum leaf_part what = part_of_leaf(a, va, next, slot, pmd);
    if (what != WHOLE) return what == ALONE;
    struct frame *f = frame_of(a->os, pte_ppn(pmd));
    f->referenced = false;
    if (f->lru != LRU_UNEVICTABLE) wanted(a, pte_ppn(pmd));
    return true;
}

/* A leaf table at a time, each with its own reclaim_pages. */
void advise_pageout(struct os *os, struct vma *v, vaddr_t start, vaddr_t end) {
    const uint64_t span = pt_span(os, 1);
    for (vaddr_t va = start, next; va < end; va = next) {
        struct advising a = {.os = os, .vma = v};
        next = (va & ~(span - 1)) + span;
        if (next > end) next = end;
        static const struct walk_ops ops = {.pte = pageout_pte, .pmd = pageout_pmd};
        pt_each(os, v->mm, va, a.end = next, &ops, &a);
        struct reclaim_scan *scan = reclaim_scan_new(os);
        for (size_t i = 0; i < a.count; i++) reclaim_scan_page(scan, a.ppn[i]);
        reclaim_scan_end(scan);
        free(a.ppn);
    }
}

/* ---- MADV_REMOVE --------------------------------------------------------------------- */

/* madvise_remove: vfs_fallocate(PUNCH_HOLE | KEEP_SIZE). Private copies stay. */
void advise_remove(struct os *os, const struct vma *advised, vaddr_t start, vaddr_t end) {
    struct object *o = advised->object;
    uint64_t first = vma_page(advised, start), last = first + (end - start) / PAGE_BYTES;
    for (struct vma *v = o->vmas; v; v = v->next) {
        uint64_t from = first > v->pgoff ? first : v->pgoff;
        uint64_t to = v->pgoff + (v->end - v->start) / PAGE_BYTES;
        to = last < to ? last : to;
        if (from < to)
            vma_zap(os, v, v->start + (from - v->pgoff) * PAGE_BYTES,
                    v->start + (to - v->pgoff) * PAGE_BYTES, true);
    }
    object_punch(os, o, first, last);
}

/* ---- MADV_WILLNEED ------------------------------------------------------------------- */

/* swapin_walk_pmd_entry: into the swap cache; the PTE stays as it is. */
static void willneed_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct advising *a = arg;
    struct os *os = a->os;
    (void)slot;
    if (!pte_swapped(pte) || swap_slot(os, swap_pte_slot(pte))->cache || !frames_left(os)) return;
    ppn_t ppn = frame_alloc(os, FRAME_ANON);
    frame_of(os, ppn)->index = vma_page(a->vma, va);
    lru_new(os, ppn);
    swap_read(os, swap_pte_slot(pte), ppn);
    swap_cache_add(os, swap_pte_slot(pte), ppn);
    frame_put(os, ppn); /* the swap cache's reference is the only one */
}

void advise_swapin(struct os *os, struct vma *v, vaddr_t start, vaddr_t end) {
    struct advising a = {.os = os, .vma = v};
    frames_want(os, (end - start) / PAGE_BYTES < 32 ? (end - start) / PAGE_BYTES : 32);
    pt_each(os, v->mm, start, end, &(struct walk_ops){.pte = willneed_pte}, &a);
}

/* ---- mincore ------------------------------------------------------------------------- */

/* What it says is asked through os_mincore: nothing changes. */
bool call_mincore(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1];
    if (!range_ok(os, "mincore", c->arg[0], &length)) return false;
    for (vaddr_t va = c->arg[0], end = va + length; va < end; va = vma_at(mm, va)->end)
        if (!vma_at(mm, va))
            return refuse(os, "mincore: nothing is mapped at 0x%llx", (unsigned long long)va);
    return true;
}
