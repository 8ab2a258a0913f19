/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings are right if a replay of nothing but their address spaces finds every access inside a
 * mapping that allows it. This test keeps such an address space of its own, an ordered list of
 * ranges a process, written from the manual pages of mmap, mprotect, brk and fork; it shares no
 * code with the kernel half or the data opinion.
 *
 * Without arguments it checks the shipped recordings, records the programs in testbench/record with
 * build/pagewalk, checks each recording and replays it; with arguments it checks the traces named.
 *
 * Needs qemu-riscv64, riscv64-linux-gnu-gcc and build/pagewalk-record.so; without them it says so
 * and passes.
 */
#include "trace.h"
#include <glob.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORK "build/test-record"

enum { PIDS = 64, FILES = 4096, STACK_LIMIT = 8 << 20 };

struct range {
    uint64_t start, end, offset;
    uint32_t file, prot;
    bool grows, shared;
};
struct space {
    struct range *range;
    size_t count, room, last;
    uint64_t heap;
};

static struct space spaces[PIDS];
static uint32_t spaces_used;
static uint64_t file_size[FILES];
static const char *trace_name;
static uint64_t counted[8], record_number;
static uint64_t racing;
static uint64_t shared_bytes; /* stored into shared file mappings by the program itself */

static _Noreturn void fail(const char *what, uint64_t va) {
    printf("not ok - %s: record %" PRIu64 ": %s, address %" PRIx64 "\n", trace_name, record_number,
           what, va);
    exit(1);
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

static void insert(struct space *s, size_t at, struct range r) {
    if (s->count == s->room)
        s->range = realloc(s->range, (s->room = s->room * 2 + 16) * sizeof *s->range);
    if (!s->range) abort();
    memmove(&s->range[at + 1], &s->range[at], (s->count - at) * sizeof r);
    s->range[at] = r;
    s->count++;
}

/* Makes `va` a border between ranges; returns the index of the first range at or above it. */
static size_t split(struct space *s, uint64_t va) {
    size_t i = 0;
    while (i < s->count && s->range[i].end <= va) i++;
    if (i == s->count || s->range[i].start >= va) return i;
    struct range upper = s->range[i];
    upper.offset += va - upper.start;
    upper.start = va;
    s->range[i].end = va;
    insert(s, i + 1, upper);
    return i + 1;
}

static void unmap(struct space *s, uint64_t va, uint64_t bytes) {
    size_t from = split(s, va), to = split(s, va + bytes);
    if (from == to) return;
    memmove(&s->range[from], &s->range[to], (s->count - to) * sizeof *s->range);
    s->count -= to - from;
}

static void map(struct space *s, struct range r) {
    unmap(s, r.start, r.end - r.start);
    insert(s, split(s, r.start), r);
}

static void protect(struct space *s, uint64_t va, uint64_t bytes, uint32_t prot) {
    size_t from = split(s, va), to = split(s, va + bytes);
    for (size_t i = from; i < to; i++) s->range[i].prot = prot;
}

static struct range *find(struct space *s, uint64_t va) {
    if (s->last < s->count && va >= s->range[s->last].start && va < s->range[s->last].end)
        return &s->range[s->last];
    size_t i = 0;
    while (i < s->count && s->range[i].end <= va) i++;
    if (i == s->count) return NULL;
    struct range *r = &s->range[i];
    if (va < r->start && r->grows && r->end - va <= STACK_LIMIT) r->start = va & ~4095ull;
    s->last = i;
    return va >= r->start ? r : NULL;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void set_heap(struct space *s, uint64_t end) {
    if (s->heap && end > s->heap)
        map(s, (struct range){.start = s->heap, .end = end, .prot = PROT_R | PROT_W});
    if (s->heap && end < s->heap) unmap(s, end, s->heap - end);
    s->heap = end;
}

static void move(struct space *s, const uint64_t *arg) {
    struct range *r = find(s, arg[0]);
    if (!r) fail("mremap of nothing", arg[0]);
    struct range to = *r;
    to.offset += arg[0] - r->start;
    to.start = arg[4];
    to.end = arg[4] + arg[2];
    unmap(s, arg[0], arg[1]);
    map(s, to);
}

static void fork_space(const struct space *from, struct space *to) {
    free(to->range);
    *to = *from;
    to->room = to->count;
    to->range = malloc(to->count * sizeof *to->range);
    if (!to->range) abort();
    memcpy(to->range, from->range, to->count * sizeof *to->range);
}

static struct task {
    uint32_t space, group;
    bool alive;
    uint64_t accesses, shared; /* shared: bytes stored into shared mappings of files */
} tasks[PIDS];

static struct space *space_of(uint32_t pid) {
    if (pid >= PIDS) fail("too many tasks for this test", pid);
    if (!tasks[pid].alive) fail("a task that does not live", pid);
    return &spaces[tasks[pid].space];
}

static void task_end(uint32_t pid, bool group) {
    for (uint32_t i = 0; i < PIDS; i++)
        if (i == pid || (group && tasks[i].group == tasks[pid].group)) tasks[i].alive = false;
}

static struct space *exec_space(uint32_t pid) {
    if (pid >= PIDS) fail("too many tasks for this test", pid);
    if (tasks[pid].alive) task_end(pid, true);
    tasks[pid] = (struct task){.space = spaces_used++, .group = pid, .alive = true};
    if (spaces_used > PIDS) fail("too many programs for this test", pid);
    return space_of(pid);
}

/* fork copies the address space, clone shares it. */
static void clone_task(const struct os_call *c) {
    uint32_t child = (uint32_t)c->arg[0];
    if (child >= PIDS || spaces_used == PIDS) fail("too many tasks for this test", child);
    const struct task *parent = &tasks[c->pid];
    bool shares = c->nr == CALL_CLONE, thread = shares && (c->arg[1] & CLONE_F_THREAD);
    tasks[child] = (struct task){.space = shares ? parent->space : spaces_used,
                                 .group = thread ? parent->group : child,
                                 .alive = true};
    if (!shares) fork_space(space_of(c->pid), &spaces[spaces_used++]);
}

/* May `bytes` at va be accessed? A file mapping ends with the page of the file's last byte. */
static bool allowed(struct space *s, uint64_t va, uint64_t bytes, uint32_t prot) {
    for (uint64_t at = va; at < va + bytes; at = (at | 4095) + 1) {
        struct range *r = find(s, at);
        if (!r || !(r->prot & prot)) return false;
        if (r->file && ((r->offset + at - r->start) & ~4095ull) >= file_size[r->file]) return false;
    }
    return true;
}

static void copy(struct space *s, const struct os_call *c, uint32_t prot) {
    if (!allowed(s, c->arg[0], c->arg[1], prot)) fail("a kernel copy that cannot be", c->arg[0]);
    if (c->nr == CALL_WRITE && c->arg[2] + c->arg[1] > file_size[c->file])
        file_size[c->file] = c->arg[2] + c->arg[1];
}

static void call(struct space *s, const struct os_call *c) {
    const uint64_t *a = c->arg;
    if (c->file >= FILES) fail("too many files for this test", c->file);
    switch (c->nr) {
    case CALL_EXIT: task_end(c->pid, a[0]); break;
    case CALL_FORK:
    case CALL_CLONE: clone_task(c); break;
    case CALL_MMAP:
        map(s, (struct range){.start = a[0],
                              .end = a[0] + a[1],
                              .offset = a[4],
                              .file = c->file,
                              .prot = (uint32_t)a[2],
                              .grows = a[3] & MAP_F_GROWSDOWN,
                              .shared = a[3] & MAP_F_SHARED});
        break;
    case CALL_MUNMAP: unmap(s, a[0], a[1]); break;
    case CALL_MPROTECT: protect(s, a[0], a[1], (uint32_t)a[2]); break;
    case CALL_BRK: set_heap(s, a[0]); break;
    case CALL_MREMAP: move(s, a); break;
    case CALL_FILE:
    case CALL_TRUNCATE: file_size[c->file] = a[0]; break;
    case CALL_READ:
    case CALL_KSTORE: copy(s, c, PROT_W); break;
    case CALL_WRITE:
    case CALL_KLOAD: copy(s, c, PROT_R); break;
    default: break;
    }
}

/* ---- One trace ------------------------------------------------------------------------------- */

static bool check_access(struct task *t, struct space *s, const struct trace_record *r) {
    static const uint32_t needed[] = {PROT_X, PROT_R, PROT_W, PROT_W};
    if (r->va >= 1ull << 38) fail("outside the user half of Sv39", r->va);
    counted[r->access]++;
    const struct range *at = find(s, r->va);
    if (at && at->shared && at->file && r->access == ACCESS_STORE) {
        shared_bytes += r->bytes;
        t->shared += r->bytes;
    }
    return allowed(s, r->va, r->bytes, needed[r->access]);
}

static void check_trace(const char *path) {
    struct trace *t = trace_open(path);
    struct trace_record r;
    struct space *s = NULL;
    uint64_t refused = 0; /* address of a refused access that waits for its signal, or 0 */
    uint32_t running = 0;
    trace_name = path;
    memset(counted, 0, sizeof counted);
    memset(tasks, 0, sizeof tasks);
    for (size_t i = 0; i < PIDS; i++) free(spaces[i].range);
    memset(spaces, 0, sizeof spaces);
    shared_bytes = racing = spaces_used = 0;
    while (trace_next(t, &r)) {
        record_number = r.index;
        if (refused && r.kind != TRACE_SIGNAL) fail("no mapping allows this access", refused);
        if (r.kind == TRACE_SIGNAL) {
            if (!refused || !s) fail("a signal that no access caused", 0);
            refused = 0;
            task_end(running, true);
        }
        if (r.kind == TRACE_SWITCH) running = r.pid;
        if (r.kind == TRACE_CALL && r.call.nr == CALL_EXEC) exec_space(running = r.call.pid);
        if (r.kind == TRACE_SWITCH || r.kind == TRACE_CALL) s = space_of(running);
        if (r.kind == TRACE_CALL && s) call(s, &r.call);
        if (r.kind != TRACE_ACCESS || !s) continue;
        tasks[running].accesses++;
        racing += r.racing;
        if (!check_access(&tasks[running], s, &r)) refused = r.va ? r.va : 1;
    }
    printf("ok - %s: %" PRIu64 " fetches, %" PRIu64 " loads, %" PRIu64 " stores, %" PRIu64
           " atomics in mappings\n",
           path, counted[0], counted[1], counted[2], counted[3]);
    trace_close(t);
}

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

static void one_thread(void) {
    compile("testbench/record", "processes");
    record("processes", "", "with exit status 42");
    if (shared_bytes != 10000) fail("not every store was recorded once", shared_bytes);
    for (unsigned access = 0; access < 4; access++)
        if (!counted[access]) fail("a kind of access was not recorded", access);
    if (!tasks[3].accesses || !tasks[4].accesses || tasks[5].accesses) fail("four processes", 0);
    if (racing) fail("racing without threads", racing);
    /* the call itself left no record */
    run("build/pagewalk dump " WORK
        "/processes.pwt | grep -B 1 -x 'note two words' | grep -q '^I '");
    run("build/pagewalk dump " WORK "/processes.pwt >" WORK "/processes.trace");
    run("grep -q '^clone 4 vfork' " WORK "/processes.trace");
    run("grep -q '^mlock 0x[0-9a-f]*000 0x2000$' " WORK "/processes.trace");
    run("grep -q '^munlock 0x[0-9a-f]*000 0x2000$' " WORK "/processes.trace");
    run("! grep -q 'note locked all' " WORK "/processes.trace || " /* if the limit allows it */
        "grep -q '^mlockall future onfault' " WORK "/processes.trace");
    refused("processes", "exec", "calls execve");
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

/* That a thread is put off in the middle of a call is up to the host; it happens three times in
 * four. */
static void races(void) {
    compile("traces/gen", "threads_racing");
    for (unsigned turn = 0; turn < 20; turn++) {
        record("threads_racing", "", "with exit status 0");
        if (!racing) continue;
        runf("test $(build/pagewalk info --json %s/threads_racing.pwt | jq .racing) = %" PRIu64,
             WORK, racing);
        runf("test $(build/pagewalk run --json %s/threads_racing.pwt | jq .racing) = %" PRIu64,
             WORK, racing);
        return;
    }
    fail("no access raced", 0);
}

static void record_and_check(void) {
    if (!have("qemu-riscv64", "command -v qemu-riscv64 >/dev/null") ||
        !have("riscv64-linux-gnu-gcc", "command -v riscv64-linux-gnu-gcc >/dev/null") ||
        !have("build/pagewalk-record.so", "test -r build/pagewalk-record.so") ||
        !have("build/pagewalk", "test -x build/pagewalk"))
        return;
    run("mkdir -p " WORK);
    one_thread();
    threads();
    races();
}

/* One of them shows accesses in another thread's call. */
static void check_shipped(const char *path) {
    check_trace(path);
    if ((racing != 0) != (strstr(path, "threads_racing") != NULL)) fail("racing accesses", racing);
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
