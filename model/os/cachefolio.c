/* SPDX-License-Identifier: Apache-2.0
 *
 * Folios of the page cache (cachefolio.h): their pages as one.
 */
#include "kernel.h"

uint64_t cache_first(const struct page *p) {
    return p->index & ~((1ull << p->order) - 1);
}

uint64_t cache_end(const struct page *p) {
    return cache_first(p) + (1ull << p->order);
}

bool cache_dirty(const struct page *p) {
    bool dirty = false;
    for (uint64_t i = cache_first(p); i < cache_end(p); i++)
        dirty |= page_find(p->object, i)->dirty;
    return dirty;
}

void cache_mark(const struct page *p, bool mark) {
    for (uint64_t i = cache_first(p); i < cache_end(p); i++) page_find(p->object, i)->mark = mark;
}

/* folio_mark_dirty. PG_reclaim, which it clears, is PG_readahead: a marker is used up by it. */
void cache_set_dirty(const struct page *p) {
    for (uint64_t i = cache_first(p); i < cache_end(p); i++)
        page_find(p->object, i)->dirty |= i * PAGE_BYTES < p->object->size;
    if (p->mark) cache_mark(p, false);
}

/* ---- Splitting ----------------------------------------------------------------------- */
static bool unmap(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte) {
    struct os *os = arg;
    (void)va;
    pte_set(os, slot, 0);
    if (pte & PTE_D) frame_dirty(frame_of(os, pte_ppn(pte)));
    batch_add(os, v->mm);
    rmap_remove(os, v, pte_ppn(pte));
    frame_put(os, pte_ppn(pte)); /* the cache has one reference of its own */
    return true;
}

static void set_order(const struct object *o, uint64_t first, unsigned order) {
    for (uint64_t i = first; i < first + (1ull << order); i++)
        page_find(o, i)->order = (uint8_t)order;
}

/* Into halves, and the half that has `at` again (split_unmapped_folio, not uniform). */
static void halve(const struct object *o, uint64_t first, unsigned order, uint64_t at) {
    while (order--) {
        uint64_t half = first + (1ull << order);
        set_order(o, at < half ? half : first, order);
        first = at < half ? first : half;
    }
    page_find(o, at)->order = 0;
}

/* Into pages (split_folio). */
static void scatter(const struct object *o, uint64_t first, uint64_t end) {
    for (uint64_t i = first; i < end; i++) page_find(o, i)->order = 0;
}

void cache_unmap(struct os *os, const struct page *p) { /* try_to_unmap */
    for (uint64_t i = cache_first(p); i < cache_end(p); i++)
        rmap_each(os, page_find(p->object, i)->ppn, unmap, os);
    batch_flush(os, RULE_BATCH);
}

bool cache_split(struct os *os, struct page *p, bool pages) {
    const struct object *o = p->object;
    uint64_t first = cache_first(p), end = cache_end(p);
    if (!p->order) return true;
    if (cache_dirty(p)) return false;
    cache_unmap(os, p);
    if (pages)
        scatter(o, first, end);
    else
        halve(o, first, p->order, p->index);
    return true;
}

void cache_leave(struct page *p) {
    if (p->order) scatter(p->object, cache_first(p), cache_end(p));
}

/* ---- Mapped by others ---------------------------------------------------------------- */
struct mappers {
    const struct mm *mm;
    bool several;
    uint64_t ptes;
};

static bool mapper(void *arg, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte) {
    struct mappers *m = arg;
    (void)va;
    (void)slot;
    (void)pte;
    m->several |= m->mm && m->mm != v->mm;
    m->mm = v->mm;
    m->ptes++;
    return true;
}

static struct mappers mappers_of(struct os *os, const struct page *p) {
    struct mappers m = {0};
    for (uint64_t i = cache_first(p); i < cache_end(p); i++)
        rmap_each(os, page_find(p->object, i)->ppn, mapper, &m);
    return m;
}

uint64_t cache_mapcount(struct os *os, const struct page *p) {
    return mappers_of(os, p).ptes;
}

bool cache_shared(struct os *os, const struct page *p) { /* folio_maybe_mapped_shared */
    return mappers_of(os, p).several;
}
