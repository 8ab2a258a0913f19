/* SPDX-License-Identifier: Apache-2.0
 *
 * The numbers and words of a case line.
 */
#include "translate_reader.h"
#include "error.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool reader_fail(struct reader *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(r->c->why, sizeof r->c->why, format, args);
    va_end(args);
    return false;
}

void *reader_room(void *list, unsigned used, unsigned *have, size_t bytes) {
    if (used < *have) return list;
    *have = *have ? 2 * *have : 16;
    list = realloc(list, *have * bytes);
    if (!list) internal_error("out of memory");
    return list;
}

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool reader_hex(struct reader *r, uint64_t *out) {
    const char *from = r->at;
    uint64_t value = 0;
    int d;
    while ((d = digit(*r->at)) >= 0) {
        if (value >> 60) return reader_fail(r, "a number of more than 64 bits");
        value = value << 4 | (uint64_t)d;
        r->at++;
    }
    *out = value;
    return r->at != from || reader_fail(r, "a hex number is expected");
}

bool reader_flag(struct reader *r, bool *out) {
    uint64_t value;
    if (!reader_hex(r, &value)) return false;
    *out = value;
    return value < 2 || reader_fail(r, "0 or 1 is expected");
}

int reader_word(struct reader *r, const char *const *words) {
    size_t n = 0;
    while (!reader_ends(r->at[n])) n++;
    for (int i = 0; words[i]; i++) {
        if (strlen(words[i]) != n || memcmp(words[i], r->at, n)) continue;
        r->at += n;
        return i;
    }
    reader_fail(r, "`%.*s` is unknown here", (int)(n < 32 ? n : 32), r->at);
    return -1;
}
