/* SPDX-License-Identifier: Apache-2.0
 *
 * Trace -> ring -> request pins. Each cycle the driver looks at what is not issued yet, in program
 * order, and offers what it may: core.width instructions begin, each port takes one request,
 * core.window entries are in flight. The first access that must wait stops the rest. A request that
 * was not taken is offered again; the other port does not wait for it, so a data access may be
 * taken a cycle before an older fetch, never offered before it.
 *
 * Fetches of one aligned block are one lookup: the first one's. The others ride, without a port, an
 * id or a place in the window. A page-crossing fetch has two parts and each keeps the rule for
 * itself.
 */
#include "core.h"
#include "error.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- Records ------------------------------------------------------------------------------- */

/* A signal belongs to the access before it. */
static bool wanted(const struct core *c) {
    return !c->opt->to || c->next.index <= c->opt->to || c->next.kind == TRACE_SIGNAL;
}

static bool accesses(const struct trace_record *r) {
    return r->kind == TRACE_ACCESS || (r->kind == TRACE_PINS && r->pins.kind == PINS_REQUEST);
}

bool core_peek(struct core *c) {
    while (!c->have_next && !c->ended) {
        bool full = c->opt->max_accesses && c->accesses_read >= c->opt->max_accesses;
        c->ended = !trace_next(c->trace, &c->next) || !wanted(c) || (full && accesses(&c->next));
        c->have_next = !c->ended && c->next.kind != TRACE_NOTE && c->next.kind != TRACE_SET;
        if (!c->ended && c->opt->ps) ps_read(c->opt->ps, &c->next);
    }
    return c->have_next;
}

void core_split(struct entry *a, bool rv32) {
    size_t first = PAGE_BYTES - a->va % PAGE_BYTES;
    a->parts = first < a->bytes ? 2 : 1;
    a->part[0].va = a->va;
    a->part[0].bytes = a->parts == 2 ? (uint16_t)first : a->bytes;
    a->part[1].va = a->va + first; /* the first byte of the second page: tval, if it faults */
    if (rv32) a->part[1].va = (uint32_t)a->part[1].va;
    a->part[1].bytes = (uint16_t)(a->bytes - a->part[0].bytes);
}

/* Stores are numbered in the order of the trace; the number makes their bytes (token.h). */
void core_number_store(struct core *c, struct entry *a) {
    a->store = ++c->stores_read;
    if (!c->expecting) return;
    if (c->stores_read > c->store_room) {
        c->store_room = c->store_room ? 2 * c->store_room : 1024;
        c->store_bytes = realloc(c->store_bytes, c->store_room * sizeof *c->store_bytes);
        if (!c->store_bytes) internal_error("out of memory");
    }
    c->store_bytes[c->stores_read - 1] = a->bytes;
}

void core_reaches(struct core *c, vaddr_t va, uint64_t bytes) {
    static const char fix[] = "replay it with xlen = 64, or correct the address";
    if (c->cfg->xlen == 64 || (va < 1ull << 32 && bytes <= (1ull << 32) - va)) return;
    if (c->next.line)
        input_error(c->path, c->next.line, 0, fix, "0x%" PRIx64 ": an address of RV32 has 32 bits",
                    va);
    record_error(c->path, c->next.index, 0, fix, "0x%" PRIx64 ": an address of RV32 has 32 bits",
                 va);
}

/* The fields of an entry that come from its record. */
void core_access(struct core *c, const struct trace_record *r, struct entry *a) {
    if (!c->running) {
        record_error(c->path, r->index, 0, "run another process first",
                     "an access of a process that has ended");
    }
    core_reaches(c, r->va, r->bytes);
    a->index = r->index;
    a->line = r->line;
    a->pid = c->running;
    a->va = r->va;
    a->bytes = r->bytes;
    a->type = r->access;
    a->racing = r->racing;
    if (access_writes(a->type)) core_number_store(c, a);
    core_split(a, c->hart.rv32);
    c->accesses_read += c->timed; /* the limit counts from the start of the window */
}

struct entry *core_push(struct core *c) {
    struct entry *a = core_at(c, c->tail++);
    memset(a, 0, sizeof *a);
    return a;
}

static bool pull(struct core *c) {
    uint64_t room = c->cfg->core_flush ? 1 : RING_USED;
    if (c->tail - c->head >= room || !core_peek(c) || c->next.kind != TRACE_ACCESS ||
        c->signalled || c->skipping || core_background_due(c))
        return false;
    if (c->head == c->tail) core_ps(c, c->next.index);
    core_access(c, &c->next, core_push(c));
    c->have_next = false;
    c->stirred = true;
    return true;
}

