/* SPDX-License-Identifier: Apache-2.0
 *
 * What needs more than one PTE and one access: tables, the order of A/D
 * updates, what comes with an answer.
 */
#include "machine.h"

#define GOOD (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

static pte_t page(uint64_t ppn, pte_t flags) {
    return flags | ppn << PTE_PPN_SHIFT;
}

static uint8_t deep_mode(const struct machine *m) {
    return m->rv32 ? MODE_SV32 : MODE_SV39;
}

/* A page of 4 KiB in space 0, and the machine in it. */
static const vaddr_t VA = 0x15b238;
static void one_page(struct machine *m, pte_t flags) {
    map(m, 0, deep_mode(m), VA, 0, page(0x1234, flags));
    enter(m, deep_mode(m), 0, 1);
    fence_all(m);
}

/* ---- Step 2 ------------------------------------------------------------------------------------
 */
static void refused_reads(struct machine *m) {
    one_page(m, GOOD);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
        for (unsigned level = 0; level < levels_of(deep_mode(m)); level++) {
            fence_all(m);
            m->no_read = pte_at(m, 0, level, VA);
            struct answer a = do_access(m, access, PRIV_S, 0, VA);
            expect_cause(m, a, access_fault_of(access), "a PTE that the bus refuses");
            m->no_read = 0;
            expect_pa(m, do_access(m, access, PRIV_S, 0, VA), 0x1234238, "nothing was kept");
        }
    }
}

static void vm_2_4(struct machine *m) {
    uint8_t mode = deep_mode(m);
    unsigned wide = m->config.pa_bits - 12; /* the first PPN bit that is too high */
    one_page(m, GOOD);
    write_csr(m, 0x180,
              (m->rv32 ? 1ull << 31 : (uint64_t)mode << 60) | 1ull << wide | table_of(0, 1));
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
        struct answer a = do_access(m, access, PRIV_S, 0, VA);
        expect_cause(m, a, access_fault_of(access), "a root beyond physical memory");
        expect(m, a.reads == 0, "%u reads", a.reads);
    }
    for (unsigned bit = wide; bit < (m->rv32 ? 22u : 44u); bit++) {
        one_page(m, GOOD);
        poke(m, pte_at(m, 0, 1, VA), page(1ull << bit | table_of(0, 0), PTE_V));
        struct answer a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA);
        expect_cause(m, a, 7, "a pointer beyond physical memory");
    }
}

static void vm_2_5(struct machine *m) {
    for (unsigned i = 0; i < 4; i++) {
        vaddr_t va = VA + i * PAGE_BYTES;
        map(m, 0, deep_mode(m), va, 0, page(0x2000 + i, GOOD));
        enter(m, deep_mode(m), 0, 1);
        fence_all(m);
        struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, va);
        expect_pa(m, a, 0x2000238 + i * 0x1000, "each PTE its own page");
        expect(m, a.read[a.reads - 1] == pte_at(m, 0, 0, va), "the PTE itself is read");
    }
}

/* ---- Steps 3 and 4 -----------------------------------------------------------------------------
 */
static void vm_3_9(struct machine *m) {
    one_page(m, GOOD);
    for (unsigned level = 1; level < levels_of(deep_mode(m)); level++) {
        pte_t pointer = peek(m, pte_at(m, 0, level, VA));
        poke(m, pte_at(m, 0, level, VA), pointer | (pte_t)level << 8 | PTE_RSW);
        fence_all(m);
        expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "RSW in a pointer");
    }
}

static void vm_4_7(struct machine *m) {
    if (m->rv32) return;
    for (uint8_t mode = MODE_SV48; mode <= MODE_SV57; mode++) {
        map(m, 0, mode, VA, 0, page(0x1234, GOOD));
        enter(m, mode, 0, 1);
        fence_all(m);
        struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA);
        for (unsigned i = 0; i < levels_of(mode); i++)
            expect(m, a.read[i] == pte_at(m, 0, levels_of(mode) - 1 - i, VA), "read %u at %llx", i,
                   (unsigned long long)a.read[i]);
    }
}

/* G of a pointer: the page below serves another ASID, whose own tables hold something else. */
static void vm_4_8(struct machine *m) {
    for (unsigned level = 1; level < levels_of(deep_mode(m)); level++) {
        map(m, 1, deep_mode(m), VA, 0, page(0x4321, GOOD));
        one_page(m, GOOD);
        paddr_t at = pte_at(m, 0, level, VA);
        poke(m, at, peek(m, at) | PTE_G);
        expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "global by its pointer");
        enter(m, deep_mode(m), 1, 2);
        expect_hit(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), "it serves ASID 2");
        poke(m, at, peek(m, at) & ~PTE_G);
    }
}

