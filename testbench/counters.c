/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 4. counters_step is called once a cycle, whatever the engine, so it tests the few valid
 * pins and leaves; only what is counted by a bit is added without a branch.
 *
 * It knows no state of the MMU: which walk is whose comes from the slot numbers of the probe and of
 * the memory tags, and the mode of translation from the satp writes it sees.
 */
#include "counters.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void counters_init(struct counters *c, const struct config *cfg) {
    memset(c, 0, sizeof *c);
    c->fetch_slots = cfg->slots_fetch;
    c->ahead_slot = cfg->prefetch_streams ? cfg->slots_fetch + cfg->slots_data : COUNTERS_TAGS;
    c->latency[0] = cfg->l1i_latency, c->latency[1] = cfg->l1d_latency;
    c->rv32 = cfg->xlen == 32;
    c->pa_bits = c->rv32 && cfg->pa_bits > SV32_PA_BITS ? SV32_PA_BITS : cfg->pa_bits;
    c->root = -1;
}

void counters_add(struct counters *c, const struct counters *before) {
    uint64_t *sum = &c->cycles, least = c->walk_latency_min, most = c->walk_latency_max;
    const uint64_t *more = &before->cycles;
    enum { COUNTS = (offsetof(struct counters, walked) - offsetof(struct counters, cycles)) / 8 };
    if (!c->walks_ended || (before->walks_ended && before->walk_latency_min < least))
        least = before->walk_latency_min;
    if (before->walk_latency_max > most) most = before->walk_latency_max;
    for (size_t i = 0; i < COUNTS; i++) sum[i] += more[i];
    c->walk_latency_min = least;
    c->walk_latency_max = most;
}

/* ---- Requests and answers ------------------------------------------------------------------ */

/* Does the request ask the TLBs? Not in Bare or M; nor if the address is none of the mode's, whose
 * upper bits must equal the top bit of its virtual addresses [priv, Sv39, Sv48, Sv57]; nor if the
 * root is beyond physical memory. */
static bool translates(const struct counters *c, vaddr_t va, unsigned priv) {
    if (c->root < 0 || priv == PRIV_M || c->root_wide) return false;
    if (c->rv32) return true;
    int64_t high = (int64_t)va >> (PAGE_SHIFT + LEVEL_BITS * (c->root + 1) - 1);
    return high == 0 || high == -1;
}

static void accept(struct counters *c, unsigned port, unsigned id, vaddr_t va, unsigned priv) {
    c->accepted[port]++;
    c->translating[port] += translates(c, va, priv);
    c->root_of[port][id] = (int8_t)c->root;
    c->live[port] |= 1u << id;
    c->walked[port] &= ~(1u << id);
    c->found_l2[port] &= ~(1u << id);
    c->found_line[port] &= ~(1u << id);
    c->waiting[port][c->waiting_count[port]++ & 31] = (uint8_t)id;
}

static void forget(struct counters *c, unsigned port, uint32_t ids) {
    unsigned n = 0;
    for (unsigned i = 0; i < c->waiting_count[port]; i++) {
        uint8_t id = c->waiting[port][i & 31];
        if (!(ids >> id & 1)) c->waiting[port][n++] = id;
    }
    c->waiting_count[port] = (uint8_t)n;
}

static void hit(struct counters *c, unsigned port, unsigned id, unsigned size) {
    c->hit_answers[port]++;
    c->live[port] &= ~(1u << id);
    forget(c, port, 1u << id);
    if (size != SIZE_NONE) c->pages[size]++;
}

static void miss(struct counters *c, unsigned port, unsigned id, unsigned size, unsigned source) {
    c->miss_answers[port]++;
    c->live[port] &= ~(1u << id);
    c->from_walk[port] += source == SOURCE_WALK;
    c->from_l2[port] += source == SOURCE_L2;
    c->from_merge[port] += source == SOURCE_MERGED;
    c->from_line[port] += source == SOURCE_LINE;
    /* whose walk has ended says walk; whom a line answers says line; who hit L2 says L2; a second
     * lookup of L2 is not reported */
    bool walked = c->walked[port] >> id & 1, found = c->found_l2[port] >> id & 1;
    if (walked)
        c->source_fits += source == SOURCE_WALK;
    else if (c->found_line[port] >> id & 1)
        c->source_fits += source == SOURCE_LINE;
    else
        c->source_fits += source == SOURCE_L2 || (source == SOURCE_MERGED && c->merged && !found);
    if (size == SIZE_NONE) return;
    c->pages[size]++;
    c->l1_missed[port][size]++;
    c->l2_missed[size] += source != SOURCE_L2;
}

