/* SPDX-License-Identifier: Apache-2.0
 *
 * What the recorder makes of the ring's items when calls and accesses of threads lie within each
 * other: where a call stands, which access is racing, who ends how. No qemu: the items are made
 * here, in orders that a host would rarely choose.
 */
#include "record_private.h"
#include "trace_kit.h"

enum { ONE = 10, TWO = 11, VA = 0x5000, FAR = 0x9000 }; /* host tasks of one process */
static struct events *events;

static void item(enum ring_kind kind, uint32_t host, unsigned access, unsigned bytes, uint64_t a0,
                 uint64_t a1, uint64_t a2, uint64_t a3) {
    struct ring_item i = {.pid = host,
                          .kind = (uint8_t)kind,
                          .access = (uint8_t)access,
                          .bytes = (uint16_t)bytes,
                          .arg = {a0, a1, a2, a3}};
    events_item(events, &i);
}

static void load(uint32_t host, uint64_t va) {
    item(RING_ACCESS, host, ACCESS_LOAD, 8, va, 0, 0, 0);
}
static void refused(uint32_t host, uint64_t va) {
    item(RING_FAULT, host, ACCESS_LOAD, 8, va, SIGNAL_SEGV, SICODE_SEGV_MAPERR, 0);
}
static void maps(uint32_t host) {
    item(RING_CALL, host, CALL_MMAP, 0, VA, 4096, PROT_R, MAP_F_PRIVATE | MAP_F_ANON);
}
static void unmaps(uint32_t host) {
    item(RING_CALL, host, CALL_MUNMAP, 0, VA, 4096, 0, 0);
}
static void enter(uint32_t host, uint64_t bytes, bool may_stand_here) {
    item(RING_ENTER, host, 0, 0, VA, bytes, may_stand_here, 0);
}
static void leave(uint32_t host, uint64_t bytes, bool stood_there) {
    item(RING_LEAVE, host, 0, 0, VA, bytes, stood_there, 0);
}

/* Refused, and its signal has a handler. */
static void refused_to(uint32_t host, enum ring_frame fate, uint64_t frame, uint64_t second) {
    struct ring_item i = {.pid = host,
                          .kind = RING_FAULT,
                          .access = ACCESS_STORE,
                          .bytes = 8,
                          .arg = {VA, SIGNAL_BUS, SICODE_BUS_ADRERR, fate, frame, second}};
    events_item(events, &i);
}
static void fetch(uint32_t host, uint64_t va) {
    item(RING_ACCESS, host, ACCESS_FETCH, 4, va, 0, 0, 0);
}

static struct record_options options = {.arch = "riscv64", .root = ""};
static char *command[] = {"program", NULL};

static int begin(void **state) {
    struct record_launch launch = {.qemu = "/nonexistent"};
    (void)state;
    options.output = kit_path("order.pwt");
    options.command = command;
    events = events_new(&options, &launch);
    item(RING_START, ONE, 0, 0, 0, 0, 0, 0);
    item(RING_FORK, ONE, 0, 0, TWO, CLONE_F_VM | CLONE_F_THREAD, 0x7000, 0);
    return 0;
}

/* The recording ends; it must be this one, behind its head. */
static void recorded(const char *want) {
    struct trace_record r;
    char got[4096] = "";
    size_t n = 0;
    events_finish(events);
    struct trace *t = trace_open(options.output);
    while (trace_next(t, &r)) {
        n += trace_print(&r, got + n, sizeof got - n - 2);
        strcpy(got + n++, "\n");
    }
    trace_close(t);
    assert_string_equal(got, want);
    events_delete(events);
}

#define HEAD "process 1\nclone 2 thread\n"
#define MMAP "mmap 0x5000 0x1000 r-- private anon\n"

static void what_adds_stands_at_its_entry(void **state) {
    (void)state;
    enter(ONE, 0, true);
    load(TWO, VA);
    load(TWO, FAR);
    maps(ONE);
    load(TWO, VA + 8);
    leave(ONE, 4096, true);
    load(TWO, VA);
    recorded(HEAD MMAP "run 2\nL 5000 8 racing\nL 9000 8\nL 5008 8 racing\nL 5000 8\n"
                       "run 1\nexit group\n");
}

