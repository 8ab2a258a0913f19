/* SPDX-License-Identifier: Apache-2.0
 *
 * The latency formulas of docs/microarchitecture.md, each path driven at L = 1, 10 and 100 on the
 * default configuration, model and RTL in lock-step. The expectation is the formula, never a number
 * read off the machine.
 */
#include "pin_kit.h"
#include "config_file.h"

static const uint32_t latencies[] = {1, 10, 100};

#define EACH_LATENCY(b, L)                                                                         \
    for (unsigned k_ = 0; k_ < 3; k_++)                                                            \
        for (uint64_t L = latencies[k_],                                                           \
                      once_ = (bench_open(b, "lockstep", NULL, latencies[k_]), 1);                 \
             once_; once_ = 0, bench_close(b))

/* ---- The paths
 * ------------------------------------------------------------------------------------------ */

static void walk_cold_warm_and_hit(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        uint64_t t = b.cycle;
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][1] - t, 3 * L + 3); /* n L + 3, n = 3 */
        assert_int_equal(b.reads, 3);
        t = b.cycle;
        offer(&b, DATA, 2, 8, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][2] - t, 0); /* L1 hit */
        t = b.cycle;
        offer(&b, DATA, 3, PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][3] - t, L + 3); /* tables cached: n = 1 */
        assert_int_equal(b.reads, 4);
        t = b.cycle;
        offer(&b, FETCH, 4, 0, ACCESS_FETCH);
        settle(&b);
        assert_int_equal(b.done[FETCH][4] - t, 2); /* the other port's L1 misses, L2 hits */
        assert_int_equal(b.source[FETCH][4], SOURCE_L2);
    }
}

static void followers_wake_one_a_cycle(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        uint64_t t = b.cycle;
        for (uint8_t i = 0; i < 8; i++) { /* a miss a cycle to one page: L2 reads them in turn */
            offer(&b, DATA, i, 16u * i, ACCESS_LOAD);
            clock_edge(&b);
        }
        settle(&b);
        assert_int_equal(b.reads, 3);
        uint64_t lead = b.done[DATA][0];
        assert_int_equal(lead - t, 3 * L + 3);
        for (uint8_t i = 1; L > 3 && i < 8; i++) assert_int_equal(b.done[DATA][i], lead + i);
    }
}

static void hit_under_miss_and_both_ports(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        uint64_t t = b.cycle;
        offer(&b, DATA, 2, 5 * PAGE_BYTES, ACCESS_LOAD);
        clock_edge(&b);
        offer(&b, DATA, 3, 0, ACCESS_LOAD); /* a younger hit does not wait */
        clock_edge(&b);
        assert_int_equal(b.done[DATA][3], t + 1);
        settle(&b);
        assert_int_equal(b.done[DATA][2] - t, L + 3);
        fence(&b, false, false, 0, 0);
        t = b.cycle; /* two cold misses in one cycle, two pages, two walkers: the second reads a
                        cycle later */
        offer(&b, DATA, 4, 6 * PAGE_BYTES, ACCESS_LOAD);
        offer(&b, FETCH, 4, 7 * PAGE_BYTES, ACCESS_FETCH);
        settle(&b);
        assert_int_equal(b.done[DATA][4] - t, 3 * L + 3);
        assert_in_range(b.done[FETCH][4] - t, 3 * L + 4, 3 * L + 6);
    }
}

static void ad_update_and_hold(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        mem_write64(b.mem, leaf_pa(3), mem_read64(b.mem, leaf_pa(3)) & ~(PTE_A | PTE_D));
        uint64_t t = b.cycle;
        offer(&b, DATA, 2, 3 * PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][2] - t, 2 * L + 4); /* (n + 1) L + 4 */
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)) & (PTE_A | PTE_D), PTE_A);
        /* a store that is not the oldest holds; D stays clear until it is named */
        offer(&b, DATA, 3, 3 * PAGE_BYTES, ACCESS_STORE);
        for (uint64_t i = 0; i < 3 * L + 20; i++) {
            name_oldest(&b, 9);
            clock_edge(&b);
        }
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)) & PTE_D, 0);
        t = b.cycle;
        for (uint64_t i = 0; !b.done[DATA][3] && i < 3 * L + 20; i++) {
            name_oldest(&b, 3);
            clock_edge(&b);
        }
        assert_int_equal(b.done[DATA][3] - t,
                         2 * L + 3); /* named, waits, reads that PTE, updates, answers */
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)) & PTE_D, PTE_D);
    }
}

