/* SPDX-License-Identifier: Apache-2.0
 *
 * A study's database, read. It may be one that is being written: rows without a result are counted
 * and left out, so a page can be made of what there is.
 */
#include "config_file.h"
#include "error.h"
#include "report_sql.h"
#include "study_schema.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The plan ------------------------------------------------------------------------------ */

static void load_study(struct report *r, sqlite3 *db) {
    sqlite3_stmt *s = report_ask(r, db, "SELECT * FROM study");
    if (sqlite3_step(s) != SQLITE_ROW) report_broken(r, db);
    char **const to[] = {&r->name,    &r->title, &r->question, &r->text,
                         &r->program, &r->base,  &r->sample};
    for (int i = 0; i < 7; i++) *to[i] = report_text(s, i);
    r->warmup = sqlite3_column_int64(s, 7);
    r->intervals = sqlite3_column_int64(s, 8);
    r->seeds = sqlite3_column_int64(s, 9);
    r->metrics = report_text(s, 10);
    sqlite3_finalize(s);
    if (r->intervals != STUDY_INTERVALS)
        input_error(r->path, 0, 0, "run the study again", "made by another version of pagewalk");
}

/* "uniform, pages=4096" of "gen:uniform?pages=4096&accesses=2000000"; "sqlite.pwt" of a path. */
static void shorten(struct report_trace *t) {
    const char *slash = strrchr(t->name, '/'), *from = slash ? slash + 1 : t->name;
    if (!strncmp(t->name, "gen:", 4)) from = t->name + 4;
    snprintf(t->shown, sizeof t->shown, "%.*s", (int)strcspn(from, "?"), from);
    if (from != t->name + 4) return;
    for (const char *key = strchr(from, '?'); key; key = strchr(key + 1, '&')) {
        size_t at = strlen(t->shown);
        if (strncmp(key + 1, "accesses=", 9))
            snprintf(t->shown + at, sizeof t->shown - at, ", %.*s", (int)strcspn(key + 1, "&"),
                     key + 1);
    }
}

static void load_traces(struct report *r, sqlite3 *db) {
    sqlite3_stmt *s = report_ask(r, db,
                                 "SELECT name, hash, records, accesses, pages, pages_fetch, "
                                 "pages_data, regions_2m, regions_1g, regions_512g, regions_256t "
                                 "FROM trace ORDER BY trace");
    while (report_more(r, db, s)) {
        r->trace = report_grown(r->trace, r->traces, sizeof *r->trace);
        struct report_trace *t = &r->trace[r->traces++];
        t->name = report_text(s, 0);
        snprintf(t->hash, sizeof t->hash, "%s", sqlite3_column_text(s, 1));
        shorten(t);
        int64_t *const to[] = {&t->records, &t->accesses, &t->pages, &t->pages_fetch,
                               &t->pages_data};
        for (int i = 0; i < 5; i++) *to[i] = sqlite3_column_int64(s, 2 + i);
        for (int i = 0; i < 4; i++) t->regions[i] = sqlite3_column_int64(s, 7 + i);
    }
}

static void load_axes(struct report *r, sqlite3 *db) {
    sqlite3_stmt *s = report_ask(r, db, "SELECT axis, key, text FROM axis ORDER BY axis, value");
    while (report_more(r, db, s)) {
        size_t a = (size_t)sqlite3_column_int64(s, 0);
        if (a >= STUDY_AXES) continue;
        if (a >= r->axes) r->axes = a + 1;
        struct report_axis *x = &r->axis[a];
        snprintf(x->key, sizeof x->key, "%s", sqlite3_column_text(s, 1));
        x->value = report_grown(x->value, x->values, sizeof *x->value);
        snprintf(x->value[x->values++].text, sizeof x->value->text, "%s",
                 sqlite3_column_text(s, 2));
    }
}

/* Which of the axis's values the point has: by what its configuration says, not by how it came
 * about, so the baseline has its place on every axis that holds its value. */
static int value_on(const struct report_axis *a, const struct report_point *p, json_t *knobs) {
    char number[40];
    json_t *knob = json_object_get(knobs, a->key);
    const char *text = !strcmp(a->key, "machine") ? p->machine : json_string_value(knob);
    if (!text) {
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(knob));
        text = number;
    }
    for (size_t v = 0; v < a->values; v++) {
        if (!strcmp(a->value[v].text, text)) return (int)v;
    }
    return -1;
}

static void load_points(struct report *r, sqlite3 *db) {
    sqlite3_stmt *s =
        report_ask(r, db,
                   "SELECT label, machine, knobs, bits, bits_l1i, bits_l1d, bits_l2, bits_pwc, "
                   "bits_ctx FROM point JOIN config USING (config) ORDER BY point");
    while (report_more(r, db, s)) {
        r->point = report_grown(r->point, r->points, sizeof *r->point);
        struct report_point *p = &r->point[r->points++];
        p->label = report_text(s, 0);
        p->machine = report_text(s, 1);
        p->knobs = report_text(s, 2);
        p->bits = sqlite3_column_int64(s, 3);
        for (int i = 0; i < 5; i++) p->bits_of[i] = sqlite3_column_int64(s, 4 + i);
        json_t *knobs = json_loads(p->knobs, 0, NULL);
        for (size_t a = 0; a < r->axes; a++) p->value[a] = value_on(&r->axis[a], p, knobs);
        json_decref(knobs);
    }
}

