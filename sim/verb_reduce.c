/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk reduce TRACE -o F: the shortest part of a failing trace that fails in the same way, as a
 * text trace that says how it came about. SIGINT and SIGTERM end it with the best so far, exit 6;
 * that is a failing trace like any other, so reducing it goes on from there.
 */
#include "config_args.h"
#include "config_file.h"
#include "error.h"
#include "json.h"
#include "reduce.h"
#include "run_args.h"
#include "stop.h"
#include "verb.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reduce_args {
    struct run_args run;
    const char *out, *in;
    bool json;
};

enum { OPTION_JSON = 1024 }; /* apart from the keys of replay_argp */

static const struct argp_option options[] = {{"output", 'o', "F", 0, "the trace to write", 3},
                                             {"json", OPTION_JSON, NULL, 0, "one object", 3},
                                             {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct reduce_args *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->run.config;
        state->child_inputs[1] = &a->run.replay;
        return 0;
    case 'o': a->out = arg; return 0;
    case OPTION_JSON: a->json = true; return 0;
    case ARGP_KEY_ARG:
        if (a->in) argp_error(state, "reduce one trace at a time");
        a->in = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->in) argp_error(state, "name a trace that fails");
        if (!a->out) argp_error(state, "name the trace to write: -o F");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- What is written ------------------------------------------------------------------------- */

static void print_settings(const struct reduce *r, FILE *f) {
    struct config base = r->base, now = r->config;
    char value[32];
    for (size_t n = 0; n < CONFIG_KNOBS; n++) {
        const struct config_knob *k = &config_knobs[n];
        if (*config_field(&now, k) == *config_field(&base, k)) continue;
        fprintf(f, "set %s %s\n", k->key, config_value(&now, k, value, sizeof value));
    }
}

static const char *command(const struct reduce *r, char *out, size_t bytes) {
    struct run_args a = {.config = {.config = r->config_file}, .replay = r->options};
    a.replay.engine = r->engine;
    a.replay.from = reduce_from(r);
    a.replay.check &= !strcmp(r->engine, "model");
    return run_args_command(&a, r->out, out, bytes);
}

/* To a file beside it first, so that a kill leaves the last one whole. */
void reduce_write(struct reduce *r) {
    char part[4096], line[4096];
    snprintf(part, sizeof part, "%s.part", r->out);
    FILE *f = fopen(part, "w");
    if (!f) input_error(part, 0, 0, "name a file that can be written", "%s", strerror(errno));
    fprintf(f, "%s\nnote fails: %s\n", trace_first_line(r->best.pins), r->signature);
    fprintf(f, "note shown by: %.3000s\n", command(r, line, sizeof line));
    fprintf(f, "note reduced from %.2000s: %" PRIu64 " records to its failure, %zu left\n",
            r->trace, r->records, r->best.count);
    print_settings(r, f);
    items_print(&r->best, f);
    if (ferror(f) | fclose(f) || rename(part, r->out))
        input_error(r->out, 0, 0, "is the disk full?", "cannot be written: %s", strerror(errno));
}

/* ---- The verb -------------------------------------------------------------------------------- */

static void report(const struct reduce *r, bool json, bool whole) {
    char line[4096];
    command(r, line, sizeof line);
    struct reduce_facts facts = {
        r->trace,   r->out,        r->engine,  r->config_name,    r->signature, line,
        r->records, r->best.count, r->replays, reduce_seconds(r), whole};
    if (json) {
        json_print_reduce(stdout, &r->config, &facts);
        return;
    }
    printf("%s: %" PRIu64 " records to %zu, %" PRIu64 " replays, %.1f s\n  fails    %s\n", r->out,
           r->records, r->best.count, r->replays, reduce_seconds(r), r->signature);
    printf("  shown by %s\n", line);
    if (!whole) printf("  interrupted: `pagewalk reduce` of %s goes on from here\n", r->out);
}

int verb_reduce(int argc, char **argv) {
    static const struct argp_child children[] = {
        {&config_argp, 0, "Configuration:", 1}, {&replay_argp, 0, "Replay:", 0}, {0}};
    static const struct argp argp = {options,
                                     parse,
                                     "TRACE -o F",
                                     "Makes a failing trace small: the same failure, no record "
                                     "too many.",
                                     children,
                                     NULL,
                                     NULL};
    static struct reduce_args a;
    static struct reduce r;
    replay_defaults(&a.run.replay);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    clock_gettime(CLOCK_MONOTONIC, &r.began);
    r.wrote = r.began;
    r.trace = a.in;
    r.out = a.out;
    r.stop = stop_on_signals(false);
    r.options = a.run.replay;
    r.engine = r.options.engine;
    r.config_file = a.run.config.config;
    config_load(&r.base, r.config_file);
    r.config_name = r.options.config_name = config_args_apply(&a.run.config, a.in, &r.config);
    if (!reduce_begin(&r)) {
        if (*r.stop) return EXIT_INTERRUPTED;
        input_error(r.trace, 0, 0,
                    "give the engine, configuration, seed and window that it fails with",
                    "it passes with --engine %s, configuration %s: there is nothing to reduce",
                    r.engine, r.config_name);
    }
    fprintf(stderr, "pagewalk: %s fails: %s\n", r.trace, r.signature);
    reduce_all(&r);
    bool whole = !*r.stop;
    if (!r.best.count) return EXIT_INTERRUPTED;
    reduce_write(&r);
    report(&r, a.json, whole);
    reduce_end(&r);
    run_args_free(&a.run);
    return whole ? EXIT_PASS : EXIT_INTERRUPTED;
}
