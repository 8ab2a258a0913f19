/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings are right if a replay of nothing but their address spaces finds every access inside a
 * mapping that allows it (record_space.h).
 *
 * Without arguments it checks the shipped recordings, records the programs in testbench/record with
 * build/pagewalk, checks each recording and replays it; with arguments it checks the traces named.
 *
 * Needs qemu-riscv64, riscv64-linux-gnu-gcc and build/pagewalk-record.so; without them it says so
 * and passes.
 */
#include "record_space.h"
#include <glob.h>
#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#define WORK "build/test-record"

/* ---- Recordings of our own, of the programs in testbench/record -------------------------------
 */

static bool have(const char *what, const char *test) {
    if (system(test) == 0) return true;
    printf("ok - recording skipped: no %s\n", what);
    return false;
}

static void run(const char *command) {
    if (system(command) == 0) return;
    printf("not ok - %s\n", command);
    exit(1);
}

static void __attribute__((format(printf, 1, 2))) runf(const char *format, ...) {
    char command[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    run(command);
}

static void compile(const char *directory, const char *name) {
    runf("riscv64-linux-gnu-gcc -O1 -o %s/%s %s/%s.c", WORK, name, directory, name);
}

/* Records, replays with all opinions, and checks by this file's own. */
static void record(const char *name, const char *arguments, const char *ended) {
    static char path[256];
    runf("cd %s && ../pagewalk record -o %s.pwt -- ./%s %s 2>%s.log", WORK, name, name, arguments,
         name);
    runf("grep -q 'ended %s$' %s/%s.log", ended, WORK, name);
    runf("build/pagewalk run --engine model --check %s/%s.pwt >%s/run.log", WORK, name, WORK);
    snprintf(path, sizeof path, "%s/%s.pwt", WORK, name);
    check_trace(path);
    for (uint32_t i = 0; i < PIDS; i++)
        if (tasks[i].alive) fail("a task that does not end", i);
}

/* What cannot be recorded is refused with its reason, and leaves no trace behind. */
static void refused(const char *name, const char *arguments, const char *why) {
    runf("cd %s; ../pagewalk record -o no.pwt -- ./%s %s 2>no.log; "
         "test $? = 3 && grep -q '%s' no.log && test ! -e no.pwt",
         WORK, name, arguments, why);
}

/* What the kernel finds by get_user_pages: the buffers of direct I/O, futexes that may be shared,
 * and the strings of exec's arguments, below which the arrays are stored. */
static void pages(void) {
    compile("testbench/record", "pages");
    record("pages", "", "with exit status 42");
    run("build/pagewalk dump " WORK "/pages.pwt >" WORK "/pages.trace");
    run("grep -A 1 -E '^gup 0x[0-9a-f]+ 0x[0-9a-f]+ write$' " WORK
        "/pages.trace | grep -q '^kstore '");
    run("test $(grep -c -x -E 'gup 0x[0-9a-f]+ 0x1000 pin' " WORK "/pages.trace) = 1");
    run("test $(grep -c -x -E 'gup 0x[0-9a-f]+ 0x1000 write pin' " WORK "/pages.trace) = 1");
    run("test $(grep -c ' 0x4 futex$' " WORK "/pages.trace) = 2");
    run("grep -A 1 ' 0x4 futex$' " WORK "/pages.trace | grep -q '^kload 0x[0-9a-f]* 0x4$'");
}

static void one_thread(void) {
    compile("testbench/record", "processes");
    record("processes", "", "with exit status 42");
    if (shared_bytes != 10000 + 2) fail("not every store was recorded once", shared_bytes);
    for (unsigned access = 0; access < 4; access++)
        if (!counted[access]) fail("a kind of access was not recorded", access);
    if (!tasks[4].accesses || !tasks[5].accesses || tasks[6].accesses) fail("five processes", 0);
    if (racing) fail("racing without threads", racing);
    /* the call itself left no record */
    run("build/pagewalk dump " WORK
        "/processes.pwt | grep -B 1 -x 'note two words' | grep -q '^I '");
    run("build/pagewalk dump " WORK "/processes.pwt >" WORK "/processes.trace");
    run("grep -q '^clone 5 vfork' " WORK "/processes.trace");
    run("grep -q '^mlock 0x[0-9a-f]*000 0x2000$' " WORK "/processes.trace");
    run("grep -q '^mmap .* noreserve$' " WORK "/processes.trace");
    run("grep -A 1 '^mmap ' " WORK "/processes.trace | grep -q '^mlock 0x[0-9a-f]*000 0x1000$'");
    run("grep -q '^file [0-9]* .*memfd:mem.* size 4096 tmpfs$' " WORK "/processes.trace");
    run("id=$(sed -n 's/^file \\([0-9]*\\) SYSV0* size 8192 tmpfs$/\\1/p' " WORK
        "/processes.trace) && grep -A 1 '^munmap 0x[0-9a-f]*000 0x2000$' " WORK
        "/processes.trace | grep -qx \"truncate $id 0\"");
    run("grep -A 1 '^mincore 0x[0-9a-f]*000 0x2000$' " WORK
        "/processes.trace | grep -q '^kstore 0x[0-9a-f]* 0x2$'");
    run("grep -q '^munlock 0x[0-9a-f]*000 0x2000$' " WORK "/processes.trace");
    run("! grep -q 'note locked all' " WORK "/processes.trace || " /* if the limit allows it */
        "grep -q '^mlockall future onfault' " WORK "/processes.trace");
    refused("processes", "/usr/bin/env", "starts a program that is none of riscv64");
    refused("processes", "a huge page", "maps hugetlbfs"); /* granted where none are set aside */
}

/* Each store is the thread's that made it, whatever they do to their address space meanwhile. */
static void threads(void) {
    static const char *const how[][2] = {
        {"", "with exit status 0"}, {"group", "with exit status 3"}, {"fault", "by signal 11"}};
    compile("testbench/record", "threads");
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        record("threads", how[i][0], how[i][1]);
        uint64_t stored[] = {500, 1000, 2000, 3000};
        for (uint32_t n = 0; n < 4; n++)
            if (tasks[n + 1].shared != stored[n]) fail("stores of a thread", tasks[n + 1].shared);
    }
}

