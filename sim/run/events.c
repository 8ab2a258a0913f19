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

/* Whose slot it is; NULL: of an access that was killed. */
static const struct part *part_of(struct core *c, unsigned slot, const struct entry **a) {
    unsigned port = slot >= c->counters.fetch_slots;
    const struct offer *o = &c->owner[port][c->counters.owner[slot % COUNTERS_TAGS] & 31];
    *a = o->valid ? core_at(c, o->entry) : NULL;
    return *a ? &(*a)->part[o->part] : NULL;
}

/* One line about the walk in a slot. */
static void walk(struct core *c, unsigned slot, const char *word, const char *more) {
    const struct entry *a;
    const struct part *p = part_of(c, slot, &a);
    const struct extent at = {p ? p->va : 0, p ? p->va + p->bytes - 1u : 0};
    const struct event e = {EVENT_WALK, a ? a->pid : 0, p ? &at : NULL};
    if (c->lanes) lanes_walk(c, slot, word, more, a, p);
    if (a)
        say(c, c->cycle, &e, word, " slot %u pid %" PRIu32 " %s 0x%" PRIx64 " record %" PRIu64 "%s",
            slot, a->pid, access_word(a->type), p->va, a->index, more);
    else
        say(c, c->cycle, &e, word, " slot %u killed%s", slot, more);
}

static const char *pte_text(pte_t e, char out[64]) {
    static const char letters[] = "dagu"
                                  "xwrv";
    int n = snprintf(out, 64, " pte 0x%" PRIx64 " ", e);
    for (unsigned i = 0; i < 8; i++) out[n + (int)i] = e >> (7 - i) & 1 ? letters[i] : '-';
    out[n + 8] = 0;
    return out;
}

static void memory_asked(struct core *c) {
    const struct mmu_out *o = &c->out;
    char more[96];
    unsigned tag = o->mem_req_tag_o % COUNTERS_TAGS;
    c->asked_pa[tag] = o->mem_req_addr_o;
    c->asked_op[tag] = o->mem_req_op_o;
    if (o->mem_req_op_o == MEMOP_CAS)
        snprintf(more, sizeof more, " at 0x%" PRIx64 " from 0x%" PRIx64 " to 0x%" PRIx64,
                 o->mem_req_addr_o, o->mem_req_cmp_o, o->mem_req_data_o);
    else
        snprintf(more, sizeof more, " at 0x%" PRIx64, o->mem_req_addr_o);
    walk(c, tag, memop_word(o->mem_req_op_o), more);
}

/* A line brings 8 PTEs; that which was asked for is shown. */
static void memory_answered(struct core *c) {
    const struct mmu_in *in = &c->in;
    char more[96];
    unsigned tag = in->mem_rsp_tag_i % COUNTERS_TAGS, bytes = c->port.pte_bytes;
    unsigned at = c->asked_op[tag] == MEMOP_LINE ? (unsigned)(c->asked_pa[tag] / bytes % 8) : 0;
    pte_t e = bytes == 8 ? in->mem_rsp_data_i[at]
                         : (uint32_t)(in->mem_rsp_data_i[at / 2] >> (at % 2 * 32));
    if (in->mem_rsp_error_i)
        snprintf(more, sizeof more, " error");
    else if (c->asked_op[tag] == MEMOP_CAS)
        snprintf(more, sizeof more, " cas %s", in->mem_rsp_cas_ok_i ? "ok" : "failed");
    else
        pte_text(e, more);
    walk(c, tag, "answer", more);
    if (c->lanes && !in->mem_rsp_error_i && c->asked_op[tag] != MEMOP_CAS) lanes_answer(c, tag, e);
}

void events_edge(struct core *c) {
    const struct mmu_out *o = &c->out;
    char more[48];
    if (c->in.mem_rsp_valid_i) memory_answered(c);
    if (o->ev_walk_start_o) {
        if (c->lanes) lanes_level(c, o->ev_walk_start_slot_o, o->ev_walk_start_level_o);
        snprintf(more, sizeof more, " level %u", o->ev_walk_start_level_o);
        walk(c, o->ev_walk_start_slot_o, "start", more);
    }
    if (o->ev_merge_o) walk(c, o->ev_l2_slot_o, "merge", "");
    if (o->ev_share_o) walk(c, o->ev_share_slot_o, "share", "");
    if (o->mem_req_valid_o && c->in.mem_req_ready_i) memory_asked(c);
    if (o->ev_deny_o) walk(c, o->ev_deny_slot_o, "deny", "");
    if (o->ev_walk_end_o) {
        snprintf(more, sizeof more, " size %s", size_word(o->ev_walk_end_size_o));
        walk(c, o->ev_walk_end_slot_o, o->ev_hold_o ? "hold" : "end", o->ev_hold_o ? "" : more);
    }
}

/* ---- Faults and the kernel half -------------------------------------------------------------- */

void events_trap(struct core *c, const struct entry *a, uint8_t cause, vaddr_t va,
                 const struct os_outcome *o) {
    const char *by = a->kernel ? "+k" : "";
    const struct extent at = {va, va};
    struct os_page page;
    const struct event fault = {EVENT_FAULT, a->pid, &at}, deed = {EVENT_KERNEL, a->pid, &at};
    say(c, c->cycle, &fault, cause_word(cause),
        "%s pid %" PRIu32 " %s 0x%" PRIx64 " record %" PRIu64, by, a->pid, access_word(a->type), va,
        a->index);
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
    if (op->rs1) snprintf(va, sizeof va, " va 0x%" PRIx64, op->va);
    if (op->rs2) snprintf(asid, sizeof asid, " asid %u", op->asid);
    say(c, c->cycle - done, &e, word, "%s%s%s", operands ? va : "", operands ? asid : "",
        done ? " done" : "");
}

void events_csr(struct core *c, uint16_t csr, uint64_t value, bool done) {
    const char *word = csr == CSR_SATP ? "satp" : "csr";
    char which[16] = "";
    const struct event e = {EVENT_FENCE, c->running, NULL};
    if (csr != CSR_SATP) snprintf(which, sizeof which, " 0x%x", csr);
    say(c, c->cycle - done, &e, word, "%s 0x%" PRIx64 "%s", which, value, done ? " done" : "");
}
