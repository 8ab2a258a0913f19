/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects that memory is mapped from, their page cache, and what lies on disk beneath it.
 *
 * A file's pages are keyed by index; every mapping and read(2) and write(2) meet in the same frame.
 * A page comes in from disk once (the major fault), gets dirty by a write, and clean by writeback:
 * that takes write permission and D from every shared PTE first (folio_mkclean), so the next write
 * faults and is noticed. A shmem object, behind shared anonymous memory, has no disk: a missing
 * page is a fresh zero page, nobody cleans it, and it ends with its last VMA.
 *
 * On disk, a byte nobody wrote is a function of (file, offset), of nothing beyond `original`; pages
 * written back are kept whole. File sizes reach the disk at once.
 */
#include "kernel.h"
#include "../token.h"
#include <stdlib.h>
#include <string.h>

/* ---- Objects ------------------------------------------------------------------------- */
struct object *object_new(struct os *os, uint32_t id, const char *name, uint64_t size,
                          enum store store) {
    struct object *o = calloc(1, sizeof *o);
    char *copy = strdup(name);
    if (!o || !copy) abort();
    *o = (struct object){.id = id, .name = copy, .size = size, .store = (uint8_t)store};
    o->original = object_shmem(o) ? 0 : size;
    o->declared = (o->original + PAGE_BYTES - 1) / PAGE_BYTES;
    o->ra.prev_pos = UINT64_MAX;
    o->next = os->objects;
    os->objects = o;
    return o;
}

struct object *object_find(const struct os *os, uint32_t id) {
    struct object *o = os->objects;
    while (o && o->id != id) o = o->next;
    return o;
}

void page_remove(struct os *os, struct object *o, struct page *p) {
    cache_leave(p);
    HASH_DEL(o->pages, p);
    frame_put(os, p->ppn);
    free(p);
}

void object_free(struct os *os, struct object *o) {
    struct page *p, *next_page;
    struct block *b, *next_block;
    HASH_ITER(hh, o->pages, p, next_page) page_remove(os, o, p);
    swap_forget(os, o, 0, UINT64_MAX);
    HASH_ITER(hh, o->disk, b, next_block) {
        HASH_DEL(o->disk, b);
        free(b);
    }
    struct object **link = &os->objects;
    while (*link != o) link = &(*link)->next;
    *link = o->next;
    free(o->name);
    free(o);
}

void object_unused(struct os *os, struct object *o) {
    if (!o->id) object_free(os, o);
}

/* ---- Disk ---------------------------------------------------------------------------- */
struct block *block_find(const struct object *o, uint64_t index) {
    struct block *b;
    HASH_FIND(hh, o->disk, &index, sizeof index, b);
    return b;
}

struct block *block_make(struct object *o, uint64_t index) {
    struct block *b = block_find(o, index);
    if (b) return b;
    b = calloc(1, sizeof *b);
    if (!b) abort();
    b->index = index;
    HASH_ADD(hh, o->disk, index, sizeof b->index, b);
    return b;
}

/* As many bytes as lie in one page. */
size_t page_chunk(uint64_t offset, size_t left) {
    size_t part = PAGE_BYTES - offset % PAGE_BYTES;
    return part < left ? part : left;
}

/* What the file held before anybody wrote to it. */
static uint8_t original_byte(const struct object *o, uint64_t offset) {
    return offset < o->original ? token_file_byte(o->id, offset) : 0;
}

static void disk_page(const struct object *o, uint64_t index, uint8_t *out) {
    const struct block *b = block_find(o, index);
    for (uint64_t i = 0; i < PAGE_BYTES; i++)
        out[i] = b ? b->bytes[i] : original_byte(o, index * PAGE_BYTES + i);
}

