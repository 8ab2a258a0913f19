/* SPDX-License-Identifier: Apache-2.0
 *
 * Traces: a stream of records, from a text file (.trace), a binary one (.pwt), or a generator
 * (gen:NAME?...); docs/trace-format.md. One record at a time, bounded memory, whatever the length.
 * A trace is of programs, or of the pins: text (.pins), or a generator (traffic:, translate:).
 */
#ifndef PW_TRACE_H
#define PW_TRACE_H
#include "os/call.h"
#include "pins.h"
#include "types.h"
#include <stddef.h>

enum trace_kind {
    TRACE_ACCESS, /* one access of the running process: access, va, bytes; a fetch is one
                     instruction */
    TRACE_SWITCH, /* process `pid` runs from now on */
    TRACE_CALL,   /* the kernel half is asked for `call` */
    TRACE_SIGNAL, /* the access just before this record was ended by signal `sig`, `code` (recorded
                     or expected), and its process with it unless the signal was `caught` */
    TRACE_EXPECT, /* `text`: an expectation about the record before it (expect.h) */
    TRACE_SET, /* `text`: "key value": a configuration the trace needs; before the first access only
                */
    TRACE_NOTE, /* `text`: for people */
    TRACE_PINS  /* `pins`; only in a trace of the pins, beside set and note */
};

struct trace_record {
    enum trace_kind kind;
    uint8_t access; /* enum access */
    bool racing; /* an access to what a call of another thread was changing: in which order, nobody
                    knows */
    uint16_t bytes; /* 1 to 4096; an access may cross a page: the driver splits it */
    uint32_t pid;
    vaddr_t va;
    uint8_t sig, code; /* enum signal, enum sicode */
    bool caught;       /* by a handler: the process lives */
    struct os_call call;
    struct pins_record pins;
    const char *text; /* lives until the next trace_next */
    uint64_t index;   /* record number, from 1 */
    uint32_t line;    /* text traces: line number, from 1; else 0 */
};

struct trace_header {
    uint32_t version;
    char isa[16]; /* "rv64" */
    char program[128], command[256], recorder[64];
    uint64_t accesses, records; /* 0 if unknown (text) */
    bool binary;                /* .pwt, not text */
    bool generated;             /* neither: a generator, its name stands for the file */
    bool pins;                  /* of the pins */
};

struct trace;
struct config;
/* Bad input ends the program: exit 3 with file, place, rule and remedy (input_error of
 * sim/error.h). */
struct trace *trace_open(const char *path);
/* For an MMU of this configuration: a generator of pins looks at its answers. */
struct trace *trace_open_for(const char *path, const struct config *);
/* Is it the name of a generator, not of a file? */
bool trace_is_generator(const char *path);
/* The first line of the text form. */
const char *trace_first_line(bool pins);
bool trace_next(struct trace *, struct trace_record *); /* false at the end */
const struct trace_header *trace_get_header(const struct trace *);
const char *trace_path(const struct trace *);
void trace_close(struct trace *);
/* A fork shares the place in the file. The child gets one of its own, where it was before. */
/* Of the records that are over, as the next one was asked for. */
uint64_t trace_racing(const struct trace *);
long trace_position(const struct trace *);
void trace_forked(struct trace *, long position);

struct trace_writer;
struct trace_writer *trace_create(const char *path, const struct trace_header *); /* .pwt */
void trace_write(struct trace_writer *, const struct trace_record *);
void trace_finish(
    struct trace_writer *); /* writes the counts and the check; a full disk is exit 3 */
/* Which addresses the call is about, both ends included; false: about none. */
bool trace_call_extent(const struct os_call *, vaddr_t *low, vaddr_t *high);
#define TRACE_TEXT_MAX 4096
size_t trace_print(const struct trace_record *, char *out,
                   size_t bytes); /* one line of the text form */

#endif
