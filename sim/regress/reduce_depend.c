/* SPDX-License-Identifier: Apache-2.0
 *
 * Which record needs which: an access the mapping it reaches and the fork of its process, a mapping
 * its file, a range call what it is about, an expectation the record before it and the store it
 * names. It is a guess that saves attempts, never a proof: what a reduced trace is worth the replay
 * says. So address spaces are kept as spans with the record they come from, and no more of Linux
 * than that.
 */
#include "reduce.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

struct span {
    vaddr_t start, end;
    uint32_t from; /* 1 + item that made it */
    bool stack;    /* grows down: reaches the addresses below it */
};

struct space {
    struct span *at;
    size_t count, room;
    vaddr_t heap, heap_end;
    uint32_t brk; /* 1 + the last brk */
};

struct task {
    uint32_t pid, from; /* 1 + item that started it */
    struct space *space;
};

struct world {
    struct task *task;
    struct space **space;
    size_t tasks, spaces;
    struct {
        uint32_t id, from;
    } * file;
    size_t files;
    uint32_t *store; /* by number: 1 + item */
    size_t stores;
};

static void *grown(void *block, size_t count, size_t each) {
    block = realloc(block, count * each);
    if (!block) internal_error("out of memory");
    return block;
}

/* ---- Spans ----------------------------------------------------------------------------------- */

static void append(struct space *s, struct span new) {
    if (new.start >= new.end) return;
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 8;
        s->at = grown(s->at, s->room, sizeof *s->at);
    }
    s->at[s->count++] = new;
}

/* Nothing is mapped there any more. */
static void carve(struct space *s, vaddr_t start, vaddr_t end) {
    size_t kept = 0;
    for (size_t n = 0; n < s->count; n++) {
        struct span old = s->at[n], above = old;
        if (old.end > start && old.start < end) {
            above.start = end;
            s->at[n].end = old.start < start ? start : old.start;
            append(s, above);
        }
        if (s->at[n].start < s->at[n].end) s->at[kept++] = s->at[n];
    }
    s->count = kept;
}

static uint32_t mapping_at(const struct space *s, vaddr_t va) {
    const struct span *stack = NULL;
    if (!s) return 0;
    for (size_t n = s->count; n-- > 0;) {
        const struct span *p = &s->at[n];
        if (va >= p->start && va < p->end) return p->from;
        if (p->stack && va < p->start && p->start < p->end && (!stack || p->start < stack->start))
            stack = p;
    }
    return stack ? stack->from : 0;
}

static struct space *new_space(struct world *w, const struct space *of) {
    struct space *s = calloc(1, sizeof *s);
    if (!s) internal_error("out of memory");
    if (of) {
        *s = *of;
        s->at = grown(NULL, s->room ? s->room : 1, sizeof *s->at);
        memcpy(s->at, of->at, s->count * sizeof *s->at);
    }
    w->space = grown(w->space, w->spaces + 1, sizeof(struct space *));
    return w->space[w->spaces++] = s;
}

/* ---- Tasks and files ------------------------------------------------------------------------- */

static struct task *task_of(struct world *w, uint32_t pid) {
    for (size_t n = w->tasks; n-- > 0;) {
        if (w->task[n].pid == pid) return &w->task[n];
    }
    return NULL;
}

static void start(struct world *w, uint32_t pid, uint32_t from, struct space *s) {
    struct task *t = task_of(w, pid);
    if (!t) {
        w->task = grown(w->task, w->tasks + 1, sizeof *w->task);
        t = &w->task[w->tasks++];
    }
    *t = (struct task){pid, from, s};
}

static uint32_t file_of(const struct world *w, uint32_t id) {
    for (size_t n = 0; id && n < w->files; n++) {
        if (w->file[n].id == id) return w->file[n].from;
    }
    return 0;
}

