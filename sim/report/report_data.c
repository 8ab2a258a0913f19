/* SPDX-License-Identifier: Apache-2.0
 *
 * What a page carries: the study, its plan, each row's metrics with error bars and against the
 * baseline, what it counted by interval, and the conclusions. sim/web/ knows these names.
 */
#include "error.h"
#include "json_put.h"
#include "study_report.h"
#include <math.h>
#include <string.h>
#include <time.h>

static json_t *integer(int64_t n) {
    return json_integer((json_int_t)n);
}

/* ---- The study ----------------------------------------------------------------------------- */

static json_t *study_object(const struct report *r) {
    json_t *o = json_object();
    json_put(o, "name", json_string(r->name));
    json_put(o, "title", json_string(r->title));
    json_put(o, "question", json_string(r->question));
    json_put(o, "file", json_string(r->text));
    json_put(o, "program", json_string(r->program));
    json_put(o, "base", json_string(r->base));
    json_put(o, "sample", json_string(r->sample));
    json_put(o, "warmup", integer(r->warmup));
    json_put(o, "intervals", integer(r->intervals));
    json_put(o, "seeds", integer(r->seeds));
    json_put(o, "missing", integer(r->missing));
    json_put(o, "method", json_string("timed"));
    return o;
}

static json_t *trace_array(const struct report *r) {
    json_t *all = json_array();
    for (unsigned t = 0; t < r->traces; t++) {
        const struct report_trace *x = &r->trace[t];
        json_t *o = json_object(), *exercised = json_array();
        json_put(o, "name", json_string(x->name));
        json_put(o, "short", json_string(x->shown));
        json_put(o, "hash", json_string(x->hash));
        json_put(o, "records", integer(x->records));
        json_put(o, "accesses", integer(x->accesses));
        json_put(o, "pages", integer(x->pages));
        for (size_t a = 0; a < r->axes; a++)
            json_push(exercised, json_boolean(report_exercised(r, t, a)));
        json_put(o, "exercised", exercised);
        json_put(o, "counts", json_boolean(report_counts(r, t)));
        json_push(all, o);
    }
    return all;
}

