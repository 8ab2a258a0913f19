/* SPDX-License-Identifier: Apache-2.0
 *
 * One clock edge of the core driver, and the loop around it. The order inside an edge is the order
 * of causes: memory drives its pins, the oldest access is named, the engine steps, the witnesses
 * look (counters, spec walker), answers reach the ring, and what is finished at its head retires.
 * Nothing here depends on which engine steps.
 */
#include "core.h"
#include "hart.h"
#include "error.h"
#include "snapshot.h"
#include <inttypes.h>
#include <string.h>

enum { PROGRESS = 4096 }; /* accesses between two reports of progress */

/* ---- Before the edge ----------------------------------------------------------------------- */

/* The oldest unfinished access is the first part at the head of the ring that has no answer. */
void core_name_oldest(struct core *c) {
    if (c->head == c->tail) return;
    const struct entry *a = core_at(c, c->head);
    unsigned port = a->type != ACCESS_FETCH, n = 0;
    while (n < a->parts && a->part[n].state == PART_OK) n++;
    if (n == a->parts) return;
    const struct offer *o = &c->offer[port];
    bool live = a->part[n].state == PART_LIVE;
    if (!live && c->pins.on) return;
    if (!live && !(o->valid && o->entry == c->head && o->part == n)) return;
    c->in.oldest_valid_i = 1;
    c->in.oldest_port_i = (uint8_t)port;
    c->in.oldest_id_i = live ? a->part[n].id : port ? c->in.dreq_id_i : c->in.ireq_id_i;
}

/* ---- After the edge ------------------------------------------------------------------------ */

static void accept(struct core *c, unsigned port, unsigned id, vaddr_t va) {
    const struct offer *o = &c->offer[port];
    struct entry *a = core_at(c, o->entry);
    struct part *p = &a->part[o->part];
    p->state = PART_LIVE;
    p->id = (uint8_t)id;
    p->issue = c->cycle;
    a->issued++;
    c->inflight += !a->counted;
    a->counted = true;
    c->res->retries += a->again;
    a->again = false;
    c->owner[port][id] = *o;
    c->busy[port] |= 1u << id;
    c->driver.issued[port]++;
    if (access_reads(a->type)) {
        c->load_waits = true;
        c->load_entry = o->entry;
    }
    c->progress = c->cycle;
    core_note(c, EV_REQUEST, port, id, a->type, va, a->index);
}

/* What rides on this part, now or later, gets its answer. */
static void lead(struct core *c, const struct offer *o, const struct part *p) {
    struct fetch_block *f = &c->fetched;
    if (f->valid && f->leader == o->entry && f->leader_part == o->part) f->answer = *p;
}

/* When the bytes of a data access are there. A store leaves its own in a buffer and waits for
 * nothing; a fetch has its instructions as it has its translation. */
static uint64_t data_there(struct core *c, const struct entry *a, const struct part *p) {
    if (!c->port.hierarchy || c->pins.on || p->cause || a->type == ACCESS_FETCH) return c->cycle;
    uint64_t at = hierarchy_access(c->port.hierarchy, HIERARCHY_DATA, p->pa, p->bytes, c->cycle);
    return access_reads(a->type) ? at : c->cycle;
}

