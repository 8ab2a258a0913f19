/* SPDX-License-Identifier: Apache-2.0
 *
 * The clause by which an access is refused: an item of the verification plan, found by the row of
 * the decision table at which the literal walker stopped and the PTE that it had read there.
 */
#include "explain.h"
#include <string.h>

static const struct explain_clause items[] = {
#define ITEM(tag, step, text) {#tag, step, text},
#include "plan/plan.def"
#undef ITEM
};

static const char *reserved(pte_t pte) { /* step 3 */
    if (!(pte & PTE_V)) return "VM-3.1";
    if (pte & PTE_W && !(pte & PTE_R)) return "VM-3.2";
    if (pte & PTE_RESERVED) return pte & (PTE_R | PTE_X) ? "VM-3.3" : "VM-3.4";
    if (pte & PTE_N) return "VM-3.5";
    return (pte & PTE_PBMT) == PTE_PBMT ? "VM-3.8" : "VM-3.7";
}

static const char *pointer(pte_t pte) { /* step 4 */
    if (pte & PTE_A) return "VM-4.1";
    if (pte & PTE_D) return "VM-4.2";
    if (pte & PTE_U) return "VM-4.3";
    return pte & PTE_N ? "VM-4.4" : "VM-4.5";
}

static const char *permission(const struct explain *x) { /* step 8 */
    if (x->access == ACCESS_FETCH) return "VM-8.1";
    return x->access == ACCESS_LOAD ? "VM-8.2" : "VM-8.4";
}

static const char *canonical(const struct explain *x) {
    unsigned mode = explain_mode(x->cfg, x->satp);
    return mode == MODE_SV39 ? "VM-1.1" : mode == MODE_SV48 ? "VM-1.2" : "VM-1.3";
}

static const char *tag_of(const struct explain *x, const struct spec_answer *s) {
    pte_t pte = s->reads ? s->read_pte[s->reads - 1] : 0;
    switch (s->row) {
    case 1: return canonical(x);
    case 2: return s->bus ? "VM-2.2" : "VM-2.1";
    case 3: return reserved(pte);
    case 4: return pointer(pte);
    case 5: return "VM-4.6";
    case 6: return "VM-5.1";
    case 7: return (pte >> PTE_PPN_SHIFT) % NAPOT_PTES != NAPOT_ENCODING ? "NAP-2" : "NAP-3";
    case 8: return x->kernel ? (x->access == ACCESS_FETCH ? "VM-6.4" : "VM-6.2") : "VM-6.1";
    case 10: return permission(x);
    case 11: return pte & PTE_A ? "VM-9.2" : "VM-9.1";
    case 12: return "VM-9.6";
    default: return s->bus ? "VM-10.4" : "PMP-17";
    }
}

const struct explain_clause *explain_clause(const struct explain *x, const struct spec_answer *s) {
    if (!s->cause) return NULL;
    const char *tag = tag_of(x, s);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        if (!strcmp(items[i].tag, tag)) return &items[i];
    }
    return NULL;
}

bool explain_agrees(const struct explain_step *s) {
    return s->answer.spec.cause == s->answer.cause &&
           (s->answer.cause || s->answer.spec.pa == s->answer.pa);
}
