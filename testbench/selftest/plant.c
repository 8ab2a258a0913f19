/* SPDX-License-Identifier: Apache-2.0
 *
 * plant OUT FAULT...   Writes copies of the sources named by the fault files into OUT, with every
 * fault in them, each asleep until its number is chosen; and OUT/faults.h, the table of faults.
 *
 * A fault file is called NN-name.fault. Its first line is `GROUP CLASS KIND: SENTENCE`, the group
 * and class of the bug it re-creates, KIND `rtl`, followed by its configuration if small.conf has
 * not what it breaks, or `twin` and the opinion that must speak; for data, the opinion is followed
 * by the trace it speaks about, for plan (the directed tests of the verification plan) by the tags
 * of the clauses it breaks. Then one or more changes:
 *
 *   --- rtl/mmu_perm.sv
 *   text that occurs exactly once in the source, white space apart; the part to replace
 *   between @{ and }@
 *   +++
 *   what stands there when the fault is awake
 *
 * `--- FILE expression` (the default) chooses by ?:, `--- FILE statement` by if. Parts may be the
 * same or lie inside one another; the innermost is chosen last. Anything else is an error: a text
 * that no longer occurs once means the source has moved on and the fault must be looked at again.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAULTS_MAX = 200, CHANGES_MAX = 600, SOURCES_MAX = 64 };

struct fault {
    char *path, *name, *sentence, *where;
    unsigned number, class;
    char group;
    const char *kind; /* "rtl", "spec", "data", "counters", "plan" */
};

struct change {
    const struct fault *fault;
    char *file, *broken;
    char *text;         /* FIND without its marks */
    size_t open, close; /* of the part in text, then in the source */
    bool statement;
};

static struct fault faults[FAULTS_MAX];
static struct change changes[CHANGES_MAX];
static size_t fault_count, change_count;

static _Noreturn void __attribute__((format(printf, 2, 3)))
stop(const char *where, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "plant: %s: ", where);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    exit(3);
}

static void *need(void *p) {
    if (!p) stop("memory", "exhausted");
    return p;
}

static char *read_all(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) stop(path, "cannot be read");
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *text = need(calloc(1, n + 1));
    if (fread(text, 1, n, f) != n) stop(path, "cannot be read");
    fclose(f);
    return text;
}

/* ---- Fault files ---------------------------------------------------------------------------- */

/* `B 13 rtl: sentence`, `E 32 rtl knobs.conf: sentence`, `F 37 twin spec: sentence`,
 * `F 39 twin data cow.trace: sentence`, `P 0 twin plan VM-3.3,VM-3.4: sentence` */
static void parse_head(struct fault *f, char *line) {
    static const char *const opinions[] = {"spec", "counters", "data", "plan"};
    char kind[16] = "", by[16] = "", where[64] = "";
    char *colon = strstr(line, ": ");
    if (!colon) stop(f->path, "the first line is no `GROUP CLASS KIND: SENTENCE`");
    *colon = '\0';
    f->sentence = colon + 2;
    int n = sscanf(line, "%c %u %15s %15s %63s", &f->group, &f->class, kind, by, where);
    unsigned opinion = 0;
    while (opinion < 4 && strcmp(by, opinions[opinion])) opinion++;
    bool rtl = (n == 3 || (n == 4 && strstr(by, ".conf"))) && !strcmp(kind, "rtl");
    bool twin = n >= 4 && !strcmp(kind, "twin");
    if (twin && opinion == 4) stop(f->path, "no opinion: %s", by);
    if (!rtl && !(twin && n == 4 + (opinion >= 2))) stop(f->path, "no kind of fault: %s", line);
    f->where = need(strdup(rtl ? by : where));
    f->kind = rtl ? "rtl" : opinions[opinion];
}

static void take_marks(struct change *c) {
    char *open = strstr(c->text, "@{"), *close;
    c->close = strlen(c->text);
    if (!open) return;
    memmove(open, open + 2, strlen(open + 2) + 1);
    close = strstr(c->text, "}@");
    if (!close) stop(c->fault->path, "@{ without }@");
    memmove(close, close + 2, strlen(close + 2) + 1);
    c->open = (size_t)(open - c->text);
    c->close = (size_t)(close - c->text);
}

static void parse_change(struct fault *f, char *text) {
    struct change *c = &changes[change_count++];
    char *line_end = strchr(text, '\n'), *plus = strstr(text, "\n+++\n");
    if (change_count == CHANGES_MAX) stop(f->path, "too many changes");
    if (!plus || line_end > plus) stop(f->path, "a change without +++");
    *line_end = *plus = '\0';
    char *how = strchr(text, ' ');
    if (how) *how++ = '\0';
    *c = (struct change){.fault = f, .file = text, .text = line_end + 1, .broken = plus + 5};
    c->statement = how && !strcmp(how, "statement");
    if (how && !c->statement && strcmp(how, "expression")) stop(f->path, "no way: %s", how);
    for (size_t n = strlen(c->broken); n && c->broken[n - 1] == '\n';) c->broken[--n] = '\0';
    take_marks(c);
}

