/* SPDX-License-Identifier: Apache-2.0
 *
 * One request to the kernel half, as a trace carries it. enums.def (group call) says what each
 * argument means. prot and flags are the numbers of Linux: PROT_READ 1, WRITE 2, EXEC 4; MAP_SHARED
 * 1, PRIVATE 2, FIXED 0x10, ANONYMOUS 0x20, GROWSDOWN 0x100 (a stack), NORESERVE 0x4000, POPULATE
 * 0x8000. A trace records what a real kernel granted, so addresses are results: mmap's arg0 is
 * where the mapping is.
 */
#ifndef PW_OS_CALL_H
#define PW_OS_CALL_H
#include "../types.h"
#include "enums.h"

enum { PROT_R = 1, PROT_W = 2, PROT_X = 4 };
enum {
    MAP_F_SHARED = 1,
    MAP_F_PRIVATE = 2,
    MAP_F_FIXED = 0x10,
    MAP_F_ANON = 0x20,
    MAP_F_GROWSDOWN = 0x100,
    MAP_F_NORESERVE = 0x4000,
    MAP_F_POPULATE = 0x8000
};
enum { GUP_WRITE = 1, GUP_PIN = 2, GUP_FORCE = 4, GUP_FUTEX = 8 }; /* see model/os/gup.c */
enum { CLONE_F_VM = 0x100, CLONE_F_VFORK = 0x4000, CLONE_F_THREAD = 0x10000 };

struct os_call {
    uint8_t nr;       /* enum call */
    uint32_t pid;     /* who calls; pids are those of the trace, 1 and up */
    uint32_t file;    /* file id, 1 and up; 0 = none */
    uint64_t arg[5];  /* see enums.def */
    const char *path; /* CALL_FILE: name for people; lives as long as the record */
};

/* Does the kernel get at user memory, arg1 bytes at arg0? */
static inline bool call_copies(uint8_t nr) {
    return (nr >= CALL_READ && nr <= CALL_KSTORE) || nr == CALL_GUP || nr == CALL_SIGFRAME;
}
/* Is it a store of the kernel's own? It has a number among the stores of the trace. */
static inline bool call_stores(const struct os_call *k) {
    return k->nr == CALL_KSTORE || k->nr == CALL_SIGFRAME ||
           (k->nr == CALL_GUP && (k->arg[2] & GUP_WRITE));
}

#endif
