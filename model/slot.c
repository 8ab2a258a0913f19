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
    p->of_port[PORT_FETCH] = BIT(c->slots_fetch) - 1;
    p->of_port[PORT_DATA] = (BIT(c->slots_data) - 1) << c->slots_fetch;
    p->in[SLOT_FREE] = p->of_port[PORT_FETCH] | p->of_port[PORT_DATA];
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

uint32_t slot_followers(const struct ptw *p, uint32_t lead) {
    uint32_t mine = 0;
    EACH_SLOT(i, p->in[SLOT_MERGED]) {
        if (p->slot[i].lead == lead) mine |= BIT(i);
    }
    return mine;
}

bool slot_named(const struct ptw *p, const struct edge *e, uint32_t i) {
    return e->in->oldest_valid_i && e->in->oldest_port_i == slot_port(p, i) &&
           e->in->oldest_id_i == p->slot[i].id;
}

/* Does this cycle's fence or satp write reach the slot? By address: by the region of the largest
 * page of any mode. The size of a page not yet found is unknown, and L2 may still hold a 512 GiB
 * page under Sv39 (order rule 9). */
bool slot_covered(const struct edge *e, const struct walk_slot *s) {
    if (e->satp_write || s->stale) return true;
    if (!e->fence || !e->fence_here) return false;
    return !e->cover.by_va || !((slot_vpn(s) ^ e->cover.vpn) >> (LEVEL_BITS * SIZE_512G));
}

/* ---- Answer: one a port a cycle, the oldest that is done; it fills L1 -------------------- */

static void respond(struct mmu *m, struct edge *e, int port) {
    struct ptw *p = &m->ptw;
    struct mmu_out *o = e->out;
    int i = slot_oldest(p, e->start[SLOT_DONE] & p->of_port[port]);
    if (i == NO_SLOT) return;
    struct walk_slot *s = &p->slot[i];
    paddr_t pa = s->cause ? 0 : pte_pa(s->pte, s->level, s->va);
    uint8_t size = s->cause ? SIZE_NONE : s->level;
    bool fill = !s->cause && !slot_covered(e, s);
    vpn_t vpn = slot_vpn(s);
    unsigned set = (unsigned)(vpn & (m->l1[port].sets - 1)), way = 0;
    if (fill) way = tlb_fill(&m->l1[port], vpn, m->ctx.current, slot_pte(s), s->level);
    if (port == PORT_FETCH) {
        o->imiss_valid_o = 1, o->imiss_id_o = s->id, o->imiss_pa_o = pa,
        o->imiss_cause_o = s->cause;
        o->imiss_size_o = size, o->imiss_source_o = s->source, o->ev_il1_fill_o = fill;
        o->ev_il1_fill_set_o = (uint8_t)(fill ? set : 0), o->ev_il1_fill_way_o = (uint8_t)way;
    } else {
        o->dmiss_valid_o = 1, o->dmiss_id_o = s->id, o->dmiss_pa_o = pa,
        o->dmiss_cause_o = s->cause;
        o->dmiss_size_o = size, o->dmiss_source_o = s->source, o->ev_dl1_fill_o = fill;
        o->ev_dl1_fill_set_o = (uint8_t)(fill ? set : 0), o->ev_dl1_fill_way_o = (uint8_t)way;
    }
    slot_go(p, (uint32_t)i, SLOT_FREE);
}

void slot_respond(struct mmu *m, struct edge *e) {
    respond(m, e, PORT_FETCH);
    respond(m, e, PORT_DATA);
}

/* ---- L2 port: VA fence, then the oldest waiting slot, then new misses, data before fetch ---- */

void slot_allocate(struct mmu *m, struct edge *e, int slot, const struct walk_slot *s) {
    struct ptw *p = &m->ptw;
    p->slot[slot] = *s;
    p->slot[slot].state = SLOT_FREE;
    p->slot[slot].seq = p->seq++;
    e->alloc[slot_port(p, (uint32_t)slot)] = slot;
    slot_go(p, (uint32_t)slot, SLOT_L2Q);
}

void slot_admit(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (e->fence && e->cover.by_va) return;
    int i = slot_oldest(p, e->start[SLOT_L2Q]);
    if (i == NO_SLOT) i = e->alloc[PORT_DATA];
    if (i == NO_SLOT) i = e->alloc[PORT_FETCH];
    if (i != NO_SLOT) slot_go(p, (uint32_t)i, SLOT_L2S);
}

/* ---- Kill and fence: on what the cycle made of the slots --------------------------------- */

static void kill_one(struct ptw *p, uint32_t i) {
    struct walk_slot *s = &p->slot[i];
    EACH_SLOT(f, slot_followers(p, i)) { /* they look again: one of them will lead */
        p->slot[f].again = true;
        slot_go(p, f, SLOT_L2Q);
    }
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
    if (!(e->in->ikill_i | e->in->dkill_i)) return;
    uint32_t live = (p->of_port[0] | p->of_port[1]) & ~(e->start[SLOT_FREE] | e->start[SLOT_DRAIN]);
    uint32_t doomed = 0;
    EACH_SLOT(i, live & ~(p->in[SLOT_FREE] | p->in[SLOT_DRAIN])) {
        uint32_t kill = slot_port(p, i) == PORT_DATA ? e->in->dkill_i : e->in->ikill_i;
        if (kill >> p->slot[i].id & 1 && !p->slot[i].killed) doomed |= BIT(i);
    }
    EACH_SLOT(i, doomed & p->in[SLOT_MERGED]) slot_go(p, i, SLOT_FREE);
    EACH_SLOT(i, doomed & ~p->in[SLOT_FREE]) kill_one(p, i);
}

void slot_mark(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (!e->fence && !e->satp_write) return;
    EACH_SLOT(i, ~p->in[SLOT_FREE] & (p->of_port[0] | p->of_port[1])) {
        if (slot_covered(e, &p->slot[i])) p->slot[i].stale = true;
    }
}
