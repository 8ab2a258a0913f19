/* SPDX-License-Identifier: Apache-2.0
 *
 * Traces that are right: what goes in comes out, through text, binary, import and dump. Damage is
 * test_trace_bad.c.
 */
#include "expect.h"
#include "trace_kit.h"
#include <jansson.h>

/* Every kind of line, in the spelling that dump uses. */
static const char every_line[] = "pagewalk-trace 1\n"
                                 "note all of it # and this belongs to the note\n"
                                 "set os.svadu 0\n"
                                 "file 1 /tmp/a\\x20b\\x23c size 8192\n"
                                 "process 1\n"
                                 "mmap 0x10000 0x3000 r-x private file 1 0x1000\n"
                                 "mmap 0x20000 0x2000 rw- shared file 1 0x0 populate\n"
                                 "mmap 0x30000 0x4000 rw- private anon\n"
                                 "mmap 0x40000 0x1000 --- shared anon\n"
                                 "mmap 0x3ffffdf000 0x21000 rw- stack\n"
                                 "brk 0x50000\n"
                                 "I 10000 4\n"
                                 "expect fault file_map\n"
                                 "expect cycles 3 in default\n"
                                 "L 20ffc 8\n"
                                 "expect value file 1 4092\n"
                                 "S 30000 4096\n"
                                 "expect faults 1\n"
                                 "expect rss 3\n"
                                 "expect frames +2\n"
                                 "expect pte 0x30000 rw-u a1d-\n"
                                 "expect pte 0x31000 none\n"
                                 "fork 2\n"
                                 "M 30008 8 racing\n"
                                 "expect fault cow_copy\n"
                                 "expect other-frame pid 2 0x30008\n"
                                 "run 2\n"
                                 "expect maps 10000-13000 r-xp /tmp/a\n"
                                 "expect maps 6 lines\n"
                                 "read 1 0x10 0x30000 0x20\n"
                                 "write 1 0x0 0x30000 0x2000\n"
                                 "kload 0x30000 0x8\n"
                                 "kstore 0x30000 0x8\n"
                                 "gup 0x30000 0x8 write pin force\n"
                                 "gup 0x30000 0x4 futex\n"
                                 "gup 0x30000 0x8\n"
                                 "L 0 8\n"
                                 "signal sigsegv maperr caught\n"
                                 "expect faults 1\n"
                                 "sigframe 0x30000 0x440\n"
                                 "signal sigsegv kernel caught\n"
                                 "sigframe 0x31000 0x440\n"
                                 "mprotect 0x30000 0x1000 r--\n"
                                 "madvise 0x31000 0x1000 dontneed\n"
                                 "madvise 0x31000 0x1000 99\n"
                                 "msync 0x20000 0x2000\n"
                                 "fsync 1\n"
                                 "expect disk 1 0 store 1\n"
                                 "truncate 1 4096\n"
                                 "mremap 0x30000 0x4000 0x8000 0x60000\n"
                                 "mremap 0x60000 0x8000 0x8000 0x70000 dontunmap\n"
                                 "munmap 0x70000 0x8000\n"
                                 "S 70000 1\n"
                                 "expect fault anon_alloc\n"
                                 "signal sigsegv maperr\n"
                                 "expect sigsegv maperr\n"
                                 "run 1\n"
                                 "exit\n";

/* A trace as text, by trace_next and trace_print. */
static void print_all(const char *path, char *out, size_t bytes) {
    struct trace *t = trace_open(path);
    struct trace_record r;
    uint64_t index = 0;
    size_t n = (size_t)snprintf(out, bytes, "pagewalk-trace 1\n");
    while (trace_next(t, &r)) {
        assert_int_equal(r.index, ++index);
        n += trace_print(&r, out + n, bytes - n);
        out[n++] = '\n';
        out[n] = 0;
    }
    trace_close(t);
}

static void text_prints_as_it_was(void **state) {
    char out[sizeof every_line + TRACE_TEXT_MAX];
    (void)state;
    print_all(kit_write("a.trace", every_line, sizeof every_line - 1), out, sizeof out);
    assert_string_equal(out, every_line);
}

