/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser of expectations: one function a line of the table in docs/trace-format.md.
 */
#include "expect.h"
#include "enums.h"
#include <string.h>

static const char *const kinds[] = {
    "fault",  "faults",     "sigsegv",     "sigbus", "cycles", "value",   "rss",       "frames",
    "pte",    "same-frame", "other-frame", "maps",   "disk",   "sigkill", "swap",      "slots",
    "locked", "mincore",    "huge",        "eio",    "napot",  "enomem",  "committed", NULL};
enum {
    FAULT,
    FAULTS,
    SIGSEGV,
    SIGBUS,
    CYCLES,
    VALUE,
    RSS,
    FRAMES,
    PTE,
    SAME_FRAME,
    OTHER_FRAME,
    MAPS,
    DISK,
    SIGKILL,
    SWAP,
    SLOTS,
    LOCKED,
    MINCORE,
    HUGE,
    EIO_IS,
    NAPOT,
    ENOMEM_IS,
    COMMITTED
};

static const char code_words[] = "an si_code";

/* A process or file number; token.h and Linux's PID_MAX_LIMIT bound them (trace_check.c). */
static uint32_t number32(struct lex *l, const char *what) {
    return (uint32_t)lex_number(l, what, 1, UINT32_MAX);
}

static void scan_signal(struct lex *l, struct expect *e, uint8_t sig) {
    e->kind = EXPECT_SIGNAL;
    e->sig = sig;
    e->code = (uint8_t)lex_enum(l, code_words, sicode_word, 1, SICODE_COUNT);
}

static void scan_cycles(struct lex *l, struct expect *e) {
    e->kind = EXPECT_CYCLES;
    e->count = lex_number(l, "the number of cycles", 0, UINT64_MAX);
    static const char *const in[] = {"in", NULL};
    lex_pick(l, "the word before a configuration's name", in);
    lex_copy(l, "the configuration's name", e->name, sizeof e->name);
}

static void scan_store(struct lex *l, struct expect *e) {
    e->bytes = EXPECT_BYTES_STORE;
    e->count = lex_number(l, "the store's number", 1, UINT64_MAX);
}

static void scan_value(struct lex *l, struct expect *e) {
    static const char *const words[] = {"same", "zero", "file", "store", NULL};
    e->kind = EXPECT_VALUE;
    switch (lex_pick(l, "a source of bytes", words)) {
    case 0: e->bytes = EXPECT_BYTES_SAME; break;
    case 1: e->bytes = EXPECT_BYTES_ZERO; break;
    case 2:
        e->bytes = EXPECT_BYTES_FILE;
        e->file = number32(l, "the file's id");
        e->offset = lex_number(l, "the offset", 0, UINT64_MAX);
        break;
    default: scan_store(l, e);
    }
}

static void scan_disk(struct lex *l, struct expect *e) {
    static const char *const words[] = {"original", "store", NULL};
    e->kind = EXPECT_DISK;
    e->file = number32(l, "the file's id");
    e->offset = lex_number(l, "the offset", 0, UINT64_MAX);
    e->bytes = EXPECT_BYTES_FILE;
    if (lex_pick(l, "what the disk holds", words) == 1) scan_store(l, e);
}

static void scan_frames(struct lex *l, struct expect *e) {
    struct word w = lex_word(l, "the number of frames");
    e->kind = EXPECT_FRAMES;
    if (l->bad) return;
    bool minus = *w.at == '-';
    if (!minus && *w.at != '+') {
        lex_fail(l, w.at, "write +1, -1 or +0", "the number of frames needs its sign");
        return;
    }
    l->at = w.at + 1;
    int64_t n = (int64_t)lex_number(l, "the number of frames", 0, INT64_MAX);
    e->frames = minus ? -n : n;
}

