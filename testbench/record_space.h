/* SPDX-License-Identifier: Apache-2.0
 *
 * An address space of test_record's own: an ordered list of ranges, written from the manual pages
 * of mmap, mprotect, brk, fork, clone and execve; it shares no code with the kernel half or the
 * data opinion. A trace is right by it if every access lies in a mapping that allows it, but for
 * one that a signal follows.
 */
#ifndef PW_RECORD_SPACE_H
#define PW_RECORD_SPACE_H
#include "trace.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static uint64_t racing, caught;
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
    tasks[pid].space = spaces_used++;
    tasks[pid].group = pid;
    tasks[pid].alive = true;
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
    case CALL_GUP: copy(s, c, call_stores(c) ? PROT_W : PROT_R); break;
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

static bool frame(struct space *s, const struct os_call *k) {
    if (!k->arg[0] || k->arg[0] % 16) fail("no place for a signal frame", k->arg[0]);
    return allowed(s, k->arg[0], k->arg[1], PROT_W);
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
    shared_bytes = racing = caught = spaces_used = 0;
    while (trace_next(t, &r)) {
        record_number = r.index;
        if (refused && r.kind != TRACE_SIGNAL) fail("no mapping allows this access", refused);
        if (r.kind == TRACE_SIGNAL) {
            if (!refused || !s) fail("a signal that nothing caused", 0);
            refused = 0;
            caught += r.caught;
            if (!r.caught) task_end(running, true);
        }
        if (r.kind == TRACE_SWITCH) running = r.pid;
        if (r.kind == TRACE_CALL && r.call.nr == CALL_EXEC) exec_space(running = r.call.pid);
        if (r.kind == TRACE_SWITCH || r.kind == TRACE_CALL) s = space_of(running);
        if (r.kind == TRACE_CALL && s) call(s, &r.call);
        if (r.kind == TRACE_CALL && s && r.call.nr == CALL_SIGFRAME)
            refused = frame(s, &r.call) ? 0 : r.call.arg[0];
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

#endif