static void ports(struct counters *c, const struct mmu_in *in, const struct mmu_out *out) {
    if (out->imiss_valid_o) miss(c, 0, out->imiss_id_o, out->imiss_size_o, out->imiss_source_o);
    if (out->dmiss_valid_o) miss(c, 1, out->dmiss_id_o, out->dmiss_size_o, out->dmiss_source_o);
    if (in->ireq_valid_i && out->ireq_ready_o)
        accept(c, 0, in->ireq_id_i, in->ireq_va_i, in->ireq_priv_i);
    if (in->dreq_valid_i && out->dreq_ready_o)
        accept(c, 1, in->dreq_id_i, in->dreq_va_i, in->dreq_priv_i);
    if (out->ihit_valid_o) hit(c, 0, out->ihit_id_o, out->ihit_size_o);
    if (out->dhit_valid_o) hit(c, 1, out->dhit_id_o, out->dhit_size_o);
}

/* ---- Walks --------------------------------------------------------------------------------- */

static void l2_lookup(struct counters *c, const struct mmu_out *out) {
    unsigned slot = out->ev_l2_slot_o, port = slot >= c->fetch_slots;
    c->l2_lookups++;
    if (!c->waiting_count[port]) return;
    unsigned id = c->waiting[port][0];
    forget(c, port, 1u << id);
    c->slot_of[port][id] = (uint8_t)slot;
    c->owner[slot] = (uint8_t)id;
    c->reads[slot] = 0;
    c->found_l2[port] |= (uint32_t)out->ev_l2_hit_o << id;
    c->restart &= ~(1ull << slot);
}

static void line_hit(struct counters *c, unsigned slot) {
    c->line_hits++;
    c->found_line[slot >= c->fetch_slots] |= 1u << c->owner[slot];
}

static void walk_start(struct counters *c, const struct mmu_out *out) {
    unsigned slot = out->ev_walk_start_slot_o, level = out->ev_walk_start_level_o;
    uint64_t bit = 1ull << slot;
    if (slot == c->ahead_slot) return;
    int root = c->root_of[slot >= c->fetch_slots][c->owner[slot]];
    /* a held store reads its leaf again: that asks no walk cache */
    bool cached = (int)level < root && !(c->restart & bit);
    c->pwc_hits[cached ? level + 1 : 0]++;
    c->walks++;
    c->start[slot] = c->cycles;
    c->open |= bit;
    c->restart &= ~bit;
}

static void walk_end(struct counters *c, unsigned slot, bool holds) {
    uint64_t bit = 1ull << slot, took = c->cycles - c->start[slot];
    if (slot == c->ahead_slot) return;
    c->walks_ended++;
    c->walk_latency_sum += took;
    c->walk_latency[took < COUNTERS_LATENCIES ? took : COUNTERS_LATENCIES - 1]++;
    if (c->walks_ended == 1 || took < c->walk_latency_min) c->walk_latency_min = took;
    if (took > c->walk_latency_max) c->walk_latency_max = took;
    c->open &= ~bit;
    if (holds)
        c->restart |= bit;
    else
        c->walked[slot >= c->fetch_slots] |= 1u << c->owner[slot];
}

static void walk_killed(struct counters *c, unsigned slot) {
    c->walks_killed++;
    c->killed_latency_sum += c->cycles - c->start[slot];
    c->open &= ~(1ull << slot);
    c->dying &= ~(1ull << slot);
}

/* A killed walk ends in this cycle; but a read that is offered stays, and keeps its walker, until
 * it is taken. A kill does not reach an access accepted in its cycle: `before` are those it may. */
