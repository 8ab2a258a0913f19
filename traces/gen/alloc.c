/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/alloc.pwt: a small text indexer whose life is allocation. It makes up words, interns them
 * in a chained hash table that rehashes (calloc) behind a sparse filter (calloc above the mmap
 * threshold), keeps the positions of each in a vector (realloc), drops the rare ones (free), and
 * builds a report in one buffer that outgrows every size class (realloc: the heap, then mmap, then
 * mremap). Arenas of its own come from mmap: given back in part (madvise), guarded (mprotect),
 * unmapped.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { WORDS = 1400, RARE = 1, ARENA = 1 << 20, ARENAS = 3, FILTER = 1 << 18 };

struct word {
    struct word *next;
    uint32_t hash, count, room;
    uint32_t *position;
    char text[];
};

static struct word **table;
static uint32_t buckets = 64, words;
static uint8_t *seen; /* a filter of hashes, mostly never touched */

static uint32_t random_next(void) {
    static uint32_t x = 2463534242u;
    x ^= x << 13;
    x ^= x >> 17;
    return x ^= x << 5;
}

static void *must(void *p) {
    if (!p) abort();
    return p;
}

/* Few words are common, most are rare. */
static size_t make_word(char *out) {
    uint32_t rank = random_next() % 1500, n = rank * (random_next() % 64) / 64;
    size_t length = 0;
    for (n += 26; n; n /= 26) out[length++] = (char)('a' + n % 26);
    if (rank % 3 == 0) out[length++] = (char)('0' + rank % 7);
    out[length] = 0;
    return length;
}

static uint32_t hash_of(const char *s) {
    uint32_t h = 2166136261u;
    while (*s) h = (h ^ (uint8_t)*s++) * 16777619u;
    return h;
}

static void rehash(void) {
    uint32_t more = buckets * 2;
    struct word **bigger = must(calloc(more, sizeof *bigger));
    for (uint32_t i = 0; i < buckets; i++)
        for (struct word *w = table[i], *next; w; w = next) {
            next = w->next;
            w->next = bigger[w->hash % more];
            bigger[w->hash % more] = w;
        }
    free(table);
    table = bigger;
    buckets = more;
}

static void add(const char *text, size_t length, uint32_t position) {
    uint32_t hash = hash_of(text);
    struct word *w = seen[hash % FILTER] ? table[hash % buckets] : NULL;
    while (w && (w->hash != hash || strcmp(w->text, text) != 0)) w = w->next;
    if (!w) {
        if (++words > buckets) rehash();
        seen[hash % FILTER] = 1;
        w = must(malloc(sizeof *w + length + 1));
        *w = (struct word){.next = table[hash % buckets], .hash = hash};
        memcpy(w->text, text, length + 1);
        table[hash % buckets] = w;
    }
    if (w->count == w->room)
        w->position = must(realloc(w->position, (w->room = w->room * 2 + 2) * sizeof(uint32_t)));
    w->position[w->count++] = position;
}

static uint32_t drop_rare(void) {
    uint32_t dropped = 0;
    for (uint32_t i = 0; i < buckets; i++)
        for (struct word **link = &table[i], *w; (w = *link);) {
            if (w->count > RARE) {
                link = &w->next;
                continue;
            }
            *link = w->next;
            free(w->position);
            free(w);
            dropped++;
        }
    words -= dropped;
    return dropped;
}

/* A line a word; the buffer grows by half each time: brk, then mmap, then mremap. */
static size_t report(void) {
    size_t room = 256, used = 0;
    char *out = must(malloc(room));
    for (uint32_t i = 0; i < buckets; i++)
        for (struct word *w = table[i]; w; w = w->next) {
            size_t need = strlen(w->text) + 24 + 240 * w->count;
            if (used + need > room) out = must(realloc(out, room = (room + need) * 3 / 2));
            memcpy(out + used, w->text, strlen(w->text));
            memset(out + used + strlen(w->text), '.', need - strlen(w->text));
            used += need;
        }
    out[0] ^= out[used - 1];
    free(out);
    return used;
}

static uint32_t arena(uint32_t round) {
    char *base = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t sum = 0;
    if (base == MAP_FAILED) abort();
    mprotect(base + ARENA - 4096, 4096, PROT_NONE);
    for (uint32_t i = 0; i < ARENA - 4096; i += 512) base[i + round] = (char)(i >> 9);
    madvise(base + ARENA / 4, ARENA / 2, MADV_DONTNEED);
    for (uint32_t i = 0; i < ARENA - 4096; i += 256) sum += (uint8_t)base[i + round];
    munmap(base + ARENA / 2, ARENA / 2);
    base[round] ^= (char)sum;
    munmap(base, ARENA / 2);
    return sum;
}

int main(void) {
    char text[64];
    uint32_t sum = 0, dropped = 0;
    size_t reported = 0;
    table = must(calloc(buckets, sizeof *table));
    seen = must(calloc(FILTER, 1));
    for (uint32_t i = 0; i < WORDS; i++) {
        size_t length = make_word(text);
        add(text, length, i);
        if (i % (WORDS / 4) == WORDS / 4 - 1) reported += report();
        if (i == WORDS / 2) dropped = drop_rare();
    }
    for (uint32_t i = 0; i < ARENAS; i++) sum += arena(i);
    for (uint32_t i = 0; i < buckets; i++)
        for (struct word *w = table[i], *next; w; w = next) {
            next = w->next;
            free(w->position);
            free(w);
        }
    free(table);
    free(seen);
    printf("%u words, %u dropped, %zu bytes reported, sum %u\n", words, dropped, reported, sum);
    return 0;
}
