/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel half's front door: processes, one dispatch for calls, one for traps.
 *
 * A call comes from a task that is alive; a trap is either repaired, or ends in a signal. Who has a
 * handler the caller says; without one a signal ends the process and its memory goes (its exit
 * record, should the trace have one, then finds nothing to do). An access of the kernel's own to
 * user memory never raises a signal: it gets EFAULT. Where no frame can be had, the OOM killer has
 * the last word: a caller that it chose leaves the kernel without what it asked for, and its memory
 * goes then.
 */
#include "fault.h"
#include "smaps.h"
#include "thread.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool refuse(struct os *os, const char *why, ...) {
    va_list args;
    va_start(args, why);
    vsnprintf(os->error, sizeof os->error, why, args);
    va_end(args);
    return false;
}

void *grow(void *array, size_t count, size_t *room, size_t bytes) {
    if (count < *room) return array;
    *room = *room ? *room * 2 : 16;
    array = realloc(array, *room * bytes);
    if (!array) abort();
    return array;
}

/* ---- Life of the kernel half --------------------------------------------------------- */
struct os *os_new(const struct config *cfg, struct mem *mem) {
    struct os *os = calloc(1, sizeof *os);
    if (!os) abort();
    os->cfg = *cfg;
    os->mem = mem;
    pt_init(os);
    os->frames.base = MEM_BASE >> PAGE_SHIFT;
    os->frames.total = mem_bytes(mem) / PAGE_BYTES;
    if (cfg->os_frames && cfg->os_frames < os->frames.total) os->frames.total = cfg->os_frames;
    os->zero_page = frame_alloc(os, FRAME_ZERO);
    mem_zero_frame(mem, os->zero_page);
    asids_init(os);
    return os;
}

void task_free(struct os *os, struct task *t) {
    HASH_DEL(os->tasks, t);
    free(t);
}

void os_delete(struct os *os) {
    if (!os) return;
    migrate_end(os);
    struct task *t, *next;
    HASH_ITER(hh, os->tasks, t, next) {
        if (t->mm) mm_exit(os, t->mm);
        task_free(os, t);
    }
    if (os->active) mm_drop_root(os, os->active);
    while (os->objects) object_free(os, os->objects);
    processes_free(os);
    swap_end(os);
    free(os->kill);
    free(os->frames.frame);
    free(os->asids.map);
    free(os->op);
    free(os);
}

void os_set_watch(struct os *os, const struct os_watch *watch) {
    os->watch = watch ? *watch : (struct os_watch){0};
}

const char *os_error(const struct os *os) {
    return os->error;
}

const struct os_op *os_ops(const struct os *os, size_t *count) {
    *count = os->ops;
    return os->op;
}

void os_ops_done(struct os *os) {
    os->ops = 0;
}

/* ---- Tasks --------------------------------------------------------------------------- */
struct task *task_find(const struct os *os, uint32_t pid) {
    struct task *t;
    HASH_FIND(hh, os->tasks, &pid, sizeof pid, t);
    return t;
}

struct task *task_new(struct os *os, uint32_t pid) {
    struct task *t = calloc(1, sizeof *t);
    if (!t) abort();
    t->pid = t->group = pid;
    HASH_ADD(hh, os->tasks, pid, sizeof t->pid, t);
    return t;
}

static struct task *task_alive(struct os *os, uint32_t pid, const char *what) {
    struct task *t = task_find(os, pid);
    if (t && t->mm) return t;
    refuse(os, "%s: process %u %s", what, pid, t ? "was ended by a signal" : "does not exist");
    return NULL;
}

void task_end(struct os *os, struct task *t) {
    mm_exit(os, t->mm);
    t->mm = NULL;
    vfork_done(os, t);
    if (os->current == t) os->current = NULL;
}

/* What the OOM killer left of a caller: it is out of the kernel now. */
static void reap(struct os *os) {
    for (struct task *t = os->tasks; t; t = t->hh.next) {
        if (!t->dying) continue;
        t->dying = false;
        task_end(os, t);
    }
}

static bool call_exit(struct os *os, const struct os_call *c) {
    struct task *t = task_find(os, c->pid);
    if (!t) return refuse(os, "exit: process %u does not exist", c->pid);
    if (c->arg[0]) group_end(os, t->group, t);
    if (t->mm) task_end(os, t);
    task_free(os, t);
    return true;
}

/* de_thread: the task that calls exec is the group's last, and has its number from then on. */
static struct task *exec_task(struct os *os, uint32_t pid) {
    struct task *t = task_find(os, pid);
    if (t && t->mm && t->group != pid) {
        refuse(os, "exec: %u is a thread of %u and gets its number", pid, t->group);
        return NULL;
    }
    if (t) {
        group_end(os, pid, t);
        t->group = pid;
    } else if ((t = group_other(os, pid, NULL))) { /* its leader has left before */
        group_end(os, pid, t);
        HASH_DEL(os->tasks, t);
        t->pid = pid;
        HASH_ADD(hh, os->tasks, pid, sizeof t->pid, t);
    } else {
        t = task_new(os, pid);
    }
    return t;
}

