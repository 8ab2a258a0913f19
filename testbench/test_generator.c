/* SPDX-License-Identifier: Apache-2.0
 *
 * Generators: each pattern is what its name says, judged from the addresses alone; a name stands
 * wherever a trace may; what is wrong in it is refused with its place.
 */
#include "trace_kit.h"
#include "config.h"
#include "replay.h"

enum { MAX = 1 << 20, LARGE = 2 << 20 };

struct stream {
    uint64_t count, pages, base;
    uint64_t va[MAX]; /* offsets from `base`, first touch left out */
    uint8_t access[MAX];
};
static struct stream s, other;

/* The head and the first touch are looked at here, the rest is kept. */
static void draw(struct stream *to, const char *name, uint64_t pages, uint64_t step) {
    struct trace *t = trace_open(name);
    struct trace_record r;
    uint64_t touched = 0;
    *to = (struct stream){.pages = pages};
    while (trace_next(t, &r)) {
        if (r.kind == TRACE_CALL && r.call.nr == CALL_MMAP) to->base = r.call.arg[0];
        if (r.kind != TRACE_ACCESS) continue;
        assert_int_equal(r.bytes, 8);
        assert_int_equal(r.va % 8, 0);
        if (touched < pages) {
            assert_int_equal(r.access, ACCESS_STORE);
            assert_int_equal((r.va - to->base) / PAGE_BYTES, touched++ * (step / PAGE_BYTES));
            continue;
        }
        assert_true(to->count < MAX);
        to->access[to->count] = r.access;
        to->va[to->count++] = r.va - to->base;
    }
    assert_int_equal(to->base % LARGE, 0);
    trace_close(t);
}

static uint64_t page(const struct stream *d, uint64_t n) {
    return d->va[n] / PAGE_BYTES;
}

/* ---- Patterns ------------------------------------------------------------------------------ */

static void in_order(void **state) {
    (void)state;
    draw(&s, "gen:cyclic?pages=7&accesses=100", 7, PAGE_BYTES);
    assert_int_equal(s.count, 100);
    for (uint64_t n = 0; n < s.count; n++) {
        assert_int_equal(page(&s, n), n % 7);
        assert_int_equal(s.va[n], s.va[n % 7]);
        assert_int_equal(s.access[n], ACCESS_LOAD);
    }
    draw(&s, "gen:sequential?pages=3&accesses=4000", 3, PAGE_BYTES);
    for (uint64_t n = 0; n < s.count; n++) assert_int_equal(s.va[n], 8 * n % 12288);
    draw(&s, "gen:strided?pages=3&accesses=4000&stride=1000", 3, PAGE_BYTES);
    for (uint64_t n = 0; n < s.count; n++) assert_int_equal(s.va[n], 1000 * n % 12288);
    draw(&s, "gen:all-miss?pages=5&accesses=50", 5, LARGE);
    for (uint64_t n = 0; n < s.count; n++) assert_int_equal(s.va[n] / LARGE, n % 5);
}

/* Each lap visits each page once, in the order of the lap before; not in that of the addresses, and
 * lines are spread over the page. */
static void chases(void **state) {
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 64, 1000, 1025};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[64];
        uint8_t seen[2048] = {0};
        uint64_t pages = sizes[i], rising = 0, lines = 0;
        snprintf(name, sizeof name, "gen:pointer-chase?pages=%u&accesses=%u", (unsigned)pages,
                 (unsigned)(3 * pages));
        draw(&s, name, pages, PAGE_BYTES);
        for (uint64_t n = 0; n < s.count; n++) {
            if (n < pages) assert_false(seen[page(&s, n)]++);
            assert_int_equal(s.va[n], s.va[n % pages]);
            if (n && n < pages) rising += page(&s, n) == page(&s, n - 1) + 1;
            lines |= 1ull << s.va[n] % PAGE_BYTES / 64;
        }
        assert_true(pages < 64 || rising < pages / 8);
        assert_true(pages < 1000 || lines == UINT64_MAX);
    }
}

/* Chi squared over `cells` equal cells against its mean and six standard deviations. */
static void even(const uint64_t *count, unsigned cells, uint64_t total) {
    double expected = (double)total / cells, chi = 0;
    for (unsigned c = 0; c < cells; c++) {
        double off = (double)count[c] - expected;
        chi += off * off / expected;
    }
    double mean = cells - 1, deviation = 2 * mean; /* the variance is twice the mean */
    if ((chi - mean) * (chi - mean) > 36 * deviation)
        fail_msg("chi squared %f over %u cells", chi, cells);
}

