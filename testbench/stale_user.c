/* SPDX-License-Identifier: Apache-2.0
 *
 * Before return to user: everything that may be cached under the ASID in satp against what VMA and
 * page table say of the address space in satp, page by page. That is the past entries of the ASID,
 * what a past pointer still leads to, and, where another address space had the same ASID and no
 * fence came since, every translation of that one.
 */
#include "stale_internal.h"
#include <stdio.h>

const char *stale_words(const struct stale *s, const struct stale_past *e, char out[STALE_TEXT]) {
    if (stale_pointer(e->pte)) {
        snprintf(out, STALE_TEXT,
                 "ASID %u may still walk 0x%llx by the table in frame 0x%llx, level %u", e->asid,
                 (unsigned long long)e->va, (unsigned long long)stale_ppn(e->pte), e->level - 1u);
    } else {
        snprintf(out, STALE_TEXT,
                 "ASID %u may still translate 0x%llx (%llu KiB) to frame 0x%llx (%c%c%c%s)",
                 e->asid, (unsigned long long)e->va,
                 (1ull << (stale_napot(e->pte) ? NAPOT_SHIFT : stale_shift(s, e->level))) / 1024,
                 (unsigned long long)stale_ppn(stale_page(e->pte, 0)), e->pte & PTE_R ? 'r' : '-',
                 e->pte & PTE_W ? 'w' : '-', e->pte & PTE_X ? 'x' : '-',
                 e->pte & PTE_D ? ", dirty" : "");
    }
    return out;
}

static pte_t word(const struct stale *s, ppn_t table, unsigned index) {
    paddr_t pa = (table << PAGE_SHIFT) + index * s->pte_bytes;
    if (!mem_has(s->mem, pa, s->pte_bytes)) return 0;
    uint64_t both = mem_read64(s->mem, pa & ~(paddr_t)7);
    if (s->pte_bytes != PTE_BYTES) return (uint32_t)(pa & 4 ? both >> 32 : both);
    for (unsigned i = 0; stale_napot(both) && i < NAPOT_PTES;
         i++) /* whose A and D are those of all */
        both |= stale_run_pte(s, pa - index % NAPOT_PTES * PTE_BYTES, i) & (PTE_A | PTE_D);
    return stale_page(both, index);
}

/* The entry that maps va now, made one of a 4 KiB page; 0 if there is none. */
static pte_t present(const struct stale *s, ppn_t root, vaddr_t va) {
    ppn_t table = root;
    for (unsigned level = s->levels; level--;) {
        unsigned shift = stale_shift(s, level);
        pte_t pte = word(s, table, (unsigned)(va >> shift) & ((1u << s->level_bits) - 1));
        if (!(pte & PTE_V)) return 0;
        table = stale_ppn(pte);
        if (stale_pointer(pte)) continue;
        pte_t inside = (va >> PAGE_SHIFT) & ((1ull << (shift - PAGE_SHIFT)) - 1);
        return pte + (inside << PTE_PPN_SHIFT);
    }
    return 0;
}

/* One page that may be cached so. */
static void judge_page(struct stale *s, const struct stale_past *e, vaddr_t va, pte_t cached) {
    static const char *const bits[] = {[1] = "reads", [2] = "writes", [4] = "execution"};
    char text[STALE_TEXT];
    uint8_t prot;
    ppn_t root = s->space[s->current].root;
    pte_t now = present(s, root, va);
    unsigned rights = (unsigned)(cached >> 1) & 7, allowed = 0; /* R, W, X as PROT_* */
    stale_words(s, e, text);
    if (!s->vma(s->who, root, va, &prot)) {
        stale_fail(s, "%s; at 0x%llx no VMA is left", text, (unsigned long long)va);
        return;
    }
    if (!now || stale_ppn(now) != stale_ppn(cached)) {
        stale_fail(s, "%s; the page table maps 0x%llx to %s 0x%llx", text, (unsigned long long)va,
                   now ? "frame" : "nothing,", (unsigned long long)stale_ppn(now));
        return;
    }
    if (prot & 3) allowed |= 1; /* PROT_WRITE implies read */
    allowed |= prot & 6;
    unsigned more = rights & ~(allowed & ((unsigned)(now >> 1) & 7));
    if (more)
        stale_fail(s, "%s; VMA and page table allow no %s at 0x%llx", text, bits[more & -more],
                   (unsigned long long)va);
    else if ((cached & PTE_W) && (cached & PTE_D) && !(now & PTE_D))
        stale_fail(s, "%s; a store to 0x%llx would not set D again", text, (unsigned long long)va);
}

/* Every page below an entry that may be cached. */
static void judge_entry(struct stale *s, const struct stale_past *e, vaddr_t va, unsigned level,
                        pte_t pte) {
    if (!(pte & PTE_V) || s->why[0]) return;
    if (stale_pointer(pte)) {
        for (unsigned i = 0; level && i < 1u << s->level_bits; i++)
            judge_entry(s, e, va + ((vaddr_t)i << stale_shift(s, level - 1)), level - 1,
                        word(s, stale_ppn(pte), i));
        return;
    }
    for (unsigned i = 0; i < NAPOT_PTES && stale_napot(pte); i++)
        if (e->pages >> i & 1) judge_page(s, e, va + i * (vaddr_t)PAGE_BYTES, stale_page(pte, i));
    if (stale_napot(pte)) return;
    vaddr_t pages = 1ull << (stale_shift(s, level) - PAGE_SHIFT);
    for (vaddr_t i = 0; i < pages && !s->why[0]; i++)
        judge_page(s, e, va + i * PAGE_BYTES, pte + (i << PTE_PPN_SHIFT));
}

/* [priv, Svnapot] The OS sees to it that there is no inconsistency: all 16 say the same, but for A
 * and D, or none of them has N. */
static void judge_run(struct stale *s, const struct stale_run *r) {
    unsigned leaves = 0;
    pte_t differ = 0, first = stale_run_pte(s, r->pa, 0);
    for (unsigned i = 0; i < NAPOT_PTES; i++) {
        pte_t pte = stale_run_pte(s, r->pa, i);
        leaves += stale_napot(pte);
        differ |= (pte ^ first) & ~(PTE_A | PTE_D);
    }
    if (leaves && differ)
        stale_fail(s, "%u of the 16 PTEs from 0x%llx on have N, and they do not agree", leaves,
                   (unsigned long long)r->pa);
}

static void judge_runs(struct stale *s) {
    for (struct stale_run *r = s->runs; r; r = r->hh.next) {
        if (r->changed) judge_run(s, r);
        r->changed = false;
    }
}

void stale_user(struct stale *s) {
    if (!s->why[0]) judge_runs(s);
    if (s->current < 0 || s->why[0]) return;
    const struct stale_space *now = &s->space[s->current];
    for (size_t i = 0; i < s->pasts; i++) {
        const struct stale_past *e = &s->past[i];
        if (e->asid == now->asid) judge_entry(s, e, e->va, e->level, e->pte);
    }
    for (size_t i = 0; i < s->spaces; i++) {
        const struct stale_space *other = &s->space[i];
        if (!other->live || other->asid != now->asid || other->root == now->root) continue;
        struct stale_past e = {.pte = other->root << PTE_PPN_SHIFT | PTE_V,
                               .asid = other->asid,
                               .level = (uint8_t)s->levels};
        judge_entry(s, &e, 0, s->levels, e.pte);
    }
}
