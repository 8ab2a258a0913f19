/* SPDX-License-Identifier: Apache-2.0
 *
 * The literal walker of opinion 2 against the second transcription of the decision table: every
 * value of the ten low bits in every mode, and random tables under random PMP, PMA and regions,
 * every row of the table reached.
 */
#include "spec_second.h"
#include "test_spec_world.h"
#include "token.h"

/* ---- Random ---------------------------------------------------------------------------------- */
static pte_t random_pte(uint64_t x, bool rv32) {
    pte_t p = (x & 0xff) | PTE_V;
    if (x >> 8 & 1) p = PTE_V;
    if (x >> 9 & 1) p |= PTE_A | PTE_D | PTE_U | PTE_R;
    p |= to(x >> 10 & 3 ? FRAME(x >> 12 & 7) : (x >> 20) << 12 & ((1ull << 56) - 1), 0);
    if (x >> 16 & 1 && p & (PTE_R | PTE_X)) p &= ~to(0x3fffffff, 0);
    if (!rv32 && (x >> 17 & 7) == 0)
        p = (p & ~to(0xf000, 0)) | PTE_N | to(x >> 49 & 1 ? 0x8000 : 0, 0);
    if (!rv32 && (x >> 50 & 7) == 0) p |= (x >> 53 & 3) << PTE_PBMT_SHIFT;
    if ((x >> 55 & 15) == 0) p ^= 1ull << (x >> 58);
    return rv32 ? (uint32_t)p : p;
}

static void random_world(struct world *w, uint64_t *seed) {
    uint64_t x = token_mix(++*seed);
    w->h.rv32 = x & 3 ? 0 : 1;
    w->h.svnapot = x >> 2 & 3;
    w->h.svpbmt = x >> 4 & 3;
    for (unsigned f = 0; f < 8; f++)
        for (unsigned n = 0; n < 4; n++) /* the words that a random address can index */
            put(w, FRAME(f) + (n & 1 ? 4088 : 0) + (n & 2 && w->h.rv32 ? 4 : 0),
                random_pte(token_mix(++*seed), w->h.rv32));
    w->h.regions = x >> 6 & 3 ? 0 : 1 + (x >> 8 & 1);
    w->region[0] = (struct spec_region){x >> 9 & 1 ? 0 : MEM_BASE, FRAME(x >> 10 & 7) + 4091};
    w->region[1] = (struct spec_region){w->region[0].hi + 1, x >> 13 & 1 ? ~0ull : FRAME(9)};
    w->h.region = w->region;
    w->pmp.entries = x >> 16 & 1 ? 0 : 1 + (x >> 17 & 63);
    for (unsigned n = 0; n < w->pmp.entries; n++) {
        uint64_t y = token_mix(++*seed),
                 at = FRAME(y & 7) + (y >> 3 & 1 ? 4080 : 0) + (y >> 4 & 15);
        w->pmp.cfg[n] = y >> 16 & 3 ? 0 : (uint8_t)(y >> 20);
        w->pmp.addr[n] = at >> 2 | ((1ull << (y >> 32 & 15)) - 1);
        if ((y >> 40 & 3) == 0) { /* a frame of tables that may be read */
            w->pmp.cfg[n] = NAPOT | PMP_R;
            w->pmp.addr[n] = FRAME(y & 7) >> 2 | 0x1ff;
        }
        if (n + 1 == w->pmp.entries) {
            w->pmp.cfg[n] = NAPOT | 7;
            w->pmp.addr[n] = (1ull << 54) - 1;
        }
    }
    w->r.pmp = x >> 23 & 3 ? &w->pmp : NULL;
    w->pma = (struct spec_pmp){.entries = x >> 25 & 3 ? 0 : 4};
    for (unsigned n = 0; n < w->pma.entries; n++) { /* kinds of memory over frames; the rest RAM */
        uint64_t y = token_mix(++*seed), low = n == 3 ? (1ull << 54) - 1 : (2ull << (y & 7)) - 1;
        w->pma.cfg[n] = (uint8_t)(y >> 20 & 0xa7) | (n < 3 && y >> 40 & 3 ? y >> 30 & 24 : NAPOT);
        if (n == 3) w->pma.cfg[n] |= PMP_R | PMP_W | PMP_X | PMA_MEM;
        w->pma.addr[n] = (FRAME(y >> 3 & 7) + (y >> 6 & 1 ? 4080 : 0) + (y >> 8 & 15)) >> 2 | low;
    }
    w->r.pma = &w->pma;
}

