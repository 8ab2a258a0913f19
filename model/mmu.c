/* SPDX-License-Identifier: Apache-2.0
 *
 * The MMU, one clock edge at a time. Mirror: rtl/mmu.sv
 *
 * mmu_step runs the chapters of docs/microarchitecture.md in their order, in place: each chapter
 * reads only what no earlier one of the same cycle has changed (or the copy that struct edge took
 * at the start), so no second copy of the state is needed and the text follows the RTL's, chapter
 * by chapter.
 */
#include "mmu_state.h"
#include "perm.h"
#include <string.h>

/* ---- State ------------------------------------------------------------------------------- */

static size_t round8(size_t n) {
    return (n + 7) & ~(size_t)7;
}

static void l1_shapes(const struct config *c, struct l1_shape of_port[2]) {
    of_port[PORT_FETCH] = (struct l1_shape){.sets = c->l1i_sets,
                                            .ways = c->l1i_ways,
                                            .super = c->l1i_super,
                                            .sizes = c->l1i_sizes,
                                            .super_sizes = c->l1i_super_sizes,
                                            .repl = repl_kind(c, c->l1i_repl)};
    of_port[PORT_DATA] = (struct l1_shape){.sets = c->l1d_sets,
                                           .ways = c->l1d_ways,
                                           .super = c->l1d_super,
                                           .sizes = c->l1d_sizes,
                                           .super_sizes = c->l1d_super_sizes,
                                           .repl = repl_kind(c, c->l1d_repl)};
}

static void l2_shapes(const struct config *c, struct l2_shape *l2, struct l2_shape *l2i) {
    *l2 = (struct l2_shape){.sets = c->l2_sets,
                            .ways = c->l2_ways,
                            .large = c->l2_large,
                            .large_sizes = c->l2_large_sizes,
                            .repl = repl_kind(c, c->l2_repl)};
    *l2i = *l2;
    l2i->sets = c->l2i_sets, l2i->ways = c->l2i_ways, l2i->large = c->l2i_large;
}

size_t mmu_size(const struct config *c) {
    struct l1_shape of_port[2];
    struct l2_shape l2, l2i;
    l1_shapes(c, of_port);
    l2_shapes(c, &l2, &l2i);
    return round8(sizeof(struct mmu)) + l1_bytes(&of_port[PORT_FETCH]) +
           l1_bytes(&of_port[PORT_DATA]) + l2_bytes(&l2) + l2_bytes(&l2i) + pwc_bytes(c->pwc_l1) +
           pwc_bytes(c->pwc_l2) + pwc_bytes(c->pwc_l3) + pwc_bytes(c->pwc_l4) +
           lines_bytes(c->pte_lines);
}

void mmu_init(struct mmu *m, const struct config *c) {
    char *at = (char *)m + round8(sizeof *m);
    const uint32_t pwc_ways[PWC_LEVELS] = {c->pwc_l1, c->pwc_l2, c->pwc_l3, c->pwc_l4};
    struct l1_shape of_port[2];
    struct l2_shape l2, l2i;
    memset(m, 0, sizeof *m);
    m->config = *c;
    m->digest = mmu_config_digest(c);
    m->rv32 = c->xlen == 32;
    m->pa_bits = (uint8_t)(m->rv32 && c->pa_bits > SV32_PA_BITS ? SV32_PA_BITS : c->pa_bits);
    m->asid_bits =
        (uint8_t)(m->rv32 && c->asid_bits > SV32_ASID_BITS ? SV32_ASID_BITS : c->asid_bits);
    pmp_init(&m->pmp, c->pmp_entries, m->rv32, false);
    pmp_init(&m->pma, c->pma_entries, m->rv32, true);
    ctx_init(&m->ctx, c->ctx_entries, c->ctx_bits);
    l1_shapes(c, of_port);
    for (int port = PORT_FETCH; port <= PORT_DATA; port++) {
        l1_init(&m->l1[port], &of_port[port], m->rv32, at);
        at += l1_bytes(&of_port[port]);
    }
    l2_shapes(c, &l2, &l2i);
    m->l2_split = l2i.ways || l2i.large;
    l2_init(&m->l2, &l2, m->rv32, at);
    at += l2_bytes(&l2);
    l2_init(&m->l2i, &l2i, m->rv32, at);
    at += l2_bytes(&l2i);
    for (uint32_t k = 0; k < PWC_LEVELS; k++) {
        uint32_t ways = m->rv32 && k ? 0 : pwc_ways[k]; /* Sv32 has pointers of level 1 only */
        pwc_init(&m->pwc[k], ways, level_bits(m->rv32) * (k + 1), repl_kind(c, c->pwc_repl), at);
        at += pwc_bytes(pwc_ways[k]);
    }
    lines_init(&m->lines, c->pte_lines, c->pte_coalesce, m->rv32, at);
    prefetch_init(&m->prefetch, c->prefetch_streams);
    slot_init(&m->ptw, c);
}

