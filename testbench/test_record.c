/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings are right if a replay of nothing but their address spaces finds every access inside a
 * mapping that allows it. This test keeps such an address space of its own, an ordered list of
 * ranges a process, written from the manual pages of mmap, mprotect, brk and fork; it shares no
 * code with the kernel half or the data opinion.
 *
 * Without arguments it checks the shipped recordings, records a small program with build/pagewalk,
 * checks that recording and replays it; with arguments it checks the traces named.
 *
 * Needs qemu-riscv64, riscv64-linux-gnu-gcc and build/pagewalk-record.so; without them it says so
 * and passes.
 */
#include "trace.h"
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    bool alive;
};

static struct space spaces[PIDS];
static uint64_t file_size[FILES];
static const char *trace_name;
static uint64_t counted[8], record_number;
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
    case CALL_EXEC: free(s->range), *s = (struct space){.alive = true}; break;
    case CALL_EXIT: s->alive = false; break;
    case CALL_FORK:
        if (a[0] >= PIDS) fail("too many processes for this test", a[0]);
        fork_space(s, &spaces[a[0]]);
        break;
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

static bool check_access(struct space *s, const struct trace_record *r) {
    static const uint32_t needed[] = {PROT_X, PROT_R, PROT_W, PROT_W};
    if (r->va >= 1ull << 38) fail("outside the user half of Sv39", r->va);
    counted[r->access]++;
    const struct range *at = find(s, r->va);
    if (at && at->shared && at->file && r->access == ACCESS_STORE) shared_bytes += r->bytes;
    return allowed(s, r->va, r->bytes, needed[r->access]);
}

static void check_trace(const char *path) {
    struct trace *t = trace_open(path);
    struct trace_record r;
    struct space *s = NULL;
    uint64_t refused = 0; /* address of a refused access that waits for its signal, or 0 */
    trace_name = path;
    memset(counted, 0, sizeof counted);
    shared_bytes = 0;
    while (trace_next(t, &r)) {
        record_number = r.index;
        if (refused && r.kind != TRACE_SIGNAL) fail("no mapping allows this access", refused);
        if (r.kind == TRACE_SIGNAL) {
            if (!refused || !s) fail("a signal that no access caused", 0);
            refused = 0;
            s->alive = false;
        }
        if (r.kind == TRACE_SWITCH) s = &spaces[r.pid];
        if (r.kind == TRACE_CALL && r.call.nr == CALL_EXEC) s = &spaces[r.call.pid];
        if (r.kind == TRACE_CALL && s) call(s, &r.call);
        if (r.kind == TRACE_ACCESS && s && !check_access(s, &r)) refused = r.va ? r.va : 1;
    }
    printf("ok - %s: %" PRIu64 " fetches, %" PRIu64 " loads, %" PRIu64 " stores, %" PRIu64
           " atomics in mappings\n",
           path, counted[0], counted[1], counted[2], counted[3]);
    trace_close(t);
}

/* ---- A recording of our own ------------------------------------------------------------------ */

static const char program[] =
    "#include <pthread.h>\n#include <stdatomic.h>\n#include <stdlib.h>\n#include "
    "<string.h>\n#include "
    "<sys/mman.h>\n#include <sys/wait.h>\n"
    "#include <unistd.h>\n#include <fcntl.h>\n"
    "static void *idle(void *x) { return x; }\n"
    "int main(int argc, char **argv) {\n"
    "    static atomic_int turns;\n"
    "    pthread_t thread;\n"
    "    if (argc > 3) syscall(279, \"huge\", 4); /* memfd_create, MFD_HUGETLB */\n"
    "    if (argc > 2) pthread_create(&thread, 0, idle, 0);\n"
    "    if (argc > 1) execv(argv[0], argv);\n"
    "    char *heap = malloc(100000), *big = calloc(1, 1 << 20);\n"
    "    int fd = open(\"record.data\", O_RDWR | O_CREAT | O_TRUNC, 0600);\n"
    "    if (fd < 0 || ftruncate(fd, 10000) != 0 || write(fd, heap, 5000) != 5000) return 1;\n"
    "    char *file = mmap(0, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);\n"
    "    memset(heap, 1, 100000);\n"
    "    memset(file, 2, 10000);\n"
    "    msync(file, 10000, MS_SYNC);\n"
    "    if (write(-1, \" two\\nwords \", 11) != -1) return 1;\n"
    "    if (fork() == 0) {\n"
    "        heap[5] = 3;\n"
    "        atomic_fetch_add(&turns, 1);\n"
    "        if (fork() == 0) *(volatile int *)8 = 1;\n"
    "        wait(0);\n"
    "        mprotect(big - 16, 4096, PROT_NONE);\n"
    "        return *(volatile char *)big;\n"
    "    }\n"
    "    wait(0);\n"
    "    big = realloc(big, 3 << 20);\n"
    "    big[(3 << 20) - 1] = 4;\n"
    "    return 42 - atomic_fetch_sub(&turns, 1);\n"
    "}\n";

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

/* What cannot be recorded is refused with its reason, and leaves no trace behind. */
static void refused(const char *arguments, const char *why) {
    char command[512];
    snprintf(command, sizeof command,
             "cd build/test-record; ../pagewalk record -o no.pwt -- ./tiny %s 2>no.log; "
             "test $? = 3 && grep -q '%s' no.log && test ! -e no.pwt",
             arguments, why);
    run(command);
}

static void record_and_check(void) {
    if (!have("qemu-riscv64", "command -v qemu-riscv64 >/dev/null") ||
        !have("riscv64-linux-gnu-gcc", "command -v riscv64-linux-gnu-gcc >/dev/null") ||
        !have("build/pagewalk-record.so", "test -r build/pagewalk-record.so") ||
        !have("build/pagewalk", "test -x build/pagewalk"))
        return;
    run("mkdir -p build/test-record");
    FILE *c = fopen("build/test-record/tiny.c", "w");
    if (!c || fputs(program, c) < 0 || fclose(c) != 0) abort();
    run("riscv64-linux-gnu-gcc -O1 -o build/test-record/tiny build/test-record/tiny.c");
    run("cd build/test-record && ../pagewalk record -o tiny.pwt -- ./tiny 2>tiny.log");
    run("build/pagewalk run --engine model --check build/test-record/tiny.pwt "
        ">build/test-record/run.log");
    refused("exec", "calls execve");
    refused("a thread", "starts a thread");
    refused("a huge page", "maps hugetlbfs"); /* granted where none are set aside */
    run("build/pagewalk dump build/test-record/tiny.pwt | grep -B 1 -x 'note two words' | "
        "grep -q '^I '"); /* the call itself left no record */
    run("grep -q 'ended with exit status 42' build/test-record/tiny.log");
    check_trace("build/test-record/tiny.pwt");
    if (shared_bytes != 10000) fail("not every store was recorded once", shared_bytes);
    for (unsigned access = 0; access < 4; access++)
        if (!counted[access]) fail("a kind of access was not recorded", access);
    if (spaces[1].alive || spaces[2].alive || spaces[3].alive || !spaces[3].count)
        fail("three processes that end", 0);
}

int main(int argc, char **argv) {
    glob_t shipped = {0};
    for (int i = 1; i < argc; i++) check_trace(argv[i]);
    if (argc > 1) return 0;
    if (glob("traces/*.pwt", 0, NULL, &shipped) == 0)
        for (size_t i = 0; i < shipped.gl_pathc; i++) check_trace(shipped.gl_pathv[i]);
    globfree(&shipped);
    record_and_check();
    return 0;
}
