/* SPDX-License-Identifier: Apache-2.0
 *
 * An implementation that caches all it may: every PTE that any walk has read, leaf, pointer or
 * invalid, until a fence forces it out, and its walks take cached entries by a throw of dice.
 * Opinion 2 must find each of its answers lawful, over random tables, satp changes and fences, also
 * when it has just forgotten all that it may; and one that forgets may never allow what one that
 * remembers everything refuses.
 */
#include "enums.h"
#include "spec.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define FRAME(n)       (MEM_BASE + (paddr_t)(n)*PAGE_BYTES)
#define PTE(pa, flags) ((pa) >> PAGE_SHIFT << PTE_PPN_SHIFT | (flags))
enum { FRAMES = 10, ENTRIES = 4096, STEPS = 60000 };

/* A PTE as some walk of this ASID read it for addresses with this prefix. */
struct entry {
    pte_t pte;
    uint64_t prefix; /* va >> (12 + 9 * level) */
    unsigned level;
    uint16_t asid;
    bool global;
};

struct world {
    struct mem *mem;
    struct spec *forgets, *remembers;
    struct entry entry[ENTRIES];
    unsigned entries;
    uint64_t now, draw, satp;
    unsigned stale, refused; /* answers that memory no longer gives; wrong answers refused */
    char why[200];
};

static uint64_t dice(struct world *w, uint64_t sides) {
    return token_mix(w->draw++) % sides;
}

static void watch(void *who, paddr_t pa, uint64_t old, uint64_t now) {
    struct world *w = who;
    spec_pte_write(w->forgets, w->now, pa, old, now);
    spec_pte_write(w->remembers, w->now, pa, old, now);
}

