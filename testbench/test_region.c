/* SPDX-License-Identifier: Apache-2.0
 *
 * Warm-up and intervals: what they count adds up to the whole, ends where it is said to, and is the
 * same on every engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "config.h"
#include "error.h"
#include "replay.h"
#include <string.h>

static struct replay_result whole, region, other;

static uint32_t memory = MEMMODEL_FIXED;

static void replay(const char *trace, const struct replay_options *o, uint32_t window,
                   struct replay_result *r) {
    struct config c;
    config_defaults(&c);
    replay_trace_settings(trace, &c);
    c.core_window = window;
    c.mem_model = memory;
    replay_trace(trace, &c, o, r);
    if (r->exit_code) fail_msg("%s", r->report);
}

static uint64_t count_of(const struct counts *c, const char *key) {
    for (size_t i = 0; i < COUNTS; i++)
        if (!strcmp(counts_key(i), key)) return c->n[i];
    fail_msg("no count is named %s", key);
    return 0;
}

static struct counts sum_of_intervals(const struct replay_result *r) {
    struct counts sum = {{0}};
    for (uint64_t n = 0; n < r->intervals; n++)
        for (size_t i = 0; i < COUNTS; i++) sum.n[i] += r->interval[n].n[i];
    return sum;
}

static void histogram_fits(const struct replay_result *r) {
    uint64_t walks = 0, cycles = 0;
    for (uint64_t i = 0; i < COUNTERS_LATENCIES; i++) {
        walks += r->walk_latency[i];
        cycles += i * r->walk_latency[i];
        if (i < r->walk_latency_min || i > r->walk_latency_max)
            assert_int_equal(r->walk_latency[i], 0);
    }
    assert_true(walks > 0);
    assert_int_equal(walks, r->walks_ended);
    assert_int_equal(cycles, r->walk_latency_sum);
}

/* 2000 pages touched, then read: the warm-up ends among the reads, so no fault is left. Three
 * records (note, process, mmap) stand before the accesses. */
static void adds_up(void **state) {
    (void)state;
    struct replay_options o = {.engine = "model", .warmup = 2003, .intervals = 500};
    replay("gen:uniform?pages=2000&accesses=4000", &o, 8, &whole);
    replay_region(&whole, &region);
    struct counts all, sum = sum_of_intervals(&whole);
    counts_read(&all, &region);
    for (size_t i = 0; i < COUNTS; i++)
        if (sum.n[i] != all.n[i]) fail_msg("%s does not add up", counts_key(i));
    assert_int_equal(whole.records, 6003);
    assert_int_equal(whole.accesses, 6000);
    assert_true(region.accesses >= 3998 && region.accesses <= 4000);
    assert_int_equal(whole.os.anon_alloc, 2000);
    assert_int_equal(region.os.anon_alloc, 0);
    assert_int_equal(count_of(&whole.warm, "faults.store_page"), 2000);
    assert_int_equal(whole.cycles, region.cycles + count_of(&whole.warm, "cycles"));
    assert_true(whole.intervals == 8);
    for (uint64_t n = 0; n < 7; n++) {
        uint64_t records = count_of(&whole.interval[n], "records");
        assert_true(records >= 498 && records <= 502);
    }
    histogram_fits(&whole);
    histogram_fits(&region);
    replay_result_free(&whole);
}

/* One access at a time: the warm-up ends exactly there, when the run up to there would, but for the
 * cycle in which the MMU says that it is idle. */
static void ends_where_it_should(void **state) {
    (void)state;
    struct replay_options o = {.engine = "model", .warmup = 1003},
                          only = {.engine = "model", .to = 1003};
    replay("gen:uniform?pages=600&accesses=5400", &o, 1, &whole);
    replay("gen:uniform?pages=600&accesses=5400", &only, 1, &other);
    assert_int_equal(count_of(&whole.warm, "accesses"), 1000);
    assert_int_equal(count_of(&whole.warm, "cycles"), other.cycles - 1);
    assert_int_equal(count_of(&whole.warm, "tlb.l2.hits"), other.l2.hits);
    assert_int_equal(count_of(&whole.warm, "walks.latency_sum"), other.walk_latency_sum);
}

