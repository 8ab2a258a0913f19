/* SPDX-License-Identifier: Apache-2.0
 *
 * What opinion 2 lets an implementation answer from cached translations, beyond test_spec_legal.c:
 * PMP, ADUE, PBMTE and Svinval, NAPOT pages, Sv57 and Sv32, and the lists of everything lawful.
 */
#include "enums.h"
#include "spec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FRAME(n) (MEM_BASE + (paddr_t)(n)*PAGE_BYTES)
#define VA       0x1256780000ull /* the first page of a NAPOT range */
#define USER     (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D)
#define OLD      0xc0000000ull
#define NEW      0x140000000ull

enum { ANY = 255 };

struct world {
    struct mem *mem;
    struct spec *spec;
    struct spec_request r;
    struct spec_pmp pmp;
    unsigned levels;
    bool rv32;
    uint64_t now;
    char why[200];
};

static pte_t to(paddr_t pa, pte_t flags) {
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
}

static void watch(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct world *w = who;
    spec_pte_write(w->spec, w->now, pa, old, now);
}

static paddr_t word_of(const struct world *w, vaddr_t va, unsigned i) {
    return w->rv32 ? FRAME(i) + (va >> (12 + 10 * i) & 1023) * 4
                   : FRAME(i) + (va >> (12 + 9 * i) & 511) * 8;
}

static void put(struct world *w, paddr_t pa, pte_t pte) {
    uint8_t bytes[8];
    memcpy(bytes, &pte, 8);
    w->now++;
    mem_write(w->mem, pa, bytes, w->rv32 ? 4 : 8);
}

static struct world *world(unsigned mode) {
    struct world *w = test_calloc(1, sizeof *w);
    w->mem = mem_new(64ull << 20);
    w->rv32 = mode == MODE_SV32;
    w->levels = w->rv32 ? 2 : mode - 5;
    struct spec_hart h = spec_hart_over(w->mem);
    h.rv32 = w->rv32;
    h.svnapot = h.svpbmt = !w->rv32;
    w->spec = spec_new_hart(&h);
    w->r = (struct spec_request){.access = ACCESS_LOAD,
                                 .priv = PRIV_U,
                                 .va = w->rv32 ? (uint32_t)VA : VA,
                                 .bytes = 4,
                                 .pa_bits = w->rv32 ? 34 : 56};
    w->r.satp = (uint64_t)mode << (w->rv32 ? 31 : 60) | 1ull << (w->rv32 ? 22 : 44) |
                FRAME(w->levels - 1) >> 12;
    for (unsigned n = 0; n < 8; n++) mem_mark_table(w->mem, FRAME(n) >> PAGE_SHIFT);
    for (unsigned i = w->levels - 1; i > 0; i--)
        put(w, word_of(w, w->r.va, i), to(FRAME(i - 1), PTE_V));
    put(w, word_of(w, w->r.va, 0), to(OLD, USER));
    mem_set_watch(w->mem, watch, w);
    spec_satp_write(w->spec, 0, w->r.satp);
    return w;
}

static void delete (struct world *w) {
    spec_delete(w->spec);
    mem_delete(w->mem);
    test_free(w);
}

static void fence(struct world *w, vaddr_t va) {
    spec_fence_begin(w->spec, ++w->now, va != 0, false, va, 0);
    spec_fence_end(w->spec, ++w->now);
}

static bool typed(struct world *w, unsigned cause, paddr_t pa, unsigned pbmt) {
    uint64_t accepted = w->now++;
    return spec_judge_typed(w->spec, accepted, w->now, &w->r, (uint8_t)cause, pa, (uint8_t)pbmt,
                            w->why, sizeof w->why);
}

static bool lawful(struct world *w, paddr_t pa) {
    return typed(w, CAUSE_NONE, pa, ANY);
}

static bool refused(struct world *w, unsigned cause) {
    return typed(w, cause, 0, ANY);
}

/* ---- PMP ------------------------------------------------------------------------------------- */
static void pmp(struct world *w, unsigned cfg, paddr_t pa) {
    w->pmp.entries = 2;
    w->pmp.cfg[0] = (uint8_t)(PMP_NAPOT << PMP_A_SHIFT | cfg);
    w->pmp.addr[0] = (pa >> 2) | 0x1ff; /* its 4 KiB page */
    w->pmp.cfg[1] = PMP_NAPOT << PMP_A_SHIFT | PMP_R | PMP_W | PMP_X;
    w->pmp.addr[1] = (1ull << 54) - 1;
    w->r.pmp = spec_pmp_write(w->spec, ++w->now, &w->pmp);
}

