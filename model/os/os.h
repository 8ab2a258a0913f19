/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel half, seen from outside: Linux's memory management over one hart's physical memory.
 * It sees memory, page tables, satp and fences, and faults, as a kernel does; it never sees a TLB.
 *
 * Time: a call acts at once, between two clock edges; its stores to page tables are in memory when
 * it returns. Whatever the hart must then do (write satp, fence) is left in a queue of struct os_op
 * that the caller performs in order, before the next user access. Costs are returned, never waited
 * for.
 *
 * Errors: architectural outcomes are values; a call the trace should not have made (munmap of
 * nothing is fine, fork of a dead pid is not) returns false and os_error() says why, in one
 * sentence.
 */
#ifndef PW_OS_H
#define PW_OS_H
#include "../mem.h"
#include "../types.h"
#include "call.h"
#include "config.h"
#include <stddef.h>

struct os;

/* One thing the hart must do. */
enum os_op_kind { OS_OP_SATP, OS_OP_FENCE };
struct os_op {
    enum os_op_kind kind;
    uint64_t satp; /* OS_OP_SATP: value to write */
    uint8_t fence; /* OS_OP_FENCE: enum fence */
    bool rs1, rs2; /* va given, asid given */
    vaddr_t va;
    uint16_t asid;
};

/* A page fault or access fault taken by the hart. */
struct os_trap {
    uint32_t pid;
    vaddr_t va;     /* stval */
    uint8_t access; /* enum access */
    uint8_t cause;  /* enum cause */
    bool kernel;    /* the kernel's own access to user memory (SUM) */
    bool caught;    /* the process has a handler: a signal does not end it */
};

/* What became of it. sig 0: repaired, try again. A kernel access that cannot be repaired has sig 0
 * and efault. */
struct os_outcome {
    uint8_t kind; /* enum kfault */
    bool major;
    bool efault;
    uint8_t sig;   /* enum signal */
    uint8_t code;  /* enum sicode */
    uint64_t cost; /* cycles, os.cost_* */
};

/* Events since os_new; the keys of `run --json`, section os. */
struct os_stats {
    uint64_t minor, major, zero_page, anon_alloc, thp_zero, thp_alloc, cow_file, cow_copy,
        cow_reuse, file_map;
    uint64_t shmem_alloc, fault_around, mkwrite, migration, swap_in, swap_out, writeback, ad_update,
        sigsegv, sigbus;
    uint64_t reclaimed, lazyfree, oom_kill; /* lazyfree: pages that MADV_FREE gave up, dropped */
    uint64_t migrated;                      /* frames that moved; migration: faults that waited */
    uint64_t thp_fallback, thp_split, thp_collapse;     /* faults that got 4 KiB instead; folios */
    uint64_t thp64_alloc, thp64_fallback, napot_unfold; /* folios of 64 KiB; runs of 16 PTEs */
    uint64_t spurious, kernel; /* kernel: faults among them caused by the kernel's own access */
    uint64_t gup;              /* and of these, those of get_user_pages, which are no traps */
    uint64_t satp_writes, fences, os_cycles;
};

/* What the kernel half does that matters to whoever asks which translations may be left: told in
 * the order in which the kernel does it, so a fence is told when it is asked for. Between two
 * calls nothing else happens but stores to page tables. */
struct os_watch {
    void *who;
    void (*op)(void *who, const struct os_op *);
    void (*freed)(void *who, ppn_t);   /* nobody has this frame now: it may be anything next */
    void (*cleaned)(void *who, ppn_t); /* the page is about to count as clean */
};

struct os *os_new(const struct config *, struct mem *);
void os_delete(struct os *);
void os_set_watch(struct os *, const struct os_watch *); /* one; copied. NULL: none */
const char *os_error(const struct os *);

/* One call of a trace. Those that touch user memory (call_copies) are the caller's: READ, WRITE,
 * KLOAD, KSTORE and SIGFRAME are accesses in S-mode with SUM, with os_file_read and os_file_write
 * for the file side; GUP goes page by page through os_gup. os_call refuses them. */
bool os_call(struct os *, const struct os_call *);
bool os_eio(const struct os *); /* the last call ended in EIO (msync, fsync) */
/* It, or the last trap, would have promised too much memory (os.overcommit) and is undone, but for
 * os_enomem_done bytes: of what mprotect had come to; of what mremap unmapped at its goal. */
