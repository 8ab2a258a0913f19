/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks that belong together: threads of a group, users of an mm, a parent in vfork and its child.
 * A traced thread that ends must be waited for, and its leader can be only after it; exec of a
 * threaded process goes on once all others have been; a parent in vfork stops when it is let go.
 */
#define _GNU_SOURCE
#include "native.h"
#include "error.h"
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct child *group_child(struct children *all, uint32_t pid) {
    for (size_t i = 0; i < all->count; i++)
        if (all->at[i].pid == pid) return &all->at[i];
    if (all->count == ROW_PROCESSES) internal_error("a trace with so many processes has no rows");
    all->at[all->count] = (struct child){.pid = pid, .group = pid};
    return &all->at[all->count++];
}

/* Another of the group that lives. */
static struct child *mate(struct children *all, const struct child *c) {
    for (size_t i = 0; i < all->count; i++) {
        struct child *m = &all->at[i];
        if (m != c && m->real && !m->zombie && m->group == c->group) return m;
    }
    return NULL;
}

static void let_go(struct children *all, const struct child *child) {
    for (size_t i = 0; i < all->count; i++) {
        struct child *p = &all->at[i];
        if (!p->real || p->waits != child->pid) continue;
        p->waits = 0;
        child_released(p);
    }
}

/* ---- Ends ------------------------------------------------------------------------------------ */

/* A leader that has ended, and is nothing to the trace any more, but cannot be waited for yet. */
static void become_zombie(struct child *c) {
    char path[64], state = 0;
    c->zombie = true;
    snprintf(path, sizeof path, "/proc/%d/stat", c->real);
    while (state != 'Z') {
        FILE *f = fopen(path, "r");
        if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1) internal_error("%s", path);
        fclose(f);
    }
}

/* All of the group end: threads first, then the leader. */
static void reap_group(struct children *all, struct child *c) {
    struct child *leader = group_child(all, c->group), *m;
    while ((m = c->real && c != leader ? c : mate(all, leader))) {
        probe_detach(m);
        child_reap(m);
        let_go(all, m);
    }
    if (!leader->real) return;
    if (!leader->zombie) probe_detach(leader);
    child_reap(leader);
    leader->zombie = false;
    let_go(all, leader);
}

void group_kill(struct children *all, struct child *c, int sig) {
    child_kill(c, sig);
    reap_group(all, c);
}

void group_exit(struct children *all, struct child *c, bool group) {
    struct child *leader = group_child(all, c->group);
    bool others = mate(all, c);
    child_exit(c, group);
    if (group || !others) {
        reap_group(all, c);
        return;
    }
    probe_detach(c);
    if (c == leader)
        become_zombie(c);
    else
        child_reap(c);
    let_go(all, c);
}

/* ---- exec, clone ----------------------------------------------------------------------------- */

/* de_thread: all others end; the one that called has the leader's number from then on. */
void group_exec(struct children *all, struct child *leader, struct child *caller, int stub_fd) {
    pid_t real = caller->leader;
    struct child *m;
    child_exec_begin(caller, stub_fd);
    while ((m = mate(all, caller))) {
        probe_detach(m);
        if (m == leader)
            m->real = 0; /* its death is not told */
        else
            child_reap(m);
    }
    probe_detach(caller);
    caller->real = 0;
    leader->real = leader->leader = real;
    leader->zombie = false;
    leader->waits = 0;
    child_exec_end(leader);
    let_go(all, leader);
}

void group_clone(struct children *all, struct child *parent, struct child *c, uint64_t flags) {
    bool thread = flags & CLONE_THREAD;
    c->real = child_clone(parent, flags);
    c->leader = thread ? parent->leader : c->real;
    c->group = thread ? parent->group : c->pid;
    c->mm = flags & CLONE_VM ? parent->mm : ++all->mms;
    c->heap = parent->heap;
    c->stack = parent->stack;
    if (flags & CLONE_VFORK) parent->waits = c->pid;
}

/* Heap and stack are the mm's: all its users know of them. */
void group_set_mm(struct children *all, struct child *c, vaddr_t heap, vaddr_t stack) {
    if (!child_set_mm(c, heap, stack)) internal_error("PR_SET_MM_MAP: refused");
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i].mm != c->mm) continue;
        all->at[i].heap = heap;
        all->at[i].stack = stack;
    }
}
