/* SPDX-License-Identifier: Apache-2.0
 *
 * What every device under test around the Verilated MMU has (shim.cpp, systemc/pins.cpp), in C++:
 * its context, its cycle, the assertion that stopped it, and those functions of dut_api.h that need
 * no more. Who includes it, once, defines `step` and the other functions.
 */
#ifndef PW_VERILATED_DUT_H
#define PW_VERILATED_DUT_H
#include "verilated.h"
#include <cstring>
#include <string>

extern "C" {
#include "dut_api.h"
}

namespace {

std::string stopped; /* the first assertion that failed: FILE:LINE */

struct verilated_dut { /* the base of the opaque object that dut_api.h hands around */
    VerilatedContext context;
    uint64_t cycle = 0;
    std::string error;

    explicit verilated_dut(uint32_t x_seed) {
        stopped.clear();
        context.randReset(2);
        context.randSeed((int)x_seed);
        context.fatalOnError(false);
    }

    void checked() { /* the edge that ends the last of `cycle` cycles is past */
        if (!context.gotError() || !error.empty()) return;
        error = "assertion " + stopped + " failed in cycle " + std::to_string(cycle) +
                "; its text is above";
    }
};

void step(void *self, const mmu_in *in, mmu_out *out);

void reset(void *self) {
    mmu_in in;
    mmu_out out;
    memset(&in, 0, sizeof in);
    in.rst_i = 1;
    step(self, &in, &out);
    static_cast<verilated_dut *>(self)->cycle = 0;
}

const char *failed(void *self) {
    auto *d = static_cast<verilated_dut *>(self);
    return d->error.empty() ? nullptr : d->error.c_str();
}

} // namespace

/* An assertion failed. It has named itself on stderr; stdout belongs to results. */
void vl_stop(const char *file, int line, const char *) {
    const char *slash = strrchr(file, '/');
    if (stopped.empty())
        stopped = std::string(slash ? slash + 1 : file) + ":" + std::to_string(line);
    Verilated::threadContextp()->gotError(true);
}

extern "C" {
extern __attribute__((visibility("default"))) const dut_api dut_api_v2;
}

#endif
