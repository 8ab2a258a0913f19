/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel half: what memory is behind an address. One behaviour a test: anonymous memory, copy
 * on write, files, shared memory, and the signals where there is none.
 */
#include "os_hart.h"

static void test_anonymous(void **state) {
    struct world *w = one_process(state);
    uint64_t frames = os_frames_used(w->os);
    MMAP(1, AT, 64 * PAGE, RW, ANON);
    assert_int_equal(os_frames_used(w->os), frames);
    load_is(w, 1, AT + 5, 0);
    kind_is(w, 1, KFAULT_ZERO_PAGE, false);
    assert_int_equal(os_rss(w->os, 1), 0);
    pte_is(w, 1, AT, PTE_V | PTE_R | PTE_U | PTE_A);
    store(w, 1, AT, 7);
    kind_is(w, 1, KFAULT_ANON_ALLOC, false);
    pte_is(w, 1, AT, PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D);
    store(w, 1, AT + PAGE, 8);
    kind_is(w, 1, KFAULT_ANON_ALLOC, false);
    assert_int_equal(os_rss(w->os, 1), 2);
    load_is(w, 1, AT + 1, 0);
    kind_is(w, 0, KFAULT_NONE, false);
    ok(w, CALL_MADVISE, 1, 0, AT, PAGE, 4, 0, 0);
    load_is(w, 1, AT, 0);
    load_is(w, 1, AT + PAGE, 8);
    MUNMAP(1, AT, 64 * PAGE);
    assert_int_equal(os_frames_used(w->os), frames);
    world_end(w);
}

static void test_cow(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, 4 * PAGE, RW, ANON);
    store(w, 1, AT, 1);
    store(w, 1, AT + PAGE, 2);
    uint64_t fences = w->full_fences;
    FORK(1, 2);
    assert_int_equal(w->full_fences, fences + 1);
    pte_is(w, 1, AT, PTE_V | PTE_R | PTE_U | PTE_A | PTE_D);
    pte_is(w, 2, AT, PTE_V | PTE_R | PTE_U | PTE_D);
    load_is(w, 2, AT, 1);
    store(w, 2, AT, 3);
    kind_is(w, 1, KFAULT_COW_COPY, false);
    load_is(w, 1, AT, 1);
    store(w, 1, AT, 4);
    kind_is(w, 1, KFAULT_COW_REUSE, false);
    load_is(w, 2, AT, 3);
    store(w, 1, AT + PAGE, 5);
    kind_is(w, 1, KFAULT_COW_COPY, false);
    store(w, 2, AT + PAGE, 6);
    kind_is(w, 1, KFAULT_COW_REUSE, false);
    check(w);
    EXIT(2);
    EXIT(1);
    world_end(w);
}

