/* SPDX-License-Identifier: Apache-2.0
 *
 * State of a recording, shared by record_events.c and record_report.c.
 */
#ifndef PW_RECORD_PRIVATE_H
#define PW_RECORD_PRIVATE_H
#include "record.h"

enum { UNKNOWN_MAX = 1024, NAME_MAX_BYTES = 512 };

struct process {
    uint32_t host, pid;
    bool alive, told_by_parent, told_by_child;
    bool pending; /* `fault` waits for what becomes of it */
    struct ring_item fault;
    uint64_t pc;   /* of the last fetch */
    uint32_t file; /* index of the file last announced */
    char text[NAME_MAX_BYTES];
    size_t text_bytes;
};

struct file {
    uint64_t device, inode, size;
    uint32_t id; /* 0: not declared yet */
    char name[NAME_MAX_BYTES];
};

struct events {
    const struct record_options *options;
    struct trace_writer *writer;
    struct process **process, *last;
    struct file *file;
    uint32_t processes, files, declared, running;
    volatile uint64_t seen; /* accesses that the program made; the progress line reads it */
    uint64_t accesses;      /* of these, in the trace */
    uint32_t signals;
    bool full, handlers, unknown[UNKNOWN_MAX];
    const char *refusal;
    char directory[1024];
};

void events_write(struct events *, const struct trace_record *);

#endif
