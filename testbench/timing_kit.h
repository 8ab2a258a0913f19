/* SPDX-License-Identifier: Apache-2.0
 *
 * Timing diagrams of what a bench of pin_kit.h does, as WaveJSON: a row each for requests, answers,
 * fences, slots, the L2 compare, fills and the memory port. Nothing is drawn by hand: a cell is
 * what stood on the pins in that cycle, or in the slot at its start. A span is a formula of
 * docs/microarchitecture.md, drawn from one cell to another, and must be as long as it says.
 */
#ifndef PW_TIMING_KIT_H
#define PW_TIMING_KIT_H
#include "enums.h"
#include "pin_kit.h"
#include <jansson.h>

enum {
    TIMING_CYCLES = 48,
    TIMING_LEAST = 13 /* room for a title */,
    TIMING_SPANS = 8,
    TIMING_SLOTS = 20
};

enum timing_row {
    ROW_FETCH_REQUEST,
    ROW_FETCH_ANSWER,
    ROW_DATA_REQUEST,
    ROW_DATA_ANSWER,
    ROW_ORDER, /* kills, fences, CSR writes; that an access is now the oldest */
    ROW_DONE,
    ROW_SLOT,
    ROW_COMPARE = ROW_SLOT + TIMING_SLOTS,
    ROW_FILL_CACHE, /* walk caches, PTE lines */
    ROW_FILL_L2,
    ROW_FILL_L1,
    ROW_MEMORY_REQUEST,
    ROW_MEMORY_ANSWER,
    TIMING_ROWS
};

struct timing_cell {
    char colour; /* WaveDrom's: 2 white, 3 yellow, 4 orange, 5 blue, 6 light blue, 7 green, 9 red */
    char node;   /* the letter of a span's end, a capital since WaveDrom shows others; 0: none */
    char text[24];
};

struct timing {
    struct bench b; /* first: `look` gets the bench */
    char name[24], title[64];
    uint64_t from, until; /* the cycle drawn as 0; the one behind the last with a cell */
    char slots[2048];     /* the slots at the start of the next cycle */
    uint64_t accepted[2][32];
    uint8_t oldest; /* what the pins said last; 0: they have said nothing */
    char node;      /* the next letter */
    unsigned spans;
    char span[TIMING_SPANS][48];
    struct timing_cell cell[TIMING_ROWS][TIMING_CYCLES];
};

/* ---- What is seen in a cycle ----------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static inline void
timing_put(struct timing *t, unsigned row, char colour, const char *text, ...) {
    uint64_t at = t->b.cycle - t->from;
    if (at >= TIMING_CYCLES) fail_msg("%s is longer than %d cycles", t->name, TIMING_CYCLES);
    struct timing_cell *c = &t->cell[row][at];
    size_t used = strlen(c->text);
    if (used) c->text[used++] = ' '; /* two of one cycle share its cell */
    va_list rest;
    va_start(rest, text);
    vsnprintf(c->text + used, sizeof c->text - used, text, rest);
    va_end(rest);
    c->colour = colour;
    if (t->until <= at) t->until = at + 1;
}

static inline void timing_requests(struct timing *t, const struct mmu_in *in,
                                   const struct mmu_out *o) {
    if (in->ireq_valid_i && o->ireq_ready_o) {
        timing_put(t, ROW_FETCH_REQUEST, '2', "%u", in->ireq_id_i);
        t->accepted[FETCH][in->ireq_id_i] = t->b.cycle;
    }
    if (in->dreq_valid_i && o->dreq_ready_o) {
        timing_put(t, ROW_DATA_REQUEST, '2', "%u", in->dreq_id_i);
        t->accepted[DATA][in->dreq_id_i] = t->b.cycle;
    }
    for (unsigned id = 0; id < 32; id++)
        if (in->dkill_i >> id & 1) timing_put(t, ROW_ORDER, '9', "kill %u", id);
    if (in->oldest_valid_i && in->oldest_id_i != t->oldest) {
        if (t->oldest) timing_put(t, ROW_ORDER, '2', "oldest");
        t->oldest = in->oldest_id_i;
    }
    if (in->fence_valid_i && o->fence_ready_o) timing_put(t, ROW_ORDER, '9', "fence");
    if (o->fence_done_o) timing_put(t, ROW_DONE, '9', "done");
    if (in->csr_valid_i && o->csr_ready_o) timing_put(t, ROW_ORDER, '9', "csr");
    if (o->csr_done_o) timing_put(t, ROW_DONE, '9', "done");
}

