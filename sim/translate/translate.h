/* SPDX-License-Identifier: Apache-2.0
 *
 * `pagewalk translate`: a line of text becomes a case of steps (translate_parse.c), an engine
 * answers each step (translate_run.c drives it: alignment, page crossing, bytes stored), and the
 * answers become a line (translate_print.c). The same case goes to every engine.
 */
#ifndef PW_TRANSLATE_H
#define PW_TRANSLATE_H
#include "config.h"
#include "spec.h"
#include <stddef.h>
#include <stdio.h>

/* ---- Memory of a case: words of 8 bytes, zero where nothing was written ---------------------- */
struct translate_memory;
struct translate_memory *translate_memory_new(void);
void translate_memory_delete(struct translate_memory *);
void translate_memory_clear(struct translate_memory *); /* costs the same for any size */
uint64_t translate_memory_read(const struct translate_memory *, paddr_t pa); /* pa: aligned */
void translate_memory_write(struct translate_memory *, paddr_t pa, uint64_t value);

/* ---- A case ---------------------------------------------------------------------------------- */

/* The state that keys set, whole, as it stands after the keys of one step. */
struct translate_step {
    uint8_t access, priv; /* enum access, enum priv: `priv` is the effective one */
    bool has_op, fence, sum, mxr, adue, pbmte;
    unsigned bytes;
    vaddr_t va;
    uint64_t satp;
    unsigned pmp, pma;         /* indices in the case's sets */
    unsigned word_from, words; /* memory words that the step changes, in the case's list */
};

struct translate_word {
    paddr_t pa;
    uint64_t value;
    unsigned bytes;
};

enum { TRANSLATE_ENTRIES = 16, TRANSLATE_PMP_ALL = 0, TRANSLATE_OFF }; /* sets of any case */

struct translate_case {
    const char *id; /* in the line that was parsed */
    size_t id_bytes;
    bool rv32, svnapot, misaligned; /* hart= */
    unsigned pa_bits;
    struct translate_step *step;
    unsigned steps, step_room;
    struct translate_word *word;
    unsigned words, word_room;
    struct spec_pmp *set;
    unsigned sets, set_room;
    struct spec_region *region;
    unsigned regions, region_room;
    bool two_stage; /* well-formed, but not to be had */
    char why[160];
};

void translate_case_free(struct translate_case *);
/* False: `why` says what is wrong with the line. It ends with NUL, without a newline. */
bool translate_parse(struct translate_case *, const char *line);

/* ---- Engines --------------------------------------------------------------------------------- */
struct translate_write {
    paddr_t pa;
    pte_t old, now;
};

/* What an engine says about an access inside one page; A/D writes are done when it says so. */
struct translate_part {
    uint8_t cause, row, pbmt;
    paddr_t pa;
    bool bus;
    paddr_t bus_pa;
    unsigned writes, reads;
    struct translate_write write[2];
    paddr_t read[8];
};

struct translate_engine {
    const char *name;
    bool rows; /* it knows which row of the decision table decided */
    /* Where there is hardware, it is built as the configuration says, for either XLEN. */
    void *(*open)(struct translate_memory *, const struct config *);
    void (*close)(void *);
    /* As after reset; memory is empty. NULL, or why this engine cannot have the case. */
    const char *(*begin)(void *, const struct translate_case *);
    /* The CSRs and the fence of a step; `changed`: a word was, old and new. */
    void (*set)(void *, const struct translate_step *);
    void (*changed)(void *, paddr_t pa, uint64_t old, uint64_t now);
    void (*access)(void *, const struct translate_step *, vaddr_t va, unsigned bytes,
                   struct translate_part *);
};

extern const struct translate_engine translate_spec, translate_second, translate_model,
    translate_rtl;

/* On the bench of random traffic: in place of `open`, for cases of that hart. */
struct traffic;
extern const struct translate_engine translate_on_pins;
void *translate_pins_open(struct translate_memory *, const struct config *, struct traffic *);

/* Generated cases on that bench, one after the other. */
struct translate_pins;
struct translate_pins *translate_pins_new(const struct config *, struct traffic *, const char *mode,
                                          uint64_t count, uint64_t seed); /* NULL: no such mode */
bool translate_pins_next(struct translate_pins *);                        /* false: all are done */
void translate_pins_delete(struct translate_pins *);

/* ---- Answers --------------------------------------------------------------------------------- */
struct translate_answer {
    uint8_t cause, row; /* row: of the decision table; TRANSLATE_ALIGN: alignment decided */
    vaddr_t tval;
    unsigned parts; /* that were done */
    paddr_t pa[2];
    uint8_t pbmt[2]; /* enum pbmt */
    bool bus;
    paddr_t bus_pa;
    unsigned writes, reads;
    struct translate_write write[4];
    paddr_t read[16];
};
enum { TRANSLATE_ALIGN = 16, TRANSLATE_ROWS = 17 };

/* The parts of an access: bytes in its first page, and in its second or 0. */
struct translate_split {
    uint8_t cause; /* of alignment; not 0: there is no access */
    unsigned bytes[2];
    vaddr_t va[2];
};
struct translate_split translate_split(const struct translate_case *,
                                       const struct translate_step *);

/* ---- The legal set --------------------------------------------------------------------------- */

/* Opinion 2 follows a case beside the engine, and lists what it allows for a step. */
struct translate_legal;
struct translate_legal *translate_legal_new(struct translate_memory *);
void translate_legal_delete(struct translate_legal *);
void translate_legal_begin(struct translate_legal *, const struct translate_case *);
void translate_legal_set(struct translate_legal *, const struct translate_step *);
void translate_legal_changed(struct translate_legal *, paddr_t pa, uint64_t old, uint64_t now);
void translate_legal_updated(struct translate_legal *, const struct translate_write *);
unsigned translate_legal_answers(struct translate_legal *, const struct translate_step *,
                                 struct translate_answer *, unsigned room);

/* ---- A run ----------------------------------------------------------------------------------- */
struct translate_run {
    const struct translate_engine *engine;
    void *state;
    struct translate_memory *memory;
    struct translate_legal *legal; /* or NULL */
};
const char *translate_begin(struct translate_run *, const struct translate_case *);
void translate_change(struct translate_run *, const struct translate_case *, unsigned step);
void translate_access(struct translate_run *, const struct translate_case *, unsigned step,
                      struct translate_answer *);

/* ---- Printing -------------------------------------------------------------------------------- */
struct translate_out {
    FILE *file;
    bool compared; /* only what engines must agree on: no r and bus, but memory types */
    size_t used;
    char text[1 << 16];
};
void translate_say(struct translate_out *, const char *text, size_t bytes);
void translate_print(struct translate_out *, const struct translate_answer *);
bool translate_same(const struct translate_answer *, const struct translate_answer *);
bool translate_flush(struct translate_out *); /* false: the file takes no more */

#endif