/* The bus refuses an A/D update: an access fault for the leader, the PTE unchanged; a follower that
 * needs the update looks again and gets it. No other stimulus makes this: memory that answered the
 * read refuses the write only here. */
static void update_refused(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        pte_t plain = mem_read64(b.mem, leaf_pa(3)) & ~(PTE_A | PTE_D);
        mem_write64(b.mem, leaf_pa(3), plain);
        offer(&b, DATA, 1, 3 * PAGE_BYTES, ACCESS_LOAD);
        clock_edge(&b);
        offer(&b, DATA, 2, 3 * PAGE_BYTES + 8, ACCESS_LOAD);
        clock_edge(&b);
        b.refuse = 1;
        settle(&b);
        assert_int_equal(b.refuse, 0);
        assert_int_equal(b.cause[DATA][1], CAUSE_LOAD_ACCESS);
        assert_int_equal(b.cause[DATA][2], CAUSE_NONE);
        assert_true(b.done[DATA][2] > b.done[DATA][1]);
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)), plain | PTE_A);
        assert_true(L > 0);
    }
}

static void fences(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        assert_int_equal(fence(&b, false, false, 0, 0), 1);
        assert_int_equal(fence(&b, false, true, 0, 0), 1);
        assert_int_equal(fence(&b, true, false, 0, 0), 2);
        assert_int_equal(fence(&b, true, true, 0, 0), 2);
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        offer(&b, DATA, 2, PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        fence(&b, true, true, 0, 0); /* drops page 0, leaves page 1 and the walk caches */
        uint64_t t = b.cycle;
        offer(&b, DATA, 3, PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][3] - t, 0);
        t = b.cycle;
        offer(&b, DATA, 4, 0, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][4] - t, L + 3);
    }
}

/* Extra cycles: c2 = l2.cycles, c1 = walk.cycles, r = walk.refill. */
static void extra_cycles(void **state) {
    (void)state;
    static const char *const names[] = {"registered", "cva6-like", "wally-like"};
    struct bench b;
    struct config c;
    for (unsigned n = 0; n < 3; n++) {
        config_load(&c, names[n]);
        for (unsigned k = 0; k < 3; k++) {
            uint64_t L = latencies[k], c1 = c.walk_cycles, c2 = c.l2_cycles, r = c.walk_refill;
            uint64_t warm = c.pwc_l1 ? 1 : 3, own = 3 + c2 + r;
            bench_open(&b, "lockstep", &c, latencies[k]);
            uint64_t t = b.cycle;
            offer(&b, DATA, 1, 0, ACCESS_LOAD);
            settle(&b);
            assert_int_equal(b.done[DATA][1] - t, 3 * (L + c1) + own);
            mem_write64(b.mem, leaf_pa(3), mem_read64(b.mem, leaf_pa(3)) & ~(PTE_A | PTE_D));
            t = b.cycle;
            offer(&b, DATA, 2, 3 * PAGE_BYTES, ACCESS_LOAD);
            settle(&b); /* with an A/D update */
            assert_int_equal(b.done[DATA][2] - t, warm * (L + c1) + L + 1 + own);
            t = b.cycle;
            offer(&b, DATA, 4, 8, ACCESS_LOAD); /* L1 hit */
            settle(&b);
            assert_int_equal(b.done[DATA][4] - t, c.l1d_latency);
            t = b.cycle;
            offer(&b, FETCH, 3, 3 * PAGE_BYTES, ACCESS_FETCH);
            settle(&b);
            assert_int_equal(b.done[FETCH][3] - t, c.l2_ways ? 2 + c2 : warm * (L + c1) + own);
            assert_int_equal(fence(&b, false, false, 0, 0), 1);
            assert_int_equal(fence(&b, true, false, 0, 0), 2);
            bench_close(&b);
        }
    }
}

static void refusals_without_a_read(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        uint64_t t = b.cycle;
        offer(&b, DATA, 1, 1ull << 40, ACCESS_STORE); /* not canonical */
        settle(&b);
        assert_int_equal(b.done[DATA][1] - t, 0);
        assert_int_equal(b.cause[DATA][1], CAUSE_STORE_PAGE);
        assert_int_equal(b.reads, 0);
        assert_true(L > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_cold_warm_and_hit),
        cmocka_unit_test(followers_wake_one_a_cycle),
        cmocka_unit_test(hit_under_miss_and_both_ports),
        cmocka_unit_test(ad_update_and_hold),
        cmocka_unit_test(update_refused),
        cmocka_unit_test(fences),
        cmocka_unit_test(extra_cycles),
        cmocka_unit_test(refusals_without_a_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
