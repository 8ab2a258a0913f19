/* SPDX-License-Identifier: Apache-2.0
 *
 * The CSRs of the MMU as opinion 2 sees them: what a write on the CSR port leaves in satp, menvcfg,
 * PMP and the PMA table, by the rules of the privileged specification and of docs/ports.md, told to
 * the spec walker. Kept from the pins alone, by every bench that asks it.
 */
#ifndef PW_REGISTERS_H
#define PW_REGISTERS_H
#include "config.h"
#include "spec.h"

struct registers {
    struct spec *spec;
    bool rv32, svpbmt, svadu;
    unsigned asid_bits, pa_bits;
    uint64_t satp;
    bool adue, pbmte;
    struct spec_pmp pmp, pma;
    const struct spec_pmp *pmp_now, *pma_now; /* the spec walker's copies; NULL: no entries */
};

/* The hart of a configuration over this memory. */
struct spec_hart registers_hart(const struct config *, const struct mem *);
/* As after reset. */
void registers_init(struct registers *, const struct config *, struct spec *, uint64_t cycle);
/* A write that requests accepted from this cycle on may see. */
void registers_write(struct registers *, uint64_t cycle, unsigned csr, uint64_t value);
/* What a request accepted now sees; the access itself is left to the caller. */
struct spec_request registers_request(const struct registers *);
/* ASIDLEN bits of what rs2 of a fence holds. */
uint16_t registers_asid(const struct registers *, uint64_t rs2);

#endif
