/* SPDX-License-Identifier: Apache-2.0
 *
 * The latency model of physical memory, from its header: times, order, errors, compare-and-write.
 */
#include "memport.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { RAM_BYTES = 1 << 20, REQUESTS = 2000, LINE_BYTES = 64 };

struct bench {
    struct mem *mem;
    struct config cfg;
    struct memport port;
    uint64_t cycle;
    struct mmu_in in; /* of the last cycle */
};

static int setup(void **state) {
    struct bench *b = test_calloc(1, sizeof *b);
    b->mem = mem_new(RAM_BYTES);
    config_defaults(&b->cfg);
    memport_init(&b->port, &b->cfg, b->mem);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;
    mem_delete(b->mem);
    test_free(b);
    return 0;
}

static struct mmu_out request(unsigned op, unsigned tag, paddr_t pa) {
    return (struct mmu_out){.mem_req_valid_o = 1,
                            .mem_req_op_o = (uint8_t)op,
                            .mem_req_tag_o = (uint8_t)tag,
                            .mem_req_addr_o = pa};
}

/* One cycle with this request, or none. Was it taken? */
static bool cycle(struct bench *b, const struct mmu_out *out) {
    static const struct mmu_out nothing;
    memset(&b->in, 0, sizeof b->in);
    memport_drive(&b->port, b->cycle, &b->in);
    memport_accept(&b->port, b->cycle, &b->in, out ? out : &nothing);
    b->cycle++;
    return out && b->in.mem_req_ready_i;
}

static void fixed_latency(void **state) {
    struct bench *b = *state;
    mem_write64(b->mem, MEM_BASE + 8, 0x1234);
    struct mmu_out r = request(MEMOP_READ, 5, MEM_BASE + 8);
    assert_true(cycle(b, &r));
    for (uint32_t i = 1; i < b->cfg.mem_latency; i++) {
        cycle(b, NULL);
        assert_false(b->in.mem_rsp_valid_i);
    }
    cycle(b, NULL); /* cycle t + L */
    assert_true(b->in.mem_rsp_valid_i);
    assert_int_equal(b->in.mem_rsp_tag_i, 5);
    assert_int_equal(b->in.mem_rsp_data_i[0], 0x1234);
    assert_false(b->in.mem_rsp_error_i);
    cycle(b, NULL);
    assert_false(b->in.mem_rsp_valid_i);
}

static void value_of_acceptance(void **state) {
    struct bench *b = *state;
    struct mmu_out r = request(MEMOP_READ, 1, MEM_BASE);
    mem_write64(b->mem, MEM_BASE, 1);
    cycle(b, &r);
    mem_write64(b->mem, MEM_BASE, 2);
    while (!b->in.mem_rsp_valid_i) cycle(b, NULL);
    assert_int_equal(b->in.mem_rsp_data_i[0], 1);
}

static void line(void **state) {
    struct bench *b = *state;
    struct mmu_out r = request(MEMOP_LINE, 2, MEM_BASE + LINE_BYTES + 24);
    for (unsigned i = 0; i < 8; i++) mem_write64(b->mem, MEM_BASE + LINE_BYTES + 8 * i, 100 + i);
    cycle(b, &r);
    while (!b->in.mem_rsp_valid_i) cycle(b, NULL);
    for (unsigned i = 0; i < 8; i++) assert_int_equal(b->in.mem_rsp_data_i[i], 100 + i);
}

static bool cas(struct bench *b, paddr_t pa, uint64_t cmp, uint64_t data, bool *error) {
    struct mmu_out r = request(MEMOP_CAS, 3, pa);
    r.mem_req_cmp_o = cmp;
    r.mem_req_data_o = data;
    struct mmu_in ready = {.mem_req_ready_i = 1};
    bool foretold = memport_writes(&b->port, &ready, &r);
    cycle(b, &r);
    while (!b->in.mem_rsp_valid_i) cycle(b, NULL);
    assert_int_equal(foretold, b->in.mem_rsp_cas_ok_i);
    *error = b->in.mem_rsp_error_i;
    return b->in.mem_rsp_cas_ok_i;
}

