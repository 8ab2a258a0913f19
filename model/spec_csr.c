/* SPDX-License-Identifier: Apache-2.0
 *
 * What opinion 2 remembers of CSRs. A change of satp.MODE from or to Bare and of satp.ASID acts at
 * once; another PPN or MODE may show old or new until a fence as table words do. ADUE, PBMTE and
 * PMP wait for "sfence.vma with rs1 = x0 and rs2 = x0" [priv 3.1.18, 3.7.2], and until then each
 * check of a walk may see any value they have had since: "the PMP settings ... may be checked (and
 * possibly cached) at any point between the address translation and the explicit memory access",
 * in Bare mode too.
 */
#include "spec_keep.h"
#include <stdlib.h>

static const struct keep_use any = {.global = true}; /* what only sfence.vma x0, x0 covers */

/* ---- satp ------------------------------------------------------------------------------------ */
void spec_satp_write(struct spec *s, uint64_t cycle, uint64_t satp) {
    s->now = cycle;
    if (satp == s->satp) return;
    size_t found = s->roots;
    for (size_t n = 0; n < s->roots; n++) {
        if (s->root[n].until == KEEP_NEVER) s->root[n].until = cycle;
        if (s->root[n].satp == satp) found = n;
    }
    s->satp = satp;
    if (spec_mode(&s->hart, satp).levels == 0) return; /* from and to Bare at once: no root */
    if (found == s->roots) {
        if (s->roots == s->root_room) {
            s->root_room = s->root_room ? 2 * s->root_room : 16;
            s->root = keep_grown(s->root, s->root_room, sizeof *s->root);
        }
        s->root[s->roots++] = (struct keep_root){.satp = satp, .from = cycle};
    }
    s->root[found].until = KEEP_NEVER;
}

/* ---- menvcfg --------------------------------------------------------------------------------- */
static void flag_write(struct spec *s, struct keep_flag *flag, uint64_t cycle, bool value) {
    s->now = cycle;
    if (value == flag->now) return;
    flag->had[flag->now] = true;
    flag->until[flag->now] = cycle;
    flag->now = value;
}

void spec_adue_write(struct spec *s, uint64_t cycle, bool adue) {
    flag_write(s, &s->adue, cycle, adue);
}

void spec_pbmte_write(struct spec *s, uint64_t cycle, bool pbmte) {
    flag_write(s, &s->pbmte, cycle, pbmte);
}

bool keep_flag_seen(const struct spec *s, const struct keep_flag *flag, uint64_t accepted, bool now,
                    bool value) {
    return value == now ||
           (flag->had[value] && !keep_covered(s, flag->until[value], accepted, &any));
}

/* ---- PMP ------------------------------------------------------------------------------------- */
const struct spec_pmp *spec_pmp_write(struct spec *s, uint64_t cycle, const struct spec_pmp *set) {
    s->now = cycle;
    struct keep_pmp *now = keep_grown(NULL, 1, sizeof *now);
    *now = (struct keep_pmp){.set = *set, .from = cycle, .until = KEEP_NEVER};
    if (s->pmps == s->pmp_room) {
        s->pmp_room = s->pmp_room ? 2 * s->pmp_room : 8;
        s->pmp = keep_grown(s->pmp, s->pmp_room, sizeof(struct keep_pmp *));
    }
    if (s->pmps) s->pmp[s->pmps - 1]->until = cycle;
    s->pmp[s->pmps++] = now;
    if (s->pmps >= s->fence_limit) spec_forget(s);
    return &now->set;
}

bool keep_pmp_seen(const struct spec *s, const struct spec_request *r, uint64_t accepted,
                   paddr_t pa, unsigned bytes, unsigned need, uint8_t priv, bool allowed) {
    if (spec_pmp_allows(r->pmp, pa, bytes, need, priv) == allowed) return true;
    for (size_t n = s->pmps; n-- > 0;) {
        const struct keep_pmp *p = s->pmp[n];
        if (p->from > accepted || p->until == KEEP_NEVER) continue;
        if (keep_covered(s, p->until, accepted, &any)) return false; /* and all before it */
        if (spec_pmp_allows(&p->set, pa, bytes, need, priv) == allowed) return true;
    }
    return false;
}

/* ---- Forgetting ------------------------------------------------------------------------------ */
static void flag_forget(struct spec *s, struct keep_flag *flag) {
    for (unsigned value = 0; value < 2; value++)
        flag->had[value] &= !keep_settled_covers(s, flag->until[value], &any);
}

/* A set that a fence settled long ago covers is older than every request unanswered now. */
void keep_forget_csrs(struct spec *s) {
    size_t kept = 0;
    flag_forget(s, &s->adue);
    flag_forget(s, &s->pbmte);
    for (size_t n = 0; n < s->pmps; n++) {
        if (s->pmp[n]->until != KEEP_NEVER && keep_settled_covers(s, s->pmp[n]->until, &any))
            free(s->pmp[n]);
        else
            s->pmp[kept++] = s->pmp[n];
    }
    s->pmps = kept;
}
