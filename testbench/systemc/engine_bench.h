// SPDX-License-Identifier: Apache-2.0
//
// The bench of the TLM engine: the component between the pins of the core driver (engine_tlm.cpp)
// and what comes back (engine_back.cpp).
//
// Each step is one period of simulation time: the pins of the cycle become calls half a period
// before the model's edge, the calls that come back become pins. Accesses go by nb_transport
// ("at"), by b_transport ("lt"), or by b_transport and, where the MMU grants it, past it ("dmi").
// Probe pins, and idle_o, are the model's own, from mmu::edges; all others are what the sockets
// saw.
#ifndef PW_ENGINE_BENCH_H
#define PW_ENGINE_BENCH_H
#include "mmu_tlm.h"
#include <map>
#include <string>

namespace pagewalk {

using payload = tlm::tlm_generic_payload;
using sc_core::sc_time;

struct access : tlm::tlm_mm_interface { // one transaction; the driver's id names it while it lives
    payload trans;
    translation ext;
    uint8_t id = 0;
    bool used = false;
    sc_core::sc_event go;
    access() {
        trans.set_mm(this);
        trans.acquire();
        trans.set_extension(&ext);
    }
    ~access() override { trans.clear_extension(&ext); }
    void free(payload *) override {}
};

struct order : tlm::tlm_mm_interface { // a CSR write, or a fence
    payload trans;
    fence ext;
    uint64_t value = 0;
    bool used = false;
    order() {
        trans.set_mm(this);
        trans.acquire();
        trans.set_data_ptr((unsigned char *)&value);
        trans.set_command(tlm::TLM_WRITE_COMMAND);
    }
    ~order() override { trans.clear_extension(&ext); }
    void free(payload *) override {}
};

struct page {
    uint64_t pa;
    uint8_t size;
    bool write;
};

struct bench : sc_core::sc_module, tlm::tlm_analysis_if<clock_edge> {
    enum { POOL = 64 };
    const bool blocking, direct;
    mmu dut;
    tlm_utils::simple_initiator_socket_tagged<bench> fetch{"fetch"}, data{"data"};
    tlm_utils::simple_initiator_socket<bench> control{"control"};
    tlm_utils::simple_target_socket<bench> walk{"walk"}, memory{"memory"};
    tlm_utils::simple_initiator_socket_tagged<bench> *const core[2] = {&fetch, &data};
    access pool[2][POOL];
    access *of_id[2][32] = {}, *offered[2] = {};
    order orders[4], *csr = nullptr, *fenced = nullptr;
    std::map<uint64_t, page> pages[2]; // by page of the virtual address
    payload *read[64] = {};            // of the walk socket, by tag
    hart_mode mode;
    mmu_in in;
    mmu_out out;

    bench(sc_core::sc_module_name, const config &, const std::string &style);
    void step();

    void take_answer();
    void kill();
    bool same_offer(int port) const;
    void request(int port);
    bool past(int port);
    void control_port();
    void start(access &, int port);

    void answer(int port, const access &);
    void thread(int port, int n);
    tlm::tlm_sync_enum nb_core(int, payload &, tlm::tlm_phase &, sc_time &);
    tlm::tlm_sync_enum nb_control(payload &, tlm::tlm_phase &, sc_time &);
    tlm::tlm_sync_enum nb_walk(payload &, tlm::tlm_phase &, sc_time &);
    tlm::tlm_sync_enum nb_memory(payload &, tlm::tlm_phase &, sc_time &);
    void b_memory(payload &, sc_time &);
    bool memory_dmi(payload &, tlm::tlm_dmi &);
    void learn(int port, access &);
    void forget(int port, sc_dt::uint64 low, sc_dt::uint64 high);
    void write(const clock_edge &) override;
};

} // namespace pagewalk

#endif
