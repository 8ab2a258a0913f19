/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory request of a cycle: what was offered and not taken, else the oldest slot that wishes,
 * unless that PTE, or its line, is being read already, or PMP or PMA refuse the address.
 * Mirror: rtl/mmu_offer.sv
 */
#include "slot.h"
#include "perm.h"

/* ---- Address, and whether it may be read ------------------------------------------------- */

/* [VM-1.5, VM-2.5, NAP-6] */
static paddr_t pte_address(const struct mmu *m, const struct walk_slot *s) {
    unsigned bits = level_bits(m->rv32), bytes = m->rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    vpn_t index = slot_vpn(s) >> (bits * s->level) & ((1u << bits) - 1);
    return s->base << PAGE_SHIFT | index * bytes;
}

/* [PMP-15, PMP-16, PMP-19] */
/* Steps 2 and 7: a table access is made as S, whatever asked for it. */
static bool table_allowed(const struct mmu *m, paddr_t pa, unsigned bytes, uint8_t access) {
    const struct pmp_access a = {
        .pa = pa, .last = (uint16_t)(bytes - 1), .access = access, .priv = PRIV_S, .table = true};
    return allowed(m, &a);
}

static bool pte_allowed(const struct mmu *m, const struct walk_slot *s) {
    return table_allowed(m, pte_address(m, s), m->rv32 ? SV32_PTE_BYTES : PTE_BYTES,
                         s->state == SLOT_CASQ ? ACCESS_STORE : ACCESS_LOAD);
}

/* A leaf table's PTE is read with its neighbours, if all of them may be read, and kept. */
static bool reads_line(const struct mmu *m, const struct walk_slot *s) {
    return m->lines.ways && s->state == SLOT_RDQ && !s->level && !s->stale && !s->single &&
           table_allowed(m, pte_address(m, s) & ~(LINE_BYTES - 1ull), LINE_BYTES, ACCESS_LOAD);
}

/* ---- Reads in flight that bring it ------------------------------------------------------- */

/* A read of this PTE, or of its line, that is in flight and does not arrive now. As with merging:
 * neither stale. Who has looked again waits for no other page's line once more. */
static int same_read(const struct mmu *m, const struct edge *e, uint32_t i) {
    const struct ptw *p = &m->ptw;
    const struct walk_slot *s = &p->slot[i];
    if (s->state != SLOT_RDQ || s->stale) return NO_SLOT;
    EACH_SLOT(j, p->in[SLOT_RD] & e->start[SLOT_RD]) {
        const struct walk_slot *r = &p->slot[j];
        paddr_t apart = pte_address(m, r) ^ pte_address(m, s);
        bool brings = !apart || (r->line && !s->again && apart < LINE_BYTES);
        if (!r->stale && r->level == s->level && brings) return (int)j;
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
    slot_look_again(m, slot_liners(p, i));
    if (s->state == SLOT_RDQ) {
        ptw_wake(m, i, true);
        return;
    }
    slot_look_again(m, slot_followers(p, i));
    s->cause = cause_access(s->access);
    ptw_done(m, i, SOURCE_WALK);
}

static void offer(struct mmu *m, struct edge *e, uint32_t i, bool line) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    struct mmu_out *o = e->out;
    bool cas = s->state == SLOT_CASQ;
    o->mem_req_valid_o = 1;
    o->mem_req_op_o = cas ? MEMOP_CAS : line ? MEMOP_LINE : MEMOP_READ;
    o->mem_req_tag_o = (uint8_t)i;
    o->mem_req_addr_o = pte_address(m, s);
    o->mem_req_cmp_o = cas ? s->pte : 0;
    o->mem_req_data_o = cas ? slot_updated(s) : 0;
    p->held = !e->in->mem_req_ready_i;
    p->held_slot = (uint8_t)i;
    p->held_line = line;
    if (p->held) return;
    p->updates = cas ? p->updates | BIT(i) : p->updates & ~BIT(i);
    m->stats.pte_reads += !cas;
    m->stats.pte_bytes += cas ? 0 : line ? LINE_BYTES : m->rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    s->line = line;
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
    bool line = p->held ? p->held_line : reads_line(m, &p->slot[i]);
    if (lead != NO_SLOT) {
        share(m, e, (uint32_t)i, lead);
    } else if (p->held || line || pte_allowed(m, &p->slot[i])) {
        offer(m, e, (uint32_t)i, line); /* what was offered is offered on */
    } else {
        deny(m, e, (uint32_t)i);
    }
}
