/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of --ps, and the states that a replay leaves for it.
 */
#include "ps.h"
#include "error.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *room(void *array, size_t count, size_t bytes) {
    array = realloc(array, (count + 1) * bytes);
    if (!array) internal_error("out of memory");
    return array;
}

/* ---- What is asked ------------------------------------------------------------------------- */

static void ask(struct ps *p, uint64_t record, bool note) {
    size_t at = p->states;
    while (at && p->state[at - 1].asked > record) at--;
    if (at && p->state[at - 1].asked == record) return;
    p->state = room(p->state, p->states, sizeof *p->state);
    memmove(&p->state[at + 1], &p->state[at], (p->states++ - at) * sizeof *p->state);
    p->state[at] = (struct ps_state){.asked = record, .note = note};
}

bool ps_ask(struct ps *p, const char *list) {
    for (const char *word = list;; word++) {
        size_t n = strcspn(word, ",");
        char *end;
        errno = 0;
        uint64_t record = strtoull(word, &end, 10);
        if (n == 3 && !strncmp(word, "end", n))
            ask(p, PS_END, false);
        else if (n == 5 && !strncmp(word, "notes", n))
            p->notes = true;
        else if (n && end == word + n && *word != '-' && record && !errno)
            ask(p, record, false);
        else
            return false;
        word += n;
        if (!*word) return true;
    }
}

const struct ps_state *ps_missed(const struct ps *p) {
    for (size_t i = 0; i < p->states; i++)
        if (!p->state[i].taken) return &p->state[i];
    return NULL;
}

/* ---- What is there ------------------------------------------------------------------------- */

static void clear(struct ps_state *s) {
    for (size_t i = 0; i < s->processes; i++) {
        for (size_t k = 0; k < s->process[i].vmas; k++) free((char *)s->process[i].vma[k].name);
        free(s->process[i].vma);
        free(s->process[i].made);
    }
    free(s->process);
    free(s->text);
    *s = (struct ps_state){.asked = s->asked, .note = s->note};
}

void ps_begin(struct ps *p) {
    size_t kept = 0;
    for (size_t i = 0; i < p->states; i++) {
        clear(&p->state[i]);
        if (!p->state[i].note) p->state[kept++] = p->state[i];
    }
    p->states = kept;
    calls_delete(p->calls);
    p->calls = p->notes ? calls_new() : NULL;
    p->next = p->read = 0;
    p->last = 0;
}

void ps_free(struct ps *p) {
    ps_begin(p);
    calls_delete(p->calls);
    free(p->state);
    *p = (struct ps){0};
}

/* Records are read before those in front of them are done: a text waits for its state. */
void ps_read(struct ps *p, const struct trace_record *r) {
    char text[TRACE_TEXT_MAX];
    p->last = r->index;
    if (p->calls) calls_read(p->calls, r);
    if (p->notes && r->kind == TRACE_NOTE) ask(p, r->index, true);
    if (p->read == p->states || p->state[p->read].asked != r->index) return;
    trace_print(r, text, sizeof text);
    text[strcspn(text, "\n")] = 0;
    p->state[p->read].text = strdup(text);
    p->state[p->read++].line = r->line;
}

static void take_made(struct ps_process *to, const struct os *os, const struct calls *calls,
                      uint64_t record) {
    const struct told *made;
    struct os_backing on;
    to->made = room(NULL, to->vmas, sizeof *to->made);
    for (size_t i = 0; i < to->vmas; i++) {
        vaddr_t start = to->vma[i].start;
        char *text = to->made[i].text;
        *text = 0;
        if (!calls_origin(calls, to->status.task, record, start, &to->vma[i], &made, 1)) continue;
        os_backing(os, to->status.task, start, &on);
        snprintf(text, sizeof to->made[i].text, "%s %" PRIu64 "%s%s", call_word(made->call.nr),
                 made->index, on.file ? " on " : "", on.file ? store_word(on.store) : "");
    }
}

static void take_process(struct ps_process *to, const struct os *os, const struct os_status *s) {
    struct os_smaps vma;
    *to = (struct ps_process){.status = *s};
    for (size_t i = 0; os_smaps(os, s->task, i, &vma); i++) {
        vma.name = strdup(vma.name);
        if (!vma.name) internal_error("out of memory");
        to->vma = room(to->vma, to->vmas, sizeof vma);
        to->vma[to->vmas++] = vma;
    }
}

static void take(struct ps_state *s, const struct os *os, const struct calls *calls,
                 uint64_t record) {
    size_t count = os_processes(os, NULL, 0);
    struct os_status *status = room(NULL, count, sizeof *status);
    os_processes(os, status, count);
    s->process = room(NULL, count, sizeof *s->process);
    for (size_t i = 0; i < count; i++) {
        take_process(&s->process[i], os, &status[i]);
        if (calls) take_made(&s->process[i], os, calls, record);
    }
    s->processes = count;
    s->record = record;
    s->taken = true;
    free(status);
}

void ps_take(struct ps *p, const struct os *os, uint64_t next) {
    for (; ps_due(p, next); p->next++)
        take(&p->state[p->next], os, p->calls, p->state[p->next].asked);
}

void ps_end(struct ps *p, const struct os *os) {
    ps_take(p, os, p->last + 1);
    struct ps_state *s = p->states ? &p->state[p->states - 1] : NULL;
    if (s && s->asked == PS_END) take(s, os, p->calls, p->last);
}
