/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals that C writes into a waveform: what there is, not how. The same list goes into the file
 * of the C model alone (wave_file.c), and into the RTL's file beside its hierarchy (shim.cpp).
 */
#ifndef PW_WAVE_H
#define PW_WAVE_H
#include <stddef.h>
#include <stdint.h>

enum { WAVE_CYCLE = 1000 }; /* ps a cycle, so that a viewer shows cycle 7 as 7 ns */

struct wave_signal {
    const char *scope, *name; /* scopes from the outermost, blanks between */
    int element;              /* of an array; -1: it is none */
    unsigned bits;
    const uint32_t *value; /* bits 31:0 first; read once a cycle. A text is its bytes, the last
                              one in bits 7:0, as SystemVerilog has it */
};

#endif
