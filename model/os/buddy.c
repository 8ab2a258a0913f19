/* SPDX-License-Identifier: Apache-2.0
 *
 * Free memory as a buddy system (mm/page_alloc.c): blocks of 2^order frames, order 0 to 10, each
 * aligned to its size.
 *
 *   taking   from the smallest order that has a block, split down to the order wanted: the lower
 *            half is used, the upper one goes onto the list of its order (__rmqueue_smallest,
 *            expand)
 *   giving   a block joins its buddy (index ^ size) as long as that is free and as large
 *            (__free_one_page), so a pair of free buddies never stands on the lists
 *   hot      single frames that went free wait on a short list of their own, last freed first (the
 *            per-CPU lists, pcp): a translation that outlives its frame meets another page's bytes
 *            at once, which is unkind on purpose. They go back to their buddies when the list is
 *            full, and all of them when no block of the order wanted is left (drain_all_pages)
 *
 * Lists grow and shrink at their head, fresh memory is used in order of address: the same calls
 * give the same frames. Memory comes into being a block of the largest order at a time, so that a
 * terabyte of RAM costs what is used of it. `os.fragmentation` percent of its 2 MiB blocks then
 * have one frame taken in every 64 KiB, by whoever else uses this memory; compaction can move such
 * a frame.
 */
#include "kernel.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { HOT_MOST = 64, NAPOT_FRAMES = 16 };

static struct frame *at(struct frames *f, uint32_t index) {
    return &f->frame[index];
}

/* ---- Lists: index + 1, 0 ends ---------------------------------------------------------- */
static void list_add(struct frames *f, uint32_t *list, uint32_t index, uint8_t order) {
    struct frame *one = at(f, index);
    *one = (struct frame){.kind = FRAME_FREE, .order = order, .free = {.next = *list}};
    if (*list) at(f, *list - 1)->free.prev = index + 1;
    *list = index + 1;
}

static void list_del(struct frames *f, uint32_t *list, uint32_t index) {
    struct frame *one = at(f, index);
    if (one->free.next) at(f, one->free.next - 1)->free.prev = one->free.prev;
    if (one->free.prev)
        at(f, one->free.prev - 1)->free.next = one->free.next;
    else
        *list = one->free.next;
    *one = (struct frame){.kind = FRAME_FREE, .order = ORDER_INSIDE};
}

static void block_add(struct frames *f, uint32_t index, unsigned order) {
    list_add(f, &f->free[order], index, (uint8_t)order);
    f->blocks[order]++;
}

static void block_del(struct frames *f, uint32_t index, unsigned order) {
    list_del(f, &f->free[order], index);
    f->blocks[order]--;
}

/* ---- Fresh memory ---------------------------------------------------------------------- */

/* Free blocks for [from, to), the lowest one first on its list. */
static void fresh_range(struct frames *f, uint32_t from, uint32_t to) {
    while (from < to) {
        unsigned order = 0;
        while (order < ORDER_MAX && !(to >> order & 1) && (2u << order) <= to - from) order++;
        to -= 1u << order;
        block_add(f, to, order);
    }
}