static json_t *machine_of(struct report *r, const char *name) {
    json_t *m = json_object_get(r->presets, name);
    if (m) return m;
    m = json_pack("{s:[], s:[]}", "knobs", "lacks");
    json_object_set_new(r->presets, name, m);
    return m;
}

static void load_presets(struct report *r, sqlite3 *db) {
    r->presets = json_object();
    sqlite3_stmt *s = report_ask(r, db, "SELECT machine, knob, value, source FROM preset");
    while (report_more(r, db, s)) {
        json_t *m = machine_of(r, (const char *)sqlite3_column_text(s, 0));
        json_array_append_new(json_object_get(m, "knobs"),
                              json_pack("[sss]", sqlite3_column_text(s, 1),
                                        sqlite3_column_text(s, 2), sqlite3_column_text(s, 3)));
    }
    s = report_ask(r, db, "SELECT machine, feature FROM lack");
    while (report_more(r, db, s)) {
        json_t *m = machine_of(r, (const char *)sqlite3_column_text(s, 0));
        json_array_append_new(json_object_get(m, "lacks"),
                              json_string((const char *)sqlite3_column_text(s, 1)));
    }
}

/* ---- Reach --------------------------------------------------------------------------------- */

static int walk_level(const char *key) { /* of a walk cache; 0: it is none */
    return !strncmp(key, "pwc.l", 5) && key[5] >= '1' && key[5] <= '4' ? key[5] - '0' : 0;
}

/* Places of the structure of an axis; 0: it has none that a trace could fill. */
static uint64_t reach_of(const char *key, json_t *knobs) {
    char name[48];
    if (!strcmp(key, "machine")) key = "l2."; /* whole machines: their largest TLB */
    size_t n = strcspn(key, ".");
    if (walk_level(key)) return (uint64_t)json_integer_value(json_object_get(knobs, key));
    if (strncmp(key, "l1i.", 4) && strncmp(key, "l1d.", 4) && strncmp(key, "l2.", 3)) return 0;
    if (!strcmp(key, "l2.large")) return 0; /* pages of any size: no number of 4 KiB pages */
    snprintf(name, sizeof name, "%.*s.sets", (int)n, key);
    uint64_t sets = (uint64_t)json_integer_value(json_object_get(knobs, name));
    snprintf(name, sizeof name, "%.*s.ways", (int)n, key);
    return sets * (uint64_t)json_integer_value(json_object_get(knobs, name));
}

/* Over the points that lie on the axis: a baseline beside it is not swept. */
static void find_reach(struct report *r) {
    for (size_t p = 0; p < r->points; p++) {
        json_t *knobs = json_loads(r->point[p].knobs, 0, NULL);
        for (size_t a = 0; a < r->axes; a++) {
            uint64_t reach = r->point[p].value[a] < 0 ? 0 : reach_of(r->axis[a].key, knobs);
            if (reach > r->axis[a].reach) r->axis[a].reach = reach;
        }
        json_decref(knobs);
    }
}

bool report_exercised(const struct report *r, unsigned trace, size_t axis) {
    const struct report_trace *t = &r->trace[trace];
    const char *key = r->axis[axis].key;
    int64_t touched = !strncmp(key, "l1i.", 4)   ? t->pages_fetch
                      : !strncmp(key, "l1d.", 4) ? t->pages_data
                      : walk_level(key)          ? t->regions[walk_level(key) - 1]
                                                 : t->pages;
    return (uint64_t)touched >= 2 * r->axis[axis].reach;
}

bool report_counts(const struct report *r, unsigned trace) {
    for (size_t a = 0; a < r->axes; a++)
        if (!report_exercised(r, trace, a)) return false;
    return true;
}

/* ---- Results ------------------------------------------------------------------------------- */

#define COUNT(name, value, sentence) ", " #name
static const char interval_columns[] = "SELECT interval"
#include "study_count.def"
                                       " FROM interval WHERE job = ? ORDER BY interval";
#undef COUNT

static void add_intervals(const struct report *r, sqlite3 *db, sqlite3_stmt *s, const char *job,
                          struct report_row *to, bool ideal) {
    sqlite3_reset(s);
    sqlite3_bind_text(s, 1, job, -1, SQLITE_TRANSIENT);
    for (int code; (code = sqlite3_step(s)) != SQLITE_DONE;) {
        if (code != SQLITE_ROW) report_broken(r, db);
        int64_t i = sqlite3_column_int64(s, 0);
        if (i < 0 || i >= STUDY_INTERVALS) continue;
        struct study_counts *c = &to->interval[i], one = {0};
        int at = 1;
#define COUNT(name, value, sentence) one.name = (uint64_t)sqlite3_column_int64(s, at++);
#include "study_count.def"
#undef COUNT
        c->ideal_cycles += ideal ? one.cycles : 0;
        if (ideal) continue;
#define COUNT(name, value, sentence) c->name += one.name;
#include "study_count.def"
#undef COUNT
    }
}

