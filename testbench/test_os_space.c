/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel half: the shape of address spaces and what the hart is told about it. Heap, stack,
 * VMAs that merge and split, A and D without Svadu, ASIDs, the number of fences, and what is
 * refused.
 */
#include "os_hart.h"

static void test_heap_and_stack(void **state) {
    struct world *w = one_process(state);
    vaddr_t top = 0x3ffffff000ull, limit;
    ok(w, CALL_BRK, 1, 0, AT, 0, 0, 0, 0);
    ok(w, CALL_BRK, 1, 0, AT + PAGE, 0, 0, 0, 0);
    store(w, 1, AT, 1);
    ok(w, CALL_BRK, 1, 0, AT + 9 * PAGE, 0, 0, 0, 0);
    maps_are(w, 1, 1, "[heap]");
    ok(w, CALL_BRK, 1, 0, AT + PAGE, 0, 0, 0, 0);
    MMAP(1, top - 4 * PAGE, 4 * PAGE, RW, STACK);
    store(w, 1, top - 40 * PAGE, 1);
    maps_are(w, 1, 2, "3ffffd7000-3ffffff000 rw-p");
    limit = top - w->cfg.os_stack_limit;
    store(w, 1, limit, 1);
    dies(w, 1, ACCESS_STORE, limit - 1, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    EXEC(1);
    MMAP(1, top - 4 * PAGE, 4 * PAGE, RW, STACK);
    MMAP(1, top - 512 * PAGE, PAGE, RW, ANON);
    store(w, 1, top - 255 * PAGE, 1);
    dies(w, 1, ACCESS_STORE, top - 256 * PAGE, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    world_end(w);
}

static void test_vmas(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, 8 * PAGE, RW, ANON);
    MMAP(1, AT + 8 * PAGE, 8 * PAGE, RW, ANON);
    maps_are(w, 1, 1, "10000000-10010000 rw-p 00000000 00:00 0 \n");
    MPROTECT(1, AT + 2 * PAGE, PAGE, PROT_R);
    maps_are(w, 1, 3, "10002000-10003000 r--p");
    MPROTECT(1, AT + 2 * PAGE, PAGE, RW);
    maps_are(w, 1, 1, NULL);
    MUNMAP(1, AT + 4 * PAGE, PAGE);
    maps_are(w, 1, 2, "10005000-10010000");
    MMAP(1, AT + 4 * PAGE, PAGE, RW, ANON);
    maps_are(w, 1, 1, NULL);
    for (unsigned i = 0; i < 4; i++) store(w, 1, AT + i * PAGE, (uint8_t)(i + 1));
    MPROTECT(1, AT, 4 * PAGE, PROT_R);
    MPROTECT(1, AT, 4 * PAGE, RW); /* exclusive: writable again without a fault */
    store(w, 1, AT, 9);
    assert_int_equal(w->faults, 0);
    ok(w, CALL_MREMAP, 1, 0, AT, 4 * PAGE, 6 * PAGE, 1, 2 * AT);
    load_is(w, 1, 2 * AT + PAGE, 2);
    assert_int_equal(w->faults, 0);
    maps_are(w, 1, 2, "20000000-20006000 rw-p");
    MMAP(1, 2 * AT + 6 * PAGE, PAGE, RW, ANON); /* touched and moved: its offsets do not continue */
    maps_are(w, 1, 3, NULL);
    ok(w, CALL_MREMAP, 1, 0, 2 * AT, 6 * PAGE, 2 * PAGE, 1, 2 * AT);
    ok(w, CALL_MREMAP, 1, 0, 2 * AT, 2 * PAGE, 5 * PAGE, 0, 2 * AT);
    load_is(w, 1, 2 * AT + PAGE, 2);
    load_is(w, 1, 2 * AT + 2 * PAGE, 0);
    check(w);
    MMAP(1, 4 * AT, PAGE, PROT_R, ANON); /* never charged ... */
    MMAP(1, 4 * AT + PAGE, PAGE, RW, ANON);
    store(w, 1, 4 * AT + PAGE, 1);
    MPROTECT(1, 4 * AT + PAGE, PAGE, PROT_R); /* ... and charged do not merge */
    maps_are(w, 1, 5, "40001000-40002000 r--p");
    EXIT(1);
    world_end(w);
}

static void test_fork_merge(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, PAGE, RW, ANON);
    store(w, 1, AT, 1);
    FORK(1, 2);
    MMAP(1, AT + PAGE, PAGE, RW, ANON);
    MMAP(2, AT + PAGE, PAGE, RW, ANON);
    maps_are(w, 1, 1, NULL);
    maps_are(w, 2, 2, NULL); /* what came from a parent takes no new neighbour */
    EXIT(1);
    EXIT(2);
    world_end(w);
}

