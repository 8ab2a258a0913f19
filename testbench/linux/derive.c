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

uint8_t derive_kind(const struct plan *p, const struct seen_fault *f, const struct seen_mm *before,
                    const struct seen_mm *after, enum held held) {
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
