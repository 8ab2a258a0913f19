/* SPDX-License-Identifier: Apache-2.0
 *
 * A look at a configuration before libconfig reads it. libconfig 1.5 stores a whole number without
 * the suffix L in 32 bits and drops the rest: 4294967298 would become 2, which may well be legal.
 * And it follows @include, which would put settings where this look does not reach. Both are
 * refused here; strings and comments are skipped.
 */
#include "config_scan.h"
#include "error.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *at, *line_start, *file;
    uint64_t line;
};

static void step(struct scan *s) {
    if (*s->at++ == '\n') {
        s->line++;
        s->line_start = s->at;
    }
}

static void skip_past(struct scan *s, const char *end) {
    while (*s->at && strncmp(s->at, end, strlen(end))) step(s);
    for (size_t i = 0; i < strlen(end) && *s->at; i++) step(s);
}

static void skip_string(struct scan *s) {
    step(s);
    while (*s->at && *s->at != '"') {
        if (*s->at == '\\' && s->at[1]) step(s);
        step(s);
    }
    if (*s->at) step(s);
}

static uint64_t column(const struct scan *s) {
    return (uint64_t)(s->at - s->line_start) + 1;
}

static void take_number(struct scan *s) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(s->at, &end, 0);
    size_t n = strcspn(s->at, " \t\r\n;,})]");
    if (*end != 'L' && (errno || value > INT32_MAX)) {
        input_error(s->file, s->line, column(s), "write an L after a number above 2147483647",
                    "%.*s is too large as it is written", (int)(n > 40 ? 40 : n), s->at);
    }
    s->at += n; /* fractions and exponents included: they are libconfig's to judge */
}

static void take_name(struct scan *s) {
    while (isalnum((unsigned char)*s->at) || strchr("_-*.", *s->at ? *s->at : ' ')) step(s);
}

char *config_text(const char *path, const char *remedy) {
    enum { LIMIT = 1 << 20 };
    FILE *f = fopen(path, "r");
    if (!f) input_error(path, 0, 0, remedy, "%s", strerror(errno));
    char *text = calloc(1, LIMIT);
    if (!text) internal_error("no memory to read %s", path);
    size_t n = fread(text, 1, LIMIT - 1, f);
    if (ferror(f)) { /* a directory opens, but does not read */
        input_error(path, 0, 0, "name a file as docs/configuration.md describes it", "%s",
                    strerror(errno));
    }
    fclose(f);
    if (n == LIMIT - 1 || strlen(text) != n) {
        input_error(path, 0, 0, "name a file as docs/configuration.md describes it",
                    "this is no text of at most 1 MiB");
    }
    return text;
}

void config_scan(const char *text, const char *file) {
    struct scan s = {text, text, file, 1};
    while (*s.at) {
        if (*s.at == '#' || !strncmp(s.at, "//", 2)) {
            skip_past(&s, "\n");
        } else if (!strncmp(s.at, "/*", 2)) {
            skip_past(&s, "*/");
        } else if (*s.at == '"') {
            skip_string(&s);
        } else if (*s.at == '@') {
            input_error(file, s.line, column(&s), "put all settings into one file",
                        "a configuration includes no other");
        } else if (isdigit((unsigned char)*s.at)) {
            take_number(&s);
        } else if (isalpha((unsigned char)*s.at)) {
            take_name(&s);
        } else {
            step(&s);
        }
    }
}
