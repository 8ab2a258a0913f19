/* SPDX-License-Identifier: Apache-2.0
 *
 * A device under test is a shared object with one symbol, `dut_api_v2`. Another RTL, or somebody
 * else's, is another .so: it needs the pins of build/gen/ports.h and these six functions, and no
 * rebuild of pagewalk.
 */
#ifndef PW_DUT_API_H
#define PW_DUT_API_H
#include "ports.h"
#include "wave.h"
#include <stdbool.h>
#include <stdint.h>

#define DUT_API_VERSION 2u

struct dut_api {
    uint32_t version; /* DUT_API_VERSION */
    void *(*open)(
        uint32_t x_seed);  /* a fresh instance, its registers random by this seed; not yet reset */
    void (*reset)(void *); /* holds rst_i for one clock edge */
    /* One clock edge: applies `in`, returns the outputs as they are before the edge. */
    void (*step)(void *, const struct mmu_in *in, struct mmu_out *out);
    /* An assertion fired: its text and cycle; else NULL. The edge that ends a cycle may be checked
     * in the next step. */
    const char *(*failed)(void *);
    /* Dumps from now on into this FST, the signals of `beside` with its own; NULL closes it. A
     * cycle is what stands before its edge: inputs, registers, and the outputs that follow from
     * them. */
    bool (*wave)(void *, const char *path, const struct wave_signal *beside, size_t count);
    void (*close)(void *); /* closes the wave too */
};

#endif
