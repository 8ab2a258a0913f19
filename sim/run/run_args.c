/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `pagewalk run`, read and written back: a failed replay shows the command that
 * repeats it, with everything that matters to the result and nothing that does not.
 */
#define _GNU_SOURCE /* program_invocation_name */
#include "run_args.h"
#include "error.h"
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_CHECK = 256,
    OPTION_NO_CHECK,
    OPTION_NO_KERNEL_CHECK,
    OPTION_SEED,
    OPTION_FROM,
    OPTION_TO,
    OPTION_MAX,
    OPTION_WARMUP,
    OPTION_INTERVALS,
    OPTION_OVERHEAD,
    OPTION_HANG,
    OPTION_TIMEOUT,
    OPTION_WAVE,
    OPTION_WAVE_FROM,
    OPTION_WAVE_TO,
    OPTION_WAVE_AT_FAULT,
    OPTION_LOG,
    OPTION_TRACE,
    OPTION_TRACE_FILE,
    OPTION_TRACE_PID,
    OPTION_TRACE_RANGE,
    OPTION_TRACE_MAPPING,
    OPTION_TRACE_KIND,
    OPTION_PS,
    OPTION_JSON,
    OPTION_SUMMARY
};

static const struct argp_option replay_option[] = {
    {"engine", 'e', "E", 0,
     "model (C, the default), rtl (Verilated), lockstep (both, every pin compared)", 0},
    {"check", OPTION_CHECK, NULL, 0, "compare with the specification and with memory semantics too",
     0},
    {"no-check", OPTION_NO_CHECK, NULL, 0, "do not: for speed figures", 0},
    {"no-kernel-check", OPTION_NO_KERNEL_CHECK, NULL, 0,
     "compare, but do not ask which translations the kernel half leaves", 0},
    {"seed", OPTION_SEED, "N", 0, "seed of the random initial state of the RTL (1)", 0},
    {"from", OPTION_FROM, "N", 0,
     "first trace record that drives the engine; earlier ones only move the kernel", 2},
    {"to", OPTION_TO, "N", 0, "last one", 2},
    {"max-accesses", OPTION_MAX, "N", 0, "stop after so many accesses", 2},
    {"hang", OPTION_HANG, "CYCLES", 0, "cycles without progress that count as a hang (100000)", 2},
    {0}};

static const struct argp_option options[] = {
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "a replay that takes longer counts as a hang", 2},
    {"warmup", OPTION_WARMUP, "N", 0,
     "measure from there on: the first N records of the window are counted apart", 2},
    {"intervals", OPTION_INTERVALS, "N", 0, "with --json: counts of each N records behind that", 2},
    {"overhead", OPTION_OVERHEAD, NULL, 0,
     "replay it also with an ideal MMU, core.deps none and serial", 2},
    {"wave", OPTION_WAVE, "F.fst", 0, "write waves, and F.gtkw beside them", 3},
    {"wave-from", OPTION_WAVE_FROM, "CYCLE", 0, "first cycle of the waves", 3},
    {"wave-to", OPTION_WAVE_TO, "CYCLE", 0, "last cycle of the waves", 3},
    {"wave-at-fault", OPTION_WAVE_AT_FAULT, NULL, 0, "the waves around the first page fault", 3},
    {"log", OPTION_LOG, "F.csv", 0, "one row an access", 3},
    {"trace", OPTION_TRACE, "KINDS", 0,
     "one line an event: walk, fault, fence, kernel, commas between", 4},
    {"trace-file", OPTION_TRACE_FILE, "F", 0, "into this file (stdout)", 4},
    {"trace-pid", OPTION_TRACE_PID, "PID", 0, "only of this process", 4},
    {"trace-range", OPTION_TRACE_RANGE, "LOW-HIGH", 0, "only at these addresses", 4},
    {"trace-mapping", OPTION_TRACE_MAPPING, "VA", 0, "only in the mapping around this address", 4},
    {"trace-kind", OPTION_TRACE_KIND, "KINDS", 0,
     "only events of these kinds: cow_copy,load_page,end", 4},
    {"ps", OPTION_PS, "N,...", 0,
     "processes and their VMAs after these records, `notes`, the `end`, as smaps has them", 3},
    {"json", OPTION_JSON, NULL, 0, "one object a line, one line a trace", 3},
    {"summary", OPTION_SUMMARY, NULL, 0, "text traces that pass share one row of the table", 3},
    {0}};

