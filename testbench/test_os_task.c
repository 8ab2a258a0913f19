/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel half: tasks that share an mm. What a switch between them asks of the hart (nothing),
 * what ends with whom, and who waits for whom. The data opinion is asked the same.
 */
#include "data.h"
#include "os_hart.h"

#define CLONE(pid, child, how) ok(w, CALL_CLONE, pid, 0, child, CLONE_F_VM | (how), 0, 0, 0)
#define EXIT_GROUP(pid)        ok(w, CALL_EXIT, pid, 0, 1, 0, 0, 0, 0)

/* The same mm: no satp, no fence, with and without ASIDs; another mm: one satp. */
static void switches(bool asids) {
    struct world *w = world_new(MODE_SV39, true, asids, 16);
    EXEC(1);
    MMAP(1, AT, 4 * PAGE, RW, ANON);
    store(w, 1, AT, 7);
    uint64_t satp = w->satp_writes, fences = w->fences;
    CLONE(1, 2, CLONE_F_THREAD);
    CLONE(1, 3, 0);
    for (uint32_t pid = 1; pid <= 3; pid++) load_is(w, pid, AT, 7);
    assert_int_equal(os_satp(w->os, 1), os_satp(w->os, 3));
    store(w, 3, AT, 8);
    load_is(w, 2, AT, 8);
    assert_int_equal(w->satp_writes, satp);
    assert_int_equal(w->fences, fences);
    FORK(2, 4);
    fences = w->fences;
    load_is(w, 4, AT, 8);
    assert_int_equal(w->satp_writes, satp + 1);
    assert_int_equal(w->fences - fences, asids ? 0 : 1); /* a switch without ASIDs fences all */
    EXIT_GROUP(4);
    EXIT_GROUP(2);
    assert_false(os_alive(w->os, 1));
    assert_true(os_alive(w->os, 3));
    EXIT(3);
    world_end(w);
}

static void test_switches(void **state) {
    (void)state;
    switches(true);
    switches(false);
}

static void test_last_user(void **state) {
    struct world *w = one_process(state);
    uint64_t frames = os_frames_used(w->os);
    MMAP(1, AT, 4 * PAGE, RW, ANON);
    store(w, 1, AT, 7);
    CLONE(1, 2, CLONE_F_THREAD);
    EXIT(1);
    check(w);
    load_is(w, 2, AT, 7);
    assert_false(ask(w, CALL_FORK, 2, 0, 1, 0, 0, 0, 0)); /* 1 is the number of 2's group */
    EXEC(1);                                              /* 2 execs, and is 1 from then on */
    assert_false(os_alive(w->os, 2));
    assert_int_equal(os_frames_used(w->os), frames);
    CLONE(1, 2, CLONE_F_THREAD);
    assert_false(ask(w, CALL_EXEC, 2, 0, 0, 0, 0, 0, 0));
    assert_false(ask(w, CALL_CLONE, 1, 0, 3, CLONE_F_THREAD, 0, 0, 0)); /* a thread shares the mm */
    CLONE(2, 3, CLONE_F_THREAD);
    dies(w, 2, ACCESS_LOAD, 0, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    assert_false(os_alive(w->os, 1) || os_alive(w->os, 3));
    world_end(w);
}

static void test_vfork(void **state) {
    struct world *w = one_process(state);
    MMAP(1, AT, 4 * PAGE, RW, ANON);
    store(w, 1, AT, 7);
    CLONE(1, 2, CLONE_F_VFORK);
    assert_false(os_switch(w->os, 1));
    store(w, 2, AT, 8);
    assert_int_equal(w->faults, 0);
    EXEC(2);
    load_is(w, 1, AT, 8);
    CLONE(1, 3, CLONE_F_VFORK);
    dies(w, 3, ACCESS_LOAD, 0, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    load_is(w, 1, AT, 8);
    EXIT(1);
    EXIT(2);
    world_end(w);
}

/* ---- Opinion 3 ----------------------------------------------------------------------- */
static bool tell(struct data *d, uint8_t nr, uint32_t pid, uint64_t a, uint64_t b, uint64_t c,
                 uint64_t e) {
    struct os_call k = {.nr = nr, .pid = pid, .arg = {a, b, c, e}};
    return data_call(d, &k);
}

static bool alive(struct data *d, uint32_t pid) {
    uint8_t code;
    return !data_verdict(d, pid, ACCESS_LOAD, AT, 1, &code);
}

static void test_data(void **state) {
    struct config cfg;
    uint8_t byte = 7, got;
    (void)state;
    config_defaults(&cfg);
    struct data *d = data_new(&cfg);
    assert_true(tell(d, CALL_EXEC, 1, 0, 0, 0, 0) &&
                tell(d, CALL_MMAP, 1, AT, PAGE, RW, ANON | MAP_F_FIXED));
    assert_true(tell(d, CALL_CLONE, 1, 2, CLONE_F_VM | CLONE_F_THREAD, 0, 0) &&
                tell(d, CALL_CLONE, 2, 3, CLONE_F_VM | CLONE_F_THREAD, 0, 0) &&
                tell(d, CALL_CLONE, 2, 4, CLONE_F_VM, 0, 0) && tell(d, CALL_FORK, 3, 5, 0, 0, 0));
    assert_true(alive(d, 3));
    data_store(d, 3, AT, &byte, 1);
    for (uint32_t pid = 1; pid <= 5; pid++) {
        assert_true(alive(d, pid));
        data_load(d, pid, AT, &got, 1);
        assert_int_equal(got, pid == 5 ? 0 : 7);
    }
    assert_true(tell(d, CALL_EXIT, 1, 0, 0, 0, 0));
    assert_false(tell(d, CALL_FORK, 4, 1, 0, 0, 0)); /* the group lives on */
    assert_false(tell(d, CALL_EXEC, 2, 0, 0, 0, 0)); /* a thread execs as its group */
    data_killed(d, 3);
    assert_false(alive(d, 2) || alive(d, 3));
    assert_true(alive(d, 4) && alive(d, 5));
    data_load(d, 4, AT, &got, 1);
    assert_int_equal(got, 7);
    data_delete(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_last_user),
        cmocka_unit_test(test_vfork),
        cmocka_unit_test(test_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
