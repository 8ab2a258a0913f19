/* SPDX-License-Identifier: Apache-2.0
 *
 * By rows: each row of the decision table as a question about one entry, with division instead of
 * shifts and PMP byte by byte; not the manual's loop, and nothing shared with spec.c.
 */
#include "spec_second.h"
#include "enums.h"

#define BIT(pte, name) (((pte) / PTE_##name) % 2)

struct path {
    const struct spec_hart *h;
    const struct spec_request *r;
    unsigned levels, fan, word; /* fan: entries of a table */
    struct second out;
};

static unsigned fault(unsigned access, bool page) {
    unsigned code = page ? 12 : 0;
    return code + (access == ACCESS_FETCH                         ? (page ? 0 : 1)
                   : access == ACCESS_LOAD || access == ACCESS_LR ? (page ? 1 : 5)
                                                                  : (page ? 3 : 7));
}

static bool ends(struct path *p, unsigned row, bool page) {
    p->out.cause = fault(p->r->access, page);
    p->out.row = row;
    return true;
}

bool second_dirties(unsigned access) {
    return access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
           access == ACCESS_CBOZ;
}

/* ---- PMP and PMA, byte by byte --------------------------------------------------------------- */
static bool byte_matches(const struct spec_pmp *p, unsigned n, uint64_t word) {
    unsigned kind = p->cfg[n] / 8 % 4;
    uint64_t addr = p->addr[n], size = 2;
    if (kind == 1) return word >= (n ? p->addr[n - 1] : 0) && word < addr;
    if (kind == 2) return word == addr;
    if (kind == 0) return false;
    while (addr % size == size - 1) size *= 2; /* size words, less one bit, are don't care */
    return word / size == addr / size;
}

/* The entry that decides, or `entries`; how many of the bytes it matches. */
static unsigned decides(const struct spec_pmp *p, paddr_t pa, unsigned bytes, unsigned *in) {
    for (unsigned n = 0; n < p->entries; n++) {
        *in = 0;
        for (unsigned b = 0; b < bytes; b++) *in += byte_matches(p, n, (pa + b) / 4);
        if (*in) return n;
    }
    return p->entries;
}

static bool pmp_passes(const struct spec_pmp *p, paddr_t pa, unsigned bytes, unsigned bit,
                       unsigned priv) {
    unsigned in;
    if (!p || !p->entries) return true;
    unsigned n = decides(p, pa, bytes, &in);
    if (n == p->entries) return priv == PRIV_M;
    if (in < bytes) return false;
    bool reads = p->cfg[n] % 2, grants = p->cfg[n] / bit % 2 && (bit != 2 || reads);
    return (priv == PRIV_M && p->cfg[n] < 128) || grants;
}

/* kinds, a letter each: R W X, and M for those that ask for main memory */
static bool pma_passes(const struct spec_pmp *p, paddr_t pa, unsigned bytes, const char *kinds) {
    unsigned in, on = 0;
    for (unsigned n = 0; p && n < p->entries; n++) on += p->cfg[n] / 8 % 4 != 0;
    if (!on) return true;
    unsigned n = decides(p, pa, bytes, &in);
    if (n == p->entries || in < bytes) return false;
    for (; *kinds; kinds++) {
        bool reads = p->cfg[n] % 2;
        if (*kinds == 'R' && !reads) return false;
        if (*kinds == 'W' && !(reads && p->cfg[n] / 2 % 2)) return false;
        if (*kinds == 'X' && !(p->cfg[n] / 4 % 2)) return false;
        if (*kinds == 'M' && !(p->cfg[n] / 32 % 2)) return false;
    }
    return true;
}

static bool memory_at(const struct path *p, paddr_t pa, unsigned bytes, const char *kinds) {
    if (pa / 2 >= 1ull << (p->r->pa_bits - 1)) return false;
    for (unsigned b = 0; b < bytes && p->h->regions; b++) {
        bool in = false;
        for (unsigned n = 0; n < p->h->regions; n++)
            in |= pa + b >= p->h->region[n].lo && pa + b <= p->h->region[n].hi;
        if (!in) return false;
    }
    return pma_passes(p->r->pma, pa, bytes, kinds);
}

/* Row 15, and row 0's end. */
static bool arrives(struct path *p, paddr_t pa, unsigned row) {
    static const char *const kinds[] = {
        [ACCESS_FETCH] = "X", [ACCESS_LOAD] = "R", [ACCESS_STORE] = "W", [ACCESS_AMO] = "WM",
        [ACCESS_LR] = "RM",   [ACCESS_SC] = "WM",  [ACCESS_CBO] = "R",   [ACCESS_CBOZ] = "WM"};
    const struct spec_request *r = p->r;
    bool reads = r->access == ACCESS_LOAD || r->access == ACCESS_LR || r->access == ACCESS_CBO;
    unsigned bit = r->access == ACCESS_FETCH ? 4 : reads ? 1 : 2;
    paddr_t first = pa;
    if (r->access == ACCESS_CBO || r->access == ACCESS_CBOZ) first -= pa % r->bytes;
    if (!pmp_passes(r->pmp, first, r->bytes, bit, r->priv) ||
        !memory_at(p, first, r->bytes, kinds[r->access]))
        return ends(p, 15, false);
    p->out.pa = pa;
    p->out.row = row;
    return true;
}

