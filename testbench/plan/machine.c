/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine under the verification plan's tests: engine, pins, a memory of a few words.
 */
#include "machine.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE = 5000 };

/* ---- Expectations ------------------------------------------------------------------------------
 */
void expect(struct machine *m, bool holds, const char *format, ...) {
    va_list args;
    if (holds) return;
    if (m->failures++ > 4) return;
    va_start(args, format);
    printf("# %s, build %u, cycle %llu: ", m->tag, m->build, (unsigned long long)m->cycle);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

uint8_t page_fault_of(uint8_t access) {
    if (access == ACCESS_FETCH) return 12;
    return access == ACCESS_LOAD || access == ACCESS_LR ? 13 : 15;
}

uint8_t access_fault_of(uint8_t access) {
    if (access == ACCESS_FETCH) return 1;
    return access == ACCESS_LOAD || access == ACCESS_LR ? 5 : 7;
}

void expect_cause(struct machine *m, struct answer a, uint8_t cause, const char *what) {
    expect(m, a.there && a.cause == cause && a.pa == 0 && a.pbmt == 0,
           "%s: cause %u, not %u; pa %llx", what, a.cause, cause, (unsigned long long)a.pa);
}

void expect_pa(struct machine *m, struct answer a, paddr_t pa, const char *what) {
    expect(m, a.there && a.cause == 0 && a.pa == pa, "%s: cause %u, pa %llx, not %llx", what,
           a.cause, (unsigned long long)a.pa, (unsigned long long)pa);
}

void expect_walk(struct machine *m, struct answer a, unsigned reads, const char *what) {
    expect(m, a.there && a.source == SOURCE_WALK && a.reads == reads,
           "%s: %u reads, not a walk of %u", what, a.reads, reads);
}

void expect_hit(struct machine *m, struct answer a, const char *what) {
    expect(m, a.there && a.cause == 0 && a.reads == 0, "%s: cause %u, %u reads, not a hit", what,
           a.cause, a.reads);
}

/* ---- Memory ------------------------------------------------------------------------------------
 */
void poke(struct machine *m, paddr_t pa, uint64_t value) {
    unsigned i = 0;
    while (i < m->words && m->word_pa[i] != pa) i++;
    if (i == WORDS) abort();
    m->words += i == m->words;
    m->word_pa[i] = pa;
    m->word[i] = value;
}

uint64_t peek(const struct machine *m, paddr_t pa) {
    for (unsigned i = 0; i < m->words; i++)
        if (m->word_pa[i] == pa) return m->word[i];
    return 0;
}

static void take_request(struct machine *m) {
    const struct mmu_out *o = &m->out;
    if (!o->mem_req_valid_o || !m->in.mem_req_ready_i) return;
    bool update = o->mem_req_op_o == MEMOP_CAS;
    paddr_t pa = o->mem_req_addr_o;
    uint64_t old = peek(m, pa);
    bool error = pa == (update ? m->no_write : m->no_read) && pa;
    bool done = update && !error && old == o->mem_req_cmp_o;
    if (m->replies == ANSWERS) abort();
    m->reply[m->replies].due = m->cycle + m->latency;
    memset(m->reply[m->replies].data, 0, sizeof m->reply[0].data);
    if (!update && !error) m->reply[m->replies].data[0] = old;
    for (unsigned i = 0; o->mem_req_op_o == MEMOP_LINE && !error && i < 8; i++)
        m->reply[m->replies].data[i] = peek(m, (pa & ~63ull) + 8 * i);
    m->reply[m->replies].tag = o->mem_req_tag_o;
    m->reply[m->replies].error = error;
    m->reply[m->replies++].done = done;
    if (update) {
        m->writes += done;
        m->write_pa = pa;
        m->write = o->mem_req_data_o;
        if (done) poke(m, pa, o->mem_req_data_o);
        return;
    }
    if (m->reads < READS) m->read[m->reads] = pa;
    m->reads++;
    if (m->race && pa == m->race) {
        poke(m, pa, m->race_to);
        m->race = 0;
    }
}

static void give_reply(struct machine *m) {
    if (!m->replies || m->reply[0].due > m->cycle) return;
    m->in.mem_rsp_valid_i = 1;
    m->in.mem_rsp_tag_i = m->reply[0].tag;
    memcpy(m->in.mem_rsp_data_i, m->reply[0].data, sizeof m->reply[0].data);
    m->in.mem_rsp_error_i = m->reply[0].error;
    m->in.mem_rsp_cas_ok_i = m->reply[0].done;
    memmove(m->reply, m->reply + 1, --m->replies * sizeof m->reply[0]);
}

/* ---- One clock edge ----------------------------------------------------------------------------
 */
static void keep(struct machine *m, int port, uint8_t id, uint8_t cause, paddr_t pa, uint8_t size,
                 uint8_t pbmt, uint8_t source) {
    struct answer *a = &m->answer[port][id];
    *a = (struct answer){true,     cause,     size, pbmt,        source,  pa,
                         m->reads, m->writes, {0},  m->write_pa, m->write};
    memcpy(a->read, m->read, sizeof a->read);
}

void machine_edge(struct machine *m) {
    struct mmu_in *in = &m->in;
    struct mmu_out *o = &m->out;
    in->svnapot_i = !(m->pins & NO_NAPOT);
    in->svpbmt_i = !(m->pins & NO_PBMT) && !m->rv32;
    in->svadu_i = !(m->pins & NO_ADU);
    in->mem_req_ready_i = m->replies < ANSWERS && m->cycle % m->ready_every == 0;
    give_reply(m);
    m->engine->step(m->engine, in, o);
    if (m->engine->diff.found) {
        expect(m, false, "model and RTL differ: %s, model %llx, RTL %llx", m->engine->diff.pin,
               (unsigned long long)m->engine->diff.model, (unsigned long long)m->engine->diff.rtl);
        m->engine->diff.found = false;
    }
    expect(m, !m->engine->failed, "%s", m->engine->failed ? m->engine->failed : "");
    take_request(m);
    if (o->ihit_valid_o)
        keep(m, 0, o->ihit_id_o, o->ihit_cause_o, o->ihit_pa_o, o->ihit_size_o, o->ihit_pbmt_o,
             SOURCE_L1);
    if (o->dhit_valid_o)
        keep(m, 1, o->dhit_id_o, o->dhit_cause_o, o->dhit_pa_o, o->dhit_size_o, o->dhit_pbmt_o,
             SOURCE_L1);
    if (o->imiss_valid_o)
        keep(m, 0, o->imiss_id_o, o->imiss_cause_o, o->imiss_pa_o, o->imiss_size_o, o->imiss_pbmt_o,
             o->imiss_source_o);
    if (o->dmiss_valid_o)
        keep(m, 1, o->dmiss_id_o, o->dmiss_cause_o, o->dmiss_pa_o, o->dmiss_size_o, o->dmiss_pbmt_o,
             o->dmiss_source_o);
    m->cycle++;
    memset(in, 0, sizeof *in);
}

void settle(struct machine *m) {
    unsigned patience = PATIENCE;
    machine_edge(m);
    do machine_edge(m);
    while (!m->out.idle_o && --patience);
    expect(m, patience, "the MMU does not become idle");
}

/* ---- CSRs and fences ---------------------------------------------------------------------------
 */
void write_csr(struct machine *m, uint16_t addr, uint64_t value) {
    m->in.csr_valid_i = 1, m->in.csr_addr_i = addr, m->in.csr_wdata_i = value;
    machine_edge(m);
    expect(m, m->out.csr_ready_o, "a CSR write is not taken");
}

/* Entry of the table at cfg_csr and addr_csr: its register of several entries is written whole. */
static void set_entry(struct machine *m, unsigned table, unsigned entry, uint8_t cfg,
                      uint64_t addr) {
    static const uint16_t cfg_csr[] = {0x3a0, 0x7c0}, addr_csr[] = {0x3b0, 0x7d0};
    unsigned each = m->rv32 ? 4 : 8, first = entry / each * each;
    uint64_t value = 0;
    m->cfg[table][entry] = cfg;
    for (unsigned i = 0; i < each; i++) value |= (uint64_t)m->cfg[table][first + i] << 8 * i;
    write_csr(m, (uint16_t)(addr_csr[table] + entry), addr);
    write_csr(m, (uint16_t)(cfg_csr[table] + first / 4), value);
}

void set_pmp(struct machine *m, unsigned entry, uint8_t cfg, uint64_t addr) {
    set_entry(m, 0, entry, cfg, addr);
}

void set_pma(struct machine *m, unsigned entry, uint8_t cfg, uint64_t addr) {
    set_entry(m, 1, entry, cfg, addr);
}

void set_state(struct machine *m, unsigned state) {
    bool adue = state & ADUE, pbmte = state & PBMTE;
    if (m->rv32)
        write_csr(m, 0x31a, (uint64_t)adue << 29 | (uint64_t)pbmte << 30);
    else
        write_csr(m, 0x30a, (uint64_t)adue << 61 | (uint64_t)pbmte << 62);
}

void fence(struct machine *m, uint8_t op, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    m->in.fence_valid_i = 1, m->in.fence_op_i = op, m->in.fence_rs1_i = rs1;
    m->in.fence_rs2_i = rs2, m->in.fence_va_i = va, m->in.fence_asid_i = asid;
    machine_edge(m);
    expect(m, m->out.fence_ready_o, "a fence is not taken");
    for (unsigned i = 0; i < 3 && !m->out.fence_done_o; i++) machine_edge(m);
    expect(m, m->out.fence_done_o, "a fence does not end");
}

void fence_all(struct machine *m) {
    fence(m, FENCE_SFENCE_VMA, false, false, 0, 0);
}

/* ---- Page tables -------------------------------------------------------------------------------
 */
unsigned levels_of(uint8_t mode) {
    return mode == MODE_SV32 ? 2 : mode - MODE_SV39 + 3u;
}

unsigned level_bits(const struct machine *m) {
    return m->rv32 ? 10 : 9;
}

ppn_t table_of(unsigned space, unsigned level) {
    return 0x80000 + space * 16 + level;
}

paddr_t pte_at(const struct machine *m, unsigned space, unsigned level, vaddr_t va) {
    uint64_t index = va >> (12 + level_bits(m) * level) & ((1u << level_bits(m)) - 1);
    return table_of(space, level) << 12 | index * (m->rv32 ? 4 : 8);
}

void map(struct machine *m, unsigned space, uint8_t mode, vaddr_t va, unsigned level, pte_t pte) {
    for (unsigned i = levels_of(mode) - 1; i > level; i--)
        poke(m, pte_at(m, space, i, va), PTE_V | table_of(space, i - 1) << PTE_PPN_SHIFT);
    poke(m, pte_at(m, space, level, va), pte);
}

void enter(struct machine *m, uint8_t mode, unsigned space, uint16_t asid) {
    ppn_t root = mode == MODE_BARE ? 0 : table_of(space, levels_of(mode) - 1);
    write_csr(m, 0x180,
              m->rv32 ? (uint64_t)mode << 31 | (uint64_t)asid << 22 | root
                      : (uint64_t)mode << 60 | (uint64_t)asid << 44 | root);
}

/* ---- Accesses ----------------------------------------------------------------------------------
 */
void offer(struct machine *m, uint8_t id, uint8_t access, uint8_t priv, unsigned state, vaddr_t va,
           unsigned bytes) {
    struct mmu_in *in = &m->in;
    if (access == ACCESS_FETCH) {
        in->ireq_valid_i = 1, in->ireq_id_i = id, in->ireq_va_i = va, in->ireq_priv_i = priv;
        in->ireq_last_i = (uint16_t)(bytes - 1);
    } else {
        in->dreq_valid_i = 1, in->dreq_id_i = id, in->dreq_va_i = va, in->dreq_priv_i = priv;
        in->dreq_last_i = (uint16_t)(bytes - 1), in->dreq_access_i = access;
        in->dreq_sum_i = (state & SUM) != 0, in->dreq_mxr_i = (state & MXR) != 0;
    }
    m->answer[access != ACCESS_FETCH][id].there = false;
    m->reads = m->writes = 0;
}

struct answer await(struct machine *m, uint8_t id, uint8_t access) {
    struct answer *a = &m->answer[access != ACCESS_FETCH][id];
    for (unsigned i = 0; i < PATIENCE && !a->there; i++) {
        m->in.oldest_valid_i = 1;
        m->in.oldest_port_i = access != ACCESS_FETCH;
        m->in.oldest_id_i = m->oldest_other ? id ^ 1 : id;
        machine_edge(m);
    }
    expect(m, a->there, "no answer");
    return *a;
}

struct answer do_bytes(struct machine *m, uint8_t access, uint8_t priv, vaddr_t va,
                       unsigned bytes) {
    offer(m, 0, access, priv, 0, va, bytes);
    struct answer a = await(m, 0, access);
    settle(m);
    return a;
}

struct answer do_access(struct machine *m, uint8_t access, uint8_t priv, unsigned state,
                        vaddr_t va) {
    offer(m, 0, access, priv, state, va, m->rv32 ? 4 : 8);
    struct answer a = await(m, 0, access);
    settle(m);
    return a;
}

/* ---- Open and close ----------------------------------------------------------------------------
 */
void machine_config(struct config *c, unsigned build) {
    config_defaults(c);
    bool narrow = build & (RV64_NARROW | RV32_NARROW);
    c->xlen = build & (RV32 | RV32_NARROW) ? 32 : 64;
    c->pa_bits = c->xlen == 32 ? (narrow ? 32 : 34) : (narrow ? 40 : 56);
    c->asid_bits = c->xlen == 32 ? (narrow ? 4 : 9) : (narrow ? 6 : 16);
    c->slots_fetch = 2;
    c->slots_data = 4;
    c->walkers = 3;
    c->l2_sets = 16;
    c->pte_lines = build == RV64_LINES ? 2 : 0;
}

void machine_open(struct machine *m, const char *tag, unsigned build, uint8_t pins) {
    char why[256];
    memset(m, 0, sizeof *m);
    m->tag = tag;
    m->build = build;
    m->pins = pins;
    m->latency = 3;
    m->ready_every = 1;
    machine_config(&m->config, build);
    m->rv32 = m->config.xlen == 32;
    m->engine = engine_open("lockstep", &m->config, 1, why, sizeof why);
    if (!m->engine) {
        fprintf(stderr, "%s\n", why);
        exit(5);
    }
    /* the last entry opens everything; tests of PMP put theirs before it */
    set_pmp(m, m->config.pmp_entries - 1, 0x1f, ~0ull >> (m->rv32 ? 32 : 10));
}

void machine_close(struct machine *m) {
    m->engine->close(m->engine);
}
