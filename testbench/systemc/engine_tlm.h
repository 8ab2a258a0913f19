/* SPDX-License-Identifier: Apache-2.0
 *
 * The second symbol of the TLM engine's shared object. The C model needs its configuration at run
 * time, and dut_api's open has no place for one: this says what the next one opens.
 */
#ifndef PW_ENGINE_TLM_H
#define PW_ENGINE_TLM_H
#include "config.h"

/* style: "at", "lt" or "dmi"; docs/systemc.md. */
typedef void engine_tlm_configure(const char *style, const struct config *);
engine_tlm_configure engine_tlm_next;

#endif
