/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tasks a trace has, for its rules: who lives, whose thread group is whose, who waits for a
 * vfork child. One bit a pid; beyond that only threads and waiting parents are kept, in two short
 * lists.
 */
#include "trace_private.h"
#include "error.h"
#include <stdlib.h>

static void put(uint8_t *set, uint32_t i) {
    set[i >> 3] |= (uint8_t)(1u << (i & 7));
}
static void drop(uint8_t *set, uint32_t i) {
    set[i >> 3] &= (uint8_t) ~(1u << (i & 7));
}

bool tasks_alive(const struct trace_tasks *t, uint32_t pid) {
    return t->alive[pid >> 3] >> (pid & 7) & 1;
}

static void pair_add(struct trace_pairs *p, uint32_t a, uint32_t b) {
    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 16;
        p->at = realloc(p->at, p->room * sizeof *p->at);
        if (!p->at) internal_error("out of memory");
    }
    p->at[p->count++] = (struct trace_pair){a, b};
}

static const struct trace_pair *pair_find(const struct trace_pairs *p, uint32_t a) {
    for (size_t i = 0; i < p->count; i++)
        if (p->at[i].a == a) return &p->at[i];
    return NULL;
}

/* Those with this a, or with this b; 0: does not matter. */
static void pair_drop(struct trace_pairs *p, uint32_t a, uint32_t b) {
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->at[i].a != a && p->at[i].b != b) p->at[n++] = p->at[i];
    p->count = n;
}

uint32_t tasks_group(const struct trace_tasks *t, uint32_t pid) {
    const struct trace_pair *thread = pair_find(&t->threads, pid);
    return thread ? thread->b : pid;
}

uint32_t tasks_waits(const struct trace_tasks *t, uint32_t pid) {
    const struct trace_pair *wait = pair_find(&t->waits, pid);
    return wait ? wait->b : 0;
}

bool tasks_taken(const struct trace_tasks *t, uint32_t pid) {
    for (size_t i = 0; i < t->threads.count; i++)
        if (t->threads.at[i].b == pid) return true;
    return tasks_alive(t, pid);
}

void tasks_start(struct trace_tasks *t, uint32_t pid, uint32_t group) {
    put(t->alive, pid);
    if (group != pid) pair_add(&t->threads, pid, group);
}

void tasks_wait(struct trace_tasks *t, uint32_t parent, uint32_t child) {
    pair_add(&t->waits, parent, child);
}

void tasks_released(struct trace_tasks *t, uint32_t child) {
    pair_drop(&t->waits, 0, child);
}

void tasks_end(struct trace_tasks *t, uint32_t pid) {
    drop(t->alive, pid);
    pair_drop(&t->threads, pid, 0);
    pair_drop(&t->waits, pid, pid);
}

void tasks_end_group(struct trace_tasks *t, uint32_t group) {
    for (size_t i = t->threads.count; i-- > 0;)
        if (t->threads.at[i].b == group) tasks_end(t, t->threads.at[i].a);
    tasks_end(t, group);
}

void tasks_free(struct trace_tasks *t) {
    free(t->alive);
    free(t->threads.at);
    free(t->waits.at);
}
