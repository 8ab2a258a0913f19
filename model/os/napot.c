/* SPDX-License-Identifier: Apache-2.0
 *
 * 64 KiB as one leaf: 16 PTEs with N=1 [priv, Svnapot], the same in all of them but A and D, of a
 * folio of 16 frames.
 *
 * Linux 6.18 maps only hugetlb so on RISC-V; a folio of user memory it maps by plain PTEs. The
 * policy here is ours, modelled on what arm64 does with its contiguous bit (arch/arm64/mm/contpte.c
 * of 6.18): a run is folded when all of it is mapped at once, and unfolded when one page of it is
 * to differ from the others. The rest of the kernel half knows pages only: pte_get says what each
 * is.
 *
 *   read      the page's own frame; A and D of all 16 together, since the hart may look at any of
 *             them and set its bits there
 *   A, D      set or cleared in all 16
 *   all 16    written one by one, fenced together before return to user: taken away, moved, copied,
 *             protected
 *   one       unfolded: all 16 invalid, a fence of each page, then 16 plain PTEs. Until the fence a
 *             hart may use what it made of any of them for any page of the run
 */
#include "kernel.h"

static paddr_t first_of(paddr_t slot) {
    return slot & ~(paddr_t)(NAPOT_PTES * PTE_BYTES - 1);
}

static pte_t page_bits(unsigned page) {
    return (pte_t)page << PTE_PPN_SHIFT;
}

bool napot_has(const struct os *os) {
    return os->cfg.hart_svnapot && os->pte_bytes == PTE_BYTES;
}

bool napot_at(const struct os *os, paddr_t slot) {
    return os->pte_bytes == PTE_BYTES && (mem_read64(os->mem, slot) & PTE_N);
}

pte_t napot_page(const struct os *os, paddr_t slot, pte_t raw) {
    for (unsigned i = 0; i < NAPOT_PTES; i++) {
        pte_t other = mem_read64(os->mem, first_of(slot) + i * PTE_BYTES);
        if (other & PTE_N) raw |= other & (PTE_A | PTE_D);
    }
    raw &= ~(PTE_N | page_bits(NAPOT_PTES - 1));
    return raw | page_bits((unsigned)(slot / PTE_BYTES % NAPOT_PTES));
}

void napot_set(struct os *os, paddr_t slot, pte_t pte) {
    for (unsigned i = 0; i < NAPOT_PTES; i++)
        pte_set(os, slot + i * PTE_BYTES, pte | PTE_N | page_bits(NAPOT_ENCODING));
}

void napot_unfold(struct os *os, struct mm *mm, vaddr_t va, paddr_t slot) {
    paddr_t first = first_of(slot);
    pte_t pte = pte_get(os, first);
    va &= ~(NAPOT_BYTES - 1);
    for (unsigned i = 0; i < NAPOT_PTES; i++) pte_set(os, first + i * PTE_BYTES, 0);
    flush_range(os, mm, va, va + NAPOT_BYTES, PAGE_BYTES, RULE_SPLIT);
    for (unsigned i = 0; i < NAPOT_PTES; i++)
        pte_set(os, first + i * PTE_BYTES, pte + page_bits(i));
    os->stats.napot_unfold++;
}

void napot_clear(struct os *os, paddr_t slot, pte_t bits) {
    if (!napot_at(os, slot)) {
        pte_set(os, slot, pte_get(os, slot) & ~bits);
        return;
    }
    napot_set(os, first_of(slot), pte_get(os, first_of(slot)) & ~bits);
}

void napot_set_access(struct os *os, struct mm *mm, vaddr_t va, paddr_t slot, pte_t was,
                      pte_t now) {
    bool folded = napot_at(os, slot);
    if (folded && !((was ^ now) & PTE_W)) {
        napot_set(os, first_of(slot), pte_get(os, first_of(slot)) | (now & (PTE_A | PTE_D)));
        return;
    }
    if (folded) napot_unfold(os, mm, va, slot);
    pte_set(os, slot, now);
}
