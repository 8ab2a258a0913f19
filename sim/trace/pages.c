/* SPDX-License-Identifier: Apache-2.0
 *
 * The set is an open hash table, never more than half full.
 */
#include "pages.h"
#include "error.h"
#include <stdlib.h>

static void grow(struct pages *p) {
    struct pages bigger = {.room = p->room ? 2 * p->room : 1024};
    bigger.slot = calloc(bigger.room, sizeof *bigger.slot);
    if (!bigger.slot) internal_error("out of memory");
    for (size_t i = 0; i < p->room; i++) {
        if (p->slot[i].pid) pages_put(&bigger, p->slot[i].pid, p->slot[i].vpn);
    }
    free(p->slot);
    *p = bigger;
}

static bool same(struct page a, struct page b) {
    return a.vpn == b.vpn && a.pid == b.pid;
}

bool pages_put(struct pages *p, uint32_t pid, vpn_t vpn) {
    struct page page = {vpn, pid};
    if (same(page, p->last)) return false;
    if (2 * p->count >= p->room) grow(p);
    size_t i =
        (size_t)((vpn + ((uint64_t)pid << 40)) * 0x9e3779b97f4a7c15ull >> 20) & (p->room - 1);
    while (p->slot[i].pid && !same(p->slot[i], page)) i = (i + 1) & (p->room - 1);
    bool fresh = !p->slot[i].pid;
    p->slot[i] = p->last = page;
    p->count += fresh;
    return fresh;
}

static int by_number(const void *a, const void *b) {
    const struct page *x = a, *y = b;
    if (x->pid != y->pid) return x->pid < y->pid ? -1 : 1;
    return (x->vpn > y->vpn) - (x->vpn < y->vpn);
}

void pages_sort(struct pages *p) {
    size_t n = 0;
    for (size_t i = 0; i < p->room; i++) {
        if (p->slot[i].pid) p->slot[n++] = p->slot[i];
    }
    if (n) qsort(p->slot, n, sizeof *p->slot, by_number);
}

void pages_free(struct pages *p) {
    free(p->slot);
}
