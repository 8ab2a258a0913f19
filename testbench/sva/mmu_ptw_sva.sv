// SPDX-License-Identifier: Apache-2.0
//
// What must hold of slots and walks: one of each kind at a time, age decides, the stale and the
// killed touch nothing, no cache takes a PTE with V = 0 or A = 0, D is for the oldest access alone.
// Latencies of walks stand in mmu_ptw_time_sva.sv, coincidences to be met in mmu_ptw_cover_sva.sv.
`default_nettype none

module mmu_ptw_sva #(
  parameter int unsigned N = 2,
  parameter int unsigned SLOT_W = 1,
  parameter int unsigned WALKERS = 1,
  parameter int unsigned LOW = 3,
  parameter logic [N-1:0] DATA = '0,
  parameter logic [N-1:0] AHEAD = '0
) (
  input wire clk_i,
  input wire rst_i,
  input wire [N-1:0] is_free, is_l2s, is_want, is_rdq, is_rd, is_casq, is_cas, is_merged, is_drain,
  input wire [N-1:0] stale_q, killed_q, held_slot_q, named, doomed, wish,
  input wire [N-1:0] alloc_i, alloc_d, answer_i, answer_d, start, offer, denied, arrive, lead, compared,
  input wire [N-1:0] shared, share_lead, sharing, lining, again_q,
  input wire [N*3-1:0] level_next,
  input wire join_line, cmp_fill, line_fill_o, ev_line_hit_o, line_allowed_i, pte_allowed_i,
  input wire [N-1:0] v_ok, v_fault, v_a, v_d,
  input wire [N*N-1:0] older_q,
  input wire [N*SLOT_W-1:0] lead_q,
  input wire [N*57-1:0] va_q,
  input wire held_q, held1, offer_cas, join_walk, rd_now, leafing,
  input wire satp_write_i, fence_i, fence_here_i, by_va_i, l2_hit_i,
  input wire l2_fill_o, ifill_o, dfill_o,
  input wire [56:0] l2_fill_pte_o, ifill_pte_o, dfill_pte_o,
  input wire [3:0] pwc_fill_o,
  input wire mem_req_valid_o,
  input wire [1:0] mem_req_op_o,
  input wire [5:0] mem_req_tag_o,
  input wire [55:0] mem_req_addr_o,
  input wire [63:0] mem_req_cmp_o, mem_req_data_o,
  input wire [511:0] mem_rsp_data_i,
  input wire mem_rsp_valid_i, mem_rsp_error_i,
  input wire [6:0] ev_walkers_o
);
  // ---- One at a time, and the first accepted goes first
  `PW_ASSERT(OneCompared_A, $onehot0(is_l2s))
  `PW_ASSERT(OneAnswer_A, $onehot0(answer_i) && $onehot0(answer_d))
  `PW_ASSERT(OneOffer_A, $onehot0(offer))
  `PW_ASSERT(OneStart_A, $onehot0(start))
  `PW_ASSERT(AllocFree_A, $onehot0(alloc_i) && $onehot0(alloc_d) && ((alloc_i | alloc_d) & ~is_free) == '0)
  `PW_ASSERT(WalkersBound_A, ev_walkers_o <= 7'(WALKERS))

  logic ordered;  // of two slots in use one is the older
  always_comb begin
    ordered = 1'b1;
    for (int i = 0; i < N; i++) begin
      for (int j = 0; j < i; j++) begin
        if (!is_free[i] && !is_free[j] && older_q[i*N + j] == older_q[j*N + i]) ordered = 1'b0;
      end
    end
  end
  `PW_ASSERT(AgeTotal_A, ordered)

  // ---- Merging [10]: whoever follows, follows a walk of its page that will end
  logic [N-1:0] walks, led;
  always_comb begin
    walks = (is_want | is_rdq | is_rd | is_casq | is_cas | sharing) & ~killed_q;
    for (int i = 0; i < N; i++) begin
      led[i] = walks[lead_q[i*SLOT_W +: SLOT_W]]
          && va_q[lead_q[i*SLOT_W +: SLOT_W]*57+12 +: 45] == va_q[i*57+12 +: 45];
    end
  end
  `PW_ASSERT(MergedLeaderLive_A, (is_merged & ~led) == '0)
  // ---- Shared reads: whoever waits, waits for a read that is in flight; one that is stale is
  // shared with nobody
  logic [N-1:0] awaited;
  always_comb begin
    for (int i = 0; i < N; i++) awaited[i] = is_rd[lead_q[i*SLOT_W +: SLOT_W]];
  end
  `PW_ASSERT(SharedReadLive_A, (sharing & ~awaited) == '0)
  `PW_ASSERT(ShareFresh_A, shared == '0 || ($onehot(shared) && ((shared | share_lead) & stale_q) == '0
      && (share_lead & is_rd & ~arrive) == share_lead && !mem_req_valid_o))
  `PW_ASSERT(JoinFresh_A, !(join_walk || join_line) || (lead & (stale_q | killed_q)) == '0)

  // ---- Lines [18, 19]: whoever waits for a line, waits once, for a walk whose last read is still to
  // come; a line is read for a leaf table alone, where each of its PTEs might have been
  logic [N-1:0] line_led;
  logic leaf_table;
  always_comb begin
    leaf_table = 1'b1;
    for (int i = 0; i < N; i++) if (offer[i] && level_next[i*3 +: 3] != 3'd0) leaf_table = 1'b0;
    for (int i = 0; i < N; i++) begin
      line_led[i] = (walks[lead_q[i*SLOT_W +: SLOT_W]] && !is_casq[lead_q[i*SLOT_W +: SLOT_W]]
          && !is_cas[lead_q[i*SLOT_W +: SLOT_W]])
          && va_q[lead_q[i*SLOT_W +: SLOT_W]*57+12+LOW +: 45-LOW] == va_q[i*57+12+LOW +: 45-LOW];
    end
  end
  `PW_ASSERT(LineLeaderLive_A, (lining & ~line_led) == '0)
  `PW_ASSERT(LineWaitsOnce_A, (lining & again_q) == '0)
  `PW_ASSERT(LineAllowed_A, offer_cas || !line_allowed_i || pte_allowed_i)
  `PW_ASSERT(LineOfLeaves_A, mem_req_op_o != mmu_pkg::MEMOP_LINE || leaf_table)

  // ---- Fences [8, 9]: the stale use no cache, fill none, are joined by none
  logic everything;  // this cycle's fence or satp write covers every slot
  assign everything = satp_write_i || (fence_i && fence_here_i && !by_va_i);
  `PW_ASSERT(StaleMissesL2_A, !(l2_hit_i || join_walk || ev_line_hit_o || join_line) || (compared & stale_q) == '0)
  `PW_ASSERT(StaleFillsL2_A, !((l2_fill_o && !cmp_fill) || pwc_fill_o != '0 || line_fill_o) || (arrive & stale_q) == '0)
  `PW_ASSERT(StaleFillsL1_A, !(ifill_o && (answer_i & stale_q) != '0) && !(dfill_o && (answer_d & stale_q) != '0))
  `PW_ASSERT(FencedFillsNone_A, !everything || !(l2_fill_o || pwc_fill_o != '0 || line_fill_o || ifill_o || dfill_o))

  // ---- What a cache may hold [14]: valid, accessed, and in a walk cache pointers alone
  `PW_ASSERT(FillL2Valid_A, !l2_fill_o
      || (l2_fill_pte_o[0] && l2_fill_pte_o[6] && (l2_fill_pte_o[1] || l2_fill_pte_o[3])))
  `PW_ASSERT(FillL1IValid_A, !ifill_o || (ifill_pte_o[0] && ifill_pte_o[6] && ifill_pte_o[3]))
  `PW_ASSERT(FillL1DValid_A, !dfill_o || (dfill_pte_o[0] && dfill_pte_o[6]))
  `PW_ASSERT(FillPointer_A, pwc_fill_o == '0
      || ($onehot(pwc_fill_o) && rd_now && !mem_rsp_error_i && mem_rsp_data_i[3:0] == 4'b0001))
  `PW_ASSERT(OneVerdict_A, (v_ok ^ v_fault ^ v_a ^ v_d) == '1 && ((v_ok & v_fault) | (v_a & v_d)) == '0)

  // ---- A/D updates [12]: only A and D, D for the oldest unfinished access alone
  localparam logic [63:0] AD = 64'hc0;
  `PW_ASSERT(UpdateBits_A, !offer_cas || !mem_req_valid_o
      || (mem_req_cmp_o[0] && mem_req_data_o[6] && mem_req_data_o != mem_req_cmp_o
      && (mem_req_data_o & ~AD) == (mem_req_cmp_o & ~AD) && (mem_req_cmp_o & ~mem_req_data_o) == '0))
  `PW_ASSERT(DirtyOldest_A, !offer_cas || !mem_req_valid_o
      || !mem_req_data_o[7] || mem_req_cmp_o[7] || (offer & DATA & named) != '0)

  // ---- Prefetch [20]: no A or D, no answer, nothing after what covers it, nobody waits for it in vain
  logic [N-1:0] ahead_lives;
  assign ahead_lives = AHEAD & ~is_free & ~is_drain & ~killed_q;
  `PW_ASSERT(AheadNoUpdate_A, !offer_cas || (offer & AHEAD) == '0)
  `PW_ASSERT(AheadNoAnswer_A, ((answer_i | answer_d | is_merged | lining) & AHEAD) == '0)
  `PW_ASSERT(AheadFresh_A, (ahead_lives & stale_q) == '0)
  generate
    if (AHEAD != '0) begin : g_ahead
      `PW_COVER(AheadLeads_C, join_walk && (lead & AHEAD) != '0)
      `PW_COVER(AheadFindsWalk_C, join_walk && (compared & AHEAD) != '0)
      `PW_COVER(AheadFenced_C, (doomed & AHEAD & is_rd) != '0)
      `PW_COVER(AheadDenied_C, (denied & AHEAD) != '0)
      `PW_COVER(AheadOld_C, leafing && (arrive & AHEAD & ~v_ok) != '0)
      `PW_COVER(AheadShares_C, (shared & AHEAD) != '0)
    end
  endgenerate

  // ---- Kill [13]: no answer, no update, and the slot is free, drains, or keeps only its offer
  logic [N-1:0] doomed_q;
  `PW_ASSERT(KillEnds_A, (doomed_q & ~(is_free | is_drain | (is_rdq & killed_q))) == '0)
  `PW_ASSERT(KilledHeld_A, (killed_q & ~is_free & ~(is_rdq & held_slot_q & {N{held_q}})) == '0)

  // ---- Memory port [4]: an offer stands unchanged until taken, unless it is the update of a
  // killed access
  logic stands_q, withdrawn_q;
  logic [1:0] op_q;
  logic [5:0] tag_q;
  logic [55:0] addr_q;
  logic [63:0] cmp_q, data_q;
  `PW_ASSERT(OfferStands_A, !stands_q || (mem_req_valid_o && mem_req_op_o == op_q && mem_req_tag_o == tag_q
      && mem_req_addr_o == addr_q && mem_req_cmp_o == cmp_q && mem_req_data_o == data_q))
  `PW_ASSERT(OfferWanted_A, (offer & ~wish) == '0)
  `PW_ASSERT(DeniedNotOffered_A, $onehot0(denied) && (denied == '0 || !mem_req_valid_o) && (denied & ~wish) == '0)
  `PW_ASSERT(UpdateWithdrawn_A, !withdrawn_q || !mem_req_valid_o || mem_req_tag_o != tag_q || !offer_cas)
  `PW_ASSERT(AnswerAwaited_A, !mem_rsp_valid_i || (arrive & (is_rd | is_cas | is_drain)) != '0)

  always_ff @(posedge clk_i) begin
    doomed_q <= rst_i ? '0 : doomed;
    stands_q <= !rst_i && held1 && !(offer_cas && (offer & doomed) != '0);
    withdrawn_q <= !rst_i && held1 && offer_cas && (offer & doomed) != '0;
    if (held1) begin
      op_q <= mem_req_op_o;
      tag_q <= mem_req_tag_o;
      addr_q <= mem_req_addr_o;
      cmp_q <= mem_req_cmp_o;
      data_q <= mem_req_data_o;
    end
  end
endmodule

bind mmu_ptw mmu_ptw_sva #(.N(N), .SLOT_W(SLOT_W), .WALKERS(WALKERS), .LOW(RV32 ? 4 : 3), .AHEAD(AHEAD),
  .DATA({{SLOTS_DATA{1'b1}}, {SLOTS_FETCH{1'b0}}})) u_sva (
  .is_free(u_slot.is_free), .is_l2s(l2s), .is_want(want), .is_rdq(rdq), .is_rd(rd),
  .is_casq(casq), .is_cas(cas), .is_merged(merged), .is_drain(u_slot.is_drain), .stale_q(stale),
  .killed_q(killed), .again_q(again), .held_slot_q(u_offer.held_slot_q), .doomed(u_slot.doomed),
  .alloc_i(u_slot.alloc_i), .alloc_d(u_slot.alloc_d), .answer_i(u_slot.answer_i),
  .answer_d(u_slot.answer_d), .compared(l2s), .older_q(older), .lead_q(lead_of), .va_q(va),
  .held_q(u_offer.held_q), .held1(waits), .*);

`default_nettype wire
