/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/bfs.pwt: breadth-first search, level by level, in a random graph of four edges a vertex:
 * 64 MB of edges, 16 MB of parents, and the queue. A vertex that comes up reads its edges, one
 * line at a place nobody could foresee, and asks for each neighbour, at four more such places,
 * whether it has been seen.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { VERTICES = 4194304, DEGREE = 4 };

static void *room(size_t bytes) {
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
                0);
}

static void make(uint32_t (*edge)[DEGREE]) {
    uint64_t x = 88172645463325252ull;
    for (uint32_t v = 0; v < VERTICES; v++) {
        for (unsigned e = 0; e < DEGREE; e += 2) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            edge[v][e] = (uint32_t)x % VERTICES;
            edge[v][e + 1] = (uint32_t)(x >> 32) % VERTICES;
        }
    }
}

int main(void) {
    uint32_t(*edge)[DEGREE] = room(VERTICES * sizeof *edge);
    uint32_t *parent = room(VERTICES * sizeof *parent), *queue = room(VERTICES * sizeof *queue);
    uint32_t head = 0, tail = 1;
    if (edge == MAP_FAILED || parent == MAP_FAILED || queue == MAP_FAILED) return 1;
    make(edge);
    queue[0] = 1;
    parent[1] = 1;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (unsigned e = 0; e < DEGREE; e++) {
            uint32_t w = edge[v][e];
            if (parent[w]) continue;
            parent[w] = v;
            queue[tail++] = w;
        }
    }
    printf("%u of %u vertices reached\n", tail, VERTICES);
    return 0;
}