static void test_svade(void **state) {
    struct world *w = world_new(MODE_SV48, false, true, 16);
    *state = w;
    EXEC(1);
    MMAP(1, AT, PAGE, RW, ANON);
    MMAP(1, 2 * AT, PAGE, RW, SHARED | MAP_F_ANON);
    store(w, 1, AT, 1);
    assert_int_equal(w->faults, 1);
    load_is(w, 1, 2 * AT, 0);
    store(w, 1, 2 * AT, 1);
    kind_is(w, 1, KFAULT_AD_UPDATE, false);
    FORK(1, 2);
    load_is(w, 2, AT, 1);
    kind_is(w, 1, KFAULT_AD_UPDATE, false);
    struct os_trap t = {2, AT, ACCESS_LOAD, CAUSE_LOAD_PAGE, false, false};
    assert_int_equal(os_trap(w->os, &t).kind, KFAULT_SPURIOUS);
    EXIT(1);
    EXIT(2);
    world_end(w);
}

/* What PMP or PMA refuse ends in SIGSEGV, ACCERR, however the VMA allows it; of the kernel's own
 * access in EFAULT. */
static void test_access_faults(void **state) {
    static const struct os_trap traps[] = {
        {1, AT, ACCESS_FETCH, CAUSE_INSTRUCTION_ACCESS, false, false},
        {1, AT, ACCESS_LOAD, CAUSE_LOAD_ACCESS, false, false},
        {1, AT, ACCESS_STORE, CAUSE_STORE_ACCESS, false, false},
        {1, AT, ACCESS_STORE, CAUSE_STORE_ACCESS, true, false}};
    for (unsigned i = 0; i < sizeof traps / sizeof *traps; i++) {
        struct world *w = one_process(state);
        MMAP(1, AT, PAGE, PROT_R | PROT_W | PROT_X, ANON);
        store(w, 1, AT, 1);
        struct os_outcome o = os_trap(w->os, &traps[i]);
        assert_int_equal(o.sig, traps[i].kernel ? SIGNAL_NONE : SIGNAL_SEGV);
        assert_int_equal(o.code, traps[i].kernel ? SICODE_NONE : SICODE_SEGV_ACCERR);
        assert_int_equal(o.efault, traps[i].kernel);
        EXIT(1);
        world_end(w);
    }
}

static void test_asids(void **state) {
    struct world *w = world_new(MODE_SV39, true, true, 2); /* ASIDs 1 to 3 */
    *state = w;
    for (uint32_t pid = 1; pid <= 5; pid++) {
        EXEC(pid);
        MMAP(pid, AT, PAGE, RW, ANON);
        store(w, pid, AT, (uint8_t)pid);
    }
    assert_int_equal(w->full_fences, 1); /* one turn-over */
    for (unsigned round = 0; round < 3; round++)
        for (uint32_t pid = 1; pid <= 5; pid++) load_is(w, pid, AT, (uint8_t)pid);
    for (uint32_t pid = 1; pid <= 5; pid++) EXIT(pid);
    world_end(w);
    w = world_new(MODE_SV39, true, false, 16);
    EXEC(1);
    EXEC(2);
    assert_true(os_switch(w->os, 1));
    perform(w);
    assert_int_equal(w->full_fences, 3);
    assert_int_equal(w->satp >> SATP_ASID_SHIFT & 0xffff, 0);
    world_end(w);
}

