/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory hierarchy of mem.model = hierarchy: L1 data cache, L2, last-level cache, DRAM. It has
 * no bytes, only time: which level has a line, and when. The program's data accesses enter at L1,
 * the page-table reads of the MMU at mem.pte_enters, and both fill what they pass, so each finds
 * the other's lines.
 *
 * A lookup of a level takes its latency; a miss adds the next level's. A working set that fits
 * into the L2 and not the L1 is read in mem.l1d_latency + mem.l2_latency cycles, each line.
 */
#ifndef PW_HIERARCHY_H
#define PW_HIERARCHY_H
#include "config.h"
#include "types.h"
#include <stddef.h>

enum { HIERARCHY_LINE = 64 };
enum hierarchy_user { HIERARCHY_DATA, HIERARCHY_PTE, HIERARCHY_USERS };

struct hierarchy_use {
    uint64_t found[MEMLEVEL_COUNT]; /* lines, by the level that had them */
    uint64_t in_flight;             /* those among them that were still on their way there */
    uint64_t cycles;                /* from each access to its line, added up */
};

struct hierarchy_stats {
    struct hierarchy_use use[HIERARCHY_USERS];
    uint64_t row_hits, row_misses;
};

struct hierarchy;
struct hierarchy *hierarchy_new(const struct config *); /* all empty */
void hierarchy_delete(struct hierarchy *);

/* Bytes pa.. are wanted from this cycle on; returns the cycle in which the last line of them is
 * there, a later one. Calls come in the order of time. */
uint64_t hierarchy_access(struct hierarchy *, enum hierarchy_user, paddr_t pa, size_t bytes,
                          uint64_t cycle);
const struct hierarchy_stats *hierarchy_get_stats(const struct hierarchy *);

#endif
