/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk reduce: a failing trace made small, with the same signature. docs/regressions.md says
 * how and why; the chapters are
 *
 *   reduce_items.c    a trace in memory: parts of it taken away, what remains printed
 *   reduce_depend.c   which record needs which: mappings, forks, files
 *   reduce_try.c      does this one fail in the same way? in a process of its own
 *   reduce.c          records
 *   reduce_shape.c    mappings, then configuration
 *   reduce_pins.c     a trace of the pins: where it begins, and its pauses
 *   verb_reduce.c     the verb
 */
#ifndef PW_REDUCE_H
#define PW_REDUCE_H
#include "replay.h"
#include "trace.h"
#include <time.h>

/* ---- A trace in memory ----------------------------------------------------------------------- */

struct item {
    vaddr_t va;
    const struct trace_record *record; /* NULL: an access */
    uint32_t pid;                      /* who runs before it; 0: nobody */
    uint32_t store; /* number of this store, or of that which the expectation is about; else 0 */
    uint16_t bytes;
    uint8_t access;
    bool warm; /* before the window: it moves the kernel half only */
    bool racing;
};

struct items {
    struct item *at;
    size_t count, room;
    bool pins; /* of a trace of the pins */
};

struct reduce;
/* Records of the trace up to r->records, without notes and settings; those before options.from are
 * warm. Where knobs count records, empty notes stand for what is not as long as it was. */
void items_load(struct items *, const struct reduce *r);
/* What is not gone. `connect`: with a `run` where an item is left among those of another process.
 */
void items_keep(const struct items *, const uint8_t *gone, bool connect, struct items *kept);
void items_print(const struct items *, FILE *);
size_t items_warm(const struct items *);
void items_free(struct items *);
/* A copy of a record for items to hold, until a candidate is refused or items_end. */
struct trace_record *items_record(const struct trace_record *);
void items_decided(bool taken); /* of the candidate for which the last copies were made */
void items_end(void);
bool item_calls(const struct item *, uint8_t nr); /* is it this call? */

/* ---- What needs what ------------------------------------------------------------------------- */

enum { NEEDS = 4 };
struct needs {
    uint32_t item[NEEDS]; /* 1 + index of an item that it needs; 0: none */
};
/* One row an item; the caller frees it. */
struct needs *items_needs(const struct items *);
/* Whatever needs something that is gone goes, too. */
void items_close(const struct items *, const struct needs *, uint8_t *gone);

/* ---- The reduction --------------------------------------------------------------------------- */

struct reduce {
    const char *trace, *out;
    struct config config;
    const char *config_file;       /* what the settings in the reduced trace stand above, or NULL */
    struct config base;            /* that of config_file */
    const char *config_name;       /* for `expect cycles N in NAME` */
    const char *engine;            /* that was asked for */
    struct replay_options options; /* options.engine: the cheapest that shows the failure, too */
    struct items best;
    char signature[SIGNATURE_BYTES];
    const volatile sig_atomic_t *stop;
    uint64_t records, replays; /* of the trace, up to its failure; done so far */
    struct timespec began, wrote;
};

/* Fails the trace, and how? False: it passes. Bad input ends the program. */
bool reduce_begin(struct reduce *);
/* From now on on the C model, if the trace fails in the same way there. */
bool reduce_on_model(struct reduce *);
void reduce_draw(struct reduce *, uint32_t seed); /* from now on with this mem.seed */
void reduce_as_asked(struct reduce *);            /* on the engine that was asked for */
/* Does it fail with the signature? The first becomes the best there is; else they are freed. */
bool reduce_try(struct reduce *, struct items *);
bool reduce_try_config(struct reduce *, const struct config *, const char *name, uint32_t seed);
/* As `pagewalk run` will replay it: is the file that was written still a failure of that kind? */
bool reduce_holds(struct reduce *);
void reduce_write(struct reduce *); /* the best so far */
/* Records before the first item in what is written with this configuration: the kernel half and
 * --from go by the number of a record (docs/reclaim.md), so candidates have them, too. */
size_t reduce_header(const struct reduce *, const struct config *);
/* After so many records all that is done every N records is done again; 1: nothing is. */
uint64_t reduce_period(const struct reduce *);
uint64_t reduce_from(const struct reduce *); /* of the best: --from, or 0 */
void reduce_end(struct reduce *);
static inline bool reduce_stopped(const struct reduce *r) {
    return *r->stop != 0;
}
double reduce_seconds(const struct reduce *);
uint8_t *reduce_flags(const struct reduce *); /* a byte an item of the best, all 0, to free */

bool reduce_mappings(struct reduce *); /* true: something became simpler */
bool reduce_config(struct reduce *);
void reduce_begin_later(struct reduce *); /* of the pins: at the last reset that will do */
bool reduce_pauses(struct reduce *);      /* of the pins: cycles in which nothing is offered */
bool reduce_squeeze(struct reduce *);     /* of the pins: all pauses shorter, at once */
void reduce_all(struct reduce *);

#endif
