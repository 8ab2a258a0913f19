/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the semantics leave a choice. After MADV_FREE a page holds its old bytes until the kernel
 * takes it, and zeros from then on; a store ends that, with whatever it was by then. And a dirty
 * page of a file may be written to disk whenever the kernel finds it old. So a page has a list of
 * what it may hold: `byte`, and `other` contents. A load that returns bytes shows which one it was.
 *
 * While a page is lazy, zeros stay possible whatever was seen; once zeros were seen that could not
 * have been anything else, they are all there is.
 */
#include "data_internal.h"
#include <stdlib.h>
#include <string.h>

static const uint8_t zeros[PAGE_BYTES];

static bool holds(const struct page *p, const uint8_t *bytes) {
    if (memcmp(p->byte, bytes, PAGE_BYTES) == 0) return true;
    for (size_t i = 0; i < p->others; i++)
        if (memcmp(p->other[i], bytes, PAGE_BYTES) == 0) return true;
    return false;
}

void data_page_may(struct page *p, const uint8_t *bytes) {
    if (!bytes) bytes = zeros;
    if (holds(p, bytes)) return;
    p->other = realloc(p->other, (p->others + 1) * sizeof *p->other);
    if (!p->other) abort();
    p->other[p->others] = data_alloc(PAGE_BYTES);
    memcpy(p->other[p->others++], bytes, PAGE_BYTES);
}

void data_page_sure(struct page *p) {
    for (size_t i = 0; i < p->others; i++) free(p->other[i]);
    free(p->other);
    p->other = NULL;
    p->others = 0;
    p->lazy = p->lost = false;
}

struct page *data_page_copy(const struct page *from) {
    struct page *p = data_page_new(from->byte);
    for (size_t i = 0; i < from->others; i++) data_page_may(p, from->other[i]);
    return p;
}

void data_page_write(struct page *p, size_t at, const uint8_t *in, size_t bytes) {
    memcpy(p->byte + at, in, bytes);
    for (size_t i = 0; i < p->others; i++) memcpy(p->other[i] + at, in, bytes);
    p->lazy = false;
}

/* Takes away what does not say `got` at `at`, but for zeros that may still come. */
static void settle(struct page *p, size_t at, const uint8_t *got, size_t bytes) {
    size_t left = 0;
    bool lazy = p->lazy, seen = memcmp(p->byte + at, got, bytes) == 0;
    for (size_t i = 0; i < p->others; i++) {
        bool fits = memcmp(p->other[i] + at, got, bytes) == 0;
        bool later = lazy && memcmp(p->other[i], zeros, PAGE_BYTES) == 0;
        if (fits && !seen) {
            uint8_t *was = p->byte; /* what was seen comes first */
            p->byte = p->other[i];
            p->other[i] = was;
            seen = true;
            fits = false;
            later = false;
        }
        if (fits || later)
            p->other[left++] = p->other[i];
        else
            free(p->other[i]);
    }
    p->others = left;
    if (!left) data_page_sure(p);
}

static bool fits_any(const struct page *p, size_t at, const uint8_t *got, size_t bytes) {
    if (memcmp(p->byte + at, got, bytes) == 0) return true;
    for (size_t i = 0; i < p->others; i++)
        if (memcmp(p->other[i] + at, got, bytes) == 0) return true;
    return false;
}

/* A page whose only content that fits is zero is zero for good, lazy or not: settle keeps nothing
 * else. */
void data_page_seen(struct page **slot, size_t at, const uint8_t *got, size_t bytes) {
    struct page *p = *slot;
    if (!p->others || !fits_any(p, at, got, bytes)) return;
    if (p->refs > 1) { /* another process makes its own choice */
        *slot = data_page_copy(p);
        (*slot)->lazy = p->lazy;
        data_page_drop(p);
    }
    settle(*slot, at, got, bytes);
}

