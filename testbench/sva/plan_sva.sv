// SPDX-License-Identifier: Apache-2.0
//
// The verification plan's observer and its cover points, bound to the MMU in builds that count
// coverage. The plan is testbench/plan/plan.def; docs/verification-plan.md shows what was hit.
`default_nettype none

module plan_sva #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56,
  parameter int unsigned ASID_BITS = 16,
  parameter int unsigned PMP_ENTRIES = 16,
  parameter int unsigned PMA_ENTRIES = 4
) (
  input wire clk_i, rst_i,
  input wire ireq_valid_i, ireq_ready_o, dreq_valid_i, dreq_ready_o,
  input wire [4:0] ireq_id_i, dreq_id_i,
  input wire [63:0] ireq_va_i, dreq_va_i,
  input wire [11:0] ireq_last_i, dreq_last_i,
  input wire [2:0] dreq_access_i,
  input wire [1:0] ireq_priv_i, dreq_priv_i,
  input wire dreq_sum_i, dreq_mxr_i,
  input wire [31:0] ikill_i, dkill_i,
  input wire ihit_valid_o, imiss_valid_o, dhit_valid_o, dmiss_valid_o,
  input wire [4:0] imiss_id_o, dmiss_id_o,
  input wire [55:0] ihit_pa_o, imiss_pa_o, dhit_pa_o, dmiss_pa_o,
  input wire [3:0] ihit_cause_o, imiss_cause_o, dhit_cause_o, dmiss_cause_o,
  input wire [2:0] ihit_size_o, imiss_size_o, dhit_size_o, dmiss_size_o, imiss_source_o, dmiss_source_o,
  input wire [1:0] ihit_pbmt_o, imiss_pbmt_o, dhit_pbmt_o, dmiss_pbmt_o,
  input wire mem_req_valid_o, mem_req_ready_i, mem_rsp_valid_i, mem_rsp_error_i, mem_rsp_cas_ok_i,
  input wire [1:0] mem_req_op_o,
  input wire [5:0] mem_req_tag_o, mem_rsp_tag_i,
  input wire [55:0] mem_req_addr_o,
  input wire [63:0] mem_req_cmp_o, mem_req_data_o,
  input wire [511:0] mem_rsp_data_i,
  input wire csr_valid_i, csr_ready_o,
  input wire [11:0] csr_addr_i,
  input wire [63:0] csr_wdata_i,
  input wire fence_valid_i, fence_ready_o, fence_rs1_i, fence_rs2_i,
  input wire [1:0] fence_op_i,
  input wire [63:0] fence_va_i,
  input wire [15:0] fence_asid_i,
  input wire svnapot_i, svpbmt_i, svadu_i,
  input wire ev_walk_start_o, ev_deny_o, ev_hold_o, idle_o,
  input wire [2:0] ev_walk_start_level_o
);
  plan_pkg::record_t r, p;
  plan_pkg::between_t b;

  plan_observer_sva #(.XLEN(XLEN), .ASID_BITS(ASID_BITS), .PMP_ENTRIES(PMP_ENTRIES), .PMA_ENTRIES(PMA_ENTRIES))
    u_observer (.*);
  plan_walk_sva #(.XLEN(XLEN), .PA_BITS(PA_BITS)) u_walk (.*);
  plan_leaf_sva #(.XLEN(XLEN), .PA_BITS(PA_BITS)) u_leaf (.*);
  plan_cache_sva #(.XLEN(XLEN), .ASID_BITS(ASID_BITS)) u_cache (.*);
  plan_check_sva #(.XLEN(XLEN), .PMP_ENTRIES(PMP_ENTRIES), .PMA_ENTRIES(PMA_ENTRIES)) u_check (.*);
endmodule

bind mmu plan_sva #(.XLEN(XLEN), .PA_BITS(PA_BITS), .ASID_BITS(ASID_BITS), .PMP_ENTRIES(PMP_ENTRIES),
  .PMA_ENTRIES(PMA_ENTRIES)) u_plan (.*);

`default_nettype wire
