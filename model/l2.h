/* SPDX-License-Identifier: Apache-2.0
 *
 * The L2 TLB, shared by fetches and data, or one for each: an SRAM array of 4 KiB pages and a small
 * flip-flop array of larger ones, read in the same cycle, so one request is one lookup. Mirror:
 * rtl/mmu_l2.sv
 *
 * Several ways of a set may hold the same page (a global page walked under two ASIDs; D=0 and D=1).
 * That is harmless: a way whose D=0 cannot serve a store does not hit, the lowest hitting way
 * answers, and one fence drops all.
 */
#ifndef PW_L2_H
#define PW_L2_H
#include "tlb.h"

struct l2_entry {
    vpn_t vpn;
    pte_t pte;
    uint16_t ctx;
};

struct l2 {
    struct repl_state repl;
    struct tlb large; /* ways 0: absent */
    uint8_t held;     /* bit s: page size s may stand among the large pages */
    bool rv32;
    uint32_t sets, ways; /* ways 0: absent */
    uint32_t
        entries; /* byte offset from this struct: entries, then one uint64_t of valid bits a set */
    struct cover clear; /* second cycle of a VA fence: the set was read, matches are cleared */
};

/* Where a lookup hit. way < 0: nowhere. */
struct l2_hit {
    int way;
    bool large;
    pte_t pte;
    uint8_t level;
};

/* What one is built as: its knobs. */
struct l2_shape {
    uint32_t sets, ways, large, large_sizes;
    struct repl_kind repl;
};

size_t l2_bytes(const struct l2_shape *);
void l2_init(struct l2 *, const struct l2_shape *, bool rv32, void *memory);
struct l2_hit l2_lookup(const struct l2 *, vpn_t vpn, uint16_t ctx, bool need_d);
void l2_touch(struct l2 *, vpn_t vpn, const struct l2_hit *);
struct l2_fill {
    bool done, large;
    uint32_t set;
    unsigned way;
};
struct l2_fill l2_fill(struct l2 *, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t level, uint8_t low);
/* ways of the pending VA fence's set that it covers, as they stand at the start of the cycle */
uint64_t l2_clear_match(const struct l2 *);
/* ... and their valid bits go, but for a way filled in this cycle (`keep`) */
void l2_clear_apply(struct l2 *, uint64_t match, const struct l2_fill *fill);
void l2_fence(struct l2 *, const struct cover *);
void l2_flash(struct l2 *);
uint32_t l2_fold(const struct l2 *); /* digest: valid bits and replacement */

#endif
