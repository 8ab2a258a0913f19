/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults on huge pages, and where one may be (mm/huge_memory.c).
 *
 *   nothing there, and 2 MiB of the VMA around it
 *                read  -> the huge zero page, 2 MiB of zeros that all share
 *                write -> a fresh folio, if a block is free; else the 4 KiB of handle_pte_fault
 *   a leaf       a write it forbids: the zero page -> a fresh folio; this mm's alone -> reuse;
 *                else the leaf is split, and the PTE decides (do_huge_pmd_wp_page)
 *                allowed -> A or D was missing (Svade), or nothing was
 *   anonymous memory of 4 KiB is to be had, and nothing is there in 64 KiB around it
 *                a folio of 64 KiB, if os.thp64 says so and a block is free
 *
 * Where page tables are in place already there will be no leaf, but by collapse.c. os.thp says
 * which VMAs may have one; os.fragmentation, whether there are blocks for it.
 */
#include "fault.h"

/* HAVE_ARCH_TRANSPARENT_HUGEPAGE if 64BIT && MMU */
bool huge_has(const struct os *os) {
    return os->cfg.os_mode != MODE_SV32;
}

/* thp_vma_allowable_order: MADV_COLLAPSE asks no policy. All but a fault need an anon_vma and room
 * in the VMA. */
