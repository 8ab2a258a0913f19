/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory hierarchy: latency by size of the working set, who has which line by an LRU that is
 * written here in another way, DRAM's rows and banks by hand, and what page-table reads of a sweep
 * find.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "config.h"
#include "hierarchy.h"
#include "replay.h"
#include "token.h"
#include <string.h>

enum { SPACED = 1000 }; /* cycles between accesses that are not to meet */

static struct config defaults(void) {
    struct config c;
    config_defaults(&c);
    c.mem_model = MEMMODEL_HIERARCHY;
    return c;
}

/* ---- Latency by working set ---------------------------------------------------------------- */

/* Cycles of the second lap over so many lines one after another. */
static uint64_t second_lap(const struct config *c, uint64_t lines) {
    struct hierarchy *h = hierarchy_new(c);
    uint64_t cycle = 0, sum = 0;
    for (unsigned lap = 0; lap < 2; lap++) {
        for (uint64_t n = 0; n < lines; n++, cycle += SPACED) {
            uint64_t at = hierarchy_access(h, HIERARCHY_DATA, n * 64, 8, cycle);
            if (lap) sum += at - cycle;
        }
    }
    hierarchy_delete(h);
    return sum;
}

static void by_working_set(void **state) {
    (void)state;
    struct config c = defaults();
    c.mem_llc_sets = 1024; /* a MiB: 16384 lines */
    assert_int_equal(second_lap(&c, 1), 4);
    assert_int_equal(second_lap(&c, 512), 512 * 4);
    assert_int_equal(second_lap(&c, 8192), 8192 * (4 + 10));
    assert_int_equal(second_lap(&c, 16384), 16384 * (4 + 10 + 36));
    /* twice the last-level cache: every 128th line is the first of its row */
    assert_int_equal(second_lap(&c, 32768), 32768 * (4 + 10 + 36 + 120) + 32768 / 128 * 60);
    c.mem_l2_ways = 0;
    assert_int_equal(second_lap(&c, 8192), 8192 * (4 + 36));
    c.mem_l1d_ways = c.mem_llc_ways = 0;
    assert_int_equal(second_lap(&c, 128), 128 * 120);
}

/* ---- Hits ---------------------------------------------------------------------------------- */

enum { SETS_MAX = 64, WAYS_MAX = 8, ACCESSES = 200000 };

/* A list a set, the last one used in front. */
struct list {
    uint64_t line[SETS_MAX][WAYS_MAX];
    unsigned count[SETS_MAX], sets, ways;
};

static bool textbook(struct list *l, uint64_t line) {
    uint64_t *set = l->line[line % l->sets];
    unsigned *count = &l->count[line % l->sets], at = 0;
    while (at < *count && set[at] != line) at++;
    bool hit = at < *count;
    if (!hit && *count < l->ways) ++*count;
    if (!hit) at = *count - 1;
    memmove(set + 1, set, at * sizeof *set);
    set[0] = line;
    return hit;
}

static uint64_t stream(unsigned kind, uint64_t n) {
    uint64_t random = token_mix(n + 77);
    if (kind == 0) return random % 1500;                        /* uniform */
    if (kind == 1) return n % 300;                              /* cyclic */
    return random % 10 ? random / 16 % 40 : random / 16 % 4000; /* a hot part */
}

/* Two users take turns; the second enters at `enters`. */
static void hits_of(unsigned kind, unsigned enters) {
    struct config c = defaults();
    c.mem_l1d_sets = 16, c.mem_l1d_ways = 2;
    c.mem_l2_sets = 32, c.mem_l2_ways = 4;
    c.mem_llc_sets = 64, c.mem_llc_ways = 7;
    c.mem_pte_enters = enters;
    struct list level[3] = {
        {.sets = 16, .ways = 2}, {.sets = 32, .ways = 4}, {.sets = 64, .ways = 7}};
    uint64_t found[HIERARCHY_USERS][MEMLEVEL_COUNT] = {{0}};
    struct hierarchy *h = hierarchy_new(&c);
    for (uint64_t n = 0; n < ACCESSES; n++) {
        uint64_t line = stream(kind, n);
        unsigned user = token_mix(n) % 3 ? HIERARCHY_DATA : HIERARCHY_PTE;
        unsigned at = user == HIERARCHY_PTE ? enters : MEMLEVEL_L1D;
        while (at < MEMLEVEL_DRAM && !textbook(&level[at], line)) at++;
        found[user][at]++;
        hierarchy_access(h, user, line * 64 + 8, 8, n * SPACED);
    }
    const struct hierarchy_stats *s = hierarchy_get_stats(h);
    for (unsigned user = 0; user < HIERARCHY_USERS; user++)
        assert_memory_equal(s->use[user].found, found[user], sizeof found[user]);
    assert_true(found[HIERARCHY_DATA][MEMLEVEL_DRAM] > 0);
    assert_int_equal(s->use[0].in_flight + s->use[1].in_flight, 0);
    hierarchy_delete(h);
}

static void textbook_hits(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++)
        for (unsigned enters = 0; enters < MEMLEVEL_COUNT; enters++) hits_of(kind, enters);
}

/* ---- Time ---------------------------------------------------------------------------------- */

