/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fences the hart must perform, as arch/riscv/mm/tlbflush.c of Linux 6.18 decides them, and
 * the order of taking translations away (mmu_gather): PTEs first, then the fence, then the frames.
 *
 *   one stride                 sfence.vma va, asid        a page, or the leaf that was taken away
 *   up to 64 strides           one of those a stride; with Svinval sfence.w.inval, a sinval.vma
 *                              va, asid a stride, sfence.inval.ir
 *   more, or a whole mm, or
 *   page tables went           sfence.vma x0, asid        (rs1 != x0 orders leaf PTEs only)
 *   a batch of reclaim         sfence.vma x0, x0
 *   a PTE became valid         sfence.vma va              (update_mmu_cache; not with Svvptc)
 *
 * Without an ASID allocator every mm has ASID 0, and the fence names it (get_mm_asid). An mm the
 * hart is not in (mm_cpumask) needs none.
 *
 * Each place that fences has a rule (enums.def, group rule), and os.skip_fence leaves one out, to
 * see what it is for; docs/fences.md has the table. Fences and satp writes are queued in os->op;
 * the caller of the kernel half performs them in order.
 */
#include "kernel.h"
#include <stdlib.h>

/* ---- The queue ----------------------------------------------------------------------- */
static void emit(struct os *os, struct os_op op) {
    os->op = grow(os->op, os->ops, &os->op_room, sizeof op);
    os->op[os->ops++] = op;
    if (os->watch.op) os->watch.op(os->watch.who, &op);
}

void emit_satp(struct os *os, uint64_t satp) {
    emit(os, (struct os_op){.kind = OS_OP_SATP, .satp = satp});
    os->stats.satp_writes++;
}

static void emit_fence(struct os *os, struct os_op op) {
    op.kind = OS_OP_FENCE;
    emit(os, op);
    os->stats.fences++;
}

static void fence(struct os *os, bool rs1, vaddr_t va, bool rs2, uint16_t asid) {
    emit_fence(os, (struct os_op){.fence = FENCE_SFENCE_VMA,
                                  .rs1 = rs1,
                                  .rs2 = rs2,
                                  .va = rs1 ? va : 0,
                                  .asid = rs2 ? asid : (uint16_t)0});
}

static bool skipped(const struct os *os, enum rule rule) {
    return rule != RULE_NONE && os->cfg.os_skip_fence == (uint32_t)rule;
}

/* ---- What to fence ------------------------------------------------------------------- */
static void local_page(struct os *os, vaddr_t va) { /* local_flush_tlb_page */
    fence(os, true, va, false, 0);
}

void flush_local_all(struct os *os, enum rule rule) {
    if (!skipped(os, rule)) fence(os, false, 0, false, 0);
}

void flush_local_asid(struct os *os, uint16_t asid, enum rule rule) {
    if (!skipped(os, rule)) fence(os, false, 0, true, asid);
}

void flush_page(struct os *os, struct mm *mm, vaddr_t va, enum rule rule) {
    if (mm->seen && !skipped(os, rule)) fence(os, true, va, true, mm_asid(os, mm));
}

void flush_mm(struct os *os, struct mm *mm, enum rule rule) {
    if (mm->seen && !skipped(os, rule)) fence(os, false, 0, true, mm_asid(os, mm));
}

/* A batch between the two fences that order it [priv, Svinval]: the stores to page tables before
 * it, the accesses behind it. */
static void inval_range(struct os *os, vaddr_t start, uint64_t strides, uint64_t stride,
                        uint16_t asid) {
    emit_fence(os, (struct os_op){.fence = FENCE_SFENCE_W_INVAL});
    for (uint64_t i = 0; i < strides; i++)
        emit_fence(os, (struct os_op){.fence = FENCE_SINVAL_VMA,
                                      .rs1 = true,
                                      .rs2 = true,
                                      .va = start + i * stride,
                                      .asid = asid});
    emit_fence(os, (struct os_op){.fence = FENCE_SFENCE_INVAL_IR});
}

/* __flush_tlb_range: one fence a stride, or the whole ASID beyond tlb_flush_all_threshold. One
 * stride is no batch (local_flush_tlb_range_asid). */
void flush_range(struct os *os, struct mm *mm, vaddr_t start, vaddr_t end, uint64_t stride,
                 enum rule rule) {
    if (!mm->seen || skipped(os, rule)) return;
    uint64_t strides = (end - start + stride - 1) / stride;
    if (strides > FENCE_STRIDES) {
        flush_mm(os, mm, rule);
    } else if (os->cfg.os_svinval && strides > 1) {
        inval_range(os, start, strides, stride, mm_asid(os, mm));
    } else {
        for (uint64_t i = 0; i < strides; i++)
            fence(os, true, start + i * stride, true, mm_asid(os, mm));
    }
}

