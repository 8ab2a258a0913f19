/* SPDX-License-Identifier: Apache-2.0
 *
 * PMP: how an entry matches, who is bound by it, and what it means for page tables. The
 * last PMP entry opens everything (machine_open), so that an entry before it decides by itself.
 */
#include "machine.h"

#define GOOD (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

/* pmpcfg, and the PMA table's MEM */
enum {
    R = 1,
    W = 2,
    X = 4,
    TOR = 1 << 3,
    NA4 = 2 << 3,
    NAPOT = 3 << 3,
    MEM = 1 << 5,
    LOCK = 1 << 7
};
static const paddr_t PA = 0x1234240;
static const vaddr_t VA = 0x15b240;

static uint64_t napot(paddr_t base, uint64_t bytes) {
    return base >> 2 | (bytes / 8 - 1);
}

static uint8_t mode_of(const struct machine *m) {
    return m->rv32 ? MODE_SV32 : MODE_SV39;
}

static void one_page(struct machine *m, pte_t flags) {
    map(m, 0, mode_of(m), VA, 0, flags | PA >> 12 << PTE_PPN_SHIFT);
    enter(m, mode_of(m), 0, 1);
    fence_all(m);
}

/* Without translation: the address is the physical one. */
static void bare(struct machine *m) {
    enter(m, MODE_BARE, 0, 0);
}

static void allowed(struct machine *m, uint8_t priv, paddr_t pa, unsigned bytes) {
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_STORE; access++)
        expect_pa(m, do_bytes(m, access, priv, pa, bytes), pa, "PMP allows");
}

static void refused(struct machine *m, uint8_t priv, paddr_t pa, unsigned bytes) {
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_STORE; access++)
        expect_cause(m, do_bytes(m, access, priv, pa, bytes), access_fault_of(access),
                     "PMP refuses");
}

/* ---- How an entry matches ----------------------------------------------------------------------
 */
static void pmp_1(struct machine *m) {
    bare(m);
    set_pmp(m, 0, 0, napot(PA, 4096));
    set_pmp(m, 1, R, PA >> 2); /* A=OFF, whatever R, W, X are */
    allowed(m, PRIV_S, PA, 4);
    set_pmp(m, 1, 0, (PA >> 2) + 1);
    allowed(m, PRIV_U, PA, 4);
}

static void pmp_2(struct machine *m) {
    bare(m);
    set_pmp(m, 0, 0, PA >> 2);
    set_pmp(m, 1, TOR, (PA + 64) >> 2);
    refused(m, PRIV_S, PA, 4);
    refused(m, PRIV_S, PA + 60, 4);
    allowed(m, PRIV_S, PA - 4, 4);
    allowed(m, PRIV_S, PA + 64, 4);
    set_pmp(m, 1, TOR | R | W | X, (PA + 64) >> 2);
    set_pmp(m, 2, NAPOT, napot(PA & ~4095ull, 4096));
    allowed(m, PRIV_S, PA, 4);
    allowed(m, PRIV_S, PA + 60, 4);
    refused(m, PRIV_S, PA + 64, 4);
    set_pmp(m, 0, TOR | R | W | X, PA >> 2); /* entry 0 begins at 0 */
    allowed(m, PRIV_S, 0, 4);
    allowed(m, PRIV_S, PA - 4, 4);
}

static void pmp_3(struct machine *m) {
    bare(m);
    set_pmp(m, 0, 0, (PA + 64) >> 2);
    set_pmp(m, 1, TOR, PA >> 2);
    allowed(m, PRIV_S, PA, 4);
    allowed(m, PRIV_S, PA + 64, 4);
    set_pmp(m, 1, TOR, (PA + 64) >> 2);
    allowed(m, PRIV_S, PA + 60, 4);
    allowed(m, PRIV_S, PA + 64, 4);
}

static void pmp_4(struct machine *m) {
    bare(m);
    set_pmp(m, 0, NA4, PA >> 2);
    refused(m, PRIV_S, PA, 4);
    refused(m, PRIV_S, PA + 3, 1);
    allowed(m, PRIV_S, PA + 4, 4);
    allowed(m, PRIV_S, PA - 1, 1);
    set_pmp(m, 0, NA4 | R | W | X, PA >> 2);
    allowed(m, PRIV_S, PA, 4);
    allowed(m, PRIV_U, PA, 4);
}

