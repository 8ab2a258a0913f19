/* SPDX-License-Identifier: Apache-2.0
 *
 * One traced process: a real one, with nothing mapped but the stub and what its trace asked for.
 * Each step sets its registers, lets it run to the next breakpoint, and looks at how it stopped; so
 * every record is performed singly, in the trace's order, whoever performs it.
 */
#define _GNU_SOURCE
#include "native.h"
#include "error.h"
#include "stub.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20, THP_DISABLE_EXCEPT_ADVISED = 2 /* Linux 6.18 */ };
enum {
    OPTIONS = PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL
};

static uint64_t entry_va(unsigned entry) {
    return STUB_BASE + STUB_CODE + 16ull * entry;
}

static int wait_for(pid_t real) {
    int status;
    while (waitpid(real, &status, __WALL) != real)
        if (errno != EINTR) internal_error("waitpid: %s", strerror(errno));
    return status;
}

static void want_stop(int status, int sig, const char *when) {
    if (!WIFSTOPPED(status) || (sig && WSTOPSIG(status) != sig))
        internal_error("a traced process did not stop %s (status 0x%x)", when, status);
}

static void get_regs(struct child *c) {
    if (ptrace(PTRACE_GETREGS, c->real, 0, &c->regs)) internal_error("PTRACE_GETREGS");
}

static void go(struct child *c, unsigned entry) {
    c->regs.rip = entry_va(entry);
    c->regs.orig_rax = UINT64_MAX; /* no system call to restart */
    if (ptrace(PTRACE_SETREGS, c->real, 0, &c->regs) || ptrace(PTRACE_CONT, c->real, 0, 0))
        internal_error("a traced process does not go on: %s", strerror(errno));
}

/* To the breakpoint at the end of a step. A process that called exec tells its parent of its end
 * (de_thread makes it so): that SIGCHLD is not delivered. */
static int wait_step(struct child *c, const char *when) {
    int status = wait_for(c->real);
    while (WIFSTOPPED(status) && WSTOPSIG(status) == SIGCHLD) {
        ptrace(PTRACE_CONT, c->real, 0, 0);
        status = wait_for(c->real);
    }
    want_stop(status, 0, when);
    return status;
}

/* ---- Birth ----------------------------------------------------------------------------------- */

static _Noreturn void become(const char *stub, uint64_t stack_limit) {
    const struct rlimit stack = {stack_limit, stack_limit}, none = {0, 0};
    setrlimit(RLIMIT_STACK, &stack);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_THP_DISABLE, 1, THP_DISABLE_EXCEPT_ADVISED, 0, 0);
    personality(ADDR_NO_RANDOMIZE);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execl(stub, stub, NULL);
    _exit(127);
}

pid_t child_start(const char *stub, uint64_t stack_limit) {
    fflush(NULL);
    pid_t real = fork();
    if (real < 0) internal_error("fork: %s", strerror(errno));
    if (!real) become(stub, stack_limit);
    want_stop(wait_for(real), SIGSTOP, "before its exec");
    ptrace(PTRACE_SETOPTIONS, real, 0, OPTIONS);
    ptrace(PTRACE_CONT, real, 0, 0);
    want_stop(wait_for(real), SIGTRAP, "at its exec");
    ptrace(PTRACE_CONT, real, 0, 0);
    want_stop(wait_for(real), SIGTRAP, "at its first instruction");
    return real;
}

void child_exec_begin(struct child *c, int stub_fd) {
    get_regs(c);
    c->regs.rax = SYS_execveat;
    c->regs.rdi = (uint64_t)stub_fd;
    c->regs.rsi = entry_va(STUB_EMPTY);
    c->regs.rdx = c->regs.r10 = 0;
    c->regs.r8 = AT_EMPTY_PATH;
    go(c, STUB_SYSCALL);
}

void child_exec_end(struct child *c) {
    want_stop(wait_step(c, "at exec"), SIGTRAP, "at exec");
    ptrace(PTRACE_CONT, c->real, 0, 0);
    want_stop(wait_step(c, "after exec"), SIGTRAP, "after exec");
}

void child_bare(struct child *c) {
    char path[64], line[512];
    uint64_t start[32], end[32];
    size_t n = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", c->real);
    FILE *f = fopen(path, "r");
    if (!f) internal_error("%s: %s", path, strerror(errno));
    while (n < 32 && fgets(line, sizeof line, f))
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start[n], &end[n]) == 2 &&
            start[n] != STUB_BASE && start[n] >> 47 == 0)
            n++;
    fclose(f);
    while (n--)
        if (CALL(c, SYS_munmap, start[n], end[n] - start[n]))
            internal_error("what exec mapped at 0x%" PRIx64 " stays", start[n]);
}

