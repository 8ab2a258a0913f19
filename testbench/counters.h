/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 4: what the pins say happened, counted without knowing what is inside. Fed with every
 * clock edge, it is compared at the end with the model's own counts and with the driver's, and with
 * two laws that hold for any MMU: every accepted request is answered, killed or still there; and
 * walks in flight, summed over all cycles, is the sum of what the walks took (Little's law, exact
 * because it is counted over the same edges).
 */
#ifndef PW_COUNTERS_H
#define PW_COUNTERS_H
#include "config.h"
#include "mmu.h"
#include "ports.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COUNTERS_TAGS = 64,
    COUNTERS_PORTS = 2,
    COUNTERS_LATENCIES = 4096 /* cycles of a walk, one bin each; the last has the longer ones too */
};

struct counters {
    uint64_t cycles, active_cycles, walker_cycles, walking_cycles;
    uint64_t accepted[2], translating[2], hit_answers[2], miss_answers[2],
        killed[2];                                    /* [0] fetch, [1] data */
    uint64_t from_walk[2], from_l2[2], from_merge[2]; /* miss answers by source */
    uint64_t source_fits; /* miss answers whose source agrees with the probe */
    uint64_t l1_lookups[2], l1_hits[2], l2_lookups, l2_hits, pwc_hits[5];
    uint64_t from_line[2], line_hits, line_waits, line_fills;
    uint64_t coalesced[2]; /* L1 fills that serve more than their page */
    uint64_t prefetches, prefetches_used, prefetch_reads; /* in no other count but pte_reads */
    uint64_t updates; /* a bit a tag: its last request was a compare and write */
    uint64_t walks, pte_reads, pte_bytes, ad_writes, merged, holds, retries, shared, fences,
        csr_writes;
    uint64_t walk_latency_sum, walk_latency_min, walk_latency_max, walks_ended;
    uint64_t walk_latency[COUNTERS_LATENCIES];
    uint64_t pages[SIZE_COUNT], l1_missed[2][SIZE_COUNT], l2_missed[SIZE_COUNT];
    uint32_t walked[2], found_l2[2];     /* bit i: id i's walk has ended; its first L2 lookup hit */
    uint32_t late[2];                    /* hits accepted and still to be answered: L1 latency 1 */
    uint32_t latency[2];                 /* of an L1 hit, by port */
    uint32_t found_line[2];              /* a kept line answers it */
    uint32_t live[2];                    /* bit i: id i is accepted and not answered */
    uint64_t open, start[COUNTERS_TAGS]; /* walks in flight by slot, and the cycle of their start */
    uint64_t restart; /* slots whose next start goes on with a walk, held or given up */
    uint64_t dying;   /* slots killed while their read was offered: busy until it is taken */
    uint64_t walks_killed, killed_latency_sum;
    /* Which slot works for which request: misses of one port look up L2 in the order of acceptance.
     */
    uint8_t waiting[2][32],
        waiting_count[2]; /* ids accepted, not answered, and not looked up yet */
    uint8_t slot_of[2][32], owner[COUNTERS_TAGS];
    int8_t root_of[2][32];        /* `root` when the request was accepted */
    uint8_t reads[COUNTERS_TAGS]; /* PTE reads made for the request that owns the slot */
    uint32_t fetch_slots, pa_bits;
    uint32_t ahead_slot; /* that of prefetch: its walks are not counted with the others */
    bool rv32;
    bool root_wide; /* the root table is beyond the physical address width */
    int root;       /* level of the root table; -1: Bare */
};

/* What the driver counted for itself. */
struct counters_driver {
    uint64_t issued[2], answered[2], killed[2];
};

void counters_init(struct counters *, const struct config *);
void counters_step(struct counters *, const struct mmu_in *,
                   const struct mmu_out *); /* after each edge */
void counters_rest(struct counters *, const struct mmu_in *, const struct mmu_out *,
                   uint64_t cycles); /* so many more edges like the last, in which nothing was */
/* Adds what was counted before a reset. */
void counters_add(struct counters *, const struct counters *before);
/* PTE reads made for the request that was answered last under this id, on the miss channel. */
static inline unsigned counters_reads(const struct counters *c, unsigned port, unsigned id) {
    return c->reads[c->slot_of[port][id]];
}
/* All of one mind? If not, `why` names the count and both values. `model` may be NULL. */
bool counters_agree(const struct counters *, const struct mmu_stats *model,
                    const struct counters_driver *, char *why, size_t bytes);

#endif
