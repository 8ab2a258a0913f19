/* SPDX-License-Identifier: Apache-2.0
 *
 * The PTE-line buffer, pin by pin (order rules 18 and 19): what a kept line answers and when, what
 * it never answers, what drops it, who waits for a line, and what is read where a line may not be.
 */
#include "pin_kit.h"
#include "config_file.h"

enum { LINE_PAGES = 8, RANGE_PAGES = 16 };

static const uint32_t latencies[] = {1, 10, 100};

static void open_lines(struct bench *b, uint32_t latency) {
    struct config lines;
    config_load(&lines, "lines");
    bench_open(b, "lockstep", &lines, latency);
}

/* ---- What it answers ----------------------------------------------------------------------- */

static void neighbours_cost_nothing(void **state) {
    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct bench b;
        open_lines(&b, latencies[k]);
        answered_by(&b, 3, SOURCE_WALK);
        uint64_t reads = b.reads;
        for (unsigned page = 0; page < LINE_PAGES; page++) {
            if (page == 3) continue;
            assert_int_equal(reach(&b, page, page % 2 ? ACCESS_LOAD : ACCESS_STORE), 2);
            assert_int_equal(b.source[DATA][1], SOURCE_LINE);
            assert_int_equal(b.pa[DATA][1], (root + 16 + page) << PAGE_SHIFT);
        }
        assert_int_equal(b.reads, reads);
        assert_int_equal(b.lines, 1);
        answered_by(&b, LINE_PAGES, SOURCE_WALK); /* the next line's */
        bench_close(&b);
    }
}

/* V = 0, A = 0, D = 0 for a store, and what is no leaf: the page is walked. */
static void the_rest_is_walked(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    mem_write64(b.mem, leaf_pa(1), leaf(1, PTE_A | PTE_D) & ~PTE_V);
    mem_write64(b.mem, leaf_pa(2), leaf(2, PTE_D));
    mem_write64(b.mem, leaf_pa(3), leaf(3, PTE_A));
    mem_write64(b.mem, leaf_pa(4), PTE_V | (root + 3) << PTE_PPN_SHIFT);
    answered_by(&b, 0, SOURCE_WALK);
    answered_by(&b, 3, SOURCE_LINE);
    reach(&b, 1, ACCESS_LOAD);
    assert_int_equal(b.cause[DATA][1], CAUSE_LOAD_PAGE);
    assert_int_equal(b.source[DATA][1], SOURCE_WALK);
    reach(&b, 4, ACCESS_LOAD);
    assert_int_equal(b.cause[DATA][1], CAUSE_LOAD_PAGE);
    assert_int_equal(b.source[DATA][1], SOURCE_WALK);
    uint64_t writes = b.writes;
    answered_by(&b, 2, SOURCE_WALK); /* sets A, which drops the line */
    assert_int_equal(b.writes, writes + 1);
    answered_by(&b, 5, SOURCE_WALK);
    answered_by(&b, 6, SOURCE_LINE);
    reach(&b, 3, ACCESS_STORE); /* sets D, and so again */
    assert_int_equal(b.source[DATA][1], SOURCE_WALK);
    assert_int_equal(b.writes, writes + 2);
    answered_by(&b, 7, SOURCE_WALK);
    bench_close(&b);
}

/* ---- What drops it ------------------------------------------------------------------------- */

static void write_satp(struct bench *b, uint64_t asid) {
    write_csr(b, CSR_SATP, (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | asid << SATP_ASID_SHIFT | root);
}

static void fences_drop_what_they_cover(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    write_satp(&b, 1);
    answered_by(&b, 0, SOURCE_WALK);
    answered_by(&b, RANGE_PAGES, SOURCE_WALK);
    fence(&b, true, false, 5 * PAGE_BYTES, 0); /* a page of the first line */
    answered_by(&b, 1, SOURCE_WALK);
    answered_by(&b, RANGE_PAGES + 1, SOURCE_LINE);
    fence(&b, true, true, 5 * PAGE_BYTES, 2); /* another address space's */
    answered_by(&b, 2, SOURCE_LINE);
    fence(&b, true, true, 5 * PAGE_BYTES, 1);
    answered_by(&b, 3, SOURCE_WALK);
    fence(&b, false, true, 0, 2);
    answered_by(&b, 4, SOURCE_LINE);
    write_satp(&b, 2); /* and a switch leaves it, and there and back */
    answered_by(&b, 5, SOURCE_WALK);
    write_satp(&b, 1);
    answered_by(&b, 6, SOURCE_LINE);
    fence(&b, false, true, 0, 1);
    answered_by(&b, 7, SOURCE_WALK);
    fence(&b, false, false, 0, 0);
    answered_by(&b, 0, SOURCE_WALK);
    bench_close(&b);
}

/* One PTE of a NAPOT range answers for all of it: a fence of a page in its other half drops it. */
static void a_range_goes_whole(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    for (unsigned version = 0; version < 2; version++) {
        ppn_t frame = root + 512 + 16 * version;
        for (unsigned page = 32; page < 32 + RANGE_PAGES; page++) {
            mem_write64(b.mem, leaf_pa(page),
                        PTE_V | PTE_R | PTE_A | PTE_D | PTE_N |
                            (frame | NAPOT_ENCODING) << PTE_PPN_SHIFT);
        }
        fence(&b, true, false, (32 + RANGE_PAGES - 1) * PAGE_BYTES, 0);
        reach(&b, 33, ACCESS_LOAD);
        assert_int_equal(b.pa[DATA][1], (frame + 1) << PAGE_SHIFT);
    }
    bench_close(&b);
}

/* A pointer with G on the way: the line serves every address space, and no ASID fence drops it. */
static void global_lines_stay(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    mem_write64(b.mem, (root + 1) << PAGE_SHIFT, PTE_V | PTE_G | (root + 2) << PTE_PPN_SHIFT);
    write_satp(&b, 1);
    answered_by(&b, 0, SOURCE_WALK);
    fence(&b, false, true, 0, 1);
    write_satp(&b, 3);
    answered_by(&b, 1, SOURCE_LINE);
    fence(&b, true, false, 0, 0);
    answered_by(&b, 2, SOURCE_WALK);
    bench_close(&b);
}

/* ---- Who waits for a line ------------------------------------------------------------------ */

static void one_line_for_eight_misses(void **state) {
    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct bench b;
        uint64_t L = latencies[k];
        open_lines(&b, latencies[k]);
        answered_by(&b, 100, SOURCE_WALK); /* the tables above */
        uint64_t reads = b.reads, t = b.cycle;
        for (uint8_t i = 0; i < LINE_PAGES; i++) {
            offer(&b, DATA, i, (vaddr_t)i * PAGE_BYTES, ACCESS_LOAD);
            clock_edge(&b);
        }
        settle(&b);
        assert_int_equal(b.reads, reads + 1);
        assert_int_equal(b.done[DATA][0], t + L + 3);
        for (uint8_t i = 1; i < LINE_PAGES; i++) {
            if (L > LINE_PAGES) assert_int_equal(b.done[DATA][i], b.done[DATA][0] + i + 1);
            assert_int_equal(b.source[DATA][i], SOURCE_LINE);
        }
        bench_close(&b);
    }
}