static inline void timing_answer(struct timing *t, unsigned row, unsigned id, uint8_t cause) {
    timing_put(t, row, cause ? '9' : '7', cause ? "%u fault" : "%u", id);
}

static inline void timing_answers(struct timing *t, const struct mmu_out *o) {
    if (o->ihit_valid_o) timing_answer(t, ROW_FETCH_ANSWER, o->ihit_id_o, o->ihit_cause_o);
    if (o->imiss_valid_o) timing_answer(t, ROW_FETCH_ANSWER, o->imiss_id_o, o->imiss_cause_o);
    if (o->dhit_valid_o) timing_answer(t, ROW_DATA_ANSWER, o->dhit_id_o, o->dhit_cause_o);
    if (o->dmiss_valid_o) timing_answer(t, ROW_DATA_ANSWER, o->dmiss_id_o, o->dmiss_cause_o);
}

static inline char timing_colour(const char *state) {
    static const char *const of[] = {"l2q", "5", "l2s",  "5", "want", "3", "rdq",   "3", "rd", "3",
                                     "cas", "4", "casq", "4", "done", "7", "drain", "9"};
    for (size_t i = 0; i < sizeof of / sizeof *of; i += 2)
        if (!strcmp(of[i], state)) return of[i + 1][0];
    return '6'; /* waits for another slot, or to be the oldest */
}

/* A line of the dump a slot: `slot  0 rd     data  id  1 load va 0 level 2 base 0 stale`. */
static inline void timing_slots(struct timing *t) {
    for (char *line = strtok(t->slots, "\n"); line; line = strtok(NULL, "\n")) {
        unsigned slot, level;
        char state[8];
        if (sscanf(line, "slot %u %7s", &slot, state) != 2) continue;
        const char *at = strstr(line, " level "), *stale = strstr(line, " stale") ? "*" : "";
        bool reads = !strncmp(state, "rd", 2) && at && sscanf(at, " level %u", &level) == 1;
        if (reads)
            timing_put(t, ROW_SLOT + slot, timing_colour(state), "%s%u%s", state, level, stale);
        else
            timing_put(t, ROW_SLOT + slot, timing_colour(state), "%s%s", state, stale);
    }
}

static inline void timing_look(struct bench *b) {
    struct timing *t = (struct timing *)(void *)b;
    const struct mmu_in *in = &b->in;
    const struct mmu_out *o = &b->out;
    timing_requests(t, in, o);
    timing_answers(t, o);
    timing_slots(t);
    if (o->ev_l2_lookup_o)
        timing_put(t, ROW_COMPARE, '5',
                   o->ev_l2_hit_o     ? "hit"
                   : o->ev_line_hit_o ? "line"
                                      : "miss");
    if (o->ev_pwc_fill_o) timing_put(t, ROW_FILL_CACHE, '2', "PWC");
    if (o->ev_line_fill_o) timing_put(t, ROW_FILL_CACHE, '2', "line");
    if (o->ev_l2_fill_o) timing_put(t, ROW_FILL_L2, '2', "L2");
    if (o->ev_il1_fill_o) timing_put(t, ROW_FILL_L1, '2', "L1I");
    if (o->ev_dl1_fill_o) timing_put(t, ROW_FILL_L1, '2', "L1D");
    if (o->mem_req_valid_o)
        timing_put(t, ROW_MEMORY_REQUEST, o->mem_req_op_o == MEMOP_CAS ? '4' : '3', "%s%s",
                   memop_word(o->mem_req_op_o), in->mem_req_ready_i ? "" : "?");
    if (in->mem_rsp_valid_i)
        timing_put(t, ROW_MEMORY_ANSWER, in->mem_rsp_error_i ? '9' : '3', "to %u",
                   in->mem_rsp_tag_i);
    t->slots[b->engine->dump(b->engine, t->slots, sizeof t->slots - 1)] = 0;
}

/* ---- A diagram ------------------------------------------------------------------------------- */