static void what_takes_away_stands_at_its_exit(void **state) {
    (void)state;
    maps(ONE);
    item(RING_FORKED, 12, 0, 0, ONE, 0, 0, 0); /* another address space */
    enter(ONE, 4096, false);
    load(12, VA);
    load(TWO, VA);
    load(TWO, VA + 4092);
    load(TWO, FAR);
    unmaps(ONE);
    leave(ONE, 0, false);
    load(TWO, FAR);
    recorded(HEAD MMAP
             "fork 3\nrun 3\nL 5000 8\nrun 2\nL 5000 8 racing\nL 5ffc 8 racing\nL 9000 8\nrun 1\n"
             "munmap 0x5000 0x1000\nrun 2\nL 9000 8\nrun 3\nexit\nrun 1\nexit group\n");
}

/* mremap that turns out to move, or a call that fails. */
static void what_might_have_added_did_not(void **state) {
    (void)state;
    enter(ONE, 4096, true);
    load(TWO, VA);
    item(RING_CALL, ONE, CALL_MPROTECT, 0, VA, 4096, PROT_R, 0);
    leave(ONE, 0, false);
    enter(ONE, 0, true);
    load(TWO, VA);
    leave(ONE, 0, false);
    recorded(HEAD "run 2\nL 5000 8 racing\nrun 1\nmprotect 0x5000 0x1000 r--\nrun 2\nL 5000 8\n"
                  "run 1\nexit group\n");
}

/* The refusal proves that the call came first; what another thread does meanwhile is kept. */
static void refused_by_what_takes_away(void **state) {
    (void)state;
    maps(ONE);
    enter(ONE, 4096, false);
    refused(TWO, VA);
    unmaps(ONE);
    leave(ONE, 0, false);
    load(ONE, FAR);
    item(RING_REAPED, ONE, 0, 0, ONE, 0, 0, 0);
    recorded(HEAD MMAP "munmap 0x5000 0x1000\nL 9000 8\nrun 2\nL 5000 8 racing\n"
                       "signal sigsegv maperr\n");
}

/* The other way round the call stands before it, and the other outcome is the one recorded. */
static void refused_before_it_was_added(void **state) {
    (void)state;
    enter(ONE, 0, true);
    refused(TWO, VA);
    maps(ONE);
    leave(ONE, 4096, true);
    item(RING_REAPED, ONE, 0, 0, ONE, 0, 0, 0);
    recorded(HEAD MMAP "run 2\nL 5000 8 racing\nsignal sigsegv maperr\n");
}

/* What comes next says what became of a fault: absorbed, tried again, caught. A frame is read by
 * the task that has it, its child too; those that a jump has left are not. */
static void frames(void **state) {
    (void)state;
    fetch(ONE, 0x100);
    refused_to(ONE, RING_FRAME_FITS, 0x8000, 0);
    item(RING_ABSORBED, ONE, 0, 0, 0, 0, 0, 0);
    fetch(ONE, 0x104);
    refused_to(ONE, RING_FRAME_FITS, 0x8000, 0);
    fetch(ONE, 0x104);
    refused_to(ONE, RING_FRAME_FITS, 0x8000, 0);
    fetch(ONE, 0x200);
    refused_to(ONE, RING_FRAME_REFUSED, 0x7c00, 0x8800);
    fetch(ONE, 0x300);
    item(RING_SIGRETURN, TWO, 0, 0, 0x8000, 0, 0, 0);
    assert_true(events->handlers);
    item(RING_FORKED, 12, 0, 0, ONE, 0, 0, 0);
    item(RING_SIGRETURN, ONE, 0, 0, 0x8000, 0, 0, 0);
    item(RING_SIGRETURN, ONE, 0, 0, 0x8800, 0, 0, 0);
    item(RING_SIGRETURN, 12, 0, 0, 0x8800, 0, 0, 0);
    assert_int_equal(events->caught, 2);
    recorded(HEAD "I 100 4\nI 104 4\nI 104 4\nS 5000 8\nsignal sigbus adrerr caught\n"
                  "sigframe 0x8000 0x340\nI 200 4\nS 5000 8\nsignal sigbus adrerr caught\n"
                  "sigframe 0x7c00 0x340\nsignal sigsegv kernel caught\nsigframe 0x8800 0x340\n"
                  "I 300 4\nfork 3\nkload 0x8000 0x340\nrun 3\nkload 0x8800 0x340\nexit\n"
                  "run 1\nexit group\n");
}

/* A signal that is blocked ends the process in spite of its handler; one without a frame, too. */
static void handlers_that_did_not_run(void **state) {
    (void)state;
    item(RING_FORKED, 12, 0, 0, ONE, 0, 0, 0);
    refused_to(12, RING_FRAME_FITS, 0x8000, 0);
    item(RING_REAPED, ONE, 0, 0, 12, 0, 0, 0);
    refused_to(ONE, RING_FRAME_REFUSED, 0x8000, 0);
    item(RING_REAPED, TWO, 0, 0, ONE, 0, 0, 0);
    recorded(HEAD "fork 3\nrun 3\nS 5000 8\nsignal sigbus adrerr\nrun 1\nS 5000 8\n"
                  "signal sigbus adrerr caught\nsigframe 0x8000 0x340\nsignal sigsegv kernel\n");
}

