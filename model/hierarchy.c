/* SPDX-License-Identifier: Apache-2.0
 *
 * Data caches and DRAM, as far as time goes. Each cache is set-associative with true LRU; what
 * misses is filled into every level it passed, none is inclusive of another by force. A line that
 * is filled carries the cycle in which it arrives: who looks it up before waits until then, as a
 * miss register would have it, and there are always enough of those. DRAM keeps one row of each
 * bank open. A bank takes its requests in the order in which they come: one of the open row behind
 * mem.dram_burst cycles, one of another row behind closing and opening too.
 *
 * Nothing here is random, and nothing depends on more than the order of the calls and their cycles.
 *
 * Not here: stores that are written back (a dirty line costs nothing), the width of a channel,
 * refresh, a cache for instructions, prefetch.
 */
#include "hierarchy.h"
#include <stdlib.h>
#include <string.h>

struct line {
    uint64_t number; /* of the line in memory, from 1; 0: nothing is here */
    uint64_t used;   /* when, by the count of lookups: the least is the oldest */
    uint64_t ready;  /* cycle in which it arrives */
};

struct cache {
    uint32_t sets, ways, latency;
    struct line *line;
};

struct bank {
    uint64_t row;  /* from 1; 0: none is open yet */
    uint64_t free; /* cycle from which on it takes the next request */
};

struct hierarchy {
    struct cache cache[MEMLEVEL_DRAM];
    struct bank *bank;
    uint32_t banks, row_bytes, row_hit, row_miss, burst, pte_enters;
    uint64_t lookups;
    struct hierarchy_stats stats;
};

static void *zeroed(size_t count, size_t bytes) {
    void *block = calloc(count, bytes);
    if (!block) abort(); /* the host has no memory left: nothing sensible can follow */
    return block;
}

static struct cache cache_of(uint32_t sets, uint32_t ways, uint32_t latency) {
    return (struct cache){sets, ways, latency,
                          zeroed(ways ? (size_t)sets * ways : 1, sizeof(struct line))};
}

struct hierarchy *hierarchy_new(const struct config *c) {
    struct hierarchy *h = zeroed(1, sizeof *h);
    h->cache[MEMLEVEL_L1D] = cache_of(c->mem_l1d_sets, c->mem_l1d_ways, c->mem_l1d_latency);
    h->cache[MEMLEVEL_L2] = cache_of(c->mem_l2_sets, c->mem_l2_ways, c->mem_l2_latency);
    h->cache[MEMLEVEL_LLC] = cache_of(c->mem_llc_sets, c->mem_llc_ways, c->mem_llc_latency);
    h->banks = c->mem_dram_banks;
    h->bank = zeroed(h->banks, sizeof *h->bank);
    h->row_bytes = c->mem_dram_row;
    h->row_hit = c->mem_dram_hit;
    h->row_miss = c->mem_dram_miss;
    h->burst = c->mem_dram_burst;
    h->pte_enters = c->mem_pte_enters;
    return h;
}

void hierarchy_delete(struct hierarchy *h) {
    if (!h) return;
    for (unsigned level = 0; level < MEMLEVEL_DRAM; level++) free(h->cache[level].line);
    free(h->bank);
    free(h);
}

const struct hierarchy_stats *hierarchy_get_stats(const struct hierarchy *h) {
    return &h->stats;
}

/* ---- Caches -------------------------------------------------------------------------------- */

static struct line *set_of(const struct cache *c, uint64_t number) {
    return &c->line[(number - 1) % c->sets * c->ways];
}

static struct line *find(const struct cache *c, uint64_t number) {
    struct line *set = set_of(c, number);
    for (uint32_t w = 0; w < c->ways; w++)
        if (set[w].number == number) return &set[w];
    return NULL;
}

/* An empty way has never been used: it is the oldest. */
static void fill(const struct cache *c, uint64_t number, uint64_t used, uint64_t ready) {
    struct line *set = set_of(c, number), *victim = set;
    for (uint32_t w = 1; w < c->ways; w++)
        if (set[w].used < victim->used) victim = &set[w];
    *victim = (struct line){number, used, ready};
}

/* ---- DRAM ---------------------------------------------------------------------------------- */

static uint64_t dram(struct hierarchy *h, uint64_t number, uint64_t cycle) {
    uint64_t row = (number - 1) * HIERARCHY_LINE / h->row_bytes;
    struct bank *b = &h->bank[row % h->banks];
    uint64_t start = cycle > b->free ? cycle : b->free;
    bool hit = b->row == row + 1;
    h->stats.row_hits += hit;
    h->stats.row_misses += !hit;
    b->row = row + 1;
    b->free = start + h->burst + (hit ? 0 : h->row_miss - h->row_hit);
    return start + (hit ? h->row_hit : h->row_miss);
}

/* ---- An access ----------------------------------------------------------------------------- */

static uint64_t access_line(struct hierarchy *h, enum hierarchy_user user, uint64_t number,
                            uint64_t cycle) {
    unsigned enters = user == HIERARCHY_PTE ? h->pte_enters : MEMLEVEL_L1D, level;
    struct hierarchy_use *use = &h->stats.use[user];
    struct line *found = NULL;
    uint64_t at = cycle;
    h->lookups++;
    for (level = enters; level < MEMLEVEL_DRAM; level++) {
        if (!h->cache[level].ways) continue;
        at += h->cache[level].latency;
        if ((found = find(&h->cache[level], number))) break;
    }
    use->found[level]++;
    if (!found) {
        at = dram(h, number, at);
    } else {
        use->in_flight += found->ready > at;
        if (found->ready > at) at = found->ready;
        found->used = h->lookups;
    }
    while (level-- > enters)
        if (h->cache[level].ways) fill(&h->cache[level], number, h->lookups, at);
    use->cycles += at - cycle;
    return at;
}

uint64_t hierarchy_access(struct hierarchy *h, enum hierarchy_user user, paddr_t pa, size_t bytes,
                          uint64_t cycle) {
    uint64_t first = pa / HIERARCHY_LINE, last = (pa + bytes - 1) / HIERARCHY_LINE, done = cycle;
    for (uint64_t n = first; n <= last; n++) {
        uint64_t at = access_line(h, user, n + 1, cycle);
        if (at > done) done = at;
    }
    return done;
}
