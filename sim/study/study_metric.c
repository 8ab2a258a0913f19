/* SPDX-License-Identifier: Apache-2.0
 *
 * Batch means. The measured region is cut into n intervals of equally many records; a metric is
 * R = sum x / sum y, and the spread of x_i - R y_i over the intervals is the error of R (the ratio
 * estimator of survey sampling, in simulation known as batch means for ratios). Intervals of tens
 * of thousands of accesses are taken as independent; docs/studies.md says when that is not so.
 *
 * Two configurations run the same records, so their intervals are pairs: the quotient of the two
 * metrics is again a ratio, of a's to b's, and what both share (a phase of the program) cancels.
 */
#include "study_metric.h"
#include <math.h>
#include <string.h>

#define METRIC(key, kind, label, unit, num, den, events, sentence)                                 \
    static double numerator_##key(const struct study_counts *c) {                                  \
        return (double)(num);                                                                      \
    }                                                                                              \
    static double denominator_##key(const struct study_counts *c) {                                \
        return (double)(den);                                                                      \
    }                                                                                              \
    static double events_##key(const struct study_counts *c) {                                     \
        return (double)(events);                                                                   \
    }
#include "study_metric.def"
#undef METRIC

const struct study_metric study_metrics[STUDY_METRICS] = {
#define METRIC(key, kind, label, unit, num, den, events, sentence)                                 \
    {#key, label, unit, sentence, METRIC_##kind, numerator_##key, denominator_##key, events_##key},
#include "study_metric.def"
#undef METRIC
};

const struct study_metric *study_metric_find(const char *key) {
    for (size_t m = 0; m < STUDY_METRICS; m++) {
        if (!strcmp(study_metrics[m].key, key)) return &study_metrics[m];
    }
    return NULL;
}

/* The 97.5 % point of Student's t: the expansion of Cornish and Fisher about the normal point, good
 * to four digits from 10 degrees of freedom on. */
static double student(double n) {
    const double z = 1.959963984540054, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

static struct study_mean estimate(const double *x, const double *y, size_t n) {
    struct study_mean m = {0};
    double sx = 0, sy = 0, spread = 0;
    for (size_t i = 0; i < n; i++) {
        sx += x[i];
        sy += y[i];
    }
    if (sy <= 0 || n < 2) return m;
    m.known = true;
    m.value = sx / sy;
    for (size_t i = 0; i < n; i++) {
        double e = x[i] - m.value * y[i];
        spread += e * e;
    }
    double count = (double)n, mean = sy / count;
    double error = student(count - 1) * sqrt(spread / (count * (count - 1))) / mean;
    m.low = m.value - error;
    m.high = m.value + error;
    return m;
}

struct study_mean study_mean_of(const struct study_metric *metric, const struct study_counts *c,
                                size_t n) {
    double x[STUDY_INTERVALS], y[STUDY_INTERVALS], events = 0;
    for (size_t i = 0; i < n; i++) {
        x[i] = metric->numerator(&c[i]);
        y[i] = metric->denominator(&c[i]);
        events += metric->events(&c[i]);
    }
    struct study_mean m = estimate(x, y, n);
    m.events = events;
    return m;
}

/* (sum xa / sum ya) / (sum xb / sum yb): with w = sum yb / sum ya it is sum (w xa) / sum xb, and an
 * error of ya or yb moves it as one of xa or xb does. */
struct study_mean study_compare(const struct study_metric *metric, const struct study_counts *a,
                                const struct study_counts *b, size_t n) {
    double xa[STUDY_INTERVALS], xb[STUDY_INTERVALS], ya = 0, yb = 0, ea = 0, eb = 0;
    for (size_t i = 0; i < n; i++) {
        ya += metric->denominator(&a[i]);
        yb += metric->denominator(&b[i]);
        ea += metric->events(&a[i]);
        eb += metric->events(&b[i]);
    }
    struct study_mean none = {0};
    if (ya <= 0 || yb <= 0) return none;
    double ra = 0, rb = 0;
    for (size_t i = 0; i < n; i++) {
        ra += metric->numerator(&a[i]) / ya;
        rb += metric->numerator(&b[i]) / yb;
    }
    if (rb <= 0) return none;
    for (size_t i = 0; i < n; i++) { /* linearised: see above */
        double da = metric->numerator(&a[i]) / ya - ra * metric->denominator(&a[i]) / ya;
        double db = metric->numerator(&b[i]) / yb - rb * metric->denominator(&b[i]) / yb;
        xa[i] = ra / (double)n + da;
        xb[i] = rb / (double)n + db;
    }
    struct study_mean m = estimate(xa, xb, n);
    m.events = ea < eb ? ea : eb;
    return m;
}
