/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the Verilated MMU of a configuration is. Each distinct set of RTL knobs is one shared
 * object, build/dut/HASH/dut.so, made once by testbench/dut.sh and found again by the hash of
 * everything it is made from.
 */
#ifndef PW_DUT_H
#define PW_DUT_H
#include "config.h"
#include <stdbool.h>

/* Directory that holds rtl/, sim/ and build/, found upwards from the running program; NULL if there
 * is none. */
const char *dut_root(void);

/* Path of the shared object, Verilated now if it is missing (progress on stderr). NULL on failure,
 * after the build has said why on stderr; a build/ that cannot be written ends the program, exit 3.
 * The string lives until the next call. */
const char *dut_path(const struct config *);

/* The same for SystemC (testbench/systemc/build.sh): kind "pins" is the RTL as a SystemC module,
 * "tlm" the C model as a TLM component. Where there is no SystemC the program ends, exit 3. */
const char *dut_systemc(const struct config *, const char *kind);

/* Is it there already? Builds nothing, says nothing. */
bool dut_built(const struct config *);

#endif
