/* SPDX-License-Identifier: Apache-2.0
 *
 * The set of translations that may be left, from page-table stores, satp writes and fences.
 *
 * A table word stands at one virtual address of one root: who points to whom is learned from the
 * pointers as they are written, so the tables of an address space that never ran are known, too,
 * and nothing in them can be cached. A word that loses something becomes a past entry of every live
 * space of its root, and, where the pointer above it went without a fence so far, of that pointer's
 * ASID. A past entry that grants nothing beyond what took its place is not kept: it is
 * harmless as long as that stands, and when that goes it is kept instead.
 *
 * What a hart has made of one PTE with N it may use for all 16 pages of the run, a page's fence at
 * a time [priv, Svnapot]. So such an entry is kept for each of them, and before return to user the
 * 16 must agree: of those that stand any may be used, whatever was fenced.
 *
 * [priv, SFENCE.VMA] with rs1 = x0 a fence covers every level, else leaf entries of that address
 * only; with rs2 given one ASID. No mapping here is global.
 */
#include "stale.h"
#include "enums.h"
#include "stale_internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stale *stale_new(const struct mem *mem, uint32_t mode, stale_vma *vma, const void *who) {
    struct stale *s = calloc(1, sizeof *s);
    if (!s) abort();
    *s = (struct stale){.mem = mem, .vma = vma, .who = who, .current = -1};
    bool rv32 = mode == MODE_SV32;
    s->levels = rv32 ? 2 : mode == MODE_SV39 ? 3 : mode == MODE_SV48 ? 4 : 5;
    s->level_bits = rv32 ? SV32_LEVEL_BITS : LEVEL_BITS;
    s->pte_bytes = rv32 ? SV32_PTE_BYTES : PTE_BYTES;
    return s;
}

void stale_delete(struct stale *s) {
    struct stale_table *t, *next;
    if (!s) return;
    HASH_ITER(hh, s->tables, t, next) {
        HASH_DEL(s->tables, t);
        free(t);
    }
    struct stale_run *r, *after;
    HASH_ITER(hh, s->runs, r, after) {
        HASH_DEL(s->runs, r);
        free(r);
    }
    free(s->space);
    free(s->past);
    free(s);
}

const char *stale_found(const struct stale *s) {
    return s->why[0] ? s->why : NULL;
}

size_t stale_kept(const struct stale *s) {
    return s->pasts;
}

void stale_fail(struct stale *s, const char *format, ...) {
    va_list args;
    if (s->why[0]) return;
    va_start(args, format);
    vsnprintf(s->why, sizeof s->why, format, args);
    va_end(args);
}

void *stale_grow(void *array, size_t count, size_t *room, size_t bytes) {
    if (count < *room) return array;
    *room = *room ? *room * 2 : 64;
    array = realloc(array, *room * bytes);
    if (!array) abort();
    return array;
}

/* ---- Which table stands where -------------------------------------------------------- */
static struct stale_table *table_find(const struct stale *s, ppn_t ppn) {
    struct stale_table *t;
    HASH_FIND(hh, s->tables, &ppn, sizeof ppn, t);
    return t;
}

static void table_link(struct stale *s, ppn_t child, ppn_t parent, unsigned index) {
    struct stale_table *t = table_find(s, child);
    if (!t) {
        t = calloc(1, sizeof *t);
        if (!t) abort();
        t->ppn = child;
        HASH_ADD(hh, s->tables, ppn, sizeof t->ppn, t);
    }
    t->parent = parent;
    t->index = index;
}

static void table_unlink(struct stale *s, ppn_t child, ppn_t parent, unsigned index) {
    struct stale_table *t = table_find(s, child);
    if (!t || (parent && (t->parent != parent || t->index != index))) return;
    HASH_DEL(s->tables, t);
    free(t);
}

/* The root above a word of a table, its level and the address it stands for. False: it hangs
 * nowhere, or deeper than a walk goes. */
static bool locate(const struct stale *s, ppn_t table, unsigned index, struct stale_place *p) {
    unsigned path[STALE_LEVELS], depth = 0;
    const struct stale_table *t;
    for (path[0] = index; (t = table_find(s, table)); table = t->parent) {
        if (++depth == s->levels) return false;
        path[depth] = t->index;
    }
    p->root = table;
    p->level = s->levels - 1 - depth;
    p->va = 0;
    for (unsigned d = 0; d <= depth; d++) p->va |= (vaddr_t)path[d] << stale_shift(s, p->level + d);
    return true;
}

/* ---- Runs of 16 PTEs with N ---------------------------------------------------------- */
static void run_changed(struct stale *s, paddr_t pa) {
    struct stale_run *r;
    pa &= ~(paddr_t)(NAPOT_PTES * PTE_BYTES - 1);
    HASH_FIND(hh, s->runs, &pa, sizeof pa, r);
    if (!r) {
        r = calloc(1, sizeof *r);
        if (!r) abort();
        r->pa = pa;
        HASH_ADD(hh, s->runs, pa, sizeof r->pa, r);
    }
    r->changed = true;
}

