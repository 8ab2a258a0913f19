/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames: every page of RAM the kernel half hands out, with a reference count.
 *
 * A frame that goes free is the next to be handed out. That is what a kernel's per-CPU lists do,
 * and it is unkind on purpose: a translation that outlives its frame meets another page's bytes at
 * once.
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
    struct frames *f = &os->frames;
    assert(f->used < f->total);
    ppn_t ppn = f->free_list;
    if (ppn) {
        f->free_list = frame_of(os, ppn)->next_free;
    } else {
        f->frame = grow(f->frame, f->touched, &f->room, sizeof *f->frame);
        ppn = f->base + f->touched++;
    }
    *frame_of(os, ppn) = (struct frame){.refs = 1, .kind = (uint8_t)kind};
    f->used++;
    return ppn;
}

void frame_get(struct os *os, ppn_t ppn) {
    frame_of(os, ppn)->refs++;
}

void frame_put(struct os *os, ppn_t ppn) {
    struct frame *f = frame_of(os, ppn);
    assert(f->refs && f->kind != FRAME_FREE);
    if (--f->refs) return;
    *f = (struct frame){.kind = FRAME_FREE, .next_free = os->frames.free_list};
    os->frames.free_list = ppn;
    os->frames.used--;
}
