/* SPDX-License-Identifier: Apache-2.0
 *
 * Storage bits of a configuration: every bit of state that rtl/ declares for TLBs, walk caches,
 * lines of PTEs, streams and context numbers, replacement included, from the same formulas as the
 * RTL's own widths. Slots, pipeline registers and the output registers of the SRAMs are not storage
 * and not counted; synthesis may drop bits that are constant. testbench/test_study.sh holds this
 * file to what Yosys finds in the RTL.
 */
#include "study.h"

enum { VPN = 45, PTE = 57, LEVEL = 3, PPN = 44, FLAGS = 8, ASID = 16, LFSR = 16, SPAN = 3 };

/* $clog2 */
static uint64_t log_up(uint64_t n) {
    uint64_t bits = 0;
    while ((1ull << bits) < n) bits++;
    return bits;
}

/* rtl/mmu_repl.sv */
static uint64_t repl_bits(uint32_t policy, uint64_t sets, uint64_t ways) {
    if (ways <= 1) return 0;
    switch (policy) {
    case REPL_PLRU: return sets * ((1ull << log_up(ways)) - 1);
    case REPL_LRU: return sets * ways * log_up(ways);
    case REPL_FIFO: return sets * log_up(ways);
    default: return LFSR;
    }
}

/* rtl/mmu_tlb.sv, mmu_tlb_way.sv */
static uint64_t tlb_bits(uint32_t policy, uint64_t sets, uint64_t ways, uint64_t ctx) {
    return sets * ways * (1 + VPN + PTE + LEVEL + ctx) + repl_bits(policy, sets, ways);
}

/* rtl/mmu_l1.sv: beside the one array may stand one of superpages. Where nothing is coalesced the
 * span of an entry is a constant. */
static uint64_t l1_bits(const struct config *c, uint32_t policy, uint64_t sets, uint64_t ways,
                        uint64_t super) {
    uint64_t span = c->pte_coalesce ? SPAN * (sets * ways + super) : 0;
    return tlb_bits(policy, sets, ways, c->ctx_bits) +
           (super ? tlb_bits(policy, 1, super, c->ctx_bits) : 0) + span;
}

/* rtl/mmu_l2_small.sv: what stands in the SRAM, and beside it in flip-flops */
static uint64_t sram_bits(uint64_t sets, uint64_t ways, uint64_t ctx) {
    return sets * ways * (VPN - log_up(sets) + ctx + FLAGS + PPN);
}

static uint64_t small_bits(uint32_t policy, uint64_t sets, uint64_t ways, uint64_t ctx) {
    if (!ways) return 0;
    return sram_bits(sets, ways, ctx) + sets * ways + repl_bits(policy, sets, ways);
}

/* rtl/mmu_pwc.sv: a level's tag lacks what lower levels translate. */
static uint64_t pwc_bits(const struct config *c, uint64_t entries, uint64_t level) {
    uint64_t tag = VPN - (c->xlen == 32 ? 10 : 9) * level;
    return entries * (1 + 1 + tag + PPN + c->ctx_bits) + repl_bits(c->pwc_repl, 1, entries);
}

/* rtl/mmu_lines.sv: PTEs of a line, and of each whether it may answer, and its block. */
static uint64_t line_bits(const struct config *c) {
    uint64_t lines = c->pte_lines, ptes = c->xlen == 32 ? 16 : 8, pte = c->xlen == 32 ? 32 : PTE;
    uint64_t tag = VPN - log_up(ptes);
    uint64_t span = c->pte_coalesce ? SPAN : 0;
    return lines * (1 + 1 + tag + c->ctx_bits + ptes * (1 + pte + span)) +
           repl_bits(REPL_LRU, 1, lines);
}

/* rtl/mmu_prefetch.sv: of a stream its page, its side and three flags; whose turn it is, the score.
 */
static uint64_t prefetch_bits(const struct config *c) {
    uint64_t streams = c->prefetch_streams, turn = streams > 1 ? log_up(streams) : 1;
    return streams ? streams * (VPN + 4) + turn + 4 : 0;
}

/* rtl/mmu_ctx.sv */
static uint64_t ctx_bits(const struct config *c) {
    uint64_t entries = c->ctx_entries, pointer = entries > 1 ? log_up(entries) : 1;
    return entries * (1 + ASID + c->ctx_bits) + pointer + (c->ctx_bits + 1) + c->ctx_bits;
}

void study_bits_by(const struct config *c, struct study_bits_of *b) {
    b->l1i = l1_bits(c, c->l1i_repl, c->l1i_sets, c->l1i_ways, c->l1i_super);
    b->l1d = l1_bits(c, c->l1d_repl, c->l1d_sets, c->l1d_ways, c->l1d_super);
    b->l2 = small_bits(c->l2_repl, c->l2_sets, c->l2_ways, c->ctx_bits);
    b->l2 += c->l2_large ? tlb_bits(c->l2_repl, 1, c->l2_large, c->ctx_bits) : 0;
    b->l2 += small_bits(c->l2_repl, c->l2i_sets, c->l2i_ways, c->ctx_bits);
    b->l2 += c->l2i_large ? tlb_bits(c->l2_repl, 1, c->l2i_large, c->ctx_bits) : 0;
    b->pwc = pwc_bits(c, c->pwc_l1, 1) + pwc_bits(c, c->pwc_l2, 2) + pwc_bits(c, c->pwc_l3, 3) +
             pwc_bits(c, c->pwc_l4, 4) + line_bits(c) + prefetch_bits(c);
    b->ctx = ctx_bits(c);
}

uint64_t study_bits(const struct config *c) {
    struct study_bits_of b;
    study_bits_by(c, &b);
    return b.l1i + b.l1d + b.l2 + b.pwc + b.ctx;
}

uint64_t study_sram_bits(const struct config *c) {
    return sram_bits(c->l2_sets, c->l2_ways, c->ctx_bits) +
           sram_bits(c->l2i_sets, c->l2i_ways, c->ctx_bits);
}
