/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of known answers share: a replay on the C model, and its region behind a warm-up.
 */
#ifndef PW_KNOWN_KIT_H
#define PW_KNOWN_KIT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "config.h"
#include "replay.h"
#include <stdio.h>
#include <string.h>

enum { KNOWN_HEAD = 3 }; /* records of a generator before its first access */

static struct replay_result whole, region;

/* The defaults, with true LRU in every structure: what theory speaks of. */
static inline struct config known_config(void) {
    struct config c;
    config_defaults(&c);
    c.l1d_repl = c.l2_repl = c.pwc_repl = REPL_LRU;
    return c;
}

static inline void known_replay(const char *trace, const struct config *c, uint64_t warmup) {
    struct replay_options o = {.engine = "model", .no_check = true, .warmup = warmup};
    struct config with = *c;
    replay_trace_settings(trace, &with);
    replay_trace(trace, &with, &o, &whole);
    if (whole.exit_code) fail_msg("%s", whole.report);
    replay_region(&whole, &region);
}

#endif