static void declare(struct world *w, uint32_t id, uint32_t from) {
    w->file = grown(w->file, w->files + 1, sizeof *w->file);
    w->file[w->files].id = id;
    w->file[w->files++].from = from;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void map(struct space *s, const struct os_call *k, uint32_t self) {
    carve(s, k->arg[0], k->arg[0] + k->arg[1]);
    append(s, (struct span){k->arg[0], k->arg[0] + k->arg[1], self,
                            (k->arg[3] & MAP_F_GROWSDOWN) != 0});
}

static void move(struct space *s, const struct os_call *k, uint32_t self) {
    if (!(k->arg[3] & 4)) carve(s, k->arg[0], k->arg[0] + k->arg[1]);
    carve(s, k->arg[4], k->arg[4] + k->arg[2]);
    append(s, (struct span){k->arg[4], k->arg[4] + k->arg[2], self, false});
}

static void set_brk(struct space *s, vaddr_t va, uint32_t self) {
    if (!s->brk) s->heap = s->heap_end = va;
    carve(s, s->heap, s->heap_end);
    append(s, (struct span){s->heap, va, self, false});
    s->heap_end = va;
    s->brk = self;
}

/* What the call needs beside its process, and what it changes. */
static void call(struct world *w, const struct os_call *k, struct task *t, uint32_t self,
                 struct needs *out) {
    struct space *s = t ? t->space : NULL;
    uint32_t child = (uint32_t)k->arg[0];
    if (k->nr == CALL_FILE) declare(w, k->file, self);
    if (k->nr == CALL_EXEC) start(w, k->pid, self, new_space(w, NULL));
    if (k->nr == CALL_FORK) start(w, child, self, new_space(w, s));
    if (k->nr == CALL_CLONE) start(w, child, self, s);
    if (k->nr == CALL_FILE || k->nr == CALL_EXEC || !s) return;
    out->item[1] = file_of(w, k->file);
    switch (k->nr) {
    case CALL_MMAP: map(s, k, self); break;
    case CALL_MUNMAP:
        out->item[2] = mapping_at(s, k->arg[0]);
        carve(s, k->arg[0], k->arg[0] + k->arg[1]);
        break;
    case CALL_BRK:
        out->item[2] = s->brk;
        set_brk(s, k->arg[0], self);
        break;
    case CALL_MREMAP:
        out->item[2] = mapping_at(s, k->arg[0]);
        move(s, k, self);
        break;
    case CALL_MPROTECT:
    case CALL_MSYNC:
    case CALL_MADVISE:
    case CALL_MLOCK:
    case CALL_MUNLOCK:
    case CALL_MINCORE:
    case CALL_READ:
    case CALL_WRITE:
    case CALL_KLOAD:
    case CALL_KSTORE:
    case CALL_SIGFRAME:
    case CALL_GUP: out->item[2] = mapping_at(s, k->arg[0]); break;
    default: break;
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

static void number_store(struct world *w, uint32_t store, uint32_t self) {
    if (store >= w->stores) {
        size_t room = 2 * (size_t)store + 64;
        w->store = grown(w->store, room, sizeof *w->store);
        memset(w->store + w->stores, 0, (room - w->stores) * sizeof *w->store);
        w->stores = room;
    }
    w->store[store] = self;
}

static void item(struct world *w, const struct item *i, uint32_t self, uint32_t subject,
                 struct needs *out) {
    const struct trace_record *r = i->record;
    if (r && r->kind == TRACE_NOTE) return;
    struct task *t = task_of(w, r && r->kind == TRACE_SWITCH ? r->pid : i->pid);
    bool about = r && (r->kind == TRACE_EXPECT || r->kind == TRACE_SIGNAL);
    out->item[0] = t ? t->from : 0;
    if (about) {
        out->item[1] = subject;
        if (i->store && i->store < w->stores) out->item[2] = w->store[i->store];
    } else if (!r) {
        out->item[1] = t ? mapping_at(t->space, i->va) : 0;
        out->item[2] = t ? mapping_at(t->space, i->va + i->bytes - 1) : 0;
    } else if (r->kind == TRACE_CALL) {
        if (r->call.nr == CALL_FILE || r->call.nr == CALL_EXEC) out->item[0] = 0;
        call(w, &r->call, t, self, out);
    }
    if (i->store && !about) number_store(w, i->store, self);
}

struct needs *items_needs(const struct items *l) {
    struct world w = {0};
    struct needs *needs = calloc(l->count + 1, sizeof *needs);
    uint32_t subject = 0;
    if (!needs) internal_error("out of memory");
    for (size_t n = 0; n < l->count; n++) {
        const struct item *i = &l->at[n];
        item(&w, i, (uint32_t)n + 1, subject, &needs[n]);
        if (!i->record || i->record->kind == TRACE_CALL || i->record->kind == TRACE_SWITCH)
            subject = (uint32_t)n + 1;
    }
    for (size_t n = 0; n < w.spaces; n++) {
        free(w.space[n]->at);
        free(w.space[n]);
    }
    free(w.space);
    free(w.task);
    free(w.file);
    free(w.store);
    return needs;
}

void items_close(const struct items *l, const struct needs *needs, uint8_t *gone) {
    for (size_t n = 0; n < l->count; n++) {
        for (unsigned k = 0; k < NEEDS; k++) {
            if (needs[n].item[k]) gone[n] |= gone[needs[n].item[k] - 1];
        }
    }
}