pte_t stale_run_pte(const struct stale *s, paddr_t run, unsigned index) {
    return mem_read64(s->mem, run + index * PTE_BYTES);
}

static void runs_forget(struct stale *s, ppn_t table) {
    struct stale_run *r, *next;
    HASH_ITER(hh, s->runs, r, next) {
        if (r->pa >> PAGE_SHIFT != table) continue;
        HASH_DEL(s->runs, r);
        free(r);
    }
}

/* A PTE of a run that would let a store to this frame pass unnoticed, as it stands. */
static bool run_dirty(const struct stale *s, ppn_t ppn) {
    for (const struct stale_run *r = s->runs; r; r = r->hh.next)
        for (unsigned i = 0; i < NAPOT_PTES; i++) {
            pte_t pte = stale_run_pte(s, r->pa, i);
            if (stale_napot(pte) && (pte & PTE_W) && (pte & PTE_D) &&
                stale_ppn(pte) / NAPOT_PTES == ppn / NAPOT_PTES)
                return true;
        }
    return false;
}

/* ---- Stores to page tables ----------------------------------------------------------- */

/* What took its place grants all that the old entry did. */
static bool outdone(pte_t old, pte_t now) {
    pte_t rights = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U;
    if (old & PTE_W) rights |= PTE_D;
    return stale_ppn(old) == stale_ppn(now) && stale_pointer(old) == stale_pointer(now) &&
           stale_napot(old) == stale_napot(now) && !(old & ~now & rights);
}

static void keep(struct stale *s, uint16_t asid, const struct stale_place *p, pte_t pte) {
    s->past = stale_grow(s->past, s->pasts, &s->past_room, sizeof *s->past);
    s->past[s->pasts++] = (struct stale_past){p->va, pte, asid, (uint8_t)p->level, .pages = 1};
    if (!stale_napot(pte)) return;
    s->past[s->pasts - 1].va &= ~(vaddr_t)((1u << NAPOT_SHIFT) - 1);
    s->past[s->pasts - 1].pages = UINT16_MAX;
}

/* The same, of a word below a pointer that is a past entry itself: what was reached by it before
 * may be cached as well. `p` is where it would stand if the topmost table that is left were a root.
 */
static void keep_below(struct stale *s, const struct stale_place *p, pte_t pte) {
    for (size_t i = 0, n = s->pasts; i < n; i++) {
        const struct stale_past e = s->past[i];
        unsigned up = s->levels - e.level;
        if (!stale_pointer(e.pte) || stale_ppn(e.pte) != p->root || p->level < up) continue;
        struct stale_place at = {p->root, e.va + (p->va >> up * s->level_bits), p->level - up};
        keep(s, e.asid, &at, pte);
    }
}

static void entry_write(struct stale *s, paddr_t pa, pte_t old, pte_t now) {
    struct stale_place p;
    ppn_t table = pa >> PAGE_SHIFT;
    unsigned index = (unsigned)(pa % PAGE_BYTES) / s->pte_bytes;
    bool run = table_find(s, table) && (stale_napot(old) || stale_napot(now)); /* no freed table */
    if (run) run_changed(s, pa);
    if (!stale_napot(old)) now = stale_page(now, index);
    if ((old & PTE_V) && !outdone(old, now) && locate(s, table, index, &p)) {
        for (size_t i = 0; i < s->spaces; i++)
            if (s->space[i].live && s->space[i].root == p.root) keep(s, s->space[i].asid, &p, old);
        keep_below(s, &p, old);
    }
    if (stale_pointer(old)) table_unlink(s, stale_ppn(old), table, index);
    if (stale_pointer(now)) table_link(s, stale_ppn(now), table, index);
}

void stale_pte_write(struct stale *s, paddr_t pa, uint64_t old, uint64_t now) {
    if (s->pte_bytes == PTE_BYTES) {
        entry_write(s, pa, old, now);
        return;
    }
    if ((uint32_t)old != (uint32_t)now) entry_write(s, pa, (uint32_t)old, (uint32_t)now);
    if (old >> 32 != now >> 32) entry_write(s, pa + SV32_PTE_BYTES, old >> 32, now >> 32);
}

/* ---- satp and fences ----------------------------------------------------------------- */
void stale_satp(struct stale *s, uint64_t satp) {
    bool rv32 = s->pte_bytes == SV32_PTE_BYTES;
    ppn_t root = satp & (rv32 ? SATP32_PPN_MASK : SATP_PPN_MASK);
    uint16_t asid = (uint16_t)(rv32 ? satp >> SATP32_ASID_SHIFT & SATP32_ASID_MASK
                                    : satp >> SATP_ASID_SHIFT & 0xffff);
    s->current = -1;
    if (!(satp >> (rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT))) return;
    size_t i = 0, dead = s->spaces;
    while (i < s->spaces && (s->space[i].root != root || s->space[i].asid != asid)) {
        if (!s->space[i].live) dead = i;
        i++;
    }
    if (i == s->spaces) i = dead;
    if (i == s->spaces) {
        s->space = stale_grow(s->space, s->spaces, &s->space_room, sizeof *s->space);
        s->spaces++;
    }
    s->space[i] = (struct stale_space){root, asid, true};
    s->current = (long)i;
}