static bool answer(struct core *c, unsigned port, unsigned id, paddr_t pa, uint8_t cause,
                   uint8_t size, uint8_t source) {
    struct offer *o = &c->owner[port][id];
    core_note(c, EV_ANSWER, port, id, cause, pa, source);
    if (!o->valid) {
        return core_fail(c, OPINION_COUNTERS, NULL,
                         "the %s port answers id %u, which is not in flight",
                         port ? "data" : "fetch", id);
    }
    o->valid = false;
    c->busy[port] &= ~(1u << id);
    c->driver.answered[port]++;
    c->progress = c->cycle;
    if (c->killed[port] >> id & 1) return true; /* too late: it is killed in this cycle */
    struct entry *a = core_at(c, o->entry);
    struct part *p = &a->part[o->part];
    p->state = cause ? PART_FAULT : PART_OK;
    p->done = c->cycle;
    p->pa = pa;
    p->cause = cause;
    p->size = size;
    p->source = source;
    p->pte_reads = source == SOURCE_WALK ? (uint8_t)counters_reads(&c->counters, port, id) : 0;
    c->res->translations++;
    c->res->translation_cycles += p->done - p->issue;
    p->data = data_there(c, a, p);
    if (port == 0) lead(c, o, p);
    if (o->entry == c->load_entry) {
        c->load_waits = false;
        if (p->data > c->load_data) c->load_data = p->data;
    }
    return true;
}

static bool answers(struct core *c) {
    const struct mmu_out *o = &c->out;
    if (o->imiss_valid_o && !answer(c, 0, o->imiss_id_o, o->imiss_pa_o, o->imiss_cause_o,
                                    o->imiss_size_o, o->imiss_source_o))
        return false;
    if (o->dmiss_valid_o && !answer(c, 1, o->dmiss_id_o, o->dmiss_pa_o, o->dmiss_cause_o,
                                    o->dmiss_size_o, o->dmiss_source_o))
        return false;
    if (c->in.ireq_valid_i && o->ireq_ready_o) accept(c, 0, c->in.ireq_id_i, c->in.ireq_va_i);
    if (c->in.dreq_valid_i && o->dreq_ready_o) accept(c, 1, c->in.dreq_id_i, c->in.dreq_va_i);
    if (o->ihit_valid_o &&
        !answer(c, 0, o->ihit_id_o, o->ihit_pa_o, o->ihit_cause_o, o->ihit_size_o, SOURCE_L1))
        return false;
    return !o->dhit_valid_o ||
           answer(c, 1, o->dhit_id_o, o->dhit_pa_o, o->dhit_cause_o, o->dhit_size_o, SOURCE_L1);
}

/* A kill does not name a request that is accepted in its cycle. */
static void name_killed(struct core *c) {
    c->killed[0] = c->in.ikill_i & c->busy[0];
    c->killed[1] = c->in.dkill_i & c->busy[1];
}

static void free_killed(struct core *c) {
    for (unsigned port = 0; port < 2; port++) {
        uint32_t killed = c->killed[port] & c->busy[port];
        c->busy[port] &= ~killed;
        for (uint32_t m = killed; m; m &= m - 1) {
            c->owner[port][__builtin_ctz(m)].valid = false;
            c->driver.killed[port]++;
        }
    }
}

/* The part rides on one that has retired: what it got is this one's too. */
static void resolve(struct core *c, struct part *p) {
    struct part got = core_at(c, p->leader)->part[p->leader_part];
    got.pa = (got.pa & ~(paddr_t)(PAGE_BYTES - 1)) | p->va % PAGE_BYTES;
    got.va = p->va;
    got.bytes = p->bytes;
    got.pte_reads = 0;
    got.rode = true;
    *p = got;
    c->stirred = true;
}

static bool retire(struct core *c) {
    for (; c->head != c->tail; c->head++) {
        struct entry *a = core_at(c, c->head);
        core_ps(c, a->index);
        for (unsigned n = 0; n < a->parts; n++) {
            struct part *p = &a->part[n];
            if (p->state == PART_RIDES) resolve(c, p);
            c->trap = p->state == PART_FAULT;
            if (p->state != PART_OK || p->data > c->cycle) return true;
        }
        c->inflight -= a->counted;
        c->progress = c->cycle;
        if (!core_retired(c, a)) return false;
    }
    return true;
}

/* ---- The edge ------------------------------------------------------------------------------ */

