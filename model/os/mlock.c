/* SPDX-License-Identifier: Apache-2.0
 *
 * mlock, mlock2, mlockall, munlock, munlockall (mm/mlock.c): pages that reclaim leaves alone.
 *
 * A lock is a flag of the VMA, which splits and merges by it. What such a VMA maps counts so many
 * locks and stands on the list of what is unevictable (rmap.c). Without MLOCK_ONFAULT the range is
 * then brought in, private writable memory by writes (__mm_populate). A lock is of the mapping: it
 * is not inherited by fork, and goes with munmap.
 */
#include "kernel.h"

enum { ONFAULT = 1, CURRENT = 1, FUTURE = 2, ALL_ONFAULT = 4 }; /* MLOCK_, MCL_ */
enum { LOCKS = VMA_LOCKED | VMA_LOCKONFAULT };

struct locking {
    struct os *os;
    bool lock;
};

/* mlock_pte_range */
static void lock_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    const struct locking *l = arg;
    (void)va;
    (void)slot;
    if (!pte_present(pte) || pte_ppn(pte) == l->os->zero_page) return;
    rmap_lock(l->os, pte_ppn(pte), l->lock);
}

/* VMA_LOCKED splits a VMA, and with it the leaf that reached over the cut: here it is whole. */
static bool lock_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    const struct locking *l = arg;
    (void)va;
    (void)next;
    (void)slot;
    for (ppn_t i = 0; pte_ppn(pmd) != l->os->huge.zero && i < HUGE_FRAMES; i++)
        rmap_lock(l->os, pte_ppn(pmd) + i, l->lock);
    return true;
}

/* mlock_fixup, of the part of one VMA. */
static void lock_vma(struct os *os, struct vma *v, vaddr_t start, vaddr_t end, uint32_t locks) {
    bool was = v->flags & VMA_LOCKED;
    uint32_t flags = (v->flags & ~(uint32_t)LOCKS) | locks;
    struct locking l = {os, locks};
    struct mm *mm = v->mm;
    if (flags == v->flags || (v->flags & (VMA_DEVICE | VMA_SPECIAL))) return; /* VM_SPECIAL */
    vma_set_flags(os, mm, start, end, flags);
    if (was != l.lock)
        pt_each(os, mm, start, end, &(struct walk_ops){.pte = lock_pte, .pmd = lock_pmd}, &l);
}

static bool lock_range(struct os *os, struct mm *mm, const char *call, vaddr_t start, vaddr_t end,
                       uint32_t locks) {
    for (vaddr_t va = start; va < end; va = vma_at(mm, va)->end)
        if (!vma_at(mm, va))
            return refuse(os, "%s: nothing is mapped at 0x%llx", call, (unsigned long long)va);
    for (vaddr_t va = start; va < end;) {
        struct vma *v = vma_at(mm, va);
        vaddr_t next = v->end < end ? v->end : end;
        lock_vma(os, v, va, next, locks);
        va = next;
    }
    if (locks == VMA_LOCKED) fault_populate(os, mm, start, end, POPULATE_MAP);
    return true;
}

/* arg2: flags of mlock2. */
bool call_mlock(struct os *os, struct mm *mm, const struct os_call *c) {
    vaddr_t start = c->arg[0] & ~(vaddr_t)(PAGE_BYTES - 1); /* mlock rounds down, unlike others */
    uint64_t length = c->arg[1] + (c->arg[0] - start);
    if (c->arg[2] & ~(uint64_t)ONFAULT)
        return refuse(os, "mlock2: flags 0x%llx do not exist", (unsigned long long)c->arg[2]);
    if (!c->arg[1]) return true;
    if (!range_ok(os, "mlock", start, &length)) return false;
    return lock_range(os, mm, "mlock", start, start + length,
                      c->arg[2] & ONFAULT ? LOCKS : VMA_LOCKED);
}

bool call_munlock(struct os *os, struct mm *mm, const struct os_call *c) {
    vaddr_t start = c->arg[0] & ~(vaddr_t)(PAGE_BYTES - 1);
    uint64_t length = c->arg[1] + (c->arg[0] - start);
    if (!c->arg[1]) return true;
    if (!range_ok(os, "munlock", start, &length)) return false;
    return lock_range(os, mm, "munlock", start, start + length, 0);
}

/* apply_mlockall_flags. arg0: MCL_ flags, 0 for munlockall. */
bool call_mlockall(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t how = c->nr == CALL_MLOCKALL ? c->arg[0] : 0;
    uint32_t locks = how & ALL_ONFAULT ? LOCKS : VMA_LOCKED;
    if (how > (CURRENT | FUTURE | ALL_ONFAULT) || how == ALL_ONFAULT)
        return refuse(os, "mlockall: flags 0x%llx: 1, 2 or both, and 4 for what is faulted in",
                      (unsigned long long)how);
    mm->lock_future = how & FUTURE ? locks : 0;
    if (how == FUTURE || how == (FUTURE | ALL_ONFAULT)) return true;
    if (!(how & CURRENT)) locks = 0;
    for (vaddr_t va = 0; vma_index(mm, va) < mm->vmas;) {
        struct vma *v = mm->vma[vma_index(mm, va)];
        va = v->end;
        lock_vma(os, v, v->start, v->end, locks);
    }
    if (locks == VMA_LOCKED) fault_populate(os, mm, 0, os->task_size, POPULATE_MAP);
    return true;
}
