/* SPDX-License-Identifier: Apache-2.0
 *
 * From 512 PTEs back to a leaf: MADV_COLLAPSE, and khugepaged (mm/khugepaged.c).
 *
 * A page table of anonymous memory is looked over (hpage_collapse_scan_pmd): khugepaged leaves
 * alone what has too many empty, swapped or shared PTEs, or nothing young; MADV_COLLAPSE takes all.
 * Then what is in swap is brought back, the pointer is taken out, the whole address space fenced,
 * since a fence with an address orders leaves only (pmdp_collapse_flush), the pages are copied into
 * a fresh folio, and the table goes into deposit (collapse_huge_page). Nothing is reclaimed for it.
 *
 * khugepaged scans eight ranges a wakeup (pages_to_scan 4096), every os.khugepaged records, and
 * goes on where it stopped; the record `khugepaged` scans all there is.
 */
#include "fault.h"

enum { MAX_PTES_NONE = 511, MAX_PTES_SWAP = 64, MAX_PTES_SHARED = 256, RANGES = 8 };

struct scan {
    struct os *os;
    struct vma *vma;
    vaddr_t base;
    paddr_t slot; /* of the pointer to the page table */
    unsigned none, swapped, shared, young;
    ppn_t last; /* folio that was asked for sharers last */
    bool last_shared;
};

static paddr_t pte_slot(const struct scan *s, unsigned i) {
    return (pte_ppn(pte_get(s->os, s->slot)) << PAGE_SHIFT) + i * PTE_BYTES;
}

/* ---- What is there ----------------------------------------------------------------------- */
static void look(struct scan *s, pte_t pte) {
    if (pte_swapped(pte)) {
        s->swapped++;
        return;
    }
    if (!pte || pte_ppn(pte) == s->os->zero_page) {
        s->none++;
        return;
    }
    ppn_t head = folio_head(s->os, pte_ppn(pte));
    if (head != s->last) s->last_shared = folio_shared(s->os, head);
    s->last = head;
    s->shared += s->last_shared;
    s->young += (pte & PTE_A) || frame_of(s->os, head)->referenced;
}

/* hpage_collapse_scan_pmd: is there a page table that may become a leaf? */
static bool worth(struct scan *s, bool background) {
    const struct mm *mm = s->vma->mm;
    int level;
    pt_slot(s->os, mm, s->base, &level);
    if (level) return false; /* a leaf already, or nothing */
    s->slot = pt_slot_pmd(s->os, mm, s->base);
    for (unsigned i = 0; i < HUGE_FRAMES; i++) look(s, pte_get(s->os, pte_slot(s, i)));
    if (!background) return true;
    if (s->none > MAX_PTES_NONE || s->swapped > MAX_PTES_SWAP || s->shared > MAX_PTES_SHARED)
        return false;
    return s->young && (!s->swapped || s->young >= HUGE_FRAMES / 2);
}

/* ---- collapse_huge_page -------------------------------------------------------------------- */

static void swap_in(const struct scan *s) { /* __collapse_huge_page_swapin */
    for (unsigned i = 0; i < HUGE_FRAMES; i++) {
        struct handling h = {.os = s->os, .vma = s->vma, .va = s->base + i * PAGE_BYTES};
        h.slot = pte_slot(s, i);
        h.pte = pte_get(s->os, h.slot);
        if (pte_swapped(h.pte)) handling_swapped(&h);
    }
}

/* __collapse_huge_page_copy, of one page. */
static void copy_page(const struct scan *s, paddr_t slot, ppn_t to) {
    struct os *os = s->os;
    pte_t pte = pte_get(os, slot);
    pte_set(os, slot, 0);
    if (!pte || pte_ppn(pte) == os->zero_page) {
        mem_zero_frame(os->mem, to);
        return;
    }
    mem_copy_frame(os->mem, to, pte_ppn(pte));
    rmap_remove(os, s->vma, pte_ppn(pte));
    frame_release(os, pte_ppn(pte));
}

static void collapse(struct scan *s) {
    struct os *os = s->os;
    struct mm *mm = s->vma->mm;
    if (frames_left(os) < HUGE_FRAMES + s->swapped) return;
    ppn_t head = folio_alloc(os, vma_page(s->vma, s->base), ORDER_HUGE);
    if (!head) return;
    if (s->swapped) swap_in(s);
    ppn_t table = pte_ppn(pte_get(os, s->slot));
    pte_set(os, s->slot, 0); /* pmdp_collapse_flush */
    flush_mm(os, mm, RULE_COLLAPSE);
    for (ppn_t i = 0; i < HUGE_FRAMES; i++)
        copy_page(s, (table << PAGE_SHIFT) + i * PTE_BYTES, head + i);
    pmd_deposit_table(mm, table);
    pmd_map(os, s->vma, s->base, s->slot, head);
    os->stats.thp_collapse++;
}

void collapse_range(struct os *os, struct vma *v, vaddr_t start, vaddr_t end) {
    vaddr_t base = (start + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
    for (; base + HUGE_BYTES <= end; base += HUGE_BYTES) {
        struct scan s = {.os = os, .vma = v, .base = base};
        if (worth(&s, false)) collapse(&s);
    }
}

/* ---- khugepaged ---------------------------------------------------------------------------- */

/* The first range at or above va that a huge page may have; false: no more in this mm. */
static bool next_range(struct os *os, struct mm *mm, vaddr_t va, struct scan *s) {
    for (size_t i = vma_index(mm, va); i < mm->vmas; i++) {
        struct vma *v = mm->vma[i];
        vaddr_t base = va > v->start ? va : v->start;
        base = (base + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
        if (!huge_allowed(os, v, HUGE_KHUGEPAGED) || base + HUGE_BYTES > v->end) continue;
        *s = (struct scan){.os = os, .vma = v, .base = base};
        return true;
    }
    return false;
}

void khugepaged(struct os *os, bool all) { /* khugepaged_do_scan */
    struct huge *at = &os->huge;
    unsigned left = RANGES;
    if (all || !at->mm) {
        at->mm = os->mms;
        at->va = 0;
    }
    for (; at->mm; at->mm = at->mm->next, at->va = 0) {
        struct scan s;
        while (next_range(os, at->mm, at->va, &s)) {
            if (worth(&s, true)) collapse(&s);
            at->va = s.base + HUGE_BYTES;
            if (!all && !--left) return;
        }
    }
}

void khugepaged_forget(struct os *os, const struct mm *mm) {
    if (os->huge.mm != mm) return;
    os->huge.mm = mm->next;
    os->huge.va = 0;
}
