/* SPDX-License-Identifier: Apache-2.0
 *
 * The literal walker of opinion 2 in every mode and with every extension: directed cases for what
 * Sv32, Sv57, Svnapot, Svpbmt, PMP, PMA and memory regions add to the decision table.
 */
#include "test_spec_world.h"

/* ---- Modes ----------------------------------------------------------------------------------- */
static void sv32(void **state) {
    struct world *w = *state;
    paddr_t high = 3ull << 32; /* a PA of 34 bits */
    build(w, MODE_SV32, 0, to(high, USER));
    expect(w, CAUSE_NONE, high + 0x678, 14);
    build(w, MODE_SV32, 1, to(high, USER)); /* 4 MiB */
    expect(w, CAUSE_NONE, high + 0x345678, 14);
    for (unsigned bit = 10; bit < 20; bit++) {
        build(w, MODE_SV32, 1, to(high, USER) | 1ull << bit);
        expect(w, CAUSE_LOAD_PAGE, 0, 6);
    }
    w->r.va = 0xfffff678; /* nothing to check above bit 31 */
    build(w, MODE_SV32, 0, to(0xfffffffffull & ~0xfffull, USER) & 0xffffffff);
    expect(w, CAUSE_NONE, 0x3fffff678, 14);
    w->r.satp = 0;
    expect(w, CAUSE_NONE, 0xfffff678, 0);
}

static void sv57(void **state) {
    struct world *w = *state;
    vaddr_t edge = 1ull << 56;
    for (unsigned level = 0; level < 5; level++) {
        w->r.va = edge - 4;
        uint64_t inside = (1ull << (12 + 9 * level)) - 1;
        paddr_t page = 0xffffffffffffffull & ~inside; /* the highest frame of 56 bits */
        build(w, MODE_SV57, level, to(page, USER));
        expect(w, CAUSE_NONE, page | ((edge - 4) & inside), 14);
        assert_int_equal(w->a.reads, 5 - level);
        w->r.va = -edge;
        build(w, MODE_SV57, level, to(page, USER));
        expect(w, CAUSE_NONE, page, 14);
    }
    w->r.va = edge;
    expect(w, CAUSE_LOAD_PAGE, 0, 1);
    assert_int_equal(w->a.reads, 0);
}

/* ---- Svnapot, Svpbmt ------------------------------------------------------------------------- */
static void napot(void **state) {
    struct world *w = *state;
    for (unsigned page = 0; page < 16; page++) {
        w->r.va = 0x12340678 + page * 4096;
        build(w, MODE_SV39, 0, to(0x5558000, USER) | PTE_N);
        expect(w, CAUSE_NONE, 0x5550678 + page * 4096, 14);
    }
    for (unsigned low = 0; low < 16; low++) {
        build(w, MODE_SV39, 0, to(0x5550000 + low * 4096, USER & ~PTE_A) | PTE_N);
        expect(w, CAUSE_LOAD_PAGE, 0, low == 8 ? 11 : 7);
        assert_false(w->a.writes);
    }
    for (unsigned level = 1; level < 3; level++) {
        build(w, MODE_SV39, level, to(1ull << 34, USER) | PTE_N);
        expect(w, CAUSE_LOAD_PAGE, 0, 7);
        build(w, MODE_SV39, level, to(FRAME(level - 1), PTE_V) | PTE_N);
        expect(w, CAUSE_LOAD_PAGE, 0, 4);
    }
    w->h.svnapot = false;
    build(w, MODE_SV39, 0, to(0x5558000, USER) | PTE_N);
    expect(w, CAUSE_LOAD_PAGE, 0, 3);
    build(w, MODE_SV39, 1, to(FRAME(0), PTE_V) | PTE_N);
    expect(w, CAUSE_LOAD_PAGE, 0, 3);
}

static void memory_type(void **state) {
    struct world *w = *state;
    for (unsigned type = 0; type < 4; type++)
        for (unsigned n = 0; n < 4; n++) {
            pte_t bits = (pte_t)type << PTE_PBMT_SHIFT;
            bool reserved = type == 3 || (type && n != 3);
            w->h.svpbmt = n & 1;
            w->r.pbmte = n & 2;
            build(w, MODE_SV48, 1, to(1ull << 30, USER) | bits);
            expect(w, reserved ? CAUSE_LOAD_PAGE : CAUSE_NONE, reserved ? 0 : 0x40145678,
                   reserved ? 3 : 14);
            assert_int_equal(w->a.pbmt, reserved ? PBMT_PMA : type);
            build(w, MODE_SV48, 1, to(FRAME(0), PTE_V) | bits);
            put(w, word_of(w, 0), to(1ull << 30, USER));
            expect(w, type ? CAUSE_LOAD_PAGE : CAUSE_NONE, type ? 0 : 0x40000678,
                   reserved ? 3
                   : type   ? 4
                            : 14);
        }
}

