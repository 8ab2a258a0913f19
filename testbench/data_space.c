/* SPDX-License-Identifier: Apache-2.0
 *
 * Address spaces: the mappings of a process in order of address, kept in one array, and the pages
 * it has to itself. Splitting happens wherever a call ends inside a mapping; neighbours that say
 * the same are joined again, so that a stack or a heap stays one mapping however often it was cut
 * (the rlimit counts from its top).
 */
#include "data_internal.h"
#include <stdlib.h>
#include <string.h>

/* ---- Processes ------------------------------------------------------------------------------- */

struct space *data_space_new(struct data *d) {
    struct space *s = data_alloc(sizeof *s);
    d->space = data_grow(d->space, d->spaces, &d->spaces_room, sizeof *d->space);
    return d->space[d->spaces++] = s;
}

void data_space_delete(struct data *d, struct space *s) {
    size_t i = 0;
    while (d->space[i] != s) i++;
    d->space[i] = d->space[--d->spaces];
    for (size_t k = 0; k < s->count; k++) data_object_drop(s->map[k].object);
    free(s->map);
    data_pages_free(&s->own);
    free(s);
}

/* The child has the same mappings of the same objects and shares every private page until one of
 * the two writes it. The parent may no longer write those in place: the caller steps the epoch. */
void data_space_fork(struct space *child, const struct space *parent) {
    child->room = parent->count + 1;
    child->map = data_alloc(child->room * sizeof *child->map);
    data_pages_share(&child->own, &parent->own);
    for (size_t i = 0; i < parent->count; i++) {
        const struct mapping *m = &parent->map[i];
        if (m->stays || m->wiped) data_pages_drop(&child->own, m->start, m->end);
        if (m->stays) continue;
        if (m->object) m->object->refs++;
        child->map[child->count] = *m;
        child->map[child->count++].held = false;
    }
    child->has_heap = parent->has_heap;
    child->heap_start = parent->heap_start;
    child->heap_end = parent->heap_end;
}

/* ---- The order of mappings ------------------------------------------------------------------- */

size_t data_space_find(const struct space *s, vpn_t vpn) {
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->map[mid].end <= vpn)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct mapping *data_space_at(const struct space *s, vpn_t vpn) {
    size_t i = data_space_find(s, vpn);
    return i < s->count && s->map[i].start <= vpn ? &s->map[i] : NULL;
}

bool data_space_covered(const struct space *s, vpn_t first, vpn_t end) {
    for (size_t i = data_space_find(s, first); first < end; first = s->map[i++].end)
        if (i == s->count || s->map[i].start > first) return false;
    return true;
}

bool data_space_empty(const struct space *s, vpn_t first, vpn_t end) {
    size_t i = data_space_find(s, first);
    return first >= end || i == s->count || s->map[i].start >= end;
}

static void space_insert(struct space *s, size_t i, const struct mapping *m) {
    s->map = data_grow(s->map, s->count, &s->room, sizeof *s->map);
    memmove(&s->map[i + 1], &s->map[i], (s->count - i) * sizeof *s->map);
    s->map[i] = *m;
    s->count++;
}

static void space_remove(struct space *s, size_t i, size_t n) {
    if (n == 0) return;
    s->count -= n;
    memmove(&s->map[i], &s->map[i + n], (s->count - i) * sizeof *s->map);
}

/* Makes vpn a boundary; the index of the first mapping at or above it. */
static size_t space_cut(struct space *s, vpn_t vpn) {
    size_t i = data_space_find(s, vpn);
    if (i == s->count || s->map[i].start >= vpn) return i;
    struct mapping upper = s->map[i];
    upper.offset += vpn - upper.start;
    upper.start = vpn;
    s->map[i].end = vpn;
    if (upper.object) upper.object->refs++;
    space_insert(s, i + 1, &upper);
    return i + 1;
}

/* Joins mapping i to the one below it if both say the same. */
static void space_join(struct space *s, size_t i) {
    if (i == 0 || i >= s->count) return;
    struct mapping *a = &s->map[i - 1], *b = &s->map[i];
    if (a->end != b->start || a->prot != b->prot || a->shared != b->shared) return;
    if (a->stays != b->stays || a->wiped != b->wiped || a->held != b->held) return;
    if (a->grows != b->grows || a->object != b->object) return;
    if (a->object && a->offset + (a->end - a->start) != b->offset) return;
    a->end = b->end;
    data_object_drop(b->object);
    space_remove(s, i, 1);
}

/* ---- What calls do to a range ---------------------------------------------------------------- */

