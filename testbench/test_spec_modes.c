/* SPDX-License-Identifier: Apache-2.0
 *
 * The literal walker of opinion 2 in every mode and with every extension: directed cases for what
 * Sv32, Sv57, Svnapot, Svpbmt, PMP and memory regions add to the decision table; then, against the
 * second transcription, every value of the ten low bits in every mode, and random tables under
 * random PMP and regions, every row of the table reached.
 */
#include "enums.h"
#include "spec.h"
#include "spec_second.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define FRAME(n) (MEM_BASE + (paddr_t)(n)*PAGE_BYTES)
#define RWX      (PTE_R | PTE_W | PTE_X)
#define USER     (PTE_V | RWX | PTE_U | PTE_A | PTE_D)

struct world {
    struct mem *mem;
    struct spec_hart h;
    struct spec_request r;
    struct spec_pmp pmp;
    struct spec_region region[2];
    struct spec_answer a;
};

static int setup(void **state) {
    struct world *w = test_calloc(1, sizeof *w);
    w->mem = mem_new(64ull << 20);
    w->h = spec_hart_over(w->mem);
    w->h.svnapot = w->h.svpbmt = true;
    w->r = (struct spec_request){
        .access = ACCESS_LOAD, .priv = PRIV_U, .bytes = 4, .pa_bits = 56, .va = 0x12345678};
    *state = w;
    return 0;
}

static int teardown(void **state) {
    struct world *w = *state;
    mem_delete(w->mem);
    test_free(w);
    return 0;
}

static pte_t to(paddr_t pa, pte_t flags) {
    return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
}

static void put(struct world *w, paddr_t pa, pte_t pte) {
    uint8_t bytes[8];
    memcpy(bytes, &pte, 8);
    mem_write(w->mem, pa, bytes, w->h.rv32 ? 4 : 8);
}

static paddr_t word_of(const struct world *w, unsigned i) {
    return w->h.rv32 ? FRAME(i) + (w->r.va >> (12 + 10 * i) & 1023) * 4
                     : FRAME(i) + (w->r.va >> (12 + 9 * i) & 511) * 8;
}

/* Tables of level i in frame i; the walk ends in `leaf`. */
static void build(struct world *w, unsigned mode, unsigned level, pte_t leaf) {
    unsigned top = mode == MODE_SV32 ? 1 : mode - 6;
    w->h.rv32 = mode == MODE_SV32;
    w->r.pa_bits = w->h.rv32 ? 34 : 56;
    w->r.satp = (uint64_t)mode << (w->h.rv32 ? 31 : 60) | FRAME(top) >> PAGE_SHIFT;
    for (unsigned i = top; i > level; i--) put(w, word_of(w, i), to(FRAME(i - 1), PTE_V));
    put(w, word_of(w, level), leaf);
}

static void expect(struct world *w, unsigned cause, paddr_t pa, unsigned row) {
    spec_walk_hart(&w->h, &w->r, &w->a);
    assert_string_equal(cause_word(w->a.cause), cause_word(cause));
    assert_int_equal(w->a.pa, pa);
    assert_int_equal(w->a.row, row);
}

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

enum { OFF = 0, TOR = 8, NA4 = 16, NAPOT = 24 };

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

/* ---- Random ---------------------------------------------------------------------------------- */
static pte_t random_pte(uint64_t x, bool rv32) {
    pte_t p = (x & 0xff) | PTE_V;
    if (x >> 8 & 1) p = PTE_V;
    if (x >> 9 & 1) p |= PTE_A | PTE_D | PTE_U | PTE_R;
    p |= to(x >> 10 & 3 ? FRAME(x >> 12 & 7) : (x >> 20) << 12 & ((1ull << 56) - 1), 0);
    if (x >> 16 & 1 && p & (PTE_R | PTE_X)) p &= ~to(0x3fffffff, 0);
    if (!rv32 && (x >> 17 & 7) == 0)
        p = (p & ~to(0xf000, 0)) | PTE_N | to(x >> 49 & 1 ? 0x8000 : 0, 0);
    if (!rv32 && (x >> 50 & 7) == 0) p |= (x >> 53 & 3) << PTE_PBMT_SHIFT;
    if ((x >> 55 & 15) == 0) p ^= 1ull << (x >> 58);
    return rv32 ? (uint32_t)p : p;
}

