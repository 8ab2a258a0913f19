/* SPDX-License-Identifier: Apache-2.0
 *
 * ram= of a case as a table of PMA registers. Regions that touch are one, since an access may lie
 * across their border and an entry that matches it in part would refuse it. TOR entries name the
 * regions, each with its lower end in an entry that is off; an end at the top of physical memory
 * is beyond what TOR can say, so then the entries name the holes, and a last one all the rest.
 */
#include "translate_pma.h"
#include "enums.h"
#include <stdlib.h>
#include <string.h>

enum { RAM = PMP_R | PMP_W | PMP_X | PMA_MEM, REGIONS = TRANSLATE_ENTRIES };

struct table {
    struct spec_pmp *out;
    unsigned room;
    bool full;
};

static int by_lo(const void *a, const void *b) {
    const struct spec_region *x = a, *y = b;
    return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Sorted, merged, without what lies above the top; returns how many, more than REGIONS if too many.
 */
static unsigned merged(const struct translate_case *c, paddr_t top, struct spec_region *out) {
    struct spec_region all[2 * REGIONS];
    unsigned count = 0;
    if (c->regions > 2 * REGIONS) return c->regions;
    memcpy(all, c->region, c->regions * sizeof *all);
    qsort(all, c->regions, sizeof *all, by_lo);
    for (unsigned n = 0; n < c->regions; n++) {
        struct spec_region *last = &out[count ? count - 1 : 0];
        if (all[n].lo > top) break;
        if (count && (last->hi == UINT64_MAX || all[n].lo <= last->hi + 1)) {
            if (all[n].hi > last->hi) last->hi = all[n].hi;
            continue;
        }
        if (count == REGIONS) return REGIONS + 1;
        out[count++] = all[n];
    }
    return count;
}

static void entry(struct table *t, unsigned cfg, uint64_t addr) {
    struct spec_pmp *p = t->out;
    t->full |= p->entries == t->room;
    if (t->full) return;
    p->cfg[p->entries] = (uint8_t)cfg;
    p->addr[p->entries++] = addr;
}

/* [lo, end), kind as cfg bits. The first entry of a table begins at 0. */
static void range(struct table *t, paddr_t lo, paddr_t end, unsigned kind) {
    unsigned n = t->out->entries;
    uint64_t below = n ? t->out->addr[n - 1] : 0;
    if (lo >> 2 != below) entry(t, PMP_OFF, lo >> 2);
    entry(t, PMP_TOR << PMP_A_SHIFT | kind, end >> 2);
}

const char *translate_pma(const struct translate_case *c, unsigned entries, struct spec_pmp *out) {
    static const char many[] = "ram= needs more PMA entries than the hardware has (pma.entries)";
    struct spec_region r[REGIONS];
    struct table t = {out, entries < TRANSLATE_ENTRIES ? entries : TRANSLATE_ENTRIES, false};
    paddr_t top = (1ull << c->pa_bits) - 1, from = 0;
    unsigned count = merged(c, top, r);
    out->entries = 0;
    if (count > REGIONS) return many;
    if (!count) entry(&t, PMP_NA4 << PMP_A_SHIFT, 0); /* no match is a hole */
    for (unsigned n = 0; n < count; n++)
        if (r[n].lo % 4 || (r[n].hi < top && (r[n].hi + 1) % 4))
            return "ram= must begin and end at words of 4 bytes: PMA has no finer grain";
    bool holes = count && r[count - 1].hi >= top;
    for (unsigned n = 0; n < count; n++) {
        if (!holes)
            range(&t, r[n].lo, r[n].hi + 1, RAM);
        else if (r[n].lo > from)
            range(&t, from, r[n].lo, 0);
        from = r[n].hi + 1;
    }
    if (holes) entry(&t, PMP_NAPOT << PMP_A_SHIFT | RAM, (1ull << 54) - 1);
    return t.full ? many : NULL;
}