static void parse_fault(const char *path) {
    struct fault *f = &faults[fault_count++];
    const char *slash = strrchr(path, '/');
    if (fault_count == FAULTS_MAX) stop(path, "too many faults");
    f->path = need(strdup(path));
    f->name = need(strdup(slash ? slash + 1 : path));
    f->number = (unsigned)strtoul(f->name, &f->name, 10);
    char *dot = strstr(f->name, ".fault");
    if (!f->number || f->number > 255 || *f->name++ != '-' || !dot)
        stop(path, "its name must be NN-name.fault, NN from 1 to 255");
    *dot = '\0';
    for (size_t i = 0; i + 1 < fault_count; i++)
        if (faults[i].number == f->number) stop(path, "number %u is taken", f->number);
    char *text = read_all(path), *next = strstr(text, "\n--- ");
    if (!next) stop(path, "it changes nothing");
    *next = '\0';
    parse_head(f, text);
    f->sentence[strcspn(f->sentence, "\n")] = '\0';
    while (next) {
        char *change = next + 5;
        next = strstr(change, "\n--- ");
        if (next) *next = '\0';
        parse_change(f, change);
    }
}

/* ---- Sources ----------------------------------------------------------------------------------
 */

/* Layout does not count: white space is left out of both. Places of the source by squeezed ones. */
struct squeezed {
    char *text;
    size_t *place;
};

static struct squeezed squeeze(const char *text) {
    size_t n = 0, size = strlen(text) + 1;
    struct squeezed s = {need(calloc(size, 1)), need(calloc(size, sizeof(size_t)))};
    for (size_t i = 0; text[i]; i++) {
        if (isspace((unsigned char)text[i])) continue;
        s.place[n] = i;
        s.text[n++] = text[i];
    }
    return s;
}

static size_t letters_in(const char *text, size_t to) {
    size_t n = 0;
    for (size_t i = 0; i < to; i++) n += !isspace((unsigned char)text[i]);
    return n;
}

static void locate(struct change *c, const char *source) {
    struct squeezed in = squeeze(source), find = squeeze(c->text);
    const char *at = strstr(in.text, find.text);
    if (!at || strstr(at + 1, find.text))
        stop(c->fault->path, "no longer applies: in %s this occurs %s:\n%s", c->file,
             at ? "more than once" : "nowhere", c->text);
    size_t first = (size_t)(at - in.text) + letters_in(c->text, c->open);
    size_t last = (size_t)(at - in.text) + letters_in(c->text, c->close) - 1;
    c->open = in.place[first];
    c->close = in.place[last] + 1;
    free(in.text);
    free(in.place);
    free(find.text);
    free(find.place);
}

/* Outer parts first; equal ones by number. */
static int by_place(const void *a, const void *b) {
    const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;
    if (x->open != y->open) return x->open < y->open ? -1 : 1;
    if (x->close != y->close) return x->close > y->close ? -1 : 1;
    return x->fault->number < y->fault->number ? -1 : 1;
}

/* source[from..to) with the changes list[0..count), which lie in it. */
static void emit(FILE *out, const char *source, size_t from, size_t to, struct change **list,
                 size_t count, bool rtl) {
    const char *number = rtl ? "mmu_fault::number" : "mmu_fault_number";
    const char *open = rtl ? "begin" : "{", *close = rtl ? "end" : "}";
    while (count) {
        struct change *c = list[0];
        size_t inside = 1;
        while (inside < count && list[inside]->open < c->close) {
            if (list[inside]->close > c->close)
                stop(c->fault->path, "overlaps %s", list[inside]->fault->path);
            inside++;
        }
        fwrite(source + from, 1, c->open - from, out);
        fprintf(out, c->statement ? "if (%s == %u) " : "((%s == %u) ? (", number, c->fault->number);
        if (c->statement)
            fprintf(out, "%s %s %s else %s ", open, c->broken, close, open);
        else
            fprintf(out, "%s) : (", c->broken);
        emit(out, source, c->open, c->close, list + 1, inside - 1, rtl);
        fputs(c->statement ? close : "))", out);
        from = c->close;
        list += inside;
        count -= inside;
    }
    fwrite(source + from, 1, to - from, out);
}

static void plant(const char *out, const char *file) {
    struct change *list[CHANGES_MAX];
    size_t count = 0;
    char path[512], *source = read_all(file);
    for (size_t i = 0; i < change_count; i++) {
        if (strcmp(changes[i].file, file)) continue;
        locate(&changes[i], source);
        list[count++] = &changes[i];
    }
    qsort(list, count, sizeof *list, by_place);
    snprintf(path, sizeof path, "%s/%s", out, file);
    FILE *f = fopen(path, "wb");
    if (!f) stop(path, "cannot be written");
    emit(f, source, 0, strlen(source), list, count, strstr(file, ".sv") != NULL);
    if (fclose(f)) stop(path, "cannot be written");
    free(source);
}

static void table(const char *out) {
    char path[512];
    snprintf(path, sizeof path, "%s/faults.h", out);
    FILE *f = fopen(path, "w");
    if (!f) stop(path, "cannot be written");
    for (size_t i = 0; i < fault_count; i++) {
        const struct fault *x = &faults[i];
        fprintf(f, "{%u, \"%s\", '%c', %u, \"%s\", \"%s\",\n \"%s\"},\n", x->number, x->name,
                x->group, x->class, x->kind, x->where, x->sentence);
    }
    if (fclose(f)) stop(path, "cannot be written");
}

int main(int argc, char **argv) {
    if (argc < 3) stop("usage", "plant OUT FAULT...");
    for (int i = 2; i < argc; i++) parse_fault(argv[i]);
    for (size_t i = 0; i < change_count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen |= !strcmp(changes[k].file, changes[i].file);
        if (!seen) plant(argv[1], changes[i].file);
    }
    table(argv[1]);
    return 0;
}
