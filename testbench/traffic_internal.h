/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of random traffic: its state, and the doors between what is offered (traffic_stimulus.c,
 * traffic_mood.c, traffic_tables.c, traffic_csr.c) and what is made of the answers (traffic.c).
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
    FEW = 3, /* of the indices, in moods of few pages */
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
    unsigned twin; /* of the mood: the VPN bit in which two pages differ */
};

uint32_t traffic_roll(struct traffic *, uint32_t n); /* 0..n-1 */

/* ---- Moods of few pages, which nothing refuses (traffic_mood.c) --------------------------- */
static inline bool traffic_sizes(const struct traffic *t) {
    return t->mood >> 9 == 2;
}
static inline bool traffic_elsewhere(const struct traffic *t) {
    return t->mood >> 9 == 3;
}
static inline bool traffic_twins(const struct traffic *t) {
    return t->mood >> 9 == 4;
}
static inline bool traffic_few(const struct traffic *t) {
    return traffic_sizes(t) || traffic_elsewhere(t) || traffic_twins(t);
}
void traffic_begin_mood(struct traffic *);
void traffic_offer_few(struct traffic *);
vaddr_t traffic_of_few(struct traffic *);

/* ---- Page tables (traffic_tables.c) ------------------------------------------------------- */
extern const uint32_t traffic_index_of[INDICES];
uint32_t traffic_index(struct traffic *, uint32_t n); /* one of the first n of them */
/* The page number of table k of a level, the place of its word, and what stands there. */
ppn_t traffic_table(unsigned level, unsigned k);
paddr_t traffic_word_at(const struct traffic *, unsigned level, unsigned k, uint32_t index);
pte_t traffic_read_word(const struct traffic *, paddr_t);
void traffic_build_tables(struct traffic *);
void traffic_change_pte(struct traffic *);
static inline unsigned traffic_levels(const struct traffic *t) {
    return t->csr.rv32 ? 2 : LEVELS;
}
static inline unsigned traffic_level_bits(const struct traffic *t) {
    return t->csr.rv32 ? SV32_LEVEL_BITS : LEVEL_BITS;
}
/* Of the mode that runs; Bare: of the next one, perhaps. */
static inline unsigned traffic_mode_levels(const struct traffic *t) {
    if (t->csr.rv32) return 2;
    uint64_t mode = t->csr.satp >> SATP_MODE_SHIFT;
    return mode ? (unsigned)(mode - MODE_SV39) + 3 : 3;
}

/* ---- CSRs (traffic_csr.c) ------------------------------------------------------------------ */
/* The writes of the firmware, one a cycle; false: they are done. PMP and PMA let everything pass by
 * their last entry, so that those before it can do mischief. */
bool traffic_firmware(struct traffic *);
void traffic_offer_csr(struct traffic *);
void traffic_offer_satp(struct traffic *);
/* An entry of PMP, or of the PMA table; narrow: its ends lie inside accesses. */
void traffic_offer_range(struct traffic *, bool pma, bool narrow);
uint16_t traffic_asid(struct traffic *, unsigned root);

/* ---- The pins of a cycle (traffic_stimulus.c) ---------------------------------------------- */
void traffic_offer_requests(struct traffic *);
void traffic_offer_kills(struct traffic *);
void traffic_offer_fence(struct traffic *);
/* Changes page tables; sets the request, kill, fence and CSR pins. */
void traffic_offer(struct traffic *);

#endif
