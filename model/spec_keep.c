/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory of opinion 2: tables of past values and of fences, and the one question asked of them,
 * whether a fence covers the use of a value [priv 12.2.1, SFENCE.VMA]:
 *   x0, x0      every access to any level, every address space
 *   x0, asid    every level of that address space, but no access to a global mapping
 *   va, x0      leaf entries of the page of va, every address space
 *   va, asid    leaf entries of the page of va there, but not of a global mapping
 * The page of va is as large as the leaf, and any page of a NAPOT range names it [priv, Svnapot].
 * An entry that is not valid ends the walk, so it counts as a leaf here: "changes an invalid PTE to
 * a valid leaf" asks for no more than the fence of a leaf.
 *
 * Fences end in the order in which they began. Recent ones are a list; those that ended more than
 * SPEC_LIFETIME ago bear on every request alike and are folded into a table by page and ASID, the
 * latest of each kind only.
 */
#include "spec_keep.h"
#include "enums.h"
#include <stdlib.h>

enum { VALUE_LIMIT = 1 << 16, FENCE_LIMIT = 1 << 14 }; /* what is kept before the first pruning */

void *keep_grown(void *block, size_t count, size_t bytes) {
    void *bigger = realloc(block, count * bytes);
    if (!bigger) abort(); /* the host has no memory left: nothing sensible can follow */
    return bigger;
}

static uint64_t hash(uint64_t x) {
    x *= 0x9e3779b97f4a7c15ull;
    return x ^ x >> 32;
}

struct spec *spec_new_hart(const struct spec_hart *hart) {
    struct spec *s = keep_grown(NULL, 1, sizeof *s);
    *s = (struct spec){.hart = *hart,
                       .value_limit = VALUE_LIMIT,
                       .fence_limit = FENCE_LIMIT,
                       .w_inval = KEEP_NEVER};
    return s;
}

struct spec *spec_new(const struct mem *mem) {
    struct spec_hart hart = spec_hart_over(mem);
    return spec_new_hart(&hart);
}

void spec_delete(struct spec *s) {
    if (!s) return;
    free(s->value);
    free(s->first);
    free(s->vma.fence);
    free(s->inval.fence);
    free(s->settled);
    free(s->root);
    keep_delete_csrs(s);
    free(s);
}

pte_t keep_word(const struct spec *s, paddr_t pa, unsigned bytes) {
    pte_t word;
    return s->hart.read(s->hart.memory, pa, bytes, &word) ? word : 0;
}

/* ---- Past values of table words -------------------------------------------------------------- */
static uint32_t *bucket(const struct spec *s, paddr_t pa) {
    uint32_t mask = s->first_room - 1;
    uint32_t n = (uint32_t)hash(pa / SV32_PTE_BYTES) & mask;
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
    s->first = keep_grown(s->first, s->first_room, sizeof *s->first);
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
        s->value = keep_grown(s->value, s->value_room, sizeof *s->value);
        keep_rehash(s);
    }
    uint32_t *at = bucket(s, pa);
    s->value[s->values] = (struct keep_value){.pa = pa, .pte = pte, .until = s->now, .next = *at};
    *at = s->values++;
    if (s->values >= s->value_limit) spec_forget(s);
}

void spec_pte_write(struct spec *s, uint64_t cycle, paddr_t pa, pte_t old, pte_t now) {
    s->now = cycle;
    if (!s->hart.rv32) {
        if (old != now) value_add(s, pa, old);
        return;
    }
    for (unsigned half = 0; half < 2; half++) /* two entries in a word of Sv32 */
        if ((uint32_t)(old >> 32 * half) != (uint32_t)(now >> 32 * half))
            value_add(s, pa + SV32_PTE_BYTES * half, (uint32_t)(old >> 32 * half));
}

/* ---- Fences ---------------------------------------------------------------------------------- */
static void fence_add(struct spec *s, struct keep_fences *list, struct keep_fence fence) {
    if (list->count >= s->fence_limit) spec_forget(s);
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->fence = keep_grown(list->fence, list->room, sizeof *list->fence);
    }
    list->fence[list->count++] = fence;
}

void spec_fence_begin(struct spec *s, uint64_t cycle, bool rs1, bool rs2, vaddr_t va,
                      uint16_t asid) {
    s->now = cycle;
    fence_add(s, &s->vma, (struct keep_fence){cycle, KEEP_NEVER, va, asid, rs1, rs2});
}

void spec_fence_end(struct spec *s, uint64_t cycle) {
    s->now = cycle;
    if (s->vma.open < s->vma.count) s->vma.fence[s->vma.open++].end = cycle;
}

void spec_w_inval(struct spec *s, uint64_t cycle) {
    s->now = s->w_inval = cycle;
}

