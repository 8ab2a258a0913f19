/* SPDX-License-Identifier: Apache-2.0
 *
 * Reclaim (mm/vmscan.c): two lists for what goes to swap, two for what a file has.
 *
 * A pass looks at a part of each list, 1/4096 first, then twice as much, the whole of it at last
 * (priority 12 to 0), oldest first. Active frames lose their A bits and become inactive, as long as
 * there are more active than inactive ones; only an executable page of a file that was used stays.
 * An inactive frame whose A bits are clear goes; one that was used stays, and is active the second
 * time (folio_check_references). Which list pays for how much is os.swappiness of 200, but at the
 * end all pay. Three passes without a gain are enough to give up.
 *
 * A frame goes thus: its PTEs become swap entries, or empty; if one of them was dirty, a fence
 * before its bytes are written; the page leaves its cache; and one fence of all address spaces
 * (arch_tlbbatch_flush) before the first frame of the batch is free. Clearing A needs no fence
 * [asm/pgtable.h, ptep_clear_flush_young].
 *
 * Of Linux's own it leaves out: generations (LRU_GEN), refault distances (workingset.c), the cost
 * of a list. A dirty page of a file, which Linux leaves to the flusher and comes back for, is
 * written back at once. None of that can be seen but by which page goes when memory is short.
 */
#include "kernel.h"
#include <stdlib.h>

enum { PRIORITY = 12, BATCH = 32, FRUITLESS = 3, SHARES = 200 };

struct reclaim_scan { /* what shrink_folio_list takes away together */
    struct os *os;
    bool advised;  /* MADV_PAGEOUT: whatever was used, and no file is written */
    bool writable; /* a dirty PTE is among those whose fence is put off (tlbflush_unmap_batch) */
    ppn_t *gone;   /* without a PTE, out of their cache; not free before the fence */
    size_t count, room;
    uint64_t freed; /* free already: what a split folio had that nobody mapped */
};

enum verdict { GOES, STAYS, ACTIVE };

/* ---- Was it used? -------------------------------------------------------------------- */
struct references {
    struct os *os;
    unsigned ptes;
    bool executable;
};

/* folio_referenced_one */
static bool reference(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte) {
    struct references *r = arg;
    (void)va;
    if (v->flags & (VMA_SEQ | VMA_RAND)) return true; /* vma_has_recency */
    if (!(pte & PTE_A)) return true;
    napot_clear(r->os, slot, PTE_A);
    r->ptes++;
    r->executable |= !!(v->flags & VMA_X);
    return true;
}

/* The same of a folio: a leaf is fenced, which a PTE is not (pmdp_clear_flush_young). */
static bool reference_folio(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte,
                            bool leaf) {
    const struct references *r = arg;
    unsigned before = r->ptes;
    reference(arg, v, va, slot, pte);
    if (leaf && r->ptes > before)
        flush_range(r->os, v->mm, va, va + HUGE_BYTES, HUGE_BYTES, RULE_NONE);
    return true;
}

static struct references references_of(struct os *os, ppn_t ppn) {
    struct references r = {.os = os};
    if (frame_of(os, ppn)->folio)
        folio_each(os, ppn, reference_folio, &r);
    else
        rmap_each(os, ppn, reference, &r);
    return r;
}

static bool file_lru(const struct frame *f) {
    return !lru_swaps(f);
}

/* folio_check_references */
static enum verdict judge(struct os *os, ppn_t ppn) {
    struct references r = references_of(os, ppn);
    struct frame *f = frame_of(os, ppn);
    bool before = f->referenced;
    f->referenced = r.ptes > 0;
    if (!r.ptes) return GOES;
    return before || r.ptes > 1 || (r.executable && file_lru(f)) ? ACTIVE : STAYS;
}

/* ---- Taking PTEs away ---------------------------------------------------------------- */

/* try_to_unmap_flush; before a page is written only what was dirty matters
 * (try_to_unmap_flush_dirty). */
