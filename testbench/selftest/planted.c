/* SPDX-License-Identifier: Apache-2.0
 *
 * The program `pagewalk` with the planted faults in it: PLANTED=N wakes number N, in the Verilated
 * copy of the RTL and, of a twin, in the copy of the C model, too. So every verb can be shown to do
 * its work on a design that is broken: `build/selftest/pagewalk run`, `reduce`, `regress`.
 */
#include "dut.h"
#include "engine.h"
#include "selftest.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct planted planted[] = {
#include "faults.h"
};

unsigned mmu_fault_number; /* read by the patched copy of the C model */

typeof(engine_open) __wrap_engine_open, __real_engine_open;

/* The real one opens the library a second time: the number is set in the one it gets. */
struct engine *__wrap_engine_open(const char *kind, const struct config *c, uint32_t x_seed,
                                  char *why, size_t bytes) {
    const char *path = strcmp(kind, "model") ? dut_path(c) : NULL;
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    unsigned *number = library ? dlsym(library, "dut_fault_number") : NULL;
    const char *wanted = getenv("PLANTED");
    unsigned n = wanted ? (unsigned)strtoul(wanted, NULL, 10) : 0;
    if (number) *number = n;
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        if (planted[i].number == n && planted_twin(&planted[i])) mmu_fault_number = n;
    }
    return __real_engine_open(kind, c, x_seed, why, bytes);
}
