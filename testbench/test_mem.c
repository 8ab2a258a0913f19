/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical memory: bytes that come into being when written, and a watcher that sees every change of
 * a page table word, whichever way it is made, with the old value still in place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "mem.h"

struct seen {
    struct mem *mem;
    unsigned count;
    paddr_t pa;
    uint64_t old, now;
};

static void see(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct seen *s = who;
    assert_int_equal(mem_read64(s->mem, pa), old);
    s->count++;
    s->pa = pa;
    s->old = old;
    s->now = now;
}

static void test_bytes(void **state) {
    (void)state;
    struct mem *m = mem_new(8ull << 30);
    paddr_t end = MEM_BASE + mem_bytes(m), pa = MEM_BASE + (5ull << 30) + 4090;
    uint8_t in[9000], out[9000];
    assert_true(mem_has(m, MEM_BASE, 1) && mem_has(m, end - 8, 8) && mem_has(m, end, 0));
    assert_false(mem_has(m, MEM_BASE - 1, 1) || mem_has(m, end - 7, 8) || mem_has(m, end + 1, 0));
    assert_int_equal(mem_read64(m, end - 8), 0);
    for (size_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i * 7 + 1);
    mem_write(m, pa, in, sizeof in);
    mem_read(m, pa, out, sizeof out);
    assert_memory_equal(in, out, sizeof in);
    mem_copy_frame(m, (MEM_BASE >> 12) + 3, (pa >> 12) + 1);
    assert_int_equal(mem_read64(m, MEM_BASE + 3 * PAGE_BYTES), mem_read64(m, pa + 6));
    mem_zero_frame(m, (pa >> 12) + 1);
    assert_int_equal(mem_read64(m, pa + 6), 0);
    mem_delete(m);
}

static void test_watch(void **state) {
    (void)state;
    struct seen s = {.mem = mem_new(1 << 20)};
    ppn_t table = (MEM_BASE >> 12) + 9;
    paddr_t pa = table << 12;
    uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    mem_mark_table(s.mem, table);
    mem_set_watch(s.mem, see, &s);
    assert_true(mem_is_table(s.mem, table) && !mem_is_table(s.mem, table + 1));
    mem_write64(s.mem, pa + 8, 0x11);
    assert_true(s.count == 1 && s.pa == pa + 8 && s.old == 0 && s.now == 0x11);
    mem_write64(s.mem, pa + 8, 0x11); /* no change, no report */
    mem_write64(s.mem, pa + PAGE_BYTES, 5);
    assert_int_equal(s.count, 1);
    mem_write(s.mem, pa + 12, bytes, 12); /* half a word, and a whole one */
    assert_true(s.count == 3 && s.pa == pa + 16 && s.now == 0x0908070605ull);
    assert_int_equal(mem_read64(s.mem, pa + 8), 0x0403020100000011ull);
    mem_zero_frame(s.mem, table);
    assert_int_equal(s.count, 5);
    mem_copy_frame(s.mem, table, table + 1);
    assert_true(s.count == 6 && s.pa == pa && s.now == 5);
    mem_delete(s.mem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
