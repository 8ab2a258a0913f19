/* SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walkers: start, L2 compare and merge, the PTE that arrives, A/D updates; the
 * memory request is offer.c's. Mirror: rtl/mmu_ptw.sv
 *
 * `walkers` only caps how many slots walk at a time; all a walk knows is in its slot. The chapters
 * run in the order of the order rules of docs/microarchitecture.md; each reads what no earlier
 * chapter of the same cycle has changed, or says so.
 */
#include "slot.h"
#include "perm.h"

static bool wide(const struct mmu *m, ppn_t ppn) {
    return ppn >> (m->pa_bits - PAGE_SHIFT);
}

/* ---- Verdict: what a leaf means for one request ------------------------------------------ */

enum verdict { VERDICT_OK, VERDICT_FAULT, VERDICT_A, VERDICT_D };

static enum verdict judge(const struct mmu *m, struct walk_slot *s, pte_t pte, uint8_t level) {
    bool need_d = access_is_store(s->access) && !(pte & PTE_D);
    s->pte = pte;
    s->level = level;
    s->low = leaf_low(m->rv32, pte, level);
    s->cause = CAUSE_NONE;
    if (!perm_check(pte, s->access, s->priv, s->sum, s->mxr)) { /* step 6 */
        s->cause = cause_page(s->access);
        return VERDICT_FAULT;
    }
    bool update = !(pte & PTE_A) || need_d; /* step 7 */
    if (update && !s->adue) {               /* [VM-9.1, VM-9.2] */
        s->cause = cause_page(s->access);
        return VERDICT_FAULT;
    }
    /* [VM-9.3, VM-9.4, VM-9.8] */
    if (!(pte_pa(pte, s->low, s->va) >> m->pa_bits))
        return !update ? VERDICT_OK : need_d ? VERDICT_D : VERDICT_A;
    /* [VM-10.4] */
    s->cause = cause_access(s->access); /* beyond physical memory: found before A or D is set */
    return VERDICT_FAULT;
}

/* The slot reads a PTE next. */
static void to_read(struct mmu *m, uint32_t i) {
    m->ptw.slot[i].due = m->cycle + m->config.walk_cycles;
    slot_go(&m->ptw, i, SLOT_RDQ);
}

/* ---- Walk start: a walker is free, the oldest waiting slot takes it ---------------------- */

void ptw_start(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    uint32_t busy = e->start[SLOT_RDQ] | e->start[SLOT_RD] | e->start[SLOT_CASQ] |
                    e->start[SLOT_CAS] | e->start[SLOT_SHARE];
    e->out->ev_walkers_o = (uint8_t)__builtin_popcount(busy);
    if (__builtin_popcount(busy) >= p->walkers) return;
    int i = slot_oldest(p, e->start[SLOT_WANT]);
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
    to_read(m, (uint32_t)i);
}

/* ---- L2 compare: what misses joins a walk of its page, or becomes one -------------------- */

static int leader_of(const struct ptw *p, const struct walk_slot *s) {
    uint32_t walking = p->in[SLOT_WANT] | p->in[SLOT_RDQ] | p->in[SLOT_RD] | p->in[SLOT_CASQ] |
                       p->in[SLOT_CAS] | p->in[SLOT_SHARE];
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
    if (!s->stale) hit = l2_lookup(l2_of(m, slot_port(p, i)), vpn, m->ctx.current, need_d);
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
        slot_go(p, i, SLOT_DONE);
        e->l2_hit = hit;
        e->l2_hit_vpn = vpn;
        e->l2_hit_port = slot_port(p, i);
        return;
    }
    int lead = s->stale ? NO_SLOT : leader_of(p, s);
    if (lead == NO_SLOT) {
        slot_go(p, i, SLOT_WANT);
        return;
    }
    s->lead = (uint8_t)lead;
    e->out->ev_merge_o = 1;
    m->stats.merged++;
    slot_go(p, i, SLOT_MERGED);
}

/* ---- The end of a walk ------------------------------------------------------------------- */

