/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of a case: 2^56 bytes of which a line names a few words. A hash table with open
 * addressing; a slot belongs to the case whose number it carries, so clearing is counting on.
 */
#include "error.h"
#include "translate.h"
#include <stdlib.h>

struct memory_slot {
    uint64_t key, value; /* key: pa / 8 */
    uint64_t owner;
};

struct translate_memory {
    struct memory_slot *slot;
    uint64_t mask, used, owner;
};

static void *zeroed(size_t count, size_t bytes) {
    void *block = calloc(count, bytes);
    if (!block) internal_error("out of memory");
    return block;
}

struct translate_memory *translate_memory_new(void) {
    struct translate_memory *m = zeroed(1, sizeof *m);
    m->mask = 255;
    m->owner = 1;
    m->slot = zeroed(m->mask + 1, sizeof *m->slot);
    return m;
}

void translate_memory_delete(struct translate_memory *m) {
    if (!m) return;
    free(m->slot);
    free(m);
}

void translate_memory_clear(struct translate_memory *m) {
    m->owner++;
    m->used = 0;
}

static struct memory_slot *find(const struct translate_memory *m, uint64_t key) {
    uint64_t n = key * 0x9e3779b97f4a7c15ull >> 32 & m->mask;
    while (m->slot[n].owner == m->owner && m->slot[n].key != key) n = (n + 1) & m->mask;
    return &m->slot[n];
}

uint64_t translate_memory_read(const struct translate_memory *m, paddr_t pa) {
    const struct memory_slot *s = find(m, pa / 8);
    return s->owner == m->owner ? s->value : 0;
}

static void grow(struct translate_memory *m) {
    struct memory_slot *old = m->slot;
    uint64_t room = m->mask + 1;
    m->mask = 2 * room - 1;
    m->slot = zeroed(2 * room, sizeof *m->slot);
    for (uint64_t n = 0; n < room; n++)
        if (old[n].owner == m->owner) *find(m, old[n].key) = old[n];
    free(old);
}

void translate_memory_write(struct translate_memory *m, paddr_t pa, uint64_t value) {
    struct memory_slot *s = find(m, pa / 8);
    if (s->owner == m->owner) {
        s->value = value;
        return;
    }
    if (value == 0) return; /* what is not there reads zero */
    *s = (struct memory_slot){pa / 8, value, m->owner};
    if (2 * ++m->used > m->mask) grow(m);
}
