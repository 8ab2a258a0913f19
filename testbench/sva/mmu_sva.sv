// SPDX-License-Identifier: Apache-2.0
//
// The handshakes of the pins, as docs/ports.md draws them: what is accepted is answered once or
// killed, hits belong to the cycle of acceptance, payloads are zero while their valid is low,
// fences and CSR writes are done on time. FetchIdUnused_A, DataIdUnused_A and MemAnswerAwaited_A
// are obligations of whoever drives the pins.
`default_nettype none

module mmu_sva #(
  parameter int unsigned L1I_LATENCY = 0,
  parameter int unsigned L1D_LATENCY = 0
) (
  input wire clk_i,
  input wire rst_i,
  input wire ireq_valid_i, ireq_ready_o, dreq_valid_i, dreq_ready_o,
  input wire [4:0] ireq_id_i, dreq_id_i,
  input wire [31:0] ikill_i, dkill_i,
  input wire ihit_valid_o, imiss_valid_o, dhit_valid_o, dmiss_valid_o,
  input wire [4:0] ihit_id_o, imiss_id_o, dhit_id_o, dmiss_id_o,
  input wire [55:0] ihit_pa_o, imiss_pa_o, dhit_pa_o, dmiss_pa_o,
  input wire [3:0] ihit_cause_o, imiss_cause_o, dhit_cause_o, dmiss_cause_o,
  input wire [2:0] ihit_size_o, imiss_size_o, dhit_size_o, dmiss_size_o, imiss_source_o, dmiss_source_o,
  input wire mem_req_valid_o, mem_req_ready_i, mem_rsp_valid_i,
  input wire [1:0] mem_req_op_o,
  input wire [5:0] mem_req_tag_o, mem_rsp_tag_i,
  input wire [55:0] mem_req_addr_o,
  input wire [63:0] mem_req_cmp_o, mem_req_data_o,
  input wire csr_valid_i, csr_ready_o, csr_done_o, fence_valid_i, fence_ready_o, fence_done_o, fence_rs1_i, idle_o,
  input wire [63:0] fence_va, iva, dva,
  input wire [1:0] fence_op_i,
  input wire [11:0] ireq_last_i, dreq_last_i,
  input wire ev_deny_o,
  input wire [5:0] ev_deny_slot_o,
  input wire [1:0] ihit_pbmt_o, imiss_pbmt_o, dhit_pbmt_o, dmiss_pbmt_o,
  input wire ev_il1_fill_super_o, ev_dl1_fill_super_o,
  input wire ev_il1_lookup_o, ev_il1_hit_o, ev_il1_fill_o, ev_dl1_lookup_o, ev_dl1_hit_o, ev_dl1_fill_o,
  input wire [7:0] ev_il1_fill_set_o, ev_il1_fill_way_o, ev_dl1_fill_set_o, ev_dl1_fill_way_o,
  input wire ev_l2_lookup_o, ev_l2_hit_o, ev_l2_fill_o, ev_l2_fill_large_o, ev_merge_o, ev_walk_start_o, ev_walk_end_o,
  input wire [5:0] ev_l2_slot_o, ev_walk_start_slot_o, ev_walk_end_slot_o,
  input wire [11:0] ev_l2_fill_set_o,
  input wire [7:0] ev_l2_fill_way_o, ev_pwc_fill_way_o,
  input wire [2:0] ev_walk_start_level_o, ev_walk_end_size_o, ev_pwc_fill_level_o,
  input wire ev_pwc_fill_o, fence, wrap, clearing
);
  localparam logic [2:0] NO_SIZE = mmu_pkg::SIZE_NONE;

  // ---- Requests and answers, a bit an id: accepted and neither answered nor killed
  logic [31:0] ibusy_q, dbusy_q, ianswer, danswer, itaken, dtaken;
  always_comb begin
    ianswer = (32'(imiss_valid_o) << imiss_id_o) | (32'(ihit_valid_o && L1I_LATENCY != 0) << ihit_id_o);
    danswer = (32'(dmiss_valid_o) << dmiss_id_o) | (32'(dhit_valid_o && L1D_LATENCY != 0) << dhit_id_o);
    itaken = 32'(ireq_valid_i && ireq_ready_o && !(ihit_valid_o && L1I_LATENCY == 0)) << ireq_id_i;
    dtaken = 32'(dreq_valid_i && dreq_ready_o && !(dhit_valid_o && L1D_LATENCY == 0)) << dreq_id_i;
  end
  always_ff @(posedge clk_i) begin
    ibusy_q <= rst_i ? '0 : (ibusy_q & ~ianswer & ~ikill_i) | itaken;
    dbusy_q <= rst_i ? '0 : (dbusy_q & ~danswer & ~dkill_i) | dtaken;
  end
  `PW_ASSERT(FetchAnswerOnce_A, (ianswer & ~ibusy_q) == '0)
  `PW_ASSERT(DataAnswerOnce_A, (danswer & ~dbusy_q) == '0)
  `PW_ASSERT(FetchIdUnused_A, (itaken & ibusy_q) == '0)
  `PW_ASSERT(DataIdUnused_A, (dtaken & dbusy_q) == '0)
  // a hit belongs to the cycle of acceptance, with latency 1 to the next
  logic [6:0] ilate_q, dlate_q, iasked, dasked;  // L1 hit, accepted, id
  always_ff @(posedge clk_i) begin
    ilate_q <= rst_i ? '0 : {ev_il1_hit_o, ireq_valid_i && ireq_ready_o, ireq_id_i};
    dlate_q <= rst_i ? '0 : {ev_dl1_hit_o, dreq_valid_i && dreq_ready_o, dreq_id_i};
  end
  assign iasked = L1I_LATENCY != 0 ? ilate_q : {ev_il1_hit_o, ireq_valid_i && ireq_ready_o, ireq_id_i};
  assign dasked = L1D_LATENCY != 0 ? dlate_q : {ev_dl1_hit_o, dreq_valid_i && dreq_ready_o, dreq_id_i};
  `PW_ASSERT(FetchHitNow_A, !ihit_valid_o || (iasked[5] && ihit_id_o == iasked[4:0]))
  `PW_ASSERT(DataHitNow_A, !dhit_valid_o || (dasked[5] && dhit_id_o == dasked[4:0]))
  `PW_ASSERT(L1HitOnTime_A, (!iasked[6] || ihit_valid_o) && (!dasked[6] || dhit_valid_o))
  `PW_ASSERT(L1HitLookup_A, (!ev_il1_hit_o || ev_il1_lookup_o) && (!ev_dl1_hit_o || ev_dl1_lookup_o))
  `PW_ASSERT(IdleEmpty_A, !idle_o || (ibusy_q == '0 && dbusy_q == '0 && pending_q == '0 && !mem_req_valid_o))

  // ---- Answers: a fault has no address and a cause of its port; nothing stands beside a valid
  // that is low
  `PW_ASSERT(FetchCause_A, (ihit_cause_o == '0 || ihit_cause_o == mmu_pkg::CAUSE_INSTRUCTION_PAGE
      || ihit_cause_o == mmu_pkg::CAUSE_INSTRUCTION_ACCESS) && (imiss_cause_o == '0
      || imiss_cause_o == mmu_pkg::CAUSE_INSTRUCTION_PAGE || imiss_cause_o == mmu_pkg::CAUSE_INSTRUCTION_ACCESS))
  `PW_ASSERT(DataCause_A, dhit_cause_o != mmu_pkg::CAUSE_INSTRUCTION_PAGE
      && dhit_cause_o != mmu_pkg::CAUSE_INSTRUCTION_ACCESS && dmiss_cause_o != mmu_pkg::CAUSE_INSTRUCTION_PAGE
      && dmiss_cause_o != mmu_pkg::CAUSE_INSTRUCTION_ACCESS)
  `PW_ASSERT(FaultNoAddress_A, (ihit_cause_o == '0 || (ihit_pa_o == '0 && ihit_size_o == NO_SIZE))
      && (imiss_cause_o == '0 || (imiss_pa_o == '0 && imiss_size_o == NO_SIZE))
      && (dhit_cause_o == '0 || (dhit_pa_o == '0 && dhit_size_o == NO_SIZE))
      && (dmiss_cause_o == '0 || (dmiss_pa_o == '0 && dmiss_size_o == NO_SIZE)))
  // a memory type belongs to a translation, and its encoding 3 is reserved [priv, Svpbmt]
  `PW_ASSERT(TypeOfTranslation_A, (ihit_pbmt_o == '0 || (ihit_size_o != NO_SIZE && ihit_pbmt_o != '1))
      && (imiss_pbmt_o == '0 || (imiss_size_o != NO_SIZE && imiss_pbmt_o != '1))
      && (dhit_pbmt_o == '0 || (dhit_size_o != NO_SIZE && dhit_pbmt_o != '1))
      && (dmiss_pbmt_o == '0 || (dmiss_size_o != NO_SIZE && dmiss_pbmt_o != '1)))
  // an obligation of the core: it splits what crosses a page
  `PW_ASSERT(FetchInPage_A, !ireq_valid_i || 13'(iva[11:0]) + 13'(ireq_last_i) < 13'd4096)
  `PW_ASSERT(DataInPage_A, !dreq_valid_i || 13'(dva[11:0]) + 13'(dreq_last_i) < 13'd4096)
  `PW_ASSERT(HitZero_A, (ihit_valid_o || {ihit_id_o, ihit_pa_o, ihit_cause_o, ihit_size_o, ihit_pbmt_o} == '0)
      && (dhit_valid_o || {dhit_id_o, dhit_pa_o, dhit_cause_o, dhit_size_o, dhit_pbmt_o} == '0))
  `PW_ASSERT(MissZero_A,
      (imiss_valid_o || {imiss_id_o, imiss_pa_o, imiss_cause_o, imiss_size_o, imiss_pbmt_o, imiss_source_o} == '0)
      && (dmiss_valid_o || {dmiss_id_o, dmiss_pa_o, dmiss_cause_o, dmiss_size_o, dmiss_pbmt_o, dmiss_source_o} == '0))
  `PW_ASSERT(MemZero_A, mem_req_valid_o
      || {mem_req_op_o, mem_req_tag_o, mem_req_addr_o, mem_req_cmp_o, mem_req_data_o} == '0)
  `PW_ASSERT(FillZero_A, (ev_il1_fill_o || {ev_il1_fill_super_o, ev_il1_fill_set_o, ev_il1_fill_way_o} == '0)
      && (ev_dl1_fill_o || {ev_dl1_fill_super_o, ev_dl1_fill_set_o, ev_dl1_fill_way_o} == '0)
      && (ev_l2_fill_o || {ev_l2_fill_large_o, ev_l2_fill_set_o, ev_l2_fill_way_o} == '0)
      && (ev_pwc_fill_o || {ev_pwc_fill_level_o, ev_pwc_fill_way_o} == '0))
  `PW_ASSERT(EventZero_A, (ev_l2_lookup_o || {ev_l2_hit_o, ev_l2_slot_o} == '0)
      && (ev_walk_start_o || {ev_walk_start_slot_o, ev_walk_start_level_o} == '0)
      && (ev_walk_end_o || {ev_walk_end_slot_o, ev_walk_end_size_o} == '0)
      && (ev_deny_o || ev_deny_slot_o == '0))

  // ---- Memory: one request a tag, an answer for each
  logic [63:0] pending_q, asked, replied;
  always_comb begin
    asked = 64'(mem_req_valid_o && mem_req_ready_i) << mem_req_tag_o;
    replied = 64'(mem_rsp_valid_i) << mem_rsp_tag_i;
  end
  always_ff @(posedge clk_i) pending_q <= rst_i ? '0 : (pending_q & ~replied) | asked;
  `PW_ASSERT(TagFree_A, (asked & pending_q & ~replied) == '0)
  `PW_ASSERT(MemAnswerAwaited_A, (replied & ~pending_q) == '0)

  // ---- Walkers rest when nobody waits and memory owes nothing: the longest that a prefetch or an
  // extra cycle may still take is over
  logic [4:0] nobody_q;
  logic nobody;
  assign nobody = (ibusy_q | dbusy_q | itaken | dtaken) == '0 && pending_q == '0 && !mem_req_valid_o
               && !(fence_valid_i && fence_ready_o);
  always_ff @(posedge clk_i) nobody_q <= rst_i || !nobody ? '0 : nobody_q == '1 ? nobody_q : nobody_q + 5'd1;
  `PW_ASSERT(WalkersRest_A, nobody_q != '1 || idle_o)

  // ---- Fences: done one cycle after acceptance, two with an address. CSR writes: one
  logic by_va, fence_next_q, fence_va_q, fence_va2_q, csr_next_q;
  assign by_va = fence_rs1_i && !fence_op_i[1] && (fence_va[63:56] == '0 || fence_va[63:56] == '1);
  always_ff @(posedge clk_i) begin
    fence_next_q <= !rst_i && fence_valid_i && fence_ready_o && !by_va;
    fence_va_q <= !rst_i && fence_valid_i && fence_ready_o && by_va;
    fence_va2_q <= !rst_i && fence_va_q;
    csr_next_q <= !rst_i && csr_valid_i && csr_ready_o;
  end
  `PW_ASSERT(FenceDone_A, fence_done_o == (fence_next_q || fence_va2_q))
  `PW_ASSERT(FenceReady_A, fence_ready_o == !fence_va_q)
  `PW_ASSERT(CsrDone_A, csr_done_o == csr_next_q)
  `PW_ASSERT(FenceFirst_A, csr_ready_o == !fence_valid_i)

  // ---- Coincidences that must be met
  `PW_COVER(FetchHitBesideMiss_C, ihit_valid_o && imiss_valid_o)
  `PW_COVER(DataHitBesideMiss_C, dhit_valid_o && dmiss_valid_o)
  `PW_COVER(FetchHitBesideFill_C, ev_il1_hit_o && ev_il1_fill_o)
  `PW_COVER(DataHitBesideFill_C, ev_dl1_hit_o && ev_dl1_fill_o)
  `PW_COVER(AllFourChannels_C, ihit_valid_o && imiss_valid_o && dhit_valid_o && dmiss_valid_o)
  `PW_COVER(FenceBesideHit_C, fence && (ev_il1_hit_o || ev_dl1_hit_o))
  `PW_COVER(FenceBesideFillL1_C, fence && (ev_il1_fill_o || ev_dl1_fill_o))
  `PW_COVER(ClearBesideFillL2_C, clearing && ev_l2_fill_o && !ev_l2_fill_large_o)
  `PW_COVER(WrapBesideFillL1_C, wrap && (imiss_valid_o || dmiss_valid_o))
  `PW_COVER(WrapBesideArrival_C, wrap && mem_rsp_valid_i)
  `PW_COVER(WrapBesideCompare_C, wrap && ev_l2_lookup_o)
  `PW_COVER(FenceBesideCsr_C, fence_valid_i && csr_valid_i)
  `PW_COVER(FenceWhileClearing_C, fence_valid_i && !fence_ready_o)
  `PW_COVER(KillBesideAnswer_C, ((ianswer & ikill_i) | (danswer & dkill_i)) != '0)
  `PW_COVER(KillBesideAccept_C, (ikill_i != '0 && itaken != '0) || (dkill_i != '0 && dtaken != '0))
  `PW_COVER(BackToBackTag_C, (asked & replied) != '0)
endmodule

bind mmu mmu_sva #(.L1I_LATENCY(L1I_LATENCY), .L1D_LATENCY(L1D_LATENCY)) u_sva (.*);

`default_nettype wire
