/* SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walkers and the slots they work for. Mirror: rtl/mmu_ptw.sv
 *
 * A request that misses L1 takes a slot and keeps it to its answer; the slot number is the memory
 * tag. Nothing behind the request port can be full, so nothing inside ever stalls. Wherever several
 * slots want one thing (answer port, L2 port, walker, memory port) the one accepted first has it:
 * no starvation. `walkers` only caps how many slots walk at a time. The chapters run in the order
 * of the order rules of docs/microarchitecture.md; each reads what no earlier chapter of the same
 * cycle has changed, or says so.
 */
#include "mmu_state.h"
#include "perm.h"

#define BIT(n) (1u << (n))
#define EACH_SLOT(i, mask)                                                                         \
    for (uint32_t m_ = (mask), i; m_ && (i = (uint32_t)__builtin_ctz(m_), 1); m_ &= m_ - 1)

void ptw_init(struct ptw *p, const struct config *c) {
    *p = (struct ptw){.slots = (uint8_t)(c->slots_fetch + c->slots_data),
                      .walkers = (uint8_t)c->walkers};
    p->of_port[PORT_FETCH] = BIT(c->slots_fetch) - 1;
    p->of_port[PORT_DATA] = (BIT(c->slots_data) - 1) << c->slots_fetch;
    p->in[SLOT_FREE] = p->of_port[PORT_FETCH] | p->of_port[PORT_DATA];
}

static void go(struct ptw *p, uint32_t i, uint8_t state) {
    p->in[p->slot[i].state] &= ~BIT(i);
    p->in[state] |= BIT(i);
    p->slot[i].state = state;
}

static int oldest_of(const struct ptw *p, uint32_t mask) {
    int best = NO_SLOT;
    EACH_SLOT(i, mask) {
        if (best == NO_SLOT || p->slot[i].seq < p->slot[best].seq) best = (int)i;
    }
    return best;
}

static int port_of(const struct ptw *p, uint32_t i) {
    return (p->of_port[PORT_DATA] >> i) & 1;
}

static vpn_t slot_vpn(const struct walk_slot *s) {
    return s->va >> PAGE_SHIFT & ((1ull << 36) - 1);
}

static pte_t slot_pte(const struct walk_slot *s) {
    return s->global ? s->pte | PTE_G : s->pte;
}

static bool wide(const struct mmu *m, ppn_t ppn) {
    return ppn >> (m->pa_bits - PAGE_SHIFT);
}

/* Does this cycle's fence or satp write reach the slot? By address: by the region of the largest
 * page of any mode. The size of a page not yet found is unknown, and L2 may still hold a 512 GiB
 * page under Sv39 (order rule 9). */
static bool covered(const struct edge *e, const struct walk_slot *s) {
    if (e->satp_write || s->stale) return true;
    if (!e->fence || !e->fence_here) return false;
    return !e->cover.by_va || !((slot_vpn(s) ^ e->cover.vpn) >> (LEVEL_BITS * SIZE_512G));
}

/* ---- Answer: one a port a cycle, the oldest that is done; it fills L1
 * ------------------------------ */

static void respond(struct mmu *m, struct edge *e, int port) {
    struct ptw *p = &m->ptw;
    struct mmu_out *o = e->out;
    int i = oldest_of(p, e->start[SLOT_DONE] & p->of_port[port]);
    if (i == NO_SLOT) return;
    struct walk_slot *s = &p->slot[i];
    paddr_t pa = s->cause ? 0 : pte_pa(s->pte, s->level, s->va);
    uint8_t size = s->cause ? SIZE_NONE : s->level;
    bool fill = !s->cause && !covered(e, s);
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
    go(p, (uint32_t)i, SLOT_FREE);
}

void ptw_respond(struct mmu *m, struct edge *e) {
    respond(m, e, PORT_FETCH);
    respond(m, e, PORT_DATA);
}

/* ---- Verdict: what a leaf means for one request
 * ------------------------------------------------------ */

enum verdict { VERDICT_OK, VERDICT_FAULT, VERDICT_A, VERDICT_D };

