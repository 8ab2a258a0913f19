/* SPDX-License-Identifier: Apache-2.0
 *
 * How a case comes about: tables are laid out for a random address so that the access passes, with
 * data in frames above 4 GiB where no table is, and then bent so that one row of the decision table
 * should decide.
 */
#include "translate_plan.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define roll   plan_roll
#define chance plan_chance

bool plan_with_pma;

/* ---- Chance ---------------------------------------------------------------------------------- */
static uint64_t state;

static uint64_t roll64(void) {
    uint64_t x = state += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* Somewhere in the one sequence there is: a seed in its plain order would shift it by a step. */
void plan_start(uint64_t seed) {
    state = seed;
    state = roll64();
}

unsigned plan_roll(unsigned n) {
    return (unsigned)((roll64() >> 32) * n >> 32);
}

bool plan_chance(unsigned percent) {
    return roll(100) < percent;
}

/* ---- Where things are ------------------------------------------------------------------------ */
static unsigned shift_of(const struct plan *p, unsigned level) {
    return 12 + p->m->level_bits * level;
}

static uint64_t top_of(const struct plan *p) { /* the last physical address */
    return ((uint64_t)1 << p->m->pa_bits) - 1;
}

uint64_t plan_entry(const struct plan *p, unsigned level) {
    uint64_t index = p->va >> shift_of(p, level) & ((1u << p->m->level_bits) - 1);
    return p->table[level] + index * p->m->pte_bytes;
}

/* Frames above 4 GiB, where no table is; aligned for a leaf of this level. */
uint64_t plan_frame(const struct plan *p, unsigned level) {
    uint64_t pa = roll64() & (top_of(p));
    if (chance(50)) pa &= (1ull << 34) - 1;
    pa = (pa | 1ull << 33) >> shift_of(p, level) << shift_of(p, level);
    return pa ? pa : 1ull << shift_of(p, level);
}

uint64_t plan_pte(uint64_t pa, uint64_t flags) {
    return pa >> 12 << 10 | flags;
}

uint64_t plan_data(const struct plan *p) {
    unsigned shift = p->pte[p->leaf] & N ? 16 : shift_of(p, p->leaf);
    uint64_t inside = (1ull << shift) - 1;
    return ((p->pte[p->leaf] >> 10 << 12 & ((1ull << p->m->pa_bits) - 1)) & ~inside) |
           (p->va & inside);
}

static uint64_t canonical(const struct plan *p, uint64_t va) {
    unsigned up = 64 - shift_of(p, p->m->levels);
    return p->m->pte_bytes == 4 ? (uint32_t)va : (uint64_t)((int64_t)(va << up) >> up);
}

static uint64_t random_va(const struct plan *p) {
    uint64_t va = canonical(p, roll64());
    if (chance(20)) va |= 0xff0; /* near the end of a page */
    if (chance(p->misaligned ? 40 : 4)) return p->op == 0 ? va & ~1ull : va;
    return va & ~(uint64_t)(p->bytes - 1);
}

/* ---- A case that passes ---------------------------------------------------------------------- */
static uint64_t passing_leaf(const struct plan *p) {
    static const uint8_t rwx[8] = {X, R, R | W, R | W, R, R | W, R, R | W}; /* by op */
    uint64_t flags = V | A | D | rwx[p->op];
    if (chance(40)) flags |= R | X;
    if (chance(40)) flags |= R | W | X;
    if (p->priv == 'U' || (p->op && p->sum && chance(30))) flags |= U;
    if (chance(30)) flags |= G;
    flags |= roll(4) << 8;
    return flags;
}

void plan_lay_out(struct plan *p, const struct plan_mode *m) {
    unsigned hart = roll(4);
    *p = (struct plan){
        .m = m, .napot = m->levels > 2 && hart > 0, .misaligned = m->levels > 2 && hart == 3};
    p->op = roll(8);
    p->bytes = p->op == 0 ? 2u << roll(2) : 1u << roll(4);
    if (p->op > 2 && p->op < 6) p->bytes = 4u << (m->levels > 2 && roll(2));
    p->priv = chance(50) ? 'S' : 'U';
    p->sum = chance(50);
    p->mxr = chance(50);
    p->adue = chance(50);
    p->pbmte = chance(60);
    p->va = random_va(p);
    p->leaf = chance(60) ? 0 : roll(m->levels);
    for (unsigned i = 0; i < m->levels; i++)
        p->table[i] = 0x80000000 + (uint64_t)(8 * i + roll(8)) * 4096;
    for (unsigned i = m->levels - 1; i > p->leaf; i--)
        p->pte[i] = plan_pte(p->table[i - 1], V | (chance(10) ? G : 0) | roll(4) << 8);
    p->pte[p->leaf] = plan_pte(plan_frame(p, p->leaf), passing_leaf(p));
    if (p->leaf == 0 && p->napot && chance(25)) {
        p->pte[0] = (p->pte[0] & ~(0xfull << 10)) | N | 8ull << 10;
        p->spread = chance(40);
    }
    if (m->levels > 2 && p->pbmte && chance(30)) p->pte[p->leaf] |= PBMT << roll(2);
    p->satp =
        m->satp | (uint64_t)roll(3) << (m->levels == 2 ? 22 : 44) | p->table[m->levels - 1] >> 12;
}

/* ---- PMP and RAM ----------------------------------------------------------------------------- */
static void add(char *text, unsigned n, unsigned cfg, uint64_t addr) {
    size_t used = strlen(text), room = sizeof((struct plan *)0)->pmp;
    snprintf(text + used, room - used, "%s%x:%x:%" PRIx64, used ? "," : "", n, cfg, addr);
}

static uint64_t everything(const struct plan *p) { /* as a NAPOT address */
    return p->m->levels == 2 ? 0xffffffff : (1ull << 54) - 1;
}

/* `kind` stands around pa in some form. */
static void around(const struct plan *p, char *text, uint64_t pa, unsigned kind, unsigned other) {
    unsigned size = roll(10);
    switch (roll(4)) {
    case 0: add(text, 0, 2 << 3 | kind, pa >> 2); break;
    case 1: /* TOR, its edge before, in or behind the word */
        add(text, 0, 0, ((pa >> 2) - roll(4)) & everything(p));
        add(text, 1, 1 << 3 | kind, (pa >> 2) + roll(4));
        break;
    case 2:
        add(text, roll(4), 3 << 3 | kind, (pa >> 2 | ((1ull << size) - 1)) & ~(1ull << size));
        break;
    default: /* a hole in an earlier entry decides */
        add(text, 0, 3 << 3 | other, (pa + 0x1000) >> 2 & ~1ull);
        add(text, 1, 3 << 3 | kind, (pa >> 2 | 0x1ff) & ~0x200ull);
    }
}

/* Entry f lets everything pass; before it something stands around `pa`. */
void plan_pmp(struct plan *p, uint64_t pa, unsigned rwx) {
    unsigned lock = chance(10) ? 0x80 : 0;
    if (p->pmp[0]) return;
    around(p, p->pmp, pa, lock | rwx, lock | (rwx ^ 7));
    add(p->pmp, 15, 3 << 3 | 7, everything(p));
}

void plan_pma(struct plan *p, uint64_t pa) {
    static const uint8_t kind[] = {0, 3, 0x21, 0x23, 0x27, 7};
    if (p->pma[0] || p->ram[0]) return;
    around(p, p->pma, pa, (chance(5) ? 0x80 : 0) | kind[roll(6)], kind[roll(6)]);
    if (chance(90)) add(p->pma, 15, 3 << 3 | 0x27, everything(p));
}

static void ram_without_data(struct plan *p) {
    uint64_t word = plan_data(p) & ~(uint64_t)7, top = top_of(p);
    if (chance(50) || word == 0 || word + 7 == top)
        snprintf(p->ram, sizeof p->ram, "80000000-800fffff");
    else
        snprintf(p->ram, sizeof p->ram, "0-%" PRIx64 ",%" PRIx64 "-%" PRIx64, word - 1, word + 8,
                 top);
}

/* ---- Bending it so that a row decides -------------------------------------------------------- */
const uint8_t plan_rows[PLAN_ROWS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15};

unsigned plan_any_level(const struct plan *p) {
    return p->leaf + roll(p->m->levels - p->leaf);
}

static void bend_reserved(struct plan *p) {
    unsigned i = plan_any_level(p);
    switch (roll(p->m->levels == 2 ? 2 : 6)) {
    case 0: p->pte[i] &= ~(uint64_t)V; break;
    case 1: p->pte[i] = (p->pte[i] & ~(uint64_t)R) | W; break;
    case 2: p->pte[i] |= 1ull << (54 + roll(7)); break;
    case 3: p->pte[i] |= 3 * PBMT; break;
    case 4:
        p->pbmte = false;
        p->pte[i] |= PBMT << roll(2);
        break;
    default: p->napot = p->misaligned = false; p->pte[i] |= N;
    }
}

static void bend_pointer(struct plan *p) {
    if (p->leaf == p->m->levels - 1) return;
    unsigned i = p->leaf + 1 + roll(p->m->levels - 1 - p->leaf);
    unsigned n = roll(p->m->levels == 2 ? 3 : 5);
    p->pte[i] |= n == 0 ? A : n == 1 ? D : n == 2 ? U : n == 3 ? N : PBMT << roll(2);
    if (n == 3) p->napot = true;
    if (n == 4) p->pbmte = true;
}

static void bend_update(struct plan *p, bool adue) {
    bool store = p->op == 2 || p->op == 3 || p->op == 5 || p->op == 7;
    p->pte[p->leaf] &= ~(uint64_t)(store && chance(50) ? D : A);
    if (chance(30)) p->pte[p->leaf] &= ~(uint64_t)(A | D);
    p->adue = adue;
    p->spread = false;
}

void plan_bend(struct plan *p, unsigned row) {
    uint64_t *leaf = &p->pte[p->leaf];
    switch (row) {
    case 0:
        if (chance(50))
            p->priv = 'M';
        else
            p->satp &= p->m->satp - 1;
        if (p->m->levels > 2 && chance(80)) p->va &= (1ull << 56) - 1;
        break;
    case 1:
        if (p->m->levels > 2)
            p->va ^= 1ull << (shift_of(p, p->m->levels) - 1 + roll(65 - shift_of(p, p->m->levels)));
        break;
    case 2: {
        unsigned i = plan_any_level(p);
        if (plan_with_pma && chance(30))
            plan_pma(p, plan_entry(p, i));
        else if (chance(50))
            plan_pmp(p, plan_entry(p, i), roll(2) ? 0 : roll(8) & 6);
        else if (i == p->m->levels - 1 || chance(30))
            snprintf(p->ram, sizeof p->ram, "%" PRIx64 "-%" PRIx64, plan_entry(p, i) + 4,
                     top_of(p));
        else
            snprintf(p->ram, sizeof p->ram, "0-%" PRIx64, plan_entry(p, i) - 1);
        break;
    }
    case 3: bend_reserved(p); break;
    case 4: bend_pointer(p); break;
    case 5:
        if (p->leaf == 0) *leaf = plan_pte(plan_frame(p, 0), V);
        break;
    case 6:
        if (p->leaf) *leaf |= 1ull << (10 + roll(p->m->level_bits * p->leaf));
        break;
    case 7:
        if (p->m->levels == 2) break;
        p->napot = true;
        *leaf |= N;
        if (p->leaf == 0) *leaf ^= 1ull << (10 + roll(4));
        break;
    case 8: *leaf ^= U; break;
    case 10:
        *leaf &= ~(uint64_t)(p->op == 0 || (p->mxr && roll(2)) ? X : roll(2) ? W : R | W);
        break;
    case 11: bend_update(p, false); break;
    case 12:
        bend_update(p, true);
        if (plan_with_pma && chance(30)) plan_pma(p, plan_entry(p, p->leaf));
        plan_pmp(p, plan_entry(p, p->leaf), 1 | roll(2) << 2);
        break;
    case 13: bend_update(p, true); break;
    case 15:
        if (plan_with_pma && chance(30))
            plan_pma(p, plan_data(p));
        else if (chance(50))
            plan_pmp(p, plan_data(p), roll(8));
        else
            ram_without_data(p);
        break;
    default: break;
    }
}

bool plan_crosses(const struct plan *p) {
    return p->va % 4096 + p->bytes > 4096;
}

void plan_one_choice(struct plan *p) {
    if (p->leaf || !(p->pte[0] & N)) return;
    bool alike = (p->pte[0] & (A | D)) == (A | D) && !p->pmp[0] && !p->pma[0] && !p->ram[0];
    if (!alike && plan_crosses(p)) p->va &= ~7ull;
    p->spread = alike && (p->spread || plan_crosses(p));
}
