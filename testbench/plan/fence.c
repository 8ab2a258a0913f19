/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be kept of a translation, and for how long: the address-translation cache, Svvptc,
 * sfence.vma and Svinval. That something is gone shows by the walk, that it is kept by the hit;
 * what is kept need not be, by the specification, but this MMU promises it.
 */
#include "machine.h"

#define GOOD (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
static const vaddr_t VA = 0x15b238;
enum { PA = 0x1234238, OTHER = 0x4321238, ASID = 1 };

static pte_t page(paddr_t pa, pte_t flags) {
    return flags | pa >> 12 << PTE_PPN_SHIFT;
}

static uint8_t mode_of(const struct machine *m) {
    return m->rv32 ? MODE_SV32 : MODE_SV39;
}

static unsigned levels(const struct machine *m) {
    return levels_of(mode_of(m));
}

static struct answer load(struct machine *m, vaddr_t va) {
    return do_access(m, ACCESS_LOAD, PRIV_S, 0, va);
}

/* Space 0 maps VA to PA under ASID 1, space 1 to OTHER; everything is dropped, then VA is cached.
 */
static void cached(struct machine *m, pte_t flags) {
    map(m, 1, mode_of(m), VA, 0, page(OTHER, GOOD));
    map(m, 0, mode_of(m), VA, 0, page(PA, flags));
    enter(m, mode_of(m), 0, ASID);
    fence_all(m);
    expect_pa(m, load(m, VA), PA, "the first walk");
}

/* ---- The cache ---------------------------------------------------------------------------------
 */
static void tlb_1(struct machine *m) {
    cached(m, GOOD);
    expect_hit(m, load(m, VA + 8), "L1");
    struct answer a = do_access(m, ACCESS_FETCH, PRIV_S, 0, VA);
    expect_hit(m, a, "L2");
    expect(m, a.source == SOURCE_L2, "source %u", a.source);
    expect_pa(m, a, PA, "L2");
}

static void tlb_2(struct machine *m) {
    cached(m, GOOD);
    enter(m, mode_of(m), 1, 2);
    expect_pa(m, load(m, VA), OTHER, "not the page of ASID 1");
    expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_S, 0, VA), OTHER, "nor from L2");
}

static void tlb_3(struct machine *m) {
    cached(m, GOOD | PTE_G);
    enter(m, mode_of(m), 1, 2);
    struct answer a = load(m, VA);
    expect_hit(m, a, "global, L1");
    expect_pa(m, a, PA, "global, L1");
    enter(m, mode_of(m), 1, 3);
    a = do_access(m, ACCESS_FETCH, PRIV_S, 0, VA);
    expect_hit(m, a, "global, L2");
    expect_pa(m, a, PA, "global, L2");
}

static void tlb_4(struct machine *m) {
    map(m, 0, mode_of(m), VA, 0, page(PA, GOOD | PTE_U));
    enter(m, mode_of(m), 0, ASID);
    fence_all(m);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, SUM, VA), PA, "with SUM");
    struct answer a = load(m, VA);
    expect_cause(m, a, 13, "without SUM");
    expect(m, a.reads == 0, "a walk");
    expect_hit(m, do_access(m, ACCESS_LOAD, PRIV_S, SUM, VA), "with SUM again");
    map(m, 0, mode_of(m), VA, 0, page(PA, PTE_V | PTE_X | PTE_A | PTE_D));
    fence_all(m);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, MXR, VA), PA, "with MXR");
    a = load(m, VA);
    expect_cause(m, a, 13, "without MXR");
    expect(m, a.reads == 0, "a walk");
    expect_hit(m, do_access(m, ACCESS_LOAD, PRIV_S, MXR, VA), "with MXR again");
}

static void tlb_5(struct machine *m) {
    cached(m, GOOD & ~(PTE_W | PTE_X));
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_U, 0, VA), 13, "U");
    expect_pa(m, load(m, VA), PA, "S");
    expect_cause(m, do_access(m, ACCESS_STORE, PRIV_S, 0, VA), 15, "no W");
    expect_pa(m, load(m, VA), PA, "S");
    struct answer a = do_access(m, ACCESS_FETCH, PRIV_S, 0, VA);
    expect_cause(m, a, 12, "no X, found in L2");
    expect(m, a.source == SOURCE_L2, "source %u", a.source);
}

