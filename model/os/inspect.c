/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking into the kernel half without changing it: what expectations, tables and explain ask for.
 * The text of a VMA is that of /proc/PID/maps (show_map_vma): addresses, permissions, offset,
 * device, inode, name.
 */
#include "smaps.h"
#include <stdarg.h>
#include <stdio.h>

enum { NAME_COLUMN = 73 }; /* 25 + 6 * sizeof(void *), where names begin */

static const struct mm *mm_of(const struct os *os, uint32_t pid) {
    const struct task *t = task_find(os, pid);
    return t ? t->mm : NULL;
}

const struct os_stats *os_get_stats(const struct os *os) {
    return &os->stats;
}

bool os_alive(const struct os *os, uint32_t pid) {
    return mm_of(os, pid);
}

uint64_t os_satp(const struct os *os, uint32_t pid) {
    const struct mm *mm = mm_of(os, pid);
    return mm ? mm_satp(os, mm) : 0;
}

uint64_t os_rss(const struct os *os, uint32_t pid) {
    const struct mm *mm = mm_of(os, pid);
    return mm ? mm->rss : 0;
}

void os_frames_peak(const struct os *os, uint64_t *total, uint64_t *peak, uint64_t *tables) {
    *total = os->frames.total;
    *peak = os->frames.peak;
    *tables = os->frames.tables_peak;
}

uint64_t os_frames_used(const struct os *os) {
    return os->frames.used - os->frames.others;
}

bool os_pte(const struct os *os, uint32_t pid, vaddr_t va, pte_t *pte, int *level) {
    const struct mm *mm = mm_of(os, pid);
    *pte = 0;
    *level = (int)os->levels - 1;
    if (!mm || va >= os->task_size) return false;
    paddr_t slot = pt_slot(os, mm, va, level);
    *pte = pte_get(os, slot);
    if (napot_at(os, slot)) *pte |= PTE_N;
    return (*pte & PTE_V) && (*pte & (PTE_R | PTE_X));
}

bool os_vma_prot(const struct os *os, ppn_t root, vaddr_t va, uint8_t *prot) {
    const struct mm *mm = os->mms;
    while (mm && mm->root != root) mm = mm->next;
    const struct vma *v = mm ? vma_at(mm, va) : NULL;
    *prot = v ? v->flags & VMA_RWX : 0;
    return v;
}

bool os_vma(const struct os *os, uint32_t pid, vaddr_t va, struct os_vma *out) {
    const struct mm *mm = mm_of(os, pid);
    size_t i = mm ? vma_index(mm, va) : 0;
    if (!mm || i == mm->vmas) return false;
    const struct vma *v = mm->vma[i];
    *out = (struct os_vma){.start = v->start,
                           .end = v->end,
                           .prot = v->flags & VMA_RWX,
                           .shared = v->flags & VMA_SHARED,
                           .backed = v->object};
    if (!v->object) return true;
    out->file = v->object->id;
    out->offset = v->pgoff * PAGE_BYTES;
    return true;
}

bool os_page(const struct os *os, uint32_t pid, vaddr_t va, struct os_page *out) {
    pte_t pte;
    int level;
    os_pte(os, pid, va, &pte, &level);
    bool moves = !level && pte_migrates(pte); /* mapped, for all that counts it */
    if (level ? level > 1 || !pte_leaf(pte) : !pte_present(pte) && !moves) return false;
    *out = (struct os_page){.ppn = moves ? migration_frame(pte) : pte_ppn(pte),
                            .dirty = !moves && (pte & PTE_D),
                            .huge = level};
    if (level) out->ppn += va / PAGE_BYTES % HUGE_FRAMES;
    if (!moves && !pte_normal(pte)) {
        const struct vma *v = vma_at(mm_of(os, pid), va);
        out->kind = v->flags & VMA_DEVICE ? OS_PAGE_DEVICE : OS_PAGE_ZERO;
        return true;
    }
    const struct frame *f = frame_of(os, out->ppn), *first = folio_of(os, out->ppn);
    bool cache = f->kind == FRAME_CACHE;
    out->kind = cache ? OS_PAGE_CACHE : OS_PAGE_ANON;
    out->dirty |= cache && cache_dirty(f->page);
    out->mapped = f->refs - cache - (!cache && f->swap);
    out->dirty |= !cache && first->dirty;
    out->lazy = !cache && first->lazy && !out->dirty;
    out->locked = vma_at(mm_of(os, pid), va)->flags & VMA_LOCKED;
    return true;
}

