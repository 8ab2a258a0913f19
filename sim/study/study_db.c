/* SPDX-License-Identifier: Apache-2.0
 *
 * The database of a study: SQLite with a write-ahead log, one writer. The plan (study, trace,
 * point, axis, row) is rewritten whole at each start; results are only ever added, each with its
 * intervals in one transaction, so a killed study has a result whole or not at all. What differs
 * from run to run (seconds, when) stands in a table of its own, `effort`: all other tables of two
 * runs are equal row for row.
 *
 * One study at a time: a lock on DB.lock, which the system gives back however the holder ends.
 */
#define _GNU_SOURCE
#include "error.h"
#include "study_schema.h"
#include "study_sql.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Errors and statements ----------------------------------------------------------------- */

/* The lock that is held goes with the program. */
void study_db_unlock(const struct study_db *d) {
    unlink(d->lock_path);
    close(d->lock);
}

static _Noreturn void broken(const struct study_db *d) {
    int code = sqlite3_extended_errcode(d->sql), os = sqlite3_system_errno(d->sql);
    const char *remedy = "name a database that can be written; what is in it stands";
    if ((code & 255) == SQLITE_FULL || (code & 255) == SQLITE_IOERR)
        remedy = "free some space, then go on with --resume: every finished job is kept";
    if ((code & 255) == SQLITE_ERROR) /* a table without a column that this version counts */
        remedy = "made by another version of pagewalk, as it seems: a new database, -o";
    if ((code & 255) == SQLITE_NOTADB || (code & 255) == SQLITE_CORRUPT)
        remedy = "name a database that `pagewalk study` made, or a new file";
    study_db_unlock(d);
    input_error(d->path, 0, 0, remedy, "%s%s%s%s", sqlite3_errmsg(d->sql), os ? " (" : "",
                os ? strerror(os) : "", os ? ")" : "");
}

void sql_run(struct study_db *d, const char *text) {
    if (sqlite3_exec(d->sql, text, NULL, NULL, NULL) != SQLITE_OK) broken(d);
}

sqlite3_stmt *sql_prepare(struct study_db *d, const char *text) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(d->sql, text, -1, &s, NULL) != SQLITE_OK) broken(d);
    return s;
}

void sql_text(sqlite3_stmt *s, int at, const char *text) {
    sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

void sql_count(sqlite3_stmt *s, int at, uint64_t n) {
    sqlite3_bind_int64(s, at, (sqlite3_int64)n);
}

bool sql_step(struct study_db *d, sqlite3_stmt *s) {
    int code = sqlite3_step(s);
    if (code != SQLITE_ROW && code != SQLITE_DONE) broken(d);
    return code == SQLITE_ROW;
}

void sql_end(struct study_db *d, sqlite3_stmt *s) {
    sql_step(d, s);
    sqlite3_reset(s);
}

/* ---- Opening ------------------------------------------------------------------------------- */

/* A lock on a file that somebody has removed meanwhile is none. */
static bool lock_stands(const struct study_db *d) {
    struct stat held, there;
    return !fstat(d->lock, &held) && !stat(d->lock_path, &there) && held.st_ino == there.st_ino &&
           held.st_dev == there.st_dev;
}

static void take_lock(struct study_db *d) {
    snprintf(d->lock_path, sizeof d->lock_path, "%s.lock", d->path);
    do {
        d->lock = open(d->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (d->lock < 0)
            input_error(d->path, 0, 0, "name a database in a directory that can be written", "%s",
                        strerror(errno));
        if (flock(d->lock, LOCK_EX | LOCK_NB)) {
            char who[24] = "?";
            ssize_t n = pread(d->lock, who, sizeof who - 1, 0);
            if (n > 0) who[n] = 0;
            input_error(d->path, 0, 0, "wait for it, or give this study a database of its own: -o",
                        "another study works on this database (process %s)", who);
        }
    } while (!lock_stands(d) && !close(d->lock));
    char who[24];
    int n = snprintf(who, sizeof who, "%d", (int)getpid());
    /* for the message above alone */
    if (ftruncate(d->lock, 0) || pwrite(d->lock, who, (size_t)n, 0) != n) return;
}

static void check_schema(struct study_db *d) {
    sqlite3_stmt *s = sql_prepare(d, "PRAGMA application_id");
    sql_step(d, s);
    int id = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    s = sql_prepare(d, "SELECT count(*) FROM sqlite_master");
    sql_step(d, s);
    bool empty = sqlite3_column_int(s, 0) == 0;
    sqlite3_finalize(s);
    if (empty || id == STUDY_APPLICATION) return;
    study_db_unlock(d);
    input_error(d->path, 0, 0, "name a database that `pagewalk study` made, or a new file",
                "this database is not one of a study, or of another version");
}

struct study_db *study_db_open(const char *path) {
    struct study_db *d = calloc(1, sizeof *d);
    if (!d) internal_error("out of memory");
    snprintf(d->path, sizeof d->path, "%s", path);
    take_lock(d);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error here, not a death */
    if (sqlite3_open(path, &d->sql) != SQLITE_OK) broken(d);
    sqlite3_busy_timeout(d->sql, 10000); /* a reader may be in the way for a moment */
    check_schema(d);
    sql_run(d, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    sql_run(d, study_schema);
    return d;
}

/* The log is folded in and the pages are packed, so that the database is one small file to keep,
 * send or read. Without the room to pack it stays as it is. */
void study_db_close(struct study_db *d) {
    sql_run(d, "PRAGMA journal_mode = DELETE");
    sqlite3_exec(d->sql, "VACUUM", NULL, NULL, NULL);
    if (sqlite3_close(d->sql) != SQLITE_OK) broken(d);
    study_db_unlock(d);
    free(d);
}
