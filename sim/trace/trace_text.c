/* SPDX-License-Identifier: Apache-2.0
 *
 * The text form, line by line. A mistake ends the program with the line, a caret under the place,
 * the rule and what was probably meant. Nothing is kept from one line to the next but the rules'
 * state (trace_check.c).
 */
#include "trace_private.h"
#include "error.h"
#include "expect.h"
#include "line.h"
#include <stdlib.h>
#include <string.h>

struct text {
    struct trace base;
    struct line line; /* records point into its work copy */
};

/* ---- Fields -------------------------------------------------------------------------------- */

static uint64_t scan_prot(struct lex *l) {
    struct word w = lex_word(l, "the protection, as rw-,");
    uint64_t prot = 0;
    for (size_t i = 0; !l->bad && i < 3; i++) {
        if (w.n == 3 && w.at[i] == "rwx"[i])
            prot |= 1u << i;
        else if (w.n != 3 || w.at[i] != '-') {
            lex_fail(l, w.at, "three letters, `-` for a right that is not given: rw-, r-x, ---",
                     "`%.*s` is no protection", (int)(w.n > 40 ? 40 : w.n), w.at);
        }
    }
    return prot;
}

static uint32_t scan_file(struct lex *l) {
    return (uint32_t)lex_number(l, "the file's id", 1, TRACE_FILE_MAX);
}

static void scan_kind(struct lex *l, struct os_call *k) {
    static const char *const kinds[] = {"private", "shared", "stack", NULL};
    static const char *const backings[] = {"anon", "file", NULL};
    unsigned kind = lex_pick(l, "a kind of mapping", kinds);
    k->arg[3] = MAP_F_FIXED | (kind == 1 ? MAP_F_SHARED : MAP_F_PRIVATE);
    if (kind == 2) {
        k->arg[3] |= MAP_F_ANON | MAP_F_GROWSDOWN;
    } else if (lex_pick(l, "what a mapping may show", backings) == 0) {
        k->arg[3] |= MAP_F_ANON;
    } else {
        k->file = scan_file(l);
        k->arg[4] = lex_number(l, "the offset in the file", 0, UINT64_MAX);
    }
    if (lex_take(l, "noreserve")) k->arg[3] |= MAP_F_NORESERVE;
    if (lex_take(l, "populate")) k->arg[3] |= MAP_F_POPULATE;
}

/* The name, with \xHH undone, in place: it only gets shorter. The character behind it is cut off
 * with it. */
static const char *scan_name(struct lex *l) {
    struct word w = lex_word(l, "the file's name");
    if (l->bad) return NULL;
    bool last = !*l->at;
    char *out = (char *)w.at; /* points into text.work, which is ours to write */
    for (size_t i = 0; i < w.n; i++) {
        unsigned byte = 0;
        if (w.at[i] != '\\') {
            *out++ = w.at[i];
        } else if (w.n - i >= 4 && sscanf(w.at + i, "\\x%2x", &byte) == 1 && byte) {
            *out++ = (char)byte;
            i += 3;
        } else {
            lex_fail(l, w.at + i, "write a blank as \\x20, a backslash as \\x5c",
                     "a backslash begins \\xHH");
            return NULL;
        }
    }
    *out = 0;
    l->at += !last;
    return w.at;
}

static uint64_t scan_advice(struct lex *l) {
    const char *words[32] = {NULL};
    const char *from = l->at;
    for (unsigned i = 0; trace_advices[i].word; i++) words[i] = trace_advices[i].word;
    if (lex_more(l) && *l->at >= '0' && *l->at <= '9') return lex_number(l, "the advice", 0, 255);
    l->at = from;
    return trace_advices[lex_pick(l, "an advice", words)].number;
}

static uint64_t scan_clone(struct lex *l) {
    static const char *const how[] = {"vm", "vfork", "thread", NULL};
    static const uint64_t flags[] = {0, CLONE_F_VFORK, CLONE_F_THREAD, 0};
    return CLONE_F_VM | flags[lex_pick(l, "how it is cloned", how)];
}

static uint64_t scan_size(struct lex *l, const struct os_call *k) {
    static const char *const size[] = {"size", NULL};
    if (k->nr == CALL_FILE) lex_pick(l, "the word before a file's size", size);
    return lex_number(l, "the size in bytes", 0, UINT64_MAX);
}

static uint64_t scan_signed(struct lex *l) {
    struct word w = lex_word(l, "a number from -1000 to 1000");
    if (l->bad) return 0;
    bool minus = *w.at == '-';
    l->at = w.at + minus;
    uint64_t n = lex_number(l, "a number from -1000 to 1000", 0, OOM_ADJ_MAX);
    return minus ? -n : n;
}

