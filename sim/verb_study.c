/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk study: a study file in, a database out. What is planned is printed before anything runs
 * if asked (--dry-run); what was done afterwards. docs/studies.md has the file and the tables.
 */
#include "config_args.h"
#include "config_file.h"
#include "error.h"
#include "json_put.h"
#include "study_on.h"
#include "verb.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_RESUME = 256, OPTION_ON, OPTION_DRY_RUN, OPTION_COST, OPTION_JSON };

/* What a worker does a second before anything was measured: `make bench`, model, a slow day. */
#define ASSUMED_RATE 2e6

struct arguments {
    const char *file, *output;
    const struct study_place *on;
    unsigned jobs;
    bool resume, dry_run, cost, json;
};

static const struct argp_option options[] = {
    {"output", 'o', "DB", 0, "the database (NAME.db of NAME.study, in this directory)", 0},
    {"resume", OPTION_RESUME, NULL, 0, "keep the results that are there, run what is missing", 0},
    {"jobs", 'j', "N", 0, "jobs at a time (as many as processors)", 0},
    {"on", OPTION_ON, "WHERE", 0, "where jobs run: local (processes of this machine)", 0},
    {"dry-run", OPTION_DRY_RUN, NULL, 0, "print the points, the plan and its cost; run nothing", 0},
    {"cost", OPTION_COST, NULL, 0, "FILE is a database: what its points cost, written anew", 0},
    {"json", OPTION_JSON, NULL, 0, "one object a line", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case 'o': a->output = arg; return 0;
    case OPTION_RESUME: a->resume = true; return 0;
    case 'j': {
        uint64_t n = option_count(state, "jobs", arg);
        if (n < 1 || n > 1024) argp_error(state, "--jobs %s: 1 to 1024", arg);
        a->jobs = (unsigned)n;
        return 0;
    }
    case OPTION_ON:
        a->on = study_place_find(arg);
        if (!a->on) argp_error(state, "--on %s: jobs run on: local", arg);
        return 0;
    case OPTION_DRY_RUN: a->dry_run = true; return 0;
    case OPTION_COST: a->cost = true; return 0;
    case OPTION_JSON: a->json = true; return 0;
    case ARGP_KEY_ARG:
        if (a->file) argp_error(state, "one study at a time");
        a->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->file) argp_error(state, "name a study file");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ---- What is said -------------------------------------------------------------------------- */

struct cost {
    size_t jobs, left;
    uint64_t accesses; /* of the jobs that are left */
    double rate, seconds;
    bool measured;
};

static struct cost cost_of(const struct study_plan *p, double rate, unsigned jobs) {
    struct cost c = {.jobs = p->jobs, .rate = rate > 0 ? rate : ASSUMED_RATE, .measured = rate > 0};
    for (size_t i = 0; i < p->jobs; i++) {
        if (p->job[i].done) continue;
        c.left++;
        c.accesses += p->job[i].accesses;
    }
    c.seconds = (double)c.accesses / c.rate / jobs;
    return c;
}

static void print_line(json_t *o) {
    if (json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9)))
        internal_error("--json could not be written");
    putchar('\n');
    json_decref(o);
}

static json_t *facts(const struct study_plan *p, const struct arguments *a, const struct cost *c) {
    json_t *o = json_object();
    json_put(o, "schema", json_integer(1));
    json_put(o, "study", json_string(p->file.name));
    json_put(o, "database", json_string(a->output));
    json_put(o, "program", json_string(p->program));
    json_put(o, "points", json_integer((json_int_t)p->points));
    json_put(o, "excluded", json_integer((json_int_t)p->dropped));
    json_put(o, "traces", json_integer((json_int_t)p->file.traces));
    json_put(o, "seeds", json_integer(p->seeds));
    json_put(o, "rows", json_integer((json_int_t)p->rows));
    json_put(o, "jobs", json_integer((json_int_t)c->jobs));
    return o;
}

static void print_points_json(const struct study_plan *p) {
    for (size_t i = 0; i < p->points; i++) {
        json_t *o = json_object();
        char hash[17];
        config_hash_text(&p->point[i].config, hash);
        json_put(o, "point", json_integer((json_int_t)i));
        json_put(o, "label", json_string(p->point[i].label));
        json_put(o, "config", json_string(hash));
        json_put(o, "bits", json_integer((json_int_t)p->point[i].bits));
        print_line(o);
    }
}

