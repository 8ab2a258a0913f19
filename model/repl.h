/* SPDX-License-Identifier: Apache-2.0
 *
 * Replacement state of one structure. Mirror: rtl/mmu_repl.sv
 *
 * A victim is the first invalid way, else the policy's choice from the state at the start of the
 * cycle. Within one cycle the fill is touched before the hit (order rule 7). The LFSR and the FIFO
 * pointer step only when a full set picks a victim.
 */
#ifndef PW_REPL_H
#define PW_REPL_H
#include "config.h"
#include "types.h"
#include <stddef.h>

struct repl_state {
    uint8_t policy; /* enum repl */
    uint8_t ways;
    uint16_t lfsr; /* RANDOM */
    uint32_t sets;
    uint32_t state; /* byte offset from this struct: one uint64_t a set (PLRU bits, FIFO way), then
                       LRU ranks */
};

/* How a structure replaces: its knob, and where the LFSR starts. */
struct repl_kind {
    uint8_t policy; /* enum repl */
    uint16_t seed;
};
static inline struct repl_kind repl_kind(const struct config *c, uint32_t policy) {
    return (struct repl_kind){(uint8_t)policy, (uint16_t)c->repl_seed};
}

size_t repl_bytes(uint32_t sets, uint32_t ways);
void repl_init(struct repl_state *, struct repl_kind, uint32_t sets, uint32_t ways, void *state);
unsigned repl_choose(const struct repl_state *, uint32_t set,
                     uint64_t valid); /* the victim; changes nothing */
void repl_evict(struct repl_state *, uint32_t set,
                uint64_t valid); /* a full set gave up its victim */
void repl_touch(struct repl_state *, uint32_t set, unsigned way);
uint32_t repl_fold(const struct repl_state *); /* digest of every set's state */

#endif
