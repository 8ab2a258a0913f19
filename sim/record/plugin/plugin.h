/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the recorder that live inside qemu-user, one process each: plugin.c (callbacks and
 * host faults), opcode.c (what an instruction does to memory), startup.c (what is mapped before the
 * first instruction), syscalls.c (what system calls do to memory), space.c (to the address space),
 * tasks.c (clone and exit), exec.c (execve), signals.c (handlers and their frames), push.c (into
 * the ring). What a thread of the guest is doing is its recorder's; what is mapped is the
 * process's, under its lock. fork copies both.
 */
#ifndef PW_RECORD_PLUGIN_H
#define PW_RECORD_PLUGIN_H
#include "ring.h"
#include <stdbool.h>
#include <stddef.h>

struct recorder { /* of one thread of the guest */
    struct ring *ring;
    uint32_t pid;       /* of the host: gettid */
    uint64_t args[6];   /* of the system call under way; the second callback has the result only */
    uint64_t current;   /* the instruction under way, as plugin.c packs it */
    bool atomic_pushed; /* its one access, if it is an atomic */
    unsigned waits_at, parent_at; /* places in ring->vfork, from 1: of this thread, which waits for
                                     its vfork child; of its parent, which waits for this process */
    bool locked;                  /* this thread has the lock of the address space */
    uint64_t stack, stack_bytes;  /* sigaltstack; 0 bytes: none */
    uint64_t asks[3];             /* what sigaction or sigaltstack under way will change, */
    bool asked;                   /* if it does */
    uint64_t once;                /* a handler that is one for a single signal, just used */
    uint64_t env;                 /* where qemu keeps the guest's registers; 0: not seen yet */
};

/* push.c */
void push(struct recorder *, enum ring_kind kind, unsigned access, unsigned bytes,
          const uint64_t *arg, unsigned args);
void push_call(struct recorder *, unsigned call, bool file, uint64_t a0, uint64_t a1, uint64_t a2,
               uint64_t a3, uint64_t a4);
void push_note(struct recorder *, const char *text);
struct host_file {
    const char *name;
    uint64_t device, inode, size;
    unsigned store; /* enum store */
    bool grew;      /* a write is to come */
};
void push_file(struct recorder *, const struct host_file *);
_Noreturn void push_refuse(struct recorder *, enum ring_refuse why);

/* opcode.c: the instruction's data access (ACCESS_FETCH: it makes none) and its size. */
struct opcode {
    uint8_t access, bytes;
};
struct opcode opcode_decode(uint32_t insn);

/* startup.c: RING_START and everything that is mapped. */
void startup_push(struct recorder *);

/* mapped.c: what each page of the guest permits. */
enum { MAPPED = 8 }; /* beside PROT_*: it is mapped, though perhaps PROT_NONE */
void mapped_set(uint64_t va, uint64_t bytes, unsigned rights); /* 0: unmapped */
unsigned mapped_rights(uint64_t va);
/* Does a page of the range permit now what `rights` do not? */
bool mapped_loses(uint64_t va, uint64_t bytes, unsigned rights);

/* space.c: the lock, and a call's place in the order. */
void space_lock(struct recorder *);
void space_unlock(struct recorder *);
void space_settle(struct recorder *); /* waits a while for a call of another thread to end */
void space_threads(bool);             /* has this process several threads, from now on? */
void space_enter(struct recorder *, int64_t nr);
bool space_leave(struct recorder *, int64_t nr, int64_t ret); /* true: it was such a call */

/* tasks.c */
void task_begin(struct recorder *, struct ring *); /* the first callback of a thread */
void task_enter(struct recorder *, int64_t nr);
void task_started(struct recorder *, unsigned parent_at); /* a program runs: nobody waits for it */
bool task_leave(struct recorder *, int64_t nr, int64_t ret); /* true: it was such a call */

/* sysv.c: shmat, shmdt, shmctl when they have been made. */
uint64_t sysv_attach(struct recorder *, uint64_t va); /* bytes that are mapped there now */
uint64_t sysv_bytes(uint64_t va);                     /* 0: no segment is attached there */
void sysv_detach(struct recorder *, uint64_t va);
void sysv_removed(struct recorder *);

/* signals.c */
void signals_enter(struct recorder *, int64_t nr);
void signals_leave(struct recorder *, int64_t nr, int64_t ret);
/* At a fault of the guest's own: what becomes of its signal's frame, and where that goes; then
 * where that of SIGSEGV goes if it is refused, 0: nowhere. */
enum ring_frame signals_frame(struct recorder *, int sig, const void *context, uint64_t va[2]);
void signals_absorbed(struct recorder *, int sig);    /* there was no signal after all */
uint64_t signals_frame_left(const struct recorder *); /* by sigreturn; 0: unknown */

/* exec.c: does not return if the program starts. */
void exec_enter(struct recorder *);

/* syscalls.c */
void syscall_enter(struct recorder *, int64_t nr, const uint64_t *arg);
void syscall_leave(struct recorder *, int64_t nr, int64_t ret);
bool guest_read(const struct recorder *, uint64_t va, void *out, size_t bytes);
void push_user(struct recorder *, unsigned call, uint64_t va, uint64_t bytes);
/* Announces the file behind a descriptor. False: it is no regular file. */
bool push_fd(struct recorder *, uint64_t fd, bool grew, uint64_t *size);
bool push_path(struct recorder *, const char *name); /* likewise */

#endif
