/* SPDX-License-Identifier: Apache-2.0
 *
 * The transaction log, as lines of text and as lanes of a waveform. Walks are told by the pins
 * alone, so every engine writes the same lines; faults, fences and the kernel half's deeds by the
 * core driver. Cycles never go back.
 */
#include "core.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

const char *const event_words[] = {[EVENT_WALK] = "walk",
                                   [EVENT_FAULT] = "fault",
                                   [EVENT_FENCE] = "fence",
                                   [EVENT_KERNEL] = "kernel",
                                   [EVENT_COUNT] = NULL};

/* ---- Which ----------------------------------------------------------------------------------- */

/* Where an event is, both ends included. */
struct extent {
    vaddr_t low, high;
};

/* What an event is about. `pid` 0: nobody; `at` NULL: nowhere. */
struct event {
    enum event_kind kind;
    uint32_t pid;
    const struct extent *at;
};

static bool meets(const struct extent *e, vaddr_t low, vaddr_t high) {
    return e && e->low <= high && e->high >= low;
}

/* The VMA around the address that --trace-mapping names, by a line of maps: START-END ... If there
 * is none: the call that makes it, or takes it away. */
static bool in_mapping(struct core *c, uint32_t pid, const struct extent *e) {
    static char maps[1 << 16];
    const vaddr_t inside = c->opt->events->mapping;
    if (os_alive(c->os, pid))
        os_maps(c->os, pid, maps, sizeof maps);
    else
        maps[0] = 0;
    for (const char *line = maps; line && *line; line = strchr(line, '\n')) {
        uint64_t start, end;
        line += *line == '\n';
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) != 2) break;
        if (inside >= start && inside < end) return meets(e, start, end - 1);
    }
    return meets(e, inside, inside);
}

static bool in_list(const char *words, const char *word) {
    size_t n = strlen(word);
    for (const char *s = words; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
        if (!strncmp(s, word, n) && (s[n] == ',' || !s[n])) return true;
    }
    return false;
}

static bool wanted(struct core *c, enum event_kind kind, const char *word, uint32_t pid,
                   const struct extent *e) {
    const struct event_options *o = c->opt->events;
    if (!o || !c->timed || !(o->kinds >> kind & 1)) return false;
    if (o->pid && o->pid != pid) return false;
    if ((o->from || o->to) && !meets(e, o->from, o->to)) return false;
    if (o->mapping && !in_mapping(c, pid, e)) return false;
    return !o->words || in_list(o->words, word);
}

__attribute__((format(printf, 5, 6))) static void say(struct core *c, uint64_t cycle,
                                                      const struct event *e, const char *word,
                                                      const char *format, ...) {
    char text[512];
    va_list args;
    bool line = wanted(c, e->kind, word, e->pid, e->at);
    bool lane = c->lanes && e->kind != EVENT_WALK; /* walks have lanes of their own */
    if (!line && !lane) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (lane) lanes_event(c, e->kind, word, text);
    if (line)
        fprintf(c->opt->events->out, "%10" PRIu64 " %-6s %s%s\n", cycle, event_words[e->kind], word,
                text);
}

/* ---- Walks ----------------------------------------------------------------------------------- */

const struct part *core_slot_part(struct core *c, unsigned slot, const struct entry **a) {
    unsigned port = slot >= c->counters.fetch_slots;
    const struct offer *o = &c->owner[port][c->counters.owner[slot % COUNTERS_TAGS] & 31];
    *a = o->valid && slot != c->counters.ahead_slot ? core_at(c, o->entry) : NULL;
    return *a ? &(*a)->part[o->part] : NULL;
}

static const char *pte_text(pte_t e, char out[64]) {
    static const char letters[] = "dagu"
                                  "xwrv";
    int n = snprintf(out, 64, " pte 0x%" PRIx64 " ", e);
    for (unsigned i = 0; i < 8; i++) out[n + (int)i] = e >> (7 - i) & 1 ? letters[i] : '-';
    out[n + 8] = 0;
    return out;
}

