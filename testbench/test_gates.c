/* SPDX-License-Identifier: Apache-2.0
 *
 * The law of gates: it recovers one that was planted, what is off by leaving one out is what
 * another fit without it says, a synthesized configuration is what synthesis said, and one beyond
 * them is called so. And docs/area.json: its SRAM bits are those that studies count.
 */
#include "study.h"
#include "study_gates.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { KNOWN = 14 };

/* Slots, L1 ways, L2 sets and ways, PMP entries: turned apart from one another. */
static const uint32_t built[KNOWN][5] = {
    {12, 16, 128, 8, 16}, {12, 16, 8, 1, 16},   {12, 16, 512, 4, 16}, {12, 16, 128, 16, 16},
    {12, 8, 128, 8, 16},  {12, 32, 128, 8, 16}, {4, 16, 128, 8, 16},  {24, 16, 128, 8, 16},
    {12, 16, 128, 8, 0},  {12, 16, 128, 8, 4},  {4, 8, 8, 1, 0},      {24, 32, 512, 4, 4},
    {6, 24, 64, 2, 8},    {20, 12, 32, 16, 12}};

static struct config config_of(const uint32_t b[5]) {
    struct config c;
    config_defaults(&c);
    c.slots_data = b[0] - (b[0] > 16 ? 8 : 1), c.slots_fetch = b[0] - c.slots_data;
    c.l1d_ways = b[1];
    c.l2_sets = b[2], c.l2_ways = b[3];
    c.pmp_entries = b[4];
    return c;
}

static const double planted[GATES_KINDS][GATES_TERMS] = {{900, 1.02, 3, 410, 66},
                                                         {5200, 9.5, 260, 3900, 1150}};

static void plant(struct gates_law *l, const double noise[KNOWN]) {
    *l = (struct gates_law){.known = calloc(KNOWN, sizeof *l->known), .count = KNOWN, .all = KNOWN};
    assert_non_null(l->known);
    for (int n = 0; n < KNOWN; n++) {
        struct gates_known *k = &l->known[n];
        k->config = config_of(built[n]);
        gates_terms(&k->config, k->term);
        for (int kind = 0; kind < GATES_KINDS; kind++) {
            k->is[kind] = noise[n];
            for (int i = 0; i < GATES_TERMS; i++) k->is[kind] += planted[kind][i] * k->term[i];
        }
    }
    gates_fit(l);
}

static void near(double is, double should, double by) {
    if (!(fabs(is - should) <= by)) fail_msg("%.9g instead of %.9g", is, should);
}

static void a_planted_law_is_found(void **unused) {
    struct gates_law l;
    (void)unused;
    plant(&l, (const double[KNOWN]){0});
    assert_true(l.holds);
    for (int kind = 0; kind < GATES_KINDS; kind++) {
        for (int i = 0; i < GATES_TERMS; i++)
            near(l.factor[kind][i], planted[kind][i], 1e-6 * planted[kind][i]);
        near(l.error[kind], 0, 1e-3);
    }
    gates_free(&l);
}

static const double noise[KNOWN] = {40,  -300, 210, -90, 500,  -250, 120,
                                    -60, 330,  -20, 80,  -410, 7,    150};

/* The short cut by leverage against fits of all the others. */
static void left_out_is_another_fit(void **unused) {
    struct gates_law l;
    double squares = 0;
    (void)unused;
    plant(&l, noise);
    for (int n = 0; n < KNOWN; n++) {
        struct gates_law rest;
        plant(&rest, noise);
        struct gates_known left = rest.known[n];
        rest.known[n] = rest.known[--rest.count];
        rest.all = rest.count;
        gates_fit(&rest);
        double says = 0;
        for (int i = 0; i < GATES_TERMS; i++) says += rest.factor[GATES_ALL][i] * left.term[i];
        near(l.known[n].left_out[GATES_ALL], says - left.is[GATES_ALL], 1e-3);
        squares += (says - left.is[GATES_ALL]) * (says - left.is[GATES_ALL]);
        gates_free(&rest);
    }
    near(l.error[GATES_ALL], sqrt(squares / KNOWN), 1e-3);
    assert_true(l.error[GATES_ALL] > 50);
    gates_free(&l);
}

