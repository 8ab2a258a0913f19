/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ports tell of one access: accepted, answered, killed. And the order of an edge's steps,
 * which is that in which a reader wants them: what memory brought and what the walk then asked
 * (explain.c, told before), the L2 TLB, the answer; then what is new at the ports.
 */
#include "explain_private.h"
#include <string.h>

/* ---- The ports ----------------------------------------------------------------------------- */

/* One port's pins, whichever it is. */
struct port_pins {
    bool asked, hit, miss, lookup, l1_hit, fill, super;
    unsigned id, hit_id, miss_id, set, way;
    uint32_t kill;
    struct explain_step hit_answer, miss_answer;
};

#define ANSWER(o, name, from)                                                                      \
    {                                                                                              \
        .answer = {                                                                                \
            .cause = (o)->name##_cause_o,                                                          \
            .size = (o)->name##_size_o,                                                            \
            .source = (from),                                                                      \
            .pbmt = (o)->name##_pbmt_o,                                                            \
            .pa = (o)->name##_pa_o                                                                 \
        }                                                                                          \
    }

static struct port_pins pins_of(const struct core *c, unsigned port) {
    const struct mmu_in *in = &c->in;
    const struct mmu_out *o = &c->out;
    if (port)
        return (struct port_pins){.asked = in->dreq_valid_i && o->dreq_ready_o,
                                  .id = in->dreq_id_i,
                                  .lookup = o->ev_dl1_lookup_o,
                                  .l1_hit = o->ev_dl1_hit_o,
                                  .hit = o->dhit_valid_o,
                                  .hit_id = o->dhit_id_o,
                                  .miss = o->dmiss_valid_o,
                                  .miss_id = o->dmiss_id_o,
                                  .fill = o->ev_dl1_fill_o,
                                  .super = o->ev_dl1_fill_super_o,
                                  .set = o->ev_dl1_fill_set_o,
                                  .way = o->ev_dl1_fill_way_o,
                                  .kill = in->dkill_i,
                                  .hit_answer = ANSWER(o, dhit, SOURCE_L1),
                                  .miss_answer = ANSWER(o, dmiss, o->dmiss_source_o)};
    return (struct port_pins){.asked = in->ireq_valid_i && o->ireq_ready_o,
                              .id = in->ireq_id_i,
                              .lookup = o->ev_il1_lookup_o,
                              .l1_hit = o->ev_il1_hit_o,
                              .hit = o->ihit_valid_o,
                              .hit_id = o->ihit_id_o,
                              .miss = o->imiss_valid_o,
                              .miss_id = o->imiss_id_o,
                              .fill = o->ev_il1_fill_o,
                              .super = o->ev_il1_fill_super_o,
                              .set = o->ev_il1_fill_set_o,
                              .way = o->ev_il1_fill_way_o,
                              .kill = in->ikill_i,
                              .hit_answer = ANSWER(o, ihit, SOURCE_L1),
                              .miss_answer = ANSWER(o, imiss, o->imiss_source_o)};
}

static const struct part *part_of(struct core *c, const struct offer *o, const struct entry **a) {
    *a = o->valid ? core_at(c, o->entry) : NULL;
    return *a ? &(*a)->part[o->part] : NULL;
}

static void answer(struct core *c, const struct offer *o, const struct explain_step *answer) {
    struct explain *x = c->opt->explain;
    const struct entry *a;
    unsigned part;
    const struct part *p = part_of(c, o, &a);
    if (!explain_part(x, a, p, &part)) return;
    struct explain_step *s = explain_add(c, EXPLAIN_ANSWER, part);
    s->answer = answer->answer;
    s->answer.cycles = c->cycle - x->accepted[part];
    s->answer.spec = explain_spec(c, a, p);
    bool same = s->answer.spec.cause == s->answer.cause &&
                (s->answer.cause || s->answer.spec.pa == s->answer.pa);
    x->differs |= !same;
    if (!s->answer.cause) return;
    struct explain_step check = *s;
    *explain_add(c, EXPLAIN_CHECK, part) = check;
    x->step[x->steps - 1].kind = EXPLAIN_CHECK;
}

