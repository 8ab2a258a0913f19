/* SPDX-License-Identifier: Apache-2.0
 *
 * The database handle and the few calls of SQLite that a study makes. Each ends the program if it
 * fails: exit 3, with what SQLite says and what to try.
 */
#ifndef PW_STUDY_SQL_H
#define PW_STUDY_SQL_H
#include "study.h"
#include <sqlite3.h>

struct study_db {
    sqlite3 *sql;
    char path[4096], lock_path[4200];
    int lock;
};

void sql_run(struct study_db *, const char *text); /* statements without results */
sqlite3_stmt *sql_prepare(struct study_db *, const char *text);
void sql_text(sqlite3_stmt *, int at, const char *); /* binds parameter `at`, from 1 */
void sql_count(sqlite3_stmt *, int at, uint64_t);
bool sql_step(struct study_db *, sqlite3_stmt *); /* true: there is a row */
void sql_end(struct study_db *, sqlite3_stmt *);  /* to the end, and ready for the next */
void study_db_unlock(const struct study_db *);

#endif
