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
#include "registers.h"
#include "spec.h"
#include "traffic.h"

enum {
    TABLES = 6,
    LEVELS = 5,
    INDICES = 6,
    ROOTS = 3,
    LIVE_MAX = 64,
    ANSWER_LIMIT = 60000,
    TOUCHED = 4,     /* accesses that are remembered, */
    STAYS = 40,      /* each until so many more are answered */
    BORDERS = 0x7f0, /* offsets in a page that are reached often, and ranges end at */
    BORDER_BYTES = 32,
    FENCES = 8 /* fence operations accepted and not done */
};

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
    pins_told *told; /* or NULL */
    void *who;
    struct mem *mem;
    struct memport port;
    struct hierarchy *hierarchy; /* NULL: mem.model is another */
    struct spec *spec;
    struct counters counters;
    struct counters_driver driver;
    uint64_t random, cycle;
    struct mmu_in in;
    struct mmu_out out;
    struct live live[LIVE_MAX];
    unsigned count;
    uint32_t used[2]; /* ids in use */
    struct registers csr;
    bool csr_pending; /* a write that the next cycle sees */
    uint16_t csr_addr;
    uint64_t csr_value;
    unsigned firmware;     /* its writes done since reset */
    uint8_t fence[FENCES]; /* enum fence, oldest first */
    unsigned fences;
    vaddr_t last[2]; /* by port: translated last, without a fault */
    struct {
        vaddr_t va;
        paddr_t pa;
    } touched[TOUCHED];
    unsigned touches;
    unsigned moods;
    unsigned mood; /* which rates; changes every few hundred cycles */
};

uint32_t traffic_roll(struct traffic *, uint32_t n); /* 0..n-1 */
/* Moods of few pages, which nothing refuses. In one of them two roots share them, and fences name
 * those of one while the other runs: an entry must go from a set of L2 that is being filled. In the
 * other their sizes change and no fence tells: a larger page fills over several smaller ones. */
static inline bool traffic_elsewhere(const struct traffic *t) {
    return t->mood >> 9 == 3;
}
static inline bool traffic_sizes(const struct traffic *t) {
    return t->mood >> 9 == 2;
}
static inline bool traffic_few(const struct traffic *t) {
    return traffic_elsewhere(t) || traffic_sizes(t);
}
/* The page number of table k of a level; its words. */
ppn_t traffic_table(unsigned level, unsigned k);
void traffic_build_tables(struct traffic *);
/* The writes of the firmware, one a cycle; false: they are done. PMP and PMA let everything pass by
 * their last entry, so that those before it can do mischief. */
bool traffic_firmware(struct traffic *);
void traffic_offer_csr(struct traffic *);
void traffic_offer_satp(struct traffic *);
/* An entry of PMP, or of the PMA table; narrow: its ends lie inside accesses. */
void traffic_offer_range(struct traffic *, bool pma, bool narrow);
uint16_t traffic_asid(struct traffic *, unsigned root);
/* Changes page tables; sets the request, kill, fence and CSR pins. */
void traffic_offer(struct traffic *);

#endif
