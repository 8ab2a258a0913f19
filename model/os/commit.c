/* SPDX-License-Identifier: Apache-2.0
 *
 * Overcommit: how much memory is promised (Committed_AS), and whether a call may promise more
 * (os.overcommit; Documentation/mm/overcommit-accounting.rst).
 *
 * Charged is what may need a page of its own: private mappings that are, or were, writable
 * (VM_ACCOUNT), and shared memory, by its size if a mapping made it, else by its pages. A mapping
 * of MAP_NORESERVE is not, unless memory is never overcommitted. The sum is taken from the VMAs and
 * the objects whenever it is asked for, so it cannot drift from them.
 *
 * A trace has what a real kernel granted; so `always` is the default. Under another policy a call
 * that promises too much ends in ENOMEM (os_enomem), and what it would have done is left undone.
 */
#include "kernel.h"

/* shmem_acct_size at its birth, or shmem_acct_blocks a page; in swap, too. */
static uint64_t shmem_charged(const struct object *o) {
    if (o->reserved) return (o->size + PAGE_BYTES - 1) / PAGE_BYTES;
    return shmem_pages(o);
}

uint64_t os_committed(const struct os *os) {
    uint64_t sum = 0;
    for (const struct mm *mm = os->mms; mm; mm = mm->next)
        sum += commit_charged(mm, 0, os->task_size);
    for (const struct object *o = os->objects; o; o = o->next)
        if (object_shmem(o)) sum += shmem_charged(o);
    return sum;
}

static uint64_t limit(const struct os *os) { /* vm_commit_limit */
    return os->frames.total * os->cfg.os_overcommit_ratio / 100 + swap_total(os);
}

uint64_t commit_charged(const struct mm *mm, vaddr_t start, vaddr_t end) {
    uint64_t sum = 0;
    for (size_t i = vma_index(mm, start); i < mm->vmas && mm->vma[i]->start < end; i++) {
        const struct vma *v = mm->vma[i];
        vaddr_t from = v->start < start ? start : v->start, to = v->end > end ? end : v->end;
        if (v->flags & VMA_ACCOUNT) sum += (to - from) / PAGE_BYTES;
    }
    return sum;
}

static uint64_t less(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* What `never` keeps for an administrator (8 MiB), and of one process for whoever wants to end it
 * (128 MiB), or 1/32 of memory and of the process: no process here has CAP_SYS_ADMIN. */
static uint64_t kept_back(const struct os *os, const struct mm *mm) {
    const uint64_t share = os->frames.total / 32;
    uint64_t total_vm = 0;
    for (size_t i = 0; mm && i < mm->vmas; i++) total_vm += vma_pages(mm->vma[i]);
    return less(share, (8 << 20) / PAGE_BYTES) +
           less(total_vm / 32, less(share, (128 << 20) / PAGE_BYTES));
}

/* __vm_enough_memory. Linux adds first and compares then: what reaches the limit is too much. */
bool commit_may(const struct os *os, const struct mm *mm, uint64_t pages) {
    switch (os->cfg.os_overcommit) {
    case OVERCOMMIT_HEURISTIC: return pages <= os->frames.total + swap_total(os);
    case OVERCOMMIT_NEVER: return os_committed(os) + pages + kept_back(os, mm) < limit(os);
    default: return true;
    }
}

bool commit_denied(struct os *os, uint64_t done) {
    os->enomem = true;
    os->enomem_done = done;
    return true;
}

bool os_enomem(const struct os *os) {
    return os->enomem;
}

uint64_t os_enomem_done(const struct os *os) {
    return os->enomem_done;
}
