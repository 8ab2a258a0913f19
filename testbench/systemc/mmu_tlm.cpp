// SPDX-License-Identifier: Apache-2.0
//
// The sockets of the MMU component: what comes in waits for an edge (mmu_edge.cpp), what an edge
// has answered goes on to memory and back to its initiator.
#include "mmu_tlm.h"
#include <algorithm>

namespace pagewalk {

mmu::reader::reader() {
    trans.set_mm(this);
    trans.acquire();
    trans.set_data_ptr(bytes);
    trans.set_byte_enable_ptr(nullptr);
    trans.set_extension(&ext);
}

mmu::mmu(sc_core::sc_module_name name, const config &c, sc_core::sc_time period)
    : sc_module(name), fetch("fetch"), data("data"), control("control"), walk("walk"),
      memory("memory"), edges("edges"), config_(c), period_(period),
      state_(new uint64_t[mmu_size(&c) / 8 + 1]), copy_(new uint64_t[mmu_size(&c) / 8 + 1]) {
    mmu_init((::mmu *)state_.get(), &c);
    tlm_utils::simple_target_socket_tagged<mmu> *in[] = {&fetch, &data};
    for (int p = FETCH; p <= DATA; p++) {
        in[p]->register_b_transport(this, &mmu::b_access, p);
        in[p]->register_nb_transport_fw(this, &mmu::nb_access, p);
        in[p]->register_transport_dbg(this, &mmu::dbg, p);
        in[p]->register_get_direct_mem_ptr(this, &mmu::get_dmi, p);
    }
    control.register_b_transport(this, &mmu::b_control, 0);
    control.register_nb_transport_fw(this, &mmu::nb_control, 0);
    walk.register_nb_transport_bw(this, &mmu::nb_walk);
    memory.register_nb_transport_bw(this, &mmu::nb_memory);
    memory.register_invalidate_direct_mem_ptr(this, &mmu::memory_moved);
    SC_HAS_PROCESS(mmu);
    SC_METHOD(tick);
    sensitive << wake_;
    dont_initialize();
}

/* ---- In ------------------------------------------------------------------------------------ */

/* What the MMU cannot take is refused at once. */
static bool legal(tlm::tlm_generic_payload &t) {
    uint64_t bytes = t.get_data_length(), at = t.get_address() % PAGE_BYTES;
    tlm::tlm_response_status why = tlm::TLM_INCOMPLETE_RESPONSE;
    if (t.get_command() == tlm::TLM_IGNORE_COMMAND) why = tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (t.get_byte_enable_ptr()) why = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (!bytes || bytes > PAGE_BYTES - at || t.get_streaming_width() < bytes)
        why = tlm::TLM_BURST_ERROR_RESPONSE;
    t.set_response_status(why);
    return why == tlm::TLM_INCOMPLETE_RESPONSE;
}

static bool legal_control(tlm::tlm_generic_payload &t) {
    bool csr = t.get_command() == tlm::TLM_WRITE_COMMAND && t.get_data_length() <= 8;
    bool good = t.get_extension<fence>() || csr;
    t.set_response_status(good ? tlm::TLM_INCOMPLETE_RESPONSE : tlm::TLM_COMMAND_ERROR_RESPONSE);
    return good;
}

request::request(tlm::tlm_generic_payload &t, port p, bool blocks, const hart_mode &m)
    : trans(&t), ext(&own), kind(p), blocking(blocks), mode(m), va(t.get_address()) {
    access = p == FETCH ? ACCESS_FETCH : t.is_write() ? ACCESS_STORE : ACCESS_LOAD;
    if (t.get_extension<translation>()) ext = t.get_extension<translation>();
    if (p == DATA && ext->access != translation::ACCESS_NONE) access = ext->access;
    ext->killed = false;
}

void mmu::queue(request &r, const time_t &delay) {
    const time_t now = sc_core::sc_time_stamp();
    r.at = cycle_of(now + delay);
    if (!busy()) next_ = std::max(next_, r.blocking ? r.at : cycle_of(now)); /* nothing happens */
    waiting_[r.kind].push_back(&r);
    if (r.kind <= DATA) order_.push_back(&r);
    schedule();
}

/* ---- b_transport --------------------------------------------------------------------------- */

mmu::time_t mmu::until(const time_t &t) const {
    const time_t now = sc_core::sc_time_stamp();
    return t > now ? t - now : sc_core::SC_ZERO_TIME;
}

/* Until the request is answered: ahead of simulation time by the global quantum at most, and not
 * past a walk of which nobody knows yet when it will be answered. */
void mmu::run(request &r, time_t &delay) {
    const time_t quantum = tlm::tlm_global_quantum::instance().get();
    queue(r, delay);
    while (!r.answered) {
        time_t ahead = until(start_of(next_));
        if (ahead <= quantum && (!unknown_ || ahead == sc_core::SC_ZERO_TIME))
            edge();
        else
            wait(r.done);
    }
    schedule();
    delay = until(start_of(r.at));
}

void mmu::b_access(int p, payload &trans, time_t &delay) {
    if (!legal(trans)) return;
    request r(trans, (port)p, true, mode_);
    run(r, delay);
    if (r.ext->killed || r.ext->cause) return;
    trans.set_address(r.ext->pa);
    memory->b_transport(trans, delay);
    trans.set_address(r.va);
}

static port control_port(const tlm::tlm_generic_payload &t) {
    return t.get_extension<fence>() ? FENCE : CSR;
}

void mmu::b_control(int, payload &trans, time_t &delay) {
    if (!legal_control(trans)) return;
    request r(trans, control_port(trans), true, mode_);
    run(r, delay);
}

/* ---- nb_transport -------------------------------------------------------------------------- */

tlm::tlm_sync_enum mmu::nb_forward(port p, payload &trans, phase_t &phase, time_t &t) {
    if (phase == tlm::END_RESP) {
        responding_[p] = false;
        pump(p);
        return tlm::TLM_COMPLETED;
    }
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    if (!(p <= DATA ? legal(trans) : legal_control(trans))) return tlm::TLM_COMPLETED;
    trans.acquire();
    queue(*new request(trans, p, false, mode_), t);
    return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum mmu::nb_access(int p, payload &trans, phase_t &phase, time_t &t) {
    return nb_forward((port)p, trans, phase, t);
}

tlm::tlm_sync_enum mmu::nb_control(int, payload &trans, phase_t &phase, time_t &t) {
    return nb_forward(control_port(trans), trans, phase, t);
}

/* A phase to the initiator. Has it ended the transaction, or may go on at once? */
bool mmu::backward(const request *r, phase_t phase, const time_t &at) {
    time_t t = until(at);
    auto &in = r->kind == FETCH ? fetch : r->kind == DATA ? data : control;
    tlm::tlm_sync_enum got = in->nb_transport_bw(*r->trans, phase, t);
    return got == tlm::TLM_COMPLETED || (got == tlm::TLM_UPDATED && phase == tlm::END_RESP);
}

/* One response at a time on each way back (TLM-2.0, response exclusion). */
void mmu::pump(port p) {
    while (!responding_[p] && !responses_[p].empty()) {
        request *r = responses_[p].front();
        responses_[p].pop_front();
        responding_[p] = true;
        r->trans->set_address(r->va);
        if (backward(r, tlm::BEGIN_RESP, r->ready)) responding_[p] = false;
        r->trans->release();
        delete r;
    }
}

void mmu::respond(request *r, const time_t &at) {
    r->ready = at;
    responses_[r->kind].push_back(r);
    pump(r->kind);
}

/* The MMU is done with it: an access that has a physical address goes on to memory. */
void mmu::translated(request *r) {
    if (r->kind > DATA || r->ext->cause) {
        respond(r, start_of(r->at));
        return;
    }
    to_memory_.push_back(r);
    send();
}

void mmu::send() {
    while (!memory_busy_ && !to_memory_.empty()) {
        request *r = to_memory_.front();
        phase_t phase = tlm::BEGIN_REQ;
        time_t t = until(start_of(r->at));
        to_memory_.pop_front();
        at_memory_.push_back(r);
        r->trans->set_address(r->ext->pa);
        tlm::tlm_sync_enum got = memory->nb_transport_fw(*r->trans, phase, t);
        if (got == tlm::TLM_ACCEPTED)
            memory_busy_ = true;
        else if (got == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP)
            back_from_memory(*r->trans, sc_core::sc_time_stamp() + t);
    }
}

void mmu::back_from_memory(const payload &trans, const time_t &at) {
    auto same = [&trans](const request *r) { return r->trans == &trans; };
    auto found = std::find_if(at_memory_.begin(), at_memory_.end(), same);
    request *r = *found;
    at_memory_.erase(found);
    respond(r, at);
}

tlm::tlm_sync_enum mmu::nb_memory(payload &trans, phase_t &phase, time_t &t) {
    if (at_memory_.back()->trans == &trans) memory_busy_ = false; /* of the last request */
    if (phase == tlm::BEGIN_RESP) back_from_memory(trans, sc_core::sc_time_stamp() + t);
    send();
    return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

/* ---- What a core says beside its accesses -------------------------------------------------- */

void mmu::set_oldest(const payload *trans) {
    oldest_ = trans;
    named_ = true;
}

void mmu::drop(request *r) {
    order_.erase(std::find(order_.begin(), order_.end(), r));
    r->ext->killed = true;
    r->at = next_;
    r->answered = true;
    if (r->blocking) {
        r->done.notify();
        return;
    }
    r->trans->release();
    delete r;
}

void mmu::kill(const payload &trans) {
    auto same = [&trans](const request *r) { return r->trans == &trans; };
    auto found = std::find_if(order_.begin(), order_.end(), same);
    if (found == order_.end()) return;
    request *r = *found;
    if (r->accepted) {
        kill_[r->kind] |= 1u << r->id;
        schedule();
        return;
    }
    auto &q = waiting_[r->kind];
    q.erase(std::find(q.begin(), q.end(), r));
    drop(r);
}

void mmu::set_mode(const hart_mode &m) {
    if (m == mode_) return;
    mode_ = m;
    take_back(nullptr);
}

} // namespace pagewalk
