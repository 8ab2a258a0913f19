/* SPDX-License-Identifier: Apache-2.0
 *
 * Coincidences of the PTE-line buffer: two accesses to pages of one line, or of two, the second
 * later by every lag, and a kill or a fence at every cycle of both. Each access that was not killed
 * has its one right answer; the cover properties of mmu_ptw_cover_sva.sv and mmu_lines_sva.sv count
 * what was met.
 */
#include "machine.h"
#include <string.h>

enum { PAGES = 32, LAGS = 16, OFFSETS = 18, FEW = 7, LEAF = PTE_V | PTE_R | PTE_W | PTE_X };
enum disturbance { NOTHING, KILL_FIRST, KILL_SECOND, FENCE, FENCE_VA, FENCE_OTHER, DISTURBANCES };

/* Where the pages are: lines of 8. Of the first, page 2 has no A, 3 no D, 4 is not valid. Those of
 * the third say, each but the first, that they are part of a NAPOT range. */
static const vaddr_t BASE = 0x40000000, ALIAS = 1 << 21, SUPERPAGE = 3 << 21;

struct reach {
    vaddr_t at; /* from BASE */
    uint8_t type;
};

/* Two accesses, and a page whose line is kept before. */
struct pair {
    vaddr_t kept;
    struct reach two[2];
};

#define PAGE(n) ((vaddr_t)(n)*PAGE_BYTES)
static const struct pair pairs[] = {
    {PAGE(24), {{PAGE(0), ACCESS_LOAD}, {PAGE(1), ACCESS_LOAD}}}, /* one waits */
    {PAGE(8), {{PAGE(0), ACCESS_LOAD}, {PAGE(9), ACCESS_LOAD}}},  /* one line is kept */
    {PAGE(8), {{PAGE(3), ACCESS_STORE}, {PAGE(9), ACCESS_LOAD}}}, /* and D is set in another */
    {PAGE(0), {{PAGE(3), ACCESS_STORE}, {PAGE(1), ACCESS_LOAD}}}, /* and in it */
    {PAGE(0), {{PAGE(2), ACCESS_LOAD}, {PAGE(5), ACCESS_LOAD}}},  /* A */
    {PAGE(24), {{PAGE(4), ACCESS_LOAD}, {PAGE(1), ACCESS_LOAD}}}, /* a fault brings the line */
    {PAGE(24), {{ALIAS + PAGE(1), ACCESS_LOAD}, {PAGE(0), ACCESS_LOAD}}},       /* one line twice */
    {PAGE(24), {{SUPERPAGE, ACCESS_LOAD}, {SUPERPAGE + PAGE(1), ACCESS_LOAD}}}, /* no line comes */
    {PAGE(16), {{PAGE(17), ACCESS_LOAD}, {PAGE(0), ACCESS_LOAD}}}, /* NAPOT out of a line */
};

static paddr_t pa_of(vaddr_t at) {
    return (0x200000ull << PAGE_SHIFT) + (at >= SUPERPAGE ? at - SUPERPAGE : at % ALIAS);
}

static void map_pages(struct machine *m) {
    for (unsigned page = 0; page < PAGES; page++) {
        pte_t pte = LEAF | PTE_A | PTE_D | (0x200000ull + page) << PTE_PPN_SHIFT;
        if (page == 2) pte &= ~(pte_t)(PTE_A | PTE_D);
        if (page == 3) pte &= ~PTE_D;
        if (page == 4) pte = 0;
        if (page > 16 && page < 24)
            pte = LEAF | PTE_A | PTE_D | PTE_N | (0x200010ull | NAPOT_ENCODING) << PTE_PPN_SHIFT;
        map(m, 0, MODE_SV39, BASE + PAGE(page), 0, pte);
    }
    map(m, 0, MODE_SV39, BASE + ALIAS, 0, peek(m, pte_at(m, 0, 0, BASE)));
    map(m, 0, MODE_SV39, BASE + SUPERPAGE, 1, LEAF | PTE_A | PTE_D | 0x200000ull << PTE_PPN_SHIFT);
}

static void disturb(struct machine *m, enum disturbance what) {
    switch (what) {
    case KILL_FIRST: m->in.dkill_i = 1; break;
    case KILL_SECOND: m->in.dkill_i = 2; break;
    case FENCE: m->in.fence_valid_i = 1; break;
    case FENCE_VA: m->in.fence_valid_i = 1, m->in.fence_rs1_i = 1, m->in.fence_va_i = BASE; break;
    case FENCE_OTHER: m->in.fence_valid_i = 1, m->in.fence_rs2_i = 1, m->in.fence_asid_i = 3; break;
    default: break;
    }
}

static void run(struct machine *m, const struct pair *p, unsigned lag, enum disturbance what,
                unsigned offset) {
    unsigned issued = 0;
    map_pages(m);
    fence_all(m);
    do_access(m, ACCESS_LOAD, PRIV_S, 0, BASE + p->kept);
    memset(m->answer, 0, sizeof m->answer);
    for (unsigned c = 0; c <= lag || c <= offset || issued < 2; c++) {
        bool due = issued < 2 && c >= issued * lag;
        if (due)
            offer(m, (uint8_t)issued, p->two[issued].type, PRIV_S, 0, BASE + p->two[issued].at, 8);
        m->in.oldest_valid_i = 1, m->in.oldest_port_i = 1;
        if (c == offset) disturb(m, what);
        machine_edge(m);
        issued += due && m->out.dreq_ready_o;
    }
    for (unsigned c = 0; c < 40; c++) { /* a store that holds for D */
        m->in.oldest_valid_i = 1, m->in.oldest_port_i = 1;
        machine_edge(m);
    }
    settle(m);
    for (unsigned i = 0; i < 2; i++) {
        struct answer a = m->answer[1][i];
        bool fault = p->two[i].at == PAGE(4);
        if (what == KILL_FIRST + i) continue;
        expect(m, a.there && (fault ? a.cause == 13 : !a.cause && a.pa == pa_of(p->two[i].at)),
               "access %u: %s, cause %u, pa %llx; disturbance %u at cycle %u, lag %u", i,
               a.there ? "answered" : "no answer", a.cause, (unsigned long long)a.pa, what, offset,
               lag);
    }
}

void plan_lines(struct machine *m) {
    set_state(m, ADUE);
    enter(m, MODE_SV39, 0, 3);
    enter(m, MODE_SV39, 0, 1);
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        for (unsigned lag = 0; lag < LAGS; lag++) run(m, &pairs[i], lag, NOTHING, 0);
        for (unsigned lag = 0; lag < FEW; lag++) {
            for (unsigned what = NOTHING + 1; what < DISTURBANCES; what++) {
                for (unsigned offset = 0; offset < OFFSETS; offset++)
                    run(m, &pairs[i], lag, what, offset);
            }
        }
    }
    /* the bus refuses the line, and then the PTE: an access fault, after one read more */
    m->no_read = pte_at(m, 0, 0, BASE);
    fence_all(m);
    expect_cause(m, do_access(m, ACCESS_LOAD, PRIV_S, 0, BASE), 5, "a refused line");
    m->no_read = 0;
}
