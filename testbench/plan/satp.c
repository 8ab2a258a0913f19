/* SPDX-License-Identifier: Apache-2.0
 *
 * satp, and the first step of a translation: which address, which table.
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

/* ---- satp --------------------------------------------------------------------------------------
 */
static void satp_1(struct machine *m) {
    static const vaddr_t vas[] = {0, 0x1000, 0xfffffff8, 0x80000238};
    enter(m, MODE_BARE, 0, 0);
    for (unsigned i = 0; i < 4; i++) {
        expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_S, 0, vas[i]), vas[i], "a fetch of S");
        expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_U, 0, vas[i]), vas[i], "a load of U");
        expect_pa(m, do_access(m, ACCESS_STORE, PRIV_S, 0, vas[i]), vas[i], "a store of S");
    }
    if (m->rv32) return;
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, 0xffffffffff0238), 0xffffffffff0238,
              "56 bits");
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, 1ull << 56), 5, "more than 56 bits");
}

static void satp_2(struct machine *m) {
    one_page(m, GOOD);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_M, 0, VA), VA, "M is not translated");
    expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_M, 0, VA), VA, "M is not translated");
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "S is");
}

static void satp_mode(struct machine *m) {
    uint8_t mode = m->rv32            ? MODE_SV32
                   : m->tag[5] == '3' ? MODE_SV39
                   : m->tag[5] == '4' ? MODE_SV48
                                      : MODE_SV57;
    map(m, 0, mode, VA, 0, page(0x1234, GOOD));
    enter(m, mode, 0, 1);
    fence_all(m);
    struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, VA);
    expect_pa(m, a, 0x1234238, "the page at the end");
    expect_walk(m, a, levels_of(mode), "a PTE a level");
}

static void satp_7(struct machine *m) {
    one_page(m, GOOD);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "as written");
    for (uint64_t mode = 1; mode < 16; mode++) {
        if (mode >= MODE_SV39 && mode <= MODE_SV57) continue;
        write_csr(m, 0x180, mode << 60 | 7ull << 44 | 0x90000);
        expect_hit(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), "ignored whole");
        fence_all(m);
        expect_pa(m, do_access(m, ACCESS_FETCH, PRIV_S, 0, VA), 0x1234238, "root kept");
        expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "root kept");
    }
}

static void satp_8(struct machine *m) {
    one_page(m, GOOD);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "ASID 1");
    enter(m, deep_mode(m), 0, (uint16_t)(1u << m->config.asid_bits | 1));
    expect_hit(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), "the bits above are not there");
}

static void satp_9(struct machine *m) {
    one_page(m, GOOD);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "translated");
    enter(m, MODE_BARE, 0, 0);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), VA, "Bare at once");
    enter(m, deep_mode(m), 0, 1);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "and back at once");
}

static void satp_10(struct machine *m) {
    map(m, 1, deep_mode(m), VA, 0, page(0x4321, GOOD));
    one_page(m, GOOD);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "ASID 1");
    enter(m, deep_mode(m), 1, 2);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x4321238, "ASID 2 at once");
    enter(m, deep_mode(m), 0, 1);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x1234238, "ASID 1 again");
}

static void satp_11(struct machine *m) {
    map(m, 1, deep_mode(m), VA, 0, page(0x4321, GOOD));
    one_page(m, GOOD);
    offer(m, 0, ACCESS_LOAD, PRIV_S, 0, VA, 4);
    for (unsigned i = 0; i < 4; i++) machine_edge(m);
    enter(m, deep_mode(m), 1, 2);
    expect_pa(m, await(m, 0, ACCESS_LOAD), 0x1234238, "the satp of its acceptance");
    settle(m);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, VA), 0x4321238, "the new one");
}

/* ---- Step 1 ------------------------------------------------------------------------------------
 */
static void canonical(struct machine *m) {
    uint8_t mode = (uint8_t)(MODE_SV39 + m->tag[5] - '1');
    unsigned bits = 12 + 9 * levels_of(mode);
    vaddr_t low = 0x238, high = ~0ull << (bits - 1) | 0x1238;
    vaddr_t bad[] = {1ull << (bits - 1), 1ull << bits,        1ull << 63,
                     high ^ 1ull << 63,  high ^ 1ull << bits, high ^ 1ull << (bits - 1),
                     1ull << 62};
    map(m, 0, mode, low, 0, page(0x1234, GOOD));
    map(m, 0, mode, high, 0, page(0x4321, GOOD));
    enter(m, mode, 0, 1);
    fence_all(m);
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, low), 0x1234238, "the lower half");
    expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, high), 0x4321238, "the upper half");
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (uint8_t access = ACCESS_FETCH; access <= ACCESS_CBOZ; access++) {
            struct answer a = do_access(m, access, i % 2 ? PRIV_U : PRIV_S, 0, bad[i] | 0x238);
            expect_cause(m, a, page_fault_of(access), "no such address");
            expect(m, a.reads == 0, "%u reads for an address that is none", a.reads);
        }
    }
}

static void vm_1_4(struct machine *m) {
    static const vaddr_t vas[] = {0x80000238, 0xfffff238, 0x7ffff238};
    for (unsigned i = 0; i < 3; i++) {
        map(m, 0, MODE_SV32, vas[i], 0, page(0x1000 + i, GOOD));
        enter(m, MODE_SV32, 0, 1);
        fence_all(m);
        expect_pa(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, vas[i]), 0x1000238 + i * 0x1000, "Sv32");
    }
}

static void vm_1_5(struct machine *m) {
    for (uint8_t mode = MODE_SV39; mode <= MODE_SV57; mode++) {
        unsigned top = levels_of(mode) - 1;
        if (m->rv32) mode = MODE_SV32, top = 1;
        vaddr_t vas[] = {3ull << (12 + level_bits(m) * top) | 0x238,
                         m->rv32 ? 0xffc00238 : ~0ull << (12 + 9 * top) | 0x238};
        for (unsigned i = 0; i < 2; i++) {
            map(m, 2, mode, vas[i], top, page(0, GOOD));
            enter(m, mode, 2, 1);
            fence_all(m);
            struct answer a = do_access(m, ACCESS_LOAD, PRIV_S, 0, vas[i]);
            uint64_t last = m->rv32 ? 1023 * 4 : 511 * 8, index = m->rv32 ? 12 : 24;
            expect(m, a.read[0] == (table_of(2, top) << 12 | (i ? last : index)),
                   "first PTE at %llx", (unsigned long long)a.read[0]);
            expect(m, a.there && a.cause == 0, "cause %u", a.cause);
        }
        if (m->rv32) return;
    }
}

const struct plan_test plan_satp[] = {
    {"SATP-1", RV64 | RV32, satp_1},
    {"SATP-2", RV64 | RV32, satp_2},
    {"SATP-3", RV64, satp_mode},
    {"SATP-4", RV64, satp_mode},
    {"SATP-5", RV64, satp_mode},
    {"SATP-6", RV32, satp_mode},
    {"SATP-7", RV64, satp_7},
    {"SATP-8", RV64_NARROW | RV32_NARROW, satp_8},
    {"SATP-9", RV64 | RV32, satp_9},
    {"SATP-10", RV64 | RV32, satp_10},
    {"SATP-11", RV64 | RV32, satp_11},
    {"VM-1.1", RV64, canonical},
    {"VM-1.2", RV64, canonical},
    {"VM-1.3", RV64, canonical},
    {"VM-1.4", RV32, vm_1_4},
    {"VM-1.5", RV64 | RV32, vm_1_5},
    {0},
};