static void pmp_5(struct machine *m) {
    bare(m);
    for (uint64_t bytes = 8; bytes <= 1ull << 30; bytes <<= 1) {
        paddr_t low = PA & ~(bytes - 1), high = low + bytes;
        set_pmp(m, 0, NAPOT, napot(low, bytes));
        refused(m, PRIV_S, low, 4);
        refused(m, PRIV_S, high - 4, 4);
        allowed(m, PRIV_S, high, 4);
        if (low) allowed(m, PRIV_S, low - 4, 4);
        set_pmp(m, 0, NAPOT | R | W | X, napot(low, bytes));
        allowed(m, PRIV_S, low, 4);
        allowed(m, PRIV_S, high - 1, 1);
    }
}

static void pmp_6(struct machine *m) {
    bare(m);
    set_pmp(m, 1, NAPOT, napot(PA & ~4095ull, 4096));
    set_pmp(m, 2, NAPOT | R | W | X, napot(PA, 64));
    refused(m, PRIV_S, PA, 4);
    set_pmp(m, 1, NAPOT | R | W | X, napot(PA, 64));
    set_pmp(m, 2, NAPOT, napot(PA & ~4095ull, 4096));
    allowed(m, PRIV_S, PA, 4);
    refused(m, PRIV_S, PA + 64, 4);
}

static void pmp_7(struct machine *m) {
    bare(m);
    set_pmp(m, 0, NA4 | R | W | X, PA >> 2);
    for (unsigned machine = 0; machine < 2; machine++) {
        uint8_t priv = machine ? PRIV_M : PRIV_S;
        refused(m, priv, PA, 8);
        refused(m, priv, PA - 4, 8);
        refused(m, priv, PA - 8, 16);
        allowed(m, priv, PA, 4);
        allowed(m, priv, PA - 4, 4);
    }
}

static void pmp_8(struct machine *m) {
    bare(m);
    set_pmp(m, m->config.pmp_entries - 1, 0, 0);
    refused(m, PRIV_S, PA, 4);
    refused(m, PRIV_U, PA, 4);
    allowed(m, PRIV_M, PA, 4);
}

static void pmp_9(struct machine *m) {
    static const uint8_t needs[] = {X, R, W, W, R, W, R, W}; /* in the order of enum access */
    bare(m);
    for (unsigned rwx = 0; rwx < 8; rwx++) {
        if ((rwx & (R | W)) == W) continue; /* reserved */
        set_pmp(m, 0, (uint8_t)(NAPOT | rwx), napot(PA, 64));
        for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
            struct answer a = do_access(m, access, PRIV_S, 0, PA);
            if (rwx & needs[access])
                expect_pa(m, a, PA, "allowed");
            else
                expect_cause(m, a, access_fault_of(access), "refused");
        }
    }
}

/* ---- Whom it binds, and the lock ---------------------------------------------------------------
 */
static void pmp_10(struct machine *m) {
    bare(m);
    set_pmp(m, 0, NAPOT, napot(PA, 64));
    allowed(m, PRIV_M, PA, 4);
    refused(m, PRIV_S, PA, 4);
}

static void pmp_11(struct machine *m) {
    bare(m);
    set_pmp(m, 0, NAPOT | LOCK, napot(PA, 64));
    refused(m, PRIV_M, PA, 4);
    set_pmp(m, 1, NAPOT | LOCK | R, napot(PA + 64, 64));
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_M, 0, PA + 64), PA + 64, "R");
    expect_cause(m, do_access(m, ACCESS_STORE, PRIV_M, 0, PA + 64), 7, "no W");
}

static void pmp_12(struct machine *m) {
    bare(m);
    set_pmp(m, 0, NAPOT | LOCK, napot(PA, 64));
    refused(m, PRIV_M, PA, 4);
    write_csr(m, 0x3a0, NAPOT | R | W | X);
    refused(m, PRIV_M, PA, 4);
    write_csr(m, 0x3a0, 0);
    refused(m, PRIV_M, PA, 4);
    write_csr(m, 0x3b0, napot(PA + 4096, 64));
    refused(m, PRIV_M, PA, 4);
    allowed(m, PRIV_M, PA + 4096, 4);
}

