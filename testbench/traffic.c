/* SPDX-License-Identifier: Apache-2.0
 *
 * Random traffic, edge by edge: what the opinions are told, and what they say.
 */
#include "traffic_internal.h"
#include "hart.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BOOKS = 1024, /* cycles between two comparisons of the counters */
    RESET_EVERY = 6000
};

static void fail(struct traffic *t, const char *opinion, const char *why) {
    if (t->result->failed) return;
    t->result->failed = true;
    t->result->failed_cycle = t->cycle;
    snprintf(t->result->opinion, sizeof t->result->opinion, "%s", opinion);
    snprintf(t->result->why, sizeof t->result->why, "%s", why);
}

/* What is stored in cycle 0 is what memory holds from the start: it has no history. */
static void report_pte(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct traffic *t = who;
    if (t->cycle) spec_pte_write(t->spec, t->cycle, pa, old, now);
}

static void name_oldest(struct traffic *t) {
    t->in.oldest_valid_i = t->count != 0;
    if (!t->count) return;
    t->in.oldest_port_i = t->live[0].data;
    t->in.oldest_id_i = t->live[0].id;
}

/* ---- What came out -------------------------------------------------------------------------- */

static void judge_answer(struct traffic *t, const struct live *l, uint8_t cause, paddr_t pa,
                         uint8_t pbmt) {
    char why[800], text[1000];
    t->result->answers++;
    t->result->faults += cause != 0;
    if (!cause) t->last[l->data] = l->request.va;
    if (spec_judge_typed(t->spec, l->accepted, t->cycle, &l->request, cause, pa, pbmt, why,
                         sizeof why))
        return;
    snprintf(text, sizeof text, "%s va %016llx priv %s: answered cause %s pa %014llx %s; %s",
             access_word(l->request.access), (unsigned long long)l->request.va,
             priv_word(l->request.priv), cause_word(cause), (unsigned long long)pa, pbmt_word(pbmt),
             why);
    fail(t, "spec", text);
}

static void remove_live(struct traffic *t, unsigned i) {
    t->used[t->live[i].data] &= ~(1u << t->live[i].id);
    memmove(&t->live[i], &t->live[i + 1], (t->count - i - 1) * sizeof t->live[0]);
    t->count--;
}

static void touch(struct traffic *t, vaddr_t va, paddr_t pa) {
    unsigned n = t->touches++;
    if (n >= TOUCHED && n % STAYS) return;
    n = n < TOUCHED ? n : n / STAYS % TOUCHED;
    t->touched[n].va = va;
    t->touched[n].pa = pa;
}

static void finish(struct traffic *t, bool data, uint8_t id, uint8_t cause, paddr_t pa,
                   uint8_t pbmt) {
    t->driver.answered[data]++;
    for (unsigned i = 0; i < t->count; i++) {
        if (t->live[i].data != data || t->live[i].id != id) continue;
        judge_answer(t, &t->live[i], cause, pa, pbmt);
        if (!cause) touch(t, t->live[i].request.va, pa);
        remove_live(t, i);
        return;
    }
    fail(t, "spec", "an answer for an id that no unfinished request has");
}

static void accept(struct traffic *t, bool data) {
    const struct mmu_in *in = &t->in;
    struct live l = {
        .data = data, .accepted = t->cycle, .id = data ? in->dreq_id_i : in->ireq_id_i};
    struct spec_request *r = &l.request;
    *r = registers_request(&t->csr);
    r->access = data ? in->dreq_access_i : (uint8_t)ACCESS_FETCH;
    r->priv = data ? in->dreq_priv_i : in->ireq_priv_i;
    r->sum = data && in->dreq_sum_i;
    r->mxr = data && in->dreq_mxr_i;
    r->bytes = (data ? in->dreq_last_i : in->ireq_last_i) + 1u;
    r->va = data ? in->dreq_va_i : in->ireq_va_i;
    t->result->requests++;
    t->driver.issued[data]++;
    t->used[data] |= 1u << l.id;
    t->live[t->count++] = l;
}

static void judge_ad(struct traffic *t) {
    struct spec_request requests[LIVE_MAX];
    uint64_t accepted[LIVE_MAX];
    char why[800];
    for (unsigned i = 0; i < t->count; i++) {
        requests[i] = t->live[i].request;
        accepted[i] = t->live[i].accepted;
    }
    t->result->ad_writes++;
    if (!spec_judge_ad(t->spec, t->cycle, t->out.mem_req_addr_o, t->out.mem_req_cmp_o,
                       t->out.mem_req_data_o, requests, accepted, t->count, t->count ? 0 : -1, why,
                       sizeof why)) {
        fail(t, "spec", why);
    }
}

static void digest(struct traffic *t) {
    const uint8_t *p = (const uint8_t *)&t->in;
    uint64_t h = t->result->stimulus;
    for (size_t i = 0; i < sizeof t->in; i++) h = (h ^ p[i]) * 0x100000001b3ull;
    t->result->stimulus = h;
}

