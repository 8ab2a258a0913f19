/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk record: a program runs under qemu-user with the recorder's plugin inside, and every
 * access and every request to the kernel that concerns memory becomes a record of a trace.
 *
 * The program's own input, output and exit are untouched; its exit status is reported, not
 * returned: a program may fail and its recording be good. A recording that cannot be right is
 * removed.
 */
#include "error.h"
#include "progress.h"
#include "record.h"
#include "verb.h"
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_ARCH = 256, OPTION_SKIP, OPTION_MAX };

static const struct argp_option options[] = {
    {"output", 'o', "FILE.pwt", 0, "the trace to write", 0},
    {"arch", OPTION_ARCH, "ARCH", 0, "architecture of the program: riscv64", 0},
    {"root", 'L', "DIR", 0,
     "where its loader, libraries and files are: a riscv64 system's tree "
     "(default /usr/riscv64-linux-gnu)",
     0},
    {"skip", OPTION_SKIP, "N", 0, "leave out the first N accesses; mappings are kept", 0},
    {"max", OPTION_MAX, "N", 0, "record N accesses, then end the program", 0},
    {0}};

static uint64_t parse_count(const char *option, const char *text) {
    char *end;
    errno = 0;
    uint64_t n = strtoull(text, &end, 0);
    if (errno || *end || end == text || *text == '-')
        usage_error("a whole number, 0 and up", "%s: `%s` is no number of accesses", option, text);
    return n;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct record_options *o = state->input;
    switch (key) {
    case 'o': o->output = arg; return 0;
    case 'L': o->root = arg; return 0;
    case OPTION_ARCH: o->arch = arg; return 0;
    case OPTION_SKIP: o->skip = parse_count("--skip", arg); return 0;
    case OPTION_MAX: o->max = parse_count("--max", arg); return 0;
    case ARGP_KEY_ARGS:
        o->command = state->argv + state->next;
        state->next = state->argc;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* The guest's root as an absolute path: names of files are compared with it. "/" is none. */
static char *find_root(const char *given) {
    const char *root = given ? given : "/usr/riscv64-linux-gnu";
    char *real = realpath(root, NULL);
    if (!real && given) input_error(given, 0, 0, "name a directory", "no such directory");
    if (!real || strcmp(real, "/") == 0) {
        free(real);
        real = strdup("");
    }
    if (!real) internal_error("out of memory");
    return real;
}

static _Noreturn void give_up(const struct record_options *o, const char *why) {
    unlink(o->output);
    input_error(o->command[0], 0, 0, "docs/recording.md says what a recording can hold", "%s", why);
}

int verb_record(int argc, char **argv) {
    static const struct argp argp = {
        options,
        parse,
        "[--] PROGRAM [ARGUMENT...]",
        "Runs PROGRAM under qemu-user and records its accesses and its memory calls.",
        NULL,
        NULL,
        NULL};
    struct record_options o = {.arch = "riscv64"};
    struct record_launch launch = {.fd = -1};
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o);
    if (!o.command || !o.command[0])
        usage_error("pagewalk record -o F.pwt -- PROGRAM", "no program to record");
    if (!o.output) usage_error("-o F.pwt", "no trace to write");
    char *root = find_root(o.root);
    o.root = root;
    record_find(&o, &launch);
    struct events *e = events_new(&o, &launch);
    record_start(&o, &launch);
    progress_begin("recording", events_accesses(e));
    int status = record_drain(&launch, e);
    progress_end();
    if (events_refusal(e)) give_up(&o, events_refusal(e));
    if (!events_started(e)) give_up(&o, "qemu-riscv64 did not start it; its message stands above");
    events_finish(e);
    events_report(e, status);
    events_delete(e);
    free(root);
    return EXIT_PASS;
}