/* Those that stand there, in the order of the list, a bit each. */
static uint64_t scan_words(struct lex *l, const char *const *words) {
    uint64_t bits = 0;
    for (unsigned i = 0; words[i]; i++) bits |= (uint64_t)lex_take(l, words[i]) << i;
    return bits;
}

static uint64_t scan_ioerror(struct lex *l) {
    static const char *const what[] = {"read", "write", "none", NULL};
    uint64_t fails = scan_words(l, trace_ioerror_words);
    if (!fails) lex_pick(l, "what fails", what);
    return fails;
}

/* What lies behind a file; a disk if nothing is said. */
static uint64_t scan_store(struct lex *l) {
    for (unsigned i = 0; i < STORE_COUNT; i++)
        if (lex_take(l, store_word(i))) return i;
    return STORE_DISK;
}

static void scan_field(struct lex *l, struct os_call *k, char field) {
    switch (field) {
    case 'P': k->pid = (uint32_t)lex_number(l, "the process's number", 1, TRACE_PID_MAX); break;
    case 'C': k->arg[0] = lex_number(l, "the child's number", 1, TRACE_PID_MAX); break;
    case 's': k->arg[1] = scan_store(l); break;
    case 'h': k->arg[1] = scan_clone(l); break;
    case 'g': k->arg[0] = lex_take(l, "group"); break;
    case 'f': k->file = scan_file(l); break;
    case 'N': k->path = scan_name(l); break;
    case 'z': k->arg[0] = scan_size(l, k); break;
    case 'v': k->arg[0] = lex_number(l, "the address", 0, UINT64_MAX); break;
    case 'l': k->arg[1] = lex_number(l, "the length", 0, UINT64_MAX); break;
    case 'n': k->arg[2] = lex_number(l, "the new length", 0, UINT64_MAX); break;
    case 'o': k->arg[2] = lex_number(l, "the offset in the file", 0, UINT64_MAX); break;
    case 'w': k->arg[4] = lex_number(l, "the new address", 0, UINT64_MAX); break;
    case 'p': k->arg[2] = scan_prot(l); break;
    case 'a': k->arg[2] = scan_advice(l); break;
    case 'd': k->arg[3] = lex_take(l, "dontunmap") ? 4 : 0; break;
    case 'O': k->arg[2] = lex_take(l, "onfault"); break;
    case 'A': k->arg[0] = scan_words(l, trace_lockall_words); break;
    case 'G': k->arg[2] = scan_words(l, trace_gup_words); break;
    case 'E': k->arg[0] = scan_ioerror(l); break;
    case 'F': k->arg[0] = lex_number(l, "the number of frames", 1, UINT32_MAX); break;
    case 'j': k->arg[0] = scan_signed(l); break;
    default: scan_kind(l, k);
    }
}

/* ---- Lines --------------------------------------------------------------------------------- */

static void scan_call(struct text *t, struct trace_record *r, const struct trace_form *form) {
    r->kind = TRACE_CALL;
    r->call.nr = form->call;
    r->call.pid = t->base.check.running;
    for (const char *field = form->fields; *field; field++)
        scan_field(&t->line.lex, &r->call, *field);
    if (form->call == CALL_MREMAP) trace_call_canonical(&r->call);
    lex_end(&t->line.lex);
}

static void scan_access(struct text *t, struct trace_record *r, unsigned access) {
    r->kind = TRACE_ACCESS;
    r->access = (uint8_t)access;
    r->va = lex_address(&t->line.lex, "the address");
    r->bytes = (uint16_t)lex_number(&t->line.lex, "the number of bytes", 1, TRACE_BYTES_MAX);
    r->racing = lex_take(&t->line.lex, "racing");
    lex_end(&t->line.lex);
}

static void scan_signal(struct text *t, struct trace_record *r) {
    static const char *const signals[] = {"sigsegv", "sigbus", NULL};
    r->kind = TRACE_SIGNAL;
    r->sig = lex_pick(&t->line.lex, "a signal of a bad access", signals) ? SIGNAL_BUS : SIGNAL_SEGV;
    r->code = (uint8_t)lex_enum(&t->line.lex, "an si_code", sicode_word, 1, SICODE_COUNT);
    r->caught = lex_take(&t->line.lex, "caught");
    lex_end(&t->line.lex);
}

static void scan_expect(struct text *t, struct trace_record *r) {
    struct expect e;
    r->kind = TRACE_EXPECT;
    if (lex_more(&t->line.lex)) r->text = t->line.lex.at;
    expect_scan(&t->line.lex, &e);
}

