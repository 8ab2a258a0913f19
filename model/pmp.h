/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of physical address ranges with rights: PMP [priv 3.7], and once more, in the same format
 * at custom CSR numbers, the physical memory attributes [priv 3.6]. Mirror: rtl/mmu_pmp.sv,
 * rtl/mmu_pmp_check.sv
 *
 * Addresses count words of 4 bytes. An entry keeps, beside what was written, what a check compares
 * with: a base, and the mask of the bits that its NAPOT range leaves out.
 *
 *   cfg:  | L | 0 | MEM | A A | X | W | R |      MEM only in the attributes: main memory, where
 *           7   6    5    4 3   2   1   0        tables, AMO, LR, SC and cbo.zero may go
 */
#ifndef PW_PMP_H
#define PW_PMP_H
#include "enums.h"
#include "types.h"

struct pmp {
    uint8_t entries;
    bool rv32, attributes;
    bool any; /* an entry is not OFF */
    uint8_t cfg[PMP_ENTRIES_MAX];
    uint64_t addr[PMP_ENTRIES_MAX], base[PMP_ENTRIES_MAX], mask[PMP_ENTRIES_MAX];
    bool ordered[PMP_ENTRIES_MAX]; /* not a TOR range that ends before it begins */
};

void pmp_init(struct pmp *, uint32_t entries, bool rv32, bool attributes);
void pmp_csr(struct pmp *, uint16_t csr, uint64_t value); /* a CSR of another table: nothing */

/* May these bytes be accessed? They lie in one page. table: a page-table access, done as S. */
struct pmp_access {
    paddr_t pa;
    uint16_t last; /* bytes minus one */
    uint8_t access, priv;
    bool table;
};
bool pmp_allows(const struct pmp *, const struct pmp_access *);

#endif
