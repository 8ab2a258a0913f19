/* SPDX-License-Identifier: Apache-2.0
 *
 * Moods of random traffic in which few pages are mapped and nothing refuses them: what a structure
 * does with what it holds is seen there, since nearly every access fills or hits.
 *
 * elsewhere: two roots and more share them, and fences name those of one while another runs: an
 *     entry must go from a set of L2 that is being filled.
 * sizes: their sizes change and no fence tells: a larger page fills over several smaller ones.
 * twins: each has a twin whose VPN differs in one bit: a comparison that forgets it, in one way of
 *     one structure, takes the one for the other.
 */
#include "traffic_internal.h"

#define roll traffic_roll

/* ---- Their tables ------------------------------------------------------------------------ */

static const pte_t leaf = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D;

/* A table, or a page of 4 KiB. */
static pte_t plain_pte(struct traffic *t, unsigned level) {
    if (!level) return leaf | (pte_t)roll(t, 1 << 16) << PTE_PPN_SHIFT;
    return PTE_V | traffic_table(level - 1, roll(t, TABLES)) << PTE_PPN_SHIFT;
}

/* A few pages of 4 KiB in each root that nothing refuses: they fill L2, and are found there. */
static void write_plain(struct traffic *t) {
    for (unsigned level = 0; level < traffic_levels(t); level++) {
        for (unsigned k = 0; k < TABLES; k++) {
            for (uint32_t i = 0; i < FEW; i++) {
                paddr_t word = traffic_word_at(t, level, k, traffic_index_of[i]);
                traffic_store(t, word, plain_pte(t, level));
            }
        }
    }
}

/* The pages of 64 KiB of a table that sizes are changed in; two words of each are reached. */
enum { RANGES = 3, PAIR = 2 };

static void write_range(struct traffic *t, unsigned k, uint32_t first) {
    bool napot = !t->csr.rv32 && t->config->hart_svnapot && roll(t, 3);
    pte_t ppn = roll(t, 1 << 12) << 4;
    for (uint32_t n = 0; n < NAPOT_PTES; n++) {
        pte_t low = napot ? NAPOT_ENCODING : n;
        traffic_store(t, traffic_word_at(t, 0, k, first + n),
                      leaf | (ppn | low) << PTE_PPN_SHIFT | (napot ? PTE_N : 0));
    }
}

/* A page of another size, or a table in its place, where there was a translation. */
static void change_size(struct traffic *t) {
    unsigned level = roll(t, t->csr.rv32 ? 2 : 3), k = roll(t, TABLES);
    t->result->pte_changes++;
    if (!level) {
        write_range(t, k, roll(t, RANGES) * NAPOT_PTES);
        return;
    }
    ppn_t table = traffic_table(level - 1, roll(t, TABLES));
    pte_t large = (pte_t)roll(t, level == 1 ? 64 : 1) << traffic_level_bits(t);
    traffic_store(t, traffic_word_at(t, level, k, traffic_index_of[roll(t, FEW)]),
                  roll(t, 2) ? leaf | large << PTE_PPN_SHIFT : PTE_V | table << PTE_PPN_SHIFT);
}

/* Beside each word that leads to a page one that leads to its twin. */
static void write_twins(struct traffic *t) {
    unsigned bits = traffic_level_bits(t), level = t->twin / bits;
    for (unsigned k = 0; k < TABLES; k++) {
        for (uint32_t i = 0; i < FEW; i++) {
            uint32_t index = traffic_index_of[i] ^ 1u << t->twin % bits;
            traffic_store(t, traffic_word_at(t, level, k, index), plain_pte(t, level));
        }
    }
}

/* ---- What is offered --------------------------------------------------------------------- */

/* An address under the mode that runs: its upper half is that of bit `bits - 1`. */
static vaddr_t canonical(const struct traffic *t, vaddr_t va) {
    unsigned up = 64 - (PAGE_SHIFT + traffic_level_bits(t) * traffic_mode_levels(t));
    return t->csr.rv32 ? (uint32_t)va : (vaddr_t)((int64_t)(va << up) >> up);
}

/* One of the few pages of each root, that write_plain maps or change_size. */
vaddr_t traffic_of_few(struct traffic *t) {
    vpn_t vpn = roll(t, FEW) | (vpn_t)!roll(t, 3) << traffic_level_bits(t);
    if (traffic_sizes(t)) {
        vpn = roll(t, RANGES) * NAPOT_PTES + roll(t, PAIR) +
              ((vpn_t)roll(t, FEW) << traffic_level_bits(t));
        if (!t->csr.rv32) vpn |= (vpn_t)!roll(t, 4) << 2 * traffic_level_bits(t);
    }
    if (traffic_twins(t) && roll(t, 2)) vpn ^= (vpn_t)1 << t->twin;
    return canonical(t, vpn << PAGE_SHIFT | roll(t, PAGE_BYTES));
}

/* Of a root that does not run; the page is one that the other root is about to fill, perhaps. */
static void offer_fence_elsewhere(struct traffic *t) {
    uint64_t satp = t->csr.satp;
    uint32_t running =
        t->csr.rv32 ? satp >> SATP32_ASID_SHIFT & 511 : satp >> SATP_ASID_SHIFT & 0xffff;
    traffic_offer_fence(t);
    if (!roll(t, 40)) return;
    t->in.fence_rs1_i = t->in.fence_rs2_i = 1;
    t->in.fence_va_i = traffic_of_few(t);
    if (t->count && roll(t, 4)) t->in.fence_va_i = t->live[roll(t, t->count)].request.va;
    t->in.fence_asid_i = (uint16_t)((running + 1 + roll(t, ROOTS - 1)) % ROOTS);
}

/* Of two roots and more the one or the other runs; what one of them has cached goes by a fence that
 * names it. Little else happens, or walks would not end in a fill. */
static void offer_elsewhere(struct traffic *t) {
    bool fills = memport_due(&t->port) - t->cycle <= 2; /* perhaps, before a fence is done */
    bool bare = !(t->csr.satp >> (t->csr.rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT));
    traffic_offer_requests(t);
    if (!roll(t, 8)) traffic_offer_kills(t);
    if (!roll(t, 600)) traffic_change_pte(t);
    if (!roll(t, fills ? 4 : 60))
        offer_fence_elsewhere(t);
    else if (!roll(t, bare ? 10 : 60))
        traffic_offer_satp(t);
}

/* Where sizes change fences are rare, or the large pages would not meet the small ones. */
static void offer_few(struct traffic *t) {
    bool bare = !(t->csr.satp >> (t->csr.rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT));
    traffic_offer_requests(t);
    if (traffic_sizes(t) && !roll(t, 20)) change_size(t);
    if (!roll(t, traffic_sizes(t) ? 300 : 60))
        traffic_offer_fence(t);
    else if (!roll(t, bare ? 10 : 600))
        traffic_offer_satp(t);
}

void traffic_begin_mood(struct traffic *t) {
    t->mood = roll(t, t->moods);
    if (traffic_few(t)) write_plain(t);
    for (unsigned k = 0; traffic_sizes(t) && k < TABLES; k++)
        for (uint32_t n = 0; n < RANGES; n++) write_range(t, k, n * NAPOT_PTES);
    t->twin = roll(t, traffic_level_bits(t) * traffic_levels(t));
    if (traffic_twins(t)) write_twins(t);
}

void traffic_offer_few(struct traffic *t) {
    (traffic_elsewhere(t) ? offer_elsewhere : offer_few)(t);
}
