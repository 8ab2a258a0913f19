/* SPDX-License-Identifier: Apache-2.0
 *
 * Traces that are wrong: damaged, cut short, or well-formed nonsense. Each must end the program
 * with exit 3 and a message that names the place, the rule and a remedy. Leaks are looked for in
 * test_trace.c, where a look is not paid for by each of a thousand children. Mutated files are
 * test_trace_fuzz.c.
 */
#include "trace_forge.h"

const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0:quarantine_size_mb=1";
}

/* Reads the trace in a child: it must be refused, and the message must hold these parts. */
static void refused(const char *path, const char *where, const char *rule, const char *remedy) {
    size_t n;
    int code = kit_child(kit_replay, path, "/dev/null", kit_path("err"));
    char *said = (char *)kit_read(kit_path("err"), &n);
    bool right = code == 3 && !strncmp(said, "pagewalk: ", 10) && strstr(said, where) &&
                 strstr(said, rule) && strstr(said, "\n  try: ") &&
                 strstr(strstr(said, "\n  try: "), remedy);
    if (!right)
        fail_msg("exit %d, wanted `%s` `%s` `%s`, said:\n%s", code, where, rule, remedy, said);
    free(said);
}

/* ---- Files that are no traces -------------------------------------------------------------- */

static void no_traces(void **state) {
    uint8_t noise[4096];
    uint64_t x = 1;
    (void)state;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((x = x * 6364136223846793005u + 1) >> 56);
    refused(kit_path("missing"), "missing: ", "No such file", "check the name");
    refused(kit_directory, kit_directory, "a directory", "*.trace");
    refused("/dev/null", "/dev/null: ", "a regular file", "to a file first");
    refused(kit_write("empty", "", 0), "empty: ", "the file is empty", "record");
    refused(kit_write("noise", noise, sizeof noise), "record 0 (byte 0)", "no trace",
            "copy it again");
    refused(kit_write("prose", "Once upon a time\n", 17), "prose:1:1: ", "first word",
            "pagewalk-trace");
    refused(kit_write("newer", "pagewalk-trace 2\n", 17), "newer:1:16: ", "version 2", "newer");
}

/* ---- Text ---------------------------------------------------------------------------------- */