/* What the bench does from here on is drawn. */
static inline void timing_begin(struct timing *t, const char *name, const char *title) {
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->title, sizeof t->title, "%s", title);
    t->from = t->b.cycle;
    t->node = 'A';
    t->until = TIMING_LEAST;
    t->b.look = timing_look;
    t->slots[t->b.engine->dump(t->b.engine, t->slots, sizeof t->slots - 1)] = 0;
}

static inline char timing_node(struct timing *t, unsigned row, uint64_t cycle) {
    assert_in_range(cycle - t->from, 0, TIMING_CYCLES - 1);
    struct timing_cell *c = &t->cell[row][cycle - t->from];
    assert_true(c->colour); /* a span ends where something is */
    if (!c->node) c->node = t->node++;
    return c->node;
}

static inline void timing_between(struct timing *t, unsigned row, uint64_t start, unsigned end_row,
                                  uint64_t end, const char *formula, uint64_t cycles) {
    assert_int_equal(end - start, cycles);
    assert_true(t->spans < TIMING_SPANS);
    char a = timing_node(t, row, start), b = timing_node(t, end_row, end);
    snprintf(t->span[t->spans++], sizeof *t->span, "%c~>%c %s", a, b, formula);
}

/* From the acceptance of a request to its answer: `formula`, which is `cycles` here. */
static inline void timing_span(struct timing *t, int port, uint8_t id, const char *formula,
                               uint64_t cycles) {
    unsigned row = port == FETCH ? ROW_FETCH_REQUEST : ROW_DATA_REQUEST;
    timing_between(t, row, t->accepted[port][id], row + 1, t->b.done[port][id], formula, cycles);
}

/* ---- As WaveJSON ----------------------------------------------------------------------------- */

static inline json_t *timing_row_json(const struct timing *t, unsigned row) {
    static const char *const names[TIMING_ROWS] = {
        [ROW_FETCH_REQUEST] = "fetch request",
        [ROW_FETCH_ANSWER] = "fetch answer",
        [ROW_DATA_REQUEST] = "data request",
        [ROW_DATA_ANSWER] = "data answer",
        [ROW_ORDER] = "order",
        [ROW_DONE] = "order done",
        [ROW_COMPARE] = "L2 compare",
        [ROW_FILL_CACHE] = "fill of caches",
        [ROW_FILL_L2] = "fill of L2",
        [ROW_FILL_L1] = "fill of L1",
        [ROW_MEMORY_REQUEST] = "memory request",
        [ROW_MEMORY_ANSWER] = "memory answer",
    };
    char wave[TIMING_CYCLES + 2] = "", node[TIMING_CYCLES + 1] = "", slot[16];
    const struct timing_cell *c = t->cell[row];
    json_t *data = json_array();
    bool nodes = false;
    for (uint64_t i = 0; i < t->until; i++) {
        bool lasts = i && c[i].colour == c[i - 1].colour && !strcmp(c[i].text, c[i - 1].text) &&
                     row >= ROW_SLOT && row < ROW_COMPARE;
        wave[i] = c[i].colour ? lasts ? '.' : c[i].colour : i && !c[i - 1].colour ? '.' : '0';
        if (c[i].colour && !lasts) json_array_append_new(data, json_string(c[i].text));
        node[i] = c[i].node ? c[i].node : '.';
        nodes |= c[i].node != 0;
    }
    wave[t->until] = c[t->until - 1].colour ? '0' : '.';
    snprintf(slot, sizeof slot, "slot %u", row - ROW_SLOT);
    json_t *j =
        json_pack("{ss ss so}", "name", names[row] ? names[row] : slot, "wave", wave, "data", data);
    if (nodes) json_object_set_new(j, "node", json_string(node));
    return j;
}

static inline bool timing_row_used(const struct timing *t, unsigned row) {
    for (uint64_t i = 0; i < t->until; i++)
        if (t->cell[row][i].colour) return true;
    return false;
}

static inline json_t *timing_json(const struct timing *t) {
    json_t *rows = json_array(), *edges = json_array();
    for (unsigned row = 0; row < TIMING_ROWS; row++)
        if (timing_row_used(t, row)) json_array_append_new(rows, timing_row_json(t, row));
    for (unsigned i = 0; i < t->spans; i++) json_array_append_new(edges, json_string(t->span[i]));
    return json_pack("{so so s{ss si}}", "signal", rows, "edge", edges, "head", "text", t->title,
                     "tick", 0);
}

#endif
