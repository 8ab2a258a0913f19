/* SPDX-License-Identifier: Apache-2.0
 *
 * State of a recording, shared by record_events.c, record_tasks.c, record_signals.c,
 * record_order.c and record_report.c.
 */
#ifndef PW_RECORD_PRIVATE_H
#define PW_RECORD_PRIVATE_H
#include "record.h"

enum { UNKNOWN_MAX = 1024, NAME_MAX_BYTES = 512, FRAMES_MAX = 32 };

struct process { /* a task: of a process with threads, one of them */
    uint32_t host, pid;
    uint32_t group;   /* pid of the process, whose first thread had it */
    uint32_t mm;      /* number of its address space, shared with other tasks */
    uint64_t clear;   /* clear_child_tid, 0: none */
    uint32_t vforked; /* pid of the parent that waits for it, 0: nobody */
    bool execs;       /* it has called execve */
    bool alive, told_by_parent, told_by_child;
    bool pending;               /* `fault` waits for what becomes of it */
    bool raced;                 /* it came in another thread's call that changes the mapping */
    uint64_t frame[FRAMES_MAX]; /* of its handlers that run, or were left by a jump; oldest first */
    uint32_t frames;
    struct ring_item fault;
    uint64_t pc;   /* of the last fetch */
    uint32_t file; /* index of the file last announced */
    char text[NAME_MAX_BYTES];
    size_t text_bytes;
};

struct file {
    uint64_t device, inode, size;
    uint8_t store; /* enum store */
    uint32_t id;   /* 0: not declared yet */
    char name[NAME_MAX_BYTES];
};

/* A call that changes mappings is under way; ranges of its arguments and of its result. */
struct window {
    const struct process *caller; /* NULL: none */
    struct {
        uint64_t va, bytes;
    } range[2];
};
enum { WINDOWS = 64 }; /* one a process with threads */

struct events {
    const struct record_options *options;
    struct trace_writer *writer;
    struct process **process, *last;
    struct file *file;
    uint32_t processes, spaces, files, declared, running;
    volatile uint64_t seen; /* accesses that the program made; the progress line reads it */
    uint64_t accesses;      /* of these, in the trace */
    uint64_t racing;        /* and of these, in another thread's call that changes their mapping */
    struct window window[WINDOWS];
    uint32_t windows; /* so many, from the first, may be open */
    struct order *order;
    uint32_t signals, caught;
    bool full, handlers, unknown[UNKNOWN_MAX];
    const char *refusal;
    char directory[1024];
};

/* record_events.c */
void events_write(struct events *, const struct trace_record *);
void events_call(struct events *, const struct os_call *);
void events_run(struct events *, const struct process *); /* it runs from now on */
void events_access(struct events *, const struct process *, const struct ring_item *, bool racing);
bool events_skip(const struct events *);
void events_do(struct events *, const struct ring_item *); /* the next one in the trace's order */

/* record_tasks.c */
struct process *process_new(struct events *, uint32_t host);
struct process *process_find(struct events *, uint32_t host); /* NULL: none ever had it */
void process_exit(struct events *, struct process *, bool group);
void process_gone(struct events *, struct process *);  /* with all its threads, as the trace says */
void process_ended(struct events *, struct process *); /* with all its threads: it is gone */
void process_start(struct events *, uint32_t host);
void process_fork(struct events *, struct process *parent, const struct ring_item *);
void process_forked(struct events *, const struct ring_item *);

/* record_signals.c */
void signals_fault(struct events *, struct process *, const struct ring_item *);
void signals_resolve(struct events *, struct process *, const struct ring_item *next);
void signals_killed(struct events *, struct process *); /* by the fault that waits */
void signals_return(struct events *, struct process *, const struct ring_item *);
void signals_mappings(struct events *, const struct process *); /* are changed by it */

/* record_order.c */
struct order *order_new(void);
void order_item(struct events *, const struct ring_item *);
void order_flush(struct events *); /* nothing follows: what is held back, as far as it is known */
void order_delete(struct order *);
void window_open(struct events *, const struct process *, const struct ring_item *);
void window_more(struct events *, const struct process *, const struct ring_item *);
void window_close(struct events *, const struct process *);
/* Is the access in the range of another thread's call? NULL: no. */
const struct window *window_race(const struct events *, const struct process *, uint64_t va,
                                 unsigned bytes);

#endif
