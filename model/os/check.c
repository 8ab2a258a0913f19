/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit: counts every reference to every frame again, from the page tables, the page caches and
 * the root pointers, and compares. It trusts nothing that the other files keep in counters: not
 * rss, not the number of tables, not the number of frames in use, of locks or of swap entries. It
 * also checks what a PTE may say
 * where it stands: inside a VMA, no more permission than the VMA has, the page of the object that
 * belongs there. When no process is left, only page cache, zero page and a root table that the hart
 * still stands on may remain (and frames of others). Of free memory it asks buddy_audit: no frame
 * twice, none lost, buddies joined.
 */
#include "kernel.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct audit {
    const struct os *os;
    uint32_t *maps;                                /* of a folio, at its first frame */
    uint32_t *refs, *locks;                        /* counted, by frame number */
    uint32_t *entries;                             /* by slot */
    uint64_t cached;                               /* frames of the page cache */
    uint64_t rss, tables, swapents, leaves, zeros; /* of the mm under audit */
    const struct mm *mm;
    char *why;
    size_t bytes;
    bool wrong;
};

static void __attribute__((format(printf, 2, 3))) fail(struct audit *a, const char *format, ...) {
    va_list args;
    if (a->wrong) return;
    va_start(args, format);
    vsnprintf(a->why, a->bytes, format, args);
    va_end(args);
    a->wrong = true;
}

static const struct frame *count(struct audit *a, ppn_t ppn, const char *by) {
    const struct frames *f = &a->os->frames;
    if (ppn < f->base || ppn - f->base >= f->touched) {
        fail(a, "%s names frame 0x%llx, which was never handed out", by, (unsigned long long)ppn);
        return NULL;
    }
    a->refs[ppn - f->base]++;
    return &f->frame[ppn - f->base];
}

/* ---- Page tables --------------------------------------------------------------------- */
static bool fits(const struct vma *v, vaddr_t va, pte_t pte, const struct frame *f) {
    bool writable = pte & PTE_W;
    if (!(pte & PTE_V) != !(v->flags & VMA_RWX) || ((pte & PTE_V) && !(pte & PTE_U))) return false;
    if ((writable && !(v->flags & VMA_W)) || ((pte & PTE_X) && !(v->flags & VMA_X))) return false;
    if (f->kind == FRAME_ZERO) return !v->object && !writable && (pte & PTE_SPECIAL);
    if (f->kind == FRAME_ANON)
        return !(v->flags & VMA_SHARED) && v->anon && f->index == vma_page(v, va) &&
               (!f->exclusive || f->refs == 1u + (f->swap != 0)) && (!writable || f->exclusive) &&
               (!f->folio || pte_ppn(pte) - f->folio->head < f->folio->pages);
    uint64_t index = v->pgoff + (va - v->start) / PAGE_BYTES;
    const struct page *p = v->object ? page_find(v->object, index) : NULL;
    if (!p || f->kind != FRAME_CACHE || p->ppn != pte_ppn(pte) || f->page != p) return false;
    if (writable && vma_notify(v) && !cache_dirty(p))
        return false; /* a clean page must not be writable without a fault */
    return !writable || (v->flags & VMA_SHARED);
}

static void count_entry(struct audit *a, uint32_t slot, const char *by) {
    const struct swap *s = &a->os->swap;
    if (!slot || slot >= s->touched || !s->slot[slot].used)
        fail(a, "%s names swap slot %u, which is free", by, slot);
    else
        a->entries[slot]++;
}

/* As the driver would map it, but for A, D and W: nobody counts its frame. */
static void audit_device(struct audit *a, const struct vma *v, vaddr_t va, pte_t pte) {
    const pte_t free = PTE_A | PTE_D | PTE_W;
    if (!(v->flags & VMA_DEVICE) || ((device_pte(a->os, v, va) ^ pte) & ~free) ||
        ((pte & PTE_W) && (v->flags & (VMA_SHARED | VMA_W)) != (VMA_SHARED | VMA_W)))
        fail(a, "PTE 0x%llx at 0x%llx does not fit its device", (unsigned long long)pte,
             (unsigned long long)va);
}

