/* SPDX-License-Identifier: Apache-2.0
 *
 * costs   What faults cost on this machine's kernel, in cycles of the TSC: where the defaults come
 * from of os.cost_minor, os.cost_copy, os.cost_huge, os.cost_major, os.cost_signal, os.disk_write
 * (docs/stores.md). Of each kind of access many are timed; the lower decile is what the kernel
 * takes itself, the median has what its host does beside it. An access that hits is subtracted.
 *
 * Run in a directory on the disk that is to be timed; leaves nothing there.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

enum { PAGE = 4096, PAGES = 2000, HUGE = 2 << 20, LEAVES = 64, READS = 500, APART = 32 };
static uint64_t took[PAGES];
static sigjmp_buf after;
static volatile uint64_t handled;

static void must(bool good, const char *what) {
    if (good) return;
    perror(what);
    exit(1);
}

static uint64_t now(void) {
    unsigned core;
    _mm_mfence();
    return __rdtscp(&core);
}

static int order(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void say(const char *what, unsigned n) {
    qsort(took, n, sizeof *took, order);
    printf("%-34s %10lu %10lu\n", what, (unsigned long)took[n / 10], (unsigned long)took[n / 2]);
    fflush(stdout);
}

static void touch(const char *what, volatile char *p, size_t stride, unsigned n, bool write) {
    for (unsigned i = 0; i < n; i++, p += stride) {
        uint64_t start = now();
        if (write)
            *p = 1;
        else
            (void)*p;
        took[i] = now() - start;
    }
    say(what, n);
}

static char *anonymous(size_t bytes, int advice) {
    char *p = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(p != MAP_FAILED, "mmap");
    p = (char *)(((uintptr_t)p + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
    must(madvise(p, bytes, advice) == 0, "madvise");
    return p;
}

static void anonymous_faults(void) {
    char *p = anonymous((size_t)PAGES * PAGE, MADV_NOHUGEPAGE);
    touch("zero page, a minor fault", p, PAGE, PAGES, false);
    touch("a hit", p, PAGE, PAGES, false);
    touch("first write, a fresh page", p, PAGE, PAGES, true);
    if (fork() == 0) {
        touch("copy on write", p, PAGE, PAGES, true);
        _exit(0);
    }
    wait(NULL);
    touch("write again, the page reused", p, PAGE, PAGES, true);
    p = anonymous((size_t)LEAVES * HUGE, MADV_HUGEPAGE);
    touch("first write, 2 MiB", p, HUGE, LEAVES, true);
}

static void file_faults(void) {
    size_t bytes = (size_t)READS * APART * PAGE;
    char name[] = "costs.XXXXXX";
    int fd = mkstemp(name);
    must(fd >= 0 && unlink(name) == 0, "a file here");
    char *block = calloc(1, bytes);
    must(block && write(fd, block, bytes) == (ssize_t)bytes && fsync(fd) == 0, "write");
    must(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0, "posix_fadvise");
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(p != MAP_FAILED && madvise(p, bytes, MADV_RANDOM) == 0, "mmap");
    touch("a page read from disk, major", p, (size_t)APART * PAGE, READS, false);
    memset(p, 1, bytes);
    uint64_t start = now();
    must(msync(p, bytes, MS_SYNC) == 0, "msync");
    took[0] = (now() - start) / (READS * APART);
    say("a page written back, of many", 1);
}

static void on_signal(int sig) {
    (void)sig;
    handled = now();
    siglongjmp(after, 1);
}

static void signals(void) {
    volatile char *p = anonymous(PAGE, MADV_NOHUGEPAGE);
    signal(SIGSEGV, on_signal);
    must(mprotect((void *)p, PAGE, PROT_NONE) == 0, "mprotect");
    for (volatile unsigned i = 0; i < PAGES; i++) {
        uint64_t start = now();
        if (!sigsetjmp(after, 1)) *p = 1;
        took[i] = handled - start;
    }
    say("SIGSEGV, to its handler", PAGES);
}

int main(void) {
    printf("%-34s %10s %10s\n", "cycles of the TSC", "decile", "median");
    anonymous_faults();
    file_faults();
    signals();
    return 0;
}
