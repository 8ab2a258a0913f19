/* SPDX-License-Identifier: Apache-2.0
 *
 * Next-page prefetch: streams, score, prediction. Mirror: rtl/mmu_prefetch.sv
 */
#include "prefetch.h"
#include "enums.h"
#include <string.h>

void prefetch_init(struct prefetch *p, uint32_t streams) {
    memset(p, 0, sizeof *p);
    p->streams = (uint8_t)streams;
    p->score = PREFETCH_BEGIN;
}

/* ---- What came in the last cycle: the page, and the one behind it ------------------------ */

void prefetch_see(struct prefetch *p, bool fetch, vpn_t vpn, uint8_t low) {
    if (!p->streams) return;
    p->came = true;
    p->fetch = fetch;
    p->first = vpn >> low << low;
    p->next = (p->first + (1ull << low)) & ((1ull << VPN_BITS) - 1);
}

/* ---- Its stream: of all that expect the page the lowest, else the next in turn begins anew */

static struct stream *expecting(struct prefetch *p) {
    for (unsigned w = 0; w < p->streams; w++) {
        struct stream *s = &p->stream[w];
        if (s->valid && s->fetch == p->fetch && s->page == p->first) return s;
    }
    return NULL;
}

/* Do both pages lie in one half of the address space, on RV32 in it at all? */
static bool same_half(const struct prefetch *p, unsigned top, bool rv32) {
    unsigned bit = rv32 ? 2 * SV32_LEVEL_BITS : LEVEL_BITS * (top + 1) - 1;
    return !((p->first ^ p->next) >> bit & 1);
}

/* ---- The score, and the prefetch --------------------------------------------------------- */

static uint8_t scored(uint8_t score, bool used) {
    if (used) score = score + 2 > PREFETCH_SCORE_MAX ? PREFETCH_SCORE_MAX : score + 2;
    return score ? score - 1 : 0; /* for the prediction made now */
}

bool prefetch_look(struct prefetch *p, unsigned top, bool rv32, bool can, bool *used) {
    struct stream *s = expecting(p);
    bool found = s, start = false;
    *used = found && s->ahead;
    if (found) {
        p->score = scored(p->score, s->predicted);
        start = can && p->score >= PREFETCH_ENOUGH && same_half(p, top, rv32);
    } else {
        s = &p->stream[p->turn];
        p->turn = p->turn == p->streams - 1 ? 0 : p->turn + 1;
    }
    *s = (struct stream){
        .page = p->next, .valid = true, .fetch = p->fetch, .predicted = found, .ahead = start};
    return start;
}

void prefetch_forget(struct prefetch *p) {
    for (unsigned w = 0; w < p->streams; w++) p->stream[w].valid = false;
}

/* ---- Digest ------------------------------------------------------------------------------ */

uint32_t prefetch_fold(const struct prefetch *p) {
    if (!p->streams) return 0;
    uint32_t d = fold(p->score, p->turn);
    for (unsigned w = 0; w < p->streams; w++) {
        const struct stream *s = &p->stream[w];
        uint64_t word = s->page << 4 | (uint64_t)s->ahead << 3 | (uint64_t)s->predicted << 2 |
                        (uint64_t)s->fetch << 1 | 1;
        d = fold(d, s->valid ? word : 0);
    }
    return d;
}
