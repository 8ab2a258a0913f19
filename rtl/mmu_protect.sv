// SPDX-License-Identifier: Apache-2.0
//
// PMP and PMA: their registers, and a check for each address that leaves the MMU, the four answer
// channels and the page-table access about to be offered.
// Mirror: model/mmu.c, model/slot.c (slot_allowed), model/ptw.c (table_allowed)     Latency: 0
`default_nettype none

module mmu_protect #(
  parameter int unsigned PMP_ENTRIES = 16,  // 0: everything is allowed
  parameter int unsigned PMA_ENTRIES = 4,   // 0: everything is main memory
  parameter int unsigned XLEN = 64
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
  output logic       pte_ok_o
);
  // [PMP-19]
  localparam logic [11:0] PTE_LAST = XLEN == 32 ? 12'd3 : 12'd7;
  logic [9:0] ok;  // PMP in 4:0, PMA in 9:5
  logic [2:0] pte_access;

  // [PMP-15, PMP-16]
  assign pte_access = pte_write_i ? mmu_pkg::ACCESS_STORE : mmu_pkg::ACCESS_LOAD;

  generate
    if (PMP_ENTRIES == 0) begin : g_no_pmp
      assign ok[0 +: 5] = '1;
    end else begin : g_pmp
      logic [PMP_ENTRIES*54-1:0] lo, hi;
      logic [PMP_ENTRIES*8-1:0] cfg;
      logic [PMP_ENTRIES-1:0] live;
      logic any;

      mmu_pmp #(.ENTRIES(PMP_ENTRIES), .XLEN(XLEN), .ATTRIBUTES(0), .CFG0(32'h3a0),
                .ADDR0(32'h3b0)) u_table (
        .clk_i(clk_i), .rst_i(rst_i), .write_i(csr_i), .csr_i(csr_addr_i), .data_i(csr_data_i),
        .lo_o(lo), .hi_o(hi), .live_o(live), .cfg_o(cfg), .any_o(any));
      mmu_pmp_check #(.ENTRIES(PMP_ENTRIES), .ATTRIBUTES(0)) u_ihit (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(ihit_pa_i),
        .last_i(ihit_last_i), .access_i(mmu_pkg::ACCESS_FETCH), .priv_i(ihit_priv_i), .table_i(1'b0),
        .ok_o(ok[0]));
      mmu_pmp_check #(.ENTRIES(PMP_ENTRIES), .ATTRIBUTES(0)) u_imiss (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(imiss_pa_i),
        .last_i(imiss_last_i), .access_i(mmu_pkg::ACCESS_FETCH), .priv_i(imiss_priv_i), .table_i(1'b0),
        .ok_o(ok[1]));
      mmu_pmp_check #(.ENTRIES(PMP_ENTRIES), .ATTRIBUTES(0)) u_dhit (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(dhit_pa_i),
        .last_i(dhit_last_i), .access_i(dhit_access_i), .priv_i(dhit_priv_i), .table_i(1'b0),
        .ok_o(ok[2]));
      mmu_pmp_check #(.ENTRIES(PMP_ENTRIES), .ATTRIBUTES(0)) u_dmiss (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(dmiss_pa_i),
        .last_i(dmiss_last_i), .access_i(dmiss_access_i), .priv_i(dmiss_priv_i), .table_i(1'b0),
        .ok_o(ok[3]));
      mmu_pmp_check #(.ENTRIES(PMP_ENTRIES), .ATTRIBUTES(0)) u_pte (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(pte_pa_i),
        .last_i(PTE_LAST), .access_i(pte_access), .priv_i(mmu_pkg::PRIV_S), .table_i(1'b1),
        .ok_o(ok[4]));
    end
  endgenerate

  generate
    if (PMA_ENTRIES == 0) begin : g_no_pma
      assign ok[5 +: 5] = '1;
    end else begin : g_pma
      logic [PMA_ENTRIES*54-1:0] lo, hi;
      logic [PMA_ENTRIES*8-1:0] cfg;
      logic [PMA_ENTRIES-1:0] live;
      logic any;

      mmu_pmp #(.ENTRIES(PMA_ENTRIES), .XLEN(XLEN), .ATTRIBUTES(1), .CFG0(32'h7c0),
                .ADDR0(32'h7d0)) u_table (
        .clk_i(clk_i), .rst_i(rst_i), .write_i(csr_i), .csr_i(csr_addr_i), .data_i(csr_data_i),
        .lo_o(lo), .hi_o(hi), .live_o(live), .cfg_o(cfg), .any_o(any));
      mmu_pmp_check #(.ENTRIES(PMA_ENTRIES), .ATTRIBUTES(1)) u_ihit (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(ihit_pa_i),
        .last_i(ihit_last_i), .access_i(mmu_pkg::ACCESS_FETCH), .priv_i(ihit_priv_i), .table_i(1'b0),
        .ok_o(ok[5]));
      mmu_pmp_check #(.ENTRIES(PMA_ENTRIES), .ATTRIBUTES(1)) u_imiss (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(imiss_pa_i),
        .last_i(imiss_last_i), .access_i(mmu_pkg::ACCESS_FETCH), .priv_i(imiss_priv_i), .table_i(1'b0),
        .ok_o(ok[6]));
      mmu_pmp_check #(.ENTRIES(PMA_ENTRIES), .ATTRIBUTES(1)) u_dhit (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(dhit_pa_i),
        .last_i(dhit_last_i), .access_i(dhit_access_i), .priv_i(dhit_priv_i), .table_i(1'b0),
        .ok_o(ok[7]));
      mmu_pmp_check #(.ENTRIES(PMA_ENTRIES), .ATTRIBUTES(1)) u_dmiss (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(dmiss_pa_i),
        .last_i(dmiss_last_i), .access_i(dmiss_access_i), .priv_i(dmiss_priv_i), .table_i(1'b0),
        .ok_o(ok[8]));
      mmu_pmp_check #(.ENTRIES(PMA_ENTRIES), .ATTRIBUTES(1)) u_pte (
        .lo_i(lo), .hi_i(hi), .live_i(live), .cfg_i(cfg), .any_i(any), .pa_i(pte_pa_i),
        .last_i(PTE_LAST), .access_i(pte_access), .priv_i(mmu_pkg::PRIV_S), .table_i(1'b1),
        .ok_o(ok[9]));
    end
  endgenerate

  assign ihit_ok_o = ok[0] && ok[5];
  assign imiss_ok_o = ok[1] && ok[6];
  assign dhit_ok_o = ok[2] && ok[7];
  assign dmiss_ok_o = ok[3] && ok[8];
  assign pte_ok_o = ok[4] && ok[9];
endmodule

`default_nettype wire
