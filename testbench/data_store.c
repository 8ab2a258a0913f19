/* SPDX-License-Identifier: Apache-2.0
 *
 * A store that may be full: which pages have a place on it. A page of tmpfs gets its place with the
 * first access to it, of whatever kind; a page of a disk where the file has a hole with the first
 * write, by a shared mapping or by write(2). It keeps it until it is cut off or punched out. An
 * access that would need one more than there are ends in SIGBUS; write(2) ends short.
 *
 * And a store that fails. A page that could not be written holds what it holds, until it leaves the
 * cache: from then on what is on the disk.
 */
#include "data_internal.h"

static uint64_t limit(const struct data *d, const struct object *o) {
    if (!o->file || o->device || o->special) return 0;
    return o->shmem ? d->config.os_tmpfs_pages : d->config.os_store_free;
}

bool data_store_bounded(const struct data *d, const struct object *o) {
    return o && limit(d, o);
}

static bool full(const struct data *d, const struct object *o) {
    uint64_t all = limit(d, o), placed = 0;
    for (size_t i = 0; i < d->files; i++) {
        if (d->file[i]->store != o->store) continue;
        all += d->file[i]->declared;
        placed += d->file[i]->placed;
    }
    return placed >= all;
}

bool data_store_place(struct data *d, struct object *o, uint64_t index) {
    if (!data_store_bounded(d, o)) return true;
    struct page *page = data_object_page(o, index);
    if (page->placed) return true;
    if (full(d, o)) return false;
    page->placed = true;
    o->placed++;
    return true;
}

void data_store_leave(struct object *o, uint64_t first, uint64_t end) {
    uint64_t born = (o->born + PAGE_BYTES - 1) / PAGE_BYTES, last = born < end ? born : end;
    uint64_t n = last > first ? last - first : 0; /* pages that nobody has looked at, too */
    const struct page *p;
    for (uint64_t i = first; (p = data_pages_next(&o->cache, &i, end)); i++)
        n += p->placed - (i < born);
    o->placed -= n;
}

bool data_store_needs(const struct data *d, const struct space *s, const struct mapping *m,
                      vpn_t vpn, bool write) {
    if (!data_store_bounded(d, m->object) || (!m->shared && data_pages_get(&s->own, vpn)))
        return false;
    return m->object->shmem || (m->shared && write);
}

/* ---- I/O errors ------------------------------------------------------------------------------ */

bool data_file_breaks(const struct data *d, uint32_t file) {
    const struct object *o = data_file(d, file);
    return o && (o->broken & 1);
}

bool data_may_break(struct data *d, uint32_t pid, vaddr_t va, size_t bytes) {
    const struct space *s = data_space(d, pid);
    for (vpn_t v = va / PAGE_BYTES; s && v <= (va + bytes - 1) / PAGE_BYTES; v++) {
        const struct mapping *m = data_space_at(s, v);
        if (m && m->object && (m->object->broken & 1)) return true;
    }
    return false;
}

void data_store_lost(struct object *o, struct page *page, uint64_t index) {
    struct page *disk = data_pages_get(&o->disk, index), *first = NULL;
    if (!disk) disk = first = data_object_disk_first(o, index);
    data_page_may(page, disk->byte);
    page->lost = page->others > 0;
    if (first) data_page_drop(first);
}