/* Without a w.inval before it, it orders nothing. */
void spec_sinval(struct spec *s, uint64_t cycle, bool rs1, bool rs2, vaddr_t va, uint16_t asid) {
    s->now = cycle;
    if (s->w_inval != KEEP_NEVER)
        fence_add(s, &s->inval, (struct keep_fence){s->w_inval, KEEP_NEVER, va, asid, rs1, rs2});
}

void spec_inval_ir_begin(struct spec *s, uint64_t cycle) {
    s->now = cycle;
    s->inval_ir = s->inval.count;
}

void spec_inval_ir_end(struct spec *s, uint64_t cycle) {
    s->now = cycle;
    while (s->inval.open < s->inval_ir) s->inval.fence[s->inval.open++].end = cycle;
}

static bool covers(const struct keep_fence *f, const struct keep_use *u) {
    if (f->rs1 && (!u->leaf || f->va >> u->shift != u->va >> u->shift)) return false;
    return !f->rs2 || (f->asid == u->asid && !u->global);
}

static bool list_covers(const struct keep_fences *list, uint64_t until, uint64_t accepted,
                        const struct keep_use *u) {
    size_t low = 0, high = list->count; /* the first fence that began at `until` or later */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (list->fence[mid].begin < until)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < list->count && list->fence[low].end <= accepted; low++)
        if (covers(&list->fence[low], u)) return true;
    return false;
}

bool keep_covered(const struct spec *s, uint64_t until, uint64_t accepted,
                  const struct keep_use *u) {
    if (until == KEEP_NEVER) return false;
    return keep_settled_covers(s, until, u) || list_covers(&s->vma, until, accepted, u) ||
           list_covers(&s->inval, until, accepted, u);
}

/* ---- The settled past ------------------------------------------------------------------------ */

/* The sizes of leaves, as shifts: a fence by address is folded in once for each. */
static const uint8_t shifts64[] = {12, NAPOT_SHIFT, 21, 30, 39, 48}, shifts32[] = {12, 22};

/* Never 0, which marks a free slot. */
static uint32_t kind_of(bool rs1, bool rs2, unsigned shift, uint16_t asid) {
    return 1u << 31 | (uint32_t)rs1 << 30 | (uint32_t)rs2 << 29 | shift << 16 | (rs2 ? asid : 0u);
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
    s->settled = keep_grown(NULL, room, sizeof *s->settled);
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
    if (at->kind && at->begin > begin) return;
    s->settleds += at->kind == 0;
    *at = (struct keep_settled){page, kind, begin};
}

static void settle_fence(struct spec *s, const struct keep_fence *f) {
    if (!f->rs1) {
        if (!f->rs2 && s->settled_room) /* covers all that older ones cover */
            settled_rebuild(s, s->settled_room, f->begin);
        settled_add(s, 0, kind_of(false, f->rs2, 0, f->asid), f->begin);
        return;
    }
    const uint8_t *shift = s->hart.rv32 ? shifts32 : shifts64;
    size_t shifts = s->hart.rv32 ? sizeof shifts32 : sizeof shifts64;
    for (size_t n = 0; n < shifts; n++)
        settled_add(s, f->va >> shift[n], kind_of(true, f->rs2, shift[n], f->asid), f->begin);
}

static void settle_list(struct spec *s, struct keep_fences *list, uint64_t horizon) {
    size_t n = 0;
    while (n < list->count && list->fence[n].end <= horizon) settle_fence(s, &list->fence[n++]);
    for (size_t k = n; k < list->count; k++) list->fence[k - n] = list->fence[k];
    list->count -= n;
    list->open -= n;
    if (list == &s->inval) s->inval_ir = s->inval_ir > n ? s->inval_ir - n : 0;
}

void keep_settle(struct spec *s, uint64_t horizon) {
    settle_list(s, &s->vma, horizon);
    settle_list(s, &s->inval, horizon);
}

static bool began_after(const struct spec *s, uint64_t page, uint32_t kind, uint64_t until) {
    const struct keep_settled *at = settled_at(s, page, kind);
    return at->kind && at->begin >= until;
}

bool keep_settled_covers(const struct spec *s, uint64_t until, const struct keep_use *u) {
    if (!s->settleds) return false;
    uint64_t page = u->va >> u->shift;
    if (began_after(s, 0, kind_of(false, false, 0, 0), until) ||
        (u->leaf && began_after(s, page, kind_of(true, false, u->shift, 0), until)))
        return true;
    return !u->global &&
           (began_after(s, 0, kind_of(false, true, 0, u->asid), until) ||
            (u->leaf && began_after(s, page, kind_of(true, true, u->shift, u->asid), until)));
}
