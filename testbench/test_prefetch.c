/* SPDX-License-Identifier: Apache-2.0
 *
 * Next-page prefetch, pin by pin (order rule 20): what it gains, what its filter leaves alone, what
 * it never does (a fault, an A or D write, a page with A = 0, an address of no mode), and what a
 * fence and a satp write make of one on its way.
 */
#include "pin_kit.h"
#include "config_file.h"

enum { GAP = 64 };
static const uint32_t latencies[] = {1, 10, 100};

static void open_prefetch(struct bench *b, uint32_t latency) {
    struct config c;
    config_load(&c, "prefetch");
    bench_open(b, "lockstep", &c, latency);
}

/* Cycles without a request. */
static void pause(struct bench *b, unsigned cycles) {
    while (cycles--) clock_edge(b);
}

/* An access to a page; what follows it may still be on its way when it is answered. */
static uint64_t touch(struct bench *b, unsigned page) {
    uint64_t t = b->cycle;
    offer(b, DATA, 1, (vaddr_t)page * PAGE_BYTES, ACCESS_LOAD);
    for (unsigned before = b->answers[DATA][1]; b->answers[DATA][1] == before;) clock_edge(b);
    assert_int_equal(b->cause[DATA][1], CAUSE_NONE);
    assert_int_equal(b->pa[DATA][1], (root + 16 + page) << PAGE_SHIFT);
    return b->done[DATA][1] - t;
}

/* ---- What it gains ------------------------------------------------------------------------- */

/* Every page from the third on is in L2 when it is asked for: 2 cycles more than an L1 hit. It gets
 * there L + 4 cycles after the answer of the page before, if its table is known. */
static void the_next_page_is_there(void **state) {
    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        uint32_t L = latencies[k], gap = L < GAP ? GAP : 4 * GAP;
        struct bench b;
        open_prefetch(&b, L);
        for (unsigned page = 0; page < KIT_PAGES; page++) {
            uint64_t t = b.cycle, took = touch(&b, page), filled = 0;
            assert_true(page < 2 || (took == 2 && b.source[DATA][1] == SOURCE_L2));
            while (b.cycle < t + gap) {
                clock_edge(&b);
                if (b.out.ev_l2_fill_o) filled = b.cycle - 1;
            }
            if (page > 1 && page % 512 != 511) assert_int_equal(filled - b.done[DATA][1], L + 4);
        }
        print_message("L = %u: %llu reads for %d pages, one per %u cycles, at most 2 cycles each\n",
                      L, (unsigned long long)b.reads, KIT_PAGES, gap);
        assert_true(b.reads * 100 <= 105ull * KIT_PAGES);
        bench_close(&b);
    }
}

/* Two sweeps in turn, one of them of fetches: a stream each. */
static void two_streams(void **state) {
    (void)state;
    struct bench b;
    open_prefetch(&b, 10);
    for (unsigned n = 0; n < 64; n++) {
        offer(&b, FETCH, 2, (vaddr_t)(1024 + n) * PAGE_BYTES, ACCESS_FETCH);
        pause(&b, GAP);
        assert_true(n < 2 || b.source[FETCH][2] == SOURCE_L2);
        touch(&b, 200 + n);
        assert_true(n < 2 || b.source[DATA][1] == SOURCE_L2);
        pause(&b, GAP);
    }
    bench_close(&b);
}

/* ---- The filter ---------------------------------------------------------------------------- */

static unsigned issued(struct bench *b, unsigned page) {
    unsigned n = 0;
    touch(b, page);
    for (unsigned i = 0; i < GAP; i++) {
        clock_edge(b);
        n += b->out.ev_prefetch_o;
    }
    return n;
}

/* No stream is confirmed: nothing. Pairs of pages, never three: the score runs out after those
 * that it began with (8, enough is 4: five predictions), and a sweep earns it again. */
static void the_irregular_is_left_alone(void **state) {
    (void)state;
    struct bench b;
    unsigned n = 0;
    open_prefetch(&b, 1);
    for (unsigned page = 0; page < 40; page++) n += issued(&b, page * 7 % 41 * 3);
    assert_int_equal(n, 0);
    for (unsigned pair = 0; pair < 20; pair++) {
        n += issued(&b, 200 + pair * 3);
        n += issued(&b, 201 + pair * 3);
    }
    assert_in_range(n, 1, 5);
    n = 0;
    for (unsigned page = 400; page < 440; page++) n += issued(&b, page);
    assert_in_range(n, 30, 38);
    bench_close(&b);
}

/* ---- What it never does -------------------------------------------------------------------- */

/* Pages 0 and 1, then what page 2 is like. Its read alone is made; it is not kept. */
static void not_kept(pte_t pte) {
    struct bench b;
    open_prefetch(&b, 10);
    mem_write64(b.mem, leaf_pa(2), pte);
    touch(&b, 0);
    pause(&b, GAP);
    uint64_t reads = b.reads;
    touch(&b, 1);
    pause(&b, GAP);
    assert_int_equal(b.reads, reads + 2); /* page 1's, and the prefetch's */
    assert_int_equal(b.writes, 0);
    mem_write64(b.mem, leaf_pa(2), leaf(2, PTE_A | PTE_D)); /* V = 0 and A = 0 are not cached */
    assert_true(touch(&b, 2) > 2);
    assert_int_equal(b.source[DATA][1], SOURCE_WALK);
    bench_close(&b);
}

