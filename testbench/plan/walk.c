/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 3 to 10 of the translation process, Svnapot and Svpbmt, one PTE a row: where it stands,
 * what it holds, who comes, and what the specification says happens. A row is driven in each of its
 * modes and levels.
 */
#include "machine.h"
#include <stdio.h>
#include <string.h>

enum { M39 = 1, M48 = 2, M57 = 4, M32 = 8, M64 = M39 | M48 | M57, ALL = M64 | M32 };
enum { L0 = 1, L1 = 2, L2 = 4, L3 = 8, L4 = 16, UPPER = L1 | L2 | L3 | L4, ANY = L0 | UPPER };
enum { R = PTE_R, W = PTE_W, X = PTE_X, U = PTE_U, A = PTE_A, D = PTE_D, V = PTE_V };
#define GOOD    (V | R | W | X | A | D)
#define POINT   V
#define N       PTE_N
#define B(n)    (1ull << (n))
#define PBMT(n) ((pte_t)(n) << PTE_PBMT_SHIFT)
#define NAPOT   (N | 8ull << PTE_PPN_SHIFT)
enum {
    FE = ACCESS_FETCH,
    LO = ACCESS_LOAD,
    ST = ACCESS_STORE,
    AM = ACCESS_AMO,
    LR = ACCESS_LR,
    SC = ACCESS_SC,
    CB = ACCESS_CBO,
    CZ = ACCESS_CBOZ
};
enum { S = PRIV_S, UM = PRIV_U };
enum { OK = 0, PF = 1 }; /* a page fault of the access's type */

struct row {
    const char *tag;
    unsigned modes, levels;
    pte_t pte; /* without PPN; low PPN bits may be given */
    uint8_t access, priv, state, outcome;
    pte_t sets; /* the bits that must be written into it */
};

