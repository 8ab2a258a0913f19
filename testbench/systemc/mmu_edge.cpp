// SPDX-License-Identifier: Apache-2.0
//
// One clock edge of the MMU component: transactions become the input pins of the C model, its
// output pins become phases of transactions. Nothing here knows whether simulation time has come as
// far as the edge, or a b_transport runs ahead of it: times are of cycles, and annotated.
#include "mmu_tlm.h"
#include <algorithm>
#include <cstring>

extern "C" {
#include "hart.h"
}

namespace pagewalk {

static const port accesses[] = {FETCH, DATA};

uint64_t mmu::cycle_of(const time_t &t) const { // the first edge that is not before t
    return (t.value() + period_.value() - 1) / period_.value();
}

bool mmu::busy() const {
    bool waits = !idle_ || !order_.empty();
    for (auto &q : waiting_) waits |= !q.empty();
    for (auto &q : under_way_) waits |= !q.empty();
    return waits;
}

void mmu::schedule() {
    const time_t now = sc_core::sc_time_stamp(), at = start_of(next_);
    if (busy()) wake_.notify(at > now ? at - now : sc_core::SC_ZERO_TIME);
}

void mmu::tick() {
    while (busy() && start_of(next_) <= sc_core::sc_time_stamp()) edge();
    schedule();
}

/* ---- Inputs -------------------------------------------------------------------------------- */

void mmu::offer(mmu_in &in) {
    request *r[PORTS];
    for (int p = 0; p < PORTS; p++) {
        auto &q = waiting_[p];
        r[p] = q.empty() || q.front()->at > next_ ? nullptr : q.front();
    }
    for (port p : accesses) { // ids: the lowest that is free
        unsigned id = 0;
        while (id < 32 && live_[p][id]) id++;
        if (id == 32) r[p] = nullptr;
        if (r[p]) r[p]->id = (uint8_t)id;
    }
    if (request *f = r[FETCH]) {
        in.ireq_valid_i = 1, in.ireq_id_i = f->id, in.ireq_va_i = f->va;
        in.ireq_last_i = (uint16_t)(f->trans->get_data_length() - 1);
        in.ireq_priv_i = f->mode.fetch_priv;
    }
    if (request *d = r[DATA]) {
        in.dreq_valid_i = 1, in.dreq_id_i = d->id, in.dreq_va_i = d->va;
        in.dreq_last_i = (uint16_t)(d->trans->get_data_length() - 1);
        in.dreq_access_i = d->access, in.dreq_priv_i = d->mode.data_priv;
        in.dreq_sum_i = d->mode.sum, in.dreq_mxr_i = d->mode.mxr;
    }
    if (request *c = r[CSR]) {
        in.csr_valid_i = 1, in.csr_addr_i = (uint16_t)c->trans->get_address();
        memcpy(&in.csr_wdata_i, c->trans->get_data_ptr(), c->trans->get_data_length());
    }
    if (request *f = r[FENCE]) {
        const fence *x = f->trans->get_extension<fence>();
        in.fence_valid_i = 1, in.fence_op_i = x->op, in.fence_rs1_i = x->rs1;
        in.fence_rs2_i = x->rs2, in.fence_va_i = x->va, in.fence_asid_i = x->asid;
    }
}

void mmu::name_oldest(mmu_in &in) const {
    auto named = [this](const request *r) { return !named_ || r->trans == oldest_; };
    auto at = std::find_if(order_.begin(), order_.end(), named);
    if (at == order_.end()) return;
    const request *r = *at;
    bool offered = r->kind == FETCH ? in.ireq_valid_i : in.dreq_valid_i;
    if (!r->accepted && !(offered && waiting_[r->kind].front() == r)) return;
    in.oldest_valid_i = 1, in.oldest_port_i = r->kind == DATA, in.oldest_id_i = r->id;
}

void mmu::deliver(mmu_in &in) {
    in.mem_req_ready_i = walk_ready_ && !walk_busy_;
    if (due_.empty() || due_.front().due > next_) return;
    const reader &r = reader_[due_.front().tag];
    in.mem_rsp_valid_i = 1, in.mem_rsp_tag_i = r.ext.tag;
    in.mem_rsp_error_i = r.trans.is_response_error();
    reader_[r.ext.tag].awaited = false;
    if (r.ext.op == MEMOP_CAS)
        in.mem_rsp_cas_ok_i = r.ext.held && !in.mem_rsp_error_i;
    else if (!in.mem_rsp_error_i)
        memcpy(in.mem_rsp_data_i, r.bytes, sizeof r.bytes);
    due_.pop_front();
}

/* ---- Outputs ------------------------------------------------------------------------------- */

void mmu::accept(port p) {
    request *r = waiting_[p].front();
    waiting_[p].pop_front();
    r->accepted = true;
    if (p < CSR)
        live_[p][r->id] = r;
    else
        under_way_[p].push_back(r);
    if (!r->blocking) backward(r, tlm::END_REQ, start_of(next_ - 1));
}

void mmu::answered(port p, unsigned id, uint64_t pa, uint8_t cause, uint8_t size, uint8_t pbmt,
                   uint8_t source) {
    request *r = live_[p][id];
    live_[p][id] = nullptr;
    order_.erase(std::find(order_.begin(), order_.end(), r));
    translation *x = r->ext;
    x->pa = pa, x->cause = cause, x->size = size, x->pbmt = pbmt, x->source = source;
    x->tval = cause ? r->va : 0;
    x->level =
        cause ? peek(p, r->mode, r->va, r->trans->get_data_length(), r->access, true).level : -1;
    r->trans->set_response_status(cause ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                        : tlm::TLM_INCOMPLETE_RESPONSE);
    finish(r);
}

void mmu::finish(request *r) {
    r->at = next_ - 1;
    r->answered = true;
    if (r->blocking)
        r->done.notify();
    else
        translated(r);
}

/* What the kill of this edge has reached: no answer comes any more. */
void mmu::bury(port p, uint32_t ids) {
    for (unsigned id = 0; id < 32; id++) {
        request *r = ids >> id & 1 ? live_[p][id] : nullptr;
        if (!r) continue;
        live_[p][id] = nullptr;
        drop(r);
    }
}

void mmu::done(std::deque<request *> &q) {
    request *r = q.front();
    q.pop_front();
    r->trans->set_response_status(tlm::TLM_OK_RESPONSE);
    finish(r);
}

void mmu::collect(const clock_edge &e) {
    const mmu_in &in = e.in;
    const mmu_out &o = e.out;
    idle_ = o.idle_o;
    if (o.mem_req_valid_o && in.mem_req_ready_i) ask(o);
    if (o.csr_done_o) done(under_way_[CSR]);
    if (o.fence_done_o) done(under_way_[FENCE]);
    if (o.imiss_valid_o)
        answered(FETCH, o.imiss_id_o, o.imiss_pa_o, o.imiss_cause_o, o.imiss_size_o, o.imiss_pbmt_o,
                 o.imiss_source_o);
    if (o.dmiss_valid_o)
        answered(DATA, o.dmiss_id_o, o.dmiss_pa_o, o.dmiss_cause_o, o.dmiss_size_o, o.dmiss_pbmt_o,
                 o.dmiss_source_o);
    uint32_t before[2] = {};
    for (port p : accesses) // a kill does not reach what is accepted in its cycle
        for (unsigned id = 0; id < 32; id++) before[p] |= (uint32_t) !!live_[p][id] << id;
    if (in.ireq_valid_i && o.ireq_ready_o) accept(FETCH);
    if (in.dreq_valid_i && o.dreq_ready_o) accept(DATA);
    if (o.ihit_valid_o)
        answered(FETCH, o.ihit_id_o, o.ihit_pa_o, o.ihit_cause_o, o.ihit_size_o, o.ihit_pbmt_o,
                 SOURCE_L1);
    if (o.dhit_valid_o)
        answered(DATA, o.dhit_id_o, o.dhit_pa_o, o.dhit_cause_o, o.dhit_size_o, o.dhit_pbmt_o,
                 SOURCE_L1);
    bury(FETCH, in.ikill_i & before[FETCH]);
    bury(DATA, in.dkill_i & before[DATA]);
    if (in.csr_valid_i && o.csr_ready_o) {
        accept(CSR);
        take_back(nullptr);
    }
    if (in.fence_valid_i && o.fence_ready_o) {
        take_back(waiting_[FENCE].front()->trans->get_extension<fence>());
        accept(FENCE);
    }
}

/* ---- The walk socket ----------------------------------------------------------------------- */

/* An update of a memory that does not know `table`: does it still hold what is to be replaced? */
bool mmu::changed(const reader &w) {
    uint8_t now[PTE_BYTES];
    payload look;
    look.set_command(tlm::TLM_READ_COMMAND);
    look.set_address(w.trans.get_address());
    look.set_data_ptr(now);
    look.set_data_length(w.trans.get_data_length());
    return walk->transport_dbg(look) == w.trans.get_data_length() &&
           memcmp(now, &w.ext.compare, w.trans.get_data_length());
}

void mmu::ask(const mmu_out &o) {
    reader &w = reader_[o.mem_req_tag_o];
    unsigned pte = config_.xlen == 32 ? SV32_PTE_BYTES : PTE_BYTES;
    bool update = o.mem_req_op_o == MEMOP_CAS;
    memset(w.bytes, 0, sizeof w.bytes);
    if (update) memcpy(w.bytes, &o.mem_req_data_o, pte);
    w.ext.tag = o.mem_req_tag_o, w.ext.op = o.mem_req_op_o;
    w.ext.compare = o.mem_req_cmp_o, w.ext.held = true, w.awaited = true;
    w.trans.set_command(update ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    w.trans.set_address(o.mem_req_addr_o);
    w.trans.set_data_length(o.mem_req_op_o == MEMOP_LINE ? sizeof w.bytes : pte);
    w.trans.set_streaming_width(w.trans.get_data_length());
    w.trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    if (update && changed(w)) {
        w.ext.held = false;
        w.trans.set_response_status(tlm::TLM_OK_RESPONSE);
        arrive(w.ext.tag, start_of(next_));
        return;
    }
    phase_t phase = tlm::BEGIN_REQ;
    const time_t now = sc_core::sc_time_stamp();
    time_t t = until(start_of(next_ - 1));
    tlm::tlm_sync_enum got = walk->nb_transport_fw(w.trans, phase, t);
    bool here = got == tlm::TLM_COMPLETED || (got == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP);
    if (here) {
        arrive(w.ext.tag, now + t);
    } else {
        unknown_++;
        walk_busy_ = got == tlm::TLM_ACCEPTED;
        asked_ = w.ext.tag;
    }
}

tlm::tlm_sync_enum mmu::nb_walk(payload &trans, phase_t &phase, time_t &t) {
    unsigned tag = trans.get_extension<table>()->tag;
    if (tag == asked_) walk_busy_ = false; /* END_REQ, or BEGIN_RESP, which implies it */
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    unknown_--;
    arrive(tag, sc_core::sc_time_stamp() + t);
    return tlm::TLM_COMPLETED;
}

void mmu::arrive(unsigned tag, const time_t &t) {
    answer a = {cycle_of(t), tag};
    auto later = [&a](const answer &b) { return b.due > a.due; };
    due_.insert(std::find_if(due_.begin(), due_.end(), later), a);
}

/* ---- The edge ------------------------------------------------------------------------------ */

void mmu::edge() {
    clock_edge e;
    memset(&e, 0, sizeof e);
    e.cycle = next_;
    hart_pins(&config_, &e.in);
    offer(e.in);
    name_oldest(e.in);
    deliver(e.in);
    e.in.ikill_i = kill_[FETCH], e.in.dkill_i = kill_[DATA];
    kill_[FETCH] = kill_[DATA] = 0;
    mmu_step((::mmu *)state_.get(), &e.in, &e.out);
    next_++;
    edges.write(e);
    collect(e);
}

} // namespace pagewalk
