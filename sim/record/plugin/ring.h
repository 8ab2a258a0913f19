/* SPDX-License-Identifier: Apache-2.0
 *
 * The ring between the recorded processes and the recorder: shared memory that fork inherits, so
 * that every process of a recording pushes into the same one and the order of the items is the
 * order of the recording.
 *
 * No lock: a producer draws a ticket (fetch-add on `head`), waits until the slot of that ticket has
 * been drained, fills it and publishes it by storing ticket + 1 in `stamp`. The one consumer takes
 * tickets in order. A ring full of items makes producers sleep; a recorder that has died makes them
 * exit.
 *
 * An item is one cache line. File names travel in RING_TEXT items before the RING_FILE item they
 * belong to; a RING_CALL with `bytes` set speaks of the file of the RING_FILE item before it (of
 * the same process).
 */
#ifndef PW_RECORD_RING_H
#define PW_RECORD_RING_H
#include <stdatomic.h>
#include <stdint.h>

enum ring_kind {
    RING_NONE,
    RING_ACCESS,   /* access, bytes; arg0 va */
    RING_START,    /* a program: what follows are its initial mappings */
    RING_CALL,     /* access: enum call; bytes: uses the last file; arg0 to arg4 */
    RING_ENTER,    /* a call that changes mappings begins: arg0 va, arg1 bytes, as far as known;
                      arg2: it may take effect here */
    RING_LEAVE,    /* it is over: arg0, arg1: a second range, that of its result; arg2: it took
                      effect where it began. Only in processes with threads, as RING_ENTER */
    RING_TEXT,     /* bytes: how many characters of a file name lie in arg */
    RING_FILE,     /* arg0 device, arg1 inode, arg2 size, arg3: a write is to come,
                      arg4 enum store */
    RING_FORK,     /* by the parent: arg0 host pid of the child, arg1 clone flags, arg2 where its
                      clear_child_tid lies. A thread's is told before the thread does anything */
    RING_FORKED,   /* by the child, if it is a process: arg0 host pid of the parent, arg1 flags */
    RING_EXEC,     /* by the thread that calls: RING_START of its process follows, if it succeeds */
    RING_TID,      /* arg0: where clear_child_tid lies from now on (set_tid_address) */
    RING_FAULT,    /* access, bytes; arg0 va, arg1 signal, arg2 sicode: a refused access; arg3: enum
                      ring_frame, arg4: where the frame of its handler goes, arg5: that of the
                      SIGSEGV which takes its place if it is refused, 0: nowhere */
    RING_ABSORBED, /* qemu itself repaired the fault reported before: the access goes on */
    RING_REAPED,   /* arg0 host pid of a child that is dead */
    RING_SIGRETURN, /* a guest signal handler returned: arg0 where its frame is, 0: unknown */
    RING_NOTE,      /* the RING_TEXT items before it are a note of the program's */
    RING_UNKNOWN,   /* arg0: number of a system call that the table does not know */
    RING_REFUSE     /* arg0: enum ring_refuse; the process waits to be killed */
};

enum ring_refuse {
    RING_REFUSE_CLONE,
    RING_REFUSE_EXEC,
    RING_REFUSE_EXECVEAT,
    RING_REFUSE_START,
    RING_REFUSE_HUGETLB,
    RING_REFUSE_DAX,
    RING_REFUSE_USERFAULT,
    RING_REFUSE_NUMA,
    RING_REFUSE_PKEY,
    RING_REFUSE_SHADOW
};

enum ring_frame {
    RING_FRAME_NONE, /* the signal has no handler */
    RING_FRAME_FITS,
    RING_FRAME_REFUSED, /* it cannot be written */
    RING_FRAME_UNKNOWN  /* the stack pointer could not be read */
};
/* As qemu-user 7.2 pushes it on riscv64: a siginfo of 128 bytes, then a ucontext without Q. */
enum { RING_FRAME_BYTES = 832 };

enum { RING_ITEMS = 1 << 16, RING_TEXT_BYTES = 48, RING_VFORKS = 64 };

struct ring_item {
    _Atomic uint64_t stamp;
    uint32_t pid; /* of the host */
    uint8_t kind, access;
    uint16_t bytes;
    uint64_t arg[6];
};

struct ring {
    _Alignas(64) _Atomic uint64_t head;
    _Alignas(64) _Atomic uint64_t tail;
    _Alignas(64) _Atomic uint32_t stop;  /* the recorder has enough: push nothing more */
    int32_t reader, reader_fd;           /* host pid of the recorder, and its descriptor of this */
    uint64_t guest_base;                 /* host address of guest address 0 */
    uint64_t guest_bytes;                /* size of the guest's address space */
    _Atomic uint32_t vfork[RING_VFORKS]; /* host pids that wait for their vfork children; 0: free */
    _Alignas(64) struct ring_item item[RING_ITEMS];
};

#endif
