// SPDX-License-Identifier: Apache-2.0
//
// The L2 TLB of two sides: a fetch is answered by its own side and its walk fills that alone.
`default_nettype none

module mmu_l2s_sva #(
  parameter logic SPLIT = 1'b0
) (
  input wire clk_i,
  input wire rst_i,
  input wire compare_i, fetch_i, fill_i, fill_fetch_i, d_hit, i_hit, d_fill, i_fill, hit_o, fill_o, clearing_o
);
  `PW_ASSERT(HitOwnSide_A, !(d_hit && i_hit) && (!i_hit || (SPLIT && fetch_i)) && (!d_hit || !(SPLIT && fetch_i)))
  `PW_ASSERT(FillOwnSide_A, !(d_fill && i_fill) && (!i_fill || (SPLIT && fill_fetch_i))
      && (!d_fill || !(SPLIT && fill_fetch_i)))
  generate
    if (SPLIT) begin : g_split
      `PW_COVER(FetchHitsOwn_C, i_hit)
      `PW_COVER(FetchFillsBesideClear_C, i_fill && clearing_o)
      `PW_COVER(FetchFillsBesideDataHit_C, i_fill && d_hit)
    end
  endgenerate
endmodule

bind mmu_l2s mmu_l2s_sva #(.SPLIT(SPLIT)) u_sva (.*);

`default_nettype wire