static void pmp_old_or_new_until_a_full_fence(void **state) {
    struct world *w = world(MODE_SV39);
    (void)state;
    for (unsigned n = 0; n < 2; n++) { /* on the data, on a table */
        paddr_t at = n ? FRAME(0) : OLD;
        pmp(w, PMP_R | PMP_W, at);
        fence(w, 0);
        assert_true(lawful(w, OLD));
        assert_false(refused(w, CAUSE_LOAD_ACCESS));
        pmp(w, 0, at);
        assert_true(lawful(w, OLD));
        assert_true(refused(w, CAUSE_LOAD_ACCESS));
        assert_false(refused(w, CAUSE_LOAD_PAGE));
        fence(w, VA); /* by address is not enough */
        assert_true(lawful(w, OLD));
        spec_forget(w->spec);
        assert_true(lawful(w, OLD));
        fence(w, 0);
        assert_false(lawful(w, OLD));
        assert_true(refused(w, CAUSE_LOAD_ACCESS));
        w->now += 2 * SPEC_LIFETIME; /* settled and forgotten, it is no more lawful */
        assert_true(refused(w, CAUSE_LOAD_ACCESS));
        spec_forget(w->spec);
        assert_false(lawful(w, OLD));
    }
    pmp(w, PMP_R, FRAME(0)); /* a table that A/D updates may not write */
    fence(w, 0);
    put(w, word_of(w, VA, 0), to(OLD, USER & ~PTE_A));
    fence(w, 0);
    w->r.adue = true;
    spec_adue_write(w->spec, w->now, true);
    fence(w, 0);
    assert_true(refused(w, CAUSE_LOAD_ACCESS));
    assert_false(refused(w, CAUSE_LOAD_PAGE));
    struct spec_update u[4];
    assert_int_equal(spec_lawful_updates(w->spec, w->now, &w->r, u, 4), 0);
    pmp(w, PMP_R | PMP_W, FRAME(0));
    assert_true(refused(w, CAUSE_LOAD_ACCESS)); /* as if it still might not */
    assert_int_equal(spec_lawful_updates(w->spec, w->now, &w->r, u, 4), 1);
    assert_int_equal(u[0].now, to(OLD, USER));
    fence(w, 0);
    assert_false(refused(w, CAUSE_LOAD_ACCESS));
    delete (w);
}

/* "possibly caching the identity mappings ... used in Bare translation modes and M-mode" */
static void pmp_in_bare_mode_too(void **state) {
    struct world *w = world(MODE_SV39);
    (void)state;
    w->r.satp = 0;
    w->r.va = OLD;
    pmp(w, PMP_R, OLD);
    fence(w, 0);
    pmp(w, 0, OLD);
    assert_true(lawful(w, OLD));
    assert_true(refused(w, CAUSE_LOAD_ACCESS));
    fence(w, 0);
    assert_false(lawful(w, OLD));
    delete (w);
}

/* A request in flight sees the new value or the old one; a PMA table as a PMP set. */
static void written_in_flight(void **state) {
    static const struct spec_pmp hole = {.entries = 1};
    struct world *w = world(MODE_SV39);
    (void)state;
    uint64_t accepted = w->now++;
    spec_pma_write(w->spec, w->now++, &hole); /* OFF: RAM everywhere */
    assert_false(refused(w, CAUSE_LOAD_ACCESS));
    struct spec_pmp set = {.entries = 1, .cfg = {PMP_NA4 << PMP_A_SHIFT | PMP_R}};
    spec_pma_write(w->spec, w->now++, &set);
    for (unsigned cause = 0; cause < 14; cause++)
        assert_int_equal(spec_judge(w->spec, accepted, w->now, &w->r, (uint8_t)cause,
                                    cause ? 0 : OLD, w->why, sizeof w->why),
                         cause == CAUSE_NONE || cause == CAUSE_LOAD_ACCESS);
    delete (w);
}

/* ---- menvcfg --------------------------------------------------------------------------------- */
static void adue_until_the_full_fence(void **state) {
    struct world *w = world(MODE_SV39);
    (void)state;
    put(w, word_of(w, VA, 0), to(OLD, USER & ~PTE_A));
    fence(w, 0);
    assert_true(refused(w, CAUSE_LOAD_PAGE));
    spec_adue_write(w->spec, ++w->now, w->r.adue = true);
    assert_true(refused(w, CAUSE_LOAD_PAGE)); /* as if ADUE were still clear */
    assert_false(lawful(w, OLD));             /* not before A is set in memory */
    fence(w, VA);
    assert_true(refused(w, CAUSE_LOAD_PAGE));
    fence(w, 0);
    assert_false(refused(w, CAUSE_LOAD_PAGE));
    put(w, word_of(w, VA, 0), to(OLD, USER));
    assert_true(lawful(w, OLD));
    delete (w);
}

