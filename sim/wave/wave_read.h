/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in an FST: which signals, and what they are at a time.
 */
#ifndef PW_WAVE_READ_H
#define PW_WAVE_READ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wave_read;
struct wave_read *wave_read_open(const char *fst); /* NULL: it is no whole FST */
void wave_read_close(struct wave_read *);

/* The signal of this path, scopes with dots between; its range is added, as GTKWave names it:
 * mmu.dreq_va_i becomes mmu.dreq_va_i[63:0]. False: there is none. `bits` may be NULL. */
bool wave_read_name(const struct wave_read *, const char *path, char *name, size_t room,
                    unsigned *bits);
enum { WAVE_READ_BITS = 4096 }; /* of a signal, at most */
/* Its bits in a cycle, the highest first; NULL: there is none. */
const char *wave_read_bits(const struct wave_read *, const char *path, uint64_t cycle,
                           char bits[WAVE_READ_BITS + 1]);
/* They as a number, of at most 64 bits; 0 if there is none. */
uint64_t wave_read_value(const struct wave_read *, const char *path, uint64_t cycle);
uint64_t wave_read_begin(const struct wave_read *); /* first and last cycle */
uint64_t wave_read_end(const struct wave_read *);

#endif
