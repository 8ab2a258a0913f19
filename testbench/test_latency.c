/* SPDX-License-Identifier: Apache-2.0
 *
 * The latency formulas of docs/microarchitecture.md, each path driven at L = 1, 10 and 100 on the
 * default configuration, model and RTL in lock-step. The expectation is the formula, never a number
 * read off the machine.
 */
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

static const uint32_t latencies[] = {1, 10, 100};

/* One machine: Sv39, a root, one level-1 table, one leaf table with pages 0..15. */
struct bench {
    struct config config;
    struct engine *engine;
    struct mem *mem;
    struct memport port;
    uint64_t cycle;
    struct mmu_in in;
    struct mmu_out out;
    uint64_t done[2][32]; /* cycle of the answer, by port and id */
    uint8_t cause[2][32], source[2][32];
    uint64_t reads, writes;
    unsigned refuse;       /* so many A/D updates to come are refused by the bus */
    uint64_t refused_tags; /* whose answer is an error */
};

enum { FETCH = 0, DATA = 1 };
static const ppn_t root = MEM_BASE >> PAGE_SHIFT;

static paddr_t leaf_pa(unsigned page) {
    return ((root + 2) << PAGE_SHIFT) + page * PTE_BYTES;
}

static void answer(struct bench *b, int port, uint8_t id, uint8_t cause, uint8_t source) {
    b->done[port][id] = b->cycle;
    b->cause[port][id] = cause;
    b->source[port][id] = source;
}

static void clock_edge(struct bench *b) {
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
        b->reads += o->mem_req_op_o == MEMOP_READ;
        b->writes += o->mem_req_op_o == MEMOP_CAS;
    }
    bool update = o->mem_req_valid_o && b->in.mem_req_ready_i && o->mem_req_op_o == MEMOP_CAS;
    memport_accept(&b->port, b->cycle, &b->in, o);
    if (update && b->refuse) {
        mem_write64(b->mem, o->mem_req_addr_o, o->mem_req_cmp_o); /* as if it had never been */
        b->refused_tags |= 1ull << o->mem_req_tag_o;
        b->refuse--;
    }
    if (o->ihit_valid_o) answer(b, FETCH, o->ihit_id_o, o->ihit_cause_o, SOURCE_L1);
    if (o->dhit_valid_o) answer(b, DATA, o->dhit_id_o, o->dhit_cause_o, SOURCE_L1);
    if (o->imiss_valid_o) answer(b, FETCH, o->imiss_id_o, o->imiss_cause_o, o->imiss_source_o);
    if (o->dmiss_valid_o) answer(b, DATA, o->dmiss_id_o, o->dmiss_cause_o, o->dmiss_source_o);
    b->cycle++;
    memset(&b->in, 0, sizeof b->in);
}

static void settle(struct bench *b) {
    clock_edge(b); /* idle_o is of the start of a cycle: it does not know of this one's request */
    do clock_edge(b);
    while (!b->out.idle_o);
}

static void offer(struct bench *b, int port, uint8_t id, vaddr_t va, uint8_t access) {
    if (port == FETCH) {
        b->in.ireq_valid_i = 1, b->in.ireq_id_i = id, b->in.ireq_va_i = va,
        b->in.ireq_priv_i = PRIV_S;
    } else {
        b->in.dreq_valid_i = 1, b->in.dreq_id_i = id, b->in.dreq_va_i = va,
        b->in.dreq_priv_i = PRIV_S;
        b->in.dreq_access_i = access;
    }
}

static void write_csr(struct bench *b, uint16_t addr, uint64_t value) {
    b->in.csr_valid_i = 1, b->in.csr_addr_i = addr, b->in.csr_wdata_i = value;
    clock_edge(b);
    assert_int_equal(b->out.csr_ready_o, 1);
    clock_edge(b);
    assert_int_equal(b->out.csr_done_o, 1); /* done 1 cycle after acceptance */
}

