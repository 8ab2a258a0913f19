/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk regress: many replays and one verdict. docs/regressions.md says how; the chapters are
 *
 *   regress_plan.c    which traces, configurations and seeds: the runs, each with its command
 *   random_trace.c    a random trace by its seed
 *   regress_run.c     the runs, several at a time, each a `pagewalk run` of its own
 *   regress_json.c    results.json, the one place of the verdict
 *   regress_page.c    junit.xml and index.html, made from the same runs
 *   verb_regress.c    the verb
 */
#ifndef PW_REGRESS_H
#define PW_REGRESS_H
#include "run_args.h"
#include <sys/types.h>

enum outcome_kind { RUN_WAITING, RUN_RUNNING, RUN_AGAIN, RUN_PASSED, RUN_FAILED };

struct regress_run {
    char *trace, *config, *command; /* the command to paste */
    char *label;                    /* trace, configuration and seed, for people */
    uint32_t seed;
    enum outcome_kind state;
    pid_t child;
    double began, seconds; /* CLOCK_MONOTONIC, from the start of the regression */
    bool killed, flaky;    /* by us, over its time; it failed twice, in two ways or one */
    int exit_code;
    uint64_t accesses, cycles, stimulus; /* stimulus: hash of all that goes in */
    char signature[2 * SIGNATURE_BYTES]; /* "" if it passed */
    char *report;                        /* what it said on stderr, if it failed */
};

struct regress_group { /* failures of one signature, the shortest run first */
    const char *signature;
    size_t count, first; /* index of a run */
};

struct regress {
    struct run_args run; /* what all runs have in common */
    char **args;         /* LIST, DIR, TRACE, TAG */
    int arg_count;
    char **configs;
    size_t config_count;
    uint32_t seed, seeds, jobs;
    bool until_failure, coverage, json;
    const char *dir; /* of logs and reports */
    const volatile sig_atomic_t *stop;

    struct regress_run *at;
    size_t count, room, passed, failed;
    double seconds;
    struct regress_group *group;
    size_t groups;
    char *coverage_sum,
        *coverage_gaps; /* the last line of the plan's table; its gaps, a line each */
};

/* The runs of `seeds` seeds from `from` on. `again`: only those on which the seed has a bearing;
 * false if there is none. */
bool regress_plan(struct regress *, uint32_t from, bool again);
void regress_runs(struct regress *); /* until all have ended, or `stop` */
void regress_group(struct regress *);
void regress_write_json(const struct regress *, const char *path);
void regress_print_json(const struct regress *);
void regress_write_junit(const struct regress *, const char *path);
void regress_write_page(const struct regress *, const char *path);
void regress_free(struct regress *);
char *regress_text(const char *format, ...) __attribute__((format(printf, 1, 2))); /* to free */
int regress_exit_code(const struct regress *);
uint64_t regress_stimulus(const struct regress *); /* of all runs */

#endif
