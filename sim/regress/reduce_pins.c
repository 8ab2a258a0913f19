/* SPDX-License-Identifier: Apache-2.0
 *
 * What a trace of the pins has that one of programs has not: cycles. A reset forgets all but
 * memory, so the trace may begin at one, with the words stored before; and a pause is as short as
 * it may be.
 */
#include "reduce.h"
#include <stdlib.h>

enum { LONG_PAUSE = 256 }; /* cycles: whatever was in flight is done, but with a slow memory */

static const struct pins_record *pins(const struct items *l, size_t k) {
    return &l->at[k].record->pins;
}

static bool of_memory(const struct pins_record *p) {
    return p->kind == PINS_WORD || p->kind == PINS_ROM;
}

/* The list, with item k in another cycle. */
static void move(struct items *l, size_t k, uint64_t cycle) {
    struct trace_record r = *l->at[k].record;
    r.pins.cycle = cycle;
    l->at[k].record = items_record(&r);
}

/* From item k on, a reset that is none any more, the words before it in cycle 0. */
static bool begin_at(struct reduce *r, const uint8_t *gone, size_t k) {
    struct items l;
    uint64_t from = pins(&r->best, k)->cycle;
    items_keep(&r->best, gone, false, &l);
    for (size_t n = 0; n < l.count; n++) {
        uint64_t cycle = pins(&l, n)->cycle;
        move(&l, n, cycle < from ? 0 : cycle - from);
    }
    return reduce_try(r, &l);
}

void reduce_begin_later(struct reduce *r) {
    bool done = false;
    for (size_t k = r->best.count; k-- > 0 && !done && !reduce_stopped(r);) {
        if (pins(&r->best, k)->kind != PINS_RESET) continue;
        uint8_t *gone = reduce_flags(r);
        for (size_t n = 0; n < r->best.count; n++)
            gone[n] = n == k || (n < k && !of_memory(pins(&r->best, n)));
        done = begin_at(r, gone, k);
        free(gone);
    }
}

/* All from item k on so many cycles earlier. */
static bool earlier(struct reduce *r, size_t k, uint64_t cycles) {
    uint8_t *none = reduce_flags(r);
    struct items l;
    items_keep(&r->best, none, false, &l);
    free(none);
    for (size_t n = k; n < l.count; n++) move(&l, n, pins(&l, n)->cycle - cycles);
    return reduce_try(r, &l);
}

static bool no_pause_above(struct reduce *r, uint64_t most) {
    uint8_t *none = reduce_flags(r);
    uint64_t saved = 0, before = 0;
    struct items l;
    items_keep(&r->best, none, false, &l);
    free(none);
    for (size_t k = 0; k < l.count; k++) {
        uint64_t cycle = pins(&l, k)->cycle;
        if (cycle - before > most) saved += cycle - before - most;
        before = cycle;
        move(&l, k, cycle - saved);
    }
    if (saved) return reduce_try(r, &l);
    items_free(&l);
    return false;
}

bool reduce_squeeze(struct reduce *r) {
    for (uint64_t most = 1; r->best.pins && most <= LONG_PAUSE; most *= 4)
        if (no_pause_above(r, most)) return true;
    return false;
}

bool reduce_pauses(struct reduce *r) {
    bool shorter = false;
    for (size_t k = 0; r->best.pins && k < r->best.count; k++) {
        uint64_t before = k ? pins(&r->best, k - 1)->cycle : 0, now = pins(&r->best, k)->cycle;
        for (uint64_t n = now - before; n && !reduce_stopped(r); n /= 2) {
            if (!earlier(r, k, n)) continue;
            shorter = true;
            break;
        }
    }
    return shorter;
}
