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
    case PMP_TOR: /* "any address y such that pmpaddr[i-1] <= y < pmpaddr[i]" */
        below = n ? p->addr[n - 1] : 0;
        *lo = below << 2;
        *hi = (addr << 2) - 1;
        return below < addr;
    case PMP_NA4:
        *lo = addr << 2;
        *hi = *lo + 3;
        return true;
    case PMP_NAPOT: /* k trailing ones: 2^(k+3) bytes */
        below = addr ^ (addr + 1);
        *lo = (addr & ~below) << 2;
        *hi = *lo + (below << 2 | 3);
        return true;
    default: return false;
    }
}

bool spec_pmp_allows(const struct spec_pmp *p, paddr_t pa, unsigned bytes, unsigned need,
                     uint8_t priv) {
    if (!p || p->entries == 0) return true;
    paddr_t last = pa + bytes - 1, lo, hi;
    for (unsigned n = 0; n < p->entries; n++) {
        if (!entry_range(p, n, &lo, &hi) || last < lo || pa > hi) continue;
        if (pa < lo || last > hi) return false;
        if (priv == PRIV_M && !(p->cfg[n] & PMP_L)) return true;
        unsigned grants = p->cfg[n] & (PMP_R | PMP_W | PMP_X);
        if (!(grants & PMP_R)) grants &= ~PMP_W;
        return (grants & need) == need;
    }
    return priv == PRIV_M;
}

/* cbo.clean, flush and inval may go where a load or a store may; W comes with R. */
unsigned spec_pmp_need(uint8_t access) {
    switch (access) {
    case ACCESS_FETCH: return PMP_X;
    case ACCESS_LOAD:
    case ACCESS_LR:
    case ACCESS_CBO: return PMP_R;
    default: return PMP_W;
    }
}

/* The first byte of the access: of a cbo, of its block. */
paddr_t spec_first_byte(const struct spec_request *r, paddr_t pa) {
    bool block = r->access == ACCESS_CBO || r->access == ACCESS_CBOZ;
    return block && r->bytes ? pa & ~(paddr_t)(r->bytes - 1) : pa;
}

bool spec_pmp_data(const struct spec_pmp *p, const struct spec_request *r, paddr_t pa) {
    return spec_pmp_allows(p, spec_first_byte(r, pa), r->bytes, spec_pmp_need(r->access), r->priv);
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
