/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of opinion 2: tables of past values and of fences, and the one question asked of them,
 * whether a fence covers the use of a value [priv 12.2.1, SFENCE.VMA]: rs1 = x0, rs2 = x0   every
 * access to any level, every address space rs1 = x0, rs2 = asid every level of that address space,
 * but no access to a global mapping rs1 = va, rs2 = x0   leaf entries of the page of va, every
 * address space rs1 = va, rs2 = asid leaf entries of the page of va in that address space, but not
 * of a global mapping An entry that is not valid ends the walk, so it counts as a leaf here:
 * "changes an invalid PTE to a valid leaf" asks for no more than the fence of a leaf.
 *
 * Fences end in the order in which they began. Recent ones are a list; those that ended more than
 * SPEC_LIFETIME ago bear on every request alike and are folded into a table by page and ASID, the
 * latest of each kind only.
 */
#include "spec_keep.h"
#include "enums.h"
#include <stdlib.h>

enum { VALUE_LIMIT = 1 << 16, FENCE_LIMIT = 1 << 14 }; /* what is kept before the first pruning */

static void *grown(void *block, size_t count, size_t bytes) {
    void *bigger = realloc(block, count * bytes);
    if (!bigger) abort(); /* the host has no memory left: nothing sensible can follow */
    return bigger;
}

static uint64_t hash(uint64_t x) {
    x *= 0x9e3779b97f4a7c15ull;
    return x ^ x >> 32;
}

struct spec *spec_new(const struct mem *mem) {
    struct spec *s = grown(NULL, 1, sizeof *s);
    *s = (struct spec){.mem = mem, .value_limit = VALUE_LIMIT, .fence_limit = FENCE_LIMIT};
    return s;
}

void spec_delete(struct spec *s) {
    if (!s) return;
    free(s->value);
    free(s->first);
    free(s->fence);
    free(s->settled);
    free(s->root);
    free(s);
}

/* ---- Past values of table words -------------------------------------------------------------- */
static uint32_t *bucket(const struct spec *s, paddr_t pa) {
    uint32_t mask = s->first_room - 1;
    uint32_t n = (uint32_t)hash(pa / PTE_BYTES) & mask;
    while (s->first[n] != KEEP_NONE && s->value[s->first[n]].pa != pa) n = (n + 1) & mask;
    return &s->first[n];
}

uint32_t keep_first(const struct spec *s, paddr_t pa) {
    return s->values ? *bucket(s, pa) : KEEP_NONE;
}

/* The pool is the truth; the buckets and lists follow from it. */
void keep_rehash(struct spec *s) {
    s->first_room = 64;
    while (s->first_room < 2 * s->value_room) s->first_room *= 2;
    s->first = grown(s->first, s->first_room, sizeof *s->first);
    for (uint32_t n = 0; n < s->first_room; n++) s->first[n] = KEEP_NONE;
    for (uint32_t v = 0; v < s->values; v++) {
        uint32_t *at = bucket(s, s->value[v].pa);
        s->value[v].next = *at;
        *at = v;
    }
}

static void value_add(struct spec *s, paddr_t pa, pte_t pte) {
    for (uint32_t v = keep_first(s, pa); v != KEEP_NONE; v = s->value[v].next)
        if (s->value[v].pte ==
            pte) { /* it stood once more: the later end allows all that the earlier did */
            s->value[v].until = s->now;
            return;
        }
    if (s->values == s->value_room) {
        s->value_room = s->value_room ? 2 * s->value_room : 256;
        s->value = grown(s->value, s->value_room, sizeof *s->value);
        keep_rehash(s);
    }
    uint32_t *at = bucket(s, pa);
    s->value[s->values] = (struct keep_value){.pa = pa, .pte = pte, .until = s->now, .next = *at};
    *at = s->values++;
    if (s->values >= s->value_limit) spec_forget(s);
}

void spec_pte_write(struct spec *s, uint64_t cycle, paddr_t pa, pte_t old, pte_t now) {
    s->now = cycle;
    if (old != now) value_add(s, pa, old);
}

/* ---- satp and menvcfg ------------------------------------------------------------------------ */
void spec_satp_write(struct spec *s, uint64_t cycle, uint64_t satp) {
    s->now = cycle;
    if (satp == s->satp) return;
    size_t found = s->roots;
    for (size_t n = 0; n < s->roots; n++) {
        if (s->root[n].until == KEEP_NEVER) s->root[n].until = cycle;
        if (s->root[n].satp == satp) found = n;
    }
    s->satp = satp;
    if (satp >> SATP_MODE_SHIFT == MODE_BARE) return; /* from and to Bare at once: no root */
    if (found == s->roots) {
        if (s->roots == s->root_room) {
            s->root_room = s->root_room ? 2 * s->root_room : 16;
            s->root = grown(s->root, s->root_room, sizeof *s->root);
        }
        s->root[s->roots++] = (struct keep_root){.satp = satp, .from = cycle};
    }
    s->root[found].until = KEEP_NEVER;
}

void spec_adue_write(struct spec *s, uint64_t cycle, bool adue) {
    s->now = cycle;
    if (adue == s->adue) return;
    s->adue_had[s->adue] = true;
    s->adue_until[s->adue] = cycle;
    s->adue = adue;
}

/* "sfence.vma with rs1 = x0 and rs2 = x0" after a change of ADUE [priv, menvcfg] */
bool keep_adue(const struct spec *s, uint64_t accepted, bool now, bool value) {
    static const struct keep_use any = {.global = true}; /* what only that fence covers */
    return value == now ||
           (s->adue_had[value] && !keep_covered(s, s->adue_until[value], accepted, &any));
}