static void pmp_13(struct machine *m) {
    bare(m);
    set_pmp(m, 0, 0, PA >> 2);
    set_pmp(m, 1, TOR | LOCK, (PA + 64) >> 2);
    refused(m, PRIV_M, PA, 4);
    write_csr(m, 0x3b0, (PA + 32) >> 2);
    refused(m, PRIV_M, PA, 4);
    set_pmp(m, 3, NAPOT | LOCK, napot(PA + 4096, 64));
    write_csr(m, 0x3b0 + 2, napot(PA + 8192, 64)); /* below a locked entry that is no TOR */
    set_pmp(m, 2, NAPOT, napot(PA + 8192, 64));
    refused(m, PRIV_S, PA + 8192, 4);
}

static void pmp_14(struct machine *m) {
    bare(m);
    set_pmp(m, 0, NAPOT | W, napot(PA, 64));
    refused(m, PRIV_S, PA, 4);
    set_pmp(m, 0, NAPOT | W | X, napot(PA, 64));
    expect_cause(m, do_access(m, ACCESS_STORE, PRIV_S, 0, PA), 7, "W without R");
    expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_S, 0, PA), PA, "X");
}

/* ---- Page tables -------------------------------------------------------------------------------
 */
static void over_table(struct machine *m, unsigned level, uint8_t cfg) {
    set_pmp(m, 0, cfg, napot(table_of(0, level) << 12, 4096));
    fence_all(m);
}

static void vm_2_1(struct machine *m) {
    one_page(m, GOOD);
    for (unsigned level = 0; level < levels_of(mode_of(m)); level++) {
        for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
            over_table(m, level, NAPOT);
            struct answer a = do_access(m, access, PRIV_S, 0, VA);
            expect_cause(m, a, access_fault_of(access), "a table that PMP closes");
            expect(m, a.reads == levels_of(mode_of(m)) - 1 - level, "%u reads", a.reads);
        }
    }
    over_table(m, 0, NAPOT | R);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), PA, "R is enough");
}

static void pmp_15(struct machine *m) {
    one_page(m, GOOD | PTE_U);
    over_table(m, 0, NAPOT | X);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++)
        expect_cause(m, do_access(m, access, PRIV_U, 0, VA), access_fault_of(access), "X alone");
    set_state(m, ADUE);
    over_table(m, 0, NAPOT | R);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++)
        expect_pa(m, do_access(m, access, PRIV_U, 0, VA), PA, "R alone");
}

static void pmp_16(struct machine *m) {
    set_state(m, ADUE);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
        one_page(m, GOOD & ~(PTE_A | PTE_D));
        over_table(m, 0, NAPOT | R);
        struct answer a = do_access(m, access, PRIV_S, 0, VA);
        expect_cause(m, a, access_fault_of(access), "A cannot be written");
        expect(m, a.writes == 0 && !(peek(m, pte_at(m, 0, 0, VA)) & (PTE_A | PTE_D)), "written");
        over_table(m, 0, NAPOT | R | W);
        a = do_access(m, access, PRIV_S, 0, VA);
        expect_pa(m, a, PA, "R and W");
        expect(m, a.writes == 1, "%u writes", a.writes);
    }
}

/* A and D stay set when the access itself is refused; by PMA too. */
static void vm_9_12(struct machine *m) {
    set_state(m, ADUE);
    for (unsigned pma = 0; pma < 2; pma++) {
        one_page(m, GOOD & ~(PTE_A | PTE_D));
        if (pma) {
            set_pmp(m, 0, 0, 0);
            set_pma(m, 0, NAPOT, napot(PA & ~4095ull, 4096));
            set_pma(m, 3, NAPOT | R | W | X | MEM, ~0ull >> (m->rv32 ? 32 : 10));
        } else {
            set_pmp(m, 0, NAPOT, napot(PA & ~4095ull, 4096));
        }
        fence_all(m);
        struct answer a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA);
        expect_cause(m, a, 7, "refused after the update");
        expect(m, a.writes == 1 && peek(m, pte_at(m, 0, 0, VA)) & PTE_D, "D is not set");
    }
}

