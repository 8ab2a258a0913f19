/* SPDX-License-Identifier: Apache-2.0
 *
 * The program `pagewalk` with the planted faults in it: PLANTED=N wakes number N, in the Verilated
 * copy of the RTL and, of a twin, in the copy of the C model, too. So every verb can be shown to do
 * its work on a design that is broken: `build/selftest/pagewalk run`, `reduce`, `regress`. With
 * PLANTED_ONCE=F it is awake only until F is there, which it makes: a failure that does not stay.
 */
#include "dut.h"
#include "engine.h"
#include "selftest.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct planted planted[] = {
#include "faults.h"
};

unsigned mmu_fault_number; /* read by the patched copy of the C model */

static unsigned awake(void) {
    const char *wanted = getenv("PLANTED"), *once = getenv("PLANTED_ONCE");
    if (once) {
        int made = open(once, O_CREAT | O_EXCL, 0666);
        if (made < 0) return 0;
        close(made);
    }
    return wanted ? (unsigned)strtoul(wanted, NULL, 10) : 0;
}

typeof(engine_open) __wrap_engine_open, __real_engine_open;

/* The real one opens the library a second time: the number is set in the one it gets. */
struct engine *__wrap_engine_open(const char *kind, const struct config *c, uint32_t x_seed,
                                  char *why, size_t bytes) {
    const char *path = strcmp(kind, "model") ? dut_path(c) : NULL;
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    unsigned *number = library ? dlsym(library, "dut_fault_number") : NULL;
    unsigned n = awake();
    if (number) *number = n;
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        if (planted[i].number == n && planted_twin(&planted[i])) mmu_fault_number = n;
    }
    return __real_engine_open(kind, c, x_seed, why, bytes);
}
