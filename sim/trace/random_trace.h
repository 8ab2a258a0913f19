/* SPDX-License-Identifier: Apache-2.0
 *
 * Random traces: `regress` replays them, and `make linux-random` performs them on a real kernel.
 */
#ifndef PW_RANDOM_TRACE_H
#define PW_RANDOM_TRACE_H
#include <stdint.h>
#include <stdio.h>

/* A text trace of so many calls and accesses; the same for the same seed. */
void random_trace(FILE *, uint32_t seed, uint64_t records);

#endif
