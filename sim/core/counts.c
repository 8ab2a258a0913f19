/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of counts.def as tables: the name of each count, and where it stands in a result.
 */
#include "counts.h"
#include "replay.h"

static const struct {
    const char *key;
    size_t offset;
} counts[COUNTS] = {
#define COUNT(key, field) {key, offsetof(struct replay_result, field)},
#include "counts.def"
#undef COUNT
};

const char *counts_key(size_t i) {
    return counts[i].key;
}

void counts_read(struct counts *c, const struct replay_result *r) {
    for (size_t i = 0; i < COUNTS; i++)
        c->n[i] = *(const uint64_t *)((const char *)r + counts[i].offset);
}

void counts_write(const struct counts *c, struct replay_result *r) {
    for (size_t i = 0; i < COUNTS; i++) *(uint64_t *)((char *)r + counts[i].offset) = c->n[i];
}

struct counts counts_between(const struct counts *from, const struct counts *to) {
    struct counts d;
    for (size_t i = 0; i < COUNTS; i++) d.n[i] = to->n[i] - from->n[i];
    return d;
}
