/* SPDX-License-Identifier: Apache-2.0
 *
 * The slots, as the walkers see them. Private to slot.c and those
 * who walk: ptw.c, compare.c, judge.c, offer.c.
 */
#ifndef PW_SLOT_H
#define PW_SLOT_H
#include "mmu_state.h"
#include "perm.h"

#define BIT(n) (1u << (n))
#define EACH_SLOT(i, mask)                                                                         \
    for (uint32_t m_ = (mask), i; m_ && (i = (uint32_t)__builtin_ctz(m_), 1); m_ &= m_ - 1)

static inline int slot_port(const struct ptw *p, uint32_t i) {
    if (p->slot[i].ahead) return p->slot[i].access == ACCESS_FETCH ? PORT_FETCH : PORT_DATA;
    return (p->of_port[PORT_DATA] >> i) & 1;
}

static inline vpn_t slot_vpn(const struct walk_slot *s) {
    return va_vpn(s->va);
}

static inline pte_t slot_pte(const struct walk_slot *s) {
    return s->global ? s->pte | PTE_G : s->pte;
}

/* [VM-9.11] its leaf as the A/D update writes it */
static inline pte_t slot_updated(const struct walk_slot *s) {
    return s->pte | PTE_A | (access_is_store(s->access) ? PTE_D : 0);
}

/* What a leaf means for one request; the slot takes it over, and the cause of a fault. */
enum verdict { VERDICT_OK, VERDICT_FAULT, VERDICT_A, VERDICT_D };
enum verdict judge(const struct mmu *, struct walk_slot *, pte_t, uint8_t level);

void slot_go(struct ptw *, uint32_t i, uint8_t state);
int slot_oldest(const struct ptw *, uint32_t mask); /* the one accepted first, or NO_SLOT */
uint32_t slot_followers(const struct ptw *, uint32_t lead);
uint32_t slot_sharers(const struct ptw *, uint32_t lead);
uint32_t slot_liners(const struct ptw *, uint32_t lead); /* they wait for the line it will read */
uint32_t slot_due(const struct mmu *, uint32_t slots);   /* those that need not wait any more */
void slot_look_again(struct mmu *, uint32_t slots);      /* L2, and no walk of theirs any more */
bool slot_named(const struct ptw *, const struct edge *, uint32_t i); /* by the pins oldest_* */
bool slot_covered(const struct mmu *, const struct edge *,
                  const struct walk_slot *); /* by this cycle, or before: stale */
void ptw_count(struct mmu *, uint32_t i);    /* a walk ends: its latency */
void ptw_done(struct mmu *, uint32_t i,
              uint8_t source); /* its walk ended: an answer, after walk.refill */
void ptw_wake(struct mmu *, uint32_t lead, bool access_fault); /* it and its followers: a fault */

#endif
