/* SPDX-License-Identifier: Apache-2.0
 *
 * What opinion 2 remembers: the values that table words, satp, PMP, PMA, menvcfg.ADUE and
 * menvcfg.PBMTE have had, until when each stood, and the fences since. Private to spec_keep.c,
 * spec_prune.c and spec_legal.c.
 *
 * A value overwritten at cycle `until` is dead for a request accepted at cycle T if a fence that
 * covers it began at or after `until` and ended at T or before [priv 12.2.1]. Whether a fence
 * covers it depends on the walk that uses it, so fences and values are kept apart and meet in
 * keep_covered.
 */
#ifndef PW_SPEC_KEEP_H
#define PW_SPEC_KEEP_H
#include "spec_step.h"

#define KEEP_NEVER UINT64_MAX /* `until` of a value that still stands */
#define KEEP_NONE  UINT32_MAX /* end of a list */

/* A past value of a table word. The values of one word are a list. */
struct keep_value {
    paddr_t pa;
    pte_t pte;
    uint64_t until;
    uint32_t next;
    bool alive; /* spec_prune.c only */
};

struct keep_fence {
    uint64_t begin, end;
    vaddr_t va;
    uint16_t asid;
    bool rs1, rs2;
};

/* Fences in the order in which they began, which is that in which they end. */
struct keep_fences {
    struct keep_fence *fence;
    size_t count, room, open; /* those from `open` on have not ended */
};

/* Of the settled past, when the last fence of this kind began: by page if rs1, by ASID if rs2. */
struct keep_settled {
    uint64_t page; /* va >> shift */
    uint32_t kind; /* of kind_of; 0: free slot */
    uint64_t begin;
};

/* A satp value with translation on, and when it stood. */
struct keep_root {
    uint64_t satp, from, until;
};

/* A bit of menvcfg: has this value ever been overwritten, and when last? */
struct keep_flag {
    bool now;
    bool had[2];
    uint64_t until[2];
};

struct keep_set {
    struct spec_pmp set;
    uint64_t from, until;
};

/* What PMP or the PMA table has been, in order of time; the last one stands. */
struct keep_sets {
    struct keep_set **set;
    size_t count, room;
};

struct spec {
    struct spec_hart hart;
    uint64_t now, judged;

    struct keep_value *value; /* pool; `first` finds the newest of a word by hash */
    uint32_t values, value_room, *first, first_room;
    uint32_t value_limit; /* prune when so many are kept */

    struct keep_fences vma;   /* sfence.vma */
    struct keep_fences inval; /* sinval.vma: begins with the w.inval before, ends with inval.ir */
    size_t fence_limit;
    uint64_t w_inval; /* when the last one was; KEEP_NEVER: none */
    size_t inval_ir;  /* sinval.vma that the inval.ir under way ends: those before this one */
    struct keep_settled *settled; /* fences that ended before any unanswered request began */
    uint32_t settleds, settled_room;

    struct keep_root *root;
    size_t roots, root_room;
    uint64_t satp;
    struct keep_flag adue, pbmte;
    struct keep_sets pmp, pma;
};

/* One use of a kept value: by which walk, as what. */
struct keep_use {
    vaddr_t va;
    unsigned shift; /* log2 of what the entry maps or its table spans */
    uint16_t asid;
    bool leaf;   /* the entry ends the walk: leaf, or not valid */
    bool global; /* the mapping is global: G in the leaf or a pointer above it */
};

/* What rs1 reaches: all but non-leaf PTEs, which are valid and grant nothing. */
static inline bool keep_leaf(pte_t pte) {
    return (pte & (PTE_V | PTE_R | PTE_W | PTE_X)) != PTE_V;
}

/* log2 of what an entry at this level maps, as fences by address see it. */
static inline unsigned keep_shift(const struct spec_mode *mode, pte_t pte, unsigned level) {
    bool napot = level == 0 && pte & PTE_V && pte & PTE_N && pte & (PTE_R | PTE_X) &&
                 (pte >> PTE_PPN_SHIFT) % NAPOT_PTES == NAPOT_ENCODING;
    return napot ? NAPOT_SHIFT : PAGE_SHIFT + mode->level_bits * level;
}

/* Newest past value of the word, or KEEP_NONE. */
uint32_t keep_first(const struct spec *, paddr_t pa);
/* Does a fence forbid this use of a value that stood until then to a request accepted then? */
bool keep_covered(const struct spec *, uint64_t until, uint64_t accepted, const struct keep_use *);
/* May the bit of menvcfg, `now` in the request, be seen as `value`? */
bool keep_flag_seen(const struct spec *, const struct keep_flag *, uint64_t accepted, bool now,
                    bool value);
/* May the check of an access, by the PMP and PMA of the request or others it may see, come to
 * `allowed`? */
bool keep_check_seen(const struct spec *, const struct spec_request *, uint64_t accepted,
                     paddr_t pa, unsigned bytes, uint8_t access, uint8_t priv, bool allowed);
/* The word as it is now; 0 where there is no memory. */
pte_t keep_word(const struct spec *, paddr_t pa, unsigned bytes);

void *keep_grown(void *block, size_t count, size_t bytes); /* realloc that never fails */

/* ---- For spec_prune.c ------------------------------------------------------------------------ */
void keep_rehash(struct spec *); /* after values have been removed from the pool */
/* Fences that ended by the horizon join `settled`; those that began before a cycle leave it. */
void keep_settle(struct spec *, uint64_t horizon);
void keep_settled_drop(struct spec *, uint64_t before);
void keep_forget_csrs(
    struct spec *); /* after keep_settle: what every later request is barred from */
void keep_delete_csrs(struct spec *);
bool keep_settled_covers(const struct spec *, uint64_t until, const struct keep_use *);

#endif
