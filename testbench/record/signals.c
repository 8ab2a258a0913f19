/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that handlers catch, for test_record: each handler notes where its frame is. Without an
 * argument the program ends well: a store, an atomic and a load are refused and tried again, on the
 * stack, on an alternate one, inside a handler, in a thread, in a child; a handler jumps away; a
 * file is cut. `unwritable`: no frame fits, so SIGSEGV ends it. `second`: that is caught, too.
 * `blocked`: a fault that may not be caught. `once`: a handler for one signal alone.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, AREA = 8 };
static uint8_t *area; /* pages that lose their rights */
static sigjmp_buf away;
static int file;
static volatile int deep;

static void must(int ok) {
    if (!ok) _exit(9);
}

/* Into the recording, as a note: the frame begins with a siginfo of 128 bytes. */
static void tell(const void *uc) {
    char line[40];
    int n = snprintf(line, sizeof line, "frame 0x%lx", (long)uc - 128);
    must(write(-1, line, (size_t)n) < 0);
}

static void repair(int sig, siginfo_t *info, void *uc) {
    uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1);
    tell(uc);
    if (deep) {
        deep = 0;
        area[3 * PAGE]++; /* a fault inside the handler: SA_NODEFER */
    }
    if (sig == SIGBUS)
        must(ftruncate(file, PAGE) == 0);
    else
        must(mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE) == 0);
}

static void jump(int sig, siginfo_t *info, void *uc) {
    (void)sig, (void)info;
    tell(uc);
    siglongjmp(away, 1);
}

static void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    must(sigaction(sig, &act, NULL) == 0);
}

static void take(int page, int prot) {
    must(mprotect(area + page * PAGE, PAGE, prot) == 0);
}

static void *in_thread(void *unused) {
    static uint8_t own[16384];
    const stack_t stack = {.ss_sp = own, .ss_size = sizeof own};
    must(sigaltstack(&stack, NULL) == 0);
    take(4, PROT_NONE);
    area[4 * PAGE] = 1;
    return unused;
}

static volatile uint8_t *cut_file(void) {
    file = memfd_create("cut", 0);
    volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    must(mapped != MAP_FAILED);
    return mapped;
}

static void all(void) {
    static uint8_t alternate[16384];
    const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    pthread_t thread;
    handle(SIGSEGV, repair, SA_NODEFER);
    take(0, PROT_READ);
    area[0] = 1;
    take(1, PROT_NONE);
    atomic_fetch_add((_Atomic uint64_t *)(area + PAGE), 1);
    must(sigaltstack(&stack, NULL) == 0);
    handle(SIGSEGV, repair, SA_NODEFER | SA_ONSTACK);
    take(2, PROT_NONE);
    take(3, PROT_NONE);
    deep = 1;
    must(((volatile uint8_t *)area)[2 * PAGE] == 0);
    must(pthread_create(&thread, NULL, in_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
    take(5, PROT_READ);
    pid_t child = fork();
    if (!child) {
        area[5 * PAGE] = 2;
        _exit(area[5 * PAGE] - 2);
    }
    must(waitpid(child, NULL, 0) == child);
    handle(SIGSEGV, jump, SA_ONSTACK);
    if (!sigsetjmp(away, 1)) area[5 * PAGE] = 3;
    handle(SIGBUS, repair, 0);
    volatile uint8_t *mapped = cut_file();
    must(mapped[8] == 0);
    mapped[8] = 7;
}

/* A store while the stack pointer stands at the foot of a stack, so that no frame fits below. */
static void store_at_foot(volatile void *va) {
    take(0, PROT_NONE);
    __asm__ volatile("mv t0, sp\n mv sp, %0\n sd zero, 0(%1)\n mv sp, t0" ::"r"(area + PAGE + 64),
                     "r"(va)
                     : "t0", "memory");
}

static void blocked(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    sigprocmask(SIG_BLOCK, &set, NULL);
    take(0, PROT_NONE);
    area[0] = 1;
}

int main(int argc, char **argv) {
    static uint8_t alternate[16384];
    const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    const char *how = argc > 1 ? argv[1] : "";
    area = mmap(NULL, AREA * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(area != MAP_FAILED);
    must(sigaltstack(&stack, NULL) == 0);
    handle(SIGSEGV, repair, 0);
    if (!strcmp(how, "unwritable")) {
        store_at_foot(area);
    } else if (!strcmp(how, "second")) {
        handle(SIGSEGV, jump, SA_ONSTACK); /* qemu 7.2 does not survive the return */
        handle(SIGBUS, repair, 0);
        if (!sigsetjmp(away, 1)) store_at_foot(cut_file());
    } else if (!strcmp(how, "blocked")) {
        blocked();
    } else if (!strcmp(how, "once")) {
        handle(SIGSEGV, repair, SA_RESETHAND | SA_ONSTACK);
        store_at_foot(area);
        store_at_foot(area);
    } else {
        all();
    }
    return 0;
}
