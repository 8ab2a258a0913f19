/* SPDX-License-Identifier: Apache-2.0
 *
 * A trace of the pins: what stands on them in which cycle is the trace's, without a program and
 * without a kernel half. Requests are entries of the ring, so that opinions, log, events and waves
 * see what they see of a program; a fault ends its access. What a part of such a trace can no
 * longer have is left out: a request whose id is in flight, a second sfence.inval.ir. So every part
 * of a trace is one, which is what makes it small (docs/regressions.md).
 */
#include "core.h"
#include "error.h"
#include "hart.h"
#include <inttypes.h>
#include <string.h>

/* ---- What a record does ---------------------------------------------------------------------- */

/* What is stored in cycle 0 is what memory holds from the start: opinion 2 is not told. */
static void store(struct core *c, const struct pins_record *p) {
    size_t bytes = c->hart.rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    if (!mem_has(c->mem, p->at, bytes) || p->at % bytes)
        input_error(c->path, c->next.line, 0, "memory is 2 MiB from 0x80000000; words are PTEs",
                    "no word of it lies at 0x%" PRIx64, p->at);
    mem_mark_table(c->mem, p->at >> PAGE_SHIFT);
    if (!c->cycle) mem_set_watch(c->mem, NULL, NULL);
    mem_write(c->mem, p->at, &p->value, bytes);
    if (c->judge) mem_set_watch(c->mem, judge_pte_write, c->judge);
}

static void rom(struct core *c, const struct pins_record *p) {
    if (!mem_has(c->mem, p->at, PAGE_BYTES))
        input_error(c->path, c->next.line, 0, "memory is 2 MiB from 0x80000000",
                    "no page of it lies at 0x%" PRIx64, p->at);
    mem_mark_rom(c->mem, p->at >> PAGE_SHIFT);
}

static bool may_fence(const struct core *c, uint8_t fence) {
    for (unsigned n = 0; n < c->pins.fences; n++) {
        if (fence == FENCE_SFENCE_INVAL_IR && c->pins.fence[n].fence == fence) return false;
    }
    return c->pins.fences < CORE_PINS_FENCES;
}

/* Its entry; core.c takes it from there, as it does an access of a program. */
static void offer(struct core *c, const struct trace_record *r) {
    const struct pins_record *p = &r->pins;
    unsigned port = p->access != ACCESS_FETCH;
    if (c->busy[port] >> p->id & 1 || c->tail - c->head >= RING_USED) return;
    struct entry *a = core_push(c);
    a->index = r->index;
    a->line = r->line;
    a->va = p->at;
    a->bytes = p->bytes;
    a->type = p->access;
    a->parts = 1;
    a->part[0] = (struct part){.va = p->at, .bytes = p->bytes, .id = p->id};
    c->offer[port] = (struct offer){true, 0, c->tail - 1};
    pins_drive(p, &c->in);
}

/* All records of this cycle; of two requests the data access is the older one. True: a reset. */
static bool take(struct core *c) {
    struct trace_record fetch = {.kind = TRACE_NOTE};
    bool reset = false;
    for (; core_peek(c) && c->next.pins.cycle <= c->cycle; c->have_next = false) {
        const struct pins_record *p = &c->next.pins;
        c->done = c->next.index;
        if (p->kind == PINS_WORD)
            store(c, p);
        else if (p->kind == PINS_ROM)
            rom(c, p);
        else if (p->kind == PINS_RESET)
            reset = true;
        else if (p->kind == PINS_REQUEST && p->access == ACCESS_FETCH)
            fetch = c->next;
        else if (p->kind == PINS_REQUEST)
            offer(c, &c->next);
        else if (p->kind != PINS_FENCE || may_fence(c, p->fence))
            pins_drive(p, &c->in);
        c->accesses_read += p->kind == PINS_REQUEST;
    }
    if (fetch.kind == TRACE_PINS) offer(c, &fetch);
    return reset;
}

/* ---- Fences and CSRs ------------------------------------------------------------------------- */

void core_pins_fence_done(struct core *c) {
    struct core_pins *p = &c->pins;
    if (!p->fences) return;
    if (c->judge) judge_fence_done(c->judge, &p->fence[0]);
    if (core_told(c)) events_fence(c, &p->fence[0], true);
    memmove(p->fence, p->fence + 1, --p->fences * sizeof *p->fence);
}

