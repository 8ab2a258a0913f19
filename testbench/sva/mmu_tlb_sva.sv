// SPDX-License-Identifier: Apache-2.0
//
// A flip-flop TLB: at most one way hits [7], it holds valid and accessed leaves alone [14], a fill
// writes one way and a fence leaves nothing of what it covers [8].
`default_nettype none

module mmu_tlb_sva #(
  parameter int unsigned WAYS = 1,
  parameter int unsigned WAY_W = 1
) (
  input wire clk_i,
  input wire rst_i,
  input wire [WAYS-1:0] hit, write, overlap,
  input wire [WAY_W-1:0] fill_way,
  input wire hit_o, need_d_i, fill_i, touch_i, flash_i, fence_i, by_va_i, by_ctx_i,
  input wire [56:0] pte_o,
  input wire [44:0] vpn_i, fence_vpn_i
);
  `PW_ASSERT(OneHit_A, $onehot0(hit))
  `PW_ASSERT(HitValid_A, !hit_o || (pte_o[0] && pte_o[6] && (pte_o[1] || pte_o[3])))
  `PW_ASSERT(HitDirty_A, !hit_o || !need_d_i || pte_o[7])
  `PW_ASSERT(FillOneWay_A, fill_i ? $onehot(write) && write[fill_way] : write == '0)
  `PW_ASSERT(FillInPlace_A, !fill_i || overlap == '0 || (write & overlap) != '0)

  // after a fence of a page, or of everything, nothing of it answers until something is filled
  logic gone_q, empty_q;
  logic [44:0] fenced_vpn_q;
  always_ff @(posedge clk_i) begin
    gone_q <= !rst_i && !fill_i && (fence_i ? by_va_i && !by_ctx_i : gone_q);
    empty_q <= rst_i || flash_i || (empty_q && !fill_i);
    if (fence_i) fenced_vpn_q <= fence_vpn_i;
  end
  `PW_ASSERT(FlashEmpties_A, !empty_q || !hit_o)
  `PW_ASSERT(FencedGone_A, !gone_q || !hit_o || vpn_i != fenced_vpn_q)

  `PW_COVER(FillReplacesSame_C, fill_i && overlap != '0)
  `PW_COVER(FillDropsOthers_C, fill_i && (overlap & ~write) != '0)
  `PW_COVER(FillBesideTouch_C, fill_i && touch_i && hit_o)
  `PW_COVER(FillBesideFence_C, fill_i && fence_i)
  `PW_COVER(TouchBesideFence_C, touch_i && hit_o && fence_i && by_va_i && vpn_i == fence_vpn_i)
  `PW_COVER(DirtyMiss_C, touch_i && need_d_i && !hit_o)
endmodule

bind mmu_tlb mmu_tlb_sva #(.WAYS(WAYS), .WAY_W(WAY_W)) u_sva (.*);

`default_nettype wire