/* ---- System calls ---------------------------------------------------------------------------- */

static void set_call(struct child *c, long nr, const uint64_t arg[6]) {
    get_regs(c);
    c->regs.rax = (uint64_t)nr;
    c->regs.rdi = arg[0];
    c->regs.rsi = arg[1];
    c->regs.rdx = arg[2];
    c->regs.r10 = arg[3];
    c->regs.r8 = arg[4];
    c->regs.r9 = arg[5];
}

long child_call(struct child *c, long nr, const uint64_t arg[6]) {
    set_call(c, nr, arg);
    go(c, STUB_SYSCALL);
    want_stop(wait_step(c, "in a system call"), SIGTRAP, "after a system call");
    get_regs(c);
    return (long)c->regs.rax;
}

/* A child that will not raise SIGCHLD. The caller of a vfork stays in the kernel. */
pid_t child_clone(struct child *c, uint64_t flags) {
    unsigned long real;
    bool vfork = flags & CLONE_VFORK;
    int event = vfork ? PTRACE_EVENT_VFORK : PTRACE_EVENT_CLONE;
    set_call(c, SYS_clone, (const uint64_t[6]){flags});
    go(c, STUB_SYSCALL);
    int status = wait_step(c, "at clone");
    if (status >> 8 != (SIGTRAP | event << 8)) internal_error("clone failed");
    ptrace(PTRACE_GETEVENTMSG, c->real, 0, &real);
    want_stop(wait_for((pid_t)real), 0, "after clone");
    ptrace(PTRACE_CONT, c->real, 0, 0);
    if (!vfork) want_stop(wait_step(c, "after clone"), SIGTRAP, "after clone");
    struct child twin = {.real = (pid_t)real}; /* its stub page is not there yet */
    get_regs(&twin);
    go(&twin, STUB_STOP);
    want_stop(wait_for(twin.real), SIGTRAP, "at its first step");
    return twin.real;
}

void child_released(struct child *c) {
    want_stop(wait_step(c, "after vfork"), SIGTRAP, "after vfork");
}

void child_flush(struct child *c) {
    enum { PAGES = 64 }; /* above tlb_single_page_flush_ceiling */
    uint64_t bytes = PAGES * PAGE_BYTES;
    if (CALL(c, SYS_mmap, STUB_PARK, bytes, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, UINT64_MAX) != STUB_PARK ||
        CALL(c, SYS_munmap, STUB_PARK, bytes))
        internal_error("the TLB cannot be flushed");
}

/* An argument in memory lies in a page that comes and goes. */
static bool park(struct child *c, const void *argument, size_t bytes) {
    if (CALL(c, SYS_mmap, STUB_PARK, PAGE_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, UINT64_MAX) != STUB_PARK)
        return false;
    for (size_t at = 0; at < bytes; at += sizeof(long)) {
        long word;
        memcpy(&word, (const uint8_t *)argument + at, sizeof word);
        ptrace(PTRACE_POKEDATA, c->real, STUB_PARK + at, word);
    }
    return true;
}

static bool unpark(struct child *c) {
    return CALL(c, SYS_munmap, STUB_PARK, PAGE_BYTES) == 0;
}

/* PR_SET_MM_MAP: the kernel's notion of heap and stack, which exec has put elsewhere. */
bool child_set_mm(struct child *c, vaddr_t heap, vaddr_t stack) {
    const uint64_t none = STUB_BASE;
    if (!heap) heap = STUB_BASE + PAGE_BYTES;
    if (!stack) stack = none;
    uint64_t brk = c->heap ? (uint64_t)CALL(c, SYS_brk, 0) : heap;
    struct prctl_mm_map map = {.start_code = none,
                               .end_code = none + 1,
                               .start_data = none,
                               .end_data = none,
                               .start_brk = heap,
                               .brk = brk,
                               .start_stack = stack,
                               .arg_start = none,
                               .arg_end = none,
                               .env_start = none,
                               .env_end = none,
                               .exe_fd = UINT32_MAX};
    if (!park(c, &map, sizeof map)) return false;
    bool ok = CALL(c, SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, STUB_PARK, sizeof map) == 0;
    return unpark(c) && ok;
}

void child_pipe(int in, int out) {
    int fd[2];
    if (pipe2(fd, O_NONBLOCK) || dup2(fd[0], in) < 0 || dup2(fd[1], out) < 0 ||
        fcntl(in, F_SETPIPE_SZ, PIPE_BYTES) < 0)
        internal_error("pipe: %s", strerror(errno));
    close(fd[0]);
    close(fd[1]);
}

