/* SPDX-License-Identifier: Apache-2.0
 *
 * What may happen in one cycle together, made to happen: two streams of accesses that miss, hit,
 * merge and set A or D, the second later by every lag, and a fence, a satp write, a kill or two of
 * them at every cycle of both. Each access that was not killed has its one right answer; which
 * coincidences were met, the cover properties NAME_C count (testbench/sva/mmu_pair_sva.sv,
 * mmu_ptw_cover_sva.sv), and table.sh fails on one that was not.
 */
#include "machine.h"
#include <string.h>

enum { PAGES = 30, SPAN = 48, LAGS = 24, ITEMS = 24, HANG = 4000 };
enum {
    NOTHING,
    KILL = 1,
    KILL_EVEN = 2,
    KILL_ODD = 4,
    FENCE = 8,
    FENCE_VA = 16,
    FENCE_ASID = 32,
    SATP = 64,
    FAR = 128,
    OTHER = 256
}; /* FAR: in another region; OTHER: another ASID */

static const vaddr_t BASE = 0x40000000;

/* Page of each access, in order. 0 is in both L1 TLBs, 12 to 15 are in L2 alone, the others
 * nowhere; 8 to 11 have neither A nor D. */
struct item {
    uint8_t page, access;
};
static const struct item data[] = {
    {8, ACCESS_STORE},  {1, ACCESS_LOAD}, {0, ACCESS_LOAD},  {1, ACCESS_STORE}, {12, ACCESS_LOAD},
    {8, ACCESS_LOAD},   {0, ACCESS_LOAD}, {9, ACCESS_STORE}, {2, ACCESS_LOAD},  {13, ACCESS_LOAD},
    {0, ACCESS_STORE},  {2, ACCESS_LOAD}, {10, ACCESS_LOAD}, {9, ACCESS_LOAD},  {0, ACCESS_LOAD},
    {11, ACCESS_STORE}, {3, ACCESS_LOAD}, {11, ACCESS_AMO},  {0, ACCESS_LOAD},
};
static const struct item fetch[] = {
    {4, ACCESS_FETCH},  {1, ACCESS_FETCH},  {0, ACCESS_FETCH}, {14, ACCESS_FETCH},
    {4, ACCESS_FETCH},  {5, ACCESS_FETCH},  {0, ACCESS_FETCH}, {8, ACCESS_FETCH},
    {15, ACCESS_FETCH}, {10, ACCESS_FETCH}, {0, ACCESS_FETCH}, {2, ACCESS_FETCH},
};
enum { DATA_ITEMS = sizeof data / sizeof *data, FETCH_ITEMS = sizeof fetch / sizeof *fetch };

struct stream {
    const struct item *item;
    unsigned items, next, first; /* first: not before this cycle */
    bool killed[ITEMS];
};

static vaddr_t va_of(unsigned page) {
    return BASE + page * PAGE_BYTES;
}

static paddr_t pa_of(unsigned page) {
    return (0x200000ull + page) << PAGE_SHIFT;
}

static void map_pages(struct machine *m) {
    for (unsigned page = 0; page < PAGES; page++) {
        pte_t used = page >= 8 && page < 12 ? 0 : PTE_A | PTE_D;
        map(m, 0, MODE_SV39, va_of(page), 0,
            PTE_V | PTE_R | PTE_W | PTE_X | used | (0x200000ull + page) << PTE_PPN_SHIFT);
    }
}

/* ---- Context numbers ------------------------------------------------------------------------ */
static bool asid_fence_wraps(struct machine *m) {
    m->in.fence_valid_i = 1, m->in.fence_rs2_i = 1, m->in.fence_asid_i = 1;
    machine_edge(m);
    bool wraps = m->out.ev_ctx_wrap_o;
    machine_edge(m);
    return wraps;
}

/* The next fence of the ASID uses the last number up. */
static void last_number(struct machine *m) {
    unsigned numbers = 0;
    while (!asid_fence_wraps(m)) continue;
    while (!asid_fence_wraps(m)) numbers++;
    for (unsigned n = 0; n < numbers; n++)
        expect(m, !asid_fence_wraps(m), "context numbers run out after fewer fences than before");
}

/* ---- One run -------------------------------------------------------------------------------- */
static void begin(struct machine *m, bool warm, bool used_up) {
    map_pages(m);
    enter(m, MODE_SV39, 0, 3);
    enter(m, MODE_SV39, 0, 1);
    fence_all(m);
    if (used_up) last_number(m);
    if (!warm) return;
    for (unsigned page = 12; page < PAGES; page++)
        do_access(m, ACCESS_LOAD, PRIV_S, 0, va_of(page));
    do_access(m, ACCESS_LOAD, PRIV_S, 0, va_of(0));
    do_access(m, ACCESS_FETCH, PRIV_S, 0, va_of(0));
}

