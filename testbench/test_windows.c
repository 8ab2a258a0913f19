/* SPDX-License-Identifier: Apache-2.0
 *
 * The waveform of a failure is written by a copy of the run from before it: the copy must fail in
 * the same cycle, having seen the same, from a trace in the middle of its file. And a program that
 * aborts leaves its waveform whole.
 */
#include "config_file.h"
#include "error.h"
#include "replay.h"
#include "wave_read.h"
#include "wave_view.h"
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define TRACE  "traces/sqlite.pwt"
#define WINDOW "build/failed-sqlite.pwt.fst"
#define WHOLE  "build/test_windows.fst"

/* ---- An engine that breaks in a given cycle -------------------------------------------------- */

static void (*real_step)(struct engine *, const struct mmu_in *, struct mmu_out *);
static uint64_t steps, break_at;
static bool aborts;

static void breaking_step(struct engine *e, const struct mmu_in *in, struct mmu_out *out) {
    if (aborts && steps == break_at) abort();
    real_step(e, in, out);
    if (steps++ == break_at) e->failed = "assertion Broken_A";
}

static struct engine *breaking(const char *kind, const struct config *c, uint32_t seed, char *why,
                               size_t bytes) {
    struct engine *e = engine_open(kind, c, seed, why, bytes);
    assert_non_null(e);
    real_step = e->step;
    e->step = breaking_step;
    steps = 0;
    return e;
}

static struct replay_result result;

static int run(const char *engine, uint64_t at, struct replay_options o) {
    struct config c;
    config_defaults(&c);
    replay_trace_settings(TRACE, &c);
    o.engine = engine;
    o.no_check = true;
    o.seed = 1;
    o.config_name = "default";
    break_at = at;
    replay_trace_on(TRACE, &c, &o, breaking, &result);
    return result.exit_code;
}

/* ---- The window ------------------------------------------------------------------------------ */

static const char *const pins[] = {
#define PIN(name, group, output, bits) "mmu." name,
    MMU_ALL_PINS(PIN)
#undef PIN
};

/* Cycles of the window, pin by pin, against a run that had its waves on all along. */
static void same_pins(struct wave_read *window, uint64_t from, uint64_t to) {
    struct wave_read *whole = wave_read_open(WHOLE);
    char one[WAVE_READ_BITS + 1], two[WAVE_READ_BITS + 1];
    bool answered = false; /* mem_rsp_data_i: what came last, which neither file may have seen */
    assert_non_null(whole);
    for (uint64_t cycle = from; cycle <= to; cycle++) {
        answered |= wave_read_value(whole, "mmu.mem_rsp_valid_i", cycle);
        for (size_t i = 0; i < sizeof pins / sizeof *pins; i++) {
            if (!answered && !strcmp(pins[i], "mmu.mem_rsp_data_i")) continue;
            const char *a = wave_read_bits(window, pins[i], cycle, one);
            const char *b = wave_read_bits(whole, pins[i], cycle, two);
            if (strcmp(a, b)) fail_msg("%s in cycle %" PRIu64 ": %s, %s", pins[i], cycle, a, b);
        }
    }
    wave_read_close(whole);
}

/* Behind the third copy, so that the first one is gone. */
static void a_window_is_what_was(void **state) {
    enum { AT = 45000, BEFORE = 500 };
    char view[32];
    uint64_t cycle;
    (void)state;
    unlink(WINDOW);
    assert_int_equal(run("rtl", AT, (struct replay_options){.hang_cycles = 1000}), EXIT_DIFFERENCE);
    assert_int_equal(result.cycles, AT);
    assert_non_null(strstr(result.report, WINDOW ", cycles 44500 to 45000\n"));
    assert_non_null(strstr(result.report, "found by the RTL: an assertion fired"));
    struct wave_read *window = wave_read_open(WINDOW);
    assert_non_null(window);
    assert_int_equal(wave_read_begin(window), AT - BEFORE);
    assert_int_equal(wave_read_end(window), AT);
    assert_true(wave_view_read("build/failed-sqlite.pwt.gtkw", view, &cycle));
    assert_int_equal(cycle, AT);
    struct replay_options o = {.wave = WHOLE, .wave_from = AT - BEFORE - 99};
    assert_int_equal(run("model", AT, o), EXIT_DIFFERENCE);
    same_pins(window, AT - BEFORE, AT);
    wave_read_close(window);
}

static void a_young_failure_too(void **state) {
    (void)state;
    assert_int_equal(run("lockstep", 3, (struct replay_options){0}), EXIT_DIFFERENCE);
    assert_non_null(strstr(result.report, WINDOW ", cycles 0 to 3\n"));
}

static void no_copy_is_left(void **state) {
    (void)state;
    assert_int_equal(waitpid(-1, NULL, 0), -1);
}

/* ---- Aborts ---------------------------------------------------------------------------------- */

static void abort_at(const char *engine, uint64_t at) {
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        aborts = true;
        run(engine, at, (struct replay_options){.wave = WHOLE});
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    struct wave_read *r = wave_read_open(WHOLE);
    assert_non_null(r);
    assert_int_equal(wave_read_end(r), at - 1);
    wave_read_close(r);
}

static void an_abort_leaves_it_whole(void **state) {
    uint32_t seed = 7;
    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        static const char *const engine[] = {"model", "rtl", "lockstep"};
        seed = seed * 1664525 + 1013904223;
        abort_at(engine[i % 3], 1 + (seed >> 8) % 4000);
    }
}

static int end(void **state) {
    (void)state;
    unlink("build/failed-sqlite.pwt.gtkw");
    return unlink(WINDOW) | unlink(WHOLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_is_what_was), cmocka_unit_test(a_young_failure_too),
        cmocka_unit_test(no_copy_is_left), cmocka_unit_test(an_abort_leaves_it_whole)};
    return cmocka_run_group_tests(tests, NULL, end);
}
