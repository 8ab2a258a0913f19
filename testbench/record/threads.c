/* SPDX-License-Identifier: Apache-2.0
 *
 * Four threads store into one mapping of a file, each a number of bytes that test_record knows, and
 * map and unmap memory of their own at addresses that others have just given up. Then, by the
 * argument: exit by pthread_exit in the first; `group`, exit_group in the last; `fault`, a signal.
 * How far a thread comes is up to the host. So whoever ends them all waits until every byte is
 * stored, and whoever forks until every thread is made, for the numbers are given in that order.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 3, BYTES = 1000, TURNS = 8 };
static volatile char *file;
static const char *end = "";
static sem_t stored, made;

static void store(int n, int bytes) {
    for (int i = 0; i < bytes; i++) file[n * 4096 + i] = 1;
    sem_post(&stored);
}

static void *work(void *x) {
    const intptr_t n = (intptr_t)x;
    store((int)n, BYTES * (int)n);
    for (int i = 0; i < TURNS; i++) {
        size_t bytes = (size_t)(n + i) * 4096;
        char *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) _exit(1);
        memset(p, 1, bytes);
        if (i % 2) mprotect(p, bytes, PROT_READ);
        munmap(p, bytes);
    }
    if (n == 2) sem_wait(&made);
    if (n == 2 && fork() == 0) _exit(0);
    for (int i = 0; n == THREADS && i <= THREADS; i++) sem_wait(&stored);
    if (n == THREADS && !strcmp(end, "group")) exit(3);
    if (n == THREADS && !strcmp(end, "fault")) *(volatile int *)16 = 1;
    return 0;
}

int main(int argc, char **argv) {
    pthread_t thread[THREADS];
    int fd = open("threads.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (argc > 1) end = argv[1];
    if (fd < 0 || ftruncate(fd, 4 * 4096) != 0) return 1;
    sem_init(&stored, 0, 0);
    sem_init(&made, 0, 0);
    file = mmap(0, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (intptr_t n = 0; n < THREADS; n++) pthread_create(&thread[n], 0, work, (void *)(n + 1));
    sem_post(&made);
    store(0, 500);
    for (int n = 0; n < THREADS; n++) pthread_join(thread[n], 0);
    wait(0);
    pthread_exit(0);
}
