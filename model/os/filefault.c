/* SPDX-License-Identifier: Apache-2.0
 *
 * Page faults where no PTE is and a file or shmem object lies beneath: do_fault of mm/memory.c,
 * mm/filemap.c, shmem_fault; the driver's of a device.
 *
 *   read   the cached pages around it (fault-around); else the page, read in, and its folio
 *   write  shared: the same, dirty from now on; private: a copy
 *
 * Behind the end of the object, and where its store fails or is full, there is nothing: SIGBUS.
 */
#include "fault.h"

static void map_page(struct handling *h, struct page *p, enum kfault kind) {
    pte_t pte = handling_pte(h, p->ppn);
    if ((pte & PTE_W) && cache_dirty(p))
        pte |= PTE_D; /* set_pte_range: dirty already, so spare the next fault */
    frame_get(h->os, p->ppn);
    rmap_add(h->os, h->vma, p->ppn);
    handling_set(h, pte, kind);
}

/* The place `pages` further on, or back, in the same page table. */
static struct handling beside(const struct handling *h, uint64_t pages) {
    struct handling one = *h;
    one.va += pages * PAGE_BYTES;
    one.slot += pages * h->os->pte_bytes;
    return one;
}

/* Do the VMA, the page table and the file have all of the folio whose page p is to be at `va`? */
static bool folio_fits(const struct handling *h, vaddr_t va, const struct page *p) {
    const struct vma *v = h->vma;
    uint64_t above = p->index - cache_first(p), below = cache_end(p) - p->index;
    uint64_t at = va / PAGE_BYTES % h->os->entries;
    return (va - v->start) / PAGE_BYTES >= above && (v->end - va) / PAGE_BYTES >= below &&
           at >= above && at + below <= h->os->entries &&
           cache_end(p) <= (p->object->size + PAGE_BYTES - 1) / PAGE_BYTES;
}

/* finish_fault of 6.18: a folio is mapped whole, if nothing of it is mapped there. */
static void map_folio(struct handling *h, struct page *p, enum kfault kind) {
    bool whole = folio_fits(h, h->va, p);
    for (uint64_t i = cache_first(p); whole && i < cache_end(p); i++)
        whole = !pte_get(h->os, beside(h, i - p->index).slot);
    for (uint64_t i = cache_first(p); whole && i < cache_end(p); i++) {
        struct handling one = beside(h, i - p->index);
        if (i == p->index) continue;
        map_page(&one, page_find(p->object, i), kind);
        h->os->stats.fault_around++;
    }
    map_page(h, p, kind);
}

/* In the cache, up to date (not under way), and no marker of read-ahead: next_uptodate_folio. */
static bool to_map(const struct page *p) {
    return p && !p->blank && !p->mark && !p->reading;
}

static const struct page *first_page(const struct vma *v, vaddr_t va, uint64_t pages) {
    const struct page *p = NULL;
    for (uint64_t i = 0; i < pages && !to_map(p); i++)
        p = page_find(v->object, vma_page(v, va + i * PAGE_BYTES));
    return to_map(p) ? p : NULL;
}

/* can_map_large of filemap_map_pages of 6.18: where the first folio it finds is the last of its
 * file it maps none whole and does not try a huge mapping; only that try puts a missing page table
 * in place. */
static bool maps_large(const struct object *o, const struct page *first) {
    return object_shmem(o) || cache_end(first) * PAGE_BYTES < o->size;
}

/* filemap_map_folio_range: the pages of a folio from p on, `most` of them, or the whole of it.
 * Where they begin and end, counted from slot `i` of p. */
struct run {
    uint64_t from, to;
};
static struct run folio_run(const struct handling *h, vaddr_t va, const struct page *p, uint64_t i,
                            uint64_t most, bool large) {
    uint64_t above = p->index - cache_first(p), below = cache_end(p) - p->index;
    if (large && folio_fits(h, va, p)) return (struct run){i - above, i + below};
    return (struct run){i, i + (below < most ? below : most)};
}

/* Slots [from, to), counted from the one that was asked for: what is empty. True if that one was.
 */
static bool map_run(struct handling *h, uint64_t from, uint64_t to) {
    bool hit = false;
    for (uint64_t i = from; i != to; i++) {
        struct handling one = beside(h, i);
        if (pte_get(h->os, one.slot)) continue;
        map_page(&one, page_find(h->vma->object, vma_page(h->vma, one.va)), KFAULT_FILE_MAP);
        hit |= i == 0;
        h->os->stats.fault_around += i != 0;
    }
    return hit;
}

/* do_fault_around and filemap_map_pages: a window of 16 aligned slots, within the VMA, the page
 * table and the file, and all of a folio that is partly in it; only pages that are in the cache,
 * only empty slots. True if it mapped the page that was asked for. */
static bool fault_around(struct handling *h) {
    const struct vma *v = h->vma;
    uint64_t window = h->os->cfg.os_fault_around;
    while (window & (window - 1)) window &= window - 1;        /* rounddown_pow_of_two */
    if (window <= 1 || (v->flags & VMA_SPECIAL)) return false; /* has no map_pages */
    uint64_t at = h->va / PAGE_BYTES % h->os->entries, below = (h->va - v->start) / PAGE_BYTES;
    uint64_t from = at & ~(window - 1);
    if (at - from > below) from = at - below;
    uint64_t to = from + window, above = (v->end - h->va) / PAGE_BYTES;
    to = to < h->os->entries ? to : h->os->entries;
    to = to < at + above ? to : at + above;
    uint64_t index = vma_page(v, h->va) - (at - from);
    uint64_t end = (v->object->size + PAGE_BYTES - 1) / PAGE_BYTES;
    if (index >= end) return false;
    to = to - from < end - index ? to : from + (end - index);
    const struct page *p = first_page(v, h->va - (at - from) * PAGE_BYTES, to - from);
    bool large = p && maps_large(v->object, p);
    if (!p || (!h->slot && !large)) return false;
    handling_table(h);
    bool hit = false;
    uint64_t found = 0;
    for (struct run run = {from, from}; run.from < to; run.from = run.to) {
        vaddr_t va = h->va + (run.from - at) * PAGE_BYTES;
        run.to = run.from + 1;
        p = page_find(v->object, vma_page(v, va));
        if (!to_map(p)) continue;
        run = folio_run(h, va, p, run.from, to - run.from, large);
        hit |= map_run(h, run.from - at, run.to - at);
        found += run.to - run.from;
    }
    ra_found(v->object, found);
    return hit;
}

