/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames that move under live mappings (mm/migrate.c), and compaction, which moves them together
 * (mm/compaction.c).
 *
 *   unmap    each PTE of the page becomes a migration entry: invalid, it names the frame
 *            (try_to_migrate); its D goes to the page
 *   flush    one fence of all address spaces for the batch (try_to_unmap_flush): from here on
 * nobody can reach the frame move     the bytes, and all that is known of the frame, go to the new
 * one; page cache and swap cache name that remap    each entry becomes a PTE again, as it was, with
 * the new frame (remove_migration_pte) free     the old frame
 *
 * The record `migrate` stops behind the flush, as a page waits while it is copied. What comes next
 * ends it: a fault, which has waited if it was of such a page (migration_entry_wait), or anything
 * else that the kernel does.
 *
 * An entry keeps A and D where it has the bits (softleaf_is_migration_young); that of Sv32 has not,
 * and the page comes back old and clean. Page tables, the zero page and folios stay.
 */
#include "kernel.h"
#include <stdlib.h>

enum { CLUSTER = 32, /* COMPACT_CLUSTER_MAX */ ENTRY_TYPE_SHIFT = 7, ENTRY_FRAME_SHIFT = 12 };
enum { ENTRY_READ = 29, ENTRY_READ_EXCLUSIVE, ENTRY_WRITE, ENTRY_TYPES = 31 };

struct moving {
    ppn_t from, to; /* to 0: none was chosen yet */
};

/* ---- Entries ----------------------------------------------------------------------------- */
static unsigned type_of(pte_t entry) {
    return entry >> ENTRY_TYPE_SHIFT & ENTRY_TYPES;
}

bool pte_migrates(pte_t pte) {
    return !pte_present(pte) && type_of(pte) >= ENTRY_READ;
}

ppn_t migration_frame(pte_t entry) {
    return entry >> ENTRY_FRAME_SHIFT;
}

static bool names_frame(const struct os *os, ppn_t ppn) { /* an entry of Sv32 has 20 bits for it */
    return os->cfg.os_mode != MODE_SV32 || ppn >> (32 - ENTRY_FRAME_SHIFT) == 0;
}

static pte_t entry_of(const struct os *os, pte_t pte) {
    bool exclusive = frame_of(os, pte_ppn(pte))->exclusive;
    unsigned type = pte & PTE_W ? ENTRY_WRITE : exclusive ? ENTRY_READ_EXCLUSIVE : ENTRY_READ;
    return pte_ppn(pte) << ENTRY_FRAME_SHIFT | (pte_t)type << ENTRY_TYPE_SHIFT;
}

/* try_to_migrate_one */
void away_take(struct os *os, struct aways *a, struct away one) {
    struct frame *f = folio_of(os, pte_ppn(one.pte));
    if (one.pte & PTE_D) frame_dirty(f);
    a->at = grow(a->at, a->count, &a->room, sizeof *a->at);
    a->at[a->count++] = one;
    pte_set(os, one.slot, entry_of(os, one.pte));
    batch_add(os, one.vma->mm);
}

/* ---- One batch --------------------------------------------------------------------------- */
static bool take(void *os, struct vma *v, vaddr_t va, paddr_t slot, pte_t pte) {
    away_take(os, &((struct os *)os)->migration.away, (struct away){v, va, slot, pte});
    return true;
}

static void unmap(struct os *os, ppn_t from, ppn_t to) {
    struct migration *m = &os->migration;
    m->page = grow(m->page, m->pages, &m->room, sizeof *m->page);
    m->page[m->pages++] = (struct moving){from, to};
    if (frame_of(os, from)->kind != FRAME_OTHER) rmap_each(os, from, take, os);
}

/* The old frame has no reference from here on, and the new one all of them. */
static void move(struct os *os, ppn_t from, ppn_t to) {
    struct frame *old = frame_of(os, from), *f = frame_of(os, to);
    bool listed = old->lru != LRU_NONE;
    bool active = old->lru == LRU_ACTIVE_ANON || old->lru == LRU_ACTIVE_FILE;
    mem_copy_frame(os->mem, to, from);
    lru_del(os, from);
    *f = *old;
    if (f->kind == FRAME_CACHE) f->page->ppn = to;
    if (f->kind == FRAME_ANON && f->swap) swap_slot(os, f->swap)->cache = to;
    if (listed) lru_put(os, to, active);
    os->stats.migrated++;
}

