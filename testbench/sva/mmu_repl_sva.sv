// SPDX-License-Identifier: Apache-2.0
//
// Replacement [7]: the victim is a way that exists, the first invalid one while there is one;
// random state moves only when a full set gives up its victim.
`default_nettype none

module mmu_repl_sva #(
  parameter int unsigned WAYS = 1,
  parameter int unsigned WAY_W = 1
) (
  input wire clk_i,
  input wire rst_i,
  input wire [WAYS-1:0] fill_valid_i,
  input wire [WAY_W-1:0] victim_o, fill_way_i, hit_way_i,
  input wire full, evict_i, fill_i, hit_i
);
  logic [WAYS-1:0] below;
  assign below = (WAYS'(1) << victim_o) - WAYS'(1);
  `PW_ASSERT(VictimExists_A, 32'(victim_o) < WAYS)
  `PW_ASSERT(InvalidFirst_A, full || (!fill_valid_i[victim_o] && (fill_valid_i & below) == below))
  `PW_ASSERT(TouchExists_A, (!fill_i || 32'(fill_way_i) < WAYS) && (!hit_i || 32'(hit_way_i) < WAYS))

  `PW_COVER(EvictFull_C, evict_i && full)
  `PW_COVER(FillBesideHit_C, fill_i && hit_i)
endmodule

bind mmu_repl mmu_repl_sva #(.WAYS(WAYS), .WAY_W(WAY_W)) u_sva (.*);

`default_nettype wire