static void pbmte_and_memory_types(void **state) {
    struct world *w = world(MODE_SV48);
    (void)state;
    put(w, word_of(w, VA, 0), to(OLD, USER) | (pte_t)PBMT_NC << PTE_PBMT_SHIFT);
    fence(w, 0);
    assert_true(refused(w, CAUSE_LOAD_PAGE));
    assert_false(lawful(w, OLD));
    spec_pbmte_write(w->spec, ++w->now, w->r.pbmte = true);
    assert_true(typed(w, CAUSE_NONE, OLD, PBMT_NC));
    assert_true(refused(w, CAUSE_LOAD_PAGE));
    fence(w, VA);
    assert_true(refused(w, CAUSE_LOAD_PAGE));
    fence(w, 0);
    assert_false(refused(w, CAUSE_LOAD_PAGE));
    assert_false(typed(w, CAUSE_NONE, OLD, PBMT_PMA));
    put(w, word_of(w, VA, 0), to(OLD, USER) | (pte_t)PBMT_IO << PTE_PBMT_SHIFT);
    assert_true(typed(w, CAUSE_NONE, OLD, PBMT_NC));
    assert_true(typed(w, CAUSE_NONE, OLD, PBMT_IO));
    fence(w, VA);
    assert_false(typed(w, CAUSE_NONE, OLD, PBMT_NC));
    delete (w);
}

/* ---- Svnapot --------------------------------------------------------------------------------- */
static void range_of(struct world *w, paddr_t pa) {
    for (unsigned n = 0; n < 16; n++)
        put(w, word_of(w, VA + n * 4096, 0), to(pa + 0x8000, USER) | PTE_N);
}

static void napot_fenced_by_any_page(void **state) {
    struct world *w = world(MODE_SV39);
    (void)state;
    for (unsigned n = 0; n < 18; n++) { /* 16 and 17: the pages around */
        vaddr_t by = n == 16 ? VA - 4096 : VA + (n == 17 ? 16 : n) * 4096;
        range_of(w, OLD);
        fence(w, 0);
        range_of(w, NEW);
        w->r.va = VA + (n * 7 & 15) * 4096;
        assert_true(lawful(w, OLD + (w->r.va & 0xffff)));
        assert_true(lawful(w, NEW + (w->r.va & 0xffff)));
        fence(w, by);
        if (n & 1) { /* the same from the settled past */
            w->now += 2 * SPEC_LIFETIME;
            assert_true(lawful(w, NEW + (w->r.va & 0xffff)));
            spec_forget(w->spec);
        }
        assert_int_equal(lawful(w, OLD + (w->r.va & 0xffff)), n >= 16);
    }
    delete (w);
}

/* "for any or all j": one entry of the range serves its neighbours, even where those differ. */
static void napot_lends_to_its_range(void **state) {
    struct world *w = world(MODE_SV39);
    struct spec_outcome list[8];
    (void)state;
    put(w, word_of(w, VA, 0), 0);
    put(w, word_of(w, VA + 5 * 4096, 0), to(NEW + 0x8000, USER) | PTE_N);
    fence(w, 0);
    assert_true(refused(w, CAUSE_LOAD_PAGE));
    assert_true(lawful(w, NEW));
    assert_int_equal(spec_lawful(w->spec, w->now, &w->r, list, 8), 2);
    put(w, word_of(w, VA + 5 * 4096, 0), to(NEW, USER) | PTE_N); /* reserved: lends nothing */
    fence(w, VA);
    assert_false(lawful(w, NEW));
    w->r.va = VA + 16 * 4096;
    assert_false(lawful(w, NEW));
    delete (w);
}

/* ---- Svinval --------------------------------------------------------------------------------- */
static void svinval_in_order_only(void **state) {
    static const struct {
        const char *order; /* w: sfence.w.inval, s: sinval.vma, i: sfence.inval.ir */
        bool covers;
    } row[] = {{"wsi", true},  {"si", false},  {"swi", false}, {"ws", false},   {"wi", false},
               {"isw", false}, {"wssi", true}, {"wisi", true}, {"siws", false}, {"swsi", true}};
    (void)state;
    for (unsigned n = 0; n < sizeof row / sizeof *row; n++) {
        struct world *w = world(MODE_SV57);
        put(w, word_of(w, VA, 0), to(NEW, USER));
        for (const char *at = row[n].order; *at; at++) {
            w->now++;
            if (*at == 'w') spec_w_inval(w->spec, w->now);
            if (*at == 's') spec_sinval(w->spec, w->now, true, false, VA, 0);
            if (*at != 'i') continue;
            spec_inval_ir_begin(w->spec, w->now);
            assert_true(lawful(w, OLD)); /* not before it is done */
            spec_inval_ir_end(w->spec, ++w->now);
        }
        if (lawful(w, OLD) == row[n].covers) fail_msg("%s", row[n].order);
        assert_true(lawful(w, NEW));
        delete (w);
    }
}

