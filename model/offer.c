/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory request of a cycle: what was offered and not taken, else the oldest slot that wishes,
 * unless that PTE is being read already, or PMP or PMA refuses the address.
 * Mirror: rtl/mmu_offer.sv
 */
#include "slot.h"
#include "perm.h"

/* ---- The table access -------------------------------------------------------------------- */

/* [VM-1.5, VM-2.5, NAP-6] */
static paddr_t pte_address(const struct mmu *m, const struct walk_slot *s) {
    unsigned bits = level_bits(m->rv32), bytes = m->rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    vpn_t index = slot_vpn(s) >> (bits * s->level) & ((1u << bits) - 1);
    return s->base << PAGE_SHIFT | index * bytes;
}

/* [PMP-15, PMP-16, PMP-19] */
/* Steps 2 and 7: a table access is made as S, whatever asked for it. */
static bool table_allowed(const struct mmu *m, const struct walk_slot *s) {
    const struct pmp_access a = {.pa = pte_address(m, s),
                                 .last = m->rv32 ? SV32_PTE_BYTES - 1 : PTE_BYTES - 1,
                                 .access = s->state == SLOT_CASQ ? ACCESS_STORE : ACCESS_LOAD,
                                 .priv = PRIV_S,
                                 .table = true};
    return allowed(m, &a);
}

/* ---- Refused, shared, offered ------------------------------------------------------------- */

/* [VM-2.1, VM-2.2, VM-9.6, VM-9.7] */
/* The walk ends without the access. Of a refused read the followers would ask the same; those of a
 * refused update may need none, and look again. */
static void deny(struct mmu *m, struct edge *e, uint32_t i) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    ptw_count(m, i);
    e->out->ev_deny_o = 1;
    e->out->ev_deny_slot_o = (uint8_t)i;
    if (s->state == SLOT_RDQ) {
        ptw_wake(m, i, true);
        return;
    }
    slot_look_again(m, slot_followers(p, i));
    s->cause = cause_access(s->access);
    ptw_done(m, i, SOURCE_WALK);
}

/* A read of this PTE that is in flight and does not arrive now. As with merging: neither stale. */
static int same_read(const struct mmu *m, const struct edge *e, uint32_t i) {
    const struct ptw *p = &m->ptw;
    const struct walk_slot *s = &p->slot[i];
    if (s->state != SLOT_RDQ || s->stale) return NO_SLOT;
    EACH_SLOT(j, p->in[SLOT_RD] & e->start[SLOT_RD]) {
        const struct walk_slot *r = &p->slot[j];
        if (!r->stale && r->level == s->level && pte_address(m, r) == pte_address(m, s))
            return (int)j;
    }
    return NO_SLOT;
}

static void share(struct mmu *m, struct edge *e, uint32_t i, int lead) {
    m->ptw.slot[i].lead = (uint8_t)lead;
    m->stats.shared++;
    e->out->ev_share_o = 1;
    e->out->ev_share_slot_o = (uint8_t)i;
    slot_go(&m->ptw, i, SLOT_SHARE);
}

static void offer(struct mmu *m, struct edge *e, uint32_t i) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    struct mmu_out *o = e->out;
    bool cas = s->state == SLOT_CASQ;
    o->mem_req_valid_o = 1;
    o->mem_req_op_o = cas ? MEMOP_CAS : MEMOP_READ;
    o->mem_req_tag_o = (uint8_t)i;
    o->mem_req_addr_o = pte_address(m, s);
    o->mem_req_cmp_o = cas ? s->pte : 0;
    o->mem_req_data_o = cas ? slot_updated(s) : 0;
    p->held = !e->in->mem_req_ready_i;
    p->held_slot = (uint8_t)i;
    if (p->held) return;
    m->stats.pte_reads += !cas;
    slot_go(p, i, s->killed ? SLOT_DRAIN : cas ? SLOT_CAS : SLOT_RD);
    s->killed = false;
}

void ptw_request(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    EACH_SLOT(i, e->start[SLOT_HOLD]) {
        if (slot_named(p, e, i)) slot_go(p, i, SLOT_WANT);
    }
    /* what arrived in this cycle may ask for its next PTE in this cycle; an A/D update asks in the
     * next */
    uint32_t wish = slot_due(m, p->in[SLOT_RDQ]) | (p->in[SLOT_CASQ] & e->start[SLOT_CASQ]);
    int i = p->held ? p->held_slot : slot_oldest(p, wish);
    if (i == NO_SLOT) return;
    int lead = p->held ? NO_SLOT : same_read(m, e, (uint32_t)i);
    if (lead != NO_SLOT) {
        share(m, e, (uint32_t)i, lead);
    } else if (p->held || table_allowed(m, &p->slot[i])) { /* what was offered is offered on */
        offer(m, e, (uint32_t)i);
    } else {
        deny(m, e, (uint32_t)i);
    }
}
