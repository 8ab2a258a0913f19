// SPDX-License-Identifier: Apache-2.0
//
// The one C++ file around the Verilated MMU: dut_api.h on one side, class Vmmu on the other. The
// copy of the pins is made from build/gen/ports.h, so a pin of the list that the RTL lacks does not
// compile.
#include "Vmmu.h"
#include "verilated_dut.h"
#include "verilated_fst_c.h"
#ifdef DUT_FAULTS
#include "Vmmu_mmu_fault.h"
#endif
#ifdef DUT_COVERAGE
#include "verilated_cov.h"
#include <cstdlib>
#include <unistd.h>
#endif
#include <cstdio>
#include <memory>

#ifdef DUT_FAULTS // a copy of rtl/ with planted faults: which one the next instance has
                  // (testbench/selftest)
extern "C" __attribute__((visibility("default"))) unsigned dut_fault_number;
unsigned dut_fault_number = 0;
#endif

namespace {

struct dut : verilated_dut {
    using verilated_dut::verilated_dut;
    std::unique_ptr<Vmmu> top;
    std::unique_ptr<VerilatedFstC> wave;
    const wave_signal *beside = nullptr; // C's own signals in the same file
    size_t beside_count = 0;
    uint32_t beside_code = 0;
};

void inputs(Vmmu *top, const mmu_in *in) {
#define PIN(name, bits) top->_##name = in->name;
    MMU_IN_PINS(PIN)
#undef PIN
#define PIN(name, bits)                                                                            \
    if (in->mem_rsp_valid_i)                                                                       \
        for (int i = 0; i < (bits) / 32; i++)                                                      \
            top->_##name[i] = (uint32_t)(in->name[i / 2] >> (i % 2 * 32));
    MMU_IN_WIDE_PINS(PIN)
#undef PIN
}

void outputs(const Vmmu *top, mmu_out *out) {
#define PIN(name, bits) out->name = top->_##name;
    MMU_OUT_PINS(PIN)
#undef PIN
}

// One half of a cycle in the file. The clock is drawn high in the first, so each cycle begins with
// a rising edge: the one that ended the cycle before it.
void dump(dut *d, uint64_t half) {
    if (d->wave) d->wave->dump(d->cycle * WAVE_CYCLE + half * (WAVE_CYCLE / 2));
}

// mmu_pins has a register for each input: the edge ends the cycle before this one, whose assertions
// it checks, and puts this cycle's inputs before the MMU. So everything is evaluated once a cycle;
// the falling edge wakes nothing.
void step(void *self, const mmu_in *in, mmu_out *out) {
    auto *d = static_cast<dut *>(self);
    inputs(d->top.get(), in);
    d->top->_clk_i = 1;
    d->top->eval();
    d->checked();
    dump(d, 0);
    outputs(d->top.get(), out);
    d->top->_clk_i = 0;
    d->top->eval();
    dump(d, 1);
    d->cycle++;
}

void *open_dut(uint32_t x_seed) {
    auto *d = new dut(x_seed);
    d->context.traceEverOn(true);
    d->top = std::make_unique<Vmmu>(&d->context, ""); // mmu_pins is called mmu (--l2-name)
    d->top->_clk_i = 0;
#ifdef DUT_FAULTS
    d->top->__PVT__mmu_fault->number = (CData)dut_fault_number;
#endif
    d->top->eval();
    return d;
}

// The calls by which Verilated code declares its signals and gives their values, for ours.
void declare_beside(void *self, VerilatedFst *file, uint32_t code) {
    auto *d = static_cast<dut *>(self);
    d->beside_code = code;
    for (size_t i = 0; i < d->beside_count; i++) {
        const wave_signal &s = d->beside[i];
        bool array = s.element >= 0;
        file->pushNamePrefix(std::string(s.scope) + " ");
        if (s.bits > 1)
            file->declArray(code, s.name, -1, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, array, s.element,
                            (int)s.bits - 1, 0);
        else
            file->declBit(code, s.name, -1, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, array, s.element);
        file->popNamePrefix();
        code += VL_WORDS_I(s.bits);
    }
}

template <bool FULL> void dump_beside(void *self, VerilatedFst::Buffer *buffer) {
    auto *d = static_cast<dut *>(self);
    uint32_t *old = buffer->oldp(d->beside_code);
    for (size_t i = 0; i < d->beside_count; i++) {
        const wave_signal &s = d->beside[i];
        if (FULL)
            buffer->fullWData(old, s.value, (int)s.bits);
        else
            buffer->chgWData(old, s.value, (int)s.bits);
        old += VL_WORDS_I(s.bits);
    }
}

bool wave(void *self, const char *path, const wave_signal *beside, size_t count) {
    auto *d = static_cast<dut *>(self);
    if (d->wave) d->wave->close();
    d->wave.reset();
    if (!path) return true;
    d->wave = std::make_unique<VerilatedFstC>();
    d->top->trace(d->wave.get(), 99);
    d->beside = beside;
    d->beside_count = count;
    if (count) {
        VerilatedFst *file = d->wave->spTrace();
        file->addInitCb(declare_beside, d);
        file->addFullCb(dump_beside<true>, d);
        file->addChgCb(dump_beside<false>, d);
    }
    d->wave->open(path);
    return d->wave->isOpen();
}

/* Counts of the cover properties, a file an instance: a process may have many of them, of several
 * libraries, and several processes may share the directory. */
void save_coverage(dut *d) {
#ifdef DUT_COVERAGE
    const char *dir = getenv("PAGEWALK_COVERAGE");
    std::string path = std::string(dir ? dir : ".") + "/" + std::string(6, 'X') + ".dat";
    int file = mkstemps(&path[0], 4);
    if (file < 0) {
        fprintf(stderr, "no coverage: %s cannot be written\n", path.c_str());
        return;
    }
    close(file);
    d->context.coveragep()->write(path.c_str());
#else
    (void)d;
#endif
}

void close_dut(void *self) {
    auto *d = static_cast<dut *>(self);
    wave(d, nullptr, nullptr, 0);
    d->top->final();
    save_coverage(d);
    delete d;
}

} // namespace

const dut_api dut_api_v2 = {DUT_API_VERSION, open_dut, reset, step, failed, wave, close_dut};
