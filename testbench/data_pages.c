/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes and what holds them. A page exists once somebody looked at it or wrote it; before that a
 * page of a file is the function token_file_byte, and any other page is zero. Private pages are
 * counted: fork shares every one of them, and the count alone says whether a writer must copy
 * first.
 *
 * A file has two sets of pages: `cache` is what read(2), write(2) and mappings see, `disk` what
 * msync and fsync copied there. A page absent from either still has the bytes the file was declared
 * with, up to `born`.
 */
#include "data_internal.h"
#include "token.h"
#include <stdlib.h>
#include <string.h>

void *data_alloc(size_t bytes) {
    void *p = calloc(1, bytes);
    if (!p) abort();
    return p;
}

void *data_grow(void *array, size_t count, size_t *room, size_t element_bytes) {
    if (count < *room) return array;
    *room = *room ? 2 * *room : 16;
    array = realloc(array, *room * element_bytes);
    if (!array) abort();
    return array;
}

/* ---- Page ------------------------------------------------------------------------------------ */

struct page *data_page_new(const uint8_t *bytes) {
    struct page *p = data_alloc(sizeof *p);
    p->refs = 1;
    p->byte = data_alloc(PAGE_BYTES);
    if (bytes) memcpy(p->byte, bytes, PAGE_BYTES);
    return p;
}

void data_page_drop(struct page *p) {
    if (--p->refs) return;
    data_page_sure(p);
    free(p->byte);
    free(p);
}

/* ---- Pages ----------------------------------------------------------------------------------- */