/* do_cow_fault: the cached page is read in, but never mapped. */
static void fault_cow_file(struct handling *h, const struct page *p) {
    ppn_t ppn = handling_anon_frame(h);
    mem_copy_frame(h->os->mem, ppn, p->ppn);
    handling_set(h, handling_pte(h, ppn), KFAULT_COW_FILE);
}

/* filemap_fault: the page, read in if need be. *dropped: the lock was, to read; the fault is to be
 * tried again (VM_FAULT_RETRY). */
static struct page *file_page(struct handling *h, uint64_t index, bool tried, bool *dropped) {
    struct object *o = h->vma->object;
    const struct page *p = page_find(o, index);
    if (p) {
        *dropped = (!tried && ra_fault_hit(h->os, h->vma, p)) || p->blank;
    } else {
        h->out.major = *dropped = true;
        ra_fault_miss(h->os, h->vma, index);
    }
    bool major;
    struct page *page = page_get(h->os, o, index, &major);
    ra_wait(o, page);
    return page;
}

static bool tried_before(const struct handling *h) { /* FAULT_FLAG_TRIED, once it was dropped */
    if (h->by == FAULT_BY_USER) return h->out.major;
    return h->by != FAULT_BY_POPULATE;
}

static void fault_file(struct handling *h, uint64_t index) {
    struct page *p = NULL;
    for (bool tried = false, dropped = true; dropped; tried = tried_before(h)) {
        if (!h->write && fault_around(h)) { /* do_read_fault: even for an address behind the end */
            h->out.kind = KFAULT_FILE_MAP;
            return;
        }
        if (h->write && !(h->vma->flags & VMA_SHARED))
            vma_prepare_anon(h->os, h->vma); /* do_cow_fault: before it asks for the page */
        if (index >= (h->vma->object->size + PAGE_BYTES - 1) / PAGE_BYTES ||
            store_fails(h->vma->object, index)) { /* filemap_read_folio: EIO */
            handling_no_backing(h);
            return;
        }
        p = file_page(h, index, tried, &dropped);
        h->out.major |=
            dropped && (h->by == FAULT_BY_KERNEL || h->by == FAULT_BY_GUP); /* mm_account_fault */
        dropped &= !tried && h->by != FAULT_BY_PTRACE;
    }
    if (h->write && (h->vma->flags & VMA_SHARED) && !store_room(h->os, h->vma->object, index)) {
        handling_no_backing(h); /* do_page_mkwrite: ENOSPC */
        return;
    }
    handling_table(h); /* not before it is known that a page can be had */
    if (h->write && !(h->vma->flags & VMA_SHARED)) {
        fault_cow_file(h, p);
        return;
    }
    if (h->write) frame_dirty(frame_of(h->os, p->ppn)); /* page_mkwrite */
    map_folio(h, p, KFAULT_FILE_MAP);
}

static void fault_shmem(struct handling *h, uint64_t index) {
    struct object *o = h->vma->object;
    if (!h->write && fault_around(h)) {
        h->out.kind = KFAULT_FILE_MAP;
        return;
    }
    bool copies = h->write && !(h->vma->flags & VMA_SHARED);
    if (copies) vma_prepare_anon(h->os, h->vma);
    if (index >= (o->size + PAGE_BYTES - 1) / PAGE_BYTES || !store_room(h->os, o, index)) {
        handling_no_backing(h);
        return;
    }
    bool fresh = !page_find(o, index), swapped = swap_find(o, index);
    struct page *p = page_get(h->os, o, index, &h->out.major);
    handling_table(h);
    if (copies) {
        fault_cow_file(h, p);
        return;
    }
    if (h->write) frame_dirty(frame_of(h->os, p->ppn)); /* fault_dirty_shared_page */
    map_page(h, p, swapped ? KFAULT_SWAP_IN : fresh ? KFAULT_SHMEM_ALLOC : KFAULT_FILE_MAP);
}

/* The driver's fault handler: vmf_insert_pfn, which leaves D to the access. */
static void fault_device(struct handling *h) {
    if (vvar_timens(h->vma->object, vma_page(h->vma, h->va))) {
        handling_no_backing(h); /* vvar_fault */
        return;
    }
    handling_table(h);
    handling_set(h, device_pte(h->os, h->vma, h->va), KFAULT_FILE_MAP);
    h->out.cost = h->os->cfg.os_device_fault;
}

void handling_object(struct handling *h) {
    uint64_t index = vma_page(h->vma, h->va);
    if (h->vma->object->device) {
        fault_device(h);
        return;
    }
    if (!object_shmem(h->vma->object)) {
        fault_file(h, index);
        if (h->out.major) h->out.cost = store_read_cost(h->os, h->vma->object);
        ra_done(h->vma->object);
    } else {
        fault_shmem(h, index);
    }
}