static const struct row rows[] = {
    {"VM-3.1", ALL, ANY, 0, LO, S, 0, PF, 0},
    {"VM-3.1", ALL, ANY, GOOD & ~V, FE, S, 0, PF, 0},
    {"VM-3.1", ALL, ANY, (GOOD | U | PTE_RSW) & ~V, ST, UM, ADUE, PF, 0},
    {"VM-3.2", ALL, ANY, V | W | A | D, ST, S, 0, PF, 0},
    {"VM-3.2", ALL, ANY, V | W | A | D, LO, S, 0, PF, 0},
    {"VM-3.2", ALL, ANY, V | W | X | A | D, FE, S, 0, PF, 0},
    {"VM-3.2", ALL, ANY, V | W | X | A | D, ST, S, 0, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(54), LO, S, 0, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(55), FE, S, PBMTE, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(56), ST, S, ADUE, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(57), LO, S, 0, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(58), LO, S, 0, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(59), LO, S, 0, PF, 0},
    {"VM-3.3", M64, ANY, GOOD | B(60), LO, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(54), LO, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(55), LO, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(56), LO, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(57), FE, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(58), LO, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(59), LO, S, 0, PF, 0},
    {"VM-3.4", M64, UPPER, POINT | B(60), ST, S, 0, PF, 0},
    {"VM-3.5", M64, L0, GOOD | NAPOT, LO, S, NO_NAPOT, PF, 0},
    {"VM-3.5", M64, UPPER, POINT | N, LO, S, NO_NAPOT, PF, 0},
    {"VM-3.6", M64, ANY, GOOD | PBMT(1), LO, S, PBMTE | NO_PBMT, PF, 0},
    {"VM-3.6", M64, ANY, GOOD | PBMT(2), FE, S, PBMTE | NO_PBMT, PF, 0},
    {"VM-3.7", M64, ANY, GOOD | PBMT(1), LO, S, 0, PF, 0},
    {"VM-3.7", M64, ANY, GOOD | PBMT(2), ST, S, ADUE, PF, 0},
    {"VM-3.8", M64, ANY, GOOD | PBMT(3), LO, S, PBMTE, PF, 0},
    {"VM-3.9", ALL, ANY, GOOD | B(8), LO, S, 0, OK, 0},
    {"VM-3.9", ALL, ANY, GOOD | B(9), FE, S, 0, OK, 0},
    {"VM-3.9", ALL, ANY, GOOD | PTE_RSW, ST, S, ADUE, OK, 0},
    {"VM-4.1", ALL, UPPER, POINT | A, LO, S, 0, PF, 0},
    {"VM-4.2", ALL, UPPER, POINT | D, LO, S, 0, PF, 0},
    {"VM-4.3", ALL, UPPER, POINT | U, LO, UM, 0, PF, 0},
    {"VM-4.3", ALL, UPPER, POINT | U, LO, S, SUM, PF, 0},
    {"VM-4.4", M64, UPPER, POINT | N, LO, S, 0, PF, 0},
    {"VM-4.5", M64, UPPER, POINT | PBMT(1), LO, S, PBMTE, PF, 0},
    {"VM-4.5", M64, UPPER, POINT | PBMT(2), ST, S, PBMTE, PF, 0},
    {"VM-4.6", ALL, L0, POINT, LO, S, 0, PF, 0},
    {"VM-4.6", ALL, L0, POINT, FE, S, ADUE, PF, 0},
    {"VM-4.7", ALL, L0, GOOD, LO, S, 0, OK, 0},
    {"VM-5.1", ALL, UPPER, GOOD | B(10), LO, S, 0, PF, 0},
    {"VM-5.1", M64, UPPER, GOOD | B(18), FE, S, 0, PF, 0},
    {"VM-5.1", M64, L2 | L3 | L4, GOOD | B(19), LO, S, 0, PF, 0},
    {"VM-5.1", M64, L2 | L3 | L4, GOOD | B(27), LO, S, 0, PF, 0},
    {"VM-5.1", M64, L3 | L4, GOOD | B(28), LO, S, 0, PF, 0},
    {"VM-5.1", M64, L3 | L4, GOOD | B(36), ST, S, 0, PF, 0},
    {"VM-5.1", M64, L4, GOOD | B(37), LO, S, 0, PF, 0},
    {"VM-5.1", M64, L4, GOOD | B(45), LO, S, 0, PF, 0},
    {"VM-5.1", M32, L1, GOOD | B(19), LO, S, 0, PF, 0},
    {"VM-5.2", ALL, ANY, GOOD, LO, S, 0, OK, 0},
    {"VM-5.2", ALL, ANY, GOOD, FE, S, 0, OK, 0},
    {"VM-6.1", ALL, ANY, GOOD, FE, UM, 0, PF, 0},
    {"VM-6.1", ALL, ANY, GOOD, LO, UM, SUM, PF, 0},
    {"VM-6.1", ALL, ANY, GOOD, ST, UM, MXR, PF, 0},
    {"VM-6.2", ALL, ANY, GOOD | U, LO, S, 0, PF, 0},
    {"VM-6.2", ALL, ANY, GOOD | U, ST, S, MXR, PF, 0},
    {"VM-6.3", ALL, ANY, GOOD | U, LO, S, SUM, OK, 0},
    {"VM-6.3", ALL, ANY, GOOD | U, ST, S, SUM, OK, 0},
    {"VM-6.4", ALL, ANY, GOOD | U, FE, S, SUM, PF, 0},
    {"VM-6.5", ALL, ANY, GOOD | U, FE, UM, 0, OK, 0},
    {"VM-6.5", ALL, ANY, GOOD | U, LO, UM, 0, OK, 0},
    {"VM-6.5", ALL, ANY, GOOD | U, ST, UM, 0, OK, 0},
    {"VM-8.1", ALL, ANY, V | R | W | A | D, FE, S, 0, PF, 0},
    {"VM-8.1", ALL, ANY, V | X | A | D, FE, S, 0, OK, 0},
    {"VM-8.2", ALL, ANY, V | X | A | D, LO, S, 0, PF, 0},
    {"VM-8.2", ALL, ANY, V | X | A | D, LR, S, SUM, PF, 0},
    {"VM-8.3", ALL, ANY, V | X | A | D, LO, S, MXR, OK, 0},
    {"VM-8.3", ALL, ANY, V | X | A | D, LR, S, MXR, OK, 0},
    {"VM-8.4", ALL, ANY, V | R | X | A | D, ST, S, 0, PF, 0},
    {"VM-8.4", ALL, ANY, V | R | A | D, SC, S, 0, PF, 0},
    {"VM-8.4", ALL, ANY, V | R | X | A | D, AM, S, 0, PF, 0},
    {"VM-8.4", ALL, ANY, V | X | A | D, AM, S, 0, PF, 0},
    {"VM-8.5", ALL, ANY, V | X | A | D, ST, S, MXR, PF, 0},
    {"VM-8.5", ALL, ANY, V | R | X | A | D, AM, S, MXR, PF, 0},
    {"VM-8.6", ALL, ANY, V | R | A, CB, S, 0, OK, 0},
    {"VM-8.6", ALL, ANY, GOOD, CB, S, 0, OK, 0},
    {"VM-8.6", ALL, ANY, V | X | A | D, CB, S, 0, PF, 0},
    {"VM-8.7", ALL, ANY, V | R | X | A | D, CZ, S, 0, PF, 0},
    {"VM-8.7", ALL, ANY, GOOD, CZ, S, 0, OK, 0},
    {"VM-9.1", ALL, ANY, GOOD & ~A, FE, S, 0, PF, 0},
    {"VM-9.1", ALL, ANY, GOOD & ~A, LO, S, 0, PF, 0},
    {"VM-9.1", ALL, ANY, GOOD & ~A, ST, S, 0, PF, 0},
    {"VM-9.2", ALL, ANY, GOOD & ~D, ST, S, 0, PF, 0},
    {"VM-9.2", ALL, ANY, GOOD & ~D, AM, S, 0, PF, 0},
    {"VM-9.2", ALL, ANY, GOOD & ~D, LO, S, 0, OK, 0},
    {"VM-9.3", ALL, ANY, GOOD & ~(A | D), FE, S, ADUE, OK, A},
    {"VM-9.3", ALL, ANY, GOOD & ~(A | D), LO, S, ADUE, OK, A},
    {"VM-9.3", ALL, ANY, GOOD & ~(A | D), LR, S, ADUE, OK, A},
    {"VM-9.3", ALL, ANY, GOOD & ~(A | D), CB, S, ADUE, OK, A},
    {"VM-9.3", ALL, ANY, GOOD & ~A, ST, S, ADUE, OK, A},
    {"VM-9.4", ALL, ANY, GOOD & ~(A | D), ST, S, ADUE, OK, A | D},
    {"VM-9.4", ALL, ANY, GOOD & ~D, ST, S, ADUE, OK, D},
    {"VM-9.4", ALL, ANY, GOOD & ~D, SC, S, ADUE, OK, D},
    {"VM-9.4", ALL, ANY, GOOD & ~(A | D), AM, S, ADUE, OK, A | D},
    {"VM-9.4", ALL, ANY, GOOD & ~D, CZ, S, ADUE, OK, D},
    {"VM-9.8", ALL, ANY, (GOOD | U) & ~(A | D), LO, S, ADUE, PF, 0},
    {"VM-9.8", ALL, ANY, (GOOD | U) & ~(A | D), FE, S, ADUE, PF, 0},
    {"VM-9.8", ALL, ANY, V | R | X, ST, S, ADUE, PF, 0},
    {"VM-9.8", ALL, ANY, V | X, LO, S, ADUE, PF, 0},
    {"VM-9.8", ALL, UPPER, (GOOD & ~(A | D)) | B(10), ST, S, ADUE, PF, 0},
    {"VM-9.8", M64, ANY, (GOOD & ~(A | D)) | B(58), ST, S, ADUE, PF, 0},
    {"VM-9.8", M64, L0, (GOOD & ~(A | D)) | N | B(10), ST, S, ADUE, PF, 0},
    {"VM-9.8", M64, UPPER, (GOOD & ~(A | D)) | NAPOT, ST, S, ADUE, PF, 0},
    {"VM-9.11", ALL, ANY, (GOOD | PTE_RSW) & ~(A | D), ST, S, ADUE, OK, A | D},
    {"VM-9.11", M64, ANY, (GOOD | PBMT(2) | PTE_G) & ~(A | D), ST, S, ADUE | PBMTE, OK, A | D},
    {"VM-9.11", M64, L0, (GOOD | PBMT(1) | NAPOT) & ~(A | D), LO, S, ADUE | PBMTE, OK, A},
    {"VM-9.13", ALL, ANY, GOOD & ~A, LO, S, ADUE | NO_ADU, PF, 0},
    {"VM-9.13", ALL, ANY, GOOD & ~D, ST, S, ADUE | NO_ADU, PF, 0},
    {"VM-10.1", ALL, L0, GOOD, LO, S, 0, OK, 0},
    {"VM-10.1", ALL, L0, GOOD | B(10) | B(13), FE, S, 0, OK, 0},
    {"VM-10.2", ALL, UPPER, GOOD, LO, S, 0, OK, 0},
    {"VM-10.2", ALL, UPPER, GOOD, ST, S, 0, OK, 0},
    {"VM-10.3", M64, ANY, GOOD | B(53), LO, S, 0, OK, 0},
    {"VM-10.3", M32, ANY, GOOD | B(31), LO, S, 0, OK, 0},
    {"VM-3.10", M32, ANY, GOOD | B(31), LO, S, 0, OK, 0},
    {"VM-3.10", M32, ANY, GOOD | B(30), FE, S, 0, OK, 0},
    {"NAP-1", M64, L0, GOOD | NAPOT, LO, S, 0, OK, 0},
    {"NAP-1", M64, L0, GOOD | NAPOT, FE, S, 0, OK, 0},
    {"NAP-2", M64, L0, GOOD | N | B(10), LO, S, 0, PF, 0},
    {"NAP-2", M64, L0, GOOD | N | B(11), LO, S, 0, PF, 0},
    {"NAP-2", M64, L0, GOOD | N | B(12), LO, S, 0, PF, 0},
    {"NAP-2", M64, L0, GOOD | N, LO, S, 0, PF, 0},
    {"NAP-2", M64, L0, GOOD | NAPOT | B(10), FE, S, 0, PF, 0},
    {"NAP-2", M64, L0, GOOD | NAPOT | B(12), ST, S, 0, PF, 0},
    {"NAP-3", M64, UPPER, GOOD | NAPOT, LO, S, 0, PF, 0},
    {"NAP-3", M64, UPPER, GOOD | N, LO, S, 0, PF, 0},
    {"NAP-6", M64, L0, (GOOD | NAPOT) & ~(A | D), ST, S, ADUE, OK, A | D},
    {"PBM-1", M64, L0, GOOD, LO, S, PBMTE, OK, 0},
    {"PBM-1", M64, L0, GOOD | PBMT(1), LO, S, PBMTE, OK, 0},
    {"PBM-1", M64, L0, GOOD | PBMT(2), FE, S, PBMTE, OK, 0},
    {"PBM-3", M64, UPPER, GOOD | PBMT(1), LO, S, PBMTE, OK, 0},
    {"PBM-3", M64, UPPER, GOOD | PBMT(2), ST, S, PBMTE, OK, 0},
    {"PBM-4", M64, ANY, (GOOD & ~X) | PBMT(2), FE, S, PBMTE, PF, 0},
    {"ACC-1", ALL, ANY, 0, FE, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, LO, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, LR, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, ST, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, SC, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, AM, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, CB, S, 0, PF, 0},
    {"ACC-1", ALL, ANY, 0, CZ, S, 0, PF, 0},
};

