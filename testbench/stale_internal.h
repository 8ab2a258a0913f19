/* SPDX-License-Identifier: Apache-2.0
 *
 * What stale.c and stale_user.c share.
 */
#ifndef PW_STALE_INTERNAL_H
#define PW_STALE_INTERNAL_H
#include "stale.h"
#include <stddef.h>
#include <uthash.h>

enum { STALE_LEVELS = 5, STALE_TEXT = 160 };

struct stale_table { /* a table that another one points to */
    ppn_t ppn, parent;
    unsigned index; /* in its parent */
    UT_hash_handle hh;
};

struct stale_space { /* satp has named it */
    ppn_t root;
    uint16_t asid;
    bool live; /* something of it may be cached */
};

struct stale_past {
    vaddr_t va; /* where what it maps begins */
    pte_t pte;
    uint16_t asid;
    uint8_t level;
    bool ordered, dropped; /* Svinval: its store was before an sfence.w.inval; a sinval.vma since */
};

struct stale_place {
    ppn_t root;
    vaddr_t va;
    unsigned level;
};

struct stale {
    const struct mem *mem;
    stale_vma *vma;
    const void *who;
    unsigned levels, level_bits, pte_bytes;
    struct stale_table *tables;
    struct stale_space *space;
    size_t spaces, space_room;
    long current; /* index of the space in satp, -1: Bare */
    struct stale_past *past;
    size_t pasts, past_room;
    char why[512];
};

static inline unsigned stale_shift(const struct stale *s, unsigned level) {
    return PAGE_SHIFT + s->level_bits * level;
}
static inline ppn_t stale_ppn(pte_t pte) {
    return pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1);
}
static inline bool stale_pointer(pte_t pte) {
    return (pte & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
}

/* One page of a NAPOT run as if it stood for itself [priv, Svnapot]. */
static inline pte_t stale_page(pte_t pte, unsigned index) {
    if (!(pte & PTE_N) || !(pte & PTE_V)) return pte;
    const pte_t low = (pte_t)(NAPOT_PTES - 1) << PTE_PPN_SHIFT;
    return (pte & ~(PTE_N | low)) | (pte_t)(index % NAPOT_PTES) << PTE_PPN_SHIFT;
}

void stale_fail(struct stale *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void *stale_grow(void *array, size_t count, size_t *room, size_t bytes);
/* "ASID 1 may still translate 0x1000 to frame 0x80007 (rw-, dirty)" */
const char *stale_words(const struct stale *, const struct stale_past *, char out[STALE_TEXT]);

#endif
