/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of a line. See lex.h; nothing here knows a trace.
 */
#include "lex.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lex_init(struct lex *l, const char *line) {
    l->at = line;
    l->bad = NULL;
    l->rule[0] = l->remedy[0] = 0;
}

void lex_fail(struct lex *l, const char *at, const char *remedy, const char *rule, ...) {
    if (l->bad) return;
    va_list args;
    va_start(args, rule);
    vsnprintf(l->rule, sizeof l->rule, rule, args);
    va_end(args);
    snprintf(l->remedy, sizeof l->remedy, "%s", remedy);
    l->bad = at;
}

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *s) {
    while (blank(*s)) s++;
    return s;
}

bool lex_more(struct lex *l) {
    l->at = skip_blanks(l->at);
    return !l->bad && *l->at;
}

struct word lex_word(struct lex *l, const char *what) {
    struct word w = {l->at, 0};
    if (!lex_more(l)) {
        lex_fail(l, l->at, "docs/trace-format.md has the form of every line", "%s is missing",
                 what);
        return w;
    }
    w.at = l->at;
    while (w.at[w.n] && !blank(w.at[w.n])) w.n++;
    l->at += w.n;
    return w;
}

bool word_is(struct word w, const char *s) {
    return w.n == strlen(s) && !memcmp(w.at, s, w.n);
}

bool lex_take(struct lex *l, const char *s) {
    const char *from = l->at;
    if (lex_more(l) && word_is(lex_word(l, s), s)) return true;
    if (!l->bad) l->at = from;
    return false;
}

void lex_end(struct lex *l) {
    if (lex_more(l)) {
        lex_fail(l, l->at, "take it out, or start a comment with #",
                 "nothing more belongs on this line");
    }
}

/* ---- Numbers ------------------------------------------------------------------------------- */

static int digit(char c, unsigned base) {
    int v = isdigit((unsigned char)c)    ? c - '0'
            : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                         : 99;
    return v < (int)base ? v : -1;
}

static bool parse(const char *s, size_t n, unsigned base, uint64_t *out) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        int d = digit(s[i], base);
        if (d < 0 || v > (UINT64_MAX - (unsigned)d) / base) return false;
        v = v * base + (unsigned)d;
    }
    *out = v;
    return n > 0;
}

static bool has_0x(struct word w) {
    return w.n > 2 && w.at[0] == '0' && (w.at[1] | 32) == 'x';
}

uint64_t lex_number(struct lex *l, const char *what, uint64_t min, uint64_t max) {
    struct word w = lex_word(l, what);
    uint64_t v = 0;
    if (l->bad) return 0;
    bool ok = has_0x(w) ? parse(w.at + 2, w.n - 2, 16, &v) : parse(w.at, w.n, 10, &v);
    if (!ok) {
        lex_fail(l, w.at, "numbers are decimal, or hex with 0x in front, and below 2^64",
                 "%s must be a number, not `%.*s`", what, (int)(w.n > 40 ? 40 : w.n), w.at);
        return 0;
    }
    if (v < min || v > max) {
        lex_fail(l, w.at, "give a value in this range", "%s must be %llu to %llu", what,
                 (unsigned long long)min, (unsigned long long)max);
        return 0;
    }
    return v;
}

uint64_t lex_address(struct lex *l, const char *what) {
    struct word w = lex_word(l, what);
    uint64_t v = 0;
    size_t skip = has_0x(w) ? 2 : 0;
    if (!l->bad && !parse(w.at + skip, w.n - skip, 16, &v)) {
        lex_fail(l, w.at, "addresses are hex, with or without 0x, 64 bits at most",
                 "%s must be a hex number, not `%.*s`", what, (int)(w.n > 40 ? 40 : w.n), w.at);
    }
    return v;
}

/* ---- Closed lists -------------------------------------------------------------------------- */

enum { WORD_MAX = 32 };

/* Edits (insert, drop, change, swap neighbours) between two words: what a typo costs. */
static size_t edits(const char *a, size_t an, const char *b, size_t bn) {
    size_t row[3][WORD_MAX + 1];
    for (size_t j = 0; j <= bn; j++) row[0][j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            size_t best = up[j - 1] + (tolower((unsigned char)a[i - 1]) != b[j - 1]);
            if (up[j] + 1 < best) best = up[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                up2[j - 2] + 1 < best) {
                best = up2[j - 2] + 1;
            }
            now[j] = best;
        }
    }
    return row[an % 3][bn];
}

const char *nearest_word(const char *s, size_t n, const char *const *words) {
    const char *best = NULL;
    size_t least = n < 3 ? 1 : n < 6 ? 2 : 3;
    if (n > WORD_MAX) return NULL;
    for (; *words; words++) {
        size_t bn = strlen(*words);
        if (bn > WORD_MAX || **words == '?') continue;
        size_t cost = edits(s, n, *words, bn);
        if (cost < least || (cost == least && !best)) least = cost, best = *words;
    }
    return best;
}

static void unknown_word(struct lex *l, const char *what, struct word w, const char *const *words) {
    const char *near = nearest_word(w.at, w.n, words);
    char remedy[sizeof l->remedy];
    int n = near ? snprintf(remedy, sizeof remedy, "did you mean `%s`? known:", near)
                 : snprintf(remedy, sizeof remedy, "known:");
    for (size_t used = (size_t)n; *words && used < sizeof remedy - WORD_MAX; words++) {
        if (**words != '?')
            used += (size_t)snprintf(remedy + used, sizeof remedy - used, " %s", *words);
    }
    lex_fail(l, w.at, remedy, "`%.*s` is not %s", (int)(w.n > 40 ? 40 : w.n), w.at, what);
}

unsigned lex_pick(struct lex *l, const char *what, const char *const *words) {
    struct word w = lex_word(l, what);
    if (l->bad) return 0;
    for (unsigned i = 0; words[i]; i++) {
        if (word_is(w, words[i]) && *words[i] != '?') return i;
    }
    unknown_word(l, what, w, words);
    return 0;
}

unsigned lex_enum(struct lex *l, const char *what, const char *(*word)(unsigned), unsigned from,
                  unsigned count) {
    const char *words[64] = {NULL};
    for (unsigned i = 0; i < count && i < 63; i++) words[i] = i < from ? "?" : word(i);
    return lex_pick(l, what, words);
}

void lex_copy(struct lex *l, const char *what, char *out, size_t bytes) {
    struct word w = lex_word(l, what);
    if (w.n >= bytes) {
        lex_fail(l, w.at, "shorten it", "%s must be shorter than %zu characters", what, bytes);
    }
    if (l->bad) return;
    memcpy(out, w.at, w.n);
    out[w.n] = 0;
}
