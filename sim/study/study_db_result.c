/* SPDX-License-Identifier: Apache-2.0
 *
 * Results in the database: a job's counts, intervals and latencies in one transaction.
 */
#define _GNU_SOURCE
#include "config_file.h"
#include "study_schema.h"
#include "study_sql.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int bind_counts(sqlite3_stmt *s, int at, const struct study_counts *c) {
#define COUNT(name, value, sentence) sql_count(s, at++, c->name);
#include "study_count.def"
#undef COUNT
    return at;
}

static void store_effort(struct study_db *d, const struct study_job *j,
                         const struct study_result *r) {
    char host[256] = "", when[32];
    time_t t = time(NULL);
    gethostname(host, sizeof host - 1);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
    sqlite3_stmt *s = sql_prepare(d, "INSERT OR REPLACE INTO effort VALUES (?,?,?,?)");
    sql_text(s, 1, j->hash);
    sqlite3_bind_double(s, 2, r->seconds);
    sql_text(s, 3, when);
    sql_text(s, 4, host);
    sql_end(d, s);
    sqlite3_finalize(s);
}

static void store_parts(struct study_db *d, const struct study_job *j,
                        const struct study_result *r) {
    sqlite3_stmt *s = sql_prepare(d, study_insert_interval);
    for (int i = 0; i < STUDY_INTERVALS; i++) {
        sql_text(s, 1, j->hash);
        sql_count(s, 2, (uint64_t)i);
        bind_counts(s, 3, &r->interval[i]);
        sql_end(d, s);
    }
    sqlite3_finalize(s);
    s = sql_prepare(d, "INSERT OR REPLACE INTO latency VALUES (?,?)");
    char text[STUDY_LATENCIES * 32] = "";
    for (uint32_t i = 0; i < r->latencies; i++) {
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%" PRIu32 ":%" PRIu64, i ? " " : "",
                 r->latency[i].cycles, r->latency[i].walks);
    }
    sql_text(s, 1, j->hash);
    sql_text(s, 2, text);
    sql_end(d, s);
    sqlite3_finalize(s);
}

void study_db_store(struct study_db *d, const struct study_plan *p, const struct study_result *r) {
    const struct study_job *j = &p->job[r->job];
    char config[17];
    config_hash_text(&j->config, config);
    sql_run(d, "BEGIN IMMEDIATE");
    sqlite3_stmt *s = sql_prepare(d, study_insert_result);
    sql_text(s, 1, j->hash);
    sql_text(s, 2, p->trace[j->trace].name);
    sql_text(s, 3, p->trace[j->trace].hash);
    sql_text(s, 4, config);
    sql_text(s, 5, p->program);
    sql_text(s, 6, "timed");
    sql_count(s, 7, j->warmup);
    sql_count(s, 8, STUDY_INTERVALS);
    int at = bind_counts(s, 9, &r->region);
    bind_counts(s, at, &r->whole);
    sql_end(d, s);
    sqlite3_finalize(s);
    store_parts(d, j, r);
    store_effort(d, j, r);
    sql_run(d, "COMMIT");
}

double study_db_rate(struct study_db *d) {
    sqlite3_stmt *s = sql_prepare(d, "SELECT sum(whole_accesses) / sum(seconds) FROM result "
                                     "JOIN effort USING (job)");
    sql_step(d, s);
    double rate = sqlite3_column_double(s, 0);
    sqlite3_finalize(s);
    return rate;
}