/* ---- Swapped, in memory, locked ------------------------------------------------------ */
bool os_swapped(const struct os *os, uint32_t pid, vaddr_t va) {
    pte_t pte;
    int level;
    os_pte(os, pid, va, &pte, &level);
    return !level && pte_swapped(pte);
}

bool os_shmem_swapped(const struct os *os, uint32_t pid, vaddr_t va) {
    const struct mm *mm = mm_of(os, pid);
    const struct vma *v = mm ? vma_at(mm, va) : NULL;
    return v && v->object && swap_find(v->object, vma_page(v, va));
}

void os_backing(const struct os *os, uint32_t pid, vaddr_t va, struct os_backing *out) {
    const struct mm *mm = mm_of(os, pid);
    const struct vma *v = mm ? vma_at(mm, va) : NULL;
    struct os_page p;
    pte_t pte;
    int level;
    *out = (struct os_backing){0};
    if (!v) return;
    os_pte(os, pid, va, &pte, &level);
    if (!level && pte_swapped(pte))
        out->slot = swap_pte_slot(pte);
    else if (os_page(os, pid, va, &p) && p.kind == OS_PAGE_ANON)
        out->slot = frame_of(os, p.ppn)->swap;
    if (!v->object) return;
    out->file = v->object->id;
    out->store = v->object->store;
    out->index = vma_page(v, va);
    if (!out->slot) out->slot = swap_find(v->object, out->index);
}

bool os_mincore(const struct os *os, uint32_t pid, vaddr_t va) {
    const struct mm *mm = mm_of(os, pid);
    const struct vma *v = mm ? vma_at(mm, va) : NULL;
    pte_t pte;
    int level;
    if (!v) return false;
    if (v->flags & VMA_SPECIAL) return true; /* can_do_mincore: of no file, so nothing is told */
    os_pte(os, pid, va, &pte, &level);
    if (level ? level == 1 && pte_leaf(pte) : pte_present(pte)) return true;
    if (!level && pte) return os->swap.slot[swap_pte_slot(pte)].cache; /* mincore_swap */
    const struct page *p = v->object ? page_find(v->object, vma_page(v, va)) : NULL;
    return p && !p->blank; /* mincore_page */
}

uint64_t os_swapents(const struct os *os, uint32_t pid) {
    const struct mm *mm = mm_of(os, pid);
    return mm ? mm->swapents : 0;
}

uint64_t os_locked(const struct os *os, uint32_t pid) {
    const struct mm *mm = mm_of(os, pid);
    struct os_page p;
    uint64_t n = 0;
    for (size_t i = 0; mm && i < mm->vmas; i++)
        for (vaddr_t va = mm->vma[i]->start; va < mm->vma[i]->end; va += PAGE_BYTES)
            n += (mm->vma[i]->flags & VMA_LOCKED) && os_page(os, pid, va, &p) && p.locked;
    return n;
}

uint64_t os_huge(const struct os *os, uint32_t pid) {
    const struct mm *mm = mm_of(os, pid);
    return mm ? mm->huge.leaves : 0;
}

uint64_t os_napot(const struct os *os, uint32_t pid) {
    const struct mm *mm = mm_of(os, pid);
    uint64_t ptes = 0;
    pte_t pte;
    int level;
    for (size_t i = 0; mm && i < mm->vmas; i++)
        for (vaddr_t va = mm->vma[i]->start; va < mm->vma[i]->end; va += PAGE_BYTES)
            ptes += os_pte(os, pid, va, &pte, &level) && (pte & PTE_N);
    return ptes / NAPOT_PTES;
}

