// SPDX-License-Identifier: Apache-2.0
//
// Which neighbours of a PTE line translate alike, so that one L1 entry may serve them all: aligned
// blocks of 2, 4 or 8 pages whose PTEs may answer, differ in nothing but the page number, and lie
// one after another from a page number that is aligned as the block is.
// Mirror: model/lines.c (block_of)     Latency: 0
//
// RSW is software's and not compared. A NAPOT range is never part of a block: its PTEs have all the
// same page number.
`default_nettype none

module mmu_blocks #(
  parameter int unsigned PTES = 8,      // of the line: 8, or 16
  parameter int unsigned PTE_W = 57,    // with N and PBMT above the PPN, or without
  parameter int unsigned COALESCE = 3   // log2 of the largest block
) (
  input  wire [PTES*PTE_W-1:0] pte_i,
  input  wire [PTES-1:0]       usable_i,
  output logic [PTES*3-1:0]    span_o   // of each page: low VPN bits that its block does not compare
);
  localparam logic [2:0] LARGEST = 3'((1 << COALESCE) - 1);

  // ---- Each PTE and the one before it: the same but for the low three bits of the page number
  logic [PTES-1:0] alike;
  logic [PTES*3-1:0] low;

  generate
    for (genvar k = 0; k < PTES; k++) begin : g_pte
      logic [PTE_W-1:0] apart;
      assign low[k*3 +: 3] = pte_i[k*PTE_W+10 +: 3];
      if (k == 0) begin : g_first
        assign apart = '0;
      end else begin : g_next
        assign apart = pte_i[k*PTE_W +: PTE_W] ^ pte_i[(k-1)*PTE_W +: PTE_W];
      end
      assign alike[k] = apart[7:0] == '0 && apart[PTE_W-1:13] == '0;
    end
  endgenerate

  // ---- Blocks, the larger before the smaller
  logic [PTES-1:0] two, four, eight;  // is page k in a block of so many?

  always_comb begin
    for (int k = 0; k < PTES; k++) begin
      two[k] = 1'b1;
      four[k] = 1'b1;
      eight[k] = 1'b1;
      for (int j = 0; j < PTES; j++) begin
        if (j / 2 == k / 2) begin
          two[k] = two[k] && usable_i[j] && (j % 2 == 0 || alike[j]) && low[j*3] == 1'(j)
                && low[j*3+1 +: 2] == low[k*3+1 +: 2];
        end
        if (j / 4 == k / 4) begin
          four[k] = four[k] && usable_i[j] && (j % 4 == 0 || alike[j]) && low[j*3 +: 2] == 2'(j)
                 && low[j*3+2] == low[k*3+2];
        end
        if (j / 8 == k / 8) begin
          eight[k] = eight[k] && usable_i[j] && (j % 8 == 0 || alike[j]) && low[j*3 +: 3] == 3'(j);
        end
      end
      span_o[k*3 +: 3] = LARGEST[2] && eight[k] ? 3'd7 : LARGEST[1] && four[k] ? 3'd3
                       : LARGEST[0] && two[k] ? 3'd1 : 3'd0;
    end
  end
endmodule

`default_nettype wire