/* exec_mmap: the new mm is in satp before the old one goes. */
static bool call_exec(struct os *os, uint32_t pid) {
    if (!pid) return refuse(os, "exec: 0 is no process");
    while (!frames_want(os, 1)) {
        if (!os->current || !os->current->dying)
            return refuse(os, "exec: no memory left for a page table");
        if (os->current->pid == pid) return true; /* it is not to be */
        reap(os);
    }
    struct task *t = exec_task(os, pid);
    if (!t) return false;
    struct mm *old = t->mm;
    if (!old) process_begin(os, pid);
    vfork_done(os, t);
    t->waits = 0;
    t->mm = mm_new(os);
    t->killed = false;
    os->current = t;
    mm_switch(os, t->mm);
    if (old) mm_exit(os, old);
    return true;
}

bool os_switch(struct os *os, uint32_t pid) {
    struct task *t = task_alive(os, pid, "switch");
    if (!t) return false;
    if (t->waits)
        return refuse(os, "switch: process %u waits for its vfork child %u", pid, t->waits);
    os->current = t;
    mm_switch(os, t->mm);
    return true;
}

/* ---- Calls --------------------------------------------------------------------------- */
static bool call_of_task(struct os *os, const struct os_call *c) {
    struct task *t = task_alive(os, c->pid, "call");
    if (!t) return false;
    switch (c->nr) {
    case CALL_FORK: return call_fork(os, t, (uint32_t)c->arg[0]);
    case CALL_CLONE: return call_clone(os, t, c);
    case CALL_MMAP: return call_mmap(os, t->mm, c);
    case CALL_MUNMAP: return call_munmap(os, t->mm, c);
    case CALL_MPROTECT: return call_mprotect(os, t->mm, c);
    case CALL_BRK: return call_brk(os, t->mm, c);
    case CALL_MADVISE: return call_madvise(os, t->mm, c);
    case CALL_MREMAP: return call_mremap(os, t->mm, c);
    case CALL_MSYNC: return call_msync(os, t->mm, c);
    case CALL_MLOCK: return call_mlock(os, t->mm, c);
    case CALL_MUNLOCK: return call_munlock(os, t->mm, c);
    case CALL_MLOCKALL:
    case CALL_MUNLOCKALL: return call_mlockall(os, t->mm, c);
    case CALL_MINCORE: return call_mincore(os, t->mm, c);
    case CALL_MIGRATE: return call_migrate(os, t->mm, c);
    case CALL_OOM_ADJ: return call_oom_adj(os, t, c);
    default: return refuse(os, "call %u is not for os_call", c->nr);
    }
}

static bool dispatch(struct os *os, const struct os_call *c) {
    switch (c->nr) {
    case CALL_EXEC: return call_exec(os, c->pid);
    case CALL_EXIT: return call_exit(os, c);
    case CALL_FILE: return call_file(os, c);
    case CALL_FSYNC: return call_fsync(os, c);
    case CALL_TRUNCATE: return call_truncate(os, c);
    case CALL_IOERROR: return call_ioerror(os, c);
    case CALL_RECLAIM: reclaim_frames(os, c->arg[0]); return true;
    case CALL_WRITEBACK: write_back_all(os); return true;
    case CALL_KHUGEPAGED: khugepaged(os, true); return true;
    case CALL_COMPACT: compact(os); return true;
    default: return call_of_task(os, c);
    }
}

bool os_call(struct os *os, const struct os_call *c) {
    os->eio = false;
    os->enomem = false;
    migrate_finish(os);
    bool done = dispatch(os, c);
    reap(os);
    return done;
}

bool os_eio(const struct os *os) {
    return os->eio;
}

/* ---- Traps --------------------------------------------------------------------------- */
static void count_kind(struct os_stats *s, uint8_t kind) {
    switch (kind) {
    case KFAULT_ZERO_PAGE: s->zero_page++; break;
    case KFAULT_ANON_ALLOC: s->anon_alloc++; break;
    case KFAULT_THP_ZERO: s->thp_zero++; break;
    case KFAULT_THP_ALLOC: s->thp_alloc++; break;
    case KFAULT_FILE_MAP: s->file_map++; break;
    case KFAULT_SHMEM_ALLOC: s->shmem_alloc++; break;
    case KFAULT_COW_FILE: s->cow_file++; break;
    case KFAULT_COW_COPY: s->cow_copy++; break;
    case KFAULT_COW_REUSE: s->cow_reuse++; break;
    case KFAULT_MKWRITE: s->mkwrite++; break;
    case KFAULT_SWAP_IN: s->swap_in++; break;
    case KFAULT_AD_UPDATE: s->ad_update++; break;
    case KFAULT_MIGRATION: s->migration++; break;
    default: s->spurious++; break;
    }
}

static void account_repaired(struct os *os, struct os_outcome *o) {
    bool copied = o->kind == KFAULT_COW_FILE || o->kind == KFAULT_COW_COPY;
    if (o->major && !o->cost) o->cost = os->cfg.os_cost_major; /* from swap; else the store's */
    o->cost += os->cfg.os_cost_minor + (copied ? os->cfg.os_cost_copy : 0) +
               (o->kind == KFAULT_THP_ALLOC ? os->cfg.os_cost_huge : 0);
    count_kind(&os->stats, o->kind);
    if (o->major)
        os->stats.major++;
    else
        os->stats.minor++;
}

