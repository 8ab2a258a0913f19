/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fences the hart must perform, as arch/riscv/mm/tlbflush.c decides them, and the order of
 * taking translations away (mmu_gather): PTEs first, then the fence, then the frames.
 *
 *   one page                 sfence.vma va, asid
 *   up to 64 pages           one of those a page
 *   more, or a whole mm,
 *   or page tables went      sfence.vma x0, asid     (rs1 != x0 orders leaf PTEs only
 * [priv 12.2.1]) a PTE became valid       sfence.vma va           (update_mmu_cache: a TLB may hold
 * the invalid entry)
 *
 * Without ASIDs the second operand is x0 throughout. An mm the hart is not in (mm_cpumask) needs
 * none. Fences and satp writes are queued in os->op; the caller of the kernel half performs them.
 */
#include "kernel.h"
#include <stdlib.h>

/* ---- The queue ----------------------------------------------------------------------- */
static void emit(struct os *os, struct os_op op) {
    os->op = grow(os->op, os->ops, &os->op_room, sizeof op);
    os->op[os->ops++] = op;
}

void emit_satp(struct os *os, uint64_t satp) {
    emit(os, (struct os_op){.kind = OS_OP_SATP, .satp = satp});
    os->stats.satp_writes++;
}

static void fence(struct os *os, bool rs1, vaddr_t va, bool rs2, uint16_t asid) {
    emit(os, (struct os_op){OS_OP_FENCE, 0, rs1, rs2, rs1 ? va : 0, rs2 ? asid : (uint16_t)0});
    os->stats.fences++;
}

/* ---- What to fence ------------------------------------------------------------------- */
void flush_local_page(struct os *os, vaddr_t va) {
    fence(os, true, va, false, 0);
}

void flush_local_all(struct os *os) {
    fence(os, false, 0, false, 0);
}

void flush_page(struct os *os, struct mm *mm, vaddr_t va) {
    if (mm->seen) fence(os, true, va, os->asids.count, mm_asid(os, mm));
}

void flush_mm(struct os *os, struct mm *mm) {
    if (mm->seen) fence(os, false, 0, os->asids.count, mm_asid(os, mm));
}

void flush_range(struct os *os, struct mm *mm, vaddr_t start, vaddr_t end) {
    if ((end - start) / PAGE_BYTES > FENCE_PAGES) {
        flush_mm(os, mm);
        return;
    }
    for (vaddr_t va = start; va < end; va += PAGE_BYTES) flush_page(os, mm, va);
}

/* ---- mmu_gather ---------------------------------------------------------------------- */
struct gather gather_begin(struct os *os, struct mm *mm) {
    return (struct gather){.os = os, .mm = mm, .start = ~0ull};
}

void gather_pte(struct gather *g, vaddr_t va) {
    if (va < g->start) g->start = va;
    if (va + PAGE_BYTES > g->end) g->end = va + PAGE_BYTES;
}

void gather_frame(struct gather *g, ppn_t ppn) {
    g->ppn = grow(g->ppn, g->count, &g->room, sizeof *g->ppn);
    g->ppn[g->count++] = ppn;
}

void gather_end(struct gather *g) {
    if (g->tables)
        flush_mm(g->os, g->mm);
    else if (g->start < g->end)
        flush_range(g->os, g->mm, g->start, g->end);
    for (size_t i = 0; i < g->count; i++) frame_put(g->os, g->ppn[i]);
    free(g->ppn);
}
