/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical memory behind the pins mem_req and mem_rsp: the bytes of mem.h, with time.
 * A request accepted in cycle t is answered in cycle t + L at the earliest, L >= 1; mem.* of
 * params.def choose L.
 */
#ifndef PW_MEMPORT_H
#define PW_MEMPORT_H
#include "config.h"
#include "hierarchy.h"
#include "mem.h"
#include "ports.h"

enum {
    MEMPORT_DEPTH = 128
}; /* twice the tags: a port that is full is not ready, it never overflows */

struct memport_answer {
    uint64_t due;  /* cycle of the answer, unless the one before it slips */
    uint64_t word; /* read: the PTE */
    uint32_t line; /* line: which of `lines` holds its bytes */
    uint8_t tag, op;
    bool error, cas_ok;
};

struct memport {
    struct mem *mem;
    struct hierarchy *hierarchy; /* the owner's; NULL: none, time is fixed or random */
    uint32_t model, latency, latency_max, stall, seed;
    uint32_t pte_bytes; /* 8, on RV32 4 */
    uint64_t accepted;  /* requests so far: the number that random latency is a hash of */
    uint32_t count;     /* answers owed; queue[0..count-1] in the order in which they leave */
    uint32_t free_line; /* next of `lines`, round robin: more of them than answers owed */
    struct memport_answer answered; /* the last that left */
    struct memport_answer queue[MEMPORT_DEPTH];
    uint64_t lines[MEMPORT_DEPTH][8];
};

void memport_init(struct memport *, const struct config *, struct mem *);

/* Sets the mem_* input pins of this cycle. Call once a cycle, before the clock edge. */
void memport_drive(struct memport *, uint64_t cycle, struct mmu_in *);

/* Cycle of the next answer, or UINT64_MAX. */
static inline uint64_t memport_due(const struct memport *p) {
    return p->count ? p->queue[0].due : UINT64_MAX;
}

/* Will the request of this cycle be taken, and write memory: out->mem_req_addr_o from mem_req_cmp_o
 * to mem_req_data_o? For those who must look before it does. */
bool memport_writes(const struct memport *, const struct mmu_in *, const struct mmu_out *);

/* Takes the request of this cycle if there is one and the pins driven were ready. Acts at once: a
 * read has its value, a compare-and-write is done when this returns. */
void memport_accept(struct memport *, uint64_t cycle, const struct mmu_in *,
                    const struct mmu_out *);

#endif
