/* SPDX-License-Identifier: Apache-2.0
 *
 * Random traffic. The address space is small on purpose (a few indices a level, a few tables shared
 * by a few roots), so that hits, merges, evictions, superpages over 4 KiB pages and stale entries
 * meet all the time.
 */
#include "traffic.h"
#include "counters.h"
#include "mem.h"
#include "memport.h"
#include "spec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES = 6, LEVELS = 4, INDICES = 6, ROOTS = 3, LIVE_MAX = 64, ANSWER_LIMIT = 60000 };
enum { BOOKS = 1024 }; /* cycles between two comparisons of the counters */

static const uint32_t index_of[INDICES] = {0, 1, 2, 9, 255, 511};

/* An accepted request that has no answer yet, in program order. */
struct live {
    bool data;
    uint8_t id;
    uint64_t accepted;
    struct spec_request request;
};

struct traffic {
    struct engine *engine;
    const struct config *config;
    struct traffic_result *result;
    struct mem *mem;
    struct memport port;
    struct spec *spec;
    struct counters counters;
    struct counters_driver driver;
    uint64_t random, cycle;
    struct mmu_in in;
    struct mmu_out out;
    struct live live[LIVE_MAX];
    unsigned count;
    uint32_t used[2]; /* ids in use */
    uint64_t satp, next_satp;
    bool adue, next_adue, csr_pending;
    unsigned fences_pending;
    unsigned mood; /* which rates; changes every few hundred cycles */
};

static uint32_t roll(struct traffic *t, uint32_t n) { /* 0..n-1; xorshift64* */
    t->random ^= t->random >> 12;
    t->random ^= t->random << 25;
    t->random ^= t->random >> 27;
    return (uint32_t)((t->random * 0x2545f4914f6cdd1dull) >> 33) % n;
}

static void fail(struct traffic *t, const char *opinion, const char *why) {
    if (t->result->failed) return;
    t->result->failed = true;
    t->result->failed_cycle = t->cycle;
    snprintf(t->result->opinion, sizeof t->result->opinion, "%s", opinion);
    snprintf(t->result->why, sizeof t->result->why, "%s", why);
}

/* ---- Page tables
 * --------------------------------------------------------------------------------------- */

/* Table k of a level. Level 3 tables are Sv48 roots, level 2 tables are Sv39 roots too. */
static ppn_t table_ppn(unsigned level, unsigned k) {
    return (MEM_BASE >> PAGE_SHIFT) + level * TABLES + k;
}

static pte_t random_pte(struct traffic *t, unsigned level) {
    pte_t flags = PTE_V | (pte_t)(roll(t, 4) ? PTE_A : 0) | (pte_t)(roll(t, 2) ? PTE_D : 0) |
                  (pte_t)(roll(t, 2) ? PTE_U : 0) | (pte_t)(roll(t, 6) ? 0 : PTE_G) |
                  (pte_t)roll(t, 4) << 8;
    if (!roll(t, 12)) return roll(t, 2) ? 0 : (pte_t)roll(t, 1024) & ~PTE_V;
    if (!level && !roll(t, 24)) /* a pointer where none may be */
        return PTE_V | table_ppn(0, roll(t, TABLES)) << PTE_PPN_SHIFT;
    if (level && roll(t, 4)) {
        pte_t pointer = PTE_V | (pte_t)(roll(t, 8) ? 0 : PTE_G) | (pte_t)roll(t, 4) << 8;
        if (!roll(t, 40)) pointer |= 1ull << (4 + 2 * roll(t, 2)); /* reserved: U, A in a pointer */
        if (!roll(t, 60))
            return pointer | (pte_t)(0x10 + roll(t, 8)) << PTE_PPN_SHIFT; /* no memory there */
        if (!roll(t, 60))
            pointer |= 1ull << (PTE_PPN_SHIFT + 30 + roll(t, 14)); /* none so far out */
        return pointer | table_ppn(level - 1, roll(t, TABLES)) << PTE_PPN_SHIFT;
    }
    ppn_t ppn =
        ((ppn_t)roll(t, 1 << 16) << 12 | roll(t, 4096)) & ~((1ull << (LEVEL_BITS * level)) - 1);
    if (!roll(t, 8)) ppn |= (ppn_t)roll(t, 1 << 16) << 28 & ~((1ull << (LEVEL_BITS * level)) - 1);
    if (!roll(t, 16)) ppn |= 1ull << (28 + roll(t, 16)); /* one bit alone may be all that is too wide */
    if (level && !roll(t, 12)) ppn |= 1ull << roll(t, LEVEL_BITS * level); /* misaligned */
    static const pte_t rwx[8] = {
        PTE_R, PTE_R | PTE_W, PTE_R | PTE_X,        PTE_R | PTE_W | PTE_X, PTE_R | PTE_W | PTE_X,
        PTE_X, PTE_R | PTE_W, PTE_R | PTE_W | PTE_X};
    flags |= roll(t, 30) ? rwx[roll(t, 8)] : roll(t, 2) ? PTE_W : PTE_W | PTE_X;
    if (!roll(t, 40)) flags |= 1ull << (54 + roll(t, 10));
    return flags | ppn << PTE_PPN_SHIFT;
}

