/* SPDX-License-Identifier: Apache-2.0
 *
 * pmp= and pma= of a case line. The registers are written as firmware would: addresses, then cfg
 * bytes; they are WARL, and what is locked stays [priv 3.7.1]. The table so kept is what every
 * engine is given, and what those with registers must come to by their own rules.
 */
#include "enums.h"
#include "error.h"
#include "translate_reader.h"
#include <string.h>

/* A set as it was asked for stands before the one that the registers keep of it. */
static struct spec_pmp *new_set(struct translate_case *c) {
    c->set = reader_room(c->set, c->sets, &c->set_room, sizeof *c->set);
    struct spec_pmp *p = &c->set[c->sets++];
    p->entries = TRANSLATE_ENTRIES;
    memset(p->cfg, 0, TRANSLATE_ENTRIES);
    memset(p->addr, 0, TRANSLATE_ENTRIES * sizeof *p->addr);
    return p;
}

/* PMP: entry 0 is NAPOT over everything, RWX. PMA: all OFF, RAM everywhere. */
void reader_start_sets(struct translate_case *c) {
    if (c->sets) {
        c->sets = TRANSLATE_OFF + 1;
        return;
    }
    struct spec_pmp *all = new_set(c);
    all->entries = 1;
    all->cfg[0] = PMP_NAPOT << PMP_A_SHIFT | PMP_X | PMP_W | PMP_R;
    all->addr[0] = (1ull << 54) - 1;
    new_set(c)->entries = 0;
}

/* idx:cfg:addr,... */
static bool entries(struct reader *r, struct spec_pmp *p) {
    do {
        uint64_t n, cfg, addr;
        if (!reader_hex(r, &n)) return false;
        if (n >= TRANSLATE_ENTRIES) return reader_fail(r, "there are 16 entries, 0 to f");
        if (!reader_take(r, ':')) return reader_fail(r, "idx:cfg:addr,... is expected");
        if (!reader_hex(r, &cfg)) return false;
        if (cfg > 0xff) return reader_fail(r, "cfg is a byte");
        if (!reader_take(r, ':')) return reader_fail(r, "idx:cfg:addr,... is expected");
        if (!reader_hex(r, &addr)) return false;
        p->cfg[n] = (uint8_t)cfg;
        p->addr[n] = addr;
    } while (reader_take(r, ','));
    return true;
}

static bool read_set(struct reader *r, unsigned *index, bool *written) {
    static const char *const none[] = {"none", NULL};
    struct translate_case *c = r->c;
    if (!*written) r->was[index == &r->step.pma] = *index;
    new_set(c);
    new_set(c);
    *index = c->sets - 1;
    *written = true;
    return *r->at == 'n' ? reader_word(r, none) == 0 : entries(r, &c->set[*index - 1]);
}

bool reader_pmp(struct reader *r) {
    return read_set(r, &r->step.pmp, &r->pmp_written);
}

bool reader_pma(struct reader *r) {
    if (r->c->regions) return reader_fail(r, "says what ram= has said");
    return read_set(r, &r->step.pma, &r->pma_written);
}

/* ---- What the registers keep ----------------------------------------------------------------- */
static bool locked(const struct spec_pmp *p, unsigned n) {
    return n < p->entries && p->cfg[n] & PMP_L;
}

/* The address of an entry is also the lower end of the TOR entry above it. */
static bool address_locked(const struct spec_pmp *p, unsigned n) {
    bool above = locked(p, n + 1) && (p->cfg[n + 1] >> PMP_A_SHIFT & 3) == PMP_TOR;
    return locked(p, n) || above;
}

/* The registers hold bits 55:2 of an address, of RV32 33:2. */
static void write_set(struct translate_case *c, unsigned index, unsigned was, uint8_t mask) {
    const struct spec_pmp *asked = &c->set[index - 1], *old = &c->set[was];
    struct spec_pmp *now = &c->set[index];
    for (unsigned n = 0; n < TRANSLATE_ENTRIES; n++) {
        uint64_t held = n < old->entries ? old->addr[n] : 0;
        now->addr[n] = address_locked(old, n) ? held : asked->addr[n];
        now->addr[n] &= (1ull << (c->rv32 ? 32 : 54)) - 1;
        now->cfg[n] = locked(old, n) ? old->cfg[n] : asked->cfg[n] & mask;
        if (!(now->cfg[n] & PMP_R)) now->cfg[n] &= (uint8_t)~PMP_W; /* written as neither */
    }
}

void reader_end_sets(struct reader *r) {
    struct translate_case *c = r->c;
    if (r->pmp_written) write_set(c, r->step.pmp, r->was[0], 0x9f);
    if (r->pma_written) write_set(c, r->step.pma, r->was[1], 0xbf);
    r->pmp_written = r->pma_written = false;
}
