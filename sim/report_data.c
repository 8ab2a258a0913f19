/* SPDX-License-Identifier: Apache-2.0
 *
 * What a page carries: the study, its plan, each row's metrics with error bars and against the
 * baseline, what it counted by interval, and the conclusions. sim/web/ knows these names.
 */
#include "error.h"
#include "study_report.h"
#include <math.h>
#include <string.h>
#include <time.h>

static void put(json_t *o, const char *key, json_t *value) {
    if (!value || json_object_set_new(o, key, value)) internal_error("no memory for the page");
}

static void push(json_t *a, json_t *value) {
    if (!value || json_array_append_new(a, value)) internal_error("no memory for the page");
}

static json_t *integer(int64_t n) {
    return json_integer((json_int_t)n);
}

/* ---- The study ----------------------------------------------------------------------------- */

static json_t *study_object(const struct report *r) {
    json_t *o = json_object();
    put(o, "name", json_string(r->name));
    put(o, "title", json_string(r->title));
    put(o, "question", json_string(r->question));
    put(o, "file", json_string(r->text));
    put(o, "program", json_string(r->program));
    put(o, "base", json_string(r->base));
    put(o, "sample", json_string(r->sample));
    put(o, "warmup", integer(r->warmup));
    put(o, "intervals", integer(r->intervals));
    put(o, "seeds", integer(r->seeds));
    put(o, "missing", integer(r->missing));
    put(o, "method", json_string("timed"));
    return o;
}

static json_t *trace_array(const struct report *r) {
    json_t *all = json_array();
    for (unsigned t = 0; t < r->traces; t++) {
        const struct report_trace *x = &r->trace[t];
        json_t *o = json_object(), *exercised = json_array();
        put(o, "name", json_string(x->name));
        put(o, "short", json_string(x->shown));
        put(o, "hash", json_string(x->hash));
        put(o, "records", integer(x->records));
        put(o, "accesses", integer(x->accesses));
        put(o, "pages", integer(x->pages));
        for (size_t a = 0; a < r->axes; a++)
            push(exercised, json_boolean(report_exercised(r, t, a)));
        put(o, "exercised", exercised);
        put(o, "counts", json_boolean(report_counts(r, t)));
        push(all, o);
    }
    return all;
}

static json_t *axis_array(const struct report *r) {
    json_t *all = json_array();
    for (size_t a = 0; a < r->axes; a++) {
        json_t *o = json_object(), *values = json_array();
        for (size_t v = 0; v < r->axis[a].values; v++)
            push(values, json_string(r->axis[a].value[v].text));
        put(o, "key", json_string(r->axis[a].key));
        put(o, "values", values);
        put(o, "reach", integer((int64_t)r->axis[a].reach));
        push(all, o);
    }
    return all;
}

/* The knobs in which a point differs from the baseline. */
static json_t *differing(json_t *knobs, json_t *base) {
    json_t *o = json_object(), *value;
    const char *key;
    json_object_foreach(knobs, key, value) {
        if (!json_equal(value, json_object_get(base, key))) json_object_set(o, key, value);
    }
    return o;
}

static json_t *point_array(const struct report *r) {
    json_t *all = json_array(), *base = json_loads(r->point[0].knobs, 0, NULL);
    for (size_t p = 0; p < r->points; p++) {
        const struct report_point *x = &r->point[p];
        json_t *o = json_object(), *values = json_array(), *parts = json_array();
        json_t *knobs = json_loads(x->knobs, 0, NULL);
        for (size_t a = 0; a < r->axes; a++) push(values, integer(x->value[a]));
        for (int i = 0; i < 5; i++) push(parts, integer(x->bits_of[i]));
        put(o, "label", json_string(x->label));
        put(o, "machine", json_string(x->machine));
        put(o, "bits", integer(x->bits));
        put(o, "parts", parts);
        put(o, "values", values);
        put(o, "knobs", p ? differing(knobs, base) : json_incref(knobs));
        json_decref(knobs);
        push(all, o);
    }
    json_decref(base);
    return all;
}

