/* SPDX-License-Identifier: Apache-2.0
 *
 * PMP and PMA tables. Mirror: rtl/mmu_pmp.sv, rtl/mmu_pmp_check.sv
 */
#include "pmp.h"
#include <string.h>

void pmp_init(struct pmp *p, uint32_t entries, bool rv32, bool attributes) {
    memset(p, 0, sizeof *p);
    p->entries = (uint8_t)entries;
    p->rv32 = rv32;
    p->attributes = attributes;
}

/* ---- Registers --------------------------------------------------------------------------- */

static unsigned match_mode(const struct pmp *p, unsigned n) {
    return p->cfg[n] >> PMP_A_SHIFT & 3;
}

/* What the check compares with. */
static void bounds(struct pmp *p, unsigned n) {
    uint64_t addr = p->addr[n], below = n ? p->addr[n - 1] : 0;
    /* [PMP-4, PMP-5] */
    /* NAPOT leaves out its trailing ones and the zero above them */
    p->mask[n] = addr ^ (addr + (match_mode(p, n) == PMP_NAPOT));
    p->base[n] = addr & ~p->mask[n];
    /* [PMP-3] */
    p->ordered[n] = match_mode(p, n) != PMP_TOR || below < addr;
}

/* [PMP-12, PMP-14] */
/* R=0, W=1 is reserved: W is not kept then. A locked entry keeps what it has. */
static void write_cfg(struct pmp *p, unsigned n, uint8_t value) {
    uint8_t kept = p->attributes ? (uint8_t)~0x40u : (uint8_t)~0x60u;
    if (n >= p->entries || p->cfg[n] & PMP_L) return;
    p->cfg[n] = value & kept & (value & PMP_R ? 0xff : (uint8_t)~PMP_W);
}

/* [PMP-13] */
/* "If entry i is locked and its A field is TOR, writes to pmpaddr[i-1] are ignored." */
static void write_addr(struct pmp *p, unsigned n, uint64_t value) {
    if (n >= p->entries || p->cfg[n] & PMP_L) return;
    if (n + 1 < p->entries && p->cfg[n + 1] & PMP_L && match_mode(p, n + 1) == PMP_TOR) return;
    p->addr[n] = value & (p->rv32 ? 0xffffffffull : (1ull << 54) - 1);
}

void pmp_csr(struct pmp *p, uint16_t csr, uint64_t value) {
    unsigned cfg0 = p->attributes ? CSR_PMACFG0 : CSR_PMPCFG0;
    unsigned addr0 = p->attributes ? CSR_PMAADDR0 : CSR_PMPADDR0;
    unsigned cfg = csr - cfg0, addr = csr - addr0;
    if (addr < p->entries) {
        write_addr(p, addr, value);
    } else if (cfg < PMP_ENTRIES_MAX / 4 && (p->rv32 || !(cfg & 1))) { /* RV64 has the even ones */
        for (unsigned k = 0; k < (p->rv32 ? 4u : 8u); k++)
            write_cfg(p, 4 * cfg + k, (uint8_t)(value >> 8 * k));
    }
    p->any = false;
    for (unsigned n = 0; n < p->entries; n++) {
        bounds(p, n);
        p->any |= match_mode(p, n) != PMP_OFF;
    }
}

/* ---- Check ------------------------------------------------------------------------------- */

static unsigned need(const struct pmp *p, const struct pmp_access *a) {
    /* [PMA-3, PMA-4] */
    bool main_memory = a->table || a->access == ACCESS_AMO || a->access == ACCESS_LR ||
                       a->access == ACCESS_SC || a->access == ACCESS_CBOZ;
    unsigned rights = p->attributes && main_memory ? PMA_MEM : 0;
    /* [PMP-9, PMA-1, PMA-2] */
    switch (a->access) {
    case ACCESS_FETCH: return rights | PMP_X;
    case ACCESS_LOAD:
    case ACCESS_LR:
    case ACCESS_CBO: return rights | PMP_R; /* W comes with R */
    default: return rights | PMP_W;
    }
}

/* Is the word at or past pmpaddr n, less what its mask leaves out? */
static bool at(const struct pmp *p, unsigned n, uint64_t word) {
    return (word & ~p->mask[n]) >= p->base[n];
}

/* Is it where entry n begins, or later? A TOR range begins where the pmpaddr below says, mask and
 * all: what touches the range of the entry below has been decided there. */
static bool from(const struct pmp *p, unsigned n, uint64_t word) {
    /* [PMP-2] */
    if (match_mode(p, n) == PMP_TOR) return !n || at(p, n - 1, word);
    return at(p, n, word);
}

/* Is it beyond the end of entry n? */
static bool beyond(const struct pmp *p, unsigned n, uint64_t word) {
    if (match_mode(p, n) == PMP_TOR) return at(p, n, word);
    return (word & ~p->mask[n]) > p->base[n];
}

/* The lowest entry that matches any byte decides; it must match all of them. */
bool pmp_allows(const struct pmp *p, const struct pmp_access *a) {
    uint64_t first = a->pa >> 2, last = (a->pa + a->last) >> 2;
    bool machine = a->priv == PRIV_M && !a->table;
    if (!p->entries || (p->attributes && !p->any)) return true;
    for (unsigned n = 0; n < p->entries; n++) {
        /* [PMP-1] */
        if (match_mode(p, n) == PMP_OFF) continue;
        /* [PMP-3, PMP-6] */
        if (!from(p, n, last) || beyond(p, n, first) || !p->ordered[n]) continue;
        /* [PMP-7, PMP-17, PMA-5] */
        if (!from(p, n, first) || beyond(p, n, last)) return false;
        /* [PMP-10, PMP-11] */
        if (!p->attributes && machine && !(p->cfg[n] & PMP_L)) return true;
        unsigned rights = need(p, a);
        return (p->cfg[n] & rights) == rights;
    }
    /* [PMP-8] */
    return !p->attributes && machine;
}