static void text_to_binary_to_text(void **state) {
    const char *in = kit_write("a.trace", every_line, sizeof every_line - 1);
    int code;
    (void)state;
    free(kit_run(&code, "import", "--from", "pagewalk", in, "-o", kit_path("a.pwt")));
    assert_int_equal(code, 0);
    char *out = kit_run(&code, "dump", kit_path("a.pwt"));
    assert_int_equal(code, 0);
    assert_string_equal(out, every_line);
    free(out);
}

/* Spelling that is allowed and not kept: tabs, comments, blank lines, DOS line ends, hex without
 * 0x. */
static void loose_text(void **state) {
    static const char text[] =
        "pagewalk-trace 1 # form\r\n\n  # nothing\n set\tos.svadu   0 # why\nprocess 0x1\r\n"
        "  I 0x1000 4\nL FFF 0x2";
    char out[512];
    (void)state;
    print_all(kit_write("b.trace", text, sizeof text - 1), out, sizeof out);
    assert_string_equal(out, "pagewalk-trace 1\nset os.svadu 0\nprocess 1\nI 1000 4\nL fff 2\n");
}

static void plain_text_import(void **state) {
    static const char text[] =
        "# plain\nI 10000 4\nL 0x11ffc 8 # crosses\nS 14000 1\nM 5fffffffffff 1\n";
    int code;
    (void)state;
    const char *in = kit_write("plain.txt", text, sizeof text - 1);
    free(kit_run(&code, "import", "--from", "text", in, "-o", kit_path("plain.pwt")));
    assert_int_equal(code, 0);
    char *out = kit_run(&code, "dump", kit_path("plain.pwt"));
    assert_string_equal(
        out, "pagewalk-trace 1\nset os.mode sv48\n"
             "note imported from plain text, which names no mappings: 5 pages touched, all made "
             "private anonymous rwx\n"
             "process 1\nmmap 0x10000 0x3000 rwx private anon\n"
             "mmap 0x14000 0x1000 rwx private anon\n"
             "mmap 0x5ffffffff000 0x1000 rwx private anon\n"
             "I 10000 4\nL 11ffc 8\nS 14000 1\nM 5fffffffffff 1\n");
    free(out);
}

static void info_counts(void **state) {
    const char *in = kit_write("a.trace", every_line, sizeof every_line - 1);
    json_int_t accesses, loads, pages, maps, pid2, racing, caught;
    int code;
    (void)state;
    free(kit_run(&code, "import", "-fpagewalk", in, "-o", kit_path("a.pwt")));
    char *out = kit_run(&code, "info", "--json", kit_path("a.pwt"));
    json_t *o = json_loads(out, 0, NULL);
    assert_non_null(o);
    assert_int_equal(json_unpack(o, "{sI sI sI sI sI s{sI} s[{} {sI}]}", "accesses", &accesses,
                                 "loads", &loads, "racing", &racing, "pages", &pages,
                                 "signals_caught", &caught, "calls", "mmap", &maps, "processes",
                                 "accesses", &pid2),
                     0);
    assert_int_equal(accesses, 6);
    assert_int_equal(loads, 2);
    assert_int_equal(racing, 1);
    assert_int_equal(pages, 6);
    assert_int_equal(maps, 5);
    assert_int_equal(pid2, 2);
    assert_int_equal(caught, 2);
    json_decref(o);
    free(out);
    out = kit_run(&code, "info", kit_path("a.pwt"));
    assert_non_null(strstr(out, "accesses     6: 1 fetches, 2 loads, 2 stores, 1 amos"));
    assert_non_null(strstr(out, "3 signals (2 caught), "));
    free(out);
}

/* ---- Long and random ----------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *s) {
    *s ^= *s << 13;
    *s ^= *s >> 7;
    return *s ^= *s << 17;
}

/* The n-th access of a made-up program: loops over arrays, calls, and now and then anything at all.
 */
