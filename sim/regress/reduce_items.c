/* SPDX-License-Identifier: Apache-2.0
 *
 * A trace in memory, as a list from which records are taken away. An access is 32 bytes; a record
 * of another kind lives once, however many lists hold it. Who runs is kept with each item, so a
 * list that has lost a `run` knows where one is missing. Stores are numbered, since their bytes
 * follow from their numbers: an expectation that names one gets the number it has in what is left.
 */
#include "reduce.h"
#include "error.h"
#include "expect.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *block) {
    if (!block) internal_error("out of memory");
    return block;
}

static struct item *add(struct items *l, const struct item *i) {
    if (l->count == l->room) {
        l->room = l->room ? 2 * l->room : 64;
        l->at = need(realloc(l->at, l->room * sizeof *l->at));
    }
    l->at[l->count] = *i;
    return &l->at[l->count++];
}

void items_free(struct items *l) {
    free(l->at);
    *l = (struct items){0};
}

/* Records that are held by lists, of which no list knows the others. Those made for a candidate
 * that was refused go with it, the others all at once. */
static struct held {
    struct held *before;
    struct trace_record record;
    char *text, *path;
} * held, *of_best;

struct trace_record *items_record(const struct trace_record *r) {
    struct held *h = need(malloc(sizeof *h));
    *h = (struct held){.before = held, .record = *r};
    if (r->text) h->record.text = h->text = need(strdup(r->text));
    if (r->call.path) h->record.call.path = h->path = need(strdup(r->call.path));
    held = h;
    return &h->record;
}

static void release(const struct held *down_to) {
    while (held != down_to) {
        struct held *h = held;
        held = h->before;
        free(h->text);
        free(h->path);
        free(h);
    }
}

void items_decided(bool taken) {
    if (taken)
        of_best = held;
    else
        release(of_best);
}

void items_end(void) {
    release(NULL);
    of_best = NULL;
}

bool item_calls(const struct item *i, uint8_t nr) {
    return i->record && i->record->kind == TRACE_CALL && i->record->call.nr == nr;
}

/* ---- Who runs, and which store it is --------------------------------------------------------- */

/* After the item, if `running` runs before it. */
static uint32_t runs_after(const struct item *i, uint32_t running) {
    const struct trace_record *r = i->record;
    struct expect e;
    if (!r) return running;
    switch (r->kind) {
    case TRACE_SWITCH: return r->pid;
    case TRACE_SIGNAL: return r->caught ? running : 0;
    case TRACE_NOTE:
    case TRACE_PINS: return running;
    case TRACE_EXPECT: return expect_parse(r->text, &e) && e.kind == EXPECT_SIGNAL ? 0 : running;
    default: break;
    }
    if (r->call.nr == CALL_EXEC) return r->call.pid;
    bool waits = r->call.nr == CALL_CLONE && (r->call.arg[1] & CLONE_F_VFORK);
    return waits || r->call.nr == CALL_EXIT ? 0 : running;
}

static bool stores(const struct item *i) {
    return i->record ? i->record->kind == TRACE_CALL && call_stores(&i->record->call)
                     : i->access == ACCESS_STORE || i->access == ACCESS_AMO;
}

static uint32_t store_named(const struct trace_record *r) {
    struct expect e;
    bool names = r->kind == TRACE_EXPECT && expect_parse(r->text, &e) &&
                 (e.kind == EXPECT_VALUE || e.kind == EXPECT_DISK) && e.bytes == EXPECT_BYTES_STORE;
    return names ? (uint32_t)e.count : 0;
}

void items_load(struct items *l, const struct reduce *reduce) {
    static const struct trace_record note = {.kind = TRACE_NOTE, .text = ""};
    struct trace *t = trace_open_for(reduce->trace, &reduce->config);
    struct trace_record r;
    uint32_t running = 0, count = 0;
    l->pins = trace_get_header(t)->pins;
    const uint64_t period = l->pins ? 1 : reduce_period(reduce);
    const uint64_t header = reduce_header(reduce, &reduce->config);
    while (trace_next(t, &r) && r.index <= reduce->records) {
        if (r.kind == TRACE_NOTE || r.kind == TRACE_SET) continue;
        struct item i = {.pid = running, .warm = r.index < reduce->options.from};
        while ((header + l->count + 1) % period != r.index % period)
            add(l, &(struct item){.record = &note, .pid = running, .warm = i.warm});
        if (r.kind == TRACE_ACCESS) {
            i.va = r.va;
            i.bytes = r.bytes;
            i.access = r.access;
            i.racing = r.racing;
        } else {
            if (r.kind != TRACE_CALL || r.call.nr != CALL_FILE) r.call.path = NULL;
            if (r.kind != TRACE_EXPECT) r.text = NULL;
            i.record = items_record(&r);
            i.store = store_named(&r);
        }
        if (stores(&i)) i.store = ++count;
        running = runs_after(add(l, &i), running);
    }
    trace_close(t);
}

/* ---- What remains ---------------------------------------------------------------------------- */

static bool chooses(const struct item *i) { /* says itself who runs, or nobody does */
    const struct trace_record *r = i->record;
    return (r && (r->kind == TRACE_SWITCH || r->kind == TRACE_NOTE)) || item_calls(i, CALL_EXEC);
}

static void add_run(struct items *l, const struct item *before, uint32_t running) {
    struct trace_record run = {.kind = TRACE_SWITCH, .pid = before->pid};
    struct item i = {.record = items_record(&run), .pid = running, .warm = before->warm};
    add(l, &i);
}

void items_keep(const struct items *l, const uint8_t *gone, bool connect, struct items *kept) {
    uint32_t running = 0;
    *kept = (struct items){.pins = l->pins};
    for (size_t n = 0; n < l->count; n++) {
        struct item i = l->at[n];
        if (gone[n]) continue;
        if (connect && i.pid && i.pid != running && !chooses(&i)) {
            add_run(kept, &i, running);
            running = i.pid;
        }
        i.pid = running;
        running = runs_after(add(kept, &i), running);
    }
}

size_t items_warm(const struct items *l) {
    size_t n = 0;
    while (n < l->count && l->at[n].warm) n++;
    return n;
}

/* The number of the store that was number `store` when the trace was read. */
static uint32_t number_now(const struct items *l, uint32_t store) {
    uint32_t count = 0;
    for (size_t n = 0; n < l->count; n++) {
        if (!stores(&l->at[n])) continue;
        count++;
        if (l->at[n].store == store) return count;
    }
    return store;
}

/* The number of a store is the last word of an expectation about one. */
static void print_expect(const struct items *l, const struct item *i, FILE *out) {
    const char *text = i->record->text;
    const char *last = i->store ? strrchr(text, ' ') : NULL;
    fprintf(out, "expect%s%.*s", *text == '[' ? "" : " ", last ? (int)(last - text) : INT32_MAX,
            text);
    if (last) fprintf(out, " %" PRIu32, number_now(l, i->store));
    fputc('\n', out);
}

void items_print(const struct items *l, FILE *out) {
    char text[TRACE_TEXT_MAX];
    for (size_t n = 0; n < l->count; n++) {
        const struct item *i = &l->at[n];
        struct trace_record access = {.kind = TRACE_ACCESS,
                                      .access = i->access,
                                      .racing = i->racing,
                                      .va = i->va,
                                      .bytes = i->bytes};
        if (i->record && i->record->kind == TRACE_EXPECT) {
            print_expect(l, i, out);
            continue;
        }
        trace_print(i->record ? i->record : &access, text, sizeof text);
        fprintf(out, "%s\n", text);
    }
}
