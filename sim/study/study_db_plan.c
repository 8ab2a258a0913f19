/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan in the database: rewritten whole, in one transaction, each time a study starts.
 */
#include "config_file.h"
#include "error.h"
#include "preset.h"
#include "study_sql.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void store_study(struct study_db *d, const struct study_plan *p) {
    const struct study_file *f = &p->file;
    char metrics[2048] = "";
    for (size_t i = 0; i < f->metrics; i++) {
        size_t at = strlen(metrics);
        snprintf(metrics + at, sizeof metrics - at, "%s%s", i ? " " : "", f->metric[i]);
    }
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO study VALUES (?,?,?,?,?,?,?,?,?,?,?)");
    sql_text(s, 1, f->name);
    sql_text(s, 2, f->title);
    sql_text(s, 3, f->question);
    sql_text(s, 4, f->text);
    sql_text(s, 5, p->program);
    sql_text(s, 6, f->base);
    sql_text(s, 7, study_sample_words[f->sample]);
    sql_count(s, 8, f->warmup);
    sql_count(s, 9, STUDY_INTERVALS);
    sql_count(s, 10, p->seeds);
    sql_text(s, 11, metrics);
    sql_end(d, s);
    sqlite3_finalize(s);
}

static void store_traces(struct study_db *d, const struct study_plan *p) {
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO trace VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < p->file.traces; i++) {
        const struct study_trace *t = &p->trace[i];
        sql_count(s, 1, i);
        sql_text(s, 2, t->name);
        sql_text(s, 3, t->hash);
        sql_count(s, 4, t->records);
        sql_count(s, 5, t->accesses);
        sql_count(s, 6, t->pages);
        sql_count(s, 7, t->pages_fetch);
        sql_count(s, 8, t->pages_data);
        for (int n = 0; n < 4; n++) sql_count(s, 9 + n, t->regions[n]);
        sql_end(d, s);
    }
    sqlite3_finalize(s);
}

/* The whole configuration as one object; knobs are words and numbers, so nothing needs escaping. */
static void store_config(struct study_db *d, sqlite3_stmt *s, const struct config *c) {
    char text[CONFIG_KNOBS * 96] = "{", hash[17];
    config_hash_text(c, hash);
    for (size_t k = 0; k < CONFIG_KNOBS; k++) {
        size_t at = strlen(text);
        char value[40];
        const char *quote = config_knobs[k].words ? "\"" : "";
        snprintf(text + at, sizeof text - at, "%s\"%s\":%s%s%s", k ? "," : "", config_knobs[k].key,
                 quote, config_value(c, &config_knobs[k], value, sizeof value), quote);
    }
    strcat(text, "}");
    sql_text(s, 1, hash);
    sql_text(s, 2, text);
    sql_end(d, s);
}