/* A lost page that still holds its bytes may yet leave the cache. */
static void object_seen(struct object *o, uint64_t index, size_t at, const uint8_t *got,
                        size_t bytes) {
    const struct page *p = data_pages_get(&o->cache, index);
    if (p && !(p->lost && memcmp(p->byte + at, got, bytes) == 0))
        data_page_seen(data_pages_slot(&o->cache, index), at, got, bytes);
}

void data_seen(struct data *d, uint32_t pid, vaddr_t va, const uint8_t *got, size_t bytes) {
    struct space *s = data_space(d, pid);
    for (size_t n; s && bytes; va += n, got += n, bytes -= n) {
        vpn_t vpn = va / PAGE_BYTES;
        n = PAGE_BYTES - (size_t)(va % PAGE_BYTES) < bytes ? PAGE_BYTES - (size_t)(va % PAGE_BYTES)
                                                           : bytes;
        const struct mapping *m = data_space_at(s, vpn);
        if (m && !m->shared && data_pages_get(&s->own, vpn))
            data_page_seen(data_pages_slot(&s->own, vpn), va % PAGE_BYTES, got, n);
        else if (m && m->object)
            object_seen(m->object, m->offset + (vpn - m->start), va % PAGE_BYTES, got, n);
    }
}

/* ---- MADV_FREE ------------------------------------------------------------------------------- */
void data_space_lazy(struct space *s, vpn_t first, vpn_t end) {
    for (vpn_t v = first; data_pages_next(&s->own, &v, end); v++) {
        struct page *p = data_space_own(s, data_space_at(s, v), v);
        data_page_may(p, NULL);
        p->lazy = p->others > 0;
    }
}

/* ---- Disks ----------------------------------------------------------------------------------- */
void data_object_aged(struct object *o) {
    struct page *page;
    if (o->shmem || o->device) return;
    for (uint64_t i = 0; (page = data_pages_next(&o->cache, &i, data_object_pages(o))); i++) {
        if (!page->dirty) continue;
        if (o->broken & 2) {
            data_store_lost(o, page, i);
            continue;
        }
        struct page **slot = data_pages_slot(&o->disk, i);
        if (!*slot) *slot = data_object_disk_first(o, i);
        uint8_t whole[PAGE_BYTES]; /* stores behind the end never reach the disk */
        size_t keep = o->bytes - i * PAGE_BYTES < PAGE_BYTES ? o->bytes % PAGE_BYTES : PAGE_BYTES;
        memcpy(whole, page->byte, keep);
        memset(whole + keep, 0, PAGE_BYTES - keep);
        data_page_may(*slot, whole);
        if (keep < PAGE_BYTES) data_page_may(page, whole); /* zeroed in the cache, too */
    }
}

void data_aged(struct data *d) {
    d->epoch++; /* a page that had one content may have two */
    for (size_t i = 0; i < d->files; i++) data_object_aged(d->file[i]);
}

void data_disk_seen(struct data *d, uint32_t file, uint64_t offset, const uint8_t *got,
                    size_t bytes) {
    struct object *o = data_file(d, file);
    for (size_t n; o && bytes; offset += n, got += n, bytes -= n) {
        size_t room = PAGE_BYTES - (size_t)(offset % PAGE_BYTES);
        n = bytes < room ? bytes : room;
        if (data_pages_get(&o->disk, offset / PAGE_BYTES))
            data_page_seen(data_pages_slot(&o->disk, offset / PAGE_BYTES), offset % PAGE_BYTES, got,
                           n);
    }
}

/* ---- MADV_REMOVE ----------------------------------------------------------------------------- */
void data_object_punch(struct object *o, uint64_t first, uint64_t end) {
    if (end > data_object_pages(o)) end = data_object_pages(o);
    data_store_leave(o, first, end);
    for (uint64_t i = first; i < end; i++) {
        struct pages *sets[] = {&o->cache, &o->disk};
        for (int k = 0; k < 2; k++) {
            struct page **slot = data_pages_slot(sets[k], i);
            if (*slot) data_page_drop(*slot);
            *slot = data_page_new(NULL);
        }
    }
}