static json_t *axis_array(const struct report *r) {
    json_t *all = json_array();
    for (size_t a = 0; a < r->axes; a++) {
        json_t *o = json_object(), *values = json_array();
        for (size_t v = 0; v < r->axis[a].values; v++)
            json_push(values, json_string(r->axis[a].value[v].text));
        json_put(o, "key", json_string(r->axis[a].key));
        json_put(o, "values", values);
        json_put(o, "reach", integer((int64_t)r->axis[a].reach));
        json_push(all, o);
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

static json_t *gates_object(const struct report_point *x) {
    if (!x->method[0]) return json_null();
    json_t *o = json_object();
    json_put(o, "method", json_string(x->method));
    json_put(o, "gates", integer(llround(x->gates)));
    json_put(o, "flip_flops", integer(llround(x->flip_flops)));
    json_put(o, "sram_bits", integer(x->sram_bits));
    return o;
}

static json_t *point_array(const struct report *r) {
    json_t *all = json_array(), *base = json_loads(r->point[0].knobs, 0, NULL);
    for (size_t p = 0; p < r->points; p++) {
        const struct report_point *x = &r->point[p];
        json_t *o = json_object(), *values = json_array(), *parts = json_array();
        json_t *knobs = json_loads(x->knobs, 0, NULL);
        for (size_t a = 0; a < r->axes; a++) json_push(values, integer(x->value[a]));
        for (int i = 0; i < 5; i++) json_push(parts, integer(x->bits_of[i]));
        json_put(o, "label", json_string(x->label));
        json_put(o, "machine", json_string(x->machine));
        json_put(o, "bits", integer(x->bits));
        json_put(o, "parts", parts);
        json_put(o, "gates", gates_object(x));
        json_put(o, "values", values);
        json_put(o, "knobs", p ? differing(knobs, base) : json_incref(knobs));
        json_decref(knobs);
        json_push(all, o);
    }
    json_decref(base);
    return all;
}

static json_t *metric_array(void) {
    json_t *all = json_array();
    for (size_t m = 0; m < STUDY_METRICS; m++) {
        const struct study_metric *x = &study_metrics[m];
        json_t *o = json_object();
        json_put(o, "key", json_string(x->key));
        json_put(o, "label", json_string(x->label));
        json_put(o, "unit", json_string(x->unit));
        json_put(o, "sentence", json_string(x->sentence));
        json_put(o, "ratio", json_boolean(x->kind == METRIC_CYCLES));
        json_push(all, o);
    }
    return all;
}

/* ---- Rows ---------------------------------------------------------------------------------- */

static double digits(double x, int n) {
    double unit = x == 0 ? 1 : pow(10, floor(log10(fabs(x))) + 1 - n);
    return round(x / unit) * unit;
}

/* [value, half of its 95 % interval, events], 0 for three zeros, or null. A large study has a
 * hundred thousand such numbers: digits that mean nothing, and kinds of mapping that a trace has
 * not, would be half of its page. */
static json_t *mean_array(struct study_mean m) {
    if (!m.known || !isfinite(m.value) || !isfinite(m.high)) return json_null();
    if (m.value == 0 && m.high == 0 && m.events == 0) return json_integer(0);
    json_t *a = json_array();
    json_push(a, json_real(digits(m.value, 5)));
    json_push(a, json_real(digits(m.high - m.value, 3)));
    json_push(a, json_real(m.events));
    return a;
}

static json_t *counts_array(const struct study_counts *c) {
    const uint64_t n[] = {c->accesses, c->cycles,     c->ideal_cycles, c->os_cycles, c->walks,
                          c->pte_l1d,  c->pte_l2,     c->pte_llc,      c->pte_dram,  c->minor,
                          c->major,    c->l2_lookups, c->l2_misses};
    json_t *a = json_array();
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) json_push(a, integer((int64_t)n[i]));
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
            json_push(a, integer((int64_t)counts[n]));
        }
        json_put(o, names[n], a);
    }
    return o;
}

static json_t *row_object(const struct report *r, const struct report_row *row) {
    json_t *o = json_object(), *means = json_array(), *against = json_array();
    json_t *latency = json_array();
    const struct report_row *base = report_find(r, 0, row->trace, row->deps);
    for (size_t m = 0; m < STUDY_METRICS; m++) {
        const struct study_metric *x = &study_metrics[m];
        json_push(means, mean_array(study_mean_of(x, row->interval, STUDY_INTERVALS)));
        json_push(against, base ? mean_array(study_compare(x, row->interval, base->interval,
                                                           STUDY_INTERVALS))
                                : json_null());
    }
    for (uint32_t i = 0; i < row->latencies; i++) {
        json_push(latency, integer(row->latency[i].cycles));
        json_push(latency, integer((int64_t)row->latency[i].walks));
    }
    json_put(o, "p", integer(row->point));
    json_put(o, "t", integer(row->trace));
    json_put(o, "d", json_string(row->deps));
    json_put(o, "seeds", integer(row->seeds));
    json_put(o, "m", means);
    json_put(o, "r", against);
    json_put(o, "c", counts_array(&row->region));
    json_put(o, "phase", phase_object(row));
    json_put(o, "latency", latency);
    return o;
}

json_t *report_data(const struct report *r) {
    json_t *o = json_object(), *rows = json_array();
    for (size_t i = 0; i < r->rows; i++) json_push(rows, row_object(r, &r->row[i]));
    json_put(o, "schema", integer(1));
    json_put(o, "study", study_object(r));
    json_put(o, "traces", trace_array(r));
    json_put(o, "axes", axis_array(r));
    json_put(o, "points", point_array(r));
    json_put(o, "law", report_law(r));
    json_put(o, "metrics", metric_array());
    json_put(o, "shown", json_string(r->metrics));
    json_put(o, "presets", json_incref(r->presets));
    json_put(o, "conclusions", report_conclusions(r));
    json_put(o, "rows", rows);
    return o;
}
