/* SPDX-License-Identifier: Apache-2.0
 *
 * Gates and flip-flops of a configuration. Of some they are known: docs/area.json has what Yosys
 * makes of them (`make gates`). Of the others they follow a linear law in what is built, fitted to
 * the known ones by least squares; how far that may be off is what it is off by where a known one
 * is left out of the fit.
 */
#ifndef PW_STUDY_GATES_H
#define PW_STUDY_GATES_H
#include "config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gates_kind { GATES_FLIP_FLOPS, GATES_ALL, GATES_KINDS };
enum { GATES_LEAST = 12 }; /* configurations of one RTL that a law is fitted to */

/* What the law is linear in: name, of a configuration `c`, sentence. */
#define GATES_TERMS_OF(TERM)                                                                       \
    TERM(rest, 1, "what every configuration has")                                                  \
    TERM(kept, kept_bits(c), "bits of storage in flip-flops")                                      \
    TERM(compared, compared_ways(c), "ways that are compared at a time")                           \
    TERM(slots, c->slots_fetch + c->slots_data + (c->prefetch_streams > 0), "slots")               \
    TERM(pmp, c->pmp_entries, "PMP entries")

#define TERM(name, value, sentence) GATES_TERM_##name,
enum gates_term { GATES_TERMS_OF(TERM) GATES_TERMS };
#undef TERM
extern const char *const gates_sentences[GATES_TERMS];

struct gates_known { /* one that was synthesized */
    char name[48], hash[17], commit[24], rtl[24], yosys[16], library[32];
    struct config config;
    double term[GATES_TERMS], is[GATES_KINDS];
    double fit[GATES_KINDS], left_out[GATES_KINDS]; /* what is off if this one is left out */
    uint64_t sram_bits;
};

struct gates_law {
    struct gates_known *known;
    size_t count, all;        /* those that it is fitted to, of one RTL; then those of another */
    bool holds;               /* there are enough of them, and they tell the terms apart */
    bool varies[GATES_TERMS]; /* a term that is the same in all of them is no term */
    double factor[GATES_KINDS][GATES_TERMS];
    double inverse[GATES_TERMS][GATES_TERMS]; /* of the sums of products of terms */
    double hull;                              /* the largest leverage of a known one */
    double error[GATES_KINDS];                /* root mean square of what is off, left out */
};

/* fit: no known one is this, but its knobs and its terms lie among theirs. */
enum gates_method { GATES_SYNTHESIZED, GATES_FIT, GATES_EXTRAPOLATED, GATES_UNKNOWN };
extern const char *const gates_methods[GATES_UNKNOWN + 1];

struct gates {
    enum gates_method method;
    double is[GATES_KINDS];
    uint64_t sram_bits;
};

void gates_read(struct gates_law *, const char *path); /* exit 3 if it is not as it must be */
void gates_read_shipped(struct gates_law *);           /* docs/area.json; none outside a checkout */
void gates_terms(const struct config *, double term[GATES_TERMS]);
void gates_fit(struct gates_law *);
struct gates gates_of(const struct gates_law *, const struct config *);
void gates_free(struct gates_law *);

#endif
