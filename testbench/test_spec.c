/* SPDX-License-Identifier: Apache-2.0
 *
 * The literal walker of opinion 2 against the decision table of docs: a directed case for each row,
 * then every value of the ten low PTE bits with every access, privilege and mode bit, then random
 * tables, the last two against a second transcription (spec_second.c), written from the table's
 * rows and not from the manual's loop. Further modes and extensions: test_spec_modes.c.
 */
#include "enums.h"
#include "spec.h"
#include "spec_second.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define FRAME(n)       (MEM_BASE + (paddr_t)(n)*PAGE_BYTES)
#define PTE(pa, flags) ((pa) >> PAGE_SHIFT << PTE_PPN_SHIFT | (flags))
#define VA                                                                                         \
    0x1256789abcull /* every index differs: 0x4a at level 2, 0xb3 at level 1, 0x189 at level 0 */
#define RWX     (PTE_R | PTE_W | PTE_X)
#define USER    (PTE_V | RWX | PTE_U | PTE_A | PTE_D)
#define LEAF_PA 0xc0000000ull /* aligned for every level but 3 */

struct world {
    struct mem *mem;
    struct spec_request r;
    struct spec_answer a;
};

static int setup(void **state) {
    struct world *w = test_calloc(1, sizeof *w);
    w->mem = mem_new(64ull << 20);
    w->r = (struct spec_request){
        .access = ACCESS_LOAD, .priv = PRIV_U, .va = VA, .bytes = 4, .pa_bits = 56};
    *state = w;
    return 0;
}

static int teardown(void **state) {
    struct world *w = *state;
    mem_delete(w->mem);
    test_free(w);
    return 0;
}

/* Tables of level i lie in frame i; the walk of r.va ends in `leaf` at `level`. */
static paddr_t word_of(const struct world *w, unsigned i) {
    return FRAME(i) + (w->r.va >> (12 + 9 * i) & 511) * 8;
}

static void build(struct world *w, unsigned mode, unsigned level, pte_t leaf) {
    unsigned top = mode == MODE_SV39 ? 2 : 3;
    w->r.satp = (uint64_t)mode << SATP_MODE_SHIFT | FRAME(top) >> PAGE_SHIFT;
    for (unsigned i = top; i > level; i--)
        mem_write64(w->mem, word_of(w, i), PTE(FRAME(i - 1), PTE_V));
    mem_write64(w->mem, word_of(w, level), leaf);
}

static void expect(struct world *w, unsigned cause, paddr_t pa, int level, unsigned reads) {
    spec_walk(w->mem, &w->r, &w->a);
    assert_string_equal(cause_word(w->a.cause), cause_word(cause));
    assert_int_equal(w->a.pa, pa);
    assert_int_equal(w->a.level, level);
    assert_int_equal(w->a.reads, reads);
}

static void expect_leaf(struct world *w, pte_t leaf, unsigned cause) {
    build(w, MODE_SV39, 0, leaf);
    expect(w, cause, cause ? 0 : LEAF_PA + 0xabc, cause ? -1 : 0, 3);
}

/* ---- Rows 0 to 5 ----------------------------------------------------------------------------- */
static void row_0_bare_and_machine(void **state) {
    struct world *w = *state;
    expect(w, CAUSE_NONE, VA, -1, 0);
    build(w, MODE_SV39, 0, PTE(LEAF_PA, USER));
    w->r.priv = PRIV_M;
    expect(w, CAUSE_NONE, VA, -1, 0);
    w->r.va = 1ull << 56; /* zero-extended, and too wide */
    expect(w, CAUSE_LOAD_ACCESS, 0, -1, 0);
    w->r.va = (1ull << 40) - 4;
    w->r.pa_bits = 40;
    expect(w, CAUSE_NONE, (1ull << 40) - 4, -1, 0);
    w->r.pa_bits = 39;
    expect(w, CAUSE_LOAD_ACCESS, 0, -1, 0);
}

static void row_1_canonical(void **state) {
    struct world *w = *state;
    for (unsigned mode = MODE_SV39; mode <= MODE_SV48; mode++) {
        unsigned bits = mode == MODE_SV39 ? 39 : 48, top = mode == MODE_SV39 ? 2 : 3;
        vaddr_t edge = 1ull << (bits - 1);
        w->r.va = edge - 4; /* the last of the low half */
        build(w, mode, 0, PTE(LEAF_PA, USER));
        expect(w, CAUSE_NONE, LEAF_PA + 0xffc, 0, top + 1);
        w->r.va = edge;
        expect(w, CAUSE_LOAD_PAGE, 0, -1, 0);
        w->r.va = ~edge;
        expect(w, CAUSE_LOAD_PAGE, 0, -1, 0);
        w->r.va = edge - 4 + (1ull << bits);
        expect(w, CAUSE_LOAD_PAGE, 0, -1, 0);
        w->r.va = -edge; /* the first of the high half */
        build(w, mode, 0, PTE(LEAF_PA, USER));
        expect(w, CAUSE_NONE, LEAF_PA, 0, top + 1);
    }
}

