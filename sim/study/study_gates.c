/* SPDX-License-Identifier: Apache-2.0
 *
 * The law of gates: least squares over the synthesized configurations, and what it says of another.
 *
 * A configuration lies among the synthesized ones if each of its knobs lies between theirs, and its
 * leverage is at most the largest of theirs: the hull of the regressors, whose ellipsoid has a
 * corner that no single knob shows.
 */
#include "study_gates.h"
#include "study.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const gates_methods[] = {[GATES_SYNTHESIZED] = "synthesized",
                                     [GATES_FIT] = "fit",
                                     [GATES_EXTRAPOLATED] = "extrapolated",
                                     [GATES_UNKNOWN] = "unknown"};

/* ---- What is built ------------------------------------------------------------------------- */

static double kept_bits(const struct config *c) {
    return (double)(study_bits(c) - study_sram_bits(c));
}

/* TLBs, walk caches, lines of PTEs and streams compare a way of each set, at most, and all in one
 * cycle. */
static double compared_ways(const struct config *c) {
    uint32_t pwc = c->xlen == 32 ? c->pwc_l1 : c->pwc_l1 + c->pwc_l2 + c->pwc_l3 + c->pwc_l4;
    return c->l1i_ways + c->l1i_super + c->l1d_ways + c->l1d_super + c->l2_ways + c->l2_large +
           c->l2i_ways + c->l2i_large + pwc + c->pte_lines + c->prefetch_streams;
}

#define TERM(name, value, sentence) [GATES_TERM_##name] = sentence,
const char *const gates_sentences[GATES_TERMS] = {GATES_TERMS_OF(TERM)};
#undef TERM

void gates_terms(const struct config *c, double term[GATES_TERMS]) {
#define TERM(name, value, sentence) term[GATES_TERM_##name] = (double)(value);
    GATES_TERMS_OF(TERM)
#undef TERM
}

/* ---- Least squares ------------------------------------------------------------------------- */

typedef double square[GATES_TERMS][GATES_TERMS];

/* Gauss and Jordan, with the largest pivot; false: singular. Terms are scaled to 1 before. */
static bool invert(square a, square inverse) {
    for (int i = 0; i < GATES_TERMS; i++)
        for (int j = 0; j < GATES_TERMS; j++) inverse[i][j] = i == j;
    for (int k = 0; k < GATES_TERMS; k++) {
        int best = k;
        for (int i = k; i < GATES_TERMS; i++)
            if (fabs(a[i][k]) > fabs(a[best][k])) best = i;
        if (fabs(a[best][k]) < 1e-9) return false;
        for (int j = 0; j < GATES_TERMS; j++) {
            double swap = a[k][j];
            a[k][j] = a[best][j], a[best][j] = swap;
            swap = inverse[k][j];
            inverse[k][j] = inverse[best][j], inverse[best][j] = swap;
        }
        double pivot = a[k][k];
        for (int j = 0; j < GATES_TERMS; j++) a[k][j] /= pivot, inverse[k][j] /= pivot;
        for (int i = 0; i < GATES_TERMS; i++) {
            double times = i == k ? 0 : a[i][k];
            for (int j = 0; j < GATES_TERMS; j++)
                a[i][j] -= times * a[k][j], inverse[i][j] -= times * inverse[k][j];
        }
    }
    return true;
}

/* The largest of each term; one that never changes is in the first. */
static void look_at_terms(struct gates_law *l, double scale[GATES_TERMS]) {
    for (int i = 0; i < GATES_TERMS; i++) {
        scale[i] = 0;
        l->varies[i] = i == GATES_TERM_rest;
        for (size_t n = 0; n < l->count; n++) {
            scale[i] = fmax(scale[i], l->known[n].term[i]);
            if (l->known[n].term[i] != l->known[0].term[i]) l->varies[i] = true;
        }
    }
}

static bool find_inverse(struct gates_law *l) {
    square a = {{0}};
    double scale[GATES_TERMS];
    look_at_terms(l, scale);
    for (int i = 0; i < GATES_TERMS; i++)
        for (int j = 0; j < GATES_TERMS; j++) {
            bool both = l->varies[i] && l->varies[j];
            a[i][j] = !both && i == j;
            for (size_t n = 0; both && n < l->count; n++)
                a[i][j] += l->known[n].term[i] / scale[i] * l->known[n].term[j] / scale[j];
        }
    if (l->count < GATES_LEAST || !invert(a, l->inverse)) return false;
    for (int i = 0; i < GATES_TERMS; i++)
        for (int j = 0; j < GATES_TERMS; j++)
            l->inverse[i][j] =
                l->varies[i] && l->varies[j] ? l->inverse[i][j] / (scale[i] * scale[j]) : 0;
    return true;
}

