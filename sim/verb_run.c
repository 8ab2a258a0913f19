/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk run: replays traces, one after the other, and says what happened: a table for people,
 * one JSON object a line for programs. Each trace has its own kernel, memory and MMU. The exit code
 * is the worst of all traces; a replay that was asked to compare and compared nothing is a failure.
 */
#include "config_args.h"
#include "config_file.h"
#include "error.h"
#include "json.h"
#include "progress.h"
#include "replay.h"
#include "run_args.h"
#include "stop.h"
#include "table.h"
#include "verb.h"
#include "wave_view.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cycles around the first page fault that --wave-at-fault writes. */
enum { FAULT_CYCLES_BEFORE = 200, FAULT_CYCLES_AFTER = 800 };

static const volatile sig_atomic_t *stop;

/* ---- One trace ----------------------------------------------------------------------------- */

static FILE *open_log(const char *path) {
    if (!path) return NULL;
    FILE *f = fopen(path, "w");
    if (!f)
        input_error(path, 0, 0, "name a --log file in a directory that can be written", "%s",
                    strerror(errno));
    return f;
}

static void close_log(FILE *f, const char *path) {
    if (f && (ferror(f) | fclose(f))) {
        input_error(path, 0, 0, "free some space on the disk", "the log could not be written");
    }
}

/* The waves of the first page fault: a dry replay on the model, which has the same cycles, says
 * where it is. False: there is none. */
static bool aim_at_fault(const char *trace, const struct config *c, struct replay_options *o) {
    struct replay_options dry = *o;
    struct replay_result r;
    dry.engine = "model";
    dry.wave = NULL;
    dry.log = NULL;
    dry.events = NULL;
    dry.intervals = 0;
    dry.ps = NULL;
    replay_trace(trace, c, &dry, &r);
    uint64_t at = r.first_fault_cycle;
    if (!at) return false;
    o->wave_from = at > FAULT_CYCLES_BEFORE ? at - FAULT_CYCLES_BEFORE : 1;
    o->wave_to = at + FAULT_CYCLES_AFTER;
    return true;
}

/* An older file of that name would pass for this run's. */
static void ready_waves(struct run_args *a, const char *trace, const struct config *c,
                        struct replay_options *o) {
    if (!o->wave) return;
    if (unlink(o->wave) && errno != ENOENT)
        input_error(o->wave, 0, 0, "name a --wave file that can be written", "%s", strerror(errno));
    if (a->wave_at_fault && !aim_at_fault(trace, c, o)) {
        fprintf(stderr, "pagewalk: %s: no page fault, so no waveform was written\n", trace);
        o->wave = NULL;
    }
    a->replay.wave = o->wave;
    a->replay.wave_from = o->wave_from;
    a->replay.wave_to = o->wave_to;
}

static bool compared_nothing(const struct run_args *a, const struct replay_result *r) {
    bool lockstep = !strcmp(a->replay.engine, "lockstep");
    bool asked = lockstep || a->replay.check || (r->checked && r->accesses > 0);
    if (!asked) return false;
    return (lockstep && r->compared_cycles == 0) || (r->checked && r->compared_responses == 0);
}

static void judge(const struct run_args *a, const char *trace, struct replay_result *r) {
    if (r->exit_code == EXIT_PASS && compared_nothing(a, r)) {
        r->exit_code = EXIT_DIFFERENCE;
        snprintf(r->report, sizeof r->report, "%s: was to be compared, and nothing was compared\n",
                 trace);
    }
    const struct ps_state *missed = ps_missed(&a->ps);
    if (r->exit_code == EXIT_PASS && missed) {
        r->exit_code = EXIT_DIFFERENCE;
        snprintf(r->report, sizeof r->report,
                 "%s: --ps %" PRIu64 ": the run ended with record %" PRIu64 "\n", trace,
                 missed->asked, a->ps.last);
    }
    if (r->exit_code == EXIT_PASS && !r->accesses && !r->expectations)
        fprintf(stderr, "pagewalk: %s: " REPLAY_NO_ACCESS "\n", trace);
    if (r->exit_code == EXIT_PASS && a->replay.warmup && !r->region)
        fprintf(stderr,
                "pagewalk: %s: the warm-up of %" PRIu64 " records leaves nothing of the %" PRIu64
                " replayed\n",
                trace, a->replay.warmup, r->records);
    if (r->exit_code == EXIT_PASS) return;
    fflush(stdout);
    fputs(r->report, stderr);
    if (r->report[0] && r->report[strlen(r->report) - 1] != '\n') fputc('\n', stderr);
}

