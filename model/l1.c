/* SPDX-License-Identifier: Apache-2.0
 *
 * One L1 TLB of one array or two. Mirror: rtl/mmu_l1.sv
 */
#include "l1.h"
#include "perm.h"

size_t l1_bytes(const struct l1_shape *s) {
    return tlb_bytes(s->sets, s->ways) + tlb_bytes(1, s->super);
}

void l1_init(struct l1 *l, const struct l1_shape *s, bool rv32, void *memory) {
    tlb_init(&l->base, s->sets, s->ways, s->repl, memory);
    tlb_init(&l->super, 1, s->super, s->repl, (char *)memory + tlb_bytes(s->sets, s->ways));
    l->taken = (uint8_t)(s->super ? s->super_sizes : 0);
    l->held = (uint8_t)(s->sizes & ~(unsigned)l->taken);
    l->rv32 = rv32;
}

struct l1_hit l1_lookup(const struct l1 *l, vpn_t vpn, uint16_t ctx, bool need_d) {
    struct l1_hit h = {.way = tlb_lookup(&l->base, vpn, ctx, need_d)};
    if (h.way >= 0) {
        h.entry = tlb_entry(&l->base, vpn, h.way);
        return h;
    }
    if (!l->super.ways) return h;
    h.super = true;
    h.way = tlb_lookup(&l->super, vpn, ctx, need_d);
    if (h.way >= 0) h.entry = tlb_entry(&l->super, vpn, h.way);
    return h;
}

void l1_touch(struct l1 *l, vpn_t vpn, const struct l1_hit *hit) {
    tlb_touch(hit->super ? &l->super : &l->base, vpn, hit->way);
}

struct l1_fill l1_fill(struct l1 *l, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t level,
                       uint8_t low) {
    uint8_t size = leaf_size(l->rv32, pte, level);
    struct l1_fill f = {.super = l->taken >> size & 1};
    f.done = f.super || (l->held >> size & 1);
    if (!f.done) return f;
    struct tlb *t = f.super ? &l->super : &l->base;
    f.set = (unsigned)(vpn & (t->sets - 1));
    f.way = tlb_fill(t, vpn, ctx, pte, level, low);
    return f;
}

void l1_invalidate(struct l1 *l, const struct cover *c) {
    tlb_invalidate(&l->base, c);
    if (l->super.ways) tlb_invalidate(&l->super, c);
}

void l1_flash(struct l1 *l) {
    tlb_flash(&l->base);
    if (l->super.ways) tlb_flash(&l->super);
}

uint32_t l1_fold(const struct l1 *l) {
    return fold(tlb_fold(&l->base), tlb_fold(&l->super));
}
