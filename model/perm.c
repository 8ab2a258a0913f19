/* SPDX-License-Identifier: Apache-2.0
 *
 * PTE legality and permissions [priv, Virtual Address Translation Process].
 * Mirror: rtl/mmu_perm.sv, rtl/mmu_pte.sv
 */
#include "perm.h"

/* [VM-3.3, VM-3.4, VM-3.5, VM-3.6, VM-3.7, VM-3.8, VM-3.9, VM-3.10] */
/* Are the bits above the PPN all that the extensions allow? [priv, Svnapot, Svpbmt] */
static bool high_ok(pte_t pte, struct pte_rules rules) {
    if (pte & PTE_RESERVED || (pte & PTE_PBMT) == PTE_PBMT) return false;
    return (rules.svnapot || !(pte & PTE_N)) && (rules.pbmte || !(pte & PTE_PBMT));
}

enum pte_kind pte_classify(pte_t pte, unsigned level, struct pte_rules rules) {
    bool r = pte & PTE_R, w = pte & PTE_W, x = pte & PTE_X;
    /* [VM-3.1, VM-3.2] */
    if (!(pte & PTE_V) || (w && !r) || !high_ok(pte, rules)) return PTE_KIND_FAULT; /* step 3 */
    if (!r && !x) { /* step 4: a pointer */
        /* [VM-4.1, VM-4.2, VM-4.3, VM-4.4, VM-4.5] */
        if (pte & (PTE_D | PTE_A | PTE_U | PTE_N | PTE_PBMT)) return PTE_KIND_FAULT;
        /* [VM-4.6] */
        return level ? PTE_KIND_POINTER : PTE_KIND_FAULT;
    }
    /* [NAP-2, NAP-3] */
    if (pte & PTE_N) { /* a NAPOT range of 64 KiB is the only one there is */
        bool range = !level && (pte_ppn(pte) & (NAPOT_PTES - 1)) == NAPOT_ENCODING;
        return range ? PTE_KIND_LEAF : PTE_KIND_FAULT;
    }
    ppn_t low = (1ull << (level_bits(rules.rv32) * level)) - 1;
    /* [VM-5.1, VM-5.2] */
    return pte_ppn(pte) & low ? PTE_KIND_FAULT : PTE_KIND_LEAF; /* step 5: misaligned superpage */
}

bool perm_check(pte_t pte, uint8_t access, uint8_t priv, bool sum, bool mxr) {
    bool r = pte & PTE_R, w = pte & PTE_W, x = pte & PTE_X, u = pte & PTE_U;
    bool fetch = access == ACCESS_FETCH;
    /* [VM-6.1, VM-6.5] */
    if (priv == PRIV_U && !u) return false;
    /* [VM-6.2, VM-6.3, VM-6.4] */
    if (priv == PRIV_S && u && (fetch || !sum)) return false; /* SUM never permits a fetch */
    bool read = r || (mxr && x);
    /* [VM-8.1] */
    if (fetch) return x;
    /* [VM-8.2, VM-8.3] */
    if (access == ACCESS_LOAD || access == ACCESS_LR) return read;
    /* [VM-8.6] */
    if (access == ACCESS_CBO) return read || w;
    /* [VM-8.4, VM-8.5, VM-8.7] */
    return w;
}