/* ---- Requests ------------------------------------------------------------------------------ */

/* True if the part is served by the fetch block. */
static bool rides(struct core *c, uint64_t entry, struct part *p, uint8_t number) {
    const struct fetch_block *f = &c->fetched;
    uint64_t mask = ~(uint64_t)(c->cfg->core_fetch_bytes - 1);
    if (!f->valid || (p->va & mask) != f->block || ((p->va + p->bytes - 1) & mask) != f->block)
        return false;
    if (f->leader == entry && f->leader_part == number) return false; /* itself, offered again */
    c->stirred = true;
    p->leader = f->leader;
    p->leader_part = f->leader_part;
    p->state = PART_RIDES;
    if (f->answer.state != PART_OK) return true;
    vaddr_t va = p->va;
    uint16_t bytes = p->bytes;
    *p = f->answer;
    p->va = va;
    p->bytes = bytes;
    p->pa = (f->answer.pa & ~(paddr_t)(PAGE_BYTES - 1)) | va % PAGE_BYTES;
    p->pte_reads = 0;
    p->rode = true;
    return true;
}

static void request_fetch(struct core *c, uint64_t entry, const struct part *p, uint8_t number) {
    c->in.ireq_valid_i = 1;
    c->in.ireq_id_i = (uint8_t)__builtin_ctz(~c->busy[0]);
    c->in.ireq_va_i = p->va;
    c->in.ireq_last_i = (uint16_t)(p->bytes - 1);
    c->in.ireq_priv_i = PRIV_U;
    c->fetched = (struct fetch_block){.valid = true,
                                      .block = (p->va + p->bytes - 1) &
                                               ~(uint64_t)(c->cfg->core_fetch_bytes - 1),
                                      .leader = entry,
                                      .leader_part = number};
}

static void request_data(struct core *c, const struct entry *a, const struct part *p) {
    c->in.dreq_valid_i = 1;
    c->in.dreq_id_i = (uint8_t)__builtin_ctz(~c->busy[1]);
    c->in.dreq_va_i = p->va;
    c->in.dreq_last_i = (uint16_t)(p->bytes - 1);
    c->in.dreq_access_i = a->type;
    c->in.dreq_priv_i = a->kernel ? PRIV_S : PRIV_U;
    c->in.dreq_sum_i = a->kernel;
}

/* The fault waits its turn like any other, but no request was made. */
static bool refuse(struct core *c, struct entry *a) {
    struct part *p = &a->part[0];
    c->stirred = true;
    p->state = PART_FAULT;
    p->cause = CAUSE_STORE_MISALIGNED;
    p->issue = p->done = c->cycle;
    p->rode = true;
    a->issued = a->parts;
    return true;
}

/* Offers what remains of an access. False: nothing younger may be offered in this cycle. */
static bool offer(struct core *c, uint64_t entry, struct entry *a) {
    unsigned port = a->type != ACCESS_FETCH;
    if (entry_misaligned(a)) return refuse(c, a);
    while (a->issued < a->parts) {
        struct part *p = &a->part[a->issued];
        if (port == 0 && rides(c, entry, p, a->issued)) {
            a->issued++;
            continue;
        }
        bool room = a->counted || c->inflight + c->offered < c->cfg->core_window;
        if (c->offer[port].valid || !room || c->busy[port] == UINT32_MAX) return false;
        c->offer[port] = (struct offer){true, a->issued, entry};
        c->offered += !a->counted;
        if (port == 0)
            request_fetch(c, entry, p, a->issued);
        else
            request_data(c, a, p);
        return a->issued + 1 == a->parts;
    }
    return true;
}

void core_issue(struct core *c) {
    unsigned begun = 0;
    bool serial = c->cfg->core_deps == DEPS_SERIAL;
    c->offered = 0;
    c->stirred = false;
    if (c->issue < c->head) c->issue = c->head;
    while (c->issue < c->tail && core_at(c, c->issue)->issued == core_at(c, c->issue)->parts)
        c->issue++;
    for (uint64_t entry = c->issue; entry < c->tail || pull(c); entry++) {
        struct entry *a = core_at(c, entry);
        bool waits = c->load_waits || c->load_data > c->cycle;
        if (serial && waits && entry > c->load_entry) return;
        if (a->issued == a->parts) continue; /* taken before an older fetch was */
        if (a->type == ACCESS_FETCH && begun++ == c->cfg->core_width) return;
        if (!offer(c, entry, a)) return;
        if (serial && access_reads(a->type)) return;
    }
}