static void random_world(struct world *w, uint64_t *seed) {
    uint64_t x = token_mix(++*seed);
    w->h.rv32 = x & 3 ? 0 : 1;
    w->h.svnapot = x >> 2 & 3;
    w->h.svpbmt = x >> 4 & 3;
    for (unsigned f = 0; f < 8; f++)
        for (unsigned n = 0; n < 4; n++) /* the words that a random address can index */
            put(w, FRAME(f) + (n & 1 ? 4088 : 0) + (n & 2 && w->h.rv32 ? 4 : 0),
                random_pte(token_mix(++*seed), w->h.rv32));
    w->h.regions = x >> 6 & 3 ? 0 : 1 + (x >> 8 & 1);
    w->region[0] = (struct spec_region){x >> 9 & 1 ? 0 : MEM_BASE, FRAME(x >> 10 & 7) + 4091};
    w->region[1] = (struct spec_region){w->region[0].hi + 1, x >> 13 & 1 ? ~0ull : FRAME(9)};
    w->h.region = w->region;
    w->pmp.entries = x >> 16 & 1 ? 0 : 1 + (x >> 17 & 63);
    for (unsigned n = 0; n < w->pmp.entries; n++) {
        uint64_t y = token_mix(++*seed),
                 at = FRAME(y & 7) + (y >> 3 & 1 ? 4080 : 0) + (y >> 4 & 15);
        w->pmp.cfg[n] = y >> 16 & 3 ? 0 : (uint8_t)(y >> 20);
        w->pmp.addr[n] = at >> 2 | ((1ull << (y >> 32 & 15)) - 1);
        if ((y >> 40 & 3) == 0) { /* a frame of tables that may be read */
            w->pmp.cfg[n] = NAPOT | PMP_R;
            w->pmp.addr[n] = FRAME(y & 7) >> 2 | 0x1ff;
        }
        if (n + 1 == w->pmp.entries) {
            w->pmp.cfg[n] = NAPOT | 7;
            w->pmp.addr[n] = (1ull << 54) - 1;
        }
    }
    w->r.pmp = x >> 23 & 3 ? &w->pmp : NULL;
}

static void random_request(struct world *w, uint64_t y) {
    const struct spec_pmp *pmp = w->r.pmp;
    unsigned mode = y >> 16 & 15 ? (w->h.rv32 ? 1 : 8 + (unsigned)(y >> 12 & 15) % 3) : 0;
    unsigned shift = w->h.rv32 ? 31 : 60, up = mode ? 64 - (12 + 9 * (mode - 5)) : 0;
    w->r = (struct spec_request){.access = y & 7,
                                 .priv = (y >> 3 & 15) ? y >> 3 & 1 : PRIV_M,
                                 .sum = y >> 7 & 1,
                                 .mxr = y >> 8 & 1,
                                 .adue = y >> 9 & 1,
                                 .pbmte = y >> 10 & 1,
                                 .pa_bits = w->h.rv32     ? 34
                                            : y >> 11 & 3 ? 56
                                                          : 36,
                                 .bytes = 1u << (y >> 36 & 3),
                                 .pmp = pmp};
    w->r.satp = (uint64_t)mode << shift | (FRAME(y >> 20 & 7) >> 12);
    for (unsigned i = 0; i < 5; i++)
        w->r.va |= (y >> (24 + i) & 1 ? (w->h.rv32 ? 1022ull : 511ull) : 0)
                   << (12 + (w->h.rv32 ? 10 : 9) * i);
    w->r.va |= (y >> 52) / w->r.bytes * w->r.bytes;
    if (w->h.rv32)
        w->r.va = (uint32_t)w->r.va;
    else if (y >> 30 & 15 && mode)
        w->r.va = (uint64_t)((int64_t)(w->r.va << up) >> up);
}

static void compare(struct world *w, unsigned n) {
    spec_walk_hart(&w->h, &w->r, &w->a);
    struct second two = second_walk(&w->h, &w->r);
    const char *what = second_differs(&two, &w->a);
    if (what)
        fail_msg("%u: %s of %llx satp %llx: %s: row %u %s %llx; second: row %u %s %llx", n,
                 access_word(w->r.access), (unsigned long long)w->r.va,
                 (unsigned long long)w->r.satp, what, w->a.row, cause_word(w->a.cause),
                 (unsigned long long)w->a.pa, two.row, cause_word(two.cause),
                 (unsigned long long)two.pa);
}

static void every_low_bit(void **state) {
    static const uint8_t modes[] = {MODE_SV32, MODE_SV39, MODE_SV48, MODE_SV57};
    struct world *w = *state;
    for (unsigned m = 0; m < 4; m++)
        for (unsigned level = 0; level < (m ? m + 2 : 2); level++)
            for (unsigned low = 0; low < 1024; low++) {
                build(w, modes[m], level, low);
                for (unsigned n = 0; n < 128; n++) {
                    w->r.access = n & 7;
                    w->r.priv = n >> 3 & 1;
                    w->r.sum = n >> 4 & 1;
                    w->r.mxr = n >> 5 & 1;
                    w->r.adue = n >> 6 & 1;
                    compare(w, low);
                }
            }
}

static void random_everything(void **state) {
    struct world *w = *state;
    uint64_t seed = 0;
    unsigned seen[3][16] = {{0}};
    for (unsigned n = 0; n < 1500000; n++) {
        if (n % 32 == 0) random_world(w, &seed);
        random_request(w, token_mix(++seed));
        compare(w, n);
        seen[w->h.rv32 ? 0 : w->r.satp >> 60 == MODE_SV57 ? 2 : 1][w->a.row]++;
    }
    for (unsigned kind = 0; kind < 3; kind++)
        for (unsigned row = 0; row < 16; row++)
            if (seen[kind][row] < 5 && row != 9 && (kind || (row != 1 && row != 7)))
                fail_msg("row %u decided only %u cases of kind %u", row, seen[kind][row], kind);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {CASE(sv32),          CASE(sv57),
                                       CASE(napot),         CASE(memory_type),
                                       CASE(pmp_on_tables), CASE(pmp_on_data),
                                       CASE(regions),       CASE(pmp_in_machine_mode),
                                       CASE(every_low_bit), CASE(random_everything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
