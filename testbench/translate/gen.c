/* SPDX-License-Identifier: Apache-2.0
 *
 * translate-gen: cases for `pagewalk translate`, random but biased, or all of a small space.
 *
 *   translate-gen MODE COUNT SEED    COUNT lines; MODE is sv32, sv39, sv48 or sv57
 *   translate-gen MODE flags         1024 low PTE bits x level x access x S and U x SUM x MXR x
 * ADUE
 *
 * A line aims at one row of the decision table: tables that would let the access pass are laid out
 * for a random address, then bent so that this row should decide. Now and then a second bend makes
 * rows compete. A quarter of the lines go on with steps that change state; 95 of 100 changes that
 * ask for a fence have one. The generator knows nothing of the answers: `translate --rows` counts
 * which rows decided.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
#define N    (1ull << 63)
#define PBMT (1ull << 61)

struct mode {
    const char *name;
    unsigned levels, level_bits, pte_bytes, pa_bits;
    uint64_t satp;
};
static const struct mode modes[] = {{"sv32", 2, 10, 4, 34, 1ull << 31},
                                    {"sv39", 3, 9, 8, 56, 8ull << 60},
                                    {"sv48", 4, 9, 8, 56, 9ull << 60},
                                    {"sv57", 5, 9, 8, 56, 10ull << 60}};
static const char *const ops[] = {"fetch", "load", "store", "amo", "lr", "sc", "cbo", "cboz"};

/* One case as it is laid out, before it is printed. */
struct plan {
    const struct mode *m;
    bool napot, misaligned;
    uint64_t table[5], pte[5]; /* of the level: base of its table, the entry on the way */
    unsigned leaf, bytes, op;
    uint64_t va, satp;
    char priv;
    bool sum, mxr, adue, pbmte, spread; /* spread: the whole NAPOT range is in memory */
    char pmp[400], ram[80];
};

/* ---- Chance ---------------------------------------------------------------------------------- */
static uint64_t state;

