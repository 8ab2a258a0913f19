// SPDX-License-Identifier: Apache-2.0
//
// The Verilated RTL as a SystemC module (verilator --sc), driven at its pins: a signal a pin, a
// clock, and dut_api.h on the other side. Inputs change while the clock is low, outputs are read as
// it rises, before anything has moved. The signals are made from build/gen/ports.h, so a pin of the
// list that the RTL lacks does not compile.
#include "Vmmu.h"
#include "context.h"
#include "verilated_dut.h"
#include <memory>

namespace {

const sc_core::sc_time half(5, sc_core::SC_NS);

template <class PORT>
using signal_of = sc_core::sc_signal<typename std::remove_reference_t<PORT>::data_type>;

struct bench : sc_core::sc_module {
    Vmmu mmu;
    sc_core::sc_clock clk_i;
#define PIN(name, bits) signal_of<decltype(Vmmu::name)> name;
    MMU_IN_PINS(PIN)
    MMU_IN_WIDE_PINS(PIN)
    MMU_OUT_PINS(PIN)
#undef PIN
    mmu_out sampled;

    explicit bench(sc_core::sc_module_name)
        : mmu("mmu"), clk_i("clk_i", half * 2, 0.5, half, true) {
        mmu.clk_i(clk_i);
#define PIN(name, bits) mmu.name(name);
        MMU_IN_PINS(PIN)
        MMU_IN_WIDE_PINS(PIN)
        MMU_OUT_PINS(PIN)
#undef PIN
        SC_HAS_PROCESS(bench);
        SC_METHOD(sample);
        sensitive << clk_i.posedge_event();
        dont_initialize();
    }

    void drive(const mmu_in *in) {
#define PIN(pin, bits) pin.write(in->pin);
        MMU_IN_PINS(PIN)
#undef PIN
        if (!in->mem_rsp_valid_i) return;
#define PIN(pin, bits)                                                                             \
    sc_dt::sc_bv<bits> pin##_v;                                                                    \
    for (int i = 0; i < (bits) / 32; i++)                                                          \
        pin##_v.set_word(i, (uint32_t)(in->pin[i / 2] >> (i % 2 * 32)));                           \
    pin.write(pin##_v);
        MMU_IN_WIDE_PINS(PIN)
#undef PIN
    }

    void sample() {
#define PIN(pin, bits) sampled.pin = pin.read();
        MMU_OUT_PINS(PIN)
#undef PIN
    }
};

struct dut : verilated_dut {
    using verilated_dut::verilated_dut;
    simulation kernel;
    std::unique_ptr<bench> top;
};

void enter(dut *d) {
    d->kernel.enter();
    Verilated::threadContextp(&d->context);
}

void *open_dut(uint32_t x_seed) {
    auto *d = new dut(x_seed);
    enter(d);
    d->top = std::make_unique<bench>("pagewalk");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    return d;
}

void step(void *self, const mmu_in *in, mmu_out *out) {
    auto *d = static_cast<dut *>(self);
    enter(d);
    d->top->drive(in);
    sc_core::sc_start(half * 2);
    *out = d->top->sampled;
    d->cycle++;
    d->checked();
}

bool wave(void *, const char *, const wave_signal *, size_t) {
    return false; /* the engine `rtl` has them, of the same cycles */
}

void close_dut(void *self) {
    auto *d = static_cast<dut *>(self);
    enter(d);
    d->top->mmu.final();
    d->top.reset();
    delete d;
}

} // namespace

const dut_api dut_api_v2 = {DUT_API_VERSION, open_dut, reset, step, failed, wave, close_dut};
