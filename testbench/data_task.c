/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks: who runs on which space. fork gives the child a space of its own; clone(CLONE_VM) one more
 * user of the caller's, which ends with its last user. A thread belongs to the group of the task
 * that cloned it: exec, exit_group and a fatal signal end the whole group.
 */
#include "data_internal.h"
#include <stdlib.h>

static struct task *task_find(const struct data *d, uint32_t pid) {
    for (size_t i = 0; i < d->tasks; i++)
        if (d->task[i].pid == pid) return &d->task[i];
    return NULL;
}

struct space *data_space(struct data *d, uint32_t pid) {
    if (d->last && d->last_pid == pid) return d->last;
    const struct task *t = task_find(d, pid);
    if (!t) return NULL;
    d->last_pid = pid;
    return d->last = t->space;
}

bool data_task_taken(const struct data *d, uint32_t pid) {
    for (size_t i = 0; i < d->tasks; i++)
        if (d->task[i].pid == pid || d->task[i].group == pid) return true;
    return false;
}

uint32_t data_task_group(const struct data *d, uint32_t pid) {
    const struct task *t = task_find(d, pid);
    return t ? t->group : pid;
}

void data_task_new(struct data *d, uint32_t pid, uint32_t group, struct space *s) {
    d->task = data_grow(d->task, d->tasks, &d->tasks_room, sizeof *d->task);
    d->task[d->tasks++] = (struct task){pid, group, s};
    s->users++;
}

void data_task_end(struct data *d, uint32_t pid) {
    struct task *t = task_find(d, pid);
    if (!t) return;
    struct space *s = t->space;
    *t = d->task[--d->tasks];
    d->last = NULL;
    if (--s->users == 0) data_space_delete(d, s);
}

void data_group_end(struct data *d, uint32_t group) {
    for (size_t i = d->tasks; i-- > 0;)
        if (d->task[i].group == group) data_task_end(d, d->task[i].pid);
}
