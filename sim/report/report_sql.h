/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of a study's database share.
 */
#ifndef PW_REPORT_SQL_H
#define PW_REPORT_SQL_H
#include "study_report.h"
#include <sqlite3.h>

_Noreturn void report_broken(const struct report *, sqlite3 *);
sqlite3_stmt *report_ask(const struct report *, sqlite3 *, const char *text);
bool report_more(const struct report *, sqlite3 *,
                 sqlite3_stmt *);                           /* false: no row, and finalized */
void *report_grown(void *list, size_t count, size_t bytes); /* room for one more, of zeros */
char *report_text(sqlite3_stmt *, int column);              /* the caller frees */

void report_load_cost(struct report *, sqlite3 *);
void report_free_cost(struct report *);

#endif
