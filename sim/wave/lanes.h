/* SPDX-License-Identifier: Apache-2.0
 *
 * Text lanes of a waveform: what each port, each slot and the kernel half are doing, in the words
 * of `run --trace`. docs/waveforms.md lists them.
 */
#ifndef PW_LANES_H
#define PW_LANES_H
#include "events.h"
#include "mmu.h"
#include "wave.h"

enum { LANE_BYTES = 96, LANE_HOLD = 40 /* cycles that an event is shown */ };

struct lane {
    char text[LANE_BYTES + 1];
    uint32_t value[LANE_BYTES / 4]; /* the text as a waveform has it */
    uint64_t at;                    /* cycle of the event; 0: the text is a state */
};

enum lane_name { LANE_FETCH, LANE_DATA, LANE_FAULT, LANE_KERNEL, LANE_FENCE, LANE_NAMES };

struct lanes {
    struct lane lane[LANE_NAMES], slot[MMU_SLOTS_MAX];
    char doing[MMU_SLOTS_MAX][24]; /* what the slot's walk is at, for the lane of its port */
    uint8_t level[MMU_SLOTS_MAX];
    char cause[24]; /* of the last fault */
    struct wave_signal signal[LANE_NAMES + MMU_SLOTS_MAX];
    size_t count;
};

#endif