static void at_random(void **state) {
    (void)state;
    uint64_t pages[100] = {0}, words[512] = {0}, stores = 0;
    draw(&s, "gen:uniform?pages=100&accesses=1000000", 100, PAGE_BYTES);
    for (uint64_t n = 0; n < s.count; n++) {
        assert_true(page(&s, n) < 100);
        pages[page(&s, n)]++;
        words[s.va[n] % PAGE_BYTES / 8]++;
    }
    even(pages, 100, s.count);
    even(words, 512, s.count);
    draw(&s, "gen:gups?pages=100&accesses=100000", 100, PAGE_BYTES);
    for (uint64_t n = 0; n < s.count; n++) {
        assert_int_equal(s.access[n], n & 1 ? ACCESS_STORE : ACCESS_LOAD);
        if (n & 1) assert_int_equal(s.va[n], s.va[n - 1]);
        stores += n > 1 && !(n & 1) && s.va[n] == s.va[n - 2];
    }
    assert_true(stores < 20); /* two updates of a word of 51,200 in a row: one is expected */
}

static int by_count(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* 90 % of 500,000 accesses, and 8 of 1000 pages' share of the rest. */
static void hot_pages(void **state) {
    (void)state;
    uint64_t pages[1000] = {0}, hot = 0;
    draw(&s, "gen:page-local?pages=1000&accesses=500000&hot=8&percent=90", 1000, PAGE_BYTES);
    for (uint64_t n = 0; n < s.count; n++) pages[page(&s, n)]++;
    qsort(pages, 1000, sizeof *pages, by_count);
    even(pages, 8,
         pages[0] + pages[1] + pages[2] + pages[3] + pages[4] + pages[5] + pages[6] + pages[7]);
    for (unsigned i = 0; i < 8; i++) hot += pages[i];
    assert_true(hot > 450400 - 1300 && hot < 450400 + 1300); /* six standard deviations */
    assert_true(pages[8] < 200);
}

static void seeds(void **state) {
    (void)state;
    static const char *const names[] = {"uniform", "page-local", "pointer-chase", "gups"};
    for (unsigned i = 0; i < 4; i++) {
        char name[80];
        snprintf(name, sizeof name, "gen:%s?pages=500&accesses=1000&seed=9", names[i]);
        draw(&s, name, 500, PAGE_BYTES);
        draw(&other, name, 500, PAGE_BYTES);
        assert_memory_equal(s.va, other.va, s.count * sizeof *s.va);
        name[strlen(name) - 1] = '8';
        draw(&other, name, 500, PAGE_BYTES);
        assert_memory_not_equal(s.va, other.va, s.count * sizeof *s.va);
    }
}

/* ---- Wherever a trace may stand ------------------------------------------------------------ */

static struct replay_result result;

static void replay(const char *name, const char *engine) {
    struct config c;
    struct replay_options o = {.engine = engine, .check = true};
    config_defaults(&c);
    replay_trace_settings(name, &c);
    replay_trace(name, &c, &o, &result);
    if (result.exit_code) fail_msg("%s", result.report);
}

static void replays(void **state) {
    (void)state;
    replay("gen:gups?pages=300&accesses=2000", "model");
    assert_int_equal(result.accesses, 2300);
    assert_int_equal(result.stores, 1300);
    assert_int_equal(result.os.anon_alloc, 300);
    assert_int_equal(result.faults_store_page, 300);
    assert_int_equal(result.os.minor, 300);
    assert_false(result.instructions_known);
    replay("gen:all-miss?pages=9&accesses=90", "lockstep");
    assert_true(result.compared_cycles > 0 && result.compared_responses >= 99);
}

/* 1024 pages are two huge ones, if there may be any. */
static void huge_pages(void **state) {
    (void)state;
    static const char name[] = "gen:uniform?pages=1024&accesses=3000";
    struct config c;
    struct replay_options o = {.engine = "model", .check = true};
    config_defaults(&c);
    c.os_thp = THP_ALWAYS;
    replay_trace(name, &c, &o, &result);
    assert_int_equal(result.exit_code, 0);
    assert_int_equal(result.os.thp_alloc, 2);
    assert_int_equal(result.pages[SIZE_2M], 4024);
    assert_int_equal(result.pages[SIZE_4K], 0);
}

static void as_text(void **state) {
    (void)state;
    int code;
    static const char name[] = "gen:page-local?pages=40&accesses=500&seed=3";
    char *text = kit_run(&code, "dump", name);
    assert_int_equal(code, 0);
    const char *copy = kit_write("copy.trace", text, strlen(text));
    draw(&s, name, 40, PAGE_BYTES);
    draw(&other, copy, 40, PAGE_BYTES);
    assert_memory_equal(&s, &other, sizeof s);
    free(text);
    text = kit_run(&code, "info", "--json", name);
    assert_int_equal(code, 0);
    assert_non_null(strstr(text, "\"form\":\"generated\""));
    assert_non_null(strstr(text, "\"accesses\":540"));
    assert_non_null(strstr(text, "\"pages\":40"));
    free(text);
}

/* Nothing grows with the length, and more memory than the default is asked for. */
static void any_length(void **state) {
    (void)state;
    struct config c;
    struct trace_record r;
    struct trace *t = trace_open("gen:uniform?pages=16777216&accesses=1000000000000000");
    for (unsigned n = 0; n < 1000; n++) assert_true(trace_next(t, &r));
    assert_int_equal(trace_get_header(t)->accesses, 1000000016777216);
    trace_close(t);
    config_defaults(&c);
    replay_trace_settings("gen:cyclic?pages=1000000", &c);
    assert_true(c.mem_mib > 4096 && c.mem_mib < 6000);
    config_defaults(&c);
    replay_trace_settings("gen:cyclic?pages=200000", &c);
    assert_int_equal(c.mem_mib, 1024);
}

static void refused(void **state) {
    (void)state;
    static const struct {
        const char *name, *place, *rule, *remedy;
    } wrong[] = {
        {"gen:cyclc", ":1:5: ", "`cyclc` is not a generator", "did you mean `cyclic`?"},
        {"gen:", ":1:5: ", "a generator is missing", "try"},
        {"gen:cyclic?pges=7", ":1:12: ", "`pges` is not a key", "did you mean `pages`?"},
        {"gen:cyclic?hot=7", ":1:12: ", "`hot` is not a key", "known: pages accesses seed\n"},
        {"gen:cyclic?pages=0", ":1:18: ", "must be 1 to 16777216", "range"},
        {"gen:all-miss?pages=65537", ":1:20: ", "must be 1 to 65536", "range"},
        {"gen:uniform?seed=4294967296", ":1:18: ", "must be 0 to 4294967295", "range"},
        {"gen:uniform?accesses=-1", ":1:22: ", "must be a number, not `-1`", "decimal"},
        {"gen:strided?stride=12", ":1:20: ", "must be a multiple of 8", "aligned"},
        {"gen:page-local?hot=9&pages=8", "", "1 to the number of pages, 8", "range"},
        {"gen:page-local?percent=101", ":1:24: ", "must be 0 to 100", "range"},
        {"gen:cyclic?pages", ":1:17: ", "`=` and a value belong here", "KEY=VALUE"},
        {"gen:cyclic&pages=3", ":1:11: ", "`?` belongs here", "KEY=VALUE"},
        {"gen:cyclic?pages=3?seed=4", ":1:19: ", "`&` belongs here", "KEY=VALUE"},
        {"gen:cyclic?pages=3&pages=4", ":1:20: ", "pages is given twice", "say it once"},
        {"gen:cyclic?pages=3&", ":1:20: ", "a key of this generator is missing", "try"}};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int code;
        char *text = kit_run(&code, "info", wrong[i].name);
        assert_int_equal(code, 3);
        bool told = strstr(text, wrong[i].place) && strstr(text, wrong[i].rule) &&
                    strstr(text, wrong[i].remedy);
        if (!told) fail_msg("%s: %s", wrong[i].name, text);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),   cmocka_unit_test(chases),     cmocka_unit_test(at_random),
        cmocka_unit_test(hot_pages),  cmocka_unit_test(seeds),      cmocka_unit_test(replays),
        cmocka_unit_test(as_text),    cmocka_unit_test(any_length), cmocka_unit_test(refused),
        cmocka_unit_test(huge_pages),
    };
    return cmocka_run_group_tests(tests, kit_begin, kit_end);
}
