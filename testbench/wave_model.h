/* SPDX-License-Identifier: Apache-2.0
 *
 * What of the C model a waveform shows: its pins and its slots, under the names of the RTL.
 */
#ifndef PW_WAVE_MODEL_H
#define PW_WAVE_MODEL_H
#include "mmu.h"
#include "wave.h"

struct wave_model;
/* `scope` stands for the top of the RTL: "mmu", or another where the RTL is in the file, too. */
struct wave_model *wave_model_new(const char *scope, const struct mmu *);
void wave_model_delete(struct wave_model *);
const struct wave_signal *wave_model_signals(const struct wave_model *, size_t *count);
void wave_model_state(struct wave_model *, const struct mmu *); /* before the edge */
void wave_model_pins(struct wave_model *, const struct mmu_in *,
                     const struct mmu_out *); /* after */

#endif
