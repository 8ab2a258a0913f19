/* SPDX-License-Identifier: Apache-2.0
 *
 * A TLB in flip-flops: sets x ways, every page size in every way. The L1 TLBs and the large-page
 * side of the L2 TLB are this unit. Mirror: rtl/mmu_tlb.sv
 */
#ifndef PW_TLB_H
#define PW_TLB_H
#include "repl.h"
#include "types.h"

struct tlb_entry {
    vpn_t vpn;     /* of the request that filled it; low bits of a superpage are not compared */
    pte_t pte;     /* leaf as memory held it, G or-ed along the walk */
    uint16_t ctx;  /* context number of its address space; not compared if global */
    uint8_t level; /* of the leaf */
    uint8_t low;   /* VPN bits that are not compared: leaf_low */
    bool valid;
};

struct tlb {
    struct repl_state repl;
    uint32_t sets, ways;
    uint32_t entries; /* byte offset from this struct */
};

/* What an sfence.vma covers, in the words of the tags. */
struct cover {
    bool active; /* a fence takes effect in this cycle */
    bool by_va, by_ctx;
    bool known; /* by_ctx: the ASID has a context number: else nothing in a TLB belongs to it */
    vpn_t vpn;
    uint16_t ctx;
};

size_t tlb_bytes(uint32_t sets, uint32_t ways);
void tlb_init(struct tlb *, uint32_t sets, uint32_t ways, struct repl_kind, void *memory);
/* The way that translates vpn, or -1. need_d: an entry with D=0 does not serve. Changes nothing. */
int tlb_lookup(const struct tlb *, vpn_t vpn, uint16_t ctx, bool need_d);
const struct tlb_entry *tlb_entry(const struct tlb *, vpn_t vpn, int way);
void tlb_touch(struct tlb *, vpn_t vpn, int way);
/* Fills; whatever in the set would answer for part of the same pages is dropped, so at most one way
 * ever hits. */
unsigned tlb_fill(struct tlb *, vpn_t vpn, uint16_t ctx, pte_t pte, uint8_t level, uint8_t low);
void tlb_invalidate(struct tlb *, const struct cover *);
void tlb_flash(struct tlb *);
uint32_t tlb_fold(const struct tlb *); /* digest of the valid bits and the replacement state */

/* [FEN-4, FEN-5] */
/* Does the fence cover a translation with this tag? [priv, SFENCE.VMA] */
static inline bool cover_tag(const struct cover *c, vpn_t vpn, uint8_t low, uint16_t ctx,
                             bool global) {
    if (c->by_ctx && (!c->known || global || ctx != c->ctx)) return false;
    return !c->by_va || !((vpn ^ c->vpn) >> low);
}

#endif
