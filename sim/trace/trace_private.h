/* SPDX-License-Identifier: Apache-2.0
 *
 * What the trace readers and the writer share, and nobody else sees: the reader's base, the rules
 * that hold for a stream of records whatever its form, the words of the text form, and the
 * constants of the binary form.
 */
#ifndef PW_TRACE_PRIVATE_H
#define PW_TRACE_PRIVATE_H
#include "trace.h"
#include <stdio.h>

/* ---- The rules of a stream (trace_check.c) ------------------------------------------------- */

enum {
    TRACE_BYTES_MAX = 4096,   /* of one access */
    TRACE_PID_MAX = 4194304,  /* PID_MAX_LIMIT of Linux */
    TRACE_FILE_MAX = 1048575, /* token.h keeps 20 bits of the file id */
    TRACE_NAME_MAX = 1000, /* of a file's name: four characters a byte at worst must fit a line */
    OOM_ADJ_MAX = 1000,    /* oom_score_adj: from minus that */
    TRACE_NOTE_MAX = 4000  /* of the text of a note, set or expectation */
};

struct trace_pairs {
    struct trace_pair {
        uint32_t a, b;
    } * at;
    size_t count, room;
};

struct trace_tasks {
    uint8_t *alive;             /* bit set over pids */
    struct trace_pairs threads; /* a: a thread, b: the pid of its group */
    struct trace_pairs waits;   /* a: waits until its vfork child b execs or ends */
};

struct trace_check {
    struct trace_tasks tasks;
    uint8_t *declared; /* bit set over file ids */
    uint8_t *devices;  /* those that are devices */
    uint32_t running;  /* 0: no process runs */
    bool begun;        /* a process was started */
    bool has_subject;  /* a record that an expectation can be about */
    enum trace_kind subject;
    uint8_t subject_access, subject_call;
    bool expected;                       /* something was expected of it */
    uint32_t subject_pid, subject_child; /* of a fork; else 0 */
    bool pins, pins_begun;               /* a trace of the pins, and it has records of them */
    uint64_t pins_cycle;
    unsigned pins_driven; /* in that cycle */
    char rule[160];
    const char *remedy;
};

/* trace_tasks.c */
bool tasks_alive(const struct trace_tasks *, uint32_t pid);
bool tasks_taken(const struct trace_tasks *, uint32_t pid); /* alive, or a living group's number */
uint32_t tasks_group(const struct trace_tasks *, uint32_t pid);
uint32_t tasks_waits(const struct trace_tasks *, uint32_t pid); /* for whom; 0: for nobody */
void tasks_start(struct trace_tasks *, uint32_t pid, uint32_t group);
void tasks_wait(struct trace_tasks *, uint32_t parent, uint32_t child);
void tasks_released(struct trace_tasks *, uint32_t child);
void tasks_end(struct trace_tasks *, uint32_t pid);
void tasks_end_group(struct trace_tasks *, uint32_t group);
void tasks_free(struct trace_tasks *);

void trace_check_init(struct trace_check *);
void trace_check_free(struct trace_check *);
/* Does the record keep the rules? If not: false, with rule and remedy. Sets r->pid to the running
 * process. */
bool trace_check_event(struct trace_check *, struct trace_record *); /* any kind */
bool trace_check_access(struct trace_check *, const struct trace_record *);

/* ---- Readers ------------------------------------------------------------------------------- */

struct trace {
    char *path;
    FILE *file; /* NULL: a generator */
    struct trace_header header;
    struct trace_check check;
    uint64_t index;  /* records handed out */
    uint64_t racing; /* accesses among them that are; `last`: of these, in the last record */
    bool last;
    bool (*next)(struct trace *, struct trace_record *);
    void (*close)(struct trace *);
};