static void kills(struct counters *c, const struct mmu_in *in, const struct mmu_out *out,
                  const uint32_t before[2]) {
    uint32_t killed[2] = {in->ikill_i & c->live[0] & before[0],
                          in->dkill_i & c->live[1] & before[1]};
    uint64_t offered =
        out->mem_req_valid_o && !in->mem_req_ready_i && out->mem_req_op_o != MEMOP_CAS
            ? 1ull << out->mem_req_tag_o
            : 0;
    for (unsigned slot = 0; slot < COUNTERS_TAGS; slot++) {
        unsigned port = slot >= c->fetch_slots;
        if (!(c->open & ~c->dying & 1ull << slot) || !(killed[port] >> c->owner[slot] & 1))
            continue;
        if (offered >> slot & 1)
            c->dying |= offered;
        else
            walk_killed(c, slot);
    }
    for (unsigned port = 0; port < 2; port++) {
        c->killed[port] += (unsigned)__builtin_popcount(killed[port]);
        c->live[port] &= ~killed[port];
        forget(c, port, killed[port]);
    }
}

static void memory(struct counters *c, const struct mmu_in *in, const struct mmu_out *out) {
    if (in->mem_rsp_valid_i && c->updates >> in->mem_rsp_tag_i & 1)
        c->ad_writes += in->mem_rsp_cas_ok_i && !in->mem_rsp_error_i;
    if (!out->mem_req_valid_o || !in->mem_req_ready_i) return;
    c->updates &= ~(1ull << out->mem_req_tag_o);
    c->updates |= (uint64_t)(out->mem_req_op_o == MEMOP_CAS) << out->mem_req_tag_o;
    if (out->mem_req_op_o != MEMOP_CAS) {
        c->pte_reads++;
        c->pte_bytes += out->mem_req_op_o == MEMOP_LINE ? 64 : c->rv32 ? SV32_PTE_BYTES : PTE_BYTES;
        c->reads[out->mem_req_tag_o]++;
        c->prefetch_reads += out->mem_req_tag_o == c->ahead_slot;
        if (c->dying >> out->mem_req_tag_o & 1) walk_killed(c, out->mem_req_tag_o);
    }
}

static void control(struct counters *c, const struct mmu_in *in, const struct mmu_out *out) {
    c->fences += in->fence_valid_i & out->fence_ready_o;
    if (!in->csr_valid_i || !out->csr_ready_o) return;
    c->csr_writes++;
    if (in->csr_addr_i != CSR_SATP) return;
    uint64_t satp = in->csr_wdata_i;
    unsigned mode = (unsigned)(satp >> SATP_MODE_SHIFT);
    if (c->rv32) {
        c->root = satp >> SATP32_MODE_SHIFT & 1 ? 1 : -1;
        c->root_wide = (satp & SATP32_PPN_MASK) >> (c->pa_bits - PAGE_SHIFT);
        return;
    }
    /* a satp write with a reserved mode has no effect [priv, satp] */
    if (mode == MODE_BARE) c->root = -1;
    if (mode < MODE_SV39 || mode > MODE_SV57) return;
    c->root = (int)(mode - MODE_SV39) + 2;
    c->root_wide = (satp & SATP_PPN_MASK) >> (c->pa_bits - PAGE_SHIFT);
}

