/* SPDX-License-Identifier: Apache-2.0
 *
 * The options that choose a configuration, for every verb that has one: --config F and --set K=V.
 */
#ifndef PW_CONFIG_ARGS_H
#define PW_CONFIG_ARGS_H
#include "config.h"
#include <argp.h>
#include <stddef.h>
#include <stdint.h>

struct config_args {
    const char *config; /* --config, or NULL */
    const char **sets;  /* each --set, as typed */
    size_t count;
    char name[256]; /* filled by config_args_apply */
};

/* As a child of a verb's argp; its input is a struct config_args. */
extern const struct argp config_argp;

/* The effective configuration: --config, then the `set` lines of the trace (if not NULL), then
 * --set. Returns its name for `expect cycles N in NAME`; "NAME+set" once --set changed something.
 */
const char *config_args_apply(struct config_args *, const char *trace, struct config *);

/* A number of an option; what is none ends the program with exit 2. */
uint64_t option_count(struct argp_state *, const char *option, const char *text);

#endif
