/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of neighbouring pages in one L1 entry, pin by pin (order rule 21): what makes a block, how
 * large it is, and that one fence of one of its pages drops all of it.
 */
#include "pin_kit.h"
#include "config_file.h"

enum { BLOCK = 8 };

static void open_blocks(struct bench *b) {
    struct config c;
    config_load(&c, "coalesce");
    bench_open(b, "lockstep", &c, 10);
}

/* Pages first to last hit L1 at once, each with its own frame; those beside them do not. */
static void one_entry_has(struct bench *b, unsigned base, unsigned first, unsigned last) {
    for (unsigned page = first; page <= last; page++) {
        uint64_t took = reach(b, page, ACCESS_LOAD);
        assert_int_equal(b->source[DATA][1], SOURCE_L1);
        assert_int_equal(took, 0);
        assert_int_equal(b->pa[DATA][1], (root + 16 + page) << PAGE_SHIFT);
    }
    for (unsigned page = base; page < base + BLOCK; page++) {
        if (page >= first && page <= last) continue;
        reach(b, page, ACCESS_LOAD); /* fills an entry of its own */
        assert_int_not_equal(b->source[DATA][1], SOURCE_L1);
        return; /* of the next ones more may be known now */
    }
}

static void eight_of_one_walk(void **state) {
    (void)state;
    struct bench b;
    open_blocks(&b);
    answered_by(&b, 11, SOURCE_WALK);
    uint64_t reads = b.reads;
    one_entry_has(&b, 8, 8, 15);
    assert_int_equal(b.reads, reads);
    answered_by(&b, 16, SOURCE_WALK);
    bench_close(&b);
}

/* A fetch of a page, answered so; and at once, by the entry that it filled, one of another page. */
static void fetches(struct bench *b, unsigned page, uint8_t source, unsigned then) {
    offer(b, FETCH, 3, (vaddr_t)page * PAGE_BYTES, ACCESS_FETCH);
    settle(b);
    assert_int_equal(b->source[FETCH][3], source);
    offer(b, FETCH, 4, (vaddr_t)then * PAGE_BYTES, ACCESS_FETCH);
    clock_edge(b);
    assert_int_equal(b->answers[FETCH][4], 1);
    assert_int_equal(b->source[FETCH][4], SOURCE_L1);
    assert_int_equal(b->pa[FETCH][4], (root + 16 + then) << PAGE_SHIFT);
}

/* A kept line answers with its block, too, and a follower of a walk has that of its leader. */
static void of_lines_and_followers(void **state) {
    (void)state;
    struct bench b;
    open_blocks(&b);
    answered_by(&b, 8, SOURCE_WALK);
    fetches(&b, 9, SOURCE_LINE, 15);
    bench_close(&b);
    open_blocks(&b);
    offer(&b, DATA, 2, 64 * PAGE_BYTES, ACCESS_LOAD);
    clock_edge(&b);
    fetches(&b, 64, SOURCE_MERGED, 71);
    bench_close(&b);
}

/* Any bit of one of them that means something ends the block there: four, two or one are left. */
static void one_bit_is_another(void **state) {
    (void)state;
    static const uint64_t bits[] = {PTE_V,      PTE_R,      PTE_W,   PTE_X,
                                    PTE_U,      PTE_G,      PTE_A,   PTE_D,
                                    1ull << 10, 1ull << 11, 1 << 12, 1ull << 13,
                                    1ull << 30, 1ull << 53, PTE_N,   1ull << PTE_PBMT_SHIFT};
    for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++) {
        struct bench b;
        open_blocks(&b);
        for (unsigned odd = 0; odd < BLOCK; odd++) { /* a line of its own for each */
            unsigned base = 64 + odd * BLOCK, page = base + (odd ^ 4),
                     left = base + (odd ^ 4) / 4 * 4;
            mem_write64(b.mem, leaf_pa(base + odd), leaf(base + odd, PTE_A | PTE_D) ^ bits[i]);
            answered_by(&b, page, SOURCE_WALK);
            one_entry_has(&b, base, left, left + 3);
        }
        bench_close(&b);
    }
}

