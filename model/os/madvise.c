/* SPDX-License-Identifier: Apache-2.0
 *
 * madvise (mm/madvise.c): advice that stays is a flag of the VMA, which splits and merges by it;
 * other advice acts at once. Holes are passed over, as Linux does before it returns ENOMEM.
 *
 * RANDOM, SEQUENTIAL and NORMAL shape VMAs, and what a fault reads ahead (readahead.c). WILLNEED
 * reads the pages of a file in, whatever read-ahead is. Advice about pages that are there is in
 * advise.c. HUGEPAGE and NOHUGEPAGE are flags, COLLAPSE acts at once (collapse.c).
 */
#include "kernel.h"

enum advice {
    ADVICE_NORMAL,
    ADVICE_RANDOM,
    ADVICE_SEQUENTIAL,
    ADVICE_WILLNEED,
    ADVICE_DONTNEED,
    ADVICE_FREE = 8,
    ADVICE_REMOVE = 9,
    ADVICE_DONTFORK = 10,
    ADVICE_DOFORK = 11,
    ADVICE_HUGEPAGE = 14,
    ADVICE_NOHUGEPAGE = 15,
    ADVICE_WIPEONFORK = 18,
    ADVICE_KEEPONFORK = 19,
    ADVICE_COLD = 20,
    ADVICE_PAGEOUT = 21,
    ADVICE_POPULATE_READ = 22,
    ADVICE_POPULATE_WRITE = 23,
    ADVICE_DONTNEED_LOCKED = 24,
    ADVICE_COLLAPSE = 25
};

/* madvise_vma_behavior: the flags after this advice; the same ones if it is not about flags. */
static uint32_t advised(uint32_t flags, uint64_t advice) {
    switch (advice) {
    case ADVICE_NORMAL: return flags & ~(uint32_t)(VMA_RAND | VMA_SEQ);
    case ADVICE_RANDOM: return (flags & ~(uint32_t)VMA_SEQ) | VMA_RAND;
    case ADVICE_SEQUENTIAL: return (flags & ~(uint32_t)VMA_RAND) | VMA_SEQ;
    case ADVICE_DONTFORK: return flags | VMA_DONTFORK;
    case ADVICE_DOFORK: return flags & ~(uint32_t)VMA_DONTFORK;
    case ADVICE_HUGEPAGE: return (flags & ~(uint32_t)VMA_NOHUGE) | VMA_HUGE;
    case ADVICE_NOHUGEPAGE: return (flags & ~(uint32_t)VMA_HUGE) | VMA_NOHUGE;
    case ADVICE_WIPEONFORK: return flags | VMA_WIPE;
    case ADVICE_KEEPONFORK: return flags & ~(uint32_t)VMA_WIPE;
    default: return flags;
    }
}

/* madvise_willneed: the file's pages of this range come into the cache; nothing is mapped. */
static void will_need(struct os *os, struct vma *v, vaddr_t start, vaddr_t end) {
    struct object *o = v->object;
    bool major;
    uint64_t most = os->cfg.os_io_pages; /* force_page_cache_ra: no more than one transfer */
    if (o && object_ra_pages(os, o) > most) most = object_ra_pages(os, o);
    if (end - start > most * PAGE_BYTES) end = start + most * PAGE_BYTES;
    if (!o) advise_swapin(os, v, start, end);
    for (vaddr_t va = start; o && !object_shmem(o) && !o->device && va < end && frames_want(os, 1);
         va += PAGE_BYTES) {
        uint64_t index = v->pgoff + (va - v->start) / PAGE_BYTES;
        if (index * PAGE_BYTES < o->size && !store_fails(o, index)) page_get(os, o, index, &major);
    }
}

static void advise_vma(struct os *os, struct vma *v, vaddr_t start, vaddr_t end, uint64_t advice) {
    struct mm *mm = v->mm;
    uint32_t flags = advised(v->flags, advice);
    switch (advice) {
    case ADVICE_WILLNEED: will_need(os, v, start, end); break;
    case ADVICE_DONTNEED:
    case ADVICE_DONTNEED_LOCKED: vma_zap(os, v, start, end, false); break;
    case ADVICE_FREE: advise_free(os, v, start, end); break;
    case ADVICE_COLD: advise_cold(os, v, start, end); break;
    case ADVICE_PAGEOUT: advise_pageout(os, v, start, end); break;
    case ADVICE_REMOVE: advise_remove(os, v, start, end); break;
    case ADVICE_COLLAPSE: collapse_range(os, v, start, end); break;
    case ADVICE_POPULATE_READ: fault_populate(os, mm, start, end, POPULATE_READ); break;
    case ADVICE_POPULATE_WRITE: fault_populate(os, mm, start, end, POPULATE_WRITE); break;
    default:
        if (flags != v->flags) vma_set_flags(os, mm, start, end, flags);
    }
}

