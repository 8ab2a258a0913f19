/* SPDX-License-Identifier: Apache-2.0
 *
 * PMA: main memory, devices, holes, for accesses and for page tables.
 */
#include "machine.h"

#define GOOD (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)

enum { R = 1, W = 2, X = 4, NA4 = 2 << 3, NAPOT = 3 << 3, MEM = 1 << 5 };
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

static void bare(struct machine *m) {
    enter(m, MODE_BARE, 0, 0);
}

/* Entry 0 over the page or table, all else main memory. */
static void pma(struct machine *m, uint8_t cfg, paddr_t base, uint64_t bytes) {
    set_pma(m, 0, cfg, bytes == 4 ? base >> 2 : napot(base, bytes));
    set_pma(m, 3, NAPOT | R | W | X | MEM, ~0ull >> (m->rv32 ? 32 : 10));
    fence_all(m);
}

static void vm_2_2(struct machine *m) {
    one_page(m, GOOD);
    for (unsigned level = 0; level < levels_of(mode_of(m)); level++) {
        pma(m, NAPOT, table_of(0, level) << 12, 4096);
        for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
            fence_all(m);
            struct answer a = do_access(m, access, PRIV_S, 0, VA);
            expect_cause(m, a, access_fault_of(access), "a table in a hole");
            expect(m, a.reads == levels_of(mode_of(m)) - 1 - level, "%u reads", a.reads);
        }
    }
}

static void vm_9_7(struct machine *m) {
    set_state(m, ADUE);
    one_page(m, GOOD & ~(PTE_A | PTE_D));
    pma(m, NAPOT | R | MEM, table_of(0, 0) << 12, 4096);
    struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA);
    expect_cause(m, a, 5, "a table in read-only memory");
    expect(m, a.writes == 0, "%u writes", a.writes);
}

static void pma_1(struct machine *m) {
    bare(m);
    pma(m, NAPOT, PA, 64);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
        expect_cause(m, do_access(m, access, PRIV_S, 0, PA), access_fault_of(access), "a hole");
        expect_cause(m, do_access(m, access, PRIV_M, 0, PA), access_fault_of(access), "also of M");
    }
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, PA + 64), PA + 64, "beside it");
    set_pma(m, 3, 0, 0); /* what no entry matches is a hole, as soon as one is on */
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, PA + 64), 5, "no region");
    set_pma(m, 0, 0, 0); /* none is: all is main memory */
    expect_pa(m, do_access(m, ACCESS_AMO, PRIV_S, 0, PA), PA, "no table");
}

static void device(struct machine *m) {
    static const bool may[] = {false, true, true, false, false, false, true, false};
    bare(m);
    pma(m, NAPOT | R | W, PA, 64);
    for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
        struct answer a = do_access(m, access, PRIV_S, 0, PA);
        if (may[access])
            expect_pa(m, a, PA, "a device");
        else
            expect_cause(m, a, access_fault_of(access), "a device");
    }
}

static void pma_4(struct machine *m) {
    one_page(m, GOOD);
    pma(m, NAPOT | R | W, table_of(0, 0) << 12, 4096);
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 5, "a table in a device");
    pma(m, NAPOT | R | W | MEM, table_of(0, 0) << 12, 4096);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), PA, "a table in memory");
}

static void pma_5(struct machine *m) {
    bare(m);
    pma(m, NA4 | R | W | X | MEM, PA, 4);
    expect_pa(m, do_bytes(m, ACCESS_LOAD, PRIV_S, PA, 4), PA, "inside");
    expect_cause(m, do_bytes(m, ACCESS_LOAD, PRIV_S, PA, 8), 5, "over its end");
    expect_cause(m, do_bytes(m, ACCESS_STORE, PRIV_S, PA - 4, 8), 7, "over its beginning");
}

const struct plan_test plan_pma[] = {
    {"VM-2.2", RV64 | RV32, vm_2_2}, {"VM-9.7", RV64 | RV32, vm_9_7},
    {"PMA-1", RV64 | RV32, pma_1},   {"PMA-2", RV64 | RV32, device},
    {"PMA-3", RV64 | RV32, device},  {"PMA-4", RV64 | RV32, pma_4},
    {"PMA-5", RV64 | RV32, pma_5},   {0},
};