bool huge_allowed(const struct os *os, const struct vma *v, enum huge_why why) {
    uint32_t policy = os->cfg.os_thp;
    vaddr_t first = (v->start + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
    if (!huge_has(os) || v->object || (v->flags & VMA_NOHUGE)) return false;
    if (why != HUGE_FAULT && (!v->anon || first + HUGE_BYTES > v->end)) return false;
    if (why == HUGE_COLLAPSE) return true;
    return policy == THP_ALWAYS || (policy == THP_MADVISE && (v->flags & VMA_HUGE));
}

/* ---- The huge zero page ---------------------------------------------------------------- */

/* mm_get_huge_zero_folio: an mm that has mapped it keeps it to its end. */
ppn_t huge_zero_get(struct os *os, struct mm *mm) {
    struct huge *h = &os->huge;
    if (!h->zero) {
        h->zero = buddy_take(os, ORDER_HUGE);
        for (ppn_t i = 0; h->zero && i < HUGE_FRAMES; i++) {
            *frame_of(os, h->zero + i) = (struct frame){.refs = 1, .kind = FRAME_ZERO};
            mem_zero_frame(os->mem, h->zero + i);
        }
        if (os->frames.used > os->frames.peak) os->frames.peak = os->frames.used;
    }
    if (h->zero && !mm->huge.zero) h->zero_users++;
    mm->huge.zero = h->zero;
    return h->zero;
}

void huge_zero_put(struct os *os, struct mm *mm) {
    if (mm->huge.zero) os->huge.zero_users--;
    mm->huge.zero = false;
}

/* shrink_huge_zero_folio_scan */
uint64_t huge_zero_shrink(struct os *os) {
    struct huge *h = &os->huge;
    if (!h->zero || h->zero_users) return 0;
    buddy_give(os, h->zero, ORDER_HUGE);
    h->zero = 0;
    return HUGE_FRAMES;
}

/* ---- Faults ------------------------------------------------------------------------------ */
static bool done(struct handling *h, enum kfault kind) {
    h->out.kind = (uint8_t)kind;
    return true;
}

static bool room_for(const struct os *os, uint64_t tables) {
    return frames_left(os) >= HUGE_FRAMES + tables;
}

static bool fallback(struct handling *h) { /* THP_FAULT_FALLBACK */
    h->os->stats.thp_fallback++;
    return false;
}

static ppn_t fresh(struct os *os, const struct vma *v, vaddr_t base, uint64_t tables) {
    ppn_t head = room_for(os, tables) ? folio_alloc(os, vma_page(v, base), ORDER_HUGE) : 0;
    for (ppn_t i = 0; head && i < HUGE_FRAMES; i++) mem_zero_frame(os->mem, head + i);
    return head;
}

static bool nothing_there(struct handling *h, int level) { /* do_huge_pmd_anonymous_page */
    struct os *os = h->os;
    struct vma *v = h->vma;
    vaddr_t base = h->va & ~(HUGE_BYTES - 1);
    if (!huge_allowed(os, v, HUGE_FAULT) || base < v->start || base + HUGE_BYTES > v->end)
        return false;
    vma_prepare_anon(os, v);
    if (h->write) {
        ppn_t head = fresh(os, v, base, (uint64_t)level);
        if (!head) return fallback(h);
        pmd_deposit(os, v->mm);
        pmd_map(os, v, base, pt_make_pmd(os, v->mm, base), head);
        return done(h, KFAULT_THP_ALLOC);
    }
    ppn_t zero = os->huge.zero || room_for(os, (uint64_t)level) ? huge_zero_get(os, v->mm) : 0;
    if (!zero) return fallback(h);
    pmd_deposit(os, v->mm);
    pte_set(os, pt_make_pmd(os, v->mm, base), pte_make(zero, v->flags, false) | PTE_SPECIAL);
    update_mmu_cache(os, h->va);
    return done(h, KFAULT_THP_ZERO);
}

/* pmdp_set_access_flags; with Svvptc a spurious fault fences nothing. */
static bool set_access(struct handling *h, paddr_t slot, pte_t was, pte_t now, enum kfault kind) {
    struct os *os = h->os;
    if (was != now) pte_set(os, slot, now);
    vaddr_t va = os->cfg.os_svvptc ? h->va & ~(HUGE_BYTES - 1) : h->va;
    update_access_flags(os, h->vma->mm, va, was != now, false);
    return done(h, kind);
}

/* do_huge_zero_wp_pmd */
static bool write_to_zero(struct handling *h, paddr_t slot) {
    struct os *os = h->os;
    vaddr_t base = h->va & ~(HUGE_BYTES - 1);
    ppn_t head = fresh(os, h->vma, base, 0);
    if (!head) {
        pmd_split(os, h->vma, base, slot);
        return fallback(h);
    }
    pte_set(os, slot, 0); /* pmdp_huge_clear_flush */
    flush_range(os, h->vma->mm, base, base + HUGE_BYTES, HUGE_BYTES, RULE_COW);
    pmd_map(os, h->vma, base, slot, head);
    return done(h, KFAULT_THP_ALLOC);
}

static bool write_protected(struct handling *h, paddr_t slot, pte_t pmd) { /* do_huge_pmd_wp_page */
    ppn_t head = pte_ppn(pmd);
    if (head == h->os->huge.zero) return write_to_zero(h, slot);
    const struct frame *f = frame_of(h->os, head);
    if (!f->exclusive && f->folio->mapcount > 1) {
        pmd_split(h->os, h->vma, h->va, slot);
        return false;
    }
    for (ppn_t i = 0; i < HUGE_FRAMES; i++) frame_of(h->os, head + i)->exclusive = true;
    if (h->unshare) return done(h, KFAULT_COW_REUSE);
    return set_access(h, slot, pmd, pmd | PTE_A | handling_write(h), KFAULT_COW_REUSE);
}

/* ---- 64 KiB ------------------------------------------------------------------------------ */

/* thp_vma_allowable_orders: hugepages-64kB/enabled, whatever enabled says of 2 MiB. */
static bool folio_allowed(const struct os *os, const struct vma *v) {
    uint32_t policy = os->cfg.os_thp64;
    if (!huge_has(os) || (v->flags & VMA_NOHUGE)) return false;
    return policy == THP_ALWAYS || (policy == THP_MADVISE && (v->flags & VMA_HUGE));
}

/* pte_range_none: of the 16 PTEs from this one on. */
static bool range_none(const struct os *os, paddr_t slot) {
    for (unsigned i = 0; i < NAPOT_PTES; i++)
        if (pte_get(os, slot + i * PTE_BYTES)) return false;
    return true;
}

/* set_ptes, update_mmu_cache_range */
static void map_folio(struct handling *h, vaddr_t base, paddr_t slot, ppn_t head) {
    struct os *os = h->os;
    pte_t pte = handling_pte(h, head);
    lru_new(os, head);
    for (ppn_t i = 0; i < NAPOT_PTES; i++) {
        frame_get(os, head + i);
        rmap_add(os, h->vma, head + i);
        if (!napot_has(os)) pte_set(os, slot + i * PTE_BYTES, pte + (i << PTE_PPN_SHIFT));
    }
    if (napot_has(os)) napot_set(os, slot, pte);
    for (vaddr_t va = base + NAPOT_BYTES; va > base; va -= PAGE_BYTES)
        update_mmu_cache(os, va - PAGE_BYTES);
}

bool handling_folio(struct handling *h) { /* alloc_anon_folio */
    struct os *os = h->os;
    vaddr_t base = h->va & ~(NAPOT_BYTES - 1);
    paddr_t slot = h->slot - (h->va - base) / PAGE_BYTES * os->pte_bytes;
    if (!folio_allowed(os, h->vma) || base < h->vma->start || base + NAPOT_BYTES > h->vma->end ||
        !range_none(os, slot))
        return false;
    vma_prepare_anon(os, h->vma);
    ppn_t head =
        frames_left(os) >= NAPOT_PTES ? folio_alloc(os, vma_page(h->vma, base), ORDER_NAPOT) : 0;
    if (!head) {
        os->stats.thp64_fallback++;
        return false;
    }
    for (ppn_t i = 0; i < NAPOT_PTES; i++) mem_zero_frame(os->mem, head + i);
    map_folio(h, base, slot, head);
    os->stats.thp64_alloc++;
    h->out.cost = os->cfg.os_cost_huge / (HUGE_BYTES / NAPOT_BYTES);
    return done(h, KFAULT_ANON_ALLOC);
}

/* ---- 2 MiB ------------------------------------------------------------------------------- */
bool handling_huge(struct handling *h) {
    int level;
    paddr_t slot = pt_slot(h->os, h->vma->mm, h->va, &level);
    pte_t pmd = pte_get(h->os, slot);
    if (!level) return false;
    if (level > 1 || !pmd) return nothing_there(h, level);
    if ((h->write || h->unshare) && !(pmd & PTE_W)) return write_protected(h, slot, pmd);
    pte_t now = pmd | PTE_A | (h->write ? PTE_D : 0);
    return set_access(h, slot, pmd, now, now == pmd ? KFAULT_SPURIOUS : KFAULT_AD_UPDATE);
}
