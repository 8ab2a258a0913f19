/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of `make linux-check`: what a kernel let be seen of one record of a text trace. The
 * runner fills it from a real kernel, the other program from the kernel half; both print it with
 * row_print, so two rows agree if their lines do.
 *
 *   N | RECORD | FAULTS | minor A major B | END | VALUE | PID STATE ...
 *
 * FAULTS, in order:  u|k r|w|x ADDRESS p0|p1 KIND     who, access, where, was the PTE present, kind
 * END:               ok, a count, efault, or `sigsegv maperr`
 * PID STATE:         of each process whose state is not what the row before it printed:
 *                    {PID: VMAS; smaps; PAGES}. A page is `VA KIND`, KIND Z (the zero page),
 *                    A (anonymous), F (of a file or shmem object), S (in swap); a 2 before it: all
 *                    512 pages of a leaf of 2 MiB; ' after it: another frame than before; =PID:+D:
 *                    one frame with that process's page D bytes from here, the first such. A dot
 *                    stands for one page more of the same.
 */
#ifndef PW_LINUX_ROW_H
#define PW_LINUX_ROW_H
#include "trace.h"
#include "enums.h"
#include "types.h"
#include <stdio.h>

enum { LEAF_BYTES = 1 << 21 };
enum { ROW_FAULTS = 600, ROW_PROCESSES = 16, ROW_VALUE = 8, ROW_BYTES = 1 << 18 };

/* /proc/PID/smaps, in pages; the order of its fields. */
enum smaps {
    SMAPS_RSS,
    SMAPS_SHARED_CLEAN,
    SMAPS_SHARED_DIRTY,
    SMAPS_PRIVATE_CLEAN,
    SMAPS_PRIVATE_DIRTY,
    SMAPS_ANONYMOUS,
    SMAPS_LAZYFREE,
    SMAPS_SWAP,
    SMAPS_LOCKED,
    SMAPS_HUGE, /* AnonHugePages */
    SMAPS_FIELDS
};

struct seen_page {
    vaddr_t va;
    uint64_t frame;
    char kind; /* Z A F S */
    bool huge; /* by a leaf of 2 MiB */
};

struct seen_vma {
    vaddr_t start, end;
    char perm[5];
    uint64_t offset; /* in the file */
    char name[256];
};

struct seen_mm { /* one process as the kernel shows it */
    uint32_t pid;
    bool alive;
    struct seen_vma *vma;
    struct seen_page *page; /* present and swapped ones, in order */
    size_t vmas, vma_room, pages, page_room;
    uint64_t smaps[SMAPS_FIELDS];
};

struct seen { /* all processes, in order of pid */
    struct seen_mm mm[ROW_PROCESSES];
    size_t count;
};

struct seen_fault {
    bool kernel, present;
    char access; /* r w x */
    vaddr_t va;
    uint8_t kind; /* enum kfault */
};

struct row {
    uint64_t number;
    const struct trace_record *record;
    struct seen_fault fault[ROW_FAULTS];
    size_t faults;
    uint64_t minor, major;
    uint8_t sig, code; /* enum signal, enum sicode */
    bool efault, eio;
    uint64_t done; /* bytes of read, write, kload, kstore, gup, sigframe */
    uint8_t value[ROW_VALUE];
    size_t values;
};

/* What both sides make of a trace before they begin. */
struct plan {
    const char *path;
    uint64_t hash;                /* of the records that are performed */
    uint64_t records;             /* how many */
    struct trace_record file[64]; /* files it declares: call.file, call.arg[0], path */
    size_t files;
    uint16_t fetched[256]; /* page offsets that are ever fetched from */
    size_t fetches;
    uint64_t *caught; /* bit set of rows whose signal has a handler */
    size_t caught_words;
};
void plan_make(struct plan *, const char *path);
bool plan_performed(const struct trace_record *); /* has a row */
bool plan_caught(const struct plan *, uint64_t row);
bool plan_shmem(const struct plan *, const char *name); /* is what has this name a shmem object? */
bool plan_fetched(const struct plan *, vaddr_t);

struct seen_mm *seen_of(struct seen *, uint32_t pid); /* made if it is not there */
const struct seen_mm *seen_find(const struct seen *, uint32_t pid);
const struct seen_page *seen_page_at(const struct seen_mm *, vaddr_t);
const struct seen_vma *seen_vma_at(const struct seen_mm *, vaddr_t);
void seen_add_vma(struct seen_mm *, const struct seen_vma *);
void seen_add_page(struct seen_mm *, const struct seen_page *);
void seen_clear(struct seen_mm *);
void seen_maps(struct seen_mm *, const char *text); /* text of /proc/PID/maps */
void seen_free(struct seen *);

/* Prints one line. `state` keeps the text of each process between rows; NULL starts anew. */
struct row_state;
void row_print(FILE *, const struct plan *, const struct row *, const struct seen *before,
               const struct seen *after, struct row_state **state);
void row_state_free(struct row_state *);

#endif