static void row_2_pte_without_memory(void **state) {
    static const uint8_t cause[ACCESS_COUNT] = {
        CAUSE_INSTRUCTION_ACCESS, CAUSE_LOAD_ACCESS,  CAUSE_STORE_ACCESS, CAUSE_STORE_ACCESS,
        CAUSE_LOAD_ACCESS,        CAUSE_STORE_ACCESS, CAUSE_STORE_ACCESS, CAUSE_STORE_ACCESS};
    struct world *w = *state;
    for (unsigned access = 0; access < ACCESS_COUNT; access++) {
        w->r.access = (uint8_t)access;
        build(w, MODE_SV39, 1, PTE(1ull << 40, PTE_V));
        expect(w, cause[access], 0, -1, 2);
        build(w, MODE_SV39, 1, PTE(FRAME(64 << 8), PTE_V)); /* the first byte behind memory */
        expect(w, cause[access], 0, -1, 2);
        w->r.satp = (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | 1; /* a root outside memory */
        expect(w, cause[access], 0, -1, 0);
        build(w, MODE_SV39, 0, PTE(LEAF_PA, USER));
        w->r.pa_bits = 31; /* the tables themselves are too wide */
        expect(w, cause[access], 0, -1, 0);
        w->r.pa_bits = 56;
    }
}

static void row_3_invalid_and_reserved(void **state) {
    struct world *w = *state;
    for (unsigned level = 0; level < 4; level++) {
        pte_t leaf = PTE(level == 3 ? 0 : LEAF_PA, USER), pointer = PTE(FRAME(0), PTE_V);
        build(w, MODE_SV48, level, leaf & ~PTE_V);
        expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
        build(w, MODE_SV48, level, leaf & ~(PTE_R | PTE_X));
        expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
        build(w, MODE_SV48, level, leaf & ~PTE_R); /* xwr 110 */
        expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
        for (unsigned bit = 54; bit < 64; bit++) {
            build(w, MODE_SV48, level, leaf | 1ull << bit);
            expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
            build(w, MODE_SV48, level, pointer | 1ull << bit);
            expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
        }
    }
}

static void rows_4_and_5_pointers(void **state) {
    static const pte_t reserved[] = {PTE_D, PTE_A, PTE_U};
    struct world *w = *state;
    for (unsigned level = 1; level < 4; level++)
        for (unsigned n = 0; n < 3; n++) {
            build(w, MODE_SV48, level,
                  PTE(1ull << 40, PTE_V | reserved[n])); /* before row 2 of the next */
            expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
        }
    build(w, MODE_SV39, 0, PTE(LEAF_PA, USER | PTE_RSW | PTE_G));
    mem_write64(w->mem, word_of(w, 1), PTE(FRAME(0), PTE_V | PTE_RSW | PTE_G));
    expect(w, CAUSE_NONE, LEAF_PA + 0xabc, 0, 3);
    expect_leaf(w, PTE(FRAME(0), PTE_V), CAUSE_LOAD_PAGE);
}

/* ---- Rows 6 to 10 ---------------------------------------------------------------------------- */
static void rows_6_and_14_superpages(void **state) {
    struct world *w = *state;
    for (unsigned level = 1; level < 4; level++) {
        unsigned shift = 12 + 9 * level;
        pte_t leaf = PTE(5ull << shift, USER);
        build(w, MODE_SV48, level, leaf);
        expect(w, CAUSE_NONE, 5ull << shift | (VA & ((1ull << shift) - 1)), (int)level, 4 - level);
        for (unsigned bit = 12; bit < shift; bit++) {
            build(w, MODE_SV48, level, leaf | PTE(1ull << bit, 0));
            expect(w, CAUSE_LOAD_PAGE, 0, -1, 4 - level);
        }
    }
    build(w, MODE_SV48, 0, PTE((1ull << 56) - PAGE_BYTES, USER)); /* the widest PPN */
    expect(w, CAUSE_NONE, (1ull << 56) - PAGE_BYTES + 0xabc, 0, 4);
}

static void row_8_user_bit(void **state) {
    struct world *w = *state;
    pte_t user = PTE(LEAF_PA, USER), supervisor = user & ~PTE_U;
    expect_leaf(w, supervisor, CAUSE_LOAD_PAGE);
    w->r.sum = true; /* has no say in U */
    expect_leaf(w, supervisor, CAUSE_LOAD_PAGE);
    expect_leaf(w, user, CAUSE_NONE);
    w->r.priv = PRIV_S;
    expect_leaf(w, supervisor, CAUSE_NONE);
    expect_leaf(w, user, CAUSE_NONE);
    w->r.access = ACCESS_FETCH; /* never by SUM */
    expect_leaf(w, user, CAUSE_INSTRUCTION_PAGE);
    expect_leaf(w, supervisor, CAUSE_NONE);
    w->r.sum = false;
    w->r.access = ACCESS_STORE;
    expect_leaf(w, user, CAUSE_STORE_PAGE);
}

static void row_10_permissions(void **state) {
    /* the accesses that xwr = 1, 3, 4, 5, 7 allow, as bits by enum access; then with MXR */
    static const struct {
        unsigned xwr, plain, mxr;
    } row[] = {{1, 0x52, 0x52}, {3, 0xfe, 0xfe}, {4, 0x01, 0x53}, {5, 0x53, 0x53}, {7, 0xff, 0xff}};
    static const uint8_t cause[ACCESS_COUNT] = {
        CAUSE_INSTRUCTION_PAGE, CAUSE_LOAD_PAGE,  CAUSE_STORE_PAGE, CAUSE_STORE_PAGE,
        CAUSE_LOAD_PAGE,        CAUSE_STORE_PAGE, CAUSE_STORE_PAGE, CAUSE_STORE_PAGE};
    struct world *w = *state;
    for (unsigned n = 0; n < 5; n++)
        for (unsigned access = 0; access < ACCESS_COUNT; access++)
            for (unsigned mxr = 0; mxr < 2; mxr++) {
                unsigned allowed = mxr ? row[n].mxr : row[n].plain;
                w->r.access = (uint8_t)access;
                w->r.mxr = mxr;
                expect_leaf(w, PTE(LEAF_PA, (USER & ~RWX) | row[n].xwr << 1),
                            allowed >> access & 1 ? CAUSE_NONE : cause[access]);
            }
}

/* ---- Rows 11 to 15 --------------------------------------------------------------------------- */
static void rows_11_and_13_accessed_and_dirty(void **state) {
    struct world *w = *state;
    for (unsigned access = 0; access < ACCESS_COUNT; access++)
        for (unsigned ad = 0; ad < 4; ad++) {
            bool store = access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
                         access == ACCESS_CBOZ;
            pte_t pte = PTE(LEAF_PA, (USER & ~(PTE_A | PTE_D)) | ad << 6);
            pte_t want = pte | PTE_A | (store ? PTE_D : 0);
            w->r.access = (uint8_t)access;
            build(w, MODE_SV39, 0, pte);
            w->r.adue = false;
            spec_walk(w->mem, &w->r, &w->a);
            assert_int_equal(w->a.cause != 0, pte != want);
            assert_false(w->a.writes);
            w->r.adue = true;
            expect(w, CAUSE_NONE, LEAF_PA + 0xabc, 0, 3);
            assert_int_equal(w->a.writes, pte != want);
            if (w->a.writes) {
                assert_int_equal(w->a.write_pa, word_of(w, 0));
                assert_int_equal(w->a.write_old, pte);
                assert_int_equal(w->a.write_new, want);
            }
            assert_int_equal(mem_read64(w->mem, word_of(w, 0)), pte);
        }
    w->r.access = ACCESS_STORE; /* no update without permission */
    build(w, MODE_SV39, 0, PTE(LEAF_PA, PTE_V | PTE_R | PTE_U));
    expect(w, CAUSE_STORE_PAGE, 0, -1, 3);
    assert_false(w->a.writes);
}

static void row_15_address_too_wide(void **state) {
    struct world *w = *state;
    w->r.pa_bits = 32;
    w->r.adue = true;
    build(w, MODE_SV39, 0, PTE(1ull << 32, USER & ~PTE_A));
    expect(w, CAUSE_LOAD_ACCESS, 0, -1, 3);
    assert_true(w->a.writes); /* A already set stays set */
    build(w, MODE_SV39, 0, PTE((1ull << 32) - PAGE_BYTES, USER));
    expect(w, CAUSE_NONE, (1ull << 32) - PAGE_BYTES + 0xabc, 0, 3);
}

/* ---- Against the second transcription -------------------------------------------------------- */
static void compare(struct world *w) {
    struct spec_hart h = spec_hart_over(w->mem);
    spec_walk(w->mem, &w->r, &w->a);
    struct second two = second_walk(&h, &w->r);
    const char *what = second_differs(&two, &w->a);
    if (what)
        fail_msg("%s of %llx satp %llx: %s differs: %s %llx %d, second transcription %s %llx %d",
                 access_word(w->r.access), (unsigned long long)w->r.va,
                 (unsigned long long)w->r.satp, what, cause_word(w->a.cause),
                 (unsigned long long)w->a.pa, w->a.writes, cause_word(two.cause),
                 (unsigned long long)two.pa, two.writes);
}

static void every_low_bit(void **state) {
    struct world *w = *state;
    for (unsigned level = 0; level < 4; level++)
        for (unsigned low = 0; low < 1024; low++) {
            build(w, MODE_SV48, level, PTE(level == 3 ? 0 : LEAF_PA, low));
            for (unsigned n = 0; n < 128; n++) {
                w->r.access = n & 7;
                w->r.priv = n >> 3 & 1;
                w->r.sum = n >> 4 & 1;
                w->r.mxr = n >> 5 & 1;
                w->r.adue = n >> 6 & 1;
                compare(w);
            }
        }
}

static pte_t random_pte(uint64_t x) {
    pte_t p = (x & 0xff) | 1; /* mostly valid, tables among the frames, a few with one odd bit */
    if (x >> 8 & 1) p = PTE_V;
    if (x >> 9 & 1) p |= PTE_A | PTE_D | PTE_U | PTE_R;
    paddr_t to = x >> 10 & 3   ? FRAME(x >> 12 & 3)
                 : x >> 14 & 1 ? (x >> 20 & 0xff) << 30
                               : (x >> 20) << 12 & ((1ull << 56) - 1);
    p |= PTE(to, 0);
    return (x >> 15 & 15) ? p : p ^ 1ull << (x >> 58);
}

static void random_tables(void **state) {
    struct world *w = *state;
    unsigned seen[16] = {0};
    for (uint64_t n = 0; n < 200000; n++) {
        uint64_t x = token_mix(n), y = token_mix(~n);
        for (unsigned i = 0; n % 16 == 0 && i < 16; i++) /* two words in each of four frames */
            mem_write64(w->mem, FRAME(i & 3) + (i >> 2 & 1) * 511 * 8,
                        random_pte(token_mix(x + i)));
        w->r = (struct spec_request){.access = y & 7,
                                     .priv = (y >> 3 & 15) ? y >> 3 & 1 : PRIV_M,
                                     .sum = y >> 7 & 1,
                                     .mxr = y >> 8 & 1,
                                     .adue = y >> 9 & 1,
                                     .bytes = 4,
                                     .pa_bits = y >> 10 & 3 ? 56 : 36};
        w->r.satp = (y >> 16 & 15 ? 8 + (y >> 12 & 1) : 0ull) << 60 | (FRAME(y >> 20 & 3) >> 12);
        w->r.va = 0;
        for (unsigned i = 0; i < 4; i++) /* indices 0 or 511 at each level, usually canonical */
            w->r.va |= (y >> (24 + i) & 1 ? 511ull : 0) << (12 + 9 * i);
        w->r.va |= y >> 52;
        if (y >> 30 & 15)
            w->r.va = (uint64_t)((int64_t)(w->r.va << (w->r.satp >> 60 == 8 ? 25 : 16)) >>
                                 (w->r.satp >> 60 == 8 ? 25 : 16));
        compare(w);
        seen[w->a.cause]++;
    }
    for (unsigned cause = 0; cause < 16; cause++)
        if ((0xb0a3u >> cause & 1) && seen[cause] < 200)
            fail_msg("%s decided only %u cases", cause_word(cause), seen[cause]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(row_0_bare_and_machine),
        CASE(row_1_canonical),
        CASE(row_2_pte_without_memory),
        CASE(row_3_invalid_and_reserved),
        CASE(rows_4_and_5_pointers),
        CASE(rows_6_and_14_superpages),
        CASE(row_8_user_bit),
        CASE(row_10_permissions),
        CASE(rows_11_and_13_accessed_and_dirty),
        CASE(row_15_address_too_wide),
        CASE(every_low_bit),
        CASE(random_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
