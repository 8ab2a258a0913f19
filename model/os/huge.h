/* SPDX-License-Identifier: Apache-2.0
 *
 * Transparent huge pages of anonymous memory (mm/huge_memory.c, mm/khugepaged.c), and folios of
 * 64 KiB. Included by kernel.h only.
 *
 *   huge.c      where one may be; what a fault makes: a fresh one, the huge zero page, reuse
 *   pmd.c       leaves of level 1: deposited tables, how one is made, moved, copied, split
 *   napot.c     16 PTEs that map 64 KiB as one leaf: how one is made, read, changed, unfolded
 *   folio.c     512 or 16 frames that were taken together: counts, and their split into pages
 *   collapse.c  from 512 PTEs back to a leaf: MADV_COLLAPSE, khugepaged
 *
 * Leaf and folio are two things. A leaf is split where a part of its range is unmapped or protected
 * otherwise; the frames stay one folio then, on one list of reclaim, free only when none of them is
 * mapped any longer. A folio is split when reclaim wants what is not mapped of it, or advice is
 * about a part of it.
 *
 * Counts. A leaf is one reference to each of its frames; a folio counts those of its frames
 * together. Flags that Linux keeps for the folio (PG_dirty, PG_swapbacked, PG_referenced, its list)
 * are those of its first frame; exclusive is each frame's own.
 */
#ifndef PW_OS_HUGE_H
#define PW_OS_HUGE_H

struct os;
struct mm;
struct vma;
struct frame;
struct gather;

#define HUGE_BYTES  (1ull << 21)
#define NAPOT_BYTES (1ull << NAPOT_SHIFT)

struct gathered { /* of an mmu_gather */
    ppn_t ppn;
    bool folio; /* of 512: all of it, and the leaf that mapped it */
};

struct folio {
    ppn_t head;
    uint32_t pages;       /* 512 or 16 */
    uint32_t refs, locks; /* of its frames together */
    uint32_t mapcount;    /* leaves and PTEs that map a part of it: _large_mapcount */
    struct folio_mm {
        const struct mm *mm; /* NULL: free */
        int64_t mapcount;
    } slot[2];                  /* _mm_ids, _mm_id_mapcount */
    bool shared;                /* FOLIO_MM_IDS_SHARED_BIT: more than one mm maps it, maybe */
    bool partial;               /* some frames are not mapped: on the list of those to be split */
    struct folio *next, **link; /* on that list */
};

struct huge {              /* of the kernel */
    ppn_t zero;            /* the huge zero page; 0: not made yet */
    uint64_t zero_users;   /* mms that have mapped it, MMF_HUGE_ZERO_FOLIO */
    struct folio *partial; /* deferred_split_queue */
    struct mm *mm;         /* where khugepaged goes on; NULL: at the first one */
    vaddr_t va;
};

struct huge_mm {     /* of an mm */
    bool zero;       /* it has mapped the huge zero page */
    uint64_t leaves; /* of folios: AnonHugePages, in 2 MiB */
    ppn_t *deposit;  /* page tables that a split will take: one a leaf */
    size_t deposits, room;
};

/* ---- pgtable.c, tlbflush.c ------------------------------------------------------------- */
typedef void pte_visit(void *arg, vaddr_t va, paddr_t slot, pte_t pte);
/* A leaf of several pages of which [va, next) lies in the range. False: look again, at its PTEs. */
typedef bool leaf_visit(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte);
struct walk_ops { /* struct mm_walk_ops */
    pte_visit *pte;
    leaf_visit *pmd;   /* NULL: leaves of level 1 are passed over */
    leaf_visit *napot; /* NULL: the 16 PTEs one by one */
};
bool pte_normal(pte_t);                                 /* vm_normal_page: its frame is counted */
bool pte_leaf(pte_t);                                   /* of an entry above level 0 */
paddr_t pt_make_pmd(struct os *, struct mm *, vaddr_t); /* its slot, tables made */
paddr_t pt_slot_pmd(const struct os *, const struct mm *, vaddr_t); /* 0: there is no such table */
void gather_folio(struct gather *, ppn_t head);