void ptw_count(struct mmu *m, uint32_t i) {
    uint64_t latency = m->cycle - m->ptw.started[i];
    struct mmu_stats *st = &m->stats;
    st->walk_latency_sum += latency;
    if (!st->walks_ended || latency < st->walk_latency_min) st->walk_latency_min = latency;
    if (latency > st->walk_latency_max) st->walk_latency_max = latency;
    st->walks_ended++;
}

static void walk_end(struct mmu *m, struct edge *e, uint32_t i, uint8_t size) {
    ptw_count(m, i);
    e->out->ev_walk_end_o = 1;
    e->out->ev_walk_end_slot_o = (uint8_t)i;
    e->out->ev_walk_end_size_o = size;
}

void ptw_done(struct mmu *m, uint32_t i, uint8_t source) {
    struct walk_slot *s = &m->ptw.slot[i];
    s->source = source;
    s->due = m->cycle + 1 + m->config.walk_refill;
    slot_go(&m->ptw, i, SLOT_DONE);
}

void ptw_wake(struct mmu *m, uint32_t lead, bool access_fault) {
    struct ptw *p = &m->ptw;
    uint32_t all = slot_followers(p, lead) | BIT(lead);
    EACH_SLOT(i, all) {
        struct walk_slot *s = &p->slot[i];
        s->cause = access_fault ? cause_access(s->access) : cause_page(s->access);
        ptw_done(m, i, i == lead ? SOURCE_WALK : SOURCE_MERGED);
    }
}

/* Each follower is checked for itself. One that needs A or D looks again, alone. */
static void wake_followers(struct mmu *m, uint32_t lead, pte_t pte, uint8_t level, bool global) {
    struct ptw *p = &m->ptw;
    EACH_SLOT(i, slot_followers(p, lead)) {
        struct walk_slot *s = &p->slot[i];
        uint8_t top = s->level;
        enum verdict v = judge(m, s, pte, level);
        if (v == VERDICT_OK || v == VERDICT_FAULT) {
            s->global = global;
            ptw_done(m, i, SOURCE_MERGED);
        } else {
            s->level = top;
            slot_look_again(m, BIT(i));
        }
    }
}

static void fill_l2(struct mmu *m, struct edge *e, const struct walk_slot *s, int port) {
    if (slot_covered(m, e, s)) return; /* [FEN-9] */
    e->l2_fill_port = port;
    e->l2_fill =
        l2_fill(l2_of(m, port), slot_vpn(s), m->ctx.current, slot_pte(s), s->level, s->low);
    if (!e->l2_fill.done) return;
    e->out->ev_l2_fill_o = 1;
    e->out->ev_l2_fill_large_o = e->l2_fill.large;
    e->out->ev_l2_fill_set_o = (uint16_t)e->l2_fill.set;
    e->out->ev_l2_fill_way_o = (uint8_t)e->l2_fill.way;
}

/* ---- A leaf, or the leaf as the A/D update left it --------------------------------------- */

static void leaf(struct mmu *m, struct edge *e, uint32_t i, pte_t pte) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    uint8_t level = s->level;
    enum verdict v = judge(m, s, pte, level);
    bool update = v == VERDICT_A || v == VERDICT_D;
    if (update && (v == VERDICT_A || slot_named(p, e, i))) {
        slot_go(p, i, SLOT_CASQ); /* followers wait for the updated PTE */
        return;
    }
    walk_end(m, e, i, v == VERDICT_OK ? leaf_size(m->rv32, pte, level) : SIZE_NONE);
    /* [VM-9.9] */
    if (update) { /* D for a younger store: hold, without a walker (order rule 12) */
        e->out->ev_hold_o = 1;
        m->stats.holds++;
        slot_go(p, i, SLOT_HOLD);
    } else {
        ptw_done(m, i, SOURCE_WALK);
    }
    if (v == VERDICT_OK) fill_l2(m, e, s, slot_port(p, i)); /* [TLB-6, SVV-1] */
    wake_followers(m, i, pte, level, s->global);
}