static bool witnesses(struct core *c) {
    const struct mmu_in *in = &c->in;
    const struct mmu_out *out = &c->out;
    counters_step(&c->counters, in, out);
    if (core_told(c)) events_edge(c);
    if (in->mem_rsp_valid_i)
        core_note(c, EV_MEM_ANSWER, 0, in->mem_rsp_tag_i, in->mem_rsp_error_i,
                  in->mem_rsp_data_i[0], 0);
    if (out->mem_req_valid_o && in->mem_req_ready_i) {
        core_note(c, EV_MEM, 0, out->mem_req_tag_o, out->mem_req_op_o, out->mem_req_addr_o,
                  out->mem_req_data_o);
    }
    if (c->judge && memport_writes(&c->port, in, out) && !judge_cas(c->judge, in, out)) {
        return core_fail(c, OPINION_SPEC, NULL, "%s", c->judge->why);
    }
    memport_accept(&c->port, c->cycle, in, out);
    return !c->judge || judge_edge(c->judge, in, out) ||
           core_fail(c, OPINION_SPEC, NULL, "%s", c->judge->why);
}

bool core_edge(struct core *c) {
    if (c->cycle >= c->snapshot_at) snapshot_take(c);
    memport_drive(&c->port, c->cycle, &c->in);
    core_name_oldest(c);
    if (c->pins.on) pins_idle(&c->in, c->cycle, &c->port);
    core_wave(c);
    hart_pins(c->cfg, &c->in);
    if (c->cfg->core_ideal)
        core_ideal_step(c);
    else
        core_step(c);
    if (c->engine->diff.found)
        return core_fail(c, OPINION_CYCLE, NULL, "the C model and the RTL differ");
    if (c->engine->failed) return core_fail(c, OPINION_DUT, NULL, "%s", c->engine->failed);
    if (c->pins.on && c->out.fence_done_o) core_pins_fence_done(c);
    name_killed(c);
    if (!witnesses(c) || !answers(c)) return false;
    free_killed(c);
    return c->trap || c->pins.on || retire(c);
}

bool core_passed(struct core *c, uint64_t cycles) {
    c->offer[0].valid = c->offer[1].valid = false;
    memset(&c->in, 0, sizeof c->in);
    c->cycle += cycles;
    if (core_interrupted(c, c->cycle)) return false;
    if (core_late(c, c->cycle)) return core_timed_out(c);
    return c->cycle - c->progress <= c->opt->hang_cycles ||
           core_fail(c, OPINION_HANG, NULL, "nothing has moved for %" PRIu64 " cycles",
                     c->opt->hang_cycles);
}

bool core_clock(struct core *c) {
    return core_edge(c) && core_passed(c, 1);
}

bool core_settle(struct core *c) {
    while (c->head != c->tail) {
        if (c->trap) {
            if (!core_trap(c)) return false;
            continue;
        }
        core_issue(c);
        if (!core_advance(c)) return false;
    }
    return true;
}

/* Killed walks may still wait for memory when the last access is done. */
static bool quiesce(struct core *c) {
    while (!c->out.idle_o) {
        if (!core_clock(c)) return false;
    }
    return true;
}

/* A window counts what happens in it; what the records before it did is left out. */
static void begin_window(struct core *c) {
    struct replay_result *r = c->res;
    c->os_before = *os_get_stats(c->os);
    r->os_cycles = r->signals = r->signals_caught = 0;
    r->expectations = r->expectations_skipped = 0;
    r->faults_instruction_page = r->faults_load_page = r->faults_store_page = r->faults_access = 0;
    c->timed = true;
    core_region_begin(c);
}

