/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests share that drive the pins of an MMU by hand: a machine with page tables, a clock
 * edge, requests, fences and CSR writes. Every answer's cycle, cause and source is kept by port and
 * id; every edge is checked by the engine (lock-step: pin by pin) and by the bound assertions.
 */
#ifndef PW_PIN_KIT_H
#define PW_PIN_KIT_H
#include "engine.h"
#include "hart.h"
#include "mem.h"
#include "memport.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* One machine: Sv39, a root, one level-1 table, and below it leaf tables of consecutive pages, A
 * and D set. */
enum { KIT_TABLES = 8, KIT_PAGES = KIT_TABLES * 512 };

struct bench {
    struct config config;
    struct engine *engine;
    struct mem *mem;
    struct memport port;
    uint64_t cycle;
    struct mmu_in in;
    struct mmu_out out;
    uint64_t done[2][32]; /* cycle of the answer, by port and id */
    paddr_t pa[2][32];
    unsigned answers[2][32]; /* how many */
    uint8_t cause[2][32], source[2][32];
    uint64_t reads, lines, writes; /* lines: those of the reads that bring 64 bytes */
    unsigned refuse;               /* so many A/D updates to come are refused by the bus */
    uint64_t refused_tags;         /* whose answer is an error */
    void (*look)(struct bench *);  /* called with the pins of each cycle, if not NULL */
};

enum { FETCH = 0, DATA = 1 };
static const ppn_t root = MEM_BASE >> PAGE_SHIFT;

static inline paddr_t leaf_pa(unsigned page) { /* the leaf tables follow one another */
    return ((root + 2) << PAGE_SHIFT) + page * PTE_BYTES;
}

static inline void answer(struct bench *b, int port, uint8_t id, uint8_t cause, uint8_t source,
                          paddr_t pa) {
    b->answers[port][id]++;
    b->pa[port][id] = pa;
    b->done[port][id] = b->cycle;
    b->cause[port][id] = cause;
    b->source[port][id] = source;
}

static inline void clock_edge(struct bench *b) {
    struct mmu_out *o = &b->out;
    memport_drive(&b->port, b->cycle, &b->in);
    if (b->in.mem_rsp_valid_i && b->refused_tags >> b->in.mem_rsp_tag_i & 1) {
        b->in.mem_rsp_error_i = 1, b->in.mem_rsp_cas_ok_i = 0;
        b->refused_tags &= ~(1ull << b->in.mem_rsp_tag_i);
    }
    hart_pins(&b->config, &b->in);
    b->engine->step(b->engine, &b->in, o);
    assert_false(b->engine->diff.found);
    assert_null(b->engine->failed);
    if (o->mem_req_valid_o && b->in.mem_req_ready_i) {
        b->reads += o->mem_req_op_o != MEMOP_CAS;
        b->lines += o->mem_req_op_o == MEMOP_LINE;
        b->writes += o->mem_req_op_o == MEMOP_CAS;
    }
    bool update = o->mem_req_valid_o && b->in.mem_req_ready_i && o->mem_req_op_o == MEMOP_CAS;
    memport_accept(&b->port, b->cycle, &b->in, o);
    if (update && b->refuse) {
        mem_write64(b->mem, o->mem_req_addr_o, o->mem_req_cmp_o); /* as if it had never been */
        b->refused_tags |= 1ull << o->mem_req_tag_o;
        b->refuse--;
    }
    if (o->ihit_valid_o) answer(b, FETCH, o->ihit_id_o, o->ihit_cause_o, SOURCE_L1, o->ihit_pa_o);
    if (o->dhit_valid_o) answer(b, DATA, o->dhit_id_o, o->dhit_cause_o, SOURCE_L1, o->dhit_pa_o);
    if (o->imiss_valid_o)
        answer(b, FETCH, o->imiss_id_o, o->imiss_cause_o, o->imiss_source_o, o->imiss_pa_o);
    if (o->dmiss_valid_o)
        answer(b, DATA, o->dmiss_id_o, o->dmiss_cause_o, o->dmiss_source_o, o->dmiss_pa_o);
    if (b->look) b->look(b);
    b->cycle++;
    memset(&b->in, 0, sizeof b->in);
}

static inline void settle(struct bench *b) {
    clock_edge(b); /* idle_o is of the start of a cycle: it does not know of this one's request */
    do clock_edge(b);
    while (!b->out.idle_o);
}

static inline void offer(struct bench *b, int port, uint8_t id, vaddr_t va, uint8_t access) {
    if (port == FETCH) {
        b->in.ireq_valid_i = 1, b->in.ireq_id_i = id, b->in.ireq_va_i = va,
        b->in.ireq_priv_i = PRIV_S;
    } else {
        b->in.dreq_valid_i = 1, b->in.dreq_id_i = id, b->in.dreq_va_i = va,
        b->in.dreq_priv_i = PRIV_S;
        b->in.dreq_access_i = access;
    }
}