static void fill_pwc(struct mmu *m, struct edge *e, const struct walk_slot *s, unsigned level) {
    struct pwc *c = &m->pwc[level - 1];
    if (!c->ways || slot_covered(m, e, s)) return;
    e->out->ev_pwc_fill_o = 1;
    e->out->ev_pwc_fill_level_o = (uint8_t)level;
    e->out->ev_pwc_fill_way_o =
        (uint8_t)pwc_fill(c, slot_vpn(s), m->ctx.current, s->base, s->global);
}

static void descend(struct mmu *m, uint32_t i, pte_t pte) {
    struct walk_slot *s = &m->ptw.slot[i];
    s->base = pte_ppn(pte);          /* [VM-4.7, SVV-2] */
    s->global |= (pte & PTE_G) != 0; /* [VM-4.8] */
    s->level--;
    to_read(m, i);
}

/* The read they waited for brought no pointer but another page's leaf, or a fault, which is rare:
 * they look again, and their followers with them. */
static void give_up(struct mmu *m, struct edge *e, uint32_t sharers) {
    struct ptw *p = &m->ptw;
    EACH_SLOT(i, sharers) {
        ptw_count(m, i);
        slot_look_again(m, slot_followers(p, i) | BIT(i));
    }
    e->out->ev_giveup_o = sharers;
}

static void read_answer(struct mmu *m, struct edge *e, uint32_t i, pte_t pte) {
    struct walk_slot *s = &m->ptw.slot[i];
    const struct pte_rules rules = {
        .rv32 = m->rv32, .svnapot = e->in->svnapot_i, .pbmte = s->pbmte};
    enum pte_kind kind = pte_classify(pte, s->level, rules);
    bool beyond = kind == PTE_KIND_POINTER && wide(m, pte_ppn(pte));
    uint32_t sharers = slot_sharers(&m->ptw, i);
    if (kind != PTE_KIND_POINTER || beyond) give_up(m, e, sharers);
    if (kind == PTE_KIND_FAULT || beyond) {
        walk_end(m, e, i, SIZE_NONE);
        ptw_wake(m, i, beyond);
    } else if (kind == PTE_KIND_LEAF) {
        leaf(m, e, i, pte);
    } else {
        descend(m, i, pte);
        fill_pwc(m, e, s, s->level + 1u);
        EACH_SLOT(f, sharers) descend(m, f, pte);
    }
}

static void cas_answer(struct mmu *m, struct edge *e, uint32_t i, bool error, bool ok) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    /* [VM-9.7] */
    if (error) { /* the PTE is unchanged; followers that need no update may still use it */
        walk_end(m, e, i, SIZE_NONE);
        wake_followers(m, i, s->pte, s->level, s->global);
        s->cause = cause_access(s->access);
        ptw_done(m, i, SOURCE_WALK);
    } else if (ok) {
        m->stats.ad_writes++;
        leaf(m, e, i, slot_updated(s));
    } else {                    /* step 7: the comparison failed, that PTE is read again */
        e->out->ev_retry_o = 1; /* [VM-9.5] */
        m->stats.retries++;
        to_read(m, i);
    }
}

void ptw_answer(struct mmu *m, struct edge *e) {
    const struct mmu_in *in = e->in;
    struct ptw *p = &m->ptw;
    if (!in->mem_rsp_valid_i) return;
    uint32_t i = in->mem_rsp_tag_i & (SLOTS_MAX - 1);
    if (p->in[SLOT_DRAIN] & BIT(i)) {
        m->stats.ad_writes += in->mem_rsp_cas_ok_i; /* it was done before the kill */
        slot_go(p, i, SLOT_FREE);
    } else if (p->in[SLOT_RD] & BIT(i)) {
        if (in->mem_rsp_error_i) { /* [VM-2.3] */
            give_up(m, e, slot_sharers(p, i));
            walk_end(m, e, i, SIZE_NONE);
            ptw_wake(m, i, true);
        } else {
            pte_t pte = in->mem_rsp_data_i[0];
            read_answer(m, e, i, m->rv32 ? (uint32_t)pte : pte);
        }
    } else if (p->in[SLOT_CAS] & BIT(i)) {
        cas_answer(m, e, i, in->mem_rsp_error_i, in->mem_rsp_cas_ok_i);
    }
}
