/* SPDX-License-Identifier: Apache-2.0
 *
 * One L1 TLB: an array, and beside it one for superpages if it has entries. A page size stands in
 * one of the two, or in none. Mirror: rtl/mmu_l1.sv
 *
 * Both may answer for a page whose size was changed without a fence. That is harmless: the first
 * array's answer goes before, and one fence drops both.
 */
#ifndef PW_L1_H
#define PW_L1_H
#include "config.h"
#include "tlb.h"

struct l1 {
    struct tlb base, super; /* super: ways 0: absent */
    uint8_t held, taken;    /* bit s: page size s stands in base, in super */
    bool rv32;
};

/* What one of them is built as: its knobs. */
struct l1_shape {
    uint32_t sets, ways, super, sizes, super_sizes;
    struct repl_kind repl;
};

/* Where a lookup hit. way < 0: nowhere. */
struct l1_hit {
    int way;
    bool super;
    const struct tlb_entry *entry;
};

struct l1_fill {
    bool done, super;
    unsigned set, way;
};

size_t l1_bytes(const struct l1_shape *);
void l1_init(struct l1 *, const struct l1_shape *, bool rv32, void *memory);
struct l1_hit l1_lookup(const struct l1 *, vpn_t vpn, uint16_t ctx, bool need_d);
void l1_touch(struct l1 *, vpn_t vpn, const struct l1_hit *);
struct l1_fill l1_fill(struct l1 *, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t level, uint8_t low);
void l1_invalidate(struct l1 *, const struct cover *);
void l1_flash(struct l1 *);
uint32_t l1_fold(const struct l1 *); /* digest: valid bits and replacement */

#endif
