/* SPDX-License-Identifier: Apache-2.0
 *
 * What opinion 2 lets an implementation answer from cached translations: for each form of
 * sfence.vma what it makes unlawful and what not, and exactly when; satp, and the A and D bits; and
 * that pruning changes no judgement.
 *
 * One small world: ASID 1 and 2 have Sv39 roots of their own, VA is mapped through three tables
 * each. `set` changes a word one cycle later than all before it; `fence` begins and ends in cycles
 * of their own.
 */
#include "enums.h"
#include "spec.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define FRAME(n)       (MEM_BASE + (paddr_t)(n)*PAGE_BYTES)
#define PTE(pa, flags) ((pa) >> PAGE_SHIFT << PTE_PPN_SHIFT | (flags))
#define VA             0x1256789000ull
#define SATP(asid, root)                                                                           \
    (8ull << SATP_MODE_SHIFT | (uint64_t)(asid) << SATP_ASID_SHIFT | (FRAME(root) >> PAGE_SHIFT))
#define USER (PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D)
#define OLD  0xc0000000ull
#define NEW  0x140000000ull
#define LEVEL(i)                                                                                   \
    (FRAME(i) +                                                                                    \
     (VA >> (12 + 9 * (i)) & 511) * PTE_BYTES) /* of ASID 1; its tables are frames 0 to 2 */

enum { X0, ASID1, ASID2 }; /* rs2 of a fence */

struct world {
    struct mem *mem;
    struct spec *spec;
    struct spec_request r;
    uint64_t now;
    char why[200];
};

static void watch(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct world *w = who;
    spec_pte_write(w->spec, w->now, pa, old, now);
}

static void set(struct world *w, paddr_t pa, pte_t pte) {
    w->now++;
    mem_write64(w->mem, pa, pte);
}

static int setup(void **state) {
    struct world *w = test_calloc(1, sizeof *w);
    w->mem = mem_new(64ull << 20);
    w->spec = spec_new(w->mem);
    for (unsigned n = 0; n < 16; n++) mem_mark_table(w->mem, FRAME(n) >> PAGE_SHIFT);
    for (unsigned i = 2; i > 0; i--) mem_write64(w->mem, LEVEL(i), PTE(FRAME(i - 1), PTE_V));
    mem_write64(w->mem, LEVEL(0), PTE(OLD, USER));
    mem_set_watch(w->mem, watch, w);
    spec_satp_write(w->spec, 0, SATP(1, 2));
    w->r = (struct spec_request){.access = ACCESS_LOAD,
                                 .priv = PRIV_U,
                                 .satp = SATP(1, 2),
                                 .va = VA,
                                 .bytes = 8,
                                 .pa_bits = 56};
    *state = w;
    return 0;
}

static int teardown(void **state) {
    struct world *w = *state;
    spec_delete(w->spec);
    mem_delete(w->mem);
    test_free(w);
    return 0;
}

static void fence(struct world *w, vaddr_t va, unsigned asid) {
    spec_fence_begin(w->spec, ++w->now, va != 0, asid != X0, va, asid == X0 ? 0 : (uint16_t)asid);
    spec_fence_end(w->spec, ++w->now);
}

static bool lawful_at(struct world *w, uint64_t accepted, unsigned cause, paddr_t pa) {
    return spec_judge(w->spec, accepted, ++w->now, &w->r, (uint8_t)cause, pa, w->why,
                      sizeof w->why);
}

static bool lawful(struct world *w, paddr_t pa) {
    return lawful_at(w, w->now, CAUSE_NONE, pa);
}
static bool lawful_fault(struct world *w, unsigned cause) {
    return lawful_at(w, w->now, cause, 0);
}

/* ---- The forms of sfence.vma ----------------------------------------------------------------- */
static void leaf_stale_until_a_fence_covers(void **state) {
    static const struct {
        vaddr_t va;
        unsigned asid;
        bool covers;
    } row[] = {{0, X0, true},
               {0, ASID1, true},
               {VA, X0, true},
               {VA + 0xfff, X0, true},
               {VA, ASID1, true},
               {0, ASID2, false},
               {VA, ASID2, false},
               {VA + PAGE_BYTES, X0, false},
               {VA + PAGE_BYTES, ASID1, false},
               {VA | 1ull << 63, X0, false}}; /* not a valid address: no effect */
    struct world *w = *state;
    for (unsigned n = 0; n < sizeof row / sizeof row[0]; n++) {
        set(w, LEVEL(0), PTE(OLD, USER));
        fence(w, 0, X0);
        set(w, LEVEL(0), PTE(NEW, USER));
        assert_true(lawful(w, NEW));
        assert_true(lawful(w, OLD));
        assert_false(lawful(w, OLD + PAGE_BYTES));
        assert_false(lawful_fault(w, CAUSE_LOAD_PAGE));
        fence(w, row[n].va, row[n].asid);
        assert_true(lawful(w, NEW));
        assert_int_equal(lawful(w, OLD), !row[n].covers);
    }
}

