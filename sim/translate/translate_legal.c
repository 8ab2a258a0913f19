/* SPDX-License-Identifier: Apache-2.0
 *
 * `translate --legal`: what opinion 2 allows for a step, where memory and CSRs changed without a
 * fence or the manual leaves a choice. Opinion 2 gets the history of the case; memory goes on as
 * the engine's own answers leave it.
 *
 * An outcome is an A/D write that is lawful now, or none, and then an answer that is lawful with
 * it; of an access that crosses a page, such an outcome of the first part and then one of the
 * second.
 */
#include "enums.h"
#include "error.h"
#include "translate_spec.h"
#include <stdlib.h>

enum { CHOICES = 64 };

struct translate_legal {
    struct translate_memory *memory;
    struct spec *spec;
    const struct translate_case *c;
    uint64_t now;
    const struct spec_pmp *pmp, *pma; /* opinion 2's copies of the sets that stand */
    unsigned pmp_set, pma_set;
    /* of translate_legal_answers */
    const struct translate_step *step;
    struct translate_split split;
    struct translate_answer *list;
    unsigned found, room;
};

struct translate_legal *translate_legal_new(struct translate_memory *memory) {
    struct translate_legal *l = calloc(1, sizeof *l);
    if (!l) internal_error("out of memory");
    l->memory = memory;
    return l;
}

void translate_legal_delete(struct translate_legal *l) {
    if (!l) return;
    spec_delete(l->spec);
    free(l);
}

void translate_legal_begin(struct translate_legal *l, const struct translate_case *c) {
    struct spec_hart hart = translate_hart(c, l->memory);
    spec_delete(l->spec);
    l->spec = spec_new_hart(&hart);
    l->c = c;
    l->now = 0;
    l->pmp = l->pma = NULL;
}

void translate_legal_changed(struct translate_legal *l, paddr_t pa, uint64_t old, uint64_t now) {
    spec_pte_write(l->spec, l->now, pa, old, now);
}

/* An A/D write that has been done, of 4 or 8 bytes; opinion 2 hears of words of 8. */
void translate_legal_updated(struct translate_legal *l, const struct translate_write *w) {
    uint64_t now = translate_memory_read(l->memory, w->pa & ~7ull);
    uint64_t old = now ^ (w->old ^ w->now) << 8 * (w->pa % 8);
    spec_pte_write(l->spec, l->now, w->pa & ~7ull, old, now);
}

/* The cycles of a step: its changes, its fence, its access. */
void translate_legal_set(struct translate_legal *l, const struct translate_step *s) {
    spec_satp_write(l->spec, l->now, s->satp);
    spec_adue_write(l->spec, l->now, s->adue);
    spec_pbmte_write(l->spec, l->now, s->pbmte);
    if (!l->pmp || l->pmp_set != s->pmp)
        l->pmp = spec_pmp_write(l->spec, l->now, &l->c->set[s->pmp]);
    if (!l->pma || l->pma_set != s->pma)
        l->pma = spec_pma_write(l->spec, l->now, &l->c->set[s->pma]);
    l->pmp_set = s->pmp;
    l->pma_set = s->pma;
    l->now++;
    if (!s->fence) return;
    spec_fence_begin(l->spec, l->now++, false, false, 0, 0);
    spec_fence_end(l->spec, l->now++);
}

/* ---- The outcomes of a step ------------------------------------------------------------------ */
static void keep(struct translate_legal *l, const struct translate_answer *a) {
    for (unsigned n = 0; n < l->found; n++)
        if (translate_same(&l->list[n], a)) return;
    if (l->found < l->room) l->list[l->found++] = *a;
}

static void try_part(struct translate_legal *l, unsigned part,
                     const struct translate_answer *before);

/* Every answer with memory as it is. */
static void try_answers(struct translate_legal *l, unsigned part,
                        const struct translate_answer *before, const struct spec_request *r) {
    struct spec_outcome outcome[CHOICES];
    unsigned count = spec_lawful(l->spec, l->now, r, outcome, CHOICES);
    for (unsigned n = 0; n < count; n++) {
        struct translate_answer a = *before;
        a.cause = outcome[n].cause;
        a.tval = r->va;
        if (!a.cause) {
            a.pbmt[a.parts] = outcome[n].pbmt;
            a.pa[a.parts++] = outcome[n].pa;
        }
        if (!a.cause && part == 0 && l->split.bytes[1])
            try_part(l, 1, &a);
        else
            keep(l, &a);
    }
}

static void try_part(struct translate_legal *l, unsigned part,
                     const struct translate_answer *before) {
    struct spec_request r =
        translate_request(l->c, l->step, l->split.va[part], l->split.bytes[part]);
    struct spec_update update[CHOICES];
    r.pmp = l->pmp;
    r.pma = l->pma;
    unsigned count = spec_lawful_updates(l->spec, l->now, &r, update, CHOICES);
    try_answers(l, part, before, &r);
    for (unsigned n = 0; n < count; n++) {
        struct translate_answer a = *before;
        a.write[a.writes++] = (struct translate_write){update[n].pa, update[n].old, update[n].now};
        translate_update(l->memory, update[n].pa, update[n].now, l->c->rv32);
        try_answers(l, part, &a, &r);
        translate_update(l->memory, update[n].pa, update[n].old, l->c->rv32);
    }
}

unsigned translate_legal_answers(struct translate_legal *l, const struct translate_step *s,
                                 struct translate_answer *list, unsigned room) {
    const struct translate_answer none = {0};
    l->step = s;
    l->split = translate_split(l->c, s);
    l->list = list;
    l->found = 0;
    l->room = room;
    if (l->split.cause)
        keep(l, &(struct translate_answer){.cause = l->split.cause, .tval = s->va});
    else
        try_part(l, 0, &none);
    return l->found;
}