static void test_fences(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, 256 * PAGE, RW, ANON);
    for (unsigned i = 0; i < 256; i++) store(w, 1, AT + i * PAGE, 1);
    uint64_t before = w->fences, full = w->full_fences;
    MPROTECT(1, AT, 64 * PAGE, PROT_R); /* tlb_flush_all_threshold: one a page */
    assert_int_equal(w->fences, before + 64);
    MPROTECT(1, AT, 65 * PAGE, 0); /* tlb_end_vma: a range ends with its VMA, 64 and 1 */
    assert_int_equal(w->fences, before + 129);
    MPROTECT(1, AT, 65 * PAGE, PROT_R); /* one VMA, one page too many: the whole ASID */
    assert_int_equal(w->fences, before + 130);
    MUNMAP(1, AT, PAGE);
    assert_int_equal(w->fences, before + 131);
    assert_int_equal(w->full_fences, full + 1);
    MUNMAP(1, AT, 256 * PAGE); /* 64 pages; 191 more than that; and then the tables go, too */
    assert_int_equal(w->fences, before + 131 + 64 + 2);
    assert_int_equal(w->full_fences, full + 3);
    EXIT(1);
    world_end(w);
}

/* A dirty page of a shared file: rmap is put off, so each leaf table is fenced before the next. */
static void test_fence_dirty(void **state) {
    struct world *w = one_process(state);
    const vaddr_t edge = 0x10200000; /* between two leaf tables */
    FILE_OF(1, 8 * PAGE);
    MMAP(1, AT, PAGE, RW, ANON);
    MMAP_FILE(1, edge - 2 * PAGE, 4 * PAGE, RW, SHARED, 1, 0);
    for (unsigned i = 0; i < 4; i++) store(w, 1, edge + i * PAGE - 2 * PAGE, 1);
    uint64_t before = w->fences;
    ok(w, CALL_MADVISE, 1, 0, edge - 2 * PAGE, 4 * PAGE, 4, 0, 0);
    assert_int_equal(w->fences, before + 4);
    EXIT(1);
    world_end(w);
}

/* The queue as text: `s` satp, `p` page, `P` page of all ASIDs, `m` one ASID, `A` everything; a
 * batch of Svinval `w`, `i` a page, `r`. */
static void queue_is(struct world *w, const char *want, vaddr_t va, uint64_t asid) {
    char got[16] = "";
    size_t n;
    const struct os_op *op = os_ops(w->os, &n);
    assert_true(n < sizeof got);
    for (size_t i = 0; i < n; i++) {
        static const char inval[] = {
            [FENCE_SFENCE_W_INVAL] = 'w', [FENCE_SINVAL_VMA] = 'i', [FENCE_SFENCE_INVAL_IR] = 'r'};
        bool fence = op[i].kind == OS_OP_FENCE;
        got[i] = !fence ? 's' : op[i].rs1 ? (op[i].rs2 ? 'p' : 'P') : op[i].rs2 ? 'm' : 'A';
        if (fence && op[i].fence) got[i] = inval[op[i].fence];
        if (fence && op[i].rs1) assert_int_equal(op[i].va, va);
        if (fence && op[i].rs2) assert_int_equal(op[i].asid, asid);
        va += (op[i].fence == FENCE_SINVAL_VMA) * PAGE; /* one behind the other */
    }
    assert_string_equal(got, want);
    perform(w);
}

static void call_queues(struct world *w, uint8_t nr, uint64_t a, uint64_t b, uint64_t c,
                        const char *want, vaddr_t va, uint64_t asid) {
    struct os_call call = {.nr = nr, .pid = 1, .arg = {a, b, c}};
    assert_true(os_call(w->os, &call));
    queue_is(w, want, va, asid);
}