static void flush(struct reclaim_scan *s) {
    batch_flush(s->os, RULE_BATCH);
    s->writable = false;
}

struct unmapping {
    struct reclaim_scan *scan;
    ppn_t ppn;
    bool redirtied; /* MADV_FREE, but it was written since */
};

/* try_to_unmap_one */
static bool unmap(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte) {
    struct unmapping *u = arg;
    struct os *os = u->scan->os;
    struct frame *f = frame_of(os, u->ppn);
    pte_t entry = 0;
    (void)va;
    if (pte & PTE_D) frame_dirty(f);
    if (f->lazy && f->dirty) {
        f->lazy = false;
        u->redirtied = true;
        batch_add(os, v->mm); /* the PTE was away for a moment */
        return false;
    }
    if (f->kind == FRAME_ANON && !f->lazy) {
        entry = swap_pte(f->swap, f->exclusive);
        swap_get(os, f->swap);
        f->exclusive = false;
        v->mm->swapents++;
    }
    pte_set(os, slot, entry);
    batch_add(os, v->mm);
    u->scan->writable |= !!(pte & PTE_D);
    rmap_remove(os, v, u->ppn);
    frame_put(os, u->ppn); /* the scan has one reference of its own */
    return true;
}

/* ---- One page ------------------------------------------------------------------------ */
static enum verdict take_anon(struct reclaim_scan *s, ppn_t ppn) {
    struct os *os = s->os;
    struct frame *f = frame_of(os, ppn);
    bool lazy = f->lazy;
    if (!lazy && !f->swap) {
        uint32_t slot = swap_alloc(os);
        if (!slot) return ACTIVE;
        swap_cache_add(os, slot, ppn);
        f->dirty = true; /* nothing was written yet, whatever its PTEs say */
    }
    struct unmapping u = {s, ppn, false};
    rmap_each(os, ppn, unmap, &u);
    if (u.redirtied) return ACTIVE;
    if (lazy) {
        os->stats.lazyfree++;
        return GOES;
    }
    if (f->dirty) {
        if (s->writable) flush(s);
        swap_write(os, f->swap, ppn);
        f->dirty = false;
    }
    swap_cache_remove(os, ppn);
    return GOES;
}

static enum verdict take_shmem(struct reclaim_scan *s, struct page *p) {
    if (p->dirty) {
        uint32_t slot = swap_alloc(s->os);
        if (!slot) return ACTIVE;
        if (s->writable) flush(s);
        swap_out_shmem(s->os, p->object, p, slot);
    } /* else it is zeros still, and will be again */
    page_remove(s->os, p->object, p);
    return GOES;
}

static enum verdict take_file(struct reclaim_scan *s, struct page *p) {
    if (cache_dirty(p) && s->advised) { /* the flusher's business; nobody waits for it */
        cache_mark(p, true);            /* folio_set_reclaim: PG_reclaim is PG_readahead */
        return ACTIVE;
    }
    if (cache_dirty(p)) {
        if (s->writable) flush(s);
        page_write_back(s->os, p->object, p);
        s->os->aged++;
    }
    page_remove(s->os, p->object, p);
    return GOES;
}

static enum verdict take_cached(struct reclaim_scan *s, ppn_t ppn) {
    struct page *p = frame_of(s->os, ppn)->page;
    struct unmapping u = {s, ppn, false};
    if (object_shmem(p->object) && s->os->swap.used >= swap_total(s->os) && p->dirty)
        return ACTIVE; /* where would it go? */
    rmap_each(s->os, ppn, unmap, &u);
    return object_shmem(p->object) ? take_shmem(s, p) : take_file(s, p);
}