/* `note` and `set`: the text as it stands. */
static void scan_rest(struct text *t, struct trace_record *r, enum trace_kind kind) {
    r->kind = kind;
    lex_more(&t->line.lex);
    r->text = t->line.lex.at;
    if (kind == TRACE_SET) { /* one blank between key and value */
        struct word key = lex_word(&t->line.lex, "the setting's key");
        struct word value = lex_word(&t->line.lex, "the setting's value");
        lex_end(&t->line.lex);
        if (!t->line.lex.bad) memmove((char *)key.at + key.n + 1, value.at, value.n + 1);
    }
}

enum { WORD_RUN = 4, WORD_SIGNAL, WORD_EXPECT, WORD_SET, WORD_NOTE, WORD_CALLS };

static void scan_line(struct text *t, struct trace_record *r) {
    static const char *const own[] = {"I", "L", "S", "M", "run", "signal", "expect", "set", "note"};
    const char *words[64] = {NULL};
    if (t->base.check.pins && lex_more(&t->line.lex) && strchr("0123456789", *t->line.lex.at)) {
        trace_pins_scan(&t->line.lex, r);
        return;
    }
    for (unsigned i = 0; i < WORD_CALLS; i++) words[i] = own[i];
    for (unsigned i = 0; trace_forms[i].word; i++) words[WORD_CALLS + i] = trace_forms[i].word;
    if (lex_more(&t->line.lex) && !strncmp(t->line.lex.at, "expect[", 7)) {
        t->line.lex.at += 6; /* expect[WORD]: what is left belongs to the expectation */
        scan_expect(t, r);
        return;
    }
    unsigned word = lex_pick(&t->line.lex, "a record of a trace", words);
    if (t->line.lex.bad) return;
    switch (word) {
    case ACCESS_FETCH:
    case ACCESS_LOAD:
    case ACCESS_STORE:
    case ACCESS_AMO: scan_access(t, r, word); break;
    case WORD_RUN:
        r->kind = TRACE_SWITCH;
        r->pid = (uint32_t)lex_number(&t->line.lex, "the process's number", 1, TRACE_PID_MAX);
        lex_end(&t->line.lex);
        break;
    case WORD_SIGNAL: scan_signal(t, r); break;
    case WORD_EXPECT: scan_expect(t, r); break;
    case WORD_SET: scan_rest(t, r, TRACE_SET); break;
    case WORD_NOTE: scan_rest(t, r, TRACE_NOTE); break;
    default: scan_call(t, r, &trace_forms[word - WORD_CALLS]);
    }
}

/* ---- Reading ------------------------------------------------------------------------------- */

static bool text_next(struct trace *base, struct trace_record *r) {
    struct text *t = (struct text *)base;
    if (!line_next(&t->line, "note")) return false;
    const char *start = t->line.lex.at;
    memset(r, 0, sizeof *r);
    scan_line(t, r);
    line_check(&t->line);
    r->index = ++base->index;
    r->line = t->line.number;
    if (!trace_check_event(&base->check, r)) {
        line_fail(&t->line, start, base->check.remedy, base->check.rule);
    }
    if (r->kind != TRACE_SWITCH) r->pid = base->check.running;
    return true;
}

static void text_close(struct trace *t) {
    free(t);
}

static void read_first_line(struct text *t) {
    static const char *const magic[] = {TRACE_TEXT_MAGIC, TRACE_PINS_MAGIC, NULL};
    struct lex *l = &t->line.lex;
    if (!line_read(&t->line, NULL)) lex_init(l, "");
    t->base.check.pins = t->base.header.pins = lex_pick(l, "the first word of a text trace", magic);
    if (!l->bad) {
        const char *at = l->at + 1;
        t->base.header.version = (uint32_t)lex_number(l, "the version", 0, UINT32_MAX);
        if (t->base.header.version != 1) {
            lex_fail(l, at, "this pagewalk reads version 1; a newer one may read this",
                     "version %u of the text form is unknown", t->base.header.version);
        }
        lex_end(l);
    }
    line_check(&t->line);
}

struct trace *trace_text_open(const char *path, FILE *file) {
    struct text *t = calloc(1, sizeof *t);
    if (!t) internal_error("out of memory");
    const char *slash = strrchr(path, '/');
    t->base.path = strdup(path);
    t->base.file = file;
    line_init(&t->line, t->base.path, file);
    t->base.next = text_next;
    t->base.close = text_close;
    trace_check_init(&t->base.check);
    strcpy(t->base.header.isa, "rv64");
    snprintf(t->base.header.program, sizeof t->base.header.program, "%s", slash ? slash + 1 : path);
    read_first_line(t);
    return &t->base;
}
