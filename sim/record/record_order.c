/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of the ring becomes that of the trace. It is the same but for one thing: a call of a
 * process with threads that only adds rights stands where it began, though what it did is known
 * only when it returns. From its RING_ENTER on, items are held back until its RING_LEAVE has come;
 * then the items of the call go first.
 *
 * Between the two a window is open: what another thread of the same address space accesses in the
 * call's range is flagged as racing. The order of the two is not known, but the one chosen is one
 * in which an access that succeeded may succeed.
 */
#include "record_private.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

enum { HELD_MAX = 1 << 20 }; /* whoever waits longer than that for its call does not return */

struct order {
    struct ring_item *held; /* held[first] to held[count - 1]; the first is a RING_ENTER */
    size_t first, count, room, looked; /* up to `looked` no RING_LEAVE of the first one stands */
};

struct order *order_new(void) {
    struct order *o = calloc(1, sizeof *o);
    if (!o) internal_error("out of memory");
    return o;
}

void order_delete(struct order *o) {
    free(o->held);
    free(o);
}

/* ---- Windows --------------------------------------------------------------------------------- */

static struct window *window_of(struct events *e, const struct process *caller) {
    for (unsigned i = 0; i < WINDOWS; i++)
        if (e->window[i].caller == caller) return &e->window[i];
    return NULL;
}

void window_open(struct events *e, const struct process *p, const struct ring_item *enter) {
    struct window *w = window_of(e, NULL);
    if (!w) return;
    *w = (struct window){.caller = p, .range = {{enter->arg[0], enter->arg[1]}}};
    if (e->windows <= (uint32_t)(w - e->window)) e->windows = (uint32_t)(w - e->window) + 1;
}

void window_more(struct events *e, const struct process *p, const struct ring_item *leave) {
    struct window *w = window_of(e, p);
    if (!w) return;
    w->range[1].va = leave->arg[0];
    w->range[1].bytes = leave->arg[1];
}

void window_close(struct events *e, const struct process *p) {
    struct window *w = window_of(e, p);
    if (w) w->caller = NULL;
    while (e->windows && !e->window[e->windows - 1].caller) e->windows--;
}

const struct window *window_race(const struct events *e, const struct process *p, uint64_t va,
                                 unsigned bytes) {
    for (uint32_t i = 0; i < e->windows; i++) {
        const struct window *w = &e->window[i];
        if (!w->caller || w->caller == p || w->caller->mm != p->mm) continue;
        for (unsigned n = 0; n < 2; n++)
            if (va < w->range[n].va + w->range[n].bytes && va + bytes > w->range[n].va) return w;
    }
    return NULL;
}

/* ---- What is held back ----------------------------------------------------------------------- */

static bool may_wait(const struct ring_item *item) {
    return item->kind == RING_ENTER && item->arg[2];
}

static void keep(struct order *o, const struct ring_item *item) {
    if (o->first && (o->first == o->count || (o->count == o->room && o->first > o->room / 2))) {
        memmove(o->held, o->held + o->first, (o->count - o->first) * sizeof *o->held);
        o->count -= o->first;
        o->looked -= o->first;
        o->first = 0;
    }
    if (o->count == o->room) {
        o->room = o->room ? 2 * o->room : 1024;
        o->held = realloc(o->held, o->room * sizeof *o->held);
        if (!o->held) internal_error("out of memory");
    }
    memcpy(&o->held[o->count++], item, sizeof *item);
}

/* The end of the call that the first item begins; NULL: it has not come yet. */
static struct ring_item *leave_of_first(struct order *o) {
    const uint32_t caller = o->held[o->first].pid;
    for (; o->looked < o->count; o->looked++) {
        struct ring_item *item = &o->held[o->looked];
        if (item->pid == caller && item->kind == RING_LEAVE) return item;
    }
    return NULL;
}

/* Its window is opened, and what the call did, done; this is taken out of what is held. */
static void call_first(struct events *e, const struct ring_item *leave) {
    struct order *o = e->order;
    struct ring_item *enter = &o->held[o->first];
    const struct process *p = process_find(e, enter->pid);
    events_do(e, enter);
    if (p) window_more(e, p, leave);
    for (struct ring_item *item = enter + 1; leave->arg[2] && item < leave; item++) {
        if (item->pid != enter->pid) continue;
        events_do(e, item);
        item->kind = RING_NONE;
    }
}

/* Does the first thing that may be done. False: it must wait. */
static bool proceed(struct events *e, bool wait) {
    struct order *o = e->order;
    struct ring_item *first = &o->held[o->first];
    struct ring_item *leave = may_wait(first) ? leave_of_first(o) : NULL;
    if (may_wait(first) && !leave && wait && o->count - o->first < HELD_MAX) return false;
    if (leave)
        call_first(e, leave);
    else if (first->kind != RING_NONE)
        events_do(e, first);
    o->first++;
    o->looked = o->first;
    return true;
}

void order_item(struct events *e, const struct ring_item *item) {
    struct order *o = e->order;
    if (o->first == o->count && !may_wait(item)) {
        events_do(e, item);
        return;
    }
    keep(o, item);
    while (o->first < o->count && proceed(e, true)) {
    }
}

void order_flush(struct events *e) {
    while (e->order->first < e->order->count) proceed(e, false);
}
