/* SPDX-License-Identifier: Apache-2.0
 *
 * The arithmetic of studies against what is known without them: Student's t from a table, error
 * bars that cover the truth as often as they promise, a ratio worked by hand, storage bits counted
 * by hand, and constraints.
 */
#include "study_metric.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

static uint64_t state = 1;

static void near(double got, double expected, double within) {
    if (fabs(got - expected) > within) fail_msg("got %.6g, expected %.6g", got, expected);
}

static double uniform(void) { /* xorshift64*, of this test's own */
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (double)(state * 0x2545f4914f6cdd1dull >> 11) * 0x1p-53;
}

static double normal(void) { /* twelve uniforms: close enough to a bell */
    double s = -6;
    for (int i = 0; i < 12; i++) s += uniform();
    return s;
}

static const struct study_metric *metric(const char *key) {
    const struct study_metric *m = study_metric_find(key);
    assert_non_null(m);
    return m;
}

/* Cycles 1 and 3 by turns over one access each: mean 2, variance n/(n-1), so the half width is
 * t(31) / sqrt(31), t from any table. */
static void half_width_is_students(void **unused) {
    struct study_counts c[32] = {{0}};
    (void)unused;
    for (int i = 0; i < 32; i++) {
        c[i].cycles = i % 2 ? 3 : 1;
        c[i].accesses = 1;
    }
    struct study_mean m = study_mean_of(metric("cycles_per_access"), c, 32);
    assert_true(m.known);
    near(m.value, 2, 1e-9);
    near(m.high - m.value, 2.03951 / sqrt(31), 1e-4);
    near(m.value - m.low, 2.03951 / sqrt(31), 1e-4);
    near(m.events, 64, 0);
}

/* A ratio is of sums, not the mean of ratios: (10 + 90) / (1 + 3) = 25. */
static void a_ratio_is_of_sums(void **unused) {
    struct study_counts c[2] = {{.cycles = 10, .accesses = 1}, {.cycles = 90, .accesses = 3}};
    (void)unused;
    near(study_mean_of(metric("cycles_per_access"), c, 2).value, 25, 1e-9);
    c[0].accesses = c[1].accesses = 0;
    assert_false(study_mean_of(metric("cycles_per_access"), c, 2).known);
}

/* 4000 made-up runs, of a metric whose truth is 0.2: the 95 % bars hold it in 93 to 97 of 100. */
static void bars_cover_the_truth(void **unused) {
    int held = 0, runs = 4000;
    (void)unused;
    for (int n = 0; n < runs; n++) {
        struct study_counts c[32] = {{0}};
        for (int i = 0; i < 32; i++) {
            c[i].accesses = 10000 + (uint64_t)(2000 * uniform());
            double cycles = 0.2 * (double)c[i].accesses * (1 + 0.1 * normal());
            c[i].cycles = (uint64_t)cycles;
        }
        struct study_mean m = study_mean_of(metric("cycles_per_access"), c, 32);
        held += m.low <= 0.2 && 0.2 <= m.high;
    }
    assert_in_range(held, runs * 93 / 100, runs * 97 / 100);
}

/* A phase that both share cancels: each alone is uncertain by tens of percent, their quotient not.
 */
static void a_shared_phase_cancels(void **unused) {
    struct study_counts a[32] = {{0}}, b[32] = {{0}};
    (void)unused;
    for (int i = 0; i < 32; i++) {
        double phase = 1 + 0.9 * sin(i);
        a[i].accesses = b[i].accesses = 100000;
        b[i].cycles = (uint64_t)(1e6 * phase);
        a[i].cycles = (uint64_t)(0.97e6 * phase * (1 + 0.002 * normal()));
    }
    struct study_mean alone = study_mean_of(metric("cycles_per_access"), a, 32);
    struct study_mean pair = study_compare(metric("cycles_per_access"), a, b, 32);
    assert_true((alone.high - alone.value) / alone.value > 0.1);
    assert_true(pair.high < 1 && pair.high - pair.low < 0.005);
    assert_true(pair.low <= 0.97 && 0.97 <= pair.high);
}

