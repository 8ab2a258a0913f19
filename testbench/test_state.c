/* SPDX-License-Identifier: Apache-2.0
 *
 * The digests of state that lock-step compares (pins ev_*_state_o): of each unit they move with
 * every single bit of what they are about, valid bits, replacement state, context numbers, streams,
 * and stand still when what is not valid changes. That the RTL's are the same is for lock-step to
 * say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "enums.h"
#include "mmu_state.h"

/* A unit whose state lies behind it, aligned. */
static void *unit_new(size_t unit, size_t state, void **at) {
    size_t begin = (unit + 7) & ~(size_t)7;
    char *memory = calloc(1, begin + state);
    assert_non_null(memory);
    *at = memory + begin;
    return memory;
}

typedef uint32_t fold_of(const void *unit);

/* Each of `bits` low bits of the `bytes` at `at` is turned over: the digest moves. */
static void every_bit_moves(const void *unit, fold_of *fold_unit, void *at, unsigned bits) {
    uint8_t *byte = at;
    uint32_t before = fold_unit(unit);
    for (unsigned i = 0; i < bits; i++) {
        byte[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_not_equal(fold_unit(unit), before);
        byte[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(fold_unit(unit), before);
}

static void every_flag_moves(const void *unit, fold_of *fold_unit, bool *flag) {
    uint32_t before = fold_unit(unit);
    *flag = !*flag;
    assert_int_not_equal(fold_unit(unit), before);
    *flag = !*flag;
}

/* ---- Replacement ------------------------------------------------------------------------- */

static uint32_t of_repl(const void *r) {
    return repl_fold(r);
}

enum { SETS = 4, WAYS = 8 };

struct replaced {
    struct repl_state r;
    uint64_t word[SETS];
    uint8_t rank[SETS][WAYS];
};

static void a_repl(struct replaced *x, uint8_t policy) {
    memset(x, 0, sizeof *x);
    repl_init(&x->r, (struct repl_kind){.policy = policy, .seed = 0x4321}, SETS, WAYS, x->word);
}

static void test_replacement(void **state) {
    (void)state;
    struct replaced plru, lru, fifo, random;
    a_repl(&plru, REPL_PLRU);
    a_repl(&lru, REPL_LRU);
    a_repl(&fifo, REPL_FIFO);
    a_repl(&random, REPL_RANDOM);
    for (unsigned s = 0; s < SETS; s++) {
        repl_touch(&plru.r, s, s);
        repl_touch(&lru.r, s, s + 1);
        every_bit_moves(&plru.r, of_repl, &plru.word[s], WAYS - 1);
        every_bit_moves(&fifo.r, of_repl, &fifo.word[s], 3);
        for (unsigned w = 0; w < WAYS; w++) every_bit_moves(&lru.r, of_repl, &lru.rank[s][w], 3);
    }
    every_bit_moves(&random.r, of_repl, &random.r.lfsr, 16);
}

/* ---- The arrays -------------------------------------------------------------------------- */

static uint32_t of_tlb(const void *t) {
    return tlb_fold(t);
}

static void test_tlb(void **state) {
    (void)state;
    void *at;
    struct tlb *t = unit_new(sizeof *t, tlb_bytes(SETS, WAYS), &at);
    tlb_init(t, SETS, WAYS, (struct repl_kind){.policy = REPL_PLRU}, at);
    for (vpn_t vpn = 0; vpn < 19; vpn++) tlb_fill(t, vpn, 1, PTE_V, 0, 0);
    struct tlb_entry *e = at;
    for (unsigned i = 0; i < SETS * WAYS; i++) every_flag_moves(t, of_tlb, &e[i].valid);
    free(t);
}

static uint32_t of_l2(const void *l) {
    return l2_fold(l);
}

static void test_l2(void **state) {
    (void)state;
    const struct l2_shape shape = {
        .sets = 8, .ways = 4, .large = 4, .large_sizes = 126, .repl = {.policy = REPL_LRU}};
    void *at;
    struct l2 *l = unit_new(sizeof *l, l2_bytes(&shape), &at);
    l2_init(l, &shape, false, at);
    for (vpn_t vpn = 0; vpn < 19; vpn++) l2_fill(l, vpn, 1, PTE_V, 0, 0);
    for (vpn_t vpn = 0; vpn < 3; vpn++) l2_fill(l, vpn << 9, 1, PTE_V, 1, 9);
    uint64_t *valid = (uint64_t *)((struct l2_entry *)at + (size_t)shape.sets * shape.ways);
    for (unsigned s = 0; s < shape.sets; s++) every_bit_moves(l, of_l2, &valid[s], shape.ways);
    struct tlb_entry *large = (struct tlb_entry *)((uintptr_t)&l->large + l->large.entries);
    for (unsigned w = 0; w < shape.large; w++) every_flag_moves(l, of_l2, &large[w].valid);
    free(l);
}

static uint32_t of_pwc(const void *p) {
    return pwc_fold(p);
}

static uint32_t of_lines(const void *l) {
    return lines_fold(l);
}

static void test_walk_caches_and_lines(void **state) {
    (void)state;
    const uint64_t data[8] = {0};
    void *tables, *lines;
    struct pwc *p = unit_new(sizeof *p, pwc_bytes(WAYS), &tables);
    struct lines *l = unit_new(sizeof *l, lines_bytes(WAYS), &lines);
    pwc_init(p, WAYS, 9, (struct repl_kind){.policy = REPL_LRU}, tables);
    lines_init(l, WAYS, 0, false, lines);
    for (vpn_t vpn = 0; vpn < 3; vpn++) {
        pwc_fill(p, vpn << 9, 1, 7, false);
        lines_fill(l, vpn << 3, 1, data, false, (struct pte_rules){.rv32 = false});
    }
    for (unsigned w = 0; w < WAYS; w++) {
        every_flag_moves(p, of_pwc, &((struct pwc_entry *)tables)[w].valid);
        every_flag_moves(l, of_lines, &((struct line *)lines)[w].valid);
    }
    free(p);
    free(l);
}

/* ---- Context numbers and streams --------------------------------------------------------- */

static uint32_t of_ctx(const void *c) {
    return ctx_fold(c);
}

static void test_context_numbers(void **state) {
    (void)state;
    struct ctx c;
    ctx_init(&c, 4, 6);
    ctx_switch(&c, 0x8005);
    ctx_switch(&c, 0x0006);
    for (unsigned i = 0; i < 4; i++) {
        every_flag_moves(&c, of_ctx, &c.valid[i]);
        uint32_t before = ctx_fold(&c);
        c.asid[i] ^= 0x100;
        assert_int_equal(ctx_fold(&c) != before, c.valid[i]);
        c.asid[i] ^= 0x100;
        if (c.valid[i]) every_bit_moves(&c, of_ctx, &c.number[i], 6);
    }
    every_bit_moves(&c, of_ctx, &c.next, 7);
    every_bit_moves(&c, of_ctx, &c.current, 6);
    every_bit_moves(&c, of_ctx, &c.fifo, 2);
}

static uint32_t of_prefetch(const void *p) {
    return prefetch_fold(p);
}

static void test_streams(void **state) {
    (void)state;
    struct prefetch p;
    bool used;
    prefetch_init(&p, 3);
    for (vpn_t vpn = 0; vpn < 4; vpn++) {
        prefetch_see(&p, false, vpn / 2 + 1000 * (vpn & 1), 0);
        prefetch_look(&p, 2, false, true, &used);
    }
    every_bit_moves(&p, of_prefetch, &p.score, 4);
    every_bit_moves(&p, of_prefetch, &p.turn, 2);
    for (unsigned w = 0; w < 3; w++) {
        struct stream *s = &p.stream[w];
        uint32_t before = prefetch_fold(&p);
        s->page ^= 1;
        assert_int_equal(prefetch_fold(&p) != before, s->valid);
        s->page ^= 1;
        every_flag_moves(&p, of_prefetch, &s->valid);
        if (!s->valid) continue;
        every_bit_moves(&p, of_prefetch, &s->page, VPN_BITS);
        every_flag_moves(&p, of_prefetch, &s->fetch);
        every_flag_moves(&p, of_prefetch, &s->predicted);
        every_flag_moves(&p, of_prefetch, &s->ahead);
    }
}

/* ---- The pins ---------------------------------------------------------------------------- */

/* Driven only if somebody watches, and still so after a reset. */
static void test_pins(void **state) {
    (void)state;
    struct config c;
    struct mmu_in in = {0};
    struct mmu_out out;
    config_defaults(&c);
    struct mmu *m = calloc(1, mmu_size(&c));
    assert_non_null(m);
    mmu_init(m, &c);
    mmu_step(m, &in, &out);
    assert_int_equal(out.ev_ctx_state_o, 0);
    mmu_watch(m, true);
    in.rst_i = 1;
    mmu_step(m, &in, &out);
    in.rst_i = 0;
    mmu_step(m, &in, &out);
    assert_int_not_equal(out.ev_ctx_state_o, 0);
    free(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_tlb),
        cmocka_unit_test(test_l2),
        cmocka_unit_test(test_walk_caches_and_lines),
        cmocka_unit_test(test_context_numbers),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_pins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