static void audit_leaf(struct audit *a, vaddr_t va, pte_t pte) {
    const struct vma *v = vma_at(a->mm, va);
    if (pte_migrates(pte)) { /* the page is mapped, for all that counts it */
        const struct frame *moves = count(a, migration_frame(pte), "a migration entry");
        a->rss++;
        if (!v || !moves || moves->folio || !a->os->migration.pages)
            fail(a, "a migration entry at 0x%llx, where nothing moves", (unsigned long long)va);
        if (moves && v && (v->flags & VMA_LOCKED))
            a->locks[migration_frame(pte) - a->os->frames.base]++;
        return;
    }
    if (pte_swapped(pte)) {
        count_entry(a, swap_pte_slot(pte), "a PTE");
        a->swapents++;
        if (!v || (v->flags & VMA_SHARED) || !v->anon)
            fail(a, "a swap entry at 0x%llx, where nothing anonymous can be",
                 (unsigned long long)va);
        return;
    }
    if (v && !pte_normal(pte) && pte_ppn(pte) != a->os->zero_page &&
        pte_ppn(pte) - a->os->huge.zero >= HUGE_FRAMES) {
        audit_device(a, v, va, pte);
        return;
    }
    const struct frame *f = count(a, pte_ppn(pte), "a PTE");
    if (!f) return;
    if (v && (v->flags & VMA_LOCKED)) a->locks[pte_ppn(pte) - a->os->frames.base]++;
    if (!v || !fits(v, va, pte, f))
        fail(a, "PTE 0x%llx at 0x%llx %s", (unsigned long long)pte, (unsigned long long)va,
             v ? "does not fit its VMA and frame" : "lies in no VMA");
    if (f->kind == FRAME_ZERO) { /* its mappings are not counted */
        a->refs[pte_ppn(pte) - a->os->frames.base]--;
        a->locks[pte_ppn(pte) - a->os->frames.base] = 0;
    } else {
        a->rss++;
        if (f->folio) a->maps[f->folio->head - a->os->frames.base]++;
    }
}

/* A leaf of level 1: as 512 PTEs. */
static void audit_huge(struct audit *a, vaddr_t va, pte_t pmd) {
    const struct frame *f = count(a, pte_ppn(pmd), "a leaf of level 1");
    if (!f) return;
    a->refs[pte_ppn(pmd) - a->os->frames.base]--;
    bool zero = pte_ppn(pmd) == a->os->huge.zero;
    if (zero ? f->kind != FRAME_ZERO
             : !f->folio || f->folio->head != pte_ppn(pmd) || f->folio->pages != HUGE_FRAMES)
        fail(a, "leaf 0x%llx at 0x%llx maps no folio", (unsigned long long)pmd,
             (unsigned long long)va);
    a->leaves += !zero;
    a->zeros += zero;
    for (ppn_t i = 0; i < HUGE_FRAMES; i++)
        audit_leaf(a, va + i * PAGE_BYTES, pmd + (i << PTE_PPN_SHIFT));
    if (!zero) a->maps[pte_ppn(pmd) - a->os->frames.base] -= HUGE_FRAMES - 1; /* one mapping */
}

static void audit_deposit(struct audit *a, const struct mm *mm) {
    uint64_t leaves = a->leaves + a->zeros;
    for (size_t i = 0; i < mm->huge.deposits; i++) {
        const struct frame *f = count(a, mm->huge.deposit[i], "a deposit");
        if (f && f->kind != FRAME_TABLE) fail(a, "a deposit is no page table");
        a->tables++;
    }
    if (leaves != mm->huge.deposits || a->leaves != mm->huge.leaves)
        fail(a, "an mm has %llu leaves of level 1, %llu deposits, and counts %llu leaves",
             (unsigned long long)leaves, (unsigned long long)mm->huge.deposits,
             (unsigned long long)mm->huge.leaves);
}

