/* SPDX-License-Identifier: Apache-2.0
 *
 * What random traffic offers. The address space is small on purpose (a few indices a level, a few
 * tables shared by a few roots), so that hits, merges, evictions, superpages over 4 KiB pages and
 * stale entries meet all the time; and every bit that a check looks at is wrong alone now and then,
 * since a check that forgets one bit is seen no other way.
 */
#include "traffic_internal.h"
#include <string.h>

static uint32_t roll(struct traffic *t, uint32_t n) { /* 0..n-1; xorshift64* */
    t->random ^= t->random >> 12;
    t->random ^= t->random << 25;
    t->random ^= t->random >> 27;
    return (uint32_t)((t->random * 0x2545f4914f6cdd1dull) >> 33) % n;
}

static const uint32_t index_of[INDICES] = {0, 1, 2, 9, 255, 511};

/* ---- Page tables ---------------------------------------------------------------------------- */

/* Table k of a level. Level 3 tables are Sv48 roots, level 2 tables are Sv39 roots too. */
static ppn_t table_ppn(unsigned level, unsigned k) {
    return (MEM_BASE >> PAGE_SHIFT) + level * TABLES + k;
}

static pte_t random_pte(struct traffic *t, unsigned level) {
    pte_t flags = PTE_V | (pte_t)(roll(t, 4) ? PTE_A : 0) | (pte_t)(roll(t, 2) ? PTE_D : 0) |
                  (pte_t)(roll(t, 2) ? PTE_U : 0) | (pte_t)(roll(t, 6) ? 0 : PTE_G) |
                  (pte_t)roll(t, 4) << 8;
    if (!roll(t, 12)) return roll(t, 2) ? 0 : (pte_t)roll(t, 1024) & ~PTE_V;
    if (!level && !roll(t, 24)) /* a pointer where none may be */
        return PTE_V | table_ppn(0, roll(t, TABLES)) << PTE_PPN_SHIFT;
    if (level && roll(t, 4)) {
        pte_t pointer = PTE_V | (pte_t)(roll(t, 8) ? 0 : PTE_G) | (pte_t)roll(t, 4) << 8;
        if (!roll(t, 40)) pointer |= 1ull << (4 + 2 * roll(t, 2)); /* reserved: U, A in a pointer */
        if (!roll(t, 60))
            return pointer | (pte_t)(0x10 + roll(t, 8)) << PTE_PPN_SHIFT; /* no memory there */
        if (!roll(t, 60))
            pointer |= 1ull << (PTE_PPN_SHIFT + 30 + roll(t, 14)); /* none so far out */
        return pointer | table_ppn(level - 1, roll(t, TABLES)) << PTE_PPN_SHIFT;
    }
    ppn_t ppn =
        ((ppn_t)roll(t, 1 << 16) << 12 | roll(t, 4096)) & ~((1ull << (LEVEL_BITS * level)) - 1);
    if (!roll(t, 8)) ppn |= (ppn_t)roll(t, 1 << 16) << 28 & ~((1ull << (LEVEL_BITS * level)) - 1);
    if (!roll(t, 16))
        ppn |= 1ull << (28 + roll(t, 16)); /* one bit alone may be all that is too wide */
    if (level && !roll(t, 12)) ppn |= 1ull << roll(t, LEVEL_BITS * level); /* misaligned */
    static const pte_t rwx[8] = {
        PTE_R, PTE_R | PTE_W, PTE_R | PTE_X,        PTE_R | PTE_W | PTE_X, PTE_R | PTE_W | PTE_X,
        PTE_X, PTE_R | PTE_W, PTE_R | PTE_W | PTE_X};
    flags |= roll(t, 30) ? rwx[roll(t, 8)] : roll(t, 2) ? PTE_W : PTE_W | PTE_X;
    if (!roll(t, 40)) flags |= 1ull << (54 + roll(t, 10));
    return flags | ppn << PTE_PPN_SHIFT;
}