static void change_pte(struct traffic *t) {
    unsigned level = roll(t, LEVELS);
    paddr_t pa =
        table_ppn(level, roll(t, TABLES)) << PAGE_SHIFT | index_of[roll(t, INDICES)] * PTE_BYTES;
    pte_t old = mem_read64(t->mem, pa);
    pte_t now = roll(t, 3) ? random_pte(t, level)
                           : old ^ (roll(t, 2)   ? PTE_A
                                    : roll(t, 2) ? PTE_D
                                                 : PTE_W);
    mem_write64(t->mem, pa, now);
    t->result->pte_changes++;
}

static void report_pte(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct traffic *t = who;
    spec_pte_write(t->spec, t->cycle, pa, old, now);
}

static void build_tables(struct traffic *t) {
    for (unsigned level = 0; level < LEVELS; level++) {
        for (unsigned k = 0; k < TABLES; k++) {
            mem_mark_table(t->mem, table_ppn(level, k));
            for (unsigned i = 0; i < INDICES; i++) {
                mem_write64(t->mem, (table_ppn(level, k) << PAGE_SHIFT) + index_of[i] * PTE_BYTES,
                            random_pte(t, level));
            }
        }
    }
}

/* ---- Inputs of one cycle
 * --------------------------------------------------------------------------------- */

static vaddr_t random_va(struct traffic *t) {
    bool sv48 = t->satp >> SATP_MODE_SHIFT == MODE_SV48;
    vaddr_t va = roll(t, PAGE_BYTES);
    for (unsigned level = 0; level < (sv48 ? 4u : 3u); level++) {
        uint32_t i = index_of[roll(t, t->mood & 1 ? 2 : INDICES)];
        va |= (vaddr_t)i << (PAGE_SHIFT + LEVEL_BITS * level);
    }
    unsigned unused = sv48 ? 16 : 25;
    va = (vaddr_t)((int64_t)(va << unused) >> unused);
    if (!roll(t, 200)) va ^= 1ull << (38 + roll(t, 26)); /* most likely not canonical */
    return va;
}

static uint8_t free_id(struct traffic *t, int port) { /* 32: none */
    uint32_t free = ~t->used[port];
    if (!free || t->count >= LIVE_MAX - 2) return 32;
    uint8_t id = (uint8_t)roll(t, 32);
    while (!(free >> id & 1)) id = (id + 1) & 31;
    return id;
}

