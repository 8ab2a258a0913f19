/* SPDX-License-Identifier: Apache-2.0
 *
 * The reverse map (mm/rmap.c). A page knows its place: an index in its object, or for an anonymous
 * one the page offset of its VMA when it was made (linear_page_index), which fork copies and mremap
 * carries along. So the VMAs that may map a frame are those that cover its index: of the object's
 * list, or of those that have an anon_vma. Whether one does, its PTE says. Linux finds the same
 * VMAs through interval trees.
 */
#include "kernel.h"

/* mlock_vma_folio, munlock_vma_folio */
void rmap_lock(struct os *os, ppn_t ppn, bool lock) {
    struct frame *f = frame_of(os, ppn);
    const struct frame *first = folio_of(os, ppn);
    f->locks += lock ? 1 : -1u;
    if (f->folio) f->folio->locks += lock ? 1 : -1u;
    if (first->lru != LRU_NONE && folio_unevictable(first) != (first->lru == LRU_UNEVICTABLE))
        lru_put(os, ppn, false);
}

void rmap_add(struct os *os, struct vma *v, ppn_t ppn) {
    struct folio *folio = frame_of(os, ppn)->folio;
    v->mm->rss++;
    if (folio) folio_map(folio, v->mm, 1);
    if (v->flags & VMA_LOCKED) rmap_lock(os, ppn, true);
}

void rmap_remove(struct os *os, struct vma *v, ppn_t ppn) {
    struct folio *folio = frame_of(os, ppn)->folio;
    v->mm->rss--;
    if (folio) folio_unmap(folio, v->mm, 1);
    if (v->flags & VMA_LOCKED) rmap_lock(os, ppn, false);
}

struct rmap {
    struct os *os;
    ppn_t ppn;
    uint64_t index;
    rmap_visit *visit;
    void *arg;
};

/* page_vma_mapped_walk */
static bool look(const struct rmap *r, struct vma *v) {
    uint64_t pages = (v->end - v->start) / PAGE_BYTES;
    if (r->index < v->pgoff || r->index - v->pgoff >= pages) return true;
    vaddr_t va = v->start + (r->index - v->pgoff) * PAGE_BYTES;
    int level;
    paddr_t slot = pt_slot(r->os, v->mm, va, &level);
    pte_t pte = pte_get(r->os, slot);
    if (level || !pte_present(pte) || pte_ppn(pte) != r->ppn) return true;
    return r->visit(r->arg, v, va, slot, pte);
}

static void each_anon(const struct rmap *r) {
    for (struct mm *mm = r->os->mms; mm; mm = mm->next)
        for (size_t i = 0; i < mm->vmas; i++)
            if (mm->vma[i]->anon && !look(r, mm->vma[i])) return;
}

void rmap_each(struct os *os, ppn_t ppn, rmap_visit *visit, void *arg) {
    const struct frame *f = frame_of(os, ppn);
    struct rmap r = {os, ppn, f->kind == FRAME_ANON ? f->index : f->page->index, visit, arg};
    if (f->kind == FRAME_ANON) {
        each_anon(&r);
        return;
    }
    for (struct vma *v = f->page->object->vmas; v; v = v->next)
        if (!look(&r, v)) return;
}