static void superpage_fenced_by_any_address_in_it(void **state) {
    struct world *w = *state;
    for (unsigned n = 0; n < 3; n++) {
        vaddr_t va = n == 0 ? VA - (VA & 0x1fffff) : n == 1 ? VA | 0x1fffff : VA ^ 0x200000;
        set(w, LEVEL(1), PTE(OLD, USER));
        fence(w, 0, X0);
        set(w, LEVEL(1), PTE(NEW, USER));
        assert_true(lawful(w, OLD + VA % 0x200000));
        fence(w, va, ASID1);
        assert_int_equal(lawful(w, OLD + VA % 0x200000), n == 2);
    }
}

static void pointers_need_rs1_x0(void **state) {
    struct world *w = *state;
    mem_write64(w->mem, FRAME(3) + LEVEL(0) % PAGE_BYTES, PTE(NEW, USER));
    for (unsigned n = 0; n < 4; n++) {
        set(w, LEVEL(1), PTE(FRAME(0), PTE_V));
        fence(w, 0, X0);
        set(w, LEVEL(1), PTE(FRAME(3), PTE_V));
        fence(w, VA, X0);
        fence(w, VA, ASID1);
        assert_true(lawful(w, OLD));
        assert_true(lawful(w, NEW));
        fence(w, 0, n % 3);
        assert_int_equal(lawful(w, OLD), n % 3 == ASID2);
    }
}

/* G in the leaf, or in a pointer above it, takes the mapping out of the reach of rs2. */
static void global_mappings_need_rs2_x0(void **state) {
    struct world *w = *state;
    for (unsigned n = 0; n < 6; n++) {
        pte_t leaf = n < 3 ? PTE_G : 0;
        set(w, LEVEL(1), PTE(FRAME(0), PTE_V) | (n < 3 ? 0 : PTE_G));
        set(w, LEVEL(0), PTE(OLD, USER) | leaf);
        fence(w, 0, X0);
        set(w, LEVEL(0), PTE(NEW, USER) | leaf);
        fence(w, VA, ASID1);
        fence(w, 0, ASID1);
        assert_true(lawful(w, OLD));
        fence(w, n % 3 == 0 ? 0 : VA, n % 3 == 2 ? ASID1 : X0);
        assert_int_equal(lawful(w, OLD), n % 3 == 2);
    }
}

/* An old pointer above a global leaf is part of a global mapping; above another leaf it is not. */
static void pointer_above_a_global_leaf(void **state) {
    struct world *w = *state;
    for (unsigned n = 0; n < 2; n++) {
        set(w, LEVEL(1), PTE(FRAME(0), PTE_V));
        set(w, LEVEL(0), PTE(OLD, USER) | (n ? PTE_G : 0));
        fence(w, 0, X0);
        set(w, LEVEL(1), PTE(FRAME(3), PTE_V));
        assert_true(lawful(w, OLD));
        fence(w, 0, ASID1);
        assert_int_equal(lawful(w, OLD), n);
    }
}

static void invalid_may_be_kept_as_a_leaf(void **state) {
    struct world *w = *state;
    set(w, LEVEL(1), 0);
    fence(w, 0, X0);
    assert_true(lawful_fault(w, CAUSE_LOAD_PAGE));
    assert_false(lawful(w, OLD));
    set(w, LEVEL(1), PTE(FRAME(0), PTE_V));
    assert_true(lawful_fault(w, CAUSE_LOAD_PAGE));
    assert_true(lawful(w, OLD));
    fence(w, VA, X0);
    assert_false(lawful_fault(w, CAUSE_LOAD_PAGE));
}

/* ---- When ------------------------------------------------------------------------------------ */
static void a_fence_acts_from_its_end(void **state) {
    struct world *w = *state;
    set(w, LEVEL(0), PTE(NEW, USER)); /* 1 */
    spec_fence_begin(w->spec, 1, false, false, 0, 0);
    w->now = 10;
    set(w, LEVEL(0), PTE(NEW + PAGE_BYTES, USER)); /* 11: during the fence, so not covered */
    spec_fence_end(w->spec, 20);
    w->now = 30;
    assert_true(lawful_at(w, 19, CAUSE_NONE, OLD));
    assert_false(lawful_at(w, 20, CAUSE_NONE, OLD));
    assert_true(lawful_at(w, 20, CAUSE_NONE, NEW));
    set(w, LEVEL(0), PTE(NEW + 2 * PAGE_BYTES, USER)); /* after acceptance, before the answer */
    assert_true(lawful_at(w, 20, CAUSE_NONE, NEW + 2 * PAGE_BYTES));
    spec_fence_begin(w->spec, w->now, false, false, 0, 0); /* two under way end in order */
    spec_fence_begin(w->spec, w->now + 1, true, false, VA, 0);
    w->now += 10;
    spec_fence_end(w->spec, w->now);
    assert_false(lawful(w, NEW));
    set(w, LEVEL(0), PTE(OLD, USER));
    spec_fence_end(w->spec, w->now);
    assert_true(lawful(w, NEW + 2 * PAGE_BYTES));
}

