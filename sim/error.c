/* SPDX-License-Identifier: Apache-2.0
 *
 * The ways out that are not success. A message has three parts, always in this order: where, which
 * rule was broken, and what to do about it. Nothing is recovered: a program that refuses bad input
 * before it acts on it needs no path back, and a caller that cannot continue by mistake needs no
 * return code.
 *
 * Data goes to stdout and messages to stderr, so stdout is flushed first: what a verb printed
 * before the error stands above it when both go to one terminal.
 */
#include "error.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void begin(void) {
    fflush(stdout);
    fputs("pagewalk: ", stderr);
}

static _Noreturn void finish(enum exit_code code, const char *remedy, const char *rule,
                             va_list args) {
    vfprintf(stderr, rule, args);
    fputc('\n', stderr);
    if (remedy && *remedy) fprintf(stderr, "  try: %s\n", remedy);
    exit(code);
}

void input_error(const char *file, uint64_t line, uint64_t column, const char *remedy,
                 const char *rule, ...) {
    va_list args;
    va_start(args, rule);
    begin();
    fputs(file, stderr);
    if (line) fprintf(stderr, ":%" PRIu64, line);
    if (line && column) fprintf(stderr, ":%" PRIu64, column);
    fputs(": ", stderr);
    finish(EXIT_INPUT, remedy, rule, args);
}

void record_error(const char *file, uint64_t record, uint64_t offset, const char *remedy,
                  const char *rule, ...) {
    va_list args;
    va_start(args, rule);
    begin();
    fprintf(stderr, "%s: record %" PRIu64 " (byte %" PRIu64 "): ", file, record, offset);
    finish(EXIT_INPUT, remedy, rule, args);
}

void usage_error(const char *remedy, const char *rule, ...) {
    va_list args;
    va_start(args, rule);
    begin();
    finish(EXIT_USAGE, remedy, rule, args);
}

void internal_error(const char *rule, ...) {
    va_list args;
    va_start(args, rule);
    begin();
    fputs("internal error: ", stderr);
    finish(EXIT_INTERNAL,
           "this is a bug of pagewalk, not of its input; report it with the command line", rule,
           args);
}