static void no_fault_no_update(void **state) {
    (void)state;
    not_kept(0);
    not_kept(leaf(2, PTE_D));
    not_kept(leaf(2, PTE_A) & ~(pte_t)PTE_R); /* W without R: reserved */
    not_kept(PTE_V | (root + 3) << PTE_PPN_SHIFT);
}

/* The PTE is in a kept line, legal and accessed, and its page is beyond physical memory: not for
 * L2.
 */
static void not_beyond_memory(void **state) {
    (void)state;
    struct bench b;
    struct config c;
    config_load(&c, "prefetch");
    c.pte_lines = 2, c.pa_bits = 42;
    bench_open(&b, "lockstep", &c, 10);
    mem_write64(b.mem, leaf_pa(2), leaf(2, PTE_A | PTE_D) | 1ull << (PTE_PPN_SHIFT + 30));
    for (unsigned page = 0; page < 2; page++) {
        touch(&b, page);
        pause(&b, GAP);
    }
    offer(&b, DATA, 1, 2 * PAGE_BYTES, ACCESS_LOAD);
    settle(&b);
    assert_int_equal(b.cause[DATA][1], CAUSE_LOAD_ACCESS);
    assert_int_equal(b.source[DATA][1], SOURCE_LINE);
    bench_close(&b);
}

/* Where the lower half of Sv39 ends, and at the top of the address space: no such page. */
static void not_beyond_the_half(void **state) {
    (void)state;
    struct bench b;
    static const vaddr_t last[2] = {(1ull << 38) - PAGE_BYTES, -(vaddr_t)PAGE_BYTES};
    for (unsigned half = 0; half < 2; half++) {
        open_prefetch(&b, 10);
        unsigned index = half ? 511 : 255;
        mem_write64(b.mem, (root << PAGE_SHIFT) + index * PTE_BYTES,
                    PTE_V | (root + 1) << PTE_PPN_SHIFT);
        mem_write64(b.mem, ((root + 1) << PAGE_SHIFT) + 511 * PTE_BYTES,
                    PTE_V | (root + 2) << PTE_PPN_SHIFT);
        unsigned n = 0;
        for (unsigned back = 3; back-- > 0;) {
            offer(&b, DATA, 1, last[half] - back * PAGE_BYTES, ACCESS_LOAD);
            for (unsigned i = 0; i < GAP; i++) {
                clock_edge(&b);
                n += b.out.ev_prefetch_o;
            }
            assert_int_equal(b.cause[DATA][1], CAUSE_NONE);
        }
        assert_int_equal(n, 1);
        bench_close(&b);
    }
}

/* ---- On its way ---------------------------------------------------------------------------- */

/* Pages 0 and 1, and so many cycles more: page 2 is being fetched. */
static void on_its_way(struct bench *b, uint32_t latency, unsigned cycles) {
    open_prefetch(b, latency);
    touch(b, 0);
    pause(b, 2 * GAP);
    touch(b, 1);
    pause(b, cycles);
}

/* A miss of the page that is being fetched joins it, and is answered when it ends. */
static void a_miss_joins_it(void **state) {
    (void)state;
    struct bench b;
    on_its_way(&b, 40, 8);
    uint64_t reads = b.reads;
    assert_true(touch(&b, 2) < 43);
    assert_int_equal(b.source[DATA][1], SOURCE_MERGED);
    pause(&b, 2 * GAP);
    assert_int_equal(b.reads, reads + 1); /* of page 3 */
    bench_close(&b);
}

/* At every cycle of it: a fence of the page after its PTE was changed; then the new one is used. */
static void a_fence_at_every_cycle(void **state) {
    (void)state;
    for (unsigned offset = 0; offset < 24; offset++) {
        for (unsigned form = 0; form < 4; form++) {
            struct bench b;
            on_its_way(&b, 10, offset);
            mem_write64(b.mem, leaf_pa(2), leaf(102, PTE_A | PTE_D));
            fence(&b, form & 1, form & 2, 2 * PAGE_BYTES, 0);
            offer(&b, DATA, 2, 2 * PAGE_BYTES, ACCESS_LOAD);
            settle(&b);
            assert_int_equal(b.answers[DATA][2], 1);
            assert_int_equal(b.pa[DATA][2], (root + 16 + 102) << PAGE_SHIFT);
            bench_close(&b);
        }
    }
}

/* After a satp write nothing more is read under the old root but what stood on the port already. */
static void a_satp_write_at_every_cycle(void **state) {
    (void)state;
    for (unsigned offset = 0; offset < 24; offset++) {
        struct bench b;
        on_its_way(&b, 10, offset);
        b.in.csr_valid_i = 1, b.in.csr_addr_i = CSR_SATP;
        b.in.csr_wdata_i = (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | 1ull << SATP_ASID_SHIFT |
                           (root + KIT_TABLES + 2);
        clock_edge(&b);
        uint64_t reads = b.reads;
        pause(&b, GAP);
        assert_int_equal(b.reads, reads);
        assert_int_equal(b.out.idle_o, 1);
        bench_close(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_page_is_there),
        cmocka_unit_test(two_streams),
        cmocka_unit_test(the_irregular_is_left_alone),
        cmocka_unit_test(no_fault_no_update),
        cmocka_unit_test(not_beyond_the_half),
        cmocka_unit_test(a_miss_joins_it),
        cmocka_unit_test(a_fence_at_every_cycle),
        cmocka_unit_test(a_satp_write_at_every_cycle),
        cmocka_unit_test(not_beyond_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
