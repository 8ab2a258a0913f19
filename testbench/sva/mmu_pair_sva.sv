// SPDX-License-Identifier: Apache-2.0
//
// Every pair of what may happen in one cycle of the whole MMU: a cover point each, to be met by the
// directed test testbench/test_coincidence.c [1 to 19]. A pair of like events (two kills) is a
// matter of one unit and stands in mmu_ptw_cover_sva.sv.
`default_nettype none

module mmu_pair_sva (
  input wire clk_i,
  input wire rst_i,
  input wire fill, hit, fence, merge, kill, answer, wrap, update, stopped
);
  `PW_COVER(FillHit_C, fill && hit)
  `PW_COVER(FillFence_C, fill && fence)
  `PW_COVER(FillMerge_C, fill && merge)
  `PW_COVER(FillKill_C, fill && kill)
  `PW_COVER(FillAnswer_C, fill && answer)
  `PW_COVER(FillUpdate_C, fill && update)
  `PW_COVER(HitFence_C, hit && fence)
  `PW_COVER(HitMerge_C, hit && merge)
  `PW_COVER(HitKill_C, hit && kill)
  `PW_COVER(HitAnswer_C, hit && answer)
  `PW_COVER(HitWrap_C, hit && wrap)
  `PW_COVER(HitUpdate_C, hit && update)
  `PW_COVER(FenceMerge_C, fence && merge)
  `PW_COVER(FenceKill_C, fence && kill)
  `PW_COVER(FenceAnswer_C, fence && answer)
  `PW_COVER(FenceWrap_C, fence && wrap)
  `PW_COVER(FenceUpdate_C, fence && update)
  `PW_COVER(MergeKill_C, merge && kill)
  `PW_COVER(MergeAnswer_C, merge && answer)
  `PW_COVER(MergeWrap_C, merge && wrap)
  `PW_COVER(MergeUpdate_C, merge && update)
  `PW_COVER(KillAnswer_C, kill && answer)
  `PW_COVER(KillWrap_C, kill && wrap)
  `PW_COVER(KillUpdate_C, kill && update)
  `PW_COVER(AnswerWrap_C, answer && wrap)
  `PW_COVER(AnswerUpdate_C, answer && update)
  `PW_COVER(WrapUpdate_C, wrap && update)

  // Fill and wrap: the fence or satp write that wraps covers every slot, so nothing fills [8, 9, 11].
  // What would have is the pair to be met.
  `PW_ASSERT(NoFillAsNumbersRunOut_A, !(fill && wrap))
  `PW_COVER(FillStoppedByWrap_C, stopped && wrap)
endmodule

bind mmu mmu_pair_sva u_pair_sva (
  .clk_i(clk_i), .rst_i(rst_i), .fence(fence), .wrap(wrap),
  .fill(ev_il1_fill_o || ev_dl1_fill_o || ev_l2_fill_o || ev_pwc_fill_o || ev_line_fill_o),
  .hit(ev_il1_hit_o || ev_dl1_hit_o || ev_l2_hit_o || ev_line_hit_o), .merge(ev_merge_o),
  .kill(u_ptw.u_slot.doomed != '0), .answer(imiss_valid_o || dmiss_valid_o),
  .update(mem_req_valid_o && mem_req_ready_i && mem_req_op_o == mmu_pkg::MEMOP_CAS),
  .stopped(u_ptw.found));

`default_nettype wire