static void offer_requests(struct traffic *t) {
    struct mmu_in *in = &t->in;
    uint32_t busy = t->mood & 2 ? 8 : 2;
    uint8_t id = free_id(t, 0);
    static const uint8_t priv[8] = {PRIV_U, PRIV_U, PRIV_S, PRIV_S, PRIV_S, PRIV_U, PRIV_S, PRIV_M};
    static const uint8_t kind[9] = {ACCESS_LOAD,  ACCESS_STORE, ACCESS_LOAD,
                                    ACCESS_STORE, ACCESS_AMO,   ACCESS_LR,
                                    ACCESS_SC,    ACCESS_CBO,   ACCESS_CBOZ};
    if (id < 32 && !roll(t, busy)) {
        in->ireq_valid_i = 1, in->ireq_id_i = id, in->ireq_va_i = random_va(t), in->ireq_size_i = 2;
        in->ireq_priv_i = priv[roll(t, 7 + !roll(t, 10))];
    }
    id = free_id(t, 1);
    if (id < 32 && !roll(t, busy)) {
        in->dreq_valid_i = 1, in->dreq_id_i = id, in->dreq_va_i = random_va(t), in->dreq_size_i = 3;
        in->dreq_priv_i = priv[roll(t, 7 + !roll(t, 10))], in->dreq_access_i = kind[roll(t, 9)];
        in->dreq_sum_i = (uint8_t)roll(t, 2), in->dreq_mxr_i = (uint8_t)roll(t, 2);
        if (in->ireq_valid_i && !roll(t, 3)) in->dreq_va_i = in->ireq_va_i;
    }
}

static void offer_kills(struct traffic *t) {
    if (roll(t, t->mood & 4 ? 15 : 120)) return;
    unsigned from = t->count ? roll(t, t->count) : 0;
    bool all_younger = roll(t, 2);
    for (unsigned i = from; i < t->count && (all_younger || i == from); i++) {
        uint32_t *mask = t->live[i].data ? &t->in.dkill_i : &t->in.ikill_i;
        *mask |= 1u << t->live[i].id;
    }
}

static void offer_fence_or_csr(struct traffic *t) {
    struct mmu_in *in = &t->in;
    if (!roll(t, t->mood & 8 ? 12 : 90)) {
        in->fence_valid_i = 1;
        in->fence_rs1_i = (uint8_t)roll(t, 2), in->fence_rs2_i = (uint8_t)roll(t, 2);
        in->fence_va_i = random_va(t);
        in->fence_asid_i = (uint16_t)roll(t, ROOTS + 1);
        return;
    }
    if (roll(t, t->mood & 16 ? 40 : 300)) return;
    static const uint64_t modes[8] = {MODE_SV39, MODE_SV39, MODE_SV39, MODE_SV48, MODE_SV48,
                                      MODE_SV48, MODE_BARE, 5 /* illegal: ignored whole */};
    in->csr_valid_i = 1;
    if (!roll(t, 4)) {
        in->csr_addr_i = CSR_MENVCFG;
        in->csr_wdata_i = roll(t, 2) ? MENVCFG_ADUE : 0;
        return;
    }
    uint64_t mode = modes[roll(t, 8)];
    unsigned root = roll(t, ROOTS);
    in->csr_addr_i = CSR_SATP;
    in->csr_wdata_i = mode << SATP_MODE_SHIFT | (uint64_t)(root + !roll(t, 8)) << SATP_ASID_SHIFT |
                      table_ppn(mode == MODE_SV48 ? 3 : 2, root);
}

static void name_oldest(struct traffic *t) {
    t->in.oldest_valid_i = t->count != 0;
    if (!t->count) return;
    t->in.oldest_port_i = t->live[0].data;
    t->in.oldest_id_i = t->live[0].id;
}

/* ---- What came out
 * ------------------------------------------------------------------------------------------ */

static void judge_answer(struct traffic *t, const struct live *l, uint8_t cause, paddr_t pa) {
    char why[800], text[1000];
    t->result->answers++;
    t->result->faults += cause != 0;
    if (spec_judge(t->spec, l->accepted, t->cycle, &l->request, cause, pa, why, sizeof why)) return;
    snprintf(text, sizeof text, "%s va %016llx priv %s: answered cause %s pa %014llx; %s",
             access_word(l->request.access), (unsigned long long)l->request.va,
             priv_word(l->request.priv), cause_word(cause), (unsigned long long)pa, why);
    fail(t, "spec", text);
}

static void remove_live(struct traffic *t, unsigned i) {
    t->used[t->live[i].data] &= ~(1u << t->live[i].id);
    memmove(&t->live[i], &t->live[i + 1], (t->count - i - 1) * sizeof t->live[0]);
    t->count--;
}

