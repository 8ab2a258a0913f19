/* SPDX-License-Identifier: Apache-2.0
 *
 * What opinion 2 remembers of CSRs. A change of satp.MODE from or to Bare and of satp.ASID acts at
 * once; another PPN or MODE may show old or new until a fence as table words do. ADUE, PBMTE, PMP
 * and PMA wait for "sfence.vma with rs1 = x0 and rs2 = x0" [priv 3.1.18, 3.7.2], and until then
 * each check of a walk may see any value they have had since: "the PMP settings ... may be checked
 * (and possibly cached) at any point between the address translation and the explicit memory
 * access", in Bare mode too.
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
    /* [SATP-9, SATP-10] */
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

/* What stands now, when the answer is judged, may have been written since the acceptance. */
static bool written_since(const struct keep_flag *flag, uint64_t accepted, bool value) {
    return value == flag->now && flag->had[!value] && flag->until[!value] > accepted;
}

bool keep_flag_seen(const struct spec *s, const struct keep_flag *flag, uint64_t accepted, bool now,
                    bool value) {
    return value == now || written_since(flag, accepted, value) ||
           (flag->had[value] && !keep_covered(s, flag->until[value], accepted, &any));
}

/* ---- PMP and PMA ----------------------------------------------------------------------------- */
static const struct spec_pmp *set_write(struct spec *s, struct keep_sets *list, uint64_t cycle,
                                        const struct spec_pmp *set) {
    s->now = cycle;
    struct keep_set *now = keep_grown(NULL, 1, sizeof *now);
    *now = (struct keep_set){.set = *set, .from = cycle, .until = KEEP_NEVER};
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 8;
        list->set = keep_grown(list->set, list->room, sizeof(struct keep_set *));
    }
    if (list->count) list->set[list->count - 1]->until = cycle;
    list->set[list->count++] = now;
    if (list->count >= s->fence_limit) spec_forget(s);
    return &now->set;
}

const struct spec_pmp *spec_pmp_write(struct spec *s, uint64_t cycle, const struct spec_pmp *set) {
    return set_write(s, &s->pmp, cycle, set);
}

const struct spec_pmp *spec_pma_write(struct spec *s, uint64_t cycle, const struct spec_pmp *set) {
    return set_write(s, &s->pma, cycle, set);
}

struct check {
    paddr_t pa;
    unsigned bytes;
    uint8_t access, priv;
};

static bool passes(const struct spec_pmp *set, const struct check *c, bool pma) {
    return pma ? spec_pma_allows(set, c->pa, c->bytes, c->access)
               : spec_pmp_allows(set, c->pa, c->bytes, c->access, c->priv);
}

/* Newest first: once a set was covered, so was every one before it. */
static bool set_seen(const struct spec *s, const struct spec_pmp *own, bool pma, uint64_t accepted,
                     const struct check *c, bool allowed) {
    const struct keep_sets *list = pma ? &s->pma : &s->pmp;
    if (passes(own, c, pma) == allowed) return true;
    for (size_t n = list->count; n-- > 0;) {
        const struct keep_set *k = list->set[n];
        if (keep_covered(s, k->until, accepted, &any)) return false;
        if (passes(&k->set, c, pma) == allowed) return true;
    }
    return false;
}

/* It passes if both let it pass. */
bool keep_check_seen(const struct spec *s, const struct spec_request *r, uint64_t accepted,
                     paddr_t pa, unsigned bytes, uint8_t access, uint8_t priv, bool allowed) {
    const struct check c = {pa, bytes, access, priv};
    bool pmp = set_seen(s, r->pmp, false, accepted, &c, allowed);
    bool pma = set_seen(s, r->pma, true, accepted, &c, allowed);
    return allowed ? pmp && pma : pmp || pma;
}

/* ---- Forgetting ------------------------------------------------------------------------------ */
static void flag_forget(struct spec *s, struct keep_flag *flag) {
    for (unsigned value = 0; value < 2; value++)
        flag->had[value] &= !keep_settled_covers(s, flag->until[value], &any);
}

/* A set that a fence settled long ago covers is older than every request unanswered now. */
static void sets_forget(struct spec *s, struct keep_sets *list) {
    size_t kept = 0;
    for (size_t n = 0; n < list->count; n++) {
        struct keep_set *k = list->set[n];
        if (k->until != KEEP_NEVER && keep_settled_covers(s, k->until, &any))
            free(k);
        else
            list->set[kept++] = k;
    }
    list->count = kept;
}

void keep_forget_csrs(struct spec *s) {
    flag_forget(s, &s->adue);
    flag_forget(s, &s->pbmte);
    sets_forget(s, &s->pmp);
    sets_forget(s, &s->pma);
}

void keep_delete_csrs(struct spec *s) {
    struct keep_sets *list[2] = {&s->pmp, &s->pma};
    for (unsigned i = 0; i < 2; i++) {
        for (size_t n = 0; n < list[i]->count; n++) free(list[i]->set[n]);
        free(list[i]->set);
    }
}
