/* SPDX-License-Identifier: Apache-2.0
 *
 * A device is mapped as far as it goes. What the kernel maps for itself in every process, [vdso]
 * and [vvar], is mapped whole and private, and is changed whole or not at all. The data is neither
 * writable nor executable, ever.
 */
#include "data_internal.h"

static bool forbids(const struct object *o, uint8_t prot) {
    return o->store == STORE_VVAR && (prot & (PROT_W | PROT_X));
}

bool data_special_fits(struct data *d, const struct mapping *m) {
    uint64_t has = data_object_pages(m->object);
    bool whole = !m->offset && m->end - m->start == has;
    if (m->object->device && m->offset + (m->end - m->start) > has)
        return data_refuse(d, "mmap of more than device %u has", m->object->file);
    if (!m->object->special) return true;
    return (whole && !m->shared && !forbids(m->object, m->prot)) ||
           data_refuse(d, "a mapping that the kernel does not make of its own pages");
}

bool data_special_whole(struct data *d, const struct space *s, vpn_t first, vpn_t end) {
    for (size_t i = data_space_find(s, first); i < s->count && s->map[i].start < end; i++) {
        const struct mapping *m = &s->map[i];
        if (m->object && m->object->special && (m->start < first || m->end > end))
            return data_refuse(d, "a part of what the kernel has mapped at %#llx",
                               (unsigned long long)(m->start * PAGE_BYTES));
    }
    return true;
}

bool data_special_may(struct data *d, const struct space *s, vpn_t first, vpn_t end, uint8_t prot) {
    for (size_t i = data_space_find(s, first); i < s->count && s->map[i].start < end; i++)
        if (s->map[i].object && forbids(s->map[i].object, prot))
            return data_refuse(d, "vvar, writable or executable");
    return data_special_whole(d, s, first, end);
}
