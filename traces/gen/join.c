/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/join.pwt: a hash join. The smaller relation has been read into a hash table of 80 MB; the
 * larger one is scanned, and each of its tuples looks its key up. Half of the keys are there. The
 * table is open-addressed, so a probe is one random line, now and then two; the scan goes on at
 * eight tuples a line. What the table weighs in pages is what the TLB sees of it.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { SLOTS = 5242880, BUILD = 3145728, SCAN = 262144 };

struct slot {
    uint64_t key, row;
};

struct tuple {
    uint32_t key, amount;
};

static void *room(size_t bytes) {
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
                0);
}

static uint64_t mix(uint64_t x) {
    x *= 0x9e3779b97f4a7c15ull;
    return x ^ x >> 29;
}

/* Multiply and shift, for a table of any size. */
static uint64_t home(uint64_t key) {
    return (mix(key) >> 32) * SLOTS >> 32;
}

static void build(struct slot *table) {
    for (uint64_t row = 1; row <= BUILD; row++) {
        uint64_t at = home(row);
        while (table[at].row) at = at + 1 < SLOTS ? at + 1 : 0;
        table[at] = (struct slot){row, row};
    }
}

static void fill(struct tuple *scan) {
    for (uint32_t i = 0; i < SCAN; i++)
        scan[i] = (struct tuple){(uint32_t)(mix(i ^ 0x5bd1e995u) % (2ull * BUILD)) + 1, i & 1023};
}

static const struct slot *probe(const struct slot *table, uint64_t key) {
    uint64_t at = home(key);
    while (table[at].row && table[at].key != key) at = at + 1 < SLOTS ? at + 1 : 0;
    return table[at].row ? &table[at] : NULL;
}

int main(void) {
    struct slot *table = room(SLOTS * sizeof *table);
    struct tuple *scan = room(SCAN * sizeof *scan);
    uint64_t found = 0, sum = 0;
    if (table == MAP_FAILED || scan == MAP_FAILED) return 1;
    build(table);
    fill(scan);
    for (uint32_t i = 0; i < SCAN; i++) {
        const struct slot *s = probe(table, scan[i].key);
        found += s != NULL;
        sum += s ? s->row * scan[i].amount : 0;
    }
    printf("%llu of %d tuples joined, sum %llu\n", (unsigned long long)found, SCAN,
           (unsigned long long)sum);
    return 0;
}
