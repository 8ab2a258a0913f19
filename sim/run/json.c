/* SPDX-License-Identifier: Apache-2.0
 *
 * `--json`: the numbers of a replay under the names of docs/interface.md, by jansson, one object a
 * line. Keys are only ever added. A number that does not apply (a mean of nothing) is null.
 */
#include "json.h"
#include "config_file.h"
#include "error.h"
#include "json_put.h"
#include "study_metric.h"
#include <inttypes.h>
#include <string.h>

static void put_ratio(json_t *object, const char *key, double part, double whole) {
    json_put(object, key, whole > 0 ? json_real(part / whole) : json_null());
}

static void print_line(FILE *out, json_t *object) {
    if (json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(9))) {
        internal_error("--json could not be written");
    }
    fputc('\n', out);
    json_decref(object);
}

/* ---- Configuration
 * --------------------------------------------------------------------------------- */

json_t *json_config(const struct config *c, const char *name) {
    json_t *o = json_object();
    char hash[17], value[32];
    config_hash_text(c, hash);
    json_put(o, "hash", json_string(hash));
    json_put(o, "name", json_string(name));
    for (size_t i = 0; i < CONFIG_KNOBS; i++) {
        const struct config_knob *k = &config_knobs[i];
        struct config copy = *c;
        if (k->words) {
            json_put(o, k->key, json_string(config_value(c, k, value, sizeof value)));
        } else {
            json_put_count(o, k->key, *config_field(&copy, k));
        }
    }
    return o;
}

void json_print_config(FILE *out, const struct config *c, const char *name) {
    json_t *o = json_object();
    json_put_count(o, "schema", JSON_SCHEMA);
    json_put(o, "config", json_config(c, name));
    print_line(out, o);
}

/* ---- Counts -------------------------------------------------------------------------------- */

/* Where the last word of a dotted key belongs; the objects on the way are made. */
static json_t *level_of(json_t *o, const char **key) {
    const char *dot;
    while ((dot = strchr(*key, '.'))) {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)(dot - *key), *key);
        json_t *inner = json_object_get(o, word);
        if (!inner) json_put(o, word, inner = json_object());
        o = inner;
        *key = dot + 1;
    }
    return o;
}

static void put_at(json_t *o, const char *key, json_t *value) {
    json_t *level = level_of(o, &key);
    json_put(level, key, value);
}

/* Walks by their latency: [cycles, walks], those that there were. */
static json_t *histogram(const uint64_t *latency) {
    json_t *bins = json_array();
    for (unsigned i = 0; i < COUNTERS_LATENCIES; i++) {
        if (!latency[i]) continue;
        json_t *bin = json_array();
        json_push(bin, json_integer(i));
        json_push(bin, json_integer((json_int_t)latency[i]));
        json_push(bins, bin);
    }
    return bins;
}

/* Of the whole window, or of the region. */
static void put_counts(json_t *o, const struct replay_result *r) {
    struct counts c;
    counts_read(&c, r);
    for (size_t i = 0; i < COUNTS; i++) put_at(o, counts_key(i), json_integer((json_int_t)c.n[i]));
    json_t *walks = json_object_get(o, "walks");
    json_put_count(walks, "latency_min", r->walk_latency_min);
    put_ratio(walks, "latency_mean", (double)r->walk_latency_sum, (double)r->walks_ended);
    json_put_count(walks, "latency_max", r->walk_latency_max);
    json_put(walks, "histogram", histogram(r->walk_latency));
    json_put(o, "instructions",
             r->instructions_known ? json_integer((json_int_t)r->instructions) : json_null());
}

static json_t *region_object(const struct replay_result *r) {
    static struct replay_result region;
    json_t *o = json_object();
    replay_region(r, &region);
    put_counts(o, &region);
    return o;
}

/* A row an interval, a column a count: the keys of an object would be most of its bytes. */
static json_t *intervals_object(const struct replay_result *r, uint64_t records) {
    if (!records) return json_null();
    json_t *o = json_object(), *columns = json_array(), *rows = json_array();
    for (size_t i = 0; i < COUNTS; i++) json_push(columns, json_string(counts_key(i)));
    for (uint64_t n = 0; n < r->intervals; n++) {
        json_t *row = json_array();
        for (size_t i = 0; i < COUNTS; i++)
            json_push(row, json_integer((json_int_t)r->interval[n].n[i]));
        json_push(rows, row);
    }
    json_put_count(o, "records", records);
    json_put(o, "columns", columns);
    json_put(o, "rows", rows);
    return o;
}

/* ---- The rest of a run --------------------------------------------------------------------- */

/* Who was killed for memory, and what of its trace was passed over. */
static json_t *oom_object(const struct replay_result *r) {
    json_t *o = json_object(), *list = json_array();
    json_put_count(o, "killed", r->oom_kills);
    json_put_count(o, "skipped", r->oom_skipped);
    for (uint64_t i = 0; i < r->oom_listed; i++) {
        const struct replay_kill *k = &r->oom[i];
        json_t *one = json_object();
        json_put_count(one, "pid", k->pid);
        json_put_count(one, "record", k->record);
        json_put_count(one, "skipped", k->skipped);
        json_put(one, "points", json_integer((json_int_t)k->points));
        json_put(one, "born", json_boolean(k->born));
        json_push(list, one);
    }
    json_put(o, "processes", list);
    return o;
}

