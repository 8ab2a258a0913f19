/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbered steps of "Virtual Address Translation Process" [priv 12.3.2], each as a function
 * without memory or time, for the two readers of opinion 2: the literal walker (spec.c) takes them
 * in order over memory as it is, the judge of cached translations (spec_legal.c) over every value
 * that may have been kept. Nobody else uses them.
 */
#ifndef PW_SPEC_STEP_H
#define PW_SPEC_STEP_H
#include "spec.h"

enum { SPEC_LEVELS = 4 }; /* of the deepest mode, Sv48 */

/* What the steps 3 to 9 make of one PTE. */
enum spec_verdict {
    SPEC_POINTER, /* step 4: go on with the next level */
    SPEC_PAGE_FAULT,
    SPEC_SUCCESS, /* step 10 gives the address */
    SPEC_UPDATE   /* the same, but step 9 finds A, or D for a store, clear */
};

struct spec_mode {
    unsigned levels; /* 0: no translation */
    unsigned va_bits;
};

/* Step 0: is satp active, and are the bits above the VPN copies of its top bit? */
struct spec_mode spec_mode(uint64_t satp);
bool spec_canonical(vaddr_t va, unsigned va_bits);

/* Step 2: a + va.vpn[i] * PTESIZE; does PMA allow to read there? */
paddr_t spec_pte_address(paddr_t table, vaddr_t va, unsigned i);
bool spec_pte_readable(const struct mem *, const struct spec_request *, paddr_t pa);

/* Steps 3 to 9; the table a pointer names (4); the value that an update stores (9). */
enum spec_verdict spec_pte_verdict(const struct spec_request *, pte_t pte, unsigned i);
paddr_t spec_pte_table(pte_t pte);
pte_t spec_pte_updated(const struct spec_request *, pte_t pte);

/* Step 10, and whether PMA allows the access itself. */
paddr_t spec_translated(vaddr_t va, pte_t pte, unsigned i);
bool spec_reachable(const struct spec_request *, paddr_t pa);

bool spec_needs_dirty(uint8_t access); /* "a store", as step 9 has it */
uint8_t spec_page_cause(uint8_t access);
uint8_t spec_access_cause(uint8_t access);

#endif
