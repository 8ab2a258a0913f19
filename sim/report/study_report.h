/* SPDX-License-Identifier: Apache-2.0
 *
 * A study read back from its database, for `pagewalk report`. All numbers of a page are computed
 * here; the page draws and filters.
 *
 *   report_load.c      database -> the structs below; report_cost.c: gates, and where they are from
 *   report_data.c      structs -> the JSON that a page carries
 *   report_say.c       conclusions in words, each with its rule and its numbers
 *   report_html.c      style, library, script and data -> one file
 *   report_gnuplot.c   figures as CSV and gnuplot scripts
 */
#ifndef PW_STUDY_REPORT_H
#define PW_STUDY_REPORT_H
#include "study_metric.h"
#include <jansson.h>

enum { REPORT_TEXT = 4096 };

struct report_value { /* of an axis */
    char text[40];
};

struct report_axis {
    char key[40];
    struct report_value *value;
    size_t values;
    uint64_t reach; /* places of the largest swept structure: pages, or regions of a walk cache */
};

struct report_point {
    char *label, *machine, *knobs;
    int64_t bits, bits_of[5]; /* l1i, l1d, l2, pwc, ctx */
    int value[STUDY_AXES];    /* -1: none of the axis's values */
    char method[16];          /* how its gates are known; empty: they are not */
    double gates, flip_flops;
    int64_t sram_bits;
};

/* A configuration that was synthesized; left_out: what the law is off by without it. */
struct report_known {
    char *name, *revision, *yosys, *library;
    double is[2], fit[2], left_out[2]; /* gates, flip-flops */
};

struct report_term { /* of the law of gates */
    char *name, *sentence;
    double factor[2];
};

struct report_trace {
    char *name, hash[17];
    char shown[64]; /* a file without its folder; a stream without `gen:` and its length */
    int64_t records, accesses, pages, pages_fetch, pages_data, regions[4];
};

/* A point on a trace under one dependence, its seeds together. */
struct report_row {
    unsigned point, trace;
    char deps[16];
    unsigned seeds;
    struct study_counts region, interval[STUDY_INTERVALS];
    struct study_latency latency[STUDY_LATENCIES];
    uint32_t latencies;
};

struct report {
    const char *path;
    char *name, *title, *question, *text, *program, *base, *sample, *metrics;
    int64_t warmup, intervals, seeds, missing; /* missing: rows without a result */
    struct report_axis axis[STUDY_AXES];
    size_t axes;
    struct report_point *point;
    size_t points;
    struct report_trace *trace;
    size_t traces;
    struct report_row *row;
    size_t rows;
    struct report_known *known;
    size_t knowns;
    struct report_term *term;
    size_t terms;
    json_t *presets; /* machine -> { knobs: [[knob, value, source]], lacks: [...] } */
};

void report_load(struct report *,
                 const char *path); /* exit 3 if it is no study, or has no result */
void report_free(struct report *);
struct report_row *report_find(const struct report *, unsigned point, unsigned trace,
                               const char *deps);
/* Does the trace touch twice the pages that the axis's largest structure has places for; of a walk
 * cache of level n twice the regions that a pointer of that level maps? */
bool report_exercised(const struct report *, unsigned trace, size_t axis);
bool report_counts(const struct report *, unsigned trace); /* on every axis */

json_t *report_law(const struct report *); /* null: there is none */

json_t *report_conclusions(const struct report *);
json_t *report_data(const struct report *);
void report_html(const struct report *, const char *path);
void report_gnuplot(const struct report *, const char *folder);

#endif
