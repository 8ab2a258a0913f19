// SPDX-License-Identifier: Apache-2.0
//
// PMP and PMA: their registers, and a check for each address that leaves the MMU, the four answer
// channels and the page-table access about to be offered.
// Mirror: model/slot.c (allowed, slot_allowed), model/offer.c (table_allowed)     Latency: 0
`default_nettype none

module mmu_protect #(
  parameter int unsigned PMP_ENTRIES = 16,  // 0: everything is allowed
  parameter int unsigned PMA_ENTRIES = 4,   // 0: everything is main memory
  parameter int unsigned XLEN = 64,
  parameter int unsigned PTE_LINES = 0      // 0: nobody asks for a line
) (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire        csr_i,         // a CSR is written
  input  wire [11:0] csr_addr_i,
  input  wire [63:0] csr_data_i,
  // fetch answered at once
  input  wire [55:0] ihit_pa_i,
  input  wire [11:0] ihit_last_i,
  input  wire [1:0]  ihit_priv_i,
  output logic       ihit_ok_o,
  // fetch answered from a slot
  input  wire [55:0] imiss_pa_i,
  input  wire [11:0] imiss_last_i,
  input  wire [1:0]  imiss_priv_i,
  output logic       imiss_ok_o,
  // data access answered at once
  input  wire [55:0] dhit_pa_i,
  input  wire [11:0] dhit_last_i,
  input  wire [2:0]  dhit_access_i,
  input  wire [1:0]  dhit_priv_i,
  output logic       dhit_ok_o,
  // data access answered from a slot
  input  wire [55:0] dmiss_pa_i,
  input  wire [11:0] dmiss_last_i,
  input  wire [2:0]  dmiss_access_i,
  input  wire [1:0]  dmiss_priv_i,
  output logic       dmiss_ok_o,
  // page-table access about to be offered
  input  wire [55:0] pte_pa_i,
  input  wire        pte_write_i,
  output logic       pte_ok_o,
  output logic       line_ok_o      // the whole line around it may be read
);
  localparam int unsigned N = 6;    // what is checked in a cycle, in the order of the ports
  localparam int unsigned CHECKS = PTE_LINES == 0 ? N - 1 : N;
  localparam int unsigned PTE = 4;
  // [PMP-19]
  localparam logic [11:0] PTE_LAST = XLEN == 32 ? 12'd3 : 12'd7;
  logic [N*56-1:0] pa;
  logic [N*12-1:0] last;
  logic [N*3-1:0] access;
  logic [N*2-1:0] priv;
  logic [N-1:0] pmp_ok, pma_ok;
  logic [2:0] pte_access;

  // [PMP-15, PMP-16]
  assign pte_access = pte_write_i ? mmu_pkg::ACCESS_STORE : mmu_pkg::ACCESS_LOAD;
  assign pa = {pte_pa_i[55:6], 6'b0, pte_pa_i, dmiss_pa_i, dhit_pa_i, imiss_pa_i, ihit_pa_i};
  assign last = {12'd63, PTE_LAST, dmiss_last_i, dhit_last_i, imiss_last_i, ihit_last_i};
  assign access = {mmu_pkg::ACCESS_LOAD, pte_access, dmiss_access_i, dhit_access_i, {2{mmu_pkg::ACCESS_FETCH}}};
  assign priv = {{2{mmu_pkg::PRIV_S}}, dmiss_priv_i, dhit_priv_i, imiss_priv_i, ihit_priv_i};
  assign {line_ok_o, pte_ok_o, dmiss_ok_o, dhit_ok_o, imiss_ok_o, ihit_ok_o} = pmp_ok & pma_ok;

  generate
    if (PMP_ENTRIES == 0) begin : g_no_pmp
      assign pmp_ok = '1;
    end else begin : g_pmp
      logic [PMP_ENTRIES*54-1:0] base, mask;
      logic [PMP_ENTRIES*8-1:0] cfg;
      logic [PMP_ENTRIES-1:0] ordered;
      logic any;

      mmu_pmp #(.ENTRIES(PMP_ENTRIES), .XLEN(XLEN), .ATTRIBUTES(0), .CFG0(32'h3a0),
                .ADDR0(32'h3b0)) u_table (
        .clk_i(clk_i), .rst_i(rst_i), .write_i(csr_i), .csr_i(csr_addr_i), .data_i(csr_data_i),
        .base_o(base), .mask_o(mask), .ordered_o(ordered), .cfg_o(cfg), .any_o(any));
      for (genvar n = 0; n < CHECKS; n++) begin : g_check
        mmu_pmp_check #(.ENTRIES(PMP_ENTRIES), .ATTRIBUTES(0)) u_check (
          .base_i(base), .mask_i(mask), .ordered_i(ordered), .cfg_i(cfg), .any_i(any),
          .pa_i(pa[n*56 +: 56]), .last_i(last[n*12 +: 12]), .access_i(access[n*3 +: 3]),
          .priv_i(priv[n*2 +: 2]), .table_i(n >= PTE), .ok_o(pmp_ok[n]));
      end
      if (CHECKS < N) begin : g_no_line
        assign pmp_ok[N-1] = 1'b0;
      end
    end
  endgenerate

  generate
    if (PMA_ENTRIES == 0) begin : g_no_pma
      assign pma_ok = '1;
    end else begin : g_pma
      logic [PMA_ENTRIES*54-1:0] base, mask;
      logic [PMA_ENTRIES*8-1:0] cfg;
      logic [PMA_ENTRIES-1:0] ordered;
      logic any;

      mmu_pmp #(.ENTRIES(PMA_ENTRIES), .XLEN(XLEN), .ATTRIBUTES(1), .CFG0(32'h7c0),
                .ADDR0(32'h7d0)) u_table (
        .clk_i(clk_i), .rst_i(rst_i), .write_i(csr_i), .csr_i(csr_addr_i), .data_i(csr_data_i),
        .base_o(base), .mask_o(mask), .ordered_o(ordered), .cfg_o(cfg), .any_o(any));
      for (genvar n = 0; n < CHECKS; n++) begin : g_check
        mmu_pmp_check #(.ENTRIES(PMA_ENTRIES), .ATTRIBUTES(1)) u_check (
          .base_i(base), .mask_i(mask), .ordered_i(ordered), .cfg_i(cfg), .any_i(any),
          .pa_i(pa[n*56 +: 56]), .last_i(last[n*12 +: 12]), .access_i(access[n*3 +: 3]),
          .priv_i(priv[n*2 +: 2]), .table_i(n >= PTE), .ok_o(pma_ok[n]));
      end
      if (CHECKS < N) begin : g_no_line
        assign pma_ok[N-1] = 1'b0;
      end
    end
  endgenerate
endmodule

`default_nettype wire
