/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk import: traces of other forms into .pwt.
 *
 * `text` is one access a line and nothing else, so the mappings under the accesses must be made up:
 * one process, and private anonymous rwx memory over every page touched, contiguous pages joined. A
 * note in the result says so. Two passes: the first collects the pages (memory grows with pages
 * touched, not with accesses), the second writes. `pagewalk` is this program's own text or binary
 * form: records pass through unchanged.
 */
#include "error.h"
#include "line.h"
#include "pages.h"
#include "trace.h"
#include "verb.h"
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct options {
    const char *from, *in, *out;
};

static const char *const formats[] = {"text", "pagewalk", NULL};

/* ---- Plain text ---------------------------------------------------------------------------- */

/* The next access; false at the end. */
static bool read_access(struct line *l, struct trace_record *r) {
    static const char *const words[] = {"I", "L", "S", "M", NULL};
    if (!line_next(l, NULL)) return false;
    r->kind = TRACE_ACCESS;
    r->access = (uint8_t)lex_pick(&l->lex, "I, L, S or M", words);
    const char *at = l->lex.at;
    r->va = lex_address(&l->lex, "the address");
    r->bytes = (uint16_t)lex_number(&l->lex, "the number of bytes", 1, 4096);
    lex_end(&l->lex);
    if (!l->lex.bad && (r->va >> 47 || (r->va + r->bytes - 1) >> 47)) {
        lex_fail(&l->lex, at + strspn(at, " "),
                 "take the kernel's accesses out, or move the addresses down",
                 "a user address is below 2^47, the user half of Sv48");
    }
    line_check(l);
    return true;
}

static void write_text(struct trace_writer *w, enum trace_kind kind, const char *text) {
    struct trace_record r = {.kind = kind, .text = text};
    trace_write(w, &r);
}

static void write_mapping(struct trace_writer *w, vpn_t first, vpn_t end) {
    struct trace_record r = {.kind = TRACE_CALL};
    r.call = (struct os_call){
        .nr = CALL_MMAP,
        .pid = 1,
        .arg = {first << PAGE_SHIFT, (end - first) << PAGE_SHIFT, PROT_R | PROT_W | PROT_X,
                MAP_F_PRIVATE | MAP_F_ANON | MAP_F_FIXED, 0},
    };
    trace_write(w, &r);
}

/* Settings, note, process, and its mappings. */
static void write_head(struct trace_writer *w, struct pages *p) {
    char note[160];
    pages_sort(p);
    if (p->count && p->slot[p->count - 1].vpn >> 26) write_text(w, TRACE_SET, "os.mode sv48");
    if (p->count && p->slot[0].vpn < 16) write_text(w, TRACE_SET, "os.mmap_min_addr 0");
    snprintf(note, sizeof note,
             "imported from plain text, which names no mappings: %zu pages touched, all made "
             "private anonymous rwx",
             p->count);
    write_text(w, TRACE_NOTE, note);
    struct trace_record exec = {.kind = TRACE_CALL, .call = {.nr = CALL_EXEC, .pid = 1}};
    trace_write(w, &exec);
    for (size_t i = 0, end; i < p->count; i = end) {
        for (end = i + 1; end < p->count && p->slot[end].vpn == p->slot[end - 1].vpn + 1;) end++;
        write_mapping(w, p->slot[i].vpn, p->slot[end - 1].vpn + 1);
    }
}

static void import_text(const struct options *o) {
    static struct line line;
    struct trace_record r = {0};
    struct pages pages = {0};
    struct trace_header header = {
        .version = 1, .isa = "unknown", .recorder = "pagewalk import --from text"};
    struct stat st;
    FILE *file = fopen(o->in, "r");
    if (!file || fstat(fileno(file), &st)) {
        input_error(o->in, 0, 0, "check the name", "cannot be read: %s", strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        input_error(o->in, 0, 0, "write it to a file first",
                    "import reads a regular file twice; this is none");
    }
    line_init(&line, o->in, file);
    while (read_access(&line, &r)) {
        pages_put(&pages, 1, r.va >> PAGE_SHIFT);
        pages_put(&pages, 1, (r.va + r.bytes - 1) >> PAGE_SHIFT);
    }
    if (!pages.count)
        input_error(o->in, 0, 0, "lines are I|L|S|M ADDRESS BYTES", "there is no access in it");
    snprintf(header.program, sizeof header.program, "%s", o->in);
    struct trace_writer *w = trace_create(o->out, &header);
    write_head(w, &pages);
    rewind(file);
    line_init(&line, o->in, file);
    while (read_access(&line, &r)) trace_write(w, &r);
    trace_finish(w);
    fclose(file);
    pages_free(&pages);
}

static void import_pagewalk(const struct options *o) {
    struct trace_record r;
    struct trace *t = trace_open(o->in);
    if (trace_get_header(t)->pins)
        input_error(o->in, 0, 0, "keep its text: `pagewalk dump`",
                    "a trace of the pins has no binary form");
    struct trace_writer *w = trace_create(o->out, trace_get_header(t));
    while (trace_next(t, &r)) trace_write(w, &r);
    trace_finish(w);
    trace_close(t);
}

/* ---- Command line -------------------------------------------------------------------------- */

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case 'f': o->from = arg; return 0;
    case 'o': o->out = arg; return 0;
    case ARGP_KEY_ARG:
        if (o->in) usage_error("import one file at a time", "a second input: %s", arg);
        o->in = arg;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* One file under two names would be emptied before its second reading. */
static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int verb_import(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"from", 'f', "FORMAT", 0,
         "form of the input: text (I|L|S|M ADDRESS BYTES), pagewalk (.trace, .pwt)", 0},
        {"output", 'o', "FILE", 0, "the .pwt file to write", 0},
        {0}};
    static const struct argp argp = {
        options, parse, "IN", "Turn a trace of another form into a .pwt file.", NULL, NULL, NULL};
    struct options o = {0};
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (!o.in || !o.out || !o.from)
        usage_error("pagewalk import --from text IN -o OUT.pwt", "IN, --from or -o is missing");
    if (same_file(o.in, o.out))
        usage_error("give -o another name", "%s is both input and output", o.in);
    if (!strcmp(o.from, "text")) {
        import_text(&o);
    } else if (!strcmp(o.from, "pagewalk")) {
        import_pagewalk(&o);
    } else {
        const char *near = nearest_word(o.from, strlen(o.from), formats);
        usage_error("--from text, or --from pagewalk", "format `%s` is unknown%s%s%s", o.from,
                    near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
    return EXIT_PASS;
}
