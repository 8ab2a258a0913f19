/* SPDX-License-Identifier: Apache-2.0
 *
 * runner TRACE STUB DIRECTORY >ROWS   Performs a text trace on the kernel of this machine, record
 * by record, with a real process for each of the trace's, and prints what the kernel let be seen.
 *
 * The trace's own addresses are used throughout. brk and the stack begin where the trace says
 * because PR_SET_MM tells the kernel so. The kernel's own accesses go through pipes. All processes
 * share one CPU with the runner, so that whatever waits in a per-CPU list is drained where Linux
 * drains it (lru_add_drain in do_wp_page), and the TLB is flushed before each access: x86-64 lets a
 * translation with too few permissions live on, and takes a spurious fault later, or not.
 */
#define _GNU_SOURCE
#include "native.h"
#include "config_args.h"
#include "error.h"
#include "stub.h"
#include "token.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FD_STUB = 290, FD_IN, FD_IN_CHILD, FD_OUT, FD_OUT_CHILD }; /* IN: to the runner */
enum { PIPE_BYTES = 1 << 20 };

struct runner {
    struct plan plan;
    struct config cfg;
    const char *stub, *directory;
    struct children tasks;
    struct child *running;
    uint8_t raised; /* the last signal of the trace */
    uint64_t stores;
    struct seen seen[2], *before, *after;
    struct row row;
    struct row_state *state;
};

/* ---- Accesses -------------------------------------------------------------------------------- */

static unsigned width_of(size_t bytes) { /* 1, 2, 4, 8: the stub's order */
    return bytes >= 8 ? 3 : bytes >= 4 ? 2 : bytes >= 2 ? 1 : 0;
}

static uint64_t token_of(const struct runner *r, vaddr_t va, uint64_t at, unsigned bytes) {
    uint64_t word = 0;
    for (unsigned i = 0; i < bytes; i++)
        word |= (uint64_t)files_byte(&r->plan, token_store_byte(r->stores, at + i), va + at + i)
                << 8 * i;
    return word;
}

/* One instruction for 1, 2, 4, 8 bytes, as many as it takes for others. */
static struct stop data_access(struct runner *r, const struct trace_record *t) {
    struct stop s = {0};
    bool writes = t->access == ACCESS_STORE || t->access == ACCESS_AMO;
    unsigned entry = t->access == ACCESS_STORE ? STUB_STORE
                     : t->access == ACCESS_AMO ? STUB_SWAP
                                               : STUB_LOAD;
    r->stores += writes;
    for (uint64_t at = 0, n; at < t->bytes && !s.sig; at += n) {
        unsigned width = width_of(t->bytes - at);
        n = 1u << width;
        uint64_t word = writes ? token_of(r, t->va, at, (unsigned)n) : 0;
        s = child_step(r->running, entry + width, t->va + at, &word);
        if (at == 0) memcpy(r->row.value, &word, sizeof word);
    }
    if (!s.sig && t->access != ACCESS_STORE)
        r->row.values = t->bytes < ROW_VALUE ? t->bytes : ROW_VALUE;
    return s;
}

static struct stop fetch(struct runner *r, const struct trace_record *t) {
    struct stop s = child_fetch(r->running, t->va);
    vaddr_t next = (t->va | (PAGE_BYTES - 1)) + 1;
    if (!s.sig && t->va + t->bytes > next) s = child_fetch(r->running, next);
    return s;
}

static uint8_t code_word(int sig, int code) {
    if (sig == SIGSEGV && code == 1) return SICODE_SEGV_MAPERR;
    if (sig == SIGSEGV && code == 2) return SICODE_SEGV_ACCERR;
    if (sig == SIGBUS && code == 1) return SICODE_BUS_ADRALN;
    if (sig == SIGBUS && code == 2) return SICODE_BUS_ADRERR;
    return SICODE_SEGV_KERNEL;
}

static void signalled(struct runner *r, struct stop s) {
    r->row.sig = (uint8_t)s.sig;
    r->row.code = s.sig ? code_word(s.sig, s.code) : 0;
    if (s.sig) r->raised = r->row.sig;
}

static void access_record(struct runner *r, const struct trace_record *t) {
    struct stop s = t->access == ACCESS_FETCH ? fetch(r, t) : data_access(r, t);
    signalled(r, s);
}