/* `flags` spells "rwxu" with `-` for a bit that is clear. */
static bool flag_bits(struct word w, const char *flags, pte_t *bits) {
    *bits = 0;
    if (w.n != strlen(flags)) return false;
    for (size_t i = 0; i < w.n; i++) {
        static const pte_t bit[] = {PTE_R, PTE_W, PTE_X, PTE_U};
        if (w.at[i] == flags[i])
            *bits |= bit[i];
        else if (w.at[i] != '-')
            return false;
    }
    return true;
}

static void scan_pte(struct lex *l, struct expect *e) {
    e->kind = EXPECT_PTE;
    e->va = lex_number(l, "the address", 0, UINT64_MAX);
    e->none = lex_take(l, "none");
    if (e->none) return;
    struct word w = lex_word(l, "the permissions, as r--u, or `none`,");
    if (!l->bad && !flag_bits(w, "rwxu", &e->perm)) {
        lex_fail(l, w.at, "four letters, `-` for a clear bit: rw-u; or `none` for no leaf PTE",
                 "`%.*s` are no PTE permissions", (int)(w.n > 40 ? 40 : w.n), w.at);
    }
    struct word ad = lex_word(l, "A and D, as a1d0 or a-d-,");
    if (l->bad) return;
    const char *s = ad.at;
    if (ad.n != 4 || s[0] != 'a' || s[2] != 'd' || !strchr("01-", s[1]) || !strchr("01-", s[3])) {
        lex_fail(l, s, "a, then 0, 1 or -, then d, then 0, 1 or -: a1d0, a-d-",
                 "`%.*s` is no state of A and D", (int)(ad.n > 40 ? 40 : ad.n), s);
        return;
    }
    e->accessed = s[1] == '-' ? -1 : (int8_t)(s[1] - '0');
    e->dirty = s[3] == '-' ? -1 : (int8_t)(s[3] - '0');
    e->type = -1;
    for (unsigned i = 0; i < PBMT_COUNT && e->type < 0; i++)
        if (lex_take(l, pbmt_word(i))) e->type = (int8_t)i;
}

static void scan_frame(struct lex *l, struct expect *e, bool same) {
    static const char *const pid[] = {"pid", NULL};
    e->kind = EXPECT_FRAME;
    e->same = same;
    lex_pick(l, "the word before a process's number", pid);
    e->pid = number32(l, "the process's number");
    e->va = lex_number(l, "the address", 0, UINT64_MAX);
}

/* START-END as /proc/PID/maps writes it: hex, with or without 0x. Returns false if it is not one.
 */
static bool scan_range(struct lex *l, struct word w, struct expect *e) {
    char copy[48], *dash;
    struct lex part[2];
    if (w.n >= sizeof copy) return false;
    memcpy(copy, w.at, w.n);
    copy[w.n] = 0;
    dash = strchr(copy, '-');
    if (!dash) return false;
    *dash = 0;
    lex_init(&part[0], copy);
    lex_init(&part[1], dash + 1);
    e->va = lex_address(&part[0], "the start");
    e->end = lex_address(&part[1], "the end");
    return !l->bad && !part[0].bad && !part[1].bad && e->va < e->end;
}

static void scan_maps(struct lex *l, struct expect *e) {
    struct word w = lex_word(l, "START-END, or a number of lines,");
    if (l->bad) return;
    if (!memchr(w.at, '-', w.n)) {
        static const char *const lines[] = {"lines", NULL};
        l->at = w.at;
        e->kind = EXPECT_MAPS_LINES;
        e->count = lex_number(l, "the number of lines", 0, UINT64_MAX);
        lex_pick(l, "the word after a number of lines", lines);
        return;
    }
    e->kind = EXPECT_MAPS;
    if (!scan_range(l, w, e)) {
        lex_fail(l, w.at, "write it as /proc/PID/maps does: 10000-12000",
                 "this is no range of addresses");
    }
    struct word perm = lex_word(l, "the permissions, as rw-p,");
    pte_t bits;
    if (!l->bad && (perm.n != 4 || !flag_bits((struct word){perm.at, 3}, "rwx", &bits) ||
                    !strchr("ps", perm.at[3]))) {
        lex_fail(l, perm.at, "write it as /proc/PID/maps does: rw-p, r--s",
                 "these are no permissions");
    }
    if (l->bad) return;
    memcpy(e->flags, perm.at, 4);
    if (lex_more(l)) lex_copy(l, "the name", e->name, sizeof e->name);
}

