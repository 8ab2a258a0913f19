/* SPDX-License-Identifier: Apache-2.0
 *
 * Known answers from outside: the walk latencies of two public cores, measured on their own RTL
 * driven stand-alone, from request to answer, tables in memory of latency L, A and D set. The
 * configurations named after them must take exactly as long, model and RTL in lock-step.
 *
 * CVA6 (cv64a6, shared TLB on): 3 L + 11 for a 4 KiB page, 2 L + 9 for a 2 MiB page, 3 for a hit of
 * the shared TLB, 1 for a load that hits L1. Wally (rv64gc): 3 L + 5 and 2 L + 5. Both read 3 PTEs
 * for each new 4 KiB page, however near the last one was.
 */
#include "pin_kit.h"
#include "config_file.h"

static const uint32_t latencies[] = {1, 10, 100};

enum { MEGA = 64 }; /* the entry of the level-1 table that is a 2 MiB leaf */

static const struct core {
    const char *config;
    uint64_t reads_4k, own_4k, reads_2m, own_2m; /* reads * L + own */
    uint64_t l2_hit;                             /* 0: no second level */
    uint64_t l1_hit;                             /* of the data side */
} cores[] = {
    {"cva6-like", 3, 11, 2, 9, 3, 1},
    {"wally-like", 3, 5, 2, 5, 0, 0},
};

static uint64_t load(struct bench *b, vaddr_t va) {
    uint64_t t = b->cycle;
    offer(b, DATA, 1, va, ACCESS_LOAD);
    settle(b);
    assert_int_equal(b->cause[DATA][1], CAUSE_NONE);
    return b->done[DATA][1] - t;
}

static void as_measured(struct bench *b, const struct core *c, uint64_t L) {
    const vaddr_t mega = (vaddr_t)MEGA << 21;
    mem_write64(b->mem, ((root + 1) << PAGE_SHIFT) + MEGA * PTE_BYTES,
                PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | (root + 1024) / 512 * 512 << PTE_PPN_SHIFT);
    assert_int_equal(load(b, 0), c->reads_4k * L + c->own_4k);
    assert_int_equal(b->reads, c->reads_4k);
    assert_int_equal(load(b, mega + 8), c->reads_2m * L + c->own_2m);
    assert_int_equal(b->reads, c->reads_4k + c->reads_2m);
    assert_int_equal(load(b, PAGE_BYTES), c->reads_4k * L + c->own_4k); /* no walk cache */
    assert_int_equal(load(b, mega + 5 * PAGE_BYTES), c->l1_hit);        /* L1 holds it whole */
    if (!c->l2_hit) return;
    uint64_t t = b->cycle; /* the other port's L1 misses, the shared TLB hits */
    offer(b, FETCH, 2, 0, ACCESS_FETCH);
    settle(b);
    assert_int_equal(b->done[FETCH][2] - t, c->l2_hit);
    assert_int_equal(b->source[FETCH][2], SOURCE_L2);
}

static void walks_as_long_as(void **state) {
    const struct core *c = *state;
    struct config config;
    struct bench b;
    config_load(&config, c->config);
    for (unsigned k = 0; k < 3; k++) {
        bench_open(&b, "lockstep", &config, latencies[k]);
        as_measured(&b, c, latencies[k]);
        bench_close(&b);
    }
}

int main(void) {
    struct CMUnitTest tests[sizeof cores / sizeof *cores];
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++) {
        tests[i] = (struct CMUnitTest){cores[i].config, walks_as_long_as, NULL, NULL,
                                       (void *)(uintptr_t)&cores[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
