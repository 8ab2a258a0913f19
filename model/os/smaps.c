/* SPDX-License-Identifier: Apache-2.0
 *
 * What /proc/PID/smaps and /proc/PID/status say of a process (fs/proc/task_mmu.c), and which page
 * faults it took. smaps is counted afresh from the page tables whenever somebody asks; nothing but
 * the faults is kept. They are kept by page and not by VMA, so that a split or merge of VMAs
 * divides and adds them as it should, and by process, as signal_struct keeps min_flt and maj_flt:
 * threads share them, exec and the end of the process leave them.
 */
#include "smaps.h"
#include <stdlib.h>
#include <string.h>

enum { PSS_SHIFT = 12, P4D_LEVELS = 5 };

struct faulted { /* a page of an mm */
    vaddr_t page;
    uint32_t count[KFAULT_COUNT];
    UT_hash_handle hh;
};

struct process { /* a thread group, by the pid of its leader */
    uint32_t pid;
    uint64_t minor, major, count[KFAULT_COUNT];
    UT_hash_handle hh;
};

/* ---- Faults, kept -------------------------------------------------------------------- */
static void *zeroed(size_t bytes) {
    void *p = calloc(1, bytes);
    if (!p) abort();
    return p;
}

static struct faulted *faulted_at(const struct mm *mm, vaddr_t page) {
    struct faulted *f;
    HASH_FIND(hh, mm->faulted, &page, sizeof page, f);
    return f;
}

static struct process *process_of(const struct os *os, uint32_t pid) {
    struct process *p;
    HASH_FIND(hh, os->processes, &pid, sizeof pid, p);
    return p;
}

void process_begin(struct os *os, uint32_t pid) {
    struct process *p = process_of(os, pid);
    if (!p) {
        p = zeroed(sizeof *p);
        p->pid = pid;
        HASH_ADD(hh, os->processes, pid, sizeof p->pid, p);
    }
    p->minor = p->major = 0;
    memset(p->count, 0, sizeof p->count);
}

void processes_free(struct os *os) {
    struct process *p, *next;
    HASH_ITER(hh, os->processes, p, next) {
        HASH_DEL(os->processes, p);
        free(p);
    }
}

void faults_count(struct os *os, const struct task *t, const struct os_trap *trap,
                  const struct os_outcome *o) {
    struct process *p = process_of(os, t->group);
    vaddr_t page = trap->va & ~(vaddr_t)(PAGE_BYTES - 1);
    struct faulted *f = faulted_at(t->mm, page);
    if (!f) {
        f = zeroed(sizeof *f);
        f->page = page;
        HASH_ADD(hh, t->mm->faulted, page, sizeof f->page, f);
    }
    f->count[o->kind]++;
    p->count[o->kind]++;
    p->major += o->major;
    p->minor += !o->major;
}

static void forget(struct mm *mm, struct faulted *f) {
    HASH_DEL(mm->faulted, f);
    free(f);
}

void faults_forget(struct mm *mm, vaddr_t start, vaddr_t end) {
    struct faulted *f, *next;
    if ((end - start) / PAGE_BYTES < HASH_COUNT(mm->faulted)) {
        for (vaddr_t page = start; page < end; page += PAGE_BYTES)
            if ((f = faulted_at(mm, page))) forget(mm, f);
        return;
    }
    HASH_ITER(hh, mm->faulted, f, next) {
        if (f->page >= start && f->page < end) forget(mm, f);
    }
}

/* Nothing has been mapped at `to` since its faults were forgotten. */
void faults_move(struct mm *mm, vaddr_t old, vaddr_t to, uint64_t bytes) {
    struct faulted *f, *next, *moved = NULL;
    HASH_ITER(hh, mm->faulted, f, next) {
        if (f->page - old >= bytes) continue;
        HASH_DEL(mm->faulted, f);
        f->page += to - old;
        HASH_ADD(hh, moved, page, sizeof f->page, f);
    }
    HASH_ITER(hh, moved, f, next) {
        HASH_DEL(moved, f);
        HASH_ADD(hh, mm->faulted, page, sizeof f->page, f);
    }
}

/* ---- smaps --------------------------------------------------------------------------- */

/* smaps_account, smaps_page_accumulate: the zero page and a device are nobody's (vm_normal_page).
 */
static void add_page(struct os_smaps *s, const struct os *os, const struct os_page *p) {
    if (!p->mapped) return;
    uint64_t share = ((uint64_t)PAGE_BYTES << PSS_SHIFT) / p->mapped;
    bool cached = p->kind == OS_PAGE_CACHE;
    s->rss++;
    s->pss += share;
    s->locked += p->locked ? share : 0;
    s->anonymous += !cached;
    s->anon_huge += !cached && p->huge;
    s->shmem += cached && object_shmem(frame_of(os, p->ppn)->page->object);
    s->lazyfree += p->lazy;
    *(p->mapped > 1 ? p->dirty ? &s->shared_dirty : &s->shared_clean
      : p->dirty    ? &s->private_dirty
                    : &s->private_clean) += 1;
}

