/* SPDX-License-Identifier: Apache-2.0
 *
 * mremap: shrink, grow in place, or move (mm/mremap.c).
 *
 * A move makes the new VMA, carries every PTE over (the frames stay, nothing is copied), fences the
 * old range, at most one leaf table at a time as move_page_tables does, then unmaps the old VMA.
 * Moved anonymous memory keeps its page offset once it was touched, so it does not merge with what
 * it meets. A leaf of 2 MiB is moved whole where both sides are aligned, else split. Linux may move
 * a whole leaf table at once where both sides are aligned to 2 MiB; here PTEs are moved one by one,
 * which nobody but the tables can tell. MREMAP_DONTUNMAP leaves the old VMA, empty, and charged
 * (vrm_calc_charge); a move that may not be charged has unmapped what lay at its goal.
 */
#include "smaps.h"

enum { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4 };

struct moving {
    struct os *os;
    struct mm *mm;
    uint64_t delta; /* new - old, modulo 2^64 */
    bool any;
};

static void move_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct moving *m = arg;
    paddr_t to = pt_make(m->os, m->mm, va + m->delta);
    pte_set(m->os, slot, 0);
    pte_set(m->os, to, pte);
    m->any = true;
}

/* Stays folded where the new place is aligned, too. */
static bool move_napot(void *arg, vaddr_t va, vaddr_t next, paddr_t slot, pte_t pte) {
    struct moving *m = arg;
    if (next - va < NAPOT_BYTES || (va + m->delta) % NAPOT_BYTES) {
        napot_unfold(m->os, m->mm, va, slot);
        return false;
    }
    for (unsigned i = 0; i < NAPOT_PTES; i++) pte_set(m->os, slot + i * PTE_BYTES, 0);
    napot_set(m->os, pt_make(m->os, m->mm, va + m->delta), pte);
    m->any = true;
    return true;
}

/* To the end of the leaf table, on either side. */
static uint64_t extent(const struct os *os, vaddr_t old, vaddr_t to, uint64_t left) {
    const uint64_t span = pt_span(os, 1);
    uint64_t size = span - old % span;
    if (size > span - to % span) size = span - to % span;
    return size < left ? size : left;
}

static const struct walk_ops move_ops = {.pte = move_pte, .napot = move_napot};

static void move_tables(struct os *os, struct mm *mm, vaddr_t old, vaddr_t to, uint64_t bytes) {
    for (uint64_t done = 0, size; done < bytes; done += size) {
        size = extent(os, old + done, to + done, bytes - done);
        struct moving m = {os, mm, to - old, false};
        int level; /* move_page_tables: a table for a table, even if it is empty */
        paddr_t leaf = pmd_leaf_at(os, mm, old + done);
        if (leaf && size == HUGE_BYTES) {
            pmd_move(os, mm, old + done, leaf, to + done);
            continue;
        }
        if (leaf) pmd_split(os, vma_at(mm, old + done), old + done, leaf);
        pt_slot(os, mm, old + done, &level);
        if (level) continue;
        pt_make(os, mm, to + done);
        pt_each(os, mm, old + done, old + done + size, &move_ops, &m);
        if (m.any) flush_range(os, mm, old + done, old + done + size, PAGE_BYTES, RULE_MREMAP);
    }
}

/* dontunmap_complete: without its lock; all of it moved, it is as if nobody had touched it. */
static void leave_empty(struct mm *mm, vaddr_t old, uint64_t bytes) {
    struct vma *v = vma_at(mm, old);
    v->flags &= ~(uint32_t)(VMA_LOCKED | VMA_LOCKONFAULT);
    if (v->start != old || v->end != old + bytes) return;
    v->anon = 0; /* unlink_anon_vmas */
    v->inherited = false;
}

static bool may_charge(const struct os *os, const struct vma *v, uint64_t bytes) {
    return !(v->flags & VMA_ACCOUNT) || commit_may(os, v->mm, bytes / PAGE_BYTES);
}

static bool move(struct os *os, struct mm *mm, vaddr_t old, uint64_t bytes, uint64_t want,
                 vaddr_t to, bool leave) {
    if (!range_ok(os, "mremap", to, &want)) return false;
    if (to < os->cfg.os_mmap_min_addr)
        return refuse(os, "mremap: 0x%llx is below os.mmap_min_addr", (unsigned long long)to);
    if (to < old + bytes && old < to + want)
        return refuse(os, "mremap: the new range overlaps the old one");
    const uint64_t span = pt_span(os, 1);
    if (!frames_want(os, bytes / span + 2 * (os->levels - 1) + bytes / span / os->entries))
        return os->current->dying ||
               refuse(os, "mremap: no memory left for page tables; mem.mib is %u", os->cfg.mem_mib);
    mm_unmap(os, mm, to, to + want);
    const struct vma *from = vma_at(mm, old);
    if (!may_charge(os, from, leave ? want : want - bytes)) return commit_denied(os, want);
    struct vma v = *from;
    v.start = to;
    v.end = to + want;
    v.pgoff = from->pgoff + (old - from->start) / PAGE_BYTES;
    if (!v.object && !v.anon)
        v.pgoff = to / PAGE_BYTES; /* copy_vma: never touched, so it may as well be born here */
    vma_insert(mm, &v);
    vma_merge(os, mm, vma_index(mm, to), true, true);
    move_tables(os, mm, old, to, bytes);
    faults_move(mm, old, to, bytes);
    if (leave)
        leave_empty(mm, old, bytes);
    else
        mm_unmap(os, mm, old, old + bytes);
    return true;
}

