/* SPDX-License-Identifier: Apache-2.0
 *
 * A page-table store and a fence at every cycle of a walk. Whatever was accepted before the fence
 * is answered once, with the old translation or the new one; what is accepted when the fence is
 * done has the new one. Every form of fence, leaves and pointers, with and without an A/D update,
 * one walker to eight; and fences in a row until each counter that they move has wrapped twice.
 */
#include "pin_kit.h"
#include "config_file.h"

enum { PAGES = 4, HANG = 2000 };

struct form {
    const char *name;
    uint8_t op;
    bool rs1, rs2;
};
static const struct form forms[] = {
    {"sfence.vma", FENCE_SFENCE_VMA, false, false},
    {"sfence.vma asid", FENCE_SFENCE_VMA, false, true},
    {"sfence.vma va", FENCE_SFENCE_VMA, true, false},
    {"sfence.vma va asid", FENCE_SFENCE_VMA, true, true},
    {"sinval.vma", FENCE_SINVAL_VMA, false, false},
    {"sinval.vma va", FENCE_SINVAL_VMA, true, false},
};
enum { FORMS = sizeof forms / sizeof *forms };

/* ---- The tables ---------------------------------------------------------------------------- */

static pte_t leaf_of(unsigned page, unsigned version, pte_t flags) {
    return PTE_V | PTE_R | PTE_W | PTE_X | flags |
           (ppn_t)(0x100000 + version * 4096 + page) << PTE_PPN_SHIFT;
}

static paddr_t frame_of(unsigned page, unsigned version) {
    return (paddr_t)(0x100000 + version * 4096 + page) << PAGE_SHIFT;
}

/* Version 1 stands in the leaves, or in another leaf table behind a changed pointer. */
static void map(struct bench *b, unsigned version, bool by_pointer, pte_t flags) {
    unsigned table = by_pointer ? version : 0;
    for (unsigned page = 0; page < PAGES; page++)
        mem_write64(b->mem, leaf_pa(table * 512 + page), leaf_of(page, version, flags));
    mem_write64(b->mem, (root + 1) << PAGE_SHIFT, PTE_V | (root + 2 + table) << PTE_PPN_SHIFT);
}

/* ---- One case ------------------------------------------------------------------------------ */

static void clear_answers(struct bench *b) {
    memset(b->answers, 0, sizeof b->answers);
    memset(b->done, 0, sizeof b->done);
}

/* Loads and fetches of all pages, one each a cycle; the fence at `offset`. Returns at done. */
static void race(struct bench *b, const struct form *f, unsigned offset, bool by_pointer,
                 pte_t flags) {
    unsigned issued[2] = {0, 0}, fenced = 0;
    bool taken = false;
    for (unsigned c = 0; c < HANG; c++) {
        if (c == offset) map(b, 1, by_pointer, flags);
        bool wants = c >= offset && fenced < (f->rs1 ? PAGES : 1u) && !taken;
        for (int port = 0; port < 2; port++) {
            if (issued[port] < PAGES)
                offer(b, port, (uint8_t)issued[port], (vaddr_t)issued[port] * PAGE_BYTES,
                      port == FETCH ? ACCESS_FETCH : ACCESS_LOAD);
        }
        if (wants) {
            b->in.fence_valid_i = 1, b->in.fence_op_i = f->op;
            b->in.fence_rs1_i = f->rs1, b->in.fence_rs2_i = f->rs2;
            b->in.fence_va_i = (vaddr_t)fenced * PAGE_BYTES;
        }
        bool valid[2] = {b->in.ireq_valid_i, b->in.dreq_valid_i};
        clock_edge(b);
        issued[FETCH] += valid[FETCH] && b->out.ireq_ready_o;
        issued[DATA] += valid[DATA] && b->out.dreq_ready_o;
        if (wants && b->out.fence_ready_o)
            taken = true;
        else if (taken && b->out.fence_done_o)
            taken = false, fenced++;
        if (fenced == (f->rs1 ? PAGES : 1u) && c > offset) break;
        assert_int_not_equal(c, HANG - 1);
    }
}

static void old_or_new(struct bench *b) {
    for (int port = 0; port < 2; port++) {
        for (unsigned id = 0; id < PAGES; id++) {
            if (!b->answers[port][id]) continue;
            assert_int_equal(b->answers[port][id], 1);
            assert_int_equal(b->cause[port][id], CAUSE_NONE);
            assert_true(b->pa[port][id] == frame_of(id, 0) || b->pa[port][id] == frame_of(id, 1));
        }
    }
}

static void all_new(struct bench *b) {
    for (uint8_t page = 0; page < PAGES; page++) {
        for (int port = 0; port < 2; port++) {
            bool ready = false;
            for (unsigned c = 0; !ready && c < HANG; c++) {
                offer(b, port, (uint8_t)(16 + page), (vaddr_t)page * PAGE_BYTES,
                      port == FETCH ? ACCESS_FETCH : ACCESS_LOAD);
                clock_edge(b);
                ready = port == FETCH ? b->out.ireq_ready_o : b->out.dreq_ready_o;
            }
            assert_true(ready);
        }
    }
    settle(b);
    for (int port = 0; port < 2; port++) {
        for (unsigned page = 0; page < PAGES; page++) {
            assert_int_equal(b->answers[port][16 + page], 1);
            assert_int_equal(b->cause[port][16 + page], CAUSE_NONE);
            assert_int_equal(b->pa[port][16 + page], frame_of(page, 1));
        }
    }
}

