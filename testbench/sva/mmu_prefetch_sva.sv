// SPDX-License-Identifier: Apache-2.0
//
// Prefetch [20]: a page is asked for only behind one that its stream expected, while the score is
// high enough, not in the cycle of a fence or satp write, and of streams that expect one page the
// lowest goes on.
`default_nettype none

module mmu_prefetch_sva #(
  parameter int unsigned STREAMS = 1
) (
  input wire clk_i,
  input wire rst_i,
  input wire start_o, free_i, fence_i, forget_i, busy_o, ev_used_o, ifill_i, dfill_i,
  input wire [44:0] vpn_o
);
  generate
    if (STREAMS == 0) begin : g_absent
      `PW_ASSERT(Absent_A, !start_o && !busy_o && !ev_used_o)
    end else begin : g_present
      logic came_q, forgot_q;
      always_ff @(posedge clk_i) begin
        came_q <= !rst_i && (ifill_i || dfill_i);
        forgot_q <= !rst_i && (forget_i || (forgot_q && !busy_o));
      end
      `PW_ASSERT(StartAllowed_A, !start_o || (busy_o && free_i && !fence_i && !forget_i))
      `PW_ASSERT(LookNext_A, busy_o == came_q)
      `PW_ASSERT(StartScore_A, !start_o || g_streams.score >= g_streams.ENOUGH)
      `PW_ASSERT(Forgotten_A, !forgot_q || !(start_o || ev_used_o))
      `PW_COVER(Start_C, start_o)
      `PW_COVER(CameTrue_C, ev_used_o)
      `PW_COVER(ScoreLow_C, busy_o && g_streams.found && g_streams.score < g_streams.ENOUGH)
      `PW_COVER(NoSlot_C, busy_o && g_streams.found && !free_i)
      `PW_COVER(LookWithFence_C, busy_o && g_streams.found && fence_i)
      `PW_COVER(LookWithSatp_C, busy_o && g_streams.found && forget_i)
      `PW_COVER(BothSidesFill_C, ifill_i && dfill_i)
      `PW_COVER(EndOfHalf_C, busy_o && g_streams.found && !g_streams.same_half)
    end
  endgenerate
endmodule

bind mmu_prefetch mmu_prefetch_sva #(.STREAMS(STREAMS)) u_sva (.*);

`default_nettype wire