static void tlb_6(struct machine *m) {
    static const pte_t bad[] = {0, GOOD & ~PTE_W, GOOD & ~PTE_A, GOOD | PTE_U};
    for (unsigned i = 0; i < 4; i++) {
        map(m, 0, mode_of(m), VA, 0, page(PA, bad[i]));
        enter(m, mode_of(m), 0, ASID);
        fence_all(m);
        for (unsigned k = 0; k < 2; k++) {
            struct answer a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA);
            expect_cause(m, a, 15, "refused");
            expect(m, a.reads > 0 && a.read[a.reads - 1] == pte_at(m, 0, 0, VA), "no walk");
        }
        poke(m, pte_at(m, 0, 0, VA), page(PA, GOOD)); /* no fence */
        expect_pa(m, do_access(m, ACCESS_STORE, PRIV_S, 0, VA), PA, "mended");
    }
}

static void tlb_7(struct machine *m) {
    uint8_t mode = m->rv32 ? MODE_SV32 : MODE_SV57;
    for (unsigned level = 1; level < levels_of(mode); level++) {
        paddr_t big = m->rv32 ? 0x40000000 : 7ull << 48;
        vaddr_t other = 1ull << (11 + level_bits(m) * level); /* the highest bit inside */
        map(m, 0, mode, VA, level, page(big, GOOD));
        enter(m, mode, 0, ASID);
        fence_all(m);
        vaddr_t inside = (other << 1) - 1;
        expect_pa(m, load(m, VA), big | (VA & inside), "a superpage");
        struct answer a = load(m, VA ^ other);
        expect_hit(m, a, "another page of it");
        expect_pa(m, a, big | ((VA ^ other) & inside), "another page of it");
        a = load(m, VA ^ other << 1); /* the one beside it is not mapped */
        expect(m, a.cause == 13 && a.reads > 0, "cause %u beside it", a.cause);
    }
}

static void tlb_8(struct machine *m) {
    for (uint8_t mode = MODE_SV39; mode <= MODE_SV57; mode++) {
        if (m->rv32) mode = MODE_SV32;
        map(m, 1, mode, VA, 0, page(OTHER, GOOD));
        for (unsigned level = 0; level + 1 < levels_of(mode); level++) {
            /* beside VA at that level, and of another leaf */
            vaddr_t beside = VA ^ 1ull << (12 + level_bits(m) * level) ^ (level ? PAGE_BYTES : 0);
            map(m, 0, mode, VA, 0, page(PA, GOOD));
            map(m, 0, mode, beside, 0, page(OTHER, GOOD));
            enter(m, mode, 0, ASID);
            fence_all(m);
            expect_walk(m, load(m, VA), levels_of(mode), "from the root");
            struct answer a = load(m, beside);
            expect_walk(m, a, level + 1, "from the lowest table they share");
            expect(m, a.cause == 0, "cause %u", a.cause);
        }
        expect_pa(m, load(m, VA), PA, "still there");
        enter(m, mode, 1, 2);
        struct answer a = load(m, VA);
        expect_walk(m, a, levels_of(mode), "another ASID has tables of its own");
        expect_pa(m, a, OTHER, "another ASID");
        if (m->rv32) return;
    }
}

/* ---- Svvptc ------------------------------------------------------------------------------------
 */
static void made_valid(struct machine *m, unsigned level) {
    map(m, 0, mode_of(m), VA, 0, page(PA, GOOD));
    enter(m, mode_of(m), 0, ASID);
    paddr_t at = pte_at(m, 0, level, VA);
    pte_t good = peek(m, at);
    poke(m, at, good & ~PTE_V);
    fence_all(m);
    for (unsigned i = 0; i < 2; i++) expect_cause(m, load(m, VA), 13, "V=0");
    poke(m, at, good); /* no fence */
    expect_pa(m, load(m, VA), PA, "V=1");
}

static void svv_1(struct machine *m) {
    made_valid(m, 0);
}

static void svv_2(struct machine *m) {
    for (unsigned level = 1; level < levels(m); level++) made_valid(m, level);
}

/* ---- sfence.vma, and sinval.vma, which does the same -------------------------------------------
 */
static void drop_all(struct machine *m, uint8_t op) {
    for (unsigned global = 0; global < 2; global++) {
        cached(m, global ? GOOD | PTE_G : GOOD);
        fence(m, op, false, false, 0, 0);
        expect_walk(m, load(m, VA), levels(m), "nothing is left");
    }
}

static void drop_asid(struct machine *m, uint8_t op) {
    cached(m, GOOD);
    fence(m, op, false, true, 0, ASID);
    expect_walk(m, load(m, VA), levels(m), "nothing is left of ASID 1");
}

