/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a study's database: each call ends the program, exit 3, if it is not one.
 */
#include "report_sql.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

_Noreturn void report_broken(const struct report *r, sqlite3 *db) {
    const char *remedy = "name a database that `pagewalk study` made";
    if (sqlite3_errcode(db) == SQLITE_ERROR) /* a table or column that this version has */
        remedy = "name a database of `pagewalk study` of this version, or run the study again";
    input_error(r->path, 0, 0, remedy, "%s", sqlite3_errmsg(db));
}

sqlite3_stmt *report_ask(const struct report *r, sqlite3 *db, const char *text) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db, text, -1, &s, NULL) != SQLITE_OK) report_broken(r, db);
    return s;
}

bool report_more(const struct report *r, sqlite3 *db, sqlite3_stmt *s) {
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) report_broken(r, db);
    sqlite3_finalize(s);
    return false;
}

void *report_grown(void *list, size_t count, size_t bytes) {
    void *longer = realloc(list, (count + 1) * bytes);
    if (!longer) internal_error("out of memory");
    memset((char *)longer + count * bytes, 0, bytes);
    return longer;
}

char *report_text(sqlite3_stmt *s, int column) {
    const char *text = (const char *)sqlite3_column_text(s, column);
    char *copy = strdup(text ? text : "");
    if (!copy) internal_error("out of memory");
    return copy;
}