static void one_choice_serves_the_whole_walk(void **state) {
    struct world *w = *state;
    set(w, LEVEL(1), PTE(FRAME(3), PTE_V)); /* an empty table: invalid, or the old leaf */
    set(w, LEVEL(2), 0);
    assert_true(lawful(w, OLD));
    assert_true(lawful_fault(w, CAUSE_LOAD_PAGE));
    fence(w, VA + (1 << 30), X0);
    assert_true(lawful(w, OLD));
    fence(w, 0, ASID1);
    assert_false(lawful(w, OLD));
    assert_string_equal(w->why,
                        "load of 0x1256789000 in U: answer pa 0xc0000000; lawful: load_page");
}

/* ---- satp ------------------------------------------------------------------------------------ */
static void use_satp(struct world *w, uint64_t satp) {
    spec_satp_write(w->spec, ++w->now, satp);
    w->r.satp = satp;
}

static void satp_of_the_same_asid(void **state) {
    struct world *w = *state;
    use_satp(w, SATP(1, 5)); /* an empty root */
    assert_true(lawful_fault(w, CAUSE_LOAD_PAGE));
    assert_true(lawful(w, OLD));
    fence(w, VA, ASID1);
    fence(w, 0, ASID2);
    assert_true(lawful(w, OLD));
    fence(w, 0, ASID1);
    assert_false(lawful(w, OLD));
    use_satp(w, SATP(2, 2)); /* the same tables for another ASID, which sees nothing of ASID 1 */
    set(w, LEVEL(0), PTE(NEW, USER));
    use_satp(w, SATP(3, 5));
    assert_false(lawful(w, NEW));
    use_satp(w, 0); /* Bare, and back, at once */
    assert_true(lawful(w, VA));
    assert_false(lawful(w, NEW));
    use_satp(w, SATP(2, 5));
    assert_false(lawful(w, VA));
    assert_true(lawful(w, OLD)); /* written before Bare, and no fence since */
    use_satp(w, SATP(2, 2) + (1ull << SATP_MODE_SHIFT)); /* MODE: Sv48 or still Sv39 */
    assert_true(lawful(w, NEW));
}

static void global_mapping_of_another_asid(void **state) {
    struct world *w = *state;
    set(w, LEVEL(0), PTE(OLD, USER) | PTE_G);
    use_satp(w, SATP(2, 5));
    assert_true(lawful(w, OLD));
    fence(w, 0, ASID1);
    fence(w, 0, ASID2);
    assert_true(lawful(w, OLD));
    fence(w, 0, X0);
    assert_false(lawful(w, OLD));
}

/* ---- A and D --------------------------------------------------------------------------------- */
static bool update(struct world *w, const struct spec_request *r, unsigned count, int oldest,
                   pte_t now) {
    uint64_t accepted[4] = {w->now, w->now, w->now, w->now};
    pte_t old = mem_read64(w->mem, LEVEL(0));
    return spec_judge_ad(w->spec, ++w->now, LEVEL(0), old, now, r, accepted, count, oldest, w->why,
                         sizeof w->why);
}

static void cached_leaf_without_d_takes_no_store(void **state) {
    struct world *w = *state;
    w->r.adue = true;
    spec_adue_write(w->spec, 0, true);
    w->r.access = ACCESS_STORE;
    set(w, LEVEL(0), PTE(OLD, USER & ~PTE_D));
    fence(w, 0, X0);
    assert_false(lawful(w, OLD));
    assert_true(update(w, &w->r, 1, 0, PTE(OLD, USER)));
    set(w, LEVEL(0), PTE(OLD, USER));
    assert_true(lawful(w, OLD));
    set(w, LEVEL(0), PTE(OLD, USER & ~PTE_D)); /* cleaned: the entry with D is still lawful */
    assert_true(lawful(w, OLD));
    fence(w, VA, ASID1);
    assert_false(lawful(w, OLD));
}

