/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames: every page of RAM the kernel half hands out, with a reference count; free ones are
 * buddy.c's.
 *
 * There is no failing path: whoever needs frames asks frames_left for the worst case before it
 * changes anything. That keeps every operation whole, and out-of-memory a decision taken in one
 * place.
 */
#include "kernel.h"
#include <assert.h>
#include <string.h>

struct frame *frame_of(const struct os *os, ppn_t ppn) {
    assert(ppn >= os->frames.base && ppn - os->frames.base < os->frames.touched);
    return &os->frames.frame[ppn - os->frames.base];
}

uint64_t frames_left(const struct os *os) {
    return os->frames.total - os->frames.used;
}

ppn_t frame_alloc(struct os *os, enum frame_kind kind) {
    ppn_t ppn = buddy_take(os, 0);
    assert(ppn);
    *frame_of(os, ppn) = (struct frame){.refs = 1, .kind = (uint8_t)kind};
    struct frames *f = &os->frames;
    if (kind == FRAME_TABLE && ++f->tables > f->tables_peak) f->tables_peak = f->tables;
    if (f->used > f->peak) f->peak = f->used;
    return ppn;
}

void frame_get(struct os *os, ppn_t ppn) {
    struct frame *f = frame_of(os, ppn);
    f->refs++;
    if (f->folio) f->folio->refs++;
}

void frame_put(struct os *os, ppn_t ppn) {
    struct frame *f = frame_of(os, ppn);
    assert(f->refs && f->kind != FRAME_FREE);
    if (f->folio) {
        folio_put(os, f);
        return;
    }
    if (--f->refs) return;
    lru_del(os, ppn);
    os->frames.tables -= f->kind == FRAME_TABLE;
    buddy_give(os, ppn, 0);
}

void frame_dirty(struct frame *f) {
    if (f->kind == FRAME_CACHE)
        cache_set_dirty(f->page);
    else
        f->dirty = true;
}
