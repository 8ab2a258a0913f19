// SPDX-License-Identifier: Apache-2.0
//
// The latencies of docs/microarchitecture.md: what may happen in a cycle does happen in it, and a
// request that met no competitor is answered after exactly the cycles of the formula.
//
// own_q counts, for each slot, the cycles since acceptance that are neither memory's nor an A/D
// update's own: 2 for an L2 hit, 3 for a walk, however many PTEs it reads, and the extra cycles of
// the knobs. reads_q counts its PTE reads. clear_q says that nothing older or taken has stood in
// the way so far.
`default_nettype none

module mmu_ptw_time_sva #(
  parameter int unsigned N = 2,
  parameter int unsigned WALKERS = 1,
  parameter int unsigned L2_CYCLES = 0,
  parameter int unsigned WALK_CYCLES = 0,
  parameter int unsigned WALK_REFILL = 0,
  parameter logic [N-1:0] DATA = '0,
  parameter logic [N-1:0] AHEAD = '0   // of prefetch: it needs no walker and answers nobody
) (
  input wire clk_i,
  input wire rst_i,
  input wire [N-1:0] is_l2q, is_l2s, is_want, is_rd, is_casq, is_cas, is_merged, is_hold, is_done,
  input wire [N-1:0] alloc_i, alloc_d, admit, start, wish, offer, arrive, doomed, named, ends_done,
  input wire [N-1:0] denied, shared, is_share, is_line, waiting, again_q,
  input wire [N-1:0] answer_i, answer_d,
  input wire [N*N-1:0] older_q,
  input wire [N*3-1:0] source_q,
  input wire held_q, taken, offer_cas, to_next, to_casq, to_hold, retry, alone, wake_cause, wake_judge,
  input wire imiss_i, dmiss_i, fence_i, by_va_i, cmp_hit,
  input wire [55:0] mem_req_addr_o,
  input wire [63:0] rsp_pte,
  input wire [6:0] ev_walkers_o
);
  // ---- Who stands behind whom
  logic [N-1:0] answered, outranked, free_way;
  always_comb begin
    answered = answer_i | answer_d;
    for (int i = 0; i < N; i++) begin
      outranked[i] = (older_q[i*N +: N] & answered & (DATA[i] ? DATA : ~DATA)) != '0;
      free_way[i] = !held_q && (older_q[i*N +: N] & wish & ~(N'(1) << i)) == '0;
    end
  end

  // ---- Answers [5]: the oldest done; a slot is done in the cycle after its walk, its leader's
  // walk or its L2 hit ended
  logic [N-1:0] queue, ended_q, admitted_q, update_q, named_q;
  `PW_ASSERT(OldestFirst_A, (is_done & ~waiting & ~answered & ~outranked) == '0)
  `PW_ASSERT(WalkAnswer_A, (ended_q & ~AHEAD & ~waiting & ~answered & ~outranked) == '0)

  assign queue = is_l2q & ~waiting;

  // ---- L2 port [3]: VA fence, oldest waiting slot, new data miss, new fetch miss; compared one
  // cycle later
  `PW_ASSERT(L2PortFence_A, !(fence_i && by_va_i) || admit == '0)
  `PW_ASSERT(L2PortWaiting_A, (fence_i && by_va_i) || queue == '0
      || ($onehot(admit) && (admit & ~queue) == '0))
  `PW_ASSERT(L2PortData_A, (fence_i && by_va_i) || queue != '0 || !dmiss_i || L2_CYCLES != 0 || admit == alloc_d)
  `PW_ASSERT(L2PortFetch_A, (fence_i && by_va_i) || queue != '0 || dmiss_i || !imiss_i || L2_CYCLES != 0
      || admit == alloc_i)
  `PW_ASSERT(CompareNext_A, (admitted_q & ~is_l2s) == '0)

  // ---- Memory port [4]: first read with the start, next read with the PTE, update one cycle after
  // the PTE
  `PW_ASSERT(WalkStartNow_A, start != '0
      || (is_want & AHEAD) == '0 && (is_want == '0 || ev_walkers_o >= 7'(WALKERS)))
  `PW_ASSERT(WalkFirstRead_A, WALK_CYCLES != 0 || (start & free_way) == '0 || offer == start || denied == start
      || shared == start)
  `PW_ASSERT(WalkNextRead_A, WALK_CYCLES != 0 || !to_next || (arrive & free_way) == '0 || denied == arrive
      || shared == arrive
      || (offer == arrive && !offer_cas && mem_req_addr_o[55:12] == rsp_pte[53:10]))
  `PW_ASSERT(RetryReads_A, WALK_CYCLES != 0 || !(retry || alone) || (arrive & free_way) == '0 || denied == arrive
      || shared == arrive
      || (offer == arrive && !offer_cas))
  `PW_ASSERT(UpdateOffered_A, (update_q & free_way) == '0 || denied == update_q || (offer == update_q && offer_cas))
  `PW_ASSERT(OfferOldest_A, held_q || wish == '0 || ((offer | denied | shared) & wish & free_way) != '0)
  `PW_ASSERT(HoldEnds_A, (named_q & ~is_want) == '0)
  `PW_ASSERT(WaitingAlone_A, (waiting & (offer | answered | (admit & is_l2q))) == '0)

  // ---- Accept to answer: 2 for an L2 hit, n L + 3 for a walk of n reads, L + 1 more for an A/D
  // update; L2_CYCLES more for both, for a walk WALK_REFILL, and WALK_CYCLES a read
  logic [N-1:0] clear_q;
  logic [6:0] own_q [0:N-1];
  logic [2:0] reads_q [0:N-1];
  logic hits_on_time, lines_on_time, walks_on_time;
  always_comb begin
    hits_on_time = 1'b1;
    lines_on_time = 1'b1;
    walks_on_time = 1'b1;
    for (int i = 0; i < N; i++) begin
      if (answered[i] && clear_q[i]) begin
        if (source_q[i*3 +: 3] == mmu_pkg::SOURCE_L2 && own_q[i] != 7'(2 + L2_CYCLES)) hits_on_time = 1'b0;
        if (source_q[i*3 +: 3] == mmu_pkg::SOURCE_LINE && own_q[i] != 7'(2 + L2_CYCLES)) lines_on_time = 1'b0;
        if (source_q[i*3 +: 3] == mmu_pkg::SOURCE_WALK && reads_q[i] != '1
            && own_q[i] != 7'(3 + L2_CYCLES + WALK_REFILL) + 7'(WALK_CYCLES) * 7'(reads_q[i])) walks_on_time = 1'b0;
      end
    end
  end
  `PW_ASSERT(L2HitLatency_A, hits_on_time)
  `PW_ASSERT(LineHitLatency_A, lines_on_time)
  `PW_ASSERT(WalkLatency_A, walks_on_time)

  always_ff @(posedge clk_i) begin
    ended_q <= rst_i ? '0
        : (ends_done | (arrive & {N{wake_cause || wake_judge}} & ~{N{to_hold}}) | (is_l2s & {N{cmp_hit}})) & ~doomed;
    admitted_q <= rst_i ? '0 : admit & ~doomed;
    update_q <= rst_i ? '0 : arrive & {N{to_casq}} & ~doomed;
    named_q <= rst_i ? '0 : is_hold & named & ~doomed;
    clear_q <= ((alloc_i | alloc_d) & (admit | {N{L2_CYCLES != 0}}))
        | (clear_q & ~(alloc_i | alloc_d) & ~(queue & ~admit) & ~is_hold & ~is_merged & ~is_share & ~is_line & ~again_q
           & ~(is_want & ~start)
           & ~(is_done & ~waiting & ~answered) & ~(wish & ~(offer & {N{taken}})));
    for (int i = 0; i < N; i++) begin
      if (alloc_i[i] || alloc_d[i]) own_q[i] <= 7'd1;
      else if (!(is_rd[i] || is_cas[i] || is_casq[i]) && own_q[i] != '1) own_q[i] <= own_q[i] + 7'd1;
      if (alloc_i[i] || alloc_d[i]) reads_q[i] <= '0;
      else if (offer[i] && taken && !offer_cas && reads_q[i] != '1) reads_q[i] <= reads_q[i] + 3'd1;
    end
  end
endmodule

bind mmu_ptw mmu_ptw_time_sva #(.N(N), .WALKERS(WALKERS),
  .L2_CYCLES(L2_CYCLES), .WALK_CYCLES(WALK_CYCLES), .WALK_REFILL(WALK_REFILL), .AHEAD(AHEAD),
  .DATA({{SLOTS_DATA{1'b1}}, {SLOTS_FETCH{1'b0}}})) u_time_sva (
  .is_l2q(u_slot.is_l2q), .is_l2s(l2s), .is_want(want), .is_rd(rd), .is_casq(casq), .is_cas(cas),
  .is_merged(merged), .is_share(sharing), .is_line(lining), .again_q(again), .is_hold(u_slot.is_hold),
  .is_done(u_slot.is_done), .doomed(u_slot.doomed),
  .alloc_i(u_slot.alloc_i), .alloc_d(u_slot.alloc_d), .answer_i(u_slot.answer_i),
  .answer_d(u_slot.answer_d), .older_q(older), .held_q(u_offer.held_q),
  .ends_done(ends & ~arrive), .admit(u_slot.admit), .source_q(u_slot.source_q), .*);

`default_nettype wire