static void who_may_set_a_and_d(void **state) {
    struct world *w = *state;
    pte_t clean = PTE(OLD, USER & ~(PTE_A | PTE_D));
    struct spec_request r[2] = {w->r, w->r}; /* a load, then a store */
    r[0].adue = r[1].adue = true;
    r[1].access = ACCESS_STORE;
    set(w, LEVEL(0), clean);
    assert_true(update(w, r, 2, 0, clean | PTE_A)); /* A for either, whoever is oldest */
    assert_true(update(w, r + 1, 1, -1, clean | PTE_A));
    assert_false(
        update(w, r, 2, 0, clean | PTE_A | PTE_D)); /* D for the store only as the oldest */
    assert_false(update(w, r, 2, -1, clean | PTE_A | PTE_D));
    assert_true(update(w, r, 2, 1, clean | PTE_A | PTE_D));
    assert_false(update(w, r, 1, 0, clean | PTE_A | PTE_D)); /* never for a load */
    assert_false(update(w, r, 2, 1, clean | PTE_D));         /* D comes with A */
    assert_false(update(w, r, 2, 1, clean));                 /* nothing */
    assert_false(update(w, r, 2, 1, clean | PTE_A | PTE_G)); /* or too much */
    assert_false(update(w, r, 0, -1, clean | PTE_A));        /* nobody asked */
    r[1].adue = r[0].adue = false;
    assert_false(update(w, r, 2, 1, clean | PTE_A)); /* Svade */
    r[1].adue = true;
    set(w, LEVEL(0), clean & ~PTE_W);
    assert_false(update(w, r + 1, 1, 0, (clean & ~PTE_W) | PTE_A)); /* no permission */
    r[1].va += PAGE_BYTES;
    set(w, LEVEL(0), clean);
    assert_false(update(w, r + 1, 1, 0, clean | PTE_A | PTE_D)); /* another page's access */
    assert_false(spec_judge_ad(w->spec, w->now, LEVEL(0), clean | PTE_R, clean | PTE_A, r, &w->now,
                               1, 0, w->why, 200));
}

static void update_through_a_kept_pointer(void **state) {
    struct world *w = *state;
    pte_t clean = PTE(OLD, USER & ~PTE_A);
    w->r.adue = true;
    set(w, LEVEL(0), clean);
    set(w, LEVEL(1), PTE(FRAME(3), PTE_V));
    assert_true(update(w, &w->r, 1, 0, clean | PTE_A));
    fence(w, 0, ASID1);
    assert_false(update(w, &w->r, 1, 0, clean | PTE_A));
}

/* ---- Pruning --------------------------------------------------------------------------------- */

/* Long runs of changes with fences of one kind: what they cover is forgotten and what they spare is
 * not. */
static void pruning_changes_no_judgement(void **state) {
    struct world *w = *state;
    mem_write64(w->mem, FRAME(3) + LEVEL(0) % PAGE_BYTES, PTE(NEW, USER));
    set(w, LEVEL(1), PTE(FRAME(3), PTE_V)); /* the old pointer is spared by all that follows */
    for (uint64_t n = 0; n < 400000; n++) {
        uint64_t x = token_mix(n);
        unsigned word = x & 511;
        w->now += SPEC_LIFETIME / 4096;
        set(w, FRAME(0) + word * PTE_BYTES, PTE(OLD + (x >> 20 << 12), USER));
        fence(w, (VA & ~0x1fffffull) + word * PAGE_BYTES, x >> 9 & 1 ? X0 : ASID1);
    }
    set(w, LEVEL(0), PTE(OLD + PAGE_BYTES, USER));
    fence(w, VA, ASID1);
    set(w, LEVEL(0), PTE(OLD + 2 * PAGE_BYTES, USER));
    assert_true(lawful(w, NEW));
    assert_true(lawful(w, OLD + 2 * PAGE_BYTES));
    assert_true(lawful(w, OLD + PAGE_BYTES));
    assert_false(lawful(w, OLD));
    fence(w, 0, ASID1);
    assert_false(lawful(w, OLD + 2 * PAGE_BYTES));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(leaf_stale_until_a_fence_covers),
        CASE(superpage_fenced_by_any_address_in_it),
        CASE(pointers_need_rs1_x0),
        CASE(global_mappings_need_rs2_x0),
        CASE(pointer_above_a_global_leaf),
        CASE(invalid_may_be_kept_as_a_leaf),
        CASE(a_fence_acts_from_its_end),
        CASE(one_choice_serves_the_whole_walk),
        CASE(satp_of_the_same_asid),
        CASE(global_mapping_of_another_asid),
        CASE(cached_leaf_without_d_takes_no_store),
        CASE(who_may_set_a_and_d),
        CASE(update_through_a_kept_pointer),
        CASE(pruning_changes_no_judgement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
