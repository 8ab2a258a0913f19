/* SPDX-License-Identifier: Apache-2.0
 *
 * The metrics of a study and what may be said about them: a mean with its error bar, and the
 * difference of two configurations, by batch means over the intervals of the measured region.
 */
#ifndef PW_STUDY_METRIC_H
#define PW_STUDY_METRIC_H
#include "study.h"

enum metric_kind { METRIC_CYCLES, METRIC_COUNT };

struct study_metric {
    const char *key, *label, *unit, *sentence;
    enum metric_kind kind;
    double (*numerator)(const struct study_counts *);
    double (*denominator)(const struct study_counts *);
    double (*events)(const struct study_counts *);
};

enum {
#define METRIC(key, ...) METRIC_INDEX_##key,
#include "study_metric.def"
#undef METRIC
    STUDY_METRICS
};
extern const struct study_metric study_metrics[STUDY_METRICS];
const struct study_metric *study_metric_find(const char *key);

struct study_mean {
    double value, low, high; /* 95 % */
    double events;
    bool known; /* false: the denominator is 0 */
};

/* Ratio estimate over `n` intervals, Student's t with n - 1 degrees of freedom. */
struct study_mean study_mean_of(const struct study_metric *, const struct study_counts *interval,
                                size_t n);
/* Metric of `a` over that of `b`, interval by interval: the same records of the same trace. An
 * interval of [low, high] that contains 1 is `none found`. */
struct study_mean study_compare(const struct study_metric *, const struct study_counts *a,
                                const struct study_counts *b, size_t n);

#endif
