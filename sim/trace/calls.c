/* SPDX-License-Identifier: Apache-2.0
 *
 * Forward: which tasks share an address space, and where its heap ended. Backward: what each call
 * has to do with an address.
 */
#include "calls.h"
#include "error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct member { /* of an address space, as of the last record read */
    uint32_t pid;
    unsigned space;
};

struct calls {
    struct told *told;
    struct member *member;
    vaddr_t *brk; /* of each space, from 1 */
    size_t count, room, members, member_room, brk_room;
    unsigned spaces;
    bool text;
};

struct calls *calls_new(void) {
    struct calls *c = calloc(1, sizeof *c);
    if (!c) internal_error("out of memory");
    return c;
}

void calls_delete(struct calls *c) {
    if (!c) return;
    free(c->told);
    free(c->member);
    free(c->brk);
    free(c);
}

/* ---- Forward ------------------------------------------------------------------------------- */
static void *grown(void *array, size_t count, size_t *room, size_t bytes) {
    if (count < *room) return array;
    *room = *room ? 2 * *room : 64;
    array = realloc(array, *room * bytes);
    if (!array) internal_error("out of memory");
    return array;
}

static unsigned *space_of(struct calls *c, uint32_t pid) {
    size_t i = 0;
    while (i < c->members && c->member[i].pid != pid) i++;
    if (i == c->members) {
        c->member = grown(c->member, i, &c->member_room, sizeof *c->member);
        c->member[c->members++] = (struct member){pid, 0};
    }
    return &c->member[i].space;
}

static unsigned space_new(struct calls *c, unsigned like) {
    c->brk = grown(c->brk, c->spaces + 1, &c->brk_room, sizeof *c->brk);
    c->spaces++;
    c->brk[c->spaces] = like ? c->brk[like] : 0;
    return c->spaces;
}

static void call_read(struct calls *c, struct told *t) {
    const struct os_call *k = &t->call;
    t->space = *space_of(c, k->pid);
    if (k->nr == CALL_EXEC) *space_of(c, k->pid) = t->made = space_new(c, 0);
    if (k->nr == CALL_FORK) *space_of(c, (uint32_t)k->arg[0]) = t->made = space_new(c, t->space);
    if (k->nr == CALL_CLONE) *space_of(c, (uint32_t)k->arg[0]) = t->space;
    if (k->nr != CALL_BRK || !t->space) return;
    t->brk = c->brk[t->space];
    c->brk[t->space] = k->arg[0];
}

void calls_read(struct calls *c, const struct trace_record *r) {
    char text[TRACE_TEXT_MAX];
    c->text |= r->line > 0;
    if (r->kind != TRACE_NOTE && r->kind != TRACE_CALL) return;
    trace_print(r, text, sizeof text);
    text[strcspn(text, "\n")] = 0;
    c->told = grown(c->told, c->count, &c->room, sizeof *c->told);
    struct told *t = &c->told[c->count++];
    *t = (struct told){.index = r->index};
    snprintf(t->text, sizeof t->text, "%.*s", CALLS_TEXT - 1,
             r->kind == TRACE_NOTE ? r->text : text);
    if (r->kind == TRACE_NOTE) return;
    t->call = r->call;
    call_read(c, t);
}

/* ---- Backward ------------------------------------------------------------------------------ */

/* The one that it is in behind this record. */
static unsigned space_then(const struct calls *c, uint32_t pid, uint64_t at) {
    for (size_t i = c->count; i-- > 0;) {
        const struct told *t = &c->told[i];
        bool child = t->call.nr == CALL_FORK || t->call.nr == CALL_CLONE;
        if (t->index > at || t->call.nr == CALL_NONE) continue;
        if (child && t->call.arg[0] == pid) return t->made ? t->made : t->space;
        if (t->call.pid == pid) return t->call.nr == CALL_EXEC ? t->made : t->space;
    }
    return 0;
}

static vaddr_t page_up(vaddr_t va) {
    return (va + PAGE_BYTES - 1) & ~(vaddr_t)(PAGE_BYTES - 1);
}

static bool covers(vaddr_t start, uint64_t bytes, vaddr_t va) {
    return va - start < page_up(bytes);
}

/* What the call has to do with the address: nothing, brings it here (and *va was its address
 * before), or makes it. */
enum role { NOTHING, BRINGS, MAKES };

static enum role role_of(const struct told *t, const struct os_smaps *vma, unsigned *space,
                         vaddr_t *va) {
    const uint64_t *a = t->call.arg;
    if (t->call.nr == CALL_FORK && t->made == *space) {
        *space = t->space;
        return BRINGS;
    }
    if (t->space != *space) return NOTHING;
    switch (t->call.nr) {
    case CALL_MMAP: /* a stack has grown down to where its VMA begins */
        if ((a[3] & MAP_F_GROWSDOWN) && *va >= vma->start && *va < a[0] && a[0] < vma->end)
            return MAKES;
        return covers(a[0], a[1], *va) ? MAKES : NOTHING;
    case CALL_BRK: return t->brk && *va >= page_up(t->brk) && *va < page_up(a[0]) ? MAKES : NOTHING;
    case CALL_MREMAP:
        if (!covers(a[4], a[2], *va)) return NOTHING;
        if (!covers(0, a[1], *va - a[4])) return MAKES;
        *va = *va - a[4] + a[0];
        return BRINGS;
    default: return NOTHING;
    }
}

size_t calls_origin(const struct calls *c, uint32_t pid, uint64_t at, vaddr_t va,
                    const struct os_smaps *vma, const struct told *found[], size_t most) {
    unsigned space = space_then(c, pid, at);
    enum role role = NOTHING;
    size_t n = 0;
    va &= ~(vaddr_t)(PAGE_BYTES - 1);
    for (size_t i = c->count; space && i-- > 0 && role != MAKES;) {
        const struct told *t = &c->told[i];
        if (t->index > at || t->call.nr == CALL_NONE) continue;
        role = role_of(t, vma, &space, &va);
        if (role == NOTHING) continue;
        memmove(&found[1], &found[0], (n < most ? n : most - 1) * sizeof *found);
        found[0] = t;
        n += n < most;
    }
    return role == MAKES ? n : 0;
}

const struct told *calls_note(const struct calls *c, const struct told *call) {
    for (size_t i = (size_t)(call - c->told); c->text ? i-- > 0 : ++i < c->count;)
        if (c->told[i].call.nr == CALL_NONE) return &c->told[i];
    return NULL;
}