/* The word of the event, and what stands behind whose walk it is. */
static const char *walk_text(const struct walk_event *e, char more[96]) {
    more[0] = 0;
    switch (e->kind) {
    case WALK_START: snprintf(more, 96, " level %u", e->level); return "start";
    case WALK_ASK:
        if (e->op == MEMOP_CAS)
            snprintf(more, 96, " at 0x%" PRIx64 " from 0x%" PRIx64 " to 0x%" PRIx64, e->pa, e->pte,
                     e->to);
        else
            snprintf(more, 96, " at 0x%" PRIx64, e->pa);
        return memop_word(e->op);
    case WALK_ANSWER:
        if (e->error)
            snprintf(more, 96, " error");
        else if (e->op == MEMOP_CAS)
            snprintf(more, 96, " cas %s", e->ok ? "ok" : "failed");
        else
            pte_text(e->pte, more);
        return "answer";
    case WALK_AHEAD: return "prefetch";
    case WALK_SHARE: return "share";
    case WALK_MERGE: return "merge";
    case WALK_DENY: return "deny";
    case WALK_HOLD: return "hold";
    default: snprintf(more, 96, " size %s", size_word(e->size)); return "end";
    }
}

/* To the lanes, and one line about the walk in a slot. */
static void print_walk(struct core *c, const struct walk_event *w) {
    char more[96];
    const char *word = walk_text(w, more);
    const struct entry *a = w->access;
    const struct part *p = w->part;
    const struct extent at = {p ? p->va : 0, p ? p->va + p->bytes - 1u : 0};
    const struct event e = {EVENT_WALK, a ? a->pid : 0, p ? &at : NULL};
    bool pte = w->kind == WALK_ANSWER && !w->error && w->op != MEMOP_CAS;
    if (c->lanes && w->kind == WALK_START) lanes_level(c, w->slot, (uint8_t)w->level);
    if (c->lanes) lanes_walk(c, w->slot, word, more, a, p);
    if (a)
        say(c, c->cycle, &e, word, " slot %u pid %" PRIu32 " %s 0x%" PRIx64 " record %" PRIu64 "%s",
            w->slot, a->pid, access_word(a->type), p->va, a->index, more);
    else
        say(c, c->cycle, &e, word, " slot %u %s%s", w->slot,
            w->slot == c->counters.ahead_slot ? "ahead" : "killed", more);
    if (c->lanes && pte) lanes_answer(c, w->slot, w->pte);
}

static void walk(struct core *c, struct walk_event e) {
    e.part = core_slot_part(c, e.slot, &e.access);
    if (c->opt->explain) explain_walk(c, &e);
    print_walk(c, &e);
}

static void memory_asked(struct core *c) {
    const struct mmu_out *o = &c->out;
    unsigned tag = o->mem_req_tag_o % COUNTERS_TAGS;
    c->asked[tag] = (struct walk_event){.kind = WALK_ASK,
                                        .slot = tag,
                                        .op = o->mem_req_op_o,
                                        .pa = o->mem_req_addr_o,
                                        .pte = o->mem_req_cmp_o,
                                        .to = o->mem_req_data_o};
    walk(c, c->asked[tag]);
}

/* A line brings 8 PTEs; that which was asked for is shown. */
static void memory_answered(struct core *c) {
    const struct mmu_in *in = &c->in;
    unsigned tag = in->mem_rsp_tag_i % COUNTERS_TAGS, bytes = c->port.pte_bytes;
    struct walk_event e = c->asked[tag];
    unsigned at = e.op == MEMOP_LINE ? (unsigned)(e.pa / bytes % 8) : 0;
    e.kind = WALK_ANSWER;
    e.error = in->mem_rsp_error_i;
    e.ok = in->mem_rsp_cas_ok_i;
    if (e.op != MEMOP_CAS)
        e.pte = bytes == 8 ? in->mem_rsp_data_i[at]
                           : (uint32_t)(in->mem_rsp_data_i[at / 2] >> (at % 2 * 32));
    walk(c, e);
}

void events_edge(struct core *c) {
    const struct mmu_out *o = &c->out;
    if (c->in.mem_rsp_valid_i) memory_answered(c);
    if (o->ev_prefetch_o)
        walk(c, (struct walk_event){.kind = WALK_AHEAD, .slot = c->counters.ahead_slot});
    if (o->ev_walk_start_o)
        walk(c, (struct walk_event){.kind = WALK_START,
                                    .slot = o->ev_walk_start_slot_o,
                                    .level = o->ev_walk_start_level_o});
    if (o->ev_merge_o) walk(c, (struct walk_event){.kind = WALK_MERGE, .slot = o->ev_l2_slot_o});
    if (o->ev_share_o) walk(c, (struct walk_event){.kind = WALK_SHARE, .slot = o->ev_share_slot_o});
    if (o->mem_req_valid_o && c->in.mem_req_ready_i) memory_asked(c);
    if (o->ev_deny_o) walk(c, (struct walk_event){.kind = WALK_DENY, .slot = o->ev_deny_slot_o});
    if (o->ev_walk_end_o)
        walk(c, (struct walk_event){.kind = o->ev_hold_o ? WALK_HOLD : WALK_END,
                                    .slot = o->ev_walk_end_slot_o,
                                    .size = o->ev_walk_end_size_o});
    if (c->opt->explain) explain_edge(c);
}

