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

/* What decides which bits of a PTE are reserved. An Sv32 PTE is held zero-extended to 64 bits. */
struct pte_rules {
    bool rv32, svnapot, pbmte;
};

/* VPN bits a level */
static inline unsigned level_bits(bool rv32) {
    return rv32 ? SV32_LEVEL_BITS : LEVEL_BITS;
}

static inline bool access_is_store(uint8_t access) { /* reported as store, needs W and D */
    return access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
           access == ACCESS_CBOZ;
}

/* [ACC-1] */
static inline uint8_t cause_page(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_PAGE;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE;
}

/* [ACC-2] */
static inline uint8_t cause_access(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_ACCESS;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
}

enum pte_kind pte_classify(pte_t pte, unsigned level, struct pte_rules);
bool perm_check(pte_t pte, uint8_t access, uint8_t priv, bool sum,
                bool mxr); /* step 6; A and D are not its business */

static inline ppn_t pte_ppn(pte_t pte) {
    return pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1);
}

/* [TLB-7, NAP-4, NAP-5, FEN-6] */
/* How many low VPN bits a leaf does not translate: those of its superpage or NAPOT range. */
static inline uint8_t leaf_low(bool rv32, pte_t pte, unsigned level) {
    return (uint8_t)(pte & PTE_N ? NAPOT_SHIFT - PAGE_SHIFT : level_bits(rv32) * level);
}

static inline uint8_t leaf_size(bool rv32, pte_t pte, unsigned level) { /* enum size */
    return (uint8_t)(pte & PTE_N ? SIZE_64K : rv32 && level ? SIZE_4M : level);
}

static inline uint8_t leaf_pbmt(pte_t pte) { /* enum pbmt */
    return pte >> PTE_PBMT_SHIFT & 3;
}

/* [VM-10.1, VM-10.2, VM-10.3, NAP-1] */
/* step 8: a page inside a superpage or NAPOT range takes its low PPN bits from the VPN */
static inline paddr_t pte_pa(pte_t pte, unsigned low, vaddr_t va) {
    vaddr_t inside = (1ull << (PAGE_SHIFT + low)) - 1;
    return (pte_ppn(pte) << PAGE_SHIFT & ~inside) | (va & inside);
}

#endif