static void compare_and_write(void **state) {
    struct bench *b = *state;
    bool error;
    mem_write64(b->mem, MEM_BASE, 7);
    assert_false(cas(b, MEM_BASE, 6, 9, &error));
    assert_int_equal(mem_read64(b->mem, MEM_BASE), 7);
    assert_true(cas(b, MEM_BASE, 7, 9, &error));
    assert_int_equal(mem_read64(b->mem, MEM_BASE), 9);
    assert_false(error);
    assert_false(cas(b, MEM_BASE - 8, 0, 9, &error));
    assert_true(error);
    mem_mark_rom(b->mem, MEM_BASE >> PAGE_SHIFT);
    assert_false(cas(b, MEM_BASE + 8, 0, 9, &error));
    assert_true(error);
    assert_int_equal(mem_read64(b->mem, MEM_BASE + 8), 0);
    assert_true(cas(b, MEM_BASE + PAGE_BYTES, 0, 9, &error));
    assert_false(error);
}

static void no_memory_there(void **state) {
    struct bench *b = *state;
    const paddr_t bad[] = {0, MEM_BASE - 8, MEM_BASE + RAM_BYTES, MEM_BASE + 4, 1ull << 55};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mmu_out r = request(MEMOP_READ, 9, bad[i]);
        cycle(b, &r);
        while (!b->in.mem_rsp_valid_i) cycle(b, NULL);
        assert_true(b->in.mem_rsp_error_i);
        assert_int_equal(b->in.mem_rsp_data_i[0], 0);
        cycle(b, NULL);
    }
}

/* Requests back to back with random latency: each answered once, in order of (due, request), and
 * alone. */
static void random_latency(void **state) {
    struct bench *b = *state;
    uint64_t asked[64] = {0}, seen = 0, out_of_order = 0, last_asked = 0, least = UINT64_MAX,
             most = 0;
    b->cfg.mem_model = MEMMODEL_RANDOM;
    b->cfg.mem_latency = 3;
    b->cfg.mem_latency_max = 30;
    memport_init(&b->port, &b->cfg, b->mem);
    for (uint64_t n = 0, tag = 0; seen < REQUESTS;) {
        struct mmu_out r = request(MEMOP_READ, (unsigned)tag, MEM_BASE);
        bool want = n < REQUESTS && !asked[tag] && n % 3;
        uint64_t now = b->cycle;
        n += !want && n % 3 == 0;
        if (cycle(b, want ? &r : NULL)) {
            asked[tag] = now + 1;
            tag = (tag + 1) % 64;
            n++;
        }
        if (!b->in.mem_rsp_valid_i) {
            if (n >= REQUESTS && !b->port.count) break;
            continue;
        }
        uint64_t at = asked[b->in.mem_rsp_tag_i], took = now + 1 - at;
        assert_true(at != 0);
        asked[b->in.mem_rsp_tag_i] = 0;
        if (took < least) least = took;
        if (took > most) most = took;
        out_of_order += at < last_asked;
        last_asked = at;
        seen++;
    }
    assert_true(seen > REQUESTS / 2);
    assert_int_equal(least, 3);
    assert_true(most >= 30 && most < 30 + 64); /* slips included */
    assert_true(out_of_order > 0);
}

static void equal_times_slip_in_order(void **state) {
    struct bench *b = *state;
    b->cfg.mem_latency = 1;
    memport_init(&b->port, &b->cfg, b->mem);
    struct mmu_out r = request(MEMOP_READ, 1, MEM_BASE);
    cycle(b, &r);
    r.mem_req_tag_o = 2;
    b->cycle--; /* a second port would do this: two answers due together */
    memport_accept(&b->port, b->cycle, &(struct mmu_in){.mem_req_ready_i = 1}, &r);
    b->cycle++;
    cycle(b, NULL);
    assert_int_equal(b->in.mem_rsp_tag_i, 1);
    cycle(b, NULL);
    assert_true(b->in.mem_rsp_valid_i);
    assert_int_equal(b->in.mem_rsp_tag_i, 2);
}

static void stalls(void **state) {
    struct bench *b = *state;
    unsigned ready = 0;
    b->cfg.mem_stall = 30;
    memport_init(&b->port, &b->cfg, b->mem);
    for (unsigned i = 0; i < 10000; i++) {
        cycle(b, NULL);
        ready += b->in.mem_req_ready_i;
    }
    assert_in_range(ready, 6700, 7300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fixed_latency, setup, teardown),
        cmocka_unit_test_setup_teardown(value_of_acceptance, setup, teardown),
        cmocka_unit_test_setup_teardown(line, setup, teardown),
        cmocka_unit_test_setup_teardown(compare_and_write, setup, teardown),
        cmocka_unit_test_setup_teardown(no_memory_there, setup, teardown),
        cmocka_unit_test_setup_teardown(random_latency, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_times_slip_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(stalls, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