static void scan_count(struct lex *l, struct expect *e, enum expect_kind kind) {
    e->kind = kind;
    e->count = lex_number(l, "the number of pages", 0, UINT64_MAX);
}

static void scan_mincore(struct lex *l, struct expect *e) {
    e->kind = EXPECT_MINCORE;
    e->va = lex_number(l, "the address", 0, UINT64_MAX);
    lex_copy(l, "a 1 or 0 for each page", e->name, sizeof e->name);
    if (!l->bad && e->name[strspn(e->name, "01")])
        lex_fail(l, l->at, "for example: expect mincore 0x10000000 1101",
                 "`%.40s` is not made of 1 and 0", e->name);
}

static void scan_kind(struct lex *l, struct expect *e, unsigned kind) {
    switch (kind) {
    case FAULT:
        e->kind = EXPECT_FAULT;
        e->fault = (uint8_t)lex_enum(l, "a kind of fault", kfault_word, 1, KFAULT_COUNT);
        break;
    case FAULTS:
        e->kind = EXPECT_FAULTS;
        e->count = lex_number(l, "the number of faults", 0, UINT64_MAX);
        break;
    case SIGSEGV: scan_signal(l, e, SIGNAL_SEGV); break;
    case SIGBUS: scan_signal(l, e, SIGNAL_BUS); break;
    case CYCLES: scan_cycles(l, e); break;
    case VALUE: scan_value(l, e); break;
    case RSS: scan_count(l, e, EXPECT_RSS); break;
    case SWAP: scan_count(l, e, EXPECT_SWAP); break;
    case SLOTS: scan_count(l, e, EXPECT_SLOTS); break;
    case LOCKED: scan_count(l, e, EXPECT_LOCKED); break;
    case MINCORE: scan_mincore(l, e); break;
    case EIO_IS: e->kind = EXPECT_EIO; break;
    case ENOMEM_IS: e->kind = EXPECT_ENOMEM; break;
    case COMMITTED: scan_count(l, e, EXPECT_COMMITTED); break;
    case HUGE: scan_count(l, e, EXPECT_HUGE); break;
    case NAPOT: scan_count(l, e, EXPECT_NAPOT); break;
    case SIGKILL:
        e->kind = EXPECT_SIGKILL;
        e->pid = number32(l, "the process's number");
        break;
    case FRAMES: scan_frames(l, e); break;
    case PTE: scan_pte(l, e); break;
    case SAME_FRAME: scan_frame(l, e, true); break;
    case OTHER_FRAME: scan_frame(l, e, false); break;
    case MAPS: scan_maps(l, e); break;
    default: scan_disk(l, e);
    }
}

/* `[WORD]` before the kind. */
static void scan_only(struct lex *l, struct expect *e) {
    static const char *const words[] = {"[svade]", "[svadu]", "[asids]", "[no-asids]", "[sv32]",
                                        "[sv39]",  "[sv48]",  "[sv57]",  "[rv64]",     NULL};
    if (!lex_more(l) || *l->at != '[') return;
    e->only = (uint8_t)(1 + lex_pick(l, "a configuration in brackets", words));
}

void expect_scan(struct lex *l, struct expect *e) {
    memset(e, 0, sizeof *e);
    e->accessed = e->dirty = -1;
    scan_only(l, e);
    unsigned kind = lex_pick(l, "a kind of expectation", kinds);
    if (l->bad) return;
    scan_kind(l, e, kind);
    lex_end(l);
}

bool expect_parse(const char *text, struct expect *e) {
    struct lex l;
    lex_init(&l, text);
    expect_scan(&l, e);
    return !l.bad;
}
