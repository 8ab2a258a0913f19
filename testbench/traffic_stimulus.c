/* SPDX-License-Identifier: Apache-2.0
 *
 * What random traffic offers. The address space is small on purpose (a few indices a level, a few
 * tables shared by a few roots), so that hits, merges, evictions, superpages over 4 KiB pages and
 * stale entries meet all the time; and every bit that a check looks at is wrong alone now and then,
 * since a check that forgets one bit is seen no other way.
 */
#include "traffic_internal.h"
#include <string.h>

uint32_t traffic_roll(struct traffic *t, uint32_t n) { /* xorshift64* */
    t->random ^= t->random >> 12;
    t->random ^= t->random << 25;
    t->random ^= t->random >> 27;
    return (uint32_t)((t->random * 0x2545f4914f6cdd1dull) >> 33) % n;
}

#define roll traffic_roll

enum { FEW = 3 }; /* of the indices */

static const uint32_t index_of[INDICES] = {0, 1, 2, 9, 255, 511};

/* The VPN of a level; of Sv32 the last index is the last there is. */
static uint32_t random_index(struct traffic *t, uint32_t n) {
    uint32_t i = index_of[roll(t, n)];
    return t->csr.rv32 && i == 511 ? 1023 : i;
}

/* ---- Page tables ---------------------------------------------------------------------------- */

/* Level n tables are roots of the mode with n + 1 levels too. */
ppn_t traffic_table(unsigned level, unsigned k) {
    return (MEM_BASE >> PAGE_SHIFT) + level * TABLES + k;
}

static unsigned levels(const struct traffic *t) {
    return t->csr.rv32 ? 2 : LEVELS;
}

static unsigned level_bits(const struct traffic *t) {
    return t->csr.rv32 ? SV32_LEVEL_BITS : LEVEL_BITS;
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
        return pointer | traffic_table(level - 1, roll(t, TABLES)) << PTE_PPN_SHIFT;
    }
    ppn_t ppn =
        ((ppn_t)roll(t, 1 << 16) << 12 | roll(t, 4096)) & ~((1ull << (level_bits(t) * level)) - 1);
    if (!roll(t, 8))
        ppn |= (ppn_t)roll(t, 1 << 16) << 28 & ~((1ull << (level_bits(t) * level)) - 1);
    if (!roll(t, 16))
        ppn |= 1ull << (28 + roll(t, 16)); /* one bit alone may be all that is too wide */
    if (level && !roll(t, 12)) ppn |= 1ull << roll(t, level_bits(t) * level); /* misaligned */
    static const pte_t rwx[8] = {
        PTE_R, PTE_R | PTE_W, PTE_R | PTE_X,        PTE_R | PTE_W | PTE_X, PTE_R | PTE_W | PTE_X,
        PTE_X, PTE_R | PTE_W, PTE_R | PTE_W | PTE_X};
    flags |= roll(t, 30) ? rwx[roll(t, 8)] : roll(t, 2) ? PTE_W : PTE_W | PTE_X;
    if (!roll(t, 40)) flags |= 1ull << (54 + roll(t, 10));
    return typed(t, level, flags | ppn << PTE_PPN_SHIFT);
}

