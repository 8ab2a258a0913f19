/* SPDX-License-Identifier: Apache-2.0
 *
 * PTE legality and permissions [priv, Virtual Address Translation Process].
 * Mirror: rtl/mmu_perm.sv, rtl/mmu_pte.sv
 */
#include "perm.h"

enum pte_kind pte_classify(pte_t pte, unsigned level) {
    bool r = pte & PTE_R, w = pte & PTE_W, x = pte & PTE_X;
    if (!(pte & PTE_V) || (w && !r)) return PTE_KIND_FAULT; /* step 3 */
    if (pte & PTE_HIGH) return PTE_KIND_FAULT; /* N, PBMT without their extensions; reserved */
    if (!r && !x) {                            /* step 4: a pointer */
        if (pte & (PTE_D | PTE_A | PTE_U)) return PTE_KIND_FAULT;
        return level ? PTE_KIND_POINTER : PTE_KIND_FAULT;
    }
    ppn_t low = (1ull << (LEVEL_BITS * level)) - 1;
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
