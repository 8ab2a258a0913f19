/* SPDX-License-Identifier: Apache-2.0
 *
 * An FST of C's own signals, one value a cycle. libfst comes with Verilator, as source.
 */
#ifndef PW_WAVE_FILE_H
#define PW_WAVE_FILE_H
#include "wave.h"

struct wave_file;
/* NULL: the file cannot be written. The signals must live until it is closed. */
struct wave_file *wave_file_open(const char *path, const struct wave_signal *, size_t count);
void wave_file_cycle(struct wave_file *, uint64_t cycle);
void wave_file_close(struct wave_file *);

#endif