/* ---- What the specification answers to a row that goes through
 * ----------------------------------- */
static unsigned leaf_shift(const struct machine *m, const struct row *r, unsigned level) {
    return r->pte & N ? 16 : 12 + level_bits(m) * level;
}

static uint8_t size_of(const struct machine *m, const struct row *r, unsigned level) {
    static const uint8_t by_level[] = {SIZE_4K, SIZE_2M, SIZE_1G, SIZE_512G, SIZE_256T};
    if (r->pte & N) return SIZE_64K;
    return m->rv32 && level ? SIZE_4M : by_level[level];
}

static void drive(struct machine *m, const struct row *r, uint8_t mode, unsigned level) {
    /* neighbouring indices differ, so that a field taken for another shows */
    vaddr_t va = m->rv32 ? 0xa933b238
                         : 0x05ull << 48 | 0x33ull << 39 | 0xabull << 30 | 0x0c7ull << 21 |
                               0x15bull << 12 | 0x238;
    if (mode == MODE_SV39) va &= (1ull << 38) - 1;
    if (mode == MODE_SV48) va &= (1ull << 47) - 1;
    bool pointer = (r->pte & (V | R | W | X)) == V;
    ppn_t far = m->rv32 ? 0x155ull << 10 : 0x35ull << 36; /* aligned for every size */
    pte_t pte = r->pte | (pointer ? table_of(0, level ? level - 1 : 0) : far) << PTE_PPN_SHIFT;
    set_state(m, r->state);
    map(m, 0, mode, va, level, pte);
    if (level && pointer) poke(m, pte_at(m, 0, level - 1, va), GOOD); /* would be a page */
    enter(m, mode, 0, 1);
    fence_all(m);
    struct answer a = do_access(m, r->access, r->priv, r->state, va);
    char what[96];
    snprintf(what, sizeof what, "mode %u level %u pte %llx access %u", mode, level,
             (unsigned long long)pte, r->access);
    paddr_t inside = (1ull << leaf_shift(m, r, level)) - 1;
    paddr_t to = ((pte >> PTE_PPN_SHIFT & ((1ull << 44) - 1)) << 12 & ~inside) | (va & inside);
    if (r->outcome == PF) {
        expect_cause(m, a, page_fault_of(r->access), what);
    } else {
        expect_pa(m, a, to, what);
        expect(m, a.size == size_of(m, r, level), "%s: size %u", what, a.size);
        expect(m, a.pbmt == (r->pte >> PTE_PBMT_SHIFT & 3), "%s: pbmt %u", what, a.pbmt);
    }
    expect(m, a.writes == (r->sets != 0), "%s: %u writes", what, a.writes);
    expect(m, peek(m, pte_at(m, 0, level, va)) == (pte | r->sets), "%s: PTE is %llx", what,
           (unsigned long long)peek(m, pte_at(m, 0, level, va)));
    expect(m, a.reads == levels_of(mode) - level, "%s: %u reads", what, a.reads);
    expect(m, !a.writes || a.write_pa == pte_at(m, 0, level, va), "%s: the wrong PTE", what);
}

/* All rows of the machine's tag. Svnapot, Svpbmt and Svadu are there from reset on, or not. */
void plan_rows(struct machine *m) {
    static const uint8_t mode_of[] = {MODE_SV39, MODE_SV48, MODE_SV57, MODE_SV32};
    enum { PINS = NO_NAPOT | NO_PBMT | NO_ADU };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        if (strcmp(r->tag, m->tag)) continue;
        if ((r->state & PINS) != m->pins) {
            unsigned failures = m->failures;
            machine_close(m);
            machine_open(m, r->tag, m->build, r->state & PINS);
            m->failures = failures;
        }
        for (unsigned k = 0; k < 4; k++) {
            if (!(r->modes >> k & 1) || (k == 3) != m->rv32) continue;
            for (unsigned level = 0; level < levels_of(mode_of[k]); level++)
                if (r->levels >> level & 1) drive(m, r, mode_of[k], level);
        }
    }
}

bool plan_has_rows(const char *tag, bool rv32) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].tag, tag) && (rv32 ? rows[i].modes & M32 : rows[i].modes & M64))
            return true;
    return false;
}
