/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks that share an address space: clone(2) with CLONE_VM (copy_mm and copy_process of
 * kernel/fork.c).
 *
 *   thread   CLONE_VM|CLONE_THREAD: of the caller's group. A fatal signal, exec and exit_group end
 *            the whole group; exit ends one task of it.
 *   vm       CLONE_VM alone: a process of its own over the same memory.
 *   vfork    CLONE_VM|CLONE_VFORK, as vfork(2) and posix_spawn(3): a process too; the caller waits
 *            until it execs or ends (wait_for_vfork_done, mm_release).
 *
 * Nothing is copied and nothing is write-protected: there is one mm, one page table, one ASID. So a
 * switch between its users finds prev == next in switch_mm and asks the hart for nothing. The mm
 * goes with the last of them.
 */
#include "smaps.h"
#include "thread.h"
#include <stdlib.h>

/* ---- Groups -------------------------------------------------------------------------- */
struct task *group_other(const struct os *os, uint32_t group, const struct task *than) {
    for (struct task *t = os->tasks; t; t = t->hh.next)
        if (t->group == group && t != than && t->mm) return t;
    return NULL;
}

/* zap_other_threads: all of the group but one; NULL: all. */
void group_end(struct os *os, uint32_t group, const struct task *but) {
    for (struct task *t; (t = group_other(os, group, but));) {
        task_end(os, t);
        task_free(os, t);
    }
}

/* ---- vfork --------------------------------------------------------------------------- */

/* mm_release, complete_vfork_done: whoever waits for this task goes on. */
void vfork_done(struct os *os, const struct task *child) {
    for (struct task *t = os->tasks; t; t = t->hh.next)
        if (t->waits == child->pid) t->waits = 0;
}

/* ---- clone --------------------------------------------------------------------------- */
bool call_clone(struct os *os, struct task *caller, const struct os_call *c) {
    uint32_t child = (uint32_t)c->arg[0];
    bool thread = c->arg[1] & CLONE_F_THREAD, vfork = c->arg[1] & CLONE_F_VFORK;
    if (!(c->arg[1] & CLONE_F_VM) || (thread && vfork))
        return refuse(os, "clone: flags 0x%llx are not modelled", (unsigned long long)c->arg[1]);
    if (task_find(os, child) || group_other(os, child, NULL))
        return refuse(os, "clone: process %u is there already", child);
    struct task *t = task_new(os, child);
    t->mm = caller->mm;
    t->mm->users++;
    if (thread)
        t->group = caller->group;
    else
        process_begin(os, child);
    if (vfork) {
        caller->waits = child;
        os->current = NULL;
    }
    return true;
}
