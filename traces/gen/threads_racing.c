/* SPDX-License-Identifier: Apache-2.0
 *
 * One thread reads a page again and again while another changes the protection of the memory around
 * it: some of the reads fall into a call under way, and nobody can say in which order. The more
 * calls the argument asks for, the likelier.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BYTES = 4 << 20, TURNS = 60 };
static char *memory;
static atomic_int over;

static void *reads(void *none) {
    while (!over) (void)*(volatile char *)memory;
    return none;
}

int main(int argc, char **argv) {
    const int turns = argc > 1 ? atoi(argv[1]) : TURNS;
    pthread_t thread;
    memory =
        mmap(0, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED || pthread_create(&thread, 0, reads, 0)) return 1;
    for (int i = 0; i < turns; i++)
        mprotect(memory, BYTES, i % 2 ? PROT_READ | PROT_WRITE : PROT_READ);
    over = 1;
    return pthread_join(thread, 0);
}
