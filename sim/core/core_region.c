/* SPDX-License-Identifier: Apache-2.0
 *
 * Warm-up and intervals. A mark stands behind a record: when that record is done, what has been
 * counted so far is kept. The first mark ends the warm-up; the region is what is counted from there
 * to the end. Each further one ends an interval of it, for means of batches and phases over time.
 * Nothing stops at a mark: accesses in flight belong to the side on which each of their events
 * falls. Marks are looked for once a cycle, so an interval may have as many records more as retire
 * in one.
 */
#include "core.h"
#include <stdlib.h>
#include <string.h>

static uint64_t before(const struct core *c) {
    return c->opt->from > 1 ? c->opt->from - 1 : 0;
}

static void begin(struct core *c) {
    struct replay_result *r = c->res;
    counts_read(&r->warm, r);
    memcpy(r->warm_latency, r->walk_latency, sizeof r->warm_latency);
    c->marked = r->warm;
}

static void keep(struct core *c) {
    struct replay_result *r = c->res;
    struct counts now;
    counts_read(&now, r);
    if (!(r->intervals & (r->intervals - 1))) { /* full: 0, or a power of two */
        size_t room = r->intervals ? 2 * r->intervals : 1;
        r->interval = realloc(r->interval, room * sizeof *r->interval);
        if (!r->interval) internal_error("out of memory");
    }
    r->interval[r->intervals++] = counts_between(&c->marked, &now);
    c->marked = now;
}

/* What came behind the last record, cycles until the MMU is idle, belongs to that record's. */
static void join(struct replay_result *r) {
    const struct counts *last = &r->interval[--r->intervals];
    for (size_t i = 0; i < COUNTS; i++) r->interval[r->intervals - 1].n[i] += last->n[i];
}

/* Where the next interval ends. */
static void aim(struct core *c) {
    uint64_t every = c->opt->intervals, start = before(c) + c->opt->warmup;
    c->mark = every ? start + ((c->done - start) / every + 1) * every : UINT64_MAX;
}

void core_region_begin(struct core *c) {
    c->done = before(c);
    c->mark = c->done + c->opt->warmup;
    if (!c->opt->warmup) aim(c); /* the region is the window: it begins with nothing counted */
}

void core_mark(struct core *c) {
    core_gather(c);
    if (c->opt->warmup && !c->res->region)
        begin(c);
    else
        keep(c);
    c->res->region = true;
    aim(c);
}

void core_region_end(struct core *c) {
    struct replay_result *r = c->res;
    if (c->opt->warmup && !r->region) { /* nothing is left of it */
        begin(c);
    } else if (c->opt->intervals) {
        bool empty = r->intervals && r->records == c->marked.n[0];
        keep(c);
        if (empty) join(r);
    }
}
