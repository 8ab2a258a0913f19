/* SPDX-License-Identifier: Apache-2.0
 *
 * Who runs: tasks of the host become processes and threads of the trace.
 *
 * fork and vfork are told twice, by parent and child, in either order, and recorded at the first; a
 * thread is told of once, before it does anything. A task ends alone, by exit, or with its process:
 * by exit_group, by a signal, or because somebody has reaped it. Where the kernel clears a word as
 * a thread ends (clear_child_tid), that is its last store.
 */
#define _GNU_SOURCE
#include "record_private.h"
#include "error.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

struct process *process_new(struct events *e, uint32_t host) {
    struct process *p = calloc(1, sizeof *p);
    struct process **all = realloc(e->process, (e->processes + 1) * sizeof *all);
    if (!p || !all) internal_error("out of memory");
    e->process = all;
    all[e->processes++] = p;
    p->host = host;
    p->pid = p->group = e->processes;
    p->mm = ++e->spaces;
    p->alive = true;
    return p;
}

/* The newest one: host pids come again. */
struct process *process_find(struct events *e, uint32_t host) {
    if (e->last && e->last->host == host && e->last->alive) return e->last;
    for (uint32_t i = e->processes; i-- > 0;)
        if (e->process[i]->host == host) return e->last = e->process[i];
    return NULL;
}

/* ---- The end --------------------------------------------------------------------------------- */

/* Another task of the same process (same_mm: of the same address space); NULL: there is none. */
static struct process *other(const struct events *e, const struct process *than, bool same_mm) {
    for (uint32_t i = 0; i < e->processes; i++) {
        struct process *p = e->process[i];
        if (p != than && p->alive && (same_mm ? p->mm == than->mm : p->group == than->group))
            return p;
    }
    return NULL;
}

static void gone(struct events *e, struct process *p) {
    p->alive = p->pending = false;
    p->vforked = 0;
    window_close(e, p);
}

void process_gone(struct events *e, struct process *p) {
    for (struct process *o; (o = other(e, p, false));) gone(e, o);
    gone(e, p);
    e->running = 0;
}

void process_exit(struct events *e, struct process *p, bool group) {
    bool threads = other(e, p, false);
    events_run(e, p);
    if (!group && p->clear && other(e, p, true)) /* mm_release, kernel/fork.c */
        events_call(e, &(struct os_call){.nr = CALL_KSTORE, .pid = p->pid, .arg = {p->clear, 4}});
    events_call(e, &(struct os_call){.nr = CALL_EXIT, .pid = p->pid, .arg = {group && threads}});
    if (group) {
        process_gone(e, p);
    } else {
        gone(e, p);
        e->running = 0;
    }
}

static bool waits(const struct events *e, const struct process *p) {
    for (uint32_t i = 0; i < e->processes; i++)
        if (e->process[i]->alive && e->process[i]->vforked == p->pid) return true;
    return false;
}

/* Of its tasks the one whose access was refused speaks, or any that runs. */
void process_ended(struct events *e, struct process *p) {
    struct process *speaks = NULL;
    for (uint32_t i = 0; i < e->processes; i++) {
        struct process *o = e->process[i];
        if (!o->alive || o->group != p->group || waits(e, o)) continue;
        if (!speaks || o->pending) speaks = o;
    }
    if (speaks && speaks->pending)
        signals_killed(e, speaks);
    else if (speaks)
        process_exit(e, speaks, true);
}

/* ---- The beginning --------------------------------------------------------------------------- */

static struct process *record_fork(struct events *e, struct process *parent, uint32_t host,
                                   uint64_t flags) {
    const uint64_t how = flags & (CLONE_VM | CLONE_VFORK | CLONE_THREAD);
    struct process *child = process_new(e, host);
    events_run(e, parent);
    if (flags & CLONE_VM) child->mm = parent->mm;
    if (flags & CLONE_THREAD) child->group = parent->group;
    if (!(flags & CLONE_VM)) { /* it may return from the handler that forked */
        memcpy(child->frame, parent->frame, sizeof child->frame);
        child->frames = parent->frames;
    }
    events_call(e, &(struct os_call){.nr = flags & CLONE_VM ? CALL_CLONE : CALL_FORK,
                                     .pid = parent->pid,
                                     .arg = {child->pid, how}});
    if ((flags & CLONE_VM) && (flags & CLONE_VFORK)) {
        child->vforked = parent->pid;
        e->running = 0;
    }
    return child;
}

void process_fork(struct events *e, struct process *parent, const struct ring_item *item) {
    uint32_t host = (uint32_t)item->arg[0];
    struct process *child = process_find(e, host);
    if (!child || child->told_by_parent) child = record_fork(e, parent, host, item->arg[1]);
    child->told_by_parent = true;
    child->told_by_child |= (item->arg[1] & CLONE_THREAD) != 0;
    child->clear = item->arg[2];
}

void process_forked(struct events *e, const struct ring_item *item) {
    struct process *child = process_find(e, item->pid);
    struct process *parent = process_find(e, (uint32_t)item->arg[0]);
    if (!parent) internal_error("process %u has no parent in the recording", item->pid);
    if (!child || !child->alive || child->told_by_child)
        child = record_fork(e, parent, item->pid, item->arg[1]);
    child->told_by_child = true;
}

/* execve ends all threads of its process but the one that calls, which has the process's number
 * from then on [de_thread, fs/exec.c]. */
static void exec(struct events *e, struct process *caller) {
    struct process *p = e->process[caller->group - 1];
    events_run(e, caller);
    process_gone(e, caller);
    p->alive = true;
    p->execs = false;
    p->clear = 0;
    p->frames = 0;
    p->mm = ++e->spaces;
}

static struct process *execs(const struct events *e, const struct process *p) {
    for (uint32_t i = 0; p && i < e->processes; i++)
        if (e->process[i]->group == p->group && e->process[i]->alive && e->process[i]->execs)
            return e->process[i];
    return NULL;
}

/* The first program of all, or another one in a process that has called execve. */
void process_start(struct events *e, uint32_t host) {
    struct process *p = process_find(e, host), *caller = execs(e, p);
    if (caller)
        exec(e, caller);
    else
        p = process_new(e, host);
    p->told_by_parent = p->told_by_child = true;
    events_call(e, &(struct os_call){.nr = CALL_EXEC, .pid = p->pid});
    e->running = p->pid;
}
