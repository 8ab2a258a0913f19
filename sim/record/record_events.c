/* SPDX-License-Identifier: Apache-2.0
 *
 * Items of the ring become records of a trace: host pids become 1, 2, 3; devices and inodes become
 * file ids; a switch is written whenever the next item is another process's.
 *
 * A file is declared when a call first uses it, with the size it had when first seen; from then on
 * its size is followed, and a size that no recorded write explains is recorded as a truncate. So an
 * inode that is deleted and used again is one file that was cut to nothing.
 *
 * A refused access is kept back until its process says what became of it: record_signals.c.
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

void events_call(struct events *e, const struct os_call *call) {
    events_write(e, &(struct trace_record){.kind = TRACE_CALL, .pid = call->pid, .call = *call});
}

void events_run(struct events *e, const struct process *p) {
    if (e->running == p->pid) return;
    events_write(e, &(struct trace_record){.kind = TRACE_SWITCH, .pid = p->pid});
    e->running = p->pid;
}

/* Version 1 of the format has no reservations: LR is checked as a load, SC as a store. */
void events_access(struct events *e, const struct process *p, const struct ring_item *item,
                   bool racing) {
    unsigned access = item->access;
    if (access == ACCESS_LR) access = ACCESS_LOAD;
    if (access == ACCESS_SC) access = ACCESS_STORE;
    events_run(e, p);
    e->racing += racing;
    events_write(e, &(struct trace_record){.kind = TRACE_ACCESS,
                                           .access = (uint8_t)access,
                                           .racing = racing,
                                           .bytes = item->bytes,
                                           .va = item->arg[0]});
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
    *f = (struct file){.device = item->arg[0],
                       .inode = item->arg[1],
                       .size = item->arg[2],
                       .store = (uint8_t)item->arg[4]};
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
    events_run(e, p);
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
    events_run(e, p);
    events_call(
        e, &(struct os_call){.nr = CALL_TRUNCATE, .pid = p->pid, .file = f->id, .arg = {f->size}});
}

static uint32_t file_use(struct events *e, const struct process *p) {
    struct file *f = &e->file[p->file];
    if (f->id) return f->id;
    f->id = ++e->declared;
    events_call(e, &(struct os_call){.nr = CALL_FILE,
                                     .pid = p->pid,
                                     .file = f->id,
                                     .arg = {f->size, f->store},
                                     .path = f->name});
    return f->id;
}

/* ---- Items ----------------------------------------------------------------------------------- */

bool events_skip(const struct events *e) {
    return e->seen < e->options->skip;
}

