/* SPDX-License-Identifier: Apache-2.0
 *
 * The self-test of the opinions: faults planted in a copy of RTL and C model, one at a time, and
 * the stimulus that must find them.
 */
#ifndef PW_SELFTEST_H
#define PW_SELFTEST_H
#include "engine.h"
#include <stdbool.h>
#include <stdint.h>

struct planted {
    unsigned number; /* 0: none */
    const char *name;
    char group;
    unsigned class;
    const char
        *kind; /* "rtl", or the opinion that must speak of a twin: "spec", "data", "counters" */
    const char *where; /* data: the trace; rtl: the configuration, if not small.conf */
    const char *sentence;
};

struct outcome {
    bool done, spoken; /* some opinion spoke */
    char opinion[16];
    char first[16];  /* data: who speaks first if all opinions listen */
    uint64_t cycles; /* until it did, clean runs before included */
    uint32_t seed;
    char stimulus[48]; /* "traffic", "directed", or the trace */
    char why[400];
};

static inline bool planted_twin(const struct planted *f) {
    return f->kind[0] != 'r';
}

/* Builds or finds the Verilated copy; on failure a sentence in `why`. */
bool stimulus_ready(char *why, unsigned long bytes);
/* From now on no fault is woken. */
void stimulus_asleep(void);
/* What traffic meets too rarely, driven by hand; only opinion 1 listens. */
void directed_run(struct engine *, const struct config *, struct outcome *);
/* One fault, until an opinion speaks or the stimulus ends. */
void stimulus_run(const struct planted *, struct outcome *);

#endif
