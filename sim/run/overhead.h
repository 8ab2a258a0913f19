/* SPDX-License-Identifier: Apache-2.0
 *
 * Translation overhead: cycles over the cycles of the same run with an ideal MMU, minus 1. Always
 * of two cores, one that waits for each load (core.deps = serial) and one that only its window
 * limits (none): what translation costs a real program lies between.
 */
#ifndef PW_OVERHEAD_H
#define PW_OVERHEAD_H
#include "replay.h"

struct overhead {
    uint64_t cycles[DEPS_COUNT], ideal_cycles[DEPS_COUNT]; /* of the region */
};

/* Replays the trace four times on the C model, less `done`, the run that was made already. */
void overhead_measure(const char *trace, const struct config *, const struct replay_options *,
                      const struct replay_result *done, struct overhead *);

#endif
