/* SPDX-License-Identifier: Apache-2.0
 *
 * The save file of the wave viewer that goes with an FST: every pin of ports.def, grouped as there,
 * zoomed.
 */
#ifndef PW_WAVE_VIEW_H
#define PW_WAVE_VIEW_H
#include <stddef.h>
#include <stdint.h>

/* Writes NAME.gtkw beside NAME.fst with the marker at `cycle`; its path into `view`. */
void wave_view_write(const char *fst, uint64_t cycle, char *view, size_t bytes);

#endif