const struct mmu_stats *mmu_get_stats(const struct mmu *m) {
    return &m->stats;
}

/* ---- What the CSR and fence ports ask for ------------------------------------------------ */

static bool same_bits(uint64_t value, unsigned from) { /* bits 63..from all equal */
    int64_t high = (int64_t)value >> from;
    return high == 0 || high == -1;
}

/* satp in the layout of RV64, with the ASID bits that exist. False: no such MODE. */
static bool satp_value(const struct mmu *m, uint64_t value, uint64_t *satp) {
    uint64_t mode = value >> SATP_MODE_SHIFT, asid = value >> SATP_ASID_SHIFT & 0xffff;
    ppn_t ppn = value & SATP_PPN_MASK;
    if (m->rv32) {
        mode = value >> SATP32_MODE_SHIFT & 1;
        asid = value >> SATP32_ASID_SHIFT & SATP32_ASID_MASK;
        ppn = value & SATP32_PPN_MASK;
    }
    /* [SATP-8] */
    asid &= (1u << m->asid_bits) - 1;
    *satp = mode << SATP_MODE_SHIFT | asid << SATP_ASID_SHIFT | ppn;
    /* [SATP-7] */
    return m->rv32 || mode == MODE_BARE || (mode >= MODE_SV39 && mode <= MODE_SV57);
}

static void decide(struct mmu *m, struct edge *e) {
    const struct mmu_in *in = e->in;
    bool ready = !m->l2.clear.active;
    bool invalidates = in->fence_op_i == FENCE_SFENCE_VMA || in->fence_op_i == FENCE_SINVAL_VMA;
    vaddr_t va = m->rv32 ? (uint32_t)in->fence_va_i : in->fence_va_i;
    /* [FEN-8] */
    uint16_t asid = (uint16_t)(in->fence_asid_i & ((1u << m->asid_bits) - 1));
    int entry = ctx_find(&m->ctx, asid);
    e->out->fence_ready_o = ready;
    e->out->csr_ready_o = !in->fence_valid_i; /* one at a time */
    /* [INV-1, INV-2, INV-3, FEN-7] */
    /* an rs1 that is no virtual address of any mode: the fence has no effect [priv, SFENCE.VMA] */
    e->fence_taken = in->fence_valid_i && ready;
    e->fence = e->fence_taken && invalidates && (!in->fence_rs1_i || same_bits(va, 56));
    e->csr_taken = in->csr_valid_i && !in->fence_valid_i;
    e->satp_write = e->csr_taken && in->csr_addr_i == CSR_SATP &&
                    satp_value(m, in->csr_wdata_i, &e->satp); /* else ignored whole */
    e->fence_here = !in->fence_rs2_i || asid == satp_asid(m->satp);
    e->cover = (struct cover){.active = true,
                              .by_va = in->fence_rs1_i,
                              .by_ctx = in->fence_rs2_i,
                              .known = entry >= 0,
                              .vpn = va_vpn(va),
                              .ctx = entry >= 0 ? m->ctx.number[entry] : 0};
    e->fence_asid = asid;
}

static void flash(struct mmu *m) {
    l1_flash(&m->l1[PORT_FETCH]);
    l1_flash(&m->l1[PORT_DATA]);
    l2_flash(&m->l2);
    if (m->l2_split) l2_flash(&m->l2i);
    for (int k = 0; k < PWC_LEVELS; k++) pwc_flash(&m->pwc[k]);
    lines_flash(&m->lines);
}