/* ---- Fences ---------------------------------------------------------------------------------- */
void spec_fence_begin(struct spec *s, uint64_t cycle, bool rs1, bool rs2, vaddr_t va,
                      uint16_t asid) {
    s->now = cycle;
    if (s->fences >= s->fence_limit) spec_forget(s);
    if (s->fences == s->fence_room) {
        s->fence_room = s->fence_room ? 2 * s->fence_room : 64;
        s->fence = grown(s->fence, s->fence_room, sizeof *s->fence);
    }
    s->fence[s->fences++] = (struct keep_fence){
        .begin = cycle, .end = KEEP_NEVER, .va = va, .asid = asid, .rs1 = rs1, .rs2 = rs2};
}

void spec_fence_end(struct spec *s, uint64_t cycle) {
    s->now = cycle;
    if (s->fence_open < s->fences) s->fence[s->fence_open++].end = cycle;
}

static uint64_t page_at(vaddr_t va, unsigned level) {
    return va >> (PAGE_SHIFT + LEVEL_BITS * level);
}

static bool covers(const struct keep_fence *f, const struct keep_use *u) {
    if (f->rs1 && (!u->leaf || page_at(f->va, u->level) != page_at(u->va, u->level))) return false;
    return !f->rs2 || (f->asid == u->asid && !u->global);
}

bool keep_covered(const struct spec *s, uint64_t until, uint64_t accepted,
                  const struct keep_use *u) {
    if (until == KEEP_NEVER) return false;
    if (keep_settled_covers(s, until, u)) return true;
    size_t low = 0, high = s->fences; /* the first fence that began at `until` or later */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->fence[mid].begin < until)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < s->fences && s->fence[low].end <= accepted; low++)
        if (covers(&s->fence[low], u)) return true;
    return false;
}

/* ---- The settled past ------------------------------------------------------------------------ */

/* Never 0, which marks a free slot. */
static uint32_t kind_of(bool rs1, bool rs2, unsigned level, uint16_t asid) {
    return 1u << 31 | (uint32_t)rs1 << 30 | (uint32_t)rs2 << 29 | level << 16 | (rs2 ? asid : 0u);
}

static struct keep_settled *settled_at(const struct spec *s, uint64_t page, uint32_t kind) {
    uint32_t mask = s->settled_room - 1;
    uint32_t n = (uint32_t)hash(page * 0x10001 + kind) & mask;
    while (s->settled[n].kind && (s->settled[n].kind != kind || s->settled[n].page != page))
        n = (n + 1) & mask;
    return &s->settled[n];
}

/* A new table with what began at `from` or later. */
static void settled_rebuild(struct spec *s, uint32_t room, uint64_t from) {
    struct keep_settled *old = s->settled;
    uint32_t old_room = s->settled_room;
    s->settled = grown(NULL, room, sizeof *s->settled);
    s->settled_room = room;
    s->settleds = 0;
    for (uint32_t n = 0; n < room; n++) s->settled[n].kind = 0;
    for (uint32_t n = 0; n < old_room; n++)
        if (old[n].kind && old[n].begin >= from) {
            *settled_at(s, old[n].page, old[n].kind) = old[n];
            s->settleds++;
        }
    free(old);
}

void keep_settled_drop(struct spec *s, uint64_t before) {
    if (s->settled_room) settled_rebuild(s, s->settled_room, before);
}

static void settled_add(struct spec *s, uint64_t page, uint32_t kind, uint64_t begin) {
    if (4 * (s->settleds + 1) > 3 * s->settled_room)
        settled_rebuild(s, s->settled_room ? 2 * s->settled_room : 64, 0);
    struct keep_settled *at = settled_at(s, page, kind);
    s->settleds += at->kind == 0;
    *at = (struct keep_settled){page, kind, begin};
}

void keep_settle(struct spec *s, uint64_t horizon) {
    size_t n = 0;
    for (; n < s->fences && s->fence[n].end <= horizon; n++) {
        const struct keep_fence *f = &s->fence[n];
        if (!f->rs1 && !f->rs2) { /* covers all that the others cover */
            free(s->settled);
            s->settled = NULL;
            s->settleds = s->settled_room = 0;
        }
        for (unsigned level = 0; level < (f->rs1 ? SPEC_LEVELS : 1); level++)
            settled_add(s, f->rs1 ? page_at(f->va, level) : 0,
                        kind_of(f->rs1, f->rs2, level, f->asid), f->begin);
    }
    for (size_t k = n; k < s->fences; k++) s->fence[k - n] = s->fence[k];
    s->fences -= n;
    s->fence_open -= n;
}

static bool began_after(const struct spec *s, uint64_t page, uint32_t kind, uint64_t until) {
    const struct keep_settled *at = settled_at(s, page, kind);
    return at->kind && at->begin >= until;
}

bool keep_settled_covers(const struct spec *s, uint64_t until, const struct keep_use *u) {
    if (!s->settleds) return false;
    uint64_t page = page_at(u->va, u->level);
    if (began_after(s, 0, kind_of(false, false, 0, 0), until) ||
        (u->leaf && began_after(s, page, kind_of(true, false, u->level, 0), until)))
        return true;
    return !u->global &&
           (began_after(s, 0, kind_of(false, true, 0, u->asid), until) ||
            (u->leaf && began_after(s, page, kind_of(true, true, u->level, u->asid), until)));
}
