/* SPDX-License-Identifier: Apache-2.0
 *
 * Flip-flop TLB. The set is picked by the low bits of the 4 KiB page number, whatever the page
 * size, so with more than one set a superpage may stand in several sets, once in each; a VA fence
 * compares every set. Mirror: rtl/mmu_tlb.sv
 */
#include "tlb.h"

static struct tlb_entry *set_of(const struct tlb *t, vpn_t vpn) {
    struct tlb_entry *all = (struct tlb_entry *)((uintptr_t)t + t->entries);
    return all + (vpn & (t->sets - 1)) * t->ways;
}

size_t tlb_bytes(uint32_t sets, uint32_t ways) {
    return sizeof(struct tlb_entry) * sets * ways + repl_bytes(sets, ways);
}

void tlb_init(struct tlb *t, uint32_t sets, uint32_t ways, struct repl_kind kind, void *memory) {
    struct tlb_entry *all = memory;
    t->sets = sets;
    t->ways = ways;
    t->entries = (uint32_t)((uintptr_t)memory - (uintptr_t)t);
    for (uint32_t i = 0; i < sets * ways; i++) all[i] = (struct tlb_entry){.valid = false};
    repl_init(&t->repl, kind, sets, ways, all + (size_t)sets * ways);
}

/* ---- Lookup
 * -------------------------------------------------------------------------------------- */

int tlb_lookup(const struct tlb *t, vpn_t vpn, uint16_t ctx, bool need_d) {
    const struct tlb_entry *e = set_of(t, vpn);
    for (uint32_t w = 0; w < t->ways; w++, e++) {
        if (!e->valid || (e->vpn ^ vpn) >> e->low) continue;
        /* [TLB-1, TLB-2, TLB-3] */
        if (e->ctx != ctx && !(e->pte & PTE_G)) continue;
        /* [VM-9.10] */
        if (need_d && !(e->pte & PTE_D)) continue;
        return (int)w;
    }
    return -1;
}

const struct tlb_entry *tlb_entry(const struct tlb *t, vpn_t vpn, int way) {
    return set_of(t, vpn) + way;
}

void tlb_touch(struct tlb *t, vpn_t vpn, int way) {
    repl_touch(&t->repl, (uint32_t)(vpn & (t->sets - 1)), (unsigned)way);
}

/* ---- Fill
 * ---------------------------------------------------------------------------------------- */

static bool overlaps(const struct tlb_entry *e, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t low) {
    uint8_t larger = e->low > low ? e->low : low;
    if (!e->valid || (e->vpn ^ vpn) >> larger) return false;
    return e->ctx == ctx || ((e->pte | pte) & PTE_G);
}

unsigned tlb_fill(struct tlb *t, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t level, uint8_t low) {
    uint32_t set = (uint32_t)(vpn & (t->sets - 1));
    struct tlb_entry *e = set_of(t, vpn);
    uint64_t valid = 0, overlap = 0;
    for (uint32_t w = 0; w < t->ways; w++) {
        valid |= (uint64_t)e[w].valid << w;
        overlap |= (uint64_t)overlaps(&e[w], vpn, ctx, pte, low) << w;
    }
    unsigned way = overlap ? (unsigned)__builtin_ctzll(overlap) : repl_choose(&t->repl, set, valid);
    if (!overlap) repl_evict(&t->repl, set, valid);
    for (uint32_t w = 0; w < t->ways; w++) e[w].valid = e[w].valid && !(overlap >> w & 1);
    e[way] = (struct tlb_entry){
        .vpn = vpn, .pte = pte, .ctx = ctx, .level = level, .low = low, .valid = true};
    repl_touch(&t->repl, set, way);
    return way;
}

/* ---- Fences
 * -------------------------------------------------------------------------------------- */

void tlb_invalidate(struct tlb *t, const struct cover *c) {
    struct tlb_entry *e = (struct tlb_entry *)((uintptr_t)t + t->entries);
    for (uint32_t i = 0; i < t->sets * t->ways; i++, e++) {
        if (e->valid && cover_tag(c, e->vpn, e->low, e->ctx, e->pte & PTE_G)) e->valid = false;
    }
}

void tlb_flash(struct tlb *t) {
    struct tlb_entry *e = (struct tlb_entry *)((uintptr_t)t + t->entries);
    for (uint32_t i = 0; i < t->sets * t->ways; i++) e[i].valid = false;
}

/* ---- Digest ------------------------------------------------------------------------------ */

uint32_t tlb_fold(const struct tlb *t) {
    const struct tlb_entry *e = set_of(t, 0);
    if (!t->ways) return 0;
    uint32_t d = repl_fold(&t->repl);
    for (uint32_t s = 0; s < t->sets; s++) {
        uint64_t ways = 0;
        for (uint32_t w = 0; w < t->ways; w++) ways |= (uint64_t)e++->valid << w;
        d = fold(d, ways);
    }
    return d;
}