static void test_fence_forms(void **state) {
    struct world *w = one_process(state);
    struct os_trap t = {1, AT, ACCESS_STORE, CAUSE_STORE_PAGE, false, false};
    MMAP(1, AT, 2 * PAGE, RW, ANON);
    load_is(w, 1, AT, 0);
    store(w, 1, AT + PAGE, 1);
    assert_int_equal(os_trap(w->os, &t).kind, KFAULT_ANON_ALLOC);
    queue_is(w, "pP", AT, 1); /* old translation gone, then the new one */
    call_queues(w, CALL_FORK, 2, 0, 0, "m", 0, 1);
    assert_int_equal(os_trap(w->os, &t).kind, KFAULT_COW_COPY);
    queue_is(w, "pP", AT, 1);
    call_queues(w, CALL_MPROTECT, AT, PAGE, PROT_R, "p", AT, 1);
    call_queues(w, CALL_MADVISE, AT, PAGE, 4, "p", AT, 1);
    call_queues(w, CALL_MADVISE, AT, PAGE, 4, "", 0, 0);
    call_queues(w, CALL_MUNMAP, AT + PAGE, PAGE, 0, "p", AT + PAGE, 1);
    call_queues(w, CALL_MUNMAP, AT, PAGE, 0, "m", 0, 1); /* nothing there but tables */
    assert_true(os_switch(w->os, 2));
    queue_is(w, "s", 0, 0);
    assert_true(os_switch(w->os, 2));
    queue_is(w, "", 0, 0);
    EXEC(1);
    MMAP(1, AT, PAGE, RW, ANON);
    store(w, 1, AT, 1);
    uint64_t asid = w->satp >> SATP_ASID_SHIFT & 0xffff;
    call_queues(w, CALL_EXEC, 0, 0, 0, "sm", 0, asid);
    EXIT(2);
    EXIT(1);
    world_end(w);
}

/* local_flush_tlb_range_threshold_asid: a batch from two strides to 64. */
static void test_fence_svinval(void **state) {
    (void)state;
    struct config cfg;
    config_defaults(&cfg);
    cfg.os_svinval = 1;
    struct world *w = world_of(&cfg);
    EXEC(1);
    const vaddr_t far = AT + 100 * PAGE;
    MMAP(1, AT, 67 * PAGE, RW, ANON);
    MMAP(1, far, 65 * PAGE, RW, ANON);
    for (unsigned i = 0; i < 67; i++) store(w, 1, AT + i * PAGE, 1);
    for (unsigned i = 0; i < 65; i++) store(w, 1, far + i * PAGE, 1);
    call_queues(w, CALL_MPROTECT, AT + PAGE, PAGE, PROT_R, "p", AT + PAGE, 1);
    call_queues(w, CALL_MPROTECT, AT + PAGE, PAGE, RW, "p", AT + PAGE, 1); /* one VMA again */
    call_queues(w, CALL_MPROTECT, AT, 3 * PAGE, 0, "wiiir", AT, 1);
    call_queues(w, CALL_MADVISE, AT + PAGE, 2 * PAGE, 4, "wiir", AT + PAGE, 1);
    uint64_t before = w->fences;
    MPROTECT(1, AT + 3 * PAGE, 64 * PAGE, PROT_R);
    assert_int_equal(w->fences, before + 64 + 2);
    call_queues(w, CALL_MPROTECT, far, 65 * PAGE, PROT_R, "m", 0, 1);
    EXIT(1);
    world_end(w);
}

