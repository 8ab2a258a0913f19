/* SPDX-License-Identifier: Apache-2.0
 *
 * Cycles in which the MMU only waits. A walk to DRAM takes a hundred of them, and each would step
 * through every chapter of mmu_step to change nothing: who clocks the model may pass over them.
 *
 * Quiet is said of the state before an edge. Slots that wait for memory, or for another slot which
 * does, stay as they are until it answers; a store that waits for its turn until the pins oldest_*
 * name it; a miss without a walker until a walk has ended. Anything else goes on by itself.
 */
#include "slot.h"

static uint32_t walking(const struct ptw *p) {
    return (p->in[SLOT_RDQ] | p->in[SLOT_RD] | p->in[SLOT_CASQ] | p->in[SLOT_CAS] |
            p->in[SLOT_SHARE]) &
           ~p->ahead;
}

/* Is it a held store's turn? */
static bool turn(const struct ptw *p, const struct mmu_in *in) {
    const struct edge e = {.in = in};
    EACH_SLOT(i, p->in[SLOT_HOLD]) {
        if (slot_named(p, &e, i)) return true;
    }
    return false;
}

bool mmu_idle(const struct mmu *m) {
    return m->ptw.in[SLOT_FREE] == slot_all(&m->ptw) && !m->l2.clear.active &&
           !m->hit[PORT_FETCH].now && !m->hit[PORT_DATA].now && !m->prefetch.came;
}

bool mmu_quiet(const struct mmu *m, const struct mmu_in *in) {
    const struct ptw *p = &m->ptw;
    uint32_t go_on =
        p->in[SLOT_L2Q] | p->in[SLOT_L2S] | p->in[SLOT_RDQ] | p->in[SLOT_CASQ] | p->in[SLOT_DONE];
    if (go_on || m->l2.clear.active || m->hit[PORT_FETCH].now || m->hit[PORT_DATA].now ||
        m->csr_done || m->fence_done || m->prefetch.came || p->in[SLOT_WANT] & p->ahead)
        return false;
    if (in->fence_valid_i | in->csr_valid_i | in->mem_rsp_valid_i || in->ikill_i | in->dkill_i)
        return false;
    if (p->in[SLOT_WANT] && __builtin_popcount(walking(p)) < p->walkers) return false;
    return !p->in[SLOT_HOLD] || !turn(p, in);
}

void mmu_rest(struct mmu *m, const struct mmu_in *in, const struct mmu_out *out, uint64_t cycles) {
    bool active = !out->idle_o || in->ireq_valid_i || in->dreq_valid_i;
    m->cycle += cycles;
    m->stats.active_cycles += active ? cycles : 0;
}
