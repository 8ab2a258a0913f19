// SPDX-License-Identifier: Apache-2.0
//
// The whole MMU at its pins, small: Sv32, two entries a structure, two walkers, a slot a port, one PMP
// entry; a memory that answers every read a cycle after it, with anything. From reset.
`default_nettype none

module mmu_formal (
  input wire clk_i, rst_i, svpbmt_i, svadu_i, ireq_valid_i, dreq_valid_i, dreq_sum_i, dreq_mxr_i,
  input wire [4:0] ireq_id_i, dreq_id_i, oldest_id_i,
  input wire [63:0] ireq_va_i, dreq_va_i, csr_wdata_i, fence_va_i,
  input wire [11:0] ireq_last_i, dreq_last_i, csr_addr_i,
  input wire [1:0] ireq_priv_i, dreq_priv_i, fence_op_i,
  input wire [2:0] dreq_access_i,
  input wire oldest_valid_i, oldest_port_i, csr_valid_i, fence_valid_i, fence_rs1_i, fence_rs2_i,
  input wire [31:0] ikill_i, dkill_i,
  input wire [511:0] mem_rsp_data_i,
  input wire mem_rsp_error_i, mem_rsp_cas_ok_i,
  input wire [15:0] fence_asid_i
);
  `PW_RESET
  wire ireq_ready_o, dreq_ready_o, ihit_valid_o, imiss_valid_o, dhit_valid_o, dmiss_valid_o, fence_ready_o,
       fence_done_o, csr_ready_o, csr_done_o, idle_o, mem_req_valid_o, ev_il1_hit_o, ev_dl1_hit_o, ev_walk_start_o;
  wire [4:0] ihit_id_o, imiss_id_o, dhit_id_o, dmiss_id_o;
  wire [3:0] dmiss_cause_o;
  wire [5:0] mem_req_tag_o;
  wire [1:0] mem_req_op_o;
  wire [55:0] mem_req_addr_o;
  wire [63:0] mem_req_cmp_o, mem_req_data_o;
  logic rsp_q;
  logic [5:0] tag_q;

  mmu #(
    .XLEN(32), .L1I_SETS(1), .L1I_WAYS(2), .L1D_SETS(1), .L1D_WAYS(2), .L2_SETS(2), .L2_WAYS(1), .L2_LARGE(2),
    .PWC_L1(2), .PWC_L2(0), .PWC_L3(0), .PWC_L4(0), .SLOTS_FETCH(1), .SLOTS_DATA(1), .WALKERS(2), .CTX_ENTRIES(2),
    .CTX_BITS(2), .ASID_BITS(2), .PA_BITS(34), .PMP_ENTRIES(1), .PMA_ENTRIES(0)
  ) u_unit (
    .clk_i(clk_i), .rst_i(rst_i), .svnapot_i(1'b0), .svpbmt_i(svpbmt_i), .svadu_i(svadu_i),
    .ireq_valid_i(ireq_valid_i), .ireq_id_i(ireq_id_i), .ireq_va_i(ireq_va_i), .ireq_last_i(ireq_last_i),
    .ireq_priv_i(ireq_priv_i), .ireq_ready_o(ireq_ready_o), .dreq_valid_i(dreq_valid_i), .dreq_id_i(dreq_id_i),
    .dreq_va_i(dreq_va_i), .dreq_last_i(dreq_last_i), .dreq_access_i(dreq_access_i), .dreq_priv_i(dreq_priv_i),
    .dreq_sum_i(dreq_sum_i), .dreq_mxr_i(dreq_mxr_i), .dreq_ready_o(dreq_ready_o),
    .oldest_valid_i(oldest_valid_i), .oldest_port_i(oldest_port_i), .oldest_id_i(oldest_id_i), .ikill_i(ikill_i),
    .dkill_i(dkill_i), .ihit_valid_o(ihit_valid_o), .ihit_id_o(ihit_id_o), .imiss_valid_o(imiss_valid_o),
    .imiss_id_o(imiss_id_o), .dhit_valid_o(dhit_valid_o), .dhit_id_o(dhit_id_o), .dmiss_valid_o(dmiss_valid_o),
    .dmiss_id_o(dmiss_id_o), .dmiss_cause_o(dmiss_cause_o), .mem_req_valid_o(mem_req_valid_o),
    .mem_req_op_o(mem_req_op_o), .mem_req_tag_o(mem_req_tag_o), .mem_req_addr_o(mem_req_addr_o),
    .mem_req_cmp_o(mem_req_cmp_o), .mem_req_data_o(mem_req_data_o), .mem_req_ready_i(1'b1), .mem_rsp_valid_i(rsp_q),
    .mem_rsp_tag_i(tag_q), .mem_rsp_data_i(mem_rsp_data_i), .mem_rsp_error_i(mem_rsp_error_i),
    .mem_rsp_cas_ok_i(mem_rsp_cas_ok_i), .csr_valid_i(csr_valid_i), .csr_addr_i(csr_addr_i),
    .csr_wdata_i(csr_wdata_i), .csr_ready_o(csr_ready_o), .csr_done_o(csr_done_o), .fence_valid_i(fence_valid_i),
    .fence_op_i(fence_op_i), .fence_rs1_i(fence_rs1_i), .fence_rs2_i(fence_rs2_i), .fence_va_i(fence_va_i),
    .fence_asid_i(fence_asid_i), .fence_ready_o(fence_ready_o), .fence_done_o(fence_done_o), .idle_o(idle_o),
    .ev_il1_hit_o(ev_il1_hit_o), .ev_dl1_hit_o(ev_dl1_hit_o), .ev_walk_start_o(ev_walk_start_o));

  // ---- The core and the memory: ids are free when used, accesses lie in a page
  logic [31:0] ibusy_q, dbusy_q, ianswer, danswer, itaken, dtaken;
  always_comb begin
    ianswer = imiss_valid_o ? 32'd1 << imiss_id_o : '0;
    danswer = dmiss_valid_o ? 32'd1 << dmiss_id_o : '0;
    itaken = ireq_valid_i && ireq_ready_o && !ihit_valid_o ? 32'd1 << ireq_id_i : '0;
    dtaken = dreq_valid_i && dreq_ready_o && !dhit_valid_o ? 32'd1 << dreq_id_i : '0;
  end
  always_ff @(posedge clk_i) begin
    ibusy_q <= rst_i ? '0 : (ibusy_q & ~ianswer & ~ikill_i) | itaken;
    dbusy_q <= rst_i ? '0 : (dbusy_q & ~danswer & ~dkill_i) | dtaken;
    rsp_q <= !rst_i && mem_req_valid_o;
    tag_q <= mem_req_tag_o;
  end
  `PW_ALWAYS(Begins_S, started || !rsp_q)
  `PW_ALWAYS(FetchIdUnused_A, !ireq_valid_i || !ibusy_q[ireq_id_i])
  `PW_ALWAYS(DataIdUnused_A, !dreq_valid_i || !dbusy_q[dreq_id_i])
  `PW_ALWAYS(FetchInPage_A, {1'b0, ireq_va_i[11:0]} + {1'b0, ireq_last_i} < 13'd4096)
  `PW_ALWAYS(DataInPage_A, {1'b0, dreq_va_i[11:0]} + {1'b0, dreq_last_i} < 13'd4096)
  always @* if (started) assume (!rst_i);

  // ---- Answered or killed, once
  `PW_ASSERT(FetchAnswerOnce_A, (ianswer & ~ibusy_q) == '0)
  `PW_ASSERT(DataAnswerOnce_A, (danswer & ~dbusy_q) == '0)
  `PW_COVER(FetchAnswerOnce_C, imiss_valid_o && dmiss_valid_o)
  `PW_COVER(DataAnswerOnce_C, dmiss_valid_o && dmiss_cause_o == '0)

  // ---- No access to memory at an address that PMP denies, S and no other [PMP-15]; one entry
  (* hierconn *) wire [53:0] \u_unit.u_protect.g_pmp.u_table.g_entry[0].addr_q ;
  (* hierconn *) wire [7:0] \u_unit.u_protect.g_pmp.u_table.g_entry[0].cfg_q ;
  logic [53:0] addr, ones, word, low, high;
  logic [7:0] cfg;
  logic granted;
  always_comb begin
    addr = \u_unit.u_protect.g_pmp.u_table.g_entry[0].addr_q ;
    cfg = \u_unit.u_protect.g_pmp.u_table.g_entry[0].cfg_q ;
    ones = addr ^ (addr + 54'd1);
    word = mem_req_addr_o[55:2];
    low = cfg[4:3] == 2'd1 ? '0 : cfg[4:3] == 2'd3 ? addr & ~ones : addr;
    high = cfg[4:3] == 2'd1 ? addr - 54'd1 : cfg[4:3] == 2'd3 ? addr | ones : addr;
    granted = cfg[4:3] != 2'd0 && !(cfg[4:3] == 2'd1 && addr == '0) && word >= low && word <= high
           && (mem_req_op_o == mmu_pkg::MEMOP_READ ? cfg[0] : cfg[1]);
  end
  `PW_ASSERT(ReadAllowed_A, !mem_req_valid_o || granted)
  `PW_COVER(ReadAllowed_C, mem_req_valid_o && cfg[4:3] == 2'd3)

  // ---- Nothing of before a fence of everything is used after it: an L1 hit needs a read since
  logic fresh_q, since_q, fence_all;
  assign fence_all = fence_valid_i && fence_ready_o && !fence_rs1_i && !fence_rs2_i && !fence_op_i[1];
  always_ff @(posedge clk_i) begin
    since_q <= !rst_i && mem_req_valid_o;  // a read of the fence's cycle is not of before
    fresh_q <= !rst_i && !fence_all && (fresh_q || (rsp_q && since_q));
  end
  `PW_ASSERT(HitFresh_A, !(ev_il1_hit_o || ev_dl1_hit_o) || fresh_q)
  `PW_COVER(HitFresh_C, ev_dl1_hit_o)
endmodule

`default_nettype wire
