/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaves of level 1 (PMD leaves): made, split, moved, copied and taken away.
 *
 * Each has a page table in deposit, which counts as one of its mm (VmPTE), so that a split never
 * lacks memory. A split takes it, fills it with 512 PTEs that say what the leaf said, and hangs it
 * where the leaf was; between stands the leaf's fence (pmdp_invalidate; for the huge zero page
 * pmdp_huge_clear_flush), so that no hart holds two sizes of one address. A leaf never reaches over
 * the end of its VMA: whoever cuts a VMA splits it first (vma_adjust_trans_huge).
 *
 * Fences are of stride 2 MiB (flush_pmd_tlb_range).
 */
#include "kernel.h"
#include <assert.h>

static vaddr_t base_of(vaddr_t va) {
    return va & ~(HUGE_BYTES - 1);
}

static bool is_zero(const struct os *os, pte_t pmd) {
    return pte_ppn(pmd) == os->huge.zero;
}

paddr_t pmd_leaf_at(const struct os *os, const struct mm *mm, vaddr_t va) {
    int level;
    paddr_t slot = pt_slot(os, mm, va, &level);
    return level == 1 && pte_leaf(pte_get(os, slot)) ? slot : 0;
}

/* ---- Deposited page tables ------------------------------------------------------------- */
void pmd_deposit_table(struct mm *mm, ppn_t table) { /* pgtable_trans_huge_deposit */
    struct huge_mm *h = &mm->huge;
    h->deposit = grow(h->deposit, h->deposits, &h->room, sizeof *h->deposit);
    h->deposit[h->deposits++] = table;
}

void pmd_deposit(struct os *os, struct mm *mm) {
    pmd_deposit_table(mm, pt_new(os, mm));
}

static ppn_t withdraw(struct mm *mm) { /* pgtable_trans_huge_withdraw */
    assert(mm->huge.deposits);
    return mm->huge.deposit[--mm->huge.deposits];
}

/* It never hung anywhere since it was deposited: no fence. */
void pmd_zap_deposit(struct os *os, struct mm *mm) {
    frame_put(os, withdraw(mm));
    mm->tables--;
}

/* ---- The books: one mapping of the folio, one reference a frame ------------------------- */
static void map_frames(struct os *os, struct vma *v, ppn_t head) {
    for (ppn_t i = 0; i < HUGE_FRAMES; i++) {
        frame_get(os, head + i);
        if (v->flags & VMA_LOCKED) rmap_lock(os, head + i, true);
    }
    folio_map(frame_of(os, head)->folio, v->mm, 1);
    v->mm->rss += HUGE_FRAMES;
    v->mm->huge.leaves++;
}

static void unmap_frames(struct os *os, struct vma *v, ppn_t head) {
    for (ppn_t i = 0; (v->flags & VMA_LOCKED) && i < HUGE_FRAMES; i++)
        rmap_lock(os, head + i, false);
    folio_unmap(frame_of(os, head)->folio, v->mm, 1);
    v->mm->rss -= HUGE_FRAMES;
    v->mm->huge.leaves--;
}

/* ---- Making one ------------------------------------------------------------------------ */

/* map_anon_folio_pmd: dirty, and writable if its VMA is. */
void pmd_map(struct os *os, struct vma *v, vaddr_t base, paddr_t slot, ppn_t head) {
    pte_t pmd = pte_make(head, v->flags, false) | PTE_D;
    if (v->flags & VMA_W) pmd |= PTE_W;
    lru_new(os, head);
    map_frames(os, v, head);
    pte_set(os, slot, pmd);
    update_mmu_cache(os, base);
}

/* ---- Splitting one --------------------------------------------------------------------- */

/* pmdp_invalidate: present for the kernel, invalid for the hardware, while it changes. */
void pmd_invalidate(struct os *os, struct mm *mm, vaddr_t base, paddr_t slot, enum rule rule) {
    pte_set(os, slot, pte_get(os, slot) & ~(pte_t)(PTE_V | PTE_NONE));
    flush_range(os, mm, base, base + HUGE_BYTES, HUGE_BYTES, rule);
}