static struct trace_record made_up(uint64_t n, uint64_t *seed) {
    static const uint16_t sizes[] = {1, 2, 4, 8, 16, 64, 128, 4096, 3, 4095};
    struct trace_record r = {.kind = TRACE_ACCESS};
    uint64_t step = n % 7, lap = n / 7;
    r.access = step == 3 ? ACCESS_LOAD : step == 5 ? ACCESS_STORE : ACCESS_FETCH;
    r.bytes = step & 1 ? 4 : 2;
    r.va = r.access == ACCESS_FETCH ? 0x10000 + step * 4 : 0x200000 + lap * 8 * step;
    if (next_random(seed) % 50 == 0) {
        r.access = next_random(seed) & 3;
        r.bytes = sizes[next_random(seed) % 10];
        r.racing = next_random(seed) & 1;
        r.va = next_random(seed) >> next_random(seed) % 64;
        if (r.va + r.bytes < r.va) r.va -= 8192;
    }
    return r;
}

static void write_event(struct trace_writer *w, enum trace_kind kind, uint32_t pid, uint8_t call) {
    struct trace_record r = {.kind = kind, .pid = pid, .text = "a note"};
    r.call = (struct os_call){.nr = call, .pid = pid, .arg = {2}};
    trace_write(w, &r);
}

enum { LONG = 1300000, EVERY = 9973 };

static void long_stream(void **state) {
    struct trace_header h = {
        .isa = "rv64", .program = "made up", .command = "sh -c 'a\nb'", .recorder = "test"};
    struct trace_record r, want;
    uint64_t write_seed = 88172645463325252ull, read_seed = write_seed;
    struct trace_writer *w = trace_create(kit_path("long.pwt"), &h);
    (void)state;
    write_event(w, TRACE_CALL, 1, CALL_EXEC);
    write_event(w, TRACE_CALL, 1, CALL_FORK);
    for (uint64_t n = 0; n < LONG; n++) {
        want = made_up(n, &write_seed);
        if (n % EVERY == 0) write_event(w, n % 2 ? TRACE_NOTE : TRACE_SWITCH, 1 + n / EVERY % 2, 0);
        trace_write(w, &want);
    }
    trace_finish(w);
    struct trace *t = trace_open(kit_path("long.pwt"));
    const struct trace_header *got = trace_get_header(t);
    assert_int_equal(got->accesses, LONG);
    assert_string_equal(got->command, "sh -c 'a b'");
    assert_string_equal(got->program, "made up");
    for (uint64_t n = 0; n < LONG; n++) {
        want = made_up(n, &read_seed);
        do {
            assert_true(trace_next(t, &r));
        } while (r.kind != TRACE_ACCESS);
        if (r.va != want.va || r.bytes != want.bytes || r.access != want.access ||
            r.racing != want.racing)
            fail_msg("access %zu", (size_t)n);
    }
    assert_int_equal(r.index, got->records);
    assert_false(trace_next(t, &r));
    assert_false(trace_next(t, &r));
    trace_close(t);
}

/* The example of docs/trace-format.md, and version 1 as it was first written: it must stay readable
 * for good. */
static void version_1_stays_readable(void **state) {
    static const uint8_t file[] = {
#include "trace_v1.inc"
    };
    char out[1024];
    (void)state;
    print_all(kit_write("v1.pwt", file, sizeof file), out, sizeof out);
    assert_string_equal(
        out, "pagewalk-trace 1\nnote version 1\nprocess 1\n"
             "mmap 0x10000 0x2000 rwx private anon\nI 10000 4\nI 10004 4\nL 11000 8\nI 10000 4\n"
             "I 10004 4\nL 11008 8\nS 11ffd 3\nM 10ffc 8\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_prints_as_it_was),
        cmocka_unit_test(text_to_binary_to_text),
        cmocka_unit_test(loose_text),
        cmocka_unit_test(plain_text_import),
        cmocka_unit_test(info_counts),
        cmocka_unit_test(long_stream),
        cmocka_unit_test(version_1_stays_readable),
    };
    return cmocka_run_group_tests_name("trace", tests, kit_begin, kit_end);
}
