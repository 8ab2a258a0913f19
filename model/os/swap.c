/* SPDX-License-Identifier: Apache-2.0
 *
 * Swap: slots of one page each on a device that does its work at once, as zram does
 * (SWP_SYNCHRONOUS_IO), the entries that name them, and the swap cache between (mm/swapfile.c,
 * mm/swap_state.c).
 *
 * A swap entry is a PTE with V=0 [asm/pgtable.h]: bit 6 says that the page was anon-exclusive, bits
 * 7 to 11 are the device (0: there is one), bits 12 and up the slot. Bits 1 to 3 and 5 stay clear,
 * so it is neither a leaf nor PROT_NONE. A swapped page of a shmem object is named by the object
 * itself, under its index; its PTEs are empty.
 *
 * A page is in the swap cache while its bytes are in a frame and its slot is named too: it was read
 * in while another process's entry still names the slot. Whoever faults next finds it there
 * (minor). A dirty page in the swap cache goes back to the same slot.
 */
#include "kernel.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_SLOT_SHIFT = 12 };
#define ENTRY_EXCLUSIVE PTE_A /* _PAGE_SWP_EXCLUSIVE */

bool pte_swapped(pte_t pte) {
    return pte && !pte_present(pte) && !pte_migrates(pte);
}
pte_t swap_pte(uint32_t slot, bool exclusive) {
    return (pte_t)slot << ENTRY_SLOT_SHIFT | (exclusive ? ENTRY_EXCLUSIVE : 0);
}
uint32_t swap_pte_slot(pte_t pte) {
    return (uint32_t)(pte >> ENTRY_SLOT_SHIFT);
}
bool swap_pte_exclusive(pte_t pte) {
    return pte & ENTRY_EXCLUSIVE;
}

/* ---- Slots --------------------------------------------------------------------------- */
struct swap_slot *swap_slot(struct os *os, uint32_t slot) {
    assert(slot && slot < os->swap.touched);
    return &os->swap.slot[slot];
}

uint64_t swap_total(const struct os *os) { /* an entry of Sv32 has 20 bits for the slot */
    uint64_t most = os->cfg.os_mode == MODE_SV32 ? (1u << 20) - 1 : UINT32_MAX - 1;
    return os->cfg.os_swap < most ? os->cfg.os_swap : most;
}

/* The first free slot from the cursor on, round once. */
static uint32_t slot_find(struct swap *s, uint64_t total) {
    if (s->used >= total) return 0;
    for (uint64_t i = 0; i < total; i++) {
        uint32_t slot = (uint32_t)((s->cursor + i) % total) + 1;
        while (s->touched <= slot) {
            s->slot = grow(s->slot, s->touched, &s->room, sizeof *s->slot);
            s->slot[s->touched++] = (struct swap_slot){0};
        }
        if (!s->slot[slot].used) return slot;
    }
    return 0;
}

uint32_t swap_alloc(struct os *os) {
    struct swap *s = &os->swap;
    uint32_t slot = slot_find(s, swap_total(os));
    if (!slot) return 0;
    s->cursor = slot;
    s->used++;
    s->slot[slot] = (struct swap_slot){.used = true};
    return slot;
}

static void slot_free(struct os *os, uint32_t slot) {
    struct swap_slot *s = swap_slot(os, slot);
    if (s->count || s->cache) return;
    free(s->bytes);
    *s = (struct swap_slot){0};
    os->swap.used--;
}

void swap_get(struct os *os, uint32_t slot) {
    swap_slot(os, slot)->count++;
}

void swap_put(struct os *os, uint32_t slot) {
    struct swap_slot *s = swap_slot(os, slot);
    assert(s->count);
    s->count--;
    if (s->cache && frame_of(os, s->cache)->refs == 1)
        swap_cache_free(os, s->cache); /* __try_to_reclaim_swap */
    else
        slot_free(os, slot);
}

void swap_write(struct os *os, uint32_t slot, ppn_t ppn) {
    struct swap_slot *s = swap_slot(os, slot);
    if (os->watch.cleaned) os->watch.cleaned(os->watch.who, ppn);
    if (!s->bytes) s->bytes = malloc(PAGE_BYTES);
    if (!s->bytes) abort();
    mem_read(os->mem, ppn << PAGE_SHIFT, s->bytes, PAGE_BYTES);
    os->stats.swap_out++;
}

void swap_read(struct os *os, uint32_t slot, ppn_t ppn) {
    const struct swap_slot *s = swap_slot(os, slot);
    assert(s->bytes);
    mem_write(os->mem, ppn << PAGE_SHIFT, s->bytes, PAGE_BYTES);
}

/* ---- Swap cache ---------------------------------------------------------------------- */
void swap_cache_add(struct os *os, uint32_t slot, ppn_t ppn) {
    swap_slot(os, slot)->cache = ppn;
    frame_of(os, ppn)->swap = slot;
    frame_get(os, ppn);
}

void swap_cache_remove(struct os *os, ppn_t ppn) {
    struct frame *f = frame_of(os, ppn);
    uint32_t slot = f->swap;
    swap_slot(os, slot)->cache = 0;
    f->swap = 0;
    slot_free(os, slot);
    frame_put(os, ppn);
}

bool swap_cache_free(struct os *os, ppn_t ppn) {
    struct frame *f = frame_of(os, ppn);
    if (!f->swap || swap_slot(os, f->swap)->count) return false;
    f->dirty = true; /* the frame alone has the bytes from now on */
    swap_cache_remove(os, ppn);
    return true;
}

/* free_swap_cache: a page whose last PTE went has no use for a slot that nobody names. */
void frame_release(struct os *os, ppn_t ppn) {
    const struct frame *f = frame_of(os, ppn);
    if (f->kind == FRAME_ANON && f->swap && f->refs == 2) swap_cache_free(os, ppn);
    frame_put(os, ppn);
}

/* ---- Shmem --------------------------------------------------------------------------- */
/* shmem_writeout: the object's entry takes the page's place; the page itself is the caller's. */
void swap_out_shmem(struct os *os, struct object *o, struct page *p, uint32_t slot) {
    struct swapped *s = calloc(1, sizeof *s);
    if (!s) abort();
    s->index = p->index;
    s->slot = slot;
    swap_get(os, slot);
    swap_write(os, slot, p->ppn);
    HASH_ADD(hh, o->swapped, index, sizeof s->index, s);
}

static struct swapped *swapped_find(const struct object *o, uint64_t index) {
    struct swapped *s;
    HASH_FIND(hh, o->swapped, &index, sizeof index, s);
    return s;
}

uint32_t swap_find(const struct object *o, uint64_t index) {
    const struct swapped *s = swapped_find(o, index);
    return s ? s->slot : 0;
}

static void forget(struct os *os, struct object *o, struct swapped *s) {
    if (!s) return;
    HASH_DEL(o->swapped, s);
    swap_put(os, s->slot);
    free(s);
}

void swap_forget(struct os *os, struct object *o, uint64_t from, uint64_t to) {
    struct swapped *s, *next;
    if (to == from + 1) {
        forget(os, o, swapped_find(o, from));
        return;
    }
    HASH_ITER(hh, o->swapped, s, next) {
        if (s->index >= from && s->index < to) forget(os, o, s);
    }
}

void swap_end(struct os *os) {
    for (size_t i = 1; i < os->swap.touched; i++) free(os->swap.slot[i].bytes);
    free(os->swap.slot);
}
