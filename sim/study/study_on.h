/* SPDX-License-Identifier: Apache-2.0
 *
 * Where jobs run. A place takes jobs while it has room and hands back finished ones; it knows
 * nothing of databases, and the rest of a study nothing of where a job ran. `local` forks processes
 * of this machine. A cluster is another table of these five: `start` submits, `next` reads what
 * came back.
 */
#ifndef PW_STUDY_ON_H
#define PW_STUDY_ON_H
#include "study.h"

struct study_place {
    const char *name, *sentence;
    void *(*open)(const struct study_plan *, unsigned jobs);
    bool (*start)(void *, size_t job); /* false: no room; ask again after a `next` */
    /* Waits for a finished job, `seconds` at most. False: none yet. */
    bool (*next)(void *, struct study_result *, double seconds);
    unsigned (*running)(void *);
    void (*close)(void *); /* ends what still runs */
};

extern const struct study_place *const study_places[]; /* the default first, NULL at the end */
const struct study_place *study_place_find(const char *name);

#endif
