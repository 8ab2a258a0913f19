/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of `pagewalk run`, read and written back.
 */
#ifndef PW_RUN_ARGS_H
#define PW_RUN_ARGS_H
#include "config_args.h"
#include "ps.h"
#include "replay.h"

/* The options that say how a trace is replayed, for every verb that replays; its input is a struct
 * replay_options, set to its defaults before. */
extern const struct argp replay_argp;
void replay_defaults(struct replay_options *);
void run_args_engine(struct argp_state *, struct replay_options *, const char *engine);

struct run_args {
    struct config_args config;
    struct replay_options replay;
    struct event_options events;
    const char *events_path; /* --trace-file */
    bool json, summary, wave_at_fault, overhead;
    struct ps ps;
    char **traces;
    int count;
};

void run_args_parse(struct run_args *, int argc,
                    char **argv); /* usage errors end the program: exit 2 */
/* The command that replays this trace in exactly this way, for a shell. Returns `out`. */
const char *run_args_command(const struct run_args *, const char *trace, char *out, size_t bytes);
void run_args_free(struct run_args *);

#endif
