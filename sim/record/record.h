/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder outside qemu: verb_record.c (the verb), record_launch.c (finding and starting
 * things), record_drain.c (the consumer's end of the ring), record_order.c (in which order items
 * are taken), record_events.c (they become trace records), record_tasks.c (who runs),
 * record_report.c (what was recorded and what was not). What runs inside qemu lies in
 * record/plugin/.
 */
#ifndef PW_RECORD_H
#define PW_RECORD_H
#include "plugin/ring.h"
#include "trace.h"
#include <sys/types.h>

struct record_options {
    const char *arch, *output;
    const char *root;   /* where the guest's loader and libraries are; a prefix of its file names */
    uint64_t skip, max; /* accesses left out at the start; accesses recorded at most, 0: all */
    char **command;     /* NULL at its end */
};

/* ---- record_launch.c: bad input does not return ---------------------------------------------- */
struct record_launch {
    char qemu[1024], plugin[1024], program[1024];
    struct ring *ring;
    int fd;
    pid_t child;
};
void record_find(const struct record_options *, struct record_launch *);
void record_start(const struct record_options *, struct record_launch *);

/* ---- record_events.c, record_report.c -------------------------------------------------------- */
struct events;
struct events *events_new(const struct record_options *, const struct record_launch *);
void events_item(struct events *, const struct ring_item *);
void events_finish(struct events *); /* ends what still runs, and the trace */
bool events_started(const struct events *);
bool events_full(const struct events *);           /* --max is reached */
const char *events_refusal(const struct events *); /* why nothing can follow, or NULL */
/* Host pids of what runs. */
uint32_t events_hosts(const struct events *, uint32_t *out, uint32_t room);
volatile uint64_t *events_accesses(struct events *);
/* On stderr. status: of the first process, from wait. */
void events_report(const struct events *, int status);
void events_delete(struct events *);

/* ---- record_drain.c -------------------------------------------------------------------------- */
/* Takes items until every process is gone. Returns the wait status of the first process. */
int record_drain(const struct record_launch *, struct events *);

#endif
