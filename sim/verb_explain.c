/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk explain TRACE: one access, step by step, as a lecturer would tell it. The trace is
 * replayed from its start, so TLBs, page tables and memory are what the program had made of them,
 * and no further than that access. Without --at a first replay finds the fault whose record it is.
 */
#include "config_args.h"
#include "config_file.h"
#include "error.h"
#include "explain.h"
#include "run_args.h"
#include "stop.h"
#include "trace.h"
#include "verb.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_AT = 256, OPTION_FAULT, OPTION_HTML, OPTION_JSON };

struct arguments {
    struct config_args config;
    struct replay_options replay;
    struct explain_ask ask;
    const char *trace, *html;
    bool json;
};

static const struct argp_option options[] = {
    {"at", OPTION_AT, "N", 0, "the access that is record N of the trace", 0},
    {"fault", OPTION_FAULT, "K", 0,
     "the access that took fault K: its number in `pagewalk faults`, or a word there: cow_copy", 0},
    {"engine", 'e', "E", 0, "model (the default), rtl, lockstep", 0},
    {"html", OPTION_HTML, "F.html", 0, "write a page that shows it step by step", 3},
    {"json", OPTION_JSON, NULL, 0, "the steps as one object", 3},
    {0}};

/* ---- Which access -------------------------------------------------------------------------- */

/* Is it a word that a line of `pagewalk faults` can have? */
static bool is_fault_word(const char *word) {
    for (unsigned k = 1; k < KFAULT_COUNT; k++)
        if (!strcmp(word, kfault_word(k))) return true;
    for (unsigned s = 1; s < SIGNAL_COUNT; s++)
        if (!strcmp(word, signal_word(s))) return true;
    for (unsigned c = 1; c < SICODE_COUNT; c++)
        if (!strcmp(word, sicode_word(c))) return true;
    return !strcmp(word, "efault");
}

static void ask_fault(struct argp_state *state, struct explain_ask *ask, const char *arg) {
    bool number = *arg >= '0' && *arg <= '9';
    if (number)
        ask->fault = option_count(state, "fault", arg);
    else if (is_fault_word(arg))
        ask->kind = arg;
    if (!ask->fault && !ask->kind)
        argp_error(state,
                   "--fault %s: a number from 1, or a word of `pagewalk faults`, as cow_copy or "
                   "sigsegv",
                   arg);
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->config; return 0;
    case OPTION_AT:
        a->ask.record = option_count(state, "at", arg);
        if (!a->ask.record) argp_error(state, "--at 0: records count from 1");
        return 0;
    case OPTION_FAULT: ask_fault(state, &a->ask, arg); return 0;
    case 'e': run_args_engine(state, &a->replay, arg); return 0;
    case OPTION_HTML: a->html = arg; return 0;
    case OPTION_JSON: a->json = true; return 0;
    case ARGP_KEY_ARG:
        if (a->trace) argp_error(state, "explain an access of one trace at a time");
        a->trace = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->trace) argp_error(state, "name a trace");
        if (a->ask.record && (a->ask.fault || a->ask.kind))
            argp_error(state, "--at and --fault together");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- Records of the trace ------------------------------------------------------------------ */

struct record {
    uint64_t index;
    uint32_t line;
    bool access;
    char text[TRACE_TEXT_MAX];
};

/* The record of that number, or with `from` the first access from there on. False: the trace ends
 * before, and `r->index` is the number of its records. */
static bool read_record(const char *path, uint64_t number, bool from, struct record *r) {
    struct trace *t = trace_open(path);
    struct trace_record next;
    bool found = false;
    r->index = 0;
    while (!found && trace_next(t, &next)) {
        r->index = next.index;
        r->access = next.kind == TRACE_ACCESS;
        found = from ? next.index >= number && r->access : next.index == number;
    }
    if (found) {
        r->line = next.line;
        trace_print(&next, r->text, sizeof r->text);
        r->text[strcspn(r->text, "\n")] = 0;
    }
    trace_close(t);
    return found;
}

static void demand_access(const char *path, const struct record *r) {
    static struct record next;
    char remedy[96] =
        "name a record before it; `pagewalk dump` shows them, one a line after the first";
    if (r->access) return;
    if (read_record(path, r->index, true, &next))
        snprintf(remedy, sizeof remedy, "--at %" PRIu64 ", the next access", next.index);
    input_error(path, r->line, 0, remedy, "record %" PRIu64 ", `%.80s`, is no access", r->index,
                r->text);
}

