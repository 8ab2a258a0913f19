/* SPDX-License-Identifier: Apache-2.0
 *
 * Page tables of random traffic: a few of each level, shared by a few roots, with a few words each.
 * Every bit of a PTE that a check looks at is wrong alone now and then, since a check that forgets
 * one bit is seen no other way.
 */
#include "traffic_internal.h"

#define roll traffic_roll

const uint32_t traffic_index_of[INDICES] = {0, 1, 2, 9, 255, 511};

/* The VPN of a level; of Sv32 the last index is the last there is. */
uint32_t traffic_index(struct traffic *t, uint32_t n) {
    uint32_t i = traffic_index_of[roll(t, n)];
    return t->csr.rv32 && i == 511 ? 1023 : i;
}

/* ---- Page tables ---------------------------------------------------------------------------- */

/* Level n tables are roots of the mode with n + 1 levels too. */
ppn_t traffic_table(unsigned level, unsigned k) {
    return (MEM_BASE >> PAGE_SHIFT) + level * TABLES + k;
}

/* A 64 KiB page, most often; a memory type. */
static pte_t typed(struct traffic *t, unsigned level, pte_t pte) {
    if (t->csr.rv32) return (uint32_t)pte;
    if (!roll(t, level ? 60 : 5)) {
        pte |= PTE_N;
        if (roll(t, 12))
            pte = (pte & ~(15ull << PTE_PPN_SHIFT)) | (pte_t)NAPOT_ENCODING << PTE_PPN_SHIFT;
    }
    return roll(t, 5) ? pte : pte | (pte_t)(1 + roll(t, 2)) << PTE_PBMT_SHIFT;
}

static pte_t random_pte(struct traffic *t, unsigned level) {
    pte_t flags = PTE_V | (pte_t)(roll(t, 4) ? PTE_A : 0) | (pte_t)(roll(t, 2) ? PTE_D : 0) |
                  (pte_t)(roll(t, 2) ? PTE_U : 0) | (pte_t)(roll(t, 6) ? 0 : PTE_G) |
                  (pte_t)roll(t, 4) << 8;
    if (!roll(t, 12)) return roll(t, 2) ? 0 : (pte_t)roll(t, 1024) & ~PTE_V;
    if (!level && !roll(t, 24)) /* a pointer where none may be */
        return PTE_V | traffic_table(0, roll(t, TABLES)) << PTE_PPN_SHIFT;
    if (level && roll(t, 4)) {
        pte_t pointer = PTE_V | (pte_t)(roll(t, 8) ? 0 : PTE_G) | (pte_t)roll(t, 4) << 8;
        if (!roll(t, 40)) pointer |= 1ull << (4 + 2 * roll(t, 2)); /* reserved: U, A in a pointer */
        if (!roll(t, 60))
            return pointer | (pte_t)(0x10 + roll(t, 8)) << PTE_PPN_SHIFT; /* no memory there */
        if (!roll(t, 60))
            pointer |= 1ull << (PTE_PPN_SHIFT + 30 + roll(t, 14)); /* none so far out */
        /* a table may be one of another level as well: they map themselves */
        unsigned below = roll(t, 12) ? level - 1 : roll(t, traffic_levels(t));
        return pointer | traffic_table(below, roll(t, TABLES)) << PTE_PPN_SHIFT;
    }
    ppn_t ppn = ((ppn_t)roll(t, 1 << 16) << 12 | roll(t, 4096)) &
                ~((1ull << (traffic_level_bits(t) * level)) - 1);
    if (!roll(t, 8))
        ppn |= (ppn_t)roll(t, 1 << 16) << 28 & ~((1ull << (traffic_level_bits(t) * level)) - 1);
    if (!roll(t, 16))
        ppn |= 1ull << (28 + roll(t, 16)); /* one bit alone may be all that is too wide */
    if (level && !roll(t, 12))
        ppn |= 1ull << roll(t, traffic_level_bits(t) * level); /* misaligned */
    static const pte_t rwx[8] = {
        PTE_R, PTE_R | PTE_W, PTE_R | PTE_X,        PTE_R | PTE_W | PTE_X, PTE_R | PTE_W | PTE_X,
        PTE_X, PTE_R | PTE_W, PTE_R | PTE_W | PTE_X};
    flags |= roll(t, 30) ? rwx[roll(t, 8)] : roll(t, 2) ? PTE_W : PTE_W | PTE_X;
    if (!roll(t, 40)) flags |= 1ull << (54 + roll(t, 10));
    return typed(t, level, flags | ppn << PTE_PPN_SHIFT);
}

