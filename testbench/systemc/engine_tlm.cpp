// SPDX-License-Identifier: Apache-2.0
//
// The TLM component as an engine: dut_api.h on one side, its sockets on the other (engine_bench.h).
// Here the pins of a cycle become calls.
#include "context.h"
#include "engine_bench.h"
#include <cstring>

extern "C" {
#include "dut_api.h"
#include "engine_tlm.h"
}

namespace pagewalk {

static const sc_time period(10, sc_core::SC_NS);

bench::bench(sc_core::sc_module_name, const config &c, const std::string &style)
    : blocking(style != "at"), direct(style == "dmi"), dut("mmu", c, period) {
    for (int p : {0, 1}) {
        core[p]->register_nb_transport_bw(this, &bench::nb_core, p);
        core[p]->register_invalidate_direct_mem_ptr(this, &bench::forget, p);
        for (int n = 0; n < POOL && blocking; n++)
            sc_core::sc_spawn([this, p, n] { thread(p, n); });
    }
    control.register_nb_transport_bw(this, &bench::nb_control);
    walk.register_nb_transport_fw(this, &bench::nb_walk);
    memory.register_nb_transport_fw(this, &bench::nb_memory);
    memory.register_b_transport(this, &bench::b_memory);
    memory.register_get_direct_mem_ptr(this, &bench::memory_dmi);
    fetch.bind(dut.fetch);
    data.bind(dut.data);
    control.bind(dut.control);
    dut.walk.bind(walk);
    dut.memory.bind(memory);
    dut.edges.bind(*this);
}

/* ---- Pins to calls ------------------------------------------------------------------------- */

void bench::take_answer() {
    if (!in.mem_rsp_valid_i) return;
    payload &t = *read[in.mem_rsp_tag_i];
    table *x = t.get_extension<table>();
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_time now = sc_core::SC_ZERO_TIME;
    t.set_response_status(in.mem_rsp_error_i ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                             : tlm::TLM_OK_RESPONSE);
    if (x->op == MEMOP_CAS)
        x->held = in.mem_rsp_cas_ok_i;
    else
        memcpy(t.get_data_ptr(), in.mem_rsp_data_i, t.get_data_length());
    walk->nb_transport_bw(t, phase, now);
}

void bench::kill() {
    const uint32_t ids[2] = {in.ikill_i, in.dkill_i};
    for (int p : {0, 1})
        for (uint32_t m = ids[p]; m; m &= m - 1) {
            access *a = of_id[p][__builtin_ctz(m)];
            if (a) dut.kill(a->trans);
            if (a && !blocking) a->used = false;
            of_id[p][__builtin_ctz(m)] = nullptr;
        }
}

/* Is what was offered and not taken offered again? Else it is withdrawn. */
bool bench::same_offer(int p) const {
    const access &a = *offered[p];
    bool valid = p ? in.dreq_valid_i : in.ireq_valid_i;
    uint64_t va = p ? in.dreq_va_i : in.ireq_va_i;
    unsigned bytes = (p ? in.dreq_last_i : in.ireq_last_i) + 1u;
    return valid && a.id == (p ? in.dreq_id_i : in.ireq_id_i) && a.trans.get_address() == va &&
           a.trans.get_data_length() == bytes && (!p || a.ext.access == in.dreq_access_i);
}

void bench::start(access &a, int p) {
    bool write = p && in.dreq_access_i != ACCESS_LOAD;
    a.used = true;
    a.id = p ? in.dreq_id_i : in.ireq_id_i;
    a.ext.access = p ? in.dreq_access_i : (uint8_t)ACCESS_FETCH;
    a.trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    a.trans.set_address(p ? in.dreq_va_i : in.ireq_va_i);
    a.trans.set_data_length((p ? in.dreq_last_i : in.ireq_last_i) + 1u);
    a.trans.set_streaming_width(a.trans.get_data_length());
    a.trans.set_dmi_allowed(false);
    offered[p] = of_id[p][a.id] = &a;
    if (blocking) {
        a.go.notify();
        return;
    }
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_time now = sc_core::SC_ZERO_TIME;
    (*core[p])->nb_transport_fw(a.trans, phase, now);
}

void bench::request(int p) {
    if (offered[p] && !same_offer(p)) {
        access *a = offered[p];
        offered[p] = of_id[p][a->id] = nullptr;
        dut.kill(a->trans);
        if (!blocking) a->used = false;
    }
    if (!(p ? in.dreq_valid_i : in.ireq_valid_i) || offered[p] || past(p)) return;
    for (access &a : pool[p]) {
        if (a.used) continue;
        start(a, p);
        return;
    }
}

/* A page whose pointer the MMU has granted: the access does not reach it. Pins as of an L1 hit. */
bool bench::past(int p) {
    uint64_t va = p ? in.dreq_va_i : in.ireq_va_i;
    auto at = pages[p].find(va / PAGE_BYTES);
    bool write = p && in.dreq_access_i != ACCESS_LOAD;
    if (at == pages[p].end() || (write && !at->second.write)) return false;
    uint64_t pa = at->second.pa + va % PAGE_BYTES;
    uint8_t size = at->second.size, looked = size != SIZE_NONE;
    if (p) {
        out.dreq_ready_o = out.dhit_valid_o = 1, out.dhit_id_o = in.dreq_id_i;
        out.dhit_pa_o = pa, out.dhit_size_o = size;
        out.ev_dl1_lookup_o = out.ev_dl1_hit_o = looked;
    } else {
        out.ireq_ready_o = out.ihit_valid_o = 1, out.ihit_id_o = in.ireq_id_i;
        out.ihit_pa_o = pa, out.ihit_size_o = size;
        out.ev_il1_lookup_o = out.ev_il1_hit_o = looked;
    }
    return true;
}

void bench::control_port() {
    auto begin = [this](order *&slot) -> order & {
        for (order &o : orders)
            if (!o.used) slot = &o;
        slot->used = true;
        return *slot;
    };
    auto send = [this](order &o) {
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_time now = sc_core::SC_ZERO_TIME;
        control->nb_transport_fw(o.trans, phase, now);
    };
    if (in.csr_valid_i && !csr) {
        order &o = begin(csr);
        o.trans.clear_extension(&o.ext);
        o.value = in.csr_wdata_i;
        o.trans.set_address(in.csr_addr_i);
        o.trans.set_data_length(sizeof o.value);
        send(o);
    }
    if (in.fence_valid_i && !fenced) {
        order &o = begin(fenced);
        o.ext.op = in.fence_op_i, o.ext.rs1 = in.fence_rs1_i, o.ext.rs2 = in.fence_rs2_i;
        o.ext.va = in.fence_va_i, o.ext.asid = in.fence_asid_i;
        o.trans.set_extension(&o.ext);
        send(o);
    }
}

void bench::step() {
    memset(&out, 0, sizeof out);
    out.idle_o = 1; // unless an edge says otherwise
    dut.set_walk_ready(in.mem_req_ready_i);
    take_answer();
    kill();
    if (in.ireq_valid_i) mode.fetch_priv = in.ireq_priv_i;
    if (in.dreq_valid_i)
        mode.data_priv = in.dreq_priv_i, mode.sum = in.dreq_sum_i, mode.mxr = in.dreq_mxr_i;
    dut.set_mode(mode);
    control_port();
    request(FETCH);
    request(DATA);
    access *oldest = in.oldest_valid_i ? of_id[in.oldest_port_i][in.oldest_id_i] : nullptr;
    dut.set_oldest(oldest ? &oldest->trans : nullptr);
    sc_core::sc_start(period);
}

namespace {

/* ---- dut_api.h ----------------------------------------------------------------------------- */

struct dut {
    simulation kernel;
    std::unique_ptr<bench> top;
};

std::string next_style = "at";
config next_config;

void *open_dut(uint32_t) {
    auto *d = new dut;
    d->top = std::make_unique<bench>("pagewalk", next_config, next_style);
    sc_core::sc_start(period / 2); // edges stand in the middle of a step
    return d;
}

void step(void *self, const mmu_in *in, mmu_out *out) {
    auto *d = static_cast<dut *>(self);
    d->kernel.enter();
    d->top->in = *in;
    d->top->step();
    *out = d->top->out;
}

void reset(void *) {} // it is opened as after reset

const char *failed(void *) {
    return nullptr;
}

bool wave(void *, const char *, const wave_signal *, size_t) {
    return false;
}

void close_dut(void *self) {
    auto *d = static_cast<dut *>(self);
    d->kernel.enter();
    d->top.reset();
    delete d;
}

} // namespace
} // namespace pagewalk

extern "C" {
extern __attribute__((visibility("default"))) const dut_api dut_api_v2;
__attribute__((visibility("default"))) void engine_tlm_next(const char *style,
                                                            const struct config *c) {
    pagewalk::next_style = style;
    pagewalk::next_config = *c;
}
}
const dut_api dut_api_v2 = {DUT_API_VERSION,    pagewalk::open_dut, pagewalk::reset,
                            pagewalk::step,     pagewalk::failed,   pagewalk::wave,
                            pagewalk::close_dut};