static void fill(struct os *os, const struct vma *v, ppn_t table, pte_t pmd) {
    bool zero = is_zero(os, pmd);
    for (ppn_t i = 0; i < HUGE_FRAMES; i++) {
        pte_t pte = pte_make(zero ? os->zero_page : pte_ppn(pmd) + i, v->flags, false);
        if (zero)
            pte |= PTE_SPECIAL;
        else
            pte = (pte & ~PTE_A) | (pmd & (PTE_W | PTE_A | PTE_D));
        pte_set(os, (table << PAGE_SHIFT) + i * PTE_BYTES, pte);
    }
}

void pmd_split(struct os *os, struct vma *v, vaddr_t va, paddr_t slot) {
    pte_t pmd = pte_get(os, slot);
    if (is_zero(os, pmd)) { /* __split_huge_zero_page_pmd */
        pte_set(os, slot, 0);
        flush_range(os, v->mm, base_of(va), base_of(va) + HUGE_BYTES, HUGE_BYTES, RULE_SPLIT);
    } else {
        pmd_invalidate(os, v->mm, base_of(va), slot, RULE_SPLIT);
        struct frame *f = frame_of(os, pte_ppn(pmd));
        f->dirty |= !!(pmd & PTE_D);
        folio_map(f->folio, v->mm, HUGE_FRAMES); /* folio_add_anon_rmap_ptes */
        folio_unmap(f->folio, v->mm, 1);         /* folio_remove_rmap_pmd */
        v->mm->huge.leaves--;
    }
    ppn_t table = withdraw(v->mm);
    fill(os, v, table, pmd);
    pte_set(os, slot, table << PTE_PPN_SHIFT | PTE_V);
}

void pmd_split_at(struct os *os, struct vma *v, vaddr_t va) { /* split_huge_pmd_if_needed */
    paddr_t slot = va % HUGE_BYTES ? pmd_leaf_at(os, v->mm, va) : 0;
    if (slot) pmd_split(os, v, va, slot);
}

/* ---- What becomes of one ----------------------------------------------------------------- */

/* zap_huge_pmd */
void pmd_zap(struct gather *g, struct vma *v, vaddr_t base, paddr_t slot, pte_t pmd) {
    pte_set(g->os, slot, 0);
    gather_leaf(g, base, HUGE_BYTES);
    pmd_zap_deposit(g->os, g->mm);
    if (is_zero(g->os, pmd)) return;
    unmap_frames(g->os, v, pte_ppn(pmd));
    gather_folio(g, pte_ppn(pmd));
}

/* move_huge_pmd */
void pmd_move(struct os *os, struct mm *mm, vaddr_t from, paddr_t slot, vaddr_t to) {
    pte_t pmd = pte_get(os, slot);
    pte_set(os, slot, 0);
    pte_set(os, pt_make_pmd(os, mm, to), pmd);
    flush_range(os, mm, from, from + HUGE_BYTES, HUGE_BYTES, RULE_MREMAP);
}

/* copy_huge_pmd: fork. The child's leaf starts old. */
void pmd_copy(struct os *os, struct vma *twin, vaddr_t base, paddr_t slot, pte_t pmd) {
    if (is_zero(os, pmd)) {
        huge_zero_get(os, twin->mm);
    } else {
        map_frames(os, twin, pte_ppn(pmd));
        for (ppn_t i = 0; i < HUGE_FRAMES; i++) frame_of(os, pte_ppn(pmd) + i)->exclusive = false;
    }
    pmd_deposit(os, twin->mm);
    if (pmd & PTE_W) {
        pmd &= ~PTE_W;
        pte_set(os, slot, pmd); /* pmdp_set_wrprotect */
    }
    pte_set(os, pt_make_pmd(os, twin->mm, base), pmd & ~PTE_A);
}