/* Which of its pages such a fence covers: of a run, one at a time. */
static uint16_t covered(const struct stale *s, const struct stale_past *e, bool rs1, vaddr_t va) {
    bool run = stale_napot(e->pte);
    unsigned shift = run ? NAPOT_SHIFT : stale_shift(s, e->level);
    if (!rs1) return e->pages;
    if (stale_pointer(e->pte) || va >> shift != e->va >> shift) return 0;
    return (uint16_t)(run ? 1u << (va >> PAGE_SHIFT) % NAPOT_PTES : 1);
}

static void sfence(struct stale *s, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    size_t left = 0;
    for (size_t i = 0; i < s->pasts; i++) {
        struct stale_past *e = &s->past[i];
        if (!rs2 || e->asid == asid) e->pages &= (uint16_t)~covered(s, e, rs1, va);
        if (e->pages) s->past[left++] = *e;
    }
    s->pasts = left;
    for (size_t i = 0; !rs1 && i < s->spaces; i++)
        if ((!rs2 || s->space[i].asid == asid) && (long)i != s->current) s->space[i].live = false;
}

/* [priv, Svinval] Only the three in their order do what an sfence.vma does: a past entry is gone at
 * the sfence.inval.ir, if its store came before the sfence.w.inval and the sinval.vma between them.
 * What a sinval.vma of every address would say of other address spaces is not made use of. */
static void w_inval(struct stale *s) {
    for (size_t i = 0; i < s->pasts; i++) s->past[i].ordered = true;
}

static void sinval(struct stale *s, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    for (size_t i = 0; i < s->pasts; i++) {
        struct stale_past *e = &s->past[i];
        if (e->ordered && (!rs2 || e->asid == asid)) e->dropped |= covered(s, e, rs1, va);
    }
}

static void inval_ir(struct stale *s) {
    size_t left = 0;
    for (size_t i = 0; i < s->pasts; i++) {
        s->past[i].pages &= (uint16_t)~s->past[i].dropped;
        if (s->past[i].pages) s->past[left++] = s->past[i];
    }
    s->pasts = left;
}

void stale_fence(struct stale *s, uint8_t op, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    switch (op) {
    case FENCE_SFENCE_W_INVAL: w_inval(s); break;
    case FENCE_SINVAL_VMA: sinval(s, rs1, rs2, va, asid); break;
    case FENCE_SFENCE_INVAL_IR: inval_ir(s); break;
    default: sfence(s, rs1, rs2, va, asid);
    }
}

/* ---- What the kernel must answer for ------------------------------------------------- */
static bool names(const struct stale *s, const struct stale_past *e, ppn_t ppn) {
    ppn_t first = stale_ppn(e->pte);
    if (stale_pointer(e->pte)) return ppn == first;
    if (stale_napot(e->pte))
        return ppn / NAPOT_PTES == first / NAPOT_PTES && (e->pages >> ppn % NAPOT_PTES & 1);
    return ppn >= first && (ppn - first) >> (stale_shift(s, e->level) - PAGE_SHIFT) == 0;
}

static void forget_root(struct stale *s, ppn_t root) {
    for (size_t i = 0; i < s->spaces; i++)
        if (s->space[i].root == root) s->space[i].live = false;
}

void stale_freed(struct stale *s, ppn_t ppn) {
    char text[STALE_TEXT];
    for (size_t i = 0; i < s->pasts; i++)
        if (names(s, &s->past[i], ppn))
            stale_fail(s, "frame 0x%llx is free, and %s", (unsigned long long)ppn,
                       stale_words(s, &s->past[i], text));
    if (s->current >= 0 && s->space[s->current].root == ppn)
        stale_fail(s, "frame 0x%llx is free, and it is the root table in satp",
                   (unsigned long long)ppn);
    forget_root(s, ppn);
    runs_forget(s, ppn);
    table_unlink(s, ppn, 0, 0);
}

void stale_cleaned(struct stale *s, ppn_t ppn) {
    char text[STALE_TEXT];
    for (size_t i = 0; i < s->pasts; i++) {
        const struct stale_past *e = &s->past[i];
        if (!stale_pointer(e->pte) && (e->pte & PTE_W) && (e->pte & PTE_D) && names(s, e, ppn))
            stale_fail(s, "the page in frame 0x%llx counts as clean, and %s",
                       (unsigned long long)ppn, stale_words(s, e, text));
    }
    if (run_dirty(s, ppn))
        stale_fail(s, "the page in frame 0x%llx counts as clean, and a PTE of its run has D",
                   (unsigned long long)ppn);
}