static uint32_t hash(uint32_t x) { /* lowbias32 */
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

/* The blocks that are broken lie evenly: exact to one block, whatever the size of memory. */
static bool broken(const struct config *cfg, uint32_t block) {
    uint64_t n = block + hash(cfg->os_seed) % 100, percent = cfg->os_fragmentation;
    return (n + 1) * percent / 100 != n * percent / 100;
}

static void fresh_half(struct os *os, uint32_t from, uint32_t to) {
    struct frames *f = &os->frames;
    if (!broken(&os->cfg, from / HUGE_FRAMES)) {
        fresh_range(f, from, to);
        return;
    }
    while (from < to) { /* from the top down */
        uint32_t low = (to - 1) / NAPOT_FRAMES * NAPOT_FRAMES;
        uint32_t taken = low + hash(hash(os->cfg.os_seed) ^ low) % NAPOT_FRAMES;
        if (taken >= to) taken = low;
        fresh_range(f, taken + 1, to);
        fresh_range(f, low, taken);
        *at(f, taken) = (struct frame){.refs = 1, .kind = FRAME_OTHER};
        f->used++;
        f->others++;
        to = low;
    }
}

/* The next block of the largest order; false if there is none. */
static bool fresh(struct os *os) {
    struct frames *f = &os->frames;
    uint64_t end = f->touched + (1u << ORDER_MAX);
    if (end > f->total) end = f->total;
    if (f->touched == end) return false;
    uint32_t from = (uint32_t)f->touched, to = (uint32_t)end;
    while (f->touched < end) {
        f->frame = grow(f->frame, f->touched, &f->room, sizeof *f->frame);
        *at(f, (uint32_t)f->touched++) = (struct frame){.kind = FRAME_FREE, .order = ORDER_INSIDE};
    }
    uint32_t middle = from + HUGE_FRAMES < to ? from + HUGE_FRAMES : to;
    if (!broken(&os->cfg, from / HUGE_FRAMES) && !broken(&os->cfg, middle / HUGE_FRAMES)) {
        fresh_range(f, from, to);
    } else {
        fresh_half(os, middle, to);
        fresh_half(os, from, middle);
    }
    return true;
}

/* ---- Giving ---------------------------------------------------------------------------- */
static void give(struct frames *f, uint32_t index, unsigned order) {
    for (; order < ORDER_MAX; order++) {
        uint32_t buddy = index ^ 1u << order;
        if (buddy + (1u << order) > f->touched) break;
        if (at(f, buddy)->kind != FRAME_FREE || at(f, buddy)->order != order) break;
        block_del(f, buddy, order);
        index &= ~(1u << order);
    }
    block_add(f, index, order);
}

/* The oldest of the hot frames goes back to its buddies; a list of 64 is walked for it. */
static void cool(struct frames *f) {
    uint32_t last = f->hot;
    while (at(f, last - 1)->free.next) last = at(f, last - 1)->free.next;
    list_del(f, &f->hot, last - 1);
    f->hots--;
    give(f, last - 1, 0);
}

void buddy_drain(struct os *os) {
    while (os->frames.hots) cool(&os->frames);
}

void buddy_give(struct os *os, ppn_t ppn, unsigned order) {
    struct frames *f = &os->frames;
    uint32_t index = (uint32_t)(ppn - f->base);
    assert(!(index & ((1u << order) - 1)));
    for (uint32_t i = 0; i < 1u << order; i++) {
        *at(f, index + i) = (struct frame){.kind = FRAME_FREE, .order = ORDER_INSIDE};
        if (os->watch.freed) os->watch.freed(os->watch.who, ppn + i);
    }
    f->used -= 1u << order;
    if (order) {
        give(f, index, order);
        return;
    }
    list_add(f, &f->hot, index, ORDER_HOT);
    if (++f->hots > HOT_MOST) cool(f);
}

/* ---- Taking ---------------------------------------------------------------------------- */
static bool take(struct frames *f, unsigned order, uint32_t *index) {
    unsigned o = order;
    while (o <= ORDER_MAX && !f->free[o]) o++;
    if (o > ORDER_MAX) return false;
    *index = f->free[o] - 1;
    block_del(f, *index, o);
    while (o > order) {
        o--;
        block_add(f, *index + (1u << o), o);
    }
    return true;
}

ppn_t buddy_take(struct os *os, unsigned order) {
    struct frames *f = &os->frames;
    uint32_t index;
    if (!order && f->hot) {
        index = f->hot - 1;
        list_del(f, &f->hot, index);
        f->hots--;
    } else {
        while (!take(f, order, &index)) {
            if (fresh(os)) continue;
            if (!f->hots) return 0;
            buddy_drain(os);
        }
    }
    f->used += 1u << order;
    return f->base + index;
}

/* This very frame, which is free and no hot one, out of its block (__isolate_free_page, split). */
void buddy_take_at(struct os *os, ppn_t ppn) {
    struct frames *f = &os->frames;
    uint32_t index = (uint32_t)(ppn - f->base), head = index;
    unsigned order = 0;
    while (at(f, head)->order != order) head = index & ~((1u << ++order) - 1);
    block_del(f, head, order);
    while (order--) {
        uint32_t upper = head + (1u << order);
        block_add(f, index < upper ? upper : head, order);
        if (index >= upper) head = upper;
    }
    f->used++;
    if (f->used > f->peak) f->peak = f->used;
}

/* ---- The audit ------------------------------------------------------------------------- */
static const char *block_fault(const struct frames *f, uint32_t index, unsigned order) {
    if (index & ((1u << order) - 1) || index + (1ull << order) > f->touched)
        return "is not aligned, or reaches beyond memory";
    for (uint32_t i = 0; i < 1u << order; i++)
        if (f->frame[index + i].kind != FRAME_FREE ||
            f->frame[index + i].order != (i ? ORDER_INSIDE : order))
            return "holds a frame that is in use, or free twice";
    uint32_t buddy = index ^ 1u << order;
    if (order < ORDER_MAX && buddy < f->touched && f->frame[buddy].kind == FRAME_FREE &&
        f->frame[buddy].order == order)
        return "has a free buddy that it was not joined with";
    return NULL;
}

bool buddy_audit(const struct os *os, char *why, size_t bytes) {
    const struct frames *f = &os->frames;
    uint64_t free = 0, hots = 0;
    for (unsigned order = 0; order <= ORDER_MAX; order++) {
        uint64_t blocks = 0;
        for (uint32_t i = f->free[order]; i; i = f->frame[i - 1].free.next) {
            const char *fault = block_fault(f, i - 1, order);
            if (!fault && ++blocks > f->blocks[order]) fault = "stands on a list that has no end";
            if (!fault) continue;
            snprintf(why, bytes, "the free block of order %u at frame 0x%llx %s", order,
                     (unsigned long long)(f->base + i - 1), fault);
            return false;
        }
        free += blocks << order;
        if (blocks == f->blocks[order]) continue;
        snprintf(why, bytes, "order %u has %llu free blocks, but counts %llu", order,
                 (unsigned long long)blocks, (unsigned long long)f->blocks[order]);
        return false;
    }
    for (uint32_t i = f->hot; i && hots <= HOT_MOST; i = f->frame[i - 1].free.next)
        hots += f->frame[i - 1].kind == FRAME_FREE && f->frame[i - 1].order == ORDER_HOT;
    if (hots == f->hots && free + hots + f->used == f->touched) return true;
    snprintf(why, bytes,
             "%llu frames are free in blocks, %llu singly, %llu in use: together not the %llu",
             (unsigned long long)free, (unsigned long long)hots, (unsigned long long)f->used,
             (unsigned long long)f->touched);
    return false;
}
