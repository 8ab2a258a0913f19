/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the recorder that live inside qemu-user, one process each: plugin.c (callbacks and
 * host faults), opcode.c (what an instruction does to memory), startup.c (what is mapped before the
 * first instruction), syscalls.c (what system calls do to memory), push.c (into the ring). State is
 * per process; fork copies it.
 */
#ifndef PW_RECORD_PLUGIN_H
#define PW_RECORD_PLUGIN_H
#include "ring.h"
#include <stdbool.h>
#include <stddef.h>

struct recorder {
    struct ring *ring;
    uint32_t pid;
};

/* push.c */
void push(struct recorder *, enum ring_kind kind, unsigned access, unsigned bytes,
          const uint64_t *arg, unsigned args);
void push_call(struct recorder *, unsigned call, bool file, uint64_t a0, uint64_t a1, uint64_t a2,
               uint64_t a3, uint64_t a4);
void push_note(struct recorder *, const char *text);
void push_file(struct recorder *, const char *name, uint64_t device, uint64_t inode, uint64_t size,
               bool grew);
_Noreturn void push_refuse(struct recorder *, enum ring_refuse why);

/* opcode.c: the instruction's data access (ACCESS_FETCH: it makes none) and its size. */
struct opcode {
    uint8_t access, bytes;
};
struct opcode opcode_decode(uint32_t insn);

/* startup.c: RING_START and everything that is mapped. */
void startup_push(struct recorder *);

/* mapped.c: which pages of the guest are mapped at all: SEGV_MAPERR or SEGV_ACCERR? */
void mapped_set(uint64_t va, uint64_t bytes, bool on);
bool mapped_get(uint64_t va);

/* syscalls.c */
void syscall_enter(struct recorder *, int64_t nr, const uint64_t *arg);
void syscall_leave(struct recorder *, int64_t nr, int64_t ret);
bool guest_read(const struct recorder *, uint64_t va, void *out, size_t bytes);

#endif
