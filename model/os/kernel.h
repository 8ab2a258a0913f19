/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of model/os share: the kernel's objects and, under each file's name, what it
 * offers the others.
 *
 *   task  -> mm  -> vma[] (sorted)  -> object (file or shmem) -> page (index -> frame)
 *                -> root table      -> ... -> leaf PTE        -> frame (reference count)
 *
 * A frame's reference count is the number of PTEs that map it (a leaf of level 1 all of its 512; of
 * the zero page: none), plus one if the page cache holds it, or it is a page table, or the zero
 * page, or belongs to somebody else (os.fragmentation). os_check counts again and compares.
 */
#ifndef PW_OS_KERNEL_H
#define PW_OS_KERNEL_H
#include "os.h"
#include "cachefolio.h"
#include "filecache.h"
#include "huge.h"
#include "reclaim.h"
#include "store.h"
#include <uthash.h>

#define TASK_SIZE_32 0x9d800000ull
enum { STACK_GAP = 256 * PAGE_BYTES };
enum {
    FENCE_STRIDES = 64, /* tlb_flush_all_threshold */
    GATHER_FRAMES =
        8 + 19 * 510 /* what the batches of an mmu_gather hold: MAX_GATHER_BATCH_COUNT */
};

/* PTE bits that only the kernel reads [asm/pgtable-bits.h] */
#define PTE_SPECIAL (1ull << 8) /* no struct page behind it: the zero page, a device */
#define PTE_NONE    PTE_G       /* with V=0: present for the kernel, PROT_NONE for the hardware */
#define PTE_KEEP                                                                                   \
    (PTE_SPECIAL | PTE_A | PTE_D | PTE_PBMT |                                                      \
     (((1ull << PTE_PPN_BITS) - 1) << PTE_PPN_SHIFT)) /* _PAGE_CHG_MASK */

/* ---- Objects ------------------------------------------------------------------------- */
enum frame_kind { FRAME_FREE, FRAME_TABLE, FRAME_ANON, FRAME_CACHE, FRAME_ZERO, FRAME_OTHER };
enum { /* blocks of 2^order frames; of a frame that does not begin one: where it is */
       ORDER_MAX = 10,
       ORDER_NAPOT = 4,
       ORDER_HUGE = 9,
       HUGE_FRAMES = 1 << ORDER_HUGE,
       ORDER_HOT = 254,
       ORDER_INSIDE = 255
};

struct page;
struct frame {
    uint32_t refs;
    uint32_t swap;   /* anon: slot whose bytes these are (swap cache); 0: none */
    uint32_t locks;  /* PTEs of locked VMAs that map it */
    uint8_t kind;    /* enum frame_kind */
    uint8_t order;   /* kind FRAME_FREE: of the block that begins here, or ORDER_HOT, INSIDE */
    uint8_t lru;     /* enum lru_list */
    bool exclusive;  /* anon: known to belong to one mm; lost at fork, PageAnonExclusive */
    bool dirty;      /* anon, PG_dirty: differs from its slot whatever its PTEs say */
    bool lazy;       /* anon: MADV_FREE, not written since as far as is known (!swapbacked) */
    bool swapped;    /* anon: mapped from swap once, so a clean PTE need not have given it up */
    bool referenced; /* PG_referenced */
    union {
        struct page *page; /* kind FRAME_CACHE */
        uint64_t index;    /* kind FRAME_ANON: its VMA's page offset */
        struct {
            uint32_t next, prev; /* on its list: index + 1 */
        } free;                  /* kind FRAME_FREE */
    };
    struct folio *folio; /* kind FRAME_ANON: the one that it is a part of; NULL: none */
    ppn_t newer, older;  /* on its list of lru.c; 0: the end */
};