static inline void name_oldest(struct bench *b, uint8_t id) { /* a data access */
    b->in.oldest_valid_i = 1, b->in.oldest_port_i = DATA, b->in.oldest_id_i = id;
}

static inline void write_csr(struct bench *b, uint16_t addr, uint64_t value) {
    b->in.csr_valid_i = 1, b->in.csr_addr_i = addr, b->in.csr_wdata_i = value;
    clock_edge(b);
    assert_int_equal(b->out.csr_ready_o, 1);
    clock_edge(b);
    assert_int_equal(b->out.csr_done_o, 1); /* done 1 cycle after acceptance */
}

/* PMP takes away the PTE of a page, and nothing else. */
static inline void forbid_leaf(struct bench *b, unsigned page) {
    write_csr(b, CSR_PMPADDR0, leaf_pa(page) >> 2);
    write_csr(b, CSR_PMPADDR0 + 1, leaf_pa(page + 1) >> 2);
    write_csr(b, CSR_PMPADDR0 + 2, (1ull << 54) - 1);
    write_csr(b, CSR_PMPCFG0, 0x0f080full); /* TOR, RWX; TOR, none; TOR, RWX */
}

/* Fence; returns cycles from acceptance to done. */
static inline uint64_t fence(struct bench *b, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    b->in.fence_valid_i = 1, b->in.fence_rs1_i = rs1, b->in.fence_rs2_i = rs2;
    b->in.fence_va_i = va, b->in.fence_asid_i = asid;
    clock_edge(b);
    assert_int_equal(b->out.fence_ready_o, 1);
    uint64_t start = b->cycle - 1;
    do clock_edge(b);
    while (!b->out.fence_done_o);
    return b->cycle - 1 - start;
}

/* config: NULL for the default one. */
static inline void bench_open(struct bench *b, const char *engine, const struct config *config,
                              uint32_t latency) {
    char why[256];
    memset(b, 0, sizeof *b);
    config_defaults(&b->config);
    if (config) b->config = *config;
    b->config.mem_latency = latency;
    b->config.mem_model = MEMMODEL_FIXED;
    b->mem = mem_new(1 << 20);
    memport_init(&b->port, &b->config, b->mem);
    b->engine = engine_open(engine, &b->config, latency, why, sizeof why);
    if (!b->engine) fail_msg("%s", why);
    mem_write64(b->mem, root << PAGE_SHIFT, PTE_V | (root + 1) << PTE_PPN_SHIFT);
    for (unsigned table = 0; table < KIT_TABLES; table++) {
        mem_write64(b->mem, ((root + 1) << PAGE_SHIFT) + table * PTE_BYTES,
                    PTE_V | (root + 2 + table) << PTE_PPN_SHIFT);
    }
    for (unsigned page = 0; page < KIT_PAGES; page++) {
        mem_write64(b->mem, leaf_pa(page),
                    PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D |
                        (root + 16 + page) << PTE_PPN_SHIFT);
    }
    struct hart_csr open[2], menvcfg = hart_menvcfg(&b->config, true, false);
    for (unsigned i = 0; i < hart_firmware(&b->config, open); i++)
        write_csr(b, open[i].csr, open[i].value);
    write_csr(b, menvcfg.csr, menvcfg.value);
    write_csr(b, CSR_SATP, (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | root);
}

static inline void bench_close(struct bench *b) {
    b->engine->close(b->engine);
    mem_delete(b->mem);
}

/* The leaf PTE of a page, A and D as said. */
static inline pte_t leaf(unsigned page, pte_t flags) {
    return PTE_V | PTE_R | PTE_W | PTE_X | flags | (root + 16 + page) << PTE_PPN_SHIFT;
}

/* One access to a page, alone; returns the cycles to its answer. */
static inline uint64_t reach(struct bench *b, unsigned page, uint8_t access) {
    uint64_t t = b->cycle;
    name_oldest(b, 1);
    offer(b, DATA, 1, (vaddr_t)page * PAGE_BYTES, access);
    do {
        clock_edge(b);
        name_oldest(b, 1);
    } while (!b->out.idle_o || b->cycle == t + 1);
    return b->done[DATA][1] - t;
}

static inline void answered_by(struct bench *b, unsigned page, uint8_t source) {
    reach(b, page, ACCESS_LOAD);
    assert_int_equal(b->cause[DATA][1], CAUSE_NONE);
    assert_int_equal(b->source[DATA][1], source);
}

#endif
