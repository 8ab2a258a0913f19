/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a case line: where it stands, and what numbers and words it is made of. Private to
 * translate_parse.c, translate_reader.c and translate_sets.c. A function that returns false has put
 * a sentence into the case's `why`.
 */
#ifndef PW_TRANSLATE_READER_H
#define PW_TRANSLATE_READER_H
#include "translate.h"

/* The keys of a line as they stand, and where reading is. */
struct reader {
    struct translate_case *c;
    const char *at;
    struct translate_step step;
    uint8_t p, mpp;
    bool mprv, mpv, virtual; /* virtual: a key that asks for two stages */
    bool has_bytes, has_va, hart_fixed;
    bool satp_written, pmp_written, pma_written;
    unsigned was[2]; /* the sets of PMP and PMA before this step */
    uint64_t satp;
};

bool reader_fail(struct reader *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for one more in a list that only grows. */
void *reader_room(void *list, unsigned used, unsigned *have, size_t bytes);
bool reader_hex(struct reader *, uint64_t *out);
bool reader_flag(struct reader *, bool *out);               /* 0 or 1 */
int reader_word(struct reader *, const char *const *words); /* one of them: its index, or -1 */

static inline bool reader_ends(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == 0;
}

static inline bool reader_take(struct reader *r, char c) {
    if (*r->at != c) return false;
    r->at++;
    return true;
}

/* translate_sets.c */
void reader_start_sets(struct translate_case *); /* the state before any pmp= or pma= */
bool reader_pmp(struct reader *);
bool reader_pma(struct reader *);
void reader_end_sets(struct reader *); /* what a write of the registers makes of what was read */

#endif