static double leverage(const struct gates_law *l, const double x[GATES_TERMS]) {
    double sum = 0;
    for (int i = 0; i < GATES_TERMS; i++)
        for (int j = 0; j < GATES_TERMS; j++) sum += x[i] * l->inverse[i][j] * x[j];
    return sum;
}

static double law_of(const struct gates_law *l, const double x[GATES_TERMS], int kind) {
    double sum = 0;
    for (int i = 0; i < GATES_TERMS; i++) sum += l->factor[kind][i] * x[i];
    return sum;
}

static void find_factors(struct gates_law *l, int kind) {
    double sum[GATES_TERMS] = {0}, squares = 0;
    for (size_t n = 0; n < l->count; n++)
        for (int i = 0; i < GATES_TERMS; i++) sum[i] += l->known[n].term[i] * l->known[n].is[kind];
    for (int i = 0; i < GATES_TERMS; i++) {
        l->factor[kind][i] = 0;
        for (int j = 0; j < GATES_TERMS; j++) l->factor[kind][i] += l->inverse[i][j] * sum[j];
    }
    for (size_t n = 0; n < l->count; n++) { /* left out without another fit, by its leverage */
        struct gates_known *k = &l->known[n];
        k->fit[kind] = law_of(l, k->term, kind);
        double rest = 1 - leverage(l, k->term);
        k->left_out[kind] = rest > 1e-9 ? (k->fit[kind] - k->is[kind]) / rest : INFINITY;
        squares += k->left_out[kind] * k->left_out[kind];
    }
    l->error[kind] = sqrt(squares / (double)l->count);
}

void gates_fit(struct gates_law *l) {
    l->hull = 0;
    for (size_t n = 0; n < l->all; n++) gates_terms(&l->known[n].config, l->known[n].term);
    l->holds = find_inverse(l);
    if (!l->holds) return;
    for (size_t n = 0; n < l->count; n++) l->hull = fmax(l->hull, leverage(l, l->known[n].term));
    for (int kind = 0; kind < GATES_KINDS; kind++) find_factors(l, kind);
}

/* ---- Of a configuration -------------------------------------------------------------------- */

static uint32_t built(const struct config *c, const struct config_knob *k) {
    return *(const uint32_t *)(const void *)((const char *)c + k->offset);
}

/* The start of an LFSR costs nothing. */
static bool shapes(const struct config_knob *k) {
    return !strcmp(k->class, "RTL") && strcmp(k->key, "repl.seed") != 0;
}

static bool built_alike(const struct config *a, const struct config *b) {
    for (size_t k = 0; k < CONFIG_KNOBS; k++) {
        const struct config_knob *knob = &config_knobs[k];
        if (shapes(knob) && built(a, knob) != built(b, knob)) return false;
    }
    return true;
}

/* Does it lie between those of the law, knob by knob? */
static bool among(const struct gates_law *l, const struct config *c) {
    for (size_t k = 0; k < CONFIG_KNOBS; k++) {
        const struct config_knob *knob = &config_knobs[k];
        uint32_t low = UINT32_MAX, high = 0;
        for (size_t n = 0; n < l->count; n++) {
            uint32_t value = built(&l->known[n].config, knob);
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        if (shapes(knob) && (built(c, knob) < low || built(c, knob) > high)) return false;
    }
    return true;
}

struct gates gates_of(const struct gates_law *l, const struct config *c) {
    struct gates g = {.method = GATES_UNKNOWN, .sram_bits = study_sram_bits(c)};
    double term[GATES_TERMS];
    for (size_t n = 0; n < l->all; n++) {
        if (!built_alike(&l->known[n].config, c)) continue;
        g.method = GATES_SYNTHESIZED;
        memcpy(g.is, l->known[n].is, sizeof g.is);
        return g;
    }
    if (!l->holds) return g;
    gates_terms(c, term);
    bool inside = among(l, c) && leverage(l, term) <= l->hull * (1 + 1e-9);
    g.method = inside ? GATES_FIT : GATES_EXTRAPOLATED;
    for (int kind = 0; kind < GATES_KINDS; kind++) g.is[kind] = law_of(l, term, kind);
    return g;
}

void gates_free(struct gates_law *l) {
    free(l->known);
    *l = (struct gates_law){0};
}