/* ---- Replays ------------------------------------------------------------------------------- */

static int replay(struct arguments *a, const struct config *cfg, struct explain *x) {
    static struct replay_result r;
    struct replay_options o = a->replay;
    o.explain = x;
    o.no_waves = true;
    o.stop = stop_on_signals(true);
    replay_trace(a->trace, cfg, &o, &r);
    replay_result_free(&r);
    if (r.exit_code) fputs(r.report, stderr);
    return r.exit_code;
}

/* The first replay: where is the fault that was asked for? On the model, which takes the same. */
static int find(struct arguments *a, const struct config *cfg, struct explain *x) {
    struct arguments dry = *a;
    static struct record first;
    dry.replay.engine = "model";
    dry.replay.no_check = true;
    x->ask = a->ask;
    int code = replay(&dry, cfg, x);
    if (code || x->at) return code;
    uint64_t faults = x->fault_number;
    if (a->ask.fault)
        input_error(a->trace, 0, 0, "`pagewalk faults` lists them",
                    "there is no fault %" PRIu64 ": the trace has %" PRIu64, a->ask.fault, faults);
    if (a->ask.kind)
        input_error(a->trace, 0, 0, "`pagewalk faults` lists them",
                    "none of its %" PRIu64 " faults is %s", faults, a->ask.kind);
    if (!read_record(a->trace, 1, true, &first))
        input_error(a->trace, 0, 0, "name a trace with accesses", "the trace has no access");
    x->at = first.index;
    return 0;
}

static void show(const struct arguments *a, const struct explain *x, const struct record *r) {
    const struct explain_facts facts = {.trace = a->trace,
                                        .engine = a->replay.engine,
                                        .config_name = a->replay.config_name,
                                        .text = r->text,
                                        .line = r->line};
    if (a->json) {
        json_t *o = explain_json(x, &facts);
        if (json_dumpf(o, stdout, JSON_COMPACT)) internal_error("--json could not be written");
        putchar('\n');
        json_decref(o);
    } else if (!a->html) {
        explain_print(stdout, x, &facts);
    }
    if (a->html) explain_html(x, &facts, a->html);
    if (fflush(stdout) || ferror(stdout))
        input_error("standard output", 0, 0, "free some space on the disk",
                    "the steps could not be written");
}

int verb_explain(int argc, char **argv) {
    static const struct argp_child children[] = {{&config_argp, 0, "Configuration:", 1}, {0}};
    static const struct argp argp = {
        options,
        parse,
        "TRACE",
        "Shows one access step by step: mapping, TLBs, each level of the walk with its PTE, fault, "
        "what the kernel half did, retry, bytes. Without --at or --fault: the first access of the "
        "program's own that faults; if none does, the first one.",
        children,
        NULL,
        NULL};
    static struct arguments a;
    static struct record r;
    static struct explain sought, x;
    struct config cfg;
    replay_defaults(&a.replay);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.ask.record && !read_record(a.trace, a.ask.record, false, &r))
        input_error(a.trace, 0, 0, "`pagewalk dump` shows them, one a line after the first",
                    "there is no record %" PRIu64 ": the trace has %" PRIu64, a.ask.record,
                    r.index);
    if (a.ask.record) demand_access(a.trace, &r);
    a.replay.config_name = config_args_apply(&a.config, a.trace, &cfg);
    x.at = a.ask.record;
    if (!x.at) {
        int code = find(&a, &cfg, &sought);
        if (code) return code;
        x.at = sought.at;
        x.kernel = sought.kernel;
        x.gup = sought.gup;
        x.va = sought.va;
        explain_free(&sought);
        read_record(a.trace, x.at, false, &r);
    }
    int code = replay(&a, &cfg, &x);
    if (!code && !x.over)
        input_error(a.trace, r.line, 0, "explain a record before its process was killed",
                    "record %" PRIu64 ", `%.80s`, was passed over", x.at, r.text);
    if (x.over) explain_chain(&x, a.trace);
    if (x.steps) show(&a, &x, &r);
    explain_free(&x);
    return code;
}