static enum verdict judge(const struct mmu *m, struct walk_slot *s, pte_t pte, uint8_t level) {
    bool need_d = access_is_store(s->access) && !(pte & PTE_D);
    s->pte = pte;
    s->level = level;
    s->cause = CAUSE_NONE;
    if (!perm_check(pte, s->access, s->priv, s->sum, s->mxr)) { /* step 6 */
        s->cause = cause_page(s->access);
        return VERDICT_FAULT;
    }
    if (!(pte & PTE_A) || need_d) { /* step 7 */
        if (s->adue) return need_d ? VERDICT_D : VERDICT_A;
        s->cause = cause_page(s->access);
        return VERDICT_FAULT;
    }
    if (!wide(m, pte_ppn(pte))) return VERDICT_OK;
    s->cause = cause_access(s->access);
    return VERDICT_FAULT;
}

static bool is_oldest(const struct ptw *p, const struct edge *e, uint32_t i) {
    return e->in->oldest_valid_i && e->in->oldest_port_i == port_of(p, i) &&
           e->in->oldest_id_i == p->slot[i].id;
}

/* ---- Walk start: a walker is free, the oldest waiting slot takes it
 * ---------------------------------------- */

void ptw_start(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    uint32_t busy =
        e->start[SLOT_RDQ] | e->start[SLOT_RD] | e->start[SLOT_CASQ] | e->start[SLOT_CAS];
    e->out->ev_walkers_o = (uint8_t)__builtin_popcount(busy);
    if (__builtin_popcount(busy) >= p->walkers) return;
    int i = oldest_of(p, e->start[SLOT_WANT]);
    if (i == NO_SLOT) return;
    struct walk_slot *s = &p->slot[i];
    for (unsigned level = 1; s->fresh && !s->stale && !e->pwc_hit_level && level <= s->level;
         level++) {
        e->pwc_hit_way = pwc_lookup(&m->pwc[level - 1], slot_vpn(s), m->ctx.current);
        if (e->pwc_hit_way >= 0) e->pwc_hit_level = level;
    }
    if (e->pwc_hit_level) { /* the deepest known table */
        const struct pwc_entry *c = pwc_entry(&m->pwc[e->pwc_hit_level - 1], e->pwc_hit_way);
        s->base = c->ppn;
        s->global = c->global;
        s->level = (uint8_t)(e->pwc_hit_level - 1);
    }
    s->fresh = false;
    m->stats.pwc_hits[e->pwc_hit_level]++;
    m->stats.walks++;
    p->started[i] = m->cycle;
    e->out->ev_walk_start_o = 1;
    e->out->ev_walk_start_slot_o = (uint8_t)i;
    e->out->ev_walk_start_level_o = s->level;
    go(p, (uint32_t)i, SLOT_RDQ);
}

/* ---- L2 compare, the cycle after the read; what misses joins a walk of its page or becomes one
 * -------- */

static int leader_of(const struct ptw *p, const struct walk_slot *s) {
    uint32_t walking =
        p->in[SLOT_WANT] | p->in[SLOT_RDQ] | p->in[SLOT_RD] | p->in[SLOT_CASQ] | p->in[SLOT_CAS];
    EACH_SLOT(i, walking) {
        const struct walk_slot *l = &p->slot[i];
        if (!l->stale && !l->killed && slot_vpn(l) == slot_vpn(s)) return (int)i;
    }
    return NO_SLOT;
}

