/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk faults: one line a page fault of a trace, in the order in which the kernel half took
 * them: sequence, pid, access, va, kind (with +k when the kernel's own access caused it), minor or
 * major; or the signal that ended the access. The machine is the C model, so a fault that a TLB
 * decides (spurious, ad_update) is one that this machine takes.
 */
#include "config_args.h"
#include "config_file.h"
#include "error.h"
#include "replay.h"
#include "verb.h"
#include <stdio.h>
#include <string.h>

struct arguments {
    struct config_args config;
    char *trace;
};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->config; return 0;
    case ARGP_KEY_ARG:
        if (a->trace) argp_error(state, "one trace at a time");
        a->trace = arg;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "name a trace"); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int verb_faults(int argc, char **argv) {
    static const struct argp_child children[] = {{&config_argp, 0, "Configuration:", 0}, {0}};
    static const struct argp argp = {
        NULL,
        parse,
        "TRACE",
        "Prints one line a page fault: sequence, pid, access, va, what the kernel half did (+k: on "
        "its own access), minor or major; or the signal.",
        children,
        NULL,
        NULL};
    struct arguments a;
    struct config config;
    struct replay_result result;
    memset(&a, 0, sizeof a);
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct replay_options options = {.engine = "model", .faults = stdout};
    options.config_name = config_args_apply(&a.config, a.trace, &config);
    replay_trace(a.trace, &config, &options, &result);
    if (fflush(stdout) || ferror(stdout))
        input_error("standard output", 0, 0, "free some space on the disk",
                    "the faults could not be written");
    if (result.exit_code) fputs(result.report, stderr);
    return result.exit_code;
}
