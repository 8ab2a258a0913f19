/* SPDX-License-Identifier: Apache-2.0
 *
 * The core driver and the replay around it: small traces on the C model, and what must come of them
 * in time, counts, log rows and bytes.
 */
#include "test_replay.h"

/* ---- Time ---------------------------------------------------------------------------------- */

static void cold_walk_and_hit(void **state) {
    (void)state;
    assert_int_equal(
        replay(HEAD "S 10000 8\nexpect fault anon_alloc\nL 10008 8\nexpect cycles 0 in default\n"
                    "L 11000 8\nexpect faults 1\nS 12000 8\nexit\n",
               checked, NULL),
        0);
    assert_int_equal(result.accesses, 4);
    assert_int_equal(result.loads, 2);
    assert_int_equal(result.retries, 3);
    assert_int_equal(result.faults_store_page, 2);
    assert_int_equal(result.faults_load_page, 1);
    assert_int_equal(result.expectations, 3);
    assert_true(result.checked && result.compared_responses == result.l1d.lookups);
    assert_int_equal(result.l1d.lookups, 7);
    assert_int_equal(result.l1d.hits, 1);
    assert_non_null(strstr(row(2), ",l1,0,none"));
    assert_non_null(strstr(row(1), ",walk,3,none")); /* the attempt that completed */
    assert_non_null(strstr(row(4), ",walk,1,none")); /* pointers are cached by then */
}

static void cycles_of_another_configuration(void **state) {
    (void)state;
    struct replay_options o = checked;
    o.config_name = "small";
    assert_int_equal(replay(HEAD "L 10000 8\nexpect cycles 999 in default\nexit\n", o, NULL), 0);
    assert_int_equal(result.expectations_skipped, 1);
}

static void fetches_of_one_block(void **state) {
    (void)state;
    const char *text = HEAD "S 10000 8\nexpect faults 1\nI 10000 4\nI 10004 4\nL 10000 8\nI 10008 "
                            "4\nI 1000c 4\nI 10010 4\n"
                            "I 1000c 4\nI 1001e 4\nI 10022 2\nexit\n";
    struct config c;
    config_defaults(&c);
    assert_int_equal(replay(text, checked, NULL), 0);
    assert_int_equal(result.fetches, 8);
    assert_int_equal(result.l1i.lookups,
                     4); /* 10000-1000c, 10010, back to 1000c, across into 10020 */
    assert_int_equal(result.instructions, 8);
    c.core_fetch_bytes = 4;
    assert_int_equal(replay(text, checked, &c), 0);
    assert_int_equal(result.l1i.lookups, 7); /* 1001e reaches 10020, where 10022 rides */
    c.core_fetch_bytes = 64;
    assert_int_equal(replay(text, checked, &c), 0);
    assert_int_equal(result.l1i.lookups, 1);
}

static void page_crossing(void **state) {
    (void)state;
    assert_int_equal(
        replay(HEAD "S 10ffc 8\nexpect faults 2\nL 10ffc 8\nexpect value store 1\nI 10ffe 4\n"
                    "L 10fff 2\nexit\n",
               checked, NULL),
        0);
    assert_int_equal(result.splits, 4);
    assert_int_equal(result.accesses, 4);
    assert_int_equal(result.retries, 2);
    assert_int_equal(result.killed_lookups, 0);
}

static uint64_t cycles_with(uint32_t window, uint32_t deps, uint32_t width) {
    struct config c;
    config_defaults(&c);
    c.core_window = window, c.core_deps = deps, c.core_width = width;
    const char *text =
        HEAD "S 10000 1\nS 11000 1\nS 12000 1\nS 13000 1\nmprotect 0x10000 0x4000 r-x\n"
             "I 10000 4\nL 10000 8\nI 10100 4\nL 11000 8\nI 10200 4\nL 12000 8\nL 13000 8\nexit\n";
    assert_int_equal(replay(text, checked, &c), 0);
    return result.cycles;
}

