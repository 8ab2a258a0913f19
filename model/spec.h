/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 2: what the privileged specification allows as the answer to a request.
 *
 * spec_walk is a literal transcription of "Virtual Address Translation Process": no caches, no
 * time. struct spec adds what an implementation may have cached: every value a PTE has had since
 * the last fence that orders it. It shares no code with the model's walker and never sees the MMU's
 * outputs but the answers it judges.
 */
#ifndef PW_SPEC_H
#define PW_SPEC_H
#include "mem.h"
#include "types.h"
#include <stddef.h>

/* A request and the CSR values of the cycle in which it was accepted. */
struct spec_request {
    uint8_t access; /* enum access */
    uint8_t priv;   /* enum priv, effective */
    bool sum, mxr;
    uint64_t satp;
    bool adue;
    vaddr_t va;
    unsigned bytes;
    unsigned pa_bits; /* physical address width; a wider PA is an access fault */
};

struct spec_answer {
    uint8_t cause; /* enum cause; 0: ok */
    paddr_t pa;
    int level;   /* of the leaf; -1 without translation or on a fault */
    bool writes; /* an A/D update is due: */
    paddr_t write_pa;
    pte_t write_old, write_new;
    unsigned reads; /* PTE reads made */
    paddr_t read_pa[5];
    pte_t read_pte[5];
};

/* One walk over memory as it is now. Changes nothing: the caller performs the A/D write. */
void spec_walk(const struct mem *, const struct spec_request *, struct spec_answer *);

/* ---- What may lawfully be answered while translations are cached
 * ------------------------------------------- */
struct spec;
struct spec *spec_new(const struct mem *);
void spec_delete(struct spec *);

/* Time is the clock edge. Report in order of time; within an edge in the order of these
 * declarations. A request is answered within SPEC_LIFETIME cycles of its acceptance, or the run has
 * been called a hang long before: what only an older request could use is forgotten. ASIDs are as
 * the register holds them (asid.bits), MODE one of enums.def. Before the first report satp is Bare,
 * ADUE 0. */
#define SPEC_LIFETIME (1u << 18)
void spec_pte_write(struct spec *, uint64_t cycle, paddr_t pa, pte_t old,
                    pte_t now); /* any change of a table word */
void spec_satp_write(struct spec *, uint64_t cycle,
                     uint64_t satp); /* from the first request that sees it */
void spec_adue_write(struct spec *, uint64_t cycle, bool adue); /* menvcfg.ADUE */
void spec_fence_begin(struct spec *, uint64_t cycle, bool rs1, bool rs2, vaddr_t va,
                      uint16_t asid);               /* accepted */
void spec_fence_end(struct spec *, uint64_t cycle); /* done: the oldest fence begun and not ended */

/* Is this the answer to a request accepted at `accepted` and answered at `cycle` lawful? If not,
 * says in `why` what would be (one line). `ad_write` reports a compare-and-write that succeeded; it
 * is lawful only for an access that passed every check, D only for the oldest unfinished one. */
bool spec_judge(struct spec *, uint64_t accepted, uint64_t cycle, const struct spec_request *,
                uint8_t cause, paddr_t pa, char *why, size_t bytes);
/* An A/D write at table word pa, old -> now, on behalf of one of `count` unfinished requests;
 * `oldest` is the index of the oldest unfinished access among them, or -1. */
bool spec_judge_ad(struct spec *, uint64_t cycle, paddr_t pa, pte_t old, pte_t now,
                   const struct spec_request *unfinished, const uint64_t *accepted, unsigned count,
                   int oldest, char *why, size_t bytes);
uint64_t spec_judged(const struct spec *); /* answers judged so far */

/* Drop the history that no future request can lawfully use. Happens by itself as history grows. */
void spec_forget(struct spec *);
size_t spec_kept(const struct spec *); /* past values held now */

#endif