void data_space_map(struct space *s, const struct mapping *m) {
    size_t i = data_space_find(s, m->start);
    space_insert(s, i, m);
    space_join(s, i + 1);
    space_join(s, i);
}

void data_space_unmap(struct space *s, vpn_t first, vpn_t end) {
    size_t i = space_cut(s, first), n = space_cut(s, end) - i;
    for (size_t k = i; k < i + n; k++) data_object_drop(s->map[k].object);
    space_remove(s, i, n);
    data_pages_drop(&s->own, first, end);
}

void data_space_protect(struct space *s, vpn_t first, vpn_t end, uint8_t prot) {
    size_t i = space_cut(s, first), above = space_cut(s, end);
    for (size_t k = i; k < above; k++) s->map[k].prot = prot;
    for (size_t k = above + 1; k-- > i;) space_join(s, k);
}

void data_space_flag(struct space *s, vpn_t first, vpn_t end, enum data_flag flag, bool on) {
    size_t i = space_cut(s, first), above = space_cut(s, end);
    for (size_t k = i; k < above; k++) {
        struct mapping *m = &s->map[k];
        *(flag == DATA_STAYS ? &m->stays : flag == DATA_WIPED ? &m->wiped : &m->held) = on;
    }
    for (size_t k = above + 1; k-- > i;) space_join(s, k);
}

void data_space_move(struct space *s, vpn_t first, vpn_t end, vpn_t to) {
    size_t i = space_cut(s, first), n = space_cut(s, end) - i;
    struct mapping *moved = data_alloc(n * sizeof *moved + 1);
    memcpy(moved, &s->map[i], n * sizeof *moved);
    space_remove(s, i, n);
    for (size_t k = 0; k < n; k++) {
        moved[k].start += to - first;
        moved[k].end += to - first;
        data_space_map(s, &moved[k]);
    }
    free(moved);
    for (vpn_t v = first; data_pages_next(&s->own, &v, end); v++) {
        struct page *page = data_pages_take(&s->own, v);
        *data_pages_slot(&s->own, v - first + to) = page;
    }
}

void data_space_extend(struct space *s, vpn_t end, vpn_t to) {
    size_t i = data_space_find(s, end - 1);
    s->map[i].end = to;
    space_join(s, i + 1);
}

/* ---- Private pages --------------------------------------------------------------------------- */

struct page *data_space_own(struct space *s, const struct mapping *m, vpn_t vpn) {
    struct page **slot = data_pages_slot(&s->own, vpn);
    struct page *old = *slot;
    if (old && old->refs == 1) return old;
    if (old) {
        *slot = data_page_copy(old);
        data_page_drop(old);
    } else if (m->object) {
        *slot = data_page_copy(data_object_page(m->object, m->offset + (vpn - m->start)));
    } else {
        *slot = data_page_new(NULL);
    }
    return *slot;
}

/* Only a private writable mapping of a file can tell afterwards that it was populated: it is
 * populated by write faults, so its pages no longer follow the file (populate_vma_page_range:
 * FOLL_WRITE); and a store that is full. There it ends for the mapping. */
void data_space_populate(struct data *d, struct space *s, vpn_t first, vpn_t end,
                         enum data_populate how) {
    size_t i = data_space_find(s, first);
    for (; i < s->count && s->map[i].start < end; i++) {
        const struct mapping *m = &s->map[i];
        bool copies = !m->shared && (m->prot & PROT_W) && how != DATA_POPULATE_READ;
        bool room = m->object && m->prot && (copies || data_store_bounded(d, m->object));
        vpn_t last = m->end < end ? m->end : end;
        for (vpn_t v = m->start > first ? m->start : first; room && v < last; v++) {
            uint64_t index = m->offset + (v - m->start);
            room = index < data_object_pages(m->object) &&
                   (!data_store_needs(d, s, m, v, how == DATA_POPULATE_WRITE) ||
                    data_store_place(d, m->object, index));
            if (room && copies) data_space_own(s, m, v);
        }
    }
}

/* ---- To be looked at ------------------------------------------------------------------------- */

bool data_vma(struct data *d, uint32_t pid, vaddr_t va, struct data_vma *out) {
    const struct space *s = data_space(d, pid);
    size_t i = s ? data_space_find(s, va / PAGE_BYTES) : 0;
    if (!s || i == s->count) return false;
    const struct mapping *m = &s->map[i];
    *out = (struct data_vma){.start = m->start * PAGE_BYTES,
                             .end = m->end * PAGE_BYTES,
                             .prot = m->prot,
                             .shared = m->shared,
                             .backed = m->object};
    if (!m->object) return true;
    out->file = m->object->file;
    out->offset = m->offset * PAGE_BYTES;
    return true;
}
