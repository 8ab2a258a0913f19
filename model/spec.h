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

/* The PMP registers as they stand: entries are implemented from 0 on; addr holds bits 55:2. The PMA
 * table has the same form; PMA_MEM in cfg marks main memory, and no entry on means RAM
 * everywhere. */
struct spec_pmp {
    unsigned entries;
    uint8_t cfg[PMP_ENTRIES_MAX];
    uint64_t addr[PMP_ENTRIES_MAX];
};

struct spec_region {
    paddr_t lo, hi; /* both inside */
};

/* What never changes while a hart runs. */
struct spec_hart {
    bool rv32, svnapot, svpbmt;
    const struct spec_region *region; /* where memory is (PMA); none: wherever pa_bits reach, */
    unsigned regions;                 /* and tables wherever `read` finds them */
    /* The aligned word of 4 or 8 bytes at pa; false: no memory there. */
    bool (*read)(const void *memory, paddr_t pa, unsigned bytes, pte_t *out);
    /* Refuses the bus to write a PTE at pa, though PMA would have it? NULL: never. */
    bool (*rom)(const void *memory, paddr_t pa);
    const void *memory;
};
struct spec_hart spec_hart_over(const struct mem *); /* RV64 without Svnapot and Svpbmt */

/* A request and the CSR values of the cycle in which it was accepted. Of a cbo `va` is any byte of
 * its block, `bytes` the size of the block. */
struct spec_request {
    uint8_t access; /* enum access */
    uint8_t priv;   /* enum priv, effective */
    bool sum, mxr;
    uint64_t satp;
    bool adue;
    vaddr_t va;
    unsigned bytes;
    unsigned pa_bits;           /* physical address width; a wider PA is an access fault */
    bool pbmte;                 /* menvcfg.PBMTE; without Svpbmt it is nothing */
    const struct spec_pmp *pmp; /* NULL: no entry is implemented. Lives as long as the request */
    const struct spec_pmp *pma; /* the same; what stands beside `region` */
};

struct spec_answer {
    uint8_t cause; /* enum cause; 0: ok */
    paddr_t pa;
    int level;    /* of the leaf; -1 without translation or on a fault */
    uint8_t pbmt; /* enum pbmt */
    uint8_t row;  /* of the decision table: the one that decided, 0 to 15 */
    bool bus;     /* the fault is PMA's: bus_pa is no memory, or none of that kind */
    paddr_t bus_pa;
    bool writes; /* an A/D update is due, whatever the cause: */
    paddr_t write_pa;
    pte_t write_old, write_new;
    unsigned reads; /* PTE reads made */
    paddr_t read_pa[5];
    pte_t read_pte[5];
};

/* One walk over memory as it is now. Changes nothing: the caller performs the A/D write. */
void spec_walk_hart(const struct spec_hart *, const struct spec_request *, struct spec_answer *);
void spec_walk(const struct mem *, const struct spec_request *, struct spec_answer *);

/* ---- What may lawfully be answered while translations are cached ----------------------------- */
struct spec;
struct spec *spec_new(const struct mem *);
struct spec *spec_new_hart(const struct spec_hart *); /* copied; what it points to is not */
void spec_delete(struct spec *);

/* Time is the clock edge. Report in order of time; within an edge in the order of these
 * declarations. A request is answered within SPEC_LIFETIME cycles of its acceptance, or the run has
 * been called a hang long before: what only an older request could use is forgotten. ASIDs are as
 * the register holds them (asid.bits), MODE one of enums.def. Before the first report satp is Bare,
 * ADUE and PBMTE are 0 and no entry of PMP or PMA is implemented.
 *
 * A request sees any value that ADUE, PBMTE, PMP and PMA have had since the fence that orders them,
 * and those written before its answer: who wants them in program order lets the MMU run dry first.
 */
#define SPEC_LIFETIME (1u << 18)
void spec_pte_write(struct spec *, uint64_t cycle, paddr_t pa, pte_t old,
                    pte_t now); /* any change of an aligned 8-byte word that holds PTEs */
void spec_satp_write(struct spec *, uint64_t cycle,
                     uint64_t satp); /* from the first request that sees it */
void spec_adue_write(struct spec *, uint64_t cycle, bool adue);   /* menvcfg.ADUE */
void spec_pbmte_write(struct spec *, uint64_t cycle, bool pbmte); /* menvcfg.PBMTE */
/* The copy it returns is for the requests accepted from now on. It lives until SPEC_LIFETIME cycles
 * after the next such write. */
const struct spec_pmp *spec_pmp_write(struct spec *, uint64_t cycle, const struct spec_pmp *);
const struct spec_pmp *spec_pma_write(struct spec *, uint64_t cycle, const struct spec_pmp *);
void spec_fence_begin(struct spec *, uint64_t cycle, bool rs1, bool rs2, vaddr_t va,
                      uint16_t asid);               /* accepted */
void spec_fence_end(struct spec *, uint64_t cycle); /* done: the oldest fence begun and not ended */

/* Svinval [priv, Svinval]: sfence.w.inval, sinval.vma and sfence.inval.ir in this order do what an
 * sfence.vma does that begins with the first and ends with the last. */
void spec_w_inval(struct spec *, uint64_t cycle);
void spec_sinval(struct spec *, uint64_t cycle, bool rs1, bool rs2, vaddr_t va, uint16_t asid);
void spec_inval_ir_begin(struct spec *, uint64_t cycle); /* accepted; one at a time */
void spec_inval_ir_end(struct spec *, uint64_t cycle);   /* done */

/* Is this the answer to a request accepted at `accepted` and answered at `cycle` lawful? If not,
 * says in `why` what would be (one line). `ad_write` reports a compare-and-write that succeeded; it
 * is lawful only for an access that passed every check, D only for the oldest unfinished one. */
bool spec_judge(struct spec *, uint64_t accepted, uint64_t cycle, const struct spec_request *,
                uint8_t cause, paddr_t pa, char *why, size_t bytes);
/* The same for an answer that carries a memory type (enum pbmt). */
bool spec_judge_typed(struct spec *, uint64_t accepted, uint64_t cycle, const struct spec_request *,
                      uint8_t cause, paddr_t pa, uint8_t pbmt, char *why, size_t bytes);
/* An A/D write at table word pa, old -> now, on behalf of one of `count` unfinished requests;
 * `oldest` is the index of the oldest unfinished access among them, or -1. */
bool spec_judge_ad(struct spec *, uint64_t cycle, paddr_t pa, pte_t old, pte_t now,
                   const struct spec_request *unfinished, const uint64_t *accepted, unsigned count,
                   int oldest, char *why, size_t bytes);
uint64_t spec_judged(const struct spec *); /* answers judged so far */

/* Every answer, every A/D write that is lawful for a request accepted then, memory being as it is
 * now. Lists as many as there is room for and returns how many that is. */
struct spec_outcome {
    uint8_t cause, pbmt;
    paddr_t pa;
};
struct spec_update {
    paddr_t pa;
    pte_t old, now;
};
unsigned spec_lawful(struct spec *, uint64_t accepted, const struct spec_request *,
                     struct spec_outcome *, unsigned room);
unsigned spec_lawful_updates(struct spec *, uint64_t accepted, const struct spec_request *,
                             struct spec_update *, unsigned room);

/* Drop the history that no future request can lawfully use. Happens by itself as history grows. */
void spec_forget(struct spec *);
size_t spec_kept(const struct spec *); /* past values held now */

#endif
