/* SPDX-License-Identifier: Apache-2.0
 *
 * L2 compare: a slot hits L2 or a kept line of PTEs and is done; or it joins the walk of its page,
 * waits for the line that a walk beside it will read, or becomes a walk. Mirror: rtl/mmu_compare.sv
 */
#include "slot.h"
#include "perm.h"

/* ---- What was found, there or in a kept line --------------------------------------------- */

static bool answer_from_l2(struct mmu *m, struct edge *e, uint32_t i, bool need_d) {
    struct walk_slot *s = &m->ptw.slot[i];
    int port = slot_port(&m->ptw, i);
    vpn_t vpn = slot_vpn(s);
    struct l2_hit hit = l2_lookup(l2_of(m, port), vpn, m->ctx.current, need_d);
    if (hit.way < 0) return false;
    judge(m, s, hit.pte, hit.level); /* A is set, and D if a store: the verdict is ok or a fault */
    s->source = SOURCE_L2;
    e->l2_hit = hit;
    e->l2_hit_vpn = vpn;
    e->l2_hit_port = port;
    return true;
}

static bool answer_from_line(struct mmu *m, struct edge *e, uint32_t i, int way, bool need_d) {
    struct walk_slot *s = &m->ptw.slot[i];
    pte_t pte;
    uint8_t span;
    if (!lines_answer(&m->lines, way, slot_vpn(s), need_d, &pte, &span)) return false;
    judge(m, s, pte, 0); /* as of L2 */
    s->span = span;
    s->source = SOURCE_LINE;
    e->line_slot = (int)i;
    if (s->ahead) return true;
    e->line_hit_way = way;
    e->out->ev_line_hit_o = 1;
    e->out->ev_line_hit_slot_o = (uint8_t)i;
    m->stats.line_hits++;
    return true;
}

/* ---- Whom it joins ----------------------------------------------------------------------- */

/* The lowest of these slots that walks the same page, or with `low` one of the same line. */
static int leader_of(const struct ptw *p, const struct walk_slot *s, uint32_t walking,
                     uint32_t low) {
    EACH_SLOT(i, walking) {
        const struct walk_slot *l = &p->slot[i];
        if (!l->stale && !l->killed && slot_vpn(l) >> low == slot_vpn(s) >> low) return (int)i;
    }
    return NO_SLOT;
}

/* What misses joins a walk, or becomes one. A slot waits for a line once: it may not come, or not
 * answer, and then it walks. */
static void join(struct mmu *m, struct edge *e, uint32_t i, bool line_kept) {
    struct ptw *p = &m->ptw;
    struct walk_slot *s = &p->slot[i];
    uint32_t reading = p->in[SLOT_WANT] | p->in[SLOT_RDQ] | p->in[SLOT_RD] | p->in[SLOT_SHARE];
    int lead = leader_of(p, s, reading | p->in[SLOT_CASQ] | p->in[SLOT_CAS], 0);
    bool same_page = lead != NO_SLOT;
    if (!same_page && m->lines.ways && !line_kept && !s->again)
        lead = leader_of(p, s, reading, m->lines.low);
    if (lead == NO_SLOT) {
        slot_go(p, i, SLOT_WANT);
        return;
    }
    if (s->ahead) { /* what another brings it need not wait for */
        slot_go(p, i, SLOT_FREE);
        return;
    }
    s->lead = (uint8_t)lead;
    e->out->ev_merge_o = same_page;
    e->out->ev_line_wait_o = !same_page;
    m->stats.merged += same_page;
    m->stats.line_waits += !same_page;
    slot_go(p, i, same_page ? SLOT_MERGED : SLOT_LINE);
}

void ptw_compare(struct mmu *m, struct edge *e) {
    struct ptw *p = &m->ptw;
    if (!e->start[SLOT_L2S]) return;
    uint32_t i = (uint32_t)__builtin_ctz(e->start[SLOT_L2S]);
    struct walk_slot *s = &p->slot[i];
    bool need_d = access_is_store(s->access), counted = !s->again && !s->ahead;
    bool hit = !s->stale && answer_from_l2(m, e, i, need_d);
    int way = s->stale ? -1 : lines_lookup(&m->lines, slot_vpn(s), m->ctx.current);
    e->out->ev_l2_lookup_o = counted;
    e->out->ev_l2_hit_o = counted && hit;
    e->out->ev_l2_slot_o = (uint8_t)(counted ? i : 0);
    m->stats.l2_lookups += counted;
    m->stats.l2_hits += counted && hit;
    if (hit || answer_from_line(m, e, i, way, need_d)) {
        slot_go(p, i, s->ahead ? SLOT_FREE : SLOT_DONE);
    } else if (s->stale) {
        slot_go(p, i, SLOT_WANT);
    } else {
        join(m, e, i, way >= 0);
    }
}
