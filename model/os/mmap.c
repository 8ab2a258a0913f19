/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that shape an address space: mmap, munmap, mprotect, brk.
 *
 * A trace carries what a real kernel granted. So mmap's address is a result: whatever lies there
 * goes first, as with MAP_FIXED. What Linux would have refused cannot be in a truthful trace and is
 * refused here, with the reason. None of these allocates memory for pages (but MAP_POPULATE): they
 * only write down what may be touched.
 */
#include "kernel.h"

static uint64_t page_up(uint64_t n) {
    return (n + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

bool range_ok(struct os *os, const char *call, vaddr_t va, uint64_t *length) {
    if (va % PAGE_BYTES)
        return refuse(os, "%s: address 0x%llx is not at a page boundary", call,
                      (unsigned long long)va);
    if (!*length || va >= os->task_size || *length > os->task_size - va)
        return refuse(
            os, "%s: 0x%llx bytes at 0x%llx do not lie in user space, which ends at 0x%llx", call,
            (unsigned long long)*length, (unsigned long long)va, (unsigned long long)os->task_size);
    *length = page_up(*length);
    return true;
}

/* ---- mmap ---------------------------------------------------------------------------- */
static bool mmap_object(struct os *os, const struct os_call *c, uint64_t length, struct vma *v) {
    bool shared = c->arg[3] & MAP_F_SHARED;
    if (c->file && !(c->arg[3] & MAP_F_ANON)) {
        v->object = object_find(os, c->file);
        v->pgoff = c->arg[4] / PAGE_BYTES;
        if (!v->object) return refuse(os, "mmap: file %u is not declared", c->file);
        if (c->arg[4] % PAGE_BYTES)
            return refuse(os, "mmap: file offset 0x%llx is not at a page boundary",
                          (unsigned long long)c->arg[4]);
    } else if (shared) {
        v->object = object_new(os, 0, "/dev/zero (deleted)", length, STORE_TMPFS);
        v->object->reserved = !(v->flags & VMA_NORESERVE);
    } else {
        v->pgoff = v->start / PAGE_BYTES;
    }
    return true;
}

/* VM_NORESERVE is honoured if memory may be overcommitted [do_mmap]; accountable_mapping. */
static uint32_t mmap_flags(const struct os *os, const struct mm *mm, const struct os_call *c) {
    bool never = os->cfg.os_overcommit == OVERCOMMIT_NEVER;
    uint32_t flags = ((uint32_t)c->arg[2] & VMA_RWX) | mm->lock_future;
    if (c->arg[3] & MAP_F_SHARED) flags |= VMA_SHARED;
    if ((c->arg[3] & MAP_F_NORESERVE) && !never) flags |= VMA_NORESERVE;
    if ((flags & (VMA_NORESERVE | VMA_SHARED | VMA_W)) == VMA_W) flags |= VMA_ACCOUNT;
    if (c->arg[3] & MAP_F_GROWSDOWN) flags |= VMA_GROWSDOWN;
    return flags;
}

/* What lies there gives back its charge to a private mapping [mmap_region]; shared memory is
 * charged as a file of its size [shmem_acct_size]. */
static bool mmap_promises(const struct os *os, const struct mm *mm, const struct os_call *c,
                          const struct vma *v) {
    uint64_t pages = vma_pages(v);
    if (v->flags & VMA_ACCOUNT) {
        pages -= commit_charged(mm, v->start, v->end);
        return !pages || commit_may(os, mm, pages);
    }
    bool shmem = (v->flags & VMA_SHARED) && (!c->file || (c->arg[3] & MAP_F_ANON));
    return !shmem || (v->flags & VMA_NORESERVE) || commit_may(os, mm, pages);
}

bool call_mmap(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1];
    if (!range_ok(os, "mmap", c->arg[0], &length)) return false;
    if (c->arg[0] < os->cfg.os_mmap_min_addr)
        return refuse(os, "mmap: 0x%llx is below os.mmap_min_addr, 0x%x",
                      (unsigned long long)c->arg[0], os->cfg.os_mmap_min_addr);
    struct vma v = {.start = c->arg[0], .end = c->arg[0] + length};
    v.flags = mmap_flags(os, mm, c);
    if (!mmap_promises(os, mm, c, &v)) return commit_denied(os, 0);
    if (!mmap_object(os, c, length, &v)) return false;
    if (v.object && (v.object->device || store_special(v.object->store))) {
        const char *why = device_denies(v.object, &v);
        if (why) return refuse(os, "mmap: %s", why);
        v.flags &= ~(uint32_t)(VMA_LOCKED | VMA_LOCKONFAULT);
        v.flags |= (v.object->device ? VMA_DEVICE : 0) |
                   (store_special(v.object->store) ? VMA_SPECIAL : 0);
    }
    if (!special_whole(os, "mmap", mm, v.start, v.end)) return false;
    mm_unmap(os, mm, v.start, v.end);
    struct vma *made = vma_insert(mm, &v);
    if (v.flags & VMA_DEVICE)
        return device_map(os, made) || os->current->dying ||
               refuse(os, "mmap: no memory left for page tables; mem.mib is %u", os->cfg.mem_mib);
    if ((v.flags & VMA_GROWSDOWN) && !mm->stack) mm->stack = v.end - 1;
    vma_merge(os, mm, vma_index(mm, v.start), true, true);
    /* vm_flags has VM_LOCKED and not VM_LOCKONFAULT: populate, too */
    bool locked = mm->lock_future == VMA_LOCKED;
    if (c->arg[3] & MAP_F_POPULATE || locked) fault_populate(os, mm, v.start, v.end, POPULATE_MAP);
    return true;
}

bool call_munmap(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1];
    if (!range_ok(os, "munmap", c->arg[0], &length) ||
        !special_whole(os, "munmap", mm, c->arg[0], c->arg[0] + length))
        return false;
    mm_unmap(os, mm, c->arg[0], c->arg[0] + length);
    return true;
}