/* Nothing but noise: one in twenty is called a difference. */
static void noise_is_none_found(void **unused) {
    int found = 0, runs = 2000;
    (void)unused;
    for (int n = 0; n < runs; n++) {
        struct study_counts a[32] = {{0}}, b[32] = {{0}};
        for (int i = 0; i < 32; i++) {
            a[i].accesses = b[i].accesses = 10000;
            a[i].cycles = (uint64_t)(30000 * (1 + 0.05 * normal()));
            b[i].cycles = (uint64_t)(30000 * (1 + 0.05 * normal()));
        }
        struct study_mean m = study_compare(metric("cycles_per_access"), a, b, 32);
        found += m.low > 1 || m.high < 1;
    }
    assert_in_range(found, runs * 3 / 100, runs * 8 / 100);
}

/* Worked by hand from rtl/: a fully associative L1 of 4 entries, tree-PLRU, 8-bit context numbers
 * is 4 x (1 + 45 + 57 + 3 + 8) + 3; an L2 of 2 sets x 2 ways 4 x (1 + 44 + 8 + 8 + 44) + 2. */
static void bits_by_hand(void **unused) {
    struct config c;
    struct study_bits_of b;
    (void)unused;
    config_defaults(&c);
    c.l1i_sets = 1, c.l1i_ways = 4, c.l1i_repl = REPL_PLRU;
    c.l1d_sets = 2, c.l1d_ways = 3, c.l1d_repl = REPL_LRU;
    c.l2_sets = 2, c.l2_ways = 2, c.l2_repl = REPL_PLRU, c.l2_large = 0;
    c.l1d_super = 2;
    c.pwc_l1 = 2, c.pwc_l2 = c.pwc_l3 = c.pwc_l4 = 0, c.pwc_repl = REPL_FIFO;
    c.ctx_bits = 8, c.ctx_entries = 4;
    study_bits_by(&c, &b);
    assert_int_equal(b.l1i, 4 * 114 + 3);
    assert_int_equal(b.l1d, 6 * 114 + 2 * 3 * 2 + 2 * 114 + 2 * 1);
    assert_int_equal(b.l2, 4 * 105 + 2);
    assert_int_equal(b.pwc, 2 * (1 + 1 + 36 + 44 + 8) + 1);
    assert_int_equal(b.ctx, 4 * 25 + 2 + 9 + 8);
    assert_int_equal(study_bits(&c), b.l1i + b.l1d + b.l2 + b.pwc + b.ctx);
}

static bool holds(const char *text) {
    struct config c;
    config_defaults(&c);
    c.l2_sets = 64, c.l2_ways = 4;
    return study_holds(text, &c, "test", 1);
}

static void constraints_mean_what_they_say(void **unused) {
    (void)unused;
    assert_true(holds("l2.sets * l2.ways <= 256"));
    assert_false(holds("l2.sets * l2.ways < 256"));
    assert_true(holds("2 + 3 * 4 == 14 && (2 + 3) * 4 == 20"));
    assert_true(holds("10 - 4 - 3 == 3 && 100 / 10 / 5 == 2 && -2 + 3 == 1"));
    assert_true(holds("1 == 2 || l2.ways != 5"));
    assert_true(holds("!(l2.ways > 4) && l2.ways >= 4"));
    assert_false(holds("1 / 0 == 0"));
    assert_true(holds("bits > 1000"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_width_is_students),
        cmocka_unit_test(a_ratio_is_of_sums),
        cmocka_unit_test(bars_cover_the_truth),
        cmocka_unit_test(a_shared_phase_cancels),
        cmocka_unit_test(noise_is_none_found),
        cmocka_unit_test(bits_by_hand),
        cmocka_unit_test(constraints_mean_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