/* A store behind sfence.w.inval is not ordered by it, nor an access by an sfence.inval.ir that
 * began before the sinval.vma. */
static void svinval_orders_what_lies_outside(void **state) {
    struct world *w = world(MODE_SV39);
    (void)state;
    spec_w_inval(w->spec, ++w->now);
    put(w, word_of(w, VA, 0), to(NEW, USER));
    spec_sinval(w->spec, ++w->now, false, false, 0, 0);
    spec_inval_ir_begin(w->spec, ++w->now);
    spec_inval_ir_end(w->spec, ++w->now);
    assert_true(lawful(w, OLD));
    spec_w_inval(w->spec, ++w->now);
    spec_inval_ir_begin(w->spec, ++w->now);
    spec_sinval(w->spec, ++w->now, false, true, 0, 1);
    spec_inval_ir_end(w->spec, ++w->now);
    assert_true(lawful(w, OLD));
    spec_inval_ir_begin(w->spec, ++w->now);
    spec_inval_ir_end(w->spec, ++w->now);
    assert_false(lawful(w, OLD));
    w->now += 2 * SPEC_LIFETIME;
    assert_true(lawful(w, NEW));
    spec_forget(w->spec);
    assert_false(lawful(w, OLD));
    delete (w);
}

/* In the settled past the later one of an sfence.vma and a sinval.vma counts. */
static void svinval_around_an_sfence(void **state) {
    struct world *w = world(MODE_SV39);
    (void)state;
    spec_w_inval(w->spec, ++w->now);
    put(w, word_of(w, VA, 0), to(NEW, USER));
    spec_sinval(w->spec, ++w->now, true, false, VA, 0);
    fence(w, VA);
    spec_inval_ir_begin(w->spec, ++w->now);
    spec_inval_ir_end(w->spec, ++w->now);
    assert_false(lawful(w, OLD));
    w->now += 2 * SPEC_LIFETIME;
    assert_true(lawful(w, NEW));
    spec_forget(w->spec);
    assert_false(lawful(w, OLD));
    delete (w);
}

/* ---- Sv32 ------------------------------------------------------------------------------------ */
static void sv32_words_of_four_bytes(void **state) {
    struct world *w = world(MODE_SV32);
    paddr_t at = word_of(w, w->r.va, 0), beside = at ^ 4;
    (void)state;
    put(w, beside, to(NEW, USER)); /* the other half of the 8 bytes */
    assert_false(lawful(w, NEW));
    put(w, at, to(NEW, USER));
    assert_true(lawful(w, OLD));
    assert_true(lawful(w, NEW));
    fence(w, w->r.va ^ 0x1000);
    assert_true(lawful(w, OLD));
    fence(w, w->r.va);
    assert_false(lawful(w, OLD));
    put(w, at, to(NEW, USER & ~PTE_A));
    w->r.adue = true;
    spec_adue_write(w->spec, w->now, true);
    fence(w, 0);
    uint64_t accepted = w->now;
    assert_true(spec_judge_ad(w->spec, w->now, at, to(NEW, USER & ~PTE_A), to(NEW, USER), &w->r,
                              &accepted, 1, 0, w->why, sizeof w->why));
    assert_false(spec_judge_ad(w->spec, w->now, at, to(OLD, USER & ~PTE_A), to(OLD, USER), &w->r,
                               &accepted, 1, 0, w->why, sizeof w->why));
    put(w, word_of(w, w->r.va, 1), to(1ull << 33, USER)); /* 4 MiB, fenced by any page of it */
    fence(w, 0);
    put(w, word_of(w, w->r.va, 1), to(3ull << 32, USER));
    assert_true(lawful(w, (1ull << 33) + (w->r.va & 0x3fffff)));
    fence(w, w->r.va ^ 0x3ff000);
    assert_false(lawful(w, (1ull << 33) + (w->r.va & 0x3fffff)));
    delete (w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pmp_old_or_new_until_a_full_fence),
                                       cmocka_unit_test(pmp_in_bare_mode_too),
                                       cmocka_unit_test(written_in_flight),
                                       cmocka_unit_test(adue_until_the_full_fence),
                                       cmocka_unit_test(pbmte_and_memory_types),
                                       cmocka_unit_test(napot_fenced_by_any_page),
                                       cmocka_unit_test(napot_lends_to_its_range),
                                       cmocka_unit_test(svinval_in_order_only),
                                       cmocka_unit_test(svinval_orders_what_lies_outside),
                                       cmocka_unit_test(svinval_around_an_sfence),
                                       cmocka_unit_test(sv32_words_of_four_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
