/* SPDX-License-Identifier: Apache-2.0
 *
 * The failure report: a failed run reads like a bug report by a colleague. Who says so, about which
 * record and access, which pin, both values; what the specification makes of that access, level by
 * level; the last events; where the waveform is; and the one command that runs exactly this again.
 *
 *   difference in cycle 1234: the C model and the RTL differ
 *     record   57: L 0x40001000 8 (process 1)
 *     ...
 */
#include "core.h"
#include "error.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { EVENTS_SHOWN = 12, PINS_SHOWN = 8 };

static const char *const opinions[] = {
    [OPINION_CYCLE] = "opinion 1, cycle: C model against RTL",
    [OPINION_SPEC] = "opinion 2, spec: the walker of the privileged specification",
    [OPINION_DATA] = "opinion 3, data: the semantics of Linux memory",
    [OPINION_KERNEL] = "the kernel-side check: translations that may be left",
    [OPINION_COUNTERS] = "opinion 4, counters: pins, model and driver",
    [OPINION_TRACE] = "the trace: its signals and expectations",
    [OPINION_DUT] = "the RTL: an assertion fired or it stopped",
    [OPINION_HANG] = "the driver: a hang or a limit"};

/* As they stand in a signature. */
static const char *const opinion_words[] = {
    [OPINION_CYCLE] = "cycle",   [OPINION_SPEC] = "spec",         [OPINION_DATA] = "data",
    [OPINION_KERNEL] = "kernel", [OPINION_COUNTERS] = "counters", [OPINION_TRACE] = "trace",
    [OPINION_DUT] = "dut",       [OPINION_HANG] = "hang"};

static void __attribute__((format(printf, 2, 3))) say(struct core *c, const char *format, ...) {
    size_t used = strlen(c->res->report), room = sizeof c->res->report - used;
    va_list args;
    va_start(args, format);
    vsnprintf(c->res->report + used, room, format, args);
    va_end(args);
}

/* ---- Which access -------------------------------------------------------------------------- */

static const struct entry *of_id(struct core *c, unsigned port, unsigned id) {
    const struct offer *o = &c->offer[port];
    if (o->valid && id == (port ? c->in.dreq_id_i : c->in.ireq_id_i)) return core_at(c, o->entry);
    o = &c->owner[port][id & 31];
    return o->valid ? core_at(c, o->entry) : NULL;
}

static const struct entry *of_slot(struct core *c, unsigned slot) {
    unsigned port = slot >= c->counters.fetch_slots;
    return of_id(c, port, c->counters.owner[slot % COUNTERS_TAGS]);
}

/* A pin of an answer or request channel names its access by id, one of the memory port by slot. */
static const struct entry *of_pin(struct core *c, const struct engine_diff *d) {
    const struct mmu_out *o = &d->out_model;
    if (!strncmp(d->pin, "ihit", 4)) return of_id(c, 0, d->in.ireq_id_i);
    if (!strncmp(d->pin, "dhit", 4)) return of_id(c, 1, d->in.dreq_id_i);
    if (!strncmp(d->pin, "imiss", 5)) return of_id(c, 0, o->imiss_id_o);
    if (!strncmp(d->pin, "dmiss", 5)) return of_id(c, 1, o->dmiss_id_o);
    if (!strncmp(d->pin, "ireq", 4)) return of_id(c, 0, d->in.ireq_id_i);
    if (!strncmp(d->pin, "dreq", 4)) return of_id(c, 1, d->in.dreq_id_i);
    if (!strncmp(d->pin, "mem_req", 7) && o->mem_req_valid_o) return of_slot(c, o->mem_req_tag_o);
    return NULL;
}

static const struct entry *blame(struct core *c, enum opinion who) {
    const struct entry *a = NULL;
    if (who == OPINION_CYCLE) a = of_pin(c, &c->engine->diff);
    if (who == OPINION_SPEC && c->judge && c->judge->bad)
        a = of_id(c, c->judge->bad_port, c->judge->bad_id);
    if (!a && c->head != c->tail) a = core_at(c, c->head);
    return a ? a : c->subject;
}

