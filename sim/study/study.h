/* SPDX-License-Identifier: Apache-2.0
 *
 * Design studies: one file asks a question, `pagewalk study` answers it in one database. The
 * chapters, in the order in which a study passes them; docs/studies.md says why it is done so.
 *
 *   study_file.c     the study file, read strictly
 *   study_expr.c     constraints: expressions over knobs
 *   study_points.c   starts x axes -> points
 *   study_plan.c     points x traces x seeds -> jobs
 *   study_sample.c   which of all combinations become points
 *   study_cost.c     storage bits of a configuration
 *   study_gates*.c   its gates: known by synthesis, or by a law fitted to those that are
 *   study_db*.c      the database: plan in, results in, never half a row
 *   study_job.c      one job: a replay, counted by interval
 *   study_on.h       where jobs run; study_local.c: processes of this machine
 *   study_run.c      keeps the workers busy and says how far it is
 */
#ifndef PW_STUDY_H
#define PW_STUDY_H
#include "config.h"
#include "replay.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STUDY_NAME = 96,
    STUDY_AXES = 12,
    STUDY_INTERVALS = 32, /* of the measured region; batch means want 30 or more */
    STUDY_LATENCIES = 256 /* rows of a histogram of walk latencies, at most */
};

/* ---- What the file says -------------------------------------------------------------------- */

struct study_set { /* one knob and its value, as written */
    char key[40], value[40];
    uint64_t line;
};

struct study_sets {
    struct study_set *set;
    size_t count;
};

/* Where the axes begin: the base, a preset, or a derived row. */
struct study_start {
    char name[STUDY_NAME];
    char config[STUDY_NAME]; /* the configuration or preset it loads */
    struct study_sets sets;  /* over it */
    uint64_t line;
};

/* Values of one knob; of an axis without a key, the starts. */
struct study_axis {
    char key[40];
    struct study_set *value;
    size_t count;
};

enum study_sample { SAMPLE_FULL, SAMPLE_ONE, SAMPLE_RANDOM, SAMPLE_LATIN, SAMPLE_COUNT };

struct study_file {
    const char *path;
    char name[STUDY_NAME]; /* of the file, without .study */
    char *text, *title, *question;
    char **trace;
    size_t traces;
    char base[STUDY_NAME];
    struct study_sets set; /* over the base and every trace's own settings */
    struct study_start *start;
    size_t starts;
    struct study_axis axis[STUDY_AXES];
    size_t axes;
    struct study_set *constraint; /* value: the expression */
    char **expression;
    size_t constraints;
    char **metric;
    size_t metrics;
    unsigned warmup; /* percent of the records */
    unsigned seeds;  /* 0: as many as are needed */
    enum study_sample sample;
    unsigned points; /* of a random sample */
    uint32_t sample_seed;
};

void study_file_read(struct study_file *, const char *path); /* exit 3 if it is not as it must be */
void study_file_free(struct study_file *);
extern const char *const study_sample_words[SAMPLE_COUNT + 1];

/* A constraint over a configuration: numbers, knobs, `bits`; + - * / and comparisons, && || !.
 * Not true for what it divides by zero. A mistake in it ends the program, exit 3. */
bool study_holds(const char *expression, const struct config *, const char *file, uint64_t line);

/* ---- The plan ------------------------------------------------------------------------------ */

struct study_point {
    unsigned id;           /* 0: the baseline */
    unsigned start;        /* of file.start */
    int value[STUDY_AXES]; /* index of each axis's value; -1: as the start has it */
    char label[256];
    struct config config; /* before a trace's own settings */
    uint64_t bits;
};

struct study_trace {
    const char *name;
    char hash[17];
    uint64_t records, accesses;
    uint64_t pages, pages_fetch, pages_data; /* of 4 KiB, each of a process: distinct ones */
    uint64_t regions[4]; /* of 2 MiB, 1 GiB, 512 GiB, 256 TiB: what a pointer of that level maps */
};

struct study_job {
    char hash[17];
    unsigned point, trace; /* the first that asked for it */
    uint32_t seed;
    struct config config;
    uint64_t records, accesses, warmup; /* of the trace; records before the measured region */
    bool done;                          /* its result is in the database */
};

/* A use of a job: one row of the study. Several points may need the same job. */
struct study_row {
    unsigned point, trace;
    uint32_t seed;
    uint8_t deps;
    size_t job, ideal; /* ideal: the same with an MMU that always hits */
};

struct study_plan {
    struct study_file file;
    struct study_point *point;
    size_t points, dropped; /* dropped: combinations that a constraint excludes */
    struct study_trace *trace;
    struct study_job *job;
    size_t jobs;
    struct study_row *row;
    size_t rows;
    unsigned seeds;
    char program[48]; /* version and hash of the sources */
};

void study_plan_make(struct study_plan *, const char *path);
void study_plan_free(struct study_plan *);
void study_points_make(struct study_plan *);
/* The configuration of a combination for a trace; NULL: before any trace's own settings. */
void study_point_config(const struct study_file *, const int *value, const char *trace,
                        struct config *);
/* Chooses combinations by the file's method; calls `add` with the index of each axis's value. */
void study_sample_draw(const struct study_file *, void (*add)(void *, const int *), void *context);

uint64_t study_bits(const struct config *);      /* of TLBs, walk caches and context numbers */
uint64_t study_sram_bits(const struct config *); /* of them, those in SRAM */
struct study_bits_of {
    uint64_t l1i, l1d, l2, pwc, ctx;
};
void study_bits_by(const struct config *, struct study_bits_of *);

/* ---- Results ------------------------------------------------------------------------------- */

/* What is counted in an interval, in the measured region and in the whole run. */
struct study_counts {
#define COUNT(name, value, sentence) uint64_t name;
#include "study_count.def"
#undef COUNT
    uint64_t ideal_cycles; /* of the same records with an ideal MMU: put in by who reads both */
};

struct replay_result;
void study_counts_read(struct study_counts *, const struct replay_result *);

struct study_latency {
    uint32_t cycles; /* the least of the row */
    uint64_t walks;
};

struct study_result {
    size_t job;    /* of the plan */
    int exit_code; /* enum exit_code; the job's own message is on stderr */
    double seconds;
    struct study_counts whole, region, interval[STUDY_INTERVALS];
    struct study_latency latency[STUDY_LATENCIES]; /* of the measured region, in rising order */
    uint32_t latencies;
};

void study_job_run(const struct study_plan *, size_t job, struct study_result *);

/* ---- The database -------------------------------------------------------------------------- */

struct study_db;
/* Opens or makes it, alone: a second study on it ends here, exit 3. */
struct study_db *study_db_open(const char *path);
/* Writes the plan; marks the jobs that have results. Returns how many do. */
size_t study_db_plan(struct study_db *, struct study_plan *, bool resume);
/* What the points of a database cost, written anew: nothing is run. Returns how many there are. */
size_t study_db_cost(struct study_db *);
void study_db_store(struct study_db *, const struct study_plan *, const struct study_result *);
double study_db_rate(struct study_db *); /* accesses a second of earlier jobs; 0: none */
void study_db_close(struct study_db *);

/* ---- Running ------------------------------------------------------------------------------- */

struct study_place;
struct study_run_options {
    const struct study_place *on;
    unsigned jobs;
    bool quiet; /* nothing on stderr but errors */
};
struct study_tally {
    size_t ran, failed;
    int exit_code;
};
struct study_tally study_run(struct study_plan *, struct study_db *,
                             const struct study_run_options *);

#endif