/* One of 16 PTEs with N: all of them say the same of one folio, but for A and D. */
static void audit_napot(struct audit *a, paddr_t slot, vaddr_t va) {
    const pte_t ad = PTE_A | PTE_D;
    pte_t pte = mem_read64(a->os->mem, slot);
    paddr_t first = slot & ~(paddr_t)(NAPOT_PTES * PTE_BYTES - 1);
    uint64_t other = mem_read64(a->os->mem, slot == first ? first + PTE_BYTES : first);
    ppn_t page = va / PAGE_BYTES % NAPOT_PTES, ppn = pte_ppn(pte) & ~(ppn_t)(NAPOT_PTES - 1);
    const struct frame *f = &a->os->frames.frame[ppn + page - a->os->frames.base];
    if (!napot_has(a->os) || !(pte & PTE_V) || pte_ppn(pte) % NAPOT_PTES != NAPOT_ENCODING ||
        ((other ^ pte) & ~ad) || !f->folio || f->folio->head != ppn ||
        f->folio->pages != NAPOT_PTES)
        fail(a, "PTE 0x%llx at 0x%llx is none of 16 that map a folio", (unsigned long long)pte,
             (unsigned long long)va);
}

static void audit_table(struct audit *a, ppn_t table, int level, vaddr_t va) {
    const struct frame *f = count(a, table, "a pointer");
    if (!f) return;
    if (f->kind != FRAME_TABLE || !mem_is_table(a->os->mem, table)) {
        fail(a, "frame 0x%llx is used as a page table, but is none", (unsigned long long)table);
        return;
    }
    a->tables++;
    uint64_t span = pt_span(a->os, level);
    for (uint64_t i = 0; i < a->os->entries; i++) {
        pte_t pte = pte_get(a->os, (table << PAGE_SHIFT) + i * a->os->pte_bytes);
        vaddr_t at = va + i * span;
        if (!pte) continue;
        if (level == 0 && napot_at(a->os, (table << PAGE_SHIFT) + i * a->os->pte_bytes))
            audit_napot(a, (table << PAGE_SHIFT) + i * a->os->pte_bytes, at);
        if (level == 0)
            audit_leaf(a, at, pte);
        else if (level == 1 && pte_leaf(pte))
            audit_huge(a, at, pte);
        else if (pte & (PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D))
            fail(a, "pointer 0x%llx at 0x%llx is malformed", (unsigned long long)pte,
                 (unsigned long long)at);
        else
            audit_table(a, pte_ppn(pte), level - 1, at);
    }
}

static void audit_mm(struct audit *a, const struct mm *mm) {
    a->mm = mm;
    a->rss = a->tables = a->swapents = a->leaves = a->zeros = 0;
    audit_table(a, mm->root, (int)a->os->levels - 1, 0);
    audit_deposit(a, mm);
    if (a->rss != mm->rss || a->tables != mm->tables)
        fail(a, "an mm counts %llu pages and %llu tables, but has %llu and %llu",
             (unsigned long long)mm->rss, (unsigned long long)mm->tables,
             (unsigned long long)a->rss, (unsigned long long)a->tables);
    if (a->swapents != mm->swapents)
        fail(a, "an mm counts %llu swap entries, but has %llu", (unsigned long long)mm->swapents,
             (unsigned long long)a->swapents);
    for (size_t i = 0; i < mm->vmas; i++) {
        const struct vma *v = mm->vma[i];
        vaddr_t floor = i ? mm->vma[i - 1]->end : 0;
        if (v->mm != mm || v->start < floor || v->start >= v->end || v->end > a->os->task_size ||
            (v->start | v->end) % PAGE_BYTES)
            fail(a, "VMA 0x%llx-0x%llx is out of order", (unsigned long long)v->start,
                 (unsigned long long)v->end);
    }
    if (!mm->users && (mm->vmas || mm != a->os->active))
        fail(a, "an mm without users is still there");
}