void run_args_engine(struct argp_state *state, struct replay_options *o, const char *engine) {
    char names[128];
    size_t used = 0;
    for (size_t i = 0; engine_name(i); i++) {
        if (!strcmp(engine, engine_name(i))) {
            o->engine = engine_name(i);
            return;
        }
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 engine_name(i));
    }
    argp_error(state, "--engine %s: one of %s", engine, names);
}

static error_t parse_replay(int key, char *arg, struct argp_state *state) {
    struct replay_options *o = state->input;
    switch (key) {
    case 'e': run_args_engine(state, o, arg); return 0;
    case OPTION_CHECK: o->check = true; return 0;
    case OPTION_NO_CHECK: o->no_check = true; return 0;
    case OPTION_NO_KERNEL_CHECK: o->no_kernel_check = true; return 0;
    case OPTION_SEED: o->seed = (uint32_t)option_count(state, "seed", arg); return 0;
    case OPTION_FROM: o->from = option_count(state, "from", arg); return 0;
    case OPTION_TO: o->to = option_count(state, "to", arg); return 0;
    case OPTION_MAX: o->max_accesses = option_count(state, "max-accesses", arg); return 0;
    case OPTION_HANG: o->hang_cycles = option_count(state, "hang", arg); return 0;
    case ARGP_KEY_END:
        if (o->to && o->to < o->from) argp_error(state, "--to is before --from");
        if (o->check && o->no_check) argp_error(state, "--check and --no-check together");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp replay_argp = {replay_option, parse_replay, NULL, NULL, NULL, NULL, NULL};

enum { HANG_CYCLES = 100000 };

void replay_defaults(struct replay_options *o) {
    o->engine = "model";
    o->seed = 1;
    o->hang_cycles = HANG_CYCLES;
}

static unsigned event_kinds(struct argp_state *state, const char *list) {
    unsigned kinds = 0;
    for (const char *s = list; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
        size_t n = strcspn(s, ",");
        unsigned k = 0;
        while (event_words[k] && (strncmp(s, event_words[k], n) || event_words[k][n])) k++;
        if (!event_words[k])
            argp_error(state, "--trace %s: walk, fault, fence, kernel, commas between", list);
        kinds |= 1u << k;
    }
    return kinds;
}

static error_t parse_events(int key, char *arg, struct argp_state *state) {
    struct run_args *a = state->input;
    char *end;
    switch (key) {
    case OPTION_TRACE: a->events.kinds = event_kinds(state, arg); return 0;
    case OPTION_TRACE_FILE: a->events_path = arg; return 0;
    case OPTION_TRACE_PID:
        a->events.pid = (uint32_t)option_count(state, "trace-pid", arg);
        return 0;
    case OPTION_TRACE_MAPPING:
        a->events.mapping = option_count(state, "trace-mapping", arg);
        return 0;
    case OPTION_TRACE_KIND: a->events.words = arg; return 0;
    case OPTION_TRACE_RANGE:
        a->events.from = strtoull(arg, &end, 0);
        a->events.to = *end == '-' ? strtoull(end + 1, &end, 0) : 0;
        if (*end || a->events.to < a->events.from || !a->events.to)
            argp_error(state, "--trace-range %s: for example 0x10000-0x10fff", arg);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool is_fst(const char *path) {
    size_t n = strlen(path);
    return n > 4 && !strcmp(path + n - 4, ".fst");
}

/* Options that do not go together. */
static void check_pairs(const struct run_args *a, struct argp_state *state) {
    const struct replay_options *o = &a->replay;
    if (a->count == 0) argp_error(state, "name at least one trace");
    if (o->wave_to && o->wave_to < o->wave_from)
        argp_error(state, "--wave-to is before --wave-from");
    if (a->overhead && a->summary) argp_error(state, "--overhead and --summary together");
    if (o->intervals && !a->json) argp_error(state, "--intervals needs --json");
    if (a->count > 1 && (o->log_path || o->wave || a->events.kinds))
        argp_error(state, "--log, --trace and --wave take one trace");
    const struct event_options *e = &a->events;
    bool chosen = e->pid || e->to || e->mapping || e->words || a->events_path;
    if (chosen && !e->kinds) argp_error(state, "--trace-...: say --trace walk,fault,fence,kernel");
    if (a->json && e->kinds && !a->events_path)
        argp_error(state, "--json and --trace: both on stdout; give --trace-file F");
    if (o->wave && !is_fst(o->wave)) argp_error(state, "--wave %s: name it F.fst", o->wave);
    if (a->wave_at_fault && (o->wave_from || o->wave_to))
        argp_error(state, "--wave-at-fault and --wave-from or --wave-to together");
    bool aimed = a->wave_at_fault || o->wave_from || o->wave_to;
    if (aimed && !o->wave) argp_error(state, "a window of waves needs --wave F.fst");
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct run_args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->config;
        state->child_inputs[1] = &a->replay;
        return 0;
    case OPTION_TIMEOUT: a->replay.timeout = option_count(state, "timeout", arg); return 0;
    case OPTION_WARMUP: a->replay.warmup = option_count(state, "warmup", arg); return 0;
    case OPTION_INTERVALS: a->replay.intervals = option_count(state, "intervals", arg); return 0;
    case OPTION_WAVE: a->replay.wave = arg; return 0;
    case OPTION_WAVE_FROM: a->replay.wave_from = option_count(state, "wave-from", arg); return 0;
    case OPTION_WAVE_TO: a->replay.wave_to = option_count(state, "wave-to", arg); return 0;
    case OPTION_WAVE_AT_FAULT: a->wave_at_fault = true; return 0;
    case OPTION_LOG: a->replay.log_path = arg; return 0;
    case OPTION_PS:
        if (!ps_ask(&a->ps, arg))
            argp_error(state, "--ps %s: record numbers from 1, `notes`, `end`, with commas between",
                       arg);
        return 0;
    case OPTION_JSON: a->json = true; return 0;
    case OPTION_OVERHEAD: a->overhead = true; return 0;
    case OPTION_SUMMARY: a->summary = true; return 0;
    case ARGP_KEY_ARGS:
        a->traces = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        check_pairs(a, state);
        if (!a->ps.states && !a->ps.notes && (a->json || (a->count == 1 && !a->summary)))
            ps_ask(&a->ps, "end");
        return 0;
    default: return parse_events(key, arg, state);
    }
}

void run_args_parse(struct run_args *a, int argc, char **argv) {
    static const struct argp_child children[] = {
        {&config_argp, 0, "Configuration:", 1}, {&replay_argp, 0, "Replay:", 0}, {0}};
    static const struct argp argp = {
        options,    parse,
        "TRACE...", "Replays traces: kernel half, core driver and an engine, compared and counted.",
        children,   NULL,
        NULL};
    replay_defaults(&a->replay);
    argp_parse(&argp, argc, argv, 0, NULL, a);
}

void run_args_free(struct run_args *a) {
    free(a->config.sets);
    ps_free(&a->ps);
}

/* ---- Written back
 * ------------------------------------------------------------------------------------ */

struct text {
    char *out;
    size_t bytes, at;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...) {
    if (t->at >= t->bytes) return;
    va_list args;
    va_start(args, format);
    t->at += (size_t)vsnprintf(t->out + t->at, t->bytes - t->at, format, args);
    va_end(args);
}

/* A word for a shell: quoted if it holds anything but plain letters. */
static void add_word(struct text *t, const char *before, const char *word) {
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-";
    const char *blank = t->at ? " " : "";
    if (word[0] && word[strspn(word, plain)] == 0) {
        add(t, "%s%s%s", blank, before, word);
        return;
    }
    add(t, "%s%s'", blank, before);
    for (; *word; word++) {
        if (*word == '\'') {
            add(t, "'\\''");
        } else {
            add(t, "%c", *word);
        }
    }
    add(t, "'");
}

static void add_number(struct text *t, const char *option, uint64_t value) {
    if (value) add(t, " --%s %" PRIu64, option, value);
}

const char *run_args_command(const struct run_args *a, const char *trace, char *out, size_t bytes) {
    struct text t = {out, bytes, 0};
    const struct replay_options *o = &a->replay;
    add_word(&t, "", program_invocation_name);
    add(&t, " run --engine %s --seed %" PRIu32, o->engine, o->seed);
    if (a->config.config) add_word(&t, "--config ", a->config.config);
    for (size_t i = 0; i < a->config.count; i++) add_word(&t, "--set ", a->config.sets[i]);
    if (o->check) add(&t, " --check");
    if (o->no_check) add(&t, " --no-check");
    if (o->no_kernel_check) add(&t, " --no-kernel-check");
    add_number(&t, "from", o->from);
    add_number(&t, "to", o->to);
    add_number(&t, "max-accesses", o->max_accesses);
    add_number(&t, "warmup", o->warmup);
    add_number(&t, "timeout", o->timeout);
    if (o->hang_cycles != HANG_CYCLES) add_number(&t, "hang", o->hang_cycles);
    add_word(&t, "", trace);
    return out;
}
