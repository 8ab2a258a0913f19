/* SPDX-License-Identifier: Apache-2.0
 *
 * What the counts of a replay count: misses by mapping and by page size, translation latency,
 * fences. Each number is worked out from the trace and the formulas of docs/microarchitecture.md.
 */
#include "trace_kit.h"
#include "known_kit.h"
#include "study_metric.h"

/* One access at a time, so that nothing merges and an access to a new page walks. */
static struct config one_by_one(void) {
    struct config c = known_config();
    c.core_window = 1;
    return c;
}

/* 3, 3, 4, 2 and 5 pages, each touched once and then again: 14 data pages stay in L1. */
static void by_mapping(void **state) {
    (void)state;
    static const char text[] = "pagewalk-trace 1\n"
                               "file 1 lib size 0x10000\n"
                               "process 1\n"
                               "mmap 0x100000 0x3000 r-x private file 1 0\n"
                               "mmap 0x200000 0x3000 rw- private file 1 0x4000\n"
                               "mmap 0x300000 0x4000 rw- shared anon\n"
                               "mmap 0x400000 0x2000 rw- stack\n"
                               "mmap 0x500000 0x5000 rw- private anon\n";
    static const struct {
        unsigned kind, base, pages;
    } maps[] = {{VMAKIND_CODE, 0x100000, 3},
                {VMAKIND_FILE, 0x200000, 3},
                {VMAKIND_SHARED, 0x300000, 4},
                {VMAKIND_STACK, 0x400000, 2},
                {VMAKIND_ANONYMOUS, 0x500000, 5}};
    char trace[8192];
    size_t n = (size_t)snprintf(trace, sizeof trace, "%s", text);
    for (unsigned lap = 0; lap < 2; lap++)
        for (unsigned m = 0; m < 5; m++)
            for (unsigned page = 0; page < maps[m].pages; page++)
                n += (size_t)snprintf(trace + n, sizeof trace - n, "%s %x 4\n",
                                      maps[m].kind == VMAKIND_CODE ? "I" : "S",
                                      maps[m].base + page * 4096);
    struct config c = one_by_one();
    known_replay(kit_write("kinds.trace", trace, n), &c, 0);
    for (unsigned m = 0; m < 5; m++) {
        const struct replay_vma *v = &region.vma[maps[m].kind];
        assert_int_equal(v->misses, maps[m].pages);
        assert_int_equal(v->walks, maps[m].pages);
        assert_true(v->cycles >= maps[m].pages * 13 && v->cycles <= maps[m].pages * 33);
    }
    assert_int_equal(region.l1i.missed[SIZE_4K], 3);
    assert_int_equal(region.l1d.missed[SIZE_4K], 14);
    assert_int_equal(region.l2.missed[SIZE_4K], 17);
    for (unsigned size = SIZE_2M; size < SIZE_COUNT; size++)
        assert_int_equal(region.l1d.missed[size], 0);
    /* an attempt that faults misses too, and is answered, but by no translation */
    assert_int_equal(region.l1d.misses, 14 + region.faults_store_page);
}

/* Tables cached by the walk caches: a miss is a walk of one read, L + 3 cycles. */
static void translation_latency(void **state) {
    (void)state;
    struct config c = one_by_one();
    c.l2_ways = c.l2_large = 0;
    known_replay("gen:cyclic?pages=64&accesses=1000", &c, KNOWN_HEAD + 64);
    assert_int_equal(region.translations, 1000);
    assert_int_equal(region.walks, 1000);
    assert_int_equal(region.pte_reads, 1000);
    assert_int_equal(region.translation_cycles, 1000 * (c.mem_latency + 3));
    assert_int_equal(region.vma[VMAKIND_ANONYMOUS].cycles, region.translation_cycles);
    known_replay("gen:cyclic?pages=16&accesses=1000", &c, KNOWN_HEAD + 16);
    assert_int_equal(region.translations, 1000);
    assert_int_equal(region.translation_cycles, 0);
    assert_int_equal(region.vma[VMAKIND_ANONYMOUS].misses, 0);
}

