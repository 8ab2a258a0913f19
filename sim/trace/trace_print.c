/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of the text form, and one record as one line of it. The parser (trace_text.c) reads the
 * same table of calls, so a call prints and parses to itself by construction.
 */
#include "trace_private.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

const char *const trace_access_words[] = {
    [ACCESS_FETCH] = "I", [ACCESS_LOAD] = "L", [ACCESS_STORE] = "S", [ACCESS_AMO] = "M", NULL};

/* A form a line. */
/* clang-format off */
const struct trace_form trace_forms[] = {{CALL_EXEC, "process", "P"},
                                         {CALL_FORK, "fork", "C"},
                                         {CALL_CLONE, "clone", "Ch"},
                                         {CALL_EXIT, "exit", "g"},
                                         {CALL_MMAP, "mmap", "vlpk"},
                                         {CALL_MUNMAP, "munmap", "vl"},
                                         {CALL_MPROTECT, "mprotect", "vlp"},
                                         {CALL_BRK, "brk", "v"},
                                         {CALL_MADVISE, "madvise", "vla"},
                                         {CALL_MREMAP, "mremap", "vlnwd"},
                                         {CALL_MSYNC, "msync", "vl"},
                                         {CALL_FSYNC, "fsync", "f"},
                                         {CALL_FILE, "file", "fNzs"},
                                         {CALL_TRUNCATE, "truncate", "fz"},
                                         {CALL_READ, "read", "fovl"},
                                         {CALL_WRITE, "write", "fovl"},
                                         {CALL_KLOAD, "kload", "vl"},
                                         {CALL_KSTORE, "kstore", "vl"},
                                         {CALL_GUP, "gup", "vlG"},
                                         {CALL_MLOCK, "mlock", "vlO"},
                                         {CALL_MUNLOCK, "munlock", "vl"},
                                         {CALL_MLOCKALL, "mlockall", "A"},
                                         {CALL_MUNLOCKALL, "munlockall", ""},
                                         {CALL_MINCORE, "mincore", "vl"},
                                         {CALL_RECLAIM, "reclaim", "F"},
                                         {CALL_WRITEBACK, "writeback", ""},
                                         {CALL_KHUGEPAGED, "khugepaged", ""},
                                         {CALL_COMPACT, "compact", ""},
                                         {CALL_MIGRATE, "migrate", "vl"},
                                         {CALL_OOM_ADJ, "oom_score_adj", "j"},
                                         {CALL_IOERROR, "ioerror", "fE"},
                                         {CALL_SIGFRAME, "sigframe", "vl"},
                                         {0, NULL, NULL}};
/* clang-format on */

/* include/uapi/asm-generic/mman-common.h */
const struct trace_advice trace_advices[] = {
    {0, "normal"},           {1, "random"},         {2, "sequential"},
    {3, "willneed"},         {4, "dontneed"},       {8, "free"},
    {9, "remove"},           {10, "dontfork"},      {11, "dofork"},
    {12, "mergeable"},       {13, "unmergeable"},   {14, "hugepage"},
    {15, "nohugepage"},      {16, "dontdump"},      {17, "dodump"},
    {18, "wipeonfork"},      {19, "keeponfork"},    {20, "cold"},
    {21, "pageout"},         {22, "populate_read"}, {23, "populate_write"},
    {24, "dontneed_locked"}, {25, "collapse"},      {0, NULL}};

const char *const trace_lockall_words[] = {"current", "future", "onfault", NULL};
const char *const trace_ioerror_words[] = {"read", "write", NULL};
const char *const trace_gup_words[] = {"write", "pin", "force", "futex", NULL};

