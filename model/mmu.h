/* SPDX-License-Identifier: Apache-2.0
 *
 * The cycle-exact C model of rtl/mmu.sv: same pins in, same pins out, every clock edge.
 * docs/microarchitecture.md states the order rules both follow. State is one block of memory
 * without pointers into itself: mmu_copy makes a checkpoint.
 */
#ifndef PW_MMU_H
#define PW_MMU_H
#include "config.h"
#include "ports.h"
#include "types.h"
#include <stdbool.h>
#include <stddef.h>

struct mmu;

/* The model's own counts, the fourth opinion's first witness. */
struct mmu_stats {
    uint64_t l1_lookups[2],
        l1_hits[2]; /* [0] fetch, [1] data; every accepted request that needs translation */
    uint64_t l2_lookups, l2_hits;
    uint64_t
        pwc_hits[5]; /* [k] walks that began below a cached pointer of level k; [0]: none hit */
    uint64_t walks, pte_reads, pte_bytes, ad_writes, merged, holds, retries, shared;
    uint64_t line_hits, line_waits, line_fills;
    uint64_t prefetches, prefetches_used; /* pages fetched ahead; and then asked for */
    uint64_t walk_latency_sum, walk_latency_min, walk_latency_max, walks_ended;
    uint64_t active_cycles;
};

size_t mmu_size(const struct config *);             /* bytes of state for this configuration */
void mmu_init(struct mmu *, const struct config *); /* as after reset */
void mmu_step(struct mmu *, const struct mmu_in *, struct mmu_out *); /* one clock edge */
/* Would an edge with these pins, if it takes no request, change nothing but time? */
bool mmu_quiet(const struct mmu *, const struct mmu_in *);
/* `cycles` more edges like the last, which was quiet, took no request, had `in` and showed `out`.
 */
void mmu_rest(struct mmu *, const struct mmu_in *, const struct mmu_out *, uint64_t cycles);
const struct mmu_stats *mmu_get_stats(const struct mmu *);

/* A slot, as a waveform shows it: the registers of rtl/mmu_slot.sv, in its layout. */
enum { MMU_SLOTS_MAX = 32 };
struct mmu_slot {
    uint64_t va, base, pte; /* pte: as the RTL keeps it, N and PBMT next to the PPN */
    uint16_t last;
    uint8_t state, id, access, priv, level, source, cause, lead;
    bool sum, mxr, stale, fresh, again, killed, global, line, single;
};
unsigned mmu_slots(const struct mmu *, struct mmu_slot out[MMU_SLOTS_MAX]); /* how many there are */

/* Whether the pins ev_*_state_o are driven: a look at all of the state in each cycle. */
void mmu_watch(struct mmu *, bool);

size_t mmu_dump(const struct mmu *, char *out,
                size_t bytes); /* every live slot and counter by name, as text */

#endif
