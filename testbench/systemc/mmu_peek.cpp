// SPDX-License-Identifier: Apache-2.0
//
// What takes no time and leaves no trace: transport_dbg, DMI, and the level of a fault. The state
// of the C model is one block without pointers into itself, so a copy of it is asked instead: the
// same TLBs, the same tables (by transport_dbg of `walk`), the same PMP. Nothing is written.
#include "mmu_tlm.h"
#include <algorithm>
#include <cstring>

extern "C" {
#include "hart.h"
}

namespace pagewalk {

enum { PEEK_EDGES = 10000 }; /* of the copy; a walk without waiting takes a few dozen */

/* The copy's memory request, answered in its next cycle. */
void mmu::read_table(const mmu_out &o, mmu_in &in) {
    payload look;
    look.set_command(tlm::TLM_READ_COMMAND);
    look.set_address(o.mem_req_addr_o);
    look.set_data_ptr((unsigned char *)in.mem_rsp_data_i);
    look.set_data_length(o.mem_req_op_o == MEMOP_LINE ? 64
                         : config_.xlen == 32         ? SV32_PTE_BYTES
                                                      : PTE_BYTES);
    in.mem_rsp_valid_i = 1, in.mem_rsp_tag_i = o.mem_req_tag_o;
    if (o.mem_req_op_o == MEMOP_CAS)
        in.mem_rsp_cas_ok_i = 1;
    else
        in.mem_rsp_error_i = walk->transport_dbg(look) != look.get_data_length();
}

/* An edge of the copy; `in` becomes what its memory says to the next one. */
mmu_out mmu::peek_edge(mmu_in &in) {
    mmu_out o;
    hart_pins(&config_, &in);
    in.mem_req_ready_i = 1;
    mmu_step((::mmu *)copy_.get(), &in, &o);
    memset(&in, 0, sizeof in);
    if (o.mem_req_valid_o) read_table(o, in);
    return o;
}

/* Everything in flight is killed; what it waits for comes as a bus error. */
void mmu::peek_begin(mmu_in &in, bool cold) {
    memcpy(copy_.get(), state_.get(), mmu_size(&config_));
    memset(&in, 0, sizeof in);
    in.ikill_i = in.dkill_i = ~0u;
    in.fence_valid_i = cold;
    mmu_out o = peek_edge(in);
    std::deque<unsigned> owed;
    for (unsigned tag = 0; tag < 64; tag++)
        if (reader_[tag].awaited) owed.push_back(tag);
    for (int i = 0; i < PEEK_EDGES && !o.idle_o; i++) {
        if (!in.mem_rsp_valid_i && !owed.empty()) {
            in.mem_rsp_valid_i = in.mem_rsp_error_i = 1;
            in.mem_rsp_tag_i = (uint8_t)owed.front();
            owed.pop_front();
        }
        o = peek_edge(in);
    }
}

/* What an access would be answered now. Cold: from the tables alone. */
mmu::verdict mmu::peek(port p, const hart_mode &m, uint64_t va, unsigned bytes, uint8_t access,
                       bool cold) {
    verdict v = {};
    mmu_in in;
    int level = -1;
    bool asked = false, denied = false;
    peek_begin(in, cold);
    v.cause = CAUSE_LOAD_ACCESS; /* if it never answers */
    for (int i = 0; i < PEEK_EDGES; i++) {
        if (p == FETCH) {
            in.ireq_valid_i = !asked, in.ireq_va_i = va, in.ireq_last_i = (uint16_t)(bytes - 1);
            in.ireq_priv_i = m.fetch_priv;
        } else {
            in.dreq_valid_i = !asked, in.dreq_va_i = va, in.dreq_last_i = (uint16_t)(bytes - 1);
            in.dreq_access_i = access, in.dreq_priv_i = m.data_priv;
            in.dreq_sum_i = m.sum, in.dreq_mxr_i = m.mxr;
        }
        in.oldest_valid_i = 1, in.oldest_port_i = p == DATA;
        mmu_out o = peek_edge(in);
        asked |= p == FETCH ? o.ireq_ready_o : o.dreq_ready_o;
        if (o.ev_walk_start_o) level = o.ev_walk_start_level_o + 1;
        v.update |= o.mem_req_valid_o && o.mem_req_op_o == MEMOP_CAS;
        level -= o.mem_req_valid_o && o.mem_req_op_o != MEMOP_CAS;
        denied |= o.ev_deny_o;
        v.level = level - denied;
        bool hit = p == FETCH ? o.ihit_valid_o : o.dhit_valid_o;
        bool miss = p == FETCH ? o.imiss_valid_o : o.dmiss_valid_o;
        if (!hit && !miss) continue;
        v.pa = p == FETCH ? (hit ? o.ihit_pa_o : o.imiss_pa_o) : hit ? o.dhit_pa_o : o.dmiss_pa_o;
        v.cause = p == FETCH ? (hit ? o.ihit_cause_o : o.imiss_cause_o)
                  : hit      ? o.dhit_cause_o
                             : o.dmiss_cause_o;
        v.size = p == FETCH ? (hit ? o.ihit_size_o : o.imiss_size_o)
                 : hit      ? o.dhit_size_o
                            : o.dmiss_size_o;
        return v;
    }
    return v;
}

/* ---- transport_dbg ------------------------------------------------------------------------- */

unsigned mmu::dbg(int p, payload &trans) {
    const uint64_t va = trans.get_address();
    unsigned char *const bytes = trans.get_data_ptr();
    const unsigned count = trans.get_data_length();
    unsigned done = 0;
    while (done < count) {
        unsigned n = std::min<unsigned>(count - done, PAGE_BYTES - (va + done) % PAGE_BYTES);
        uint8_t access = p == FETCH ? ACCESS_FETCH : trans.is_write() ? ACCESS_STORE : ACCESS_LOAD;
        verdict v = peek((port)p, mode_, va + done, n, access, false);
        if (v.cause) break;
        trans.set_address(v.pa);
        trans.set_data_ptr(bytes + done);
        trans.set_data_length(n);
        unsigned got = memory->transport_dbg(trans);
        done += got;
        if (got < n) break;
    }
    trans.set_address(va);
    trans.set_data_ptr(bytes);
    trans.set_data_length(count);
    return done;
}

/* ---- DMI ----------------------------------------------------------------------------------- */

static const unsigned size_shift[SIZE_COUNT] = {12, 21, 30, 39, 48, 16, 22, 12};

/* A page, if every byte of it may be read (or written) as the hart is now, with A (and D) set. */
bool mmu::get_dmi(int p, payload &trans, tlm::tlm_dmi &dmi) {
    const uint64_t va = trans.get_address(), page = va & ~(uint64_t)(PAGE_BYTES - 1);
    const bool write = trans.is_write();
    dmi.init();
    dmi.set_start_address(page);
    dmi.set_end_address(page + PAGE_BYTES - 1);
    bool changing = !waiting_[CSR].empty() || !waiting_[FENCE].empty() ||
                    !under_way_[CSR].empty() || !under_way_[FENCE].empty();
    if (changing) return false;
    verdict r =
        peek((port)p, mode_, page, PAGE_BYTES, p == FETCH ? ACCESS_FETCH : ACCESS_LOAD, false);
    verdict w = {CAUSE_STORE_ACCESS, SIZE_NONE, 0, false, -1};
    if (p == DATA) w = peek(DATA, mode_, page, PAGE_BYTES, ACCESS_STORE, false);
    bool may_read = !r.cause && !r.update, may_write = !w.cause && !w.update;
    if (write ? !may_write : !may_read) return false;
    verdict v = write ? w : r;
    trans.set_address(v.pa + va % PAGE_BYTES);
    bool got = memory->get_direct_mem_ptr(trans, dmi);
    trans.set_address(va);
    if (!got || dmi.get_start_address() > v.pa || dmi.get_end_address() < v.pa + PAGE_BYTES - 1)
        got = false;
    else
        dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (v.pa - dmi.get_start_address()));
    dmi.set_start_address(page);
    dmi.set_end_address(page + PAGE_BYTES - 1);
    if (!got) return false;
    unsigned allowed =
        dmi.get_granted_access() & ((may_read ? tlm::tlm_dmi::DMI_ACCESS_READ : 0) |
                                    (may_write ? tlm::tlm_dmi::DMI_ACCESS_WRITE : 0));
    dmi.set_granted_access((tlm::tlm_dmi::dmi_access_e)allowed);
    grants_.push_back({page, size_shift[v.size]});
    if (translation *x = trans.get_extension<translation>()) x->pa = v.pa, x->size = v.size;
    return allowed & (write ? tlm::tlm_dmi::DMI_ACCESS_WRITE : tlm::tlm_dmi::DMI_ACCESS_READ);
}

void mmu::take_back_page(uint64_t page) {
    fetch->invalidate_direct_mem_ptr(page, page + PAGE_BYTES - 1);
    data->invalidate_direct_mem_ptr(page, page + PAGE_BYTES - 1);
}

/* A fence reaches what it covers, whatever its ASID; everything else (nullptr) all there is. An
 * address takes the page it lies in, of whatever size that is. */
void mmu::take_back(const fence *f) {
    bool invalidates = !f || f->op == FENCE_SFENCE_VMA || f->op == FENCE_SINVAL_VMA;
    uint64_t mask = config_.xlen == 32 ? 0xffffffffu : ~0ull;
    auto covered = [&](const grant &g) {
        return !f || !f->rs1 || !((g.va ^ (f->va & mask)) >> g.shift);
    };
    if (!invalidates) return;
    auto gone = std::stable_partition(grants_.begin(), grants_.end(),
                                      [&](const grant &g) { return !covered(g); });
    std::vector<grant> back(gone, grants_.end());
    grants_.erase(gone, grants_.end());
    for (const grant &g : back) take_back_page(g.va);
}

void mmu::memory_moved(sc_dt::uint64, sc_dt::uint64) {
    take_back(nullptr);
}

} // namespace pagewalk
