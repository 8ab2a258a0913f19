/* SPDX-License-Identifier: Apache-2.0
 *
 * Where translations stand: superpages in an array of their own beside L1, and an L2 TLB for each
 * side. Configuration `odd_ways`, model and RTL in lock-step.
 */
#include "pin_kit.h"
#include "config_file.h"

enum { MEGA = 64, L = 10 }; /* MEGA: the entry of the level-1 table that is a 2 MiB leaf */

static const vaddr_t mega = (vaddr_t)MEGA << 21;

static void open_odd(struct bench *b) {
    struct config c;
    config_load(&c, "odd_ways");
    assert_true(c.l1d_super && c.l2i_ways);
    bench_open(b, "lockstep", &c, L);
    mem_write64(b->mem, ((root + 1) << PAGE_SHIFT) + MEGA * PTE_BYTES,
                PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D |
                    (root + 1024) / 512 * 512 << PTE_PPN_SHIFT);
}

/* Who answers; SOURCE_L1 in the cycle of the request. */
static uint8_t ask(struct bench *b, int port, vaddr_t va) {
    offer(b, port, 1, va, port == FETCH ? ACCESS_FETCH : ACCESS_LOAD);
    settle(b);
    assert_int_equal(b->cause[port][1], CAUSE_NONE);
    return b->source[port][1];
}

/* However many pages of 4 KiB come and go, the superpage stays; and the other way round. */
static void superpages_have_their_own(void **state) {
    (void)state;
    struct bench b;
    open_odd(&b);
    assert_int_equal(ask(&b, DATA, mega), SOURCE_WALK);
    for (unsigned page = 0; page < 64; page++) ask(&b, DATA, page * PAGE_BYTES);
    for (unsigned page = 0; page < 512; page += 37)
        assert_int_equal(ask(&b, DATA, mega + page * PAGE_BYTES), SOURCE_L1);
    assert_int_equal(ask(&b, DATA, 63 * PAGE_BYTES), SOURCE_L1);
    bench_close(&b);
}

/* A fence of any page of it drops the superpage from its array, and from L2; the rest stays. */
static void fences_find_them(void **state) {
    (void)state;
    struct bench b;
    open_odd(&b);
    for (int port = FETCH; port <= DATA; port++) {
        ask(&b, port, mega);
        ask(&b, port, 0);
        assert_int_equal(fence(&b, true, false, mega + 311 * PAGE_BYTES, 0), 2);
        assert_int_equal(ask(&b, port, 0), SOURCE_L1);
        assert_int_equal(ask(&b, port, mega + PAGE_BYTES), SOURCE_WALK);
    }
    bench_close(&b);
}

/* What a load brought in, a fetch does not find in its half of L2; each finds its own again. */
static void each_side_its_own_l2(void **state) {
    (void)state;
    struct bench b;
    open_odd(&b);
    for (int port = FETCH; port <= DATA; port++) {
        vaddr_t own = (vaddr_t)(port + 1) * 256 * PAGE_BYTES;
        int other = FETCH + DATA - port;
        assert_int_equal(ask(&b, port, own), SOURCE_WALK);
        assert_int_equal(ask(&b, other, own), SOURCE_WALK);
        for (unsigned page = 1; page < 25; page++) ask(&b, port, own + page * PAGE_BYTES);
        assert_int_equal(ask(&b, port, own), SOURCE_L2); /* gone from L1 by now */
    }
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(superpages_have_their_own),
        cmocka_unit_test(fences_find_them),
        cmocka_unit_test(each_side_its_own_l2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
