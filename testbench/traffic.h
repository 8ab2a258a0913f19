/* SPDX-License-Identifier: Apache-2.0
 *
 * Random traffic on the pins of an MMU, without a kernel and without a program: requests, kills,
 * fences, writes of every CSR, page-table changes, A/D races, bus errors, resets, at rates no
 * program would choose. Opinion 2 judges every answer and every A/D write, opinion 4 keeps the
 * books; a lock-step engine compares every pin.
 *
 * The same bench takes a stimulus of the caller's, an edge at a time, and tells either as records
 * (pins.h), which replay it: the trace reader of `traffic:` and `translate:` makes its traces so.
 */
#ifndef PW_TRAFFIC_H
#define PW_TRAFFIC_H
#include "config.h"
#include "engine.h"
#include "pins.h"
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

enum { TRAFFIC_MEMORY = 2 << 20 }; /* bytes: page tables, no data */

/* Runs `cycles` clock edges and drains. Same configuration and seed: same stimulus. */
void traffic_run(struct engine *, const struct config *, uint32_t seed, uint64_t cycles,
                 struct traffic_result *);

/* ---- An edge at a time ----------------------------------------------------------------------- */
struct traffic;
/* Memory is empty; `told` hears of all that is offered, or is NULL. */
struct traffic *traffic_new(struct engine *, const struct config *, struct traffic_result *,
                            pins_told *told, void *who);
void traffic_delete(struct traffic *);
/* The random stimulus: its page tables, and how many moods it has. What traffic_run draws, and the
 * self-test with it, is of the first 256; in the others PMP and PMA change under what goes on, page
 * sizes change without a fence, fences name what another root has cached, or pages differ in one
 * bit of their addresses alone. */
enum { TRAFFIC_MOODS = 4096, TRAFFIC_RUN_MOODS = 256 };
void traffic_seed(struct traffic *, uint32_t seed, unsigned moods);
void traffic_edge(struct traffic *); /* one edge of it, and a reset now and then */
/* One edge with these requests, kills, fences and CSR writes; what came out. */
void traffic_step(struct traffic *, const struct mmu_in *, struct mmu_out *);
void traffic_reset(struct traffic *);
void traffic_store(struct traffic *, paddr_t, uint64_t); /* a PTE, as long as PTEs are */
void traffic_rom(struct traffic *, paddr_t); /* a page that the bus refuses to write A and D in */

#endif
