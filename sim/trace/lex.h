/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of text, read word by word: the common ground of text traces, plain-text imports and
 * expectations. The first mistake sticks: later calls do nothing and return zero, so a parser is
 * straight-line code that asks `bad` once, at the end. The mistake keeps its place, so the caller
 * can draw a caret under it.
 */
#ifndef PW_LEX_H
#define PW_LEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lex {
    const char *at;  /* the next character; the line ends with NUL */
    const char *bad; /* where the first mistake is, or NULL */
    char rule[320], remedy[640];
};

struct word {
    const char *at;
    size_t n;
};

void lex_init(struct lex *, const char *line);
/* Record a mistake at `at`; only the first one is kept. */
void lex_fail(struct lex *, const char *at, const char *remedy, const char *rule, ...)
    __attribute__((format(printf, 4, 5)));
/* The next word; `what` names it if it is missing: "a length". */
struct word lex_word(struct lex *, const char *what);
bool word_is(struct word, const char *);
bool lex_more(struct lex *);                   /* is there another word? */
bool lex_take(struct lex *, const char *word); /* eats the next word if it is this one */
void lex_end(struct lex *);                    /* nothing may follow */
uint64_t lex_number(struct lex *, const char *what, uint64_t min,
                    uint64_t max);                    /* decimal, or 0x hex */
uint64_t lex_address(struct lex *, const char *what); /* hex, with or without 0x */
/* One word of a closed list (ended by NULL); its index. A word that is not there gets the nearest
 * one. */
unsigned lex_pick(struct lex *, const char *what, const char *const *words);
/* The same for a generated enumeration of enums.def: one of from to count-1. */
unsigned lex_enum(struct lex *, const char *what, const char *(*word)(unsigned), unsigned from,
                  unsigned count);
void lex_copy(struct lex *, const char *what, char *out, size_t bytes); /* a word, copied */

/* The word of the list that was probably meant, or NULL; the list ends with NULL. */
const char *nearest_word(const char *, size_t, const char *const *words);

#endif