void counters_step(struct counters *c, const struct mmu_in *in, const struct mmu_out *out) {
    const uint32_t before[2] = {c->live[0], c->live[1]};
    ports(c, in, out);
    memory(c, in, out);
    /* with a latency of 1, who is accepted and hits, or asks no TLB, is answered in the next cycle
     */
    c->late[0] = c->latency[0] && in->ireq_valid_i && out->ireq_ready_o &&
                 (out->ev_il1_hit_o || !out->ev_il1_lookup_o);
    c->late[1] = c->latency[1] && in->dreq_valid_i && out->dreq_ready_o &&
                 (out->ev_dl1_hit_o || !out->ev_dl1_lookup_o);
    c->l1_lookups[0] += out->ev_il1_lookup_o;
    c->l1_hits[0] += out->ev_il1_hit_o;
    c->l1_lookups[1] += out->ev_dl1_lookup_o;
    c->l1_hits[1] += out->ev_dl1_hit_o;
    if (out->ev_l2_lookup_o) l2_lookup(c, out);
    c->coalesced[0] += out->ev_il1_fill_span_o != 0;
    c->coalesced[1] += out->ev_dl1_fill_span_o != 0;
    c->prefetches += out->ev_prefetch_o;
    c->prefetches_used += out->ev_prefetch_used_o;
    c->l2_hits += out->ev_l2_hit_o;
    if (out->ev_line_hit_o) line_hit(c, out->ev_line_hit_slot_o);
    c->line_waits += out->ev_line_wait_o;
    c->line_fills += out->ev_line_fill_o;
    c->merged += out->ev_merge_o;
    c->holds += out->ev_hold_o;
    c->retries += out->ev_retry_o;
    c->walker_cycles += out->ev_walkers_o;
    c->walking_cycles += out->ev_walkers_o != 0;
    if (out->ev_walk_end_o) walk_end(c, out->ev_walk_end_slot_o, out->ev_hold_o);
    if (out->ev_walk_start_o) walk_start(c, out);
    /* a walk that starts in this cycle may be refused its first read in it */
    if (out->ev_deny_o) walk_end(c, out->ev_deny_slot_o, false);
    c->shared += out->ev_share_o;
    for (uint32_t gone = out->ev_giveup_o; gone; gone &= gone - 1)
        walk_end(c, (unsigned)__builtin_ctz(gone), true); /* it looks again, and may go on */
    if (in->csr_valid_i | in->fence_valid_i) control(c, in, out);
    if (in->ikill_i | in->dkill_i) kills(c, in, out, before);
    c->active_cycles += in->ireq_valid_i | in->dreq_valid_i | in->fence_valid_i | !out->idle_o;
    c->cycles++;
}

void counters_rest(struct counters *c, const struct mmu_in *in, const struct mmu_out *out,
                   uint64_t cycles) {
    c->walker_cycles += cycles * out->ev_walkers_o;
    c->walking_cycles += out->ev_walkers_o ? cycles : 0;
    c->active_cycles += in->ireq_valid_i | in->dreq_valid_i | !out->idle_o ? cycles : 0;
    c->cycles += cycles;
}

/* ---- The comparison ------------------------------------------------------------------------ */

struct pair {
    const char *what;
    uint64_t pins, other;
};

static bool all_equal(const struct pair *p, size_t n, const char *other, char *why, size_t bytes) {
    for (size_t i = 0; i < n; i++) {
        if (p[i].pins == p[i].other) continue;
        snprintf(why, bytes, "%s: the pins say %" PRIu64 ", %s %" PRIu64, p[i].what, p[i].pins,
                 other, p[i].other);
        return false;
    }
    return true;
}

static bool agree_model(const struct counters *c, const struct mmu_stats *m, char *why,
                        size_t bytes) {
    const struct pair p[] = {
        {"fetch L1 lookups", c->l1_lookups[0], m->l1_lookups[0]},
        {"data L1 lookups", c->l1_lookups[1], m->l1_lookups[1]},
        {"fetch L1 hits", c->l1_hits[0], m->l1_hits[0]},
        {"data L1 hits", c->l1_hits[1], m->l1_hits[1]},
        {"L2 lookups", c->l2_lookups, m->l2_lookups},
        {"L2 hits", c->l2_hits, m->l2_hits},
        {"walks without a walk-cache hit", c->pwc_hits[0], m->pwc_hits[0]},
        {"walk-cache hits at level 1", c->pwc_hits[1], m->pwc_hits[1]},
        {"walk-cache hits at level 2", c->pwc_hits[2], m->pwc_hits[2]},
        {"walk-cache hits at level 3", c->pwc_hits[3], m->pwc_hits[3]},
        {"walk-cache hits at level 4", c->pwc_hits[4], m->pwc_hits[4]},
        {"walks", c->walks, m->walks},
        {"PTE reads", c->pte_reads, m->pte_reads},
        {"bytes of PTE reads", c->pte_bytes, m->pte_bytes},
        {"answers of kept lines", c->line_hits, m->line_hits},
        {"misses that waited for a line", c->line_waits, m->line_waits},
        {"lines kept", c->line_fills, m->line_fills},
        {"A/D writes", c->ad_writes, m->ad_writes},
        {"merged misses", c->merged, m->merged},
        {"held stores", c->holds, m->holds},
        {"retried compares", c->retries, m->retries},
        {"shared reads", c->shared, m->shared},
        {"walks ended", c->walks_ended, m->walks_ended},
        {"walk latency, sum", c->walk_latency_sum, m->walk_latency_sum},
        {"walk latency, least", c->walk_latency_min, m->walk_latency_min},
        {"walk latency, greatest", c->walk_latency_max, m->walk_latency_max},
        {"prefetches", c->prefetches, m->prefetches},
        {"prefetches that came true", c->prefetches_used, m->prefetches_used},
        {"active cycles", c->active_cycles, m->active_cycles},
    };
    return all_equal(p, sizeof p / sizeof *p, "the model's own count", why, bytes);
}

