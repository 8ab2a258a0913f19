/* SPDX-License-Identifier: Apache-2.0
 *
 * Time that is passed over (sim/core/core_rest.c) is time: every trace, on configurations that
 * differ in what the driver and the MMU can wait for, once with every edge clocked and once
 * without, gives the same result to the last count, the same intervals and the same --log. And it
 * is passed over: on slow memory most cycles are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "config_file.h"
#include "error.h"
#include "replay.h"
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- The model's engine, clocked edge by edge, and watched ------------------------------------
 */

static uint64_t rested;
static void (*model_rest)(struct engine *, const struct mmu_in *, const struct mmu_out *, uint64_t);

static void watched(struct engine *e, const struct mmu_in *in, const struct mmu_out *out,
                    uint64_t cycles) {
    rested += cycles;
    model_rest(e, in, out, cycles);
}

static struct engine *resting(const char *kind, const struct config *c, uint32_t seed, char *why,
                              size_t bytes) {
    struct engine *e = engine_open(kind, c, seed, why, bytes);
    model_rest = e->rest;
    e->rest = watched;
    return e;
}

static struct engine *clocked(const char *kind, const struct config *c, uint32_t seed, char *why,
                              size_t bytes) {
    struct engine *e = engine_open(kind, c, seed, why, bytes);
    e->quiet = NULL;
    return e;
}

/* ---- Both ways --------------------------------------------------------------------------------
 */

struct outcome {
    struct replay_result result;
    char *log;
    size_t bytes;
};

static void run(const char *trace, const struct config *c, replay_opener *open, uint64_t accesses,
                struct outcome *o) {
    struct replay_options options = {.engine = "model",
                                     .no_check = true,
                                     .max_accesses = accesses,
                                     .warmup = accesses / 5,
                                     .intervals = 500};
    options.log = open_memstream(&o->log, &o->bytes);
    replay_trace_on(trace, c, &options, open, &o->result);
    fclose(options.log);
    o->result.seconds = 0;
}

static void both_ways(const char *trace, const struct config *c, uint64_t accesses) {
    static struct outcome slow, fast;
    run(trace, c, clocked, accesses, &slow);
    run(trace, c, resting, accesses, &fast);
    if (slow.bytes != fast.bytes || memcmp(slow.log, fast.log, slow.bytes))
        fail_msg("%s: another log", trace);
    assert_int_equal(slow.result.intervals, fast.result.intervals);
    if (slow.result.intervals)
        assert_memory_equal(slow.result.interval, fast.result.interval,
                            slow.result.intervals * sizeof *slow.result.interval);
    replay_result_free(&slow.result);
    replay_result_free(&fast.result);
    free(slow.log);
    free(fast.log);
    if (slow.result.cycles != fast.result.cycles)
        fail_msg("%s: %" PRIu64 " cycles, and %" PRIu64, trace, slow.result.cycles,
                 fast.result.cycles);
    assert_memory_equal(&slow.result, &fast.result, sizeof slow.result);
}

/* ---- The configurations ------------------------------------------------------------------------
 */

static const struct way {
    const char *name;
    uint32_t mem_model, deps, window, ideal;
} ways[] = {{"default", MEMMODEL_HIERARCHY, DEPS_SERIAL, 8, 0},
            {"default", MEMMODEL_HIERARCHY, DEPS_NONE, 32, 0},
            {"registered", MEMMODEL_HIERARCHY, DEPS_SERIAL, 2, 0},
            {"random_memory", MEMMODEL_RANDOM, DEPS_NONE, 8, 0},
            {"lines", MEMMODEL_HIERARCHY, DEPS_NONE, 8, 0},
            {"wally-like", MEMMODEL_FIXED, DEPS_SERIAL, 1, 0},
            {"default", MEMMODEL_HIERARCHY, DEPS_SERIAL, 8, 1}};

static void configured(const struct way *w, const char *trace, struct config *c) {
    config_load(c, w->name);
    replay_trace_settings(trace, c);
    c->mem_model = w->mem_model;
    c->core_deps = w->deps;
    c->core_window = w->window;
    c->core_ideal = w->ideal;
}

static void every_trace(void **state) {
    glob_t found;
    (void)state;
    assert_int_equal(glob("traces/*.trace", 0, NULL, &found), 0);
    assert_int_equal(glob("traces/*.pwt", GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct config c;
        configured(&ways[i % (sizeof ways / sizeof *ways)], found.gl_pathv[i], &c);
        both_ways(found.gl_pathv[i], &c, 5000);
    }
    globfree(&found);
}

static void every_configuration(void **state) {
    static const char *const traces[] = {
        "gen:page-local?pages=600&accesses=4000", "gen:gups?pages=600&accesses=4000",
        "traces/snapshot.pwt", "traces/cow_after_fork.trace", "traces/page_crossing.trace"};
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (size_t t = 0; t < sizeof traces / sizeof *traces; t++) {
            struct config c;
            configured(&ways[i], traces[t], &c);
            both_ways(traces[t], &c, 5000);
        }
    }
}

/* A serial chain of misses: beside each walk and each load, the MMU steps through a dozen cycles of
 * some hundred. */
static void most_of_it(void **state) {
    const char *trace = "gen:pointer-chase?pages=4096&accesses=4000";
    struct outcome o;
    struct config c;
    (void)state;
    configured(&ways[0], trace, &c);
    rested = 0;
    run(trace, &c, resting, 0, &o);
    if (rested * 2 < o.result.cycles)
        fail_msg("%" PRIu64 " of %" PRIu64 " cycles", rested, o.result.cycles);
    replay_result_free(&o.result);
    free(o.log);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_trace),
                                       cmocka_unit_test(every_configuration),
                                       cmocka_unit_test(most_of_it)};
    return cmocka_run_group_tests_name("rest", tests, NULL, NULL);
}