/* Random traffic has walks that PMP refuses in their first cycle. */
static void least_latency(void **state) {
    (void)state;
    struct replay_options o = {.engine = "model"};
    replay("traffic:77?accesses=10000", &o, 8, &whole);
    replay_region(&whole, &region);
    assert_true(whole.walk_latency[0] > 0);
    assert_int_equal(whole.walk_latency_min, 0);
    assert_int_equal(region.walk_latency_min, 0);
}

static void no_warmup(void **state) {
    (void)state;
    struct replay_options o = {.engine = "model", .intervals = 1000000};
    replay("gen:gups?pages=60&accesses=500", &o, 8, &whole);
    replay_region(&whole, &region);
    assert_int_equal(region.cycles, whole.cycles);
    assert_int_equal(region.walks, whole.walks);
    assert_int_equal(whole.intervals, 1);
    assert_int_equal(count_of(&whole.interval[0], "records"), whole.records);
    assert_int_equal(count_of(&whole.interval[0], "cycles"), whole.cycles);
    replay_result_free(&whole);
}

static void too_long(void **state) {
    (void)state;
    struct replay_options o = {.engine = "model", .warmup = 564, .intervals = 10};
    replay("gen:gups?pages=60&accesses=500", &o, 8, &whole); /* 563 records */
    replay_region(&whole, &region);
    assert_false(whole.region);
    assert_int_equal(whole.intervals, 0);
    assert_int_equal(region.cycles + region.accesses + region.records, 0);
    o.warmup = 563;
    replay("gen:gups?pages=60&accesses=500", &o, 8, &whole);
    assert_true(whole.region);
    replay_region(&whole, &region);
    assert_int_equal(region.accesses, 0);
    replay_result_free(&whole);
}

/* Behind a window's start the warm-up counts from there. */
static void in_a_window(void **state) {
    (void)state;
    struct replay_options o = {
        .engine = "model", .from = 501, .to = 3500, .warmup = 1000, .intervals = 500};
    replay("gen:uniform?pages=400&accesses=5400", &o, 1, &whole);
    replay_region(&whole, &region);
    assert_int_equal(whole.records, 3000);
    assert_int_equal(count_of(&whole.warm, "records"), 1000);
    assert_int_equal(region.records, 2000);
    assert_int_equal(whole.intervals, 4);
    replay_result_free(&whole);
}

/* With data caches too: what memory does is decided by the order of accesses, not by who asks. */
static void every_engine(void **state) {
    (void)state;
    struct counts a, b;
    static const char trace[] = "gen:page-local?pages=200&accesses=500";
    for (memory = 0; memory < MEMMODEL_COUNT; memory++) {
        struct replay_options o = {.engine = "model", .warmup = 300, .intervals = 100};
        replay(trace, &o, 8, &whole);
        o.engine = "lockstep";
        replay(trace, &o, 8, &other);
        assert_true(other.compared_cycles > 0);
        replay_region(&whole, &region);
        counts_read(&a, &region);
        replay_region(&other, &region);
        counts_read(&b, &region);
        assert_memory_equal(&a, &b, sizeof a);
        assert_int_equal(whole.intervals, other.intervals);
        assert_memory_equal(whole.interval, other.interval,
                            whole.intervals * sizeof *whole.interval);
        assert_memory_equal(whole.walk_latency, other.walk_latency, sizeof whole.walk_latency);
        replay_result_free(&whole);
        replay_result_free(&other);
    }
    memory = MEMMODEL_FIXED;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_up),       cmocka_unit_test(ends_where_it_should),
        cmocka_unit_test(least_latency), cmocka_unit_test(no_warmup),
        cmocka_unit_test(too_long),      cmocka_unit_test(in_a_window),
        cmocka_unit_test(every_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
