/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 2, physical memory protection and the map of physical memory [priv 3.6, 3.7].
 *
 * "The lowest-numbered PMP entry that matches any byte of an access determines whether that access
 * succeeds or fails. This matching PMP entry must match all bytes of an access, or the access
 * fails, irrespective of the L, R, W, and X bits." Without a match M passes, and S and U pass only
 * where no entry is implemented. Granularity is 4 bytes; R=0, W=1 is reserved and grants no write.
 */
#include "spec_step.h"
#include "enums.h"

/* First and last byte of an entry; false: it matches nothing. */
static bool entry_range(const struct spec_pmp *p, unsigned n, paddr_t *lo, paddr_t *hi) {
    uint64_t addr = p->addr[n], below;
    switch (p->cfg[n] >> PMP_A_SHIFT & 3) {
    /* [PMP-2, PMP-3] */
    case PMP_TOR: /* "any address y such that pmpaddr[i-1] <= y < pmpaddr[i]" */
        below = n ? p->addr[n - 1] : 0;
        *lo = below << 2;
        *hi = (addr << 2) - 1;
        return below < addr;
    /* [PMP-4] */
    case PMP_NA4:
        *lo = addr << 2;
        *hi = *lo + 3;
        return true;
    /* [PMP-5] */
    case PMP_NAPOT: /* k trailing ones: 2^(k+3) bytes */
        below = addr ^ (addr + 1);
        *lo = (addr & ~below) << 2;
        *hi = *lo + (below << 2 | 3);
        return true;
    /* [PMP-1] */
    default: return false;
    }
}

/* [PMP-6, PMP-17] */
/* "The lowest-numbered entry that matches any byte"; its number, or `entries`. */
static unsigned deciding(const struct spec_pmp *p, paddr_t pa, unsigned bytes, bool *whole) {
    paddr_t last = pa + bytes - 1, lo = 0, hi = 0;
    unsigned n = 0;
    while (n < p->entries && (!entry_range(p, n, &lo, &hi) || last < lo || pa > hi)) n++;
    *whole = n < p->entries && pa >= lo && last <= hi;
    return n;
}

/* [PMP-9] */
/* cbo.clean, flush and inval may go where a load or a store may; under PMP W comes with R. */
static unsigned pmp_need(uint8_t access) {
    switch (access) {
    case ACCESS_FETCH: return PMP_X;
    case ACCESS_LOAD:
    case ACCESS_LR:
    case ACCESS_CBO:
    case SPEC_TABLE_READ: return PMP_R;
    default: return PMP_W;
    }
}

bool spec_pmp_allows(const struct spec_pmp *p, paddr_t pa, unsigned bytes, uint8_t access,
                     uint8_t priv) {
    bool whole;
    if (!p || p->entries == 0) return true;
    unsigned n = deciding(p, pa, bytes, &whole), need = pmp_need(access);
    /* [PMP-8] */
    if (n == p->entries) return priv == PRIV_M;
    /* [PMP-7] */
    if (!whole) return false;
    /* [PMP-10, PMP-11] */
    if (priv == PRIV_M && !(p->cfg[n] & PMP_L)) return true;
    unsigned grants = p->cfg[n] & (PMP_R | PMP_W | PMP_X);
    /* [PMP-14] */
    if (!(grants & PMP_R)) grants &= ~PMP_W;
    return (grants & need) == need;
}

/* ---- What memory is like --------------------------------------------------------------------- */

/* [PMA-2, PMA-3, PMA-4] */
/* Page tables, atomics and cbo.zero are for main memory. */
static bool attributes_allow(unsigned cfg, uint8_t access) {
    bool r = cfg & PMP_R, w = r && cfg & PMP_W, mem = cfg & PMA_MEM; /* W comes with R */
    switch (access) {
    case ACCESS_FETCH: return cfg & PMP_X;
    case ACCESS_LOAD:
    case ACCESS_CBO: return r;
    case ACCESS_STORE: return w;
    case ACCESS_LR:
    case SPEC_TABLE_READ: return r && mem;
    default: return w && mem;
    }
}

static bool all_off(const struct spec_pmp *p) {
    unsigned on = 0;
    for (unsigned n = 0; n < p->entries; n++) on |= p->cfg[n] >> PMP_A_SHIFT & 3;
    return !on;
}

bool spec_pma_allows(const struct spec_pmp *p, paddr_t pa, unsigned bytes, uint8_t access) {
    bool whole;
    if (!p || all_off(p)) return true;
    unsigned n = deciding(p, pa, bytes, &whole);
    /* [PMA-1, PMA-5] */
    return whole && attributes_allow(p->cfg[n], access);
}

/* The first byte of the access: of a cbo, of its block. */
paddr_t spec_first_byte(const struct spec_request *r, paddr_t pa) {
    bool block = r->access == ACCESS_CBO || r->access == ACCESS_CBOZ;
    return block && r->bytes ? pa & ~(paddr_t)(r->bytes - 1) : pa;
}

/* ---- Where memory is ------------------------------------------------------------------------- */
static bool wider_than(paddr_t pa, unsigned bits) {
    return bits < 64 && pa >> bits != 0;
}

/* Every byte in some region. */
static bool in_regions(const struct spec_hart *h, paddr_t pa, unsigned bytes) {
    if (!h->regions) return true;
    paddr_t last = pa + bytes - 1;
    for (unsigned n = 0; n < h->regions; n++) {
        const struct spec_region *g = &h->region[n];
        if (pa < g->lo || pa > g->hi) continue;
        if (last <= g->hi) return true;
        pa = g->hi + 1; /* begin again with what is left; it only shrinks */
        n = -1u;
    }
    return false;
}

/* [VM-2.4, VM-10.4] */
/* "The algorithm does not admit the possibility of ignoring high-order PPN bits": too wide is no
 * memory. */
bool spec_pte_read(const struct spec_hart *h, const struct spec_mode *mode, unsigned pa_bits,
                   paddr_t pa, pte_t *out) {
    return !wider_than(pa, pa_bits) && in_regions(h, pa, mode->pte_bytes) &&
           h->read(h->memory, pa, mode->pte_bytes, out);
}

bool spec_data_there(const struct spec_hart *h, const struct spec_request *r, paddr_t pa) {
    return !wider_than(pa, r->pa_bits) && in_regions(h, spec_first_byte(r, pa), r->bytes);
}
