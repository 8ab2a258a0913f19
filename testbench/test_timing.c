/* SPDX-License-Identifier: Apache-2.0
 *
 * The timing diagrams of docs/microarchitecture.md: each path driven in lock-step with a memory of
 * L = 3, so that it fits a page, its formula held to the cycles between the cells it is drawn
 * between, and the whole compared with docs/timing/NAME.json. With TIMING=DIR the diagrams are
 * written there and nothing is compared (`make timing`).
 */
#include "timing_kit.h"
#include "config_file.h"
#include <stdlib.h>

enum { L = 3 };

static void open_on(struct timing *t, const char *config) {
    struct config c;
    memset(t, 0, sizeof *t);
    if (config) config_load(&c, config);
    bench_open(&t->b, "lockstep", config ? &c : NULL, L);
}

static void load(struct timing *t, uint8_t id, unsigned page) {
    offer(&t->b, DATA, id, (vaddr_t)page * PAGE_BYTES, ACCESS_LOAD);
    clock_edge(&t->b);
}

static void fetch(struct timing *t, uint8_t id, unsigned page) {
    offer(&t->b, FETCH, id, (vaddr_t)page * PAGE_BYTES, ACCESS_FETCH);
    clock_edge(&t->b);
}

static void pass(struct timing *t, unsigned n) {
    while (n--) clock_edge(&t->b);
}

/* Page 0 answered, and so the tables above it in the walk caches; the rest is drawn. */
static void begin_warm(struct timing *t, const char *name, const char *title) {
    load(t, 31, 0);
    settle(&t->b);
    timing_begin(t, name, title);
}

static void finish(struct timing *t) {
    const char *dir = getenv("TIMING");
    char path[256];
    snprintf(path, sizeof path, "%s/%s.json", dir ? dir : "docs/timing", t->name);
    json_t *is = timing_json(t), *was = json_load_file(path, 0, NULL);
    if (dir && json_dump_file(is, path, JSON_INDENT(2))) fail_msg("%s cannot be written", path);
    if (!dir && !json_equal(is, was))
        fail_msg("%s is not what the machine does; run: make timing", path);
    json_decref(is);
    json_decref(was);
    bench_close(&t->b);
}

/* ---- Answers without a walk ------------------------------------------------------------------ */

/* The data side has the page in L1, the fetch side finds it in L2. */
static void both_hit(const char *config, const char *name, const char *title, const char *formula,
                     uint64_t latency) {
    struct timing t;
    open_on(&t, config);
    begin_warm(&t, name, title);
    load(&t, 1, 0);
    fetch(&t, 2, 0);
    settle(&t.b);
    timing_span(&t, DATA, 1, formula, latency);
    timing_span(&t, FETCH, 2, "2", 2);
    finish(&t);
}

static void hits(void **state) {
    (void)state;
    both_hit(NULL, "hits", "L1 hit, and L2 hit of the other port", "0", 0);
}

static void registered_hits(void **state) {
    (void)state;
    both_hit("registered", "hits_registered", "the same with l1i.latency = l1d.latency = 1", "1",
             1);
}

/* ---- One walk -------------------------------------------------------------------------------- */

static void from_the_root(const char *config, const char *name, const char *title,
                          const char *formula, uint64_t cycles) {
    struct timing t;
    open_on(&t, config);
    timing_begin(&t, name, title);
    load(&t, 1, 5);
    settle(&t.b);
    timing_span(&t, DATA, 1, formula, cycles);
    finish(&t);
}

static void cold_walk(void **state) {
    (void)state;
    from_the_root(NULL, "walk_cold", "cold walk, Sv39: n = 3 reads", "n L + 3", 3 * L + 3);
}

static void cold_walk_registered(void **state) {
    (void)state;
    from_the_root("registered", "walk_registered", "the same, registered: walk.cycles = 1",
                  "n (L + 1) + 3", 3 * (L + 1) + 3);
}

static void warm_walk(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    begin_warm(&t, "walk_warm", "walk with its tables cached: n = 1; hits under the miss");
    load(&t, 1, 5);
    load(&t, 2, 0);
    load(&t, 3, 0);
    settle(&t.b);
    timing_span(&t, DATA, 1, "L + 3", L + 3);
    timing_span(&t, DATA, 2, "0", 0);
    timing_span(&t, DATA, 3, "0", 0);
    finish(&t);
}

static void denied_walk(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    forbid_leaf(&t.b, 7);
    begin_warm(&t, "walk_denied", "PMP refuses the read of the PTE");
    load(&t, 1, 7);
    settle(&t.b);
    assert_int_equal(t.b.cause[DATA][1], CAUSE_LOAD_ACCESS);
    timing_span(&t, DATA, 1, "n = 0: 3", 3);
    finish(&t);
}

