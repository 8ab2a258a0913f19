/* SPDX-License-Identifier: Apache-2.0
 *
 * A world for the tests of the literal walker: memory, a hart, a request, and tables of level i in
 * frame i.
 */
#ifndef PW_TEST_SPEC_WORLD_H
#define PW_TEST_SPEC_WORLD_H
#include "enums.h"
#include "spec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define FRAME(n) (MEM_BASE + (paddr_t)(n)*PAGE_BYTES)
#define RWX      (PTE_R | PTE_W | PTE_X)
#define USER     (PTE_V | RWX | PTE_U | PTE_A | PTE_D)

struct world {
    struct mem *mem;
    struct spec_hart h;
    struct spec_request r;
    struct spec_pmp pmp, pma;
    struct spec_region region[2];
    struct spec_answer a;
};

static inline int setup(void **state) {
    struct world *w = test_calloc(1, sizeof *w);
    w->mem = mem_new(64ull << 20);
    w->h = spec_hart_over(w->mem);
    w->h.svnapot = w->h.svpbmt = true;
    w->r = (struct spec_request){
        .access = ACCESS_LOAD, .priv = PRIV_U, .bytes = 4, .pa_bits = 56, .va = 0x12345678};
    *state = w;
    return 0;
}

static inline int teardown(void **state) {
    struct world *w = *state;
    mem_delete(w->mem);
    test_free(w);
    return 0;
}

static inline pte_t to(paddr_t pa, pte_t flags) {
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
}

static inline void put(struct world *w, paddr_t pa, pte_t pte) {
    uint8_t bytes[8];
    memcpy(bytes, &pte, 8);
    mem_write(w->mem, pa, bytes, w->h.rv32 ? 4 : 8);
}

static inline paddr_t word_of(const struct world *w, unsigned i) {
    return w->h.rv32 ? FRAME(i) + (w->r.va >> (12 + 10 * i) & 1023) * 4
                     : FRAME(i) + (w->r.va >> (12 + 9 * i) & 511) * 8;
}

/* Tables of level i in frame i; the walk ends in `leaf`. */
static inline void build(struct world *w, unsigned mode, unsigned level, pte_t leaf) {
    unsigned top = mode == MODE_SV32 ? 1 : mode - 6;
    w->h.rv32 = mode == MODE_SV32;
    w->r.pa_bits = w->h.rv32 ? 34 : 56;
    w->r.satp = (uint64_t)mode << (w->h.rv32 ? 31 : 60) | FRAME(top) >> PAGE_SHIFT;
    for (unsigned i = top; i > level; i--) put(w, word_of(w, i), to(FRAME(i - 1), PTE_V));
    put(w, word_of(w, level), leaf);
}

static inline void expect(struct world *w, unsigned cause, paddr_t pa, unsigned row) {
    spec_walk_hart(&w->h, &w->r, &w->a);
    assert_string_equal(cause_word(w->a.cause), cause_word(cause));
    assert_int_equal(w->a.pa, pa);
    assert_int_equal(w->a.row, row);
}

enum { OFF = 0, TOR = 8, NA4 = 16, NAPOT = 24 }; /* in pmpcfg */

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