static void drop_page(struct machine *m, uint8_t op) {
    for (unsigned global = 0; global < 2; global++) {
        cached(m, global ? GOOD | PTE_G : GOOD);
        fence(m, op, true, false, VA, 0);
        expect(m, load(m, VA).reads > 0, "it is still there");
    }
    cached(m, GOOD);
    enter(m, mode_of(m), 1, 2);
    fence(m, op, true, false, VA, 0);
    enter(m, mode_of(m), 0, ASID);
    expect(m, load(m, VA).reads > 0, "it is still there in the other ASID");
}

static void drop_both(struct machine *m, uint8_t op) {
    cached(m, GOOD);
    fence(m, op, true, true, VA, ASID);
    expect(m, load(m, VA).reads > 0, "it is still there");
    cached(m, GOOD);
    fence(m, op, true, true, VA, 2);
    expect_hit(m, load(m, VA), "ASID 2 was meant");
    cached(m, GOOD | PTE_G);
    fence(m, op, true, true, VA, ASID);
    expect_hit(m, load(m, VA), "global pages stay");
}

static void fen_1(struct machine *m) {
    drop_all(m, FENCE_SFENCE_VMA);
}

static void fen_2(struct machine *m) {
    drop_asid(m, FENCE_SFENCE_VMA);
}

static void fen_3(struct machine *m) {
    cached(m, GOOD | PTE_G);
    fence(m, FENCE_SFENCE_VMA, false, true, 0, ASID);
    expect_hit(m, load(m, VA), "global pages stay");
    cached(m, GOOD);
    fence(m, FENCE_SFENCE_VMA, false, true, 0, 2);
    expect_hit(m, load(m, VA), "ASID 2 was meant");
}

static void fen_4(struct machine *m) {
    drop_page(m, FENCE_SFENCE_VMA);
}

static void fen_5(struct machine *m) {
    drop_both(m, FENCE_SFENCE_VMA);
}

static void fen_6(struct machine *m) {
    uint8_t mode = m->rv32 ? MODE_SV32 : MODE_SV57;
    for (unsigned level = 1; level < levels_of(mode); level++) {
        map(m, 0, mode, VA, level, page(m->rv32 ? 0x40000000 : 7ull << 48, GOOD));
        enter(m, mode, 0, ASID);
        fence_all(m);
        expect(m, load(m, VA).cause == 0, "a superpage");
        fence(m, FENCE_SFENCE_VMA, true, false, VA ^ 1ull << (11 + level_bits(m) * level), 0);
        expect(m, load(m, VA).reads > 0, "level %u is still there", level);
    }
}

static void fen_7(struct machine *m) {
    static const unsigned bits[] = {63, 60, 57};
    for (unsigned i = 0; i < 3; i++) {
        cached(m, GOOD);
        fence(m, FENCE_SFENCE_VMA, true, false, VA | 1ull << bits[i], 0);
        expect_hit(m, load(m, VA), "an address that is none");
    }
}

static void fen_8(struct machine *m) {
    cached(m, GOOD);
    fence(m, FENCE_SFENCE_VMA, false, true, 0, (uint16_t)(1u << m->config.asid_bits | ASID));
    expect_walk(m, load(m, VA), levels(m), "the bits above are ignored");
}

static void fen_9(struct machine *m) {
    for (unsigned by_page = 0; by_page < 2; by_page++) {
        map(m, 0, mode_of(m), VA, 0, page(PA, GOOD));
        enter(m, mode_of(m), 0, ASID);
        fence_all(m);
        offer(m, 0, ACCESS_LOAD, PRIV_S, 0, VA, 4);
        for (unsigned i = 0; i < 5; i++) machine_edge(m); /* its first read is under way */
        fence(m, FENCE_SFENCE_VMA, by_page, false, VA, 0);
        expect_pa(m, await(m, 0, ACCESS_LOAD), PA, "older than the fence");
        settle(m);
        poke(m, pte_at(m, 0, 0, VA), page(OTHER, GOOD));
        struct answer a = load(m, VA);
        expect_pa(m, a, OTHER, "younger than the fence");
        expect(m, a.reads == levels(m) || by_page, "%u reads", a.reads);
    }
}

static void fen_10(struct machine *m) {
    cached(m, GOOD);
    poke(m, pte_at(m, 0, 0, VA), page(OTHER, GOOD));
    fence_all(m);
    expect_pa(m, load(m, VA), OTHER, "the new page");
    cached(m, GOOD);
    poke(m, pte_at(m, 0, 1, VA), PTE_V | table_of(1, 0) << PTE_PPN_SHIFT);
    fence_all(m);
    expect_pa(m, load(m, VA), OTHER, "the new table");
}

static void fen_11(struct machine *m) {
    cached(m, GOOD);
    fence(m, FENCE_SFENCE_VMA, true, false, VA, 0);
    expect_walk(m, load(m, VA), 1, "its tables are still known");
}

