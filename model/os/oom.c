/* SPDX-License-Identifier: Apache-2.0
 *
 * The OOM killer (mm/oom_kill.c): when a frame must be had and reclaim finds none, the process with
 * the highest oom_badness is killed, and with it all that use its mm. Process 1 is init: it is
 * never chosen. Its memory is free when this returns, but for the caller's own, which goes when the
 * caller leaves the kernel: until then it gets no more.
 */
#include "kernel.h"
#include <stdlib.h>

enum { INIT = 1, ADJ_MIN = -1000, ADJ_SCALE = 1000 };

/* oom_badness, in pages: what killing it would give back, and what it was told to count for. */
static int64_t badness(const struct os *os, const struct task *t) {
    if (t->pid == INIT || t->oom_adj == ADJ_MIN) return INT64_MIN;
    int64_t total = (int64_t)(os->frames.total + swap_total(os));
    return (int64_t)(t->mm->rss + t->mm->swapents + t->mm->tables) +
           t->oom_adj * (total / ADJ_SCALE);
}

static bool init_uses(const struct os *os, const struct mm *mm) {
    const struct task *init = task_find(os, INIT);
    return init && init->mm == mm;
}

/* oom_evaluate_task: of two equally bad ones, the later. */
static struct task *select_victim(struct os *os, int64_t *points) {
    struct task *victim = NULL;
    for (struct task *t = os->tasks; t; t = t->hh.next) {
        if (!t->mm || t->dying || init_uses(os, t->mm)) continue;
        int64_t p = badness(os, t);
        if (p == INT64_MIN || (victim && p < *points)) continue;
        victim = t;
        *points = p;
    }
    return victim;
}

static void note(struct os *os, uint32_t pid, int64_t points) {
    os->kill = grow(os->kill, os->kills, &os->kill_room, sizeof *os->kill);
    os->kill[os->kills++] = (struct os_kill){.pid = pid, .points = points};
    os->stats.oom_kill++;
}

bool oom_kill(struct os *os) {
    int64_t points = 0;
    if (os->current && os->current->dying) return false; /* it is on its way out already */
    struct task *victim = select_victim(os, &points);
    if (!victim) return false;
    struct mm *mm = victim->mm;
    bool own = os->current && os->current->mm == mm;
    for (struct task *t = os->tasks; t; t = t->hh.next) {
        if (t->mm != mm) continue;
        note(os, t->pid, points);
        t->killed = true;
        t->dying = own;
        if (own) continue;
        mm_exit(os, mm);
        t->mm = NULL;
    }
    return !own;
}

/* /proc/PID/oom_score_adj; fork inherits it. */
bool call_oom_adj(struct os *os, struct task *t, const struct os_call *c) {
    int64_t adj = (int64_t)c->arg[0];
    if (adj < ADJ_MIN || adj > ADJ_SCALE)
        return refuse(os, "oom_score_adj: %lld is not between -1000 and 1000", (long long)adj);
    t->oom_adj = (int)adj;
    return true;
}
