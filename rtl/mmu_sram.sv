// SPDX-License-Identifier: Apache-2.0
//
// One-read one-write memory with a registered read; a word read and written in one cycle reads new
// (order rule 2).
// Differs: word_q, bypass_q, bypassed_q: C reads its arrays when it compares and needs no bypass
// Mirror: model/l2.c, which reads its arrays in the compare cycle     Latency: 1
`default_nettype none

module mmu_sram #(
  parameter int unsigned WORDS = 64,
  parameter int unsigned WIDTH = 32,
  localparam int unsigned ADDR_W = WORDS > 1 ? $clog2(WORDS) : 1
) (
  input  wire              clk_i,
  input  wire              read_i,
  input  wire [ADDR_W-1:0] read_addr_i,
  output logic [WIDTH-1:0] data_o,      // of the address read last
  input  wire              write_i,
  input  wire [ADDR_W-1:0] write_addr_i,
  input  wire [WIDTH-1:0]  write_data_i
);
  logic [WIDTH-1:0] word_q [0:WORDS-1];
  logic [WIDTH-1:0] read_q, bypass_q;
  logic bypassed_q;

  always_ff @(posedge clk_i) begin
    if (write_i) word_q[write_addr_i] <= write_data_i;
    if (read_i) begin
      read_q <= word_q[read_addr_i];
      bypass_q <= write_data_i;
      bypassed_q <= write_i && write_addr_i == read_addr_i;
    end
  end

  assign data_o = bypassed_q ? bypass_q : read_q;
endmodule

`default_nettype wire