size_t os_disk_read(const struct os *os, uint32_t file, uint64_t offset, void *out, size_t bytes) {
    const struct object *o = file ? object_find(os, file) : NULL;
    uint8_t page[PAGE_BYTES];
    size_t done = 0, want = bytes;
    if (!o || object_shmem(o) || o->device || offset >= o->size) return 0;
    if (want > o->size - offset) want = (size_t)(o->size - offset);
    while (done < want) {
        uint64_t at = offset + done;
        size_t part = page_chunk(at, want - done);
        disk_page(o, at / PAGE_BYTES, page);
        memcpy((uint8_t *)out + done, page + at % PAGE_BYTES, part);
        done += part;
    }
    return done;
}

/* ---- Pages --------------------------------------------------------------------------- */
struct page *page_find(const struct object *o, uint64_t index) {
    struct page *p;
    HASH_FIND(hh, o->pages, &index, sizeof index, p);
    return p;
}

static struct page *page_add(struct os *os, struct object *o, uint64_t index) {
    struct page *p = calloc(1, sizeof *p);
    if (!p) abort();
    p->index = index;
    p->object = o;
    p->ppn = frame_alloc(os, FRAME_CACHE);
    frame_of(os, p->ppn)->page = p;
    lru_new(os, p->ppn);
    HASH_ADD(hh, o->pages, index, sizeof p->index, p);
    return p;
}

bool page_hole(const struct object *o, uint64_t index) {
    const struct block *b = block_find(o, index);
    return b ? b->hole : index * PAGE_BYTES >= o->original;
}

struct page *page_read(struct os *os, struct object *o, uint64_t index) {
    struct page *p = page_add(os, o, index);
    uint8_t bytes[PAGE_BYTES];
    disk_page(o, index, bytes);
    mem_write(os->mem, p->ppn << PAGE_SHIFT, bytes, PAGE_BYTES);
    return p;
}

struct page *page_get(struct os *os, struct object *o, uint64_t index, bool *major) {
    struct page *p = page_find(o, index);
    uint32_t slot = p ? 0 : swap_find(o, index);
    *major = !p && (!object_shmem(o) || slot);
    if (p) {
        p->blank = false; /* a hole: there was nothing to read but zeros */
        return p;
    }
    if (slot) { /* shmem_swapin_folio: the slot has no further use */
        p = page_add(os, o, index);
        swap_read(os, slot, p->ppn);
        swap_forget(os, o, index, index + 1);
        p->dirty = true;
        return p;
    }
    return page_read(os, o, index);
}

void page_zero(struct os *os, struct page *p, uint64_t at, size_t bytes) {
    static const uint8_t zeros[PAGE_BYTES];
    mem_write(os->mem, (p->ppn << PAGE_SHIFT) + at % PAGE_BYTES, zeros, bytes);
}

/* The page that holds the end of the file, if it is cached and not full. */
struct page *page_last(const struct object *o) {
    return o->size % PAGE_BYTES ? page_find(o, o->size / PAGE_BYTES) : NULL;
}

/* ---- Writeback ----------------------------------------------------------------------- */

/* folio_mkclean: one fence for every PTE that allowed a write. */
static void page_clean(struct os *os, const struct object *o, struct page *p) {
    for (struct vma *v = o->vmas; v; v = v->next) {
        uint64_t pages = (v->end - v->start) / PAGE_BYTES;
        if (!(v->flags & VMA_SHARED) || p->index < v->pgoff || p->index - v->pgoff >= pages)
            continue;
        vaddr_t va = v->start + (p->index - v->pgoff) * PAGE_BYTES;
        int level;
        paddr_t slot = pt_slot(os, v->mm, va, &level);
        pte_t pte = pte_get(os, slot);
        if (level || !pte_present(pte) || !(pte & (PTE_W | PTE_D))) continue;
        pte_set(os, slot, pte & ~(PTE_W | PTE_D));
        flush_page(os, v->mm, va, RULE_MKCLEAN); /* ptep_clear_flush, of PROT_NONE too */
    }
    if (os->watch.cleaned) os->watch.cleaned(os->watch.who, p->ppn);
}