static void fence_taken(struct core *c) {
    const struct mmu_in *in = &c->in;
    uint16_t asid = c->judge ? registers_asid(&c->judge->csr, in->fence_asid_i) : in->fence_asid_i;
    struct os_op op = {.kind = OS_OP_FENCE,
                       .fence = in->fence_op_i,
                       .rs1 = in->fence_rs1_i,
                       .rs2 = in->fence_rs2_i,
                       .va = in->fence_va_i,
                       .asid = asid};
    core_note(c, EV_FENCE, op.rs1, op.rs2, op.fence, op.va, op.asid);
    if (core_told(c)) events_fence(c, &op, false);
    if (c->judge) judge_fence(c->judge, &op);
    c->pins.fence[c->pins.fences++] = op;
}

/* The request that sees a CSR write first is one of the cycle behind it. */
static void csr_written(struct core *c) {
    struct core_pins *p = &c->pins;
    if (!p->csr_pending) return;
    if (c->judge) judge_csr(c->judge, p->csr, p->csr_value);
    if (core_told(c)) events_csr(c, p->csr, p->csr_value, true);
    p->csr_pending = false;
}

static void csr_taken(struct core *c) {
    const struct mmu_in *in = &c->in;
    c->pins.csr_pending = true;
    c->pins.csr = in->csr_addr_i;
    c->pins.csr_value = in->csr_wdata_i;
    core_note(c, EV_CSR, 0, 0, 0, in->csr_addr_i, in->csr_wdata_i);
    if (core_told(c)) events_csr(c, in->csr_addr_i, in->csr_wdata_i, false);
}

/* ---- An edge --------------------------------------------------------------------------------- */

/* Without a program nobody waits for an older access. What is answered retires at once; what was
 * killed, or not taken, is no access any more. Those in flight stand in the ring, oldest first. */
static void retire(struct core *c) {
    uint64_t kept = c->head;
    for (uint64_t e = c->head; e < c->tail; e++) {
        struct entry *a = core_at(c, e);
        const struct part *p = &a->part[0];
        unsigned port = a->type != ACCESS_FETCH;
        if (p->state == PART_OK || p->state == PART_FAULT) core_retired(c, a);
        if (p->state != PART_LIVE || !(c->busy[port] >> p->id & 1)) continue;
        c->owner[port][p->id].entry = kept;
        if (kept != e) *core_at(c, kept) = *a;
        kept++;
    }
    c->tail = kept;
}

/* As it was when the run began, but for memory and the clock. */
static void begin(struct core *c) {
    memport_init(&c->port, c->cfg, c->mem);
    c->port.hierarchy = c->pins.hierarchy;
    counters_add(&c->pins.before, &c->counters);
    counters_init(&c->counters, c->cfg);
    memset(&c->driver, 0, sizeof c->driver);
    memset(c->busy, 0, sizeof c->busy);
    memset(c->owner, 0, sizeof c->owner);
    c->head = c->tail;
    c->pins.fences = 0;
    c->pins.csr_pending = false;
    if (!c->judge) return;
    c->pins.judged += judge_answers(c->judge);
    judge_delete(c->judge);
    c->judge = judge_new(c->cfg, c->mem, &c->cycle);
}

static bool reset(struct core *c) {
    if (!core_books(c)) return false;
    memset(&c->in, 0, sizeof c->in);
    c->in.rst_i = 1;
    core_wave(c);
    hart_pins(c->cfg, &c->in);
    core_step(c);
    if (c->engine->failed) return core_fail(c, OPINION_DUT, NULL, "%s", c->engine->failed);
    begin(c);
    c->progress = c->cycle;
    return core_passed(c, 1);
}

static bool edge(struct core *c) {
    csr_written(c);
    if (take(c)) return reset(c);
    if (c->in.ikill_i | c->in.dkill_i) core_note(c, EV_KILL, 0, 0, 0, c->in.ikill_i, c->in.dkill_i);
    if (!core_edge(c)) return false;
    if (c->in.fence_valid_i && c->out.fence_ready_o) fence_taken(c);
    if (c->in.csr_valid_i && c->out.csr_ready_o) csr_taken(c);
    retire(c);
    if (c->head == c->tail && !c->pins.fences) c->progress = c->cycle;
    return core_passed(c, 1);
}

bool core_pins_run(struct core *c) {
    if (c->opt->from > 1 || c->opt->explain || c->cfg->core_ideal)
        input_error(c->path, 0, 0, "replay it whole, with `run`",
                    "a trace of the pins has no window, no program and no ideal MMU");
    c->pins.hierarchy = c->port.hierarchy;
    while (core_peek(c) || c->head != c->tail || c->pins.fences || !c->out.idle_o) {
        if (!edge(c)) return false;
    }
    if (c->opt->ps) ps_end(c->opt->ps, c->os);
    return true;
}