static void window_width_and_dependences(void **state) {
    (void)state;
    uint64_t wide = cycles_with(8, DEPS_NONE, 2), blocking = cycles_with(1, DEPS_NONE, 2);
    uint64_t serial = cycles_with(8, DEPS_SERIAL, 2), narrow = cycles_with(8, DEPS_NONE, 1);
    assert_true(wide < serial);
    assert_true(serial <= blocking);
    assert_true(wide <= narrow);
}

/* ---- Faults and signals -------------------------------------------------------------------- */

static void younger_are_killed_and_retried(void **state) {
    (void)state;
    assert_int_equal(
        replay(HEAD "L 10000 8\nL 11000 8\nL 12000 8\nL 13000 8\nexit\n", checked, NULL), 0);
    assert_int_equal(result.faults_load_page, 4);
    assert_int_equal(result.killed_lookups, 3 + 2 + 1);
    assert_int_equal(result.l1d.lookups, 4 + 6 + 4);
    assert_int_equal(result.retries, 4 + 3 + 2 + 1);
}

static void signals(void **state) {
    (void)state;
    assert_int_equal(replay(HEAD "L 10000 8\nL 0 8\nsignal sigsegv maperr\n", checked, NULL), 0);
    assert_int_equal(result.signals, 1);
    assert_int_equal(result.accesses, 2);
    assert_non_null(strstr(row(2), ",fault,"));
    assert_non_null(strstr(row(2), "load_page"));
    assert_int_equal(replay(HEAD "L 0 8\nexpect faults 1\nexpect sigsegv maperr\n", checked, NULL),
                     0);
    assert_int_equal(replay(HEAD "M 10004 8\nsignal sigbus adraln\n", checked, NULL), 0);
    assert_int_equal(replay(HEAD "fork 2\nL 0 8\nsignal sigsegv maperr\nrun 2\nS 10000 8\nexit\n",
                            checked, NULL),
                     0);
}

/* The process lives, all its threads: behind a store, a fetch, an atomic that nobody translated.
 * The handler's records are the next ones, and the access that was refused is not made. */
static void signals_that_are_caught(void **state) {
    (void)state;
    const char *text =
        HEAD "clone 2 thread\nrun 2\nS 10000 8\nmprotect 0x10000 4096 r--\n"
             "S 10000 8\nsignal sigsegv accerr caught\nexpect faults 1\nexpect rss 1\n"
             "sigframe 0x11fc0 1088\nexpect faults 2\nL 11fc0 8\nexpect value store 3\n"
             "kload 0x11fc0 1088\nL 10000 8\nexpect value store 1\n"
             "I 10000 4\nsignal sigsegv accerr caught\nsigframe 0x11b80 1088\n"
             "run 1\nM 10004 8\nsignal sigbus adraln caught\nsigframe 0x13000 1088\n"
             "L 10000 8\nexpect value store 1\nL 0 8\nsignal sigsegv maperr\n";
    assert_int_equal(replay(text, checked, NULL), 0);
    assert_int_equal(result.signals, 1);
    assert_int_equal(result.signals_caught, 3);
    assert_int_equal(result.accesses, 8);
    const char *races = HEAD "clone 2 thread\nS 10000 8 racing\nsignal sigsegv accerr caught\n"
                             "sigframe 0x11000 1088\nL 10000 8\nexit group\n";
    assert_int_equal(replay(races, checked, NULL), 0);
    assert_int_equal(result.signals_caught, 1);
    struct replay_options o = checked;
    for (o.from = 2; o.from < 28; o.from++) assert_int_equal(replay(text, o, NULL), 0);
    o.from = 0;
    for (o.to = 5; o.to < 29; o.to++) assert_int_equal(replay(text, o, NULL), 0);
}

/* HEAD, a thread that unmaps a page, and the other one's access to it: before or after. The run
 * goes on as the trace does; without the flag it does not. */
