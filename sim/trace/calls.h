/* SPDX-License-Identifier: Apache-2.0
 *
 * Which call of a trace an address comes from: the mmap or brk that made it a place, and the forks
 * and mremaps that brought it where it is. The kernel keeps nothing of a call behind its VMA, which
 * merges and splits; so calls and notes are remembered as they are read, and gone through backward.
 */
#ifndef PW_CALLS_H
#define PW_CALLS_H
#include "os/os.h"
#include "trace.h"

enum { CALLS_TEXT = 128 };

struct told { /* a call, or a note: nr CALL_NONE */
    uint64_t index;
    struct os_call call;
    unsigned space, made; /* address space that it acts in; that it makes, 0: none */
    vaddr_t brk;          /* where the heap ended before */
    char text[CALLS_TEXT];
};

struct calls;
struct calls *calls_new(void);
void calls_delete(struct calls *);
void calls_read(struct calls *, const struct trace_record *); /* the next one, of any kind */

/* Of an address in this VMA of a task, behind record `at`: the call that made it first, then what
 * brought it here, `most` at most. Returns how many; 0: none of the trace's. */
size_t calls_origin(const struct calls *, uint32_t pid, uint64_t at, vaddr_t va,
                    const struct os_smaps *vma, const struct told *found[], size_t most);
/* The note that tells of a call: of a recorded program the next one behind it (docs/recording.md),
 * of a text trace the last one before it. NULL: none. */
const struct told *calls_note(const struct calls *, const struct told *call);

#endif