void ptw_compare(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (!e->start[SLOT_L2S]) return;
    uint32_t i = (uint32_t)__builtin_ctz(e->start[SLOT_L2S]);
    struct walk_slot *s = &p->slot[i];
    vpn_t vpn = slot_vpn(s);
    bool need_d = access_is_store(s->access);
    struct l2_hit hit = {.way = -1};
    if (!s->stale) hit = l2_lookup(&m->l2, vpn, m->ctx.current, need_d);
    bool counted = !s->again;
    e->out->ev_l2_lookup_o = counted;
    e->out->ev_l2_hit_o = counted && hit.way >= 0;
    e->out->ev_l2_slot_o = (uint8_t)(counted ? i : 0);
    m->stats.l2_lookups += counted;
    m->stats.l2_hits += counted && hit.way >= 0;
    if (hit.way >= 0) {
        judge(m, s, hit.pte,
              hit.level); /* A is set, and D if a store: the verdict is ok or a fault */
        s->source = SOURCE_L2;
        go(p, i, SLOT_DONE);
        e->l2_hit = hit;
        e->l2_hit_vpn = vpn;
        return;
    }
    int lead = s->stale ? NO_SLOT : leader_of(p, s);
    if (lead == NO_SLOT) {
        go(p, i, SLOT_WANT);
        return;
    }
    s->lead = (uint8_t)lead;
    e->out->ev_merge_o = 1;
    m->stats.merged++;
    go(p, i, SLOT_MERGED);
}

/* ---- The end of a walk
 * --------------------------------------------------------------------------------- */

static void walk_end(struct mmu *m, struct edge *e, uint32_t i, uint8_t size) {
    uint64_t latency = m->cycle - m->ptw.started[i];
    struct mmu_stats *st = &m->stats;
    e->out->ev_walk_end_o = 1;
    e->out->ev_walk_end_slot_o = (uint8_t)i;
    e->out->ev_walk_end_size_o = size;
    st->walk_latency_sum += latency;
    if (!st->walks_ended || latency < st->walk_latency_min) st->walk_latency_min = latency;
    if (latency > st->walk_latency_max) st->walk_latency_max = latency;
    st->walks_ended++;
}

static uint32_t followers_of(const struct ptw *p, uint32_t lead) {
    uint32_t mine = 0;
    EACH_SLOT(i, p->in[SLOT_MERGED]) {
        if (p->slot[i].lead == lead) mine |= BIT(i);
    }
    return mine;
}

static void wake_with_cause(struct mmu *m, uint32_t lead, bool access_fault) {
    struct ptw *p = &m->ptw;
    uint32_t all = followers_of(p, lead) | BIT(lead);
    EACH_SLOT(i, all) {
        struct walk_slot *s = &p->slot[i];
        s->cause = access_fault ? cause_access(s->access) : cause_page(s->access);
        s->source = i == lead ? SOURCE_WALK : SOURCE_MERGED;
        go(p, i, SLOT_DONE);
    }
}

/* Each follower is checked for itself. One that needs A or D looks again, alone. */
static void wake_followers(struct mmu *m, uint32_t lead, pte_t pte, uint8_t level, bool global) {
    struct ptw *p = &m->ptw;
    EACH_SLOT(i, followers_of(p, lead)) {
        struct walk_slot *s = &p->slot[i];
        uint8_t top = s->level;
        enum verdict v = judge(m, s, pte, level);
        if (v == VERDICT_OK || v == VERDICT_FAULT) {
            s->global = global;
            s->source = SOURCE_MERGED;
            go(p, i, SLOT_DONE);
        } else {
            s->level = top;
            s->again = true;
            go(p, i, SLOT_L2Q);
        }
    }
}

static void fill_l2(struct mmu *m, struct edge *e, const struct walk_slot *s) {
    if (covered(e, s)) return;
    e->l2_fill = l2_fill(&m->l2, slot_vpn(s), m->ctx.current, slot_pte(s), s->level);
    if (!e->l2_fill.done) return;
    e->out->ev_l2_fill_o = 1;
    e->out->ev_l2_fill_large_o = e->l2_fill.large;
    e->out->ev_l2_fill_set_o = (uint16_t)e->l2_fill.set;
    e->out->ev_l2_fill_way_o = (uint8_t)e->l2_fill.way;
}

/* ---- A leaf, or the leaf as the A/D update left it
 * ----------------------------------------------------- */

