/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbered steps of "Virtual Address Translation Process" [priv 12.3.2], each as a function
 * without time, for the two readers of opinion 2: the literal walker (spec.c) takes them in order
 * over memory as it is, the judge of cached translations (spec_legal.c) over every value that may
 * have been kept. Nobody else uses them.
 */
#ifndef PW_SPEC_STEP_H
#define PW_SPEC_STEP_H
#include "spec.h"

enum { SPEC_LEVELS = 5 }; /* of the deepest mode, Sv57 */

/* What the steps 3 to 9 make of one PTE. */
enum spec_verdict {
    SPEC_POINTER, /* step 4: go on with the next level */
    SPEC_PAGE_FAULT,
    SPEC_SUCCESS, /* step 10 gives the address */
    SPEC_UPDATE   /* the same, but step 9 finds A, or D for a store, clear */
};

struct spec_mode {
    unsigned levels; /* 0: no translation */
    unsigned va_bits, level_bits, pte_bytes;
};

/* Step 0: is satp active, and are the bits above the VPN copies of its top bit? */
struct spec_mode spec_mode(const struct spec_hart *, uint64_t satp);
bool spec_canonical(const struct spec_mode *, vaddr_t va);
paddr_t spec_root(const struct spec_hart *, uint64_t satp);
uint16_t spec_asid(const struct spec_hart *, uint64_t satp);

/* Step 2: a + va.vpn[i] * PTESIZE. Is there memory? (PMP is asked apart.) */
paddr_t spec_pte_address(const struct spec_mode *, paddr_t table, vaddr_t va, unsigned i);
bool spec_pte_read(const struct spec_hart *, const struct spec_mode *, unsigned pa_bits, paddr_t pa,
                   pte_t *out);

/* Steps 3 to 9, and the row of the decision table that says so; the table a pointer names (4); the
 * value that an update stores (9). */
struct spec_step {
    enum spec_verdict verdict;
    uint8_t row;
};
struct spec_step spec_pte_step(const struct spec_hart *, const struct spec_mode *,
                               const struct spec_request *, pte_t pte, unsigned i);
paddr_t spec_pte_table(pte_t pte);
pte_t spec_pte_updated(const struct spec_request *, pte_t pte);

/* Step 10: log2 of what the leaf maps; the address; is there memory for the access itself? */
unsigned spec_leaf_shift(const struct spec_mode *, pte_t pte, unsigned i);
paddr_t spec_translated(const struct spec_mode *, vaddr_t va, pte_t pte, unsigned i);
bool spec_data_there(const struct spec_hart *, const struct spec_request *, paddr_t pa);

/* The accesses of the walk itself, beside enum access: they are S-mode's, to main memory. */
enum { SPEC_TABLE_READ = 8, SPEC_TABLE_WRITE };

/* Does PMP [priv 3.7.1], does PMA [priv 3.6] let it pass? */
bool spec_pmp_allows(const struct spec_pmp *, paddr_t pa, unsigned bytes, uint8_t access,
                     uint8_t priv);
bool spec_pma_allows(const struct spec_pmp *, paddr_t pa, unsigned bytes, uint8_t access);
paddr_t spec_first_byte(const struct spec_request *,
                        paddr_t pa); /* pa, or where its block begins */

bool spec_needs_dirty(uint8_t access); /* "a store", as step 9 has it */
uint8_t spec_page_cause(uint8_t access);
uint8_t spec_access_cause(uint8_t access);

#endif