static bool pointer(pte_t pte) {
    return (pte & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
}

/* ---- The cache ------------------------------------------------------------------------------- */
static void cache_add(struct world *w, const struct entry *e) {
    unsigned n = w->entries < ENTRIES ? w->entries++ : (unsigned)dice(w, ENTRIES);
    w->entry[n] = *e;
}

static bool matches(const struct world *w, const struct entry *e, vaddr_t va) {
    return e->prefix == va >> (12 + 9 * e->level) &&
           (e->global || e->asid == (uint16_t)(w->satp >> SATP_ASID_SHIFT));
}

static void cache_fence(struct world *w, vaddr_t va, unsigned asid) {
    unsigned kept = 0;
    for (unsigned n = 0; n < w->entries; n++) {
        const struct entry *e = &w->entry[n];
        bool covered = (!va || (!pointer(e->pte) && e->prefix == va >> (12 + 9 * e->level))) &&
                       (!asid || (e->asid == asid && !e->global));
        if (!covered) w->entry[kept++] = *e;
    }
    w->entries = kept;
}

/* Some cached entry for va at `top` or below, or none. */
static const struct entry *cache_pick(struct world *w, vaddr_t va, unsigned top) {
    const struct entry *pick = NULL;
    unsigned seen = 0;
    for (unsigned n = 0; n < w->entries; n++)
        if (w->entry[n].level <= top && matches(w, &w->entry[n], va) && dice(w, ++seen) == 0)
            pick = &w->entry[n];
    return dice(w, 8) ? pick : NULL;
}

/* What a leaf makes of the access: only the checks this test's PTEs can fail. */
static unsigned check(const struct spec_request *r, const struct entry *e, paddr_t *pa) {
    static const uint8_t page[] = {CAUSE_INSTRUCTION_PAGE, CAUSE_LOAD_PAGE, CAUSE_STORE_PAGE};
    pte_t need = PTE_V | PTE_A |
                 (r->access == ACCESS_STORE  ? PTE_D | PTE_W
                  : r->access == ACCESS_LOAD ? PTE_R
                                             : PTE_X);
    uint64_t inside = ((uint64_t)PAGE_BYTES << (9 * e->level)) - 1;
    paddr_t base = e->pte >> PTE_PPN_SHIFT << PAGE_SHIFT;
    *pa = base | (r->va & inside);
    bool reserved = (e->pte & (PTE_R | PTE_W)) == PTE_W || base & inside;
    return (e->pte & need) != need || !(e->pte & PTE_U) != (r->priv == PRIV_S) || reserved
               ? page[r->access]
               : 0;
}

static unsigned cached_walk(struct world *w, const struct spec_request *r, paddr_t *pa) {
    static const uint8_t refused[] = {CAUSE_INSTRUCTION_ACCESS, CAUSE_LOAD_ACCESS,
                                      CAUSE_STORE_ACCESS};
    unsigned top = w->satp >> SATP_MODE_SHIFT == MODE_SV39 ? 2 : 3;
    struct entry e = {.asid = (uint16_t)(w->satp >> SATP_ASID_SHIFT),
                      .level = top + 1,
                      .pte = PTE((w->satp & SATP_PPN_MASK) << PAGE_SHIFT, PTE_V)};
    const struct entry *hit = cache_pick(w, r->va, top);
    if (hit) e = *hit;
    while (pointer(e.pte) && e.level > 0) {
        e.level--;
        e.prefix = r->va >> (12 + 9 * e.level);
        paddr_t at = (e.pte >> PTE_PPN_SHIFT << PAGE_SHIFT) + (e.prefix & 511) * 8;
        if (!mem_has(w->mem, at, 8)) return refused[r->access];
        e.pte = mem_read64(w->mem, at);
        e.global |= (e.pte & (PTE_V | PTE_G)) == (PTE_V | PTE_G);
        cache_add(w, &e);
        /* the entry belongs to the ASID whose walk this is, global or not */
    }
    return check(r, &e, pa);
}

/* ---- What happens ---------------------------------------------------------------------------- */
static vaddr_t some_va(struct world *w) {
    vaddr_t va = 0;
    for (unsigned i = 0; i < 3; i++) va |= (dice(w, 2) ? 0 : 1ull) << (12 + 9 * i);
    return va + (dice(w, 8) ? 0 : 1ull << 39);
}

static void change_table(struct world *w) {
    paddr_t at = FRAME(dice(w, FRAMES)) + dice(w, 2) * 8;
    pte_t pte = PTE(FRAME(dice(w, 32) ? dice(w, FRAMES) : 1 << 20), PTE_V);
    if (dice(w, 3) == 0)
        pte = PTE(dice(w, 4) << 39 | dice(w, 3) << 30 | dice(w, 3) << 12,
                  dice(w, 16) * 2 | PTE_V | PTE_A | PTE_D | (dice(w, 4) ? PTE_R : PTE_X));
    if (dice(w, 12) == 0) pte |= PTE_G;
    if (dice(w, 10) == 0) pte &= ~PTE_V;
    mem_write64(w->mem, at, pte);
}

static void change_satp(struct world *w) {
    uint64_t mode = dice(w, 8) ? MODE_SV39 + dice(w, 2) : MODE_BARE;
    w->satp = mode << SATP_MODE_SHIFT | (1 + dice(w, 3)) << SATP_ASID_SHIFT |
              (FRAME(dice(w, FRAMES)) >> PAGE_SHIFT);
    spec_satp_write(w->forgets, w->now, w->satp);
    spec_satp_write(w->remembers, w->now, w->satp);
}

static void change_fence(struct world *w) {
    vaddr_t va = dice(w, 3) ? some_va(w) : 0;
    unsigned asid = dice(w, 2) ? (unsigned)(1 + dice(w, 3)) : 0;
    spec_fence_begin(w->forgets, w->now, va, asid, va, (uint16_t)asid);
    spec_fence_begin(w->remembers, w->now, va, asid, va, (uint16_t)asid);
    w->now += dice(w, 3);
    spec_fence_end(w->forgets, w->now);
    spec_fence_end(w->remembers, w->now);
    cache_fence(w, va, asid);
}

static void ask(struct world *w) {
    struct spec_request r = {.access = (uint8_t)dice(w, 3),
                             .priv = (uint8_t)dice(w, 2),
                             .satp = w->satp,
                             .va = some_va(w),
                             .bytes = 1,
                             .pa_bits = 56};
    struct spec_answer plain;
    paddr_t pa = 0;
    uint64_t accepted = w->now;
    spec_walk(w->mem, &r, &plain);
    if (w->satp >> SATP_MODE_SHIFT == MODE_BARE ||
        (w->satp >> SATP_MODE_SHIFT == MODE_SV39 && r.va >> 38))
        return; /* nothing is read */
    unsigned cause = cached_walk(w, &r, &pa);
    w->stale += cause != plain.cause || (!cause && pa != plain.pa);
    w->now += dice(w, 3);
    if (!spec_judge(w->forgets, accepted, w->now, &r, (uint8_t)cause, pa, w->why, sizeof w->why) ||
        !spec_judge(w->remembers, accepted, w->now, &r, (uint8_t)cause, pa, w->why, sizeof w->why))
        fail_msg("cycle %llu: %s", (unsigned long long)w->now, w->why);
    cause = dice(w, 2) ? 0 : cause; /* another answer, most often a wrong one */
    pa = dice(w, 3) << 30 | dice(w, 3) << 12 | (r.va & 0x1000);
    bool old =
        spec_judge(w->remembers, accepted, w->now, &r, (uint8_t)cause, pa, w->why, sizeof w->why);
    if (spec_judge(w->forgets, accepted, w->now, &r, (uint8_t)cause, pa, w->why, sizeof w->why) &&
        !old)
        fail_msg("cycle %llu: forgetting made an answer lawful", (unsigned long long)w->now);
    w->refused += !old;
}

static void over_caching_is_lawful(void **state) {
    (void)state;
    struct world *w = test_calloc(1, sizeof *w);
    w->mem = mem_new(16ull << 20);
    w->forgets = spec_new(w->mem);
    w->remembers = spec_new(w->mem);
    mem_set_watch(w->mem, watch, w);
    for (unsigned n = 0; n < FRAMES; n++) mem_mark_table(w->mem, FRAME(n) >> PAGE_SHIFT);
    for (unsigned n = 0; n < STEPS; n++) {
        w->now += 1 + dice(w, 3);
        uint64_t what = dice(w, 100);
        if (what < 30)
            change_table(w);
        else if (what < 33)
            change_satp(w);
        else if (what < 45)
            change_fence(w);
        else
            ask(w);
        if (dice(w, 500) == 0) w->now += 2 * SPEC_LIFETIME;
        if (dice(w, 200) == 0) spec_forget(w->forgets);
    }
    assert_true(w->stale > STEPS / 100 && w->refused > STEPS / 100);
    print_message("%u stale answers lawful, %u wrong ones refused, %u of %u past values kept\n",
                  w->stale, w->refused, (unsigned)spec_kept(w->forgets),
                  (unsigned)spec_kept(w->remembers));
    spec_delete(w->forgets);
    spec_delete(w->remembers);
    mem_delete(w->mem);
    test_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(over_caching_is_lawful)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
