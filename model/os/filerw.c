/* SPDX-License-Identifier: Apache-2.0
 *
 * read(2) and write(2), the file's side: the same pages that mappings show. A read brings in what
 * is missing and reads ahead (filemap_read); a write brings in what it does not cover whole, makes
 * the page dirty, and moves the end of the file.
 */
#include "kernel.h"
#include <string.h>

/* filemap_get_pages: what a read needs of the page at `index`, and what it reads ahead. NULL: a
 * hole of a shmem object, which a read does not fill (shmem_file_read_iter). */
static struct page *read_page(struct os *os, struct object *o, uint64_t index, uint64_t end,
                              uint64_t *cost) {
    struct page *p = page_find(o, index);
    bool major = false;
    if (!p && object_shmem(o) && !swap_find(o, index)) return NULL;
    if (!p && !object_shmem(o)) {
        ra_sync(os, o, index, end - index);
        *cost += store_read_cost(os, o);
    }
    p = page_get(os, o, index, &major);
    if (p->mark) ra_async(os, o, p, cache_first(p), end - cache_first(p));
    return p;
}

/* The call is over; it ended here. One that began behind the end of the file left no trace
 * (filemap_read). */
void os_file_read_done(struct os *os, uint32_t file, uint64_t offset) {
    struct object *o = file ? object_find(os, file) : NULL;
    if (!o || !o->ra.read) return;
    o->ra.prev_pos = offset;
    o->ra.read = false;
}

size_t os_file_read(struct os *os, uint32_t file, uint64_t offset, void *out, size_t bytes,
                    uint64_t end, uint64_t *cost) {
    struct object *o = file ? object_find(os, file) : NULL;
    *cost = 0;
    migrate_finish(os);
    if (!o || offset >= o->size) return 0;
    size_t done = 0, want = bytes < o->size - offset ? bytes : (size_t)(o->size - offset);
    o->ra.read = true;
    while (done < want && frames_want(os, 1)) {
        uint64_t at = offset + done;
        size_t part = page_chunk(at, want - done);
        if (store_fails(o, at / PAGE_BYTES)) break; /* EIO, or a short count */
        const struct page *p =
            read_page(os, o, at / PAGE_BYTES, (end + PAGE_BYTES - 1) / PAGE_BYTES, cost);
        if (p) {
            lru_accessed(os, p->ppn);
            mem_read(os->mem, (p->ppn << PAGE_SHIFT) + at % PAGE_BYTES, (uint8_t *)out + done,
                     part);
        } else {
            memset((uint8_t *)out + done, 0, part);
        }
        done += part;
    }
    os->stats.os_cycles += *cost;
    ra_done(o);
    return done;
}

/* What a write covers whole, or lies behind the end, need not be read. */
static bool known(const struct object *o, uint64_t at, size_t part) {
    return part == PAGE_BYTES || at / PAGE_BYTES * PAGE_BYTES >= o->size;
}

static bool refuses(const struct os *os, const struct object *o, uint64_t at, size_t part) {
    uint64_t index = at / PAGE_BYTES;
    return !store_room(os, o, index) || (!known(o, at, part) && store_fails(o, index));
}

bool os_file_refuses(const struct os *os, uint32_t file, uint64_t offset, size_t bytes) {
    const struct object *o = file ? object_find(os, file) : NULL;
    return o && refuses(os, o, offset, page_chunk(offset, bytes));
}

/* ext4_zero_partial_blocks: from the old end on zeros, in its page, up to where a write behind it
 * begins; what a mapping stored behind that stays. tmpfs leaves all as it is. */
static void zero_gap(struct os *os, struct object *o, uint64_t offset) {
    if (offset > o->size && o->size % PAGE_BYTES && frames_want(os, 1))
        object_cut_page(os, o, o->size, page_chunk(o->size, offset - o->size));
}

size_t os_file_write(struct os *os, uint32_t file, uint64_t offset, const void *in, size_t bytes,
                     uint64_t *cost) {
    struct object *o = file ? object_find(os, file) : NULL;
    *cost = 0;
    migrate_finish(os);
    if (!o || !bytes) return 0;
    if (!object_shmem(o)) zero_gap(os, o, offset);
    size_t done = 0;
    while (done < bytes && frames_want(os, 1)) {
        uint64_t at = offset + done, index = at / PAGE_BYTES;
        size_t part = page_chunk(at, bytes - done);
        if (refuses(os, o, at, part)) break; /* ENOSPC, EIO, or a short count */
        bool whole = known(o, at, part), major;
        struct page *p = page_get(os, o, index, &major);
        lru_accessed(os, p->ppn);
        *cost += major && !whole ? store_read_cost(os, o) : 0; /* nothing to keep: no read */
        p->dirty = true;
        mem_write(os->mem, (p->ppn << PAGE_SHIFT) + at % PAGE_BYTES, (const uint8_t *)in + done,
                  part);
        done += part;
        if (at + part > o->size) o->size = at + part;
    }
    os->stats.os_cycles += *cost;
    return done;
}