static void change_pte(struct traffic *t) {
    unsigned level = roll(t, LEVELS);
    paddr_t pa =
        table_ppn(level, roll(t, TABLES)) << PAGE_SHIFT | index_of[roll(t, INDICES)] * PTE_BYTES;
    pte_t old = mem_read64(t->mem, pa);
    pte_t now = roll(t, 3) ? random_pte(t, level)
                           : old ^ (roll(t, 2)   ? PTE_A
                                    : roll(t, 2) ? PTE_D
                                                 : PTE_W);
    mem_write64(t->mem, pa, now);
    t->result->pte_changes++;
}

void traffic_build_tables(struct traffic *t) {
    for (unsigned level = 0; level < LEVELS; level++) {
        for (unsigned k = 0; k < TABLES; k++) {
            mem_mark_table(t->mem, table_ppn(level, k));
            for (unsigned i = 0; i < INDICES; i++) {
                mem_write64(t->mem, (table_ppn(level, k) << PAGE_SHIFT) + index_of[i] * PTE_BYTES,
                            random_pte(t, level));
            }
        }
    }
}

/* ---- Inputs of one cycle -------------------------------------------------------------------- */

static vaddr_t random_va(struct traffic *t) {
    bool sv48 = t->satp >> SATP_MODE_SHIFT == MODE_SV48;
    vaddr_t va = roll(t, PAGE_BYTES);
    for (unsigned level = 0; level < (sv48 ? 4u : 3u); level++) {
        uint32_t i = index_of[roll(t, t->mood & 1 ? 2 : INDICES)];
        va |= (vaddr_t)i << (PAGE_SHIFT + LEVEL_BITS * level);
    }
    /* any one bit of any level may differ alone: the cut tag of a cache is seen by that bit */
    if (!roll(t, 40)) va ^= 1ull << (PAGE_SHIFT + roll(t, LEVEL_BITS * (sv48 ? 4 : 3)));
    unsigned unused = sv48 ? 16 : 25;
    va = (vaddr_t)((int64_t)(va << unused) >> unused);
    if (!roll(t, 200)) va ^= 1ull << (38 + roll(t, 26)); /* most likely not canonical */
    return va;
}

static uint8_t free_id(struct traffic *t, int port) { /* 32: none */
    uint32_t free = ~t->used[port];
    if (!free || t->count >= LIVE_MAX - 2) return 32;
    uint8_t id = (uint8_t)roll(t, 32);
    while (!(free >> id & 1)) id = (id + 1) & 31;
    return id;
}

/* Minus one: what the core has not split at a page. */
static uint16_t bytes_in_page(vaddr_t va, unsigned bytes) {
    uint64_t room = PAGE_BYTES - va % PAGE_BYTES;
    return (uint16_t)((bytes < room ? bytes : room) - 1);
}

static void offer_requests(struct traffic *t) {
    struct mmu_in *in = &t->in;
    uint32_t busy = t->mood & 2 ? 8 : 2;
    uint8_t id = free_id(t, 0);
    static const uint8_t priv[8] = {PRIV_U, PRIV_U, PRIV_S, PRIV_S, PRIV_S, PRIV_U, PRIV_S, PRIV_M};
    static const uint8_t kind[9] = {ACCESS_LOAD,  ACCESS_STORE, ACCESS_LOAD,
                                    ACCESS_STORE, ACCESS_AMO,   ACCESS_LR,
                                    ACCESS_SC,    ACCESS_CBO,   ACCESS_CBOZ};
    if (id < 32 && !roll(t, busy)) {
        in->ireq_valid_i = 1, in->ireq_id_i = id, in->ireq_va_i = random_va(t);
        in->ireq_last_i = bytes_in_page(in->ireq_va_i, 4);
        in->ireq_priv_i = priv[roll(t, 7 + !roll(t, 10))];
    }
    id = free_id(t, 1);
    if (id < 32 && !roll(t, busy)) {
        in->dreq_valid_i = 1, in->dreq_id_i = id, in->dreq_va_i = random_va(t);
        in->dreq_priv_i = priv[roll(t, 7 + !roll(t, 10))], in->dreq_access_i = kind[roll(t, 9)];
        in->dreq_sum_i = (uint8_t)roll(t, 2), in->dreq_mxr_i = (uint8_t)roll(t, 2);
        if (in->ireq_valid_i && !roll(t, 3)) in->dreq_va_i = in->ireq_va_i;
        in->dreq_last_i = bytes_in_page(in->dreq_va_i, 8);
    }
}