static void apply_fence(struct mmu *m, struct edge *e) {
    bool wrap = false;
    if (!e->fence) return;
    /* [FEN-1] */
    if (!e->cover.by_va && !e->cover.by_ctx) {
        flash(m);
        return;
    }
    l1_invalidate(&m->l1[PORT_FETCH], &e->cover);
    l1_invalidate(&m->l1[PORT_DATA], &e->cover);
    l2_fence(&m->l2, &e->cover);
    if (m->l2_split) l2_fence(&m->l2i, &e->cover);
    for (int k = 0; k < PWC_LEVELS; k++) pwc_fence(&m->pwc[k], &e->cover);
    lines_fence(&m->lines, &e->cover);
    /* [FEN-2, FEN-3] */
    if (!e->cover.by_va) wrap = ctx_fence(&m->ctx, e->fence_asid, satp_asid(m->satp));
    if (wrap) flash(m);
    e->out->ev_ctx_wrap_o |= wrap;
}

/* The second cycle of a VA fence; what is filled in it stays. */
static void clear(struct mmu *m, const struct edge *e) {
    static const struct l2_fill none;
    bool fetch = m->l2_split && e->l2_fill_port == PORT_FETCH;
    l2_clear_apply(&m->l2, e->l2_clear, fetch ? &none : &e->l2_fill);
    if (m->l2_split) l2_clear_apply(&m->l2i, e->l2i_clear, fetch ? &e->l2_fill : &none);
}

static void apply_csr(struct mmu *m, struct edge *e) {
    const struct mmu_in *in = e->in;
    if (!e->csr_taken) return;
    if (in->csr_addr_i == (m->rv32 ? CSR_MENVCFGH : CSR_MENVCFG)) {
        uint64_t value = m->rv32 ? in->csr_wdata_i << 32 : in->csr_wdata_i;
        /* [VM-9.13] */
        m->adue = in->svadu_i && value & MENVCFG_ADUE;
        m->pbmte = in->svpbmt_i && !m->rv32 && value & MENVCFG_PBMTE;
    }
    pmp_csr(&m->pmp, in->csr_addr_i, in->csr_wdata_i);
    pmp_csr(&m->pma, in->csr_addr_i, in->csr_wdata_i);
    if (!e->satp_write) return;
    /* [SATP-9, SATP-10] */
    m->satp = e->satp;
    bool wrap = ctx_switch(&m->ctx, satp_asid(m->satp));
    if (wrap) flash(m);
    e->out->ev_ctx_wrap_o |= wrap;
}

/* ---- L1 lookup: answered in this cycle, or a slot ---------------------------------------- */

static struct hit refused(uint8_t cause) {
    return (struct hit){.now = true, .cause = cause, .size = SIZE_NONE};
}

/* What needs no translation, or is refused before any PTE is read. */
static bool answer_without_tlb(const struct mmu *m, const struct walk_slot *q, struct hit *h) {
    unsigned pa_bits = m->pa_bits, top = mode_top(m->satp);
    /* [SATP-1, SATP-2] */
    if (q->priv == PRIV_M || m->satp >> SATP_MODE_SHIFT == MODE_BARE) {
        bool ok = !(q->va >> pa_bits) && slot_allowed(m, q, q->va);
        *h = ok ? (struct hit){.now = true, .pa = q->va, .size = SIZE_NONE}
                : refused(cause_access(q->access));
        return true;
    }
    /* [VM-1.1, VM-1.2, VM-1.3, VM-1.4] */
    if (!m->rv32 && !same_bits(q->va, PAGE_SHIFT + LEVEL_BITS * (top + 1) - 1)) {
        *h = refused(cause_page(q->access));
        return true;
    }
    /* [VM-2.4] */
    if ((m->satp & SATP_PPN_MASK) >> (pa_bits - PAGE_SHIFT)) { /* step 2 on the root */
        *h = refused(cause_access(q->access));
        return true;
    }
    return false;
}

