/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines and the messages about them. See line.h. A line has a greatest length, so a file of zeros
 * or one without line ends is refused after a few kilobytes, not read into memory.
 */
#include "line.h"
#include "error.h"
#include <errno.h>
#include <string.h>

enum { SHOWN = 76 };

void line_init(struct line *l, const char *path, FILE *file) {
    l->path = path;
    l->file = file;
    l->number = 0;
    l->raw[0] = l->work[0] = 0;
    lex_init(&l->lex, l->work);
}

static _Noreturn void fail_column(const struct line *l, size_t at, const char *remedy,
                                  const char *rule) {
    char shown[SHOWN + 1];
    size_t from = at > SHOWN / 2 ? at - SHOWN / 2 : 0, n = 0;
    for (const char *s = l->raw + from; *s && n < SHOWN; s++) {
        bool plain = (uint8_t)*s >= ' ' && *s != 127;
        shown[n++] = plain ? *s : *s == '\t' ? ' ' : '?';
    }
    shown[n] = 0;
    input_error(l->path, l->number, at + 1, remedy, "%s\n    %s\n    %*s^", rule, shown,
                (int)(at - from), "");
}

void line_fail(const struct line *l, const char *at, const char *remedy, const char *rule) {
    fail_column(l, (size_t)(at - l->work), remedy, rule);
}

void line_check(const struct line *l) {
    if (l->lex.bad) line_fail(l, l->lex.bad, l->lex.remedy, l->lex.rule);
}

static bool read_raw(struct line *l) {
    size_t n = 0;
    int c;
    l->number++;
    while ((c = getc_unlocked(l->file)) != EOF && c != '\n') {
        l->raw[n] = c ? (char)c : '?';
        l->raw[n + 1] = 0;
        if (!c)
            fail_column(l, n, "copy it again; it is damaged, or no text file",
                        "a zero byte in a text file");
        if (++n == LINE_BYTES - 1) {
            fail_column(l, n, "break the line, if this is a text file at all",
                        "the line is too long");
        }
    }
    if (c == EOF && ferror(l->file)) {
        input_error(l->path, l->number, 0, "check the disk and the path", "cannot be read: %s",
                    strerror(errno));
    }
    if (n && l->raw[n - 1] == '\r') n--;
    l->raw[n] = 0;
    return c != EOF || n;
}

bool line_read(struct line *l, const char *verbatim) {
    size_t n = 0;
    if (!read_raw(l)) return false;
    struct lex first;
    lex_init(&first, l->raw);
    bool whole = verbatim && lex_take(&first, verbatim);
    for (const char *s = l->raw; *s && (whole || *s != '#'); s++) {
        if (((uint8_t)*s < ' ' && *s != '\t') || *s == 127) {
            fail_column(l, n, "take it out; blanks separate words",
                        "a control character in a text file");
        }
        l->work[n++] = *s == '\t' ? ' ' : *s;
    }
    while (n && l->work[n - 1] == ' ') n--;
    l->work[n] = 0;
    lex_init(&l->lex, l->work);
    return true;
}

bool line_next(struct line *l, const char *verbatim) {
    do {
        if (!line_read(l, verbatim)) return false;
    } while (!lex_more(&l->lex));
    return true;
}
