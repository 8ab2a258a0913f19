/* SPDX-License-Identifier: Apache-2.0
 *
 * --config and --set, once for all verbs. What the command line says beats what a trace needs, and
 * that beats the configuration file: a person at the prompt knows best, a trace knows what it was
 * made to show.
 */
#include "config_args.h"
#include "config_file.h"
#include "error.h"
#include "replay.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct argp_option options[] = {
    {"config", 'c', "F", 0, "configuration: a name (`pagewalk config --list`) or a file", 1},
    {"set", 's', "K=V", 0, "one knob, over the file and the trace; any number of times", 1},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct config_args *a = state->input;
    switch (key) {
    case 'c': a->config = arg; return 0;
    case 's':
        if (!strchr(arg, '=')) argp_error(state, "--set %s: write KEY=VALUE", arg);
        a->sets = realloc(a->sets, (a->count + 1) * sizeof *a->sets);
        if (!a->sets) internal_error("no memory for --set");
        a->sets[a->count++] = arg;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

const struct argp config_argp = {options, parse, NULL, NULL, NULL, NULL, NULL};

static void assign_set(struct config *c, const char *set) {
    char key[64], place[160];
    size_t n = strcspn(set, "=");
    snprintf(key, sizeof key, "%.*s", (int)n, set);
    snprintf(place, sizeof place, "--set %s", set);
    config_assign(c, key, set + n + 1, place, 0);
}

const char *config_args_apply(struct config_args *a, const char *trace, struct config *c) {
    const char *base = config_load(c, a->config);
    if (trace) replay_trace_settings(trace, c);
    struct config before = *c;
    for (size_t i = 0; i < a->count; i++) assign_set(c, a->sets[i]);
    config_check(c);
    snprintf(a->name, sizeof a->name, "%s%s", base,
             memcmp(&before, c, sizeof before) ? "+set" : "");
    return a->name;
}

uint64_t option_count(struct argp_state *state, const char *option, const char *text) {
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 0);
    if (errno || end == text || *end || text[0] == '-') {
        argp_error(state, "--%s %s: a whole number is expected", option, text);
    }
    return n;
}
