/* SPDX-License-Identifier: Apache-2.0
 *
 * The set of VMAs of an address space: ordered, never overlapping, merged and split as mm/vma.c
 * does.
 *
 * Two neighbours are one VMA if they touch, agree in flags and object, continue each other in page
 * offset (an anonymous VMA keeps the offset of its birthplace when it moves), and their anon_vmas
 * agree: equal, or one side has none and neither began in a parent process (is_mergeable_anon_vma,
 * vma_is_fork_child). Where left and right would each fit but not one with the other, left wins.
 *
 * Taking a range away: PTEs, page tables that no VMA needs any longer, the fence, then the frames.
 */
#include "smaps.h"
#include <stdlib.h>
#include <string.h>

/* ---- Finding ------------------------------------------------------------------------- */
size_t vma_index(const struct mm *mm, vaddr_t va) {
    size_t low = 0, high = mm->vmas;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mm->vma[middle]->end > va)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct vma *vma_at(const struct mm *mm, vaddr_t va) {
    size_t i = vma_index(mm, va);
    return i < mm->vmas && mm->vma[i]->start <= va ? mm->vma[i] : NULL;
}

bool vma_notify(const struct vma *v) {
    return v->object && !object_shmem(v->object) && !v->object->device && (v->flags & VMA_SHARED);
}

pte_t vma_pte(const struct os *os, const struct vma *v, ppn_t ppn) {
    return pte_make(ppn, v->flags, vma_notify(v)) | device_type(os, v);
}

/* ---- Changing the set ---------------------------------------------------------------- */
static void link_object(struct vma *v) {
    v->prev = NULL;
    v->next = NULL;
    if (!v->object) return;
    v->next = v->object->vmas;
    if (v->next) v->next->prev = v;
    v->object->vmas = v;
}

static void unlink_object(struct vma *v) {
    if (!v->object) return;
    if (v->next) v->next->prev = v->prev;
    if (v->prev)
        v->prev->next = v->next;
    else
        v->object->vmas = v->next;
}

struct vma *vma_insert(struct mm *mm, const struct vma *what) {
    struct vma *v = malloc(sizeof *v);
    if (!v) abort();
    *v = *what;
    v->mm = mm;
    link_object(v);
    mm->vma = grow(mm->vma, mm->vmas, &mm->room, sizeof *mm->vma);
    size_t i = vma_index(mm, v->start);
    memmove(&mm->vma[i + 1], &mm->vma[i], (mm->vmas - i) * sizeof *mm->vma);
    mm->vma[i] = v;
    mm->vmas++;
    return v;
}

void vma_remove(struct os *os, struct mm *mm, size_t index) {
    struct vma *v = mm->vma[index];
    memmove(&mm->vma[index], &mm->vma[index + 1], (mm->vmas - index - 1) * sizeof *mm->vma);
    mm->vmas--;
    unlink_object(v);
    if (v->object && !v->object->vmas) object_unused(os, v->object);
    free(v);
}

/* Make va a boundary, if it lies inside a VMA. */
void vma_split(struct os *os, struct mm *mm, vaddr_t va) {
    struct vma *v = vma_at(mm, va);
    if (!v || v->start == va) return;
    pmd_split_at(os, v, va); /* vma_adjust_trans_huge */
    struct vma upper = *v;
    upper.start = va;
    upper.pgoff += (va - v->start) / PAGE_BYTES;
    v->end = va;
    vma_insert(mm, &upper);
}

/* ---- Merging ------------------------------------------------------------------------- */
static bool anon_compatible(const struct vma *a, const struct vma *b) {
    if (a->anon == b->anon) return true;
    return (!a->anon || !b->anon) && !a->inherited && !b->inherited;
}

static bool continues(const struct vma *a, const struct vma *b, uint32_t flags_ignored) {
    return a->end == b->start && !((a->flags ^ b->flags) & ~flags_ignored) &&
           !(a->flags & (VMA_DEVICE | VMA_SPECIAL)) && /* VM_SPECIAL */
           a->object == b->object && a->pgoff + (a->end - a->start) / PAGE_BYTES == b->pgoff;
}

bool vma_mergeable(const struct vma *left, const struct vma *right, uint32_t flags_ignored) {
    return continues(left, right, flags_ignored) && anon_compatible(left, right);
}

static bool join(struct os *os, struct mm *mm, size_t left) {
    if (left + 1 >= mm->vmas || !vma_mergeable(mm->vma[left], mm->vma[left + 1], 0)) return false;
    struct vma *a = mm->vma[left], *b = mm->vma[left + 1];
    a->end = b->end;
    if (!a->anon) {
        a->anon = b->anon;
        a->inherited = b->inherited;
    }
    vma_remove(os, mm, left + 1);
    return true;
}

/* Merge the VMA at index with its neighbours, as far as it goes. */
void vma_merge(struct os *os, struct mm *mm, size_t index, bool left, bool right) {
    if (left && index && join(os, mm, index - 1)) index--;
    if (right) join(os, mm, index);
}

/* find_mergeable_anon_vma: a neighbour that differs in permissions only lends its anon_vma, so that
 * the two can become one later; next before previous. */
static uint64_t anon_of_neighbour(const struct mm *mm, const struct vma *v) {
    size_t i = vma_index(mm, v->start);
    if (i + 1 < mm->vmas) {
        const struct vma *b = mm->vma[i + 1];
        if (continues(v, b, VMA_RWX) && b->anon && !b->inherited) return b->anon;
    }
    if (i) {
        const struct vma *a = mm->vma[i - 1];
        if (continues(a, v, VMA_RWX) && a->anon && !a->inherited) return a->anon;
    }
    return 0;
}