/* ---- mprotect ------------------------------------------------------------------------ */
struct protect {
    struct gather gather;
    const struct vma *vma;
};

/* can_change_pte_writable: permission that needs no fault, since the fault would change nothing
 * else. */
static bool may_write_at_once(const struct os *os, const struct vma *v, pte_t pte) {
    if (!(v->flags & VMA_W) || !(pte & PTE_V)) return false;
    if (v->flags & VMA_SHARED) return vma_notify(v) && (pte & PTE_D);
    return pte_normal(pte) && frame_of(os, pte_ppn(pte))->exclusive;
}

/* change_pte_range: RISC-V has no pte_needs_flush of its own, so every present PTE is flushed. */
static void protect_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct protect *p = arg;
    struct os *os = p->gather.os;
    if (pte_swapped(pte)) return; /* an entry has no permissions: the fault reads the VMA's */
    pte_t now = pte_modify(pte, p->vma->flags, vma_notify(p->vma));
    if (may_write_at_once(os, p->vma, now)) now |= PTE_W;
    pte_set(os, slot, now);
    gather_pte(&p->gather, va);
}

/* change_huge_pmd: fenced while it is invalid, and once more at the end, as PTEs are
 * (huge_pmd_needs_flush). */
static bool protect_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    struct protect *p = arg;
    struct os *os = p->gather.os;
    (void)next; /* a leaf ends within its VMA: vma_split */
    pmd_invalidate(os, p->gather.mm, va, slot, RULE_MPROTECT);
    pte_t now = pte_modify(pmd, p->vma->flags, false);
    if (may_write_at_once(os, p->vma, now)) now |= PTE_W;
    pte_set(os, slot, now);
    gather_leaf(&p->gather, va, HUGE_BYTES);
    return true;
}

/* Of pages that may be written at once only in part, or not whole: PTE by PTE. PROT_NONE is no
 * NAPOT leaf, and leaves none. */
static bool protect_napot(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte) {
    struct protect *p = arg;
    struct os *os = p->gather.os;
    pte_t now = pte_modify(pte, p->vma->flags, false);
    bool whole = next - va == NAPOT_BYTES; /* else `pte` need not be the first */
    unsigned writable = 0;
    for (ppn_t i = 0; whole && i < NAPOT_PTES; i++)
        writable += may_write_at_once(os, p->vma, now + (i << PTE_PPN_SHIFT));
    if (!whole || writable % NAPOT_PTES) {
        napot_unfold(os, p->gather.mm, va, slot);
        return false;
    }
    if (!(now & PTE_V)) return false;
    napot_set(os, slot, writable ? now | PTE_W : now);
    gather_pte(&p->gather, va);
    gather_pte(&p->gather, next - PAGE_BYTES);
    return true;
}

void vma_set_flags(struct os *os, struct mm *mm, vaddr_t start, vaddr_t end, uint32_t flags) {
    vma_split(os, mm, start);
    vma_split(os, mm, end);
    vma_at(mm, start)->flags = flags;
    vma_merge(os, mm, vma_index(mm, start), true, true);
}