/* Fence; returns cycles from acceptance to done. */
static uint64_t fence(struct bench *b, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    b->in.fence_valid_i = 1, b->in.fence_rs1_i = rs1, b->in.fence_rs2_i = rs2;
    b->in.fence_va_i = va, b->in.fence_asid_i = asid;
    clock_edge(b);
    assert_int_equal(b->out.fence_ready_o, 1);
    uint64_t start = b->cycle - 1;
    do clock_edge(b);
    while (!b->out.fence_done_o);
    return b->cycle - 1 - start;
}

static void bench_open(struct bench *b, uint32_t latency) {
    char why[256];
    memset(b, 0, sizeof *b);
    config_defaults(&b->config);
    b->config.mem_latency = latency;
    b->config.mem_model = MEMMODEL_FIXED;
    b->mem = mem_new(1 << 20);
    memport_init(&b->port, &b->config, b->mem);
    b->engine = engine_open("lockstep", &b->config, latency, why, sizeof why);
    if (!b->engine) fail_msg("%s", why);
    mem_write64(b->mem, root << PAGE_SHIFT, PTE_V | (root + 1) << PTE_PPN_SHIFT);
    mem_write64(b->mem, (root + 1) << PAGE_SHIFT, PTE_V | (root + 2) << PTE_PPN_SHIFT);
    for (unsigned page = 0; page < 512; page++) {
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

static void bench_close(struct bench *b) {
    b->engine->close(b->engine);
    mem_delete(b->mem);
}

#define EACH_LATENCY(b, L)                                                                         \
    for (unsigned k_ = 0; k_ < 3; k_++)                                                            \
        for (uint64_t L = latencies[k_], once_ = (bench_open(b, latencies[k_]), 1); once_;         \
             once_ = 0, bench_close(b))

/* ---- The paths
 * ------------------------------------------------------------------------------------------ */

static void walk_cold_warm_and_hit(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        uint64_t t = b.cycle;
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][1] - t, 3 * L + 3); /* n L + 3, n = 3 */
        assert_int_equal(b.reads, 3);
        t = b.cycle;
        offer(&b, DATA, 2, 8, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][2] - t, 0); /* L1 hit */
        t = b.cycle;
        offer(&b, DATA, 3, PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][3] - t, L + 3); /* tables cached: n = 1 */
        assert_int_equal(b.reads, 4);
        t = b.cycle;
        offer(&b, FETCH, 4, 0, ACCESS_FETCH);
        settle(&b);
        assert_int_equal(b.done[FETCH][4] - t, 2); /* the other port's L1 misses, L2 hits */
        assert_int_equal(b.source[FETCH][4], SOURCE_L2);
    }
}

static void followers_wake_one_a_cycle(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        uint64_t t = b.cycle;
        for (uint8_t i = 0; i < 8; i++) { /* a miss a cycle to one page: L2 reads them in turn */
            offer(&b, DATA, i, 16u * i, ACCESS_LOAD);
            clock_edge(&b);
        }
        settle(&b);
        assert_int_equal(b.reads, 3);
        uint64_t lead = b.done[DATA][0];
        assert_int_equal(lead - t, 3 * L + 3);
        for (uint8_t i = 1; L > 3 && i < 8; i++) assert_int_equal(b.done[DATA][i], lead + i);
    }
}

static void hit_under_miss_and_both_ports(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        uint64_t t = b.cycle;
        offer(&b, DATA, 2, 5 * PAGE_BYTES, ACCESS_LOAD);
        clock_edge(&b);
        offer(&b, DATA, 3, 0, ACCESS_LOAD); /* a younger hit does not wait */
        clock_edge(&b);
        assert_int_equal(b.done[DATA][3], t + 1);
        settle(&b);
        assert_int_equal(b.done[DATA][2] - t, L + 3);
        fence(&b, false, false, 0, 0);
        t = b.cycle; /* two cold misses in one cycle, two pages, two walkers: the second reads a
                        cycle later */
        offer(&b, DATA, 4, 6 * PAGE_BYTES, ACCESS_LOAD);
        offer(&b, FETCH, 4, 7 * PAGE_BYTES, ACCESS_FETCH);
        settle(&b);
        assert_int_equal(b.done[DATA][4] - t, 3 * L + 3);
        assert_in_range(b.done[FETCH][4] - t, 3 * L + 4, 3 * L + 6);
    }
}

