/* SPDX-License-Identifier: Apache-2.0
 *
 * Which way a TLB hit in. The pins say where a fill goes and whether a lookup hits, not where: but
 * a hit is of a translation that was filled, so the way is the one filled last with that page of
 * that address space. What a fence has dropped is not known here, so of a miss nothing is said but
 * its set.
 */
#include "explain_private.h"
#include "error.h"
#include <stdlib.h>

struct array {
    unsigned sets, ways;
    struct explain_filled *at;
};

struct explain_tlbs {
    struct array of[EXPLAIN_TLBS][2]; /* [1]: of large pages */
};

const char *const explain_units[UNIT_PWC + 1] = {"l1i", "l1d", "l2", "l2i", "pwc"};

unsigned explain_l2_of(const struct config *cfg, bool fetch) {
    return fetch && (cfg->l2i_ways || cfg->l2i_large) ? UNIT_L2I : UNIT_L2;
}

static struct array array_new(unsigned sets, unsigned ways) {
    struct array a = {.sets = sets, .ways = ways};
    a.at = calloc((size_t)sets * ways + 1, sizeof *a.at);
    if (!a.at) internal_error("out of memory");
    return a;
}

struct explain_tlbs *explain_tlbs_new(const struct config *cfg) {
    struct explain_tlbs *t = calloc(1, sizeof *t);
    if (!t) internal_error("out of memory");
    const unsigned shape[EXPLAIN_TLBS][3] = {
        [UNIT_L1I] = {cfg->l1i_sets, cfg->l1i_ways, cfg->l1i_super},
        [UNIT_L1D] = {cfg->l1d_sets, cfg->l1d_ways, cfg->l1d_super},
        [UNIT_L2] = {cfg->l2_sets, cfg->l2_ways, cfg->l2_large},
        [UNIT_L2I] = {cfg->l2i_sets, cfg->l2i_ways, cfg->l2i_large}};
    for (unsigned u = 0; u < EXPLAIN_TLBS; u++) {
        t->of[u][0] = array_new(shape[u][0], shape[u][1]);
        t->of[u][1] = array_new(1, shape[u][2]);
    }
    return t;
}

void explain_tlbs_delete(struct explain_tlbs *t) {
    if (!t) return;
    for (unsigned u = 0; u < EXPLAIN_TLBS; u++) {
        free(t->of[u][0].at);
        free(t->of[u][1].at);
    }
    free(t);
}

static unsigned page_shift(uint8_t size) {
    static const uint8_t shift[SIZE_COUNT] = {
        [SIZE_4K] = 12,   [SIZE_2M] = 21,  [SIZE_1G] = 30, [SIZE_512G] = 39,
        [SIZE_256T] = 48, [SIZE_64K] = 16, [SIZE_4M] = 22, [SIZE_NONE] = 12};
    return shift[size % SIZE_COUNT];
}

void explain_tlb_fill(struct explain *x, unsigned unit, bool large, unsigned set, unsigned way,
                      struct explain_filled *f) {
    struct array *a = &x->tlbs->of[unit][large];
    if (set >= a->sets || way >= a->ways) return;
    f->satp = x->satp;
    a->at[set * a->ways + way] = *f;
}

/* NULL: none is known. */
static const struct explain_filled *find(const struct explain *x, unsigned unit, vaddr_t va,
                                         bool *large) {
    const struct explain_filled *best = NULL;
    uint16_t asid = explain_asid(x->cfg, x->satp);
    for (unsigned l = 0; l < 2; l++) {
        const struct array *a = &x->tlbs->of[unit][l];
        for (size_t i = 0; i < (size_t)a->sets * a->ways; i++) {
            const struct explain_filled *f = &a->at[i];
            if (!f->record || (f->va ^ va) >> page_shift(f->size)) continue;
            if (explain_asid(x->cfg, f->satp) != asid && !(f->pte & PTE_G)) continue;
            if (best && best->cycle > f->cycle) continue;
            best = f;
            *large = l;
        }
    }
    return best;
}

void explain_tlb_lookup(const struct explain *x, unsigned unit, vaddr_t va, bool hit,
                        struct explain_step *s) {
    bool large = false;
    const struct array *a = &x->tlbs->of[unit][0];
    const struct explain_filled *f = hit ? find(x, unit, va, &large) : NULL;
    s->lookup.unit = (uint8_t)unit;
    s->lookup.hit = hit;
    s->lookup.sets = a->sets;
    s->lookup.set = a->sets ? (unsigned)((va >> PAGE_SHIFT) & (a->sets - 1)) : 0;
    if (!f) return;
    a = &x->tlbs->of[unit][large];
    size_t i = (size_t)(f - a->at);
    s->lookup.known = true;
    s->lookup.large = large;
    s->lookup.set = (unsigned)(i / a->ways);
    s->lookup.way = (unsigned)(i % a->ways);
    s->lookup.filled = f->cycle;
    s->lookup.by = f->record;
    s->lookup.pte = f->pte;
    s->lookup.size = f->size;
}

pte_t explain_tlb_pte(const struct explain *x, unsigned unit, vaddr_t va) {
    bool large;
    const struct explain_filled *f = find(x, unit, va, &large);
    return f ? f->pte : 0;
}
