/* SPDX-License-Identifier: Apache-2.0
 *
 * `run --trace walk,fault,fence,kernel`: what happens, as text, one line an event:
 *
 *     CYCLE KIND WORD ...
 *
 * The words are those of enums.def, as in logs, reports and waves. docs/regressions.md lists them.
 */
#ifndef PW_EVENTS_H
#define PW_EVENTS_H
#include "enums.h"
#include "types.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum event_kind { EVENT_WALK, EVENT_FAULT, EVENT_FENCE, EVENT_KERNEL, EVENT_COUNT };
extern const char *const event_words[]; /* by enum event_kind; ends with NULL */

/* Which events, and where they go. Of pid 0, range 0-0, mapping 0 and words NULL each is any. */
struct event_options {
    FILE *out;
    unsigned kinds; /* bit k: enum event_kind */
    uint32_t pid;
    vaddr_t from, to;  /* addresses, both ends included */
    vaddr_t mapping;   /* an address in the mapping */
    const char *words; /* commas between: cow_copy,load_page */
};

struct entry;
struct part;

/* What the pins tell of a walk in one cycle, decoded once: --trace prints it, explain keeps it. */
enum walk_kind {
    WALK_AHEAD,  /* a page that nobody asked for takes the slot of prefetch */
    WALK_START,  /* level */
    WALK_ASK,    /* op, pa; of a cas: pte, to */
    WALK_ANSWER, /* op, pa; error, or pte (of a cas: ok, and as it was asked) */
    WALK_SHARE,
    WALK_MERGE,
    WALK_DENY,
    WALK_HOLD,
    WALK_END /* size */
};
struct walk_event {
    enum walk_kind kind;
    unsigned slot;
    const struct entry *access; /* NULL: it was killed */
    const struct part *part;
    unsigned level;
    uint8_t op, size; /* enum memop, enum size */
    paddr_t pa;       /* of the PTE */
    pte_t pte, to;
    bool error, ok;
};

/* Behind the kind of a fault: a user's, the kernel's own access, get_user_pages. */
static inline const char *fault_by(bool kernel, bool gup) {
    return gup ? "+g" : kernel ? "+k" : "";
}

#endif
