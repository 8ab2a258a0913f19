/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk dump: any trace as text, on stdout. What it prints is a text trace again.
 */
#include "config_args.h"
#include "error.h"
#include "trace.h"
#include "verb.h"
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *in;
    struct config_args config; /* of what a generator of pins looks at */
};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct options *o = state->input;
    if (key == ARGP_KEY_INIT) state->child_inputs[0] = &o->config;
    if (key != ARGP_KEY_ARG) return ARGP_ERR_UNKNOWN;
    if (o->in) usage_error("dump one trace at a time", "a second trace: %s", arg);
    o->in = arg;
    return 0;
}

int verb_dump(int argc, char **argv) {
    static const struct argp_child children[] = {{&config_argp, 0, "Configuration:", 1}, {0}};
    static const struct argp argp = {NULL,     parse, "TRACE", "Print a trace in its text form.",
                                     children, NULL,  NULL};
    struct options o = {0};
    struct config config;
    struct trace_record r;
    char text[TRACE_TEXT_MAX + 64];
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (!o.in) usage_error("pagewalk dump TRACE", "no trace is named");
    config_args_apply(&o.config, o.in, &config);
    struct trace *t = trace_open_for(o.in, &config);
    puts(trace_first_line(trace_get_header(t)->pins));
    while (trace_next(t, &r)) {
        size_t n = trace_print(&r, text, sizeof text - 1);
        text[n] = '\n';
        if (fwrite(text, 1, n + 1, stdout) != n + 1) break;
    }
    trace_close(t);
    free(o.config.sets);
    if (fflush(stdout) || ferror(stdout)) {
        input_error("stdout", 0, 0, "is the disk full, or the reader gone?",
                    "cannot be written: %s", strerror(errno));
    }
    return EXIT_PASS;
}