/* The file is open and at its start; its first bytes have been looked at. */
struct trace *trace_text_open(const char *path, FILE *);
struct trace *trace_binary_open(const char *path, FILE *);
bool trace_is_binary(const uint8_t *bytes, size_t count);
#define TRACE_GENERATOR "gen:"
struct trace *trace_generator_open(const char *path);
/* traffic: and translate: */
bool trace_makes_pins(const char *path);
struct trace *trace_pins_open(const char *path, const struct config *);
void trace_unreadable(const char *path); /* ends the program, by errno */

/* ---- Records at the pins (trace_pins.c) ---------------------------------------------------- */

struct lex;
void trace_pins_scan(struct lex *, struct trace_record *);
int trace_pins_print(const struct pins_record *, char *out, size_t bytes); /* as snprintf */
/* NULL, or the rule that is broken. */
const char *trace_pins_check(struct trace_check *, const struct pins_record *);

/* ---- Words of the text form (trace_print.c) ------------------------------------------------ */

#define TRACE_TEXT_MAGIC "pagewalk-trace"
#define TRACE_PINS_MAGIC "pagewalk-pins"
extern const char *const trace_access_words[]; /* by enum access; ends with NULL */

/* One call, one line: the word, then the fields, a letter each:
 * P pid  C child (arg0)  h how it is cloned (arg1)  s store (arg1)  g group (arg0)  f file  N name
 * v address (arg0)  z size (arg0)  l length (arg1)  n new length (arg2)  o offset (arg2)  p prot
 * (arg2)  a advice (arg2)  d dontunmap (arg3)  w new address (arg4)  k kind of mapping  O onfault
 * (arg2)  A words of mlockall (arg0)  G words of gup (arg2)  F frames (arg0)  j a signed number
 * (arg0) */
struct trace_form {
    uint8_t call;
    const char *word, *fields;
};
extern const struct trace_form trace_forms[]; /* ends with word NULL */
extern const struct trace_advice {
    unsigned number;
    const char *word;
} trace_advices[]; /* madvise; ends with word NULL */

extern const char *const trace_lockall_words[]; /* bit 0 and up of mlockall's flags; NULL ends */
extern const char *const trace_ioerror_words[]; /* bit 0, bit 1 */
extern const char *const trace_gup_words[];     /* GUP_WRITE, ... */

/* What the text form cannot say is no part of a record: a canonical call prints and parses to
 * itself. */
void trace_call_canonical(struct os_call *);

/* ---- Constants of the binary form (docs/trace-format.md) ----------------------------------- */

enum {
    PWT_VERSION = 1,
    PWT_HEADER_MAX = 65536,
    PWT_BLOCK_HEADER = 48,
    PWT_END = 40,
    PWT_BLOCK_RECORDS = 1 << 20, /* most records of a block: what a reader must be able to hold */
    PWT_RAW_MAX = 8 << 20,       /* most bytes of a block before compression */
    PWT_EVENT_MAX = 8192,        /* most bytes of one record that is no access */
    PWT_RUN = 0xa0,      /* tokens: below an access; from here on so many accesses as guessed */
    PWT_RUN_LONG = 0xdf, /* the same, 64 and more: a number follows */
    PWT_EVENT = 0xe0,    /* 0xe0 + event: a record that is no access */
    PWT_RACING = 0x8000, /* beside an access's number of bytes: it is racing */
    PWT_OPTIONAL = 16 /* events from here on may be skipped by a reader that does not know them */
};
#define PWT_MAGIC     "\x89PWT\r\n\x1a\n"
#define PWT_BLOCK     0x314b4c42u /* "BLK1" */
#define PWT_END_MAGIC 0x31444e45u /* "END1" */

enum pwt_event { PWT_SWITCH, PWT_CALL, PWT_SIGNAL, PWT_EXPECT, PWT_SET, PWT_NOTE };

static inline uint64_t load_le(const uint8_t *p, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++) v |= (uint64_t)p[i] << (8 * i);
    return v;
}
static inline void store_le(uint8_t *p, uint64_t v, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) p[i] = (uint8_t)(v >> (8 * i));
}

#endif
