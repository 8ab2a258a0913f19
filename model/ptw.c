/* SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walkers: start, the PTE that arrives, the end of a walk. Mirror: rtl/mmu_ptw.sv
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
    unsigned walkers = (unsigned)__builtin_popcount(busy & ~p->ahead);
    e->out->ev_walkers_o = (uint8_t)walkers;
    /* a prefetch needs none of them */
    int i = slot_oldest(p, e->start[SLOT_WANT] & (walkers < p->walkers ? ~0u : p->ahead));
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
    m->stats.pwc_hits[e->pwc_hit_level] += !s->ahead;
    m->stats.walks += !s->ahead;
    p->started[i] = m->cycle;
    e->out->ev_walk_start_o = 1;
    e->out->ev_walk_start_slot_o = (uint8_t)i;
    e->out->ev_walk_start_level_o = s->level;
    to_read(m, (uint32_t)i);
}

/* ---- The end of a walk ------------------------------------------------------------------- */

void ptw_count(struct mmu *m, uint32_t i) {
    uint64_t latency = m->cycle - m->ptw.started[i];
    struct mmu_stats *st = &m->stats;
    if (m->ptw.slot[i].ahead) return; /* of walks that somebody waits for */
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
    slot_go(&m->ptw, i, s->ahead ? SLOT_FREE : SLOT_DONE);
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
    uint8_t span = p->slot[lead].span;
    EACH_SLOT(i, slot_followers(p, lead)) {
        struct walk_slot *s = &p->slot[i];
        uint8_t top = s->level;
        enum verdict v = judge(m, s, pte, level);
        if (v == VERDICT_OK || v == VERDICT_FAULT) {
            s->global = global;
            s->span = span;
            ptw_done(m, i, SOURCE_MERGED);
        } else {
            s->level = top;
            slot_look_again(m, BIT(i));
        }
    }
}

static void fill_l2(struct mmu *m, struct edge *e, const struct walk_slot *s, int port) {
    if (slot_covered(m, e, s)) return; /* [FEN-9] */
    e->l2_filled = true;
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

static void leaf(struct mmu *m, struct edge *e, uint32_t i, pte_t pte, uint8_t span) {
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
    s->span = span;
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
        slot_look_again(m, slot_followers(p, i) | slot_liners(p, i) | BIT(i));
    }
    e->out->ev_giveup_o = sharers;
}

/* A read that is the walk's last, unless a failed compare repeats it. Who waited for its line looks
 * again, whatever came: the line is kept by then, or will not be. */
static void last_read(struct mmu *m, struct edge *e, uint32_t i) {
    give_up(m, e, slot_sharers(&m->ptw, i));
    slot_look_again(m, slot_liners(&m->ptw, i));
}

/* [SVV-1, FEN-9] */
static void fill_line(struct mmu *m, struct edge *e, const struct walk_slot *s,
                      struct pte_rules rules) {
    if (!s->line || slot_covered(m, e, s)) return;
    m->stats.line_fills++;
    e->out->ev_line_fill_o = 1;
    e->out->ev_line_fill_way_o = (uint8_t)lines_fill(&m->lines, slot_vpn(s), m->ctx.current,
                                                     e->in->mem_rsp_data_i, s->global, rules);
}

static void read_answer(struct mmu *m, struct edge *e, uint32_t i) {
    struct walk_slot *s = &m->ptw.slot[i];
    const uint64_t *data = e->in->mem_rsp_data_i;
    pte_t pte = s->line ? lines_word(data, slot_vpn(s), m->rv32) : lines_word(data, 0, m->rv32);
    const struct pte_rules rules = {
        .rv32 = m->rv32, .svnapot = e->in->svnapot_i, .pbmte = s->pbmte};
    enum pte_kind kind = pte_classify(pte, s->level, rules);
    bool beyond = kind == PTE_KIND_POINTER && wide(m, pte_ppn(pte));
    uint32_t sharers = slot_sharers(&m->ptw, i);
    if (kind != PTE_KIND_POINTER || beyond) last_read(m, e, i);
    fill_line(m, e, s, rules);
    if (kind == PTE_KIND_FAULT || beyond) {
        walk_end(m, e, i, SIZE_NONE);
        ptw_wake(m, i, beyond);
    } else if (kind == PTE_KIND_LEAF) {
        leaf(m, e, i, pte, s->line ? lines_block(&m->lines, data, slot_vpn(s), rules) : 0);
    } else {
        descend(m, i, pte);
        fill_pwc(m, e, s, s->level + 1u);
        EACH_SLOT(f, sharers) descend(m, f, pte);
    }
}

/* Of a line that the bus refuses the PTE may be there all the same: it is read alone. */
static void read_refused(struct mmu *m, struct edge *e, uint32_t i) {
    struct walk_slot *s = &m->ptw.slot[i];
    last_read(m, e, i);
    if (s->line) {
        s->single = true;
        to_read(m, i);
        return;
    }
    walk_end(m, e, i, SIZE_NONE);
    ptw_wake(m, i, true);
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
        lines_drop(&m->lines, slot_vpn(s));
        leaf(m, e, i, slot_updated(s), 0);
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
        /* it was done before the kill */
        m->stats.ad_writes += p->updates & BIT(i) && in->mem_rsp_cas_ok_i && !in->mem_rsp_error_i;
        slot_go(p, i, SLOT_FREE);
    } else if (p->in[SLOT_RD] & BIT(i)) {
        if (in->mem_rsp_error_i) { /* [VM-2.3] */
            read_refused(m, e, i);
        } else {
            read_answer(m, e, i);
        }
    } else if (p->in[SLOT_CAS] & BIT(i)) {
        cas_answer(m, e, i, in->mem_rsp_error_i, in->mem_rsp_cas_ok_i);
    }
}

void ptw_fill_from_line(struct mmu *m, struct edge *e) {
    if (e->line_slot == NO_SLOT || e->l2_filled) return;
    const struct walk_slot *s = &m->ptw.slot[e->line_slot];
    if (!s->cause) fill_l2(m, e, s, slot_port(&m->ptw, (uint32_t)e->line_slot));
}