/* ---- Faults and the kernel half -------------------------------------------------------------- */

void events_trap(struct core *c, const struct entry *a, uint8_t cause, vaddr_t va,
                 const struct os_outcome *o) {
    const char *by = fault_by(a->kernel, a->gup);
    const struct extent at = {va, va};
    struct os_page page;
    if (c->opt->explain) explain_trap(c, a, cause, va, o);
    const struct event fault = {EVENT_FAULT, a->pid, &at}, deed = {EVENT_KERNEL, a->pid, &at};
    if (!a->gup)
        say(c, c->cycle, &fault, cause_word(cause),
            "%s pid %" PRIu32 " %s 0x%" PRIx64 " record %" PRIu64, by, a->pid, access_word(a->type),
            va, a->index);
    const char *word = o->sig ? signal_word(o->sig) : o->efault ? "efault" : kfault_word(o->kind);
    bool mapped = os_alive(c->os, a->pid) && os_page(c->os, a->pid, va, &page);
    if (o->sig || o->efault || !mapped)
        say(c, c->cycle, &deed, word, "%s%s pid %" PRIu32 " 0x%" PRIx64, o->sig ? " " : "",
            o->sig ? sicode_word(o->code) : by, a->pid, va);
    else
        say(c, c->cycle, &deed, word,
            "%s %s pid %" PRIu32 " 0x%" PRIx64 " frame 0x%" PRIx64 " cost %" PRIu64, by,
            o->major ? "major" : "minor", a->pid, va, page.ppn, o->cost);
}

void events_frame_refused(struct core *c, uint32_t pid, vaddr_t va, const struct os_outcome *o) {
    const struct event e = {EVENT_KERNEL, pid, &(struct extent){va, va}};
    say(c, c->cycle, &e, signal_word(o->sig), " %s pid %" PRIu32 " 0x%" PRIx64,
        sicode_word(o->code), pid, va);
}

void events_record(struct core *c, const struct trace_record *r) {
    char text[TRACE_TEXT_MAX];
    struct extent at;
    bool call = r->kind == TRACE_CALL;
    bool reaches = call && trace_call_extent(&r->call, &at.low, &at.high);
    const char *word = call ? call_word(r->call.nr) : "run", *rest = "";
    uint32_t pid = call ? r->call.pid : r->pid;
    const struct event e = {EVENT_KERNEL, pid, reaches ? &at : NULL};
    trace_print(r, text, sizeof text);
    if (call && r->call.nr != CALL_EXEC && strchr(text, ' ')) rest = strchr(text, ' ');
    say(c, c->cycle, &e, word, " pid %" PRIu32 "%s record %" PRIu64, pid, rest, r->index);
}

/* ---- Fences ---------------------------------------------------------------------------------- */

/* When it is offered, and in the cycle in which the pins say done. */
void events_fence(struct core *c, const struct os_op *op, bool done) {
    const char *word = fence_word(op->fence);
    bool operands = op->fence == FENCE_SFENCE_VMA || op->fence == FENCE_SINVAL_VMA;
    const struct extent at = {op->va, op->va | (PAGE_BYTES - 1)};
    char va[32] = " x0", asid[32] = " x0";
    const struct event e = {EVENT_FENCE, c->running, op->rs1 ? &at : NULL};
    if (c->opt->explain) explain_fence(c, op, done);
    if (op->rs1) snprintf(va, sizeof va, " va 0x%" PRIx64, op->va);
    if (op->rs2) snprintf(asid, sizeof asid, " asid %u", op->asid);
    say(c, c->cycle - done, &e, word, "%s%s%s", operands ? va : "", operands ? asid : "",
        done ? " done" : "");
}

void events_csr(struct core *c, uint16_t csr, uint64_t value, bool done) {
    const char *word = csr == CSR_SATP ? "satp" : "csr";
    char which[16] = "";
    const struct event e = {EVENT_FENCE, c->running, NULL};
    if (c->opt->explain && done) explain_csr(c, csr, value);
    if (csr != CSR_SATP) snprintf(which, sizeof which, " 0x%x", csr);
    say(c, c->cycle - done, &e, word, "%s 0x%" PRIx64 "%s", which, value, done ? " done" : "");
}
