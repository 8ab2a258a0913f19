/* SPDX-License-Identifier: Apache-2.0
 *
 * Page-walk caches: one small fully associative array for the pointer PTEs of each level. A hit at
 * level k gives the table that holds the PTE of level k-1. Never a V=0 PTE, never a leaf. Mirror:
 * rtl/mmu_pwc.sv
 */
#ifndef PW_PWC_H
#define PW_PWC_H
#include "repl.h"
#include "tlb.h"

enum { PWC_LEVELS = 4 }; /* levels 1 to 4 */

struct pwc_entry {
    vpn_t tag; /* vpn >> low */
    ppn_t ppn; /* the table */
    uint16_t ctx;
    bool global; /* a pointer on the way had G: everything below is global */
    bool valid;
};

struct pwc {
    struct repl_state repl;
    uint32_t ways;
    uint32_t low;     /* VPN bits below the tag */
    uint32_t entries; /* byte offset from this struct */
};

size_t pwc_bytes(uint32_t ways);
void pwc_init(struct pwc *, uint32_t ways, uint32_t low, struct repl_kind, void *memory);
int pwc_lookup(const struct pwc *, vpn_t vpn, uint16_t ctx);
const struct pwc_entry *pwc_entry(const struct pwc *, int way);
unsigned pwc_fill(struct pwc *, vpn_t vpn, uint16_t ctx, ppn_t ppn, bool global);
void pwc_fence(struct pwc *, const struct cover *);
void pwc_flash(struct pwc *);
uint32_t pwc_fold(const struct pwc *); /* digest: valid bits and replacement */

#endif
