/* SPDX-License-Identifier: Apache-2.0
 *
 * CSR writes of random traffic: satp with more ASIDs than there are context numbers, menvcfg, PMP
 * and PMA entries around tables and data, locks now and then (a reset will come), and CSRs that do
 * not exist.
 */
#include "traffic_internal.h"

#define roll traffic_roll

enum { RWX = PMP_R | PMP_W | PMP_X };

/* Now and then of a neighbour of the CSR, one bit of its number away. */
static void write_csr(struct traffic *t, unsigned csr, uint64_t value) {
    if (!roll(t, 40)) csr ^= 1u << roll(t, 12);
    t->in.csr_valid_i = 1;
    t->in.csr_addr_i = (uint16_t)csr;
    t->in.csr_wdata_i = value;
}

/* ---- Tables of ranges ------------------------------------------------------------------------ */

/* One byte of a cfg register, the others as they are. */
static void write_cfg(struct traffic *t, unsigned cfg0, const struct spec_pmp *p, unsigned n,
                      unsigned cfg) {
    unsigned count = t->csr.rv32 ? 4 : 8, from = n / count * count;
    uint64_t value = 0;
    for (unsigned k = 0; k < count && from + k < p->entries; k++)
        value |= (uint64_t)(from + k == n ? cfg : p->cfg[from + k]) << 8 * k;
    write_csr(t, cfg0 + from / 4, value);
}

/* A few words whose ends lie where accesses to a page that was reached lately begin and end. */
static uint64_t narrow_range(struct traffic *t) {
    paddr_t page = t->touched[roll(t, TOUCHED)].pa >> PAGE_SHIFT << PAGE_SHIFT;
    unsigned size = roll(t, 3);
    paddr_t pa = page + BORDERS + (paddr_t)4 * roll(t, BORDER_BYTES / 4);
    return (pa >> 2 | ((1ull << size) - 1)) & ~(1ull << size);
}

/* Around a table, a word of one, or a part of where data is. */
static uint64_t random_range(struct traffic *t) {
    unsigned size = roll(t, 3) ? roll(t, 12) : 20 + roll(t, 12);
    paddr_t pa = traffic_table(roll(t, t->csr.rv32 ? 2 : LEVELS), roll(t, TABLES)) << PAGE_SHIFT;
    if (size >= 20 || !roll(t, 4)) pa = (paddr_t)roll(t, 1u << 31) << roll(t, 10);
    pa += (paddr_t)(roll(t, 2) ? roll(t, PAGE_BYTES) : 8 * roll(t, 4));
    return (pa >> 2 | ((1ull << size) - 1)) & ~(1ull << size);
}

/* Where one of its neighbours ends, or a word beside it. */
static uint64_t beside(struct traffic *t, const struct spec_pmp *p, unsigned n) {
    unsigned other = n && roll(t, 2) ? n - 1 : n + 1; /* there is one behind n */
    return p->addr[other] + roll(t, 3) - 1;
}

void traffic_offer_range(struct traffic *t, bool pma, bool narrow) {
    static const uint8_t kind[8] = {
        0,   PMP_R,          PMP_R | PMP_W, PMP_R | PMP_W | PMA_MEM, RWX | PMA_MEM, RWX | PMA_MEM,
        RWX, PMP_R | PMA_MEM};
    const struct spec_pmp *p = pma ? &t->csr.pma : &t->csr.pmp;
    if (p->entries < 2) return;
    unsigned few = p->entries - 1 < 6 ? p->entries - 1 : 6; /* but in some moods all */
    unsigned n = roll(t, t->mood & 256 ? p->entries - 1 : few);
    if (roll(t, 2)) {
        write_csr(t, (pma ? CSR_PMAADDR0 : CSR_PMPADDR0) + n,
                  narrow && !roll(t, 3) ? beside(t, p, n)
                  : narrow              ? narrow_range(t)
                                        : random_range(t));
        return;
    }
    unsigned mode = roll(t, 4), rights = pma ? kind[roll(t, 8)] : roll(t, 8);
    if (roll(t, 2)) rights = RWX | (pma ? PMA_MEM : 0);
    write_cfg(t, pma ? CSR_PMACFG0 : CSR_PMPCFG0, p, n,
              mode << PMP_A_SHIFT | rights | (roll(t, 60) ? 0 : PMP_L));
}

/* ---- satp and menvcfg ------------------------------------------------------------------------ */

/* An ASID that a root is used with: several a root, some that differ in high bits alone, more than
 * the table of context numbers holds. */