/* ---- Caches and frames --------------------------------------------------------------- */
static void audit_object(struct audit *a, const struct object *o) {
    uint64_t end = (o->size + PAGE_BYTES - 1) / PAGE_BYTES;
    for (const struct page *p = o->pages; p; p = p->hh.next) {
        const struct frame *f = count(a, p->ppn, "the page cache");
        a->cached++;
        if (f && (f->kind != FRAME_CACHE || f->page != p || p->index >= end))
            fail(a, "page %llu of file %u is not where it should be", (unsigned long long)p->index,
                 o->id);
    }
    for (const struct swapped *s = o->swapped; s; s = s->hh.next) {
        count_entry(a, s->slot, "a shmem object");
        if (!object_shmem(o) || s->index >= end || page_find(o, s->index))
            fail(a, "page %llu of a file is in swap, too", (unsigned long long)s->index);
    }
    for (const struct vma *v = o->vmas; v; v = v->next)
        if (v->object != o || vma_at(v->mm, v->start) != v)
            fail(a, "file %u lists a VMA that does not map it", o->id);
    if (!o->id && !o->vmas) fail(a, "a shmem object outlived its mappings");
}

/* A folio at its first frame: what it counts of all of them together. */
static void audit_folio(struct audit *a, uint64_t first) {
    const struct frame *f = &a->os->frames.frame[first];
    uint64_t refs = 0, locks = 0, maps = a->maps[first];
    for (uint64_t i = first; i < first + f->folio->pages; i++) {
        refs += a->refs[i];
        locks += a->locks[i];
        if (a->os->frames.frame[i].folio != f->folio)
            fail(a, "a folio lacks frame 0x%llx", (unsigned long long)(a->os->frames.base + i));
    }
    if (!refs || refs != f->folio->refs || locks != f->folio->locks || maps != f->folio->mapcount)
        fail(
            a, "folio 0x%llx counts %u references, %u locks, %u mappings, but has %llu, %llu, %llu",
            (unsigned long long)f->folio->head, f->folio->refs, f->folio->locks, f->folio->mapcount,
            (unsigned long long)refs, (unsigned long long)locks, (unsigned long long)maps);
}

static void audit_frames(struct audit *a) {
    const struct frames *f = &a->os->frames;
    uint64_t used = 0, others = 0;
    for (uint64_t i = 0; i < f->touched; i++) {
        const struct frame *one = &f->frame[i];
        used += one->kind != FRAME_FREE;
        if (one->kind == FRAME_OTHER) {
            a->refs[i]++;
            others++;
        }
        if (one->locks != a->locks[i])
            fail(a, "frame 0x%llx counts %u locks, but has %u", (unsigned long long)(f->base + i),
                 one->locks, a->locks[i]);
        if (one->refs != a->refs[i] || (!one->folio && (one->kind == FRAME_FREE) != !one->refs))
            fail(a, "frame 0x%llx counts %u references, but has %u",
                 (unsigned long long)(f->base + i), one->refs, a->refs[i]);
    }
    for (uint64_t i = 0; i < f->touched; i++)
        if (f->frame[i].folio && f->frame[i].folio->head == f->base + i) audit_folio(a, i);
    if (used != f->used || others != f->others)
        fail(a, "%llu frames in use, %llu of them others'; the allocator counts %llu and %llu",
             (unsigned long long)used, (unsigned long long)others, (unsigned long long)f->used,
             (unsigned long long)f->others);
    if (!a->wrong && !buddy_audit(a->os, a->why, a->bytes)) a->wrong = true;
    bool alone = !a->os->mms || (!a->os->mms->next && !a->os->mms->users);
    uint64_t files = 0; /* a file of tmpfs outlives the processes */
    for (const struct object *o = a->os->objects; o; o = o->next) files += HASH_COUNT(o->swapped);
    if (alone && a->os->swap.used != files)
        fail(a, "no process is left, but %llu swap slots are in use, %llu of them by files",
             (unsigned long long)a->os->swap.used, (unsigned long long)files);
    uint64_t rest = a->cached + others + 1 + (a->os->mms ? 1 : 0);
    if (a->os->huge.zero) rest += HUGE_FRAMES;
    if (alone && used != rest)
        fail(a,
             "no process is left, but %llu frames are in use; cache, zero page, root and others' "
             "make %llu",
             (unsigned long long)used, (unsigned long long)rest);
}

