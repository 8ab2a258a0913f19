/* SPDX-License-Identifier: Apache-2.0
 *
 * The slots: from the acceptance of a request that missed L1 to its answer. Mirror: rtl/mmu_slot.sv
 *
 * A request keeps its slot to its answer, and the slot number is the memory tag, so nothing behind
 * the request port can be full and nothing inside ever stalls. Wherever several slots want one
 * thing (answer port, L2 port, walker, memory port) the one accepted first has it: no starvation.
 */
#include "slot.h"
#include "perm.h"

void slot_init(struct ptw *p, const struct config *c) {
    *p = (struct ptw){.slots = (uint8_t)(c->slots_fetch + c->slots_data),
                      .walkers = (uint8_t)c->walkers};
    p->waits = c->l2_cycles || c->walk_cycles || c->walk_refill;
    p->of_port[PORT_FETCH] = BIT(c->slots_fetch) - 1;
    p->of_port[PORT_DATA] = (BIT(c->slots_data) - 1) << c->slots_fetch;
    p->ahead = c->prefetch_streams ? BIT(p->slots++) : 0;
    p->in[SLOT_FREE] = slot_all(p);
}

void slot_go(struct ptw *p, uint32_t i, uint8_t state) {
    p->in[p->slot[i].state] &= ~BIT(i);
    p->in[state] |= BIT(i);
    p->slot[i].state = state;
}

int slot_oldest(const struct ptw *p, uint32_t mask) {
    int best = NO_SLOT;
    EACH_SLOT(i, mask) {
        if (best == NO_SLOT || p->slot[i].seq < p->slot[best].seq) best = (int)i;
    }
    return best;
}

static uint32_t led_by(const struct ptw *p, uint32_t lead, unsigned state) {
    uint32_t mine = 0;
    EACH_SLOT(i, p->in[state]) {
        if (p->slot[i].lead == lead) mine |= BIT(i);
    }
    return mine;
}

uint32_t slot_followers(const struct ptw *p, uint32_t lead) {
    return led_by(p, lead, SLOT_MERGED);
}

uint32_t slot_sharers(const struct ptw *p, uint32_t lead) {
    return led_by(p, lead, SLOT_SHARE);
}

uint32_t slot_liners(const struct ptw *p, uint32_t lead) {
    return led_by(p, lead, SLOT_LINE);
}

uint32_t slot_due(const struct mmu *m, uint32_t slots) {
    uint32_t due = 0;
    if (!m->ptw.waits) return slots;
    EACH_SLOT(i, slots) due |= (uint32_t)(m->ptw.slot[i].due <= m->cycle) << i;
    return due;
}

void slot_look_again(struct mmu *m, uint32_t slots) {
    EACH_SLOT(i, slots) {
        m->ptw.slot[i].again = true;
        m->ptw.slot[i].due = m->cycle + m->config.l2_cycles;
        slot_go(&m->ptw, i, SLOT_L2Q);
    }
}

bool slot_named(const struct ptw *p, const struct edge *e, uint32_t i) {
    return e->in->oldest_valid_i && !p->slot[i].ahead && e->in->oldest_port_i == slot_port(p, i) &&
           e->in->oldest_id_i == p->slot[i].id;
}

/* Does this cycle's fence or satp write reach the slot? By address: by the region of the largest
 * page of any mode. The size of a page not yet found is unknown, and L2 may still hold a 256 TiB
 * page under Sv39 (order rule 9). */
bool slot_covered(const struct mmu *m, const struct edge *e, const struct walk_slot *s) {
    /* [SATP-11, FEN-10] */
    if (e->satp_write || s->stale) return true;
    if (!e->fence || !e->fence_here) return false;
    return !e->cover.by_va || !((slot_vpn(s) ^ e->cover.vpn) >> largest_low(m->rv32));
}

/* Both have the last word. */
bool allowed(const struct mmu *m, const struct pmp_access *a) {
    return pmp_allows(&m->pmp, a) && pmp_allows(&m->pma, a);
}

