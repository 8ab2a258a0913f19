/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan: points x traces x dependences x seeds, and the jobs they need. A job is known by the
 * hash of all that its result depends on: the trace's content, the whole configuration, the
 * program's sources, the warm-up and the number of intervals. Rows that need the same one share it.
 */
#include "config_file.h"
#include "error.h"
#include "pages.h"
#include "study.h"
#include "trace.h"
#include "version.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <xxhash.h>

/* ---- Traces -------------------------------------------------------------------------------- */

static void hash_trace(struct study_trace *t) {
    XXH64_state_t *state = XXH64_createState();
    if (!state) internal_error("no memory for a hash");
    XXH64_reset(state, 0);
    FILE *f = strncmp(t->name, "gen:", 4) ? fopen(t->name, "rb") : NULL;
    char block[65536];
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;) XXH64_update(state, block, n);
    if (f) fclose(f);
    /* a generated stream is its name, and the sources in study_plan.program */
    if (!f) XXH64_update(state, t->name, strlen(t->name));
    snprintf(t->hash, sizeof t->hash, "%016" PRIx64, (uint64_t)XXH64_digest(state));
    XXH64_freeState(state);
}

/* What it touches. A trace that is missing or damaged ends the study here, before any job. */
static void look_at_trace(struct study_trace *t) {
    struct pages all = {0}, fetched = {0}, data = {0}, region[4] = {{0}};
    struct trace *trace = trace_open(t->name);
    struct trace_record r;
    while (trace_next(trace, &r)) {
        t->records++;
        if (r.kind != TRACE_ACCESS) continue;
        t->accesses++;
        vpn_t last = (r.va + r.bytes - 1) >> PAGE_SHIFT;
        for (vpn_t v = r.va >> PAGE_SHIFT; v <= last; v++) {
            if (pages_put(&all, r.pid, v)) /* a new page may be in a new region */
                for (int n = 0; n < 4; n++) pages_put(&region[n], r.pid, v >> 9 * (n + 1));
            pages_put(r.access == ACCESS_FETCH ? &fetched : &data, r.pid, v);
        }
    }
    trace_close(trace);
    t->pages = all.count;
    t->pages_fetch = fetched.count;
    t->pages_data = data.count;
    for (int n = 0; n < 4; n++) {
        t->regions[n] = region[n].count;
        pages_free(&region[n]);
    }
    pages_free(&all);
    pages_free(&fetched);
    pages_free(&data);
    hash_trace(t);
}

/* ---- Jobs ---------------------------------------------------------------------------------- */

struct known {
    char hash[17];
    size_t job;
    UT_hash_handle hh;
};

static void name_job(const struct study_plan *plan, struct study_job *j) {
    char text[512], config[17];
    config_hash_text(&j->config, config);
    int n = snprintf(text, sizeof text, "%s|%s|%s|%" PRIu64 "|%d", plan->program,
                     plan->trace[j->trace].hash, config, j->warmup, STUDY_INTERVALS);
    snprintf(j->hash, sizeof j->hash, "%016" PRIx64, (uint64_t)XXH64(text, (size_t)n, 0));
}

static size_t job_of(struct study_plan *plan, struct known **all, const struct study_job *j) {
    struct known *k;
    HASH_FIND_STR(*all, j->hash, k);
    if (k) return k->job;
    plan->job = realloc(plan->job, (plan->jobs + 1) * sizeof *plan->job);
    k = calloc(1, sizeof *k);
    if (!plan->job || !k) internal_error("out of memory");
    memcpy(k->hash, j->hash, sizeof k->hash);
    k->job = plan->jobs;
    plan->job[plan->jobs++] = *j;
    HASH_ADD_STR(*all, hash, k);
    return k->job;
}

/* The same with an ideal MMU: knobs of TLBs, walk caches, slots and walkers mean nothing there, so
 * they go back to their defaults, and points share it. */
static struct study_job ideal_of(const struct study_job *j) {
    static const char *const idle[] = {"l1i.", "l1d.",   "l2.",     "l2i.",  "pwc.", "repl.",
                                       "pte.", "slots.", "walkers", "walk.", "ctx.", "prefetch."};
    struct study_job ideal = *j;
    struct config usual;
    config_defaults(&usual);
    for (size_t k = 0; k < CONFIG_KNOBS; k++) {
        for (size_t i = 0; i < sizeof idle / sizeof idle[0]; i++) {
            if (strncmp(config_knobs[k].key, idle[i], strlen(idle[i]))) continue;
            *config_field(&ideal.config, &config_knobs[k]) =
                *config_field(&usual, &config_knobs[k]);
        }
    }
    ideal.config.core_ideal = 1;
    return ideal;
}

/* ---- Seeds ----------------------------------------------------------------------------------- */

