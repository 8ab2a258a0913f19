/* SPDX-License-Identifier: Apache-2.0
 *
 * What is read beside the page that was asked for (mm/readahead.c and mm/filemap.c of 6.18).
 *
 *   fault   read-around: a window of ra_pages, the page in its middle (do_sync_mmap_readahead);
 *           of executable memory the window begins with the page and ends with the VMA; advice
 *           SEQUENTIAL reads ahead as read(2) does, RANDOM reads nothing. A file with 100 misses
 *           more than hits is left alone.
 *   read    the first window is twice or four times the request, each next one twice the one
 * before, up to ra_pages (page_cache_sync_ra). The first page of a window's last part is marked:
 *           whoever comes to it starts the next window (page_cache_async_ra).
 *
 * Pages read ahead of a marker come in folios of growing order (cachefolio.c), which decide where
 * markers lie; a marked folio is passed over by fault-around.
 * What is read is there when the call or fault that asked for it returns. Within it, a fault that
 * need not wait for its page does not find what it has begun to read; one that waits finds all.
 */
#include "kernel.h"

enum { LOTS_OF_MISSES = 100, SPARE = 16 /* frames that the fault itself may need */ };

/* ---- One page ------------------------------------------------------------------------ */

/* The device has it. */
static void transfer(struct object *o, struct page *p) {
    p->reading = true;
    if (o->ra.first == o->ra.beyond) o->ra.first = p->index;
    if (p->index < o->ra.first) o->ra.first = p->index;
    if (p->index >= o->ra.beyond) o->ra.beyond = p->index + 1;
}

void ra_done(struct object *o) {
    for (uint64_t i = o->ra.first; i < o->ra.beyond; i++) {
        struct page *p = page_find(o, i);
        if (p) p->reading = false;
    }
    o->ra.first = o->ra.beyond = 0;
}

/* Whoever waits for a page finds all that went to the device with it read when it runs again: a
 * window that has gaps is several transfers, which reach the device together. */
void ra_wait(struct object *o, const struct page *p) {
    if (p->reading) ra_done(o);
}

static bool folio_new(struct os *os, struct object *o, uint64_t index, unsigned order, bool mark) {
    uint64_t end = index + (1ull << order);
    bool hole = true; /* nothing to wait for */
    for (uint64_t i = index; i < end; i++) {
        if (page_find(o, i) || store_fails(o, i)) return false;
        hole &= page_hole(o, i);
    }
    if (frames_left(os) < SPARE + (1ull << order)) return false;
    for (uint64_t i = index; i < end; i++) {
        struct page *p = page_read(os, o, i);
        p->order = (uint8_t)order;
        p->mark = mark;
        if (!hole) transfer(o, p);
    }
    return true;
}

/* ---- A window ------------------------------------------------------------------------ */

/* do_page_cache_ra: single pages, those that are there left out; `ahead` pages lie behind the mark.
 */
static void read_pages(struct os *os, struct object *o, uint64_t index, uint64_t pages,
                       uint64_t ahead) {
    uint64_t end = (o->size + PAGE_BYTES - 1) / PAGE_BYTES;
    if (index >= end) return;
    if (pages > end - index) pages = end - index;
    uint64_t mark = ahead && ahead <= pages ? index + pages - ahead : UINT64_MAX;
    for (uint64_t i = index; i < index + pages; i++)
        if (!page_find(o, i) && !folio_new(os, o, i, 0, i == mark)) return;
}

static unsigned log2_of(uint64_t n) {
    return 63 - (unsigned)__builtin_clzll(n);
}

/* page_cache_ra_order: folios as large as the window's order, its alignment and the file allow. */
static void read_window(struct os *os, struct object *o) {
    struct readahead *ra = &o->ra;
    uint64_t last = (o->size - 1) / PAGE_BYTES, index = ra->start;
    uint64_t mark = index + ra->size - ra->async_size;
    if (last > index + ra->size - 1) last = index + ra->size - 1;
    if (ra->order > log2_of(ra->size)) ra->order = log2_of(ra->size);
    while (index <= last) {
        unsigned order = ra->order;
        if (index & ((1ull << order) - 1)) order = (unsigned)__builtin_ctzll(index);
        while (order && index + (1ull << order) - 1 > last) order--;
        if (!folio_new(os, o, index, order, index == (mark & ~((1ull << order) - 1)))) break;
        index += 1ull << order;
    }
    uint64_t done = index - ra->start;
    if (index <= last && ra->size > done) read_pages(os, o, index, ra->size - done, ra->async_size);
}

static uint64_t round_up_power(uint64_t n) {
    return n <= 1 ? 1 : 1ull << (log2_of(n - 1) + 1);
}

static uint64_t first_size(uint64_t request, uint64_t max) { /* get_init_ra_size */
    uint64_t size = round_up_power(request);
    return size <= max / 32 ? size * 4 : size <= max / 4 ? size * 2 : max;
}

