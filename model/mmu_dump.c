/* SPDX-License-Identifier: Apache-2.0
 *
 * What the MMU says of itself: its state by name, as text into the caller's buffer, for hang and
 * failure reports; the slots, for a waveform; and the digests that its pins carry.
 */
#include "mmu_state.h"
#include <stdio.h> /* snprintf only */
#include <string.h>

size_t mmu_dump(const struct mmu *m, char *out, size_t bytes) {
    const struct ptw *p = &m->ptw;
    size_t n = 0;
#define SAY(...)                                                                                   \
    do {                                                                                           \
        int more_ = snprintf(n < bytes ? out + n : NULL, n < bytes ? bytes - n : 0, __VA_ARGS__);  \
        n += more_ > 0 ? (size_t)more_ : 0;                                                        \
    } while (0)
    SAY("cycle %llu: satp %016llx context %u adue %d\n", (unsigned long long)m->cycle,
        (unsigned long long)m->satp, m->ctx.current, m->adue);
    for (uint32_t i = 0; i < p->slots; i++) {
        const struct walk_slot *s = &p->slot[i];
        if (s->state == SLOT_FREE) continue;
        SAY("slot %2u %-6s %s id %2u %s va %016llx level %u base %011llx%s%s%s", i,
            slot_word(s->state),
            s->ahead                         ? "ahead"
            : p->of_port[PORT_DATA] >> i & 1 ? "data "
                                             : "fetch",
            s->id, access_word(s->access), (unsigned long long)s->va, s->level,
            (unsigned long long)s->base, s->stale ? " stale" : "", s->killed ? " killed" : "",
            p->held && p->held_slot == i ? " offered" : "");
        if (s->state == SLOT_MERGED) SAY(" follows slot %u", s->lead);
        if (s->state == SLOT_LINE) SAY(" waits for the line of slot %u", s->lead);
        if (s->state == SLOT_DONE) SAY(" cause %s", cause_word(s->cause));
        SAY("\n");
    }
#undef SAY
    return n < bytes ? n : bytes ? bytes - 1 : 0;
}

/* 54 bits of flags and PPN, then PBMT and N: 57 bits without the reserved ones. */
static uint64_t pte_kept(pte_t e) {
    return (e & ((1ull << 54) - 1)) | e >> 61 << 54;
}

unsigned mmu_slots(const struct mmu *m, struct mmu_slot out[MMU_SLOTS_MAX]) {
    for (uint32_t i = 0; i < m->ptw.slots; i++) {
        const struct walk_slot *s = &m->ptw.slot[i];
        out[i] = (struct mmu_slot){.va = s->va,
                                   .base = s->base,
                                   .pte = pte_kept(s->pte),
                                   .last = s->last,
                                   .state = s->state,
                                   .id = s->id,
                                   .access = s->access,
                                   .priv = s->priv,
                                   .level = s->level,
                                   .source = s->source,
                                   .cause = s->cause,
                                   .lead = s->lead,
                                   .sum = s->sum,
                                   .mxr = s->mxr,
                                   .stale = s->stale,
                                   .fresh = s->fresh,
                                   .again = s->again,
                                   .killed = s->killed,
                                   .global = s->global,
                                   .line = s->line,
                                   .single = s->single};
    }
    return m->ptw.slots;
}

/* ---- Digests ----------------------------------------------------------------------------- */

/* FNV-1a over the RTL knobs in the order of params.def. */
uint32_t mmu_config_digest(const struct config *c) {
    uint32_t d = 0x811c9dc5u;
    for (int i = 0; i < CONFIG_KNOBS; i++) {
        const struct config_knob *k = &config_knobs[i];
        if (strcmp(k->class, "RTL")) continue;
        d = (d ^ *(const uint32_t *)(const void *)((const char *)c + k->offset)) * 0x01000193u;
    }
    return d;
}

void mmu_watch(struct mmu *m, bool watched) {
    m->watched = watched;
}

void mmu_state_digests(const struct mmu *m, struct mmu_out *o) {
    o->ev_ctx_state_o = ctx_fold(&m->ctx);
    o->ev_il1_state_o = l1_fold(&m->l1[PORT_FETCH]);
    o->ev_dl1_state_o = l1_fold(&m->l1[PORT_DATA]);
    o->ev_l2_state_o = fold(l2_fold(&m->l2), m->l2_split ? l2_fold(&m->l2i) : 0);
    o->ev_line_state_o = lines_fold(&m->lines);
    o->ev_prefetch_state_o = prefetch_fold(&m->prefetch);
    for (int k = 0; k < PWC_LEVELS; k++)
        o->ev_pwc_state_o = fold(o->ev_pwc_state_o, pwc_fold(&m->pwc[k]));
}
