/* SPDX-License-Identifier: Apache-2.0
 *
 * satp, menvcfg, PMP and PMA as WARL registers [priv 3.1.18, 3.7.1, 12.1.11].
 */
#include "registers.h"
#include "enums.h"
#include <string.h>

struct spec_hart registers_hart(const struct config *c, const struct mem *mem) {
    struct spec_hart h = spec_hart_over(mem);
    h.rv32 = c->xlen == 32;
    h.svnapot = c->hart_svnapot && !h.rv32;
    h.svpbmt = c->hart_svpbmt && !h.rv32;
    return h;
}

void registers_init(struct registers *r, const struct config *c, struct spec *spec,
                    uint64_t cycle) {
    bool rv32 = c->xlen == 32;
    *r = (struct registers){.spec = spec,
                            .rv32 = rv32,
                            .svpbmt = c->hart_svpbmt && !rv32,
                            .svadu = c->hart_svadu,
                            .asid_bits = c->asid_bits,
                            .pa_bits = c->pa_bits,
                            .pmp.entries = c->pmp_entries,
                            .pma.entries = c->pma_entries};
    if (rv32 && r->pa_bits > SV32_PA_BITS) r->pa_bits = SV32_PA_BITS;
    if (rv32 && r->asid_bits > SV32_ASID_BITS) r->asid_bits = SV32_ASID_BITS;
    if (c->pmp_entries) r->pmp_now = spec_pmp_write(spec, cycle, &r->pmp);
    if (c->pma_entries) r->pma_now = spec_pma_write(spec, cycle, &r->pma);
}

uint16_t registers_asid(const struct registers *r, uint64_t rs2) {
    return (uint16_t)(rs2 & ((1u << r->asid_bits) - 1));
}

/* "if satp is written with an unsupported MODE, the entire write has no effect" */
static void write_satp(struct registers *r, uint64_t cycle, uint64_t value) {
    unsigned shift = r->rv32 ? SATP32_ASID_SHIFT : SATP_ASID_SHIFT;
    uint64_t field = r->rv32 ? SATP32_ASID_MASK : 0xffff, mode = value >> SATP_MODE_SHIFT;
    if (r->rv32)
        value &= 0xffffffff;
    else if (mode != MODE_BARE && (mode < MODE_SV39 || mode > MODE_SV57))
        return;
    uint64_t asid = registers_asid(r, value >> shift & field);
    r->satp = (value & ~(field << shift)) | asid << shift;
    spec_satp_write(r->spec, cycle, r->satp);
}

static void write_menvcfg(struct registers *r, uint64_t cycle, uint64_t value) {
    r->adue = r->svadu && value & MENVCFG_ADUE;
    r->pbmte = r->svpbmt && value & MENVCFG_PBMTE;
    spec_adue_write(r->spec, cycle, r->adue);
    spec_pbmte_write(r->spec, cycle, r->pbmte);
}

/* ---- PMP and PMA ----------------------------------------------------------------------------- */
static bool locked(const struct spec_pmp *p, unsigned n) {
    return n < p->entries && p->cfg[n] & PMP_L;
}

/* "if PMP entry i is locked and pmpicfg.A is set to TOR, writes to pmpaddr[i-1] are ignored" */
static bool write_addr(struct registers *r, struct spec_pmp *p, unsigned n, uint64_t value) {
    bool tor = locked(p, n + 1) && (p->cfg[n + 1] >> PMP_A_SHIFT & 3) == PMP_TOR;
    if (n >= p->entries || locked(p, n) || tor) return false;
    p->addr[n] = value & ((1ull << (r->rv32 ? 32 : 54)) - 1);
    return true;
}

/* `kept`: the bits that a cfg byte has. R=0, W=1 is reserved, and written as neither. */
static bool write_cfg(struct registers *r, struct spec_pmp *p, unsigned number, uint64_t value,
                      uint8_t kept) {
    unsigned count = r->rv32 ? 4 : 8;
    if (!r->rv32 && number % 2) return false; /* RV64 has the even ones */
    for (unsigned k = 0; k < count; k++, value >>= 8) {
        unsigned n = 4 * number + k;
        if (n >= p->entries || locked(p, n)) continue;
        p->cfg[n] = (uint8_t)(value & kept);
        if (!(value & PMP_R)) p->cfg[n] &= (uint8_t)~PMP_W;
    }
    return true;
}

static bool within(unsigned csr, unsigned first, unsigned count) {
    return csr >= first && csr < first + count;
}

void registers_write(struct registers *r, uint64_t cycle, unsigned csr, uint64_t value) {
    bool pmp = false, pma = false;
    if (csr == CSR_SATP) write_satp(r, cycle, value);
    if (csr == CSR_MENVCFG && !r->rv32) write_menvcfg(r, cycle, value);
    if (csr == CSR_MENVCFGH && r->rv32) write_menvcfg(r, cycle, value << 32);
    if (within(csr, CSR_PMPCFG0, 16)) pmp = write_cfg(r, &r->pmp, csr - CSR_PMPCFG0, value, 0x9f);
    if (within(csr, CSR_PMPADDR0, 64)) pmp = write_addr(r, &r->pmp, csr - CSR_PMPADDR0, value);
    if (within(csr, CSR_PMACFG0, 4)) pma = write_cfg(r, &r->pma, csr - CSR_PMACFG0, value, 0xbf);
    if (within(csr, CSR_PMAADDR0, 16)) pma = write_addr(r, &r->pma, csr - CSR_PMAADDR0, value);
    if (pmp) r->pmp_now = spec_pmp_write(r->spec, cycle, &r->pmp);
    if (pma) r->pma_now = spec_pma_write(r->spec, cycle, &r->pma);
}

struct spec_request registers_request(const struct registers *r) {
    return (struct spec_request){.satp = r->satp,
                                 .adue = r->adue,
                                 .pbmte = r->pbmte,
                                 .pa_bits = r->pa_bits,
                                 .pmp = r->pmp_now,
                                 .pma = r->pma_now};
}
