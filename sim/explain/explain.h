/* SPDX-License-Identifier: Apache-2.0
 *
 * `pagewalk explain`: one access, from the record of the trace to the bytes it moved, as the steps
 * in which it happened. Steps are facts of the run: what the pins said in which cycle, what the
 * kernel half was told, answered and stored. The literal walker of the specification (spec.h) is
 * asked about each answer and must be of the same mind; where it is not, the step says so.
 *
 *   explain.c         pins -> steps: the walk, and the L2 TLB
 *   explain_ports.c   the same of the ports: requests, L1 lookups, answers, kills
 *   explain_tlb.c     which way a TLB hit in: that which was filled with the page
 *   explain_kernel.c  between the edges: fault, kernel half, page-table stores, fences, the end
 *   explain_chain.c   from the library's call to the frame, slot or block
 *   explain_clause.c  the clause that refuses an access
 *   explain_say.c     a step in words
 *   explain_text.c    the terminal's view
 *   explain_json.c    the same for programs, and for the page
 *   explain_html.c    the page: one file, drawn by sim/web/explain*.js
 */
#ifndef PW_EXPLAIN_H
#define PW_EXPLAIN_H
#include "config.h"
#include "os/os.h"
#include "spec.h"
#include "types.h"
#include <jansson.h>
#include <stdio.h>

enum explain_kind {
    EXPLAIN_VMA,     /* of the address, as it is before the first attempt */
    EXPLAIN_REQUEST, /* accepted on a port */
    EXPLAIN_LOOKUP,  /* of a TLB */
    EXPLAIN_WAIT,    /* for something that another access does */
    EXPLAIN_START,   /* the walk begins, at the root or below a cached pointer */
    EXPLAIN_READ,    /* the walker asks memory for a PTE */
    EXPLAIN_PTE,     /* that PTE is there */
    EXPLAIN_UPDATE,  /* the walker asks memory to set A, or A and D */
    EXPLAIN_UPDATED, /* and has its answer */
    EXPLAIN_FILL,    /* of a TLB, or a page-walk cache */
    EXPLAIN_ANSWER,
    EXPLAIN_CHECK, /* the clause by which the access is refused */
    EXPLAIN_KILL,
    EXPLAIN_FAULT,  /* the exception is taken */
    EXPLAIN_KERNEL, /* what the kernel half did */
    EXPLAIN_STORE,  /* to a page table, by the kernel half */
    EXPLAIN_FENCE,
    EXPLAIN_VALUE, /* the bytes loaded or stored */
    EXPLAIN_SIGNAL,
    EXPLAIN_KINDS
};
extern const char *const explain_words[EXPLAIN_KINDS];

enum explain_unit {
    UNIT_L1I,
    UNIT_L1D,
    UNIT_L2, /* of data alone, if there is a UNIT_L2I */
    UNIT_L2I,
    EXPLAIN_TLBS,
    UNIT_PWC = EXPLAIN_TLBS
};
extern const char *const explain_units[UNIT_PWC + 1];

enum { EXPLAIN_VALUE_BYTES = 64, EXPLAIN_NAME = 128, EXPLAIN_LEVELS = 5 };

/* A page as os_page has it, and its PTE. */
struct explain_page {
    bool alive, there, swapped; /* there: os_page found one */
    struct os_page page;
    pte_t pte;
    int level;
    struct os_stats stats;
};

struct explain_step {
    uint8_t kind, part;
    unsigned attempt;
    uint64_t cycle;
    union {
        struct {
            bool there;
            struct os_smaps smaps; /* its name is in `name` */
            char name[EXPLAIN_NAME];
            const char *class;
        } vma;
        struct {
            uint64_t satp;
            vaddr_t va;
            unsigned bytes, port;
        } request;
        struct {
            uint8_t unit, size;
            bool hit, large, known; /* known: filled tells when, by whom, with what */
            unsigned set, sets, way;
            uint64_t filled, by; /* cycle, record */
            pte_t pte;
        } lookup;
        struct {
            const char *why;
            uint64_t by; /* record; 0: unknown */
            paddr_t pa;  /* rides: what the other has got; else 0 */
        } wait;
        struct {
            unsigned level, top;
        } start;
        struct {
            unsigned level;
            uint8_t op;
            paddr_t pa;
            pte_t pte, to;
            bool error, ok;
            uint64_t by; /* record whose read brought it; 0: its own */
        } pte;           /* READ, PTE, UPDATE, UPDATED */
        struct {
            uint8_t unit;
            bool large;
            unsigned level, set, way; /* level: of a page-walk cache */
        } fill;
        struct {
            uint8_t cause, size, source, pbmt;
            paddr_t pa;
            uint64_t cycles;
            struct spec_answer spec;
        } answer; /* ANSWER, CHECK */
        struct {
            unsigned count; /* younger accesses; 0: it was killed itself, */
            uint64_t by;    /* for this record */
        } kill;
        struct {
            uint8_t cause;
            vaddr_t tval;
        } fault;
        struct {
            struct os_outcome outcome;
            struct explain_page before, after;
            vaddr_t grown; /* where the VMA begins now, if it grew; else 0 */
            uint64_t stores;
        } kernel;
        struct {
            paddr_t pa;
            pte_t from, to;
            int level;  /* of the walk of the address; -1: not on its way */
            vaddr_t va; /* page that a neighbour of its leaf maps; 0: unknown */
        } store;
        struct {
            struct os_op op;
            uint64_t done;
        } fence;
        struct {
            paddr_t pa;
            uint64_t store; /* number of the store; 0: none was done */
            unsigned bytes, shown;
            bool loaded;
            uint8_t byte[EXPLAIN_VALUE_BYTES], stored[EXPLAIN_VALUE_BYTES];
        } value;
        struct {
            uint8_t sig, code;
            bool efault;
            const char *then; /* what becomes of its process */
            bool frame;       /* efault: of a signal frame */
        } signal;
    };
};

