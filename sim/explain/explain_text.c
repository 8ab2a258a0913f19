/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal's view: a line a step, 80 columns wide, what it means indented below.
 */
#include "explain.h"
#include "term.h"
#include <inttypes.h>
#include <string.h>

enum { COLUMNS = 80, INDENT = 20 };

static const char *paint_of(const struct explain_step *s) {
    switch (s->kind) {
    case EXPLAIN_LOOKUP: return s->lookup.hit ? TERM_GREEN : TERM_YELLOW;
    case EXPLAIN_ANSWER: return s->answer.cause ? TERM_RED : TERM_GREEN;
    case EXPLAIN_CHECK:
    case EXPLAIN_FAULT:
    case EXPLAIN_SIGNAL: return TERM_RED;
    case EXPLAIN_KERNEL:
    case EXPLAIN_STORE: return TERM_CYAN;
    default: return TERM_BOLD;
    }
}

/* What does not fit goes on below, two columns further in. */
static void wrap(FILE *out, const char *text) {
    size_t room = COLUMNS - INDENT, in = 0;
    while (strlen(text) > room - in) {
        size_t n = room - in;
        while (n && text[n] != ' ') n--;
        if (!n) n = strcspn(text, " ");
        fprintf(out, "%.*s\n%*s", (int)n, text, INDENT + 2, "");
        text += n + (text[n] == ' ');
        in = 2;
    }
    fprintf(out, "%s\n", text);
}

static void print_step(FILE *out, const struct explain *x, const struct explain_step *s) {
    struct explain_lines l;
    bool color = term_color(out);
    explain_say(x, s, &l);
    for (unsigned i = 0; i < l.count; i++) {
        if (i)
            fprintf(out, "%*s", INDENT, "");
        else
            fprintf(out, "%9" PRIu64 "  %s%-7s%s  ", s->cycle, color ? paint_of(s) : "",
                    explain_words[s->kind], color ? TERM_PLAIN : "");
        wrap(out, l.line[i]);
    }
}

static void print_head(FILE *out, const struct explain *x, const struct explain_facts *f) {
    char line[32] = "", text[EXPLAIN_NAME + 32];
    if (f->line) snprintf(line, sizeof line, ", line %" PRIu32, f->line);
    fprintf(out, "%s, record %" PRIu64 "%s: %s\n", f->trace, x->at, line, f->text);
    fprintf(out, "process %" PRIu32 ", engine %s, configuration %s\n", x->pid, f->engine,
            f->config_name);
    for (unsigned i = 0; i < x->links; i++) {
        const struct explain_link *l = &x->link[i];
        char record[32] = "";
        if (l->record) snprintf(record, sizeof record, "record %" PRIu64 ": ", l->record);
        fprintf(out, "%11s%-7s%s", "", l->word, "  ");
        snprintf(text, sizeof text, "%s%s", record, l->text);
        wrap(out, text);
    }
}

void explain_print(FILE *out, const struct explain *x, const struct explain_facts *f) {
    unsigned attempt = 0, part = 0;
    print_head(out, x, f);
    for (size_t i = 0; i < x->steps; i++) {
        const struct explain_step *s = &x->step[i];
        if (s->attempt != attempt) fprintf(out, "\nattempt %u\n    cycle\n", s->attempt);
        if (s->part != part) fprintf(out, "       -- page %u of the access\n", s->part + 1u);
        attempt = s->attempt;
        part = s->part;
        print_step(out, x, s);
    }
}
