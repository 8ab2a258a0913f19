/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures that docs/microarchitecture.md promises for streams: how many reads a page costs, how
 * misses overlap, how followers wake, and that a fence leaves the rest alone. Bounds are those of
 * the page's table, for three latencies.
 */
#include "pin_kit.h"
#include "config_file.h"

static const uint32_t latencies[] = {1, 10, 100};

#define EACH_LATENCY(b, engine, config, L)                                                         \
    for (unsigned k_ = 0; k_ < 3; k_++)                                                            \
        for (uint64_t L = latencies[k_],                                                           \
                      once_ = (bench_open(b, engine, config, latencies[k_]), 1);                   \
             once_; once_ = 0, bench_close(b))

/* ---- One page after another ---------------------------------------------------------------- */

/* A load of a new page whenever `gap` cycles have passed and one can be accepted; returns cycles.
 */
static uint64_t sweep(struct bench *b, unsigned gap) {
    uint64_t start = b->cycle, next = b->cycle;
    for (unsigned page = 0; page < KIT_PAGES;) {
        bool due = b->cycle >= next;
        if (due) offer(b, DATA, (uint8_t)(page % 32), (vaddr_t)page * PAGE_BYTES, ACCESS_LOAD);
        clock_edge(b);
        if (!due || !b->out.dreq_ready_o) continue;
        page++;
        next += gap;
    }
    settle(b);
    return b->cycle - start;
}

static void a_read_a_page(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, "lockstep", NULL, L) {
        sweep(&b, 0);
        print_message("L = %llu: %llu reads for %d pages, back to back\n", (unsigned long long)L,
                      (unsigned long long)b.reads, KIT_PAGES);
        assert_true(b.reads * 100 <= 101ull * KIT_PAGES);
    }
    bench_open(&b, "lockstep", NULL, 10);
    sweep(&b, 64);
    print_message("L = 10: %llu reads for %d pages, one per 64 cycles\n",
                  (unsigned long long)b.reads, KIT_PAGES);
    assert_true(b.reads * 100 <= 101ull * KIT_PAGES);
    bench_close(&b);
}

/* An eighth of a read a page, and the tables above. */
static void an_eighth_with_lines(void **state) {
    (void)state;
    struct bench b;
    struct config lines;
    config_load(&lines, "lines");
    EACH_LATENCY(&b, "lockstep", &lines, L) {
        sweep(&b, 0);
        print_message("L = %llu: %llu reads for %d pages, %llu of them lines, back to back\n",
                      (unsigned long long)L, (unsigned long long)b.reads, KIT_PAGES,
                      (unsigned long long)b.lines);
        assert_true(b.reads * 100 <= 13ull * KIT_PAGES);
    }
    bench_open(&b, "lockstep", &lines, 10);
    sweep(&b, 64);
    print_message("L = 10: %llu reads for %d pages, %llu of them lines, one per 64 cycles\n",
                  (unsigned long long)b.reads, KIT_PAGES, (unsigned long long)b.lines);
    assert_true(b.reads * 100 <= 13ull * KIT_PAGES);
    bench_close(&b);
}

/* ---- Misses beside one another ------------------------------------------------------------- */

/* 8 misses to 8 pages with tables cached; total from the first request to the last answer. */
static uint64_t eight_pages(struct bench *b) {
    uint64_t last = 0;
    offer(b, DATA, 31, 0, ACCESS_LOAD);
    settle(b);
    uint64_t t = b->cycle;
    for (uint8_t i = 0; i < 8; i++) {
        offer(b, DATA, i, (vaddr_t)(i + 1u) * PAGE_BYTES, ACCESS_LOAD);
        clock_edge(b);
        assert_int_equal(b->out.dreq_ready_o, 1);
    }
    settle(b);
    for (unsigned i = 0; i < 8; i++) last = b->done[DATA][i] > last ? b->done[DATA][i] : last;
    return last - t;
}

static void eight_misses_four_walkers(void **state) {
    (void)state;
    struct bench b;
    struct config four, wide;
    config_defaults(&four);
    four.walkers = 4;
    config_load(&wide, "wide"); /* eight walkers */
    EACH_LATENCY(&b, "model", &four, L) {
        uint64_t total = eight_pages(&b);
        print_message("L = %llu: 8 pages, 4 walkers: %llu cycles\n", (unsigned long long)L,
                      (unsigned long long)total);
        assert_true(total <= 2 * (L + 4) + 4);
    }
    EACH_LATENCY(&b, "lockstep", &wide, L) assert_true(eight_pages(&b) <= 2 * (L + 4) + 4);
}

