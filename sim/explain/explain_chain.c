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
 * Of the calls the trace knows (calls.h): it is read once more, up to the access, and of a
 * recording up to the next note behind it.
 */
#include "explain_private.h"
#include "calls.h"
#include "trace.h"
#include <inttypes.h>
#include <string.h>

static void link_add(struct explain *x, const char *word, uint64_t record, const char *text) {
    if (x->links == EXPLAIN_LINKS) return;
    struct explain_link *l = &x->link[x->links++];
    l->word = word;
    l->record = record;
    snprintf(l->text, sizeof l->text, "%s", text);
}

static struct calls *read_calls(const char *path, uint64_t at) {
    struct calls *c = calls_new();
    struct trace *trace = trace_open(path);
    struct trace_record next;
    while (trace_next(trace, &next)) {
        bool behind = next.index > at, note = next.kind == TRACE_NOTE;
        if (behind && (next.line || trace_get_header(trace)->generated)) break;
        if (!behind || note) calls_read(c, &next);
        if (behind && note) break;
    }
    trace_close(trace);
    return c;
}

static void say_calls(struct explain *x, const char *path) {
    const struct told *found[EXPLAIN_LINKS / 2];
    struct calls *c = read_calls(path, x->at);
    size_t n = calls_origin(c, x->pid, x->at, x->va, &x->behind.vma, found, EXPLAIN_LINKS / 2);
    const struct told *note = n ? calls_note(c, found[0]) : NULL;
    if (note) link_add(x, "note", note->index, note->text);
    for (size_t i = 0; i < n; i++) link_add(x, "call", found[i]->index, found[i]->text);
    calls_delete(c);
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
    char text[EXPLAIN_NAME], bits[64];
    const struct os_smaps *v = &x->behind.vma;
    if (!x->behind.there) return;
    say_calls(x, trace);
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