static bool unanswered(const struct machine *m, const struct stream *s, unsigned i) {
    return i < s->next && !s->killed[i] && !m->answer[s->item->access != ACCESS_FETCH][i].there;
}

static void offer_next(struct machine *m, const struct stream *s, unsigned cycle) {
    if (s->next == s->items || cycle < s->first) return;
    const struct item *item = &s->item[s->next];
    offer(m, (uint8_t)s->next, item->access, PRIV_S, 0, va_of(item->page), 8);
}

static unsigned oldest(const struct machine *m, const struct stream *s) {
    unsigned i = 0;
    while (i < s->next && !unanswered(m, s, i)) i++;
    return i;
}

static uint32_t kill_mask(struct machine *m, struct stream *s, unsigned what) {
    uint32_t mask = what & KILL ? ~0u : 0;
    if (what & KILL_EVEN) mask = 0x55555555;
    if (what & KILL_ODD) mask = 0xaaaaaaaa;
    for (unsigned i = 0; i < s->next; i++)
        if (mask >> i & 1 && unanswered(m, s, i)) s->killed[i] = true;
    return mask;
}

static void disturb(struct machine *m, struct stream *d, struct stream *f, unsigned what) {
    struct mmu_in *in = &m->in;
    in->dkill_i = kill_mask(m, d, what);
    in->ikill_i = kill_mask(m, f, what);
    if (what & (FENCE | FENCE_VA | FENCE_ASID)) {
        in->fence_valid_i = 1;
        in->fence_rs1_i = (what & FENCE_VA) != 0, in->fence_rs2_i = (what & FENCE_ASID) != 0;
        in->fence_va_i = what & FAR ? ~0ull << 38 : va_of(what & KILL_EVEN ? 0 : 1);
        in->fence_asid_i = what & OTHER ? 3 : 1;
    } else if (what & SATP) { /* the same address space under an ASID without a number */
        in->csr_valid_i = 1, in->csr_addr_i = 0x180;
        in->csr_wdata_i = (uint64_t)MODE_SV39 << 60 | 2ull << 44 | table_of(0, 2);
    }
}

static void run(struct machine *m, unsigned offset, unsigned lag, unsigned what, bool warm) {
    struct stream d = {.item = data, .items = DATA_ITEMS};
    struct stream f = {.item = fetch, .items = FETCH_ITEMS, .first = lag};
    begin(m, warm, what & (FENCE_ASID | SATP) && !(what & OTHER) && offset % 2);
    memset(m->answer, 0, sizeof m->answer);
    for (unsigned c = 0; d.next < d.items || f.next < f.items || c <= offset; c++) {
        unsigned first = oldest(m, &d);
        offer_next(m, &d, c);
        offer_next(m, &f, c);
        m->in.oldest_valid_i = 1, m->in.oldest_port_i = 1;
        m->in.oldest_id_i = (uint8_t)first;
        bool valid[2] = {m->in.ireq_valid_i, m->in.dreq_valid_i};
        if (c == offset) disturb(m, &d, &f, what);
        machine_edge(m);
        f.next += valid[0] && m->out.ireq_ready_o;
        d.next += valid[1] && m->out.dreq_ready_o;
        expect(m, c < HANG, "accesses wait for ever");
        if (c >= HANG) return;
    }
    for (unsigned c = 0; oldest(m, &d) < d.next && c < HANG; c++) { /* stores that hold for D */
        m->in.oldest_valid_i = 1, m->in.oldest_port_i = 1;
        m->in.oldest_id_i = (uint8_t)oldest(m, &d);
        machine_edge(m);
    }
    settle(m);
    const struct stream *both[2] = {&f, &d};
    for (unsigned port = 0; port < 2; port++) {
        for (unsigned i = 0; i < both[port]->items; i++) {
            struct answer a = m->answer[port][i];
            if (both[port]->killed[i]) continue;
            expect(m, a.there && !a.cause && a.pa == pa_of(both[port]->item[i].page),
                   "port %u, access %u: %s, cause %u, pa %llx; %x at cycle %u, lag %u", port, i,
                   a.there ? "answered" : "no answer", a.cause, (unsigned long long)a.pa, what,
                   offset, lag);
        }
    }
}

/* ---- What the streams do not make ------------------------------------------------------------ */
/* A store that sets D walks on its own; a fetch looks the page up in L2 meanwhile. */
static void same_page(struct machine *m, unsigned lag) {
    map_pages(m);
    poke(m, pte_at(m, 0, 0, va_of(6)), peek(m, pte_at(m, 0, 0, va_of(6))) & ~PTE_D);
    fence_all(m);
    do_access(m, ACCESS_LOAD, PRIV_S, 0, va_of(6));
    for (unsigned c = 0; c <= lag; c++) {
        if (!c) offer(m, 0, ACCESS_STORE, PRIV_S, 0, va_of(6), 8);
        if (c == lag) offer(m, 0, ACCESS_FETCH, PRIV_S, 0, va_of(6), 4);
        m->in.oldest_valid_i = 1, m->in.oldest_port_i = 1, m->in.oldest_id_i = 0;
        machine_edge(m);
    }
    expect_pa(m, await(m, 0, ACCESS_STORE), pa_of(6), "a store that sets D");
    expect_pa(m, await(m, 0, ACCESS_FETCH), pa_of(6), "a fetch beside it");
    settle(m);
}

