/* SPDX-License-Identifier: Apache-2.0
 *
 * Address space identifiers, as arch/riscv/mm/context.c hands them out.
 *
 * A context is version | ASID. While its version is the current one, switching to an mm is one satp
 * write. When the ASIDs run out, the version goes up, every ASID but 0 and the running one is free
 * again, and the hart drops all translations once, at its next switch: so an ASID never comes back
 * with the last owner's translations. ASID 0 belongs to boot. Without ASIDs (os.asids = 0, or too
 * few bits) every mm has ASID 0, and every switch fences that.
 */
#include "kernel.h"
#include <stdlib.h>

enum { HARTS = 1, WORD = 64 };

static bool test_and_set(uint64_t *map, unsigned asid) {
    uint64_t bit = 1ull << (asid % WORD);
    bool was = map[asid / WORD] & bit;
    map[asid / WORD] |= bit;
    return was;
}

void asids_init(struct os *os) {
    struct asids *a = &os->asids;
    unsigned bits = os->cfg.asid_bits;
    if (os->cfg.os_mode == MODE_SV32 && bits > SATP32_ASID_BITS) bits = SATP32_ASID_BITS;
    unsigned count = 1u << bits;
    if (!os->cfg.os_asids || count <= 2 * HARTS) /* asids_init: more ASIDs than 2 a CPU, or none */
        return;
    a->count = count;
    a->version = count;
    a->cursor = 1;
    a->map = calloc((count + WORD - 1) / WORD, sizeof *a->map);
    if (!a->map) abort();
    test_and_set(a->map, 0);
}

static unsigned asid_of(const struct asids *a, uint64_t context) {
    return (unsigned)(context & (a->count - 1));
}

uint16_t mm_asid(const struct os *os, const struct mm *mm) {
    return os->asids.count ? (uint16_t)asid_of(&os->asids, mm->context) : 0;
}

uint64_t mm_satp(const struct os *os, const struct mm *mm) {
    if (os->cfg.os_mode == MODE_SV32)
        return 1ull << SATP32_MODE_SHIFT | (uint64_t)mm_asid(os, mm) << SATP32_ASID_SHIFT |
               mm->root;
    return (uint64_t)os->cfg.os_mode << SATP_MODE_SHIFT |
           (uint64_t)mm_asid(os, mm) << SATP_ASID_SHIFT | mm->root;
}

/* find_next_zero_bit; a->count if there is none. */
static unsigned next_free(const struct asids *a, unsigned from) {
    while (from < a->count && (a->map[from / WORD] >> (from % WORD) & 1)) from++;
    return from;
}

/* __flush_context: what stays taken is what the hart runs on. */
static void turn_over(struct asids *a) {
    a->version += a->count;
    for (unsigned w = 0; w < (a->count + WORD - 1) / WORD; w++) a->map[w] = 0;
    if (a->active) a->reserved = a->active;
    a->active = 0;
    test_and_set(a->map, asid_of(a, a->reserved));
    test_and_set(a->map, 0);
    a->flush_pending = true;
}

/* __new_context */
static uint64_t context_new(struct asids *a, uint64_t old) {
    if (old) {
        uint64_t again = a->version | asid_of(a, old);
        if (a->reserved == old) { /* it ran through the turn-over: it keeps its ASID */
            a->reserved = again;
            return again;
        }
        if (!test_and_set(a->map, asid_of(a, old))) return again;
    }
    unsigned asid = next_free(a, a->cursor);
    if (asid == a->count) {
        turn_over(a);
        asid = next_free(a, 1);
    }
    test_and_set(a->map, asid);
    a->cursor = asid;
    return a->version | asid;
}

/* set_mm_asid */
static void switch_asid(struct os *os, struct mm *next) {
    struct asids *a = &os->asids;
    bool stale = (next->context & ~(uint64_t)(a->count - 1)) != a->version;
    bool flush = false;
    if (stale) next->context = context_new(a, next->context);
    if (stale || !a->active) {
        flush = a->flush_pending;
        a->flush_pending = false;
    }
    a->active = next->context;
    emit_satp(os, mm_satp(os, next));
    if (flush) flush_local_all(os, RULE_ROLLOVER);
}

void mm_switch(struct os *os, struct mm *next) {
    struct mm *prev = os->active;
    if (prev == next) return;
    os->active = next;
    next->seen = true;
    if (os->asids.count) {
        switch_asid(os, next);
    } else {
        if (prev) prev->seen = false; /* the fence of this switch leaves nothing of it behind */
        emit_satp(os, mm_satp(os, next));
        flush_local_asid(os, 0, RULE_SWITCH); /* set_mm_noasid */
    }
    if (prev && !prev->users)
        mm_drop_root(os, prev); /* it was only borrowed: mmdrop after the switch */
}
