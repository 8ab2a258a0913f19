/* SPDX-License-Identifier: Apache-2.0
 *
 * PTE-line buffer. A fence takes a line whole: by address it goes by the 64 KiB around it, since
 * one PTE of a NAPOT range answers for all of it. Mirror: rtl/mmu_lines.sv
 */
#include "lines.h"

static struct line *all_of(const struct lines *l) {
    return (struct line *)((uintptr_t)l + l->entries);
}

size_t lines_bytes(uint32_t ways) {
    return sizeof(struct line) * ways + repl_bytes(1, ways);
}

void lines_init(struct lines *l, uint32_t ways, uint32_t coalesce, bool rv32, void *memory) {
    struct line *e = memory;
    l->ways = ways;
    l->low = rv32 ? 4 : 3;
    l->coalesce = coalesce;
    l->entries = (uint32_t)((uintptr_t)memory - (uintptr_t)l);
    for (uint32_t w = 0; w < ways; w++) e[w] = (struct line){.valid = false};
    repl_init(&l->repl, (struct repl_kind){.policy = REPL_LRU}, 1, ways, e + ways);
}

pte_t lines_word(const uint64_t data[8], vpn_t vpn, bool rv32) {
    return rv32 ? (uint32_t)(data[vpn >> 1 & 7] >> 32 * (vpn & 1)) : data[vpn & 7];
}

/* ---- Lookup ------------------------------------------------------------------------------ */

int lines_lookup(const struct lines *l, vpn_t vpn, uint16_t ctx) {
    const struct line *e = all_of(l);
    for (uint32_t w = 0; w < l->ways; w++) {
        /* [TLB-8] */
        if (e[w].valid && e[w].tag == vpn >> l->low && (e[w].ctx == ctx || e[w].global))
            return (int)w;
    }
    return -1;
}

bool lines_answer(const struct lines *l, int way, vpn_t vpn, bool need_d, pte_t *pte,
                  uint8_t *span) {
    if (way < 0) return false;
    const struct line *e = &all_of(l)[way];
    unsigned k = (unsigned)(vpn & ((1u << l->low) - 1));
    *pte = e->pte[k] | (e->global ? PTE_G : 0);
    *span = e->span[k];
    /* [VM-9.10] */
    return e->usable >> k & 1 && (!need_d || *pte & PTE_D);
}

/* ---- Blocks of neighbours that translate alike. Mirror: rtl/mmu_blocks.sv ----------------- */

/* May a PTE answer? And with A set, for a prefetch and for a neighbour. */
static bool usable(pte_t pte, struct pte_rules rules) {
    return pte_classify(pte, 0, rules) == PTE_KIND_LEAF && pte & PTE_A;
}

/* Aligned blocks of 2, 4 or 8 pages whose PTEs may answer, differ in nothing but the page number
 * (RSW is software's), and lie one after another from a page number aligned as the block is. A
 * NAPOT range is never part of one: its PTEs have all the same page number. */
static bool block_of(const uint64_t data[8], vpn_t vpn, unsigned log2, struct pte_rules rules) {
    vpn_t first = vpn >> log2 << log2;
    pte_t pte = lines_word(data, first, rules.rv32);
    for (vpn_t k = 0; k < 1ull << log2; k++) {
        pte_t next = lines_word(data, first + k, rules.rv32);
        if (!usable(next, rules) || ((next - (k << PTE_PPN_SHIFT)) ^ pte) & ~PTE_RSW) return false;
    }
    return !(pte_ppn(pte) & ((1u << log2) - 1));
}

uint8_t lines_block(const struct lines *l, const uint64_t data[8], vpn_t vpn,
                    struct pte_rules rules) {
    for (unsigned log2 = l->coalesce; log2; log2--) {
        if (block_of(data, vpn, log2, rules)) return (uint8_t)log2;
    }
    return 0;
}

/* ---- Fill -------------------------------------------------------------------------------- */

unsigned lines_fill(struct lines *l, vpn_t vpn, uint16_t ctx, const uint64_t data[8], bool global,
                    struct pte_rules rules) {
    struct line *e = all_of(l), new = {.tag = vpn >> l->low, .ctx = ctx, .global = global};
    uint64_t valid = 0, same = 0;
    for (unsigned k = 0; k < 1u << l->low; k++) {
        new.pte[k] = lines_word(data, k, rules.rv32);
        new.usable |= (uint16_t)(usable(new.pte[k], rules) << k);
        new.span[k] = lines_block(l, data, k, rules);
    }
    for (uint32_t w = 0; w < l->ways; w++) {
        valid |= (uint64_t)e[w].valid << w;
        same |= (uint64_t)(e[w].valid && e[w].tag == new.tag &&
                           (e[w].ctx == ctx || e[w].global || global))
                << w;
    }
    unsigned way = same ? (unsigned)__builtin_ctzll(same) : repl_choose(&l->repl, 0, valid);
    if (!same) repl_evict(&l->repl, 0, valid);
    for (uint32_t w = 0; w < l->ways; w++) e[w].valid = e[w].valid && !(same >> w & 1);
    e[way] = new;
    e[way].valid = true;
    repl_touch(&l->repl, 0, way);
    return way;
}

/* ---- What drops a line ------------------------------------------------------------------- */

void lines_drop(struct lines *l, vpn_t vpn) {
    struct line *e = all_of(l);
    for (uint32_t w = 0; w < l->ways; w++) e[w].valid &= e[w].tag != vpn >> l->low;
}

void lines_fence(struct lines *l, const struct cover *c) {
    const uint32_t range = NAPOT_SHIFT - PAGE_SHIFT;
    struct line *e = all_of(l);
    for (uint32_t w = 0; w < l->ways; w++) {
        /* [FEN-4, FEN-5, FEN-6] */
        if (cover_tag(c, e[w].tag << l->low, (uint8_t)range, e[w].ctx, e[w].global))
            e[w].valid = false;
    }
}

void lines_flash(struct lines *l) {
    struct line *e = all_of(l);
    for (uint32_t w = 0; w < l->ways; w++) e[w].valid = false;
}

uint32_t lines_fold(const struct lines *l) {
    const struct line *e = all_of(l);
    uint64_t valid = 0;
    if (!l->ways) return 0;
    for (uint32_t w = 0; w < l->ways; w++) valid |= (uint64_t)e[w].valid << w;
    return fold(repl_fold(&l->repl), valid);
}