/* Small pages in the TLBs become one large one, without a fence: either may answer. */
static void large_over_small(struct machine *m) {
    vaddr_t large = va_of(0) + (1 << 21);
    for (unsigned page = 0; page < 2; page++)
        map(m, 0, MODE_SV39, large + page * PAGE_BYTES, 0, pa_of(page) >> 2 | 0xcf);
    fence_all(m);
    for (unsigned page = 0; page < 2; page++)
        do_access(m, ACCESS_LOAD, PRIV_S, 0, large + page * PAGE_BYTES);
    for (unsigned n = 1; n <= m->config.pwc_l1; n++) { /* their pointer leaves the walk cache */
        map(m, 0, MODE_SV39, large + (n << 21), 0, pa_of(0) >> 2 | 0xcf);
        do_access(m, ACCESS_LOAD, PRIV_S, 0, large + (n << 21));
    }
    poke(m, pte_at(m, 0, 1, large), pa_of(0) >> 2 | 0xcf);
    do_access(m, ACCESS_LOAD, PRIV_S, 0, large + 2 * PAGE_BYTES);
    struct answer a = do_access(m, ACCESS_FETCH, PRIV_S, 0, large + PAGE_BYTES);
    expect_pa(m, a, pa_of(1), "as small page and as part of the large one");
    poke(m, pte_at(m, 0, 1, large), 0);
    fence_all(m);
}

/* A store that holds for its D is named and killed in one cycle. */
static void named_and_killed(struct machine *m) {
    map_pages(m);
    fence_all(m);
    offer(m, 0, ACCESS_STORE, PRIV_S, 0, va_of(8), 8);
    for (unsigned c = 0; c < 40; c++) machine_edge(m);
    m->in.oldest_valid_i = 1, m->in.oldest_port_i = 1, m->in.oldest_id_i = 0;
    m->in.dkill_i = 1;
    machine_edge(m);
    settle(m);
    expect(m, !m->answer[1][0].there, "a killed store is answered");
    expect(m, !(peek(m, pte_at(m, 0, 0, va_of(8))) & PTE_D), "a killed store set D");
}

static void ports_together(struct machine *m) {
    m->in.csr_valid_i = 1, m->in.csr_addr_i = 0x180;
    m->in.csr_wdata_i = (uint64_t)MODE_SV39 << 60 | 1ull << 44 | table_of(0, 2);
    m->in.fence_valid_i = 1;
    machine_edge(m);
    expect(m, m->out.fence_ready_o && !m->out.csr_ready_o, "the fence goes first [15]");
    settle(m);
    m->in.fence_valid_i = 1, m->in.fence_rs1_i = 1;
    machine_edge(m);
    m->in.fence_valid_i = 1;
    machine_edge(m);
    expect(m, !m->out.fence_ready_o, "a fence while a VA fence clears");
    settle(m);
    fence(m, FENCE_SFENCE_VMA, false, true, 0, 99); /* an ASID without a number */
    for (uint16_t asid = 1; asid < 20; asid++) enter(m, MODE_SV39, 0, asid); /* more than entries */
    enter(m, MODE_SV39, 0, 1);
}

void plan_coincidences(struct machine *m) {
    static const unsigned disturbances[] = {KILL,
                                            KILL_EVEN,
                                            KILL_ODD,
                                            FENCE,
                                            FENCE_VA,
                                            FENCE_ASID,
                                            SATP,
                                            FENCE_VA | FAR,
                                            FENCE_ASID | OTHER,
                                            FENCE_VA | FENCE_ASID | OTHER,
                                            KILL | FENCE,
                                            KILL_EVEN | FENCE_VA,
                                            KILL_ODD | FENCE_ASID};
    set_state(m, ADUE);
    for (unsigned lag = 0; lag < LAGS; lag++) {
        m->latency = 1 + lag % 4;
        run(m, 0, lag, NOTHING, lag % 2);
    }
    m->latency = 3;
    ports_together(m);
    large_over_small(m);
    named_and_killed(m);
    for (unsigned lag = 0; lag < LAGS; lag++) same_page(m, lag);
    for (unsigned i = 0; i < sizeof disturbances / sizeof *disturbances; i++) {
        for (unsigned offset = 0; offset < SPAN; offset++) {
            m->ready_every = 1 + (offset + i) % 2 * 2; /* requests are taken at once, or wait */
            run(m, offset, offset % 3, disturbances[i], (offset + i) / 2 % 2);
        }
    }
}