/* What each program stores is its process's, which keeps its number. */
static void programs(void) {
    static const uint64_t stored[] = {400, 100, 200, 300, 0, 0};
    compile("testbench/record", "exec");
    record("exec", "", "with exit status 3");
    for (uint32_t n = 0; n < sizeof stored / sizeof *stored; n++)
        if (tasks[n + 1].shared != stored[n]) fail("stores of a program", tasks[n + 1].shared);
    run("build/pagewalk dump " WORK "/exec.pwt | grep -c '^process' | grep -qx 5");
}

/* That a thread is put off in the middle of a call is up to the host; it happens in nearly every
 * run of some slices of its time. */
static void races(void) {
    compile("traces/gen", "threads_racing");
    for (unsigned turn = 0; turn < 10; turn++) {
        record("threads_racing", "600", "with exit status 0");
        if (!racing) continue;
        runf("test $(build/pagewalk info --json %s/threads_racing.pwt | jq .racing) = %" PRIu64,
             WORK, racing);
        runf("test $(build/pagewalk run --json %s/threads_racing.pwt | jq .racing) = %" PRIu64,
             WORK, racing);
        return;
    }
    fail("no access raced", 0);
}

/* Each frame lies where its handler says, but for those that could not be written. */
static void frames(const char *arguments, const char *ended, uint64_t signals, unsigned noted) {
    record("signals", arguments, ended);
    if (caught != signals) fail("signals that handlers caught", caught);
    runf("build/pagewalk dump %s/signals.pwt | awk '/^sigframe/ { at = $2 } /^note frame/ { n++; "
         "if ($3 != at) exit 1 } END { exit n != %u }'",
         WORK, noted);
}

static void signals(void) {
    compile("testbench/record", "signals");
    frames("", "with exit status 0", 8, 8);
    runf("test $(build/pagewalk dump %s/signals.pwt | grep -c '^kload 0x[0-9a-f]* 0x340$') = 7",
         WORK);
    frames("once", "by signal 11", 1, 1);
    frames("blocked", "by signal 11", 0, 0);
    frames("unwritable", "by signal 11", 1, 0);
    runf("build/pagewalk dump %s/signals.pwt | tail -n 1 | grep -qx 'signal sigsegv kernel'", WORK);
    frames("second", "with exit status 0", 2, 1);
    compile("traces/gen", "write_barrier");
    record("write_barrier", "", "with exit status 0");
    if (caught != 39) fail("stores to 36 pages and 3 guard pages", caught);
}

static void record_and_check(void) {
    if (!have("qemu-riscv64", "command -v qemu-riscv64 >/dev/null") ||
        !have("riscv64-linux-gnu-gcc", "command -v riscv64-linux-gnu-gcc >/dev/null") ||
        !have("build/pagewalk-record.so", "test -r build/pagewalk-record.so") ||
        !have("build/pagewalk", "test -x build/pagewalk"))
        return;
    run("mkdir -p " WORK);
    pages();
    one_thread();
    threads();
    programs();
    signals();
    races();
}

/* One of them shows accesses in another thread's call, one faults that handlers catch. */
static void check_shipped(const char *path) {
    check_trace(path);
    if ((racing != 0) != (strstr(path, "threads_racing") != NULL)) fail("racing accesses", racing);
    if ((caught != 0) != (strstr(path, "write_barrier") != NULL)) fail("signals caught", caught);
}

int main(int argc, char **argv) {
    glob_t shipped = {0};
    for (int i = 1; i < argc; i++) check_trace(argv[i]);
    if (argc > 1) return 0;
    if (glob("traces/*.pwt", 0, NULL, &shipped) == 0)
        for (size_t i = 0; i < shipped.gl_pathc; i++) check_shipped(shipped.gl_pathv[i]);
    globfree(&shipped);
    record_and_check();
    return 0;
}