static void finish(struct traffic *t, bool data, uint8_t id, uint8_t cause, paddr_t pa) {
    t->driver.answered[data]++;
    for (unsigned i = 0; i < t->count; i++) {
        if (t->live[i].data != data || t->live[i].id != id) continue;
        judge_answer(t, &t->live[i], cause, pa);
        remove_live(t, i);
        return;
    }
    fail(t, "spec", "an answer for an id that no unfinished request has");
}

static void accept(struct traffic *t, bool data, bool hit, uint8_t cause, paddr_t pa) {
    const struct mmu_in *in = &t->in;
    struct live l = {
        .data = data, .accepted = t->cycle, .id = data ? in->dreq_id_i : in->ireq_id_i};
    l.request = (struct spec_request){.access = data ? in->dreq_access_i : (uint8_t)ACCESS_FETCH,
                                      .priv = data ? in->dreq_priv_i : in->ireq_priv_i,
                                      .sum = data && in->dreq_sum_i,
                                      .mxr = data && in->dreq_mxr_i,
                                      .satp = t->satp,
                                      .adue = t->adue,
                                      .bytes = 1,
                                      .va = data ? in->dreq_va_i : in->ireq_va_i,
                                      .pa_bits = t->config->pa_bits};
    t->result->requests++;
    t->driver.issued[data]++;
    if (hit) {
        t->result->hits++;
        t->driver.answered[data]++;
        judge_answer(t, &l, cause, pa);
        return;
    }
    t->used[data] |= 1u << l.id;
    t->live[t->count++] = l;
}

static void judge_ad(struct traffic *t) {
    struct spec_request requests[LIVE_MAX];
    uint64_t accepted[LIVE_MAX];
    char why[800];
    for (unsigned i = 0; i < t->count; i++) {
        requests[i] = t->live[i].request;
        accepted[i] = t->live[i].accepted;
    }
    t->result->ad_writes++;
    if (!spec_judge_ad(t->spec, t->cycle, t->out.mem_req_addr_o, t->out.mem_req_cmp_o,
                       t->out.mem_req_data_o, requests, accepted, t->count, t->count ? 0 : -1, why,
                       sizeof why)) {
        fail(t, "spec", why);
    }
}

static void digest(struct traffic *t) {
    const uint8_t *p = (const uint8_t *)&t->in;
    uint64_t h = t->result->stimulus;
    for (size_t i = 0; i < sizeof t->in; i++) h = (h ^ p[i]) * 0x100000001b3ull;
    t->result->stimulus = h;
}

/* Program order inside a cycle: older answers, then this cycle's requests, data before fetch. */
static void after_edge(struct traffic *t) {
    const struct mmu_in *in = &t->in;
    const struct mmu_out *o = &t->out;
    if (o->mem_req_valid_o && in->mem_req_ready_i && o->mem_req_op_o == MEMOP_CAS && t->engine) {
        /* judged before it acts: memory still holds the old value */
        if (mem_has(t->mem, o->mem_req_addr_o, PTE_BYTES) &&
            mem_read64(t->mem, o->mem_req_addr_o) == o->mem_req_cmp_o) {
            judge_ad(t);
        }
    }
    memport_accept(&t->port, t->cycle, in, o);
    if (o->fence_done_o && t->fences_pending) {
        spec_fence_end(t->spec, t->cycle);
        t->fences_pending--;
    }
    if (o->imiss_valid_o) finish(t, false, o->imiss_id_o, o->imiss_cause_o, o->imiss_pa_o);
    if (o->dmiss_valid_o) finish(t, true, o->dmiss_id_o, o->dmiss_cause_o, o->dmiss_pa_o);
    for (unsigned i = t->count; i-- > 0;) {
        uint32_t mask = t->live[i].data ? in->dkill_i : in->ikill_i;
        if (!(mask >> t->live[i].id & 1)) continue;
        t->result->killed++;
        t->driver.killed[t->live[i].data]++;
        remove_live(t, i);
    }
    if (in->dreq_valid_i && o->dreq_ready_o)
        accept(t, true, o->dhit_valid_o, o->dhit_cause_o, o->dhit_pa_o);
    if (in->ireq_valid_i && o->ireq_ready_o)
        accept(t, false, o->ihit_valid_o, o->ihit_cause_o, o->ihit_pa_o);
    if (in->fence_valid_i && o->fence_ready_o) {
        spec_fence_begin(t->spec, t->cycle, in->fence_rs1_i, in->fence_rs2_i, in->fence_va_i,
                         (uint16_t)(in->fence_asid_i & ((1u << t->config->asid_bits) - 1)));
        t->fences_pending++;
        t->result->fences++;
    }
    if (in->csr_valid_i && o->csr_ready_o) {
        uint64_t mode = in->csr_wdata_i >> SATP_MODE_SHIFT;
        uint64_t asid =
            (in->csr_wdata_i >> SATP_ASID_SHIFT & 0xffff) & ((1u << t->config->asid_bits) - 1);
        t->csr_pending = true;
        t->result->csr_writes++;
        if (in->csr_addr_i == CSR_MENVCFG) t->next_adue = in->csr_wdata_i & MENVCFG_ADUE;
        if (in->csr_addr_i == CSR_SATP &&
            (mode == MODE_BARE || mode == MODE_SV39 || mode == MODE_SV48)) {
            t->next_satp =
                (in->csr_wdata_i & ~(0xffffull << SATP_ASID_SHIFT)) | asid << SATP_ASID_SHIFT;
        }
    }
    if (t->engine->diff.found) {
        char text[256];
        snprintf(text, sizeof text, "pin %s: model %llx, rtl %llx", t->engine->diff.pin,
                 (unsigned long long)t->engine->diff.model,
                 (unsigned long long)t->engine->diff.rtl);
        fail(t, "cycle", text);
    }
    if (t->engine->failed) fail(t, "assert", t->engine->failed);
    if (t->count && t->cycle - t->live[0].accepted > ANSWER_LIMIT)
        fail(t, "hang", "a request has no answer");
}