/* Words have 4 or 8 bytes. */
static pte_t read_word(const struct traffic *t, paddr_t pa) {
    pte_t pte = 0;
    mem_read(t->mem, pa, &pte, t->csr.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
    return pte;
}

static paddr_t word_at(const struct traffic *t, unsigned level, unsigned k, uint32_t index) {
    return (traffic_table(level, k) << PAGE_SHIFT) +
           index * (t->csr.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
}

/* Neighbours alike: what one L1 entry may serve; one bit of one of them may be another. */
static void write_block(struct traffic *t, unsigned k, uint32_t index) {
    uint32_t pages = 2u << roll(t, 4);
    pte_t pte = random_pte(t, 0) & ~(PTE_N | (pte_t)(pages - 1) << PTE_PPN_SHIFT);
    paddr_t first = word_at(t, 0, k, index & ~(pages - 1));
    bool rv32 = t->csr.rv32;
    for (uint32_t n = 0; n < pages; n++)
        traffic_store(t, first + n * (rv32 ? SV32_PTE_BYTES : PTE_BYTES),
                      pte + ((pte_t)n << PTE_PPN_SHIFT));
    if (roll(t, 3)) return;
    paddr_t other = first + roll(t, pages) * (rv32 ? SV32_PTE_BYTES : PTE_BYTES);
    traffic_store(t, other, read_word(t, other) ^ 1ull << roll(t, rv32 ? 32 : 56));
}

/* Of a NAPOT range one word in four, or all of it. */
static void change_pte(struct traffic *t) {
    unsigned level = roll(t, levels(t));
    if (!roll(t, 4)) {
        t->result->pte_changes++;
        write_block(t, roll(t, TABLES), random_index(t, INDICES));
        return;
    }
    paddr_t pa = word_at(t, level, roll(t, TABLES), random_index(t, INDICES));
    pte_t old = read_word(t, pa);
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
static void write_plain(struct traffic *t) {
    const pte_t leaf = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D;
    for (unsigned level = 0; level < levels(t); level++) {
        for (unsigned k = 0; k < TABLES; k++) {
            for (uint32_t i = 0; i < FEW; i++) {
                ppn_t to = level ? traffic_table(level - 1, roll(t, TABLES)) : roll(t, 1 << 16);
                pte_t pte = (level ? PTE_V : leaf) | to << PTE_PPN_SHIFT;
                traffic_store(t, word_at(t, level, k, index_of[i]), pte);
            }
        }
    }
}

/* The pages of 64 KiB of a table that sizes are changed in; two words of each are reached. */
enum { RANGES = 3, PAIR = 2 };

static void write_range(struct traffic *t, unsigned k, uint32_t first) {
    const pte_t leaf = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D;
    bool napot = !t->csr.rv32 && t->config->hart_svnapot && roll(t, 3);
    pte_t ppn = roll(t, 1 << 12) << 4;
    for (uint32_t n = 0; n < NAPOT_PTES; n++) {
        pte_t low = napot ? NAPOT_ENCODING : n;
        traffic_store(t, word_at(t, 0, k, first + n),
                      leaf | (ppn | low) << PTE_PPN_SHIFT | (napot ? PTE_N : 0));
    }
}

/* A page of another size, or a table in its place, where there was a translation. */
static void change_size(struct traffic *t) {
    const pte_t leaf = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D;
    unsigned level = roll(t, t->csr.rv32 ? 2 : 3), k = roll(t, TABLES);
    t->result->pte_changes++;
    if (!level) {
        write_range(t, k, roll(t, RANGES) * NAPOT_PTES);
        return;
    }
    ppn_t table = traffic_table(level - 1, roll(t, TABLES));
    pte_t large = (pte_t)roll(t, level == 1 ? 64 : 1) << level_bits(t);
    traffic_store(t, word_at(t, level, k, index_of[roll(t, FEW)]),
                  roll(t, 2) ? leaf | large << PTE_PPN_SHIFT : PTE_V | table << PTE_PPN_SHIFT);
}

void traffic_build_tables(struct traffic *t) {
    for (unsigned level = 0; level < levels(t); level++) {
        for (unsigned k = 0; k < TABLES; k++) {
            for (unsigned i = 0; i < INDICES; i++) {
                uint32_t index = t->csr.rv32 && i == INDICES - 1 ? 1023 : index_of[i];
                traffic_store(t, word_at(t, level, k, index), random_pte(t, level));
            }
            for (uint32_t i = 0; !level && i < 4; i++) write_block(t, k, i * 15 % 32);
        }
    }
}

/* ---- Requests -------------------------------------------------------------------------------- */

static unsigned mode_levels(const struct traffic *t) {
    if (t->csr.rv32) return 2;
    uint64_t mode = t->csr.satp >> SATP_MODE_SHIFT;
    return mode ? (unsigned)(mode - MODE_SV39) + 3 : 3;
}

/* One of the few pages of each root, that write_plain maps or change_size. */
static vaddr_t of_few(struct traffic *t) {
    vpn_t vpn = roll(t, FEW) | (vpn_t)!roll(t, 3) << level_bits(t);
    if (traffic_sizes(t)) {
        vpn = roll(t, RANGES) * NAPOT_PTES + roll(t, PAIR) + ((vpn_t)roll(t, FEW) << level_bits(t));
        if (!t->csr.rv32) vpn |= (vpn_t)!roll(t, 4) << 2 * level_bits(t);
    }
    return vpn << PAGE_SHIFT | roll(t, PAGE_BYTES);
}

static vaddr_t anywhere(struct traffic *t) {
    if (traffic_few(t) && roll(t, 16)) return of_few(t);
    unsigned bits = PAGE_SHIFT + level_bits(t) * mode_levels(t);
    bool border = t->mood & 256 && roll(t, 2);
    vaddr_t va = border ? BORDERS + roll(t, BORDER_BYTES) : roll(t, PAGE_BYTES);
    if (border && roll(t, 2)) /* a page again that was reached lately */
        return t->touched[roll(t, TOUCHED)].va >> PAGE_SHIFT << PAGE_SHIFT | va;
    for (unsigned level = 0; level < mode_levels(t); level++) {
        uint32_t i = random_index(t, t->mood & 1 ? 2 : INDICES);
        va |= (vaddr_t)i << (PAGE_SHIFT + level_bits(t) * level);
    }
    if (!roll(t, 6)) va ^= (vaddr_t)roll(t, NAPOT_PTES) << PAGE_SHIFT; /* inside a 64 KiB page */
    /* any one bit of any level may differ alone: the cut tag of a cache is seen by that bit */
    if (!roll(t, 40)) va ^= 1ull << (PAGE_SHIFT + roll(t, bits - PAGE_SHIFT));
    if (t->csr.rv32) return (uint32_t)va;
    va = (vaddr_t)((int64_t)(va << (64 - bits)) >> (64 - bits));
    if (!roll(t, 200)) va ^= 1ull << (38 + roll(t, 26)); /* most likely not canonical */
    return va;
}

/* Mostly anywhere; in some moods most often the page behind the last one. */
static vaddr_t random_va(struct traffic *t, int port) {
    vaddr_t va = (t->last[port] & ~(vaddr_t)(PAGE_BYTES - 1)) + PAGE_BYTES + roll(t, PAGE_BYTES);
    if (!roll(t, 8)) va -= (vaddr_t)roll(t, 32) << PAGE_SHIFT; /* and from there again */
    if (!(t->mood & 128) || traffic_few(t) || !roll(t, 8)) va = anywhere(t);
    return t->csr.rv32 ? (uint32_t)va : va;
}

/* Any bytes that do not leave the page; a cbo its block. */
static uint16_t random_last(struct traffic *t, uint8_t access, vaddr_t *va) {
    static const uint8_t last[8] = {0, 1, 3, 7, 7, 3, 7, 15};
    if (access == ACCESS_CBO || access == ACCESS_CBOZ) {
        *va &= ~63ull;
        return 63;
    }
    uint16_t n = last[roll(t, 8)], room = (uint16_t)(PAGE_BYTES - 1 - *va % PAGE_BYTES);
    if (roll(t, 4))
        *va &= ~(vaddr_t)n;
    else if (n > room)
        n = room;
    return n;
}

static uint8_t free_id(struct traffic *t, int port) { /* 32: none */
    uint32_t free = ~t->used[port];
    if (!free || t->count >= LIVE_MAX - 2) return 32;
    uint8_t id = (uint8_t)roll(t, 32);
    while (!(free >> id & 1)) id = (id + 1) & 31;
    return id;
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
        in->ireq_valid_i = 1, in->ireq_id_i = id, in->ireq_va_i = random_va(t, 0) & ~1ull;
        in->ireq_last_i = roll(t, 2) && in->ireq_va_i % PAGE_BYTES <= PAGE_BYTES - 4 ? 3 : 1;
        in->ireq_priv_i = priv[roll(t, 7 + !roll(t, 10))];
        if (traffic_few(t) && roll(t, 8)) in->ireq_priv_i = PRIV_S;
    }
    id = free_id(t, 1);
    if (id < 32 && !roll(t, busy)) {
        in->dreq_valid_i = 1, in->dreq_id_i = id, in->dreq_va_i = random_va(t, 1);
        in->dreq_priv_i = priv[roll(t, 7 + !roll(t, 10))], in->dreq_access_i = kind[roll(t, 9)];
        in->dreq_sum_i = (uint8_t)roll(t, 2), in->dreq_mxr_i = (uint8_t)roll(t, 2);
        if (in->ireq_valid_i && !roll(t, 3)) in->dreq_va_i = in->ireq_va_i;
        if ((t->mood & 128 || traffic_few(t)) && roll(t, 8)) /* that nothing refuses */
            in->dreq_priv_i = PRIV_S, in->dreq_sum_i = in->dreq_mxr_i = 1,
            in->dreq_access_i = ACCESS_LOAD;
        in->dreq_last_i = random_last(t, in->dreq_access_i, &in->dreq_va_i);
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

/* ---- Fences ---------------------------------------------------------------------------------- */

/* One sfence.inval.ir at a time. */
static void offer_fence(struct traffic *t) {
    static const uint8_t op[8] = {FENCE_SFENCE_VMA,     FENCE_SFENCE_VMA,     FENCE_SFENCE_VMA,
                                  FENCE_SINVAL_VMA,     FENCE_SINVAL_VMA,     FENCE_SINVAL_VMA,
                                  FENCE_SFENCE_W_INVAL, FENCE_SFENCE_INVAL_IR};
    struct mmu_in *in = &t->in;
    in->fence_op_i = op[roll(t, t->mood & 32 ? 8 : 3)];
    for (unsigned n = 0; n < t->fences; n++)
        if (in->fence_op_i == FENCE_SFENCE_INVAL_IR && t->fence[n] == FENCE_SFENCE_INVAL_IR)
            in->fence_op_i = FENCE_SFENCE_VMA;
    in->fence_valid_i = 1;
    in->fence_rs1_i = (uint8_t)roll(t, 2), in->fence_rs2_i = (uint8_t)roll(t, 2);
    if (!roll(t, 8)) in->fence_rs1_i = in->fence_rs2_i = 0; /* what PMP and menvcfg wait for */
    in->fence_va_i = roll(t, 4) ? anywhere(t) : t->last[roll(t, 2)];
    in->fence_asid_i = traffic_asid(t, roll(t, ROOTS));
}

/* Of a root that does not run; the page is one that the other root is about to fill, perhaps. */
static void offer_fence_elsewhere(struct traffic *t) {
    uint64_t satp = t->csr.satp;
    uint32_t running =
        t->csr.rv32 ? satp >> SATP32_ASID_SHIFT & 511 : satp >> SATP_ASID_SHIFT & 0xffff;
    offer_fence(t);
    if (!roll(t, 40)) return;
    t->in.fence_rs1_i = t->in.fence_rs2_i = 1;
    t->in.fence_va_i = of_few(t);
    if (t->count && roll(t, 4)) t->in.fence_va_i = t->live[roll(t, t->count)].request.va;
    t->in.fence_asid_i = (uint16_t)((running + 1 + roll(t, ROOTS - 1)) % ROOTS);
}

/* Of two roots and more the one or the other runs; what one of them has cached goes by a fence that
 * names it. Little else happens, or walks would not end in a fill. */
static void offer_elsewhere(struct traffic *t) {
    bool fills = memport_due(&t->port) - t->cycle <= 2; /* perhaps, before a fence is done */
    bool bare = !(t->csr.satp >> (t->csr.rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT));
    offer_requests(t);
    if (!roll(t, 8)) offer_kills(t);
    if (!roll(t, 600)) change_pte(t);
    if (!roll(t, fills ? 4 : 60))
        offer_fence_elsewhere(t);
    else if (!roll(t, bare ? 10 : 60))
        traffic_offer_satp(t);
}

/* Fences are rare, or the large pages would not meet the small ones. */
static void offer_sizes(struct traffic *t) {
    bool bare = !(t->csr.satp >> (t->csr.rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT));
    offer_requests(t);
    if (!roll(t, 20)) change_size(t);
    if (!roll(t, 300))
        offer_fence(t);
    else if (!roll(t, bare ? 10 : 600))
        traffic_offer_satp(t);
}

static void begin_mood(struct traffic *t) {
    t->mood = roll(t, t->moods);
    if (traffic_few(t)) write_plain(t);
    for (unsigned k = 0; traffic_sizes(t) && k < TABLES; k++)
        for (uint32_t n = 0; n < RANGES; n++) write_range(t, k, n * NAPOT_PTES);
}

void traffic_offer(struct traffic *t) {
    if (!roll(t, traffic_few(t) ? 1000 : 400)) begin_mood(t);
    if (traffic_few(t)) {
        (traffic_sizes(t) ? offer_sizes : offer_elsewhere)(t);
        return;
    }
    if (!roll(t, t->mood & 8 ? 20 : 60)) change_pte(t);
    offer_requests(t);
    offer_kills(t);
    if (!roll(t, t->mood & 8 ? 12 : 90))
        offer_fence(t);
    else if (t->mood & 256 && !roll(t, 12))
        traffic_offer_range(t, !roll(t, 3), roll(t, 2));
    else if (!roll(t, t->mood & 16 ? 40 : 300))
        traffic_offer_csr(t);
}