static void l1_fill(struct core *c, unsigned port, const struct port_pins *n) {
    struct explain *x = c->opt->explain;
    const struct entry *a;
    unsigned part, slot = c->counters.slot_of[port][n->miss_id & 31];
    const struct part *p = part_of(c, &c->owner[port][n->miss_id & 31], &a);
    uint8_t size = n->miss_answer.answer.size;
    if (!p) return;
    pte_t pte = n->miss_answer.answer.source == SOURCE_WALK
                    ? x->slot_pte[slot % COUNTERS_TAGS]
                    : explain_tlb_pte(x, explain_l2_of(x->cfg, !port), p->va);
    struct explain_filled f = {.va = p->va,
                               .pte = pte,
                               .size = size == SIZE_NONE ? SIZE_4K : size,
                               .cycle = c->cycle,
                               .record = a->index};
    explain_tlb_fill(x, port ? UNIT_L1D : UNIT_L1I, n->super, n->set, n->way, &f);
    if (!explain_part(x, a, p, &part)) return;
    struct explain_step *s = explain_add(c, EXPLAIN_FILL, part);
    s->fill.unit = port ? UNIT_L1D : UNIT_L1I;
    s->fill.large = n->super;
    s->fill.set = n->set;
    s->fill.way = n->way;
}

static void request(struct core *c, unsigned port, const struct port_pins *n) {
    struct explain *x = c->opt->explain;
    const struct entry *a;
    unsigned part;
    const struct part *p = part_of(c, &c->offer[port], &a);
    if (!explain_part(x, a, p, &part)) return;
    explain_vma(c, a, part);
    x->handling = false;
    x->attempt += x->asked[part] == x->attempt; /* done, and thrown away for an older one's fault */
    x->asked[part] = x->attempt;
    x->accepted[part] = c->cycle;
    x->shared[part] = 0;
    struct explain_step *s = explain_add(c, EXPLAIN_REQUEST, part);
    s->request.satp = x->satp;
    s->request.va = p->va;
    s->request.bytes = p->bytes;
    s->request.port = port;
    if (!n->lookup) return;
    explain_tlb_lookup(x, port ? UNIT_L1D : UNIT_L1I, p->va, n->l1_hit,
                       explain_add(c, EXPLAIN_LOOKUP, part));
}

/* What a kill takes away: this access, or younger ones for its fault. */
static void killed(struct core *c) {
    struct explain *x = c->opt->explain;
    const struct entry *oldest = core_at(c, c->head), *a;
    unsigned part, count = (unsigned)(__builtin_popcount(c->in.ikill_i & c->busy[0]) +
                                      __builtin_popcount(c->in.dkill_i & c->busy[1]));
    if (explain_mine(x, oldest)) {
        explain_add(c, EXPLAIN_KILL, 0)->kill.count = count;
        return;
    }
    bool hit = false;
    for (unsigned id = 0; id < 64; id++) {
        unsigned port = id / 32;
        uint32_t kill = port ? c->in.dkill_i : c->in.ikill_i;
        const struct part *p = part_of(c, &c->owner[port][id % 32], &a);
        if (kill >> id % 32 & 1 && explain_part(x, a, p, &part)) hit = true;
    }
    if (!hit) return;
    explain_add(c, EXPLAIN_KILL, 0)->kill.by = oldest->index;
    x->attempt++;
}

void explain_edge(struct core *c) {
    const struct mmu_out *o = &c->out;
    if (!c->opt->explain->at) return; /* still sought */
    if (o->ev_l2_fill_o) explain_l2_fill(c);
    if (o->ev_l2_lookup_o) explain_l2_compare(c);
    for (unsigned port = 0; port < 2; port++) {
        const struct port_pins n = pins_of(c, port);
        bool fresh = n.asked && n.id == n.hit_id;
        if (n.miss && !(n.kill >> n.miss_id & 1))
            answer(c, &c->owner[port][n.miss_id & 31], &n.miss_answer);
        if (n.fill) l1_fill(c, port, &n);
        if (n.asked) request(c, port, &n);
        if (n.hit && !(n.kill >> n.hit_id & 1))
            answer(c, fresh ? &c->offer[port] : &c->owner[port][n.hit_id & 31], &n.hit_answer);
    }
    if (c->in.ikill_i | c->in.dkill_i) killed(c);
}