static void leaf(struct mmu *m, struct edge *e, uint32_t i, pte_t pte) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    uint8_t level = s->level;
    enum verdict v = judge(m, s, pte, level);
    bool update = v == VERDICT_A || v == VERDICT_D;
    if (update && (v == VERDICT_A || is_oldest(p, e, i))) {
        go(p, i, SLOT_CASQ); /* followers wait for the updated PTE */
        return;
    }
    walk_end(m, e, i, v == VERDICT_OK ? level : SIZE_NONE);
    if (update) { /* D for a younger store: hold, without a walker (order rule 12) */
        e->out->ev_hold_o = 1;
        m->stats.holds++;
        go(p, i, SLOT_HOLD);
    } else {
        s->source = SOURCE_WALK;
        go(p, i, SLOT_DONE);
    }
    if (v == VERDICT_OK) fill_l2(m, e, s);
    wake_followers(m, i, pte, level, s->global);
}

static void fill_pwc(struct mmu *m, struct edge *e, const struct walk_slot *s, unsigned level) {
    struct pwc *c = &m->pwc[level - 1];
    if (!c->ways || covered(e, s)) return;
    e->out->ev_pwc_fill_o = 1;
    e->out->ev_pwc_fill_level_o = (uint8_t)level;
    e->out->ev_pwc_fill_way_o =
        (uint8_t)pwc_fill(c, slot_vpn(s), m->ctx.current, s->base, s->global);
}

static void read_answer(struct mmu *m, struct edge *e, uint32_t i, pte_t pte) {
    struct walk_slot *s = &m->ptw.slot[i];
    enum pte_kind kind = pte_classify(pte, s->level);
    bool beyond = kind == PTE_KIND_POINTER && wide(m, pte_ppn(pte));
    if (kind == PTE_KIND_FAULT || beyond) {
        walk_end(m, e, i, SIZE_NONE);
        wake_with_cause(m, i, beyond);
    } else if (kind == PTE_KIND_LEAF) {
        leaf(m, e, i, pte);
    } else {
        s->base = pte_ppn(pte);
        s->global |= (pte & PTE_G) != 0;
        fill_pwc(m, e, s, s->level);
        s->level--;
        go(&m->ptw, i, SLOT_RDQ);
    }
}

static pte_t updated(const struct walk_slot *s) {
    return s->pte | PTE_A | (access_is_store(s->access) ? PTE_D : 0);
}

static void cas_answer(struct mmu *m, struct edge *e, uint32_t i, bool error, bool ok) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    if (error) { /* the PTE is unchanged; followers that need no update may still use it */
        walk_end(m, e, i, SIZE_NONE);
        wake_followers(m, i, s->pte, s->level, s->global);
        s->cause = cause_access(s->access);
        s->source = SOURCE_WALK;
        go(p, i, SLOT_DONE);
    } else if (ok) {
        m->stats.ad_writes++;
        leaf(m, e, i, updated(s));
    } else { /* step 7: the comparison failed, that PTE is read again */
        e->out->ev_retry_o = 1;
        m->stats.retries++;
        go(p, i, SLOT_RDQ);
    }
}

void ptw_answer(struct mmu *m, struct edge *e) {
    const struct mmu_in *in = e->in;
    struct ptw *p = &m->ptw;
    if (!in->mem_rsp_valid_i) return;
    uint32_t i = in->mem_rsp_tag_i & (SLOTS_MAX - 1);
    if (p->in[SLOT_DRAIN] & BIT(i)) {
        m->stats.ad_writes += in->mem_rsp_cas_ok_i; /* it was done before the kill */
        go(p, i, SLOT_FREE);
    } else if (p->in[SLOT_RD] & BIT(i)) {
        if (in->mem_rsp_error_i) {
            walk_end(m, e, i, SIZE_NONE);
            wake_with_cause(m, i, true);
        } else {
            read_answer(m, e, i, in->mem_rsp_data_i[0]);
        }
    } else if (p->in[SLOT_CAS] & BIT(i)) {
        cas_answer(m, e, i, in->mem_rsp_error_i, in->mem_rsp_cas_ok_i);
    }
}

/* ---- Memory request --------------------------------------------------------------------- */

