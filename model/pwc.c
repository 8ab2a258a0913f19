/* SPDX-License-Identifier: Apache-2.0
 *
 * Page-walk cache of one level. A VA fence leaves it alone: sfence.vma with rs1 != x0 orders leaf
 * PTEs only [priv, SFENCE.VMA]. Mirror: rtl/mmu_pwc.sv
 */
#include "pwc.h"

static struct pwc_entry *all_of(const struct pwc *p) {
    return (struct pwc_entry *)((uintptr_t)p + p->entries);
}

size_t pwc_bytes(uint32_t ways) {
    return ((sizeof(struct pwc_entry) * ways + 7) & ~(size_t)7) + repl_bytes(1, ways);
}

void pwc_init(struct pwc *p, uint32_t ways, uint32_t low, struct repl_kind kind, void *memory) {
    p->ways = ways;
    p->low = low;
    p->entries = (uint32_t)((uintptr_t)memory - (uintptr_t)p);
    struct pwc_entry *e = memory;
    for (uint32_t w = 0; w < ways; w++) e[w] = (struct pwc_entry){.valid = false};
    repl_init(&p->repl, kind, 1, ways, (char *)memory + ((sizeof *e * ways + 7) & ~(size_t)7));
}

int pwc_lookup(const struct pwc *p, vpn_t vpn, uint16_t ctx) {
    const struct pwc_entry *e = all_of(p);
    for (uint32_t w = 0; w < p->ways; w++) {
        /* [TLB-8] */
        if (e[w].valid && e[w].ctx == ctx && e[w].tag == vpn >> p->low) return (int)w;
    }
    return -1;
}

const struct pwc_entry *pwc_entry(const struct pwc *p, int way) {
    return all_of(p) + way;
}

unsigned pwc_fill(struct pwc *p, vpn_t vpn, uint16_t ctx, ppn_t ppn, bool global) {
    struct pwc_entry *e = all_of(p);
    uint64_t valid = 0;
    for (uint32_t w = 0; w < p->ways; w++) valid |= (uint64_t)e[w].valid << w;
    int same = pwc_lookup(p, vpn, ctx);
    unsigned way = same >= 0 ? (unsigned)same : repl_choose(&p->repl, 0, valid);
    if (same < 0) repl_evict(&p->repl, 0, valid);
    e[way] = (struct pwc_entry){
        .tag = vpn >> p->low, .ppn = ppn, .ctx = ctx, .global = global, .valid = true};
    repl_touch(&p->repl, 0, way);
    return way;
}

void pwc_fence(struct pwc *p, const struct cover *c) {
    struct pwc_entry *e = all_of(p);
    /* [FEN-11] */
    if (c->by_va) return;
    for (uint32_t w = 0; w < p->ways; w++) {
        if (e[w].valid && cover_tag(c, 0, 0, e[w].ctx, e[w].global)) e[w].valid = false;
    }
}

void pwc_flash(struct pwc *p) {
    struct pwc_entry *e = all_of(p);
    for (uint32_t w = 0; w < p->ways; w++) e[w].valid = false;
}

uint32_t pwc_fold(const struct pwc *p) {
    const struct pwc_entry *e = all_of(p);
    uint64_t valid = 0;
    if (!p->ways) return 0;
    for (uint32_t w = 0; w < p->ways; w++) valid |= (uint64_t)e[w].valid << w;
    return fold(repl_fold(&p->repl), valid);
}
