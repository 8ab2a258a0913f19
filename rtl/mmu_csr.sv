// SPDX-License-Identifier: Apache-2.0
//
// satp and menvcfg, and what the CSR and fence ports ask for. PMP and PMA have registers of their
// own (mmu_pmp).
// Mirror: model/mmu.c (decide)
// Latency: a CSR write acts, and is done, one cycle later; a fence without an address too
// Spec:    [priv, satp; menvcfg; SFENCE.VMA; Svinval]
`default_nettype none

module mmu_csr #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned ASID_BITS = 16
) (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         svpbmt_i,
  input  wire         svadu_i,
  input  wire         csr_valid_i,
  input  wire [11:0]  csr_addr_i,
  input  wire [63:0]  csr_wdata_i,
  output logic        csr_ready_o,
  output logic        csr_done_o,
  input  wire         fence_valid_i,
  input  wire [1:0]   fence_op_i,
  input  wire         fence_rs1_i,
  input  wire         fence_rs2_i,
  input  wire [63:0]  fence_va_i,     // of RV32: zero-extended
  input  wire [15:0]  fence_asid_i,
  output logic        fence_ready_o,
  output logic        fence_done_o,
  input  wire         clearing_i,     // second cycle of a VA fence
  // this cycle's fence or write
  output logic        fence_o,        // a fence with an effect
  output logic        fence_all_o,
  output logic        fence_here_o,   // it reaches the address space of satp
  output logic [15:0] fence_asid_o,
  output logic [44:0] fence_vpn_o,
  output logic        csr_taken_o,
  output logic        satp_write_o,
  output logic [15:0] write_asid_o,
  // registers
  output logic [15:0] satp_asid_o,
  output logic [43:0] root_o,
  output logic        bare_o,
  output logic [2:0]  top_o,          // level of the root's PTEs
  output logic        adue_o,
  output logic        pbmte_o
);
  localparam logic RV32 = XLEN == 32;
  localparam int unsigned ASID_W = RV32 && ASID_BITS > 9 ? 9 : ASID_BITS;
  localparam logic [15:0] ASID_MASK = 16'((1 << ASID_W) - 1);

  // ---- One at a time, the fence first
  logic [63:0] satp_q;  // in the layout of RV64
  logic adue_q, pbmte_q, csr_done_q, fence_done_q;
  logic fence_taken, fence, csr_taken, satp_write, fence_all, mode_ok;
  logic [2:0] top;
  logic [3:0] write_mode;
  logic [15:0] fence_asid, write_asid;
  logic [43:0] write_ppn;

  always_comb begin
    fence_ready_o = !clearing_i;
    csr_ready_o = !fence_valid_i;
    fence_taken = fence_valid_i && !clearing_i;
    // [INV-1, INV-2, INV-3, FEN-7]
    // sfence.w.inval and sfence.inval.ir have nothing to wait for; an rs1 that is no virtual
    // address of any mode: the fence has no effect [priv, SFENCE.VMA; Svinval]
    fence = fence_taken
         && (fence_op_i == mmu_pkg::FENCE_SFENCE_VMA || fence_op_i == mmu_pkg::FENCE_SINVAL_VMA)
         && (!fence_rs1_i || fence_va_i[63:56] == '0 || fence_va_i[63:56] == '1);
    // [FEN-1]
    fence_all = fence && !fence_rs1_i && !fence_rs2_i;
    // [FEN-8]
    fence_asid = fence_asid_i & ASID_MASK;
    csr_done_o = csr_done_q;
    fence_done_o = fence_done_q;
  end

  always_comb begin
    csr_taken = csr_valid_i && !fence_valid_i;
    write_mode = RV32 ? {3'b0, csr_wdata_i[31]} : csr_wdata_i[63:60];
    // [SATP-8]
    write_asid = (RV32 ? {7'b0, csr_wdata_i[30:22]} : csr_wdata_i[59:44]) & ASID_MASK;
    write_ppn = RV32 ? {22'b0, csr_wdata_i[21:0]} : csr_wdata_i[43:0];
    mode_ok = RV32 || write_mode == mmu_pkg::MODE_BARE || write_mode == mmu_pkg::MODE_SV39
           || write_mode == mmu_pkg::MODE_SV48 || write_mode == mmu_pkg::MODE_SV57;
    // [SATP-7, SATP-9, SATP-10]
    // an illegal MODE is ignored whole
    satp_write = csr_taken && csr_addr_i == 12'h180 && mode_ok;
    // [SATP-3, SATP-4, SATP-5, SATP-6]
    case (satp_q[63:60])
      mmu_pkg::MODE_SV32: top = 3'd1;
      mmu_pkg::MODE_SV39: top = 3'd2;
      mmu_pkg::MODE_SV48: top = 3'd3;
      default: top = 3'd4;
    endcase
  end

  assign fence_o = fence;
  assign fence_all_o = fence_all;
  assign fence_asid_o = fence_asid;
  assign fence_vpn_o = fence_va_i[56:12];
  assign fence_here_o = !fence_rs2_i || fence_asid == satp_q[59:44];
  assign csr_taken_o = csr_taken;
  assign satp_write_o = satp_write;
  assign write_asid_o = write_asid;
  assign satp_asid_o = satp_q[59:44];
  assign root_o = satp_q[43:0];
  assign bare_o = satp_q[63:60] == mmu_pkg::MODE_BARE;
  assign top_o = top;
  assign adue_o = adue_q;
  assign pbmte_o = pbmte_q;

  // menvcfg: bits 61 and 62, on RV32 in its upper half
  localparam logic [11:0] MENVCFG = RV32 ? 12'h31a : 12'h30a;
  logic write_adue, write_pbmte;
  assign write_adue = RV32 ? csr_wdata_i[29] : csr_wdata_i[61];
  assign write_pbmte = !RV32 && csr_wdata_i[62];

  always_ff @(posedge clk_i) begin
    csr_done_q <= csr_taken;
    fence_done_q <= clearing_i || (fence_taken && !(fence && fence_rs1_i));
    if (csr_taken && csr_addr_i == MENVCFG) begin
      // [VM-9.13]
      adue_q <= write_adue && svadu_i;
      pbmte_q <= write_pbmte && svpbmt_i;
    end
    if (satp_write) satp_q <= {write_mode, write_asid, write_ppn};
    if (rst_i) begin
      satp_q <= '0;
      adue_q <= 1'b0;
      pbmte_q <= 1'b0;
      csr_done_q <= 1'b0;
      fence_done_q <= 1'b0;
    end
  end
endmodule

`default_nettype wire