/* shrink_folio_list, of one frame that was taken off its list. */
static bool shrink_page(struct reclaim_scan *s, ppn_t ppn, bool judged) {
    struct os *os = s->os;
    enum verdict verdict = judged ? GOES : judge(os, ppn);
    frame_get(os, ppn);
    if (verdict == GOES)
        verdict = frame_of(os, ppn)->kind == FRAME_ANON ? take_anon(s, ppn) : take_cached(s, ppn);
    if (verdict == GOES) {
        s->gone = grow(s->gone, s->count, &s->room, sizeof *s->gone);
        s->gone[s->count++] = ppn;
        return true;
    }
    lru_put(os, ppn, verdict == ACTIVE);
    frame_put(os, ppn);
    return false;
}

/* ---- A folio -------------------------------------------------------------------- */
static bool dirty_leaf(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte, bool leaf) {
    (void)v;
    (void)va;
    (void)slot;
    (void)leaf;
    *(bool *)arg |= !!(pte & PTE_D);
    return true;
}

/* MADV_FREE, but written since: it stays, and is a folio like any other; its leaves were split. */
static bool redirtied(struct os *os, ppn_t head) {
    bool dirty = frame_of(os, head)->dirty;
    if (!frame_of(os, head)->lazy) return false;
    folio_each(os, head, dirty_leaf, &dirty);
    if (!dirty) return false;
    frame_of(os, head)->lazy = false;
    folio_split_leaves(os, head);
    return true;
}

/* Judged as one, then split: its leaves where all of it can go (TTU_SPLIT_HUGE_PMD), else the folio
 * itself (split_folio_to_list). What nobody maps of it is free at once. */
static void shrink_folio(struct reclaim_scan *s, ppn_t head) {
    struct os *os = s->os;
    enum verdict verdict = s->advised ? GOES : judge(os, head);
    if (verdict == GOES && redirtied(os, head)) verdict = ACTIVE;
    if (verdict != GOES) {
        lru_put(os, head, verdict == ACTIVE);
        return;
    }
    const struct frame *f = frame_of(os, head);
    ppn_t end = head + folio_pages(f);
    bool whole = f->lazy || swap_total(os) - os->swap.used >= end - head;
    uint64_t used = os->frames.used;
    folio_split(os, head, !whole || f->folio->partial);
    s->freed += used - os->frames.used;
    for (ppn_t ppn = head; ppn < end; ppn++) {
        f = frame_of(os, ppn);
        if (f->kind != FRAME_ANON || f->locks) continue;
        lru_del(os, ppn);
        shrink_page(s, ppn, true);
    }
}

/* Returns how many pages it has looked at. */
static uint64_t shrink_frame(struct reclaim_scan *s, ppn_t ppn) {
    uint64_t pages = folio_pages(frame_of(s->os, ppn));
    if (pages > 1)
        shrink_folio(s, ppn);
    else
        shrink_page(s, ppn, s->advised);
    return pages;
}

static uint64_t scan_end(struct reclaim_scan *s) {
    uint64_t count = s->count;
    flush(s);
    for (size_t i = 0; i < count; i++) frame_put(s->os, s->gone[i]);
    count += s->freed;
    s->os->stats.reclaimed += count;
    s->count = s->freed = 0;
    return count;
}

/* ---- MADV_PAGEOUT -------------------------------------------------------------------- */
struct reclaim_scan *reclaim_scan_new(struct os *os) {
    struct reclaim_scan *s = calloc(1, sizeof *s);
    if (!s) abort();
    s->os = os;
    s->advised = true;
    return s;
}

void reclaim_scan_page(struct reclaim_scan *s, ppn_t ppn) {
    lru_del(s->os, ppn);
    shrink_frame(s, ppn);
}

void reclaim_scan_end(struct reclaim_scan *s) {
    scan_end(s);
    free(s->gone);
    free(s);
}

/* ---- Lists --------------------------------------------------------------------------- */

/* shrink_active_list: up to n of the oldest. */
static void shrink_active(struct os *os, enum lru_list list, uint64_t n) {
    for (uint64_t pages; n && os->lru[list].oldest; n -= pages < n ? pages : n) {
        ppn_t ppn = os->lru[list].oldest;
        pages = folio_pages(frame_of(os, ppn));
        lru_del(os, ppn);
        struct references r = references_of(os, ppn);
        bool stays = r.ptes && r.executable && file_lru(frame_of(os, ppn));
        lru_put(os, ppn, stays);
    }
}

