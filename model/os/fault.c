/* SPDX-License-Identifier: Apache-2.0
 *
 * Page faults: arch/riscv/mm/fault.c and handle_pte_fault of mm/memory.c.
 *
 * The hardware says only which access failed where; the kernel finds out why from the VMA and the
 * PTE:
 *
 *   no VMA (nor a stack that may grow) -> SIGSEGV MAPERR     VMA forbids it -> SIGSEGV ACCERR
 *   PTE empty    anonymous: read -> zero page, write -> fresh page
 *                file: behind the end -> SIGBUS; read -> the cached pages around it, else this one;
 *                      write -> shared: the page itself, dirty; private: a copy
 *   migration entry: its page is being moved; it is there when the wait is over
 *   PTE present  a write it forbids -> shared: dirty from now on (mkwrite);
 *                      private: reuse the page if it is this mm's alone, else copy
 *                allowed -> A or D was missing (Svade), or nothing was (spurious)
 *
 * New PTEs are young; those a write made are dirty. Each newly valid PTE is fenced at once
 * (update_mmu_cache), unless the hart has Svvptc.
 */
#include "fault.h"

enum { FAULT_FRAMES = 2 }; /* the most one fault takes beside tables: a cache page, a copy */

void handling_table(struct handling *h) {
    if (!h->slot) h->slot = pt_make(h->os, h->vma->mm, h->va);
}

void handling_set(struct handling *h, pte_t pte, enum kfault kind) {
    pte_set(h->os, h->slot, pte);
    update_mmu_cache(h->os, h->va);
    h->out.kind = (uint8_t)kind;
}

/* ptep_set_access_flags: the frame stays, and the PTE allows more than before, if anything. */
static void set_access(struct handling *h, pte_t pte, enum kfault kind) {
    bool changed = pte != h->pte;
    if (changed) napot_set_access(h->os, h->vma->mm, h->va, h->slot, h->pte, pte);
    update_access_flags(h->os, h->vma->mm, h->va, changed, h->write);
    h->out.kind = (uint8_t)kind;
}

void handling_no_backing(struct handling *h) { /* VM_FAULT_SIGBUS */
    h->out.sig = SIGNAL_BUS;
    h->out.code = SICODE_BUS_ADRERR;
}

pte_t handling_write(const struct handling *h) { /* maybe_mkwrite(pte_mkdirty) */
    if (!h->write) return 0;
    return h->vma->flags & VMA_W ? PTE_W | PTE_D : PTE_D; /* FOLL_FORCE writes where none may */
}

pte_t handling_pte(const struct handling *h, ppn_t ppn) {
    return vma_pte(h->os, h->vma, ppn) | handling_write(h);
}

ppn_t handling_anon_frame(struct handling *h) {
    vma_prepare_anon(h->os, h->vma);
    ppn_t ppn = frame_alloc(h->os, FRAME_ANON);
    struct frame *f = frame_of(h->os, ppn);
    f->exclusive = true;
    f->index = vma_page(h->vma, h->va);
    lru_new(h->os, ppn);
    rmap_add(h->os, h->vma, ppn);
    return ppn;
}

/* ---- Nothing there yet --------------------------------------------------------------- */
static void fault_anon(struct handling *h) {
    handling_table(h);
    if (!h->write && h->os->cfg.os_zero_page) {
        handling_set(h, handling_pte(h, h->os->zero_page) | PTE_SPECIAL, KFAULT_ZERO_PAGE);
        return;
    }
    h->write |= h->vma->flags & VMA_W; /* do_anonymous_page: writable and dirty, if it may be */
    if (handling_folio(h)) return;
    ppn_t ppn = handling_anon_frame(h);
    mem_zero_frame(h->os->mem, ppn);
    handling_set(h, handling_pte(h, ppn), KFAULT_ANON_ALLOC);
}

/* ---- A write the PTE forbids --------------------------------------------------------- */
static void reuse(struct handling *h, enum kfault kind) {
    set_access(h, h->pte | PTE_A | handling_write(h), kind);
}

/* wp_page_copy: no translation to the old frame may be left when the new one is there. */
static void copy(struct handling *h, ppn_t old, uint8_t old_kind) {
    struct os *os = h->os;
    ppn_t ppn = handling_anon_frame(h);
    enum kfault kind = KFAULT_ANON_ALLOC;
    bool normal = pte_normal(h->pte);
    if (old_kind == FRAME_ZERO) {
        mem_zero_frame(os->mem, ppn);
    } else {
        mem_copy_frame(os->mem, ppn, old);
        if (normal) rmap_remove(os, h->vma, old);
        kind = old_kind == FRAME_ANON ? KFAULT_COW_COPY : KFAULT_COW_FILE;
    }
    if (napot_at(os, h->slot)) napot_unfold(os, h->vma->mm, h->va, h->slot);
    pte_set(os, h->slot, 0); /* ptep_clear_flush */
    flush_page(os, h->vma->mm, h->va, RULE_COW);
    handling_set(h, handling_pte(h, ppn), kind);
    if (normal) frame_release(os, old);
}

/* wp_can_reuse_anon_folio: known to be this mm's alone, or nothing refers to it beside this mapping
 * and the swap cache, which then lets go of it. A page of a folio: no other mm maps any of it; the
 * last page mapped is copied, so that the folio can go. */
static bool may_reuse(struct os *os, ppn_t ppn) {
    const struct frame *f = frame_of(os, ppn);
    if (f->exclusive) return true;
    if (f->folio) return f->folio->mapcount > 1 && !f->folio->shared;
    if (f->refs == 2) swap_cache_free(os, ppn);
    return f->refs == 1;
}