bool slot_allowed(const struct mmu *m, const struct walk_slot *s, paddr_t pa) {
    const struct pmp_access a = {.pa = pa, .last = s->last, .access = s->access, .priv = s->priv};
    return allowed(m, &a);
}

/* ---- Answer: one a port a cycle, the oldest that is done; it fills L1 -------------------- */

/* [PMP-17, PMP-18, VM-9.12] */
/* What leaves on the miss channel. The translation of an access that PMP or PMA refuses is right
 * all the same and fills L1: the verdict belongs to the bytes of each access. */
struct answer {
    paddr_t pa;
    uint8_t cause, size, pbmt;
    struct l1_fill fill;
    uint8_t fill_span; /* low VPN bits that the entry does not compare, of a block of pages */
};

static struct answer answer_of(struct mmu *m, struct edge *e, int port, const struct walk_slot *s) {
    struct answer a = {.cause = s->cause, .size = SIZE_NONE};
    if (s->cause) return a;
    if (!slot_covered(m, e, s)) {
        uint8_t low = s->low + s->span;
        a.fill = l1_fill(&m->l1[port], slot_vpn(s), m->ctx.current, slot_pte(s), s->level, low);
        a.fill_span = (uint8_t)(a.fill.done ? BIT(s->span) - 1 : 0);
        prefetch_see(&m->prefetch, port == PORT_FETCH, slot_vpn(s), low);
    }
    paddr_t pa = pte_pa(s->pte, s->low, s->va);
    if (!slot_allowed(m, s, pa)) {
        a.cause = cause_access(s->access);
        return a;
    }
    a.pa = pa;
    a.size = leaf_size(m->rv32, s->pte, s->level);
    /* [PBM-1, PBM-3, PBM-4] */
    a.pbmt = leaf_pbmt(s->pte);
    return a;
}

static void respond(struct mmu *m, struct edge *e, int port) {
    struct ptw *p = &m->ptw;
    struct mmu_out *o = e->out;
    int i = slot_oldest(p, slot_due(m, e->start[SLOT_DONE] & p->of_port[port]));
    if (i == NO_SLOT) return;
    struct walk_slot *s = &p->slot[i];
    struct answer a = answer_of(m, e, port, s);
    if (port == PORT_FETCH) {
        o->imiss_valid_o = 1, o->imiss_id_o = s->id, o->imiss_pa_o = a.pa;
        o->imiss_cause_o = a.cause, o->imiss_size_o = a.size, o->imiss_pbmt_o = a.pbmt;
        o->imiss_source_o = s->source, o->ev_il1_fill_o = a.fill.done;
        o->ev_il1_fill_set_o = (uint8_t)a.fill.set, o->ev_il1_fill_way_o = (uint8_t)a.fill.way;
        o->ev_il1_fill_super_o = a.fill.super, o->ev_il1_fill_span_o = a.fill_span;
    } else {
        o->dmiss_valid_o = 1, o->dmiss_id_o = s->id, o->dmiss_pa_o = a.pa;
        o->dmiss_cause_o = a.cause, o->dmiss_size_o = a.size, o->dmiss_pbmt_o = a.pbmt;
        o->dmiss_source_o = s->source, o->ev_dl1_fill_o = a.fill.done;
        o->ev_dl1_fill_set_o = (uint8_t)a.fill.set, o->ev_dl1_fill_way_o = (uint8_t)a.fill.way;
        o->ev_dl1_fill_super_o = a.fill.super, o->ev_dl1_fill_span_o = a.fill_span;
    }
    slot_go(p, (uint32_t)i, SLOT_FREE);
}

void slot_respond(struct mmu *m, struct edge *e) {
    respond(m, e, PORT_FETCH);
    respond(m, e, PORT_DATA);
}

/* ---- Prefetch: the page behind those that came to L1 ------------------------------------ */

