/* SPDX-License-Identifier: Apache-2.0
 *
 * The objects that --json prints: one a line, keys in the order of docs/interface.md.
 */
#ifndef PW_JSON_H
#define PW_JSON_H
#include "overhead.h"
#include "ps.h"
#include <jansson.h>

#define JSON_SCHEMA 1

/* What is known about a replay beside its result. */
struct run_facts {
    const char *trace, *engine, *config_name;
    uint64_t from;                   /* first record of the window, 0: from the start */
    uint64_t intervals;              /* records of one, 0: none */
    const struct overhead *overhead; /* NULL: not asked for */
    const struct ps *ps;             /* what --ps asked for */
};

/* What `reduce` found. */
struct reduce_facts {
    const char *trace, *output, *engine, *config_name, *signature, *command;
    uint64_t before, after, replays; /* records; attempts */
    double seconds;
    bool whole; /* not interrupted */
};

json_t *json_config(const struct config *, const char *name); /* of every object */
void json_print_reduce(FILE *, const struct config *, const struct reduce_facts *);
void json_print_run(FILE *, const struct config *, const struct run_facts *,
                    const struct replay_result *);
void json_print_config(FILE *, const struct config *, const char *name);

#endif