static void test_refused(void **state) {
    struct world *w = one_process(state);
    assert_false(ask(w, CALL_FORK, 9, 0, 2, 0, 0, 0, 0));
    assert_string_equal(os_error(w->os), "call: process 9 does not exist");
    assert_false(ask(w, CALL_FORK, 1, 0, 1, 0, 0, 0, 0));
    assert_false(ask(w, CALL_MMAP, 1, 7, AT, PAGE, RW, PRIV, 0));
    assert_false(ask(w, CALL_MMAP, 1, 0, AT + 1, PAGE, RW, ANON, 0));
    assert_false(ask(w, CALL_MPROTECT, 1, 0, AT, PAGE, RW, 0, 0));
    assert_false(ask(w, CALL_MADVISE, 1, 0, AT, PAGE, 99, 0, 0));
    assert_false(ask(w, CALL_READ, 1, 0, AT, PAGE, 0, 0, 0));
    MUNMAP(1, AT, PAGE);
    /* A child without the heap cannot give back what it has not (sys_brk: brkvma). */
    const vaddr_t heap = AT + 64 * PAGE;
    assert_true(ask(w, CALL_BRK, 1, 0, heap, 0, 0, 0, 0));
    assert_true(ask(w, CALL_BRK, 1, 0, heap + 2 * PAGE, 0, 0, 0, 0));
    assert_true(ask(w, CALL_MADVISE, 1, 0, heap, 2 * PAGE, 10, 0, 0));
    FORK(1, 2);
    assert_false(ask(w, CALL_BRK, 2, 0, heap + PAGE, 0, 0, 0, 0));
    assert_true(ask(w, CALL_BRK, 1, 0, heap + PAGE, 0, 0, 0, 0));
    world_end(w);
}

/* [vvar] and [vdso] are changed whole or not at all, and the data is never writable. */
static void test_special(void **state) {
    struct world *w = one_process(state);
    const vaddr_t code = AT + 2 * PAGE;
    ok(w, CALL_FILE, 0, 1, 2 * PAGE, STORE_VVAR, 0, 0, 0);
    ok(w, CALL_FILE, 0, 2, 2 * PAGE, STORE_VDSO, 0, 0, 0);
    assert_false(ask(w, CALL_MMAP, 1, 1, AT, PAGE, PROT_R, PRIV, 0));
    assert_false(ask(w, CALL_MMAP, 1, 1, AT, 2 * PAGE, RW, PRIV, 0));
    assert_false(ask(w, CALL_MMAP, 1, 2, code, 2 * PAGE, PROT_R, SHARED, 0));
    MMAP_FILE(1, AT, 2 * PAGE, PROT_R, PRIV, 1, 0);
    MMAP_FILE(1, code, 2 * PAGE, PROT_R | PROT_X, PRIV, 2, 0);
    assert_false(ask(w, CALL_MPROTECT, 1, 0, AT, 2 * PAGE, RW, 0, 0));
    assert_false(ask(w, CALL_MPROTECT, 1, 0, code, PAGE, PROT_R, 0, 0));
    assert_false(ask(w, CALL_MUNMAP, 1, 0, code + PAGE, PAGE, 0, 0, 0));
    assert_false(ask(w, CALL_MMAP, 1, 0, code, PAGE, RW, ANON, 0));
    assert_false(ask(w, CALL_MADVISE, 1, 0, code, PAGE, 10, 0, 0));
    assert_false(ask(w, CALL_MADVISE, 1, 0, AT, 2 * PAGE, 4, 0, 0));
    assert_false(ask(w, CALL_MREMAP, 1, 0, code, 2 * PAGE, 3 * PAGE, 1, code));
    assert_true(ask(w, CALL_MLOCK, 1, 0, code, 2 * PAGE, 0, 0, 0));
    MPROTECT(1, code, 2 * PAGE, RW);
    store(w, 1, code, 1);
    kind_is(w, 1, KFAULT_COW_FILE, false);
    MUNMAP(1, code, 2 * PAGE);
    EXIT(1);
    world_end(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_and_stack), cmocka_unit_test(test_vmas),
        cmocka_unit_test(test_fork_merge),     cmocka_unit_test(test_svade),
        cmocka_unit_test(test_access_faults),  cmocka_unit_test(test_asids),
        cmocka_unit_test(test_fences),         cmocka_unit_test(test_fence_dirty),
        cmocka_unit_test(test_fence_forms),    cmocka_unit_test(test_fence_svinval),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
