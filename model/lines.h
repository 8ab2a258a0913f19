/* SPDX-License-Identifier: Apache-2.0
 *
 * The PTE-line buffer: 64-byte lines of level-0 PTEs as a walk read them, tagged by what they
 * translate. It is looked up beside the L2 compare, so that the pages beside a walked one cost no
 * read and no walker. Mirror: rtl/mmu_lines.sv
 *
 * Of each PTE a bit says whether it may answer: a legal leaf with V and A set when it was read. The
 * rest of the line is kept and never used: such a page is walked.
 */
#ifndef PW_LINES_H
#define PW_LINES_H
#include "perm.h"
#include "repl.h"
#include "tlb.h"

enum { LINE_BYTES = 64, LINE_PTES = 16 }; /* 8 PTEs a line, on RV32 16 */

struct line {
    vpn_t tag;       /* vpn >> low */
    uint16_t ctx;    /* context number of its address space; not compared if global */
    uint16_t usable; /* bit i: PTE i may answer */
    bool global;     /* a pointer on the way had G */
    bool valid;
    uint8_t span[LINE_PTES]; /* log2 of the block of neighbours alike that PTE i is in */
    pte_t pte[LINE_PTES];
};

struct lines {
    struct repl_state repl;
    uint32_t ways;     /* 0: absent */
    uint32_t low;      /* VPN bits that pick the PTE: 3, on RV32 4 */
    uint32_t coalesce; /* log2 of the largest block that one L1 entry may serve */
    uint32_t entries;  /* byte offset from this struct */
};

size_t lines_bytes(uint32_t ways);
void lines_init(struct lines *, uint32_t ways, uint32_t coalesce, bool rv32, void *memory);
int lines_lookup(const struct lines *, vpn_t vpn, uint16_t ctx); /* the way that holds it, or -1 */
/* May that way answer for this page? Then its PTE, G or-ed along the walk, and its block. */
bool lines_answer(const struct lines *, int way, vpn_t vpn, bool need_d, pte_t *pte, uint8_t *span);
/* log2 of the block around a page that translates alike, in a line as memory holds it. */
uint8_t lines_block(const struct lines *, const uint64_t data[8], vpn_t vpn, struct pte_rules);
/* data: the line as memory holds it. Whatever would answer for the same pages is dropped. */
unsigned lines_fill(struct lines *, vpn_t vpn, uint16_t ctx, const uint64_t data[8], bool global,
                    struct pte_rules rules);
void lines_drop(struct lines *, vpn_t vpn); /* the MMU itself has written one of its PTEs */
void lines_fence(struct lines *, const struct cover *);
void lines_flash(struct lines *);
uint32_t lines_fold(const struct lines *); /* digest: valid bits and replacement */
/* The PTE of a page in a line as memory holds it. */
pte_t lines_word(const uint64_t data[8], vpn_t vpn, bool rv32);

#endif
