/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinions 2 and 3 and the kernel-side check at the side of a replay. The core driver tells the
 * judge what passes the pins and what the program did; the judge asks the spec walker and the data
 * opinion. A function that returns false has put one sentence into `why`; the run then ends.
 */
#ifndef PW_JUDGE_H
#define PW_JUDGE_H
#include "config.h"
#include "data.h"
#include "mem.h"
#include "os/os.h"
#include "ports.h"
#include "registers.h"
#include "spec.h"
#include "stale.h"

enum { JUDGE_IDS = 32 };

struct judge {
    struct spec *spec;
    struct data *data;
    struct stale *stale; /* NULL: not asked for */
    struct os *os;
    const uint64_t *cycle; /* the driver's clock: page-table stores are stamped with it */
    struct mem *mem;
    struct registers csr;
    uint32_t live[2]; /* requests accepted and not answered, by port and id */
    struct spec_request request[2][JUDGE_IDS];
    uint64_t accepted[2][JUDGE_IDS];
    uint32_t *file; /* ids of the files declared so far */
    size_t files;
    uint64_t refused; /* accesses that the core refused, judged */
    bool bad;         /* the last answer was unlawful: its port and id */
    unsigned bad_port, bad_id;
    char why[512];
};

/* Watches the page tables in `mem` from now on. */
struct judge *judge_new(const struct config *, struct mem *, const uint64_t *cycle);
void judge_delete(struct judge *);
/* A word of a page table changes; `who` is the judge. For whoever watches memory in its place. */
void judge_pte_write(void *who, paddr_t, uint64_t old, uint64_t now);

/* The kernel-side check, from now on: nothing has been mapped yet. */
void judge_kernel_begin(struct judge *, const struct config *, struct os *);
/* Before the next access of the user's: does the kernel half leave what it must not? */
bool judge_kernel(struct judge *);

/* ---- Opinion 2: once a clock edge, after it ------------------------------------------------ */

/* A compare-and-write of the MMU that is about to succeed. Before judge_edge of the same cycle. */
bool judge_cas(struct judge *, const struct mmu_in *, const struct mmu_out *);
/* Requests accepted, answers given, requests killed. */
bool judge_edge(struct judge *, const struct mmu_in *, const struct mmu_out *);
void judge_csr(struct judge *, unsigned csr, uint64_t value); /* accepted */
void judge_fence(struct judge *, const struct os_op *);       /* accepted */
void judge_fence_done(struct judge *, const struct os_op *);
/* Answers judged: the MMU's by opinion 2, the core's own (misaligned) by opinion 3. */
uint64_t judge_answers(const struct judge *);

/* ---- Opinion 3: in program order ----------------------------------------------------------- */

bool judge_call(struct judge *, const struct os_call *);
bool judge_disk(struct judge *, const struct os *,
                const struct os_call *);                          /* after msync and fsync */
bool judge_vmas(struct judge *, const struct os *, uint32_t pid); /* are they the mappings? */
/* Must the access succeed (sig 0), or end so? */
bool judge_verdict(struct judge *, uint32_t pid, uint8_t access, vaddr_t, size_t bytes, uint8_t sig,
                   uint8_t code);
bool judge_load(struct judge *, uint32_t pid, vaddr_t, const uint8_t *got, size_t bytes);
bool judge_copied(struct judge *, const char *what, const uint8_t *got, size_t got_bytes,
                  const uint8_t *want, size_t want_bytes);

#endif