/* ---- A and D --------------------------------------------------------------------------------- */

static void update(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    mem_write64(t.b.mem, leaf_pa(3), leaf(3, 0));
    begin_warm(&t, "ad_update", "walk that sets A: n = 1");
    load(&t, 1, 3);
    settle(&t.b);
    timing_span(&t, DATA, 1, "(n + 1) L + 4", 2 * L + 4);
    finish(&t);
}

/* Somebody else writes the PTE behind the read of it: RSW changes. */
static void failed_compare(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    mem_write64(t.b.mem, leaf_pa(3), leaf(3, 0));
    begin_warm(&t, "ad_retry", "the compare fails: memory has written the PTE behind the read");
    load(&t, 1, 3);
    pass(&t, 4);
    mem_write64(t.b.mem, leaf_pa(3), leaf(3, 1ull << 8));
    settle(&t.b);
    timing_span(&t, DATA, 1, "(n + 1) L + 4, and 2 L + 1", 4 * L + 5);
    finish(&t);
}

static void held_store(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    mem_write64(t.b.mem, leaf_pa(3), leaf(3, PTE_A));
    begin_warm(&t, "ad_hold", "a store that needs D and is not the oldest access");
    offer(&t.b, DATA, 1, 3 * PAGE_BYTES, ACCESS_STORE);
    for (unsigned i = 0; i < 9; i++) {
        name_oldest(&t.b, 30);
        clock_edge(&t.b);
    }
    uint64_t named = t.b.cycle;
    while (!t.b.done[DATA][1]) {
        name_oldest(&t.b, 1);
        clock_edge(&t.b);
    }
    settle(&t.b);
    timing_between(&t, ROW_ORDER, named, ROW_DATA_ANSWER, t.b.done[DATA][1], "2 L + 3", 2 * L + 3);
    finish(&t);
}

/* ---- Misses beside one another --------------------------------------------------------------- */

static void followers(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    begin_warm(&t, "followers", "four misses to one page: one walk");
    for (uint8_t i = 0; i < 4; i++) load(&t, i, 5);
    settle(&t.b);
    timing_span(&t, DATA, 0, "L + 3", L + 3);
    for (uint8_t i = 1; i < 4; i++) assert_int_equal(t.b.done[DATA][i], t.b.done[DATA][0] + i);
    timing_between(&t, ROW_DATA_ANSWER, t.b.done[DATA][0], ROW_DATA_ANSWER, t.b.done[DATA][3], "k",
                   3);
    finish(&t);
}

static void walks_overlap(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, "wide");
    begin_warm(&t, "walks_overlap", "five misses to five pages, eight walkers, tables cached");
    for (uint8_t i = 0; i < 5; i++) load(&t, i, 1u + i);
    settle(&t.b);
    timing_span(&t, DATA, 0, "L + 3", L + 3);
    for (uint8_t i = 1; i < 4; i++) assert_int_equal(t.b.done[DATA][i], t.b.done[DATA][0] + i);
    timing_span(&t, DATA, 4, "L + 3", L + 3);
    finish(&t);
}

static void shared_read(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    timing_begin(&t, "shared_read", "fetch and load miss cold in one cycle: a read is shared");
    offer(&t.b, DATA, 1, 6 * PAGE_BYTES, ACCESS_LOAD);
    offer(&t.b, FETCH, 2, 1000 * PAGE_BYTES, ACCESS_FETCH);
    settle(&t.b);
    assert_int_equal(t.b.reads, 5);
    timing_span(&t, DATA, 1, "3 L + 3", 3 * L + 3);
    timing_span(&t, FETCH, 2, "3 L + 4", 3 * L + 4);
    finish(&t);
}

/* ---- PTE lines and prefetch ------------------------------------------------------------------ */

static void a_line(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, "lines");
    load(&t, 31, 100);
    settle(&t.b);
    timing_begin(&t, "line", "pte.lines: three misses to neighbours, and a fourth later");
    for (uint8_t i = 0; i < 3; i++) load(&t, i, i);
    settle(&t.b);
    load(&t, 3, 3);
    settle(&t.b);
    timing_span(&t, DATA, 0, "L + 3", L + 3);
    timing_between(&t, ROW_DATA_ANSWER, t.b.done[DATA][0], ROW_DATA_ANSWER, t.b.done[DATA][2],
                   "k + 1", 3);
    timing_span(&t, DATA, 3, "2", 2);
    finish(&t);
}

static void a_refused_line(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, "lines");
    load(&t, 31, 100);
    settle(&t.b);
    timing_begin(&t, "line_refused", "the bus refuses the line");
    uint64_t lines = t.b.lines;
    load(&t, 1, 0);
    while (t.b.lines == lines) clock_edge(&t.b);
    t.b.refused_tags |= 1ull << t.b.out.mem_req_tag_o;
    settle(&t.b);
    assert_int_equal(t.b.cause[DATA][1], CAUSE_NONE);
    timing_span(&t, DATA, 1, "L + 3, and L", 2 * L + 3);
    finish(&t);
}