static void each_is_labelled(void **unused) {
    struct gates_law l;
    (void)unused;
    plant(&l, noise);
    struct config c = config_of(built[5]);
    struct gates g = gates_of(&l, &c);
    assert_int_equal(g.method, GATES_SYNTHESIZED);
    near(g.is[GATES_ALL], l.known[5].is[GATES_ALL], 0); /* not what the law says of it */
    assert_true(fabs(l.known[5].fit[GATES_ALL] - l.known[5].is[GATES_ALL]) > 1);
    c.repl_seed = 7; /* no gate */
    assert_int_equal(gates_of(&l, &c).method, GATES_SYNTHESIZED);
    c.l1d_ways = 20; /* between 16 and 32 */
    g = gates_of(&l, &c);
    assert_int_equal(g.method, GATES_FIT);
    assert_in_range(g.is[GATES_ALL], l.known[0].is[GATES_ALL], l.known[5].is[GATES_ALL]);
    c.l1d_ways = 33; /* more than any */
    assert_int_equal(gates_of(&l, &c).method, GATES_EXTRAPOLATED);
    c.l1d_ways = 16, c.xlen = 32; /* a knob that none turned */
    assert_int_equal(gates_of(&l, &c).method, GATES_EXTRAPOLATED);
    /* each knob among theirs, and the corner is not */
    c = config_of((const uint32_t[5]){24, 8, 512, 16, 0});
    assert_int_equal(gates_of(&l, &c).method, GATES_EXTRAPOLATED);
    gates_free(&l);
}

/* Fewer than a law needs: only of those something is said. */
static void too_few_are_no_law(void **unused) {
    struct gates_law l;
    (void)unused;
    plant(&l, noise);
    l.count = l.all = GATES_LEAST - 1;
    gates_fit(&l);
    assert_false(l.holds);
    struct config c = config_of(built[12]);
    assert_int_equal(gates_of(&l, &c).method, GATES_UNKNOWN);
    c = config_of(built[0]);
    assert_int_equal(gates_of(&l, &c).method, GATES_SYNTHESIZED);
    gates_free(&l);
}

/* What none of them varies is no term, and who varies it is beyond them. One of another RTL is
 * known, and in no law. */
static void one_value_is_no_term(void **unused) {
    struct gates_law l;
    (void)unused;
    plant(&l, (const double[KNOWN]){0});
    const double *by = planted[GATES_ALL];
    for (int n = 0; n < KNOWN - 1; n++) {
        l.known[n].config.pmp_entries = 16;
        l.known[n].is[GATES_ALL] += by[GATES_TERM_pmp] * (16 - l.known[n].term[GATES_TERM_pmp]);
    }
    l.count = KNOWN - 1;
    gates_fit(&l);
    assert_true(l.holds);
    near(l.factor[GATES_ALL][GATES_TERM_pmp], 0, 0);
    near(l.factor[GATES_ALL][GATES_TERM_slots], by[GATES_TERM_slots], 1e-3);
    near(l.factor[GATES_ALL][GATES_TERM_rest], by[GATES_TERM_rest] + 16 * by[GATES_TERM_pmp], 1e-2);
    struct config c = config_of(built[1]);
    c.pmp_entries = 8;
    assert_int_equal(gates_of(&l, &c).method, GATES_EXTRAPOLATED);
    c = config_of(built[KNOWN - 1]);
    assert_int_equal(gates_of(&l, &c).method, GATES_SYNTHESIZED);
    gates_free(&l);
}

static void the_shipped_ones(void **unused) {
    struct gates_law l;
    (void)unused;
    gates_read(&l, "docs/area.json");
    for (size_t n = 0; n < l.all; n++) {
        if (l.known[n].sram_bits != study_sram_bits(&l.known[n].config))
            fail_msg("%s: synthesis finds %" PRIu64 " SRAM bits, studies count %" PRIu64,
                     l.known[n].name, l.known[n].sram_bits, study_sram_bits(&l.known[n].config));
        /* what is kept in flip-flops is among its flip-flops */
        assert_true(l.known[n].is[GATES_FLIP_FLOPS] > l.known[n].term[GATES_TERM_kept]);
    }
    assert_int_equal(l.holds, l.count >= GATES_LEAST);
    gates_free(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_law_is_found), cmocka_unit_test(left_out_is_another_fit),
        cmocka_unit_test(each_is_labelled),       cmocka_unit_test(too_few_are_no_law),
        cmocka_unit_test(one_value_is_no_term),   cmocka_unit_test(the_shipped_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
