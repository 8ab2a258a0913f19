/* SPDX-License-Identifier: Apache-2.0
 *
 * Next-page prefetch into the L2 TLB: pages that come to L1 one behind the other are a stream; its
 * next page is predicted, and fetched into L2 by a slot of its own while predictions hold good.
 * Mirror: rtl/mmu_prefetch.sv
 *
 * Accuracy filter: a prediction costs the score one, one that comes true earns it two, whether it
 * was fetched or not; below PREFETCH_ENOUGH nothing is fetched. So more than half of them must come
 * true, and a program that becomes regular again is seen without a wrong read. A page is predicted
 * only for a stream that has come true once, and never beyond its half of the address space.
 */
#ifndef PW_PREFETCH_H
#define PW_PREFETCH_H
#include "types.h"
#include <stdbool.h>

enum { STREAMS_MAX = 16, PREFETCH_BEGIN = 8, PREFETCH_ENOUGH = 4, PREFETCH_SCORE_MAX = 15 };

struct stream {
    vpn_t page; /* that it expects */
    bool valid, fetch;
    bool predicted, ahead; /* the page was predicted; and fetched */
};

struct prefetch {
    uint8_t streams; /* 0: absent */
    uint8_t score, turn;
    bool came, fetch; /* an answer of the last cycle brought a page to L1: not yet looked at */
    vpn_t first, next;
    struct stream stream[STREAMS_MAX];
};

void prefetch_init(struct prefetch *, uint32_t streams);
/* The page that an answer of this cycle brings to L1; of two the data side's, which comes last. */
void prefetch_see(struct prefetch *, bool fetch, vpn_t vpn, uint8_t low);
/* What came in the last cycle. True: `next` shall be fetched. can: there is a slot for it, and no
 * fence. used: the page that came had been fetched ahead. */
bool prefetch_look(struct prefetch *, unsigned top, bool rv32, bool can, bool *used);
void prefetch_forget(struct prefetch *); /* a satp write: streams are of one address space */
uint32_t prefetch_fold(const struct prefetch *); /* digest of streams and score */

#endif