void trace_call_canonical(struct os_call *k) {
    static const uint64_t mmap_flags = MAP_F_SHARED | MAP_F_PRIVATE | MAP_F_ANON | MAP_F_GROWSDOWN |
                                       MAP_F_NORESERVE | MAP_F_POPULATE;
    uint64_t used[5] = {0};
    const char *fields = "";
    for (const struct trace_form *f = trace_forms; f->word; f++) {
        if (f->call == k->nr) fields = f->fields;
    }
    if (strpbrk(fields, "CvzAFjE")) used[0] = k->arg[0];
    if (strpbrk(fields, "g")) used[0] = k->arg[0] != 0;
    if (strpbrk(fields, "l")) used[1] = k->arg[1];
    if (strpbrk(fields, "s")) used[1] = k->arg[1];
    if (strpbrk(fields, "h")) used[1] = k->arg[1] & (CLONE_F_VM | CLONE_F_VFORK | CLONE_F_THREAD);
    if (strpbrk(fields, "nopaOG")) used[2] = k->arg[2];
    if (strpbrk(fields, "w")) used[4] = k->arg[4];
    if (k->nr == CALL_MREMAP) { /* MREMAP_MAYMOVE 1, FIXED 2, DONTUNMAP 4: granted, so the address
                                   says the rest */
        used[3] = (k->arg[0] != k->arg[4] ? 3 : 0) | (k->arg[3] & 4 ? 5 : 0);
    }
    if (strchr(fields, 'p')) used[2] &= PROT_R | PROT_W | PROT_X;
    if (k->nr ==
        CALL_MMAP) { /* exactly there: the address is a result; MAP_SHARED_VALIDATE is shared */
        if (k->arg[3] & MAP_F_SHARED) k->arg[3] &= ~(uint64_t)MAP_F_PRIVATE;
        used[3] = (k->arg[3] & mmap_flags) | MAP_F_FIXED;
        if (!(k->arg[3] & MAP_F_ANON)) used[4] = k->arg[4];
    }
    memcpy(k->arg, used, sizeof used);
    if (!strpbrk(fields, "fk")) k->file = 0;
    if (!strchr(fields, 'N')) k->path = NULL;
}

/* ---- Printing ------------------------------------------------------------------------------ */

struct line {
    char *out;
    size_t used, bytes;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *l, const char *format, ...) {
    va_list args;
    va_start(args, format);
    size_t left = l->bytes - l->used;
    int n = vsnprintf(l->out + l->used, left, format, args);
    va_end(args);
    l->used += n < 0 ? 0 : (size_t)n < left ? (size_t)n : left - 1;
}

static void add_prot(struct line *l, uint64_t prot) {
    add(l, " %c%c%c", prot & PROT_R ? 'r' : '-', prot & PROT_W ? 'w' : '-',
        prot & PROT_X ? 'x' : '-');
}

static void add_kind(struct line *l, const struct os_call *k) {
    const char *sharing = k->arg[3] & MAP_F_SHARED ? "shared" : "private";
    if (k->arg[3] & MAP_F_GROWSDOWN)
        add(l, " stack");
    else if (k->arg[3] & MAP_F_ANON)
        add(l, " %s anon", sharing);
    else
        add(l, " %s file %u 0x%" PRIx64, sharing, k->file, k->arg[4]);
    if (k->arg[3] & MAP_F_NORESERVE) add(l, " noreserve");
    if (k->arg[3] & MAP_F_POPULATE) add(l, " populate");
}

/* A file's name is one word: what would break it is spelt \xHH. */
static void add_name(struct line *l, const char *s) {
    add(l, " ");
    for (; *s; s++) {
        bool plain = (uint8_t)*s > ' ' && (uint8_t)*s < 127 && *s != '#' && *s != '\\';
        if (plain)
            add(l, "%c", *s);
        else
            add(l, "\\x%02x", (uint8_t)*s);
    }
}

static void add_advice(struct line *l, uint64_t number) {
    const struct trace_advice *a = trace_advices;
    while (a->word && a->number != number) a++;
    if (a->word)
        add(l, " %s", a->word);
    else
        add(l, " %" PRIu64, number);
}

static void add_clone(struct line *l, uint64_t flags) {
    const char *how = flags & CLONE_F_THREAD ? "thread" : flags & CLONE_F_VFORK ? "vfork" : "vm";
    add(l, " %s", how);
}

static void add_words(struct line *l, const char *const *words, uint64_t flags) {
    for (unsigned i = 0; words[i]; i++)
        if (flags >> i & 1) add(l, " %s", words[i]);
}

