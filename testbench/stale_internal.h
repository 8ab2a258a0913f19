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
    bool ordered;            /* Svinval: its store was before an sfence.w.inval */
    uint16_t pages, dropped; /* of a NAPOT run: for which of the 16, a bit each; else 1. Svinval:
                                of which a sinval.vma was since */
};

struct stale_run { /* 16 PTEs of which one has, or had, N */
    paddr_t pa;
    bool changed; /* since the last return to user */
    UT_hash_handle hh;
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
    struct stale_run *runs;
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

/* Whose va is where the run begins. */
static inline bool stale_napot(pte_t pte) {
    return (pte & (PTE_N | PTE_V)) == (PTE_N | PTE_V);
}

/* One page of a NAPOT run as if it stood for itself [priv, Svnapot]. */
static inline pte_t stale_page(pte_t pte, unsigned index) {
    if (!stale_napot(pte)) return pte;
    const pte_t low = (pte_t)(NAPOT_PTES - 1) << PTE_PPN_SHIFT;
    return (pte & ~(PTE_N | low)) | (pte_t)(index % NAPOT_PTES) << PTE_PPN_SHIFT;
}

pte_t stale_run_pte(const struct stale *, paddr_t run, unsigned index);
void stale_fail(struct stale *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void *stale_grow(void *array, size_t count, size_t *room, size_t bytes);
/* "ASID 1 may still translate 0x1000 to frame 0x80007 (rw-, dirty)" */
const char *stale_words(const struct stale *, const struct stale_past *, char out[STALE_TEXT]);

#endif
