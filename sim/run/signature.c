/* SPDX-License-Identifier: Apache-2.0
 *
 * A sentence becomes a signature by losing its numbers: addresses, cycles, bytes and processes
 * change as soon as a trace is cut, while words say what is wrong. What stands behind a semicolon
 * are details (what would have been lawful, more bytes), and they change, too.
 */
#include "signature.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { BYTES_LEAST = 8 }; /* so many hex digits in a row are bytes, not a word */

static bool in_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* A number in decimal, in hex behind 0x, or bytes in hex. */
static bool is_number(const char *s, size_t n) {
    const char *hex = "0123456789abcdef";
    if (n > 2 && s[0] == '0' && s[1] == 'x') return true;
    return strspn(s, "0123456789") >= n || (n >= BYTES_LEAST && strspn(s, hex) >= n);
}

void signature_make(char out[SIGNATURE_BYTES], const char *opinion, const char *what) {
    size_t n = (size_t)snprintf(out, SIGNATURE_BYTES, "%s ", opinion);
    const char *begin = what;
    while (*what && *what != ';' && *what != '\n' && n + 1 < SIGNATURE_BYTES) {
        size_t word = 0, room = SIGNATURE_BYTES - 1 - n;
        while (in_word(what[word])) word++;
        bool line = what > begin && what[-1] == ':'; /* FILE:LINE names an assertion */
        bool number = word && !line && is_number(what, word);
        size_t copied = number || !word ? 1 : word < room ? word : room;
        memcpy(out + n, number ? "N" : what, copied);
        n += copied;
        what += word ? word : 1;
    }
    out[n] = 0;
}
