/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows from a study, in words. Each sentence is made by a rule that stands beside it with
 * its numbers, and by nothing else: where a rule says nothing, nothing is said. Traces that do not
 * exercise an axis have no voice in it.
 */
#include "error.h"
#include "study_report.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MATTERS 1.0 /* percent of cycles */

static json_t *sentence(const char *rule, json_t *numbers, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static json_t *sentence(const char *rule, json_t *numbers, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_t *o = json_pack("{s:s, s:s, s:o}", "text", text, "rule", rule, "numbers", numbers);
    if (!o) internal_error("no memory for the page");
    return o;
}

/* ---- Did an axis matter? ------------------------------------------------------------------- */

static bool alike_but(const struct report *r, const struct report_point *a,
                      const struct report_point *b, size_t axis) {
    for (size_t x = 0; x < r->axes; x++)
        if (x != axis && a->value[x] != b->value[x]) return false;
    return a->value[axis] >= 0 && b->value[axis] >= 0;
}

struct swing {
    double percent; /* of cycles, from the better to the worse */
    unsigned better, worse, trace;
    const char *deps;
};

static double cycles_of(const struct report_row *row) {
    return row && row->region.accesses ? (double)row->region.cycles / (double)row->region.accesses
                                       : 0;
}

/* The largest change of cycles between two values of the axis, all else equal, on any trace that
 * exercises it. Values from `first` on only. */
static struct swing largest_swing(const struct report *r, size_t axis, int first) {
    struct swing most = {0};
    for (size_t i = 0; i < r->rows; i++) {
        const struct report_row *a = &r->row[i];
        if (!report_exercised(r, a->trace, axis)) continue;
        for (unsigned q = 0; q < r->points; q++) {
            const struct report_point *x = &r->point[a->point], *y = &r->point[q];
            if (q == a->point || !alike_but(r, x, y, axis)) continue;
            if (x->value[axis] < first || y->value[axis] < first) continue;
            double one = cycles_of(a), two = cycles_of(report_find(r, q, a->trace, a->deps));
            if (one <= 0 || two <= one) continue;
            double percent = 100 * (two / one - 1);
            if (percent > most.percent)
                most = (struct swing){percent, a->point, q, a->trace, a->deps};
        }
    }
    return most;
}

static size_t voices(const struct report *r, size_t axis) {
    size_t n = 0;
    for (unsigned t = 0; t < r->traces; t++) n += report_exercised(r, t, axis);
    return n;
}

static json_t *swing_numbers(const struct report *r, const struct swing *s) {
    return json_pack("{s:f, s:s, s:s, s:s, s:s}", "percent of cycles", s->percent, "trace",
                     r->trace[s->trace].shown, "core.deps", s->deps ? s->deps : "", "from",
                     r->point[s->better].label, "to", r->point[s->worse].label);
}

static void say_axis(const struct report *r, size_t axis, json_t *all) {
    static const char rule[] =
        "a knob did not matter if cycles move by less than 1 % over its range, all else equal, on "
        "every trace that exercises it, under core.deps = serial and none";
    const struct report_axis *a = &r->axis[axis];
    size_t n = voices(r, axis);
    if (a->values < 2) return;
    if (!n) {
        json_array_append_new(
            all,
            sentence(
                "a trace exercises an axis if it touches at least twice the pages that its largest "
                "swept structure has places for; of a walk cache, the regions that its "
                "pointers map",
                json_pack("{s:I}", "pages or regions needed", (json_int_t)(2 * a->reach)),
                "Nothing can be said of %s: no trace exercises it.", a->key));
        return;
    }
    struct swing s = largest_swing(r, axis, 0);
    if (s.percent < MATTERS)
        json_array_append_new(all, sentence(rule, swing_numbers(r, &s),
                                            "%s did not matter: over %s to %s cycles move by at "
                                            "most %.2f %% (%zu of %zu traces exercise it).",
                                            a->key, a->value[0].text, a->value[a->values - 1].text,
                                            s.percent, n, r->traces));
    else
        json_array_append_new(all, sentence(rule, swing_numbers(r, &s),
                                            "%s matters: up to %.1f %% of cycles, on %s with "
                                            "core.deps = %s (%s against %s).",
                                            a->key, s.percent, r->trace[s.trace].shown, s.deps,
                                            r->point[s.worse].label, r->point[s.better].label));
}

/* From which value on does more of it no longer pay? Only where the values are numbers that rise.
 */
static void say_knee(const struct report *r, size_t axis, json_t *all) {
    const struct report_axis *a = &r->axis[axis];
    for (size_t v = 1; v < a->values; v++)
        if (atof(a->value[v].text) <= atof(a->value[v - 1].text)) return;
    if (!voices(r, axis) || a->values < 3) return;
    for (int v = 1; v + 1 < (int)a->values; v++) {
        struct swing s = largest_swing(r, axis, v);
        if (s.percent >= MATTERS) continue;
        json_array_append_new(
            all, sentence("the least value from which on cycles move by less than 1 %, all else "
                          "equal, on every trace that exercises the axis",
                          swing_numbers(r, &s),
                          "%s beyond %s gains nothing: at most %.2f %% of cycles up to %s.", a->key,
                          a->value[v].text, s.percent, a->value[a->values - 1].text));
        return;
    }
}

/* ---- The best under a budget --------------------------------------------------------------- */

/* Geometric mean of cycles over the baseline's, over the traces that exercise every axis. 0: none.
 */
static double mean_ratio(const struct report *r, unsigned point, const char *deps) {
    double sum = 0;
    unsigned n = 0;
    for (unsigned t = 0; t < r->traces; t++) {
        double a = cycles_of(report_find(r, point, t, deps)),
               b = cycles_of(report_find(r, 0, t, deps));
        if (!report_counts(r, t) || a <= 0 || b <= 0) continue;
        sum += log(a / b);
        n++;
    }
    return n ? exp(sum / n) : 0;
}

static unsigned best_under(const struct report *r, const char *deps, int64_t budget,
                           double *least) {
    unsigned best = 0;
    *least = 0;
    for (unsigned p = 0; p < r->points; p++) {
        double ratio = r->point[p].bits <= budget ? mean_ratio(r, p, deps) : 0;
        bool smaller = r->point[p].bits < r->point[best].bits;
        if (ratio <= 0 || (*least > 0 && (ratio > *least || (ratio == *least && !smaller))))
            continue;
        *least = ratio;
        best = p;
    }
    return best;
}

static void say_budget(const struct report *r, const char *deps, int64_t budget, json_t *all) {
    double least, other;
    unsigned best = best_under(r, deps, budget, &least);
    const char *rest = !strcmp(deps, "serial") ? "none" : "serial";
    bool both = best_under(r, rest, budget, &other) == best && other > 0;
    if (least <= 0 || (both && !strcmp(deps, "none"))) return; /* said with serial */
    char under[96];
    snprintf(under, sizeof under, "core.deps = %s", deps);
    if (both) snprintf(under, sizeof under, "core.deps = serial, %.4f with none", other);
    json_array_append_new(
        all,
        sentence("fewest cycles against the baseline (geometric mean over the traces that exercise "
                 "every axis) among the points with at most so many storage bits; the smaller of "
                 "equals",
                 json_pack("{s:I, s:I, s:f, s:I}", "budget, bits", (json_int_t)budget, "bits",
                           (json_int_t)r->point[best].bits, "cycles over the baseline's", least,
                           "bits of the baseline", (json_int_t)r->point[0].bits),
                 "Within %lld storage bits, %s (%lld bits) has the fewest cycles: %.4f times the "
                 "baseline's with %s.",
                 (long long)budget, r->point[best].label, (long long)r->point[best].bits, least,
                 under));
}

static int by_bits(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Budgets: what a quarter of the points needs, half of them, and all. */
static void say_budgets(const struct report *r, const char *deps, json_t *all) {
    int64_t *bits = calloc(r->points, sizeof *bits), said = -1;
    if (!bits) internal_error("out of memory");
    for (size_t p = 0; p < r->points; p++) bits[p] = r->point[p].bits;
    qsort(bits, r->points, sizeof *bits, by_bits);
    const int64_t budgets[] = {bits[r->points / 4], bits[r->points / 2], bits[r->points - 1]};
    for (int i = 0; i < 3; i++) {
        if (budgets[i] == said) continue;
        said = budgets[i];
        say_budget(r, deps, said, all);
    }
    free(bits);
}

json_t *report_conclusions(const struct report *r) {
    json_t *all = json_array();
    if (!all) internal_error("no memory for the page");
    for (size_t a = 0; a < r->axes; a++) {
        say_axis(r, a, all);
        say_knee(r, a, all);
    }
    say_budgets(r, "serial", all);
    say_budgets(r, "none", all);
    return all;
}