void handling_write_protected(struct handling *h) { /* do_wp_page */
    ppn_t old = pte_ppn(h->pte);
    if (!pte_normal(h->pte) && old != h->os->zero_page) {
        copy(h, old, FRAME_OTHER); /* of a device: from the user's address (__wp_page_copy_user) */
        return;
    }
    struct frame *f = frame_of(h->os, old);
    if (h->vma->flags & VMA_SHARED) {
        if (!store_room(h->os, h->vma->object, f->page->index)) {
            handling_no_backing(h); /* wp_page_shared: page_mkwrite says ENOSPC, the PTE stays */
            return;
        }
        frame_dirty(f);
        reuse(h, KFAULT_MKWRITE);
    } else if (f->kind == FRAME_ANON && may_reuse(h->os, old)) {
        f->exclusive = true;
        if (h->unshare)
            h->out.kind = KFAULT_COW_REUSE; /* and the PTE stays as it is */
        else
            reuse(h, KFAULT_COW_REUSE);
    } else {
        copy(h, old, f->kind);
    }
}

/* ---- Deciding ------------------------------------------------------------------------ */
static void fault_pte(struct handling *h) {
    if (pte_swapped(h->pte)) {
        handling_swapped(h);
    } else if (!pte_present(h->pte)) {
        if (h->vma->object)
            handling_object(h);
        else
            fault_anon(h);
    } else if ((h->write || h->unshare) && !(h->pte & PTE_W)) {
        handling_write_protected(h);
    } else {
        pte_t now = h->pte | PTE_A | (h->write ? PTE_D : 0);
        set_access(h, now, now == h->pte ? KFAULT_SPURIOUS : KFAULT_AD_UPDATE);
    }
}

static struct os_outcome segv(enum sicode code) {
    return (struct os_outcome){.sig = SIGNAL_SEGV, .code = (uint8_t)code};
}

static bool allowed(const struct vma *v, bool write, bool fetch) { /* access_error */
    if (fetch) return v->flags & VMA_X;
    return v->flags & (write ? VMA_W : VMA_R | VMA_W);
}

struct os_outcome fault_handle(struct os *os, struct mm *mm, struct fault_of f) {
    vaddr_t va = f.va;
    size_t i = vma_index(mm, va);
    if (va >= os->task_size || i == mm->vmas) return segv(SICODE_SEGV_MAPERR);
    struct vma *v = mm->vma[i];
    if (va < v->start && !((v->flags & VMA_GROWSDOWN) && vma_grow_down(os, v, va)))
        return segv(SICODE_SEGV_MAPERR);
    if (!f.checked && !allowed(v, f.write, f.fetch)) return segv(SICODE_SEGV_ACCERR);
    if (f.waited) return (struct os_outcome){.kind = KFAULT_MIGRATION}; /* migration_entry_wait */
    struct handling h = {.os = os, .vma = v, .write = f.write, .unshare = f.unshare, .by = f.by};
    h.va = va & ~(vaddr_t)(PAGE_BYTES - 1);
    int level;
    pt_slot(os, mm, h.va, &level);
    if (!frames_want(os, (uint64_t)level + FAULT_FRAMES))
        return (struct os_outcome){.sig = SIGNAL_KILL};
    if (handling_huge(&h)) return h.out;
    h.slot = pt_slot(os, mm, h.va, &level);
    if (level) h.slot = 0;
    h.pte = h.slot ? pte_get(os, h.slot) : 0; /* not before: reclaim may take the page */
    fault_pte(&h);
    return h.out;
}

/* ---- MAP_POPULATE -------------------------------------------------------------------- */

void folio_touch(struct os *os, paddr_t slot, pte_t pte, bool leaf, bool write) {
    if (leaf) {
        pte_set(os, slot, pte | PTE_A | (write ? PTE_D : 0));
    } else if (write && !(pte & PTE_D) && pte_normal(pte)) {
        frame_dirty(folio_of(os, pte_ppn(pte)));
    }
}

/* populate_vma_page_range: private writable memory is faulted in by writes, so that no COW is left
 * to do. A page that cannot be had ends it for its VMA (__mm_populate with ignore_errors). */
void fault_populate(struct os *os, struct mm *mm, vaddr_t start, vaddr_t end, enum populate how) {
    for (vaddr_t va = start; va < end; va += PAGE_BYTES) {
        const struct vma *v = vma_at(mm, va);
        if (!v) { /* on to the next one */
            size_t i = vma_index(mm, va);
            va = i < mm->vmas && mm->vma[i]->start < end ? mm->vma[i]->start : end;
            va -= PAGE_BYTES;
            continue;
        }
        if (!(v->flags & VMA_RWX) || (v->flags & VMA_DEVICE) || /* check_vma_flags */
            (how == POPULATE_MAP && (v->flags & VMA_LOCKONFAULT)))
            continue;
        bool write = how == POPULATE_MAP ? (v->flags & (VMA_W | VMA_SHARED)) == VMA_W
                                         : how == POPULATE_WRITE;
        int level;
        paddr_t slot = pt_slot(os, mm, va, &level);
        pte_t pte = pte_get(os, slot);
        bool there = level ? pte_leaf(pte) : pte_present(pte);
        if (there && (!write || (pte & PTE_W))) {
            folio_touch(os, slot, pte, level, write);
            continue;
        }
        struct fault_of f = {.va = va, .write = write, .fetch = !(v->flags & (VMA_R | VMA_W))};
        f.by = how == POPULATE_MAP ? FAULT_BY_POPULATE : FAULT_BY_GUP;
        uint8_t sig = fault_handle(os, mm, f).sig;
        if (sig == SIGNAL_KILL) return;
        if (sig == SIGNAL_BUS) va = v->end - PAGE_BYTES;
    }
}
