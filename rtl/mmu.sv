// SPDX-License-Identifier: Apache-2.0
//
// The MMU: L1 instruction and data TLBs, L2 TLB, page-walk caches, walkers, CSR state, fences.
// RISC-V Sv39, Sv48, Sv57; with XLEN = 32 Sv32. Svnapot, Svpbmt, Svadu, Svinval; PMP and PMA.
// Mirror:    model/mmu.c
// Latency:   L1 hit 0 (same cycle, hit channel); L2 hit 2; walk of n reads n*L + 3, L being the
//            memory's (docs/microarchitecture.md derives each; testbench/sva asserts it)
// Handshake: docs/ports.md draws each. ready never depends on valid; no answer has back-pressure.
// Reset:     synchronous, one cycle; afterwards satp is 0 (Bare)
// Spec:      [priv, Supervisor-Level ISA: satp, SFENCE.VMA, Sv32, Sv39, Sv48, Sv57; PMP; menvcfg]
`default_nettype none

module mmu #(
  parameter int unsigned XLEN = mmu_pkg::XLEN,
  parameter int unsigned L1I_SETS = mmu_pkg::L1I_SETS,
  parameter int unsigned L1I_WAYS = mmu_pkg::L1I_WAYS,
  parameter int unsigned L1I_REPL = mmu_pkg::L1I_REPL,
  parameter int unsigned L1I_LATENCY = mmu_pkg::L1I_LATENCY,
  parameter int unsigned L1I_SUPER = mmu_pkg::L1I_SUPER,
  parameter int unsigned L1I_SIZES = mmu_pkg::L1I_SIZES,
  parameter int unsigned L1I_SUPER_SIZES = mmu_pkg::L1I_SUPER_SIZES,
  parameter int unsigned L1D_SETS = mmu_pkg::L1D_SETS,
  parameter int unsigned L1D_WAYS = mmu_pkg::L1D_WAYS,
  parameter int unsigned L1D_REPL = mmu_pkg::L1D_REPL,
  parameter int unsigned L1D_LATENCY = mmu_pkg::L1D_LATENCY,
  parameter int unsigned L1D_SUPER = mmu_pkg::L1D_SUPER,
  parameter int unsigned L1D_SIZES = mmu_pkg::L1D_SIZES,
  parameter int unsigned L1D_SUPER_SIZES = mmu_pkg::L1D_SUPER_SIZES,
  parameter int unsigned L2_SETS = mmu_pkg::L2_SETS,
  parameter int unsigned L2_WAYS = mmu_pkg::L2_WAYS,
  parameter int unsigned L2_REPL = mmu_pkg::L2_REPL,
  parameter int unsigned L2_LARGE = mmu_pkg::L2_LARGE,
  parameter int unsigned L2_LARGE_SIZES = mmu_pkg::L2_LARGE_SIZES,
  parameter int unsigned L2I_SETS = mmu_pkg::L2I_SETS,
  parameter int unsigned L2I_WAYS = mmu_pkg::L2I_WAYS,
  parameter int unsigned L2I_LARGE = mmu_pkg::L2I_LARGE,
  parameter int unsigned L2_CYCLES = mmu_pkg::L2_CYCLES,
  parameter int unsigned PWC_L1 = mmu_pkg::PWC_L1,
  parameter int unsigned PWC_L2 = mmu_pkg::PWC_L2,
  parameter int unsigned PWC_L3 = mmu_pkg::PWC_L3,
  parameter int unsigned PWC_L4 = mmu_pkg::PWC_L4,
  parameter int unsigned PWC_REPL = mmu_pkg::PWC_REPL,
  parameter int unsigned REPL_SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned PTE_LINES = mmu_pkg::PTE_LINES,
  parameter int unsigned PTE_COALESCE = mmu_pkg::PTE_COALESCE,
  parameter int unsigned PREFETCH_STREAMS = mmu_pkg::PREFETCH_STREAMS,
  parameter int unsigned SLOTS_FETCH = mmu_pkg::SLOTS_FETCH,
  parameter int unsigned SLOTS_DATA = mmu_pkg::SLOTS_DATA,
  parameter int unsigned WALKERS = mmu_pkg::WALKERS,
  parameter int unsigned WALK_CYCLES = mmu_pkg::WALK_CYCLES,
  parameter int unsigned WALK_REFILL = mmu_pkg::WALK_REFILL,
  parameter int unsigned CTX_ENTRIES = mmu_pkg::CTX_ENTRIES,
  parameter int unsigned CTX_BITS = mmu_pkg::CTX_BITS,
  parameter int unsigned ASID_BITS = mmu_pkg::ASID_BITS,
  parameter int unsigned PA_BITS = mmu_pkg::PA_BITS,
  parameter int unsigned PMP_ENTRIES = mmu_pkg::PMP_ENTRIES,
  parameter int unsigned PMA_ENTRIES = mmu_pkg::PMA_ENTRIES,
  parameter int unsigned EV_STATE = 0  // 1: pins ev_*_state_o are driven, for a test bench
) (
  input  wire         clk_i,
  input  wire          rst_i,
  // extensions of the hart, held stable from reset
  input  wire          svnapot_i,
  input  wire          svpbmt_i,
  input  wire          svadu_i,
  // fetch requests
  input  wire          ireq_valid_i,
  input  wire  [4:0]   ireq_id_i,
  input  wire  [63:0]  ireq_va_i,
  input  wire  [11:0]  ireq_last_i,
  input  wire  [1:0]   ireq_priv_i,
  output logic         ireq_ready_o,
  // data requests
  input  wire          dreq_valid_i,
  input  wire  [4:0]   dreq_id_i,
  input  wire  [63:0]  dreq_va_i,
  input  wire  [11:0]  dreq_last_i,
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
  output logic [1:0]   ihit_pbmt_o,
  // fetch answers: misses, any order
  output logic         imiss_valid_o,
  output logic [4:0]   imiss_id_o,
  output logic [55:0]  imiss_pa_o,
  output logic [3:0]   imiss_cause_o,
  output logic [2:0]   imiss_size_o,
  output logic [1:0]   imiss_pbmt_o,
  output logic [2:0]   imiss_source_o,
  // data answers: hits, in the cycle of acceptance
  output logic         dhit_valid_o,
  output logic [4:0]   dhit_id_o,
  output logic [55:0]  dhit_pa_o,
  output logic [3:0]   dhit_cause_o,
  output logic [2:0]   dhit_size_o,
  output logic [1:0]   dhit_pbmt_o,
  // data answers: misses, any order
  output logic         dmiss_valid_o,
  output logic [4:0]   dmiss_id_o,
  output logic [55:0]  dmiss_pa_o,
  output logic [3:0]   dmiss_cause_o,
  output logic [2:0]   dmiss_size_o,
  output logic [1:0]   dmiss_pbmt_o,
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
  output logic         ev_il1_fill_super_o,
  output logic [7:0]   ev_il1_fill_set_o,
  output logic [7:0]   ev_il1_fill_way_o,
  output logic [2:0]   ev_il1_fill_span_o,
  output logic         ev_dl1_lookup_o,
  output logic         ev_dl1_hit_o,
  output logic         ev_dl1_fill_o,
  output logic         ev_dl1_fill_super_o,
  output logic [7:0]   ev_dl1_fill_set_o,
  output logic [7:0]   ev_dl1_fill_way_o,
  output logic [2:0]   ev_dl1_fill_span_o,
  output logic         ev_l2_lookup_o,
  output logic         ev_l2_hit_o,
  output logic [5:0]   ev_l2_slot_o,
  output logic         ev_l2_fill_o,
  output logic         ev_l2_fill_large_o,
  output logic [11:0]  ev_l2_fill_set_o,
  output logic [7:0]   ev_l2_fill_way_o,
  output logic         ev_line_hit_o,
  output logic [5:0]   ev_line_hit_slot_o,
  output logic         ev_line_wait_o,
  output logic         ev_line_fill_o,
  output logic [7:0]   ev_line_fill_way_o,
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
  output logic         ev_deny_o,
  output logic [5:0]   ev_deny_slot_o,
  output logic         ev_share_o,
  output logic [5:0]   ev_share_slot_o,
  output logic [31:0]  ev_giveup_o,
  output logic         ev_hold_o,
  output logic         ev_retry_o,
  output logic [6:0]   ev_walkers_o,
  output logic         ev_prefetch_o,
  output logic         ev_prefetch_used_o,
  output logic         ev_ctx_wrap_o,
  output logic [31:0]  ev_ctx_state_o, ev_il1_state_o, ev_dl1_state_o, ev_l2_state_o,
  output logic [31:0]  ev_pwc_state_o, ev_line_state_o, ev_prefetch_state_o
);
  localparam logic RV32 = XLEN == 32;
  localparam int unsigned PA_W = RV32 && PA_BITS > 34 ? 34 : PA_BITS;     // Sv32: 34 at most

  // ---- What was built: FNV-1a over the parameters in the order of model/params.def
  // verilator lint_off WIDTHCONCAT
  localparam logic [32*mmu_pkg::PARAMETERS-1:0] BUILT = {
    XLEN, L1I_SETS, L1I_WAYS, L1I_REPL, L1I_LATENCY, L1I_SUPER, L1I_SIZES, L1I_SUPER_SIZES, L1D_SETS, L1D_WAYS,
    L1D_REPL, L1D_LATENCY, L1D_SUPER, L1D_SIZES, L1D_SUPER_SIZES, L2_SETS, L2_WAYS, L2_REPL, L2_LARGE,
    L2_LARGE_SIZES, L2I_SETS, L2I_WAYS, L2I_LARGE, L2_CYCLES, PWC_L1, PWC_L2, PWC_L3, PWC_L4, PWC_REPL, REPL_SEED,
    PTE_LINES, PTE_COALESCE, PREFETCH_STREAMS, SLOTS_FETCH, SLOTS_DATA, WALKERS, WALK_CYCLES, WALK_REFILL,
    CTX_ENTRIES, CTX_BITS, ASID_BITS, PA_BITS, PMP_ENTRIES, PMA_ENTRIES};
  // verilator lint_on WIDTHCONCAT

  localparam logic [31:0] DIGEST = mmu_fn_pkg::digest(BUILT);
  assign config_o = DIGEST;

  // ---- RV32 has 32 bits of everything that is XLEN wide
  logic [63:0] iva, dva, fence_va;
  assign iva = RV32 ? {32'b0, ireq_va_i[31:0]} : ireq_va_i;
  assign dva = RV32 ? {32'b0, dreq_va_i[31:0]} : dreq_va_i;
  assign fence_va = RV32 ? {32'b0, fence_va_i[31:0]} : fence_va_i;

  // ---- CSR and fence ports
  logic fence, csr_taken, satp_write, fence_here, fence_known, fence_all, clearing;
  logic flash, wrap, bare, adue, pbmte, fence_tlb, fence_pwc;
  logic [2:0] top;
  logic [15:0] fence_asid, write_asid, satp_asid;
  logic [43:0] root;
  logic [44:0] fence_vpn;
  logic [CTX_BITS-1:0] ctx, fence_ctx;

  mmu_csr #(.XLEN(XLEN), .ASID_BITS(ASID_BITS)) u_csr (
    .clk_i(clk_i), .rst_i(rst_i), .svpbmt_i(svpbmt_i), .svadu_i(svadu_i), .csr_valid_i(csr_valid_i),
    .csr_addr_i(csr_addr_i), .csr_wdata_i(csr_wdata_i), .csr_ready_o(csr_ready_o), .csr_done_o(csr_done_o),
    .fence_valid_i(fence_valid_i), .fence_op_i(fence_op_i), .fence_rs1_i(fence_rs1_i), .fence_rs2_i(fence_rs2_i),
    .fence_va_i(fence_va), .fence_asid_i(fence_asid_i), .fence_ready_o(fence_ready_o), .fence_done_o(fence_done_o),
    .clearing_i(clearing), .fence_o(fence), .fence_all_o(fence_all), .fence_here_o(fence_here),
    .fence_asid_o(fence_asid), .fence_vpn_o(fence_vpn), .csr_taken_o(csr_taken), .satp_write_o(satp_write),
    .write_asid_o(write_asid), .satp_asid_o(satp_asid), .root_o(root), .bare_o(bare), .top_o(top), .adue_o(adue),
    .pbmte_o(pbmte));

  assign flash = fence_all || wrap;
  assign ev_ctx_wrap_o = wrap;

  // ---- PMP and PMA, which have the last word on every address
  logic [55:0] ihit_check_pa, imiss_check_pa, dhit_check_pa, dmiss_check_pa, pte_check_pa;
  logic [11:0] imiss_check_last, dmiss_check_last;
  logic [2:0] dmiss_check_access;
  logic [1:0] imiss_check_priv, dmiss_check_priv;
  logic ihit_allowed, imiss_allowed, dhit_allowed, dmiss_allowed, pte_allowed, line_allowed, pte_check_write;

  mmu_protect #(.PMP_ENTRIES(PMP_ENTRIES), .PMA_ENTRIES(PMA_ENTRIES), .XLEN(XLEN),
                .PTE_LINES(PTE_LINES)) u_protect (
    .clk_i(clk_i), .rst_i(rst_i), .csr_i(csr_taken), .csr_addr_i(csr_addr_i), .csr_data_i(csr_wdata_i),
    .ihit_pa_i(ihit_check_pa), .ihit_last_i(ireq_last_i), .ihit_priv_i(ireq_priv_i), .ihit_ok_o(ihit_allowed),
    .imiss_pa_i(imiss_check_pa), .imiss_last_i(imiss_check_last), .imiss_priv_i(imiss_check_priv),
    .imiss_ok_o(imiss_allowed), .dhit_pa_i(dhit_check_pa), .dhit_last_i(dreq_last_i), .dhit_access_i(dreq_access_i),
    .dhit_priv_i(dreq_priv_i), .dhit_ok_o(dhit_allowed), .dmiss_pa_i(dmiss_check_pa),
    .dmiss_last_i(dmiss_check_last), .dmiss_access_i(dmiss_check_access), .dmiss_priv_i(dmiss_check_priv),
    .dmiss_ok_o(dmiss_allowed), .pte_pa_i(pte_check_pa), .pte_write_i(pte_check_write), .pte_ok_o(pte_allowed),
    .line_ok_o(line_allowed));

  mmu_ctx #(.ENTRIES(CTX_ENTRIES), .CTX_W(CTX_BITS), .EV_STATE(EV_STATE)) u_ctx (
    .clk_i(clk_i), .rst_i(rst_i), .satp_asid_i(satp_asid), .switch_i(satp_write), .switch_asid_i(write_asid),
    .fence_i(fence && fence_rs2_i && !fence_rs1_i), .fence_asid_i(fence_asid), .known_o(fence_known),
    .number_o(fence_ctx), .current_o(ctx), .wrap_o(wrap), .fold_o(ev_ctx_state_o));

  // [FEN-2, FEN-3]
  // a fence by ASID without a context number finds nothing in any TLB
  assign fence_tlb = fence && (!fence_rs2_i || fence_known);
  assign fence_pwc = fence && fence_rs2_i && !fence_rs1_i && fence_known;

  // ---- L1 TLBs: answered in the cycle of the request, or a slot
  logic ifree, imiss, ibusy, ifill, dfree, dmiss, dbusy, dfill;
  logic [44:0] ifill_vpn, dfill_vpn;
  logic [56:0] ifill_pte, dfill_pte;
  logic [2:0] ifill_level, dfill_level, ifill_span, dfill_span;

  mmu_port #(.SETS(L1I_SETS), .WAYS(L1I_WAYS), .POLICY(L1I_REPL), .LATENCY(L1I_LATENCY), .SIZES(L1I_SIZES),
             .SUPER(L1I_SUPER), .SUPER_SIZES(L1I_SUPER_SIZES), .CTX_W(CTX_BITS), .XLEN(XLEN),
             .PA_BITS(PA_W), .SEED(REPL_SEED), .EV_STATE(EV_STATE)) u_il1 (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(ireq_valid_i), .id_i(ireq_id_i), .va_i(iva),
    .access_i(mmu_pkg::ACCESS_FETCH), .priv_i(ireq_priv_i), .sum_i(1'b0), .mxr_i(1'b0), .ready_o(ireq_ready_o),
    .bare_i(bare), .top_i(top), .root_i(root), .ctx_i(ctx), .hit_valid_o(ihit_valid_o), .hit_id_o(ihit_id_o),
    .hit_pa_o(ihit_pa_o), .hit_cause_o(ihit_cause_o), .hit_size_o(ihit_size_o), .hit_pbmt_o(ihit_pbmt_o),
    .check_pa_o(ihit_check_pa), .allowed_i(ihit_allowed), .free_i(ifree), .miss_o(imiss), .busy_o(ibusy),
    .fill_i(ifill), .fill_vpn_i(ifill_vpn), .fill_pte_i(ifill_pte), .fill_level_i(ifill_level),
    .fill_span_i(ifill_span), .flash_i(flash), .fence_i(fence_tlb), .by_va_i(fence_rs1_i), .by_ctx_i(fence_rs2_i),
    .fence_vpn_i(fence_vpn), .fence_ctx_i(fence_ctx), .ev_lookup_o(ev_il1_lookup_o), .ev_hit_o(ev_il1_hit_o),
    .ev_fill_o(ev_il1_fill_o), .ev_fill_super_o(ev_il1_fill_super_o), .ev_fill_set_o(ev_il1_fill_set_o),
    .ev_fill_way_o(ev_il1_fill_way_o), .ev_fill_span_o(ev_il1_fill_span_o), .fold_o(ev_il1_state_o));

  // [ACC-3]
  mmu_port #(.SETS(L1D_SETS), .WAYS(L1D_WAYS), .POLICY(L1D_REPL), .LATENCY(L1D_LATENCY), .SIZES(L1D_SIZES),
             .SUPER(L1D_SUPER), .SUPER_SIZES(L1D_SUPER_SIZES), .CTX_W(CTX_BITS), .XLEN(XLEN),
             .PA_BITS(PA_W), .SEED(REPL_SEED), .EV_STATE(EV_STATE)) u_dl1 (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(dreq_valid_i), .id_i(dreq_id_i), .va_i(dva), .access_i(dreq_access_i),
    .priv_i(dreq_priv_i), .sum_i(dreq_sum_i), .mxr_i(dreq_mxr_i), .ready_o(dreq_ready_o), .bare_i(bare), .top_i(top),
    .root_i(root), .ctx_i(ctx), .hit_valid_o(dhit_valid_o), .hit_id_o(dhit_id_o), .hit_pa_o(dhit_pa_o),
    .hit_cause_o(dhit_cause_o), .hit_size_o(dhit_size_o), .hit_pbmt_o(dhit_pbmt_o), .check_pa_o(dhit_check_pa),
    .allowed_i(dhit_allowed), .free_i(dfree), .miss_o(dmiss), .busy_o(dbusy), .fill_i(dfill), .fill_vpn_i(dfill_vpn),
    .fill_pte_i(dfill_pte), .fill_level_i(dfill_level), .fill_span_i(dfill_span), .flash_i(flash),
    .fence_i(fence_tlb), .by_va_i(fence_rs1_i), .by_ctx_i(fence_rs2_i), .fence_vpn_i(fence_vpn),
    .fence_ctx_i(fence_ctx), .ev_lookup_o(ev_dl1_lookup_o), .ev_hit_o(ev_dl1_hit_o), .ev_fill_o(ev_dl1_fill_o),
    .ev_fill_super_o(ev_dl1_fill_super_o), .ev_fill_set_o(ev_dl1_fill_set_o), .ev_fill_way_o(ev_dl1_fill_way_o),
    .ev_fill_span_o(ev_dl1_fill_span_o), .fold_o(ev_dl1_state_o));

  // ---- L2 TLB. A VA fence has its read port first
  logic l2_read, l2_compare, l2_fill_fetch, l2_fetch, l2_need_d, l2_hit, l2_fill;
  logic [44:0] l2_read_vpn, l2_vpn, l2_fill_vpn;
  logic [56:0] l2_pte, l2_fill_pte, line_pte;
  logic [2:0] l2_level, l2_fill_level;

  mmu_l2s #(.XLEN(XLEN), .SETS(L2_SETS), .WAYS(L2_WAYS), .LARGE(L2_LARGE), .LARGE_SIZES(L2_LARGE_SIZES),
            .I_SETS(L2I_SETS), .I_WAYS(L2I_WAYS), .I_LARGE(L2I_LARGE), .POLICY(L2_REPL), .SEED(REPL_SEED),
            .CTX_W(CTX_BITS), .EV_STATE(EV_STATE)) u_l2 (
    .clk_i(clk_i), .rst_i(rst_i), .read_i(l2_read || (fence && fence_rs1_i)),
    .read_vpn_i(fence && fence_rs1_i ? fence_vpn : l2_read_vpn), .compare_i(l2_compare), .fetch_i(l2_fetch),
    .fill_fetch_i(l2_fill_fetch), .vpn_i(l2_vpn), .ctx_i(ctx), .need_d_i(l2_need_d), .hit_o(l2_hit), .pte_o(l2_pte),
    .level_o(l2_level), .fill_i(l2_fill), .fill_vpn_i(l2_fill_vpn), .fill_pte_i(l2_fill_pte),
    .fill_level_i(l2_fill_level), .fill_o(ev_l2_fill_o), .fill_large_o(ev_l2_fill_large_o),
    .fill_set_o(ev_l2_fill_set_o), .fill_way_o(ev_l2_fill_way_o), .flash_i(flash), .fence_i(fence),
    .by_va_i(fence_rs1_i), .by_ctx_i(fence_rs2_i), .fence_vpn_i(fence_vpn), .fence_ctx_i(fence_ctx),
    .fence_known_i(fence_known), .clearing_o(clearing), .fold_o(ev_l2_state_o));

  // ---- Page-walk caches
  logic [44:0] pwc_vpn, pwc_fill_vpn;
  logic [3:0] pwc_hit, pwc_global, pwc_touch, pwc_fill;
  logic [175:0] pwc_ppn;
  logic [43:0] pwc_fill_ppn;
  logic pwc_fill_global;
  logic [2:0] pwc_level;

  mmu_pwcs #(.XLEN(XLEN), .L1(PWC_L1), .L2(PWC_L2), .L3(PWC_L3), .L4(PWC_L4), .POLICY(PWC_REPL),
             .SEED(REPL_SEED), .CTX_W(CTX_BITS), .EV_STATE(EV_STATE)) u_pwcs (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(pwc_vpn), .ctx_i(ctx), .hit_o(pwc_hit), .ppn_o(pwc_ppn),
    .global_o(pwc_global), .touch_i(pwc_touch), .fill_i(pwc_fill), .fill_vpn_i(pwc_fill_vpn),
    .fill_ppn_i(pwc_fill_ppn), .fill_global_i(pwc_fill_global), .fill_level_i(pwc_level), .ev_fill_o(ev_pwc_fill_o),
    .ev_fill_level_o(ev_pwc_fill_level_o), .ev_fill_way_o(ev_pwc_fill_way_o), .flash_i(flash), .fence_i(fence_pwc),
    .fence_ctx_i(fence_ctx), .fold_o(ev_pwc_state_o));

  // ---- Lines of PTEs, looked up beside L2
  logic line_kept, line_hit, line_fill, line_fill_pbmte, line_drop, idle;
  logic [2:0] line_span, line_fill_span;

  mmu_lines #(.XLEN(XLEN), .LINES(PTE_LINES), .COALESCE(PTE_COALESCE), .CTX_W(CTX_BITS),
              .EV_STATE(EV_STATE)) u_lines (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(l2_vpn), .ctx_i(ctx), .need_d_i(l2_need_d), .kept_o(line_kept),
    .hit_o(line_hit), .pte_o(line_pte), .span_o(line_span), .touch_i(ev_line_hit_o), .fill_i(line_fill),
    .fill_vpn_i(pwc_fill_vpn), .fill_data_i(mem_rsp_data_i), .fill_global_i(pwc_fill_global), .svnapot_i(svnapot_i),
    .pbmte_i(line_fill_pbmte), .fill_o(ev_line_fill_o), .fill_way_o(ev_line_fill_way_o), .fill_span_o(line_fill_span),
    .drop_i(line_drop), .drop_vpn_i(pwc_fill_vpn), .flash_i(flash), .fence_i(fence_tlb), .by_va_i(fence_rs1_i),
    .by_ctx_i(fence_rs2_i), .fence_vpn_i(fence_vpn), .fence_ctx_i(fence_ctx), .fold_o(ev_line_state_o));

  // ---- Slots and walkers
  assign idle_o = idle && !clearing && !ibusy && !dbusy;
  mmu_ptw #(.XLEN(XLEN), .SLOTS_FETCH(SLOTS_FETCH), .SLOTS_DATA(SLOTS_DATA), .WALKERS(WALKERS),
            .L2_CYCLES(L2_CYCLES), .WALK_CYCLES(WALK_CYCLES), .WALK_REFILL(WALK_REFILL), .PTE_LINES(PTE_LINES),
            .PREFETCH_STREAMS(PREFETCH_STREAMS), .PA_BITS(PA_W), .EV_STATE(EV_STATE)) u_ptw (
    .clk_i(clk_i), .rst_i(rst_i), .root_i(root), .top_i(top), .adue_i(adue), .pbmte_i(pbmte), .svnapot_i(svnapot_i),
    .ifree_o(ifree), .imiss_i(imiss), .iid_i(ireq_id_i), .iva_i(iva[56:0]), .ilast_i(ireq_last_i),
    .ipriv_i(ireq_priv_i), .dfree_o(dfree), .dmiss_i(dmiss), .did_i(dreq_id_i), .dva_i(dva[56:0]),
    .dlast_i(dreq_last_i), .daccess_i(dreq_access_i), .dpriv_i(dreq_priv_i), .dsum_i(dreq_sum_i), .dmxr_i(dreq_mxr_i),
    .oldest_valid_i(oldest_valid_i), .oldest_port_i(oldest_port_i), .oldest_id_i(oldest_id_i), .ikill_i(ikill_i),
    .dkill_i(dkill_i), .satp_write_i(satp_write), .fence_i(fence), .fence_here_i(fence_here), .by_va_i(fence_rs1_i),
    .fence_vpn_i(fence_vpn), .imiss_check_pa_o(imiss_check_pa), .imiss_check_last_o(imiss_check_last),
    .imiss_check_priv_o(imiss_check_priv), .imiss_allowed_i(imiss_allowed), .imiss_pbmt_o(imiss_pbmt_o),
    .imiss_valid_o(imiss_valid_o), .imiss_id_o(imiss_id_o), .imiss_pa_o(imiss_pa_o), .imiss_cause_o(imiss_cause_o),
    .imiss_size_o(imiss_size_o), .imiss_source_o(imiss_source_o), .ifill_o(ifill), .ifill_vpn_o(ifill_vpn),
    .ifill_pte_o(ifill_pte), .ifill_level_o(ifill_level), .ifill_span_o(ifill_span), .fold_o(ev_prefetch_state_o),
    .dmiss_check_pa_o(dmiss_check_pa), .dmiss_check_last_o(dmiss_check_last),
    .dmiss_check_access_o(dmiss_check_access), .dmiss_check_priv_o(dmiss_check_priv), .dmiss_allowed_i(dmiss_allowed),
    .dmiss_pbmt_o(dmiss_pbmt_o), .dmiss_valid_o(dmiss_valid_o), .dmiss_id_o(dmiss_id_o), .dmiss_pa_o(dmiss_pa_o),
    .dmiss_cause_o(dmiss_cause_o), .dmiss_size_o(dmiss_size_o), .dmiss_source_o(dmiss_source_o), .dfill_o(dfill),
    .dfill_vpn_o(dfill_vpn), .dfill_pte_o(dfill_pte), .dfill_level_o(dfill_level), .dfill_span_o(dfill_span),
    .l2_read_o(l2_read), .l2_read_vpn_o(l2_read_vpn), .l2_compare_o(l2_compare), .l2_fetch_o(l2_fetch),
    .l2_vpn_o(l2_vpn), .l2_need_d_o(l2_need_d), .l2_hit_i(l2_hit), .l2_pte_i(l2_pte), .l2_level_i(l2_level),
    .line_kept_i(line_kept), .line_hit_i(line_hit), .line_pte_i(line_pte), .line_span_i(line_span),
    .line_fill_span_i(line_fill_span), .line_fill_o(line_fill), .line_fill_pbmte_o(line_fill_pbmte),
    .line_drop_o(line_drop), .l2_fill_o(l2_fill), .l2_fill_fetch_o(l2_fill_fetch), .l2_fill_vpn_o(l2_fill_vpn),
    .l2_fill_pte_o(l2_fill_pte), .l2_fill_level_o(l2_fill_level), .pwc_vpn_o(pwc_vpn), .pwc_hit_i(pwc_hit),
    .pwc_ppn_i(pwc_ppn), .pwc_global_i(pwc_global), .pwc_touch_o(pwc_touch), .pwc_fill_o(pwc_fill),
    .pwc_fill_vpn_o(pwc_fill_vpn), .pwc_fill_ppn_o(pwc_fill_ppn), .pwc_fill_global_o(pwc_fill_global),
    .pte_check_pa_o(pte_check_pa), .pte_check_write_o(pte_check_write), .pte_allowed_i(pte_allowed),
    .line_allowed_i(line_allowed), .mem_req_valid_o(mem_req_valid_o), .mem_req_op_o(mem_req_op_o),
    .mem_req_tag_o(mem_req_tag_o), .mem_req_addr_o(mem_req_addr_o), .mem_req_cmp_o(mem_req_cmp_o),
    .mem_req_data_o(mem_req_data_o), .mem_req_ready_i(mem_req_ready_i), .mem_rsp_valid_i(mem_rsp_valid_i),
    .mem_rsp_tag_i(mem_rsp_tag_i), .mem_rsp_data_i(mem_rsp_data_i), .mem_rsp_error_i(mem_rsp_error_i),
    .mem_rsp_cas_ok_i(mem_rsp_cas_ok_i), .idle_o(idle), .ev_l2_lookup_o(ev_l2_lookup_o), .ev_l2_hit_o(ev_l2_hit_o),
    .ev_l2_slot_o(ev_l2_slot_o), .ev_line_hit_o(ev_line_hit_o), .ev_line_hit_slot_o(ev_line_hit_slot_o),
    .ev_line_wait_o(ev_line_wait_o), .ev_merge_o(ev_merge_o), .ev_walk_start_o(ev_walk_start_o),
    .ev_walk_start_slot_o(ev_walk_start_slot_o), .ev_walk_start_level_o(ev_walk_start_level_o),
    .ev_walk_end_o(ev_walk_end_o), .ev_walk_end_slot_o(ev_walk_end_slot_o), .ev_walk_end_size_o(ev_walk_end_size_o),
    .ev_pwc_level_o(pwc_level), .ev_deny_o(ev_deny_o), .ev_deny_slot_o(ev_deny_slot_o), .ev_share_o(ev_share_o),
    .ev_share_slot_o(ev_share_slot_o), .ev_giveup_o(ev_giveup_o), .ev_hold_o(ev_hold_o), .ev_retry_o(ev_retry_o),
    .ev_walkers_o(ev_walkers_o), .ev_prefetch_o(ev_prefetch_o), .ev_prefetch_used_o(ev_prefetch_used_o));
endmodule

`default_nettype wire
