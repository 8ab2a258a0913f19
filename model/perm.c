/* SPDX-License-Identifier: Apache-2.0
 *
 * PTE legality and permissions [priv, Virtual Address Translation Process].
 * Mirror: rtl/mmu_perm.sv, rtl/mmu_pte.sv
 */
#include "perm.h"

/* Are the bits above the PPN all that the extensions allow? [priv, Svnapot, Svpbmt] */
static bool high_ok(pte_t pte, struct pte_rules rules) {
    if (pte & PTE_RESERVED || (pte & PTE_PBMT) == PTE_PBMT) return false;
    return (rules.svnapot || !(pte & PTE_N)) && (rules.pbmte || !(pte & PTE_PBMT));
}

enum pte_kind pte_classify(pte_t pte, unsigned level, struct pte_rules rules) {
    bool r = pte & PTE_R, w = pte & PTE_W, x = pte & PTE_X;
    if (!(pte & PTE_V) || (w && !r) || !high_ok(pte, rules)) return PTE_KIND_FAULT; /* step 3 */
    if (!r && !x) { /* step 4: a pointer */
        if (pte & (PTE_D | PTE_A | PTE_U | PTE_N | PTE_PBMT)) return PTE_KIND_FAULT;
        return level ? PTE_KIND_POINTER : PTE_KIND_FAULT;
    }
    if (pte & PTE_N) { /* a NAPOT range of 64 KiB is the only one there is */
        bool range = !level && (pte_ppn(pte) & (NAPOT_PTES - 1)) == NAPOT_ENCODING;
        return range ? PTE_KIND_LEAF : PTE_KIND_FAULT;
    }
    ppn_t low = (1ull << (level_bits(rules.rv32) * level)) - 1;
    return pte_ppn(pte) & low ? PTE_KIND_FAULT : PTE_KIND_LEAF; /* step 5: misaligned superpage */
}

bool perm_check(pte_t pte, uint8_t access, uint8_t priv, bool sum, bool mxr) {
    bool r = pte & PTE_R, w = pte & PTE_W, x = pte & PTE_X, u = pte & PTE_U;
    bool fetch = access == ACCESS_FETCH;
    if (priv == PRIV_U && !u) return false;
    if (priv == PRIV_S && u && (fetch || !sum)) return false; /* SUM never permits a fetch */
    bool read = r || (mxr && x);
    if (fetch) return x;
    if (access == ACCESS_LOAD || access == ACCESS_LR) return read;
    if (access == ACCESS_CBO) return read || w;
    return w;
}