/* RSW is software's. */
static void software_bits_do_not_matter(void **state) {
    (void)state;
    struct bench b;
    open_blocks(&b);
    mem_write64(b.mem, leaf_pa(9), leaf(9, PTE_A | PTE_D) | 1 << 8);
    mem_write64(b.mem, leaf_pa(12), leaf(12, PTE_A | PTE_D) | 2 << 8);
    answered_by(&b, 8, SOURCE_WALK);
    one_entry_has(&b, 8, 8, 15);
    bench_close(&b);
}

/* Frames one after another from an unaligned one: a smaller block, or none. */
static void aligned_frames_alone(void **state) {
    (void)state;
    static const unsigned pages[BLOCK] = {8, 1, 2, 1, 4, 1, 2, 1}; /* by the first frame mod 8 */
    for (unsigned shift = 0; shift < BLOCK; shift++) {
        struct bench b;
        open_blocks(&b);
        for (unsigned page = 8; page < 16; page++)
            mem_write64(b.mem, leaf_pa(page), leaf(page + shift, PTE_A | PTE_D));
        answered_by(&b, 8, SOURCE_WALK);
        for (unsigned page = 8; page < 16; page++) {
            bool same = page < 8 + pages[shift];
            reach(&b, page, ACCESS_LOAD);
            assert_int_equal(b.pa[DATA][1], (root + 16 + page + shift) << PAGE_SHIFT);
            if (same || page == 8 + pages[shift]) /* the first beyond it is no hit */
                assert_int_equal(b.source[DATA][1] == SOURCE_L1, same);
        }
        bench_close(&b);
    }
}

/* [FEN-4] */
static void a_fence_inside_drops_it(void **state) {
    (void)state;
    for (unsigned page = 8; page < 16; page++) {
        struct bench b;
        open_blocks(&b);
        answered_by(&b, 10, SOURCE_WALK);
        mem_write64(b.mem, leaf_pa(page), leaf(page + 100, PTE_A | PTE_D));
        fence(&b, true, false, page * PAGE_BYTES, 0);
        reach(&b, page, ACCESS_LOAD);
        assert_int_equal(b.source[DATA][1], SOURCE_WALK);
        assert_int_equal(b.pa[DATA][1], (root + 16 + page + 100) << PAGE_SHIFT);
        fence(&b, true, false, 100 * PAGE_BYTES, 0); /* elsewhere */
        reach(&b, page, ACCESS_LOAD);
        assert_int_equal(b.source[DATA][1], SOURCE_L1);
        reach(&b, page ^ 1, ACCESS_LOAD);
        assert_int_equal(b.pa[DATA][1], (root + 16 + (page ^ 1)) << PAGE_SHIFT);
        bench_close(&b);
    }
}

/* All clean: a store sets D of its page alone, whose entry takes the place of the block. */
static void a_store_breaks_it(void **state) {
    (void)state;
    struct bench b;
    open_blocks(&b);
    for (unsigned page = 8; page < 16; page++) mem_write64(b.mem, leaf_pa(page), leaf(page, PTE_A));
    answered_by(&b, 8, SOURCE_WALK);
    answered_by(&b, 13, SOURCE_L1);
    uint64_t writes = b.writes, word;
    reach(&b, 13, ACCESS_STORE);
    assert_int_equal(b.writes, writes + 1);
    for (unsigned page = 8; page < 16; page++) {
        mem_read(b.mem, leaf_pa(page), &word, sizeof word);
        assert_int_equal(word, leaf(page, PTE_A | (page == 13 ? PTE_D : 0)));
    }
    assert_int_equal(reach(&b, 13, ACCESS_STORE), 0);
    reach(&b, 12, ACCESS_LOAD);
    assert_int_not_equal(b.source[DATA][1], SOURCE_L1);
    assert_int_equal(b.pa[DATA][1], (root + 16 + 12) << PAGE_SHIFT);
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_of_one_walk),    cmocka_unit_test(of_lines_and_followers),
        cmocka_unit_test(one_bit_is_another),   cmocka_unit_test(software_bits_do_not_matter),
        cmocka_unit_test(aligned_frames_alone), cmocka_unit_test(a_fence_inside_drops_it),
        cmocka_unit_test(a_store_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