static void pmp_17(struct machine *m) {
    unsigned level = m->rv32 ? 1 : 2;
    paddr_t base = m->rv32 ? 0x12400000 : 0x140000000;
    vaddr_t va = m->rv32 ? 0x400000 : 0x40000000;
    map(m, 0, mode_of(m), va, level, GOOD | base >> 12 << PTE_PPN_SHIFT);
    enter(m, mode_of(m), 0, 1);
    set_pmp(m, 0, NAPOT, napot(base + 0x205000, 4096));
    fence_all(m);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, va), base, "the open part");
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, va + 0x205008), 5, "the closed part");
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, va + 0x206000), base + 0x206000, "behind it");
    one_page(m, GOOD);
    set_pmp(m, 0, NAPOT, napot(PA + 64, 64));
    fence_all(m);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), PA, "one line of the page");
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA + 64), 5, "the next");
}

static void pmp_18(struct machine *m) {
    one_page(m, GOOD);
    set_pmp(m, 0, NAPOT, napot(PA + 64, 64));
    fence_all(m);
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA + 64), 5, "after a walk");
    expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_S, 0, VA), PA, "now it is in L2");
    struct answer a = do_access(m, ACCESS_STORE, PRIV_S, 0, VA + 64);
    expect_cause(m, a, 7, "after a hit");
    expect(m, a.reads == 0, "%u reads", a.reads);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), PA, "now in L1");
    a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA + 64);
    expect_cause(m, a, 5, "after a hit");
    expect(m, a.reads == 0, "%u reads", a.reads);
    fence_all(m);
    expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_S, 0, VA), PA, "in L2 and the other L1");
    a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA + 64);
    expect_cause(m, a, 5, "after an L2 hit");
    expect(m, a.source == SOURCE_L2, "source %u", a.source);
}

static void pmp_19(struct machine *m) {
    one_page(m, GOOD);
    set_pmp(m, 0, NA4 | R | W | X, pte_at(m, 0, 0, VA) >> 2);
    fence_all(m);
    struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA);
    if (m->rv32)
        expect_pa(m, a, PA, "four bytes are a PTE");
    else
        expect_cause(m, a, 5, "four bytes are half a PTE");
}

static void pmp_20(struct machine *m) {
    one_page(m, GOOD & ~PTE_W);
    set_pmp(m, 0, NAPOT, napot(PA, 64));
    fence_all(m);
    expect_cause(m, do_access(m, ACCESS_STORE, PRIV_S, 0, VA), 15, "the page fault first");
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 5, "else PMP");
}

const struct plan_test plan_pmp[] = {
    {"VM-2.1", RV64 | RV32, vm_2_1},
    {"VM-9.6", RV64 | RV32, pmp_16},
    {"VM-9.12", RV64 | RV32, vm_9_12},
    {"PMP-1", RV64 | RV32, pmp_1},
    {"PMP-2", RV64 | RV32, pmp_2},
    {"PMP-3", RV64 | RV32, pmp_3},
    {"PMP-4", RV64 | RV32, pmp_4},
    {"PMP-5", RV64 | RV32, pmp_5},
    {"PMP-6", RV64 | RV32, pmp_6},
    {"PMP-7", RV64 | RV32, pmp_7},
    {"PMP-8", RV64 | RV32, pmp_8},
    {"PMP-9", RV64 | RV32, pmp_9},
    {"PMP-10", RV64 | RV32, pmp_10},
    {"PMP-11", RV64 | RV32, pmp_11},
    {"PMP-12", RV64 | RV32, pmp_12},
    {"PMP-13", RV64 | RV32, pmp_13},
    {"PMP-14", RV64 | RV32, pmp_14},
    {"PMP-15", RV64 | RV32, pmp_15},
    {"PMP-16", RV64 | RV32, pmp_16},
    {"PMP-17", RV64 | RV32, pmp_17},
    {"PMP-18", RV64 | RV32, pmp_18},
    {"PMP-19", RV64 | RV32, pmp_19},
    {"PMP-20", RV64 | RV32, pmp_20},

    {0},
};
