// SPDX-License-Identifier: Apache-2.0
//
// The MMU as a TLM-2.0 component around the cycle-exact C model. docs/systemc.md explains it; in
// short:
//
//   fetch, data   target sockets of a hart: the address is virtual, the access lies in one page
//   control       target socket: CSR writes (address = CSR number, 8 bytes), and fences (extension)
//   memory        initiator socket: the same accesses at their physical addresses
//   walk          initiator socket: reads of page-table entries, and A/D updates
//
// nb_transport is exact: any number outstanding, each edge of the model at its time. b_transport
// runs the model ahead of simulation time by at most the global quantum, and annotates what it has
// not waited for.
#ifndef PW_MMU_TLM_H
#define PW_MMU_TLM_H
#include <deque>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#define class knob_class // a field of config.h
extern "C" {
#include "config.h"
#undef class
#include "enums.h"
#include "mmu.h"
#include "ports.h"
#include "types.h"
}

namespace pagewalk {

template <class T> struct extension : tlm::tlm_extension<T> {
    tlm::tlm_extension_base *clone() const override { return new T(static_cast<const T &>(*this)); }
    void copy_from(const tlm::tlm_extension_base &other) override {
        static_cast<T &>(*this) = static_cast<const T &>(other);
    }
};

// What a payload cannot say of an access and of its translation. May be left out: then a read is a
// load, a write a store, and of a fault only TLM_ADDRESS_ERROR_RESPONSE is known.
struct translation : extension<translation> {
    uint8_t access =
        ACCESS_NONE;            // in: enum access, where the command does not tell; not of fetches
    uint8_t cause = CAUSE_NONE; // out: the exception, and what else the MMU answers
    uint64_t tval = 0;
    int level = -1; // of the PTE at which a walk of the tables ends in this fault; -1: reads none
    uint64_t pa = 0;
    uint8_t size = SIZE_NONE, pbmt = PBMT_PMA, source = SOURCE_NONE;
    bool killed = false; // by mmu::kill: there is no answer

    enum { ACCESS_NONE = 0xff };
};

// Makes a transaction of `control` a fence.
struct fence : extension<fence> {
    uint8_t op = FENCE_SFENCE_VMA;
    bool rs1 = false, rs2 = false;
    uint64_t va = 0;
    uint16_t asid = 0;
};

// On `walk`. May be ignored: the MMU has then compared by transport_dbg, where the target has that.
struct table : extension<table> {
    uint8_t tag = 0; // which of the MMU's slots asks
    uint8_t op = MEMOP_READ;
    uint64_t compare = 0; // of an update: to be written only if memory still holds this
    bool held = true;     // out: it did
};

// How the hart executes: what each access from now on is checked with.
struct hart_mode {
    uint8_t fetch_priv = PRIV_M, data_priv = PRIV_M; // effective: MPRV and MPP are applied
    bool sum = false, mxr = false;
    bool operator==(const hart_mode &o) const {
        return fetch_priv == o.fetch_priv && data_priv == o.data_priv && sum == o.sum &&
               mxr == o.mxr;
    }
};

// Every pin of the model in one cycle, for probes and counters.
struct clock_edge {
    uint64_t cycle;
    mmu_in in;
    mmu_out out;
};

enum port { FETCH, DATA, CSR, FENCE, PORTS };

// A transaction on its way through the MMU.
struct request {
    tlm::tlm_generic_payload *trans;
    translation own, *ext; // `own` stands in for an extension that is not there
    port kind;
    bool blocking;
    hart_mode mode;
    uint64_t va;
    uint8_t access, id = 0;
    bool accepted = false, answered = false;
    uint64_t at = 0; // the first cycle that may take it, then the one that answered it
    sc_core::sc_time ready;
    sc_core::sc_event done;
    request(tlm::tlm_generic_payload &, port, bool blocking, const hart_mode &);
};

class mmu : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket_tagged<mmu> fetch, data, control;
    tlm_utils::simple_initiator_socket<mmu> walk, memory;
    tlm::tlm_analysis_port<clock_edge> edges;

    mmu(sc_core::sc_module_name, const config &, sc_core::sc_time period);

    // A change takes back every DMI pointer.
    void set_mode(const hart_mode &);

    // What a core knows and a payload does not. Without set_oldest the access that came first is
    // the oldest; only the oldest may set D. A killed access is not answered from the next cycle
    // on: of nb_transport no further phase comes, b_transport returns.
    void set_oldest(const tlm::tlm_generic_payload *);
    void kill(const tlm::tlm_generic_payload &);

