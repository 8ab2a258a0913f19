/* SPDX-License-Identifier: Apache-2.0
 *
 * What a PTE is, and whether it allows an access: pure functions. Mirror: rtl/mmu_perm.sv,
 * rtl/mmu_pte.sv
 */
#ifndef PW_PERM_H
#define PW_PERM_H
#include "enums.h"
#include "types.h"

/* [priv, Virtual Address Translation Process, steps 3 to 5] a PTE read at a level */
enum pte_kind { PTE_KIND_FAULT, PTE_KIND_POINTER, PTE_KIND_LEAF };

static inline bool access_is_store(uint8_t access) { /* reported as store, needs W and D */
    return access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
           access == ACCESS_CBOZ;
}

static inline uint8_t cause_page(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_PAGE;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE;
}

static inline uint8_t cause_access(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_ACCESS;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
}

enum pte_kind pte_classify(pte_t pte, unsigned level);
bool perm_check(pte_t pte, uint8_t access, uint8_t priv, bool sum,
                bool mxr); /* step 6; A and D are not its business */

static inline ppn_t pte_ppn(pte_t pte) {
    return pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1);
}

/* step 8: the PPN of a page inside a superpage takes its low bits from the VPN */
static inline paddr_t pte_pa(pte_t pte, unsigned level, vaddr_t va) {
    vaddr_t low = (1ull << (PAGE_SHIFT + LEVEL_BITS * level)) - 1;
    return (pte_ppn(pte) << PAGE_SHIFT & ~low) | (va & low);
}

#endif