static void add_field(struct line *l, const struct os_call *k, char field) {
    switch (field) {
    case 'P': add(l, " %u", k->pid); break;
    case 'C': add(l, " %" PRIu64, k->arg[0]); break;
    case 's':
        if (k->arg[1]) add(l, " %s", store_word((unsigned)k->arg[1]));
        break;
    case 'h': add_clone(l, k->arg[1]); break;
    case 'g': add(l, "%s", k->arg[0] ? " group" : ""); break;
    case 'f': add(l, " %u", k->file); break;
    case 'N': add_name(l, k->path); break;
    case 'z': add(l, "%s %" PRIu64, k->nr == CALL_FILE ? " size" : "", k->arg[0]); break;
    case 'v': add(l, " 0x%" PRIx64, k->arg[0]); break;
    case 'l': add(l, " 0x%" PRIx64, k->arg[1]); break;
    case 'n':
    case 'o': add(l, " 0x%" PRIx64, k->arg[2]); break;
    case 'w': add(l, " 0x%" PRIx64, k->arg[4]); break;
    case 'p': add_prot(l, k->arg[2]); break;
    case 'a': add_advice(l, k->arg[2]); break;
    case 'd': add(l, "%s", k->arg[3] & 4 ? " dontunmap" : ""); break;
    case 'O': add(l, "%s", k->arg[2] ? " onfault" : ""); break;
    case 'A': add_words(l, trace_lockall_words, k->arg[0]); break;
    case 'G': add_words(l, trace_gup_words, k->arg[2]); break;
    case 'E':
        add_words(l, trace_ioerror_words, k->arg[0]);
        if (!k->arg[0]) add(l, " none");
        break;
    case 'F': add(l, " %" PRIu64, k->arg[0]); break;
    case 'j': add(l, " %" PRId64, (int64_t)k->arg[0]); break;
    default: add_kind(l, k);
    }
}

static void add_call(struct line *l, const struct os_call *k) {
    const struct trace_form *f = trace_forms;
    while (f->word && f->call != k->nr) f++;
    add(l, "%s", f->word ? f->word : "note unknown call");
    for (const char *field = f->word ? f->fields : ""; *field; field++) add_field(l, k, *field);
}

bool trace_call_extent(const struct os_call *k, vaddr_t *low, vaddr_t *high) {
    const struct trace_form *f = trace_forms;
    while (f->word && f->call != k->nr) f++;
    if (!f->word || !strchr(f->fields, 'v')) return false;
    *low = k->arg[0];
    *high = strchr(f->fields, 'l') && k->arg[1] ? k->arg[0] + k->arg[1] - 1 : k->arg[0];
    return true;
}

const char *trace_first_line(bool pins) {
    return pins ? TRACE_PINS_MAGIC " 1" : TRACE_TEXT_MAGIC " 1";
}

size_t trace_print(const struct trace_record *r, char *out, size_t bytes) {
    struct line l = {out, 0, bytes};
    out[0] = 0;
    switch (r->kind) {
    case TRACE_ACCESS:
        add(&l, "%s %" PRIx64 " %u%s", trace_access_words[r->access & 3], r->va, r->bytes,
            r->racing ? " racing" : "");
        break;
    case TRACE_SWITCH: add(&l, "run %u", r->pid); break;
    case TRACE_CALL: add_call(&l, &r->call); break;
    case TRACE_SIGNAL:
        add(&l, "signal %s %s%s", signal_word(r->sig), sicode_word(r->code),
            r->caught ? " caught" : "");
        break;
    case TRACE_EXPECT: add(&l, "expect%s%s", *r->text == '[' ? "" : " ", r->text); break;
    case TRACE_SET: add(&l, "set %s", r->text); break;
    case TRACE_NOTE: add(&l, "note%s%s", *r->text ? " " : "", r->text); break;
    case TRACE_PINS: l.used = (size_t)trace_pins_print(&r->pins, out, bytes); break;
    }
    return l.used;
}