bool os_enomem(const struct os *);
uint64_t os_enomem_done(const struct os *);
bool os_switch(struct os *, uint32_t pid); /* run this process from now on */
struct os_outcome os_trap(struct os *, const struct os_trap *);
/* A signal frame of this process could not be written (force_sigsegv): SIGSEGV, which it may have a
 * handler for as well. */
struct os_outcome os_frame_refused(struct os *, uint32_t pid, bool caught);
/* get_user_pages of the page at va; how: GUP_WRITE, ... Where kind is not none a fault has been
 * handled: perform os_ops, then ask again. Else *pa is where va's bytes are, unless efault or sig.
 */
struct os_outcome os_gup(struct os *, uint32_t pid, vaddr_t va, uint32_t how, paddr_t *pa);

/* Background work. The clock of the kernel half is the number of the record: what a knob asks for
 * every so many records (os.kswapd, os.flusher, os.khugepaged) is done before the first record at
 * or behind a multiple of them. */
bool os_due(const struct os *, uint64_t done, uint64_t record); /* since `done` was */
void os_background(struct os *, uint64_t done, uint64_t record);

/* Processes that the OOM killer has ended since os_kills_done, oldest first. A call or trap of one
 * of them was cut short. */
struct os_kill {
    uint32_t pid;
    int64_t points; /* oom_badness */
};
const struct os_kill *os_kills(const struct os *, size_t *count);
void os_kills_done(struct os *);
/* No frame, and nobody who may be killed for one: Linux panics. */
bool os_panicked(const struct os *);

/* The page cache behind read(2) and write(2). Return bytes done: short at end of file (read). */
size_t os_file_read(struct os *, uint32_t file, uint64_t offset, void *out, size_t bytes,
                    uint64_t end, uint64_t *cost); /* a part of a call that asks up to `end` */
void os_file_read_done(struct os *, uint32_t file, uint64_t offset); /* the call ended there */
/* write(2) of this part of a page ends in ENOSPC or EIO: known before user memory is read
 * (write_begin). */
bool os_file_refuses(const struct os *, uint32_t file, uint64_t offset, size_t bytes);
size_t os_file_write(struct os *, uint32_t file, uint64_t offset, const void *in, size_t bytes,
                     uint64_t *cost);

/* What the hart must do now, oldest first; os_ops_done empties the queue. */
const struct os_op *os_ops(const struct os *, size_t *count);
void os_ops_done(struct os *);

/* ---- Looking inside: for expectations, tables and explain; none of these changes anything
 * ---------------- */
const struct os_stats *os_get_stats(const struct os *);
bool os_alive(const struct os *, uint32_t pid);
uint64_t os_satp(const struct os *, uint32_t pid);
/* PTE that maps va: its value, and level (0 = 4 KiB). False if no leaf is there (*pte then holds
 * what stopped it). */
bool os_pte(const struct os *, uint32_t pid, vaddr_t va, pte_t *pte, int *level);
/* What the VMA at va permits (PROT_*) in the address space with this root table. False: there is
 * no such address space, or nothing is mapped there. */
bool os_vma_prot(const struct os *, ppn_t root, vaddr_t va, uint8_t *prot);
/* The first VMA that ends above va. False: there is none. */
struct os_vma {
    vaddr_t start, end;
    uint8_t prot; /* PROT_* */
    bool shared, backed;
    uint32_t file; /* backed: by this file, from byte `offset`; 0: by a shmem object of its own */
    uint64_t offset;
};
bool os_vma(const struct os *, uint32_t pid, vaddr_t va, struct os_vma *);
/* What /proc shows of a page: pagemap, kpageflags, smaps. False: no page is there. A page that
 * PROT_NONE hides from the hardware is there. */
enum os_page_kind { OS_PAGE_ZERO, OS_PAGE_ANON, OS_PAGE_CACHE, OS_PAGE_DEVICE };
struct os_page {
    ppn_t ppn;
    enum os_page_kind kind;
    bool dirty;      /* by its PTE, or as a page of the cache */
    bool lazy;       /* MADV_FREE, and clean since: smaps' LazyFree */
    bool locked;     /* by a locked VMA of this process */
    bool huge;       /* by a leaf of 2 MiB */
    uint32_t mapped; /* PTEs that map the frame; 0 for the zero page and devices: not counted */
};
bool os_page(const struct os *, uint32_t pid, vaddr_t va, struct os_page *);
/* What holds the bytes of the page beside a frame, or will: a swap slot (0: none) that its PTE, its
 * object or the swap cache names; a page of a file, on its store. */