uint16_t traffic_asid(struct traffic *t, unsigned root) {
    static const uint16_t part[4] = {0x0000, 0x8000, 0x0140, 0x2aa0};
    if (traffic_few(t)) return (uint16_t)root;
    if (t->mood & 64) return (uint16_t)(roll(t, 24) * 3 + root);
    return (uint16_t)(part[roll(t, 10) ? 0 : roll(t, 4)] + root + !roll(t, 8));
}

void traffic_offer_satp(struct traffic *t) {
    const uint64_t modes[9] = {MODE_SV39, MODE_SV39, MODE_SV48, MODE_SV48,     MODE_SV57,
                               MODE_SV57, MODE_SV39, MODE_BARE, 1 + roll(t, 7) /* ignored whole */};
    unsigned root = roll(t, ROOTS);
    bool again = traffic_few(t) && roll(t, 8); /* under a mode in which its VAs are some */
    if (t->csr.rv32) {
        uint64_t satp = (uint64_t)(roll(t, 10) != 0) << SATP32_MODE_SHIFT |
                        (uint64_t)traffic_asid(t, root) % 512 << SATP32_ASID_SHIFT |
                        traffic_table(1, root);
        write_csr(t, CSR_SATP, satp ^ (uint64_t)!roll(t, 60) << (16 + roll(t, 6)));
        return;
    }
    unsigned least = traffic_twins(t) && t->twin / LEVEL_BITS > 2 ? t->twin / LEVEL_BITS - 2 : 0;
    uint64_t mode = again ? MODE_SV39 + least : modes[roll(t, 9)];
    unsigned level = mode >= MODE_SV39 && mode <= MODE_SV57 ? (unsigned)(mode - MODE_SV39) + 2 : 2;
    write_csr(t, CSR_SATP,
              mode << SATP_MODE_SHIFT | (uint64_t)traffic_asid(t, root) << SATP_ASID_SHIFT |
                  traffic_table(level, root));
    if (!roll(t, 60)) t->in.csr_wdata_i |= 1ull << (28 + roll(t, 16)); /* a root without memory */
    if (!roll(t, 40)) t->in.csr_wdata_i ^= 1ull << (SATP_ASID_SHIFT + roll(t, 16));
}

static void offer_menvcfg(struct traffic *t) {
    uint64_t value = (uint64_t)roll(t, 1u << 31) << 32 | roll(t, 1u << 31);
    value &= ~(MENVCFG_ADUE | MENVCFG_PBMTE);
    value |= (roll(t, 2) ? MENVCFG_ADUE : 0) | (roll(t, 3) ? MENVCFG_PBMTE : 0);
    if (t->csr.rv32 && roll(t, 8))
        write_csr(t, CSR_MENVCFGH, value >> 32);
    else
        write_csr(t, CSR_MENVCFG, value);
}

/* Of the last entry: what it allows. Now and then it is off with its other bits set: then M-mode
 * alone passes PMP, but what no entry at all says anything about is memory. */
static unsigned last_cfg(struct traffic *t, bool pma) {
    bool off = !traffic_few(t) && !roll(t, pma ? 6 : 24);
    return off ? roll(t, PMP_L) & ~(3u << PMP_A_SHIFT)
               : PMP_NAPOT << PMP_A_SHIFT | RWX | (pma ? PMA_MEM : 0);
}

bool traffic_firmware(struct traffic *t) {
    unsigned pmp = t->csr.pmp.entries, pma = t->csr.pma.entries;
    switch (t->firmware++) {
    case 0: write_csr(t, CSR_PMPADDR0 + (pmp ? pmp - 1 : 0), ~0ull); return true;
    case 1:
        if (pmp) write_cfg(t, CSR_PMPCFG0, &t->csr.pmp, pmp - 1, last_cfg(t, false));
        return true;
    case 2: write_csr(t, CSR_PMAADDR0 + (pma ? pma - 1 : 0), ~0ull); return true;
    case 3:
        if (pma) write_cfg(t, CSR_PMACFG0, &t->csr.pma, pma - 1, last_cfg(t, true));
        return true;
    case 4: offer_menvcfg(t); return true;
    default: t->firmware = 5; return false;
    }
}

void traffic_offer_csr(struct traffic *t) {
    switch (roll(t, 8)) {
    case 0: offer_menvcfg(t); break;
    case 1:
    case 2: traffic_offer_range(t, roll(t, 3) == 0, false); break;
    case 3:
        if (!roll(t, 4)) /* none of ours, or one that does not exist: no effect */
            write_csr(t, roll(t, 2) ? 0x300 + roll(t, 9) : CSR_PMPCFG0 + roll(t, 16) * 2 + 1,
                      ~0ull);
        break;
    default: traffic_offer_satp(t);
    }
}
