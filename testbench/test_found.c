/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kind of sabotage must be found by the opinion named, and told as a report; so must an
 * expectation that does not hold, and a run that was to compare and had nothing to.
 */
#include "test_replay.h"

/* ---- What must be found -------------------------------------------------------------------- */

static void found(enum lie lie, const char *text, int code, const char *opinion) {
    struct replay_options o = {
        .engine = "lockstep", .hang_cycles = 500, .rerun = "pagewalk run THIS"};
    next_lie = lie;
    assert_int_equal(replay(text, o, NULL), code);
    next_lie = HONEST;
    if (!strstr(result.report, opinion))
        fail_msg("lie %d: no `%s` in\n%s", lie, opinion, result.report);
    assert_non_null(strstr(result.report, "rerun    pagewalk run THIS"));
    assert_non_null(strstr(result.report, "events   the last"));
    assert_non_null(strstr(result.report, "record "));
}

static void sabotage(void **state) {
    (void)state;
    const char *text = "set os.svadu 1\n" WORK;
    found(WRONG_PA, text, EXIT_DIFFERENCE, "opinion 2");
    found(WRONG_CAUSE, text, EXIT_DIFFERENCE, "opinion 2");
    found(STRAY, text, EXIT_DIFFERENCE, "not in flight");
    found(LOST, text, EXIT_HANG, "nothing has moved for 500 cycles");
    found(FALSE_HIT, text, EXIT_DIFFERENCE, "opinion 4");
    found(FALSE_WALK, text, EXIT_DIFFERENCE, "Little's law");
    found(DIFFERENCE, text, EXIT_DIFFERENCE,
          "dmiss_cause_o          model 0x0 none, rtl 0xd load_page");
    found(ASSERTION, text, EXIT_DIFFERENCE, "NoStall_A");
    /* a page of shared memory read first is mapped writable and clean: the store sets D */
    const char *clean = "process 1\nmmap 0x10000 0x1000 rw- shared anon\nL 10000 8\n"
                        "S 10000 8\nexit\n";
    assert_int_equal(replay(clean, checked, NULL), 0);
    assert_true(result.ad_writes > 0);
    found(WRONG_UPDATE, clean, EXIT_DIFFERENCE, "opinion 2");
}

static void broken_expectations(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "expect fault zero_page",     "expect faults 2",
        "expect cycles 1 in default", "expect rss 2",
        "expect frames +9",           "expect pte 0x10000 r--u a1d0",
        "expect pte 0x10000 none",    "expect maps 10000-15000 rwxp",
        "expect maps 2 lines",        "expect same-frame pid 1 0x13000"};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[256];
        snprintf(text, sizeof text, HEAD "S 10000 8\n%s\nexit\n", wrong[i]);
        next_lie = QUIET;
        assert_int_equal(replay(text, checked, NULL), 1);
        next_lie = HONEST;
        if (!strstr(result.report, wrong[i])) fail_msg("%s: %s", wrong[i], result.report);
    }
    assert_int_equal(
        replay(HEAD "S 10000 8\nexpect pte 0x10000 rwxu a1d1\nexpect maps 10000-14000 rwxp\n"
                    "expect maps 1 lines\nexpect rss 1\nexit\n",
               checked, NULL),
        0);
}

static void nothing_compared(void **state) {
    (void)state;
    next_lie = QUIET;
    assert_int_equal(replay(HEAD "exit\n", checked, NULL), 1);
    next_lie = HONEST;
    assert_non_null(strstr(result.report, "compared nothing"));
    assert_int_equal(replay(HEAD "exit\n", (struct replay_options){0}, NULL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sabotage),
        cmocka_unit_test(broken_expectations),
        cmocka_unit_test(nothing_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
