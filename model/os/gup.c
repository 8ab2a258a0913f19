/* SPDX-License-Identifier: Apache-2.0
 *
 * get_user_pages (mm/gup.c): the kernel gets at a page of a user's without a translation. It walks
 * the page tables in software (follow_page_mask), and where they do not say what is needed it calls
 * handle_mm_fault as if an access had faulted (faultin_page), until they do. No trap is taken, so
 * nothing of it is a page fault to the hart or to perf; the task's minor and major faults count it
 * (mm_account_fault with regs NULL). The bytes then move through the kernel's own map of memory.
 *
 * Who does so: exec, for the strings of its arguments (get_arg_page); direct I/O, whose buffers are
 * pinned; ptrace and /proc/PID/mem, by force; a futex that may be shared, whose page is its key.
 *
 *   write   FOLL_WRITE: breaks copy on write; the folio is dirty
 *   pin     FOLL_PIN: a page that is read must be this mm's alone as well, or the next write to it
 *           would go to a copy that nobody looks at: it is unshared (FAULT_FLAG_UNSHARE)
 *   force   FOLL_FORCE: passes by what the VMA permits; a write goes to a copy, and only where
 *           there may be one. The PTE does not get W. A stack may grow (__access_remote_vm)
 *   futex   FOLL_WRITE, or without it where the VMA is not writable (get_futex_key)
 */
#include "fault.h"

/* gup_vma_lookup, which lets no stack grow, and check_vma_flags. NULL: EFAULT. */
static struct vma *vma_for(struct os *os, struct mm *mm, vaddr_t va, uint32_t how) {
    size_t i = vma_index(mm, va);
    if (va >= os->task_size || i == mm->vmas) return NULL;
    struct vma *v = mm->vma[i];
    bool grows = (how & GUP_FORCE) && (v->flags & VMA_GROWSDOWN);
    if (va < v->start && !(grows && vma_grow_down(os, v, va))) return NULL;
    if (v->flags & VMA_DEVICE) return NULL;
    if (how & GUP_FUTEX) return v->flags & (VMA_R | VMA_W) ? v : NULL;
    if (how & GUP_WRITE)
        return (v->flags & VMA_W) || ((how & GUP_FORCE) && !(v->flags & VMA_SHARED)) ? v : NULL;
    return (v->flags & VMA_R) || (how & GUP_FORCE) ? v : NULL;
}

/* follow_page_pte, follow_huge_pmd: is the page there, as it is needed? */
static bool found(struct os *os, const struct handling *h, int level, uint32_t how) {
    if (level ? level > 1 || !pte_leaf(h->pte) : !pte_present(h->pte)) return false;
    const struct frame *f = pte_normal(h->pte) ? frame_of(os, pte_ppn(h->pte)) : NULL;
    bool anon = f && f->kind == FRAME_ANON;
    if (h->write) /* can_follow_write_pte */
        return (h->pte & PTE_W) || (!(h->vma->flags & VMA_W) && anon && f->exclusive);
    return !(how & GUP_PIN) || !anon || f->exclusive; /* gup_must_unshare */
}

/* gup_fast asks the PTE alone: a page of a mapping that is writable and not readable is found by it
 * if it is there. Whoever names another mm, or force, goes by the VMAs. */
static bool found_fast(const struct os *os, const struct mm *mm, vaddr_t va, paddr_t *pa) {
    int level;
    pte_t pte = pte_get(os, pt_slot(os, mm, va, &level));
    bool leaf = level ? level == 1 && pte_leaf(pte) : pte & PTE_V;
    *pa = (pte_ppn(pte) << PAGE_SHIFT) + va % pt_span(os, level);
    return leaf && (pte & PTE_V) && (pte & PTE_R) && pte_normal(pte);
}

/* FOLL_TOUCH: mark_page_accessed. Who has written says so (set_page_dirty_lock); a futex's key is
 * found fast, and stays as it is. */
static paddr_t use(struct os *os, const struct handling *h, int level, uint32_t how) {
    ppn_t ppn = pte_ppn(h->pte);
    if (!(how & GUP_FUTEX)) folio_touch(os, h->slot, h->pte, level, h->write);
    if (how & GUP_WRITE) frame_dirty(folio_of(os, ppn));
    if (pte_normal(h->pte)) lru_accessed(os, ppn);
    return (ppn << PAGE_SHIFT) + h->va % pt_span(os, level);
}

/* get_futex_key: private memory that nobody may write never changes, and is no futex. */
static bool no_key(const struct os *os, const struct handling *h, uint32_t how) {
    if (!(how & GUP_FUTEX) || h->write) return false;
    return !pte_normal(h->pte) || frame_of(os, pte_ppn(h->pte))->kind == FRAME_ANON;
}

static struct os_outcome look(struct os *os, struct vma *v, vaddr_t va, uint32_t how, bool write,
                              paddr_t *pa) {
    int level;
    struct handling h = {.os = os, .vma = v, .va = va, .write = write};
    h.slot = pt_slot(os, v->mm, va, &level);
    h.pte = pte_get(os, h.slot);
    if (found(os, &h, level, how)) {
        if (no_key(os, &h, how)) return (struct os_outcome){.efault = true};
        *pa = use(os, &h, level, how);
        return (struct os_outcome){.kind = KFAULT_NONE};
    }
    bool there = level ? level == 1 && pte_leaf(h.pte) : pte_present(h.pte);
    struct fault_of f = {.va = va,
                         .write = write,
                         .unshare = there && !write,
                         .checked = true,
                         .by = how & GUP_FORCE ? FAULT_BY_PTRACE : FAULT_BY_GUP};
    return fault_handle(os, v->mm, f);
}

struct os_outcome gup_page(struct os *os, struct mm *mm, vaddr_t va, uint32_t how, paddr_t *pa) {
    migrate_finish(os);
    struct vma *v = vma_for(os, mm, va, how);
    if (!v) return (struct os_outcome){.efault = how || !found_fast(os, mm, va, pa)};
    bool futex = how & GUP_FUTEX, write = futex ? v->flags & VMA_W : how & GUP_WRITE;
    struct os_outcome o = look(os, v, va, how, write, pa);
    bool again = futex && write && o.sig == SIGNAL_BUS; /* FUTEX_READ: then without FOLL_WRITE */
    return again ? look(os, v, va, how, false, pa) : o;
}