/* Which access: that of a record; or that of a fault, by number, by kind, or the first of the
 * program's own. */
struct explain_ask {
    uint64_t record, fault;
    const char *kind; /* a word of `pagewalk faults` */
};

/* From the library's call to the bytes: one word each of note, call, vma, pte, frame, swap, block.
 */
enum { EXPLAIN_LINKS = 12 };
struct explain_link {
    const char *word;
    uint64_t record; /* of a note, a call; else 0 */
    char text[EXPLAIN_NAME];
};

struct explain_tlbs; /* what stands in each way, as far as fills tell */

struct explain {
    struct explain_ask ask;
    /* ---- the access */
    uint64_t at, fault_number; /* record, 0: still sought; of the fault that was asked for, or 0 */
    bool kernel, gup;          /* the kernel's own access in that record, or get_user_pages, to: */
    const char *by;            /* behind the kind of its fault: +k, +g, nothing */
    vaddr_t va;
    uint32_t pid;
    uint8_t access;
    unsigned bytes, faults;
    bool begun, over;
    uint8_t sig, code;
    bool efault;
    /* ---- what happened */
    struct explain_step *step;
    size_t steps, room;
    bool differs;  /* the spec walker was of another mind at some answer */
    uint32_t came; /* swap slot that its page was in when it faulted; 0: none */
    struct explain_link link[EXPLAIN_LINKS];
    unsigned links;
    struct { /* the page, behind the access */
        bool there;
        struct explain_page page;
        struct os_smaps vma;
        char name[EXPLAIN_NAME];
        struct os_backing backing;
    } behind;
    /* ---- while it happens */
    unsigned attempt, asked[2]; /* asked: attempt in which the part was last accepted */
    unsigned level[2];          /* of the PTE last asked for, by part */
    bool pointer[2];            /* what came was a pointer: the next read is one level lower */
    paddr_t shared[2];          /* PTE that another access reads for this one; 0: none */
    uint64_t accepted[2];       /* cycle */
    bool vma_told[2];
    uint64_t satp;           /* as last written */
    pte_t slot_pte[64];      /* the last PTE of each slot */
    bool handling, watching; /* its fault is being handled; by the kernel half just now */
    struct explain_page before;
    vaddr_t vma_start;
    struct explain_step *stored; /* page-table stores of this handling */
    size_t stores, stored_room;
    struct explain_tlbs *tlbs;
    const struct config *cfg;
};

void explain_free(struct explain *);
void explain_chain(struct explain *, const char *trace); /* behind the replay */

/* ---- explain_say.c */
enum { EXPLAIN_LINE = 240, EXPLAIN_LINES = 12 };
struct explain_lines {
    unsigned count;
    char line[EXPLAIN_LINES][EXPLAIN_LINE];
};
void explain_say(const struct explain *, const struct explain_step *, struct explain_lines *);
const char *explain_pte_bits(const struct config *, pte_t, char out[64]); /* da-u-wrv, as --trace */
unsigned explain_mode(const struct config *, uint64_t satp);              /* enum mode */
uint16_t explain_asid(const struct config *, uint64_t satp);
uint64_t explain_root(const struct config *, uint64_t satp); /* PPN */
unsigned explain_vpn(const struct config *, vaddr_t, unsigned level);
/* An item of docs/verification-plan.md: the clause that decided. NULL: none refused. */
struct explain_clause {
    const char *tag, *step, *text;
};
const struct explain_clause *explain_clause(const struct explain *, const struct spec_answer *);
bool explain_agrees(const struct explain_step *); /* of an answer: the spec walker says the same */

/* ---- What is known of the run beside its steps */
struct explain_facts {
    const char *trace, *engine, *config_name, *text; /* text: the record */
    uint32_t line;
};
void explain_print(FILE *, const struct explain *, const struct explain_facts *);
json_t *explain_json(const struct explain *, const struct explain_facts *);
void explain_html(const struct explain *, const struct explain_facts *, const char *path);

#endif
