/* SPDX-License-Identifier: Apache-2.0
 *
 * traces/write_barrier.pwt: the write barrier of a generational garbage collector, made of page
 * protection. A collection takes the right to write from the old generation; the first store to
 * each of its pages is then SIGSEGV, whose handler notes the page and gives the right back, so the
 * next collection looks for pointers to young objects in those pages alone. The mark stack has a
 * guard page below it, and grows in the handler, too: hence the alternate stack.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, OLD = 24, YOUNG = 4, MARKS = 8, ROUNDS = 4, CELLS = PAGE / 8 };

static uint64_t (*old)[CELLS], (*young)[CELLS]; /* the two generations */
static uint64_t *mark_end, *mark;               /* the mark stack grows down to its guard */
static uint8_t *mark_low;                       /* of its pages the lowest that is there */
static unsigned char dirty[OLD];
static unsigned remembered, grown;
static uint64_t seed = 2463534242u;

static uint32_t random_below(uint32_t n) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static void note(const char *what, unsigned n) {
    char line[80];
    int bytes = snprintf(line, sizeof line, "%s %u", what, n);
    if (write(-1, line, (size_t)bytes) >= 0) _exit(1); /* a note of the recording */
}

static void on_fault(int sig, siginfo_t *info, void *context) {
    uint8_t *at = info->si_addr, *page = (uint8_t *)((uintptr_t)at & ~(uintptr_t)(PAGE - 1));
    size_t index = (size_t)(page - (uint8_t *)old) / PAGE;
    (void)context;
    if (at >= (uint8_t *)old && index < OLD) {
        dirty[index] = 1;
        remembered++;
    } else if (page == mark_low - PAGE) {
        mark_low = page;
        grown++;
    } else {
        signal(sig, SIG_DFL);
        return;
    }
    if (mprotect(page, PAGE, PROT_READ | PROT_WRITE)) _exit(2);
}

static void *map(size_t pages, int prot) {
    void *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) _exit(3);
    return p;
}

/* The program: young objects come and go, and old ones are made to point at some. */
static void mutate(void) {
    for (unsigned i = 0; i < 300; i++) {
        uint64_t *object = &young[random_below(YOUNG)][random_below(CELLS)];
        *object = i;
        if (i % 30 == 0) old[random_below(OLD)][random_below(CELLS)] = (uintptr_t)object;
    }
}

/* What old pages that were written to say of young objects is pushed, then looked at. */
static uint64_t collect(void) {
    uint64_t live = 0;
    mark = mark_end;
    for (unsigned page = 0; page < OLD; page++) {
        if (!dirty[page]) continue;
        for (unsigned i = 0; i < CELLS; i++)
            if (old[page][i]) *--mark = old[page][i];
        for (unsigned i = 0; i < CELLS / 4; i++) *--mark = 0; /* an object's own fields */
        dirty[page] = 0;
    }
    while (mark < mark_end)
        if (*mark++) live++;
    if (mprotect(old, OLD * PAGE, PROT_READ)) _exit(4);
    return live;
}

int main(void) {
    static uint8_t alternate[16384];
    const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    struct sigaction act = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    if (sigaltstack(&stack, NULL) || sigaction(SIGSEGV, &act, NULL)) return 5;
    old = map(OLD, PROT_READ | PROT_WRITE);
    young = map(YOUNG, PROT_READ | PROT_WRITE);
    mark_low = (uint8_t *)map(MARKS, PROT_NONE) + MARKS * PAGE;
    mark = mark_end = (uint64_t *)mark_low;
    for (unsigned i = 0; i < OLD; i++) old[i][0] = i;
    note("live", (unsigned)collect());
    for (unsigned round = 0; round < ROUNDS; round++) {
        mutate();
        note("pages that were written to", remembered);
        note("live", (unsigned)collect());
        note("pages of the mark stack", grown);
    }
    return 0;
}
