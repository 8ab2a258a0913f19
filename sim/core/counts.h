/* SPDX-License-Identifier: Apache-2.0
 *
 * The counts of a replay as a vector, in the order of counts.def: what a region or an interval has
 * counted is a difference of two of them.
 */
#ifndef PW_COUNTS_H
#define PW_COUNTS_H
#include <stddef.h>
#include <stdint.h>

enum {
    COUNTS = 0
#define COUNT(key, field) +1
#include "counts.def"
#undef COUNT
};

struct replay_result;
struct counts {
    uint64_t n[COUNTS];
};

const char *counts_key(size_t i);
void counts_read(struct counts *, const struct replay_result *);
void counts_write(const struct counts *, struct replay_result *);
struct counts counts_between(const struct counts *from, const struct counts *to);

#endif