static unsigned sweep(struct bench *b, uint64_t latency, bool by_pointer, pte_t flags) {
    unsigned cases = 0;
    for (unsigned n = 0; n < FORMS; n++) {
        if (by_pointer && forms[n].rs1) continue; /* a VA fence orders leaf PTEs only */
        for (unsigned offset = 0; offset <= 3 * latency + 20; offset++, cases++) {
            map(b, 0, by_pointer, flags);
            fence(b, false, false, 0, 0);
            clear_answers(b);
            race(b, &forms[n], offset, by_pointer, flags);
            all_new(b);
            old_or_new(b);
        }
    }
    return cases;
}

/* ---- Configurations ------------------------------------------------------------------------ */

struct machine {
    const char *engine, *config;
    unsigned walkers;
};

static void every_offset(void **state) {
    const struct machine *m = *state;
    static const uint64_t latencies[] = {1, 10};
    struct config c;
    unsigned cases = 0;
    config_load(&c, m->config);
    if (m->walkers) c.walkers = m->walkers;
    for (unsigned k = 0; k < 2; k++) {
        struct bench b;
        bench_open(&b, m->engine, &c, (uint32_t)latencies[k]);
        cases += sweep(&b, latencies[k], false, PTE_A | PTE_D);
        cases += sweep(&b, latencies[k], false, 0);
        cases += sweep(&b, latencies[k], true, PTE_A | PTE_D);
        bench_close(&b);
    }
    print_message("%s, %s, %u walkers: %u fences\n", m->config, m->engine, (unsigned)c.walkers,
                  cases);
}

/* ---- Counters that wrap -------------------------------------------------------------------- */

static void load_is(struct bench *b, unsigned version) {
    memset(b->answers, 0, sizeof b->answers);
    offer(b, DATA, 1, 0, ACCESS_LOAD);
    settle(b);
    assert_int_equal(b->answers[DATA][1], 1);
    assert_int_equal(b->pa[DATA][1], frame_of(0, version));
}

/* Context numbers run out twice, by fences of the running ASID and by switches of address spaces.
 */
static void wraps_twice(void **state) {
    const struct machine *m = *state;
    struct config c;
    struct bench b;
    config_load(&c, m->config);
    bench_open(&b, m->engine, &c, 2);
    unsigned rounds = 2 * (1u << c.ctx_bits) + 8;
    for (unsigned n = 0; n < rounds; n++) {
        map(&b, n & 1, false, PTE_A | PTE_D);
        fence(&b, false, true, 0, 0);
        load_is(&b, n & 1);
    }
    for (unsigned n = 0; n < rounds; n++) {
        uint64_t asid = n % (c.ctx_entries + 3u) & ((1u << c.asid_bits) - 1);
        write_csr(&b, CSR_SATP,
                  (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | asid << SATP_ASID_SHIFT | root);
        map(&b, n & 1, false, PTE_A | PTE_D);
        fence(&b, false, true, 0, (uint16_t)asid);
        load_is(&b, n & 1);
    }
    bench_close(&b);
}

int main(void) {
    static struct machine machines[] = {
        {"model", "default", 1},   {"model", "default", 4},    {"lockstep", "default", 0},
        {"lockstep", "tiny", 0},   {"lockstep", "wide", 0},    {"model", "odd_ways", 0},
        {"model", "cva6-like", 0}, {"model", "registered", 0}, {"lockstep", "lines", 0}};
    static struct machine wrapping[] = {
        {"lockstep", "default", 0}, {"lockstep", "tiny", 0}, {"lockstep", "lines", 0}};
    const struct CMUnitTest tests[] = {
        {"model, 1 walker", every_offset, NULL, NULL, &machines[0]},
        {"model, 4 walkers", every_offset, NULL, NULL, &machines[1]},
        {"lock-step, default", every_offset, NULL, NULL, &machines[2]},
        {"lock-step, tiny", every_offset, NULL, NULL, &machines[3]},
        {"lock-step, wide", every_offset, NULL, NULL, &machines[4]},
        {"model, superpage arrays, split L2", every_offset, NULL, NULL, &machines[5]},
        {"model, extra cycles", every_offset, NULL, NULL, &machines[6]},
        {"model, registered", every_offset, NULL, NULL, &machines[7]},
        {"lock-step, lines", every_offset, NULL, NULL, &machines[8]},
        {"wrap, default", wraps_twice, NULL, NULL, &wrapping[0]},
        {"wrap, 2 bits", wraps_twice, NULL, NULL, &wrapping[1]},
        {"wrap, lines", wraps_twice, NULL, NULL, &wrapping[2]},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