/* Straight to DRAM: 2 banks, rows of 4 lines; row hit 50, another row 80, burst 6. */
static void rows_and_banks(void **state) {
    (void)state;
    struct config c = defaults();
    c.mem_dram_banks = 2, c.mem_dram_row = 256;
    c.mem_dram_hit = 50, c.mem_dram_miss = 80, c.mem_dram_burst = 6;
    c.mem_pte_enters = MEMLEVEL_DRAM;
    static const struct {
        uint64_t cycle, line, done;
    } by_hand[] = {
        {0, 0, 80},       /* row 0 of bank 0 is opened: busy until 36 */
        {0, 4, 80},       /* bank 1 is another one: busy until 36 */
        {10, 1, 36 + 50}, /* row 0 is open, but the bank is busy: until 42 */
        {42, 2, 42 + 50}, /* just free: until 48 */
        {43, 8, 48 + 80}, /* row 2 is bank 0's second: until 84 */
        {43, 5, 43 + 50}, /* bank 1 has its row open */
        {90, 3, 90 + 80}, /* row 0 was closed meanwhile */
    };
    struct hierarchy *h = hierarchy_new(&c);
    for (unsigned i = 0; i < sizeof by_hand / sizeof *by_hand; i++)
        assert_int_equal(
            hierarchy_access(h, HIERARCHY_PTE, by_hand[i].line * 64, 8, by_hand[i].cycle),
            by_hand[i].done);
    assert_int_equal(hierarchy_get_stats(h)->row_hits, 3);
    assert_int_equal(hierarchy_get_stats(h)->row_misses, 4);
    hierarchy_delete(h);
}

/* Who wants a line that is on its way waits for it and asks nobody else; two lines are both waited
 * for. */
static void on_its_way(void **state) {
    (void)state;
    struct config c = defaults();
    struct hierarchy *h = hierarchy_new(&c);
    uint64_t first = hierarchy_access(h, HIERARCHY_DATA, 0, 8, 100);
    assert_int_equal(first, 100 + 4 + 10 + 36 + 180);
    assert_int_equal(hierarchy_access(h, HIERARCHY_DATA, 8, 8, 101), first);
    assert_int_equal(hierarchy_access(h, HIERARCHY_PTE, 16, 8, 200), first);
    assert_int_equal(hierarchy_access(h, HIERARCHY_PTE, 16, 8, first), first + 4);
    assert_int_equal(hierarchy_get_stats(h)->use[HIERARCHY_DATA].found[MEMLEVEL_L1D], 1);
    assert_int_equal(hierarchy_get_stats(h)->use[HIERARCHY_DATA].in_flight, 1);
    assert_int_equal(hierarchy_get_stats(h)->use[HIERARCHY_PTE].in_flight, 1);
    /* the bank opened row 0 for the first line and is free; the next line of it is a row hit */
    assert_int_equal(hierarchy_access(h, HIERARCHY_DATA, 60, 8, 1000), 1000 + 50 + 120);
    assert_int_equal(hierarchy_get_stats(h)->use[HIERARCHY_DATA].cycles, 230 + 229 + 4 + 170);
    hierarchy_delete(h);
}

/* ---- Under a program ----------------------------------------------------------------------- */

static struct replay_result result, region;

static void replay(const char *trace, const struct config *c, uint64_t warmup) {
    struct replay_options o = {.engine = "model", .warmup = warmup};
    struct config with = *c;
    replay_trace_settings(trace, &with);
    replay_trace(trace, &with, &o, &result);
    if (result.exit_code) fail_msg("%s", result.report);
    replay_region(&result, &region);
}

/* Page after page, one leaf PTE each, 8 of them in a line: 7 of 8 reads find it in L1. */
static void a_sweep(void **state) {
    (void)state;
    struct config c = defaults();
    c.core_window = 1;
    replay("gen:cyclic?pages=4096&accesses=8192", &c, 4099);
    const struct hierarchy_use *pte = &region.hierarchy.use[HIERARCHY_PTE];
    uint64_t reads = region.pte_reads, above = reads - 8192;
    uint64_t far = reads - pte->found[MEMLEVEL_L1D];
    assert_int_equal(region.walks, 8192);
    assert_int_equal(far + pte->found[MEMLEVEL_L1D],
                     pte->found[0] + pte->found[1] + pte->found[2] + pte->found[3]);
    assert_true(above <= 8192 / 512 + 1); /* pointers to leaf tables, one every 512 pages */
    assert_true(far >= 8192 / 8 && far <= 8192 / 8 + above);
}

/* Every PTE read and A/D update that memory took is found somewhere, and so is every access. */
static void all_are_found(void **state) {
    (void)state;
    struct config c = defaults();
    c.core_window = 1; /* the warm-up ends with nothing in flight */
    for (unsigned enters = 0; enters < MEMLEVEL_COUNT; enters++) {
        uint64_t data = 0, pte = 0;
        c.mem_pte_enters = enters;
        replay("gen:gups?pages=500&accesses=5000", &c, 503);
        for (unsigned level = 0; level < MEMLEVEL_COUNT; level++) {
            data += region.hierarchy.use[HIERARCHY_DATA].found[level];
            pte += region.hierarchy.use[HIERARCHY_PTE].found[level];
            if (level < enters)
                assert_int_equal(region.hierarchy.use[HIERARCHY_PTE].found[level], 0);
        }
        assert_int_equal(pte, region.pte_reads + region.ad_writes + region.cas_retries);
        assert_int_equal(data, 5000);
        assert_int_equal(region.retries, 0);
    }
    c.mem_model = MEMMODEL_FIXED;
    replay("gen:gups?pages=50&accesses=500", &c, 0);
    assert_int_equal(result.hierarchy.use[HIERARCHY_PTE].found[0], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_working_set), cmocka_unit_test(textbook_hits),
        cmocka_unit_test(rows_and_banks), cmocka_unit_test(on_its_way),
        cmocka_unit_test(a_sweep),        cmocka_unit_test(all_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
