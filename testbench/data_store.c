/* SPDX-License-Identifier: Apache-2.0
 *
 * A store that may be full: which pages have a place on it. A page of tmpfs gets its place with the
 * first access to it, of whatever kind; a page of a disk where the file has a hole with the first
 * write, by a shared mapping or by write(2). It keeps it until it is cut off or punched out. An
 * access that would need one more than there are ends in SIGBUS; write(2) ends short.
 */
#include "data_internal.h"

static uint64_t limit(const struct data *d, const struct object *o) {
    if (!o->file) return 0;
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