static void offer_kills(struct traffic *t) {
    if (roll(t, t->mood & 4 ? 15 : 120)) return;
    unsigned from = t->count ? roll(t, t->count) : 0;
    bool all_younger = roll(t, 2);
    for (unsigned i = from; i < t->count && (all_younger || i == from); i++) {
        uint32_t *mask = t->live[i].data ? &t->in.dkill_i : &t->in.ikill_i;
        *mask |= 1u << t->live[i].id;
    }
    /* a kill may name an id without an access, or one accepted in this very cycle: neither counts
     */
    if (!roll(t, 4)) t->in.dkill_i |= 1u << roll(t, 32);
    if (!roll(t, 4)) t->in.ikill_i |= 1u << t->in.ireq_id_i;
}

/* An ASID that a root is used with: several a root, some that differ in high bits alone, more than
 * the table of context numbers holds. */
static uint16_t random_asid(struct traffic *t, unsigned root) {
    static const uint16_t part[4] = {0x0000, 0x8000, 0x0140, 0x2aa0};
    return (uint16_t)(part[roll(t, 10) ? 0 : roll(t, 4)] + root + !roll(t, 8));
}

static void offer_fence_or_csr(struct traffic *t) {
    struct mmu_in *in = &t->in;
    if (!roll(t, t->mood & 8 ? 12 : 90)) {
        in->fence_valid_i = 1;
        in->fence_rs1_i = (uint8_t)roll(t, 2), in->fence_rs2_i = (uint8_t)roll(t, 2);
        in->fence_va_i = random_va(t);
        in->fence_asid_i = random_asid(t, roll(t, ROOTS));
        return;
    }
    if (roll(t, t->mood & 16 ? 40 : 300)) return;
    const uint64_t modes[8] = {MODE_SV39, MODE_SV39, MODE_SV39, MODE_SV48,
                               MODE_SV48, MODE_SV48, MODE_BARE, 1 + roll(t, 7) /* ignored whole */};
    in->csr_valid_i = 1;
    if (!roll(t, 4)) {
        in->csr_addr_i =
            roll(t, 12) ? CSR_MENVCFG : (uint16_t)(0x300 + roll(t, 9)); /* others: no effect */
        in->csr_wdata_i =
            ((uint64_t)roll(t, 1u << 31) << 32 & ~MENVCFG_ADUE) | (roll(t, 2) ? MENVCFG_ADUE : 0);
        return;
    }
    uint64_t mode = modes[roll(t, 8)];
    unsigned root = roll(t, ROOTS);
    in->csr_addr_i = CSR_SATP;
    in->csr_wdata_i = mode << SATP_MODE_SHIFT | (uint64_t)random_asid(t, root) << SATP_ASID_SHIFT |
                      table_ppn(mode == MODE_SV48 ? 3 : 2, root);
    if (!roll(t, 60)) in->csr_wdata_i |= 1ull << (28 + roll(t, 16)); /* a root without memory */
}

void traffic_offer(struct traffic *t) {
    if (!roll(t, 400)) t->mood = roll(t, 32);
    if (!roll(t, t->mood & 8 ? 20 : 60)) change_pte(t);
    offer_requests(t);
    offer_kills(t);
    offer_fence_or_csr(t);
}