static uint64_t roll64(void) {
    uint64_t x = state += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static unsigned roll(unsigned n) {
    return (unsigned)((roll64() >> 32) * n >> 32);
}

static bool chance(unsigned percent) {
    return roll(100) < percent;
}

/* ---- Where things are ------------------------------------------------------------------------ */
static unsigned shift_of(const struct plan *p, unsigned level) {
    return 12 + p->m->level_bits * level;
}

static uint64_t top_of(const struct plan *p) { /* the last physical address */
    return ((uint64_t)1 << p->m->pa_bits) - 1;
}

static uint64_t entry_of(const struct plan *p, unsigned level) {
    uint64_t index = p->va >> shift_of(p, level) & ((1u << p->m->level_bits) - 1);
    return p->table[level] + index * p->m->pte_bytes;
}

/* Frames above 4 GiB, where no table is; aligned for a leaf of this level. */
static uint64_t data_frame(const struct plan *p, unsigned level) {
    uint64_t pa = roll64() & (top_of(p));
    if (chance(50)) pa &= (1ull << 34) - 1;
    pa = (pa | 1ull << 33) >> shift_of(p, level) << shift_of(p, level);
    return pa ? pa : 1ull << shift_of(p, level);
}

static uint64_t pte_to(uint64_t pa, uint64_t flags) {
    return pa >> 12 << 10 | flags;
}

static uint64_t data_of(const struct plan *p) {
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

static void lay_out(struct plan *p, const struct mode *m) {
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
        p->pte[i] = pte_to(p->table[i - 1], V | (chance(10) ? G : 0) | roll(4) << 8);
    p->pte[p->leaf] = pte_to(data_frame(p, p->leaf), passing_leaf(p));
    if (p->leaf == 0 && p->napot && chance(25)) {
        p->pte[0] = (p->pte[0] & ~(0xfull << 10)) | N | 8ull << 10;
        p->spread = chance(40);
    }
    if (m->levels > 2 && p->pbmte && chance(30)) p->pte[p->leaf] |= PBMT << roll(2);
    p->satp =
        m->satp | (uint64_t)roll(3) << (m->levels == 2 ? 22 : 44) | p->table[m->levels - 1] >> 12;
}

/* ---- PMP and RAM ----------------------------------------------------------------------------- */
static void pmp_add(struct plan *p, unsigned n, unsigned cfg, uint64_t addr) {
    size_t used = strlen(p->pmp);
    snprintf(p->pmp + used, sizeof p->pmp - used, "%s%x:%x:%" PRIx64, used ? "," : "", n, cfg,
             addr);
}

/* Entry f lets everything pass; before it something stands around `pa`. */
static void pmp_around(struct plan *p, uint64_t pa, unsigned rwx) {
    if (p->pmp[0]) return;
    unsigned lock = chance(10) ? 0x80 : 0, size = roll(10);
    switch (roll(4)) {
    case 0: pmp_add(p, 0, lock | 2 << 3 | rwx, pa >> 2); break;
    case 1: /* TOR, its edge before, in or behind the word */
        pmp_add(p, 0, 0, (pa >> 2) - roll(4));
        pmp_add(p, 1, lock | 1 << 3 | rwx, (pa >> 2) + roll(4));
        break;
    case 2:
        pmp_add(p, roll(4), lock | 3 << 3 | rwx,
                (pa >> 2 | ((1ull << size) - 1)) & ~(1ull << size));
        break;
    default: /* a hole in an earlier entry decides */
        pmp_add(p, 0, lock | 3 << 3 | (rwx ^ 7), (pa + 0x1000) >> 2 & ~1ull);
        pmp_add(p, 1, lock | 3 << 3 | rwx, (pa >> 2 | 0x1ff) & ~0x200ull);
    }
    pmp_add(p, 15, 3 << 3 | 7, p->m->levels == 2 ? 0xffffffff : (1ull << 54) - 1);
}

static void ram_without_data(struct plan *p) {
    uint64_t word = data_of(p) & ~(uint64_t)7, top = top_of(p);
    if (chance(50) || word == 0 || word + 7 == top)
        snprintf(p->ram, sizeof p->ram, "80000000-800fffff");
    else
        snprintf(p->ram, sizeof p->ram, "0-%" PRIx64 ",%" PRIx64 "-%" PRIx64, word - 1, word + 8,
                 top);
}

/* ---- Bending it so that a row decides -------------------------------------------------------- */
static const uint8_t rows[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15};

static unsigned any_level(const struct plan *p) {
    return p->leaf + roll(p->m->levels - p->leaf);
}

static void bend_reserved(struct plan *p) {
    unsigned i = any_level(p);
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

static void bend(struct plan *p, unsigned row) {
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
        unsigned i = any_level(p);
        if (chance(50))
            pmp_around(p, entry_of(p, i), roll(2) ? 0 : roll(8) & 6);
        else if (i == p->m->levels - 1 || chance(30))
            snprintf(p->ram, sizeof p->ram, "%" PRIx64 "-%" PRIx64, entry_of(p, i) + 4, top_of(p));
        else
            snprintf(p->ram, sizeof p->ram, "80000000-%" PRIx64, entry_of(p, i) - 1);
        break;
    }
    case 3: bend_reserved(p); break;
    case 4: bend_pointer(p); break;
    case 5:
        if (p->leaf == 0) *leaf = pte_to(data_frame(p, 0), V);
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
        pmp_around(p, entry_of(p, p->leaf), 1 | roll(2) << 2);
        break;
    case 13: bend_update(p, true); break;
    case 15:
        if (chance(50))
            pmp_around(p, data_of(p), roll(8));
        else
            ram_without_data(p);
        break;
    default: break;
    }
}

/* ---- Printing -------------------------------------------------------------------------------- */
static void say_op(const struct plan *p) {
    printf(" op=%s sz=%x va=%" PRIx64, ops[p->op], p->bytes, p->va);
}

/* By MPRV, if that gives the same effective privilege. */
static void say_priv(const struct plan *p) {
    if (p->op && chance(20))
        printf(" p=M mprv=1 mpp=%c", p->priv);
    else
        printf(" p=%c%s", p->priv, chance(10) ? " mprv=0 mpp=U" : "");
}

static void say_mem(const struct plan *p) {
    const char *join = " mem=";
    for (unsigned i = p->m->levels; i-- > p->leaf; join = ",") {
        if (i == 0 && p->spread) {
            uint64_t first = entry_of(p, 0) & ~127ull;
            for (unsigned n = 0; n < 16; n++)
                printf("%s%" PRIx64 ":%" PRIx64, n ? "," : join, first + 8 * n, p->pte[0]);
        } else {
            printf("%s%" PRIx64 ":%" PRIx64, join, entry_of(p, i), p->pte[i]);
        }
    }
}

static void say_state(const struct plan *p) {
    printf(" satp=%" PRIx64, p->satp);
    if (p->sum) printf(" sum=1");
    if (p->mxr) printf(" mxr=1");
    if (p->adue) printf(" adue=1");
    if (p->pbmte) printf(" pbmte=1");
    if (p->pmp[0]) printf(" pmp=%s", p->pmp);
    if (p->ram[0]) printf(" ram=%s", p->ram);
}

/* ---- Further steps --------------------------------------------------------------------------- */

/* Changes that act without a fence. */
static void change_at_once(struct plan *p) {
    switch (roll(5)) {
    case 0: printf(" sum=%d", p->sum = !p->sum); break;
    case 1: printf(" mxr=%d", p->mxr = !p->mxr); break;
    case 2:
        p->priv = p->priv == 'S' ? 'U' : 'S';
        printf(" mprv=0 p=%c", p->priv);
        break;
    case 3:
        p->satp ^= 1ull << (p->m->levels == 2 ? 24 : 47); /* ASID */
        printf(" satp=%" PRIx64, p->satp);
        break;
    default: printf(" satp=%" PRIx64, chance(50) ? p->satp : 0);
    }
}

static void change_word(struct plan *p) {
    unsigned i = any_level(p);
    struct plan now = *p;
    if (i == p->leaf && !p->spread && chance(50))
        now.pte[i] = (p->pte[i] & 1023) | (data_frame(p, i) >> 12 << 10);
    else
        bend(&now, rows[3 + roll(11)]);
    if (p->spread) now.pte[0] ^= G; /* one page of the range alone would be a choice */
    memcpy(p->pte, now.pte, sizeof p->pte);
    say_mem(p);
}

static void change_with_fence(struct plan *p) {
    uint64_t root;
    switch (roll(5)) {
    case 0:
    case 1: change_word(p); break;
    case 2: /* another root: an empty one, or one with the same entry */
        root = p->table[p->m->levels - 1] ^ 0x100000;
        p->satp = (p->satp & ~((1ull << 20) - 1)) | root >> 12;
        p->table[p->m->levels - 1] = root;
        printf(" satp=%" PRIx64, p->satp);
        if (chance(70)) say_mem(p);
        break;
    case 3:
        if (chance(50))
            printf(" adue=%d", p->adue = !p->adue);
        else
            printf(" pbmte=%d", p->pbmte = !p->pbmte);
        break;
    default:
        p->pmp[0] = 0;
        pmp_around(p, chance(50) ? data_of(p) : entry_of(p, any_level(p)), roll(8));
        printf(" pmp=%s", p->pmp);
    }
    if (chance(95)) printf(" fence");
}

static void further_step(struct plan *p) {
    printf(" +");
    if (chance(60))
        change_with_fence(p);
    else if (chance(60))
        change_at_once(p);
    if (chance(50) && p->op && p->op < 3) p->op = 3 - p->op;  /* a load becomes a store */
    uint64_t near = p->spread ? (uint64_t)roll(16) << 12 : 0; /* another page of the range */
    p->va ^= near;
    say_op(p);
    p->va ^= near;
}

static void random_line(const struct mode *m, uint64_t number) {
    static const char *const harts[] = {"rv64", "rv64n", "rv64m"};
    struct plan p;
    unsigned row = rows[roll(sizeof rows)];
    lay_out(&p, m);
    if (row == 5) p.leaf = 0;
    if (row == 6 && p.leaf == 0) lay_out(&p, m);
    bend(&p, row);
    if (chance(15)) bend(&p, rows[roll(sizeof rows)]);
    printf("%s-%" PRIu64 " hart=%s", m->name, number,
           m->levels == 2 ? "rv32" : harts[p.misaligned ? 2 : p.napot]);
    say_priv(&p);
    say_state(&p);
    if (!p.pmp[0] && chance(1)) printf(" pmp=none");
    say_mem(&p);
    say_op(&p);
    printf(" note=row%u", row);
    for (unsigned n = chance(25) ? 1 + roll(3) : 0; n; n--) further_step(&p);
    putchar('\n');
}

/* ---- Every combination of the low bits ------------------------------------------------------- */
static void flags_line(struct plan *p, unsigned low, unsigned n) {
    p->op = n & 7;
    p->bytes = p->op == 0 ? 2 : 4;
    p->priv = n >> 3 & 1 ? 'U' : 'S';
    p->sum = n >> 4 & 1;
    p->mxr = n >> 5 & 1;
    p->adue = n >> 6 & 1;
    p->pte[p->leaf] = pte_to(1ull << 33, low);
    printf("%s-%u-%03x-%02x%s p=%c", p->m->name, p->leaf, low, n,
           p->m->levels == 2 ? " hart=rv32" : "", p->priv);
    say_state(p);
    say_mem(p);
    say_op(p);
    putchar('\n');
}

static void all_flags(const struct mode *m) {
    for (unsigned level = 0; level < m->levels; level++) {
        struct plan p = {.m = m, .leaf = level, .va = 0x12345678};
        for (unsigned i = 0; i < m->levels; i++) p.table[i] = 0x80000000 + i * 4096ull;
        for (unsigned i = level + 1; i < m->levels; i++) p.pte[i] = pte_to(p.table[i - 1], V);
        p.satp = m->satp | p.table[m->levels - 1] >> 12;
        for (unsigned low = 0; low < 1024; low++)
            for (unsigned n = 0; n < 128; n++) flags_line(&p, low, n);
    }
}

int main(int argc, char **argv) {
    for (size_t n = 0; argc >= 3 && n < sizeof modes / sizeof *modes; n++) {
        if (strcmp(argv[1], modes[n].name)) continue;
        if (!strcmp(argv[2], "flags")) {
            all_flags(&modes[n]);
            return fflush(stdout) != 0;
        }
        state = (argc > 3 ? strtoull(argv[3], NULL, 0) : 1) * 0x9e3779b97f4a7c15ull + n;
        uint64_t count = strtoull(argv[2], NULL, 0);
        for (uint64_t line = 0; line < count; line++) random_line(&modes[n], line);
        return fflush(stdout) != 0;
    }
    fputs("usage: translate-gen sv32|sv39|sv48|sv57 COUNT [SEED] | MODE flags\n", stderr);
    return 2;
}