/* ---- Fences and CSR writes ------------------------------------------------------------------- */
static void fence_accepted(struct traffic *t) {
    const struct mmu_in *in = &t->in;
    uint16_t asid = registers_asid(&t->csr, in->fence_asid_i);
    switch (in->fence_op_i) {
    case FENCE_SFENCE_VMA:
        spec_fence_begin(t->spec, t->cycle, in->fence_rs1_i, in->fence_rs2_i, in->fence_va_i, asid);
        break;
    case FENCE_SINVAL_VMA:
        spec_sinval(t->spec, t->cycle, in->fence_rs1_i, in->fence_rs2_i, in->fence_va_i, asid);
        break;
    case FENCE_SFENCE_W_INVAL: spec_w_inval(t->spec, t->cycle); break;
    default: spec_inval_ir_begin(t->spec, t->cycle);
    }
    if (t->fences == FENCES) {
        fail(t, "hang", "fences are accepted and not done");
        return;
    }
    t->fence[t->fences++] = in->fence_op_i;
    t->result->fences++;
}

static void fence_done(struct traffic *t) {
    if (!t->fences) return;
    if (t->fence[0] == FENCE_SFENCE_VMA) spec_fence_end(t->spec, t->cycle);
    if (t->fence[0] == FENCE_SFENCE_INVAL_IR) spec_inval_ir_end(t->spec, t->cycle);
    memmove(t->fence, t->fence + 1, --t->fences);
}

/* ---- Program order inside a cycle: older answers, then its requests, data before fetch ------- */
/* Hits, of requests accepted in this cycle or, with an L1 latency, in the last one. */
static void hits(struct traffic *t, bool late) {
    const struct mmu_out *o = &t->out;
    if (o->dhit_valid_o && late == (t->config->l1d_latency != 0)) {
        t->result->hits++;
        finish(t, true, o->dhit_id_o, o->dhit_cause_o, o->dhit_pa_o, o->dhit_pbmt_o);
    }
    if (o->ihit_valid_o && late == (t->config->l1i_latency != 0)) {
        t->result->hits++;
        finish(t, false, o->ihit_id_o, o->ihit_cause_o, o->ihit_pa_o, o->ihit_pbmt_o);
    }
}

static void answers(struct traffic *t) {
    const struct mmu_out *o = &t->out;
    if (o->imiss_valid_o)
        finish(t, false, o->imiss_id_o, o->imiss_cause_o, o->imiss_pa_o, o->imiss_pbmt_o);
    if (o->dmiss_valid_o)
        finish(t, true, o->dmiss_id_o, o->dmiss_cause_o, o->dmiss_pa_o, o->dmiss_pbmt_o);
}

static void kills(struct traffic *t) {
    for (unsigned i = t->count; i-- > 0;) {
        uint32_t mask = t->live[i].data ? t->in.dkill_i : t->in.ikill_i;
        if (!(mask >> t->live[i].id & 1)) continue;
        t->result->killed++;
        t->driver.killed[t->live[i].data]++;
        remove_live(t, i);
    }
}

static void after_edge(struct traffic *t) {
    const struct mmu_in *in = &t->in;
    const struct mmu_out *o = &t->out;
    if (memport_writes(&t->port, in, o)) judge_ad(t); /* memory still holds the old value */
    memport_accept(&t->port, t->cycle, in, o);
    if (o->fence_done_o) fence_done(t);
    answers(t);
    hits(t, true);
    kills(t);
    if (in->dreq_valid_i && o->dreq_ready_o) accept(t, true);
    if (in->ireq_valid_i && o->ireq_ready_o) accept(t, false);
    hits(t, false);
    if (in->fence_valid_i && o->fence_ready_o) fence_accepted(t);
    t->csr_pending = in->csr_valid_i && o->csr_ready_o;
    t->csr_addr = in->csr_addr_i;
    t->csr_value = in->csr_wdata_i;
    t->result->csr_writes += t->csr_pending;
    if (t->engine->diff.found) {
        char text[256];
        snprintf(text, sizeof text, "pin %s: model %llx, rtl %llx", t->engine->diff.pin,
                 (unsigned long long)t->engine->diff.model,
                 (unsigned long long)t->engine->diff.rtl);
        fail(t, "cycle", text);
    }
    if (t->engine->failed) fail(t, "assert", t->engine->failed);
    if (t->count && t->cycle - t->live[0].accepted > ANSWER_LIMIT)
        fail(t, "hang", "a request has no answer");
}

/* Opinion 4, every so often and at the end. */
static void books(struct traffic *t) {
    char why[512];
    const struct mmu_stats *model = t->engine->stats(t->engine);
    if (!counters_agree(&t->counters, model, &t->driver, why, sizeof why)) fail(t, "counters", why);
}

/* As after reset: nothing in flight, nothing cached, no history. */
static void begin(struct traffic *t) {
    struct spec_hart hart = registers_hart(t->config, t->mem);
    spec_delete(t->spec);
    t->spec = spec_new_hart(&hart);
    registers_init(&t->csr, t->config, t->spec, t->cycle);
    counters_init(&t->counters, t->config);
    memset(&t->driver, 0, sizeof t->driver);
    memport_init(&t->port, t->config, t->mem);
    t->port.hierarchy = t->hierarchy;
    t->count = t->fences = t->firmware = 0;
    t->used[0] = t->used[1] = 0;
    t->csr_pending = false;
}