static void both_sides_cold(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, "lockstep", NULL, L) {
        uint64_t t = b.cycle;
        offer(&b, DATA, 1, 6 * PAGE_BYTES, ACCESS_LOAD);
        offer(&b, FETCH, 1, 1000 * PAGE_BYTES, ACCESS_FETCH);
        settle(&b);
        assert_true(b.done[DATA][1] - t <= 3 * L + 6);
        assert_true(b.done[FETCH][1] - t <= 3 * L + 6);
        assert_in_range(b.reads, 5, 6); /* the root's read is shared, if it is still in flight */
    }
}

static void one_page_eight_times(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, "lockstep", NULL, L) {
        if (L < 4) continue; /* the walk is over before the last of them has looked */
        offer(&b, DATA, 31, 0, ACCESS_LOAD);
        settle(&b);
        uint64_t reads = b.reads;
        for (uint8_t i = 0; i < 8; i++) {
            offer(&b, DATA, i, PAGE_BYTES + 16u * i, ACCESS_LOAD);
            clock_edge(&b);
        }
        settle(&b);
        assert_int_equal(b.reads - reads, 1);
        for (uint8_t k = 1; k < 8; k++) assert_int_equal(b.done[DATA][k], b.done[DATA][0] + k);
    }
}

/* ---- Fences leave the rest alone ----------------------------------------------------------- */

static void others_keep_hitting(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, "lockstep", NULL, L) {
        for (uint8_t i = 0; i < 4; i++) {
            offer(&b, DATA, i, i * PAGE_BYTES, ACCESS_LOAD);
            settle(&b);
        }
        for (unsigned n = 0; n < 8; n++) { /* a hit in every cycle of a VA fence of page 3 */
            b.in.fence_valid_i = n % 2 == 0, b.in.fence_rs1_i = 1, b.in.fence_va_i = 3 * PAGE_BYTES;
            offer(&b, DATA, 8, n % 3 * PAGE_BYTES, ACCESS_LOAD);
            clock_edge(&b);
            assert_int_equal(b.out.dhit_valid_o, 1);
        }
        for (unsigned n = 0; n < 4; n++) { /* and of fences of another ASID */
            b.in.fence_valid_i = 1, b.in.fence_rs2_i = 1, b.in.fence_asid_i = 7;
            offer(&b, DATA, 8, n % 3 * PAGE_BYTES, ACCESS_LOAD);
            clock_edge(&b);
            assert_int_equal(b.out.dhit_valid_o, 1);
        }
        uint64_t t = b.cycle; /* the fetch side finds them in L2 still */
        offer(&b, FETCH, 1, PAGE_BYTES, ACCESS_FETCH);
        settle(&b);
        assert_int_equal(b.done[FETCH][1] - t, 2);
        assert_true(L > 0);
    }
}

/* ---- The registered setting: at most a cycle more a read --------------------------------- */

static void registered(void **state) {
    (void)state;
    struct bench b;
    struct config c;
    config_load(&c, "registered");
    c.walkers = 4;
    EACH_LATENCY(&b, "model", &c, L) {
        uint64_t total = eight_pages(&b);
        print_message("L = %llu, registered: 8 pages, 4 walkers: %llu cycles\n",
                      (unsigned long long)L, (unsigned long long)total);
        assert_true(total <= 2 * (L + 1 + 4) + 4);
    }
    EACH_LATENCY(&b, "model", &c, L) {
        uint64_t t = b.cycle;
        offer(&b, DATA, 1, 6 * PAGE_BYTES, ACCESS_LOAD);
        offer(&b, FETCH, 1, 1000 * PAGE_BYTES, ACCESS_FETCH);
        settle(&b);
        assert_true(b.done[DATA][1] - t <= 3 * (L + 1) + 6);
        assert_true(b.done[FETCH][1] - t <= 3 * (L + 1) + 6);
    }
    EACH_LATENCY(&b, "model", &c, L) {
        sweep(&b, 0);
        print_message("L = %llu, registered: %llu reads for %d pages\n", (unsigned long long)L,
                      (unsigned long long)b.reads, KIT_PAGES);
        assert_true(b.reads * 100 <= 101ull * KIT_PAGES);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_a_page),        cmocka_unit_test(eight_misses_four_walkers),
        cmocka_unit_test(both_sides_cold),      cmocka_unit_test(one_page_eight_times),
        cmocka_unit_test(others_keep_hitting),  cmocka_unit_test(registered),
        cmocka_unit_test(an_eighth_with_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