/* ---- PMP and regions ------------------------------------------------------------------------- */
static void entry(struct world *w, unsigned n, unsigned cfg, uint64_t addr) {
    w->r.pmp = &w->pmp;
    w->pmp.cfg[n] = (uint8_t)cfg;
    w->pmp.addr[n] = addr;
    if (n >= w->pmp.entries) w->pmp.entries = n + 1;
}

static void pmp_on_tables(void **state) {
    struct world *w = *state;
    build(w, MODE_SV39, 0, to(1ull << 30, USER & ~PTE_A));
    entry(w, 0, OFF, 0);
    expect(w, CAUSE_LOAD_ACCESS, 0, 2); /* no match: S is refused */
    entry(w, 1, NAPOT | 7, (1ull << 54) - 1);
    expect(w, CAUSE_LOAD_PAGE, 0, 11);
    for (unsigned level = 0; level < 3; level++) {
        entry(w, 0, NA4 | 7, word_of(w, level) >> 2); /* half of the entry, though it grants all */
        expect(w, CAUSE_LOAD_ACCESS, 0, 2);
        assert_int_equal(w->a.reads, 2 - level);
        entry(w, 0, NA4 | 7, (word_of(w, level) >> 2) + 1);
        expect(w, CAUSE_LOAD_ACCESS, 0, 2);
    }
    w->r.access = ACCESS_FETCH; /* the original type, and tables need no X */
    expect(w, CAUSE_INSTRUCTION_ACCESS, 0, 2);
    entry(w, 0, NAPOT | 1, word_of(w, 0) >> 2 & ~1ull);
    expect(w, CAUSE_INSTRUCTION_PAGE, 0, 11);
    w->r.adue = true; /* read, but not written */
    expect(w, CAUSE_INSTRUCTION_ACCESS, 0, 12);
    assert_false(w->a.writes);
    entry(w, 0, NAPOT | 2, word_of(w, 0) >> 2 & ~1ull); /* W without R grants nothing */
    expect(w, CAUSE_INSTRUCTION_ACCESS, 0, 2);
    entry(w, 0, NAPOT | 3, word_of(w, 0) >> 2 & ~1ull);
    expect(w, CAUSE_NONE, 0x40000678, 13);
}

static void pmp_on_data(void **state) {
    static const uint8_t needs[ACCESS_COUNT] = {4, 1, 2, 2, 1, 2, 1, 2};
    struct world *w = *state;
    paddr_t data = 0x40000678;
    build(w, MODE_SV39, 1, to(1ull << 30, USER & ~PTE_A)); /* a superpage across regions */
    w->r.adue = true;
    entry(w, 1, NAPOT | 7, (1ull << 54) - 1);
    for (unsigned access = 0; access < ACCESS_COUNT; access++)
        for (unsigned rwx = 0; rwx < 8; rwx++) {
            w->r.access = (uint8_t)access;
            entry(w, 0, NA4 | rwx, (data + 0x145000) >> 2);
            spec_walk_hart(&w->h, &w->r, &w->a);
            bool granted = rwx & needs[access] && (needs[access] != 2 || rwx & 1);
            assert_int_equal(!w->a.cause, granted);
            assert_true(w->a.writes); /* what is set stays set */
        }
    w->r.access = ACCESS_LOAD;
    w->r.bytes = 8;
    w->r.va = 0x12345678;
    for (int edge = -1; edge < 4; edge++) { /* TOR with an edge at each word around 8 bytes */
        entry(w, 0, TOR | 7, ((data + 0x145000) >> 2) + edge);
        expect(w, edge == 1 ? CAUSE_LOAD_ACCESS : CAUSE_NONE, edge == 1 ? 0 : data + 0x145000,
               edge == 1 ? 15 : 13);
    }
}