static void add_latency(struct report_row *to, uint32_t cycles, uint64_t walks) {
    uint32_t i = to->latencies;
    while (i > 0 && to->latency[i - 1].cycles >= cycles) i--;
    if (i < to->latencies && to->latency[i].cycles == cycles) {
        to->latency[i].walks += walks;
        return;
    }
    if (to->latencies == STUDY_LATENCIES) return;
    memmove(&to->latency[i + 1], &to->latency[i], (to->latencies - i) * sizeof to->latency[0]);
    to->latency[i] = (struct study_latency){cycles, walks};
    to->latencies++;
}

static void add_latencies(struct report_row *to, const char *text) {
    char *end;
    while (text && *text) {
        uint32_t cycles = (uint32_t)strtoul(text, &end, 10);
        if (*end != ':') return;
        add_latency(to, cycles, strtoull(end + 1, &end, 10));
        text = end + (*end == ' ');
    }
}

static struct report_row *row_for(struct report *r, unsigned point, unsigned trace,
                                  const char *deps) {
    struct report_row *there = report_find(r, point, trace, deps);
    if (there) return there;
    r->row = report_grown(r->row, r->rows, sizeof *r->row);
    there = &r->row[r->rows++];
    there->point = point;
    there->trace = trace;
    snprintf(there->deps, sizeof there->deps, "%s", deps);
    return there;
}

static void sum_up(struct report_row *row) {
    for (int i = 0; i < STUDY_INTERVALS; i++) {
        const struct study_counts *c = &row->interval[i];
#define COUNT(name, value, sentence) row->region.name += c->name;
#include "study_count.def"
#undef COUNT
        row->region.ideal_cycles += c->ideal_cycles;
    }
}

static void load_rows(struct report *r, sqlite3 *db) {
    sqlite3_stmt *intervals = report_ask(r, db, interval_columns);
    sqlite3_stmt *s =
        report_ask(r, db,
                   "SELECT point, row.trace, deps, row.job, row.ideal, walks FROM row "
                   "JOIN result USING (job) JOIN result AS i ON i.job = row.ideal "
                   "JOIN latency USING (job) ORDER BY point, row.trace, deps, seed");
    while (report_more(r, db, s)) {
        struct report_row *row =
            row_for(r, (unsigned)sqlite3_column_int(s, 0), (unsigned)sqlite3_column_int(s, 1),
                    (const char *)sqlite3_column_text(s, 2));
        row->seeds++;
        add_intervals(r, db, intervals, (const char *)sqlite3_column_text(s, 3), row, false);
        add_intervals(r, db, intervals, (const char *)sqlite3_column_text(s, 4), row, true);
        add_latencies(row, (const char *)sqlite3_column_text(s, 5));
    }
    sqlite3_finalize(intervals);
    for (size_t i = 0; i < r->rows; i++) sum_up(&r->row[i]);
}

struct report_row *report_find(const struct report *r, unsigned point, unsigned trace,
                               const char *deps) {
    for (size_t i = r->rows; i-- > 0;) {
        struct report_row *row = &r->row[i];
        if (row->point == point && row->trace == trace && !strcmp(row->deps, deps)) return row;
    }
    return NULL;
}

void report_load(struct report *r, const char *path) {
    sqlite3 *db;
    memset(r, 0, sizeof *r);
    r->path = path;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) report_broken(r, db);
    sqlite3_busy_timeout(db, 10000);
    load_study(r, db);
    load_traces(r, db);
    load_axes(r, db);
    load_points(r, db);
    load_presets(r, db);
    report_load_cost(r, db);
    find_reach(r);
    load_rows(r, db);
    sqlite3_stmt *s =
        report_ask(r, db,
                   "SELECT count(*) FROM row WHERE job NOT IN (SELECT job FROM result) "
                   "OR ideal NOT IN (SELECT job FROM result)");
    while (report_more(r, db, s)) r->missing = sqlite3_column_int64(s, 0);
    sqlite3_close(db);
    if (!r->rows)
        input_error(path, 0, 0, "run the study first: pagewalk study FILE --resume",
                    "the study has no results yet");
}

void report_free(struct report *r) {
    char *const texts[] = {r->name,    r->title, r->question, r->text,
                           r->program, r->base,  r->sample,   r->metrics};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) free(texts[i]);
    for (size_t i = 0; i < r->points; i++) {
        free(r->point[i].label);
        free(r->point[i].machine);
        free(r->point[i].knobs);
    }
    for (size_t i = 0; i < r->traces; i++) free(r->trace[i].name);
    for (size_t a = 0; a < r->axes; a++) free(r->axis[a].value);
    report_free_cost(r);
    free(r->point);
    free(r->trace);
    free(r->row);
    json_decref(r->presets);
}
