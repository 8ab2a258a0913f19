/* SPDX-License-Identifier: Apache-2.0
 *
 * Page tables in physical memory, as the hardware walks them [priv 12.3 to 12.5], and the PTEs that
 * go into them.
 *
 * Tables come from the frame allocator and are marked, so that whoever watches memory sees each
 * change. A table is freed where Linux frees it (free_pgtables): when no VMA is left in the whole
 * range it spans, never merely because it is empty; the root goes with its mm. Between unlinking a
 * table and freeing its frame stands the fence that covers pointers (sfence.vma with rs1 = x0):
 * gather_end sees to it.
 *
 * On RISC-V an absent page is V=0. PROT_NONE is V=0 with a software bit; bit 8 marks the zero page.
 */
#include "kernel.h"
#include <assert.h>

/* ---- Entries ------------------------------------------------------------------------- */
bool pte_present(pte_t pte) {
    return pte & (PTE_V | PTE_NONE);
}

bool pte_normal(pte_t pte) {
    return !(pte & PTE_SPECIAL);
}

ppn_t pte_ppn(pte_t pte) {
    return pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1);
}

bool pte_leaf(pte_t pte) { /* PROT_NONE has R, too (PAGE_NONE) */
    return pte & (PTE_R | PTE_X);
}

/* protection_map of arch/riscv/mm/init.c: writable implies readable; private memory starts
 * read-only, its write bit is the fault handler's to give. */
static pte_t protection(uint32_t flags, bool write_notify) {
    if (!(flags & VMA_RWX)) return PTE_NONE | PTE_R;
    pte_t bits = PTE_V | PTE_U;
    if (flags & (VMA_R | VMA_W)) bits |= PTE_R;
    if (flags & VMA_X) bits |= PTE_X;
    if ((flags & VMA_W) && (flags & VMA_SHARED) && !write_notify) bits |= PTE_W;
    return bits;
}

pte_t pte_make(ppn_t ppn, uint32_t flags, bool write_notify) {
    return ppn << PTE_PPN_SHIFT | protection(flags, write_notify) | PTE_A;
}

pte_t pte_modify(pte_t pte, uint32_t flags, bool write_notify) {
    return (pte & PTE_KEEP) | protection(flags, write_notify);
}

/* ---- Shape --------------------------------------------------------------------------- */

/* Levels and entries of a table by mode [priv, Sv32 to Sv57]; where user space ends is TASK_SIZE of
 * arch/riscv/include/asm/pgtable.h: the lower half, or with Sv32 FIXADDR_START, below vmalloc,
 * vmemmap, PCI and the fixmap of a kernel that begins at 0xc0000000. */
void pt_init(struct os *os) {
    bool rv32 = os->cfg.os_mode == MODE_SV32;
    os->levels = rv32 ? 2 : os->cfg.os_mode == MODE_SV39 ? 3 : os->cfg.os_mode == MODE_SV48 ? 4 : 5;
    os->level_bits = rv32 ? SV32_LEVEL_BITS : LEVEL_BITS;
    os->pte_bytes = rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    os->entries = 1u << os->level_bits;
    os->task_size = rv32 ? TASK_SIZE_32 : 1ull << (PAGE_SHIFT + LEVEL_BITS * os->levels - 1);
}

pte_t pte_get(const struct os *os, paddr_t slot) {
    uint32_t half;
    if (os->pte_bytes == PTE_BYTES) {
        pte_t pte = mem_read64(os->mem, slot);
        return pte & PTE_N ? napot_page(os, slot, pte) : pte;
    }
    mem_read(os->mem, slot, &half, sizeof half);
    return half;
}

void pte_set(struct os *os, paddr_t slot, pte_t pte) {
    uint32_t half = (uint32_t)pte;
    if (os->pte_bytes == PTE_BYTES)
        mem_write64(os->mem, slot, pte);
    else
        mem_write(os->mem, slot, &half, sizeof half);
}

uint64_t pt_span(const struct os *os, int level) {
    return 1ull << (PAGE_SHIFT + os->level_bits * (unsigned)level);
}

/* ---- The way to a slot --------------------------------------------------------------- */
static paddr_t slot_in(const struct os *os, ppn_t table, vaddr_t va, int level) {
    uint64_t index = va / pt_span(os, level) & (os->entries - 1);
    return (table << PAGE_SHIFT) + index * os->pte_bytes;
}

paddr_t pt_slot(const struct os *os, const struct mm *mm, vaddr_t va, int *level) {
    ppn_t table = mm->root;
    for (int l = (int)os->levels - 1;; l--) {
        paddr_t slot = slot_in(os, table, va, l);
        pte_t pte = pte_get(os, slot);
        *level = l;
        if (l == 0 || !(pte & PTE_V) || pte_leaf(pte)) return slot;
        table = pte_ppn(pte);
    }
}

