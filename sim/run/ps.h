/* SPDX-License-Identifier: Apache-2.0
 *
 * `run --ps N,...`: the processes and their VMAs as they stand after record N, taken while the
 * replay goes on and shown when it is over, in the words of /proc/PID/status and /proc/PID/smaps.
 * A trap or call acts when all that is older is done, so a state between two records is one
 * whatever is in flight; taking it costs no cycle.
 */
#ifndef PW_PS_H
#define PW_PS_H
#include "os/os.h"
#include "calls.h"
#include "trace.h"
#include <jansson.h>
#include <stdio.h>

#define PS_END UINT64_MAX /* for a record number: the last one, whichever it is */

/* What made the first page of a VMA, and what it lies on if it is of a file. */
struct ps_made {
    char text[64]; /* "mmap 14619", "mmap 3 on disk"; "": no call of the trace */
};

struct ps_process {
    struct os_status status;
    struct os_smaps *vma; /* with names of their own */
    struct ps_made *made; /* of each, where `notes` were asked for; else NULL */
    size_t vmas;
};

struct ps_state { /* after one record */
    uint64_t asked, record;
    char *text;    /* of the record; NULL: the state at the end */
    uint32_t line; /* of a text trace; else 0 */
    struct ps_process *process;
    size_t processes;
    bool taken;
    bool note; /* asked for by `notes` */
};

struct ps {
    struct ps_state *state;    /* in the order of `asked` */
    size_t states, next, read; /* next to be taken, to be read */
    uint64_t last;             /* record that was read */
    bool notes;                /* after each note, too */
    struct calls *calls;       /* with `notes` */
};

bool ps_ask(struct ps *,
            const char *list); /* of record numbers, `notes` and `end`; false: it is none */
void ps_begin(struct ps *);    /* a new replay */
void ps_read(struct ps *, const struct trace_record *); /* this is the next record of the trace */
/* Is a state asked for that lies before record `next`, the next one that acts? */
static inline bool ps_due(const struct ps *p, uint64_t next) {
    return p && p->next < p->states && p->state[p->next].asked < next;
}
void ps_take(struct ps *, const struct os *, uint64_t next);
void ps_end(struct ps *, const struct os *);         /* no record acts any more */
const struct ps_state *ps_missed(const struct ps *); /* one that the run did not reach, or NULL */
void ps_free(struct ps *);

void ps_print(FILE *, const struct ps *);
json_t *ps_json(const struct ps *);

#endif