static void store_points(struct study_db *d, const struct study_plan *p) {
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO point VALUES (?,?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *c = sql_prepare(d, "INSERT OR IGNORE INTO config VALUES (?,?)");
    for (size_t i = 0; i < p->points; i++) {
        const struct study_point *q = &p->point[i];
        struct study_bits_of b;
        char hash[17];
        study_bits_by(&q->config, &b);
        config_hash_text(&q->config, hash);
        sql_count(s, 1, q->id);
        sql_text(s, 2, q->label);
        sql_text(s, 3, p->file.start[q->start].name);
        sql_text(s, 4, hash);
        sql_count(s, 5, q->bits);
        const uint64_t parts[] = {b.l1i, b.l1d, b.l2, b.pwc, b.ctx};
        for (int n = 0; n < 5; n++) sql_count(s, 6 + n, parts[n]);
        sql_end(d, s);
        store_config(d, c, &q->config);
    }
    for (size_t i = 0; i < p->jobs; i++) store_config(d, c, &p->job[i].config);
    sqlite3_finalize(s);
    sqlite3_finalize(c);
}

static void store_axes(struct study_db *d, const struct study_plan *p) {
    const struct study_file *f = &p->file;
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO axis VALUES (?,?,?,?)");
    for (size_t a = 0; a < f->axes; a++) {
        for (size_t v = 0; v < f->axis[a].count; v++) {
            bool start = !f->axis[a].key[0];
            sql_count(s, 1, a);
            sql_text(s, 2, start ? "machine" : f->axis[a].key);
            sql_count(s, 3, v);
            sql_text(s, 4, start ? f->start[v].name : f->axis[a].value[v].value);
            sql_end(d, s);
        }
    }
    sqlite3_finalize(s);
}

static void store_rows(struct study_db *d, const struct study_plan *p) {
    sqlite3_stmt *s = sql_prepare(d, "INSERT OR IGNORE INTO row VALUES (?,?,?,?,?,?,?)");
    for (size_t i = 0; i < p->rows; i++) {
        const struct study_row *r = &p->row[i];
        char hash[17];
        config_hash_text(&p->job[r->job].config, hash);
        sql_count(s, 1, r->point);
        sql_count(s, 2, r->trace);
        sql_text(s, 3, deps_word(r->deps));
        sql_count(s, 4, r->seed);
        sql_text(s, 5, p->job[r->job].hash);
        sql_text(s, 6, hash);
        sql_text(s, 7, p->job[r->ideal].hash);
        sql_end(d, s);
    }
    sqlite3_finalize(s);
}

/* Where each knob of a preset is from, and what its machine has beside it, for captions. */
static void store_presets(struct study_db *d, const struct study_plan *p) {
    sqlite3_stmt *k = sql_prepare(d, "INSERT OR IGNORE INTO preset VALUES (?,?,?,?)");
    sqlite3_stmt *l = sql_prepare(d, "INSERT OR IGNORE INTO lack VALUES (?,?)");
    for (size_t i = 0; i < p->file.starts; i++) {
        struct preset preset;
        if (!preset_read(&preset, p->file.start[i].config)) continue;
        for (size_t n = 0; n < preset.knobs; n++) {
            sql_text(k, 1, p->file.start[i].config);
            sql_text(k, 2, preset.knob[n].key);
            sql_text(k, 3, preset.knob[n].value);
            sql_text(k, 4, preset.knob[n].source);
            sql_end(d, k);
        }
        for (size_t n = 0; n < preset.lacks; n++) {
            sql_text(l, 1, p->file.start[i].config);
            sql_text(l, 2, preset.lack[n]);
            sql_end(d, l);
        }
        preset_free(&preset);
    }
    sqlite3_finalize(k);
    sqlite3_finalize(l);
}

/* Which jobs of the plan have results already. */
static size_t mark_done(struct study_db *d, struct study_plan *p) {
    size_t done = 0;
    sqlite3_stmt *s = sql_prepare(d, "SELECT 1 FROM result WHERE job = ?");
    for (size_t i = 0; i < p->jobs; i++) {
        sql_text(s, 1, p->job[i].hash);
        done += p->job[i].done = sql_step(d, s);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    return done;
}

static size_t results(struct study_db *d) {
    sqlite3_stmt *s = sql_prepare(d, "SELECT count(*) FROM result");
    sql_step(d, s);
    size_t n = (size_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

size_t study_db_plan(struct study_db *d, struct study_plan *p, bool resume) {
    size_t there = results(d);
    if (there && !resume) {
        study_db_unlock(d);
        input_error(d->path, 0, 0, "--resume keeps them and runs what is missing; or another -o",
                    "the database has results of %zu jobs already", there);
    }
    sql_run(d, "BEGIN IMMEDIATE; DELETE FROM study; DELETE FROM trace; DELETE FROM point;"
               "DELETE FROM axis; DELETE FROM row; DELETE FROM config; DELETE FROM preset;"
               "DELETE FROM lack");
    store_study(d, p);
    store_traces(d, p);
    store_points(d, p);
    store_axes(d, p);
    store_rows(d, p);
    store_presets(d, p);
    study_db_cost(d);
    sql_run(d, "COMMIT");
    return mark_done(d, p);
}