bool core_run(struct core *c) {
    bool warm = c->opt->from <= 1 || c->pins.on || core_functional_run(c);
    begin_window(c);
    if (c->pins.on) return core_pins_run(c);
    if (!warm || !core_boot(c)) return false;
    for (;;) {
        while (c->done >= c->mark) core_mark(c);
        if (c->opt->explain && explain_over(c)) return false; /* nothing has failed */
        if (c->trap) {
            if (!core_trap(c)) return false;
            continue;
        }
        bool access = c->head == c->tail && core_peek(c) && c->next.kind == TRACE_ACCESS;
        if (access && !c->signalled && !core_flush(c)) return false;
        core_issue(c);
        if (c->head != c->tail) {
            if (!core_advance(c)) return false;
        } else if (!core_peek(c)) {
            break;
        } else {
            uint64_t record = c->next.index;
            if (!core_record(c)) return false;
            if (!c->have_next) c->done = record;
        }
    }
    if (c->signalled && !c->announced) {
        return core_fail(c, OPINION_TRACE, c->subject,
                         "%s %s ended the process; the trace does not say so",
                         signal_word(c->subject->sig), sicode_word(c->subject->code));
    }
    if (c->opt->ps) ps_end(c->opt->ps, c->os);
    return core_denied_told(c) && core_kills_expected(c) && quiesce(c);
}

/* ---- Retirement ---------------------------------------------------------------------------- */

static void count(struct core *c, const struct entry *a) {
    struct replay_result *r = c->res;
    r->accesses++;
    r->fetches += a->type == ACCESS_FETCH;
    r->loads += a->type == ACCESS_LOAD;
    r->stores += a->type == ACCESS_STORE;
    r->amos += a->type == ACCESS_AMO;
    r->splits += a->parts == 2;
}

/* Whose mapping it was that missed. The VMA is as it was at the access: calls wait until it has
 * retired. */
static void count_vma(struct core *c, const struct entry *a) {
    for (unsigned n = 0; n < a->parts; n++) {
        const struct part *p = &a->part[n];
        if (p->state != PART_OK || p->rode || p->source == SOURCE_L1) continue;
        uint8_t kind = os_vma_class(c->os, a->pid, p->va);
        if (kind == VMAKIND_COUNT) continue; /* its process was ended meanwhile */
        struct replay_vma *v = &c->res->vma[kind];
        v->misses++;
        v->walks += p->source == SOURCE_WALK;
        v->cycles += p->done - p->issue;
    }
}

/* A page-crossing access: issued with its first part, done with its last, by whoever was slower. */
static void log_row(const struct core *c, const struct entry *a) {
    const struct part *first = &a->part[0], *slow = first, *bad = NULL;
    unsigned reads = 0;
    uint64_t done = 0;
    for (unsigned n = 0; n < a->parts; n++) {
        const struct part *p = &a->part[n];
        if (p->state != PART_OK && p->state != PART_FAULT) continue;
        reads += p->pte_reads;
        if (p->done > done) done = p->done;
        if (p->source > slow->source) slow = p;
        if (p->state == PART_FAULT && !bad) bad = p;
    }
    fprintf(c->opt->log,
            "%" PRIu64 ",%u,%s,0x%" PRIx64 ",0x%" PRIx64 ",%" PRIu64 ",%" PRIu64 ",%s,%u,%s\n",
            a->index, a->pid, access_word(a->type), a->va, bad ? 0 : first->pa, first->issue,
            bad ? bad->done : done, bad ? "fault" : source_word(slow->source), reads,
            cause_word(bad ? bad->cause : CAUSE_NONE));
}

/* At the pins an access ends with its translation, whatever that is. */
static bool retired_at_pins(struct core *c, struct entry *a) {
    if (a->part[0].cause) core_count_fault(c, a->part[0].cause);
    count(c, a);
    if (c->opt->log) log_row(c, a);
    return true;
}

bool core_retired(struct core *c, struct entry *a) {
    if (c->pins.on) return retired_at_pins(c, a);
    count_vma(c, a);
    if (c->opt->explain) explain_retired(c, a);
    if (a->kernel) return true;
    c->subject = a;
    c->done = a->index;
    count(c, a);
    if (c->opt->progress && c->res->accesses % PROGRESS == 0) *c->opt->progress = c->res->accesses;
    if (c->opt->log) log_row(c, a);
    return a->sig || core_perform(c, a);
}