static struct hit answer_from_l1(const struct mmu *m, const struct walk_slot *q,
                                 const struct tlb_entry *t) {
    /* [TLB-4, TLB-5, PMP-20] */
    if (!perm_check(t->pte, q->access, q->priv, q->sum, q->mxr))
        return refused(cause_page(q->access));
    paddr_t pa = pte_pa(t->pte, t->low, q->va);
    /* [PMP-18, VM-10.4] */
    if (pa >> m->pa_bits || !slot_allowed(m, q, pa)) return refused(cause_access(q->access));
    return (struct hit){.now = true,
                        .pa = pa,
                        .size = leaf_size(m->rv32, t->pte, t->level),
                        /* [PBM-2, PBM-4] */
                        .pbmt = leaf_pbmt(t->pte)};
}

/* One port. Returns ready. */
static bool lookup(struct mmu *m, struct edge *e, int port, bool valid, struct walk_slot *q,
                   struct hit *h) {
    vpn_t vpn = va_vpn(q->va);
    uint32_t free_slots = e->start[SLOT_FREE] & m->ptw.of_port[port];
    *h = (struct hit){.now = false};
    if (!valid && free_slots) return true; /* ready, whatever it would find */
    bool translated = !answer_without_tlb(m, q, h);
    struct l1_hit l1 = {.way = -1};
    if (translated) {
        l1 = l1_lookup(&m->l1[port], vpn, m->ctx.current, access_is_store(q->access));
        *h = l1.way >= 0 ? answer_from_l1(m, q, l1.entry) : (struct hit){.now = false};
    }
    bool ready = h->now || free_slots;
    h->now = h->now && valid;
    if (!valid || !ready || !translated) return ready;
    m->stats.l1_lookups[port]++;
    m->stats.l1_hits[port] += l1.way >= 0;
    e->l1_lookup[port] = true;
    if (l1.way >= 0) {
        e->l1_hit[port] = l1;
        e->l1_hit_vpn[port] = vpn;
        return true;
    }
    q->adue = m->adue;
    q->pbmte = m->pbmte;
    q->fresh = true;
    /* [SATP-3, SATP-4, SATP-5, SATP-6] */
    q->level = (uint8_t)mode_top(m->satp);
    q->base = m->satp & SATP_PPN_MASK;
    e->alloc[port] = __builtin_ctz(free_slots);
    return true;
}

/* What the port answers in this cycle: its hit, or the one before. */
static struct hit hit_due(struct mmu *m, int port, uint32_t latency, uint8_t id, struct hit h) {
    struct hit due = m->hit[port];
    h.id = id;
    if (!latency) return h;
    m->hit[port] = h;
    return due;
}

static void requests(struct mmu *m, struct edge *e) {
    const struct mmu_in *in = e->in;
    struct mmu_out *o = e->out;
    struct hit h;
    e->q[PORT_FETCH] = (struct walk_slot){.id = in->ireq_id_i,
                                          .va = m->rv32 ? (uint32_t)in->ireq_va_i : in->ireq_va_i,
                                          .last = in->ireq_last_i,
                                          .priv = in->ireq_priv_i,
                                          .access = ACCESS_FETCH};
    /* [ACC-3] */
    e->q[PORT_DATA] = (struct walk_slot){.id = in->dreq_id_i,
                                         .va = m->rv32 ? (uint32_t)in->dreq_va_i : in->dreq_va_i,
                                         .last = in->dreq_last_i,
                                         .priv = in->dreq_priv_i,
                                         .access = in->dreq_access_i,
                                         .sum = in->dreq_sum_i,
                                         .mxr = in->dreq_mxr_i};
    o->ireq_ready_o = lookup(m, e, PORT_FETCH, in->ireq_valid_i, &e->q[PORT_FETCH], &h);
    h = hit_due(m, PORT_FETCH, m->config.l1i_latency, in->ireq_id_i, h);
    if (h.now) {
        o->ihit_valid_o = 1, o->ihit_id_o = h.id, o->ihit_pa_o = h.pa;
        o->ihit_cause_o = h.cause, o->ihit_size_o = h.size, o->ihit_pbmt_o = h.pbmt;
    }
    o->dreq_ready_o = lookup(m, e, PORT_DATA, in->dreq_valid_i, &e->q[PORT_DATA], &h);
    h = hit_due(m, PORT_DATA, m->config.l1d_latency, in->dreq_id_i, h);
    if (h.now) {
        o->dhit_valid_o = 1, o->dhit_id_o = h.id, o->dhit_pa_o = h.pa;
        o->dhit_cause_o = h.cause, o->dhit_size_o = h.size, o->dhit_pbmt_o = h.pbmt;
    }
    o->ev_il1_lookup_o = e->l1_lookup[PORT_FETCH];
    o->ev_il1_hit_o = e->l1_hit[PORT_FETCH].way >= 0;
    o->ev_dl1_lookup_o = e->l1_lookup[PORT_DATA];
    o->ev_dl1_hit_o = e->l1_hit[PORT_DATA].way >= 0;
}

