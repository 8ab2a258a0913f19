/* SPDX-License-Identifier: Apache-2.0
 *
 * Records before a window: the same effects on kernel half, memory and opinion 3, no clock and no
 * engine, as fast as that goes. A translation is a walk by the specification's rules
 * (spec_walk_hart) that sets A and D in memory as Svadu does, or the trap it ends in; a small
 * lookaside remembers pages until the kernel half asks for any fence. The engine then starts at the
 * window with everything cold.
 */
#include "core.h"
#include "error.h"
#include <stdlib.h>
#include <string.h>

enum { LOOKASIDE = 4096 };

struct lookaside {
    uint64_t epoch; /* entries of an older epoch are void */
    struct {
        uint64_t epoch;
        vpn_t vpn;
        paddr_t page;
        uint8_t
            allowed; /* bit t: accesses of type t need no walk; D is set if stores are among them */
    } at[LOOKASIDE];
};

void core_functional_flush(struct core *c) {
    if (c->lookaside) c->lookaside->epoch++;
}

static bool known(const struct core *c, struct part *p, uint8_t type) {
    vpn_t vpn = p->va >> PAGE_SHIFT;
    const struct lookaside *l = c->lookaside;
    unsigned i = vpn % LOOKASIDE;
    if (l->at[i].vpn != vpn || l->at[i].epoch != l->epoch || !(l->at[i].allowed >> type & 1))
        return false;
    p->pa = l->at[i].page | p->va % PAGE_BYTES;
    return true;
}

static void learn(struct core *c, const struct part *p, uint8_t type) {
    struct lookaside *l = c->lookaside;
    vpn_t vpn = p->va >> PAGE_SHIFT;
    unsigned i = vpn % LOOKASIDE;
    paddr_t page = p->pa - p->va % PAGE_BYTES;
    bool same = l->at[i].vpn == vpn && l->at[i].epoch == l->epoch && l->at[i].page == page;
    l->at[i].allowed = (uint8_t)((same ? l->at[i].allowed : 0) | 1u << type);
    l->at[i].epoch = l->epoch;
    l->at[i].vpn = vpn;
    l->at[i].page = page;
}

/* Walks until the page translates, or the access has ended. */
static bool translate(struct core *c, struct entry *a, struct part *p) {
    for (bool repaired = true; repaired;) {
        struct spec_request r = core_spec_request(c, a, p);
        struct spec_answer s;
        spec_walk_hart(&c->hart, &r, &s);
        if (!s.cause) {
            if (s.writes)
                mem_write(c->mem, s.write_pa, &s.write_new,
                          c->hart.rv32 ? SV32_PTE_BYTES : PTE_BYTES);
            p->pa = s.pa;
            if (!a->kernel) learn(c, p, a->type);
            return true;
        }
        if (!core_fault(c, a, s.cause, p->va, &repaired) || !core_ops(c)) return false;
    }
    return true;
}

/* A trap on the second page begins the access anew, as it does on the pins: the first page may have
 * moved. */
bool core_functional_access(struct core *c, struct entry *a) {
    unsigned n = 0;
    bool repaired;
    if (entry_misaligned(a)) {
        return core_fault(c, a, CAUSE_STORE_MISALIGNED, a->va, &repaired) && core_ops(c);
    }
    while (n < a->parts && !a->sig && !a->efault) {
        struct part *p = &a->part[n];
        uint32_t traps = a->traps;
        if ((a->kernel || !known(c, p, a->type)) && !translate(c, a, p)) return false;
        n = n && a->traps != traps ? 0 : n + 1;
    }
    return true;
}

/* One record. The ring is empty; its first slot serves as the access of the moment. */
static bool access_record(struct core *c) {
    struct entry *a = core_at(c, 0);
    core_ps(c, c->next.index);
    memset(a, 0, sizeof *a);
    core_access(c, &c->next, a);
    c->have_next = false;
    c->subject = a;
    return core_functional_access(c, a) && (a->sig || core_perform(c, a));
}

bool core_functional_run(struct core *c) {
    c->lookaside = calloc(1, sizeof *c->lookaside);
    if (!c->lookaside) internal_error("out of memory");
    c->lookaside->epoch = 1;
    bool ok = true;
    while (ok && core_peek(c) && c->next.index < c->opt->from) {
        c->res->warmup_records++;
        if (core_interrupted(c, c->res->warmup_records)) break;
        if (core_late(c, c->res->warmup_records)) {
            core_timed_out(c);
            break;
        }
        bool plain = !c->signalled && !c->skipping && !core_background_due(c);
        ok = c->next.kind == TRACE_ACCESS && plain ? access_record(c) : core_record(c);
    }
    free(c->lookaside);
    c->lookaside = NULL;
    return ok && !c->res->exit_code;
}