/* mprotect_fixup of the part of one VMA; returns where it ends, or 0: ENOMEM. */
static vaddr_t protect_vma(struct os *os, struct protect *p, vaddr_t start, vaddr_t end,
                           uint32_t prot) {
    struct mm *mm = p->gather.mm;
    struct vma *v = vma_at(mm, start);
    if (v->end < end) end = v->end;
    uint32_t flags = (v->flags & ~(uint32_t)VMA_RWX) | prot, was = v->flags;
    if (flags == was) return end;
    bool charge = (prot & VMA_W) && !(was & (VMA_ACCOUNT | VMA_W | VMA_SHARED | VMA_NORESERVE));
    if (charge && !commit_may(os, mm, (end - start) / PAGE_BYTES)) return 0;
    if (charge)
        flags |= VMA_ACCOUNT;
    else if (!(prot & VMA_W) && !v->object && !v->anon)
        flags &= ~(uint32_t)VMA_ACCOUNT;
    vma_set_flags(os, mm, start, end, flags);
    p->vma = vma_at(mm, start);
    static const struct walk_ops ops = {protect_pte, protect_pmd, protect_napot};
    pt_each(os, mm, start, end, &ops, p);
    gather_vma_end(&p->gather);
    if ((was & (VMA_W | VMA_SHARED | VMA_LOCKED)) == VMA_LOCKED && (prot & VMA_W))
        fault_populate(os, mm, start, end, POPULATE_MAP); /* no COW is left to do */
    return end;
}

bool call_mprotect(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1];
    if (!range_ok(os, "mprotect", c->arg[0], &length)) return false;
    vaddr_t end = c->arg[0] + length;
    for (vaddr_t va = c->arg[0]; va < end; va = vma_at(mm, va)->end)
        if (!vma_at(mm, va))
            return refuse(os, "mprotect: nothing is mapped at 0x%llx", (unsigned long long)va);
    for (size_t i = vma_index(mm, c->arg[0]); i < mm->vmas && mm->vma[i]->start < end; i++)
        if ((mm->vma[i]->flags & VMA_SPECIAL) && !special_may(mm->vma[i], (uint32_t)c->arg[2]))
            return refuse(os, "mprotect: vvar is neither writable nor executable");
    if (!special_whole(os, "mprotect", mm, c->arg[0], end)) return false;
    struct protect p = {.gather = gather_begin(os, mm, RULE_MPROTECT)};
    vaddr_t va = c->arg[0], next;
    while ((next = protect_vma(os, &p, va, end, (uint32_t)c->arg[2] & VMA_RWX)) && next < end)
        va = next;
    gather_end(&p.gather);
    return next || commit_denied(os, va - c->arg[0]);
}

/* ---- brk -------------------------------------------------------------------- */

/* do_brk_flags: the heap is anonymous memory that grows into what is already there. */
static void heap_grow(struct os *os, struct mm *mm, vaddr_t start, vaddr_t end) {
    struct vma v = {.start = start, .end = end, .flags = VMA_R | VMA_W | VMA_ACCOUNT};
    v.flags |= mm->lock_future;
    v.pgoff = start / PAGE_BYTES;
    vma_insert(mm, &v);
    vma_merge(os, mm, vma_index(mm, start), true, false);
    if (mm->lock_future == VMA_LOCKED) fault_populate(os, mm, start, end, POPULATE_MAP);
}

bool call_brk(struct os *os, struct mm *mm, const struct os_call *c) {
    vaddr_t want = c->arg[0];
    if (!mm->brk_start) {
        if (want < os->cfg.os_mmap_min_addr || want >= os->task_size)
            return refuse(os, "brk: a heap cannot begin at 0x%llx", (unsigned long long)want);
        mm->brk_start = mm->brk = want;
        return true;
    }
    vaddr_t from = page_up(mm->brk), to = page_up(want);
    if (want < mm->brk_start || want >= os->task_size)
        return refuse(os, "brk: 0x%llx is not above the start of the heap, 0x%llx",
                      (unsigned long long)want, (unsigned long long)mm->brk_start);
    if (to > from) {
        size_t next = vma_index(mm, from);
        if (next < mm->vmas && mm->vma[next]->start < to)
            return refuse(os, "brk: 0x%llx is taken by another mapping",
                          (unsigned long long)mm->vma[next]->start);
        if (!commit_may(os, mm, (to - from) / PAGE_BYTES)) return commit_denied(os, 0);
        heap_grow(os, mm, from, to);
    } else if (to < from) {
        size_t i = vma_index(mm, to); /* MADV_DONTFORK may have left nothing of it */
        if (i == mm->vmas || mm->vma[i]->start >= from)
            return refuse(os, "brk: nothing is mapped between 0x%llx and the end of the heap",
                          (unsigned long long)to);
        mm_unmap(os, mm, to, from);
    }
    mm->brk = want;
    return true;
}
