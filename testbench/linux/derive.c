/* SPDX-License-Identifier: Apache-2.0
 *
 * What a real kernel did about a page fault, from what it shows before and after: was a page there,
 * of what kind, is it the same frame. Of the kernel half nothing is known here.
 */
#include "native.h"
#include <string.h>

static uint8_t fresh(const struct seen_page *now) {
    return now->huge ? KFAULT_THP_ALLOC : KFAULT_ANON_ALLOC;
}

static uint8_t nothing_there(const struct plan *p, const struct seen_vma *v,
                             const struct seen_page *now, enum held held) {
    bool object = v && *v->name && *v->name != '[';
    switch (now->kind) {
    case 'Z': return now->huge ? KFAULT_THP_ZERO : KFAULT_ZERO_PAGE;
    case 'A': return object ? KFAULT_COW_FILE : fresh(now);
    default: break;
    }
    bool shmem = v && plan_shmem(p, v->name);
    if (!shmem || held == HELD_CACHE) return KFAULT_FILE_MAP;
    return held == HELD_SWAP ? KFAULT_SWAP_IN : KFAULT_SHMEM_ALLOC;
}

static uint8_t kind_of(const struct plan *p, const struct seen_fault *f,
                       const struct seen_mm *before, const struct seen_mm *after, enum held held) {
    const struct seen_page *old = seen_page_at(before, f->va), *now = seen_page_at(after, f->va);
    const struct seen_vma *v = seen_vma_at(after, f->va);
    if (!now) return KFAULT_NONE;
    if (!old) return nothing_there(p, v, now, held);
    if (old->kind == 'S') return now->kind == 'S' ? KFAULT_NONE : KFAULT_SWAP_IN;
    if (f->access != 'w') return KFAULT_SPURIOUS;
    if (old->kind == 'Z') return now->kind == 'A' ? fresh(now) : KFAULT_SPURIOUS;
    if (old->kind == 'F' && now->kind == 'A') return KFAULT_COW_FILE;
    if (old->frame != now->frame) return KFAULT_COW_COPY;
    return old->kind == 'A' ? KFAULT_COW_REUSE : KFAULT_MKWRITE;
}

void derive_before(const struct plan *p, const struct child *c, const struct seen_mm *m,
                   const struct trace_record *t, struct holding *held) {
    bool access = t->kind == TRACE_ACCESS;
    vaddr_t va = access ? t->va : t->call.arg[0], end = va + (access ? t->bytes : t->call.arg[1]);
    held->start = va - va % PAGE_BYTES;
    if (!access && !call_copies(t->call.nr)) return;
    for (size_t i = 0; i < ROW_FAULTS && held->start + i * PAGE_BYTES < end; i++) {
        const struct seen_vma *v = seen_vma_at(m, held->start + i * PAGE_BYTES);
        if (v && plan_shmem(p, v->name))
            held->page[i] = probe_held(c, v, held->start + i * PAGE_BYTES);
    }
}

void derive_row(const struct plan *p, struct row *r, const struct seen_mm *was,
                const struct seen_mm *now, const struct holding *held) {
    for (size_t i = 0; i < r->faults; i++) {
        struct seen_fault *f = &r->fault[i];
        uint64_t page = (f->va - held->start) / PAGE_BYTES;
        f->kind = kind_of(p, f, was, now, page < ROW_FAULTS ? held->page[page] : 0);
    }
    if (r->faults > r->minor + r->major) /* getrusage: one was not repaired */
        r->fault[r->faults - 1].kind = KFAULT_NONE;
}
