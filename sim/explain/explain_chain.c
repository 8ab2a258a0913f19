/* SPDX-License-Identifier: Apache-2.0
 *
 * From the library's call down to the bytes, of the page that was accessed, as it is behind the
 * access:
 *
 *   note    what the program says of it: malloc(256 KiB)
 *   call    mmap or brk that made the page's address a place, and fork, mremap that brought it here
 *   vma     the mapping it lies in
 *   pte     what the page table says
 *   frame, swap, block   where the bytes are
 *
 * The kernel keeps nothing of the call behind the VMA, which merges and splits. So the records are
 * read again: forward, to know which tasks share an address space and where its heap ended, then
 * backward from the access to the call that the address comes from.
 *
 * A note of a recorded program stands behind what it tells of (docs/recording.md), one of a text
 * trace before it.
 */
#include "explain_private.h"
#include "error.h"
#include "trace.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct told { /* a call or a note, in order */
    uint64_t index;
    struct os_call call;  /* nr CALL_NONE: a note */
    unsigned space, made; /* address space that it acts in; that it makes, 0: none */
    vaddr_t brk;          /* where the heap ended before */
    char text[EXPLAIN_NAME];
};

struct task { /* of the trace */
    uint32_t pid;
    unsigned space;
};

struct reading {
    struct told *told;
    size_t count, room;
    struct task task[256]; /* those behind are without a chain */
    size_t tasks;
    vaddr_t *brk; /* of each space, from 1 */
    unsigned spaces;
    size_t brk_room;
    bool text;
};

/* ---- Forward ------------------------------------------------------------------------------- */
static void *grown(void *array, size_t count, size_t *room, size_t bytes) {
    if (count < *room) return array;
    *room = *room ? 2 * *room : 64;
    array = realloc(array, *room * bytes);
    if (!array) internal_error("out of memory");
    return array;
}

static struct task *task_of(struct reading *r, uint32_t pid) {
    size_t i = 0;
    while (i < r->tasks && r->task[i].pid != pid) i++;
    if (i == sizeof r->task / sizeof *r->task) i--;
    if (i == r->tasks) r->tasks++;
    if (r->task[i].pid != pid) r->task[i] = (struct task){pid, 0};
    return &r->task[i];
}

static unsigned space_new(struct reading *r, unsigned like) {
    r->brk = grown(r->brk, r->spaces + 1, &r->brk_room, sizeof *r->brk);
    r->brk[++r->spaces] = like ? r->brk[like] : 0;
    return r->spaces;
}

static void call_told(struct reading *r, struct told *t) {
    const struct os_call *k = &t->call;
    t->space = task_of(r, k->pid)->space;
    if (k->nr == CALL_EXEC) t->made = task_of(r, k->pid)->space = space_new(r, 0);
    if (k->nr == CALL_FORK)
        t->made = task_of(r, (uint32_t)k->arg[0])->space = space_new(r, t->space);
    if (k->nr == CALL_CLONE) task_of(r, (uint32_t)k->arg[0])->space = t->space;
    if (k->nr != CALL_BRK || !t->space) return;
    t->brk = r->brk[t->space];
    r->brk[t->space] = k->arg[0];
}

/* Up to the access; of a recording, to the next note behind it. */
static void read_all(struct reading *r, const char *path, uint64_t at) {
    struct trace *trace = trace_open(path);
    struct trace_record next;
    while (trace_next(trace, &next)) {
        bool note = next.kind == TRACE_NOTE;
        r->text = next.line > 0;
        if (next.index > at && (r->text || trace_get_header(trace)->generated)) break;
        if (!note && (next.kind != TRACE_CALL || next.index > at)) continue;
        r->told = grown(r->told, r->count, &r->room, sizeof *r->told);
        struct told *t = &r->told[r->count++];
        *t = (struct told){.index = next.index};
        char text[TRACE_TEXT_MAX];
        trace_print(&next, text, sizeof text);
        text[strcspn(text, "\n")] = 0;
        snprintf(t->text, sizeof t->text, "%.*s", EXPLAIN_NAME - 1, note ? next.text : text);
        if (note && next.index > at) break;
        if (note) continue;
        t->call = next.call;
        call_told(r, t);
    }
    trace_close(trace);
}

/* ---- Backward ------------------------------------------------------------------------------ */
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
    case CALL_MMAP:
        if ((a[3] & MAP_F_GROWSDOWN) && *va < a[0] && *va >= vma->start && a[0] < vma->end)
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

