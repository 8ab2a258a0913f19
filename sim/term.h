/* SPDX-License-Identifier: Apache-2.0
 *
 * Colours, on a terminal and only there, unless NO_COLOR is set.
 */
#ifndef PW_TERM_H
#define PW_TERM_H
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TERM_PLAIN  "\033[0m"
#define TERM_BOLD   "\033[1m"
#define TERM_RED    "\033[31m"
#define TERM_GREEN  "\033[32m"
#define TERM_YELLOW "\033[33m"
#define TERM_CYAN   "\033[36m"

static inline bool term_color(FILE *out) {
    const char *no = getenv("NO_COLOR");
    return !(no && *no) && isatty(fileno(out));
}

#endif