static void print_plan(const struct study_plan *p, const struct arguments *a,
                       const struct cost *c) {
    if (a->json) {
        print_points_json(p);
        json_t *o = facts(p, a, c);
        json_put(o, "jobs_left", json_integer((json_int_t)c->left));
        json_put(o, "accesses_left", json_integer((json_int_t)c->accesses));
        json_put(o, "seconds_estimated", json_real(c->seconds));
        print_line(o);
        return;
    }
    for (size_t i = 0; i < p->points; i++)
        printf("point %3zu  %9" PRIu64 " bits  %s%s\n", i, p->point[i].bits, p->point[i].label,
               i ? "" : "  (baseline)");
    for (size_t t = 0; t < p->file.traces; t++)
        printf("trace %3zu  %9" PRIu64 " accesses, %" PRIu64 " pages  %s\n", t,
               p->trace[t].accesses, p->trace[t].pages, p->trace[t].name);
    printf(
        "%zu points (%zu excluded) x %zu traces, %u seeds: %zu rows, %zu jobs, %zu left to run\n",
        p->points, p->dropped, p->file.traces, p->seeds, p->rows, c->jobs, c->left);
    printf("%" PRIu64
           " accesses left: about %.0f s on %u processes of %.1f million accesses/s (%s)\n",
           c->accesses, c->seconds, a->jobs, c->rate / 1e6, c->measured ? "measured" : "assumed");
}

static int print_end(const struct study_plan *p, const struct arguments *a, const struct cost *c,
                     const struct study_tally *t) {
    size_t left = c->left - t->ran;
    if (a->json) {
        json_t *o = facts(p, a, c);
        json_put(o, "ran", json_integer((json_int_t)t->ran));
        json_put(o, "failed", json_integer((json_int_t)t->failed));
        json_put(o, "jobs_left", json_integer((json_int_t)left));
        print_line(o);
    } else {
        printf("%s: %zu points x %zu traces: %zu jobs, %zu were there, %zu ran, %zu left\n",
               p->file.name, p->points, p->file.traces, c->jobs, c->jobs - c->left, t->ran, left);
        printf("%s: %s\n", left ? "go on" : "look", a->output);
    }
    if (left)
        fprintf(stderr, "pagewalk: %zu jobs are left\n  try: the same command with --resume\n",
                left);
    return t->exit_code;
}

/* ---- The verb ------------------------------------------------------------------------------ */

/* The results of an earlier start count in the estimate; without a database there are none. */
static int dry_run(struct study_plan *p, const struct arguments *a) {
    double rate = 0;
    if (a->resume && !access(a->output, F_OK)) {
        struct study_db *db = study_db_open(a->output);
        study_db_plan(db, p, true);
        rate = study_db_rate(db);
        study_db_close(db);
    }
    struct cost c = cost_of(p, rate, a->jobs);
    print_plan(p, a, &c);
    return EXIT_PASS;
}

/* After more configurations have been synthesized, without a run. */
static int cost_anew(const struct arguments *a) {
    if (access(a->file, R_OK | W_OK))
        input_error(a->file, 0, 0, "name a database that `pagewalk study` made", "%s",
                    strerror(errno));
    struct study_db *db = study_db_open(a->file);
    size_t points = study_db_cost(db);
    study_db_close(db);
    if (!a->json) {
        printf("%s: what %zu points cost is written anew\n", a->file, points);
        return EXIT_PASS;
    }
    json_t *o = json_object();
    json_put(o, "schema", json_integer(1));
    json_put(o, "database", json_string(a->file));
    json_put(o, "points", json_integer((json_int_t)points));
    print_line(o);
    return EXIT_PASS;
}

static int run(struct study_plan *p, const struct arguments *a) {
    struct study_db *db = study_db_open(a->output);
    study_db_plan(db, p, a->resume);
    struct cost c = cost_of(p, 0, a->jobs);
    struct study_run_options o = {.on = a->on, .jobs = a->jobs};
    struct study_tally t = study_run(p, db, &o);
    study_db_close(db);
    return print_end(p, a, &c, &t);
}

int verb_study(int argc, char **argv) {
    static const struct argp argp = {
        options,
        parse,
        "FILE",
        "Runs the design study that FILE describes: points of a design space on traces, into one "
        "database. `pagewalk report` makes it a page.",
        NULL,
        NULL,
        NULL};
    static struct study_plan plan;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct arguments a = {.on = study_places[0], .jobs = processors > 0 ? (unsigned)processors : 1};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.cost) return cost_anew(&a);
    study_plan_make(&plan, a.file);
    char output[STUDY_NAME + 8];
    snprintf(output, sizeof output, "%s.db", plan.file.name);
    if (!a.output) a.output = output;
    int code = a.dry_run ? dry_run(&plan, &a) : run(&plan, &a);
    study_plan_free(&plan);
    return code;
}