static void pmp_in_machine_mode(void **state) {
    struct world *w = *state;
    w->r.priv = PRIV_M;
    w->r.va = 0x1000;
    entry(w, 0, OFF, 0);
    expect(w, CAUSE_NONE, 0x1000, 0); /* no match: M passes */
    entry(w, 0, NA4, 0x400);
    expect(w, CAUSE_NONE, 0x1000, 0);
    entry(w, 0, NA4 | PMP_L, 0x400);
    expect(w, CAUSE_LOAD_ACCESS, 0, 15);
    entry(w, 0, NA4 | PMP_L | PMP_R, 0x400);
    expect(w, CAUSE_NONE, 0x1000, 0);
    w->r.bytes = 8; /* in part: irrespective of L */
    entry(w, 0, NA4 | PMP_R, 0x400);
    expect(w, CAUSE_LOAD_ACCESS, 0, 15);
    w->r.access = ACCESS_CBO; /* the whole block counts, whatever byte of it is named */
    w->r.va = 0x1007;
    expect(w, CAUSE_STORE_ACCESS, 0, 15);
    entry(w, 0, NAPOT | PMP_R, 0x400);
    expect(w, CAUSE_NONE, 0x1007, 0);
    entry(w, 0, TOR | PMP_L, 0); /* an empty range */
    expect(w, CAUSE_NONE, 0x1007, 0);
}

/* RAM, a device, a hole; a table may be in RAM only. */
static void kinds_of_memory(void **state) {
    enum { RAM = PMP_R | PMP_W | PMP_X | PMA_MEM, DEVICE = PMP_R | PMP_W };
    static const uint8_t device[ACCESS_COUNT] = {
        [ACCESS_LOAD] = 1, [ACCESS_STORE] = 1, [ACCESS_CBO] = 1};
    struct world *w = *state;
    paddr_t data = 0x40145678;
    w->pma = (struct spec_pmp){.entries = 3};
    w->r.pma = &w->pma;
    build(w, MODE_SV39, 1, to(1ull << 30, USER & ~PTE_A));
    w->r.adue = true;
    expect(w, CAUSE_NONE, data, 13); /* all OFF: RAM everywhere */
    w->pma.addr[2] = (1ull << 54) - 1;
    w->pma.addr[1] = data >> 2;
    for (unsigned access = 0; access < ACCESS_COUNT; access++)
        for (unsigned kind = 0; kind < 3; kind++) {
            w->r.access = (uint8_t)access;
            w->pma.cfg[1] = NA4 | (kind == 2 ? RAM : kind == 1 ? DEVICE : 0);
            w->pma.cfg[2] = NAPOT | RAM;
            spec_walk_hart(&w->h, &w->r, &w->a);
            assert_int_equal(!w->a.cause, kind == 2 || (kind == 1 && device[access]));
            assert_true(w->a.writes);
        }
    w->r.access = ACCESS_LOAD;
    for (unsigned level = 1; level < 3; level++)
        for (unsigned kind = 0; kind < 3; kind++) { /* half of the entry; a device; not writable */
            static const uint8_t cfg[] = {NA4 | RAM, NAPOT | DEVICE, NAPOT | PMP_R | PMA_MEM};
            w->pma.cfg[1] = cfg[kind];
            w->pma.addr[1] = word_of(w, level) >> 2;
            bool passes = kind == 2 && level == 2;
            expect(w, passes ? CAUSE_NONE : CAUSE_LOAD_ACCESS, passes ? data : 0,
                   kind < 2 ? 2
                   : passes ? 13
                            : 12);
        }
    w->pma.cfg[2] = OFF; /* no match is a hole */
    w->pma.cfg[1] = NA4 | RAM;
    expect(w, CAUSE_LOAD_ACCESS, 0, 2);
}

static void regions(void **state) {
    struct world *w = *state;
    w->region[0] = (struct spec_region){MEM_BASE, MEM_BASE + 0xfff};
    w->region[1] = (struct spec_region){MEM_BASE + 0x1000, FRAME(3) - 1};
    w->h.region = w->region;
    w->h.regions = 2;
    build(w, MODE_SV39, 0, to(FRAME(1), USER));
    expect(w, CAUSE_NONE, FRAME(1) + 0x678, 14);
    build(w, MODE_SV39, 0, to(FRAME(3), USER));
    expect(w, CAUSE_LOAD_ACCESS, 0, 15);
    assert_true(w->a.bus && w->a.bus_pa == FRAME(3) + 0x678);
    build(w, MODE_SV48, 0, to(FRAME(1), USER)); /* the root lies outside */
    expect(w, CAUSE_LOAD_ACCESS, 0, 2);
    assert_true(w->a.bus && w->a.bus_pa == word_of(w, 3));
    w->r.satp = 0;
    w->r.va = FRAME(1) - 2; /* across two regions that touch */
    expect(w, CAUSE_NONE, FRAME(1) - 2, 0);
    w->r.va = FRAME(3) - 2;
    expect(w, CAUSE_LOAD_ACCESS, 0, 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(sv32),           CASE(sv57),        CASE(napot),   CASE(memory_type),
        CASE(pmp_on_tables),  CASE(pmp_on_data), CASE(regions), CASE(pmp_in_machine_mode),
        CASE(kinds_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