static const struct mistake {
    const char *text, *where, *rule, *remedy;
} mistakes[] = {
    {"mmpa 1 2\n", ":2:1: ", "`mmpa` is not a record", "did you mean `mmap`"},
    {"process 0\n", ":2:9: ", "must be 1 to 4194304", "range"},
    {"process 1\nL zz 4\n", ":3:3: ", "must be a hex number, not `zz`", "hex"},
    {"process 1\nL 1000\n", ":3:7: ", "the number of bytes is missing", "trace-format"},
    {"process 1\nL 1000 0\n", ":3:8: ", "must be 1 to 4096", "range"},
    {"process 1\nL 1000 4097\n", ":3:8: ", "must be 1 to 4096", "range"},
    {"process 1\nL 1000 4 5\n", ":3:10: ", "nothing more belongs", "comment"},
    {"process 1\nL 10000000000000000 4\n", ":3:3: ", "hex number", "64 bits"},
    {"process 1\nL ffffffffffffffff 2\n", ":3:1: ", "passes the end of the address space", "split"},
    {"L 1000 4\n", ":2:1: ", "no process runs", "process PID"},
    {"process 1\nrun 2\n", ":3:1: ", "process 2 was never started", "fork"},
    {"process 1\nexit\nL 1000 1\n", ":4:1: ", "no process runs", "run PID"},
    {"process 1\nset os.svadu 0\n", ":3:1: ", "before the first process", "head"},
    {"set os.svadu\n", ":2:13: ", "value is missing", "trace-format"},
    {"process 1\ngup 0x1000 8 write futex\n", ":3:1: ", "does not do that with futex",
     "futex alone"},
    {"process 1\nmmap 0x1000 10 rwz private anon\n", ":3:16: ", "`rwz` is no protection",
     "three letters"},
    {"process 1\nmmap 0x1000 10 rwx privte anon\n", ":3:20: ", "`privte`",
     "did you mean `private`"},
    {"process 1\nmmap 0x1001 10 rwx private anon\n", ":3:1: ", "begins at a page", "mmap returned"},
    {"process 1\nmmap 0x1000 10 rwx private file 3 0\n", ":3:1: ", "file 3 was not declared",
     "file ID"},
    {"file 1 a size 1\nfile 1 b size 1\n", ":3:1: ", "declared twice", "own id"},
    {"file 1 a size 1 device\nprocess 1\nread 1 0 0x1000 1\n", ":4:1: ", "file 1 is a device",
     "mapped"},
    {"file 1 a\\q size 1\n", ":2:9: ", "backslash", "\\x20"},
    {"process 1\nmunmap 0xfffffffffffff000 0x2000\n", ":3:1: ", "passes the end", "shorten"},
    {"process 1\nfork 1\n", ":3:1: ", "already there", "of its own"},
    {"process 1\nclone 2 vfork\nL 0 1\n", ":4:1: ", "no process runs", "run PID"},
    {"process 1\nclone 2 vfork\nrun 1\n", ":4:1: ", "waits for its vfork child 2", "the child"},
    {"process 1\nclone 2 thread\nrun 2\nprocess 2\n", ":5:1: ", "2 is a thread of process 1",
     "the group's number"},
    {"process 1\nclone 2 thread\nexit\nrun 2\nfork 1\n", ":6:1: ", "already there", "of its own"},
    {"process 1\nclone 2 thread\nL 0 1\nsignal sigsegv maperr\nrun 2\n",
     ":6:1: ", "process 2 was never started or has ended", "clone"},
    {"process 1\nclone 2 fork\n", ":3:9: ", "`fork` is not", "vfork"},
    {"process 1\nsignal sigsegv maperr\n", ":3:1: ", "needs the access", "behind"},
    {"process 1\nL 0 1\nsignal sigsegv adrerr\n", ":4:1: ", "no such code", "maperr"},
    {"process 1\nL 0 1\nsignal sigsegv kernel\n", ":4:1: ", "needs the signal frame", "behind"},
    {"process 1\nL 0 1\nsignal sigsegv maperr cought\n", ":4:23: ", "nothing more", "take it out"},
    {"process 1\nL 0 1\nexpect faults 1\nsignal sigsegv maperr caught\n",
     ":5:1: ", "right behind what raised it", "behind it"},
    {"process 1\nL 0 1\nsignal sigsegv maperr caught\nsignal sigsegv maperr\n",
     ":5:1: ", "needs the access", "behind"},
    {"process 1\nsigframe 0x1000 0\n", ":3:1: ", "has a length", "siginfo"},
    {"process 1\nsigframe 0xfffffffffffff000 0x2000\n", ":3:1: ", "passes the end", "shorten"},
    {"process 1\nL 0 1\nexpect sigsegv maper\n", ":4:16: ", "`maper` is not",
     "did you mean `maperr`"},
    {"process 1\nL 0 1\nexpect fualt cow_copy\n", ":4:8: ", "`fualt`", "did you mean `fault`"},
    {"process 1\nL 0 1\nexpect fault cow_cpoy\n", ":4:14: ", "`cow_cpoy`",
     "did you mean `cow_copy`"},
    {"process 1\nL 0 1\nexpect frames 1\n", ":4:15: ", "sign", "+1"},
    {"process 1\nL 0 1\nexpect pte 0x1000 rwx u\n", ":4:19: ", "`rwx` are no PTE", "none"},
    {"process 1\nL 0 1\nexpect pte 0x1000 rw-u a2d0\n", ":4:24: ", "`a2d0`", "a1d0"},
    {"process 1\nL 0 1\nexpect maps 2000-1000 rw-p\n", ":4:13: ", "no range", "10000-12000"},
    {"process 1\nS 0 1\nexpect value zero\n", ":4:1: ", "about a load", "behind L"},
    {"process 1\nexpect cycles 3 in default\n", ":3:1: ", "about an access", "behind I"},
    {"expect rss 1\n", ":2:1: ", "no record before it", "behind one"},
    {"process 1\nL 0 1\nexpect value file 4 0\n", ":4:1: ", "file 4 was not declared", "declare"},
    {"process 1\n\001\n", ":3:1: ", "control character", "take it out"},
};