/* Whose walk's line they wait for is killed at every cycle of it; or is marked by a fence. */
static void waiters_of_the_dead(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    for (unsigned offset = 0; offset < 30; offset++) {
        for (unsigned fenced = 0; fenced < 2; fenced++) {
            fence(&b, false, false, 0, 0);
            memset(b.answers, 0, sizeof b.answers);
            for (unsigned c = 0; c <= 40; c++) {
                if (c < 4) offer(&b, DATA, (uint8_t)c, (vaddr_t)c * PAGE_BYTES, ACCESS_LOAD);
                if (c == offset && fenced) b.in.fence_valid_i = 1;
                if (c == offset && !fenced) b.in.dkill_i = 1;
                clock_edge(&b);
            }
            settle(&b);
            for (unsigned i = fenced ? 0 : 1; i < 4; i++) {
                assert_int_equal(b.answers[DATA][i], 1);
                assert_int_equal(b.pa[DATA][i], (root + 16 + i) << PAGE_SHIFT);
            }
        }
    }
    bench_close(&b);
}

/* A superpage, or a refused table, is found where a line was waited for: they walk. */
static void the_line_never_comes(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    for (unsigned refused = 0; refused < 2; refused++) {
        mem_write64(b.mem, (root + 1) << PAGE_SHIFT,
                    refused ? PTE_V | 0x10ull << PTE_PPN_SHIFT /* below memory */
                            : PTE_V | PTE_R | PTE_A | PTE_D);
        fence(&b, false, false, 0, 0);
        memset(b.answers, 0, sizeof b.answers);
        for (uint8_t i = 0; i < 4; i++) {
            offer(&b, DATA, i, (vaddr_t)i * PAGE_BYTES, ACCESS_LOAD);
            clock_edge(&b);
        }
        settle(&b);
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(b.answers[DATA][i], 1);
            assert_int_equal(b.cause[DATA][i], refused ? CAUSE_LOAD_ACCESS : CAUSE_NONE);
            if (!refused) assert_int_equal(b.pa[DATA][i], i * PAGE_BYTES);
        }
    }
    bench_close(&b);
}

/* ---- Where a line may not be read ---------------------------------------------------------- */

/* PMP takes away the last PTE of the line: the others are read one by one, that one is refused. */
static void single_where_pmp_forbids(void **state) {
    (void)state;
    struct bench b;
    open_lines(&b, 10);
    forbid_leaf(&b, 7);
    answered_by(&b, 0, SOURCE_WALK);
    answered_by(&b, 1, SOURCE_WALK);
    assert_int_equal(b.lines, 0);
    reach(&b, 7, ACCESS_LOAD);
    assert_int_equal(b.cause[DATA][1], CAUSE_LOAD_ACCESS);
    answered_by(&b, 8, SOURCE_WALK);
    answered_by(&b, 9, SOURCE_LINE);
    assert_int_equal(b.lines, 1);
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_cost_nothing),     cmocka_unit_test(the_rest_is_walked),
        cmocka_unit_test(fences_drop_what_they_cover), cmocka_unit_test(a_range_goes_whole),
        cmocka_unit_test(global_lines_stay),           cmocka_unit_test(one_line_for_eight_misses),
        cmocka_unit_test(waiters_of_the_dead),         cmocka_unit_test(the_line_never_comes),
        cmocka_unit_test(single_where_pmp_forbids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