static uint64_t next_size(uint64_t now, uint64_t max) { /* get_next_ra_size */
    return now < max / 16 ? now * 4 : now <= max / 2 ? now * 2 : max;
}

/* Does the request exceed the window? Then it may be as large as the device's largest transfer. */
static uint64_t max_pages(const struct os *os, const struct object *o, uint64_t request) {
    uint64_t max = object_ra_pages(os, o), io = os->cfg.os_io_pages;
    return request > max && io > max ? (request < io ? request : io) : max;
}

/* ---- Synchronous, asynchronous ------------------------------------------------------- */

/* page_cache_prev_miss: the last index at or below that is not there, of at most `max`. */
static uint64_t cached_before(const struct object *o, uint64_t index, uint64_t max, bool *whole) {
    uint64_t n = 0;
    while (n < index && n < max && page_find(o, index - 1 - n)) n++;
    *whole = n == index;
    return n;
}

void ra_sync(struct os *os, struct object *o, uint64_t index, uint64_t request) {
    struct readahead *ra = &o->ra;
    if (!object_ra_pages(os, o)) {
        read_pages(os, o, index, 1, 0);
        return;
    }
    uint64_t max = max_pages(os, o, request), before = ra->prev_pos / PAGE_BYTES;
    ra->order = 0;
    if (!index || request > max || (ra->prev_pos != UINT64_MAX && index - before <= 1)) {
        ra->start = index;
        ra->size = first_size(request, max);
        ra->async_size = ra->size > request ? ra->size - request : ra->size / 2;
    } else {
        bool whole;
        uint64_t history = cached_before(o, index, max, &whole);
        if (history <= request) { /* alone, and small: no window begins */
            read_pages(os, o, index, request, 0);
            return;
        }
        if (whole) history *= 2;
        ra->start = index;
        ra->size = history + request < max ? history + request : max;
        ra->async_size = 1;
    }
    read_window(os, o);
}

/* The next window, from where the last one ended; or, if the mark is another's, from where the
 * cached pages end. */
void ra_async(struct os *os, struct object *o, const struct page *p, uint64_t index,
              uint64_t request) {
    struct readahead *ra = &o->ra;
    uint64_t folio = 1ull << p->order, max = max_pages(os, o, request);
    if (!object_ra_pages(os, o)) return;
    cache_mark(p, false);
    if (index == ((ra->start + ra->size - ra->async_size) & ~(folio - 1))) {
        uint64_t next = next_size(ra->size, max);
        ra->start += ra->size;
        ra->size = next > ra->size ? next : ra->size;
    } else {
        uint64_t start = index + 1;
        while (start - index <= max && page_find(o, start)) start++;
        if (start - index > max) return;
        ra->start = start;
        ra->size = next_size(start - index + request, max);
    }
    ra->order += 2; /* and it ends on a boundary of that order */
    unsigned order = (unsigned)__builtin_ctzll(max);
    uint64_t align = 1ull << (ra->order < order ? ra->order : order), end = ra->start + ra->size;
    if ((end & ~(align - 1)) > ra->start) ra->size -= end & (align - 1);
    ra->async_size = ra->size;
    if (ra->start * PAGE_BYTES < o->size) read_window(os, o);
}

/* ---- Faults -------------------------------------------------------------------------- */

/* do_sync_mmap_readahead: the page is not there. */
void ra_fault_miss(struct os *os, const struct vma *v, uint64_t index) {
    struct object *o = v->object;
    struct readahead *ra = &o->ra;
    uint64_t pages = object_ra_pages(os, o);
    if (!pages || (v->flags & (VMA_RAND | VMA_X)) == VMA_RAND) return;
    if (v->flags & VMA_SEQ) {
        ra_sync(os, o, index, pages);
        return;
    }
    if (ra->misses < LOTS_OF_MISSES * 10) ra->misses++;
    if (ra->misses > LOTS_OF_MISSES) return;
    ra->order = 0;
    if (v->flags & VMA_X) {
        uint64_t end = v->pgoff + (v->end - v->start) / PAGE_BYTES;
        ra->start = index;
        ra->size = (index + pages < end ? index + pages : end) - index;
        ra->async_size = 0;
    } else {
        ra->start = index > pages / 2 ? index - pages / 2 : 0;
        ra->size = pages;
        ra->async_size = pages / 4;
    }
    read_window(os, o);
}

/* do_async_mmap_readahead: it is. True: a window was begun, and the fault is to be tried again. */
bool ra_fault_hit(struct os *os, const struct vma *v, const struct page *p) {
    struct object *o = v->object;
    if ((v->flags & VMA_RAND) || !object_ra_pages(os, o)) return false;
    if (o->ra.misses) o->ra.misses--;
    if (!p->mark) return false;
    ra_async(os, o, p, p->index, object_ra_pages(os, o));
    return true;
}

/* What fault-around found is hits, too (filemap_map_pages). */
void ra_found(struct object *o, uint64_t pages) {
    o->ra.misses -= pages < o->ra.misses ? (uint32_t)pages : o->ra.misses;
}