/* Opinion 4, every so often and at the end. */
static void books(struct traffic *t) {
    char why[512];
    const struct mmu_stats *model = t->engine->stats(t->engine);
    if (!counters_agree(&t->counters, model, &t->driver, why, sizeof why)) fail(t, "counters", why);
}

static void edge(struct traffic *t, bool busy) {
    memset(&t->in, 0, sizeof t->in);
    if (t->csr_pending) { /* the request that sees it first is one of this cycle */
        if (t->next_satp != t->satp) spec_satp_write(t->spec, t->cycle, t->satp = t->next_satp);
        if (t->next_adue != t->adue) spec_adue_write(t->spec, t->cycle, t->adue = t->next_adue);
        t->csr_pending = false;
    }
    if (busy) {
        if (!roll(t, 400)) t->mood = roll(t, 32);
        if (!roll(t, t->mood & 8 ? 20 : 60)) change_pte(t);
        offer_requests(t);
        offer_kills(t);
        offer_fence_or_csr(t);
    }
    name_oldest(t);
    memport_drive(&t->port, t->cycle, &t->in);
    digest(t);
    t->engine->step(t->engine, &t->in, &t->out);
    counters_step(&t->counters, &t->in, &t->out);
    after_edge(t);
    if (t->cycle % BOOKS == 0) books(t);
    t->cycle++;
}

void traffic_run(struct engine *engine, const struct config *config, uint32_t seed, uint64_t cycles,
                 struct traffic_result *result) {
    struct traffic *t = calloc(1, sizeof *t);
    memset(result, 0, sizeof *result);
    if (!t) return;
    t->engine = engine;
    t->config = config;
    t->result = result;
    t->random = seed * 0x9e3779b97f4a7c15ull + 1;
    counters_init(&t->counters, config);
    t->mem = mem_new(1 << 20);
    memport_init(&t->port, config, t->mem);
    build_tables(t);
    t->spec = spec_new(t->mem);
    mem_set_watch(t->mem, report_pte, t);
    while (t->cycle < cycles && !result->failed) edge(t, true);
    while ((t->count || t->fences_pending || !t->out.idle_o) && !result->failed) {
        edge(t, false);
        if (t->cycle > cycles + ANSWER_LIMIT) fail(t, "hang", "the MMU does not become idle");
    }
    books(t);
    result->cycles = t->cycle;
    spec_delete(t->spec);
    mem_delete(t->mem);
    free(t);
}
