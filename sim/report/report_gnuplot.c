/* SPDX-License-Identifier: Apache-2.0
 *
 * Figures for a paper: rows.csv with everything, and for each figure a data file and a gnuplot
 * script that makes NAME.svg and NAME.png of it (`gnuplot NAME.gp` in the folder). The page's own
 * buttons give what is on the screen; these are made without a browser, of the first axis, the
 * first trace that exercises every axis, and core.deps as the file's first row has it.
 */
#include "error.h"
#include "study_report.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct folder {
    const struct report *r;
    const char *path, *deps;
    unsigned trace;
};

static FILE *create(const struct folder *f, const char *name) {
    char path[4300];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *out = fopen(path, "w");
    if (!out) input_error(path, 0, 0, "name a folder that can be written", "%s", strerror(errno));
    return out;
}

static void finish(const struct folder *f, FILE *out) {
    bool bad = ferror(out);
    if (fclose(out) || bad)
        input_error(f->path, 0, 0, "free some space on the disk", "a figure could not be written");
}

/* NAME.gp: both forms of one picture. */
static void script(const struct folder *f, const char *name, const char *title, const char *body,
                   ...) {
    char file[64];
    va_list args;
    char quoted[256]; /* a quote is written twice */
    size_t n = 0;
    for (const char *c = title; *c && n < sizeof quoted - 2; c++) {
        if (*c == '\'') quoted[n++] = *c;
        quoted[n++] = *c;
    }
    quoted[n] = 0;
    snprintf(file, sizeof file, "%s.gp", name);
    FILE *out = create(f, file);
    fprintf(out,
            "# gnuplot %s.gp makes %s.svg and %s.png; made by pagewalk report of %s, pagewalk %s\n"
            "set encoding utf8\nset datafile separator ','\nset key outside right top noenhanced\n"
            "set title '%s' noenhanced\nset border 3\nset tics nomirror out\nset grid y lc rgb "
            "'#dddddd'\n",
            name, name, name, f->r->name, f->r->program, quoted);
    for (int form = 0; form < 2; form++) {
        if (form)
            fprintf(out, "set terminal png size 1600,960 font ',18'\nset output '%s.png'\n", name);
        else
            fprintf(out, "set terminal svg size 800,480 font ',13'\nset output '%s.svg'\n", name);
        va_start(args, body);
        vfprintf(out, body, args);
        va_end(args);
    }
    finish(f, out);
}

/* ---- Everything ---------------------------------------------------------------------------- */

static void write_rows(const struct folder *f) {
    const struct report *r = f->r;
    FILE *out = create(f, "rows.csv");
    fputs("point,trace,core.deps,method,bits,gates,gates_by", out);
    for (size_t a = 0; a < r->axes; a++) fprintf(out, ",%s", r->axis[a].key);
    for (size_t m = 0; m < STUDY_METRICS; m++)
        fprintf(out, ",%s,%s_error", study_metrics[m].key, study_metrics[m].key);
    fputc('\n', out);
    for (size_t i = 0; i < r->rows; i++) {
        const struct report_row *row = &r->row[i];
        const struct report_point *p = &r->point[row->point];
        fprintf(out, "%s,%s,%s,timed,%lld", p->label, r->trace[row->trace].name, row->deps,
                (long long)p->bits);
        if (p->method[0])
            fprintf(out, ",%.0f,%s", p->gates, p->method);
        else
            fputs(",,", out);
        for (size_t a = 0; a < r->axes; a++)
            fprintf(out, ",%s", p->value[a] < 0 ? "" : r->axis[a].value[p->value[a]].text);
        for (size_t m = 0; m < STUDY_METRICS; m++) {
            struct study_mean v = study_mean_of(&study_metrics[m], row->interval, STUDY_INTERVALS);
            if (v.known)
                fprintf(out, ",%.6g,%.3g", v.value, v.high - v.value);
            else
                fputs(",,", out);
        }
        fputc('\n', out);
    }
    finish(f, out);
}

/* ---- Figures ------------------------------------------------------------------------------- */

/* Arithmetic mean over the traces that exercise every axis; NAN: none. */
static double mean_of(const struct folder *f, unsigned point, const struct study_metric *m) {
    double sum = 0;
    unsigned n = 0;
    for (unsigned t = 0; t < f->r->traces; t++) {
        const struct report_row *row = report_find(f->r, point, t, f->deps);
        if (!row || !report_counts(f->r, t)) continue;
        struct study_mean v = study_mean_of(m, row->interval, STUDY_INTERVALS);
        if (!v.known) continue;
        sum += v.value;
        n++;
    }
    return n ? sum / n : NAN;
}

static void write_pareto(const struct folder *f) {
    const struct study_metric *m = study_metric_find("stalls_pka");
    FILE *out = create(f, "pareto.csv");
    fputs("bits,stalls,front,point\n", out);
    for (unsigned p = 0; p < f->r->points; p++) {
        double y = mean_of(f, p, m);
        bool front = !isnan(y);
        for (unsigned q = 0; q < f->r->points && front; q++) {
            double other = mean_of(f, q, m);
            bool smaller = f->r->point[q].bits < f->r->point[p].bits;
            front = !((other < y && f->r->point[q].bits <= f->r->point[p].bits) ||
                      (other <= y && smaller));
        }
        if (!isnan(y))
            fprintf(out, "%lld,%.6g,%d,%s\n", (long long)f->r->point[p].bits, y, front,
                    f->r->point[p].label);
    }
    finish(f, out);
    script(
        f, "pareto", f->r->title,
        "set logscale x\nset xlabel 'storage bits'\nset ylabel 'stall cycles per 1000 accesses'\n"
        "plot 'pareto.csv' using 1:($3==0?$2:1/0) skip 1 with points pt 7 lc rgb '#999999' title "
        "'dominated', '' using 1:($3==1?$2:1/0) skip 1 with points pt 7 ps 1.4 lc rgb '#0b5c8a' "
        "title 'on the front'\n");
}

