/* SPDX-License-Identifier: Apache-2.0
 *
 * Expectations: what a trace says must hold after a record (docs/trace-format.md). This is the
 * parser only; the core driver evaluates. Trace readers have parsed every expectation before they
 * hand it out, so whoever takes a TRACE_EXPECT record from trace_next may call expect_parse and
 * need not handle a mistake.
 */
#ifndef PW_EXPECT_H
#define PW_EXPECT_H
#include "lex.h"
#include "types.h"

enum expect_kind {
    EXPECT_FAULT,  /* fault KIND: at least one, the last of kind `fault` */
    EXPECT_FAULTS, /* faults N: `count` */
    EXPECT_SIGNAL, /* sigsegv|sigbus CODE: `sig`, `code` */
    EXPECT_CYCLES, /* cycles N in CONFIG: `count`, `name` */
    EXPECT_VALUE,  /* value ...: `bytes`, and `file`, `offset` or `count` (the store's number) */
    EXPECT_RSS,    /* rss N: `count` */
    EXPECT_FRAMES, /* frames +N|-N: `frames` */
    EXPECT_PTE,    /* pte VA ...: `va`; `none`, or `perm`, `accessed`, `dirty`, `type` */
    EXPECT_FRAME,  /* same-frame, other-frame pid PID VA: `same`, `pid`, `va` */
    EXPECT_MAPS,   /* maps START-END PERM [NAME]: `va`, `end`, `flags`, `name` ("" if not given) */
    EXPECT_MAPS_LINES, /* maps N lines: `count` */
    EXPECT_SIGKILL,    /* sigkill PID: `pid` */
    EXPECT_SWAP,       /* swap N: `count` */
    EXPECT_SLOTS,      /* slots N: `count` */
    EXPECT_LOCKED,     /* locked N: `count` */
    EXPECT_MINCORE,    /* mincore VA BITS: `va`, `name` */
    EXPECT_HUGE,       /* huge N: `count` */
    EXPECT_NAPOT,      /* napot N: `count` */
    EXPECT_EIO,        /* eio */
    EXPECT_ENOMEM,     /* enomem */
    EXPECT_COMMITTED,  /* committed N: `count` */
    EXPECT_DISK /* disk ID OFFSET ...: `file`, `offset`; `bytes` FILE (original) or STORE (`count`)
                 */
};

/* expect[WORD]: it holds only there, and is passed over elsewhere. */
enum expect_only {
    EXPECT_ALWAYS,
    EXPECT_SVADE,
    EXPECT_SVADU,
    EXPECT_ASIDS,
    EXPECT_NO_ASIDS,
    EXPECT_SV32,
    EXPECT_SV39,
    EXPECT_SV48,
    EXPECT_SV57,
    EXPECT_RV64
};

/* Where the bytes of a load, or on disk, must come from. */
enum expect_bytes {
    EXPECT_BYTES_SAME, /* those that the previous load of the same process returned */
    EXPECT_BYTES_ZERO, /* all zero */
    EXPECT_BYTES_FILE, /* token_file_byte(file, offset...): what the file held originally */
    EXPECT_BYTES_STORE /* token_store_byte(count, 0...): the first bytes that store record wrote */
};

struct expect {
    uint8_t only; /* enum expect_only: of what configurations it speaks */
    enum expect_kind kind;
    enum expect_bytes bytes;
    uint8_t fault;     /* enum kfault */
    uint8_t sig, code; /* enum signal, enum sicode */
    uint64_t count;
    int64_t frames;
    uint32_t file, pid;
    uint64_t offset;
    vaddr_t va, end;
    bool none, same;
    pte_t perm;             /* PTE_R, PTE_W, PTE_X, PTE_U: all four are compared */
    int8_t accessed, dirty; /* 0, 1, or -1: not looked at */
    int8_t type;            /* enum pbmt, or -1 */
    char flags[5];          /* "rw-p" */
    char name[256]; /* EXPECT_CYCLES: configuration; EXPECT_MAPS: the last column of the line */
};

void expect_scan(struct lex *,
                 struct expect *); /* from the word after `expect`; mistakes go to the lex */
/* The text of a TRACE_EXPECT record. False: it is no expectation (impossible for a record of
 * trace_next). */
bool expect_parse(const char *text, struct expect *);

#endif
