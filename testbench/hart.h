/* SPDX-License-Identifier: Apache-2.0
 *
 * What every bench gives the MMU before the first request: the pins that name the hart's
 * extensions, in every cycle, and the CSR writes of a firmware that opens all of memory [priv 3.7:
 * with PMP and no matching entry, S and U may access nothing].
 */
#ifndef PW_HART_H
#define PW_HART_H
#include "config.h"
#include "ports.h"
#include "types.h"

static inline void hart_pins(const struct config *c, struct mmu_in *in) {
    in->svnapot_i = (uint8_t)c->hart_svnapot;
    in->svpbmt_i = (uint8_t)c->hart_svpbmt;
    in->svadu_i = (uint8_t)c->hart_svadu;
}

struct hart_csr {
    uint16_t csr;
    uint64_t value;
};

/* pmpaddr0 all ones and pmpcfg0 NAPOT, R, W, X: everything. Returns how many writes. */
static inline unsigned hart_firmware(const struct config *c, struct hart_csr csr[2]) {
    if (!c->pmp_entries) return 0;
    csr[0] = (struct hart_csr){CSR_PMPADDR0, ~0ull};
    csr[1] = (struct hart_csr){CSR_PMPCFG0, PMP_NAPOT << PMP_A_SHIFT | PMP_R | PMP_W | PMP_X};
    return 2;
}

/* menvcfg with ADUE and PBMTE as asked; on RV32 they are in its upper half. */
static inline struct hart_csr hart_menvcfg(const struct config *c, bool adue, bool pbmte) {
    uint64_t value = (adue ? MENVCFG_ADUE : 0) | (pbmte ? MENVCFG_PBMTE : 0);
    return c->xlen == 32 ? (struct hart_csr){CSR_MENVCFGH, value >> 32}
                         : (struct hart_csr){CSR_MENVCFG, value};
}

#endif