/* Points that have the reference's values on every axis but the first: the baseline's, or where it
 * lies beside an axis, those of the first point that lies on all. */
static bool on_first_axis(const struct report *r, unsigned p) {
    unsigned like = 0;
    for (unsigned q = (unsigned)r->points; q-- > 0;) {
        bool whole = true;
        for (size_t a = 0; a < r->axes; a++) whole &= r->point[q].value[a] >= 0;
        if (whole) like = q;
    }
    for (size_t a = 1; a < r->axes; a++)
        if (r->point[p].value[a] != r->point[like].value[a]) return false;
    return r->point[p].value[0] >= 0;
}

static void write_latency(const struct folder *f) {
    FILE *out = create(f, "latency.csv");
    unsigned blocks = 0;
    for (unsigned p = 0; p < f->r->points; p++) {
        const struct report_row *row = report_find(f->r, p, f->trace, f->deps);
        double all = 0, sum = 0;
        if (!row || !on_first_axis(f->r, p) || !row->latencies) continue;
        fprintf(out, "%s\"%s\"\n", blocks++ ? "\n\n" : "", f->r->point[p].label);
        for (uint32_t i = 0; i < row->latencies; i++) all += (double)row->latency[i].walks;
        for (uint32_t i = 0; i < row->latencies; i++) {
            sum += (double)row->latency[i].walks;
            fprintf(out, "%u,%.5g\n", row->latency[i].cycles, 100 * sum / all);
        }
    }
    finish(f, out);
    if (!blocks) return;
    script(f, "latency", f->r->trace[f->trace].name,
           "set logscale x\nset xlabel 'cycles of a walk'\nset ylabel '%% of walks'\nset yrange "
           "[0:100]\nplot for [i=0:%u] 'latency.csv' index i using 1:2 with steps lw 2 title "
           "columnheader(1)\n",
           blocks - 1);
}

static void write_phases(const struct folder *f) {
    FILE *out = create(f, "phases.csv");
    unsigned blocks = 0;
    for (unsigned p = 0; p < f->r->points; p++) {
        const struct report_row *row = report_find(f->r, p, f->trace, f->deps);
        if (!row || !on_first_axis(f->r, p)) continue;
        fprintf(out, "%s\"%s\"\n", blocks++ ? "\n\n" : "", f->r->point[p].label);
        for (int i = 0; i < STUDY_INTERVALS; i++) {
            const struct study_counts *c = &row->interval[i];
            double all = c->accesses ? (double)c->accesses / 1000 : 1;
            fprintf(out, "%d,%.5g,%.5g\n", i, (double)c->l2_misses / all,
                    (double)(c->minor + c->major) / all);
        }
    }
    finish(f, out);
    if (!blocks) return;
    script(
        f, "phases", f->r->trace[f->trace].name,
        "set xlabel 'interval of the measured region'\nset ylabel 'L2 misses per 1000 accesses'\n"
        "plot for [i=0:%u] 'phases.csv' index i using 1:2 with lines lw 2 title "
        "columnheader(1)\n",
        blocks - 1);
}

static void write_heatmap(const struct folder *f) {
    const struct report *r = f->r;
    const struct study_metric *m = study_metric_find("overhead");
    if (r->axes < 2) return;
    FILE *out = create(f, "heatmap.csv");
    fprintf(out, "%s,%s,overhead\n", r->axis[0].key, r->axis[1].key);
    for (unsigned p = 0; p < r->points; p++) {
        const int *v = r->point[p].value;
        bool same = v[0] >= 0 && v[1] >= 0;
        for (size_t a = 2; a < r->axes; a++) same &= v[a] == r->point[0].value[a];
        double y = mean_of(f, p, m);
        if (same && !isnan(y))
            fprintf(out, "%d,%d,%.5g,%s,%s\n", v[0], v[1], y, r->axis[0].value[v[0]].text,
                    r->axis[1].value[v[1]].text);
    }
    finish(f, out);
    script(f, "heatmap", "translation overhead, %",
           "set xlabel '%s'\nset ylabel '%s'\nunset grid\nset palette defined (0 '#f4efda', 1 "
           "'#6fb59a', 2 '#2a4a7c')\nplot 'heatmap.csv' using 1:2:3:xtic(4):ytic(5) skip 1 with "
           "image notitle, '' using 1:2:(sprintf('%%.2f',$3)) skip 1 with labels notitle\n",
           r->axis[0].key, r->axis[1].key);
}

void report_gnuplot(const struct report *r, const char *path) {
    struct folder f = {.r = r, .path = path, .deps = r->row[0].deps};
    if (mkdir(path, 0777) && errno != EEXIST)
        input_error(path, 0, 0, "name a folder that can be made", "%s", strerror(errno));
    while (f.trace + 1 < r->traces && !report_counts(r, f.trace)) f.trace++;
    write_rows(&f);
    write_pareto(&f);
    write_heatmap(&f);
    write_latency(&f);
    write_phases(&f);
}