void child_peek(const struct child *c, vaddr_t va, uint8_t *out, size_t bytes) {
    for (size_t at = 0; at < bytes; at += sizeof(long)) {
        long word = ptrace(PTRACE_PEEKDATA, c->real, va + at, 0);
        memcpy(out + at, &word, bytes - at < sizeof word ? bytes - at : sizeof word);
    }
}

/* ---- Accesses -------------------------------------------------------------------------------- */

static struct stop stopped(struct child *c) {
    siginfo_t info;
    int status = wait_step(c, "after an access");
    get_regs(c);
    if (WSTOPSIG(status) == SIGTRAP) return (struct stop){0};
    if (ptrace(PTRACE_GETSIGINFO, c->real, 0, &info)) internal_error("PTRACE_GETSIGINFO");
    return (struct stop){WSTOPSIG(status), info.si_code, (vaddr_t)info.si_addr};
}

struct stop child_step(struct child *c, unsigned entry, vaddr_t va, uint64_t *value) {
    get_regs(c);
    c->regs.rsi = va;
    c->regs.rax = *value;
    go(c, entry);
    struct stop s = stopped(c);
    *value = c->regs.rax;
    return s;
}

/* Every page offset that a trace fetches from holds a breakpoint, unless nobody wrote it: zeros are
 * `add %al, (%rax)`, and rax points to the stub, which cannot be written. Either way the fetch has
 * been made and nothing else. */
struct stop child_fetch(struct child *c, vaddr_t va) {
    get_regs(c);
    c->regs.rsi = va;
    c->regs.rax = STUB_BASE;
    go(c, STUB_JUMP);
    struct stop s = stopped(c);
    if (!s.sig && c->regs.rip == va + 1) return s;
    if (s.sig == SIGSEGV && s.va == STUB_BASE && c->regs.rip == va) return (struct stop){0};
    if (!s.sig || (c->regs.rip != va && s.code > 0 && s.va != va))
        internal_error("the fetch from 0x%" PRIx64 " went astray", va);
    return s;
}

/* ---- Signal frames --------------------------------------------------------------------------- */

/* What rt_sigaction(2) takes on x86-64, which wants a restorer. */
struct action {
    uint64_t handler, flags, restorer, mask;
};
enum { RED_ZONE = 128, WITH_RESTORER = 0x04000000 };

static void handle(struct child *c, int sig) {
    const struct action act = {.handler = entry_va(STUB_STOP),
                               .flags = SA_SIGINFO | WITH_RESTORER,
                               .restorer = entry_va(STUB_STOP)};
    if (!park(c, &act, sizeof act) ||
        CALL(c, SYS_rt_sigaction, (uint64_t)sig, STUB_PARK, 0, sizeof(uint64_t)) || !unpark(c))
        internal_error("rt_sigaction");
}

/* The signal is delivered, to a handler that stops at once; its frame is to end at `top`. */
struct stop child_frame(struct child *c, int sig, vaddr_t top) {
    handle(c, sig);
    get_regs(c);
    c->regs.rsp = top + RED_ZONE;
    c->regs.rip = entry_va(STUB_STOP);
    if (ptrace(PTRACE_SETREGS, c->real, 0, &c->regs) || ptrace(PTRACE_CONT, c->real, 0, sig))
        internal_error("a signal is not delivered: %s", strerror(errno));
    return stopped(c);
}

/* ---- Death ----------------------------------------------------------------------------------- */

void child_reap(struct child *c) {
    int status;
    do status = wait_for(c->real);
    while (!WIFEXITED(status) && !WIFSIGNALED(status));
    c->real = 0;
}

void child_kill(struct child *c, int sig) {
    if (sig == SIGKILL)
        kill(c->real, SIGKILL);
    else
        ptrace(PTRACE_CONT, c->real, 0, sig);
}

void child_exit(struct child *c, bool group) {
    set_call(c, group ? SYS_exit_group : SYS_exit, (const uint64_t[6]){0});
    go(c, STUB_SYSCALL);
}

/* ---- Beside them ----------------------------------------------------------------------------- */

/* khugepaged wakes at once for the first mm that asks for huge pages, then every
 * scan_sleep_millisecs, which check.sh makes long: so let this one be the first. */
void keep_khugepaged_busy(void) {
    void *p = mmap(NULL, 2 * LEAF_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p != MAP_FAILED) madvise(p, 2 * LEAF_BYTES, MADV_HUGEPAGE);
}

void compact_memory(void) {
    FILE *f = fopen("/proc/sys/vm/compact_memory", "w");
    if (!f || fputs("1\n", f) < 0 || fclose(f)) internal_error("compact_memory refuses");
}
