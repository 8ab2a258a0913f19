// SPDX-License-Identifier: Apache-2.0
//
// A memory answer: for which slot, what its slot knows, and what the PTE that came, or the compare
// that was made, means for the walk.
// Mirror: model/ptw.c (ptw_answer)     Latency: 0
// Spec:   [priv, Virtual Address Translation Process, steps 2 to 4, 7]
`default_nettype none

module mmu_arrive #(
  parameter int unsigned N = 4,
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56,
  parameter int unsigned LINES = 0
) (
  input  wire            mem_rsp_valid_i,
  input  wire  [5:0]     mem_rsp_tag_i,
  input  wire  [511:0]   mem_rsp_data_i,
  input  wire            mem_rsp_error_i,
  input  wire            mem_rsp_cas_ok_i,
  input  wire            svnapot_i,
  input  wire [N-1:0]    rd_i,
  input  wire [N-1:0]    cas_i,
  input  wire [N-1:0]    line_i,     // its read brings a whole line
  input  wire [N-1:0]    pbmte_i,
  input  wire [N*3-1:0]  level_i,
  input  wire [N*57-1:0] pte_i,
  input  wire [N-1:0]    global_i,
  input  wire [N*3-1:0]  access_i,
  input  wire [N*57-1:0] va_i,
  output logic [N-1:0]   arrive_o,   // one-hot, or zero
  output logic [2:0]     level_o,
  output logic           global_o,
  output logic [44:0]    vpn_o,
  output logic [63:0]    rsp_pte_o,  // Sv32: zero-extended
  output logic [56:0]    judge_pte_o,  // the leaf, or as the A/D update left it
  output logic           pbmte_o,
  output logic           rd_now_o,   // a read arrives:
  output logic           to_next_o,  // a pointer
  output logic           read_leaf_o,
  output logic           fault_o,    // no PTE, or none that leads on
  output logic           access_o,   // which is an access fault
  output logic           line_o,     // a whole line
  output logic           alone_o,    // refused by the bus: its PTE is read alone
  output logic           cas_done_o,
  output logic           cas_error_o,
  output logic           retry_o     // the compare failed
);
  logic cas_now, store, line, pte_fault, pte_pointer, pte_leaf, beyond;
  logic [56:0] pte;

  always_comb begin
    arrive_o = '0;
    level_o = '0;
    pte = '0;
    global_o = 1'b0;
    store = 1'b0;
    vpn_o = '0;
    for (int i = 0; i < N; i++) begin
      arrive_o[i] = mem_rsp_valid_i && mem_rsp_tag_i == 6'(i);
      if (arrive_o[i]) begin
        level_o = level_o | level_i[i*3 +: 3];
        pte = pte | pte_i[i*57 +: 57];
        global_o = global_o | global_i[i];
        store = store | mmu_fn_pkg::is_store(access_i[i*3 +: 3]);
        vpn_o = vpn_o | va_i[i*57+12 +: 45];
      end
    end
    rd_now_o = (arrive_o & rd_i) != '0;
    cas_now = (arrive_o & cas_i) != '0;
    line = LINES != 0 && (arrive_o & line_i) != '0;
    pbmte_o = (arrive_o & pbmte_i) != '0;
  end

  // ---- The PTE, alone or out of its line
  generate
    if (XLEN == 32) begin : g_rv32
      assign rsp_pte_o = {32'b0, mem_rsp_data_i[(line ? vpn_o[3:0] : 4'd0)*32 +: 32]};
    end else begin : g_rv64
      assign rsp_pte_o = mem_rsp_data_i[(line ? vpn_o[2:0] : 3'd0)*64 +: 64];
    end
  endgenerate

  mmu_pte #(.XLEN(XLEN)) u_pte (
    .pte_i(rsp_pte_o), .level_i(level_o), .svnapot_i(svnapot_i), .pbmte_i(pbmte_o),
    .fault_o(pte_fault), .pointer_o(pte_pointer), .leaf_o(pte_leaf));

  generate
    if (PA_BITS < 56) begin : g_narrow
      assign beyond = pte_pointer && rsp_pte_o[53:PA_BITS-2] != '0;
    end else begin : g_full
      assign beyond = 1'b0;
    end
  endgenerate

  always_comb begin
    // [VM-4.7]
    to_next_o = rd_now_o && !mem_rsp_error_i && pte_pointer && !beyond;
    read_leaf_o = rd_now_o && !mem_rsp_error_i && pte_leaf;
    // of a line that the bus refuses the PTE may be there all the same
    line_o = rd_now_o && !mem_rsp_error_i && line;
    alone_o = rd_now_o && mem_rsp_error_i && line;
    // [VM-2.3]
    fault_o = rd_now_o && !alone_o && (mem_rsp_error_i || pte_fault || beyond);
    access_o = mem_rsp_error_i || beyond;
    cas_done_o = cas_now && !mem_rsp_error_i && mem_rsp_cas_ok_i;
    // [VM-9.7]
    cas_error_o = cas_now && mem_rsp_error_i;
    // [VM-9.5]
    retry_o = cas_now && !mem_rsp_error_i && !mem_rsp_cas_ok_i;
    judge_pte_o = pte;
    if (rd_now_o) judge_pte_o = {rsp_pte_o[63:61], rsp_pte_o[53:0]};
    if (cas_done_o) judge_pte_o = pte | {49'b0, store, 7'b1000000};
  end
endmodule

`default_nettype wire