static void ad_update_and_hold(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        mem_write64(b.mem, leaf_pa(3), mem_read64(b.mem, leaf_pa(3)) & ~(PTE_A | PTE_D));
        uint64_t t = b.cycle;
        offer(&b, DATA, 2, 3 * PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][2] - t, 2 * L + 4); /* (n + 1) L + 4 */
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)) & (PTE_A | PTE_D), PTE_A);
        /* a store that is not the oldest holds; D stays clear until it is named */
        offer(&b, DATA, 3, 3 * PAGE_BYTES, ACCESS_STORE);
        for (uint64_t i = 0; i < 3 * L + 20; i++) {
            b.in.oldest_valid_i = 1, b.in.oldest_port_i = 1, b.in.oldest_id_i = 9;
            clock_edge(&b);
        }
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)) & PTE_D, 0);
        t = b.cycle;
        for (uint64_t i = 0; !b.done[DATA][3] && i < 3 * L + 20; i++) {
            b.in.oldest_valid_i = 1, b.in.oldest_port_i = 1, b.in.oldest_id_i = 3;
            clock_edge(&b);
        }
        assert_int_equal(b.done[DATA][3] - t,
                         2 * L + 3); /* named, waits, reads that PTE, updates, answers */
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)) & PTE_D, PTE_D);
    }
}

/* The bus refuses an A/D update: an access fault for the leader, the PTE unchanged; a follower that
 * needs the update looks again and gets it. No other stimulus makes this: memory that answered the
 * read refuses the write only here. */
static void update_refused(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        pte_t plain = mem_read64(b.mem, leaf_pa(3)) & ~(PTE_A | PTE_D);
        mem_write64(b.mem, leaf_pa(3), plain);
        offer(&b, DATA, 1, 3 * PAGE_BYTES, ACCESS_LOAD);
        clock_edge(&b);
        offer(&b, DATA, 2, 3 * PAGE_BYTES + 8, ACCESS_LOAD);
        clock_edge(&b);
        b.refuse = 1;
        settle(&b);
        assert_int_equal(b.refuse, 0);
        assert_int_equal(b.cause[DATA][1], CAUSE_LOAD_ACCESS);
        assert_int_equal(b.cause[DATA][2], CAUSE_NONE);
        assert_true(b.done[DATA][2] > b.done[DATA][1]);
        assert_int_equal(mem_read64(b.mem, leaf_pa(3)), plain | PTE_A);
        assert_true(L > 0);
    }
}

static void fences(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        assert_int_equal(fence(&b, false, false, 0, 0), 1);
        assert_int_equal(fence(&b, false, true, 0, 0), 1);
        assert_int_equal(fence(&b, true, false, 0, 0), 2);
        assert_int_equal(fence(&b, true, true, 0, 0), 2);
        offer(&b, DATA, 1, 0, ACCESS_LOAD);
        settle(&b);
        offer(&b, DATA, 2, PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        fence(&b, true, true, 0, 0); /* drops page 0, leaves page 1 and the walk caches */
        uint64_t t = b.cycle;
        offer(&b, DATA, 3, PAGE_BYTES, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][3] - t, 0);
        t = b.cycle;
        offer(&b, DATA, 4, 0, ACCESS_LOAD);
        settle(&b);
        assert_int_equal(b.done[DATA][4] - t, L + 3);
    }
}

static void refusals_without_a_read(void **state) {
    (void)state;
    struct bench b;
    EACH_LATENCY(&b, L) {
        uint64_t t = b.cycle;
        offer(&b, DATA, 1, 1ull << 40, ACCESS_STORE); /* not canonical */
        settle(&b);
        assert_int_equal(b.done[DATA][1] - t, 0);
        assert_int_equal(b.cause[DATA][1], CAUSE_STORE_PAGE);
        assert_int_equal(b.reads, 0);
        assert_true(L > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walk_cold_warm_and_hit),
        cmocka_unit_test(followers_wake_one_a_cycle),
        cmocka_unit_test(hit_under_miss_and_both_ports),
        cmocka_unit_test(ad_update_and_hold),
        cmocka_unit_test(update_refused),
        cmocka_unit_test(fences),
        cmocka_unit_test(refusals_without_a_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