ppn_t pt_new(struct os *os, struct mm *mm) {
    ppn_t ppn = frame_alloc(os, FRAME_TABLE);
    mem_zero_frame(os->mem, ppn);
    mem_mark_table(os->mem, ppn);
    mm->tables++;
    return ppn;
}

static paddr_t make(struct os *os, struct mm *mm, vaddr_t va, int wanted) {
    for (;;) {
        int level;
        paddr_t slot = pt_slot(os, mm, va, &level);
        if (level == wanted) return slot;
        assert(level > wanted && !pte_get(os, slot)); /* a leaf there must be split before */
        pte_set(os, slot, pt_new(os, mm) << PTE_PPN_SHIFT | PTE_V);
    }
}

paddr_t pt_make(struct os *os, struct mm *mm, vaddr_t va) {
    return make(os, mm, va, 0);
}

paddr_t pt_make_pmd(struct os *os, struct mm *mm, vaddr_t va) {
    return make(os, mm, va, 1);
}

paddr_t pt_slot_pmd(const struct os *os, const struct mm *mm, vaddr_t va) {
    ppn_t table = mm->root;
    for (int l = (int)os->levels - 1; l > 1; l--) {
        pte_t pte = pte_get(os, slot_in(os, table, va, l));
        if (!(pte & PTE_V)) return 0;
        table = pte_ppn(pte);
    }
    return slot_in(os, table, va, 1);
}

/* ---- Ranges -------------------------------------------------------------------------- */
struct visit {
    const struct os *os;
    const struct walk_ops *ops;
    void *arg;
};

/* What lies in [va, next) of a run of 16 with N: at once, or PTE by PTE. */
static void each_of_run(const struct visit *v, vaddr_t va, vaddr_t next, paddr_t slot) {
    if (v->ops->napot(v->arg, va, next, slot, pte_get(v->os, slot))) return;
    for (; va < next; va += PAGE_BYTES, slot += PTE_BYTES) {
        pte_t pte = pte_get(v->os, slot);
        if (pte) v->ops->pte(v->arg, va, slot, pte);
    }
}

static void each(const struct visit *v, ppn_t table, int level, vaddr_t start, vaddr_t end) {
    uint64_t span = pt_span(v->os, level);
    for (vaddr_t va = start, next; va < end; va = next) {
        next = (va & ~(span - 1)) + span;
        if (next > end) next = end;
        paddr_t slot = slot_in(v->os, table, va, level);
        pte_t pte = pte_get(v->os, slot);
        if (level == 1 && pte_leaf(pte)) {
            if (!v->ops->pmd || v->ops->pmd(v->arg, va, next, slot, pte)) continue;
            pte = pte_get(v->os, slot);
        }
        if (level == 0 && v->ops->napot && napot_at(v->os, slot)) {
            next = (va & ~(NAPOT_BYTES - 1)) + NAPOT_BYTES;
            if (next > end) next = end;
            each_of_run(v, va, next, slot);
        } else if (level == 0 && pte)
            v->ops->pte(v->arg, va, slot, pte);
        else if (level && (pte & PTE_V))
            each(v, pte_ppn(pte), level - 1, va, next);
    }
}

/* Every leaf slot in [start, end) that is not zero, in order of address. */
void pt_each(const struct os *os, const struct mm *mm, vaddr_t start, vaddr_t end,
             const struct walk_ops *ops, void *arg) {
    struct visit v = {os, ops, arg};
    each(&v, mm->root, (int)os->levels - 1, start, end);
}

/* ---- Freeing ------------------------------------------------------------------------- */
struct gap { /* no VMA lies in [floor, ceiling) */
    vaddr_t floor, ceiling;
};

static void prune(struct gather *g, ppn_t table, int level, vaddr_t start, vaddr_t end,
                  const struct gap *gap) {
    uint64_t span = pt_span(g->os, level);
    for (vaddr_t va = start, next; va < end; va = next) {
        vaddr_t base = va & ~(span - 1);
        next = base + span < end ? base + span : end;
        paddr_t slot = slot_in(g->os, table, va, level);
        pte_t pte = pte_get(g->os, slot);
        if (!(pte & PTE_V) || pte_leaf(pte)) continue;
        if (level > 1) prune(g, pte_ppn(pte), level - 1, va, next, gap);
        if (base < gap->floor || base + span > gap->ceiling)
            continue; /* a neighbour lives in this table, too */
        pte_set(g->os, slot, 0);
        gather_frame(g, pte_ppn(pte));
        g->tables = true;
        g->mm->tables--;
    }
}

/* free_pgd_range: [start, end) is unmapped, the VMAs next to it end at floor and begin at ceiling.
 */
void pt_free(struct gather *g, vaddr_t start, vaddr_t end, vaddr_t floor, vaddr_t ceiling) {
    struct gap gap = {floor, ceiling};
    prune(g, g->mm->root, (int)g->os->levels - 1, start, end, &gap);
}
