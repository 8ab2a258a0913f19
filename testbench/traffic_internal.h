/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of random traffic: its state, and the door between what is offered (traffic_stimulus.c)
 * and what is made of the answers (traffic.c).
 */
#ifndef PW_TRAFFIC_INTERNAL_H
#define PW_TRAFFIC_INTERNAL_H
#include "counters.h"
#include "mem.h"
#include "memport.h"
#include "spec.h"
#include "traffic.h"

enum { TABLES = 6, LEVELS = 4, INDICES = 6, ROOTS = 3, LIVE_MAX = 64, ANSWER_LIMIT = 60000 };

/* An accepted request that has no answer yet, in program order. */
struct live {
    bool data;
    uint8_t id;
    uint64_t accepted;
    struct spec_request request;
};

struct traffic {
    struct engine *engine;
    const struct config *config;
    struct traffic_result *result;
    struct mem *mem;
    struct memport port;
    struct spec *spec;
    struct counters counters;
    struct counters_driver driver;
    uint64_t random, cycle;
    struct mmu_in in;
    struct mmu_out out;
    struct live live[LIVE_MAX];
    unsigned count;
    uint32_t used[2]; /* ids in use */
    uint64_t satp, next_satp;
    bool adue, next_adue, csr_pending;
    unsigned fences_pending;
    unsigned mood; /* which rates; changes every few hundred cycles */
};

void traffic_build_tables(struct traffic *);
/* Changes page tables; sets the request, kill, fence and CSR pins. */
void traffic_offer(struct traffic *);

#endif
