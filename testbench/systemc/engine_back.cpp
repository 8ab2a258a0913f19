// SPDX-License-Identifier: Apache-2.0
//
// What comes back to the TLM engine, as pins: phases and answers of accesses, walks and accesses on
// their way to memory, and grants of DMI.
#include "engine_bench.h"
#include <algorithm>
#include <cstddef>
#include <cstring>

namespace pagewalk {

// The driver performs accesses itself, so DMI pointers here only stand for addresses: PA + this.
static const uint64_t pmem = 1ull << 46;

/* ---- Accesses, CSR writes, fences ----------------------------------------------------------- */

void bench::answer(int p, const access &a) {
    const translation &x = a.ext;
    uint64_t pa = x.cause ? 0 : x.pa;
    if (x.source == SOURCE_L1 && p) {
        out.dhit_valid_o = 1, out.dhit_id_o = a.id, out.dhit_pa_o = pa;
        out.dhit_cause_o = x.cause, out.dhit_size_o = x.size, out.dhit_pbmt_o = x.pbmt;
    } else if (x.source == SOURCE_L1) {
        out.ihit_valid_o = 1, out.ihit_id_o = a.id, out.ihit_pa_o = pa;
        out.ihit_cause_o = x.cause, out.ihit_size_o = x.size, out.ihit_pbmt_o = x.pbmt;
    } else if (p) {
        out.dmiss_valid_o = 1, out.dmiss_id_o = a.id, out.dmiss_pa_o = pa;
        out.dmiss_cause_o = x.cause, out.dmiss_size_o = x.size, out.dmiss_pbmt_o = x.pbmt;
        out.dmiss_source_o = x.source;
    } else {
        out.imiss_valid_o = 1, out.imiss_id_o = a.id, out.imiss_pa_o = pa;
        out.imiss_cause_o = x.cause, out.imiss_size_o = x.size, out.imiss_pbmt_o = x.pbmt;
        out.imiss_source_o = x.source;
    }
}

tlm::tlm_sync_enum bench::nb_core(int p, payload &t, tlm::tlm_phase &phase, sc_time &) {
    access &a = *std::find_if(pool[p], pool[p] + POOL, [&t](access &x) { return &x.trans == &t; });
    if (offered[p] == &a) offered[p] = nullptr, (p ? out.dreq_ready_o : out.ireq_ready_o) = 1;
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    answer(p, a);
    a.used = false;
    of_id[p][a.id] = nullptr;
    return tlm::TLM_COMPLETED;
}

/* An initiator that waits for its answer, with quantum 0: what is annotated is waited for. */
void bench::thread(int p, int n) {
    access &a = pool[p][n];
    for (;;) {
        wait(a.go);
        sc_time delay = sc_core::SC_ZERO_TIME;
        (*core[p])->b_transport(a.trans, delay);
        if (delay != sc_core::SC_ZERO_TIME) wait(delay);
        a.used = false;
        if (a.ext.killed) continue;
        of_id[p][a.id] = nullptr;
        answer(p, a);
        if (direct && a.trans.is_dmi_allowed()) learn(p, a);
    }
}

tlm::tlm_sync_enum bench::nb_control(payload &t, tlm::tlm_phase &phase, sc_time &) {
    bool is_fence = t.get_extension<fence>();
    order *&slot = is_fence ? fenced : csr;
    if (phase == tlm::END_REQ) {
        (is_fence ? out.fence_ready_o : out.csr_ready_o) = 1;
        slot = nullptr;
        return tlm::TLM_ACCEPTED;
    }
    (is_fence ? out.fence_done_o : out.csr_done_o) = 1;
    for (order &o : orders)
        if (&o.trans == &t) o.used = false;
    return tlm::TLM_COMPLETED;
}

/* ---- Memory -------------------------------------------------------------------------------- */

tlm::tlm_sync_enum bench::nb_walk(payload &t, tlm::tlm_phase &phase, sc_time &) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_COMPLETED;
    const table *x = t.get_extension<table>();
    out.mem_req_valid_o = 1, out.mem_req_op_o = x->op, out.mem_req_tag_o = x->tag;
    out.mem_req_addr_o = t.get_address(), out.mem_req_cmp_o = x->compare;
    if (x->op == MEMOP_CAS) memcpy(&out.mem_req_data_o, t.get_data_ptr(), t.get_data_length());
    read[x->tag] = &t;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

/* The driver performs accesses itself: what counts is that the address is the one of the answer. */
void bench::b_memory(payload &t, sc_time &) {
    t.get_extension<translation>()->pa = t.get_address();
    t.set_dmi_allowed(direct);
    t.set_response_status(tlm::TLM_OK_RESPONSE);
}

tlm::tlm_sync_enum bench::nb_memory(payload &t, tlm::tlm_phase &, sc_time &delay) {
    b_memory(t, delay);
    return tlm::TLM_COMPLETED;
}

bool bench::memory_dmi(payload &t, tlm::tlm_dmi &dmi) {
    uint64_t at = t.get_address() & ~(uint64_t)(PAGE_BYTES - 1);
    dmi.set_dmi_ptr((unsigned char *)(pmem + at));
    dmi.set_start_address(at);
    dmi.set_end_address(at + PAGE_BYTES - 1);
    dmi.allow_read_write();
    return true;
}

void bench::learn(int p, access &a) {
    tlm::tlm_dmi dmi;
    if (!(*core[p])->get_direct_mem_ptr(a.trans, dmi)) return;
    pages[p][dmi.get_start_address() / PAGE_BYTES] = {(uint64_t)dmi.get_dmi_ptr() - pmem,
                                                      a.ext.size, dmi.is_write_allowed()};
}

void bench::forget(int p, sc_dt::uint64 low, sc_dt::uint64 high) {
    auto &m = pages[p];
    m.erase(m.lower_bound(low / PAGE_BYTES), m.upper_bound(high / PAGE_BYTES));
}

void bench::write(const clock_edge &e) {
    const size_t probes = offsetof(mmu_out, config_o);
    mmu_out past_mmu = out; // a DMI access shows as a hit of L1
    memcpy((char *)&out + probes, (const char *)&e.out + probes, sizeof out - probes);
    out.ev_il1_lookup_o |= past_mmu.ev_il1_lookup_o, out.ev_il1_hit_o |= past_mmu.ev_il1_hit_o;
    out.ev_dl1_lookup_o |= past_mmu.ev_dl1_lookup_o, out.ev_dl1_hit_o |= past_mmu.ev_dl1_hit_o;
    if (e.out.mem_req_valid_o && !e.in.mem_req_ready_i) { // not taken: no call shows it
        out.mem_req_valid_o = 1, out.mem_req_op_o = e.out.mem_req_op_o;
        out.mem_req_tag_o = e.out.mem_req_tag_o, out.mem_req_addr_o = e.out.mem_req_addr_o;
    }
    if (!blocking) return; // b_transport does not say when it was taken
    if (e.in.ireq_valid_i && e.out.ireq_ready_o) out.ireq_ready_o = 1, offered[FETCH] = nullptr;
    if (e.in.dreq_valid_i && e.out.dreq_ready_o) out.dreq_ready_o = 1, offered[DATA] = nullptr;
}

} // namespace pagewalk