struct frames {
    ppn_t base;
    uint64_t total, used, touched; /* touched: frames that have a struct frame */
    uint64_t others;               /* kind FRAME_OTHER, used by nobody we know: os.fragmentation */
    size_t room;
    struct frame *frame;
    uint32_t free[ORDER_MAX + 1], hot; /* lists: index + 1 of the first, 0: empty */
    uint64_t blocks[ORDER_MAX + 1], hots;
    uint64_t tables, tables_peak, peak; /* most that were in use at a time */
};

struct page { /* of the page cache */
    uint64_t index;
    struct object *object;
    ppn_t ppn;
    bool dirty;
    bool blank;    /* in the cache, but nobody read it yet: not PG_uptodate */
    bool mark;     /* PG_readahead: whoever comes here starts the next window */
    uint8_t order; /* of the folio it was read in: 1 << order pages, aligned */
    bool reading;  /* its read is under way: not PG_uptodate, either */
    UT_hash_handle hh;
};

struct swapped { /* page of a shmem object that is in swap */
    uint64_t index;
    uint32_t slot;
    UT_hash_handle hh;
};

struct block { /* one page on disk that differs from the file's original bytes */
    uint64_t index;
    bool hole; /* punched: there is no block, and it reads as zeros */
    uint8_t bytes[PAGE_BYTES];
    UT_hash_handle hh;
};

struct readahead { /* file_ra_state, of the one open file that all mappings and reads share */
    uint64_t start, size, async_size; /* the last window; what lies behind its mark */
    uint64_t prev_pos; /* where the last read(2) of a page ended; UINT64_MAX: none yet */
    bool read;         /* this read(2) has come to one */
    uint32_t misses;   /* mmap_miss: misses less hits */
    unsigned order;
    uint64_t first, beyond; /* pages under way lie between */
};

struct vma;
struct object {
    uint32_t id; /* file id; 0: shmem object of a shared anonymous mapping */
    char *name;
    uint64_t size;
    uint8_t store;     /* enum store */
    uint8_t broken;    /* IO_READ, IO_WRITE: transfers fail */
    bool reserved;     /* all of its size is charged, whatever it has (commit.c) */
    bool lost;         /* a page could not be written, and nobody was told: wb_err */
    uint64_t declared; /* pages that it had on its store to begin with */
    uint64_t original; /* bytes below are token_file_byte unless a block says otherwise */
    ppn_t device;      /* first frame of a device's memory; 0: it is none */
    struct page *pages;
    struct swapped *swapped; /* shmem: pages that are in swap (swap.c) */
    struct block *disk;
    struct readahead ra;
    struct vma *vmas;    /* i_mmap: every VMA that maps it */
    struct object *next; /* of os->objects */
};

enum vma_flag { /* the low three are PROT_* */
                VMA_R = PROT_R,
                VMA_W = PROT_W,
                VMA_X = PROT_X,
                VMA_RWX = 7,
                VMA_SHARED = 8,
                VMA_GROWSDOWN = 16,
                VMA_RAND = 64, /* advice: VM_RAND_READ, VM_SEQ_READ */
                VMA_SEQ = 128,
                VMA_DONTFORK = 256,     /* VM_DONTCOPY */
                VMA_WIPE = 512,         /* VM_WIPEONFORK: the child gets it empty */
                VMA_LOCKED = 1024,      /* mlock */
                VMA_LOCKONFAULT = 2048, /* what is faulted in stays; nothing is brought in ahead */
                VMA_HUGE = 4096,        /* VM_HUGEPAGE, VM_NOHUGEPAGE: advice */
                VMA_NOHUGE = 8192,
                VMA_DEVICE = 16384, /* VM_PFNMAP, VM_IO, VM_DONTEXPAND */
                VMA_NORESERVE = 32768,
                VMA_SPECIAL = 65536, /* [vdso], [vvar]: VM_DONTEXPAND, never cut in two */
                VMA_ACCOUNT = 32 /* charged: private and once writable; keeps a VMA from merging as
                                    on Linux */
};

