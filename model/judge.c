/* SPDX-License-Identifier: Apache-2.0
 *
 * What a leaf means for one request: use it, refuse it, or set A or D first.
 * Mirror: rtl/mmu_judge.sv
 */
#include "slot.h"
#include "perm.h"

/* A prefetch: any page will do that has A set. */
static enum verdict judge_ahead(const struct mmu *m, struct walk_slot *s, pte_t pte) {
    bool wide = pte_pa(pte, s->low, s->va) >> m->pa_bits;
    if (pte & PTE_A && !wide) return VERDICT_OK;
    s->cause = wide ? cause_access(s->access) : cause_page(s->access);
    return VERDICT_FAULT;
}

enum verdict judge(const struct mmu *m, struct walk_slot *s, pte_t pte, uint8_t level) {
    bool need_d = access_is_store(s->access) && !(pte & PTE_D);
    s->pte = pte;
    s->level = level;
    s->low = leaf_low(m->rv32, pte, level);
    s->cause = CAUSE_NONE;
    s->span = 0;
    if (s->ahead) return judge_ahead(m, s, pte);
    if (!perm_check(pte, s->access, s->priv, s->sum, s->mxr)) { /* step 6 */
        s->cause = cause_page(s->access);
        return VERDICT_FAULT;
    }
    bool update = !(pte & PTE_A) || need_d; /* step 7 */
    if (update && !s->adue) {               /* [VM-9.1, VM-9.2] */
        s->cause = cause_page(s->access);
        return VERDICT_FAULT;
    }
    /* [VM-9.3, VM-9.4, VM-9.8] */
    if (!(pte_pa(pte, s->low, s->va) >> m->pa_bits))
        return !update ? VERDICT_OK : need_d ? VERDICT_D : VERDICT_A;
    /* [VM-10.4] */
    s->cause = cause_access(s->access); /* beyond physical memory: found before A or D is set */
    return VERDICT_FAULT;
}