/* Privilege, SUM and MXR do not matter: no page is refused to it, and none is used. */
void slot_prefetch(struct mmu *m, struct edge *e) {
    struct prefetch *p = &m->prefetch;
    if (!p->streams) return;
    bool can = e->start[SLOT_FREE] & m->ptw.ahead && !e->fence, used = false;
    unsigned top = mode_top(m->satp);
    if (p->came && !e->satp_write) e->ahead = prefetch_look(p, top, m->rv32, can, &used);
    if (e->satp_write) prefetch_forget(p);
    p->came = false;
    e->q_ahead = (struct walk_slot){.va = p->next << PAGE_SHIFT,
                                    .access = p->fetch ? ACCESS_FETCH : ACCESS_LOAD,
                                    .ahead = true,
                                    .adue = m->adue,
                                    .pbmte = m->pbmte,
                                    .fresh = true,
                                    .level = (uint8_t)top,
                                    .base = m->satp & SATP_PPN_MASK};
    e->out->ev_prefetch_o = e->ahead;
    e->out->ev_prefetch_used_o = used;
    m->stats.prefetches += e->ahead;
    m->stats.prefetches_used += used;
}

/* ---- L2 port: VA fence, then the oldest waiting slot, then new misses, data before fetch ---- */

void slot_allocate(struct mmu *m, uint32_t slot, const struct walk_slot *s) {
    struct ptw *p = &m->ptw;
    p->slot[slot] = *s;
    p->slot[slot].state = SLOT_FREE;
    p->slot[slot].seq = p->seq++;
    p->slot[slot].due = m->cycle + m->config.l2_cycles;
    slot_go(p, slot, SLOT_L2Q);
}

void slot_admit(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (e->fence && e->cover.by_va) return;
    int i = slot_oldest(p, slot_due(m, e->start[SLOT_L2Q]));
    if (i == NO_SLOT && !m->config.l2_cycles) i = e->alloc[PORT_DATA];
    if (i == NO_SLOT && !m->config.l2_cycles) i = e->alloc[PORT_FETCH];
    if (i != NO_SLOT) slot_go(p, (uint32_t)i, SLOT_L2S);
}

/* ---- Kill and fence: on what the cycle made of the slots --------------------------------- */

static void kill_one(struct mmu *m, uint32_t i) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    slot_look_again(m, slot_followers(p, i) | slot_liners(p, i)); /* one of them will lead */
    EACH_SLOT(f, slot_sharers(p, i)) slot_go(p, f, SLOT_RDQ);     /* they read for themselves */
    if (s->state == SLOT_RD || s->state == SLOT_CAS) {
        slot_go(p, i, SLOT_DRAIN);
    } else if (s->state == SLOT_RDQ && p->held && p->held_slot == i) {
        s->killed = true; /* offered: stays until taken */
    } else {
        p->held = p->held && p->held_slot != i; /* an A/D update of a killed access is withdrawn */
        slot_go(p, i, SLOT_FREE);
    }
}

void slot_kill(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    uint32_t ahead = e->fence || e->satp_write ? p->ahead : 0;
    if (!(e->in->ikill_i | e->in->dkill_i) && !ahead) return;
    uint32_t live =
        (p->of_port[0] | p->of_port[1] | ahead) & ~(e->start[SLOT_FREE] | e->start[SLOT_DRAIN]);
    uint32_t doomed = 0;
    EACH_SLOT(i, live & ~(p->in[SLOT_FREE] | p->in[SLOT_DRAIN])) {
        uint32_t kill = slot_port(p, i) == PORT_DATA ? e->in->dkill_i : e->in->ikill_i;
        bool hit = p->slot[i].ahead ? slot_covered(m, e, &p->slot[i]) : kill >> p->slot[i].id & 1;
        if (hit && !p->slot[i].killed) doomed |= BIT(i);
    }
    EACH_SLOT(i, doomed & (p->in[SLOT_MERGED] | p->in[SLOT_LINE])) slot_go(p, i, SLOT_FREE);
    EACH_SLOT(i, doomed & ~p->in[SLOT_FREE]) kill_one(m, i);
}

void slot_mark(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (!e->fence && !e->satp_write) return;
    EACH_SLOT(i, ~p->in[SLOT_FREE] & slot_all(p)) {
        if (slot_covered(m, e, &p->slot[i])) p->slot[i].stale = true;
    }
}