void traffic_reset(struct traffic *t) {
    const struct pins_record r = {.cycle = t->cycle, .kind = PINS_RESET};
    if (t->told) t->told(t->who, &r);
    memset(&t->in, 0, sizeof t->in);
    books(t);
    t->in.rst_i = 1;
    hart_pins(t->config, &t->in);
    t->engine->step(t->engine, &t->in, &t->out);
    t->cycle++;
    t->result->resets++;
    begin(t);
}

void traffic_store(struct traffic *t, paddr_t pa, uint64_t value) {
    const struct pins_record r = {.cycle = t->cycle, .kind = PINS_WORD, .at = pa, .value = value};
    if (t->told) t->told(t->who, &r);
    mem_mark_table(t->mem, pa >> PAGE_SHIFT);
    mem_write(t->mem, pa, &value, t->csr.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
}

void traffic_rom(struct traffic *t, paddr_t pa) {
    const struct pins_record r = {.cycle = t->cycle, .kind = PINS_ROM, .at = pa};
    if (t->told) t->told(t->who, &r);
    mem_mark_rom(t->mem, pa >> PAGE_SHIFT);
}

/* The request that sees a CSR write first is one of the cycle behind it. */
static void ready(struct traffic *t) {
    memset(&t->in, 0, sizeof t->in);
    if (t->csr_pending) registers_write(&t->csr, t->cycle, t->csr_addr, t->csr_value);
}

static void clock(struct traffic *t) {
    if (t->told) pins_tell(&t->in, t->cycle, t->told, t->who);
    name_oldest(t);
    hart_pins(t->config, &t->in);
    memport_drive(&t->port, t->cycle, &t->in);
    pins_idle(&t->in, t->cycle, &t->port);
    digest(t);
    t->engine->step(t->engine, &t->in, &t->out);
    counters_step(&t->counters, &t->in, &t->out);
    t->result->prefetches += t->out.ev_prefetch_o;
    t->result->prefetches_used += t->out.ev_prefetch_used_o;
    t->result->coalesced += t->out.ev_il1_fill_span_o || t->out.ev_dl1_fill_span_o;
    after_edge(t);
    if (t->cycle % BOOKS == 0) books(t);
    t->cycle++;
}

void traffic_step(struct traffic *t, const struct mmu_in *in, struct mmu_out *out) {
    ready(t);
    t->in = *in;
    t->in.oldest_valid_i = t->in.oldest_port_i = t->in.oldest_id_i = 0;
    clock(t);
    *out = t->out;
}

void traffic_edge(struct traffic *t) {
    bool few = traffic_few(t);
    ready(t);
    if (!traffic_firmware(t)) traffic_offer(t);
    clock(t);
    few = !few && traffic_few(t); /* which wants PMP and PMA that let it be */
    if (few || !traffic_roll(t, RESET_EVERY)) traffic_reset(t);
}

/* ---- A run ----------------------------------------------------------------------------------- */

struct traffic *traffic_new(struct engine *engine, const struct config *config,
                            struct traffic_result *result, pins_told *told, void *who) {
    struct traffic *t = calloc(1, sizeof *t);
    memset(result, 0, sizeof *result);
    if (!t) return NULL;
    t->engine = engine;
    t->config = config;
    t->result = result;
    t->told = told;
    t->who = who;
    t->mem = mem_new(TRAFFIC_MEMORY);
    if (config->mem_model == MEMMODEL_HIERARCHY) t->hierarchy = hierarchy_new(config);
    begin(t);
    mem_set_watch(t->mem, report_pte, t);
    return t;
}

void traffic_delete(struct traffic *t) {
    if (!t) return;
    spec_delete(t->spec);
    hierarchy_delete(t->hierarchy);
    mem_delete(t->mem);
    free(t);
}

void traffic_seed(struct traffic *t, uint32_t seed, unsigned moods) {
    t->moods = moods;
    t->random = seed * 0x9e3779b97f4a7c15ull + 1;
    traffic_build_tables(t);
    for (unsigned level = 0; moods > TRAFFIC_RUN_MOODS && level < 2; level++)
        traffic_rom(t, traffic_table(level, 0) << PAGE_SHIFT);
}

void traffic_run(struct engine *engine, const struct config *config, uint32_t seed, uint64_t cycles,
                 struct traffic_result *result) {
    struct traffic *t = traffic_new(engine, config, result, NULL, NULL);
    if (!t) return;
    traffic_seed(t, seed, TRAFFIC_RUN_MOODS);
    while (t->cycle < cycles && !result->failed) traffic_edge(t);
    while ((t->count || t->fences || !t->out.idle_o) && !result->failed) {
        ready(t);
        clock(t);
        if (t->cycle > cycles + ANSWER_LIMIT) fail(t, "hang", "the MMU does not become idle");
    }
    books(t);
    result->cycles = t->cycle;
    traffic_delete(t);
}
