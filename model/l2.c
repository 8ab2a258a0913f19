/* SPDX-License-Identifier: Apache-2.0
 *
 * L2 TLB. The SRAM returns new data when read and written in one cycle (order rule 2), so the model
 * may read the arrays in the compare cycle instead of latching them. Mirror: rtl/mmu_l2.sv
 */
#include "l2.h"
#include "perm.h"

static struct l2_entry *entries_of(const struct l2 *l, vpn_t vpn) {
    return (struct l2_entry *)((uintptr_t)l + l->entries) + (vpn & (l->sets - 1)) * l->ways;
}

static uint64_t *valid_of(const struct l2 *l, vpn_t vpn) {
    struct l2_entry *all = (struct l2_entry *)((uintptr_t)l + l->entries);
    return (uint64_t *)(all + (size_t)l->sets * l->ways) + (vpn & (l->sets - 1));
}

size_t l2_bytes(const struct l2_shape *s) {
    return (sizeof(struct l2_entry) * s->ways + sizeof(uint64_t)) * s->sets +
           repl_bytes(s->sets, s->ways) + tlb_bytes(1, s->large);
}

void l2_init(struct l2 *l, const struct l2_shape *c, bool rv32, void *memory) {
    l->sets = c->sets;
    l->ways = c->ways;
    l->held = (uint8_t)c->large_sizes;
    l->rv32 = rv32;
    l->entries = (uint32_t)((uintptr_t)memory - (uintptr_t)l);
    l->clear = (struct cover){.active = false};
    struct l2_entry *all = memory;
    uint64_t *valid = (uint64_t *)(all + (size_t)l->sets * l->ways);
    for (uint32_t s = 0; s < l->sets; s++) valid[s] = 0;
    char *rest = (char *)(valid + l->sets);
    repl_init(&l->repl, c->repl, l->sets, l->ways, rest);
    tlb_init(&l->large, 1, c->large, c->repl, rest + repl_bytes(l->sets, l->ways));
}

/* ---- Lookup: the compare cycle
 * ------------------------------------------------------------------- */

struct l2_hit l2_lookup(const struct l2 *l, vpn_t vpn, uint16_t ctx, bool need_d) {
    const struct l2_entry *e = entries_of(l, vpn);
    uint64_t valid = *valid_of(l, vpn);
    for (uint32_t w = 0; w < l->ways; w++, e++) {
        if (!(valid >> w & 1) || e->vpn != vpn) continue;
        if (e->ctx != ctx && !(e->pte & PTE_G)) continue;
        if (need_d && !(e->pte & PTE_D)) continue;
        return (struct l2_hit){.way = (int)w, .large = false, .pte = e->pte, .level = 0};
    }
    int way = tlb_lookup(&l->large, vpn, ctx, need_d);
    if (way < 0) return (struct l2_hit){.way = -1};
    const struct tlb_entry *big = tlb_entry(&l->large, vpn, way);
    return (struct l2_hit){.way = way, .large = true, .pte = big->pte, .level = big->level};
}

void l2_touch(struct l2 *l, vpn_t vpn, const struct l2_hit *hit) {
    if (hit->large) {
        tlb_touch(&l->large, vpn, hit->way);
    } else {
        repl_touch(&l->repl, (uint32_t)(vpn & (l->sets - 1)), (unsigned)hit->way);
    }
}

/* ---- Fill
 * ---------------------------------------------------------------------------------------- */

struct l2_fill l2_fill(struct l2 *l, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t level,
                       uint8_t low) {
    struct l2_fill f = {.large = low != 0};
    if (f.large) {
        f.done = l->large.ways && (l->held >> leaf_size(l->rv32, pte, level) & 1);
        if (f.done) f.way = tlb_fill(&l->large, vpn, ctx, pte, level, low);
        return f;
    }
    f.done = l->ways != 0;
    if (!f.done) return f;
    uint64_t *valid = valid_of(l, vpn);
    f.set = (uint32_t)(vpn & (l->sets - 1));
    f.way = repl_choose(&l->repl, f.set, *valid);
    repl_evict(&l->repl, f.set, *valid);
    entries_of(l, vpn)[f.way] = (struct l2_entry){.vpn = vpn, .pte = pte, .ctx = ctx};
    *valid |= 1ull << f.way;
    repl_touch(&l->repl, f.set, f.way);
    return f;
}

/* ---- Fences
 * -------------------------------------------------------------------------------------- */

uint64_t l2_clear_match(const struct l2 *l) {
    uint64_t match = 0;
    if (!l->clear.active) return 0;
    const struct l2_entry *e = entries_of(l, l->clear.vpn);
    uint64_t valid = *valid_of(l, l->clear.vpn);
    for (uint32_t w = 0; w < l->ways; w++) {
        bool hit =
            (valid >> w & 1) && cover_tag(&l->clear, e[w].vpn, 0, e[w].ctx, e[w].pte & PTE_G);
        match |= (uint64_t)hit << w;
    }
    return match;
}

void l2_clear_apply(struct l2 *l, uint64_t match, const struct l2_fill *fill) {
    uint32_t set = (uint32_t)(l->clear.vpn & (l->sets - 1));
    if (fill->done && !fill->large && fill->set == set) match &= ~(1ull << fill->way);
    *valid_of(l, l->clear.vpn) &= ~match;
    l->clear.active = false;
}

void l2_fence(struct l2 *l, const struct cover *c) {
    if (l->large.ways) tlb_invalidate(&l->large, c);
    if (c->by_va)
        l->clear = *c; /* by ASID alone: the old context number no longer matches anything */
}

void l2_flash(struct l2 *l) {
    uint64_t *valid = valid_of(l, 0);
    for (uint32_t s = 0; s < l->sets; s++) valid[s] = 0;
    tlb_flash(&l->large);
}

/* ---- Digest ------------------------------------------------------------------------------ */

uint32_t l2_fold(const struct l2 *l) {
    uint32_t small = 0;
    if (l->ways) {
        small = repl_fold(&l->repl);
        for (uint32_t s = 0; s < l->sets; s++) small = fold(small, *valid_of(l, s));
    }
    return fold(small, tlb_fold(&l->large));
}