static void text_mistakes(void **state) {
    char text[256];
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        int n = snprintf(text, sizeof text, "pagewalk-trace 1\n%s", mistakes[i].text);
        const char *path = kit_write("bad.trace", text, (size_t)n);
        refused(path, mistakes[i].where, mistakes[i].rule, mistakes[i].remedy);
    }
}

static void caret_is_under_the_place(void **state) {
    static const char text[] = "pagewalk-trace 1\nprocess 1\n\tL 1000 9999 # why\n";
    (void)state;
    refused(kit_write("bad.trace", text, sizeof text - 1),
            "bad.trace:3:9: ", "\n     L 1000 9999 # why\n            ^\n", "");
}

static void endless_and_zero_lines(void **state) {
    char *text = malloc(20000);
    assert_non_null(text);
    (void)state;
    memset(text, 'L', 20000);
    memcpy(text, "pagewalk-trace 1\n", 17);
    refused(kit_write("bad.trace", text, 20000), "bad.trace:2:", "too long", "break");
    text[30] = 0;
    refused(kit_write("bad.trace", text, 20000), "bad.trace:2:14: ", "zero byte", "copy");
    free(text);
}

/* ---- Damage to a binary file --------------------------------------------------------------- */

static void every_cut_is_refused(void **state) {
    size_t bytes;
    uint8_t *file = good_file(&bytes);
    (void)state;
    for (size_t n = 1; n < bytes; n++) {
        refused(kit_write("bad.pwt", file, n), "bad.pwt", "the file ends inside",
                "its end is missing");
    }
    free(file);
}

static void every_flip_is_refused(void **state) {
    size_t bytes;
    uint8_t *file = good_file(&bytes);
    (void)state;
    for (size_t i = 0; i < bytes; i++) {
        file[i] ^= (uint8_t)(1u << i % 8);
        refused(kit_write("bad.pwt", file, bytes), "bad.pwt", "", "");
        file[i] ^= (uint8_t)(1u << i % 8);
    }
    free(file);
}

static void what_follows_is_refused(void **state) {
    size_t bytes;
    uint8_t *file = good_file(&bytes);
    char where[32];
    (void)state;
    snprintf(where, sizeof where, "(byte %zu)", bytes);
    refused(kit_write("bad.pwt", file, bytes + 1), where, "something follows",
            "cut the file there");
    free(file);
}

/* ---- Nonsense with every check right ------------------------------------------------------- */