/* update_mmu_cache_range: a hart may have cached that the entry was invalid. Svvptc promises that a
 * valid one is seen before long. */
void update_mmu_cache(struct os *os, vaddr_t va) {
    if (!os->cfg.os_svvptc && !skipped(os, RULE_VALID)) local_page(os, va);
}

/* ptep_set_access_flags and what handle_pte_fault does after it: the PTE was valid and allows more
 * now, or nothing changed and the fault was spurious (flush_tlb_fix_spurious_fault, which every
 * eager rule that is switched off relies on). */
void update_access_flags(struct os *os, struct mm *mm, vaddr_t va, bool changed, bool write) {
    bool svvptc = os->cfg.os_svvptc;
    if (!changed && os->cfg.os_skip_fence != RULE_NONE) {
        flush_page(os, mm, va, RULE_NONE);
    } else if (!svvptc) {
        if (!skipped(os, RULE_ACCESS)) local_page(os, va);
    } else if (changed) {
        flush_page(os, mm, va, RULE_ACCESS);
    } else if (write) {
        flush_page(os, mm, va, RULE_NONE);
    }
}

/* ---- Batched reclaim ----------------------------------------------------------------- */

/* arch_tlbbatch_add_pending: the PTE is gone, its fence is put off until the batch is flushed. */
void batch_add(struct os *os, const struct mm *mm) {
    os->batch_pending |= mm->seen;
}

/* arch_tlbbatch_flush: one fence for all of them, before their frames are freed or written out. */
void batch_flush(struct os *os, enum rule rule) {
    if (os->batch_pending) flush_local_all(os, rule);
    os->batch_pending = false;
}

/* ---- mmu_gather ---------------------------------------------------------------------- */
static void range_reset(struct gather *g) { /* __tlb_reset_range */
    g->start = ~0ull;
    g->end = 0;
    g->stride = 0;
}

struct gather gather_begin(struct os *os, struct mm *mm, enum rule rule) {
    struct gather g = {.os = os, .mm = mm, .rule = rule};
    range_reset(&g);
    return g;
}

/* tlb_flush_pte_range and its like: `bytes` of a leaf at va are not mapped so any longer. */
void gather_leaf(struct gather *g, vaddr_t va, uint64_t bytes) {
    if (va < g->start) g->start = va;
    if (va + bytes > g->end) g->end = va + bytes;
    if (!g->stride || bytes < g->stride) g->stride = bytes; /* tlb_get_unmap_size */
}

void gather_pte(struct gather *g, vaddr_t va) {
    gather_leaf(g, va, PAGE_BYTES);
}

/* tlb_flush_mmu_tlbonly. Where the fence for tables is left out, pages are fenced all the same. */
void gather_fence(struct gather *g) {
    bool leaves = g->start < g->end;
    if ((g->tables && !skipped(g->os, RULE_TABLES)) || (g->whole && leaves))
        flush_mm(g->os, g->mm, RULE_TABLES);
    else if (leaves)
        flush_range(g->os, g->mm, g->start, g->end, g->stride, g->rule);
    g->tables = false;
    range_reset(g);
}

/* tlb_end_vma: ranges do not grow over the gaps between VMAs (no MMU_GATHER_MERGE_VMAS). */
void gather_vma_end(struct gather *g) {
    if (!g->whole) gather_fence(g);
}

static void release(struct gather *g) { /* tlb_batch_pages_flush */
    for (size_t i = 0; i < g->count; i++)
        for (ppn_t n = 0; n < (g->what[i].folio ? HUGE_FRAMES : 1); n++)
            frame_release(g->os, g->what[i].ppn + n);
    g->count = 0;
}

/* tlb_remove_page_size: when the batches are full, what they hold is fenced and freed at once. */
static void add(struct gather *g, ppn_t ppn, bool folio) {
    g->what = grow(g->what, g->count, &g->room, sizeof *g->what);
    g->what[g->count++] = (struct gathered){ppn, folio};
    if (g->count < GATHER_FRAMES) return;
    gather_fence(g);
    release(g);
}

void gather_frame(struct gather *g, ppn_t ppn) {
    add(g, ppn, false);
}

void gather_folio(struct gather *g, ppn_t head) {
    add(g, head, true);
}

void gather_end(struct gather *g) {
    gather_fence(g);
    release(g);
    free(g->what);
}
