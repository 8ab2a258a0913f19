/* SPDX-License-Identifier: Apache-2.0
 *
 * clone and exit. qemu-user makes a thread of the host of each thread of the guest, and a process
 * of each process; a vfork it makes a fork, and its parent goes on at once. So the parent is held
 * back here until the child has started another program or ended, as the kernel would
 * [wait_for_vfork_done, kernel/fork.c]; what the child stores meanwhile its parent does not see.
 */
#define _GNU_SOURCE
#include "enums.h"
#include "numbers.h"
#include "os/call.h"
#include "plugin.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Held while a thread is made, so that nothing of it comes before it has been told of. Not the lock
 * of the address space: that is held in fork, too, where qemu waits for every thread to leave the
 * guest's code, and a thread that begins is in it. */
static pthread_mutex_t birth = PTHREAD_MUTEX_INITIALIZER;

void task_begin(struct recorder *r, struct ring *ring) {
    *r = (struct recorder){.ring = ring, .pid = (uint32_t)gettid()};
    pthread_mutex_lock(&birth);
    pthread_mutex_unlock(&birth);
}

/* ---- vfork ----------------------------------------------------------------------------------- */

static void nap(const struct recorder *r) {
    const struct timespec t = {0, 50000};
    nanosleep(&t, NULL);
    if (kill(r->ring->reader, 0) != 0 && errno == ESRCH) _exit(127);
}

static void vfork_reserve(struct recorder *r) {
    for (;; nap(r))
        for (unsigned i = 0; i < RING_VFORKS; i++) {
            uint32_t free = 0;
            if (!atomic_compare_exchange_strong(&r->ring->vfork[i], &free, r->pid)) continue;
            r->waits_at = i + 1;
            return;
        }
}

static void vfork_free(struct recorder *r, unsigned *place) {
    if (*place) atomic_store(&r->ring->vfork[*place - 1], 0);
    *place = 0;
}

static bool is_dead(pid_t child) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid;
}

static void vfork_wait(struct recorder *r, pid_t child) {
    const uint64_t dead = (uint64_t)child;
    uint32_t own = r->pid;
    _Atomic uint32_t *place = &r->ring->vfork[r->waits_at - 1];
    while (atomic_load(place) == r->pid && !is_dead(child)) {
        if (atomic_load(&r->ring->stop)) break;
        nap(r);
    }
    if (atomic_compare_exchange_strong(place, &own, 0)) push(r, RING_REAPED, 0, 0, &dead, 1);
    r->waits_at = 0;
}

void task_started(struct recorder *r, unsigned parent_at) {
    r->parent_at = parent_at;
    vfork_free(r, &r->parent_at);
}

/* ---- clone, exit ----------------------------------------------------------------------------- */

static void enter_clone(struct recorder *r) {
    uint64_t flags = r->args[0];
    if ((flags & CLONE_VM) && !(flags & (CLONE_VFORK | CLONE_THREAD)))
        push_refuse(r, RING_REFUSE_CLONE);
    space_lock(r);
    if (flags & CLONE_THREAD) pthread_mutex_lock(&birth);
    if ((flags & CLONE_VM) && (flags & CLONE_VFORK)) vfork_reserve(r);
}

static void in_child(struct recorder *r) {
    const uint64_t arg[] = {r->pid, r->args[0]};
    r->pid = (uint32_t)gettid();
    r->parent_at = r->waits_at;
    r->waits_at = 0;
    space_threads(false);
    push(r, RING_FORKED, 0, 0, arg, 2);
    if (r->args[0] & CLONE_CHILD_SETTID) push_user(r, CALL_KSTORE, r->args[4], 4);
}

static void leave_clone(struct recorder *r, int64_t ret) {
    const uint64_t flags = r->args[0], clear = flags & CLONE_CHILD_CLEARTID ? r->args[4] : 0;
    const uint64_t arg[] = {(uint64_t)ret, flags, clear};
    bool vfork = (flags & CLONE_VM) && (flags & CLONE_VFORK);
    if (ret == 0) in_child(r);
    if (ret > 0) push(r, RING_FORK, 0, 0, arg, 3);
    if (ret > 0 && vfork) {
        space_unlock(r);
        vfork_wait(r, (pid_t)ret);
    }
    if (ret > 0 && (flags & CLONE_PARENT_SETTID)) push_user(r, CALL_KSTORE, r->args[2], 4);
    if (ret > 0 && (flags & CLONE_THREAD)) space_threads(true);
    if (flags & CLONE_THREAD) pthread_mutex_unlock(&birth);
    if (ret < 0) vfork_free(r, &r->waits_at);
    space_unlock(r);
}

void task_enter(struct recorder *r, int64_t nr) {
    if (nr == NR_CLONE) enter_clone(r);
    if (nr != NR_EXIT && nr != NR_EXIT_GROUP) return;
    push_call(r, CALL_EXIT, false, nr == NR_EXIT_GROUP, 0, 0, 0, 0);
    vfork_free(r, &r->parent_at);
}

bool task_leave(struct recorder *r, int64_t nr, int64_t ret) {
    switch (nr) {
    case NR_CLONE: leave_clone(r, ret); return true;
    case NR_SET_TID_ADDRESS: push(r, RING_TID, 0, 0, &r->args[0], 1); return true;
    case NR_EXIT:
    case NR_EXIT_GROUP: return true;
    default: return false;
    }
}