/* shrink_inactive_list: up to n of the oldest, a batch at a time. */
static uint64_t shrink_inactive(struct os *os, enum lru_list list, uint64_t n) {
    struct reclaim_scan s = {.os = os};
    for (uint64_t pages; n && os->lru[list].oldest; n -= pages < n ? pages : n) {
        ppn_t ppn = os->lru[list].oldest;
        lru_del(os, ppn);
        pages = shrink_frame(&s, ppn);
    }
    uint64_t freed = scan_end(&s);
    free(s.gone);
    return freed;
}

/* get_scan_count: of a list so long, at this priority. */
static uint64_t share(const struct os *os, enum lru_list inactive, uint64_t count,
                      unsigned priority) {
    bool anon = inactive == LRU_INACTIVE_ANON;
    uint64_t n = count >> priority, of = os->cfg.os_swappiness;
    if (anon && os->swap.used >= swap_total(os)) return 0;
    return priority ? n * (anon ? of : SHARES - of) / SHARES : n;
}

/* shrink_lruvec, of one pair of lists. */
static uint64_t shrink_pair(struct os *os, enum lru_list inactive, unsigned priority,
                            uint64_t want) {
    enum lru_list active = inactive + 1;
    uint64_t freed = 0, n = share(os, inactive, os->lru[inactive].count, priority);
    uint64_t aging = share(os, inactive, os->lru[active].count, priority);
    while ((n || aging) && freed < want) {
        uint64_t part = aging < BATCH ? aging : BATCH;
        if (os->lru[inactive].count < os->lru[active].count) shrink_active(os, active, part);
        aging -= part;
        part = n < BATCH ? n : BATCH;
        part = part < want - freed ? part : want - freed;
        freed += shrink_inactive(os, inactive, part);
        n -= part;
    }
    return freed;
}

static uint64_t pass(struct os *os, uint64_t want) {
    uint64_t freed = folio_split_partial(os) + huge_zero_shrink(os); /* shrink_slab */
    os->stats.reclaimed += freed;
    for (unsigned priority = PRIORITY + 1; priority-- && freed < want;) {
        freed += shrink_pair(os, LRU_INACTIVE_ANON, priority, want - freed);
        if (freed < want) freed += shrink_pair(os, LRU_INACTIVE_FILE, priority, want - freed);
    }
    return freed;
}

uint64_t reclaim_frames(struct os *os, uint64_t want) {
    uint64_t freed = 0;
    for (unsigned fruitless = 0; freed < want && fruitless < FRUITLESS;) {
        uint64_t n = pass(os, want - freed);
        freed += n;
        fruitless = n ? 0 : fruitless + 1;
    }
    return freed;
}

/* ---- Wanting frames ------------------------------------------------------------------ */

/* Direct reclaim takes more than it needs, so that not every fault has to: 1/32 of memory, a batch
 * at most. */
bool frames_want(struct os *os, uint64_t frames) {
    while (frames_left(os) < frames) {
        uint64_t more = os->frames.total / BATCH;
        more = more < 1 ? 1 : more > BATCH ? BATCH : more;
        uint64_t need = frames - frames_left(os);
        if (!reclaim_frames(os, need > more ? need : more) && !oom_kill(os)) return false;
    }
    return true;
}

/* ---- Background ---------------------------------------------------------------------- */

/* balance_pgdat. Watermarks of ours: 1/32 and 1/16 of memory. */
void kswapd(struct os *os) {
    uint64_t low = os->frames.total / 32, high = os->frames.total / 16;
    if (frames_left(os) < low) reclaim_frames(os, high - frames_left(os));
}

void flusher(struct os *os) {
    uint64_t before = os->stats.writeback;
    write_back_all(os);
    os->aged += os->stats.writeback - before;
}