static bool replaces_at_random(const struct config *c) {
    bool l2 = c->l2_ways || c->l2_large || c->l2i_ways || c->l2i_large;
    return c->l1i_repl == REPL_RANDOM || c->l1d_repl == REPL_RANDOM ||
           (l2 && c->l2_repl == REPL_RANDOM) ||
           (c->pwc_l1 + c->pwc_l2 + c->pwc_l3 + c->pwc_l4 && c->pwc_repl == REPL_RANDOM);
}

/* Is anything of it drawn from a seed? */
static bool is_random(const struct config *c) {
    return c->mem_model == MEMMODEL_RANDOM || c->mem_stall > 0 || c->os_fragmentation > 0 ||
           replaces_at_random(c);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void add_row(struct study_plan *plan, struct known **all, const struct study_job *like,
                    uint8_t deps) {
    struct study_job j = *like;
    j.config.core_deps = deps;
    j.config.mem_seed += j.seed - 1; /* what is random follows these three, and nothing else does */
    j.config.os_seed += j.seed - 1;
    if (replaces_at_random(&j.config)) /* or each seed would be another Verilated MMU for nothing */
        j.config.repl_seed = 1 + (j.config.repl_seed - 1 + j.seed - 1) % 65535;
    config_check(&j.config);
    struct study_job ideal = ideal_of(&j);
    name_job(plan, &j);
    name_job(plan, &ideal);
    struct study_row row = {.point = j.point, .trace = j.trace, .seed = j.seed, .deps = deps};
    row.job = job_of(plan, all, &j);
    row.ideal = job_of(plan, all, &ideal);
    plan->row = realloc(plan->row, (plan->rows + 1) * sizeof row);
    if (!plan->row) internal_error("out of memory");
    plan->row[plan->rows++] = row;
}

static bool sets_deps(const struct study_plan *plan, const struct study_point *p) {
    const struct study_file *f = &plan->file;
    const struct study_sets *both[] = {&f->set, &f->start[p->start].sets};
    for (size_t n = 0; n < 2; n++) {
        for (size_t i = 0; i < both[n]->count; i++)
            if (!strcmp(both[n]->set[i].key, "core.deps")) return true;
    }
    for (size_t a = 0; a < f->axes; a++)
        if (!strcmp(f->axis[a].key, "core.deps")) return true;
    return false;
}

static void add_rows(struct study_plan *plan, struct known **all, unsigned point, unsigned trace) {
    const struct study_point *p = &plan->point[point];
    const struct study_trace *t = &plan->trace[trace];
    struct study_job j = {.point = point,
                          .trace = trace,
                          .records = t->records,
                          .accesses = t->accesses,
                          .warmup = t->records * plan->file.warmup / 100};
    struct config config;
    study_point_config(&plan->file, p->value, t->name, &config);
    for (uint32_t seed = 1; seed <= plan->seeds; seed++) {
        j.seed = seed;
        j.config = config;
        if (sets_deps(plan, p)) {
            add_row(plan, all, &j, (uint8_t)config.core_deps);
            continue;
        }
        add_row(plan, all, &j, DEPS_NONE);
        add_row(plan, all, &j, DEPS_SERIAL);
    }
}

static void check_length(const struct study_plan *plan, const struct study_trace *t) {
    uint64_t measured = t->records - t->records * plan->file.warmup / 100;
    if (measured >= STUDY_INTERVALS) return;
    input_error(t->name, 0, 0, "name a longer trace",
                "%" PRIu64 " records are left to measure: too few for %d intervals", measured,
                STUDY_INTERVALS);
}

void study_plan_make(struct study_plan *plan, const char *path) {
    struct known *all = NULL, *k, *next;
    memset(plan, 0, sizeof *plan);
    snprintf(plan->program, sizeof plan->program, "%s+%s", PAGEWALK_VERSION, PAGEWALK_SOURCES);
    study_file_read(&plan->file, path);
    study_points_make(plan);
    plan->seeds = plan->file.seeds;
    for (size_t p = 0; p < plan->points && !plan->seeds; p++)
        if (is_random(&plan->point[p].config)) plan->seeds = 5;
    if (!plan->seeds) plan->seeds = 1;
    plan->trace = calloc(plan->file.traces, sizeof *plan->trace);
    if (!plan->trace) internal_error("out of memory");
    for (unsigned t = 0; t < plan->file.traces; t++) {
        plan->trace[t].name = plan->file.trace[t];
        look_at_trace(&plan->trace[t]);
        check_length(plan, &plan->trace[t]);
    }
    for (unsigned p = 0; p < plan->points; p++) {
        for (unsigned t = 0; t < plan->file.traces; t++) add_rows(plan, &all, p, t);
    }
    HASH_ITER(hh, all, k, next) {
        HASH_DEL(all, k);
        free(k);
    }
}

void study_plan_free(struct study_plan *plan) {
    study_file_free(&plan->file);
    free(plan->point);
    free(plan->trace);
    free(plan->job);
    free(plan->row);
}
