/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/snapshot.pwt: a key-value store that saves itself as redis does. The parent serves writes;
 * for a snapshot it forks, and the child walks the whole store as it was at that moment, writes it
 * to a file and leaves marks in its own copies (copy on write in the child), while the parent goes
 * on writing (copy on write in the parent, and, once the child is gone, reuse). Snapshots go to the
 * file through a shared mapping and msync, or through write(2). The second child forks a helper
 * that verifies the store. Progress is counted by atomics in shared memory.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYS = 1200, BUCKETS = 4096, SNAPSHOTS = 3, WRITES = 1500, LINE = 64 };

struct entry {
    struct entry *next;
    uint64_t key, value, saved;
    char payload[368];
};

static struct entry *store[BUCKETS];
static atomic_uint
    *progress; /* [0] entries saved, [1] entries verified, [2] writes while a child saves */

static uint64_t random_next(void) {
    static uint64_t x = 88172645463325252ull;
    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

static struct entry *lookup(uint64_t key) {
    struct entry *e = store[key * 0x9e3779b97f4a7c15ull >> 52];
    while (e && e->key != key) e = e->next;
    return e;
}

static void put(uint64_t key, uint64_t value) {
    struct entry *e = lookup(key);
    if (!e) {
        struct entry **bucket = &store[key * 0x9e3779b97f4a7c15ull >> 52];
        e = malloc(sizeof *e);
        if (!e) abort();
        memset(e, 0, sizeof *e);
        e->key = key;
        e->next = *bucket;
        *bucket = e;
    }
    e->value = value;
    e->payload[value % sizeof e->payload]++;
}

static void save_line(const struct entry *e, char *line) {
    memset(line, ' ', LINE);
    for (uint64_t key = e->key, at = 8; key; key >>= 4) line[at--] = "0123456789abcdef"[key & 15];
    for (uint64_t value = e->value, at = 26; value; value >>= 4)
        line[at--] = "0123456789abcdef"[value & 15];
    line[LINE - 1] = '\n';
}

/* Everything, in bucket order; `map` is the file, or NULL: through a buffer and write(2). */
static void save(int fd, char *map, uint64_t generation) {
    char buffer[4096];
    size_t used = 0;
    for (uint32_t b = 0; b < BUCKETS; b++)
        for (struct entry *e = store[b]; e; e = e->next) {
            save_line(e, map ? map : buffer + used);
            if (map)
                map += LINE;
            else if ((used += LINE) == sizeof buffer) {
                if (write(fd, buffer, used) != (ssize_t)used) _exit(2);
                used = 0;
            }
            if (e->key % 4 == 0) e->saved = generation;
            atomic_fetch_add(&progress[0], 1);
        }
    if (used && write(fd, buffer, used) != (ssize_t)used) _exit(2);
    if (!map && fsync(fd) != 0) _exit(3);
}

static void verify(void) {
    for (uint64_t key = 0; key < KEYS; key += 3) {
        struct entry *e = lookup(key);
        if (!e || e->payload[e->value % sizeof e->payload] == 0) _exit(4);
        atomic_fetch_add(&progress[1], 1);
    }
}

static void child(uint64_t generation) {
    char name[32];
    snprintf(name, sizeof name, "snapshot.%llu", (unsigned long long)generation);
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0) _exit(1);
    pid_t helper = generation == 2 ? fork() : -1;
    if (helper == 0) {
        verify();
        _exit(0);
    }
    if (generation % 2) {
        if (ftruncate(fd, KEYS * LINE) != 0) _exit(1);
        char *map = mmap(NULL, KEYS * LINE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED) _exit(1);
        save(fd, map, generation);
        if (msync(map, KEYS * LINE, MS_SYNC) != 0) _exit(3);
        map[LINE - 1] = '!'; /* the commit mark: a page that msync has just cleaned */
        if (msync(map, LINE, MS_SYNC) != 0) _exit(3);
    } else {
        save(fd, NULL, generation);
    }
    int status = 0;
    if (helper > 0) waitpid(helper, &status, 0);
    _exit(status != 0);
}

int main(void) {
    progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED) return 1;
    for (uint64_t key = 0; key < KEYS; key++) put(key, random_next());
    for (uint64_t generation = 1; generation <= SNAPSHOTS; generation++) {
        int status;
        fflush(stdout);
        pid_t pid = fork();
        if (pid < 0) return 1;
        if (pid == 0) child(generation);
        for (uint32_t i = 0; i < WRITES; i++) {
            put(random_next() % KEYS, random_next());
            atomic_fetch_add(&progress[2], 1);
        }
        if (waitpid(pid, &status, 0) != pid || status != 0) return 1;
        for (uint32_t i = 0; i < WRITES / 2; i++) put(random_next() % KEYS, random_next());
    }
    printf("%u saved, %u verified, %u writes meanwhile\n", progress[0], progress[1], progress[2]);
    return 0;
}
