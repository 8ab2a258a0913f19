/* SPDX-License-Identifier: Apache-2.0
 *
 * A fault on a swap entry: do_swap_page of mm/memory.c.
 *
 * The page is in the swap cache (minor), or it is read (major; no read-ahead: vm.page-cluster 0).
 * If no other entry names the slot, the page is made without the swap cache and the slot is free
 * again, as for a device that is done at once (SWP_SYNCHRONOUS_IO); else it stays in the swap cache
 * for the others. It is this mm's alone, and writable at once if the VMA is, if the entry said so,
 * if the swap cache never had it, or if nothing else refers to it by now. A write to one that is
 * not goes on as any write to a shared page does.
 */
#include "fault.h"

static bool swap_is_full(const struct os *os) { /* vm_swap_full */
    return (swap_total(os) - os->swap.used) * 2 < swap_total(os);
}

/* should_try_to_free_swap: for a write, if nobody but the swap cache has it beside this fault. */
static bool cache_is_useless(const struct handling *h, const struct frame *f) {
    if (!f->swap) return false;
    if (swap_is_full(h->os) || (h->vma->flags & VMA_LOCKED) || f->locks) return true;
    return h->write && f->refs == 2;
}

static ppn_t read_in(struct handling *h, uint32_t slot) {
    struct os *os = h->os;
    ppn_t ppn = frame_alloc(os, FRAME_ANON);
    frame_of(os, ppn)->index = h->vma->pgoff + (h->va - h->vma->start) / PAGE_BYTES;
    lru_new(os, ppn);
    swap_read(os, slot, ppn);
    if (swap_slot(os, slot)->count > 1) swap_cache_add(os, slot, ppn);
    h->out.major = true;
    return ppn;
}

/* The page, with one reference for the mapping to come, and without the entry's claim. */
static ppn_t bring_back(struct handling *h, uint32_t slot, uint32_t *others) {
    struct os *os = h->os;
    ppn_t ppn = swap_slot(os, slot)->cache;
    if (ppn)
        frame_get(os, ppn);
    else
        ppn = read_in(h, slot);
    h->vma->mm->swapents--;
    swap_put(os, slot); /* swap_free; the page has more than the swap cache's reference */
    struct frame *f = frame_of(os, ppn);
    f->swapped = true;
    if (cache_is_useless(h, f)) swap_cache_free(os, ppn);
    *others = f->refs - 1;
    return ppn;
}

void handling_swapped(struct handling *h) {
    struct os *os = h->os;
    uint32_t others;
    ppn_t ppn = bring_back(h, swap_pte_slot(h->pte), &others);
    bool exclusive = swap_pte_exclusive(h->pte) || !others;
    bool writable = exclusive && (h->vma->flags & VMA_W);
    pte_t pte = vma_pte(os, h->vma, ppn);
    if (writable) pte |= PTE_W | (h->write ? PTE_D : 0);
    frame_of(os, ppn)->exclusive |= exclusive;
    rmap_add(os, h->vma, ppn);
    if (!h->write || writable) {
        handling_set(h, pte, KFAULT_SWAP_IN);
        return;
    }
    pte_set(os, h->slot, pte); /* do_wp_page has the fence */
    h->pte = pte;
    handling_write_protected(h);
    h->out.kind = KFAULT_SWAP_IN;
}