/* ---- Step 9 ------------------------------------------------------------------------------------
 */
static void vm_9_5(struct machine *m) {
    static const pte_t now[] = {GOOD & ~(PTE_A | PTE_D) & ~PTE_X, GOOD, 0, GOOD & ~(PTE_W | PTE_D)};
    set_state(m, ADUE);
    for (unsigned i = 0; i < 4; i++) {
        one_page(m, GOOD & ~(PTE_A | PTE_D));
        paddr_t at = pte_at(m, 0, 0, VA);
        m->race = at, m->race_to = page(0x5000 + i, now[i]);
        struct answer a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA);
        bool through = i < 2;
        if (through)
            expect_pa(m, a, 0x5000238 + i * 0x1000, "the PTE that was there at the end");
        else
            expect_cause(m, a, 15, "judged again");
        expect(m, a.writes == (i == 0), "%u writes", a.writes);
        expect(m, peek(m, at) == page(0x5000 + i, now[i] | (i ? 0 : PTE_A | PTE_D)), "PTE is %llx",
               (unsigned long long)peek(m, at));
    }
}

static void refused_updates(struct machine *m) {
    set_state(m, ADUE);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
        one_page(m, GOOD & ~(PTE_A | PTE_D));
        m->no_write = pte_at(m, 0, 0, VA);
        struct answer a = do_access(m, access, PRIV_S, 0, VA);
        expect_cause(m, a, access_fault_of(access), "an update that the bus refuses");
        expect(m, peek(m, m->no_write) == page(0x1234, GOOD & ~(PTE_A | PTE_D)), "not written");
        m->no_write = 0;
        expect_pa(m, do_access(m, access, PRIV_S, 0, VA), 0x1234238, "nothing was kept");
    }
}

static void vm_9_9(struct machine *m) {
    paddr_t at = pte_at(m, 0, 0, VA);
    set_state(m, ADUE);
    for (unsigned killed = 0; killed < 2; killed++) {
        one_page(m, GOOD & ~PTE_D);
        m->in.oldest_valid_i = 1, m->in.oldest_port_i = 0, m->in.oldest_id_i = 9;
        offer(m, 1, ACCESS_STORE, PRIV_S, 0, VA, 4);
        for (unsigned i = 0; i < 100; i++) {
            m->in.oldest_valid_i = 1, m->in.oldest_port_i = 0, m->in.oldest_id_i = 9;
            machine_edge(m);
        }
        expect(m, !m->answer[1][1].there, "a store that is not the oldest was answered");
        expect(m, peek(m, at) == page(0x1234, GOOD & ~PTE_D), "D was set out of order");
        if (killed) {
            m->in.dkill_i = 1u << 1;
            machine_edge(m);
        } else {
            expect_pa(m, await(m, 1, ACCESS_STORE), 0x1234238, "the oldest goes on");
        }
        settle(m);
        expect(m, peek(m, at) == page(0x1234, killed ? GOOD & ~PTE_D : GOOD), "D is %llx",
               (unsigned long long)peek(m, at) >> 7 & 1);
    }
}

static void vm_9_10(struct machine *m) {
    set_state(m, ADUE);
    one_page(m, GOOD & ~PTE_D);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "cached with D=0");
    struct answer a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA);
    expect_pa(m, a, 0x1234238, "a store");
    expect(m, a.reads > 0 && a.writes == 1, "%u reads, %u writes", a.reads, a.writes);
    one_page(m, GOOD & ~PTE_D);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "cached with D=0");
    poke(m, pte_at(m, 0, 0, VA), page(0x1234, GOOD)); /* no fence: memory decides */
    a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA);
    expect_pa(m, a, 0x1234238, "a store");
    expect(m, a.reads > 0 && a.writes == 0, "%u reads, %u writes", a.reads, a.writes);
}

/* ---- Step 10 -----------------------------------------------------------------------------------
 */
static void vm_10_4(struct machine *m) {
    set_state(m, ADUE);
    for (unsigned bit = m->config.pa_bits - 12; bit < (m->rv32 ? 22u : 44u); bit++) {
        for (uint8_t access = ACCESS_FETCH; access <= ACCESS_STORE; access++) {
            one_page(m, GOOD & ~(PTE_A | PTE_D));
            poke(m, pte_at(m, 0, 0, VA), page(1ull << bit | 0x1234, GOOD));
            expect_cause(m, do_access(m, access, PRIV_S, 0, VA), access_fault_of(access),
                         "a page beyond physical memory");
        }
    }
    if (m->rv32) return;
    for (unsigned bit = m->config.pa_bits; bit < 64; bit++)
        expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_M, 0, 1ull << bit | VA), 5, "untranslated");
}