static bool about_huge(uint64_t advice) {
    return advice == ADVICE_HUGEPAGE || advice == ADVICE_NOHUGEPAGE || advice == ADVICE_COLLAPSE;
}

static bool known(uint64_t advice) {
    return advice <= ADVICE_DONTNEED || advice == ADVICE_FREE || advice == ADVICE_REMOVE ||
           advice == ADVICE_DONTFORK || advice == ADVICE_DOFORK || advice == ADVICE_WIPEONFORK ||
           advice == ADVICE_KEEPONFORK || about_huge(advice) ||
           (advice >= ADVICE_COLD && advice <= ADVICE_DONTNEED_LOCKED);
}

/* VM_PFNMAP, VM_IO: nothing about pages that have a struct page, and DONTFORK is for good. */
static bool denied_device(uint64_t advice) {
    return advice == ADVICE_DONTNEED || advice == ADVICE_REMOVE || advice == ADVICE_DOFORK ||
           advice >= ADVICE_COLD;
}

/* Why Linux does not grant it here; NULL: it does. */
static const char *denied(const struct os *os, const struct vma *v, uint64_t advice) {
    bool locked = v->flags & VMA_LOCKED;
    if ((v->flags & VMA_DEVICE) && denied_device(advice))
        return "this advice is not for the mapping of a device";
    switch (advice) {
    case ADVICE_COLLAPSE:
        if (v->object) return "collapse of files and of shared memory is not modelled";
        return huge_allowed(os, v, HUGE_COLLAPSE)
                   ? NULL
                   : "collapse needs 2 MiB of a mapping that was touched, without nohugepage";
    case ADVICE_WIPEONFORK:
        return v->object ? "only private anonymous memory can be wiped on fork" : NULL;
    case ADVICE_FREE:
        if (v->object) return "only private anonymous memory can be freed lazily";
        return locked ? "locked memory cannot be freed lazily" : NULL;
    case ADVICE_DONTNEED: return locked ? "locked memory is needed: dontneed_locked" : NULL;
    case ADVICE_COLD:
    case ADVICE_PAGEOUT: return locked ? "locked memory is neither cold nor paged out" : NULL;
    case ADVICE_REMOVE:
        if (locked) return "no hole in locked memory";
        return (v->flags & (VMA_SHARED | VMA_W)) == (VMA_SHARED | VMA_W)
                   ? NULL
                   : "a hole needs a shared writable mapping";
    default: return NULL;
    }
}

/* What is left out, by name. */
static const char *about(uint64_t advice) {
    switch (advice) {
    case 12: return ", mergeable (KSM),";
    case 13: return ", unmergeable (KSM),";
    case 16: return ", dontdump (core dumps),";
    case 17: return ", dodump (core dumps),";
    case 100: return ", hwpoison,";
    case 101: return ", soft_offline,";
    default: return "";
    }
}

bool call_madvise(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1], advice = c->arg[2];
    if (!known(advice))
        return refuse(os, "madvise: advice %llu%s is not modelled", (unsigned long long)advice,
                      about(advice));
    if (about_huge(advice) && !huge_has(os))
        return refuse(os, "madvise: with Sv32 there are no transparent huge pages");
    if (!range_ok(os, "madvise", c->arg[0], &length)) return false;
    vaddr_t end = c->arg[0] + length;
    for (vaddr_t va = c->arg[0], next; va < end; va = next) {
        size_t i = vma_index(mm, va);
        if (i == mm->vmas || mm->vma[i]->start >= end) break;
        struct vma *v = mm->vma[i];
        if (v->start > va) va = v->start;
        next = v->end < end ? v->end : end;
        const char *why = denied(os, v, advice);
        if (why) return refuse(os, "madvise: %s", why);
        if (advised(v->flags, advice) != v->flags && !special_whole(os, "madvise", mm, va, next))
            return false;
        advise_vma(os, v, va, next, advice);
    }
    return true;
}