static bool agree_driver(const struct counters *c, const struct counters_driver *d, char *why,
                         size_t bytes) {
    const struct pair p[] = {
        {"fetches accepted", c->accepted[0], d->issued[0]},
        {"data accesses accepted", c->accepted[1], d->issued[1]},
        {"fetches answered", c->hit_answers[0] + c->miss_answers[0], d->answered[0]},
        {"data accesses answered", c->hit_answers[1] + c->miss_answers[1], d->answered[1]},
        {"fetches killed", c->killed[0], d->killed[0]},
        {"data accesses killed", c->killed[1], d->killed[1]},
    };
    return all_equal(p, sizeof p / sizeof *p, "the driver", why, bytes);
}

/* What holds for every MMU, counted by one witness. */
static bool laws(const struct counters *c, char *why, size_t bytes) {
    uint64_t in_flight = c->walk_latency_sum + c->killed_latency_sum;
    for (unsigned slot = 0; slot < COUNTERS_TAGS; slot++) {
        if (c->open >> slot & 1) in_flight += c->cycles - 1 - c->start[slot];
    }
    const struct pair p[] = {
        {"walks in flight summed over cycles (Little's law: the sum of walk latencies)",
         c->walker_cycles, in_flight},
        {"fetches that looked up L1 (every translated request does)", c->l1_lookups[0],
         c->translating[0]},
        {"data accesses that looked up L1 (every translated request does)", c->l1_lookups[1],
         c->translating[1]},
        {"fetches answered at once (L1 hits + what no TLB was asked)",
         c->hit_answers[0] + c->late[0], c->l1_hits[0] + c->accepted[0] - c->translating[0]},
        {"data accesses answered at once (L1 hits + what no TLB was asked)",
         c->hit_answers[1] + c->late[1], c->l1_hits[1] + c->accepted[1] - c->translating[1]},
        {"fetches accepted (answered + killed + in flight)", c->accepted[0],
         c->hit_answers[0] + c->miss_answers[0] + c->killed[0] +
             (unsigned)__builtin_popcount(c->live[0])},
        {"data accesses accepted (answered + killed + in flight)", c->accepted[1],
         c->hit_answers[1] + c->miss_answers[1] + c->killed[1] +
             (unsigned)__builtin_popcount(c->live[1])},
        {"misses answered by whom the probe names", c->source_fits,
         c->miss_answers[0] + c->miss_answers[1]},
        {"walks started (those that began below a cached pointer, and those that did not)",
         c->walks,
         c->pwc_hits[0] + c->pwc_hits[1] + c->pwc_hits[2] + c->pwc_hits[3] + c->pwc_hits[4]},
        {"walks started (ended + killed + in flight)", c->walks,
         c->walks_ended + c->walks_killed + (unsigned)__builtin_popcountll(c->open)},
    };
    return all_equal(p, sizeof p / sizeof *p, "the law asks for", why, bytes);
}

bool counters_agree(const struct counters *c, const struct mmu_stats *model,
                    const struct counters_driver *driver, char *why, size_t bytes) {
    return laws(c, why, bytes) && agree_driver(c, driver, why, bytes) &&
           (!model || agree_model(c, model, why, bytes));
}