/* ---- Pins ---------------------------------------------------------------------------------- */

static bool ends(const char *s, const char *with) {
    size_t n = strlen(s), m = strlen(with);
    return n >= m && !strcmp(s + n - m, with);
}

static const char *word_of(const char *pin, uint64_t value) {
    if (ends(pin, "_cause_o")) return cause_word((unsigned)value);
    if (ends(pin, "_source_o")) return source_word((unsigned)value);
    if (ends(pin, "_size_o")) return size_word((unsigned)value);
    if (ends(pin, "_op_o")) return memop_word((unsigned)value);
    return "";
}

static void say_pin(struct core *c, const char *pin, uint64_t model, uint64_t rtl) {
    say(c, "  pin      %-22s model 0x%" PRIx64 " %s, rtl 0x%" PRIx64 " %s\n", pin, model,
        word_of(pin, model), rtl, word_of(pin, rtl));
}

static void say_pins(struct core *c, const struct engine_diff *d) {
    unsigned shown = 1;
    say_pin(c, d->pin, d->model, d->rtl);
#define PIN(name, bits)                                                                            \
    if (d->out_model.name != d->out_rtl.name && strcmp(#name, d->pin) && shown < PINS_SHOWN) {     \
        say_pin(c, #name, d->out_model.name, d->out_rtl.name);                                     \
        shown++;                                                                                   \
    }
    MMU_OUT_PINS(PIN)
#undef PIN
}

/* ---- The access and what the specification says of it -------------------------------------- */

static const char *state_of(const struct part *p) {
    static const char *const words[] = {[PART_NEW] = "not issued",
                                        [PART_LIVE] = "in flight",
                                        [PART_RIDES] = "rides on another fetch",
                                        [PART_OK] = "answered",
                                        [PART_FAULT] = "faulted"};
    return words[p->state];
}

static void say_access(struct core *c, const struct entry *a) {
    struct trace_record r = {.kind = TRACE_ACCESS,
                             .access = a->type,
                             .va = a->va,
                             .bytes = a->bytes,
                             .pid = a->pid,
                             .index = a->index,
                             .line = a->line};
    char text[TRACE_TEXT_MAX] = "a kernel record";
    if (a->bytes && a != &c->call) trace_print(&r, text, sizeof text);
    text[strcspn(text, "\n")] = 0;
    say(c, "  record   %" PRIu64, a->index);
    if (a->line) say(c, " (line %u)", a->line);
    if (c->pins.on)
        say(c, ": a request at the pins\n");
    else
        say(c, ": %s (process %u%s)\n", text, a->pid, a->kernel ? ", the kernel's own access" : "");
    for (unsigned n = 0; n < a->parts; n++) {
        const struct part *p = &a->part[n];
        say(c, "  access   %s of %u bytes at 0x%" PRIx64 ", %s port, id %u: %s",
            access_word(a->type), p->bytes, p->va, a->type == ACCESS_FETCH ? "fetch" : "data",
            p->id, state_of(p));
        if (p->state == PART_LIVE || p->state == PART_OK || p->state == PART_FAULT) {
            say(c, ", accepted in cycle %" PRIu64, p->issue);
        }
        if (p->state == PART_OK)
            say(c, ", answered in %" PRIu64 ": 0x%" PRIx64 " (%s)", p->done, p->pa,
                source_word(p->source));
        if (p->state == PART_FAULT)
            say(c, ", in cycle %" PRIu64 ": %s", p->done, cause_word(p->cause));
        say(c, "\n");
    }
}

static void say_walk(struct core *c, const struct entry *a, const struct part *p) {
    if (c->pins.on ? !c->judge : !os_alive(c->os, a->pid)) return;
    struct spec_request r =
        c->pins.on ? c->judge->request[a->type != ACCESS_FETCH][p->id] : core_spec_request(c, a, p);
    struct spec_answer s;
    struct spec_hart hart = registers_hart(c->cfg, c->mem);
    spec_walk_hart(&hart, &r, &s);
    say(c, "  spec     walk of 0x%" PRIx64 " over memory as it is now, satp 0x%" PRIx64 ":\n",
        p->va, r.satp);
    for (unsigned n = 0; n < s.reads && n < 5; n++) {
        pte_t e = s.read_pte[n];
        say(c, "             PTE 0x%014" PRIx64 " = 0x%016" PRIx64 " %c%c%c%c%c%c%c%c\n",
            s.read_pa[n], e, e & PTE_D ? 'd' : '-', e & PTE_A ? 'a' : '-', e & PTE_G ? 'g' : '-',
            e & PTE_U ? 'u' : '-', e & PTE_X ? 'x' : '-', e & PTE_W ? 'w' : '-',
            e & PTE_R ? 'r' : '-', e & PTE_V ? 'v' : '-');
    }
    if (s.cause)
        say(c, "             so: %s, tval 0x%" PRIx64 "\n", cause_word(s.cause), p->va);
    else
        say(c, "             so: 0x%" PRIx64 ", leaf at level %d%s\n", s.pa, s.level,
            s.writes ? ", and writes A or D" : "");
}

/* ---- The last events ----------------------------------------------------------------------- */

static void say_event(struct core *c, const struct core_event *e) {
    const char *port = e->port ? "data" : "fetch";
    say(c, "    %10" PRIu64 "  ", e->cycle);
    switch (e->kind) {
    case EV_REQUEST:
        say(c, "%s request id %u: %s 0x%" PRIx64 " (record %" PRIu64 ")\n", port, e->id,
            access_word(e->code), e->a, e->b);
        break;
    case EV_ANSWER:
        say(c, "%s answer id %u: 0x%" PRIx64 " %s, from %s\n", port, e->id, e->a,
            cause_word(e->code), source_word((unsigned)e->b));
        break;
    case EV_MEM:
        say(c, "memory request tag %u: %s 0x%" PRIx64 " data 0x%" PRIx64 "\n", e->id,
            memop_word(e->code), e->a, e->b);
        break;
    case EV_MEM_ANSWER:
        say(c, "memory answer tag %u: 0x%" PRIx64 "%s\n", e->id, e->a, e->code ? " error" : "");
        break;
    case EV_CSR: say(c, "csr 0x%" PRIx64 " = 0x%" PRIx64 "\n", e->a, e->b); break;
    case EV_FENCE:
        say(c, "%s rs1 %s 0x%" PRIx64 ", rs2 %s %" PRIu64 "\n", fence_word(e->code),
            e->port ? "va" : "x0", e->a, e->id ? "asid" : "x0", e->b);
        break;
    case EV_KILL:
        say(c, "kill fetch ids 0x%" PRIx64 ", data ids 0x%" PRIx64 "\n", e->a, e->b);
        break;
    case EV_TRAP:
        say(c, "trap %s at 0x%" PRIx64 ": %s\n", cause_word(e->code), e->a,
            e->b ? signal_word((unsigned)e->b) : kfault_word(e->id));
        break;
    default: say(c, "call %s 0x%" PRIx64 " 0x%" PRIx64 "\n", call_word(e->port), e->a, e->b);
    }
}

static void say_events(struct core *c) {
    unsigned n = c->events < EVENTS_SHOWN ? c->events : EVENTS_SHOWN;
    say(c, "  events   the last %u, by cycle:\n", n);
    for (unsigned i = c->events - n; i != c->events; i++) say_event(c, &c->event[i % CORE_EVENTS]);
}

/* Who waits for whom: the core driver, the memory behind the port, the kernel half; then the MMU.
 */
static void say_units(struct core *c) {
    static const char *const words[] = {[PART_NEW] = "new",
                                        [PART_LIVE] = "in flight",
                                        [PART_RIDES] = "riding",
                                        [PART_OK] = "answered",
                                        [PART_FAULT] = "faulted"};
    unsigned parts[PART_FAULT + 1] = {0};
    for (uint64_t e = c->head; e < c->tail; e++) {
        for (unsigned n = 0; n < core_at(c, e)->parts; n++) parts[core_at(c, e)->part[n].state]++;
    }
    say(c, "  driver   %" PRIu64 " accesses not retired, last progress in cycle %" PRIu64 ":",
        c->tail - c->head, c->progress);
    for (unsigned n = 0; n <= PART_FAULT; n++) say(c, "%s %u %s", n ? "," : "", parts[n], words[n]);
    say(c, "; ids in flight: fetch 0x%" PRIx32 ", data 0x%" PRIx32 "\n", c->busy[0], c->busy[1]);
    say(c, "  pins     ready: fetch %u, data %u, csr %u, fence %u; idle %u\n", c->out.ireq_ready_o,
        c->out.dreq_ready_o, c->out.csr_ready_o, c->out.fence_ready_o, c->out.idle_o);
    say(c, "  memory   %" PRIu32 " answers owed", c->port.count);
    if (c->port.count)
        say(c, ", the next tag %u, due in cycle %" PRIu64, c->port.queue[0].tag,
            c->port.queue[0].due);
    say(c, "\n  kernel   process %" PRIu32 " runs, %" PRIu64 " frames in use\n", c->running,
        os_frames_used(c->os));
}

static void say_dump(struct core *c) {
    char *at = c->res->report + strlen(c->res->report);
    size_t room = (size_t)(c->res->report + sizeof c->res->report - at);
    if (!c->engine->dump || room < 1024) return;
    say(c, "  state    of the MMU:\n");
    at += strlen(at);
    c->engine->dump(c->engine, at, (size_t)(c->res->report + sizeof c->res->report - at) - 512);
}

static void say_rerun(struct core *c) {
    const struct replay_options *o = c->opt;
    if (c->res->waves) {
        say(c, "  waves    %s, cycles %" PRIu64 " to %" PRIu64 "\n", o->wave, o->wave_from,
            o->wave_to && o->wave_to < c->cycle ? o->wave_to : c->cycle);
    }
    if (o->rerun) say(c, "  rerun    %s\n", o->rerun);
}

bool core_fail(struct core *c, enum opinion who, const struct entry *a, const char *what, ...) {
    if (c->res->exit_code) return false; /* the first one counts */
    c->res->exit_code = who == OPINION_HANG ? EXIT_HANG : EXIT_DIFFERENCE;
    c->res->mismatches += who != OPINION_HANG;
    char text[1024];
    va_list args;
    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    signature_make(c->res->signature, opinion_words[who],
                   who == OPINION_CYCLE ? c->engine->diff.pin : text);
    if (!a) a = blame(c, who);
    say(c, "%s: %s in cycle %" PRIu64 "\n  %s\n", c->path,
        who == OPINION_HANG ? "stopped" : "a difference", c->cycle, text);
    say(c, "  found by %s\n  signature %s\n", opinions[who], c->res->signature);
    if (who == OPINION_CYCLE) say_pins(c, &c->engine->diff);
    if (a) say_access(c, a);
    for (unsigned n = 0; a && n < a->parts; n++) say_walk(c, a, &a->part[n]);
    say_events(c);
    say_rerun(c);
    if (who == OPINION_HANG) {
        say_units(c);
        say_dump(c);
    }
    return false;
}

bool core_timed_out(struct core *c) {
    return core_fail(c, OPINION_HANG, NULL, REPLAY_LATE ": %" PRIu64 " seconds", c->opt->timeout);
}
