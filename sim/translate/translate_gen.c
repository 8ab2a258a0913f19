/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases for `pagewalk translate`, random but biased, or all of a small space.
 *
 * A line aims at one row of the decision table: tables that would let the access pass are laid out
 * for a random address, then bent so that this row should decide. Now and then a second bend makes
 * rows compete. A quarter of the lines go on with steps that change state. A change that asks for a
 * fence has one; a tenth of these lines, whose id ends in `u`, leave out every other. The generator
 * knows nothing of the answers: `translate --rows` counts which rows decided.
 */
#include "translate_plan.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define roll   plan_roll
#define chance plan_chance

static FILE *out; /* where the line goes */

static const struct plan_mode modes[] = {{"sv32", 2, 10, 4, 34, 1ull << 31},
                                         {"sv39", 3, 9, 8, 56, 8ull << 60},
                                         {"sv48", 4, 9, 8, 56, 9ull << 60},
                                         {"sv57", 5, 9, 8, 56, 10ull << 60}};
static const char *const ops[] = {"fetch", "load", "store", "amo", "lr", "sc", "cbo", "cboz"};

/* ---- Printing -------------------------------------------------------------------------------- */
static void say_op(const struct plan *p) {
    fprintf(out, " op=%s sz=%x va=%" PRIx64, ops[p->op], p->bytes, p->va);
}

/* By MPRV, if that gives the same effective privilege. */
static void say_priv(const struct plan *p) {
    if (p->op && chance(20))
        fprintf(out, " p=M mprv=1 mpp=%c", p->priv);
    else
        fprintf(out, " p=%c%s", p->priv, chance(10) ? " mprv=0 mpp=U" : "");
}

static void say_mem(const struct plan *p) {
    const char *join = " mem=";
    for (unsigned i = p->m->levels; i-- > p->leaf; join = ",") {
        if (i == 0 && p->spread) {
            uint64_t first = plan_entry(p, 0) & ~127ull;
            for (unsigned n = 0; n < 16; n++)
                fprintf(out, "%s%" PRIx64 ":%" PRIx64, n ? "," : join, first + 8 * n, p->pte[0]);
        } else {
            fprintf(out, "%s%" PRIx64 ":%" PRIx64, join, plan_entry(p, i), p->pte[i]);
        }
    }
}

static void say_state(const struct plan *p) {
    fprintf(out, " satp=%" PRIx64, p->satp);
    if (p->sum) fprintf(out, " sum=1");
    if (p->mxr) fprintf(out, " mxr=1");
    if (p->adue) fprintf(out, " adue=1");
    if (p->pbmte) fprintf(out, " pbmte=1");
    if (p->pmp[0]) fprintf(out, " pmp=%s", p->pmp);
    if (p->pma[0]) fprintf(out, " pma=%s", p->pma);
    if (p->ram[0] && !p->pma[0]) fprintf(out, " ram=%s", p->ram);
}

/* ---- Further steps --------------------------------------------------------------------------- */

/* Changes that act without a fence. */
static void change_at_once(struct plan *p) {
    switch (roll(5)) {
    case 0: fprintf(out, " sum=%d", p->sum = !p->sum); break;
    case 1: fprintf(out, " mxr=%d", p->mxr = !p->mxr); break;
    case 2:
        p->priv = p->priv == 'S' ? 'U' : 'S';
        fprintf(out, " mprv=0 p=%c", p->priv);
        break;
    case 3:
        p->satp ^= 1ull << (p->m->levels == 2 ? 24 : 47); /* ASID */
        fprintf(out, " satp=%" PRIx64, p->satp);
        break;
    default: fprintf(out, " satp=%" PRIx64, chance(50) ? p->satp : 0);
    }
}

static void change_word(struct plan *p) {
    unsigned i = plan_any_level(p);
    struct plan now = *p;
    if (i == p->leaf && !p->spread && chance(50))
        now.pte[i] = (p->pte[i] & 1023) | (plan_frame(p, i) >> 12 << 10);
    else
        plan_bend(&now, plan_rows[3 + roll(11)]);
    if (p->spread || (now.pte[now.leaf] & N && plan_crosses(p)))
        now.pte[0] = p->pte[0] ^ G; /* one page of the range alone would be a choice */
    memcpy(p->pte, now.pte, sizeof p->pte);
    say_mem(p);
}

/* Not one entry of a NAPOT range, which need not be read. */
static uint64_t protected(const struct plan *p) {
    return p->spread || chance(50) ? plan_data(p) : plan_entry(p, plan_any_level(p));
}

