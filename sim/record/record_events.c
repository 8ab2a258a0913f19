/* SPDX-License-Identifier: Apache-2.0
 *
 * Items of the ring become records of a trace: host pids become 1, 2, 3; devices and inodes become
 * file ids; a switch is written whenever the next item is another process's.
 *
 * fork is told twice, by parent and child, in either order; it is recorded at the first. A file is
 * declared when a call first uses it, with the size it had when first seen; from then on its size
 * is followed, and a size that no recorded write explains is recorded as a truncate. So an inode
 * that is deleted and used again is one file that was cut to nothing.
 *
 * A refused access is kept back until its process says what became of it: qemu absorbed it, or the
 * instruction is tried again, or the process is dead and the access with its signal goes into the
 * trace.
 */
#include "record_private.h"
#include "error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Writing --------------------------------------------------------------------------------- */

void events_write(struct events *e, const struct trace_record *r) {
    if (!e->full) trace_write(e->writer, r);
}

static void write_call(struct events *e, const struct os_call *call) {
    events_write(e, &(struct trace_record){.kind = TRACE_CALL, .pid = call->pid, .call = *call});
}

static void run(struct events *e, const struct process *p) {
    if (e->running == p->pid) return;
    events_write(e, &(struct trace_record){.kind = TRACE_SWITCH, .pid = p->pid});
    e->running = p->pid;
}

/* Version 1 of the format has no reservations: LR is checked as a load, SC as a store. */
static void write_access(struct events *e, unsigned access, unsigned bytes, uint64_t va) {
    if (access == ACCESS_LR) access = ACCESS_LOAD;
    if (access == ACCESS_SC) access = ACCESS_STORE;
    events_write(e, &(struct trace_record){.kind = TRACE_ACCESS,
                                           .access = (uint8_t)access,
                                           .bytes = (uint16_t)bytes,
                                           .va = va});
}

/* ---- Processes ------------------------------------------------------------------------------- */

static struct process *process_new(struct events *e, uint32_t host) {
    struct process *p = calloc(1, sizeof *p);
    struct process **all = realloc(e->process, (e->processes + 1) * sizeof *all);
    if (!p || !all) internal_error("out of memory");
    e->process = all;
    all[e->processes++] = p;
    p->host = host;
    p->pid = e->processes;
    p->alive = true;
    return p;
}

/* The newest one: host pids come again. */
static struct process *process_find(struct events *e, uint32_t host) {
    if (e->last && e->last->host == host && e->last->alive) return e->last;
    for (uint32_t i = e->processes; i-- > 0;)
        if (e->process[i]->host == host) return e->last = e->process[i];
    return NULL;
}

static void process_end(struct events *e, struct process *p) {
    if (!p->alive) return;
    run(e, p);
    p->alive = false;
    e->running = 0;
    if (p->pending) {
        p->pending = false;
        write_access(e, p->fault.access, p->fault.bytes, p->fault.arg[0]);
        events_write(e, &(struct trace_record){.kind = TRACE_SIGNAL,
                                               .sig = (uint8_t)p->fault.arg[1],
                                               .code = (uint8_t)p->fault.arg[2]});
        e->signals++;
        return;
    }
    write_call(e, &(struct os_call){.nr = CALL_EXIT, .pid = p->pid});
}

static struct process *record_fork(struct events *e, struct process *parent, uint32_t host) {
    struct process *child = process_new(e, host);
    run(e, parent);
    write_call(e, &(struct os_call){.nr = CALL_FORK, .pid = parent->pid, .arg = {child->pid}});
    return child;
}

static void on_fork(struct events *e, struct process *parent, uint32_t host) {
    struct process *child = process_find(e, host);
    if (!child || child->told_by_parent) child = record_fork(e, parent, host);
    child->told_by_parent = true;
}

static void on_forked(struct events *e, uint32_t host, uint32_t parent_host) {
    struct process *child = process_find(e, host), *parent = process_find(e, parent_host);
    if (!parent) internal_error("process %u has no parent in the recording", host);
    if (!child || !child->alive || child->told_by_child) child = record_fork(e, parent, host);
    child->told_by_child = true;
}