/* Misses take their slots, data first in one cycle; a prefetch comes last. */
static void allocate(struct mmu *m, struct edge *e) {
    for (int port = PORT_DATA; port >= PORT_FETCH; port--) {
        if (e->alloc[port] != NO_SLOT) slot_allocate(m, (uint32_t)e->alloc[port], &e->q[port]);
    }
    if (e->ahead) slot_allocate(m, (uint32_t)__builtin_ctz(m->ptw.ahead), &e->q_ahead);
}

/* Order rule 7: what was hit is touched after what was filled. */
static void touch(struct mmu *m, struct edge *e) {
    for (int port = 0; port < 2; port++) {
        if (e->l1_hit[port].way >= 0) l1_touch(&m->l1[port], e->l1_hit_vpn[port], &e->l1_hit[port]);
    }
    if (e->l2_hit.way >= 0) l2_touch(l2_of(m, e->l2_hit_port), e->l2_hit_vpn, &e->l2_hit);
    if (e->pwc_hit_level)
        repl_touch(&m->pwc[e->pwc_hit_level - 1].repl, 0, (unsigned)e->pwc_hit_way);
    if (e->line_hit_way >= 0) repl_touch(&m->lines.repl, 0, (unsigned)e->line_hit_way);
}

/* ---- One clock edge ---------------------------------------------------------------------- */

void mmu_step(struct mmu *m, const struct mmu_in *in, struct mmu_out *out) {
    struct edge e = {.in = in,
                     .out = out,
                     .alloc = {NO_SLOT, NO_SLOT},
                     .l1_hit = {{.way = -1}, {.way = -1}},
                     .l2_hit = {.way = -1},
                     .line_slot = NO_SLOT,
                     .line_hit_way = -1};
    memset(out, 0, sizeof *out);
    memcpy(e.start, m->ptw.in, sizeof e.start);
    bool clearing = m->l2.clear.active;
    out->idle_o = mmu_idle(m);
    out->config_o = m->digest;
    out->csr_done_o = m->csr_done;
    out->fence_done_o = m->fence_done;
    if (m->watched) mmu_state_digests(m, out);
    decide(m, &e);
    e.l2_clear = l2_clear_match(&m->l2);
    if (m->l2_split) e.l2i_clear = l2_clear_match(&m->l2i);
    requests(m, &e);
    slot_prefetch(m, &e);
    slot_respond(m, &e);
    ptw_start(m, &e);
    ptw_compare(m, &e);
    ptw_answer(m, &e);
    ptw_fill_from_line(m, &e);
    ptw_request(m, &e);
    touch(m, &e);
    allocate(m, &e);
    slot_admit(m, &e);
    slot_kill(m, &e);
    slot_mark(m, &e);
    if (clearing) clear(m, &e);
    apply_fence(m, &e);
    apply_csr(m, &e);

    m->csr_done = e.csr_taken;
    m->fence_done = clearing || (e.fence_taken && !(e.fence && e.cover.by_va));
    m->stats.active_cycles +=
        !out->idle_o || in->ireq_valid_i || in->dreq_valid_i || in->fence_valid_i;
    m->cycle++;
    if (in->rst_i) {
        struct config config = m->config;
        bool watched = m->watched;
        mmu_init(m, &config);
        m->watched = watched;
    }
}
