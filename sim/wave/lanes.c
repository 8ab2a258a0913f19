/* SPDX-License-Identifier: Apache-2.0
 *
 * A lane shows a cycle as registers do: what is known when it begins. So a walk that starts in a
 * cycle stands in the lane of its slot from the next one on, where the slot's state has changed,
 * too; and what the kernel half did between two cycles stands in the second. Lanes of ports and
 * slots are states. The others are events, shown until the next one, or for LANE_HOLD cycles: long
 * enough to be read, and gone before it could be taken for news.
 */
#include "core.h"
#include "lanes.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- A text as bits -------------------------------------------------------------------------- */

static void show(struct lane *l) {
    size_t n = strlen(l->text);
    memset(l->value, 0, sizeof l->value);
    for (size_t i = 0; i < n; i++) {
        size_t byte = n - 1 - i; /* the last letter is the lowest byte */
        l->value[byte / 4] |= (uint32_t)(unsigned char)l->text[i] << byte % 4 * 8;
    }
}

__attribute__((format(printf, 2, 3))) static void state(struct lane *l, const char *format, ...) {
    char text[sizeof l->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!strcmp(text, l->text)) return;
    strcpy(l->text, text);
    show(l);
}

static void clear(struct lane *l) {
    if (!l->text[0]) return;
    l->text[0] = 0;
    show(l);
}

struct lanes *lanes_new(unsigned slots) {
    static const char *const names[LANE_NAMES] = {[LANE_FETCH] = "fetch",
                                                  [LANE_DATA] = "data",
                                                  [LANE_FAULT] = "fault",
                                                  [LANE_KERNEL] = "kernel",
                                                  [LANE_FENCE] = "fence"};
    struct lanes *l = calloc(1, sizeof *l);
    if (!l) internal_error("out of memory");
    for (size_t i = 0; i < LANE_NAMES; i++)
        l->signal[l->count++] =
            (struct wave_signal){"lane", names[i], -1, LANE_BYTES * 8, l->lane[i].value};
    for (unsigned i = 0; i < slots && i < MMU_SLOTS_MAX; i++)
        l->signal[l->count++] =
            (struct wave_signal){"lane", "slot", (int)i, LANE_BYTES * 8, l->slot[i].value};
    return l;
}

/* ---- Events ---------------------------------------------------------------------------------- */

void lanes_event(struct core *c, enum event_kind kind, const char *word, const char *text) {
    static const uint8_t lane_of[EVENT_COUNT] = {
        [EVENT_FAULT] = LANE_FAULT, [EVENT_FENCE] = LANE_FENCE, [EVENT_KERNEL] = LANE_KERNEL};
    struct lane *l = &c->lanes->lane[lane_of[kind]];
    char before[sizeof l->text] = "";
    if (kind == EVENT_FAULT) snprintf(c->lanes->cause, sizeof c->lanes->cause, "%s", word);
    /* several between the same two edges; but that a fence is done says its successor, too */
    if (l->text[0] && l->at == c->cycle + 1 && kind != EVENT_FENCE)
        snprintf(before, sizeof before, "%s; ", l->text);
    l->at = c->cycle + 1;
    state(l, "%s%s%s", before, word, text);
}

/* What a walk does, in its slot's lane and, in short, in its port's. */
void lanes_walk(struct core *c, unsigned slot, const char *word, const char *more,
                const struct entry *a, const struct part *p) {
    struct lanes *l = c->lanes;
    char level[16] = "";
    if (slot >= MMU_SLOTS_MAX) return;
    if (!a) {
        bool ahead = slot == c->counters.ahead_slot;
        state(&l->slot[slot], "%s%s  %s", word, more, ahead ? "ahead" : "killed");
        return;
    }
    if (!strcmp(word, memop_word(MEMOP_READ)) || !strcmp(word, memop_word(MEMOP_LINE)))
        snprintf(level, sizeof level, " level %u", l->level[slot]);
    state(&l->slot[slot], "%s%s%s  %s 0x%" PRIx64 " pid %" PRIu32 " record %" PRIu64, word, level,
          more, access_word(a->type), p->va, a->pid, a->index);
    bool walks = strcmp(word, "merge") && strcmp(word, "hold") && strcmp(word, "end");
    if (walks)
        snprintf(l->doing[slot], sizeof l->doing[slot], "walk level %u", l->level[slot]);
    else
        snprintf(l->doing[slot], sizeof l->doing[slot], "%s", strcmp(word, "end") ? word : "done");
}