/* ---- Svnapot, Svpbmt, causes -------------------------------------------------------------------
 */
static void nap_1(struct machine *m) {
    for (unsigned i = 0; i < 16; i++) {
        vaddr_t va = 0x150238 + i * PAGE_BYTES;
        map(m, 0, MODE_SV48, va, 0, page(0x12348, GOOD | PTE_N));
        enter(m, MODE_SV48, 0, 1);
        fence_all(m);
        struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, va);
        expect_pa(m, a, 0x12340238 + i * PAGE_BYTES, "its own page of the sixteen");
        expect(m, a.size == SIZE_64K, "size %u", a.size);
    }
}

static void pbm_4(struct machine *m) {
    set_state(m, PBMTE);
    one_page(m, GOOD | 2ull << PTE_PBMT_SHIFT);
    struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA);
    expect(m, a.cause == 0 && a.pbmt == PBMT_IO, "pbmt %u", a.pbmt);
    a = do_access(m, ACCESS_LOAD, PRIV_M, 0, VA);
    expect_pa(m, a, VA, "without translation");
    expect(m, a.pbmt == 0, "pbmt %u without translation", a.pbmt);
}

static void pbm_2(struct machine *m) {
    static const uint8_t other[] = {ACCESS_FETCH, ACCESS_LOAD};
    set_state(m, PBMTE);
    for (pte_t type = 1; type < 3; type++) {
        one_page(m, GOOD | type << PTE_PBMT_SHIFT);
        do_access(m, ACCESS_LOAD, PRIV_S, 0, VA);
        for (unsigned i = 0; i < 2; i++) { /* the other port finds it in L2 */
            struct answer a = do_access(m, other[i], PRIV_S, 0, VA);
            expect_hit(m, a, "cached");
            expect(m, a.pbmt == type, "pbmt %u, not %u", a.pbmt, (unsigned)type);
        }
    }
}

static void acc_2(struct machine *m) {
    refused_reads(m);
}

static void acc_3(struct machine *m) {
    for (unsigned user = 0; user < 2; user++) {
        one_page(m, user ? GOOD | PTE_U : GOOD);
        uint8_t good = user ? PRIV_U : PRIV_S, bad = user ? PRIV_S : PRIV_U;
        do_access(m, ACCESS_FETCH, good, 0, VA);
        do_access(m, ACCESS_LOAD, good, 0, VA);
        offer(m, 0, ACCESS_FETCH, good, 0, VA, 4); /* both in one cycle */
        offer(m, 1, ACCESS_LOAD, bad, 0, VA, 4);
        machine_edge(m);
        expect_pa(m, m->answer[0][0], 0x1234238, "the fetch has its own privilege");
        expect_cause(m, m->answer[1][1], 13, "the load has its own privilege");
        settle(m);
        offer(m, 0, ACCESS_FETCH, bad, 0, VA, 4);
        offer(m, 1, ACCESS_LOAD, good, 0, VA, 4);
        machine_edge(m);
        expect_cause(m, m->answer[0][0], 12, "the fetch has its own privilege");
        expect_pa(m, m->answer[1][1], 0x1234238, "the load has its own privilege");
        settle(m);
    }
}

const struct plan_test plan_step[] = {
    {"VM-2.3", RV64 | RV32, refused_reads},
    {"VM-2.4", RV64_NARROW | RV32_NARROW, vm_2_4},
    {"VM-2.5", RV64 | RV32, vm_2_5},
    {"VM-3.9", RV64 | RV32, vm_3_9},
    {"VM-4.7", RV64, vm_4_7},
    {"VM-4.8", RV64 | RV32, vm_4_8},
    {"VM-9.5", RV64 | RV32, vm_9_5},
    {"VM-9.7", RV64 | RV32, refused_updates},
    {"VM-9.9", RV64 | RV32, vm_9_9},
    {"VM-9.10", RV64 | RV32, vm_9_10},
    {"VM-10.4", RV64_NARROW | RV32_NARROW, vm_10_4},
    {"NAP-1", RV64, nap_1},
    {"PBM-2", RV64, pbm_2},
    {"PBM-4", RV64, pbm_4},
    {"ACC-2", RV64 | RV32, acc_2},
    {"ACC-3", RV64 | RV32, acc_3},
    {0},
};
