/* SPDX-License-Identifier: Apache-2.0
 *
 * The table that `run` prints for people: one row a trace, its page faults by kind below it.
 */
#ifndef PW_TABLE_H
#define PW_TABLE_H
#include "overhead.h"

void table_head(FILE *);
void table_row(FILE *, const char *name, const struct replay_result *);
void table_overhead(FILE *, const struct overhead *);
/* Adds the numbers of a trace to a sum, so that many small traces can share a row. */
void table_add(struct replay_result *sum, const struct replay_result *);
/* Page faults by kind, as "12 zero_page, 3 cow_copy"; "none" if there were none. Returns `out`. */
const char *table_faults(const struct replay_result *, char *out, size_t bytes);

#endif
