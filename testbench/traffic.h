/* SPDX-License-Identifier: Apache-2.0
 *
 * Random traffic on the pins of an MMU, without a kernel and without a program: requests, kills,
 * fences, writes of every CSR, page-table changes, A/D races, bus errors, resets, at rates no
 * program would choose. Opinion 2 judges every answer and every A/D write, opinion 4 keeps the
 * books; a lock-step engine compares every pin.
 */
#ifndef PW_TRAFFIC_H
#define PW_TRAFFIC_H
#include "config.h"
#include "engine.h"
#include <stdbool.h>
#include <stdint.h>

struct traffic_result {
    uint64_t cycles, resets, requests, answers, faults, killed, fences, csr_writes, pte_changes,
        ad_writes, hits;
    uint64_t prefetches, prefetches_used, coalesced;
    uint64_t stimulus; /* hash of all inputs: equal seeds give equal stimulus */
    bool failed;
    uint64_t failed_cycle;
    char opinion[16]; /* "cycle", "spec", "counters", "hang", "assert" */
    char why[1024];
};

/* Runs `cycles` clock edges and drains. Same configuration and seed: same stimulus. */
void traffic_run(struct engine *, const struct config *, uint32_t seed, uint64_t cycles,
                 struct traffic_result *);

#endif