static void offer(struct mmu *m, struct edge *e, uint32_t i) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    struct mmu_out *o = e->out;
    bool cas = s->state == SLOT_CASQ;
    o->mem_req_valid_o = 1;
    o->mem_req_op_o = cas ? MEMOP_CAS : MEMOP_READ;
    o->mem_req_tag_o = (uint8_t)i;
    o->mem_req_addr_o =
        s->base << PAGE_SHIFT | (slot_vpn(s) >> (LEVEL_BITS * s->level) & 511) * PTE_BYTES;
    o->mem_req_cmp_o = cas ? s->pte : 0;
    o->mem_req_data_o = cas ? updated(s) : 0;
    p->held = !e->in->mem_req_ready_i;
    p->held_slot = (uint8_t)i;
    if (p->held) return;
    m->stats.pte_reads += !cas;
    go(p, i, s->killed ? SLOT_DRAIN : cas ? SLOT_CAS : SLOT_RD);
    s->killed = false;
}

void ptw_request(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    EACH_SLOT(i, e->start[SLOT_HOLD]) {
        if (is_oldest(p, e, i)) go(p, i, SLOT_WANT);
    }
    /* what arrived in this cycle may ask for its next PTE in this cycle; an A/D update asks in the
     * next */
    uint32_t wish = p->in[SLOT_RDQ] | (p->in[SLOT_CASQ] & e->start[SLOT_CASQ]);
    int i = p->held ? p->held_slot : oldest_of(p, wish);
    if (i != NO_SLOT) offer(m, e, (uint32_t)i);
}

/* ---- L2 port: VA fence, then the oldest waiting slot, then new misses, data before fetch
 * ----------------- */

void ptw_allocate(struct mmu *m, struct edge *e, int slot, const struct walk_slot *s) {
    struct ptw *p = &m->ptw;
    p->slot[slot] = *s;
    p->slot[slot].state = SLOT_FREE;
    p->slot[slot].seq = p->seq++;
    e->alloc[port_of(p, (uint32_t)slot)] = slot;
    go(p, (uint32_t)slot, SLOT_L2Q);
}

void ptw_admit(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (e->fence && e->cover.by_va) return;
    int i = oldest_of(p, e->start[SLOT_L2Q]);
    if (i == NO_SLOT) i = e->alloc[PORT_DATA];
    if (i == NO_SLOT) i = e->alloc[PORT_FETCH];
    if (i != NO_SLOT) go(p, (uint32_t)i, SLOT_L2S);
}

/* ---- Kill and fence: on what the cycle made of the slots
 * -------------------------------------------------- */

static void kill_slot(struct ptw *p, uint32_t i) {
    struct walk_slot *s = &p->slot[i];
    EACH_SLOT(f, followers_of(p, i)) { /* they look again: one of them will lead */
        p->slot[f].again = true;
        go(p, f, SLOT_L2Q);
    }
    if (s->state == SLOT_RD || s->state == SLOT_CAS) {
        go(p, i, SLOT_DRAIN);
    } else if (s->state == SLOT_RDQ && p->held && p->held_slot == i) {
        s->killed = true; /* offered: stays until taken */
    } else {
        p->held = p->held && p->held_slot != i; /* an A/D update of a killed access is withdrawn */
        go(p, i, SLOT_FREE);
    }
}

void ptw_kill(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (!(e->in->ikill_i | e->in->dkill_i)) return;
    uint32_t live = (p->of_port[0] | p->of_port[1]) & ~(e->start[SLOT_FREE] | e->start[SLOT_DRAIN]);
    uint32_t doomed = 0;
    EACH_SLOT(i, live & ~(p->in[SLOT_FREE] | p->in[SLOT_DRAIN])) {
        uint32_t kill = port_of(p, i) == PORT_DATA ? e->in->dkill_i : e->in->ikill_i;
        if (kill >> p->slot[i].id & 1 && !p->slot[i].killed) doomed |= BIT(i);
    }
    EACH_SLOT(i, doomed & p->in[SLOT_MERGED]) go(p, i, SLOT_FREE);
    EACH_SLOT(i, doomed & ~p->in[SLOT_FREE]) kill_slot(p, i);
}

void ptw_mark(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (!e->fence && !e->satp_write) return;
    EACH_SLOT(i, ~p->in[SLOT_FREE] & (p->of_port[0] | p->of_port[1])) {
        if (covered(e, &p->slot[i])) p->slot[i].stale = true;
    }
}
