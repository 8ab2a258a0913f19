/* SPDX-License-Identifier: Apache-2.0
 *
 * An engine: one struct of inputs in, one struct of outputs out, per clock edge. The core driver
 * does not know whether it drives the C model, the Verilated RTL, or both in lock-step.
 */
#ifndef PW_ENGINE_H
#define PW_ENGINE_H
#include "config.h"
#include "mmu.h"
#include "ports.h"
#include "wave.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first difference between model and RTL. */
struct engine_diff {
    bool found;
    uint64_t cycle;
    const char *pin;
    uint64_t model, rtl;
    struct mmu_in in;
    struct mmu_out out_model, out_rtl;
};

struct engine {
    const char *name;
    void (*step)(struct engine *, const struct mmu_in *, struct mmu_out *); /* one clock edge */
    /* The model alone, else NULL: mmu_quiet and mmu_rest of mmu.h. */
    bool (*quiet)(struct engine *, const struct mmu_in *);
    void (*rest)(struct engine *, const struct mmu_in *, const struct mmu_out *, uint64_t cycles);
    void (*close)(struct engine *);
    /* Starts an FST, with signals of the caller's in it, or ends it (path NULL). NULL: has none. */
    bool (*wave)(struct engine *, const char *path, const struct wave_signal *, size_t count);
    const struct mmu_stats *(*stats)(struct engine *);        /* the model's own counts, or NULL */
    size_t (*dump)(struct engine *, char *out, size_t bytes); /* the model's state as text */
    uint64_t compared_cycles;                                 /* lockstep */
    struct engine_diff diff;                                  /* lockstep: the first difference */
    const char *failed; /* an assertion of the RTL fired, or the DUT stopped: its text; else NULL */
};

/* The engines there are, one after the other; NULL after the last. */
const char *engine_name(size_t i);

/* x_seed: seed of the random initial state of the RTL. On failure returns NULL with a sentence in
 * `why`. */
struct engine *engine_open(const char *name, const struct config *, uint32_t x_seed, char *why,
                           size_t bytes);

#endif