/* ---- Svinval -----------------------------------------------------------------------------------
 */
static void inv_1(struct machine *m) {
    drop_all(m, FENCE_SINVAL_VMA);
    drop_asid(m, FENCE_SINVAL_VMA);
    drop_page(m, FENCE_SINVAL_VMA);
    drop_both(m, FENCE_SINVAL_VMA);
}

static void sequence(struct machine *m, uint8_t alone) {
    cached(m, GOOD);
    fence(m, alone, false, false, 0, 0);
    expect_hit(m, load(m, VA), "it drops nothing");
    poke(m, pte_at(m, 0, 0, VA), page(OTHER, GOOD));
    fence(m, FENCE_SFENCE_W_INVAL, false, false, 0, 0);
    fence(m, FENCE_SINVAL_VMA, true, false, VA, 0);
    fence(m, FENCE_SFENCE_INVAL_IR, false, false, 0, 0);
    expect_pa(m, load(m, VA), OTHER, "the new page");
}

static void inv_2(struct machine *m) {
    sequence(m, FENCE_SFENCE_W_INVAL);
}

static void inv_3(struct machine *m) {
    sequence(m, FENCE_SFENCE_INVAL_IR);
}

/* ---- Svnapot in the cache ----------------------------------------------------------------------
 */
static void napot(struct machine *m) {
    for (unsigned i = 0; i < 16; i++)
        map(m, 0, MODE_SV39, 0x150000 + i * PAGE_BYTES, 0, page(0x12348000, GOOD | PTE_N));
    enter(m, MODE_SV39, 0, ASID);
    fence_all(m);
}

static void nap_4(struct machine *m) {
    napot(m);
    expect_pa(m, load(m, 0x153238), 0x12343238, "one of sixteen");
    for (unsigned i = 0; i < 16; i++) {
        struct answer a = load(m, 0x150238 + i * PAGE_BYTES);
        expect_hit(m, a, "L1 has all of them");
        expect_pa(m, a, 0x12340238 + i * PAGE_BYTES, "L1 has all of them");
    }
    for (unsigned i = 0; i < 16; i++) {
        napot(m);
        do_access(m, ACCESS_FETCH, PRIV_S, 0, 0x155238);
        struct answer a = load(m, 0x150238 + i * PAGE_BYTES);
        expect_hit(m, a, "L2 has all of them");
        expect_pa(m, a, 0x12340238 + i * PAGE_BYTES, "L2 has all of them");
    }
}

static void nap_5(struct machine *m) {
    for (unsigned i = 0; i < 16; i++) {
        napot(m);
        expect_pa(m, load(m, 0x153238), 0x12343238, "one of sixteen");
        fence(m, FENCE_SFENCE_VMA, true, false, 0x150000 + i * PAGE_BYTES, 0);
        expect(m, load(m, 0x154238).reads > 0, "it is still there after a fence of page %u", i);
        expect_pa(m, load(m, 0x153238), 0x12343238, "again");
    }
}

const struct plan_test plan_fence[] = {
    {"TLB-1", RV64 | RV32, tlb_1},
    {"TLB-2", RV64 | RV32, tlb_2},
    {"TLB-3", RV64 | RV32, tlb_3},
    {"TLB-4", RV64 | RV32, tlb_4},
    {"TLB-5", RV64 | RV32, tlb_5},
    {"TLB-6", RV64 | RV32, tlb_6},
    {"TLB-7", RV64 | RV32, tlb_7},
    {"TLB-8", RV64 | RV32, tlb_8},
    {"SVV-1", RV64 | RV32, svv_1},
    {"SVV-2", RV64 | RV32, svv_2},
    {"FEN-1", RV64 | RV32, fen_1},
    {"FEN-2", RV64 | RV32, fen_2},
    {"FEN-3", RV64 | RV32, fen_3},
    {"FEN-4", RV64 | RV32, fen_4},
    {"FEN-5", RV64 | RV32, fen_5},
    {"FEN-6", RV64 | RV32, fen_6},
    {"FEN-7", RV64, fen_7},
    {"FEN-8", RV64_NARROW | RV32_NARROW, fen_8},
    {"FEN-9", RV64 | RV32, fen_9},
    {"FEN-10", RV64 | RV32, fen_10},
    {"FEN-11", RV64 | RV32, fen_11},
    {"INV-1", RV64 | RV32, inv_1},
    {"INV-2", RV64 | RV32, inv_2},
    {"INV-3", RV64 | RV32, inv_3},
    {"NAP-4", RV64, nap_4},
    {"NAP-5", RV64, nap_5},
    {0},
};
