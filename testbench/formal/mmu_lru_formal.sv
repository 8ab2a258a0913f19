// SPDX-License-Identifier: Apache-2.0
//
// Exact LRU of three ways: the ranks are 0, 1 and 2, one each, so that one way is the victim.
// (An `else if` of a generate makes a genblk1 in Yosys.)
`default_nettype none

module mmu_lru_formal (
  input wire clk_i, rst_i, evict_i, fill_i, hit_i,
  input wire [0:0] fill_set_i, hit_set_i,
  input wire [2:0] fill_valid_i,
  input wire [1:0] fill_way_i, hit_way_i
);
  `PW_RESET
  wire [1:0] victim_o;
  wire [31:0] fold_o;
  mmu_repl #(.POLICY(32'(mmu_pkg::REPL_LRU)), .SETS(1), .WAYS(3)) u_unit (.*);

  (* hierconn *) wire [5:0] \u_unit.genblk1.genblk1.g_lru.rank_q[0] ;
  wire [5:0] rank;
  assign rank = \u_unit.genblk1.genblk1.g_lru.rank_q[0] ;

  `PW_ALWAYS(TouchExists_A, (!fill_i || fill_way_i != 2'd3) && (!hit_i || hit_way_i != 2'd3))
  `PW_ALWAYS(OneSet_S, fill_set_i == 1'b0 && hit_set_i == 1'b0)
  `PW_ASSERT(RanksApart_A, !started || (rank[1:0] != rank[3:2] && rank[1:0] != rank[5:4]
      && rank[3:2] != rank[5:4] && rank[1:0] != 2'd3 && rank[3:2] != 2'd3 && rank[5:4] != 2'd3))
  `PW_COVER(RanksApart_C, started && rank == 6'b000110)
endmodule

`default_nettype wire
