// SPDX-License-Identifier: Apache-2.0
//
// Coincidences inside the walkers that random traffic must meet, or an order rule of
// docs/microarchitecture.md is untested: fill, hit, fence, merge, kill, wrap and answer in one
// cycle. Costs nothing unless Verilated with coverage.
`default_nettype none

module mmu_ptw_cover_sva #(
  parameter int unsigned N = 2
) (
  input wire clk_i,
  input wire rst_i,
  input wire [N-1:0] is_l2q, is_rdq, is_casq, is_merged, is_hold, is_done, is_drain, is_want, is_rd, is_cas,
  input wire [N-1:0] stale_q, covered, doomed, drop_hold, named, follow, requeue, killed_q,
  input wire [N-1:0] answer_i, answer_d, start, wish, offer, arrive, lead, ends_done,
  input wire [N-1:0] shared, sharing, descend, giveup, shared_killed,
  input wire [N-1:0] lining, line, line_woken, line_orphans, share_lead,
  input wire ev_line_hit_o, cmp_fill, join_line, line_fill_o, line_drop_o, arrive_line, alone,
  input wire held_q, held1, to_next, to_hold, retry, found, wake_cause, wake_judge, join_walk, offer_cas,
  input wire satp_write_i, fence_i, by_va_i, imiss_i, dmiss_i, imiss_valid_o, dmiss_valid_o,
  input wire l2_hit_i, l2_fill_o, l2_compare_o,
  input wire [3:0] pwc_fill_o, pwc_touch_o
);
  logic ends, late;
  logic [N-1:0] in_flight;
  assign ends = wake_cause || wake_judge;
  assign late = (arrive & stale_q) != '0;
  assign in_flight = is_rd | is_cas;

  // ---- Merging [1, 10]
  `PW_COVER(JoinAsWalkEnds_C, join_walk && ends && (arrive & lead) != '0)
  `PW_COVER(JoinAsLeaderStarts_C, join_walk && (start & lead) != '0)
  `PW_COVER(JoinAsLeaderDies_C, join_walk && (doomed & lead) != '0)
  `PW_COVER(JoinAsFenceMarks_C, join_walk && fence_i && (covered & lead) != '0)
  `PW_COVER(FollowersWake_C, (ends_done & (ends_done - 1'b1)) != '0)
  `PW_COVER(FollowerLooksAgain_C, ends && (requeue & follow) != '0)
  `PW_COVER(FollowerOfHold_C, to_hold && follow != '0)
  `PW_COVER(LeaderKilled_C, (requeue & is_merged) != '0 && arrive == '0)
  `PW_COVER(FollowerKilled_C, (doomed & is_merged) != '0)

  // ---- Shared reads
  `PW_COVER(ShareRead_C, shared != '0)
  `PW_COVER(SharersDescend_C, (descend & (descend - 1'b1)) != '0)
  `PW_COVER(SharerGivesUp_C, giveup != '0)
  `PW_COVER(SharedReadKilled_C, shared_killed != '0)
  `PW_COVER(SharerKilled_C, (doomed & sharing) != '0)
  `PW_COVER(ShareBesideFence_C, shared != '0 && fence_i)
  `PW_COVER(SharerMarked_C, fence_i && (sharing & covered) != '0)

  // ---- Lines [18, 19]: who waits for one, and what wakes it
  `PW_COVER(LineAnswers_C, ev_line_hit_o)
  `PW_COVER(LineFillsL2_C, cmp_fill && l2_fill_o && !found)
  `PW_COVER(LineYieldsL2_C, cmp_fill && found)
  `PW_COVER(LineFillStopped_C, cmp_fill && !l2_fill_o)
  `PW_COVER(LineWait_C, join_line)
  `PW_COVER(LineWaitAsItComes_C, join_line && (arrive & lead) != '0 && line_fill_o)
  `PW_COVER(LineWaitAsLeaderDies_C, join_line && (doomed & lead) != '0)
  `PW_COVER(LineWaitAsFenceMarks_C, join_line && fence_i && (covered & lead) != '0)
  `PW_COVER(LineWaitersWake_C, (line_woken & (line_woken - 1'b1)) != '0 && line_fill_o)
  `PW_COVER(LineWaiterKilled_C, (doomed & lining) != '0)
  `PW_COVER(LineWaiterMarked_C, fence_i && (lining & covered) != '0)
  `PW_COVER(LineLeaderKilled_C, line_orphans != '0)
  `PW_COVER(LineOfSuperpage_C, line_woken != '0 && arrive != '0 && !line_fill_o && !alone)
  `PW_COVER(LineShared_C, shared != '0 && (share_lead & line) != '0)
  `PW_COVER(LineRefused_C, alone)
  `PW_COVER(LineKeptAsFaultComes_C, line_fill_o && wake_cause)
  `PW_COVER(LineStoppedByFence_C, arrive_line && fence_i && !line_fill_o && !late)
  `PW_COVER(LineStoppedStale_C, arrive_line && late)
  `PW_COVER(LineBesideFence_C, line_fill_o && fence_i)
  `PW_COVER(LineBesideHit_C, line_fill_o && ev_line_hit_o)
  `PW_COVER(LineHitBesideFence_C, ev_line_hit_o && fence_i)
  `PW_COVER(LineDropBesideHit_C, line_drop_o && ev_line_hit_o)

  // ---- Fills under fences [2, 8, 9]
  `PW_COVER(FillBesideHitL2_C, l2_fill_o && l2_hit_i)
  `PW_COVER(FillBesideFence_C, l2_fill_o && fence_i)
  `PW_COVER(FillStoppedByFence_C, found && fence_i && !l2_fill_o && !late)
  `PW_COVER(FillStoppedBySatp_C, found && satp_write_i && !late)
  `PW_COVER(FillStoppedStale_C, found && late)
  `PW_COVER(PointerBesideFence_C, pwc_fill_o != '0 && fence_i)
  `PW_COVER(PointerStoppedByFence_C, to_next && fence_i && pwc_fill_o == '0 && !late)
  `PW_COVER(PointerBesideUse_C, pwc_fill_o != '0 && pwc_touch_o != '0)
  `PW_COVER(FenceTakesL2Port_C, fence_i && by_va_i && (is_l2q != '0 || imiss_i || dmiss_i))
  `PW_COVER(FenceBesideStart_C, fence_i && (start & covered) != '0)
  `PW_COVER(FenceBesideCompare_C, fence_i && l2_compare_o)
  `PW_COVER(FenceOverHold_C, fence_i && (is_hold & covered) != '0)
  `PW_COVER(StaleStarts_C, (start & stale_q) != '0)

  // ---- Ports and ages [3, 4, 5]
  `PW_COVER(BothPortsMiss_C, imiss_i && dmiss_i)
  `PW_COVER(BothPortsAnswer_C, imiss_valid_o && dmiss_valid_o)
  `PW_COVER(AnswerWaits_C, (is_done & ~answer_i & ~answer_d) != '0)
  `PW_COVER(PointerWhileHeld_C, to_next && held_q)
  `PW_COVER(PointerBehindOlder_C, to_next && (wish & ~arrive) != '0 && (offer & arrive) == '0 && !held_q)
  `PW_COVER(StartBesideArrival_C, start != '0 && to_next)
  `PW_COVER(WalkerShort_C, is_want != '0 && start == '0)
  `PW_COVER(EndBesideWaiting_C, ends && is_want != '0 && start == '0)

  // ---- A/D updates [12]
  `PW_COVER(UpdateFails_C, retry)
  `PW_COVER(UpdateWaits_C, held1 && offer_cas)
  `PW_COVER(HoldNamed_C, (is_hold & named) != '0)
  `PW_COVER(HoldNamedAtOnce_C, (is_hold & named) != '0 && (answer_i != '0 || answer_d != '0))

  // ---- Kill [13]
  `PW_COVER(KillInFlight_C, (doomed & in_flight & ~arrive) != '0)
  `PW_COVER(KillAsAnswerArrives_C, (doomed & arrive) != '0 && ends)
  `PW_COVER(KillAsPointerArrives_C, (doomed & arrive) != '0 && to_next)
  `PW_COVER(KillOffered_C, held1 && (doomed & offer & ~is_casq) != '0)
  `PW_COVER(KillUpdate_C, (drop_hold & is_casq) != '0)
  `PW_COVER(KillUpdateTaken_C, (doomed & is_casq & offer) != '0 && !held1)
  `PW_COVER(KillHold_C, (doomed & is_hold) != '0)
  `PW_COVER(KillNamed_C, (doomed & is_hold & named) != '0)
  `PW_COVER(KilledOfferTaken_C, (offer & killed_q & is_rdq) != '0 && !held1)
  `PW_COVER(DrainEnds_C, (arrive & is_drain) != '0)
  `PW_COVER(KillBesideFence_C, doomed != '0 && fence_i)
endmodule

bind mmu_ptw mmu_ptw_cover_sva #(.N(N)) u_cover_sva (
  .is_l2q(u_slot.is_l2q), .is_want(want), .is_rdq(rdq), .is_rd(rd), .is_casq(casq), .is_cas(cas),
  .is_merged(merged), .is_hold(u_slot.is_hold), .is_done(u_slot.is_done),
  .is_drain(u_slot.is_drain), .stale_q(stale), .killed_q(killed), .doomed(u_slot.doomed),
  .requeue(u_slot.again), .answer_i(u_slot.answer_i), .answer_d(u_slot.answer_d),
  .held_q(u_offer.held_q), .held1(waits), .ends_done(ends & ~arrive),
  .drop_hold(u_slot.withdraw), .shared_killed(sharing & {N{(u_slot.doomed & rd) != '0}}),
  .line_woken(u_waiters.line_ends), .line_orphans(u_slot.again & lining & ~u_waiters.line_ends), .*);

`default_nettype wire
