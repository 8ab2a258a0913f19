// SPDX-License-Identifier: Apache-2.0
//
// First in, first out, of three ways: the way whose turn it is exists.
// (An `else if` of a generate makes a genblk1 in Yosys.)
`default_nettype none

module mmu_fifo_formal (
  input wire clk_i, rst_i, evict_i, fill_i, hit_i,
  input wire [0:0] fill_set_i, hit_set_i,
  input wire [2:0] fill_valid_i,
  input wire [1:0] fill_way_i, hit_way_i
);
  `PW_RESET
  wire [1:0] victim_o;
  wire [31:0] fold_o;
  mmu_repl #(.POLICY(32'(mmu_pkg::REPL_FIFO)), .SETS(1), .WAYS(3)) u_unit (.*);

  (* hierconn *) wire [1:0] \u_unit.genblk1.genblk1.genblk1.g_fifo.next_q[0] ;
  wire [1:0] next;
  assign next = \u_unit.genblk1.genblk1.genblk1.g_fifo.next_q[0] ;

  `PW_ALWAYS(TouchExists_A, (!fill_i || fill_way_i != 2'd3) && (!hit_i || hit_way_i != 2'd3))
  `PW_ALWAYS(OneSet_S, fill_set_i == 1'b0 && hit_set_i == 1'b0)
  `PW_ASSERT(TurnExists_A, !started || next != 2'd3)
  `PW_COVER(TurnExists_C, started && next == 2'd2 && evict_i && fill_valid_i == '1)
endmodule

`default_nettype wire
