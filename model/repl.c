/* SPDX-License-Identifier: Apache-2.0
 *
 * Replacement policies: LRU (exact ranks), tree-PLRU, FIFO, seeded random. Mirror: rtl/mmu_repl.sv
 */
#include "repl.h"
#include "enums.h"
#include <string.h>

static uint64_t *words(const struct repl_state *r) {
    return (uint64_t *)((uintptr_t)r + r->state);
}

static uint8_t *ranks(const struct repl_state *r, uint32_t set) {
    return (uint8_t *)(words(r) + r->sets) + (size_t)set * r->ways;
}

size_t repl_bytes(uint32_t sets, uint32_t ways) {
    return sizeof(uint64_t) * sets + (((size_t)sets * ways + 7) & ~(size_t)7);
}

void repl_init(struct repl_state *r, struct repl_kind k, uint32_t sets, uint32_t ways,
               void *state) {
    r->policy = k.policy;
    r->ways = (uint8_t)ways;
    r->lfsr = k.seed;
    r->sets = sets;
    r->state = (uint32_t)((uintptr_t)state - (uintptr_t)r);
    memset(words(r), 0, sizeof(uint64_t) * sets);
    for (uint32_t s = 0; s < sets; s++) {
        for (uint32_t w = 0; w < ways; w++) ranks(r, s)[w] = (uint8_t)w;
    }
}

/* ---- Tree-PLRU: node n has children 2n+1, 2n+2; its bit 1 sends the victim to the right
 * ----------- */

static unsigned tree_span(unsigned ways) {
    unsigned span = 1;
    while (span < ways) span *= 2;
    return span;
}

static unsigned tree_victim(uint64_t bits, unsigned ways) {
    unsigned node = 0, low = 0;
    for (unsigned half = tree_span(ways) / 2; half; half /= 2) {
        /* a right half without a way that exists is never entered */
        unsigned right = low + half < ways && (bits >> node & 1);
        low += right ? half : 0;
        node = 2 * node + 1 + right;
    }
    return low;
}

static uint64_t tree_touch(uint64_t bits, unsigned ways, unsigned way) {
    unsigned node = 0;
    for (unsigned half = tree_span(ways) / 2; half; half /= 2) {
        unsigned right = (way & half) != 0;
        bits = (bits & ~(1ull << node)) | (uint64_t)!right << node;
        node = 2 * node + 1 + right;
    }
    return bits;
}

/* ---- The four policies
 * --------------------------------------------------------------------------- */

unsigned repl_choose(const struct repl_state *r, uint32_t set, uint64_t valid) {
    uint64_t all = r->ways == 64 ? ~0ull : (1ull << r->ways) - 1;
    if (valid != all) return (unsigned)__builtin_ctzll(~valid);
    switch (r->policy) {
    case REPL_PLRU: return tree_victim(words(r)[set], r->ways);
    case REPL_FIFO: return (unsigned)words(r)[set];
    case REPL_RANDOM: return r->lfsr % r->ways;
    default: break;
    }
    const uint8_t *rank = ranks(r, set);
    unsigned way = 0;
    while (rank[way] != r->ways - 1) way++;
    return way;
}

void repl_evict(struct repl_state *r, uint32_t set, uint64_t valid) {
    uint64_t all = r->ways == 64 ? ~0ull : (1ull << r->ways) - 1;
    if (valid != all) return;
    if (r->policy == REPL_FIFO) words(r)[set] = (words(r)[set] + 1) % r->ways;
    if (r->policy == REPL_RANDOM) { /* x^16 + x^14 + x^13 + x^11 + 1, Galois */
        r->lfsr = (uint16_t)((r->lfsr >> 1) ^ (-(r->lfsr & 1u) & 0xb400u));
    }
}

void repl_touch(struct repl_state *r, uint32_t set, unsigned way) {
    if (r->policy == REPL_PLRU) words(r)[set] = tree_touch(words(r)[set], r->ways, way);
    if (r->policy != REPL_LRU) return;
    uint8_t *rank = ranks(r, set);
    uint8_t old = rank[way];
    if (!old) return;
    for (unsigned w = 0; w < r->ways; w++) rank[w] = (uint8_t)(rank[w] + (rank[w] < old));
    rank[way] = 0;
}

uint32_t repl_fold(const struct repl_state *r) {
    uint32_t d = 0;
    if (r->ways == 1) return 0;
    if (r->policy == REPL_RANDOM) return fold(0, r->lfsr);
    for (uint32_t s = 0; s < r->sets; s++) {
        if (r->policy != REPL_LRU) d = fold(d, words(r)[s]);
        for (unsigned w = 0; r->policy == REPL_LRU && w < r->ways; w++) d = fold(d, ranks(r, s)[w]);
    }
    return d;
}