static void next_page(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, "prefetch");
    for (unsigned page = 0; page < 2; page++) {
        load(&t, 31, page);
        settle(&t.b);
    }
    timing_begin(&t, "prefetch", "prefetch.streams: page 2, then page 3");
    uint64_t filled = 0;
    load(&t, 2, 2);
    while (!filled) {
        clock_edge(&t.b);
        if (t.b.out.ev_l2_fill_o) filled = t.b.cycle - 1;
    }
    settle(&t.b);
    load(&t, 3, 3);
    pass(&t, 3); /* page 4 is the next picture */
    timing_span(&t, DATA, 2, "2", 2);
    timing_between(&t, ROW_DATA_ANSWER, t.b.done[DATA][2], ROW_FILL_L2, filled, "L + 4", L + 4);
    timing_span(&t, DATA, 3, "2", 2);
    finish(&t);
}

/* ---- Fences, CSRs, kills --------------------------------------------------------------------- */

static void fence_of_all(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    begin_warm(&t, "fence_all", "fence of everything; of an address space alike");
    t.b.in.fence_valid_i = 1;
    uint64_t start = t.b.cycle;
    load(&t, 1, 0);
    load(&t, 2, 0);
    settle(&t.b);
    timing_between(&t, ROW_ORDER, start, ROW_DONE, start + 1, "1", 1);
    timing_span(&t, DATA, 1, "0", 0);
    timing_span(&t, DATA, 2, "3 L + 3", 3 * L + 3);
    finish(&t);
}

static void fence_of_a_page(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    begin_warm(&t, "fence_page", "fence of page 5, whose walk is on its way");
    uint64_t fenced = 0;
    for (unsigned c = 0; c < 5; c++) {
        if (c == 2) {
            fenced = t.b.cycle;
            t.b.in.fence_valid_i = 1, t.b.in.fence_rs1_i = 1, t.b.in.fence_va_i = 5 * PAGE_BYTES;
        }
        load(&t, (uint8_t)(1 + c), c == 0 || c == 4 ? 5 : 0);
    }
    settle(&t.b);
    timing_between(&t, ROW_ORDER, fenced, ROW_DONE, fenced + 2, "2", 2);
    for (uint8_t id = 2; id < 5; id++) assert_int_equal(t.b.done[DATA][id], t.accepted[DATA][id]);
    timing_span(&t, DATA, 1, "L + 3", L + 3);
    timing_span(&t, DATA, 5, "L + 3", L + 3);
    finish(&t);
}

static void csr_write(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    begin_warm(&t, "csr_write", "satp is written while a walk is on its way");
    load(&t, 1, 5);
    pass(&t, 2); /* it has looked up the walk caches */
    t.b.in.csr_valid_i = 1, t.b.in.csr_addr_i = CSR_SATP;
    t.b.in.csr_wdata_i = (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | 1ull << SATP_ASID_SHIFT | root;
    uint64_t start = t.b.cycle;
    pass(&t, 1);
    load(&t, 2, 0);
    settle(&t.b);
    timing_between(&t, ROW_ORDER, start, ROW_DONE, start + 1, "1", 1);
    timing_span(&t, DATA, 1, "L + 3", L + 3);
    timing_span(&t, DATA, 2, "3 L + 3", 3 * L + 3);
    finish(&t);
}

static void kill_of_a_walk(void **state) {
    (void)state;
    struct timing t;
    open_on(&t, NULL);
    begin_warm(&t, "kill", "a miss is killed while its read is in flight");
    load(&t, 1, 5);
    pass(&t, 2);
    t.b.in.dkill_i = 1u << 1;
    pass(&t, 1);
    load(&t, 1, 0);
    settle(&t.b);
    timing_span(&t, DATA, 1, "0", 0);
    finish(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits),
        cmocka_unit_test(registered_hits),
        cmocka_unit_test(cold_walk),
        cmocka_unit_test(cold_walk_registered),
        cmocka_unit_test(warm_walk),
        cmocka_unit_test(denied_walk),
        cmocka_unit_test(update),
        cmocka_unit_test(failed_compare),
        cmocka_unit_test(held_store),
        cmocka_unit_test(followers),
        cmocka_unit_test(walks_overlap),
        cmocka_unit_test(shared_read),
        cmocka_unit_test(a_line),
        cmocka_unit_test(a_refused_line),
        cmocka_unit_test(next_page),
        cmocka_unit_test(fence_of_all),
        cmocka_unit_test(fence_of_a_page),
        cmocka_unit_test(csr_write),
        cmocka_unit_test(kill_of_a_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
