/* SPDX-License-Identifier: Apache-2.0
 *
 * Context numbers: a short number that stands for an ASID in every tag. A fence of one address
 * space does not search the arrays: the ASID gets a fresh number, and what carries the old one
 * never matches again. Mirror: rtl/mmu_ctx.sv
 *
 * Numbers are handed out once, in order. When they run out (wrap), every translation is dropped and
 * counting starts anew: always right, rare, and tested with 2 bits. An ASID pushed out of the table
 * only loses its cached pages.
 */
#ifndef PW_CTX_H
#define PW_CTX_H
#include "types.h"

enum { CTX_ENTRIES_MAX = 16 };

struct ctx {
    bool valid[CTX_ENTRIES_MAX];
    uint16_t asid[CTX_ENTRIES_MAX], number[CTX_ENTRIES_MAX];
    uint8_t entries, fifo; /* fifo: next entry to give up */
    uint32_t next, limit;  /* next number to hand out; limit = 1 << ctx.bits */
    uint16_t current;      /* number of satp's ASID */
};

void ctx_init(struct ctx *, uint32_t entries, uint32_t bits);
int ctx_find(const struct ctx *, uint16_t asid); /* entry of an ASID, or -1 */
bool ctx_switch(struct ctx *,
                uint16_t asid); /* satp written; true: numbers wrapped, drop everything */
bool ctx_fence(struct ctx *, uint16_t asid,
               uint16_t current_asid); /* the same; fence of an ASID without address */
uint32_t ctx_fold(const struct ctx *); /* digest of all that it holds */

#endif