/* ---- Rows 3 to 14 ---------------------------------------------------------------------------- */
static bool row_3(const struct path *p, pte_t e) {
    unsigned xwr = (unsigned)(e / 2 % 8), pbmt = (unsigned)(e / (1ull << 61) % 4);
    if (e % 2 == 0 || xwr == 2 || xwr == 6) return true;
    if (e / (1ull << 54) % 128) return true;
    if (e / (1ull << 63) && !p->h->svnapot) return true;
    return pbmt == 3 || (pbmt && (!p->h->svpbmt || !p->r->pbmte));
}

static bool row_8(const struct spec_request *r, pte_t e) {
    bool fetch = r->access == ACCESS_FETCH;
    return r->priv == PRIV_U ? !BIT(e, U) : BIT(e, U) && (fetch || !r->sum);
}

static bool row_10(const struct spec_request *r, pte_t e) {
    unsigned xwr = (unsigned)(e / 2 % 8);
    bool reads = r->access == ACCESS_LOAD || r->access == ACCESS_LR || r->access == ACCESS_CBO;
    bool readable = xwr % 2 || (r->mxr && xwr / 4);
    return r->access == ACCESS_FETCH ? xwr < 4 : reads ? !readable : xwr / 2 % 2 == 0;
}

/* span: pages that the leaf maps */
static bool leaf(struct path *p, paddr_t at, pte_t e, uint64_t span) {
    const struct spec_request *r = p->r;
    bool napot = e / (1ull << 63);
    if (e / 1024 % span) return ends(p, 6, true);
    if (napot && (span > 1 || e / 1024 % 16 != 8)) return ends(p, 7, true);
    if (row_8(r, e)) return ends(p, 8, true);
    if (row_10(r, e)) return ends(p, 10, true);
    bool unset = !BIT(e, A) || (second_dirties(r->access) && !BIT(e, D));
    if (unset && !r->adue) return ends(p, 11, true);
    if (unset &&
        !(pmp_passes(r->pmp, at, p->word, 2, PRIV_S) && pma_passes(r->pma, at, p->word, "WM")))
        return ends(p, 12, false);
    p->out.writes = unset;
    p->out.write_pa = unset ? at : 0;
    uint64_t bytes = (napot ? 16 : span) * PAGE_BYTES;
    paddr_t base = e / 1024 % (1ull << 44) * PAGE_BYTES;
    arrives(p, base / bytes * bytes + r->va % bytes, unset ? 13 : 14);
    if (!p->out.cause) p->out.pbmt = (unsigned)(e / (1ull << 61) % 4);
    return true;
}

/* One table; span: pages that one of its entries maps. False: go on in *table. */
static bool entry(struct path *p, uint64_t *table, uint64_t span) {
    paddr_t at = *table * PAGE_BYTES + p->r->va / PAGE_BYTES / span % p->fan * p->word;
    pte_t e;
    if (!pmp_passes(p->r->pmp, at, p->word, 1, PRIV_S) || !memory_at(p, at, p->word, "RM") ||
        !p->h->read(p->h->memory, at, p->word, &e))
        return ends(p, 2, false);
    if (row_3(p, e)) return ends(p, 3, true);
    if (e / 2 % 8) return leaf(p, at, e, span);
    if (BIT(e, D) || BIT(e, A) || BIT(e, U) || e / (1ull << 61)) return ends(p, 4, true);
    if (span == 1) return ends(p, 5, true);
    *table = e / 1024 % (1ull << 44);
    return false;
}

struct second second_walk(const struct spec_hart *h, const struct spec_request *r) {
    struct path p = {.h = h, .r = r, .fan = h->rv32 ? 1024 : 512, .word = h->rv32 ? 4 : 8};
    uint64_t mode = r->satp / (h->rv32 ? 1ull << 31 : 1ull << 60);
    if (mode == 0 || r->priv == PRIV_M) {
        arrives(&p, r->va, 0);
        return p.out;
    }
    p.levels = h->rv32 ? 2 : (unsigned)mode - 5;
    uint64_t span = 1, table = r->satp % (h->rv32 ? 1ull << 22 : 1ull << 44);
    for (unsigned n = 1; n < p.levels; n++) span *= p.fan;
    uint64_t half = span * p.fan * PAGE_BYTES / 2;
    if (!h->rv32 && r->va >= half && r->va < -half) {
        ends(&p, 1, true);
        return p.out;
    }
    while (!entry(&p, &table, span)) span /= p.fan;
    return p.out;
}

const char *second_differs(const struct second *two, const struct spec_answer *one) {
    if (two->cause != one->cause) return "cause";
    if (two->row != one->row) return "row";
    if (two->pa != one->pa) return "pa";
    if (two->pbmt != one->pbmt) return "memory type";
    if (two->writes != one->writes || two->write_pa != one->write_pa) return "A/D write";
    return NULL;
}