struct vma {
    struct mm *mm;
    vaddr_t start, end;
    uint32_t flags;
    uint64_t pgoff; /* page of the object at start; anonymous: start >> 12 where it was created */
    struct object *object;   /* NULL: anonymous */
    uint64_t anon;           /* id of its anon_vma; 0: none yet */
    bool inherited;          /* its anon_vma chain began in a parent: vma_is_fork_child */
    struct vma *next, *prev; /* of object->vmas */
};

struct mm {
    ppn_t root;
    uint32_t users;   /* tasks that run on it */
    uint64_t context; /* version | ASID, 0: none yet */
    bool seen;        /* the hart is in mm_cpumask */
    struct vma **vma; /* sorted by start */
    size_t vmas, room;
    uint64_t rss, tables, swapents; /* swapents: MM_SWAPENTS */
    struct huge_mm huge;
    uint32_t lock_future;          /* mlockall(MCL_FUTURE): flags of new VMAs */
    vaddr_t brk_start, brk, stack; /* 0: not set */
    struct faulted *faulted;       /* pages and their faults (smaps.c) */
    struct mm *next;               /* of os->mms */
};

struct task {
    uint32_t pid, group; /* group: pid of its thread group's leader */
    uint32_t waits;      /* for this vfork child; 0: for none */
    struct mm *mm;       /* NULL: it ended */
    bool killed;         /* by a signal; its exit record is still to come */
    bool dying;          /* by the OOM killer, while in the kernel: it ends when it leaves */
    int oom_adj;         /* oom_score_adj */
    UT_hash_handle hh;
};

struct asids {
    unsigned count; /* 1 << asid.bits, 0: not used */
    uint64_t version;
    uint64_t active, reserved; /* contexts of the hart */
    unsigned cursor;
    bool flush_pending;
    uint64_t *map;
};

struct os {
    struct config cfg;
    struct mem *mem;
    struct frames frames;
    struct asids asids;
    struct lru lru[LRU_LISTS];
    struct swap swap;
    struct task *tasks, *current;
    struct process *processes; /* all there ever were (smaps.c) */
    struct mm *mms, *active;   /* active: the one in satp; its task may be gone */
    struct object *objects;
    ppn_t zero_page;
    uint64_t device_frames; /* at the top of memory */
    struct huge huge;
    struct migration migration;
    uint64_t anon_ids;
    unsigned levels, level_bits, entries, pte_bytes; /* of its page tables */
    vaddr_t task_size;
    struct os_op *op;
    size_t ops, op_room;
    bool batch_pending; /* PTEs went whose fence is still to come: arch_tlbflush_unmap_batch */
    struct os_watch watch;
    struct os_stats stats;
    uint64_t aged; /* pages of files written back, or lost, though no call named them */
    struct os_kill *kill;
    size_t kills, kill_room;
    bool eio;             /* of the last call */
    bool enomem;          /* of the last call or trap: it would have promised too much (commit.c) */
    uint64_t enomem_done; /* bytes of its range that it was done for */
    bool panicked;        /* no frame, and nobody to kill for one */
    char error[256];
};

/* Translations and memory that go together [mmu_gather]: first the PTEs, then the fence, then the
 * frames. */
struct gather {
    struct os *os;
    struct mm *mm;
    enum rule rule;     /* of its fence, but where tables went */
    vaddr_t start, end; /* leaves that changed since the last fence */
    uint64_t stride;    /* bytes of the smallest of them */
    bool tables;        /* page-table pages are among what goes */
    bool whole;         /* fullmm: the mm ends */
    bool dirty;         /* a dirty page of a file went: fence before the next leaf table */
    struct gathered *what;
    size_t count, room;
};

/* ---- os.c ---------------------------------------------------------------------------- */
bool refuse(struct os *, const char *why, ...) __attribute__((format(printf, 2, 3))); /* false */
struct task *task_find(const struct os *, uint32_t pid);
struct task *task_new(struct os *, uint32_t pid); /* leader of a group of one */
void task_end(struct os *, struct task *);        /* leaves its mm */
void task_free(struct os *, struct task *);
void *grow(void *array, size_t count, size_t *room, size_t bytes); /* space for one more */

