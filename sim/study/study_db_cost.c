/* SPDX-License-Identifier: Apache-2.0
 *
 * Gates of the points in the database, with what they follow from: the synthesized configurations
 * and the law fitted to them. They depend on no result, so they are written anew whenever more has
 * been synthesized (`pagewalk study --cost DB`).
 */
#include "config_file.h"
#include "error.h"
#include "study_gates.h"
#include "study_sql.h"
#include <jansson.h>
#include <math.h>

static void put_number(sqlite3_stmt *s, int at, double x) {
    if (isfinite(x)) sqlite3_bind_double(s, at, x);
    /* what has no number is NULL */
    else
        sqlite3_bind_null(s, at);
}

static void store_law(struct study_db *d, const struct gates_law *l) {
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO law VALUES (?,?,?,?)");
#define TERM(name, value, sentence) #name,
    static const char *const names[] = {GATES_TERMS_OF(TERM)};
#undef TERM
    for (int i = 0; l->holds && i < GATES_TERMS; i++) {
        if (!l->varies[i]) continue;
        sql_text(s, 1, names[i]);
        sql_text(s, 2, gates_sentences[i]);
        put_number(s, 3, l->factor[GATES_FLIP_FLOPS][i]);
        put_number(s, 4, l->factor[GATES_ALL][i]);
        sql_end(d, s);
    }
    sqlite3_finalize(s);
}

static void store_synthesis(struct study_db *d, const struct gates_law *l) {
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO synthesis VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < l->all; i++) {
        const struct gates_known *k = &l->known[i];
        const char *const texts[] = {k->name, k->hash, k->commit, k->rtl, k->yosys, k->library};
        bool in_law = l->holds && i < l->count;
        for (int n = 0; n < 6; n++) sql_text(s, 1 + n, texts[n]);
        sql_count(s, 7, k->sram_bits);
        for (int kind = 0; kind < GATES_KINDS; kind++) {
            put_number(s, 8 + kind, k->is[kind]);
            put_number(s, 10 + kind, in_law ? k->fit[kind] : NAN);
            put_number(s, 12 + kind, in_law ? k->left_out[kind] : NAN);
        }
        sql_end(d, s);
    }
    sqlite3_finalize(s);
}

/* A knob that is younger than the database has its default there. */
static void read_knobs(struct config *c, const char *text, const char *path) {
    json_t *knobs = json_loads(text, 0, NULL), *value;
    const char *key;
    config_defaults(c);
    json_object_foreach(knobs, key, value) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        config_assign(c, key, json_is_string(value) ? json_string_value(value) : number, path, 0);
    }
    json_decref(knobs);
}

static size_t store_points(struct study_db *d, const struct gates_law *l) {
    size_t points = 0;
    sqlite3_stmt *p = sql_prepare(d, "SELECT point, knobs FROM point JOIN config USING (config)");
    sqlite3_stmt *s = sql_prepare(d, "INSERT INTO cost VALUES (?,?,?,?,?)");
    for (; sql_step(d, p); points++) {
        struct config c;
        read_knobs(&c, (const char *)sqlite3_column_text(p, 1), d->path);
        struct gates g = gates_of(l, &c);
        bool known = g.method != GATES_UNKNOWN;
        sql_count(s, 1, (uint64_t)sqlite3_column_int64(p, 0));
        sql_text(s, 2, gates_methods[g.method]);
        put_number(s, 3, known ? g.is[GATES_FLIP_FLOPS] : NAN);
        put_number(s, 4, known ? g.is[GATES_ALL] : NAN);
        sql_count(s, 5, g.sram_bits);
        sql_end(d, s);
    }
    sqlite3_finalize(p);
    sqlite3_finalize(s);
    return points;
}

size_t study_db_cost(struct study_db *d) {
    struct gates_law law;
    gates_read_shipped(&law);
    sql_run(d, "SAVEPOINT cost; DELETE FROM cost; DELETE FROM synthesis; DELETE FROM law");
    store_law(d, &law);
    store_synthesis(d, &law);
    size_t points = store_points(d, &law);
    sql_run(d, "RELEASE cost");
    gates_free(&law);
    return points;
}
