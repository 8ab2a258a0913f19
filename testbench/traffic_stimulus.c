/* SPDX-License-Identifier: Apache-2.0
 *
 * What random traffic offers. The address space is small on purpose (a few indices a level), so
 * that hits, merges, evictions, superpages over 4 KiB pages and stale entries meet all the time.
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

/* ---- Requests -------------------------------------------------------------------------------- */

static vaddr_t anywhere(struct traffic *t) {
    if (traffic_few(t) && roll(t, 16)) return traffic_of_few(t);
    unsigned bits = PAGE_SHIFT + traffic_level_bits(t) * traffic_mode_levels(t);
    bool border = t->mood & 256 && roll(t, 2);
    vaddr_t va = border ? BORDERS + roll(t, BORDER_BYTES) : roll(t, PAGE_BYTES);
    if (border && roll(t, 2)) /* a page again that was reached lately */
        return t->touched[roll(t, TOUCHED)].va >> PAGE_SHIFT << PAGE_SHIFT | va;
    for (unsigned level = 0; level < traffic_mode_levels(t); level++) {
        uint32_t i = traffic_index(t, t->mood & 1 ? 2 : INDICES);
        va |= (vaddr_t)i << (PAGE_SHIFT + traffic_level_bits(t) * level);
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
    if (!roll(t, 40))
        n = (uint16_t)roll(t, room + 1u);
    else if (roll(t, 4))
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

void traffic_offer_requests(struct traffic *t) {
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

void traffic_offer_kills(struct traffic *t) {
    const struct mmu_out *o =
        &t->out; /* an A/D update that is offered and not taken, among others */
    bool update = o->mem_req_valid_o && o->mem_req_op_o == MEMOP_CAS;
    if (roll(t, update ? 8 : t->mood & 4 ? 15 : 120)) return;
    unsigned from = t->count && !update ? roll(t, t->count) : 0;
    bool all_younger = update || roll(t, 2);
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
void traffic_offer_fence(struct traffic *t) {
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
    if (!roll(t, 20)) in->fence_asid_i ^= (uint16_t)(1u << roll(t, 16));
}

void traffic_offer(struct traffic *t) {
    if (!roll(t, traffic_few(t) ? 1000 : 400)) traffic_begin_mood(t);
    if (traffic_few(t)) {
        traffic_offer_few(t);
        return;
    }
    if (!roll(t, t->mood & 8 ? 20 : 60)) traffic_change_pte(t);
    traffic_offer_requests(t);
    traffic_offer_kills(t);
    /* one behind the other, and beside a CSR write, which goes last */
    bool fence = !roll(t, t->mood & 8 ? (t->fences ? 3 : 12) : 90);
    if (fence) traffic_offer_fence(t);
    if (fence && roll(t, 4)) return;
    if (t->mood & 256 && !roll(t, 12))
        traffic_offer_range(t, !roll(t, 3), roll(t, 2));
    else if (fence || !roll(t, t->mood & 16 ? 40 : 300))
        traffic_offer_csr(t);
}