    // May the memory behind `walk` take a request? True until said otherwise; END_REQ aside.
    void set_walk_ready(bool ready) { walk_ready_ = ready; }

  private:
    using payload = tlm::tlm_generic_payload;
    using phase_t = tlm::tlm_phase;
    using time_t = sc_core::sc_time;

    struct answer { // of the walk socket, due in a cycle
        uint64_t due;
        unsigned tag;
    };
    struct reader : tlm::tlm_mm_interface { // a transaction of `walk`, one a tag
        payload trans;
        table ext;
        bool awaited = false;
        uint8_t bytes[64];
        reader();
        ~reader() override { trans.clear_extension(&ext); }
        void free(payload *) override {}
    };
    struct grant { // DMI: pages whose pointer an initiator may hold
        uint64_t va;
        unsigned shift; // log2 of the page it was cut from
    };
    struct verdict { // of a look at what the model would answer
        uint8_t cause, size;
        uint64_t pa;
        bool update; // it would set A or D
        int level;
    };

    // mmu_tlm.cpp: the sockets
    void b_access(int port, payload &, time_t &);
    void b_control(int, payload &, time_t &);
    tlm::tlm_sync_enum nb_access(int port, payload &, phase_t &, time_t &);
    tlm::tlm_sync_enum nb_control(int, payload &, phase_t &, time_t &);
    tlm::tlm_sync_enum nb_forward(port, payload &, phase_t &, time_t &);
    tlm::tlm_sync_enum nb_memory(payload &, phase_t &, time_t &);
    time_t until(const time_t &) const;
    void run(request &, time_t &delay);
    void queue(request &, const time_t &delay);
    void translated(request *);
    void send();
    void back_from_memory(const payload &, const time_t &);
    void respond(request *, const time_t &);
    void pump(port);
    bool backward(const request *, phase_t, const time_t &);
    void drop(request *);

    // mmu_edge.cpp: one clock edge
    uint64_t cycle_of(const time_t &) const;
    time_t start_of(uint64_t cycle) const { return cycle * period_; }
    bool busy() const;
    void schedule();
    void tick();
    void edge();
    void offer(mmu_in &);
    void name_oldest(mmu_in &) const;
    void deliver(mmu_in &);
    void collect(const clock_edge &);
    void accept(port);
    void answered(port, unsigned id, uint64_t pa, uint8_t cause, uint8_t size, uint8_t pbmt,
                  uint8_t source);
    void finish(request *);
    void bury(port, uint32_t ids);
    void done(std::deque<request *> &);
    bool changed(const reader &);
    void ask(const mmu_out &);
    tlm::tlm_sync_enum nb_walk(payload &, phase_t &, time_t &);
    void arrive(unsigned tag, const time_t &);

    // mmu_peek.cpp: without time and without a trace
    void read_table(const mmu_out &, mmu_in &);
    mmu_out peek_edge(mmu_in &);
    void peek_begin(mmu_in &, bool cold);
    verdict peek(port, const hart_mode &, uint64_t va, unsigned bytes, uint8_t access, bool cold);
    unsigned dbg(int port, payload &);
    bool get_dmi(int port, payload &, tlm::tlm_dmi &);
    void take_back_page(uint64_t page);
    void take_back(const fence *);
    void memory_moved(sc_dt::uint64, sc_dt::uint64);

    const config config_;
    const time_t period_;
    std::unique_ptr<uint64_t[]> state_, copy_; // struct mmu, and where peek works
    hart_mode mode_;
    uint64_t next_ = 0; // the next cycle of the model
    bool idle_ = true;
    sc_core::sc_event wake_;

    std::deque<request *> waiting_[PORTS];
    std::deque<request *> order_; // accesses without an answer, the oldest first
    request *live_[2][32] = {};
    std::deque<request *> under_way_[PORTS]; // CSR writes, fences: accepted, not done
    uint32_t kill_[2] = {};
    const payload *oldest_ = nullptr;
    bool named_ = false;

    reader reader_[64];
    std::deque<answer> due_;
    unsigned unknown_ = 0; // walk requests whose answer has no time yet
    unsigned asked_ = 0;   // tag of the last request
    bool walk_ready_ = true, walk_busy_ = false;

    std::deque<request *> to_memory_, at_memory_; // nb_transport, translated
    std::deque<request *> responses_[PORTS];
    bool responding_[PORTS] = {};
    bool memory_busy_ = false;
    std::vector<grant> grants_;
};

} // namespace pagewalk
#endif