static void not_said(enum ring_frame fate, const char *why) {
    refused_to(ONE, fate, 0x8000, 0);
    fetch(ONE, 0x100);
    assert_non_null(events->refusal);
    assert_non_null(strstr(events->refusal, why));
    events->refusal = NULL;
}

static void handlers_that_cannot_be_said(void **state) {
    (void)state;
    not_said(RING_FRAME_NONE, "no system call has set");
    not_said(RING_FRAME_UNKNOWN, "stack pointer could not be read");
    not_said(RING_FRAME_REFUSED, "does not fit");
    events_finish(events);
    events_delete(events);
}

/* The mapping that a handler's fault had not, another thread made before or meanwhile. */
static void handlers_that_race(void **state) {
    (void)state;
    refused_to(ONE, RING_FRAME_FITS, 0x8000, 0);
    maps(TWO);
    fetch(ONE, 0x100);
    enter(TWO, 4096, true);
    refused_to(ONE, RING_FRAME_FITS, 0x7000, 0);
    maps(TWO);
    leave(TWO, 4096, true);
    fetch(ONE, 0x200);
    recorded(HEAD "run 2\n" MMAP
                  "run 1\nS 5000 8 racing\nsignal sigbus adrerr caught\nsigframe 0x8000 0x340\n"
                  "I 100 4\nrun 2\n" MMAP
                  "run 1\nS 5000 8 racing\nsignal sigbus adrerr caught\nsigframe 0x7000 0x340\n"
                  "I 200 4\nexit group\n");
}

/* The last store of a thread is the kernel's; of a process that others have no memory of, none. */
static void ends_of_threads(void **state) {
    (void)state;
    item(RING_CALL, TWO, CALL_EXIT, 0, 0, 0, 0, 0);
    item(RING_TID, ONE, 0, 0, 0x7008, 0, 0, 0);
    item(RING_CALL, ONE, CALL_EXIT, 0, 0, 0, 0, 0);
    recorded(HEAD "run 2\nkstore 0x7000 0x4\nexit\nrun 1\nexit\n");
}

/* A thread starts another program; what the others still said while the host ended them is late. */
static void exec_ends_the_others(void **state) {
    (void)state;
    enter(ONE, 0, true);
    item(RING_EXEC, TWO, 0, 0, 0, 0, 0, 0);
    load(ONE, FAR);
    item(RING_START, ONE, 0, 0, 0, 0, 0, 0);
    load(ONE, VA);
    recorded(HEAD "L 9000 8\nrun 2\nprocess 1\nL 5000 8\nexit\n");
}

/* The parent of a vfork child is not run before the child has ended, whatever ends first. */
static void vfork_children_end_first(void **state) {
    (void)state;
    item(RING_FORKED, 12, 0, 0, TWO, CLONE_F_VM | CLONE_F_VFORK, 0, 0);
    item(RING_FORK, TWO, 0, 0, 12, CLONE_F_VM | CLONE_F_VFORK, 0, 0);
    load(12, FAR);
    load(ONE, VA);
    recorded(HEAD "run 2\nclone 3 vfork\nrun 3\nL 9000 8\nrun 1\nL 5000 8\nrun 3\nexit\nrun 1\n"
                  "exit group\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_adds_stands_at_its_entry, begin),
        cmocka_unit_test_setup(what_takes_away_stands_at_its_exit, begin),
        cmocka_unit_test_setup(what_might_have_added_did_not, begin),
        cmocka_unit_test_setup(refused_by_what_takes_away, begin),
        cmocka_unit_test_setup(refused_before_it_was_added, begin),
        cmocka_unit_test_setup(frames, begin),
        cmocka_unit_test_setup(handlers_that_did_not_run, begin),
        cmocka_unit_test_setup(handlers_that_cannot_be_said, begin),
        cmocka_unit_test_setup(handlers_that_race, begin),
        cmocka_unit_test_setup(ends_of_threads, begin),
        cmocka_unit_test_setup(exec_ends_the_others, begin),
        cmocka_unit_test_setup(vfork_children_end_first, begin),
    };
    return cmocka_run_group_tests_name("record_order", tests, kit_begin, kit_end);
}
