// SPDX-License-Identifier: Apache-2.0
//
// The L2 TLB: answers only the slot that is compared, fills one of its arrays, gives back what a
// walk put there, and a VA fence clears for exactly one cycle after its read [3, 8, 14].
`default_nettype none

module mmu_l2_sva (
  input wire clk_i,
  input wire rst_i,
  input wire compare_i, hit_o, need_d_i, small_hit, large_hit, read_i,
  input wire fill_i, fill_o, fill_small, fill_large, fill_large_o, flash_i, fence_i, by_va_i, by_ctx_i, clearing_o,
  input wire [56:0] pte_o, fill_pte_i,
  input wire [2:0] level_o, fill_level_i,
  input wire [44:0] vpn_i, fence_vpn_i, fill_vpn_i
);
  `PW_ASSERT(HitCompared_A, !hit_o || compare_i)
  `PW_ASSERT(HitValid_A, !hit_o || (pte_o[0] && pte_o[6] && (pte_o[1] || pte_o[3])))
  `PW_ASSERT(HitDirty_A, !hit_o || !need_d_i || pte_o[7])
  `PW_ASSERT(HitLevel_A, !hit_o || (small_hit ? level_o == 3'd0 : level_o != 3'd0 || pte_o[56]))
  `PW_ASSERT(FillOneArray_A, !(fill_small && fill_large) && fill_o == (fill_small || fill_large) && (!fill_o || fill_i))
  `PW_ASSERT(FillBySize_A, !fill_o || fill_large_o == (fill_level_i != 3'd0 || fill_pte_i[56]))

  // after a fence of a page, or of everything, nothing of it answers until something is filled
  logic fence_va_q, fenced_q, gone_q, empty_q;
  logic [44:0] fenced_vpn_q;
  always_ff @(posedge clk_i) begin
    fence_va_q <= !rst_i && fence_i && by_va_i;
    fenced_q <= !rst_i && fence_i && by_va_i && !by_ctx_i;
    gone_q <= !rst_i && !fence_i && (fenced_q || gone_q) && !fill_i;
    empty_q <= rst_i || flash_i || (empty_q && !fill_i);
    if (fence_i) fenced_vpn_q <= fence_vpn_i;
  end
  `PW_ASSERT(ClearNext_A, clearing_o == fence_va_q)
  `PW_ASSERT(ClearAlone_A, !clearing_o || !compare_i)  // the fence had the read port [3]
  `PW_ASSERT(FenceReads_A, !(fence_i && by_va_i) || read_i)
  `PW_ASSERT(FlashEmpties_A, !empty_q || !hit_o)
  `PW_ASSERT(FencedGone_A, !gone_q || !hit_o || vpn_i != fenced_vpn_q)

  `PW_COVER(BothArraysHit_C, compare_i && small_hit && large_hit)
  `PW_COVER(FillBesideHit_C, fill_i && hit_o)
  `PW_COVER(FillSamePageAsHit_C, fill_small && small_hit && vpn_i == fill_vpn_i)
  `PW_COVER(FillBesideClear_C, fill_small && clearing_o)
  `PW_COVER(FillFencedPage_C, fill_small && clearing_o && fill_vpn_i == fenced_vpn_q)
  `PW_COVER(FillBesideRead_C, fill_small && read_i)
  `PW_COVER(FlashBesideCompare_C, flash_i && compare_i)
endmodule

bind mmu_l2 mmu_l2_sva u_sva (.*);

`default_nettype wire