static void racing_accesses(void **state) {
    (void)state;
    const char *go_on = "L 11000 8\nL 12000 8\nrun 1\nL 11000 8\nexit group\n",
               *told = "signal sigsegv maperr\nprocess 3\n",
               *caught = "signal sigsegv maperr caught\nsigframe 0x12000 64\nexit group\n";
    const struct {
        const char *before, *after;
        uint64_t signals, caught;
    } traces[] = {{"munmap 0x10000 0x1000\nrun 2\nL 10000 8", go_on, 0, 0},
                  {"munmap 0x10000 0x1000\nrun 2\nL 10000 8", told, 1, 0},
                  {"munmap 0x10000 0x1000\nrun 2\nL 10000 8", caught, 0, 1},
                  {"run 2\nL 10000 8", told, 1, 0},
                  {"run 2\nL 10000 8", caught, 0, 1}};
    char text[512];
    for (unsigned i = 0; i < sizeof traces / sizeof *traces; i++) {
        for (unsigned racing = 0; racing < 2; racing++) {
            snprintf(text, sizeof text, "%sclone 2 thread\n%s%s\n%s", HEAD, traces[i].before,
                     racing ? " racing" : "", traces[i].after);
            bool legal = racing || i == 1 || i == 2; /* those say what happens here anyway */
            if (!legal) next_lie = QUIET;
            assert_int_equal(replay(text, checked, NULL), legal ? 0 : 1);
            if (!legal) continue;
            assert_int_equal(result.signals, traces[i].signals);
            assert_int_equal(result.signals_caught, traces[i].caught);
        }
    }
}

/* Half a frame is none: SIGSEGV takes the signal's place, and may be caught itself. */
static void frames_that_cannot_be_written(void **state) {
    (void)state;
    const char *refused = HEAD "fork 2\nL 0 8\nsignal sigsegv maperr caught\n"
                               "sigframe 0x13fc0 1088\nexpect faults 2\nsignal sigsegv kernel\n"
                               "run 2\nL 0 8\nsignal sigsegv maperr caught\n"
                               "sigframe 0xfc00 1088\nexpect sigsegv kernel\n",
               *again = HEAD
               "M 10004 8\nnote behind it\nsignal sigbus adraln caught\nsigframe 0xfff8 1088\n"
               "signal sigsegv kernel caught\nsigframe 0x10000 1088\nexit\n";
    assert_int_equal(replay(refused, checked, NULL), 0);
    assert_int_equal(result.signals, 2);
    assert_int_equal(result.signals_caught, 2);
    assert_int_equal(replay(again, checked, NULL), 0);
    assert_int_equal(result.signals, 0);
    assert_int_equal(result.signals_caught, 2);
    next_lie = QUIET;
    assert_int_equal(replay(HEAD "sigframe 0xfff8 1088\nL 10000 8\n", checked, NULL), 1);
    assert_non_null(strstr(result.report, "sigsegv kernel ended the process; the trace does not"));
    assert_int_equal(replay(HEAD "sigframe 0x10000 1088\nsignal sigsegv kernel\n", checked, NULL),
                     1);
    assert_non_null(strstr(result.report, "here: the access succeeded"));
    assert_int_equal(replay(HEAD "L 10000 8\nsignal sigsegv maperr caught\nexit\n", checked, NULL),
                     1);
    assert_non_null(strstr(result.report, "here: the access succeeded"));
    assert_int_equal(replay(HEAD "L 0 8\nsignal sigsegv accerr caught\nexit\n", checked, NULL), 1);
    assert_non_null(strstr(result.report, "the trace says sigsegv accerr; here: sigsegv maperr"));
    next_lie = HONEST;
}