static void on_start(struct events *e, uint32_t host) {
    struct process *p = process_new(e, host);
    p->told_by_parent = p->told_by_child = true;
    write_call(e, &(struct os_call){.nr = CALL_EXEC, .pid = p->pid});
    e->running = p->pid;
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* A name as the program knows it: relative to the root, or to where it was started. */
static const char *short_name(const struct events *e, const char *name) {
    size_t root = strlen(e->options->root), here = strlen(e->directory);
    if (root && strncmp(name, e->options->root, root) == 0 && name[root] == '/') return name + root;
    if (here && strncmp(name, e->directory, here) == 0 && name[here] == '/') return name + here + 1;
    return name;
}

static struct file *file_find(struct events *e, const struct ring_item *item, const char *name) {
    for (uint32_t i = 0; i < e->files; i++)
        if (e->file[i].device == item->arg[0] && e->file[i].inode == item->arg[1])
            return &e->file[i];
    struct file *all = realloc(e->file, (e->files + 1) * sizeof *all);
    if (!all) internal_error("out of memory");
    e->file = all;
    struct file *f = &all[e->files++];
    *f = (struct file){.device = item->arg[0], .inode = item->arg[1], .size = item->arg[2]};
    snprintf(f->name, sizeof f->name, "%s", short_name(e, name));
    return f;
}

static void on_text(struct process *p, const struct ring_item *item) {
    size_t room = sizeof p->text - 1 - p->text_bytes,
           bytes = item->bytes < room ? item->bytes : room;
    memcpy(p->text + p->text_bytes, item->arg, bytes);
    p->text_bytes += bytes;
    p->text[p->text_bytes] = 0;
}

static void on_note(struct events *e, struct process *p) {
    run(e, p);
    events_write(e, &(struct trace_record){.kind = TRACE_NOTE, .text = p->text});
    p->text_bytes = 0;
    p->text[0] = 0;
}

/* arg3: a write is to come that may explain why the file is longer than known. */
static void on_file(struct events *e, struct process *p, const struct ring_item *item) {
    struct file *f = file_find(e, item, p->text);
    p->file = (uint32_t)(f - e->file);
    p->text_bytes = 0;
    p->text[0] = 0;
    if (item->arg[3] || f->size == item->arg[2]) return;
    f->size = item->arg[2];
    if (!f->id) return;
    run(e, p);
    write_call(
        e, &(struct os_call){.nr = CALL_TRUNCATE, .pid = p->pid, .file = f->id, .arg = {f->size}});
}

static uint32_t file_use(struct events *e, const struct process *p) {
    struct file *f = &e->file[p->file];
    if (f->id) return f->id;
    f->id = ++e->declared;
    write_call(
        e, &(struct os_call){
               .nr = CALL_FILE, .pid = p->pid, .file = f->id, .arg = {f->size}, .path = f->name});
    return f->id;
}

/* ---- Items ----------------------------------------------------------------------------------- */

static bool skipping(const struct events *e) {
    return e->seen < e->options->skip;
}

static uint64_t page_align(uint64_t bytes) {
    return (bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

static void on_call(struct events *e, struct process *p, const struct ring_item *item) {
    struct os_call call = {.nr = item->access, .pid = p->pid};
    bool copy = call.nr == CALL_READ || call.nr == CALL_WRITE || call.nr == CALL_KLOAD ||
                call.nr == CALL_KSTORE;
    if (copy && skipping(e)) return;
    if (call.nr == CALL_EXIT) {
        process_end(e, p);
        return;
    }
    run(e, p);
    for (unsigned i = 0; i < 5; i++) call.arg[i] = item->arg[i];
    if (call.nr == CALL_MMAP || call.nr == CALL_MUNMAP || call.nr == CALL_MPROTECT ||
        call.nr == CALL_MADVISE || call.nr == CALL_MSYNC || call.nr == CALL_MREMAP)
        call.arg[1] = page_align(call.arg[1]);
    if (call.nr == CALL_MREMAP) call.arg[2] = page_align(call.arg[2]);
    if (call.nr == CALL_BRK) call.arg[0] = page_align(call.arg[0]);
    if (item->bytes) call.file = file_use(e, p);
    if (call.nr == CALL_WRITE && e->file[p->file].size < call.arg[2] + call.arg[1])
        e->file[p->file].size = call.arg[2] + call.arg[1];
    write_call(e, &call);
}

static void on_access(struct events *e, struct process *p, const struct ring_item *item) {
    e->seen++;
    if (item->access == ACCESS_FETCH) p->pc = item->arg[0];
    if (e->seen <= e->options->skip) return;
    run(e, p);
    write_access(e, item->access, item->bytes, item->arg[0]);
    e->accesses++;
    if (e->accesses == e->options->max) e->full = true;
}

/* Whatever a process does after a fault says what became of it. */
static void resolve_fault(struct events *e, struct process *p, const struct ring_item *item) {
    p->pending = false;
    bool again = item->kind == RING_ACCESS && item->access == ACCESS_FETCH && item->arg[0] == p->pc;
    if (item->kind != RING_ABSORBED && !again)
        e->refusal = "a signal handler of the program caught a fault; this cannot be recorded yet";
}

static void on_rare(struct events *e, struct process *p, const struct ring_item *item) {
    static const char *const refusals[] = {
        [RING_REFUSE_THREAD] =
            "the program starts a thread; programs with threads cannot be recorded yet",
        [RING_REFUSE_EXEC] =
            "the program calls execve; only programs that fork can be recorded yet",
        [RING_REFUSE_START] = "the initial mappings of the program could not be read",
        [RING_REFUSE_HUGETLB] = "the program maps hugetlbfs (MAP_HUGETLB, MFD_HUGETLB)",
        [RING_REFUSE_DAX] = "the program maps DAX (MAP_SYNC)",
        [RING_REFUSE_USERFAULT] = "the program uses userfaultfd",
        [RING_REFUSE_NUMA] = "the program sets a NUMA policy, or moves pages between nodes",
        [RING_REFUSE_PKEY] = "the program uses protection keys (pkey_alloc, pkey_mprotect)",
        [RING_REFUSE_SHADOW] = "the program maps a shadow stack"};
    struct process *other;
    switch (item->kind) {
    case RING_FORK: on_fork(e, p, (uint32_t)item->arg[0]); return;
    case RING_FAULT:
        p->fault = *item;
        p->pending = true;
        return;
    case RING_REAPED:
        other = process_find(e, (uint32_t)item->arg[0]);
        if (other) process_end(e, other);
        return;
    case RING_NOTE: on_note(e, p); return;
    case RING_SIGRETURN: e->handlers = true; return;
    case RING_UNKNOWN:
        if (item->arg[0] < UNKNOWN_MAX) e->unknown[item->arg[0]] = true;
        return;
    case RING_REFUSE: e->refusal = refusals[item->arg[0]]; return;
    default: return;
    }
}

void events_item(struct events *e, const struct ring_item *item) {
    if (item->kind == RING_START) {
        on_start(e, item->pid);
        return;
    }
    if (item->kind == RING_FORKED) {
        on_forked(e, item->pid, (uint32_t)item->arg[0]);
        return;
    }
    struct process *p = process_find(e, item->pid);
    if (item->kind == RING_REFUSE && !p) p = process_new(e, item->pid);
    if (!p || !p->alive) internal_error("an item of process %u, which does not run", item->pid);
    if (p->pending) resolve_fault(e, p, item);
    if (e->refusal) return;
    switch (item->kind) {
    case RING_ACCESS: on_access(e, p, item); return;
    case RING_CALL: on_call(e, p, item); return;
    case RING_TEXT: on_text(p, item); return;
    case RING_FILE: on_file(e, p, item); return;
    default: on_rare(e, p, item);
    }
}

void events_finish(struct events *e) {
    for (uint32_t i = 0; i < e->processes; i++) process_end(e, e->process[i]);
    trace_finish(e->writer);
}