static json_t *warmup_object(const struct replay_result *r, uint64_t from) {
    static struct replay_result warm;
    json_t *o = json_object();
    counts_write(&r->warm, &warm);
    json_put_count(o, "records", warm.records + (from > 1 ? from - 1 : 0));
    json_put_count(o, "cycles", warm.cycles); /* records before the window run without a clock */
    return o;
}

/* The metrics of studies (study_metric.def), of the region; null where nothing is divided by. */
static json_t *metrics_object(const struct replay_result *r, uint64_t ideal_cycles) {
    static struct replay_result region;
    struct study_counts c;
    json_t *o = json_object();
    replay_region(r, &region);
    study_counts_read(&c, &region);
    c.ideal_cycles = ideal_cycles;
    for (size_t m = 0; m < STUDY_METRICS; m++)
        put_ratio(o, study_metrics[m].key, study_metrics[m].numerator(&c),
                  study_metrics[m].denominator(&c));
    return o;
}

/* Bytes that a TLB full of pages of 4 KiB maps, and the large pages of the L2 of 2 MiB each. */
static json_t *reach_object(const struct config *c) {
    json_t *o = json_object();
    json_put_count(o, "l1i", (uint64_t)c->l1i_sets * c->l1i_ways * PAGE_BYTES);
    json_put_count(o, "l1d", (uint64_t)c->l1d_sets * c->l1d_ways * PAGE_BYTES);
    json_put_count(o, "l2", (uint64_t)c->l2_sets * c->l2_ways * PAGE_BYTES);
    json_put_count(o, "l2_large", (uint64_t)c->l2_large << (PAGE_SHIFT + LEVEL_BITS));
    return o;
}

static json_t *overhead_object(const struct overhead *v) {
    if (!v) return json_null();
    json_t *o = json_object();
    for (unsigned deps = 0; deps < DEPS_COUNT; deps++) {
        double cycles = (double)v->cycles[deps], ideal = (double)v->ideal_cycles[deps];
        json_t *one = json_object();
        json_put_count(one, "cycles", v->cycles[deps]);
        json_put_count(one, "ideal_cycles", v->ideal_cycles[deps]);
        put_ratio(one, "overhead", cycles - ideal, ideal);
        json_put(o, deps_word(deps), one);
    }
    return o;
}

/* What every engine must print alike, counts left out: docs/interface.md. */
static void put_facts(json_t *o, const struct replay_result *r, const struct run_facts *facts) {
    json_put(o, "warmup", warmup_object(r, facts->from));
    json_put(o, "roi", region_object(r));
    json_put(o, "intervals", intervals_object(r, facts->intervals));
    json_put(o, "overhead", overhead_object(facts->overhead));
    json_put(o, "oom", oom_object(r));
    json_t *frames = json_object();
    json_put_count(frames, "total", r->frames_total);
    json_put_count(frames, "peak", r->frames_peak);
    json_put_count(frames, "tables", r->frames_tables);
    json_put(o, "frames", frames);
    json_put_count(o, "racing", r->racing);
    json_put_count(o, "expectations", r->expectations);
    json_put_count(o, "expectations_skipped", r->expectations_skipped);
    json_put_count(o, "first_fault_cycle", r->first_fault_cycle);
}

void json_print_run(FILE *out, const struct config *c, const struct run_facts *facts,
                    const struct replay_result *r) {
    json_t *o = json_object();
    json_put_count(o, "schema", JSON_SCHEMA);
    json_put(o, "trace", json_string(facts->trace));
    json_put(o, "engine", json_string(facts->engine));
    json_put(o, "config", json_config(c, facts->config_name));
    put_counts(o, r);
    json_put_count(o, "mismatches", r->mismatches);
    json_put_count(o, "compared_cycles", r->compared_cycles);
    json_put_count(o, "compared_responses", r->compared_responses);
    put_facts(o, r, facts);
    json_put(o, "metrics",
             metrics_object(r, facts->overhead ? facts->overhead->ideal_cycles[c->core_deps] : 0));
    json_put(o, "reach", reach_object(c));
    json_put(o, "ps", ps_json(facts->ps));
    char values[17];
    snprintf(values, sizeof values, "%016" PRIx64, r->values);
    json_put(o, "values", r->checked ? json_string(values) : json_null());
    json_put(o, "checked", json_boolean(r->checked));
    json_put(o, "signature", r->signature[0] ? json_string(r->signature) : json_null());
    json_put(o, "exit_code", json_integer(r->exit_code));
    json_put(o, "seconds", json_real(r->seconds));
    put_ratio(o, "accesses_per_second", (double)r->accesses, r->seconds);
    print_line(out, o);
}

void json_print_reduce(FILE *out, const struct config *c, const struct reduce_facts *f) {
    json_t *o = json_object();
    json_put_count(o, "schema", JSON_SCHEMA);
    json_put(o, "trace", json_string(f->trace));
    json_put(o, "output", json_string(f->output));
    json_put(o, "engine", json_string(f->engine));
    json_put(o, "config", json_config(c, f->config_name));
    json_put(o, "signature", json_string(f->signature));
    json_put_count(o, "records_before", f->before);
    json_put_count(o, "records_after", f->after);
    json_put_count(o, "replays", f->replays);
    json_put(o, "command", json_string(f->command));
    json_put(o, "whole", json_boolean(f->whole));
    json_put(o, "seconds", json_real(f->seconds));
    print_line(out, o);
}