#define FORGED(records, accesses, bytes) bytes, sizeof bytes - 1, records, accesses
static const struct forged {
    const char *raw;
    size_t n;
    uint32_t records;
    uint64_t accesses;
    const char *where, *rule;
} forgeries[] = {
    {FORGED(1, 1, "\x08"), "record 1 ", "no process runs"},
    {FORGED(2, 1, EXEC "\x1c\0\0"), "record 2 ", "1 to 4096 bytes, not 0"},
    {FORGED(2, 1, EXEC "\x1c\x01\x10"), "record 2 ", "1 to 4096 bytes, not 4097"},
    {FORGED(2, 1, EXEC "\xa0"), "record 2 ", "1 to 4096 bytes, not 0"},
    {FORGED(2, 1, EXEC "\x28\xff"), "record 2 ", "passes the end of the address space"},
    {FORGED(2, 1, EXEC "\x88\x01\x02\x03"), "record 2 ", "passes the end of its block"},
    {FORGED(2, 2, EXEC "\x08"), "record 3 ", "counts other accesses"},
    {FORGED(2, 1, EXEC "\x08\x08"), "record 2 ", "left over"},
    {FORGED(3, 2, EXEC "\x08"), "record 3 ", "passes the end of its block"},
    {FORGED(3, 2, EXEC "\x08\xa1"), "record 3 ", "a run passes"},
    {FORGED(3, 2, EXEC "\x08\xdf\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "record 3 ",
     "a run passes"},
    {FORGED(2, 0, EXEC "\xe7\0"), "record 2 ", "unknown and may not be passed over"},
    {FORGED(2, 0, EXEC "\xe0\x01\0"), "record 2 ", "a process number is 1 to"},
    {FORGED(2, 0, EXEC "\xe0\x01\x02"), "record 2 ", "process 2 was never started"},
    {FORGED(2, 0, EXEC "\xe0\x02\x01\x01"), "record 2 ", "or of itself"},
    {FORGED(2, 0, EXEC "\xe0\x09\x01"), "record 2 ", "passes the end of its block"},
    {FORGED(2, 0, EXEC "\xe5\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "record 2 ",
     "passes the end"},
    {FORGED(2, 0,
            EXEC "\xe4\x0c"
                 "os.svadu 0 0"),
     "record 2 ", "before the first process"},
    {FORGED(1, 0,
            "\xe4\x08"
            "os.svadu"),
     "record 1 ", "a key and a value"},
    {FORGED(1, 0,
            "\xe5\x03"
            "a\0b"),
     "record 1 ", "zero byte"},
    {FORGED(1, 0,
            "\xe5\x03"
            "a\nb"),
     "record 1 ", "control characters"},
    {FORGED(2, 0,
            EXEC "\xe3\x05"
                 "fault"),
     "record 2 ", "a kind of fault is missing"},
    {FORGED(2, 0, EXEC "\xe2\x02\x0b\x01"), "record 2 ", "needs the access"},
    {FORGED(1, 0, "\xe1\x08\x63\x01\0\0\0\0\0\0"), "record 1 ", "call 99 is unknown"},
    {FORGED(2, 0, EXEC "\xe1\x08\x05\x01\0\0\x01\x04\0\0"), "record 2 ", "not give it"},
    {FORGED(2, 0, EXEC "\xe1\x08\x03\x02\0\0\0\0\0\0"), "record 2 ",
     "process 2 calls while process 1 runs"},
    {FORGED(2, 0, EXEC "\xe1\x09\x03\x01\0\0\0\0\0\0x"), "record 2 ", "has a name"},
};

static void nonsense_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof forgeries / sizeof forgeries[0]; i++) {
        const struct forged *f = &forgeries[i];
        refused(forge((const uint8_t *)f->raw, f->n, f->records, f->accesses), f->where, f->rule,
                "");
    }
}

static void optional_events_are_passed_over(void **state) {
    static const uint8_t raw[] = EXEC "\xf0\x03xyz\x68\0\0\x01\0\xff\0\xa0";
    struct trace_record r;
    (void)state;
    struct trace *t = trace_open(forge(raw, sizeof raw - 1, 5, 2));
    assert_true(trace_next(t, &r) && r.kind == TRACE_CALL);
    assert_true(trace_next(t, &r) && r.va == 0x10000 && r.index == 3);
    assert_true(trace_next(t, &r) && r.va == 0x10004 && r.index == 5);
    assert_false(trace_next(t, &r));
    trace_close(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_traces),
        cmocka_unit_test(text_mistakes),
        cmocka_unit_test(caret_is_under_the_place),
        cmocka_unit_test(endless_and_zero_lines),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_flip_is_refused),
        cmocka_unit_test(what_follows_is_refused),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(optional_events_are_passed_over),
    };
    return cmocka_run_group_tests_name("trace_bad", tests, kit_begin, kit_end);
}