static void signals_that_differ(void **state) {
    (void)state;
    next_lie = QUIET;
    assert_int_equal(replay(HEAD "L 0 8\nL 10000 8\n", checked, NULL), 1);
    assert_non_null(strstr(result.report, "sigsegv maperr ended the process; the trace goes on"));
    assert_int_equal(replay(HEAD "L 0 8\n", checked, NULL), 1);
    assert_non_null(strstr(result.report, "the trace does not say so"));
    const char *other = HEAD "L 0 8\nsignal sigsegv accerr\n",
               *none = HEAD "S 10000 8\nsignal sigsegv maperr\n";
    assert_int_equal(replay(other, checked, NULL), 1);
    assert_non_null(strstr(result.report, "the trace says sigsegv accerr; here: sigsegv maperr"));
    assert_int_equal(replay(none, checked, NULL), 1);
    assert_non_null(strstr(result.report, "the access succeeded"));
    next_lie = HONEST;
}

/* ---- The kernel's own accesses ------------------------------------------------------------- */

static void read_and_write(void **state) {
    (void)state;
    const char *text =
        "file 1 notes size 9000\n" HEAD "read 1 100 0x10ff0 5000\nexpect faults 3\n"
        "L 10ff0 8\nexpect value file 1 100\nL 11ff8 16\nexpect value file 1 4204\n"
        "kstore 0x10ffc 8\nL 10ffc 8\nexpect value store 1\nwrite 1 0 0x10ffc 8\nfsync 1\n"
        "expect disk 1 0 store 1\nexpect disk 1 8 original\nread 1 8990 0x12000 500\nkload 0x10000 "
        "1\nexit\n";
    assert_int_equal(replay(text, checked, NULL), 0);
    assert_int_equal(result.expectations, 6);
    assert_int_equal(replay(HEAD "kload 0x13ffe 4\nexit\n", checked, NULL),
                     0); /* EFAULT behind the mapping */
}

/* ---- Windows and limits -------------------------------------------------------------------- */

static void windows(void **state) {
    (void)state;
    for (uint64_t from = 1; from <= 16; from++) {
        struct replay_options o = checked;
        o.from = from;
        assert_int_equal(replay(WORK, o, NULL), 0);
        assert_int_equal(result.warmup_records, from - 1);
        if (from == 4) assert_int_equal(result.accesses, 7);
        if (from == 16) assert_int_equal(result.accesses, 1);
    }
    struct replay_options o = checked;
    o.to = 4;
    assert_int_equal(replay(WORK, o, NULL), 0);
    assert_int_equal(result.accesses, 2);
    o.to = 0;
    o.max_accesses = 3;
    assert_int_equal(replay(WORK, o, NULL), 0);
    assert_int_equal(result.accesses, 3);
    o.from = 8; /* the limit counts from there */
    assert_int_equal(replay(WORK, o, NULL), 0);
    assert_int_equal(result.accesses, 3);
    assert_int_equal(result.warmup_records, 7);
}

static void opinions_change_nothing(void **state) {
    (void)state;
    static char with[sizeof log_text];
    assert_int_equal(replay(WORK, checked, NULL), 0);
    memcpy(with, log_text, sizeof with);
    uint64_t cycles = result.cycles;
    assert_int_equal(replay(WORK, (struct replay_options){.no_check = true}, NULL), 0);
    assert_false(result.checked);
    assert_string_equal(with, log_text);
    assert_int_equal(result.cycles, cycles);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cold_walk_and_hit),
        cmocka_unit_test(cycles_of_another_configuration),
        cmocka_unit_test(fetches_of_one_block),
        cmocka_unit_test(page_crossing),
        cmocka_unit_test(window_width_and_dependences),
        cmocka_unit_test(younger_are_killed_and_retried),
        cmocka_unit_test(signals),
        cmocka_unit_test(signals_that_are_caught),
        cmocka_unit_test(racing_accesses),
        cmocka_unit_test(frames_that_cannot_be_written),
        cmocka_unit_test(signals_that_differ),
        cmocka_unit_test(read_and_write),
        cmocka_unit_test(windows),
        cmocka_unit_test(opinions_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
