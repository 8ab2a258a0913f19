/* SPDX-License-Identifier: Apache-2.0
 *
 * The predictor of the binary form: what the next access probably is. Writer and reader run it in
 * step, and an access that it guessed whole costs nothing but its share of a run length.
 *
 * A program repeats itself by place: what follows an instruction is mostly what followed it last
 * time (the same next instruction, the same load from the same address or a stride further). So a
 * guess is looked up by the place: the address of the last fetch and how many data accesses came
 * since. A new stride counts when it came twice, so one jump of a pointer does not cost two misses.
 * The exact arithmetic is part of the format (docs/trace-format.md).
 */
#ifndef PW_TRACE_PREDICT_H
#define PW_TRACE_PREDICT_H
#include "enums.h"
#include "types.h"

enum { PREDICT_SLOT_BITS = 14, PREDICT_SINCE_MAX = 15 };

struct predict_slot {
    vaddr_t va;             /* of the access seen here last */
    uint64_t stride, delta; /* what to add to va; the last difference, not yet seen twice */
    uint16_t bytes;         /* 0: nothing was seen here */
    uint8_t access;
};

struct predict {
    vaddr_t pc; /* last fetch: address, bytes */
    uint16_t pc_bytes;
    uint16_t since;  /* data accesses since, 15 at most */
    vaddr_t last[4]; /* last address by access type */
    struct predict_slot slot[1 << PREDICT_SLOT_BITS];
};

struct guess {
    vaddr_t va;
    uint16_t bytes;
    uint8_t access;
};

static inline struct predict_slot *predict_find(struct predict *p) {
    uint64_t place = p->pc + p->since * 0x7f4a7c15ull;
    return &p->slot[place * 0x9e3779b97f4a7c15ull >> (64 - PREDICT_SLOT_BITS)];
}

/* A place never seen: straight on. */
static inline struct guess predict_guess(const struct predict *p, const struct predict_slot *s) {
    if (!s->bytes) return (struct guess){p->pc + p->pc_bytes, p->pc_bytes, ACCESS_FETCH};
    return (struct guess){s->va + s->stride, s->bytes, s->access};
}

/* The address that a miss is written relative to. */
static inline vaddr_t predict_base(const struct predict *p, const struct predict_slot *s,
                                   uint8_t access) {
    if (access == ACCESS_FETCH) return p->pc + p->pc_bytes;
    return s->bytes && s->access == access ? s->va : p->last[access];
}

static inline void predict_learn(struct predict *p, struct predict_slot *s, const struct guess *a) {
    uint64_t delta = a->va - s->va;
    if (a->access == ACCESS_FETCH || !s->bytes || s->access != a->access) {
        s->stride = s->delta = 0;
    } else {
        if (delta == s->delta) s->stride = delta;
        s->delta = delta;
    }
    s->va = a->va;
    s->bytes = a->bytes;
    s->access = a->access;
    p->last[a->access] = a->va;
    if (a->access == ACCESS_FETCH) {
        p->pc = a->va;
        p->pc_bytes = a->bytes;
        p->since = 0;
    } else if (p->since < PREDICT_SINCE_MAX) {
        p->since++;
    }
}

#endif