static void test_signals(void **state) {
    struct world *w = one_process(state);
    dies(w, 1, ACCESS_LOAD, 0x18, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    EXEC(1);
    dies(w, 1, ACCESS_STORE, 0xffffffc000000000ull, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    EXEC(1);
    assert_false(ask(w, CALL_MMAP, 1, 0, 0x1000, PAGE, RW, ANON, 0));
    assert_false(ask(w, CALL_MMAP, 1, 0, 1ull << 38, PAGE, RW, ANON, 0));
    MMAP(1, AT, PAGE, PROT_R, ANON);
    load_is(w, 1, AT, 0);
    dies(w, 1, ACCESS_STORE, AT, SIGNAL_SEGV, SICODE_SEGV_ACCERR);
    EXEC(1);
    MMAP(1, AT, PAGE, RW, ANON);
    store(w, 1, AT, 1);
    dies(w, 1, ACCESS_FETCH, AT, SIGNAL_SEGV, SICODE_SEGV_ACCERR);
    EXEC(1);
    MMAP(1, AT, PAGE, PROT_X, ANON);
    assert_true(touch(w, 1, ACCESS_FETCH, AT));
    dies(w, 1, ACCESS_LOAD, AT, SIGNAL_SEGV, SICODE_SEGV_ACCERR);
    EXEC(1);
    MMAP(1, AT, PAGE, PROT_W, ANON); /* write implies read */
    load_is(w, 1, AT, 0);
    store(w, 1, AT, 1);
    MPROTECT(1, AT, PAGE, 0);
    struct os_trap t = {1, AT, ACCESS_LOAD, CAUSE_LOAD_PAGE, true, false};
    struct os_outcome o = os_trap(w->os, &t);
    assert_true(o.efault && !o.sig && os_alive(w->os, 1));
    dies(w, 1, ACCESS_LOAD, AT, SIGNAL_SEGV, SICODE_SEGV_ACCERR);
    world_end(w);
}

/* With a handler the process keeps what it has; a frame that cannot be written is a signal, too. */
static void test_handlers(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, PAGE, RW, ANON);
    store(w, 1, AT, 7);
    MPROTECT(1, AT, PAGE, PROT_R);
    struct os_trap t = {1, AT, ACCESS_STORE, CAUSE_STORE_PAGE, false, true};
    struct os_outcome o = os_trap(w->os, &t);
    assert_true(o.sig == SIGNAL_SEGV && o.code == SICODE_SEGV_ACCERR && os_alive(w->os, 1));
    load_is(w, 1, AT, 7);
    o = os_frame_refused(w->os, 1, true);
    assert_true(o.sig == SIGNAL_SEGV && o.code == SICODE_SEGV_KERNEL && os_alive(w->os, 1));
    FORK(1, 2);
    o = os_frame_refused(w->os, 1, false);
    assert_true(o.sig == SIGNAL_SEGV && !os_alive(w->os, 1) && os_alive(w->os, 2));
    assert_int_equal(os_get_stats(w->os)->sigsegv, 3);
    EXIT(1);
    EXIT(2);
    check(w);
    world_end(w);
}

static void test_private_file(void **state) {
    struct world *w = one_process(state);
    FILE_OF(3, 2 * PAGE + 100);
    MMAP_FILE(1, AT, 4 * PAGE, RW, PRIV, 3, 0);
    load_is(w, 1, AT + 9, token_file_byte(3, 9));
    kind_is(w, 1, KFAULT_FILE_MAP, true);
    pte_is(w, 1, AT, PTE_V | PTE_R | PTE_U | PTE_A);
    store(w, 1, AT + 9, 77);
    kind_is(w, 1, KFAULT_COW_FILE, false);
    load_is(w, 1, AT + 10, token_file_byte(3, 10));
    uint8_t byte;
    uint64_t cost;
    assert_int_equal(os_file_read(w->os, 3, 9, &byte, 1, 10, &cost), 1);
    assert_int_equal(byte, token_file_byte(3, 9));
    store(w, 1, AT + PAGE, 78);
    kind_is(w, 1, KFAULT_COW_FILE, true);
    load_is(w, 1, AT + 2 * PAGE + 99, token_file_byte(3, 2 * PAGE + 99));
    load_is(w, 1, AT + 2 * PAGE + 100, 0);
    dies(w, 1, ACCESS_LOAD, AT + 3 * PAGE, SIGNAL_BUS, SICODE_BUS_ADRERR);
    world_end(w);
}

static void test_shared_file(void **state) {
    struct world *w = one_process(state);
    uint8_t byte = 0;
    FILE_OF(1, 8 * PAGE);
    MMAP_FILE(1, AT, 8 * PAGE, RW, SHARED, 1, 0);
    EXEC(2);
    MMAP_FILE(2, AT + 16 * PAGE, PAGE, RW, SHARED, 1, PAGE);
    load_is(w, 1, AT + PAGE, token_file_byte(1, PAGE));
    pte_is(w, 1, AT + PAGE, PTE_V | PTE_R | PTE_U | PTE_A);
    store(w, 1, AT + PAGE, 55);
    kind_is(w, 1, KFAULT_MKWRITE, false);
    load_is(w, 2, AT + 16 * PAGE, 55);
    kind_is(w, 1, KFAULT_FILE_MAP, false);
    os_disk_read(w->os, 1, PAGE, &byte, 1);
    assert_int_equal(byte, token_file_byte(1, PAGE));
    ok(w, CALL_MSYNC, 1, 0, AT, 8 * PAGE, 0, 0, 0);
    os_disk_read(w->os, 1, PAGE, &byte, 1);
    assert_int_equal(byte, 55);
    pte_is(w, 1, AT + PAGE, PTE_V | PTE_R | PTE_U | PTE_A);
    store(w, 1, AT + PAGE, 56);
    kind_is(w, 1, KFAULT_MKWRITE, false);
    store(w, 1, AT + 2 * PAGE, 57);
    kind_is(w, 1, KFAULT_FILE_MAP, true);
    ok(w, CALL_FSYNC, 1, 1, 0, 0, 0, 0, 0);
    os_disk_read(w->os, 1, 2 * PAGE, &byte, 1);
    assert_int_equal(byte, 57);
    check(w);
    EXIT(1);
    EXIT(2);
    world_end(w);
}

static void test_fault_around(void **state) {
    struct world *w = one_process(state);
    uint8_t buffer[20 * PAGE];
    uint64_t cost;
    FILE_OF(1, 20 * PAGE);
    assert_int_equal(os_file_read(w->os, 1, 0, buffer, sizeof buffer, sizeof buffer, &cost),
                     sizeof buffer);
    assert_int_equal(cost, 20 * (uint64_t)w->cfg.os_cost_major);
    MMAP_FILE(1, AT + 4 * PAGE, 40 * PAGE, PROT_R, PRIV, 1, 0);
    load_is(w, 1, AT + 9 * PAGE, buffer[5 * PAGE]); /* slots 4 to 19: 16 from the VMA's start */
    kind_is(w, 1, KFAULT_FILE_MAP, false);
    assert_int_equal(os_rss(w->os, 1), 16);
    load_is(w, 1, AT + 19 * PAGE, buffer[15 * PAGE]);
    assert_int_equal(w->faults, 0);
    load_is(w, 1, AT + 20 * PAGE, buffer[16 * PAGE]); /* slots 16 to 31, to the end of the file */
    assert_int_equal(os_rss(w->os, 1), 20);
    assert_int_equal(os_get_stats(w->os)->fault_around, 18);
    EXIT(1);
    world_end(w);
}

static void test_truncate(void **state) {
    struct world *w = one_process(state);
    FILE_OF(1, 4 * PAGE);
    MMAP_FILE(1, AT, 4 * PAGE, RW, PRIV, 1, 0);
    MMAP_FILE(1, AT + 8 * PAGE, 4 * PAGE, RW, SHARED, 1, 0);
    store(w, 1, AT + 3 * PAGE, 1);
    store(w, 1, AT + 9 * PAGE, 2);
    ok(w, CALL_TRUNCATE, 1, 1, PAGE + 1, 0, 0, 0, 0);
    check(w);
    load_is(w, 1, AT + 9 * PAGE, 2);
    load_is(w, 1, AT + 9 * PAGE + 1, 0);
    ok(w, CALL_TRUNCATE, 1, 1, 3 * PAGE, 0, 0, 0, 0);
    load_is(w, 1, AT + 10 * PAGE, 0);
    dies(w, 1, ACCESS_LOAD, AT + 3 * PAGE, SIGNAL_BUS, SICODE_BUS_ADRERR);
    world_end(w);
}

static void test_shared_anon_and_populate(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, 4 * PAGE, RW, SHARED | MAP_F_ANON);
    load_is(w, 1, AT, 0);
    kind_is(w, 1, KFAULT_SHMEM_ALLOC, false);
    pte_is(w, 1, AT, PTE_V | PTE_R | PTE_W | PTE_U | PTE_A);
    assert_int_equal(os_rss(w->os, 1), 1);
    FORK(1, 2);
    pte_is(w, 2, AT, 0);
    store(w, 2, AT, 6);
    kind_is(w, 1, KFAULT_FILE_MAP, false);
    load_is(w, 1, AT, 6);
    MMAP(1, 2 * AT, 4 * PAGE, RW, ANON | MAP_F_POPULATE);
    assert_int_equal(os_rss(w->os, 1), 5);
    store(w, 1, 2 * AT, 1);
    assert_int_equal(w->faults, 0);
    EXIT(1);
    check(w);
    load_is(w, 2, AT, 6);
    EXIT(2);
    assert_int_equal(os_frames_used(w->os),
                     2); /* the zero page, and a root that is only borrowed */
    world_end(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anonymous),
        cmocka_unit_test(test_cow),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_handlers),
        cmocka_unit_test(test_private_file),
        cmocka_unit_test(test_shared_file),
        cmocka_unit_test(test_fault_around),
        cmocka_unit_test(test_truncate),
        cmocka_unit_test(test_shared_anon_and_populate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