/* Pages of shared memory that are in swap have no PTE: smaps_pte_hole. */
static uint64_t holes_in_swap(const struct os *os, const struct vma *v) {
    uint64_t pages = (v->end - v->start) / PAGE_BYTES, count = 0;
    for (const struct swapped *s = v->object ? v->object->swapped : NULL; s; s = s->hh.next) {
        if (s->index - v->pgoff >= pages) continue;
        int level;
        paddr_t slot = pt_slot(os, v->mm, v->start + (s->index - v->pgoff) * PAGE_BYTES, &level);
        count += level || !pte_get(os, slot);
    }
    return count;
}

static void add_pages(struct os_smaps *s, const struct os *os, uint32_t pid, const struct vma *v) {
    for (vaddr_t va = v->start, next; va < v->end; va = next) {
        int level;
        pte_t pte = pte_get(os, pt_slot(os, v->mm, va, &level));
        uint64_t span = level && !pte_present(pte) ? pt_span(os, level) : PAGE_BYTES;
        struct os_page page;
        next = (va & ~(span - 1)) + span;
        if (os_page(os, pid, va, &page))
            add_page(s, os, &page);
        else
            s->swap += os_swapped(os, pid, va);
    }
    s->swap += holes_in_swap(os, v);
}

static void add_faults(uint64_t *count, const struct vma *v) {
    for (const struct faulted *f = v->mm->faulted; f; f = f->hh.next)
        for (unsigned k = 0; k < KFAULT_COUNT && f->page - v->start < v->end - v->start; k++)
            count[k] += f->count[k];
}

bool os_smaps(const struct os *os, uint32_t pid, size_t index, struct os_smaps *out) {
    const struct task *t = task_find(os, pid);
    if (!t || !t->mm || index >= t->mm->vmas) return false;
    const struct vma *v = t->mm->vma[index];
    *out = (struct os_smaps){.start = v->start, .end = v->end};
    vma_words(v, out->perm, &out->name);
    out->offset = v->object ? v->pgoff * PAGE_BYTES : 0;
    out->lock = v->flags & VMA_LOCKED;
    add_pages(out, os, pid, v);
    out->pss >>= PSS_SHIFT;
    out->locked >>= PSS_SHIFT;
    add_faults(out->faults, v);
    return true;
}

/* ---- status -------------------------------------------------------------------------- */

/* mm_pgtables_bytes: what lies between the root table and the pages; p4d tables are not counted. */
static uint64_t tables_of(const struct os *os, const struct mm *mm) {
    uint64_t n = mm->tables - 1;
    for (unsigned i = 0; os->levels == P4D_LEVELS && i < os->entries; i++)
        n -= pte_get(os, (mm->root << PAGE_SHIFT) + i * os->pte_bytes) & PTE_V;
    return n;
}

static void add_memory(const struct os *os, struct os_status *s, const struct task *t) {
    struct os_smaps m;
    for (size_t i = 0; os_smaps(os, t->pid, i, &m); i++) {
        uint64_t pages = (m.end - m.start) / PAGE_BYTES;
        s->vm_size += pages;
        s->vm_lck += m.lock ? pages : 0;
        s->rss_anon += m.anonymous;
        s->rss_shmem += m.shmem;
        s->rss_file += m.rss - m.anonymous - m.shmem;
    }
    s->vm_pte = tables_of(os, t->mm);
    s->vm_swap = t->mm->swapents;
}

static void status_of(const struct os *os, const struct process *p, struct os_status *s) {
    const struct task *any = NULL;
    *s = (struct os_status){.pid = p->pid, .state = 'X', .minor = p->minor, .major = p->major};
    memcpy(s->faults, p->count, sizeof s->faults);
    for (const struct task *t = os->tasks; t; t = t->hh.next) {
        if (t->group != p->pid || !t->mm) continue;
        s->threads++;
        if (!any || t == os->current) any = t;
    }
    if (!any) return;
    s->state = any == os->current ? 'R' : any->waits ? 'D' : 'S';
    s->task = any->pid;
    add_memory(os, s, any);
}

size_t os_processes(const struct os *os, struct os_status *out, size_t room) {
    size_t count = 0;
    for (const struct process *p = os->processes; p; p = p->hh.next) {
        size_t at = count++;
        if (count > room) continue;
        for (; at && out[at - 1].pid > p->pid; at--) out[at] = out[at - 1];
        status_of(os, p, &out[at]);
    }
    return count;
}