struct os_backing {
    uint32_t slot, file; /* file 0: none */
    uint64_t index;
    uint8_t store; /* enum store */
};
void os_backing(const struct os *, uint32_t pid, vaddr_t va, struct os_backing *);
bool os_swapped(const struct os *, uint32_t pid, vaddr_t va);       /* its PTE is a swap entry */
bool os_shmem_swapped(const struct os *, uint32_t pid, vaddr_t va); /* its object has it in swap */
/* mincore(2): is the page in memory, mapped or in a cache? False, too, where nothing is mapped. */
bool os_mincore(const struct os *, uint32_t pid, vaddr_t va);
/* One VMA as /proc/PID/smaps has it, and the page faults that it took; false: no VMA has this
 * index. `name` is valid until the next call of the kernel half. */
struct os_smaps {
    vaddr_t start, end;
    char perm[5];
    uint64_t offset; /* in its file, bytes */
    const char *name;
    uint64_t rss, shared_clean, shared_dirty, private_clean, private_dirty; /* pages */
    uint64_t anonymous, shmem, lazyfree, anon_huge, swap;
    uint64_t pss, locked; /* bytes: of a page that n PTEs map, a part of n */
    bool lock;            /* the VMA is locked */
    uint64_t faults[KFAULT_COUNT];
};
bool os_smaps(const struct os *, uint32_t pid, size_t index, struct os_smaps *);
/* A process, in the words of /proc/PID/status and stat; pages. One that has ended has no memory. */
struct os_status {
    uint32_t pid, threads;
    uint32_t task; /* one of its tasks, for os_smaps; 0: it has ended */
    char state;    /* R: it runs; S: another does; D: it waits for its vfork child; X: it ended */
    uint64_t vm_size, vm_lck, rss_anon, rss_file, rss_shmem, vm_pte, vm_swap;
    uint64_t minor, major, faults[KFAULT_COUNT];
};
/* All there ever were, in order of pid; `out` gets the first `room`. Returns how many there are. */
size_t os_processes(const struct os *, struct os_status *out, size_t room);
uint64_t os_swapents(const struct os *, uint32_t pid); /* VmSwap, in pages: entries in its PTEs */
uint64_t os_locked(const struct os *, uint32_t pid);   /* pages that its locked VMAs map */
uint64_t os_huge(const struct os *, uint32_t pid);     /* AnonHugePages, in leaves of 2 MiB */
uint64_t os_napot(const struct os *, uint32_t pid);    /* leaves of 64 KiB */
uint64_t os_swap_used(const struct os *);              /* slots */
uint64_t os_committed(const struct os *);              /* Committed_AS, in pages (commit.c) */
/* Pages of files written back, or lost by a store that fails, though no call named them. */
uint64_t os_aged(const struct os *);
uint64_t os_rss(const struct os *,
                uint32_t pid); /* pages, as VmRSS counts them: the zero page does not */
uint64_t
os_frames_used(const struct os *); /* allocated frames, page tables and page cache included */
/* Since os_new: how many there are, and the most in use at a time; page tables alone. */
void os_frames_peak(const struct os *, uint64_t *total, uint64_t *peak, uint64_t *tables);
size_t os_maps(const struct os *, uint32_t pid, char *out,
               size_t bytes); /* text as /proc/PID/maps; returns length */
uint8_t os_vma_class(const struct os *, uint32_t pid,
                     vaddr_t va); /* enum vmakind; VMAKIND_COUNT: nothing is mapped there */
bool os_vma_kind(const struct os *, uint32_t pid, vaddr_t va, char *out,
                 size_t bytes); /* "anon", "file NAME", ... */
size_t os_disk_read(const struct os *, uint32_t file, uint64_t offset, void *out,
                    size_t bytes); /* on disk, not cache */

/* Every frame, reference and page table accounted for? Writes the first discrepancy into `why` and
 * returns false. */
bool os_check(const struct os *, char *why, size_t bytes);

#endif
