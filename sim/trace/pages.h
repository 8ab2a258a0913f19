/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of pages, each of a process: what a trace touches. Memory grows with the pages, not with
 * the accesses.
 */
#ifndef PW_PAGES_H
#define PW_PAGES_H
#include "types.h"
#include <stddef.h>

struct page {
    vpn_t vpn;
    uint32_t pid; /* 1 and up; 0: a free slot */
};

struct pages {
    struct page *slot, last; /* last: the one put last; most accesses stay on a page */
    size_t room, count;
};

bool pages_put(struct pages *, uint32_t pid,
               vpn_t); /* true if it was not there; a zeroed struct is the empty set */
void pages_sort(
    struct pages *); /* by pid and vpn, at the front of `slot`; it takes no more pages then */
void pages_free(struct pages *);

#endif
