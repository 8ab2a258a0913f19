/* SPDX-License-Identifier: Apache-2.0
 *
 * Forgetting what no future request can lawfully use, so that opinion 2 stays small over any length
 * of run.
 *
 * "At any time, all page table entries reachable by executing the algorithm may be loaded into the
 * address-translation cache" [priv 12.3.2], and no others. So a past value is kept only if some
 * walk can still use it: from a satp value that may still be cached, through pointers that may
 * still be cached, with no fence that ended SPEC_LIFETIME ago covering any entry on the way. The
 * sweep takes every such walk, over current and past values, and marks what it used. That is what
 * lets a page fence, an ASID fence or the end of a process free history, though a fence names an
 * address and history is kept by word.
 *
 * Hostile tables (a table that points at itself) have too many walks to take. The sweep then gives
 * up after a number of words in proportion to the history, keeps what it cannot judge, and the next
 * sweep comes at twice the size.
 */
#include "spec_keep.h"
#include <stdlib.h>

enum { WORDS_A_VALUE = 64, WORDS_AT_LEAST = 1 << 20 };

/* One entry on the way that is no longer current; `dead` is indexed by "the mapping is global". */
struct used {
    uint32_t value; /* KEEP_NONE: the satp value */
    bool dead[2];
};

struct sweep {
    struct spec *s;
    uint64_t words; /* still to look at before giving up */
    uint16_t asid;
    struct spec_mode mode;
    struct used used[SPEC_LEVELS + 1];
    unsigned depth;
    bool globals; /* this root has led to a global mapping */
};

static bool pointer(pte_t pte, unsigned level) {
    return !keep_leaf(pte) && !(pte & (PTE_U | PTE_A | PTE_D | PTE_HIGH)) && level > 0;
}

static struct used use(const struct sweep *w, uint32_t value, uint64_t until, struct keep_use u) {
    struct used one = {.value = value};
    for (unsigned global = 0; global < 2; global++) {
        u.global = global;
        one.dead[global] = until != KEEP_NEVER && keep_settled_covers(w->s, until, &u);
    }
    return one;
}

/* The walk has ended: if every entry on the way may be used still, so may the past values among
 * them. */
static void mark(struct sweep *w, bool global) {
    w->globals |= global;
    for (unsigned n = 0; n < w->depth; n++)
        if (w->used[n].dead[global]) return;
    for (unsigned n = 0; n < w->depth; n++)
        if (w->used[n].value != KEEP_NONE) w->s->value[w->used[n].value].alive = true;
}

static void sweep_table(struct sweep *w, paddr_t table, vaddr_t va, unsigned level, bool global);

static void sweep_entry(struct sweep *w, pte_t pte, uint32_t value, vaddr_t va, unsigned level,
                        bool global) {
    unsigned depth = w->depth;
    global |= (pte & PTE_V) && (pte & PTE_G);
    if (value != KEEP_NONE) {
        struct keep_use u = {.va = va,
                             .shift = keep_shift(&w->mode, pte, level),
                             .asid = w->asid,
                             .leaf = keep_leaf(pte)};
        w->used[w->depth++] = use(w, value, w->s->value[value].until, u);
        if (w->used[depth]
                .dead[true]) { /* a fence that spares global mappings covers no more than others */
            w->depth = depth;
            return;
        }
    }
    if (pointer(pte, level))
        sweep_table(w, spec_pte_table(pte), va, level - 1, global);
    else
        mark(w, global);
    w->depth = depth;
}

static void sweep_table(struct sweep *w, paddr_t table, vaddr_t va, unsigned level, bool global) {
    const struct spec *s = w->s;
    pte_t pte;
    if (!s->hart.read(s->hart.memory, table, w->mode.pte_bytes, &pte)) {
        mark(w, global);
        return;
    }
    for (unsigned n = 0; n < 1u << w->mode.level_bits && w->words; n++) {
        paddr_t pa = table + n * w->mode.pte_bytes;
        vaddr_t at = va | (vaddr_t)n << (PAGE_SHIFT + w->mode.level_bits * level);
        if (at >> (w->mode.va_bits - 1) &&
            !s->hart.rv32) /* sign-extend, as fences name addresses */
            at |= ~0ull << (w->mode.va_bits - 1);
        w->words--;
        sweep_entry(w, keep_word(s, pa, w->mode.pte_bytes), KEEP_NONE, at, level, global);
        for (uint32_t v = keep_first(s, pa); v != KEEP_NONE; v = s->value[v].next)
            sweep_entry(w, s->value[v].pte, v, at, level, global);
    }
}

/* Take every walk from one satp value. Returns whether that value itself may still be used. */
static bool sweep_root(struct sweep *w, const struct keep_root *root) {
    w->mode = spec_mode(&w->s->hart, root->satp);
    w->asid = spec_asid(&w->s->hart, root->satp);
    w->globals = false;
    w->depth = 1;
    w->used[0] =
        use(w, KEEP_NONE, root->until, (struct keep_use){.shift = PAGE_SHIFT, .asid = w->asid});
    if (w->used[0].dead[true]) return false;
    sweep_table(w, spec_root(&w->s->hart, root->satp), 0, w->mode.levels - 1, false);
    return !w->used[0].dead[false] || w->globals || !w->words;
}

/* A root that may no longer be used goes. False if the sweep gave up: nothing is known about what
 * is unmarked. */
static bool sweep_roots(struct spec *s) {
    struct sweep w = {.s = s, .words = WORDS_AT_LEAST + (uint64_t)WORDS_A_VALUE * s->values};
    size_t kept = 0;
    for (uint32_t v = 0; v < s->values; v++) s->value[v].alive = false;
    for (size_t n = 0; n < s->roots; n++)
        if (sweep_root(&w, &s->root[n])) s->root[kept++] = s->root[n];
    s->roots = kept;
    return w.words != 0;
}

/* Settled fences older than everything kept decide nothing any more. Of the other CSRs nothing is
 * kept that a settled fence covers. */
static void drop_fences(struct spec *s) {
    uint64_t oldest = s->now;
    for (uint32_t v = 0; v < s->values; v++)
        if (s->value[v].until < oldest) oldest = s->value[v].until;
    for (size_t n = 0; n < s->roots; n++)
        if (s->root[n].until < oldest) oldest = s->root[n].until;
    keep_settled_drop(s, oldest);
}

void spec_forget(struct spec *s) {
    static const struct keep_use any = {.global = true}; /* covered only by sfence.vma x0, x0 */
    keep_settle(s, s->now > SPEC_LIFETIME ? s->now - SPEC_LIFETIME : 0);
    bool complete = sweep_roots(s);
    uint32_t kept = 0;
    for (uint32_t v = 0; v < s->values; v++)
        if (complete ? s->value[v].alive : !keep_settled_covers(s, s->value[v].until, &any))
            s->value[kept++] = s->value[v];
    s->values = kept;
    keep_forget_csrs(s);
    keep_rehash(s);
    drop_fences(s);
    while (s->value_limit < 2 * s->values) s->value_limit *= 2;
    while (s->fence_limit < 2 * (s->vma.count + s->inval.count + s->pmp.count + s->pma.count))
        s->fence_limit *= 2;
}

size_t spec_kept(const struct spec *s) {
    return s->values;
}