static json_t *metric_array(void) {
    json_t *all = json_array();
    for (size_t m = 0; m < STUDY_METRICS; m++) {
        const struct study_metric *x = &study_metrics[m];
        json_t *o = json_object();
        put(o, "key", json_string(x->key));
        put(o, "label", json_string(x->label));
        put(o, "unit", json_string(x->unit));
        put(o, "sentence", json_string(x->sentence));
        put(o, "ratio", json_boolean(x->kind == METRIC_CYCLES));
        push(all, o);
    }
    return all;
}

/* ---- Rows ---------------------------------------------------------------------------------- */

/* [value, half of its 95 % interval, events], or null. */
static json_t *mean_array(struct study_mean m) {
    if (!m.known || !isfinite(m.value) || !isfinite(m.high)) return json_null();
    json_t *a = json_array();
    push(a, json_real(m.value));
    push(a, json_real(m.high - m.value));
    push(a, json_real(m.events));
    return a;
}

static json_t *counts_array(const struct study_counts *c) {
    const uint64_t n[] = {c->accesses, c->cycles,     c->ideal_cycles, c->os_cycles, c->walks,
                          c->pte_l1d,  c->pte_l2,     c->pte_llc,      c->pte_dram,  c->minor,
                          c->major,    c->l2_lookups, c->l2_misses};
    json_t *a = json_array();
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) push(a, integer((int64_t)n[i]));
    return a;
}

static json_t *phase_object(const struct report_row *row) {
    static const char *const names[] = {"accesses", "l1d", "l2", "walks", "faults"};
    json_t *o = json_object();
    for (int n = 0; n < 5; n++) {
        json_t *a = json_array();
        for (int i = 0; i < STUDY_INTERVALS; i++) {
            const struct study_counts *c = &row->interval[i];
            const uint64_t counts[] = {c->accesses, c->l1d_misses, c->l2_misses, c->walks,
                                       c->minor + c->major};
            push(a, integer((int64_t)counts[n]));
        }
        put(o, names[n], a);
    }
    return o;
}

static json_t *row_object(const struct report *r, const struct report_row *row) {
    json_t *o = json_object(), *means = json_array(), *against = json_array();
    json_t *latency = json_array();
    const struct report_row *base = report_find(r, 0, row->trace, row->deps);
    for (size_t m = 0; m < STUDY_METRICS; m++) {
        const struct study_metric *x = &study_metrics[m];
        push(means, mean_array(study_mean_of(x, row->interval, STUDY_INTERVALS)));
        push(against,
             base ? mean_array(study_compare(x, row->interval, base->interval, STUDY_INTERVALS))
                  : json_null());
    }
    for (uint32_t i = 0; i < row->latencies; i++) {
        push(latency, integer(row->latency[i].cycles));
        push(latency, integer((int64_t)row->latency[i].walks));
    }
    put(o, "p", integer(row->point));
    put(o, "t", integer(row->trace));
    put(o, "d", json_string(row->deps));
    put(o, "seeds", integer(row->seeds));
    put(o, "m", means);
    put(o, "r", against);
    put(o, "c", counts_array(&row->region));
    put(o, "phase", phase_object(row));
    put(o, "latency", latency);
    return o;
}

json_t *report_data(const struct report *r) {
    json_t *o = json_object(), *rows = json_array();
    for (size_t i = 0; i < r->rows; i++) push(rows, row_object(r, &r->row[i]));
    put(o, "schema", integer(1));
    put(o, "study", study_object(r));
    put(o, "traces", trace_array(r));
    put(o, "axes", axis_array(r));
    put(o, "points", point_array(r));
    put(o, "metrics", metric_array());
    put(o, "shown", json_string(r->metrics));
    put(o, "presets", json_incref(r->presets));
    put(o, "conclusions", report_conclusions(r));
    put(o, "rows", rows);
    return o;
}