/* ---- frame.c ------------------------------------------------------------------------- */
ppn_t frame_alloc(struct os *, enum frame_kind); /* one reference; frames_left was asked */
void frame_dirty(struct frame *);
void frame_get(struct os *, ppn_t);
void frame_put(struct os *, ppn_t);
struct frame *frame_of(const struct os *, ppn_t); /* valid until the next frame_alloc */
uint64_t frames_left(const struct os *);

/* ---- buddy.c: blocks of free frames; for frame.c ------------------------------------- */
ppn_t buddy_take(struct os *, unsigned order); /* 0: no such block */
void buddy_take_at(struct os *, ppn_t);
void buddy_give(struct os *, ppn_t, unsigned order);
void buddy_drain(struct os *); /* single frames held back join their buddies */
bool buddy_audit(const struct os *, char *why, size_t bytes);

/* ---- pgtable.c ----------------------------------------------------------------------- */
void pt_init(struct os *);                      /* their shape, by os.mode */
pte_t pte_get(const struct os *, paddr_t slot); /* every PTE is read and written by these */
void pte_set(struct os *, paddr_t slot, pte_t);
uint64_t pt_span(const struct os *, int level); /* bytes that an entry of this level maps */
paddr_t pt_slot(const struct os *, const struct mm *, vaddr_t,
                int *level);                        /* where the walk ends, or leaf */
paddr_t pt_make(struct os *, struct mm *, vaddr_t); /* leaf slot, tables made */
void pt_each(const struct os *, const struct mm *, vaddr_t start, vaddr_t end,
             const struct walk_ops *, void *arg);
void pt_free(struct gather *, vaddr_t start, vaddr_t end, vaddr_t floor, vaddr_t ceiling);
ppn_t pt_new(struct os *, struct mm *); /* an empty table */
bool pte_present(pte_t);
pte_t pte_make(ppn_t, uint32_t vma_flags, bool write_notify); /* vm_page_prot: young, clean */
pte_t pte_modify(pte_t, uint32_t vma_flags, bool write_notify);
ppn_t pte_ppn(pte_t);

/* ---- asid.c -------------------------------------------------------------------------- */
void asids_init(struct os *);
void mm_switch(struct os *,
               struct mm *next); /* switch_mm: satp, and a fence if the generation turned over */
uint64_t mm_satp(const struct os *, const struct mm *);
uint16_t mm_asid(const struct os *, const struct mm *);

/* ---- tlbflush.c ---------------------------------------------------------------------- */
void flush_local_all(struct os *, enum rule);
void flush_local_asid(struct os *, uint16_t asid, enum rule);
void flush_page(struct os *, struct mm *, vaddr_t, enum rule); /* flush_tlb_page */
void flush_mm(struct os *, struct mm *, enum rule);            /* flush_tlb_mm */
void flush_range(struct os *, struct mm *, vaddr_t start, vaddr_t end, uint64_t stride,
                 enum rule); /* flush_tlb_range; flush_pmd_tlb_range with the stride of a leaf */
void update_mmu_cache(struct os *, vaddr_t); /* a PTE became valid */
void update_access_flags(struct os *, struct mm *, vaddr_t, bool changed, bool write);
void batch_add(struct os *, const struct mm *); /* reclaim: fence put off, until batch_flush */
void batch_flush(struct os *, enum rule);       /* before any frame of the batch is freed */
void emit_satp(struct os *, uint64_t satp);
struct gather gather_begin(struct os *, struct mm *, enum rule);
void gather_pte(struct gather *, vaddr_t);
void gather_leaf(struct gather *, vaddr_t, uint64_t bytes);
void gather_fence(struct gather *);   /* what was gathered so far */
void gather_vma_end(struct gather *); /* the PTEs of one VMA are done */
void gather_frame(struct gather *, ppn_t);
void gather_end(struct gather *);