/* Where the page went: the list is in order of unmapping. */
static ppn_t new_frame(const struct migration *m, ppn_t from) {
    size_t i = 0;
    while (m->page[i].from != from) i++;
    return m->page[i].to;
}

static void remap(struct os *os, const struct away *a) { /* remove_migration_pte */
    ppn_t to = new_frame(&os->migration, pte_ppn(a->pte));
    pte_t bits = a->pte & ~(pte_ppn(a->pte) << PTE_PPN_SHIFT);
    if (os->cfg.os_mode == MODE_SV32) bits &= ~(pte_t)(PTE_A | PTE_D);
    pte_set(os, a->slot, to << PTE_PPN_SHIFT | bits);
    update_mmu_cache(os, a->va);
}

void migrate_finish(struct os *os) {
    struct migration *m = &os->migration;
    for (size_t i = 0; i < m->pages; i++) {
        struct moving *p = &m->page[i];
        if (!p->to && frames_left(os)) p->to = frame_alloc(os, FRAME_ANON);
        if (!p->to) p->to = p->from; /* -ENOMEM: it stays where it is */
        if (p->to != p->from) move(os, p->from, p->to);
    }
    for (size_t i = 0; i < m->away.count; i++) remap(os, &m->away.at[i]);
    for (size_t i = 0; i < m->pages; i++)
        if (m->page[i].to != m->page[i].from) buddy_give(os, m->page[i].from, 0);
    m->pages = m->away.count = 0;
}

bool migrate_waits(const struct os *os, const struct mm *mm, vaddr_t va) {
    int level;
    if (!os->migration.pages || va >= os->task_size) return false;
    pte_t pte = pte_get(os, pt_slot(os, mm, va, &level));
    return !level && pte_migrates(pte);
}

void migrate_end(struct os *os) {
    migrate_finish(os);
    free(os->migration.page);
    free(os->migration.away.at);
}

/* ---- migrate ----------------------------------------------------------------------------- */
static void migrate_pte(void *arg, vaddr_t va, paddr_t slot, pte_t pte) {
    struct os *os = arg;
    (void)va;
    (void)slot;
    if (!pte_present(pte) || !pte_normal(pte)) return;
    const struct frame *f = frame_of(os, pte_ppn(pte));
    if (!f->folio && names_frame(os, pte_ppn(pte)) && !frame_vdso(f)) unmap(os, pte_ppn(pte), 0);
}

bool call_migrate(struct os *os, struct mm *mm, const struct os_call *c) {
    uint64_t length = c->arg[1];
    if (!range_ok(os, "migrate", c->arg[0], &length)) return false;
    pt_each(os, mm, c->arg[0], c->arg[0] + length, &(struct walk_ops){.pte = migrate_pte}, os);
    batch_flush(os, RULE_MIGRATE);
    return true;
}

/* ---- Compaction -------------------------------------------------------------------------- */
static bool movable(const struct os *os, const struct frame *f) { /* isolate_migratepages_block */
    if (!names_frame(os, os->frames.base + (ppn_t)(f - os->frames.frame))) return false;
    return f->kind == FRAME_OTHER || (f->kind == FRAME_CACHE && !frame_vdso(f)) ||
           (f->kind == FRAME_ANON && !f->folio);
}

/* Two scanners: what may move is looked for from the bottom of memory, free frames from the top of
 * what was ever used, until they meet. False: they have. */
static bool isolate(struct os *os, uint64_t *low, uint64_t *high) {
    const struct frame *frame = os->frames.frame;
    while (*low < *high && !movable(os, &frame[*low])) ++*low;
    while (*low < *high && frame[*high - 1].kind != FRAME_FREE) --*high;
    if (*low >= *high) return false;
    buddy_take_at(os, os->frames.base + --*high);
    unmap(os, os->frames.base + (*low)++, os->frames.base + *high);
    return true;
}

void compact(struct os *os) { /* compact_zone */
    uint64_t low = 0, high = os->frames.touched;
    buddy_drain(os);
    do {
        while (os->migration.pages < CLUSTER && isolate(os, &low, &high)) continue;
        batch_flush(os, RULE_MIGRATE);
        migrate_finish(os);
    } while (low < high);
    buddy_drain(os);
}
