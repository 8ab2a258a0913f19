// SPDX-License-Identifier: Apache-2.0
//
// Replacement of three ways, by each policy.
`default_nettype none

module mmu_repl_formal #(
  parameter int unsigned POLICY = 0
) (
  input wire clk_i, rst_i, evict_i, fill_i, hit_i,
  input wire [0:0] fill_set_i, hit_set_i,
  input wire [2:0] fill_valid_i,
  input wire [1:0] fill_way_i, hit_way_i
);
  `PW_RESET
  wire [1:0] victim_o;
  wire [31:0] fold_o;
  mmu_repl #(.POLICY(POLICY), .SETS(1), .WAYS(3)) u_unit (.*);
  `PW_ALWAYS(TouchExists_A, (!fill_i || fill_way_i != 2'd3) && (!hit_i || hit_way_i != 2'd3))
  `PW_ALWAYS(OneSet_S, fill_set_i == 1'b0 && hit_set_i == 1'b0)
  `PW_COVER(VictimExists_C, victim_o == 2'd2 && fill_valid_i == '1)
  `PW_COVER(InvalidFirst_C, victim_o == 2'd1 && fill_valid_i == 3'b101)
endmodule

`default_nettype wire
