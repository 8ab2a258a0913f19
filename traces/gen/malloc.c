/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/malloc.pwt: the four calls of a real libc, one by one, each announced to the recording by
 * a note: from malloc down to a VMA, its PTEs and its frames.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KIB = 1024, MIB = 1024 * KIB, PAGE = 4 * KIB, BLOCKS = 8 };

/* Descriptor -1 is never open: the call fails and does nothing, but the recorder notes the text. */
static void note(const char *text) {
    if (write(-1, text, strlen(text)) != -1) abort();
}

static void *must(void *p) {
    if (!p) abort();
    return p;
}

/* One store a page. */
static void touch(char *p, size_t bytes) {
    for (size_t at = 0; at < bytes; at += PAGE) ((volatile char *)p)[at] = 1;
}

static unsigned sum(const char *p, size_t bytes) {
    unsigned total = 0;
    for (size_t at = 0; at < bytes; at += PAGE)
        total += (unsigned char)((const volatile char *)p)[at];
    return total;
}

int main(void) {
    char *block[BLOCKS];

    note("main begins; libc's start has made a heap already, by brk");
    char *small = must(malloc(100));
    memset(small, 1, 100);
    note("malloc(100): a piece of that heap, no system call");

    for (int i = 0; i < BLOCKS; i++) {
        block[i] = must(malloc(64 * KIB));
        touch(block[i], 64 * KIB);
    }
    note("malloc(64 KiB) eight times, one store a page: below the threshold, so brk");
    free(block[0]);
    note("free of the first: it is not at the end of the heap, so nothing goes back");
    for (int i = 1; i < BLOCKS; i++) free(block[i]);
    note("free of the others: the end of the heap is free, and brk trims it");

    char *big = must(malloc(256 * KIB));
    note("malloc(256 KiB): over the threshold, so mmap; one page is touched, for the header");
    touch(big, 256 * KIB);
    note("one store a page: now it has frames");
    big = must(realloc(big, 512 * KIB));
    note("realloc to 512 KiB: mremap, the pages go along and nothing is copied");

    char *zeros = must(calloc(1, MIB));
    note("calloc(1 MiB): fresh pages are zero already, so nothing is touched but the header");
    if (sum(zeros + PAGE, 16 * PAGE)) abort();
    note("one load in each of 16 pages: the zero page, so nothing is resident");

    free(big);
    free(zeros);
    note("free of both: munmap, at once; from now on the threshold is 1 MiB");
    big = must(malloc(256 * KIB));
    note("malloc(256 KiB) again: brk this time");
    free(big);
    free(small);
    return 0;
}