static void link_add(struct explain *x, const char *word, uint64_t record, const char *text) {
    if (x->links == EXPLAIN_LINKS) return;
    struct explain_link *l = &x->link[x->links++];
    l->word = word;
    l->record = record;
    snprintf(l->text, sizeof l->text, "%s", text);
}

static const struct told *note_of(const struct reading *r, size_t call) {
    for (size_t i = call; r->text ? i-- > 0 : ++i < r->count;)
        if (r->told[i].call.nr == CALL_NONE) return &r->told[i];
    return NULL;
}

/* The call first that made it, what brought it here behind. */
static void calls(struct explain *x, struct reading *r) {
    size_t found[EXPLAIN_LINKS], n = 0;
    unsigned space = task_of(r, x->pid)->space;
    vaddr_t va = x->va & ~(vaddr_t)(PAGE_BYTES - 1);
    enum role role = NOTHING;
    for (size_t i = r->count; i-- > 0 && role != MAKES && n < EXPLAIN_LINKS / 2;) {
        if (r->told[i].index > x->at || r->told[i].call.nr == CALL_NONE) continue;
        role = role_of(&r->told[i], &x->behind.vma, &space, &va);
        if (role != NOTHING) found[n++] = i;
    }
    const struct told *note = role == MAKES ? note_of(r, found[n - 1]) : NULL;
    if (note) link_add(x, "note", note->index, note->text);
    while (n--) link_add(x, "call", r->told[found[n]].index, r->told[found[n]].text);
}

/* ---- Where the bytes are ------------------------------------------------------------------- */
static void say_frame(struct explain *x) {
    const struct os_page *p = &x->behind.page.page;
    static const char *const kinds[] = {"the zero page", "anonymous", "of the page cache",
                                        "of a device"};
    char text[EXPLAIN_NAME], mapped[32] = "";
    if (!x->behind.page.there) return;
    if (p->mapped)
        snprintf(mapped, sizeof mapped, ", mapped by %u PTE%s", p->mapped,
                 p->mapped == 1 ? "" : "s");
    snprintf(text, sizeof text, "0x%" PRIx64 ", %s%s", (uint64_t)p->ppn, kinds[p->kind], mapped);
    link_add(x, "frame", 0, text);
}

static void say_backing(struct explain *x) {
    const struct os_backing *b = &x->behind.backing;
    char text[EXPLAIN_NAME];
    if (b->slot || x->came) {
        snprintf(text, sizeof text, "slot %u of the swap device%s", b->slot ? b->slot : x->came,
                 b->slot ? "" : ", whence it came: free again");
        link_add(x, "swap", 0, text);
    }
    if (!b->file || (x->behind.page.there && x->behind.page.page.kind == OS_PAGE_ANON)) return;
    snprintf(text, sizeof text, "page %" PRIu64 " of file %u, which lies on: %s", b->index, b->file,
             store_doc(b->store));
    link_add(x, "block", 0, text);
}

/* Behind the access, while its process is there. */
void explain_behind(struct core *c, const struct entry *a) {
    struct explain *x = c->opt->explain;
    x->behind.there = explain_page_at(c, a->pid, x->va, &x->behind.page, &x->behind.vma);
    if (!x->behind.there) return;
    snprintf(x->behind.name, sizeof x->behind.name, "%s", x->behind.vma.name);
    x->behind.vma.name = NULL;
    os_backing(c->os, a->pid, x->va, &x->behind.backing);
}

void explain_chain(struct explain *x, const char *trace) {
    struct reading r = {0};
    char text[EXPLAIN_NAME], bits[64];
    const struct os_smaps *v = &x->behind.vma;
    if (!x->behind.there) return;
    read_all(&r, trace, x->at);
    calls(x, &r);
    free(r.told);
    free(r.brk);
    snprintf(text, sizeof text, "%08" PRIx64 "-%08" PRIx64 " %s %08" PRIx64 " %.60s", v->start,
             v->end, v->perm, v->offset, x->behind.name);
    text[strlen(text) - !*x->behind.name] = 0;
    link_add(x, "vma", 0, text);
    if (x->behind.page.pte) {
        snprintf(text, sizeof text, "level %d: %s", x->behind.page.level,
                 explain_pte_bits(x->cfg, x->behind.page.pte, bits));
        link_add(x, "pte", 0, text);
    }
    say_frame(x);
    say_backing(x);
}
