/* SPDX-License-Identifier: Apache-2.0
 *
 * How an address space begins, is copied, and ends.
 *
 * fork copies the VMAs, and the PTEs of those that have private pages of their own (vma_needs_copy:
 * an anon_vma), unless madvise said otherwise; everything else the child faults in again from the
 * page cache or the zero page. Parent and child then share each frame, both without write
 * permission: whoever writes first, copies. The parent's A and D stay; the child's PTEs start old.
 * One fence of the parent's mm ends it (flush_tlb_mm in dup_mmap); the child never ran.
 *
 * At exit the hart may still stand on the mm. Its root table is then only borrowed, until the next
 * switch.
 */
#include "smaps.h"
#include "thread.h"
#include <stdlib.h>

struct mm *mm_new(struct os *os) {
    struct mm *mm = calloc(1, sizeof *mm);
    if (!mm) abort();
    mm->users = 1;
    mm->root = pt_new(os, mm);
    mm->next = os->mms;
    os->mms = mm;
    return mm;
}

void mm_drop_root(struct os *os, struct mm *mm) {
    struct mm **link = &os->mms;
    while (*link != mm) link = &(*link)->next;
    khugepaged_forget(os, mm);
    *link = mm->next;
    frame_put(os, mm->root);
    free(mm->huge.deposit);
    free(mm->vma);
    free(mm);
}

void mm_exit(struct os *os, struct mm *mm) {
    if (--mm->users) return;
    mm_unmap(os, mm, 0, os->task_size); /* tables are among it, so its fence is the whole mm's */
    huge_zero_put(os, mm);
    if (os->active != mm) mm_drop_root(os, mm);
}

/* ---- fork ---------------------------------------------------------------------------- */
struct copying {
    struct os *os;
    struct mm *from;
    struct vma *twin;
};

/* copy_nonpresent_pte: one entry more names the slot; neither is the only one any longer. */
static void copy_swapped(const struct copying *c, vaddr_t va, paddr_t slot, pte_t pte) {
    struct os *os = c->os;
    swap_get(os, swap_pte_slot(pte));
    pte_t now = swap_pte(swap_pte_slot(pte), false);
    if (now != pte) pte_set(os, slot, now);
    pte_set(os, pt_make(os, c->twin->mm, va), now);
    c->twin->mm->swapents++;
}

/* copy_present_ptes: of private memory, and of devices, which nobody could fault in. */
static void copy_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct copying *c = arg;
    ppn_t ppn = pte_ppn(pte);
    if (pte_swapped(pte)) {
        copy_swapped(c, va, slot, pte);
        return;
    }
    if (pte_normal(pte)) {
        frame_get(c->os, ppn);
        frame_of(c->os, ppn)->exclusive = false;
        rmap_add(c->os, c->twin, ppn);
    }
    if (c->twin->flags & VMA_SHARED) {
        pte &= ~PTE_D;
    } else if (pte & PTE_W) {
        pte &= ~PTE_W;
        pte_set(c->os, slot, pte);
    }
    pte_set(c->os, pt_make(c->os, c->twin->mm, va), pte & ~PTE_A);
}

/* A run that is whole stays one, on both sides. */
static bool copy_napot(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte) {
    const struct copying *c = arg;
    struct os *os = c->os;
    if (next - va < NAPOT_BYTES) {
        napot_unfold(os, c->from, va, slot);
        return false;
    }
    for (ppn_t ppn = pte_ppn(pte); ppn < pte_ppn(pte) + NAPOT_PTES; ppn++) {
        frame_get(os, ppn);
        frame_of(os, ppn)->exclusive = false;
        rmap_add(os, c->twin, ppn);
    }
    if (pte & PTE_W) napot_set(os, slot, pte &= ~PTE_W);
    napot_set(os, pt_make(os, c->twin->mm, va), pte & ~PTE_A);
    return true;
}

static bool copy_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    const struct copying *c = arg;
    (void)next;
    pmd_copy(c->os, c->twin, va, slot, pmd);
    return true;
}

/* False: ENOMEM. */
static bool copy_vma(struct os *os, struct mm *child, const struct vma *v) {
    if (v->flags & VMA_DONTFORK) return true;
    if ((v->flags & VMA_ACCOUNT) && !commit_may(os, v->mm, vma_pages(v))) return false;
    struct vma *twin = vma_insert(child, v);
    twin->anon = 0;
    twin->inherited = false;
    twin->flags &= ~(uint32_t)(VMA_LOCKED | VMA_LOCKONFAULT); /* locks are not inherited */
    if (!(v->anon || (v->flags & VMA_DEVICE)) || (v->flags & VMA_WIPE))
        return true;                          /* vma_needs_copy */
    if (v->anon) twin->anon = ++os->anon_ids; /* anon_vma_fork */
    twin->inherited = v->anon;
    const uint64_t span = pt_span(os, 1);
    for (vaddr_t va = v->start; va < v->end; va = (va & ~(span - 1)) + span) {
        int level; /* copy_pte_range: where the parent has a table the child gets one, if empty */
        pt_slot(os, v->mm, va, &level);
        if (level == 0) pt_make(os, child, va);
    }
    static const struct walk_ops ops = {copy_pte, copy_pmd, copy_napot};
    struct copying c = {os, v->mm, twin};
    pt_each(os, v->mm, v->start, v->end, &ops, &c);
    return true;
}

bool call_fork(struct os *os, struct task *parent, uint32_t child) {
    struct mm *from = parent->mm;
    if (task_find(os, child) || group_other(os, child, NULL))
        return refuse(os, "fork: process %u is there already", child);
    if (!frames_want(os, from->tables + 1))
        return parent->dying ||
               refuse(os, "fork: no memory left for the child's page tables; mem.mib is %u",
                      os->cfg.mem_mib);
    struct mm *mm = mm_new(os);
    mm->brk_start = from->brk_start;
    mm->brk = from->brk;
    mm->stack = from->stack;
    bool copied = true;
    for (size_t i = 0; i < from->vmas && copied; i++) copied = copy_vma(os, mm, from->vma[i]);
    flush_mm(os, from, RULE_FORK);
    if (!copied) { /* what the parent has write-protected meanwhile stays so */
        mm_exit(os, mm);
        return commit_denied(os, 0);
    }
    struct task *t = task_new(os, child);
    t->mm = mm;
    t->oom_adj = parent->oom_adj;
    process_begin(os, child);
    return true;
}
