/* SPDX-License-Identifier: Apache-2.0
 *
 * Gates of the points, and where they are from. They are modelled apart from everything measured: a
 * database without them is as good.
 */
#include "json_put.h"
#include "report_sql.h"
#include <math.h>
#include <stdlib.h>

static double number(sqlite3_stmt *s, int column) {
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

/* Older databases have no such tables. */
static bool has_costs(const struct report *r, sqlite3 *db) {
    bool has = false;
    sqlite3_stmt *s = report_ask(r, db, "SELECT 1 FROM sqlite_master WHERE name = 'cost'");
    while (report_more(r, db, s)) has = true;
    return has;
}

static void load_synthesis(struct report *r, sqlite3 *db) {
    sqlite3_stmt *s =
        report_ask(r, db,
                   "SELECT name, revision, yosys, library, gates, flip_flops, fit_gates, "
                   "fit_flip_flops, left_out_gates, left_out_flip_flops "
                   "FROM synthesis ORDER BY gates");
    while (report_more(r, db, s)) {
        r->known = report_grown(r->known, r->knowns, sizeof *r->known);
        struct report_known *k = &r->known[r->knowns++];
        char **const texts[] = {&k->name, &k->revision, &k->yosys, &k->library};
        double *const numbers[] = {k->is, k->fit, k->left_out};
        for (int i = 0; i < 4; i++) *texts[i] = report_text(s, i);
        for (int i = 0; i < 6; i++) numbers[i / 2][i % 2] = number(s, 4 + i);
    }
}

void report_load_cost(struct report *r, sqlite3 *db) {
    if (!has_costs(r, db)) return;
    sqlite3_stmt *s =
        report_ask(r, db, "SELECT point, method, gates, flip_flops, sram_bits FROM cost");
    while (report_more(r, db, s)) {
        size_t i = (size_t)sqlite3_column_int64(s, 0);
        if (i >= r->points || sqlite3_column_type(s, 2) == SQLITE_NULL) continue;
        snprintf(r->point[i].method, sizeof r->point[i].method, "%s", sqlite3_column_text(s, 1));
        r->point[i].gates = number(s, 2);
        r->point[i].flip_flops = number(s, 3);
        r->point[i].sram_bits = sqlite3_column_int64(s, 4);
    }
    load_synthesis(r, db);
    s = report_ask(r, db, "SELECT term, sentence, gates, flip_flops FROM law ORDER BY rowid");
    while (report_more(r, db, s)) {
        r->term = report_grown(r->term, r->terms, sizeof *r->term);
        struct report_term *t = &r->term[r->terms++];
        t->name = report_text(s, 0);
        t->sentence = report_text(s, 1);
        for (int i = 0; i < 2; i++) t->factor[i] = number(s, 2 + i);
    }
}

void report_free_cost(struct report *r) {
    for (size_t i = 0; i < r->knowns; i++) {
        free(r->known[i].name);
        free(r->known[i].revision);
        free(r->known[i].yosys);
        free(r->known[i].library);
    }
    for (size_t i = 0; i < r->terms; i++) {
        free(r->term[i].name);
        free(r->term[i].sentence);
    }
    free(r->known);
    free(r->term);
}

/* ---- As the page has it -------------------------------------------------------------------- */

static json_t *real_or_null(double x) {
    return isfinite(x) ? json_real(x) : json_null();
}

/* Root mean square, in percent of what they are, of what the law is off by without each. */
static double error_percent(const struct report *r, int kind) {
    double sum = 0, n = 0;
    for (size_t i = 0; i < r->knowns; i++) {
        double off = 100 * r->known[i].left_out[kind] / r->known[i].is[kind];
        if (isnan(off)) continue; /* of another RTL */
        sum += off * off;
        n++;
    }
    return n > 0 ? sqrt(sum / n) : NAN;
}

static json_t *pair(const double x[2]) {
    json_t *a = json_array();
    for (int i = 0; i < 2; i++) json_push(a, real_or_null(x[i]));
    return a;
}

json_t *report_law(const struct report *r) {
    if (!r->knowns) return json_null();
    json_t *o = json_object(), *known = json_array(), *terms = json_array();
    for (size_t i = 0; i < r->knowns; i++) {
        json_t *k = json_object();
        json_put(k, "name", json_string(r->known[i].name));
        json_put(k, "revision", json_string(r->known[i].revision));
        json_put(k, "is", pair(r->known[i].is));
        json_put(k, "fit", pair(r->known[i].fit));
        json_put(k, "left_out", pair(r->known[i].left_out));
        json_push(known, k);
    }
    for (size_t i = 0; i < r->terms; i++) {
        json_t *t = json_object();
        json_put(t, "name", json_string(r->term[i].name));
        json_put(t, "sentence", json_string(r->term[i].sentence));
        json_put(t, "factor", pair(r->term[i].factor));
        json_push(terms, t);
    }
    json_put(o, "yosys", json_string(r->known[0].yosys));
    json_put(o, "library", json_string(r->known[0].library));
    const double error[] = {error_percent(r, 0), error_percent(r, 1)};
    json_put(o, "error", pair(error));
    json_put(o, "known", known);
    json_put(o, "terms", terms);
    return o;
}