/* Words have 4 or 8 bytes. */
pte_t traffic_read_word(const struct traffic *t, paddr_t pa) {
    pte_t pte = 0;
    mem_read(t->mem, pa, &pte, t->csr.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
    return pte;
}

paddr_t traffic_word_at(const struct traffic *t, unsigned level, unsigned k, uint32_t index) {
    return (traffic_table(level, k) << PAGE_SHIFT) +
           index * (t->csr.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
}

/* Neighbours alike: what one L1 entry may serve; one bit of one of them may be another. */
static void write_block(struct traffic *t, unsigned k, uint32_t index) {
    uint32_t pages = 2u << roll(t, 4);
    pte_t pte = random_pte(t, 0) & ~(PTE_N | (pte_t)(pages - 1) << PTE_PPN_SHIFT);
    paddr_t first = traffic_word_at(t, 0, k, index & ~(pages - 1));
    bool rv32 = t->csr.rv32;
    for (uint32_t n = 0; n < pages; n++)
        traffic_store(t, first + n * (rv32 ? SV32_PTE_BYTES : PTE_BYTES),
                      pte + ((pte_t)n << PTE_PPN_SHIFT));
    if (roll(t, 3)) return;
    paddr_t other = first + roll(t, pages) * (rv32 ? SV32_PTE_BYTES : PTE_BYTES);
    traffic_store(t, other, traffic_read_word(t, other) ^ 1ull << roll(t, rv32 ? 32 : 64));
}

/* Of a NAPOT range one word in four, or all of it. */
void traffic_change_pte(struct traffic *t) {
    unsigned level = roll(t, traffic_levels(t));
    if (!roll(t, 4)) {
        t->result->pte_changes++;
        write_block(t, roll(t, TABLES), traffic_index(t, INDICES));
        return;
    }
    paddr_t pa = traffic_word_at(t, level, roll(t, TABLES), traffic_index(t, INDICES));
    pte_t old = traffic_read_word(t, pa);
    pte_t now = roll(t, 3) ? random_pte(t, level)
                           : old ^ (roll(t, 2)   ? PTE_A
                                    : roll(t, 2) ? PTE_D
                                                 : PTE_W);
    t->result->pte_changes++;
    traffic_store(t, pa, now);
    if (!(now & PTE_N) || level || !roll(t, 4)) return;
    paddr_t first = pa & ~(paddr_t)(NAPOT_PTES * PTE_BYTES - 1);
    for (unsigned n = 0; n < NAPOT_PTES; n++) traffic_store(t, first + n * PTE_BYTES, now);
}

/* A few pages of 4 KiB in each root that nothing refuses: they fill L2, and are found there. */

void traffic_build_tables(struct traffic *t) {
    for (unsigned level = 0; level < traffic_levels(t); level++) {
        for (unsigned k = 0; k < TABLES; k++) {
            for (unsigned i = 0; i < INDICES; i++) {
                uint32_t index = t->csr.rv32 && i == INDICES - 1 ? 1023 : traffic_index_of[i];
                traffic_store(t, traffic_word_at(t, level, k, index), random_pte(t, level));
            }
            for (uint32_t i = 0; !level && i < 4; i++) write_block(t, k, i * 15 % 32);
        }
    }
}