static void change_with_fence(struct plan *p) {
    uint64_t root;
    switch (roll(plan_with_pma && !p->ram[0] ? 7 : 6)) {
    case 0:
    case 1: change_word(p); break;
    case 2: /* another root: an empty one, or one with the same entry */
        root = p->table[p->m->levels - 1] ^ 0x100000;
        p->satp = (p->satp & ~((1ull << 20) - 1)) | root >> 12;
        p->table[p->m->levels - 1] = root;
        fprintf(out, " satp=%" PRIx64, p->satp);
        if (chance(70)) say_mem(p);
        break;
    case 3:
        if (chance(50))
            fprintf(out, " adue=%d", p->adue = !p->adue);
        else
            fprintf(out, " pbmte=%d", p->pbmte = !p->pbmte);
        break;
    case 4: /* another MODE under the same ASID */
        if (p->m->levels > 2) p->satp = p->satp << 4 >> 4 | (8ull + roll(3)) << 60;
        fprintf(out, " satp=%" PRIx64, p->satp);
        break;
    case 6:
        p->pma[0] = 0;
        plan_pma(p, protected(p));
        fprintf(out, " pma=%s", p->pma);
        break;
    default:
        p->pmp[0] = 0;
        plan_pmp(p, protected(p), roll(8));
        fprintf(out, " pmp=%s", p->pmp);
    }
    if (!p->lax || chance(50)) fprintf(out, " fence");
}

static void further_step(struct plan *p) {
    fprintf(out, " +");
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

void plan_line(FILE *f, const struct plan_mode *m, uint64_t number) {
    static const char *const harts[] = {"rv64", "rv64n", "rv64m"};
    struct plan p;
    unsigned row = plan_rows[roll(PLAN_ROWS)];
    out = f;
    plan_lay_out(&p, m);
    if (row == 5) p.leaf = 0;
    if (row == 6 && p.leaf == 0) plan_lay_out(&p, m);
    plan_bend(&p, row);
    if (chance(15)) plan_bend(&p, plan_rows[roll(PLAN_ROWS)]);
    plan_one_choice(&p);
    unsigned more = chance(25) ? 1 + roll(3) : 0;
    p.lax = more && chance(10);
    fprintf(out, "%s-%" PRIu64 "%s hart=%s", m->name, number, p.lax ? "u" : "",
            m->levels == 2 ? "rv32" : harts[p.misaligned ? 2 : p.napot]);
    say_priv(&p);
    say_state(&p);
    if (!p.pmp[0] && chance(1)) fprintf(out, " pmp=none");
    say_mem(&p);
    say_op(&p);
    fprintf(out, " note=row%u", row);
    while (more--) further_step(&p);
    fputc('\n', out);
}

/* ---- Every combination of the low bits ------------------------------------------------------- */
static void flags_line(struct plan *p, unsigned low, unsigned n) {
    p->op = n & 7;
    p->bytes = p->op == 0 ? 2 : 4;
    p->priv = n >> 3 & 1 ? 'U' : 'S';
    p->sum = n >> 4 & 1;
    p->mxr = n >> 5 & 1;
    p->adue = n >> 6 & 1;
    p->pte[p->leaf] = plan_pte(1ull << 33, low);
    fprintf(out, "%s-%u-%03x-%02x%s p=%c", p->m->name, p->leaf, low, n,
            p->m->levels == 2 ? " hart=rv32" : "", p->priv);
    say_state(p);
    say_mem(p);
    say_op(p);
    fputc('\n', out);
}

void plan_all_flags(FILE *f, const struct plan_mode *m) {
    out = f;
    for (unsigned level = 0; level < m->levels; level++) {
        struct plan p = {.m = m, .leaf = level, .va = 0x12345678};
        for (unsigned i = 0; i < m->levels; i++) p.table[i] = 0x80000000 + i * 4096ull;
        for (unsigned i = level + 1; i < m->levels; i++) p.pte[i] = plan_pte(p.table[i - 1], V);
        p.satp = m->satp | p.table[m->levels - 1] >> 12;
        for (unsigned low = 0; low < 1024; low++)
            for (unsigned n = 0; n < 128; n++) flags_line(&p, low, n);
    }
}

/* ---- By name --------------------------------------------------------------------------------- */
const struct plan_mode *plan_find_mode(const char *name) {
    for (size_t n = 0; n < sizeof modes / sizeof *modes; n++)
        if (!strcmp(name, modes[n].name)) return &modes[n];
    return NULL;
}

void plan_begin(const struct plan_mode *m, uint64_t seed) {
    plan_start(seed * 4 + (uint64_t)(m - modes));
}