/* ---- Swap and lists ------------------------------------------------------------------ */

/* After page tables and objects: every entry is counted. */
static void audit_swap(struct audit *a) {
    const struct swap *s = &a->os->swap;
    uint64_t used = 0;
    for (uint32_t i = 1; i < s->touched; i++) {
        const struct swap_slot *one = &s->slot[i];
        used += one->used;
        if (one->count != a->entries[i] || one->used != (one->count || one->cache))
            fail(a, "swap slot %u counts %u entries, but has %u", i, one->count, a->entries[i]);
        if (!one->cache) continue;
        const struct frame *f = count(a, one->cache, "the swap cache");
        if (f && (f->kind != FRAME_ANON || f->swap != i))
            fail(a, "swap slot %u and its frame do not agree", i);
        if (f && !one->bytes && !f->dirty)
            fail(a, "swap slot %u was never written, and its frame is clean", i);
    }
    if (used != s->used)
        fail(a, "%llu swap slots are in use; the allocator counts %llu", (unsigned long long)used,
             (unsigned long long)s->used);
}

/* Each page is on the one list where it belongs. */
static void audit_lists(struct audit *a) {
    const struct frames *f = &a->os->frames;
    uint64_t listed = 0, pages = 0;
    for (int list = LRU_NONE + 1; list < LRU_LISTS; list++) {
        uint64_t n = 0;
        for (ppn_t ppn = a->os->lru[list].newest; ppn && n <= f->touched;) {
            const struct frame *one = &f->frame[ppn - f->base];
            if (one->lru != list || folio_unevictable(one) != (list == LRU_UNEVICTABLE) ||
                folio_head(a->os, ppn) != ppn)
                fail(a, "frame 0x%llx is on the wrong list", (unsigned long long)ppn);
            n += folio_pages(one);
            ppn = one->older;
        }
        if (n != a->os->lru[list].count)
            fail(a, "list %d counts %llu frames, but has %llu", list,
                 (unsigned long long)a->os->lru[list].count, (unsigned long long)n);
        listed += n;
    }
    for (uint64_t i = 0; i < f->touched; i++)
        pages += f->frame[i].kind == FRAME_ANON || f->frame[i].kind == FRAME_CACHE;
    if (pages != listed)
        fail(a, "%llu pages, of which %llu are on a list", (unsigned long long)pages,
             (unsigned long long)listed);
}

static void *counters(uint64_t n) {
    void *p = calloc(n + 1, sizeof(uint32_t));
    if (!p) abort();
    return p;
}

bool os_check(const struct os *os, char *why, size_t bytes) {
    struct audit a = {.os = os, .why = why, .bytes = bytes};
    a.refs = counters(os->frames.touched);
    a.maps = counters(os->frames.touched);
    a.locks = counters(os->frames.touched);
    a.entries = counters(os->swap.touched);
    count(&a, os->zero_page, "the kernel");
    for (ppn_t i = 0; os->huge.zero && i < HUGE_FRAMES; i++)
        count(&a, os->huge.zero + i, "the kernel");
    for (const struct mm *mm = os->mms; mm; mm = mm->next) audit_mm(&a, mm);
    for (const struct object *o = os->objects; o; o = o->next) audit_object(&a, o);
    audit_swap(&a);
    char full[128];
    if (!store_check(os, full, sizeof full)) fail(&a, "%s", full);
    audit_lists(&a);
    audit_frames(&a);
    free(a.refs);
    free(a.maps);
    free(a.locks);
    free(a.entries);
    return !a.wrong;
}