uint64_t os_swap_used(const struct os *os) {
    return os->swap.used;
}

uint64_t os_aged(const struct os *os) {
    return os->aged;
}

/* ---- Words for a VMA ----------------------------------------------------------------- */
static bool is_heap(const struct vma *v) { /* vma_is_initial_heap */
    return !v->object && v->mm->brk_start && v->start < v->mm->brk && v->end > v->mm->brk_start;
}

static bool is_stack(const struct vma *v) { /* vma_is_initial_stack */
    return v->mm->stack && v->start <= v->mm->stack && v->end > v->mm->stack;
}

static const char *name_of(const struct vma *v) {
    if (v->object) return v->object->name;
    return is_heap(v) ? "[heap]" : is_stack(v) ? "[stack]" : "";
}

void vma_words(const struct vma *v, char perm[5], const char **name) {
    perm[0] = v->flags & VMA_R ? 'r' : '-';
    perm[1] = v->flags & VMA_W ? 'w' : '-';
    perm[2] = v->flags & VMA_X ? 'x' : '-';
    perm[3] = v->flags & VMA_SHARED ? 's' : 'p';
    perm[4] = 0;
    *name = name_of(v);
}

struct text {
    char *out;
    size_t room, length;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    size_t left = t->length < t->room ? t->room - t->length : 0;
    int n = vsnprintf(left ? t->out + t->length : NULL, left, format, args);
    va_end(args);
    t->length += n > 0 ? (size_t)n : 0;
}

static const char *device_of(const struct vma *v) {
    if (!v->object || (v->flags & VMA_SPECIAL)) return "00:00";
    return object_shmem(v->object) ? "00:01" : "08:01"; /* one disk; shmem */
}

static void put_vma(struct text *t, const struct vma *v) {
    size_t line = t->length;
    char perm[5];
    const char *name;
    vma_words(v, perm, &name);
    put(t, "%08llx-%08llx %s %08llx %s %u ", (unsigned long long)v->start,
        (unsigned long long)v->end, perm,
        v->object ? (unsigned long long)(v->pgoff * PAGE_BYTES) : 0ull, device_of(v),
        v->object && !(v->flags & VMA_SPECIAL) ? v->object->id : 0);
    if (*name) put(t, "%*s%s", (int)(NAME_COLUMN - (t->length - line)), "", name);
    put(t, "\n");
}

size_t os_maps(const struct os *os, uint32_t pid, char *out, size_t bytes) {
    const struct mm *mm = mm_of(os, pid);
    struct text t = {out, bytes, 0};
    if (bytes) out[0] = 0;
    for (size_t i = 0; mm && i < mm->vmas; i++) put_vma(&t, mm->vma[i]);
    return t.length;
}

bool os_vma_kind(const struct os *os, uint32_t pid, vaddr_t va, char *out, size_t bytes) {
    const struct mm *mm = mm_of(os, pid);
    const struct vma *v = mm ? vma_at(mm, va) : NULL;
    struct text t = {out, bytes, 0};
    if (!v)
        put(&t, "unmapped");
    else if (v->object && v->object->id)
        put(&t, "%s %s %s", v->flags & VMA_SHARED ? "shared" : "private",
            v->object->device ? "device" : "file", v->object->name);
    else if (v->object)
        put(&t, "shared anon");
    else
        put(&t, "%s", is_heap(v) ? "heap" : v->flags & VMA_GROWSDOWN ? "stack" : "anon");
    return v;
}

uint8_t os_vma_class(const struct os *os, uint32_t pid, vaddr_t va) {
    const struct mm *mm = mm_of(os, pid);
    const struct vma *v = mm ? vma_at(mm, va) : NULL;
    if (!v) return VMAKIND_COUNT;
    if (v->flags & VMA_X) return VMAKIND_CODE;
    if (v->flags & VMA_GROWSDOWN || is_stack(v)) return VMAKIND_STACK;
    if (v->flags & VMA_SHARED) return VMAKIND_SHARED;
    return v->object ? VMAKIND_FILE : VMAKIND_ANONYMOUS;
}
