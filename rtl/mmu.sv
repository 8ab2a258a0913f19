// SPDX-License-Identifier: Apache-2.0
//
// The MMU: L1 instruction and data TLBs, L2 TLB, page-walk caches, walkers, CSR state, fences.
// RISC-V Sv39 and Sv48.
// Mirror:    model/mmu.c
// Latency:   L1 hit 0 (same cycle, hit channel); L2 hit 2; walk of n reads n*L + 3, L being the
//            memory's (docs/microarchitecture.md derives each; testbench/sva asserts it)
// Handshake: docs/ports.md draws each. ready never depends on valid; no answer has back-pressure.
// Reset:     synchronous, one cycle; afterwards satp is 0 (Bare)
// Spec:      [priv, Supervisor-Level ISA: satp, SFENCE.VMA, Sv39, Sv48]
`default_nettype none

module mmu #(
  parameter int unsigned L1I_SETS = mmu_pkg::L1I_SETS,
  parameter int unsigned L1I_WAYS = mmu_pkg::L1I_WAYS,
  parameter int unsigned L1I_REPL = mmu_pkg::L1I_REPL,
  parameter int unsigned L1D_SETS = mmu_pkg::L1D_SETS,
  parameter int unsigned L1D_WAYS = mmu_pkg::L1D_WAYS,
  parameter int unsigned L1D_REPL = mmu_pkg::L1D_REPL,
  parameter int unsigned L2_SETS = mmu_pkg::L2_SETS,
  parameter int unsigned L2_WAYS = mmu_pkg::L2_WAYS,
  parameter int unsigned L2_REPL = mmu_pkg::L2_REPL,
  parameter int unsigned L2_LARGE = mmu_pkg::L2_LARGE,
  parameter int unsigned PWC_L1 = mmu_pkg::PWC_L1,
  parameter int unsigned PWC_L2 = mmu_pkg::PWC_L2,
  parameter int unsigned PWC_L3 = mmu_pkg::PWC_L3,
  parameter int unsigned PWC_REPL = mmu_pkg::PWC_REPL,
  parameter int unsigned SLOTS_FETCH = mmu_pkg::SLOTS_FETCH,
  parameter int unsigned SLOTS_DATA = mmu_pkg::SLOTS_DATA,
  parameter int unsigned WALKERS = mmu_pkg::WALKERS,
  parameter int unsigned CTX_ENTRIES = mmu_pkg::CTX_ENTRIES,
  parameter int unsigned CTX_BITS = mmu_pkg::CTX_BITS,
  parameter int unsigned ASID_BITS = mmu_pkg::ASID_BITS,
  parameter int unsigned PA_BITS = mmu_pkg::PA_BITS
) (
  input  wire         clk_i,
  input  wire          rst_i,
  // fetch requests
  input  wire          ireq_valid_i,
  input  wire  [4:0]   ireq_id_i,
  input  wire  [63:0]  ireq_va_i,
  input  wire  [2:0]   ireq_size_i,
  input  wire  [1:0]   ireq_priv_i,
  output logic         ireq_ready_o,
  // data requests
  input  wire          dreq_valid_i,
  input  wire  [4:0]   dreq_id_i,
  input  wire  [63:0]  dreq_va_i,
  input  wire  [2:0]   dreq_size_i,
  input  wire  [2:0]   dreq_access_i,
  input  wire  [1:0]   dreq_priv_i,
  input  wire          dreq_sum_i,
  input  wire          dreq_mxr_i,
  output logic         dreq_ready_o,
  // the oldest unfinished access
  input  wire          oldest_valid_i,
  input  wire          oldest_port_i,
  input  wire  [4:0]   oldest_id_i,
  // kill, a bit an id
  input  wire  [31:0]  ikill_i,
  input  wire  [31:0]  dkill_i,
  // fetch answers: hits, in the cycle of acceptance
  output logic         ihit_valid_o,
  output logic [4:0]   ihit_id_o,
  output logic [55:0]  ihit_pa_o,
  output logic [3:0]   ihit_cause_o,
  output logic [2:0]   ihit_size_o,
  // fetch answers: misses, any order
  output logic         imiss_valid_o,
  output logic [4:0]   imiss_id_o,
  output logic [55:0]  imiss_pa_o,
  output logic [3:0]   imiss_cause_o,
  output logic [2:0]   imiss_size_o,
  output logic [2:0]   imiss_source_o,
  // data answers: hits, in the cycle of acceptance
  output logic         dhit_valid_o,
  output logic [4:0]   dhit_id_o,
  output logic [55:0]  dhit_pa_o,
  output logic [3:0]   dhit_cause_o,
  output logic [2:0]   dhit_size_o,
  // data answers: misses, any order
  output logic         dmiss_valid_o,
  output logic [4:0]   dmiss_id_o,
  output logic [55:0]  dmiss_pa_o,
  output logic [3:0]   dmiss_cause_o,
  output logic [2:0]   dmiss_size_o,
  output logic [2:0]   dmiss_source_o,
  // page-table memory
  output logic         mem_req_valid_o,
  output logic [1:0]   mem_req_op_o,
  output logic [5:0]   mem_req_tag_o,
  output logic [55:0]  mem_req_addr_o,
  output logic [63:0]  mem_req_cmp_o,
  output logic [63:0]  mem_req_data_o,
  input  wire          mem_req_ready_i,
  input  wire          mem_rsp_valid_i,
  input  wire  [5:0]   mem_rsp_tag_i,
  input  wire  [511:0] mem_rsp_data_i,
  input  wire          mem_rsp_error_i,
  input  wire          mem_rsp_cas_ok_i,
  // CSR writes
  input  wire          csr_valid_i,
  input  wire  [11:0]  csr_addr_i,
  input  wire  [63:0]  csr_wdata_i,
  output logic         csr_ready_o,
  output logic         csr_done_o,
  // fences
  input  wire          fence_valid_i,
  input  wire  [1:0]   fence_op_i,
  input  wire          fence_rs1_i,
  input  wire          fence_rs2_i,
  input  wire  [63:0]  fence_va_i,
  input  wire  [15:0]  fence_asid_i,
  output logic         fence_ready_o,
  output logic         fence_done_o,
  output logic [31:0]  config_o,
  output logic         idle_o,
  // probe: what happened in this cycle
  output logic         ev_il1_lookup_o,
  output logic         ev_il1_hit_o,
  output logic         ev_il1_fill_o,
  output logic [7:0]   ev_il1_fill_set_o,
  output logic [7:0]   ev_il1_fill_way_o,
  output logic         ev_dl1_lookup_o,
  output logic         ev_dl1_hit_o,
  output logic         ev_dl1_fill_o,
  output logic [7:0]   ev_dl1_fill_set_o,
  output logic [7:0]   ev_dl1_fill_way_o,
  output logic         ev_l2_lookup_o,
  output logic         ev_l2_hit_o,
  output logic [5:0]   ev_l2_slot_o,
  output logic         ev_l2_fill_o,
  output logic         ev_l2_fill_large_o,
  output logic [11:0]  ev_l2_fill_set_o,
  output logic [7:0]   ev_l2_fill_way_o,
  output logic         ev_merge_o,
  output logic         ev_walk_start_o,
  output logic [5:0]   ev_walk_start_slot_o,
  output logic [2:0]   ev_walk_start_level_o,
  output logic         ev_walk_end_o,
  output logic [5:0]   ev_walk_end_slot_o,
  output logic [2:0]   ev_walk_end_size_o,
  output logic         ev_pwc_fill_o,
  output logic [2:0]   ev_pwc_fill_level_o,
  output logic [7:0]   ev_pwc_fill_way_o,
  output logic         ev_hold_o,
  output logic         ev_retry_o,
  output logic [6:0]   ev_walkers_o,
  output logic         ev_ctx_wrap_o
);
  localparam logic [15:0] ASID_MASK = 16'((1 << ASID_BITS) - 1);

  // ---- What was built: FNV-1a over the parameters in the order of model/params.def
  function automatic [31:0] knob(input integer k);
    case (k)
      0: knob = L1I_SETS;
      1: knob = L1I_WAYS;
      2: knob = L1I_REPL;
      3: knob = L1D_SETS;
      4: knob = L1D_WAYS;
      5: knob = L1D_REPL;
      6: knob = L2_SETS;
      7: knob = L2_WAYS;
      8: knob = L2_REPL;
      9: knob = L2_LARGE;
      10: knob = PWC_L1;
      11: knob = PWC_L2;
      12: knob = PWC_L3;
      13: knob = PWC_REPL;
      14: knob = SLOTS_FETCH;
      15: knob = SLOTS_DATA;
      16: knob = WALKERS;
      17: knob = CTX_ENTRIES;
      18: knob = CTX_BITS;
      19: knob = ASID_BITS;
      default: knob = PA_BITS;
    endcase
  endfunction

  function automatic [31:0] digest(input integer count);
    integer k;
    begin
      digest = 32'h811c9dc5;
      for (k = 0; k < count; k = k + 1) digest = (digest ^ knob(k)) * 32'h01000193;
    end
  endfunction

  localparam logic [31:0] DIGEST = digest(21);
  assign config_o = DIGEST;

  // ---- CSR and fence ports: one at a time, the fence first
  logic [63:0] satp_q;
  logic adue_q, csr_done_q, fence_done_q;
  logic fence_taken, fence, csr_taken, satp_write, fence_here, fence_known, fence_all, clearing;
  logic flash, wrap, bare;
  logic [1:0] top;
  logic [15:0] fence_asid, write_asid;
  logic [35:0] fence_vpn;
  logic [CTX_BITS-1:0] ctx, fence_ctx;

  always_comb begin
    fence_ready_o = !clearing;
    csr_ready_o = !fence_valid_i;
    fence_taken = fence_valid_i && !clearing;
    // an rs1 that is no virtual address of any mode: the fence has no effect [priv, SFENCE.VMA]
    fence = fence_taken && (!fence_rs1_i || fence_va_i[63:47] == '0 || fence_va_i[63:47] == '1);
    fence_all = fence && !fence_rs1_i && !fence_rs2_i;
    fence_asid = fence_asid_i & ASID_MASK;
    fence_vpn = fence_va_i[47:12];
    fence_here = !fence_rs2_i || fence_asid == satp_q[59:44];
    csr_taken = csr_valid_i && !fence_valid_i;
    write_asid = csr_wdata_i[59:44] & ASID_MASK;
    satp_write = csr_taken && csr_addr_i == 12'h180
        && (csr_wdata_i[63:60] == mmu_pkg::MODE_BARE || csr_wdata_i[63:60] == mmu_pkg::MODE_SV39
            || csr_wdata_i[63:60] == mmu_pkg::MODE_SV48);  // an illegal MODE is ignored whole
    bare = satp_q[63:60] == mmu_pkg::MODE_BARE;
    top = satp_q[63:60] == mmu_pkg::MODE_SV48 ? 2'd3 : 2'd2;
    csr_done_o = csr_done_q;
    fence_done_o = fence_done_q;
  end

  assign flash = fence_all || wrap;
  assign ev_ctx_wrap_o = wrap;

  always_ff @(posedge clk_i) begin
    csr_done_q <= csr_taken;
    fence_done_q <= clearing || (fence_taken && !(fence && fence_rs1_i));
    if (csr_taken && csr_addr_i == 12'h30a) adue_q <= csr_wdata_i[61];
    if (satp_write) satp_q <= {csr_wdata_i[63:60], write_asid, csr_wdata_i[43:0]};
    if (rst_i) begin
      satp_q <= '0;
      adue_q <= 1'b0;
      csr_done_q <= 1'b0;
      fence_done_q <= 1'b0;
    end
  end

  mmu_ctx #(.ENTRIES(CTX_ENTRIES), .CTX_W(CTX_BITS)) u_ctx (
    .clk_i(clk_i), .rst_i(rst_i), .satp_asid_i(satp_q[59:44]),
    .switch_i(satp_write), .switch_asid_i(write_asid),
    .fence_i(fence && fence_rs2_i && !fence_rs1_i), .fence_asid_i(fence_asid),
    .known_o(fence_known), .number_o(fence_ctx), .current_o(ctx), .wrap_o(wrap));

  // a fence by ASID without a context number finds nothing in any TLB
  logic fence_tlb, fence_pwc;
  assign fence_tlb = fence && (!fence_rs2_i || fence_known);
  assign fence_pwc = fence && fence_rs2_i && !fence_rs1_i && fence_known;

  // ---- L1 TLBs: answered in the cycle of the request, or a slot
  logic ifree, imiss, ifill, dfree, dmiss, dfill;
  logic [35:0] ifill_vpn, dfill_vpn;
  logic [53:0] ifill_pte, dfill_pte;
  logic [1:0] ifill_level, dfill_level;

  mmu_port #(.SETS(L1I_SETS), .WAYS(L1I_WAYS), .POLICY(L1I_REPL), .CTX_W(CTX_BITS),
             .PA_BITS(PA_BITS)) u_il1 (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(ireq_valid_i), .id_i(ireq_id_i), .va_i(ireq_va_i),
    .access_i(mmu_pkg::ACCESS_FETCH), .priv_i(ireq_priv_i), .sum_i(1'b0), .mxr_i(1'b0),
    .ready_o(ireq_ready_o), .bare_i(bare), .top_i(top), .root_i(satp_q[43:0]), .ctx_i(ctx),
    .hit_valid_o(ihit_valid_o), .hit_id_o(ihit_id_o), .hit_pa_o(ihit_pa_o),
    .hit_cause_o(ihit_cause_o), .hit_size_o(ihit_size_o), .free_i(ifree), .miss_o(imiss),
    .fill_i(ifill), .fill_vpn_i(ifill_vpn), .fill_pte_i(ifill_pte), .fill_level_i(ifill_level),
    .flash_i(flash), .fence_i(fence_tlb), .by_va_i(fence_rs1_i), .by_ctx_i(fence_rs2_i),
    .fence_vpn_i(fence_vpn), .fence_ctx_i(fence_ctx), .ev_lookup_o(ev_il1_lookup_o),
    .ev_hit_o(ev_il1_hit_o), .ev_fill_set_o(ev_il1_fill_set_o), .ev_fill_way_o(ev_il1_fill_way_o));

  assign ev_il1_fill_o = ifill;

  mmu_port #(.SETS(L1D_SETS), .WAYS(L1D_WAYS), .POLICY(L1D_REPL), .CTX_W(CTX_BITS),
             .PA_BITS(PA_BITS)) u_dl1 (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(dreq_valid_i), .id_i(dreq_id_i), .va_i(dreq_va_i),
    .access_i(dreq_access_i), .priv_i(dreq_priv_i), .sum_i(dreq_sum_i), .mxr_i(dreq_mxr_i),
    .ready_o(dreq_ready_o), .bare_i(bare), .top_i(top), .root_i(satp_q[43:0]), .ctx_i(ctx),
    .hit_valid_o(dhit_valid_o), .hit_id_o(dhit_id_o), .hit_pa_o(dhit_pa_o),
    .hit_cause_o(dhit_cause_o), .hit_size_o(dhit_size_o), .free_i(dfree), .miss_o(dmiss),
    .fill_i(dfill), .fill_vpn_i(dfill_vpn), .fill_pte_i(dfill_pte), .fill_level_i(dfill_level),
    .flash_i(flash), .fence_i(fence_tlb), .by_va_i(fence_rs1_i), .by_ctx_i(fence_rs2_i),
    .fence_vpn_i(fence_vpn), .fence_ctx_i(fence_ctx), .ev_lookup_o(ev_dl1_lookup_o),
    .ev_hit_o(ev_dl1_hit_o), .ev_fill_set_o(ev_dl1_fill_set_o), .ev_fill_way_o(ev_dl1_fill_way_o));

  assign ev_dl1_fill_o = dfill;

  // ---- L2 TLB. A VA fence has its read port first
  logic l2_read, l2_compare, l2_need_d, l2_hit, l2_fill;
  logic [35:0] l2_read_vpn, l2_vpn, l2_fill_vpn;
  logic [53:0] l2_pte, l2_fill_pte;
  logic [1:0] l2_level, l2_fill_level;

  mmu_l2 #(
    .SETS(L2_SETS), .WAYS(L2_WAYS), .LARGE(L2_LARGE), .POLICY(L2_REPL), .CTX_W(CTX_BITS)
  ) u_l2 (
    .clk_i(clk_i), .rst_i(rst_i),
    .read_i(l2_read || (fence && fence_rs1_i)),
    .read_vpn_i(fence && fence_rs1_i ? fence_vpn : l2_read_vpn),
    .compare_i(l2_compare), .vpn_i(l2_vpn), .ctx_i(ctx), .need_d_i(l2_need_d),
    .hit_o(l2_hit), .pte_o(l2_pte), .level_o(l2_level),
    .fill_i(l2_fill), .fill_vpn_i(l2_fill_vpn), .fill_pte_i(l2_fill_pte),
    .fill_level_i(l2_fill_level),
    .fill_o(ev_l2_fill_o), .fill_large_o(ev_l2_fill_large_o), .fill_set_o(ev_l2_fill_set_o),
    .fill_way_o(ev_l2_fill_way_o),
    .flash_i(flash), .fence_i(fence), .by_va_i(fence_rs1_i), .by_ctx_i(fence_rs2_i),
    .fence_vpn_i(fence_vpn), .fence_ctx_i(fence_ctx), .fence_known_i(fence_known),
    .clearing_o(clearing));

  // ---- Page-walk caches
  logic [35:0] pwc_vpn, pwc_fill_vpn;
  logic [2:0] pwc_hit, pwc_global, pwc_touch, pwc_fill, pwc_filled;
  logic [131:0] pwc_ppn;
  logic [43:0] pwc_fill_ppn;
  logic pwc_fill_global;
  logic [23:0] pwc_way;
  logic [2:0] pwc_level;

  mmu_pwc #(.WAYS(PWC_L1), .LEVEL(1), .POLICY(PWC_REPL), .CTX_W(CTX_BITS)) u_pwc_l1 (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(pwc_vpn), .ctx_i(ctx), .hit_o(pwc_hit[0]),
    .ppn_o(pwc_ppn[0 +: 44]), .global_o(pwc_global[0]), .touch_i(pwc_touch[0]),
    .fill_i(pwc_fill[0]),
    .fill_vpn_i(pwc_fill_vpn), .fill_ppn_i(pwc_fill_ppn), .fill_global_i(pwc_fill_global),
    .fill_o(pwc_filled[0]), .fill_way_o(pwc_way[0 +: 8]), .flash_i(flash), .fence_i(fence_pwc),
    .fence_ctx_i(fence_ctx));
  mmu_pwc #(.WAYS(PWC_L2), .LEVEL(2), .POLICY(PWC_REPL), .CTX_W(CTX_BITS)) u_pwc_l2 (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(pwc_vpn), .ctx_i(ctx), .hit_o(pwc_hit[1]),
    .ppn_o(pwc_ppn[44 +: 44]), .global_o(pwc_global[1]), .touch_i(pwc_touch[1]),
    .fill_i(pwc_fill[1]),
    .fill_vpn_i(pwc_fill_vpn), .fill_ppn_i(pwc_fill_ppn), .fill_global_i(pwc_fill_global),
    .fill_o(pwc_filled[1]), .fill_way_o(pwc_way[8 +: 8]), .flash_i(flash), .fence_i(fence_pwc),
    .fence_ctx_i(fence_ctx));
  mmu_pwc #(.WAYS(PWC_L3), .LEVEL(3), .POLICY(PWC_REPL), .CTX_W(CTX_BITS)) u_pwc_l3 (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(pwc_vpn), .ctx_i(ctx), .hit_o(pwc_hit[2]),
    .ppn_o(pwc_ppn[88 +: 44]), .global_o(pwc_global[2]), .touch_i(pwc_touch[2]),
    .fill_i(pwc_fill[2]),
    .fill_vpn_i(pwc_fill_vpn), .fill_ppn_i(pwc_fill_ppn), .fill_global_i(pwc_fill_global),
    .fill_o(pwc_filled[2]), .fill_way_o(pwc_way[16 +: 8]), .flash_i(flash), .fence_i(fence_pwc),
    .fence_ctx_i(fence_ctx));

  always_comb begin
    ev_pwc_fill_o = pwc_filled != '0;
    ev_pwc_fill_level_o = ev_pwc_fill_o ? pwc_level : '0;
    ev_pwc_fill_way_o = pwc_way[7:0] | pwc_way[15:8] | pwc_way[23:16];
  end

  // ---- Slots and walkers
  logic idle;
  assign idle_o = idle && !clearing;

  mmu_ptw #(
    .SLOTS_FETCH(SLOTS_FETCH), .SLOTS_DATA(SLOTS_DATA), .WALKERS(WALKERS), .PA_BITS(PA_BITS)
  ) u_ptw (
    .clk_i(clk_i), .rst_i(rst_i), .root_i(satp_q[43:0]), .top_i(top), .adue_i(adue_q),
    .ifree_o(ifree), .imiss_i(imiss), .iid_i(ireq_id_i), .iva_i(ireq_va_i[47:0]),
    .ipriv_i(ireq_priv_i),
    .dfree_o(dfree), .dmiss_i(dmiss), .did_i(dreq_id_i), .dva_i(dreq_va_i[47:0]),
    .daccess_i(dreq_access_i), .dpriv_i(dreq_priv_i), .dsum_i(dreq_sum_i), .dmxr_i(dreq_mxr_i),
    .oldest_valid_i(oldest_valid_i), .oldest_port_i(oldest_port_i), .oldest_id_i(oldest_id_i),
    .ikill_i(ikill_i), .dkill_i(dkill_i),
    .satp_write_i(satp_write), .fence_i(fence), .fence_here_i(fence_here), .by_va_i(fence_rs1_i),
    .fence_vpn_i(fence_vpn),
    .imiss_valid_o(imiss_valid_o), .imiss_id_o(imiss_id_o), .imiss_pa_o(imiss_pa_o),
    .imiss_cause_o(imiss_cause_o), .imiss_size_o(imiss_size_o), .imiss_source_o(imiss_source_o),
    .ifill_o(ifill), .ifill_vpn_o(ifill_vpn), .ifill_pte_o(ifill_pte), .ifill_level_o(ifill_level),
    .dmiss_valid_o(dmiss_valid_o), .dmiss_id_o(dmiss_id_o), .dmiss_pa_o(dmiss_pa_o),
    .dmiss_cause_o(dmiss_cause_o), .dmiss_size_o(dmiss_size_o), .dmiss_source_o(dmiss_source_o),
    .dfill_o(dfill), .dfill_vpn_o(dfill_vpn), .dfill_pte_o(dfill_pte), .dfill_level_o(dfill_level),
    .l2_read_o(l2_read), .l2_read_vpn_o(l2_read_vpn), .l2_compare_o(l2_compare), .l2_vpn_o(l2_vpn),
    .l2_need_d_o(l2_need_d), .l2_hit_i(l2_hit), .l2_pte_i(l2_pte), .l2_level_i(l2_level),
    .l2_fill_o(l2_fill), .l2_fill_vpn_o(l2_fill_vpn), .l2_fill_pte_o(l2_fill_pte),
    .l2_fill_level_o(l2_fill_level),
    .pwc_vpn_o(pwc_vpn), .pwc_hit_i(pwc_hit), .pwc_ppn_i(pwc_ppn), .pwc_global_i(pwc_global),
    .pwc_touch_o(pwc_touch), .pwc_fill_o(pwc_fill), .pwc_fill_vpn_o(pwc_fill_vpn),
    .pwc_fill_ppn_o(pwc_fill_ppn), .pwc_fill_global_o(pwc_fill_global),
    .mem_req_valid_o(mem_req_valid_o), .mem_req_op_o(mem_req_op_o), .mem_req_tag_o(mem_req_tag_o),
    .mem_req_addr_o(mem_req_addr_o), .mem_req_cmp_o(mem_req_cmp_o), .mem_req_data_o(mem_req_data_o),
    .mem_req_ready_i(mem_req_ready_i), .mem_rsp_valid_i(mem_rsp_valid_i),
    .mem_rsp_tag_i(mem_rsp_tag_i),
    .mem_rsp_data_i(mem_rsp_data_i[63:0]), .mem_rsp_error_i(mem_rsp_error_i),
    .mem_rsp_cas_ok_i(mem_rsp_cas_ok_i), .idle_o(idle),
    .ev_l2_lookup_o(ev_l2_lookup_o), .ev_l2_hit_o(ev_l2_hit_o), .ev_l2_slot_o(ev_l2_slot_o),
    .ev_merge_o(ev_merge_o), .ev_walk_start_o(ev_walk_start_o),
    .ev_walk_start_slot_o(ev_walk_start_slot_o), .ev_walk_start_level_o(ev_walk_start_level_o),
    .ev_walk_end_o(ev_walk_end_o),
    .ev_walk_end_slot_o(ev_walk_end_slot_o), .ev_walk_end_size_o(ev_walk_end_size_o),
    .ev_pwc_level_o(pwc_level), .ev_hold_o(ev_hold_o), .ev_retry_o(ev_retry_o),
    .ev_walkers_o(ev_walkers_o));
endmodule

`default_nettype wire