void vma_prepare_anon(struct os *os, struct vma *v) {
    if (v->anon) return;
    v->anon = anon_of_neighbour(v->mm, v);
    if (!v->anon) v->anon = ++os->anon_ids;
}

/* ---- Stacks -------------------------------------------------------------------------- */

/* expand_downwards: as far as the stack's rlimit, and never within 256 pages of a neighbour one can
 * touch. */
bool vma_grow_down(struct os *os, struct vma *v, vaddr_t va) {
    vaddr_t start = va & ~(vaddr_t)(PAGE_BYTES - 1);
    uint64_t pages = (v->start - start) / PAGE_BYTES;
    size_t i = vma_index(v->mm, v->start);
    if (start < os->cfg.os_mmap_min_addr || v->end - start > os->cfg.os_stack_limit ||
        pages > v->pgoff)
        return false;
    if (i) {
        const struct vma *below = v->mm->vma[i - 1];
        bool guarded = (below->flags & VMA_RWX) && !(below->flags & VMA_GROWSDOWN);
        if (guarded && start - below->end < STACK_GAP) return false;
    }
    vma_prepare_anon(os, v);
    if (!commit_may(os, v->mm, pages)) return !commit_denied(os, 0); /* acct_stack_growth */
    v->start = start;
    v->pgoff -= pages;
    return true;
}

/* ---- Taking away --------------------------------------------------------------------- */
struct zap {
    struct gather *gather;
    struct vma *vma;
    bool keep_copies; /* only pages of the object go: unmap_mapping_range without even_cows */
};

/* zap_present_folio_ptes, of a page of the cache: what the hardware noted goes to the page. */
static void zap_cached(const struct zap *z, ppn_t ppn, pte_t pte) {
    struct os *os = z->gather->os;
    struct frame *f = frame_of(os, ppn);
    if (pte & PTE_D) frame_dirty(f);
    z->gather->dirty |= !!(pte & PTE_D);
    if ((pte & PTE_A) && !(z->vma->flags & (VMA_SEQ | VMA_RAND))) lru_accessed(os, ppn);
}

static void zap_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct zap *z = arg;
    struct gather *g = z->gather;
    struct os *os = g->os;
    ppn_t ppn = pte_ppn(pte);
    if (pte_swapped(pte)) { /* zap_nonpresent_ptes: no translation to take away */
        if (z->keep_copies) return;
        pte_set(os, slot, 0);
        g->mm->swapents--;
        swap_put(os, swap_pte_slot(pte));
        return;
    }
    bool normal = pte_normal(pte), cached = normal && frame_of(os, ppn)->kind == FRAME_CACHE;
    if (z->keep_copies && !cached) return;
    const uint64_t span = pt_span(os, 1);
    if (g->dirty &&
        va / span != (g->end - 1) / span) { /* force_flush, at the end of a leaf table */
        gather_vma_end(g);
        g->dirty = false;
    }
    pte_set(os, slot, 0);
    gather_pte(g, va);
    if (!normal) return;
    if (cached) zap_cached(z, ppn, pte);
    rmap_remove(os, z->vma, ppn);
    gather_frame(g, ppn);
}

/* zap_pmd_range: a part of a leaf is zapped PTE by PTE. */
static bool zap_pmd(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pmd) {
    const struct zap *z = arg;
    bool whole = next - va == HUGE_BYTES;
    if (whole)
        pmd_zap(z->gather, z->vma, va, slot, pmd);
    else
        pmd_split(z->gather->os, z->vma, va, slot);
    return whole;
}

/* All 16 go before a frame of them does: as long as one has N, it may translate for all. */
static bool zap_napot(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte) {
    const struct zap *z = arg;
    struct gather *g = z->gather;
    if (next - va < NAPOT_BYTES) {
        napot_unfold(g->os, g->mm, va, slot);
        return false;
    }
    for (unsigned i = 0; i < NAPOT_PTES; i++) {
        pte_set(g->os, slot + i * PTE_BYTES, 0);
        gather_pte(g, va + i * PAGE_BYTES);
    }
    for (ppn_t ppn = pte_ppn(pte); ppn < pte_ppn(pte) + NAPOT_PTES; ppn++) {
        rmap_remove(g->os, z->vma, ppn);
        gather_frame(g, ppn);
    }
    return true;
}

static const struct walk_ops zap_ops = {zap_pte, zap_pmd, zap_napot};

void vma_zap(struct os *os, struct vma *v, vaddr_t start, vaddr_t end, bool keep_copies) {
    struct gather g = gather_begin(os, v->mm, RULE_UNMAP);
    struct zap z = {&g, v, keep_copies};
    pt_each(os, v->mm, start, end, &zap_ops, &z);
    gather_end(&g);
}

/* do_vmi_align_munmap */
void mm_unmap(struct os *os, struct mm *mm, vaddr_t start, vaddr_t end) {
    vma_split(os, mm, start);
    vma_split(os, mm, end);
    faults_forget(mm, start, end);
    size_t first = vma_index(mm, start);
    struct gather g = gather_begin(os, mm, RULE_UNMAP);
    g.whole = !mm->users; /* exit_mmap */
    vaddr_t low = 0, high = 0;
    while (first < mm->vmas && mm->vma[first]->start < end) {
        struct vma *v = mm->vma[first];
        struct zap z = {&g, v, false};
        pt_each(os, mm, v->start, v->end, &zap_ops, &z);
        gather_vma_end(&g);
        low = high ? low : v->start;
        high = v->end;
        vma_remove(os, mm, first);
    }
    vaddr_t floor = first ? mm->vma[first - 1]->end : 0;
    vaddr_t ceiling = first < mm->vmas ? mm->vma[first]->start : UINT64_MAX;
    pt_free(&g, low, high, floor, ceiling);
    gather_end(&g);
}