/* ---- commit.c ------------------------------------------------------------------------ */
uint64_t commit_charged(const struct mm *, vaddr_t start, vaddr_t end);    /* pages, by VMAs */
bool commit_may(const struct os *, const struct mm *asks, uint64_t pages); /* more */
bool commit_denied(struct os *, uint64_t done); /* the call ends in ENOMEM, done for so many bytes;
                                                   true */

/* ---- vma.c --------------------------------------------------------------------------- */
size_t vma_index(const struct mm *, vaddr_t); /* first VMA that ends above va, or mm->vmas */
struct vma *vma_at(const struct mm *, vaddr_t);
struct vma *vma_insert(struct mm *, const struct vma *); /* a copy, linked; not merged */
void vma_remove(struct os *, struct mm *, size_t index);
void vma_split(struct os *, struct mm *, vaddr_t);
void vma_merge(struct os *, struct mm *, size_t index, bool left, bool right);
bool vma_mergeable(const struct vma *left, const struct vma *right, uint32_t flags_ignored);
void vma_prepare_anon(struct os *, struct vma *);       /* anon_vma_prepare */
bool vma_grow_down(struct os *, struct vma *, vaddr_t); /* false: SIGSEGV */
void vma_zap(struct os *, struct vma *, vaddr_t start, vaddr_t end,
             bool keep_copies); /* own gather: DONTNEED, truncate; keep_copies: MADV_REMOVE */
void mm_unmap(struct os *, struct mm *, vaddr_t start, vaddr_t end);
static inline uint64_t vma_pages(const struct vma *v) {
    return (v->end - v->start) / PAGE_BYTES;
}
static inline uint64_t vma_page(const struct vma *v, vaddr_t va) { /* linear_page_index */
    return v->pgoff + (va - v->start) / PAGE_BYTES;
}
pte_t vma_pte(const struct os *, const struct vma *, ppn_t); /* by vm_page_prot */
bool vma_notify(const struct vma *); /* vma_wants_writenotify: clean file pages are read-only */

/* ---- mmap.c, mremap.c: the calls ----------------------------------------------------- */
bool call_mmap(struct os *, struct mm *, const struct os_call *);
bool call_munmap(struct os *, struct mm *, const struct os_call *);
bool call_mprotect(struct os *, struct mm *, const struct os_call *);
bool call_brk(struct os *, struct mm *, const struct os_call *);
void vma_set_flags(struct os *, struct mm *, vaddr_t start, vaddr_t end,
                   uint32_t flags); /* of one VMA's part: split, then merge */
bool call_mremap(struct os *, struct mm *, const struct os_call *);
bool range_ok(struct os *, const char *call, vaddr_t va, uint64_t *length); /* rounds length up */

/* ---- madvise.c ----------------------------------------------------------------------- */
bool call_madvise(struct os *, struct mm *, const struct os_call *);

/* ---- advise.c: of the part of one VMA ------------------------------------------------ */
void advise_free(struct os *, struct vma *, vaddr_t start, vaddr_t end);
void advise_cold(struct os *, struct vma *, vaddr_t start, vaddr_t end);
void advise_pageout(struct os *, struct vma *, vaddr_t start, vaddr_t end);
void advise_remove(struct os *, const struct vma *, vaddr_t start, vaddr_t end);
void advise_swapin(struct os *, struct vma *, vaddr_t start, vaddr_t end);
bool call_mincore(struct os *, struct mm *, const struct os_call *);

/* ---- fault.c ------------------------------------------------------------------------- */
enum populate { POPULATE_MAP, POPULATE_READ, POPULATE_WRITE }; /* as MAP_POPULATE, MADV_... do */
void fault_populate(struct os *, struct mm *, vaddr_t start, vaddr_t end, enum populate);

/* ---- fork.c: mm life ----------------------------------------------------------------- */
struct mm *mm_new(struct os *);
void mm_exit(struct os *, struct mm *); /* one user less; the last one frees it */
void mm_drop_root(struct os *, struct mm *);
bool call_fork(struct os *, struct task *, uint32_t child);

#endif