static uint64_t page_align(uint64_t bytes) {
    return (bytes + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

static void on_call(struct events *e, struct process *p, const struct ring_item *item) {
    struct os_call call = {.nr = item->access, .pid = p->pid};
    if (call_copies(call.nr) && events_skip(e)) return;
    if (call.nr == CALL_EXIT) {
        process_exit(e, p, item->arg[0]);
        return;
    }
    bool maps = call.nr >= CALL_MMAP && call.nr <= CALL_MREMAP;
    if (maps) signals_mappings(e, p);
    if (p->vforked && maps) {
        e->refusal =
            "a vfork child changes its parent's mappings, which qemu-user gives it a copy of";
        return;
    }
    events_run(e, p);
    for (unsigned i = 0; i < 5; i++) call.arg[i] = item->arg[i];
    if (call.nr == CALL_MMAP || call.nr == CALL_MUNMAP || call.nr == CALL_MPROTECT ||
        call.nr == CALL_MADVISE || call.nr == CALL_MSYNC || call.nr == CALL_MREMAP ||
        call.nr == CALL_MLOCK || call.nr == CALL_MUNLOCK || call.nr == CALL_MINCORE)
        call.arg[1] = page_align(call.arg[1]);
    if (call.nr == CALL_MREMAP) call.arg[2] = page_align(call.arg[2]);
    if (call.nr == CALL_BRK) call.arg[0] = page_align(call.arg[0]);
    if (item->bytes) call.file = file_use(e, p);
    if (call.nr == CALL_WRITE && e->file[p->file].size < call.arg[2] + call.arg[1])
        e->file[p->file].size = call.arg[2] + call.arg[1];
    events_call(e, &call);
}

static void on_access(struct events *e, struct process *p, const struct ring_item *item) {
    e->seen++;
    if (item->access == ACCESS_FETCH) p->pc = item->arg[0];
    if (e->seen <= e->options->skip) return;
    events_access(e, p, item, e->windows && window_race(e, p, item->arg[0], item->bytes));
    e->accesses++;
    if (e->accesses == e->options->max) e->full = true;
}

static void on_rare(struct events *e, struct process *p, const struct ring_item *item) {
    static const char *const refusals[] = {
        [RING_REFUSE_CLONE] = "the program calls clone with CLONE_VM, and neither CLONE_THREAD nor "
                              "CLONE_VFORK; qemu-user does not run that",
        [RING_REFUSE_EXEC] = "the program starts a program that is none of riscv64 (execve)",
        [RING_REFUSE_EXECVEAT] = "the program calls execveat; only execve can be recorded",
        [RING_REFUSE_START] = "the initial mappings of the program could not be read",
        [RING_REFUSE_HUGETLB] = "the program maps hugetlbfs (MAP_HUGETLB, MFD_HUGETLB)",
        [RING_REFUSE_DAX] = "the program maps DAX (MAP_SYNC)",
        [RING_REFUSE_USERFAULT] = "the program uses userfaultfd",
        [RING_REFUSE_NUMA] = "the program sets a NUMA policy, or moves pages between nodes",
        [RING_REFUSE_PKEY] = "the program uses protection keys (pkey_alloc, pkey_mprotect)",
        [RING_REFUSE_SHADOW] = "the program maps a shadow stack"};
    struct process *other;
    switch (item->kind) {
    case RING_FORK: process_fork(e, p, item); return;
    case RING_EXEC: p->execs = true; return;
    case RING_TID: p->clear = item->arg[0]; return;
    case RING_ENTER: window_open(e, p, item); return;
    case RING_LEAVE: window_close(e, p); return;
    case RING_FAULT: signals_fault(e, p, item); return;
    case RING_REAPED:
        other = process_find(e, (uint32_t)item->arg[0]);
        if (other) process_ended(e, other);
        return;
    case RING_NOTE: on_note(e, p); return;
    case RING_SIGRETURN: signals_return(e, p, item); return;
    case RING_UNKNOWN:
        if (item->arg[0] < UNKNOWN_MAX) e->unknown[item->arg[0]] = true;
        return;
    case RING_REFUSE: e->refusal = refusals[item->arg[0]]; return;
    default: return;
    }
}

void events_do(struct events *e, const struct ring_item *item) {
    if (e->full || e->refusal) return;
    if (item->kind == RING_START) {
        process_start(e, item->pid);
        return;
    }
    if (item->kind == RING_FORKED) {
        process_forked(e, item);
        return;
    }
    struct process *p = process_find(e, item->pid);
    if (item->kind == RING_REFUSE && !p) p = process_new(e, item->pid);
    if (!p) internal_error("an item of process %u, which does not run", item->pid);
    if (!p->alive) return; /* another thread has ended all of them */
    if (p->pending) signals_resolve(e, p, item);
    if (e->refusal) return;
    switch (item->kind) {
    case RING_ACCESS: on_access(e, p, item); return;
    case RING_CALL: on_call(e, p, item); return;
    case RING_TEXT: on_text(p, item); return;
    case RING_FILE: on_file(e, p, item); return;
    default: on_rare(e, p, item);
    }
}

void events_item(struct events *e, const struct ring_item *item) {
    order_item(e, item);
}

/* Children first: a vfork child's parent waits. */
void events_finish(struct events *e) {
    order_flush(e);
    for (uint32_t i = e->processes; i-- > 0;) process_ended(e, e->process[i]);
    trace_finish(e->writer);
}
