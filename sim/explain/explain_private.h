/* SPDX-License-Identifier: Apache-2.0
 *
 * What the chapters of explain share while the run goes on.
 */
#ifndef PW_EXPLAIN_PRIVATE_H
#define PW_EXPLAIN_PRIVATE_H
#include "core.h"
#include "explain.h"

/* ---- explain.c */
bool explain_mine(const struct explain *, const struct entry *);
/* The place of the part in its access, if that is the one. */
bool explain_part(const struct explain *, const struct entry *, const struct part *,
                  unsigned *part);
void explain_l2_compare(struct core *);
void explain_l2_fill(struct core *);
struct explain_step *explain_room(struct explain_step **, size_t *steps, size_t *room);
struct explain_step *explain_add(struct core *, enum explain_kind, unsigned part);
struct spec_answer explain_spec(struct core *, const struct entry *, const struct part *);

/* ---- explain_tlb.c */
struct explain_filled {
    vaddr_t va;
    pte_t pte;
    uint64_t satp, cycle, record; /* record 0: nothing was filled there */
    uint8_t size;
};
struct explain_tlbs *explain_tlbs_new(const struct config *);
void explain_tlbs_delete(struct explain_tlbs *);
void explain_tlb_fill(struct explain *, unsigned unit, bool large, unsigned set, unsigned way,
                      struct explain_filled *);
/* Of a hit: the way that was filled with the page last. */
void explain_tlb_lookup(const struct explain *, unsigned unit, vaddr_t, bool hit,
                        struct explain_step *);
pte_t explain_tlb_pte(const struct explain *, unsigned unit, vaddr_t);
unsigned explain_l2_of(const struct config *, bool fetch);

/* ---- explain_kernel.c */
void explain_watch(struct core *);
void explain_vma(struct core *, const struct entry *, unsigned part);
/* False: nothing is mapped there. */
bool explain_page_at(const struct core *, uint32_t pid, vaddr_t, struct explain_page *,
                     struct os_smaps *);

/* ---- explain_chain.c */
void explain_behind(struct core *, const struct entry *);

#endif
