/* SPDX-License-Identifier: Apache-2.0
 *
 * A page fault while it is handled (struct vm_fault), as the files that handle one share it:
 * fault.c decides, filefault.c knows what lies beneath, huge.c where 2 MiB are mapped or may be,
 * swapin.c brings back what swap has.
 */
#ifndef PW_OS_FAULT_H
#define PW_OS_FAULT_H
#include "kernel.h"

/* Whose. One that waited for a page is tried again; whether as a first try (not FAULT_FLAG_TRIED),
 * so that it may read ahead once more, depends. */
enum fault_by {
    FAULT_BY_USER,     /* unless it was major: it held the VMA's lock */
    FAULT_BY_KERNEL,   /* no; and it counts as major then */
    FAULT_BY_POPULATE, /* yes: __mm_populate begins anew */
    FAULT_BY_GUP,      /* no: __get_user_pages_locked, FOLL_TRIED; and it counts as major then */
    FAULT_BY_PTRACE    /* it never is: no FAULT_FLAG_ALLOW_RETRY, and it waits with the lock held */
};
struct fault_of { /* a page fault, as fault_handle takes it */
    vaddr_t va;
    bool write, fetch;
    bool unshare; /* FAULT_FLAG_UNSHARE: the page is to be this mm's alone, and will not be written
                   */
    bool checked; /* what the VMA permits has been looked at: check_vma_flags */
    bool waited;  /* for its page, which was being moved: it is there now */
    enum fault_by by;
};
struct os_outcome fault_handle(struct os *, struct mm *, struct fault_of); /* no accounting */

struct handling {
    struct os *os;
    struct vma *vma;
    vaddr_t va; /* of the page */
    bool write, unshare;
    enum fault_by by;
    paddr_t slot; /* 0: no page table yet */
    pte_t pte;
    struct os_outcome out;
};

/* The PTE, and the fence of a page that became valid (update_mmu_cache). */
void handling_set(struct handling *, pte_t, enum kfault);
void handling_write_protected(struct handling *); /* do_wp_page */
void handling_table(struct handling *);           /* there is a page table now, and the slot */
pte_t handling_write(const struct handling *); /* what a write adds: D, and W if the VMA has it */
pte_t handling_pte(const struct handling *, ppn_t); /* vm_page_prot, and that */
ppn_t handling_anon_frame(struct handling *); /* for the page; what it holds is the caller's */
void handling_no_backing(struct handling *);  /* VM_FAULT_SIGBUS */

/* FOLL_TOUCH of a page that is there (follow_page_pte, touch_pmd): FOLL_WRITE makes it dirty. */
void folio_touch(struct os *, paddr_t slot, pte_t, bool leaf, bool write);

/* ---- gup.c: a page for the kernel; kind: a fault was handled, look again ---------------- */
struct os_outcome gup_page(struct os *, struct mm *, vaddr_t, uint32_t how, paddr_t *);

/* ---- filefault.c --------------------------------------------------------------------- */
void handling_object(struct handling *); /* nothing there, and the VMA has an object */

/* ---- huge.c -------------------------------------------------------------------------- */
bool handling_huge(struct handling *);  /* false: the fault is one of 4 KiB; a leaf may be split */
bool handling_folio(struct handling *); /* nothing there: 64 KiB; false: 4 KiB it is */

/* ---- swapin.c ------------------------------------------------------------------------ */
void handling_swapped(struct handling *); /* do_swap_page: h->pte is a swap entry */

#endif