/* Without a handler the signal ends the process, all its threads (do_group_exit). */
static void raise_signal(struct os *os, struct task *t, struct os_outcome *o, bool caught) {
    o->cost = os->cfg.os_cost_signal;
    if (o->sig == SIGNAL_SEGV)
        os->stats.sigsegv++;
    else if (o->sig == SIGNAL_BUS)
        os->stats.sigbus++;
    if (caught) return;
    t->killed = true;
    group_end(os, t->group, t);
    task_end(os, t);
}

static struct os_outcome decide(struct os *os, const struct task *t, const struct os_trap *trap) {
    struct fault_of f = {.va = trap->va, .by = trap->kernel ? FAULT_BY_KERNEL : FAULT_BY_USER};
    f.waited = migrate_waits(os, t->mm, trap->va);
    migrate_finish(os);
    switch (trap->cause) {
    case CAUSE_STORE_PAGE: f.write = true; return fault_handle(os, t->mm, f);
    case CAUSE_INSTRUCTION_PAGE: f.fetch = true; return fault_handle(os, t->mm, f);
    case CAUSE_LOAD_PAGE: return fault_handle(os, t->mm, f);
    case CAUSE_LOAD_MISALIGNED:
    case CAUSE_STORE_MISALIGNED:
        return (struct os_outcome){.sig = SIGNAL_BUS, .code = SICODE_BUS_ADRALN};
    default: /* access faults */
        return (struct os_outcome){.sig = SIGNAL_SEGV, .code = SICODE_SEGV_ACCERR};
    }
}

static struct os_outcome settle(struct os *os, struct task *t, const struct os_trap *trap,
                                struct os_outcome o) {
    if (trap->kernel) os->stats.kernel++;
    if (!o.sig) {
        account_repaired(os, &o);
        faults_count(os, t, trap, &o);
    } else if (o.sig == SIGNAL_KILL) { /* who dies is on the list of kills, and goes below */
        o.cost = os->cfg.os_cost_signal;
        os->panicked |= !t->dying; /* out_of_memory: "System is deadlocked on memory" */
    } else if (trap->kernel) {
        o = (struct os_outcome){.efault = true};
    } else {
        raise_signal(os, t, &o, trap->caught);
    }
    reap(os);
    os->stats.os_cycles += o.cost;
    return o;
}

struct os_outcome os_frame_refused(struct os *os, uint32_t pid, bool caught) {
    struct os_outcome o = {.sig = SIGNAL_SEGV, .code = SICODE_SEGV_KERNEL};
    struct task *t = task_alive(os, pid, "sigframe");
    if (t) raise_signal(os, t, &o, caught);
    os->stats.os_cycles += o.cost;
    return o;
}

struct os_outcome os_trap(struct os *os, const struct os_trap *trap) {
    struct task *t = task_alive(os, trap->pid, "trap");
    if (!t) return (struct os_outcome){.sig = SIGNAL_KILL};
    os->enomem = false;
    return settle(os, t, trap, decide(os, t, trap));
}

/* handle_mm_fault for get_user_pages: no trap, but a fault of the task's (mm_account_fault). */
struct os_outcome os_gup(struct os *os, uint32_t pid, vaddr_t va, uint32_t how, paddr_t *pa) {
    const struct os_trap by = {.pid = pid, .va = va, .kernel = true};
    struct task *t = task_alive(os, pid, "get_user_pages");
    if (!t) return (struct os_outcome){.sig = SIGNAL_KILL};
    struct os_outcome o = gup_page(os, t->mm, va, how, pa);
    if (!o.kind && !o.sig) return o;
    os->stats.gup += !o.sig;
    return settle(os, t, &by, o);
}

/* ---- Background, and the killed ------------------------------------------------------ */
static bool due(uint32_t every, uint64_t done, uint64_t record) {
    return every && record / every > done / every;
}

bool os_due(const struct os *os, uint64_t done, uint64_t record) {
    return due(os->cfg.os_kswapd, done, record) || due(os->cfg.os_flusher, done, record) ||
           due(os->cfg.os_khugepaged, done, record) || due(os->cfg.os_kcompactd, done, record);
}

void os_background(struct os *os, uint64_t done, uint64_t record) {
    migrate_finish(os);
    if (due(os->cfg.os_flusher, done, record)) flusher(os);
    if (due(os->cfg.os_kswapd, done, record)) kswapd(os);
    if (due(os->cfg.os_kcompactd, done, record)) compact(os);
    if (due(os->cfg.os_khugepaged, done, record)) khugepaged(os, false);
}

const struct os_kill *os_kills(const struct os *os, size_t *count) {
    *count = os->kills;
    return os->kill;
}

void os_kills_done(struct os *os) {
    os->kills = 0;
}

bool os_panicked(const struct os *os) {
    return os->panicked;
}
