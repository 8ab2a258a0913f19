/* SPDX-License-Identifier: Apache-2.0
 *
 * Three processes and a vfork child, a file stored into byte by byte, locked memory, a note; ends
 * with status 42. With one argument it starts that program, with three it asks for huge pages.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int turns;

static void say(const char *text) {
    if (write(-1, text, strlen(text)) != -1) abort();
}

/* The third process ends by SIGSEGV MAPERR, the second one by ACCERR. */
static int child(char *heap, char *big) {
    heap[5] = 3;
    atomic_fetch_add(&turns, 1);
    if (fork() == 0) *(volatile int *)8 = 1;
    wait(0);
    mprotect(big - 16, 4096, PROT_NONE);
    return *(volatile char *)big;
}

static void lock(char *heap) {
    if (mlock(heap, 5000) || munlock(heap, 5000)) abort();
    if (mlock2(heap, 1, MLOCK_ONFAULT) == 0) say("locked on fault");
    if (mlockall(MCL_FUTURE | MCL_ONFAULT) == 0) say("locked all");
    munlockall();
}

/* A segment, marked before it is attached: the last one to let go frees it. */
static void share(void) {
    int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600), fd = memfd_create("mem", 0);
    if (id < 0 || fd < 0 || ftruncate(fd, 4096)) abort();
    char *p = shmat(id, 0, 0), *m = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (p == (void *)-1 || m == MAP_FAILED || shmctl(id, IPC_RMID, 0)) abort();
    p[0] = m[0];
    if (fork() == 0) {
        p[4096] = p[0];
        _exit(0);
    }
    wait(0);
    shmdt(p);
    close(fd);
}

/* What is granted with a mapping, and what is asked of it. */
static void reserve(void) {
    unsigned char in[2];
    int how = MAP_PRIVATE | MAP_ANONYMOUS;
    char *p = mmap(0, 8192, PROT_READ | PROT_WRITE, how | MAP_NORESERVE, -1, 0);
    char *q = mmap(0, 4096, PROT_READ | PROT_WRITE, how | MAP_LOCKED, -1, 0);
    if (p == MAP_FAILED || q == MAP_FAILED || mincore(p, 8192, in)) abort();
    munmap(q, 4096);
    munmap(p, 8192);
}

int main(int argc, char **argv) {
    if (argc > 3) memfd_create("huge", MFD_HUGETLB);
    if (argc == 2) execv(argv[1], argv + 1);
    reserve();
    share();
    char *heap = malloc(100000), *big = calloc(1, 1 << 20);
    int fd = open("record.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || ftruncate(fd, 10000) != 0 || write(fd, heap, 5000) != 5000) return 1;
    char *file = mmap(0, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memset(heap, 1, 100000);
    memset(file, 2, 10000);
    msync(file, 10000, MS_SYNC);
    say(" two\nwords ");
    if (fork() == 0) return child(heap, big);
    wait(0);
    lock(heap);
    if (vfork() == 0) _exit(0);
    wait(0);
    big = realloc(big, 3 << 20);
    big[(3 << 20) - 1] = 4;
    return 42 - atomic_fetch_sub(&turns, 1);
}