static void random_request(struct world *w, uint64_t y) {
    const struct spec_pmp *pmp = w->r.pmp, *pma = w->r.pma;
    unsigned mode = y >> 16 & 15 ? (w->h.rv32 ? 1 : 8 + (unsigned)(y >> 12 & 15) % 3) : 0;
    unsigned shift = w->h.rv32 ? 31 : 60, up = mode ? 64 - (12 + 9 * (mode - 5)) : 0;
    w->r = (struct spec_request){.access = y & 7,
                                 .priv = (y >> 3 & 15) ? y >> 3 & 1 : PRIV_M,
                                 .sum = y >> 7 & 1,
                                 .mxr = y >> 8 & 1,
                                 .adue = y >> 9 & 1,
                                 .pbmte = y >> 10 & 1,
                                 .pa_bits = w->h.rv32     ? 34
                                            : y >> 11 & 3 ? 56
                                                          : 36,
                                 .bytes = 1u << (y >> 36 & 3),
                                 .pmp = pmp,
                                 .pma = pma};
    w->r.satp = (uint64_t)mode << shift | (FRAME(y >> 20 & 7) >> 12);
    for (unsigned i = 0; i < 5; i++)
        w->r.va |= (y >> (24 + i) & 1 ? (w->h.rv32 ? 1022ull : 511ull) : 0)
                   << (12 + (w->h.rv32 ? 10 : 9) * i);
    w->r.va |= (y >> 52) / w->r.bytes * w->r.bytes;
    if (w->h.rv32)
        w->r.va = (uint32_t)w->r.va;
    else if (y >> 30 & 15 && mode)
        w->r.va = (uint64_t)((int64_t)(w->r.va << up) >> up);
}

static void compare(struct world *w, unsigned n) {
    spec_walk_hart(&w->h, &w->r, &w->a);
    struct second two = second_walk(&w->h, &w->r);
    const char *what = second_differs(&two, &w->a);
    if (what)
        fail_msg("%u: %s of %llx satp %llx: %s: row %u %s %llx; second: row %u %s %llx", n,
                 access_word(w->r.access), (unsigned long long)w->r.va,
                 (unsigned long long)w->r.satp, what, w->a.row, cause_word(w->a.cause),
                 (unsigned long long)w->a.pa, two.row, cause_word(two.cause),
                 (unsigned long long)two.pa);
}

static void every_low_bit(void **state) {
    static const uint8_t modes[] = {MODE_SV32, MODE_SV39, MODE_SV48, MODE_SV57};
    struct world *w = *state;
    for (unsigned m = 0; m < 4; m++)
        for (unsigned level = 0; level < (m ? m + 2 : 2); level++)
            for (unsigned low = 0; low < 1024; low++) {
                build(w, modes[m], level, low);
                for (unsigned n = 0; n < 128; n++) {
                    w->r.access = n & 7;
                    w->r.priv = n >> 3 & 1;
                    w->r.sum = n >> 4 & 1;
                    w->r.mxr = n >> 5 & 1;
                    w->r.adue = n >> 6 & 1;
                    compare(w, low);
                }
            }
}

static void random_everything(void **state) {
    struct world *w = *state;
    uint64_t seed = 0;
    unsigned seen[3][16] = {{0}};
    for (unsigned n = 0; n < 1500000; n++) {
        if (n % 32 == 0) random_world(w, &seed);
        random_request(w, token_mix(++seed));
        compare(w, n);
        seen[w->h.rv32 ? 0 : w->r.satp >> 60 == MODE_SV57 ? 2 : 1][w->a.row]++;
    }
    for (unsigned kind = 0; kind < 3; kind++)
        for (unsigned row = 0; row < 16; row++)
            if (seen[kind][row] < 5 && row != 9 && (kind || (row != 1 && row != 7)))
                fail_msg("row %u decided only %u cases of kind %u", row, seen[kind][row], kind);
}

int main(void) {
    const struct CMUnitTest tests[] = {CASE(every_low_bit), CASE(random_everything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
