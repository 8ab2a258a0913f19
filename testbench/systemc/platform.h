// SPDX-License-Identifier: Apache-2.0
//
// What stands around the MMU in a virtual platform: memory behind it, loosely timed initiators
// before it. The example (platform.cpp) and the test of the component (check.cpp) are made of
// these.
#ifndef PW_PLATFORM_H
#define PW_PLATFORM_H
#include "mmu_tlm.h"
#include <cstring>
#include <map>
#include <tlm_utils/tlm_quantumkeeper.h>

using payload = tlm::tlm_generic_payload;

// Memory from `base`. A walk is answered in the call, its latency annotated (TLM_COMPLETED): so the
// MMU may run ahead of simulation time, and annotate it on.
struct ram : sc_core::sc_module {
    tlm_utils::simple_target_socket<ram> walk{"walk"}, bus{"bus"};
    const uint64_t base;
    const sc_core::sc_time latency;
    std::vector<uint8_t> bytes;
    ram(sc_core::sc_module_name, uint64_t from, size_t size, sc_core::sc_time each)
        : base(from), latency(each), bytes(size) {
        walk.register_nb_transport_fw(this, &ram::nb_walk);
        walk.register_transport_dbg(this, &ram::touch);
        bus.register_b_transport(this, &ram::b_bus);
        bus.register_transport_dbg(this, &ram::touch);
        bus.register_get_direct_mem_ptr(this, &ram::dmi);
    }
    unsigned touch(payload &t) {
        uint64_t at = t.get_address() - base, n = t.get_data_length();
        bool there = at < bytes.size() && n <= bytes.size() - at;
        if (there && t.is_read()) memcpy(t.get_data_ptr(), &bytes[at], n);
        if (there && t.is_write()) memcpy(&bytes[at], t.get_data_ptr(), n);
        t.set_response_status(there ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
        t.set_dmi_allowed(there);
        return there ? (unsigned)n : 0;
    }
    void b_bus(payload &t, sc_core::sc_time &delay) { touch(t), delay += latency; }
    tlm::tlm_sync_enum nb_walk(payload &t, tlm::tlm_phase &, sc_core::sc_time &delay) {
        touch(t), delay += latency;
        return tlm::TLM_COMPLETED;
    }
    bool dmi(payload &, tlm::tlm_dmi &d) {
        d.set_dmi_ptr(bytes.data());
        d.set_start_address(base), d.set_end_address(base + bytes.size() - 1);
        d.set_read_latency(latency), d.set_write_latency(latency);
        d.allow_read_write();
        return true;
    }
};

// One way into the MMU. A page whose pointer it has granted, and not taken back, is accessed past
// it.
struct initiator : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<initiator> socket{"socket"};
    tlm_utils::tlm_quantumkeeper time;
    std::map<uint64_t, tlm::tlm_dmi> pages; // by number of the virtual page
    pagewalk::translation fault;            // of the last access
    uint64_t direct = 0;                    // accesses past the MMU
    explicit initiator(sc_core::sc_module_name) {
        socket.register_invalidate_direct_mem_ptr(this, &initiator::forget);
        time.reset();
    }
    virtual void forget(sc_dt::uint64 low, sc_dt::uint64 high) {
        pages.erase(pages.lower_bound(low / PAGE_BYTES), pages.upper_bound(high / PAGE_BYTES));
    }
    bool past(bool write, uint64_t va, void *data, unsigned n) {
        auto at = pages.find(va / PAGE_BYTES);
        if (at == pages.end()) return false;
        const tlm::tlm_dmi &d = at->second;
        if (!(write ? d.is_write_allowed() : d.is_read_allowed())) return false;
        unsigned char *host = d.get_dmi_ptr() + (va - d.get_start_address());
        memcpy(write ? host : data, write ? data : host, n);
        time.inc(d.get_read_latency());
        return ++direct;
    }
    bool access(bool write, uint64_t va, void *data, unsigned n) { // false: a fault
        if (past(write, va, data, n)) return true;
        payload t;
        sc_core::sc_time delay = time.get_local_time();
        tlm::tlm_dmi d;
        t.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        t.set_address(va), t.set_data_ptr((unsigned char *)data);
        t.set_data_length(n), t.set_streaming_width(n);
        t.set_extension(&fault);
        socket->b_transport(t, delay);
        if (t.is_dmi_allowed() && socket->get_direct_mem_ptr(t, d))
            pages[d.get_start_address() / PAGE_BYTES] = d;
        t.clear_extension(&fault);
        time.set(delay);
        if (time.need_sync()) time.sync();
        return t.is_response_ok();
    }
};

#endif
