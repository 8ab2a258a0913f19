/* SPDX-License-Identifier: Apache-2.0
 *
 * A text file, line by line, with messages that show the line and a caret under the place.
 */
#ifndef PW_LINE_H
#define PW_LINE_H
#include "lex.h"
#include <stdio.h>

enum { LINE_BYTES = 8192 };

struct line {
    const char *path;
    FILE *file;
    uint32_t number;
    char raw[LINE_BYTES];  /* as it stands in the file: what a message shows */
    char work[LINE_BYTES]; /* blanks for tabs, comment and trailing blanks cut off; same columns */
    struct lex lex;        /* over work */
};

void line_init(struct line *, const char *path, FILE *);
/* The next line; false at the end of the file. In a line that begins with the word `verbatim`, # is
 * a character. */
bool line_read(struct line *, const char *verbatim);
bool line_next(struct line *,
               const char *verbatim); /* the next one that has a word, the lex before it */
void line_check(const struct line *); /* ends the program if the lex met a mistake */
_Noreturn void line_fail(const struct line *, const char *at, const char *remedy, const char *rule);

#endif