void lanes_level(struct core *c, unsigned slot, uint8_t level) {
    if (slot < MMU_SLOTS_MAX) c->lanes->level[slot] = level;
}

void lanes_answer(struct core *c, unsigned slot, pte_t e) {
    bool pointer = (e & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
    if (slot < MMU_SLOTS_MAX && pointer && c->lanes->level[slot]) c->lanes->level[slot]--;
}

/* ---- Every cycle ----------------------------------------------------------------------------- */

/* The slot that works for an accepted part, or -1: it has not looked up L2 yet. */
static int slot_of(const struct core *c, unsigned port, unsigned id) {
    unsigned slot = c->counters.slot_of[port][id];
    bool own = c->counters.owner[slot] == id && (slot >= c->counters.fetch_slots) == port;
    return own && slot < MMU_SLOTS_MAX && c->lanes->doing[slot][0] ? (int)slot : -1;
}

static void show_access(struct lane *l, const struct entry *a, const struct part *p,
                        const char *doing, const char *more) {
    state(l, "%s 0x%" PRIx64 "%s pid %" PRIu32 " -> %s%s%s, record %" PRIu64, access_word(a->type),
          p->va, a->kernel ? "+k" : "", a->pid, doing, more, a->traps ? ", again" : "", a->index);
}

/* Of a port: its oldest access that is not over. */
static void port(struct core *c, unsigned port) {
    struct lane *l = &c->lanes->lane[port ? LANE_DATA : LANE_FETCH];
    const struct offer *o = &c->offer[port];
    for (uint64_t e = c->head; e < c->tail; e++) {
        const struct entry *a = core_at(c, e);
        if ((a->type != ACCESS_FETCH) != port) continue;
        for (unsigned n = 0; n < a->parts; n++) {
            const struct part *p = &a->part[n];
            int slot = p->state == PART_LIVE ? slot_of(c, port, p->id) : -1;
            if (p->state == PART_FAULT)
                show_access(l, a, p, "fault ", cause_word(p->cause));
            else if (p->state == PART_LIVE)
                show_access(l, a, p, slot < 0 ? "l2" : c->lanes->doing[slot], "");
            else if (o->valid && o->entry == e && o->part == n)
                show_access(l, a, p, "l1", "");
            else if (a->traps && e == c->head && p->state == PART_NEW)
                show_access(l, a, p, "fault ", c->lanes->cause); /* the kernel half acts */
            else
                continue;
            return;
        }
    }
    clear(l);
}

/* A slot's lane ends with its access. */
static void slot(struct core *c, unsigned slot) {
    unsigned port = slot >= c->counters.fetch_slots, id = c->counters.owner[slot] & 31;
    if (slot == c->counters.ahead_slot && !c->out.idle_o) return; /* until all is quiet */
    if (c->owner[port][id].valid && c->counters.slot_of[port][id] == slot) return;
    c->lanes->doing[slot][0] = 0;
    clear(&c->lanes->slot[slot]);
}

void lanes_cycle(struct core *c) {
    struct lanes *l = c->lanes;
    for (unsigned i = 0; i < l->count - LANE_NAMES; i++) slot(c, i);
    port(c, 0);
    port(c, 1);
    for (unsigned i = LANE_FAULT; i < LANE_NAMES; i++) {
        if (l->lane[i].at && c->cycle + 1 >= l->lane[i].at + LANE_HOLD) clear(&l->lane[i]);
    }
}