static void page_write(struct os *os, struct object *o, struct page *p) {
    p->dirty = false;
    if (p == page_last(o))
        page_zero(os, p, o->size, page_chunk(o->size, PAGE_BYTES)); /* never reach the disk */
    if (o->broken & IO_WRITE) { /* the page counts as clean, the disk is as it was */
        o->lost = true;         /* mapping_set_error */
        os->aged++;
        return;
    }
    struct block *b = block_make(o, p->index);
    b->hole = false;
    mem_read(os->mem, p->ppn << PAGE_SHIFT, b->bytes, PAGE_BYTES);
    os->stats.writeback++;
}

/* Of a folio the pages that are dirty; all are clean for their mappings. */
void page_write_back(struct os *os, struct object *o, const struct page *p) {
    cache_mark(p, false); /* folio_end_writeback clears PG_reclaim, which is PG_readahead */
    for (uint64_t i = cache_first(p), end = cache_end(p); i < end; i++) {
        struct page *one = page_find(o, i);
        page_clean(os, o, one);
        if (one->dirty) page_write(os, o, one);
    }
}

/* Pages [from, to) in order of index, and what else is in their folios. Of shmem, none: there is no
 * place to write them. */
static void write_back(struct os *os, struct object *o, uint64_t from, uint64_t to) {
    if (object_shmem(o)) return;
    uint64_t end = (o->size + PAGE_BYTES - 1) / PAGE_BYTES;
    for (uint64_t index = from; index < to && index < end; index++) {
        struct page *p = page_find(o, index);
        if (!p || !cache_dirty(p)) continue;
        os->aged += cache_first(p) < from || cache_end(p) > to;
        page_write_back(os, o, p);
    }
}

void write_back_all(struct os *os) {
    for (struct object *o = os->objects; o; o = o->next)
        if (!object_shmem(o)) write_back(os, o, 0, UINT64_MAX);
}

/* ---- Calls --------------------------------------------------------------------------- */
bool call_file(struct os *os, const struct os_call *c) {
    if (!c->file || object_find(os, c->file))
        return refuse(os, "file: id %u is %s", c->file,
                      c->file ? "declared already" : "not allowed");
    if (c->arg[1] >= STORE_COUNT)
        return refuse(os, "file: store %llu is unknown", (unsigned long long)c->arg[1]);
    struct object *o =
        object_new(os, c->file, c->path ? c->path : "", c->arg[0], (enum store)c->arg[1]);
    for (uint64_t i = 0; o->store == STORE_VDSO && i * PAGE_BYTES < o->size; i++)
        if (frames_want(os, 1)) page_read(os, o, i); /* it is there before any process is */
    return !store_device(o->store) || device_new(os, o);
}

static void sync_range(struct os *os, struct object *o, uint64_t from, uint64_t to) {
    uint64_t before = os->stats.writeback;
    write_back(os, o, from, to);
    os->stats.os_cycles += (os->stats.writeback - before) * store_write_cost(os, o);
    os->eio |= o->lost; /* file_check_and_advance_wb_err: told once */
    o->lost = false;
}

/* msync(MS_SYNC): each shared file in the range writes back that part. */
bool call_msync(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1];
    if (!range_ok(os, "msync", c->arg[0], &length)) return false;
    vaddr_t start = c->arg[0], end = start + length;
    for (size_t i = vma_index(mm, start); i < mm->vmas && mm->vma[i]->start < end; i++) {
        struct vma *v = mm->vma[i];
        if ((v->flags & (VMA_DEVICE | VMA_SHARED)) == (VMA_DEVICE | VMA_SHARED))
            return refuse(os, "msync: a device has no disk (EINVAL)");
        if (!vma_notify(v)) continue;
        vaddr_t from = v->start > start ? v->start : start;
        vaddr_t to = v->end < end ? v->end : end;
        uint64_t first = v->pgoff + (from - v->start) / PAGE_BYTES;
        sync_range(os, v->object, first, first + (to - from) / PAGE_BYTES);
        if (os->eio) break;
    }
    return true;
}

bool call_fsync(struct os *os, const struct os_call *c) {
    struct object *o = c->file ? object_find(os, c->file) : NULL;
    if (!o) return refuse(os, "fsync: file %u is not declared", c->file);
    sync_range(os, o, 0, UINT64_MAX);
    return true;
}
