/* SPDX-License-Identifier: Apache-2.0
 *
 * A translation case as it is laid out before it is printed (translate_plan.c), and the lines that
 * come of it (translate_gen.c).
 */
#ifndef PW_TRANSLATE_PLAN_H
#define PW_TRANSLATE_PLAN_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
#define N    (1ull << 63)
#define PBMT (1ull << 61)

struct plan_mode {
    const char *name;
    unsigned levels, level_bits, pte_bytes, pa_bits;
    uint64_t satp;
};
/* One case as it is laid out, before it is printed. */
struct plan {
    const struct plan_mode *m;
    bool napot, misaligned;
    uint64_t table[5], pte[5]; /* of the level: base of its table, the entry on the way */
    unsigned leaf, bytes, op;
    uint64_t va, satp;
    char priv;
    bool sum, mxr, adue, pbmte, spread; /* spread: the whole NAPOT range is in memory */
    char pmp[400], pma[400], ram[80];
    bool lax; /* fences are left out here and there */
};

void plan_start(uint64_t seed); /* lines of another seed have nothing in common */
unsigned plan_roll(unsigned n); /* 0 to n-1 */
bool plan_chance(unsigned percent);
extern bool plan_with_pma; /* lines may have pma=, a key of our own */

/* Tables that let a random access pass. */
void plan_lay_out(struct plan *, const struct plan_mode *);
/* Bend it so that this row of the decision table should decide; a row that the mode has not, or
 * that this plan cannot reach, changes nothing. */
void plan_bend(struct plan *, unsigned row);
enum { PLAN_ROWS = 15 };
extern const uint8_t plan_rows[PLAN_ROWS];

bool plan_crosses(const struct plan *); /* into the next page */
/* Any PTE of a NAPOT range may serve all its pages, and A or D be set in any of them: leave one
 * answer only. */
void plan_one_choice(struct plan *);
uint64_t plan_entry(const struct plan *, unsigned level); /* where the walk reads */
uint64_t plan_data(const struct plan *);                  /* where the access goes */
uint64_t plan_frame(const struct plan *, unsigned level); /* a random one that a leaf may map */
uint64_t plan_pte(uint64_t pa, uint64_t flags);
unsigned plan_any_level(const struct plan *); /* from the leaf's to the root's */
void plan_pmp(struct plan *, uint64_t pa, unsigned rwx);
void plan_pma(struct plan *, uint64_t pa);
/* some kind of memory around pa */ /* something that stands around pa */

/* translate_gen.c */
const struct plan_mode *plan_find_mode(const char *name); /* sv32, sv39, sv48, sv57; else NULL */
/* Lines of this seed and mode, each with a number for its id. */
void plan_begin(const struct plan_mode *, uint64_t seed);
void plan_line(FILE *, const struct plan_mode *, uint64_t number);
/* 1024 low PTE bits x level x access x S and U x SUM x MXR x ADUE. */
void plan_all_flags(FILE *, const struct plan_mode *);

#endif