/* ---- folio.c ------------------------------------------------------------------------- */
/* No reference yet; 0: there is no such block. */
ppn_t folio_alloc(struct os *, uint64_t index, unsigned order);
ppn_t folio_head(const struct os *, ppn_t);       /* its first frame, or the frame itself */
struct frame *folio_of(const struct os *, ppn_t); /* where its flags are */
uint64_t folio_pages(const struct frame *);
uint32_t folio_locks(const struct frame *);
bool frame_vdso(const struct frame *);        /* the kernel's own: it never moves, or goes */
bool folio_unevictable(const struct frame *); /* locked, or the kernel's own */
void folio_put(struct os *, struct frame *);  /* one reference less, of this frame */
void folio_map(struct folio *, const struct mm *, uint32_t n); /* so many mappings more */
void folio_unmap(struct folio *, const struct mm *, uint32_t n);
bool folio_shared(const struct os *, ppn_t); /* folio_maybe_mapped_shared */
/* split_folio: pages. remap: with their PTEs away and back again, as Linux does but for what it
 * is about to unmap anyway. */
void folio_split(struct os *, ppn_t, bool remap);
void folio_split_leaves(struct os *, ppn_t); /* of level 1; the folio stays one */
uint64_t folio_split_partial(struct os *); /* deferred_split_scan; how many frames are free by it */
typedef bool folio_visit(void *arg, struct vma *, vaddr_t va, paddr_t slot, pte_t pte, bool leaf);
void folio_each(struct os *, ppn_t, folio_visit *, void *arg); /* every leaf and PTE that maps it;
                                                                false: the leaf was split */

/* ---- pmd.c --------------------------------------------------------------------------- */
paddr_t pmd_leaf_at(const struct os *, const struct mm *, vaddr_t); /* its slot, or 0 */
void pmd_deposit(struct os *, struct mm *);
void pmd_deposit_table(struct mm *, ppn_t table);
void pmd_zap_deposit(struct os *, struct mm *);
void pmd_map(struct os *, struct vma *, vaddr_t base, paddr_t slot, ppn_t head); /* a new folio */
void pmd_split(struct os *, struct vma *, vaddr_t, paddr_t slot); /* __split_huge_pmd */
void pmd_split_at(struct os *, struct vma *, vaddr_t); /* if a leaf reaches over this address */
void pmd_invalidate(struct os *, struct mm *, vaddr_t base, paddr_t slot, enum rule);
void pmd_zap(struct gather *, struct vma *, vaddr_t base, paddr_t slot, pte_t pmd);
void pmd_move(struct os *, struct mm *, vaddr_t from, paddr_t slot, vaddr_t to);
void pmd_copy(struct os *, struct vma *twin, vaddr_t base, paddr_t slot, pte_t pmd);

/* ---- napot.c: `slot` is that of any page of the run, unless it says otherwise ------------ */
bool napot_has(const struct os *);                            /* has the hart any? */
bool napot_at(const struct os *, paddr_t slot);               /* does this PTE have N? */
pte_t napot_page(const struct os *, paddr_t slot, pte_t raw); /* as of a page by itself: pte_get */
void napot_set(struct os *, paddr_t slot, pte_t pte); /* 16 at once; the first slot, its page */
void napot_unfold(struct os *, struct mm *, vaddr_t, paddr_t slot); /* 16 plain PTEs, fenced */
void napot_clear(struct os *, paddr_t slot, pte_t bits); /* A, D: of all 16, or of a plain PTE */
/* ptep_set_access_flags: the frame stays. A and D are given to all 16; W unfolds them. */
void napot_set_access(struct os *, struct mm *, vaddr_t, paddr_t slot, pte_t was, pte_t now);

/* ---- huge.c -------------------------------------------------------------------------- */
enum huge_why { HUGE_FAULT, HUGE_KHUGEPAGED, HUGE_COLLAPSE };
bool huge_allowed(const struct os *, const struct vma *, enum huge_why);
bool huge_has(const struct os *);              /* has this mode any? */
ppn_t huge_zero_get(struct os *, struct mm *); /* 0: it cannot be had */
void huge_zero_put(struct os *, struct mm *);
uint64_t huge_zero_shrink(struct os *); /* frames that are free by it */

/* ---- collapse.c ---------------------------------------------------------------------- */
void collapse_range(struct os *, struct vma *, vaddr_t start, vaddr_t end); /* MADV_COLLAPSE */
void khugepaged(struct os *, bool all); /* all there is, or as much as one wakeup scans */
void khugepaged_forget(struct os *, const struct mm *); /* it ends */

#endif