/* Position of the first run whose key is `key` or above. */
static size_t run_search(const struct pages *s, uint64_t key) {
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->at[mid].key < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct page *data_pages_get(const struct pages *s, uint64_t index) {
    size_t i = run_search(s, index / PAGES_RUN);
    if (i == s->count || s->at[i].key != index / PAGES_RUN) return NULL;
    return s->at[i].run->page[index % PAGES_RUN];
}

struct page **data_pages_slot(struct pages *s, uint64_t index) {
    uint64_t key = index / PAGES_RUN;
    size_t i = run_search(s, key);
    if (i == s->count || s->at[i].key != key) {
        s->at = data_grow(s->at, s->count, &s->room, sizeof *s->at);
        memmove(&s->at[i + 1], &s->at[i], (s->count - i) * sizeof *s->at);
        s->at[i] = (struct pages_key){key, data_alloc(sizeof *s->at[i].run)};
        s->count++;
    }
    struct page **slot = &s->at[i].run->page[index % PAGES_RUN];
    if (!*slot) s->at[i].run->used++;
    return slot;
}

struct page *data_pages_take(struct pages *s, uint64_t index) {
    size_t i = run_search(s, index / PAGES_RUN);
    if (i == s->count || s->at[i].key != index / PAGES_RUN) return NULL;
    struct pages_run *run = s->at[i].run;
    struct page *page = run->page[index % PAGES_RUN];
    if (!page) return NULL;
    run->page[index % PAGES_RUN] = NULL;
    if (--run->used == 0) {
        free(run);
        s->count--;
        memmove(&s->at[i], &s->at[i + 1], (s->count - i) * sizeof *s->at);
    }
    return page;
}

struct page *data_pages_next(const struct pages *s, uint64_t *index, uint64_t end) {
    for (size_t i = run_search(s, *index / PAGES_RUN); i < s->count; i++) {
        uint64_t base = s->at[i].key * PAGES_RUN;
        for (uint64_t k = *index > base ? *index - base : 0; k < PAGES_RUN; k++) {
            if (base + k >= end) return NULL;
            if (!s->at[i].run->page[k]) continue;
            *index = base + k;
            return s->at[i].run->page[k];
        }
    }
    return NULL;
}

void data_pages_drop(struct pages *s, uint64_t first, uint64_t end) {
    for (uint64_t i = first; data_pages_next(s, &i, end); i++)
        data_page_drop(data_pages_take(s, i));
}

void data_pages_share(struct pages *to, const struct pages *from) {
    if (from->count == 0) return;
    to->at = data_alloc(from->count * sizeof *to->at);
    to->count = to->room = from->count;
    for (size_t i = 0; i < from->count; i++) {
        to->at[i] = (struct pages_key){from->at[i].key, data_alloc(sizeof *to->at[i].run)};
        *to->at[i].run = *from->at[i].run;
        for (size_t k = 0; k < PAGES_RUN; k++)
            if (to->at[i].run->page[k]) to->at[i].run->page[k]->refs++;
    }
}

void data_pages_free(struct pages *s) {
    for (size_t i = 0; i < s->count; i++) {
        for (size_t k = 0; k < PAGES_RUN; k++)
            if (s->at[i].run->page[k]) data_page_drop(s->at[i].run->page[k]);
        free(s->at[i].run);
    }
    free(s->at);
    *s = (struct pages){0};
}

/* ---- Object ---------------------------------------------------------------------------------- */

struct object *data_object_new(uint32_t file, uint64_t bytes, enum store store) {
    struct object *o = data_alloc(sizeof *o);
    o->file = file;
    o->refs = 1;
    o->bytes = bytes;
    o->store = (uint8_t)store;
    o->shmem = store == STORE_TMPFS;
    o->device = store >= STORE_DEVICE && store != STORE_VDSO;
    o->special = store == STORE_VDSO || store == STORE_VVAR;
    o->born = o->shmem ? 0 : bytes;
    o->placed = o->declared = o->shmem ? 0 : data_object_pages(o);
    return o;
}

void data_object_drop(struct object *o) {
    if (!o || --o->refs) return;
    data_pages_free(&o->cache);
    data_pages_free(&o->disk);
    free(o);
}

uint64_t data_object_pages(const struct object *o) {
    return o->bytes / PAGE_BYTES + (o->bytes % PAGE_BYTES != 0);
}

/* Bytes of a page that nobody wrote: the file's first ones, then zero. */
static void object_first_bytes(const struct object *o, uint64_t index, uint8_t *out) {
    uint64_t base = index * PAGE_BYTES;
    uint64_t born = o->born > base ? o->born - base : 0;
    size_t known = born < PAGE_BYTES ? (size_t)born : PAGE_BYTES;
    for (size_t i = 0; i < known; i++) out[i] = token_file_byte(o->file, base | i);
    memset(out + known, 0, PAGE_BYTES - known);
}

struct page *data_object_page(struct object *o, uint64_t index) {
    struct page **slot = data_pages_slot(&o->cache, index);
    if (!*slot) {
        *slot = data_page_new(NULL);
        (*slot)->placed = index * PAGE_BYTES < o->born;
        object_first_bytes(o, index, (*slot)->byte);
    }
    return *slot;
}

struct page *data_object_disk_first(const struct object *o, uint64_t index) {
    struct page *p = data_page_new(NULL);
    object_first_bytes(o, index, p->byte);
    return p;
}

static void pages_zero(const struct pages *s, uint64_t from, uint64_t to) {
    static const uint8_t zeros[PAGE_BYTES];
    struct page *p = data_pages_get(s, from / PAGE_BYTES);
    if (p) data_page_write(p, from % PAGE_BYTES, zeros, to - from);
}

/* Up: bytes that a mapping wrote beyond the old end do not become part of the file: truncate zeroes
 * the rest of that page (ext4_block_truncate_page), a write what it leaves out
 * (ext4_zero_partial_blocks). Of tmpfs they do, for nobody zeroes them (shmem_setattr of 6.18).
 * Down, or to the size it has: pages beyond the new end go, and the rest of the page that holds it
 * is zeroed (truncate_inode_pages). */
void data_object_resize(struct object *o, uint64_t bytes, bool written) {
    uint64_t low = bytes < o->bytes ? bytes : o->bytes;
    uint64_t page_end = low - low % PAGE_BYTES + PAGE_BYTES;
    if (low % PAGE_BYTES && (bytes <= o->bytes || !o->shmem)) {
        pages_zero(&o->cache, low, written && bytes < page_end ? bytes : page_end);
        pages_zero(&o->disk, low, page_end);
    }
    data_store_leave(o, (bytes + PAGE_BYTES - 1) / PAGE_BYTES, UINT64_MAX);
    if (bytes < o->born) o->born = bytes;
    o->bytes = bytes;
    data_pages_drop(&o->cache, data_object_pages(o), UINT64_MAX);
    data_pages_drop(&o->disk, data_object_pages(o), UINT64_MAX);
}

void data_object_sync(struct object *o, uint64_t first, uint64_t end) {
    struct page *page;
    if (o->shmem || o->device) return;
    if (end > data_object_pages(o)) end = data_object_pages(o);
    for (uint64_t i = first; (page = data_pages_next(&o->cache, &i, end)); i++) {
        if (!page->dirty) continue;
        page->dirty = false;
        if (i == o->bytes / PAGE_BYTES) /* what lies behind the end is zeroed first */
            pages_zero(&o->cache, o->bytes, (i + 1) * PAGE_BYTES);
        if (o->broken & 2) {
            data_store_lost(o, page, i);
            continue;
        }
        struct page **slot = data_pages_slot(&o->disk, i);
        if (*slot) data_page_drop(*slot);
        *slot = data_page_copy(page);
    }
}

/* ---- Files, as read(2), write(2) and the disk see them --------------------------------------- */

static size_t file_search(const struct data *d, uint32_t file) {
    size_t low = 0, high = d->files;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (d->file[mid]->file < file)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct object *data_file(const struct data *d, uint32_t file) {
    size_t i = file_search(d, file);
    return i < d->files && d->file[i]->file == file ? d->file[i] : NULL;
}

void data_file_add(struct data *d, struct object *o) {
    size_t i = file_search(d, o->file);
    d->file = data_grow(d->file, d->files, &d->files_room, sizeof *d->file);
    memmove(&d->file[i + 1], &d->file[i], (d->files - i) * sizeof *d->file);
    d->file[i] = o;
    d->files++;
}

/* How much of [offset, offset + bytes) lies in the page that holds offset, and below `limit`. */
static size_t piece(uint64_t offset, size_t bytes, uint64_t limit) {
    size_t room = PAGE_BYTES - (size_t)(offset % PAGE_BYTES);
    if (offset >= limit) return 0;
    if (bytes > room) bytes = room;
    return bytes < limit - offset ? bytes : (size_t)(limit - offset);
}

size_t data_file_read(struct data *d, uint32_t file, uint64_t offset, uint8_t *out, size_t bytes) {
    struct object *o = data_file(d, file);
    size_t done = 0;
    for (size_t n; o && (n = piece(offset + done, bytes - done, o->bytes)) > 0; done += n) {
        uint64_t at = offset + done;
        memcpy(out + done, data_object_page(o, at / PAGE_BYTES)->byte + at % PAGE_BYTES, n);
    }
    return done;
}

size_t data_file_write(struct data *d, uint32_t file, uint64_t offset, const uint8_t *in,
                       size_t bytes) {
    struct object *o = data_file(d, file);
    size_t done = 0;
    if (!o || offset > INT64_MAX || bytes > INT64_MAX - offset) return 0;
    for (size_t n; (n = piece(offset + done, bytes - done, UINT64_MAX)) > 0; done += n) {
        uint64_t at = offset + done;
        if (!data_store_place(d, o, at / PAGE_BYTES)) break;
        if (at + n > o->bytes) data_object_resize(o, at + n, true);
        struct page *page = data_object_page(o, at / PAGE_BYTES);
        data_page_write(page, at % PAGE_BYTES, in + done, n);
        page->dirty = true;
    }
    return done;
}

size_t data_disk_read(struct data *d, uint32_t file, uint64_t offset, uint8_t *out, size_t bytes) {
    struct object *o = data_file(d, file);
    size_t done = 0;
    uint8_t first[PAGE_BYTES];
    for (size_t n;
         o && !o->shmem && !o->device && (n = piece(offset + done, bytes - done, o->bytes)) > 0;
         done += n) {
        uint64_t at = offset + done;
        struct page *page = data_pages_get(&o->disk, at / PAGE_BYTES);
        if (!page) object_first_bytes(o, at / PAGE_BYTES, first);
        memcpy(out + done, (page ? page->byte : first) + at % PAGE_BYTES, n);
    }
    return done;
}
