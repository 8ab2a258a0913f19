/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that runs short: which frames are old, who maps them, where their bytes go meanwhile, and
 * who dies if nothing helps. Included by kernel.h only.
 *
 *   lru.c      five lists of frames: anonymous and file, inactive and active; unevictable
 *   rmap.c     from a frame to the PTEs that map it; what a mapping adds to the books
 *   swap.c     swap slots, swap cache, swapped pages of shmem objects
 *   reclaim.c  the two-list algorithm, and what takes one page away (shrink_folio_list)
 *   migrate.c  frames that move under live mappings, and compaction
 *   oom.c      who is killed when a frame must be had and none can be
 *   mlock.c    what reclaim may not take
 *
 * Counts. A frame's refs are the PTEs that map it, one if the page cache has it, one if the swap
 * cache has it. A slot's count is the swap entries that name it, in PTEs and in shmem objects; a
 * slot lives while it has a count or a frame in the swap cache.
 */
#ifndef PW_OS_RECLAIM_H
#define PW_OS_RECLAIM_H

struct os;
struct mm;
struct vma;
struct object;
struct page;
struct frame;
struct os_call;
struct task;

/* ---- lru.c --------------------------------------------------------------------------- */
enum lru_list { /* enum lru_list of mmzone.h; NONE: not on a list */
                LRU_NONE,
                LRU_INACTIVE_ANON,
                LRU_ACTIVE_ANON,
                LRU_INACTIVE_FILE,
                LRU_ACTIVE_FILE,
                LRU_UNEVICTABLE,
                LRU_LISTS
};
struct lru {
    ppn_t newest, oldest; /* 0: empty */
    uint64_t count;
};
void lru_new(struct os *, ppn_t);              /* folio_add_lru: the inactive list of its kind */
void lru_del(struct os *, ppn_t);              /* off whatever list it is on */
void lru_put(struct os *, ppn_t, bool active); /* back, as the newest: folio_putback_lru */
void lru_accessed(struct os *, ppn_t);         /* folio_mark_accessed */
void lru_deactivate(struct os *, ppn_t);
void lru_lazy(struct os *, ppn_t);    /* folio_mark_lazyfree */
bool lru_swaps(const struct frame *); /* its bytes go to swap: anonymous, not lazyfree; shmem */

/* ---- rmap.c -------------------------------------------------------------------------- */
void rmap_add(struct os *, struct vma *, ppn_t); /* a PTE of the VMA maps it: rss, locks */
void rmap_remove(struct os *, struct vma *, ppn_t);
void rmap_lock(struct os *, ppn_t, bool lock); /* one PTE of a locked VMA more, or less */
typedef bool rmap_visit(void *arg, struct vma *, vaddr_t va, paddr_t slot, pte_t pte);
/* Every leaf PTE that maps the frame, oldest address space last; until visit says false. */
void rmap_each(struct os *, ppn_t, rmap_visit *, void *arg);

/* ---- swap.c -------------------------------------------------------------------------- */
struct swap_slot {
    uint32_t count;
    bool used;
    ppn_t cache;    /* frame in the swap cache; 0: none */
    uint8_t *bytes; /* on the device; NULL: nothing was written yet */
};
struct swap {
    struct swap_slot *slot; /* slot 0 is the header, as on a real device: never handed out */
    size_t touched, room;
    uint64_t used;   /* slots */
    uint32_t cursor; /* where the search for a free one goes on */
};
bool pte_swapped(pte_t);
pte_t swap_pte(uint32_t slot, bool exclusive);
uint32_t swap_pte_slot(pte_t);
bool swap_pte_exclusive(pte_t);
struct swap_slot *swap_slot(struct os *, uint32_t slot);
uint64_t swap_total(const struct os *);    /* slots that there are */
uint32_t swap_alloc(struct os *);          /* a slot that nothing names yet; 0: full */
void swap_get(struct os *, uint32_t slot); /* one entry more names it */
void swap_put(struct os *, uint32_t slot); /* free_swap_and_cache: one entry less */
void swap_write(struct os *, uint32_t slot, ppn_t);
void swap_read(struct os *, uint32_t slot, ppn_t);
void swap_cache_add(struct os *, uint32_t slot, ppn_t); /* one reference more to the frame */
bool swap_cache_free(struct os *, ppn_t);   /* folio_free_swap: false if an entry needs the slot */
void swap_cache_remove(struct os *, ppn_t); /* reclaim: the slot alone has the bytes now */
void frame_release(struct os *, ppn_t);     /* frame_put, and the swap cache lets go of it, too */
void swap_out_shmem(struct os *, struct object *, struct page *, uint32_t slot);
uint32_t swap_find(const struct object *, uint64_t index); /* slot of a swapped page, or 0 */
void swap_forget(struct os *, struct object *, uint64_t from, uint64_t to); /* pages [from, to) */
void swap_end(struct os *);

/* ---- reclaim.c ----------------------------------------------------------------------- */
bool frames_want(struct os *, uint64_t frames);      /* are so many free? reclaims, then kills */
uint64_t reclaim_frames(struct os *, uint64_t want); /* returns how many it freed */
void kswapd(struct os *);  /* up to the high watermark, if less than the low one is free */
void flusher(struct os *); /* every dirty page of every file */
struct reclaim_scan;
struct reclaim_scan *reclaim_scan_new(struct os *); /* MADV_PAGEOUT: reclaim_pages */
void reclaim_scan_page(struct reclaim_scan *, ppn_t);
void reclaim_scan_end(struct reclaim_scan *);

/* ---- migrate.c ----------------------------------------------------------------------- */
struct away { /* a PTE that is a migration entry for the moment, and what it was */
    struct vma *vma;
    vaddr_t va;
    paddr_t slot;
    pte_t pte;
};
struct aways {
    struct away *at;
    size_t count, room;
};
struct moving;
struct migration { /* under way */
    struct aways away;
    struct moving *page;
    size_t pages, room;
};
bool pte_migrates(pte_t);
ppn_t migration_frame(pte_t entry);
void away_take(struct os *, struct aways *, struct away);
bool migrate_waits(const struct os *, const struct mm *, vaddr_t); /* would a fault have to? */
void migrate_finish(struct os *);
void migrate_end(struct os *);
bool call_migrate(struct os *, struct mm *, const struct os_call *);
void compact(struct os *);

/* ---- oom.c --------------------------------------------------------------------------- */
bool oom_kill(struct os *); /* false: nobody may be killed, or it is the caller itself */
bool call_oom_adj(struct os *, struct task *, const struct os_call *);

/* ---- mlock.c ------------------------------------------------------------------------- */
bool call_mlock(struct os *, struct mm *, const struct os_call *);
bool call_munlock(struct os *, struct mm *, const struct os_call *);
bool call_mlockall(struct os *, struct mm *, const struct os_call *);

#endif
