/* SPDX-License-Identifier: Apache-2.0
 *
 * core.ideal = 1: an MMU whose every lookup hits L1, as the base line of translation overhead.
 * Requests do not reach the engine; each is answered in its cycle, from memory as it is now, by the
 * literal walker, and nobody reads a PTE for it. CSR writes and fences go to the engine as ever,
 * with their cycles.
 *
 * The pins look as if an MMU had hit, so driver, opinions and counters see nothing special; only
 * the model's own counts are not asked for. D is set in program order here, too (order rule 12): a
 * store that would set it and is not the oldest is not accepted yet.
 */
#include "core.h"

struct verdict {
    struct spec_answer s;
    bool ready;
    uint8_t size;
};

static uint8_t size_of(const struct core *c, const struct spec_answer *s) {
    if (s->cause || s->level < 0) return SIZE_NONE;
    if (c->hart.rv32) return s->level ? SIZE_4M : SIZE_4K;
    return s->read_pte[s->reads - 1] & PTE_N ? SIZE_64K : (uint8_t)s->level;
}

static struct verdict ask(struct core *c, unsigned port, unsigned id) {
    const struct offer *o = &c->offer[port];
    const struct entry *a = core_at(c, o->entry);
    const struct mmu_in *in = &c->in;
    bool oldest = in->oldest_valid_i && in->oldest_port_i == port && in->oldest_id_i == id;
    struct spec_request r = core_spec_request(c, a, &a->part[o->part]);
    struct verdict v = {.ready = true};
    spec_walk_hart(&c->hart, &r, &v.s);
    v.size = size_of(c, &v.s);
    if (v.s.cause || !v.s.writes) return v;
    v.ready = oldest || !((v.s.write_new ^ v.s.write_old) & PTE_D);
    if (v.ready)
        mem_write(c->mem, v.s.write_pa, &v.s.write_new, c->hart.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
    return v;
}

static void fetch(struct core *c) {
    struct verdict v = ask(c, 0, c->in.ireq_id_i);
    c->out.ireq_ready_o = c->out.ihit_valid_o = 1;
    c->out.ihit_id_o = c->in.ireq_id_i;
    c->out.ihit_pa_o = v.s.cause ? 0 : v.s.pa;
    c->out.ihit_cause_o = v.s.cause;
    c->out.ihit_size_o = v.size;
    c->out.ihit_pbmt_o = v.s.pbmt;
    c->out.ev_il1_lookup_o = c->out.ev_il1_hit_o = v.s.reads > 0;
}

static void data(struct core *c) {
    struct verdict v = ask(c, 1, c->in.dreq_id_i);
    c->out.dreq_ready_o = c->out.dhit_valid_o = v.ready;
    if (!v.ready) return;
    c->out.dhit_id_o = c->in.dreq_id_i;
    c->out.dhit_pa_o = v.s.cause ? 0 : v.s.pa;
    c->out.dhit_cause_o = v.s.cause;
    c->out.dhit_size_o = v.size;
    c->out.dhit_pbmt_o = v.s.pbmt;
    c->out.ev_dl1_lookup_o = c->out.ev_dl1_hit_o = v.s.reads > 0;
}

void core_ideal_step(struct core *c) {
    struct mmu_in in = c->in;
    in.ireq_valid_i = in.dreq_valid_i = in.oldest_valid_i = 0;
    in.ikill_i = in.dkill_i = 0;
    c->engine->step(c->engine, &in, &c->out);
    if (c->in.ireq_valid_i) fetch(c);
    if (c->in.dreq_valid_i) data(c);
}
