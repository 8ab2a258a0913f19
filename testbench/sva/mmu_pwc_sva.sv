// SPDX-License-Identifier: Apache-2.0
//
// A walk cache: at most one way hits, only a hit is touched, a flash empties it. Absent (WAYS = 0)
// it says nothing.
`default_nettype none

module mmu_pwc_sva #(
  parameter int unsigned WAYS = 1
) (
  input wire clk_i,
  input wire rst_i,
  input wire hit_o, touch_i, fill_i, fill_o, flash_i, fence_i,
  input wire [7:0] fill_way_o
);
  generate
    if (WAYS == 0) begin : g_absent
      `PW_ASSERT(Absent_A, !hit_o && !fill_o && fill_way_o == '0)
    end else begin : g_present
      `PW_ASSERT(OneHit_A, $onehot0(g_pwc.hit))
      `PW_ASSERT(OneSame_A, $onehot0(g_pwc.same))
      `PW_ASSERT(FillWay_A, fill_i == fill_o && fill_way_o < 8'(WAYS))
    end
  endgenerate

  logic empty_q;
  always_ff @(posedge clk_i) empty_q <= rst_i || flash_i || (empty_q && !fill_i);
  `PW_ASSERT(TouchHit_A, !touch_i || hit_o)
  `PW_ASSERT(FlashEmpties_A, !empty_q || !hit_o)

  `PW_COVER(FillBesideTouch_C, fill_i && touch_i)
  `PW_COVER(FillBesideFence_C, fill_i && fence_i)
  `PW_COVER(TouchBesideFence_C, touch_i && fence_i)
endmodule

bind mmu_pwc mmu_pwc_sva #(.WAYS(WAYS)) u_sva (.*);

`default_nettype wire
