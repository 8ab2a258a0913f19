/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/btree.pwt: an index as databases keep it, a B+tree of 4 KiB nodes: 18,000 leaves below 71
 * inner nodes below a root. A lookup searches three nodes by halves and reads the entry. Two of
 * three lookups go to one fifth of the keys; every sixteenth reads on through a hundred entries.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { LEAVES = 18000, FANOUT = 256, INNER = (LEAVES + FANOUT - 1) / FANOUT, ENTRIES = 250 };
enum { LOOKUPS = 40000, SCAN = 100 };

struct leaf {
    uint64_t count, next;
    uint64_t key[ENTRIES], value[ENTRIES];
    uint64_t spare[10];
};

struct inner {
    uint64_t count;
    uint64_t key[FANOUT]; /* the least below child n */
    uint32_t child[FANOUT];
    uint64_t spare[127];
};

_Static_assert(sizeof(struct leaf) == 4096 && sizeof(struct inner) == 4096, "a node is a page");

static struct leaf *leaf;
static struct inner *inner, *root;

static uint64_t random_next(void) {
    static uint64_t x = 88172645463325252ull;
    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

static void *room(size_t bytes) {
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
                0);
}

/* Leaves lie in memory in no order: the tree has grown by splits. 7919 is prime. */
static uint32_t place(uint32_t n) {
    return (uint32_t)((uint64_t)n * 7919 % LEAVES);
}

static void build(void) {
    for (uint32_t n = 0; n < LEAVES; n++) {
        struct leaf *l = &leaf[place(n)];
        struct inner *i = &inner[n / FANOUT];
        l->count = ENTRIES;
        l->next = place(n + 1);
        for (uint32_t k = 0; k < ENTRIES; k++)
            l->key[k] = 2ull * (n * ENTRIES + k), l->value[k] = n + k;
        i->key[i->count] = l->key[0];
        i->child[i->count++] = place(n);
    }
    for (uint32_t n = 0; n < INNER; n++) {
        root->key[n] = inner[n].key[0];
        root->child[n] = n;
    }
    root->count = INNER;
}

/* The last of `key` that is not greater. */
static uint64_t search(const uint64_t *key, uint64_t count, uint64_t wanted) {
    uint64_t low = 0;
    while (count > 1) {
        uint64_t half = count / 2;
        if (key[low + half] <= wanted) low += half;
        count -= half;
    }
    return low;
}

static uint64_t some_key(void) {
    uint64_t keys = 2ull * LEAVES * ENTRIES, hot = random_next() % 3 ? keys / 5 : keys;
    return (random_next() >> 32) * hot >> 32;
}

static uint64_t lookup(uint64_t key, uint32_t entries) {
    const struct inner *i = &inner[root->child[search(root->key, root->count, key)]];
    const struct leaf *l = &leaf[i->child[search(i->key, i->count, key)]];
    uint64_t at = search(l->key, l->count, key), sum = 0;
    for (; entries--; at++) {
        if (at == l->count) l = &leaf[l->next], at = 0;
        sum += l->value[at];
    }
    return sum;
}

int main(void) {
    uint64_t sum = 0;
    leaf = room(LEAVES * sizeof *leaf);
    inner = room((INNER + 1) * sizeof *inner);
    root = inner + INNER;
    if (leaf == MAP_FAILED || inner == MAP_FAILED) return 1;
    build();
    for (uint32_t n = 0; n < LOOKUPS; n++) sum += lookup(some_key(), n % 16 ? 1 : SCAN);
    printf("%d lookups, sum %llu\n", LOOKUPS, (unsigned long long)sum);
    return 0;
}
