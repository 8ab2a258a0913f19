/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run of a trace of the pins keeps beside the core driver's own state (core_pins.c).
 */
#ifndef PW_CORE_PINS_H
#define PW_CORE_PINS_H
#include "counters.h"
#include "hierarchy.h"
#include "mem.h"
#include "os/os.h"

enum { CORE_PINS_FENCES = 8 };

struct core_pins {
    bool on;               /* it is one */
    struct mem *elsewhere; /* the kernel half, which sleeps, has a memory of its own */
    struct hierarchy *hierarchy;
    struct os_op fence[CORE_PINS_FENCES]; /* accepted and not done, oldest first */
    unsigned fences;
    bool csr_pending; /* a write that the next cycle sees */
    uint16_t csr;
    uint64_t csr_value, judged; /* answers judged before the last reset */
    struct counters before;     /* what was counted by then */
};

struct core;
bool core_pins_run(struct core *);        /* the whole trace */
void core_pins_fence_done(struct core *); /* the pins say so */

#endif