static bool grow_in_place(struct os *os, struct mm *mm, struct vma *v, vaddr_t end) {
    size_t i = vma_index(mm, v->start);
    if (i + 1 < mm->vmas && mm->vma[i + 1]->start < end)
        return refuse(os, "mremap: no room to grow at 0x%llx", (unsigned long long)v->end);
    if (!may_charge(os, v, end - v->end)) return commit_denied(os, 0);
    v->end = end;
    vma_merge(os, mm, i, false, true);
    return true;
}

/* remap_move (6.17): a move that changes no length takes all VMAs in the range, and keeps the gaps
 * between them; it must begin in one. */
static bool move_all(struct os *os, struct mm *mm, vaddr_t old, uint64_t bytes, vaddr_t to) {
    vaddr_t end = old + bytes, next;
    for (vaddr_t va = old; va < end; va = next) {
        const struct vma *v = mm->vma[vma_index(mm, va)];
        next = v->end < end ? v->end : end;
        if (!move(os, mm, va, next - va, next - va, va - old + to, false)) return false;
        size_t i = vma_index(mm, next);
        next = i < mm->vmas && mm->vma[i]->start > next ? mm->vma[i]->start : next;
        if (i == mm->vmas) break;
    }
    return true;
}

/* MREMAP_DONTUNMAP: what Linux asks for, and what is modelled of it. */
static bool may_leave(struct os *os, const struct vma *v, vaddr_t old, uint64_t bytes,
                      uint64_t length, vaddr_t to) {
    bool part = v->start != old || v->end != old + bytes;
    if (length != bytes || to == old || (v->flags & (VMA_DEVICE | VMA_SPECIAL)))
        return refuse(os, "mremap: only a move that keeps the length, of no device, can leave the "
                          "old mapping");
    return v->end - old >= bytes && !(part && (v->flags & VMA_LOCKED))
               ? true
               : refuse(os, "mremap: dontunmap of several mappings, or of a part of a locked one, "
                            "is not modelled");
}

bool call_mremap(struct os *os, struct mm *mm, const struct os_call *c) {
    vaddr_t old = c->arg[0], to = c->arg[4];
    uint64_t bytes = c->arg[1], want = c->arg[2];
    bool leave = c->arg[3] & MREMAP_DONTUNMAP;
    if (c->arg[3] & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
        return refuse(os, "mremap: flags 0x%llx are not modelled", (unsigned long long)c->arg[3]);
    if (!range_ok(os, "mremap", old, &bytes)) return false;
    uint64_t length = want;
    if (!range_ok(os, "mremap", to, &length)) return false;
    const struct vma *v = vma_at(mm, old);
    if (!v) return refuse(os, "mremap: nothing is mapped at 0x%llx", (unsigned long long)old);
    if (!special_whole(os, "mremap", mm, old, old + bytes)) return false;
    if ((v->flags & (VMA_DEVICE | VMA_SPECIAL)) && length != bytes &&
        (length > bytes || (v->flags & VMA_SPECIAL))) /* VM_DONTEXPAND: EFAULT */
        return refuse(
            os, "mremap: the mapping of a device cannot grow, nor one of the kernel's shrink");
    if (leave && !may_leave(os, v, old, bytes, length, to)) return false;
    if (length < bytes) { /* shrink_vma, whatever lies there */
        mm_unmap(os, mm, old + length, old + bytes);
        bytes = length;
    } else if (to != old && length == bytes && v->end - old < bytes) {
        if (to < old + bytes && old < to + bytes)
            return refuse(os, "mremap: the new range overlaps the old one");
        return move_all(os, mm, old, bytes, to);
    }
    if (vma_at(mm, old)->end - old < bytes)
        return refuse(os, "mremap: 0x%llx is not the start of so long a part of one mapping",
                      (unsigned long long)old);
    if (to == old && length > bytes && vma_at(mm, old)->end != old + bytes)
        return refuse(os, "mremap: only the end of a mapping can grow in place");
    bool ok = to != old         ? move(os, mm, old, bytes, length, to, leave)
              : length == bytes ? true
                                : grow_in_place(os, mm, vma_at(mm, old), old + length);
    if (ok && !os->enomem && length > bytes &&
        (vma_at(mm, to)->flags & VMA_LOCKED)) /* do_mremap: mm_populate */
        fault_populate(os, mm, to + bytes, to + length, POPULATE_MAP);
    return ok;
}