static void show_waves(const struct run_args *a, const struct replay_result *r) {
    char view[4096];
    uint64_t at = *r->signature ? r->cycles : r->first_fault_cycle;
    if (!r->waves) {
        fprintf(stderr, "pagewalk: no waveform was written: the run has %" PRIu64 " cycles\n",
                r->cycles);
        return;
    }
    if (at < a->replay.wave_from || (a->replay.wave_to && at > a->replay.wave_to))
        at = a->replay.wave_from;
    struct wave_aim aim = wave_view_aim(r->signature, at);
    wave_view_path(a->replay.wave, NULL, view, sizeof view);
    wave_view_write(a->replay.wave, view, &aim);
    fprintf(a->json ? stderr : stdout, "waveform: gtkwave %s %s\n", a->replay.wave, view);
}

static void run_trace(struct run_args *a, const char *trace, struct replay_result *r,
                      struct overhead *overhead) {
    struct config c;
    char rerun[4096];
    volatile uint64_t accesses = 0;
    struct replay_options o = a->replay;
    o.config_name = config_args_apply(&a->config, trace, &c);
    o.progress = &accesses;
    o.rerun = run_args_command(a, trace, rerun, sizeof rerun);
    o.stop = stop;
    o.ps = &a->ps;
    ps_begin(&a->ps);
    ready_waves(a, trace, &c, &o);
    o.log = open_log(o.log_path);
    if (a->events.kinds) {
        a->events.out = a->events_path ? open_log(a->events_path) : stdout;
        o.events = &a->events;
    }
    progress_begin(trace, &accesses);
    replay_trace(trace, &c, &o, r);
    progress_end();
    close_log(o.log, o.log_path);
    if (a->events_path) close_log(a->events.out, a->events_path);
    o.events = NULL;
    judge(a, trace, r);
    bool measure = a->overhead && r->exit_code == EXIT_PASS;
    if (measure) overhead_measure(trace, &c, &o, r, overhead);
    if (a->json) {
        struct run_facts facts = {.trace = trace,
                                  .engine = o.engine,
                                  .config_name = o.config_name,
                                  .from = o.from,
                                  .intervals = o.intervals,
                                  .overhead = measure ? overhead : NULL,
                                  .ps = &a->ps};
        json_print_run(stdout, &c, &facts, r);
        fflush(stdout);
    }
}

static bool is_text(const char *trace) {
    size_t n = strlen(trace);
    return n > 6 && !strcmp(trace + n - 6, ".trace");
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The head of the table comes with its first row: a first trace that is refused prints neither. */
static void show_row(const char *name, const struct replay_result *r) {
    static bool begun;
    if (!begun) table_head(stdout);
    begun = true;
    table_row(stdout, name, r);
}

static void show_result(const struct run_args *a, const char *trace, const struct replay_result *r,
                        const struct overhead *overhead) {
    static struct replay_result region;
    show_row(base_name(trace), r);
    if (a->replay.warmup) {
        replay_region(r, &region);
        show_row("  after the warm-up", &region);
    }
    if (a->overhead && r->exit_code == EXIT_PASS) table_overhead(stdout, overhead);
}

static void show_end(const struct run_args *a, unsigned passed, unsigned failed, bool whole) {
    if (a->count > 1)
        printf("%d traces: %u passed, %u failed%s\n", a->count, passed, failed,
               whole ? "" : ", interrupted");
    if (strcmp(a->replay.engine, "model"))
        printf("the registers of the RTL began random: --seed %" PRIu32 "\n", a->replay.seed);
}

int verb_run(int argc, char **argv) {
    static struct run_args a;
    static struct replay_result r, texts;
    struct overhead overhead;
    unsigned text_count = 0, passed = 0, failed = 0;
    int worst = EXIT_PASS;
    run_args_parse(&a, argc, argv);
    stop = stop_on_signals(true);
    for (int i = 0; i < a.count && worst != EXIT_INTERRUPTED; i++) {
        const char *trace = a.traces[i];
        memset(&r, 0, sizeof r);
        run_trace(&a, trace, &r, &overhead);
        replay_result_free(&r);
        passed += r.exit_code == EXIT_PASS;
        failed += r.exit_code != EXIT_PASS && r.exit_code != EXIT_INTERRUPTED;
        if (r.exit_code > worst) worst = r.exit_code;
        if (*stop && i + 1 < a.count) worst = EXIT_INTERRUPTED;
        bool fold = a.summary && is_text(trace) && r.exit_code == EXIT_PASS;
        if (fold) {
            table_add(&texts, &r);
            text_count++;
        } else if (!a.json) {
            show_result(&a, trace, &r, &overhead);
            ps_print(stdout, &a.ps);
        }
    }
    char name[64];
    snprintf(name, sizeof name, "%u text traces", text_count);
    if (text_count && !a.json) show_row(name, &texts);
    if (!a.json) show_end(&a, passed, failed, worst != EXIT_INTERRUPTED);
    if (a.replay.wave) show_waves(&a, &r);
    run_args_free(&a);
    return worst;
}
