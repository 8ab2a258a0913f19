/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges in which nothing can happen. A serial program on DRAM spends nine cycles of ten so: driver
 * and MMU wait for one answer. When an edge has moved nothing, in the ring, on the pins or in the
 * MMU, then the next one, which starts from the same state with the same pins, moves nothing
 * either, until something is due that goes by the clock: memory's answer, or bytes that data caches
 * owe to a load. So that edge stands for all up to there: what is counted a cycle is counted so
 * often, and the clock goes on.
 *
 * Only the model says when it is quiet. With opinions 2 and 3, with --trace, with waves and with
 * any RTL every edge is clocked; testbench/test_rest.c holds one way to the other, byte for byte.
 */
#include "core.h"

static uint64_t lesser(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static bool quiet(struct core *c) {
    bool watched = c->judge || c->opt->events || c->opt->explain || c->opt->wave;
    if (!c->engine->quiet || watched || memport_due(&c->port) <= c->cycle) return false;
    core_name_oldest(c);
    return c->engine->quiet(c->engine, &c->in);
}

/* The first cycle, from the next on, in which something may happen. */
static uint64_t due(const struct core *c) {
    const struct entry *a = &c->ring[c->head % RING];
    uint64_t at = lesser(memport_due(&c->port), c->progress + c->opt->hang_cycles + 1);
    at = lesser(at, (c->cycle / STOP_LOOK + 1) * STOP_LOOK);
    if (c->load_data > c->cycle) at = lesser(at, c->load_data);
    for (unsigned n = 0; n < a->parts; n++)
        if (a->part[n].state == PART_OK && a->part[n].data > c->cycle)
            at = lesser(at, a->part[n].data);
    return at;
}

bool core_advance(struct core *c) {
    bool rests = quiet(c);
    if (!core_edge(c)) return false;
    rests = rests && !c->stirred && !c->trap && c->progress != c->cycle;
    uint64_t at = rests ? due(c) : 0;
    if (at <= c->cycle + 1) return core_passed(c, 1);
    uint64_t more = at - c->cycle - 1;
    c->engine->rest(c->engine, &c->in, &c->out, more);
    counters_rest(&c->counters, &c->in, &c->out, more);
    return core_passed(c, 1 + more);
}