/* A frame that a copy could not write is tried in earnest: what does the kernel make of it? */
static void frame_refused(struct runner *r, const struct os_call *k) {
    signalled(r, child_frame(r->running, r->raised ? r->raised : SIGALRM, k->arg[0] + k->arg[1]));
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void must(const struct runner *r, long got, long want) {
    if (got != want)
        input_error(r->plan.path, r->row.record->line, 0, "correct the trace",
                    "this kernel does not grant it: %s", strerror((int)-got));
}

/* madvise and msync do all they can, then tell of holes; msync and fsync tell of I/O errors. */
static void must_but_told(struct runner *r, long got) {
    r->row.eio = got == -EIO;
    if (got != -ENOMEM && got != -EIO) must(r, got, 0);
}

static void copied(struct runner *r, long got) {
    if (got < 0 && got != -EFAULT && got != -ENOSPC && got != -EIO) must(r, got, 0);
    r->row.efault = got == -EFAULT;
    r->row.done = got < 0 ? 0 : (uint64_t)got;
}

static void drain(int fd) {
    char waste[4096];
    while (read(fd, waste, sizeof waste) > 0) continue;
}

static void kernel_access(struct runner *r, const struct os_call *k) {
    struct child *c = r->running;
    if (k->arg[1] > PIPE_BYTES / 2)
        internal_error("kload and kstore take %d bytes", PIPE_BYTES / 2);
    if (k->nr == CALL_KLOAD) {
        copied(r, CALL(c, SYS_write, FD_IN_CHILD, k->arg[0], k->arg[1]));
        drain(FD_IN);
        return;
    }
    r->stores++;
    for (uint64_t i = 0; i < k->arg[1]; i++) {
        uint8_t byte = files_byte(&r->plan, token_store_byte(r->stores, i), k->arg[0] + i);
        if (write(FD_OUT, &byte, 1) != 1) internal_error("pipe: %s", strerror(errno));
    }
    copied(r, CALL(c, SYS_read, FD_OUT_CHILD, k->arg[0], k->arg[1]));
    drain(FD_OUT_CHILD);
}

static void call_gup(struct runner *r, const struct os_call *k) {
    static uint8_t data[PIPE_BYTES / 2];
    bool reads = !(k->arg[2] & (GUP_WRITE | GUP_FUTEX));
    if (k->arg[1] > sizeof data) internal_error("gup takes %zu bytes", sizeof data);
    memset(data, 1, sizeof data); /* every page is there: faults are the process's */
    r->stores += call_stores(k);
    for (uint64_t i = 0; call_stores(k) && i < k->arg[1]; i++)
        data[i] = files_byte(&r->plan, token_store_byte(r->stores, i), k->arg[0] + i);
    copied(r, gup_perform(r->running, k, FD_IN_CHILD, FD_IN, data, &r->row));
    r->row.values = !reads ? 0 : r->row.done < ROW_VALUE ? r->row.done : ROW_VALUE;
    memcpy(r->row.value, data, r->row.values);
}

static void call_mmap(struct runner *r, const struct os_call *k) {
    uint64_t flags = k->arg[3], fd = UINT64_MAX;
    if (k->file)
        fd = (uint64_t)files_fd(&r->plan, k->file);
    else
        flags |= MAP_ANONYMOUS;
    must(r,
         CALL(r->running, SYS_mmap, k->arg[0], k->arg[1], k->arg[2], flags | MAP_FIXED, fd,
              k->arg[4]),
         (long)k->arg[0]);
    struct child *c = r->running;
    if ((flags & MAP_GROWSDOWN) && !c->stack)
        group_set_mm(&r->tasks, c, c->heap, k->arg[0] + k->arg[1] - 1);
}

static void call_brk(struct runner *r, const struct os_call *k) {
    if (!r->running->heap)
        group_set_mm(&r->tasks, r->running, k->arg[0], r->running->stack);
    else
        must(r, CALL(r->running, SYS_brk, k->arg[0]), (long)k->arg[0]);
}

/* What MADV_FREE gave up waits in a per-CPU list, and counts as LazyFree only when that is drained
 * (lru_add_drain). The runner shares its CPU with the process, and this drains the list. */
static void call_madvise(struct runner *r, const struct os_call *k) {
    static uint8_t page[2 * PAGE_BYTES];
    uint64_t own = ((uint64_t)page + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    must_but_told(r, CALL(r->running, SYS_madvise, k->arg[0], k->arg[1], k->arg[2]));
    if (k->arg[2] == MADV_FREE) madvise((void *)own, PAGE_BYTES, MADV_COLD);
}

/* The answer goes to a page beside the stub, which is there for this call alone. */
static void call_mincore(struct runner *r, const struct os_call *k) {
    struct child *c = r->running;
    const uint64_t at = STUB_PARK, pages = (k->arg[1] + PAGE_BYTES - 1) / PAGE_BYTES;
    must(r,
         CALL(c, SYS_mmap, at, PAGE_BYTES, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, UINT64_MAX, 0),
         (long)at);
    must(r, CALL(c, SYS_mincore, k->arg[0], k->arg[1], at), 0);
    r->row.values = pages < ROW_VALUE ? pages : ROW_VALUE;
    child_peek(c, at, r->row.value, r->row.values);
    for (size_t i = 0; i < r->row.values; i++) r->row.value[i] &= 1;
    must(r, CALL(c, SYS_munmap, at, PAGE_BYTES), 0);
}

static void plain_call(struct runner *r, const struct os_call *k) {
    struct child *c = r->running;
    const uint64_t *a = k->arg, fd = (uint64_t)files_fd(&r->plan, k->file);
    switch (k->nr) {
    case CALL_EXIT: group_exit(&r->tasks, c, k->arg[0]); break;
    case CALL_MMAP: call_mmap(r, k); break;
    case CALL_MUNMAP: must(r, CALL(c, SYS_munmap, a[0], a[1]), 0); break;
    case CALL_MPROTECT: must(r, CALL(c, SYS_mprotect, a[0], a[1], a[2]), 0); break;
    case CALL_BRK: call_brk(r, k); break;
    case CALL_MADVISE: call_madvise(r, k); break;
    case CALL_MREMAP: must(r, CALL(c, SYS_mremap, a[0], a[1], a[2], a[3], a[4]), (long)a[4]); break;
    case CALL_MSYNC: must_but_told(r, CALL(c, SYS_msync, a[0], a[1], MS_SYNC)); break;
    case CALL_FSYNC: must_but_told(r, CALL(c, SYS_fsync, fd)); break;
    case CALL_IOERROR: files_break(r->directory, a[0]); break;
    case CALL_TRUNCATE: must(r, CALL(c, SYS_ftruncate, fd, a[0]), 0); break;
    case CALL_READ: copied(r, CALL(c, SYS_pread64, fd, a[0], a[1], a[2])); break;
    case CALL_WRITE: copied(r, CALL(c, SYS_pwrite64, fd, a[0], a[1], a[2])); break;
    case CALL_KLOAD:
    case CALL_KSTORE:
    case CALL_SIGFRAME: kernel_access(r, k); break;
    case CALL_GUP: call_gup(r, k); break;
    case CALL_MLOCK:
        must(r, a[2] ? CALL(c, SYS_mlock2, a[0], a[1], a[2]) : CALL(c, SYS_mlock, a[0], a[1]), 0);
        break;
    case CALL_MUNLOCK: must(r, CALL(c, SYS_munlock, a[0], a[1]), 0); break;
    case CALL_MLOCKALL: must(r, CALL(c, SYS_mlockall, a[0]), 0); break;
    case CALL_MUNLOCKALL: must(r, CALL(c, SYS_munlockall), 0); break;
    case CALL_MINCORE: call_mincore(r, k); break;
    case CALL_COMPACT: compact_memory(); break;
    case CALL_WRITEBACK:
        for (size_t i = 0; i < r->plan.files; i++) fsync(FILE_FD + (int)i);
        break;
    default: internal_error("the runner does not know call %u", k->nr);
    }
}

/* ---- Processes ------------------------------------------------------------------------------- */

/* Of a group that lives, the running task calls exec if it is one of its threads. */
static void call_exec(struct runner *r, uint32_t pid) {
    struct child *c = group_child(&r->tasks, pid), *caller = r->running;
    if (!caller || !caller->real || caller->group != pid) caller = c;
    if (caller->real) {
        group_exec(&r->tasks, c, caller, FD_STUB);
    } else {
        c->real = c->leader = child_start(r->stub, r->cfg.os_stack_limit);
        c->group = pid;
    }
    c->mm = ++r->tasks.mms;
    child_bare(c);
    c->heap = c->stack = 0;
    group_set_mm(&r->tasks, c, 0, 0);
    probe_attach(c);
    r->running = c;
}

static void call_clone(struct runner *r, const struct os_call *k) {
    bool vm = k->nr == CALL_CLONE, thread = vm && (k->arg[1] & CLONE_F_THREAD);
    uint64_t flags = vm ? k->arg[1] : 0;
    if (thread) flags |= CLONE_SIGHAND | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM;
    struct child *c = group_child(&r->tasks, (uint32_t)k->arg[0]);
    probe_begin(r->running);
    group_clone(&r->tasks, r->running, c, flags);
    probe_end(r->running, &r->row);
    probe_attach(c);
}

/* ---- Records --------------------------------------------------------------------------------- */

/* The process whose state has been seen after it, NULL: it has ended. */
static const struct child *measured(struct runner *r, const struct trace_record *t) {
    uint64_t minor[2], major[2];
    struct holding held = {0};
    struct child *c = r->running;
    child_flush(c);
    derive_before(&r->plan, c, seen_find(r->before, c->pid), t, &held);
    probe_times(c, &minor[0], &major[0]);
    probe_begin(c);
    if (t->kind == TRACE_ACCESS)
        access_record(r, t);
    else
        plain_call(r, &t->call);
    if (c->real && !c->zombie) {
        probe_end(c, &r->row);
        probe_times(c, &minor[1], &major[1]);
        r->row.minor += minor[1] - minor[0];
        r->row.major += major[1] - major[0];
    }
    struct seen_mm *now = seen_of(r->after, c->pid);
    probe_see(c, &r->plan, now); /* a signal has not been delivered yet */
    derive_row(&r->plan, &r->row, seen_find(r->before, c->pid), now, &held);
    if (t->kind == TRACE_CALL && t->call.nr == CALL_SIGFRAME && r->row.done < t->call.arg[1])
        frame_refused(r, &t->call);
    if (r->row.sig && !plan_caught(&r->plan, r->row.number)) group_kill(&r->tasks, c, r->row.sig);
    return c->real && !c->zombie ? c : NULL;
}

static void perform(struct runner *r, const struct trace_record *t) {
    const struct child *seen = NULL;
    uint64_t number = r->row.number + 1;
    struct seen *swap = r->before;
    r->before = r->after;
    r->after = swap;
    memset(&r->row, 0, sizeof r->row);
    r->row.number = number;
    r->row.record = t;
    if (t->kind == TRACE_SWITCH)
        r->running = group_child(&r->tasks, t->pid);
    else if (t->kind == TRACE_CALL && t->call.nr == CALL_EXEC)
        call_exec(r, t->call.pid);
    else if (t->kind == TRACE_CALL && (t->call.nr == CALL_FORK || t->call.nr == CALL_CLONE))
        call_clone(r, &t->call);
    else
        seen = measured(r, t);
    for (size_t i = 0; i < r->tasks.count; i++)
        if (&r->tasks.at[i] != seen)
            probe_see(&r->tasks.at[i], &r->plan, seen_of(r->after, r->tasks.at[i].pid));
    row_print(stdout, &r->plan, &r->row, r->before, r->after, &r->state);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void prepare(struct runner *r, const char *directory) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    struct config_args none = {0};
    config_args_apply(&none, r->plan.path, &r->cfg);
    if (r->cfg.os_fault_around != 16)
        internal_error("fault_around_bytes of this kernel cannot be set");
    if (sched_setaffinity(0, sizeof one, &one)) internal_error("sched_setaffinity");
    child_pipe(FD_IN, FD_IN_CHILD);
    child_pipe(FD_OUT_CHILD, FD_OUT);
    int fd = open(r->stub, O_RDONLY);
    if (fd < 0 || dup2(fd, FD_STUB) < 0) internal_error("%s: %s", r->stub, strerror(errno));
    files_make(&r->plan, &r->cfg, directory);
    keep_khugepaged_busy();
    r->before = &r->seen[0];
    r->after = &r->seen[1];
}

int main(int argc, char **argv) {
    static struct runner r;
    const char *why = probe_why_not();
    if (argc == 2 && strcmp(argv[1], "--usable") == 0) {
        if (why) puts(why);
        return why != NULL;
    }
    if (argc == 2 && strcmp(argv[1], "--settings") == 0) {
        probe_settings(stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--knobs") == 0) {
        probe_knobs(stdout);
        return 0;
    }
    if (argc != 4) usage_error("runner TRACE STUB DIRECTORY", "three arguments are needed");
    if (why) internal_error("%s", why);
    plan_make(&r.plan, argv[1]);
    r.stub = argv[2];
    r.directory = argv[3];
    prepare(&r, argv[3]);
    printf("knobs os.ra_pages=%u os.flash_ra=%u os.nfs_ra=%u os.ram_ra=%u ", r.cfg.os_ra_pages,
           r.cfg.os_flash_ra, r.cfg.os_nfs_ra, r.cfg.os_ram_ra);
    probe_knobs(stdout);
    printf("trace %016" PRIx64 "\nrows\n", r.plan.hash);
    struct trace *t = trace_open(argv[1]);
    struct trace_record record;
    while (trace_next(t, &record))
        if (plan_performed(&record)) perform(&r, &record);
    trace_close(t);
    for (size_t i = 0; i < r.tasks.count; i++)
        if (r.tasks.at[i].real) group_kill(&r.tasks, &r.tasks.at[i], SIGKILL);
    row_state_free(r.state);
    seen_free(&r.seen[0]);
    seen_free(&r.seen[1]);
    return 0;
}