/* A page fault of new memory makes one fence with an address, done 2 cycles after it was taken; the
 * boot makes one of everything, done 1 cycle after. */
static void fence_cost(void **state) {
    (void)state;
    struct config c = one_by_one();
    known_replay("gen:cyclic?pages=50&accesses=50", &c, 0);
    assert_int_equal(whole.fences, 50 + 1);
    assert_int_equal(whole.fence_cycles, 50 * 3 + 2);
    c.os_svvptc = 1;
    known_replay("gen:cyclic?pages=50&accesses=50", &c, 0);
    assert_int_equal(whole.fence_cycles, 2);
}

/* A walk is pending from its start to its end: with one walker the cycles with any are the
 * latencies added up; with two that overlap they are fewer. */
static void walking(void **state) {
    (void)state;
    struct config c = known_config();
    c.walkers = 1;
    known_replay("gen:uniform?pages=4000&accesses=3000", &c, KNOWN_HEAD + 4000);
    assert_int_equal(region.walk_active, region.walk_pending);
    assert_true(region.walk_active <= region.cycles);
    c.walkers = 2;
    known_replay("gen:uniform?pages=4000&accesses=3000", &c, KNOWN_HEAD + 4000);
    assert_true(region.walk_active < region.walk_pending * 6 / 10);
    assert_true(region.walk_active * 2 >= region.walk_pending);
}

/* ---- Metrics ------------------------------------------------------------------------------- */

static double metric(const struct study_counts *c, const char *key) {
    const struct study_metric *m = study_metric_find(key);
    assert_non_null(m);
    assert_true(m->denominator(c) > 0);
    return m->numerator(c) / m->denominator(c);
}

static void near(double is, double should) {
    if (is - should > 1e-6 || should - is > 1e-6) fail_msg("%f, not %f", is, should);
}

/* What is divided by kind, level or size adds up to the whole. */
static void metrics_add_up(void **state) {
    (void)state;
    static const char *const kinds[] = {"anonymous", "file", "shared", "stack", "code"};
    static const char *const levels[] = {"l1d", "l2", "llc", "dram"};
    struct config c = one_by_one(); /* else what is in flight at the end of the warm-up differs */
    struct study_counts n = {0};
    c.mem_model = MEMMODEL_HIERARCHY;
    c.core_ideal = 1;
    known_replay("gen:uniform?pages=4000&accesses=3000", &c, KNOWN_HEAD + 4000);
    uint64_t ideal = region.cycles;
    c.core_ideal = 0;
    known_replay("gen:uniform?pages=4000&accesses=3000", &c, KNOWN_HEAD + 4000);
    study_counts_read(&n, &region);
    n.ideal_cycles = ideal;
    assert_true(region.cycles > ideal);
    near(metric(&n, "overhead"), 100 * ((double)region.cycles / (double)ideal - 1));
    double by_kind = 0, by_level = 0;
    for (unsigned i = 0; i < 5; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s_overhead", kinds[i]);
        by_kind += metric(&n, key);
    }
    near(by_kind, metric(&n, "overhead"));
    near(metric(&n, "anonymous_overhead"), by_kind);
    for (unsigned i = 0; i < 4; i++) {
        char key[64];
        snprintf(key, sizeof key, "pte_%s_share", levels[i]);
        by_level += metric(&n, key);
    }
    near(by_level, 100);
    near(metric(&n, "l1d_mpka_4k"), metric(&n, "l1d_mpka"));
    near(metric(&n, "walks_in_flight") * (double)region.cycles, (double)region.walk_pending);
    assert_true(metric(&n, "walk_share") <= 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_mapping),     cmocka_unit_test(translation_latency),
        cmocka_unit_test(fence_cost),     cmocka_unit_test(walking),
        cmocka_unit_test(metrics_add_up),
    };
    return cmocka_run_group_tests(tests, kit_begin, kit_end);
}
