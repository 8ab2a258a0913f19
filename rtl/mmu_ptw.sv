// SPDX-License-Identifier: Apache-2.0
//
// The page-table walkers and the slots they work for: miss register, walk context, follower and
// answer in one.
// Mirror: model/ptw.c, chapter by chapter
// Latency (accept to answer, L = memory latency, nothing in the way): L2 hit 2; walk of n reads
//          n*L + 3, since the next read leaves in the cycle the PTE arrives; an A/D update: L + 1.
//          docs/microarchitecture.md, order rules.
// Handshake: a slot is free before a request is accepted, so no answer and no memory reply ever
//          waits. A memory request once offered stays unchanged until taken; only a killed access's
//          A/D update is withdrawn.
`default_nettype none

module mmu_ptw #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SLOTS_FETCH = 4,
  parameter int unsigned SLOTS_DATA = 8,
  parameter int unsigned WALKERS = 2,
  parameter int unsigned L2_CYCLES = 0,
  parameter int unsigned WALK_CYCLES = 0,
  parameter int unsigned WALK_REFILL = 0,
  parameter int unsigned PTE_LINES = 0,
  parameter int unsigned PREFETCH_STREAMS = 0,
  parameter int unsigned PA_BITS = 56,
  parameter int unsigned EV_STATE = 0
) (
  input  wire         clk_i,
  input  wire         rst_i,
  // address space
  input  wire [43:0]  root_i,
  input  wire [2:0]   top_i,          // level of the root's PTEs
  input  wire         adue_i,
  input  wire         pbmte_i,
  input  wire         svnapot_i,
  // requests that missed L1, accepted in this cycle
  output logic        ifree_o, dfree_o,
  input  wire         imiss_i, dmiss_i,
  input  wire [4:0]   iid_i, did_i,
  input  wire [56:0]  iva_i, dva_i,
  input  wire [11:0]  ilast_i, dlast_i,
  input  wire [2:0]   daccess_i,
  input  wire [1:0]   ipriv_i, dpriv_i,
  input  wire         dsum_i, dmxr_i,
  input  wire         oldest_valid_i,
  input  wire         oldest_port_i,
  input  wire [4:0]   oldest_id_i,
  input  wire [31:0]  ikill_i, dkill_i,
  // fence or satp write of this cycle
  input  wire         satp_write_i,
  input  wire         fence_i,
  input  wire         fence_here_i,
  input  wire         by_va_i,
  input  wire [44:0]  fence_vpn_i,
  // answers, and the L1 fills they make
  output logic [55:0] imiss_check_pa_o, dmiss_check_pa_o,
  output logic [11:0] imiss_check_last_o, dmiss_check_last_o,
  output logic [2:0]  dmiss_check_access_o,
  output logic [1:0]  imiss_check_priv_o, dmiss_check_priv_o,
  input  wire         imiss_allowed_i, dmiss_allowed_i,
  output logic        imiss_valid_o, dmiss_valid_o,
  output logic [4:0]  imiss_id_o, dmiss_id_o,
  output logic [55:0] imiss_pa_o, dmiss_pa_o,
  output logic [3:0]  imiss_cause_o, dmiss_cause_o,
  output logic [2:0]  imiss_size_o, dmiss_size_o,
  output logic [1:0]  imiss_pbmt_o, dmiss_pbmt_o,
  output logic [2:0]  imiss_source_o, dmiss_source_o,
  output logic        ifill_o, dfill_o,
  output logic [44:0] ifill_vpn_o, dfill_vpn_o,
  output logic [56:0] ifill_pte_o, dfill_pte_o,
  output logic [2:0]  ifill_level_o, dfill_level_o, ifill_span_o, dfill_span_o,
  // L2 TLB
  output logic        l2_read_o,
  output logic [44:0] l2_read_vpn_o,
  output logic        l2_compare_o,
  output logic        l2_fetch_o,     // what is compared is a fetch
  output logic [44:0] l2_vpn_o,
  output logic        l2_need_d_o,
  input  wire         l2_hit_i,
  input  wire [56:0]  l2_pte_i,
  input  wire [2:0]   l2_level_i,
  // lines of PTEs: looked up beside L2
  input  wire         line_kept_i,
  input  wire         line_hit_i,
  input  wire [56:0]  line_pte_i,
  input  wire [2:0]   line_span_i,
  input  wire [2:0]   line_fill_span_i,  // of the page whose line arrives
  output logic        line_fill_o,     // by the answer of memory, for the page of pwc_fill_vpn_o
  output logic        line_fill_pbmte_o,
  output logic        line_drop_o,     // one of its PTEs was written, of that page
  output logic        l2_fill_o,
  output logic        l2_fill_fetch_o,  // for the instruction side, if L2 is split
  output logic [44:0] l2_fill_vpn_o,
  output logic [56:0] l2_fill_pte_o,
  output logic [2:0]  l2_fill_level_o,
  // walk caches, [k-1]: level k
  output logic [44:0] pwc_vpn_o,
  input  wire [3:0]   pwc_hit_i,
  input  wire [175:0] pwc_ppn_i,
  input  wire [3:0]   pwc_global_i,
  output logic [3:0]  pwc_touch_o,
  output logic [3:0]  pwc_fill_o,
  output logic [44:0] pwc_fill_vpn_o,
  output logic [43:0] pwc_fill_ppn_o,
  output logic        pwc_fill_global_o,
  // PMP and PMA on the table access about to be offered
  output logic [55:0] pte_check_pa_o,
  output logic        pte_check_write_o,
  input  wire         pte_allowed_i,
  input  wire         line_allowed_i,  // its whole line may be read
  // memory
  output logic        mem_req_valid_o,
  output logic [1:0]  mem_req_op_o,
  output logic [5:0]  mem_req_tag_o,
  output logic [55:0] mem_req_addr_o,
  output logic [63:0] mem_req_cmp_o,
  output logic [63:0] mem_req_data_o,
  input  wire         mem_req_ready_i,
  input  wire         mem_rsp_valid_i,
  input  wire [5:0]   mem_rsp_tag_i,
  input  wire [511:0] mem_rsp_data_i,
  input  wire         mem_rsp_error_i,
  input  wire         mem_rsp_cas_ok_i,
  output logic        idle_o,
  // probe
  output logic        ev_l2_lookup_o,
  output logic        ev_l2_hit_o,
  output logic [5:0]  ev_l2_slot_o,
  output logic        ev_line_hit_o,
  output logic [5:0]  ev_line_hit_slot_o,
  output logic        ev_line_wait_o,
  output logic        ev_merge_o,
  output logic        ev_walk_start_o,
  output logic [5:0]  ev_walk_start_slot_o,
  output logic [2:0]  ev_walk_start_level_o,
  output logic        ev_walk_end_o,
  output logic [5:0]  ev_walk_end_slot_o,
  output logic [2:0]  ev_walk_end_size_o,
  output logic [2:0]  ev_pwc_level_o,
  output logic        ev_deny_o,
  output logic [5:0]  ev_deny_slot_o,
  output logic        ev_share_o,
  output logic [5:0]  ev_share_slot_o,
  output logic [31:0] ev_giveup_o,
  output logic        ev_hold_o,
  output logic        ev_retry_o,
  output logic [6:0]  ev_walkers_o,
  output logic        ev_prefetch_o,
  output logic        ev_prefetch_used_o,
  output logic [31:0] fold_o
);
  localparam logic RV32 = XLEN == 32;
  localparam int unsigned AHEAD_SLOTS = PREFETCH_STREAMS == 0 ? 0 : 1;
  localparam int unsigned N = SLOTS_FETCH + SLOTS_DATA + AHEAD_SLOTS;
  localparam logic [N-1:0] AHEAD = N'(AHEAD_SLOTS) << (SLOTS_FETCH + SLOTS_DATA);
  localparam int unsigned SLOT_W = N > 1 ? $clog2(N) : 1;

  // ---- The slots
  logic [N-1:0] l2s, want, rdq, rd, casq, cas, sharing, merged, waiting, named, covered, stale, fresh, again, killed;
  logic [N-1:0] lining, line, single, fetches;
  logic [N-1:0] global_bit, sum, mxr, adue, pbmte;
  logic [N*N-1:0] older;
  logic [N*57-1:0] va;
  logic [N*3-1:0] access;
  logic [N*2-1:0] privilege;
  logic [N*3-1:0] level, level_next;
  logic [N*44-1:0] base, base_next;
  logic [N*57-1:0] pte;
  logic [N*SLOT_W-1:0] lead_of;
  logic [N-1:0] global_next, ends, look_again;
  logic [N*4-1:0] cause;
  logic [3:0] cmp_cause;
  logic taken, waits, withdraw, offer_cas, offer_line;
  logic [N-1:0] offer;

  // ---- Walk start
  logic [N-1:0] start;
  logic [2:0] start_level;
  logic [43:0] start_base;
  logic start_global;

  mmu_walk_start #(.N(N), .WALKERS(WALKERS), .AHEAD(AHEAD)) u_start (
    .want_i(want), .walking_i(rdq | rd | casq | cas | sharing), .older_i(older), .va_i(va), .level_i(level),
    .base_i(base), .global_i(global_bit), .cached_i(fresh & ~stale), .pwc_vpn_o(pwc_vpn_o), .pwc_hit_i(pwc_hit_i),
    .pwc_ppn_i(pwc_ppn_i), .pwc_global_i(pwc_global_i), .pwc_touch_o(pwc_touch_o), .start_o(start),
    .slot_o(ev_walk_start_slot_o), .level_o(start_level), .base_o(start_base), .global_o(start_global),
    .walkers_o(ev_walkers_o));

  assign ev_walk_start_o = start != '0;
  assign ev_walk_start_level_o = start_level;

  // ---- L2 compare; what misses joins a walk, waits for a line, or becomes a walk
  logic [N-1:0] lead, joins, waits_line;
  logic [SLOT_W-1:0] lead_index;
  logic join_walk, join_line, cmp_hit, cmp_fill;
  logic [56:0] cmp_pte;
  logic [2:0] cmp_level, cmp_span, cmp_source;

  mmu_compare #(.N(N), .XLEN(XLEN), .PA_BITS(PA_BITS), .LINES(PTE_LINES)) u_compare (
    .l2s_i(l2s), .va_i(va), .access_i(access), .priv_i(privilege), .sum_i(sum), .mxr_i(mxr), .adue_i(adue),
    .stale_i(stale), .again_i(again), .ahead_i(AHEAD), .walking_i(want | rdq | rd | casq | cas | sharing),
    .reading_i(want | rdq | rd | sharing), .killed_i(killed), .l2_vpn_o(l2_vpn_o), .l2_compare_o(l2_compare_o),
    .l2_need_d_o(l2_need_d_o), .l2_hit_i(l2_hit_i), .l2_pte_i(l2_pte_i), .l2_level_i(l2_level_i),
    .line_kept_i(line_kept_i), .line_hit_i(line_hit_i), .line_pte_i(line_pte_i), .line_span_i(line_span_i),
    .hit_o(cmp_hit), .pte_o(cmp_pte), .level_o(cmp_level), .span_o(cmp_span), .source_o(cmp_source),
    .fill_o(cmp_fill), .cause_o(cmp_cause), .join_o(join_walk), .wait_o(join_line), .lead_o(lead),
    .lead_index_o(lead_index), .ev_l2_lookup_o(ev_l2_lookup_o), .ev_l2_hit_o(ev_l2_hit_o),
    .ev_l2_slot_o(ev_l2_slot_o), .ev_line_hit_o(ev_line_hit_o), .ev_line_hit_slot_o(ev_line_hit_slot_o));

  assign l2_fetch_o = (l2s & fetches) != '0;
  assign joins = l2s & ~AHEAD & {N{join_walk}};
  assign waits_line = l2s & ~AHEAD & {N{join_line}};
  assign ev_merge_o = joins != '0;
  assign ev_line_wait_o = waits_line != '0;

  // ---- Memory answer: what arrived, for which slot
  logic [N-1:0] arrive;
  logic rd_now, to_next, read_leaf, cas_done, cas_error, retry, wake_cause, wake_access, alone;
  logic [2:0] arrive_level;
  logic [56:0] judge_pte;
  logic [63:0] rsp_pte;
  logic arrive_line, arrive_global;
  logic [44:0] arrive_vpn;

  mmu_arrive #(.N(N), .XLEN(XLEN), .PA_BITS(PA_BITS), .LINES(PTE_LINES)) u_arrive (
    .mem_rsp_valid_i(mem_rsp_valid_i), .mem_rsp_tag_i(mem_rsp_tag_i), .mem_rsp_data_i(mem_rsp_data_i),
    .mem_rsp_error_i(mem_rsp_error_i), .mem_rsp_cas_ok_i(mem_rsp_cas_ok_i), .svnapot_i(svnapot_i), .rd_i(rd),
    .cas_i(cas), .line_i(line), .pbmte_i(pbmte), .level_i(level), .pte_i(pte), .global_i(global_bit),
    .access_i(access), .va_i(va), .arrive_o(arrive), .level_o(arrive_level), .global_o(arrive_global),
    .vpn_o(arrive_vpn), .rsp_pte_o(rsp_pte), .judge_pte_o(judge_pte), .pbmte_o(line_fill_pbmte_o),
    .rd_now_o(rd_now), .to_next_o(to_next), .read_leaf_o(read_leaf), .fault_o(wake_cause), .access_o(wake_access),
    .line_o(arrive_line), .alone_o(alone), .cas_done_o(cas_done), .cas_error_o(cas_error), .retry_o(retry));

  // ---- Verdict: each slot is judged for itself against the leaf
  logic [N-1:0] v_ok, v_fault, v_a, v_d, v_wide;

  generate
    for (genvar i = 0; i < N; i++) begin : g_judge
      mmu_judge #(.XLEN(XLEN), .PA_BITS(PA_BITS)) u_judge (
        .pte_i(judge_pte), .level_i(arrive_level), .va_i(va[i*57 +: 48]), .access_i(access[i*3 +: 3]),
        .priv_i(privilege[i*2 +: 2]), .sum_i(sum[i]), .mxr_i(mxr[i]), .adue_i(adue[i]), .ahead_i(AHEAD[i]),
        .ok_o(v_ok[i]), .fault_o(v_fault[i]), .a_o(v_a[i]), .d_o(v_d[i]), .wide_o(v_wide[i]));
    end
  endgenerate

  logic leafing, to_casq, to_hold, wake_judge, found;
  logic [N-1:0] follow;

  always_comb begin
    leafing = read_leaf || cas_done;
    to_casq = leafing && ((arrive & v_a) != '0 || (arrive & v_d & named) != '0);
    // [VM-9.9]
    // D for a younger store: no walker (order rule 12)
    to_hold = leafing && (arrive & v_d & ~named) != '0;
    wake_judge = (leafing && !to_casq) || cas_error;
    found = leafing && (arrive & v_ok) != '0;
    for (int i = 0; i < N; i++) begin
      follow[i] = (merged[i] && arrive[lead_of[i*SLOT_W +: SLOT_W]])
               || (joins[i] && (arrive & lead) != '0);
    end
    ev_walk_end_o = wake_cause || wake_judge;
    ev_walk_end_slot_o = ev_walk_end_o ? mem_rsp_tag_i : '0;
    ev_walk_end_size_o = !ev_walk_end_o ? '0 : !found ? mmu_pkg::SIZE_NONE
                       : mmu_fn_pkg::page_size(RV32, arrive_level, judge_pte[56]);
    ev_hold_o = to_hold;
    ev_retry_o = retry;
    // [TLB-6, SVV-1, FEN-9]
    l2_fill_o = found && (arrive & covered) == '0;
    l2_fill_fetch_o = (arrive & fetches) != '0;
    l2_fill_vpn_o = arrive_vpn;
    l2_fill_pte_o = judge_pte | {51'b0, arrive_global, 5'b0};
    l2_fill_level_o = arrive_level;
    if (!l2_fill_o && cmp_fill) begin  // what a line answers, if no walk fills L2
      l2_fill_o = (l2s & covered) == '0;
      l2_fill_fetch_o = l2_fetch_o;
      l2_fill_vpn_o = l2_vpn_o;
      l2_fill_pte_o = cmp_pte | {51'b0, (l2s & global_bit) != '0, 5'b0};
      l2_fill_level_o = cmp_level;
    end
    line_fill_o = arrive_line && (arrive & covered) == '0;
    line_drop_o = cas_done;
    pwc_fill_o = '0;
    for (int k = 0; k < 4; k++) begin
      // [SVV-2, FEN-9]
      pwc_fill_o[k] = to_next && (arrive & covered) == '0 && arrive_level == 3'(k + 1);
    end
    pwc_fill_vpn_o = arrive_vpn;
    pwc_fill_ppn_o = rsp_pte[53:10];
    // [VM-4.8]
    pwc_fill_global_o = arrive_global || (to_next && rsp_pte[5]);
    ev_pwc_level_o = arrive_level;
  end

  // ---- Who ends: the leader, and each follower that needs no update; the others look again
  always_comb begin
    for (int i = 0; i < N; i++) begin
      ends[i] = (arrive[i] && (wake_cause || wake_judge) && !to_hold)
             || (follow[i] && (wake_cause || (wake_judge && (v_ok[i] || v_fault[i]))));
      look_again[i] = follow[i] && wake_judge && (v_a[i] || v_d[i]);
      if (waiters_end[i] ||
          (wake_cause ? wake_access : v_wide[i] || (arrive[i] && cas_error))) begin
        cause[i*4 +: 4] = mmu_fn_pkg::access_cause(access[i*3 +: 3]);
      end else begin
        cause[i*4 +: 4] = wake_cause || !v_ok[i] ? mmu_fn_pkg::page_cause(access[i*3 +: 3]) : '0;
      end
    end
  end

  // ---- Who waited for the read that arrived, followed it, or followed a walk that is refused
  logic [N-1:0] denied, descend, giveup, waiters_end, waiters_again, shared, share_lead;
  logic [SLOT_W-1:0] share_lead_index;

  mmu_waiters #(.N(N)) u_waiters (
    .sharing_i(sharing), .merged_i(merged), .lining_i(lining), .lead_of_i(lead_of), .joining_i(joins),
    .waiting_i(waits_line), .lead_i(lead), .arrive_i(arrive), .read_i(rd_now), .pointer_i(to_next),
    .denied_i(denied), .update_i(offer_cas), .shared_i(shared), .share_lead_i(share_lead), .descend_o(descend),
    .giveup_o(giveup), .ends_o(waiters_end), .again_o(waiters_again), .share_lead_index_o(share_lead_index),
    .ev_share_slot_o(ev_share_slot_o), .ev_deny_slot_o(ev_deny_slot_o));

  assign pte_check_write_o = offer_cas;
  assign ev_giveup_o = 32'(giveup);
  assign ev_share_o = shared != '0;
  assign ev_deny_o = denied != '0;

  // ---- Memory request: a PTE that arrived, and a walk that starts, may ask in the same cycle
  logic [N-1:0] wish, store;

  mmu_next #(.N(N), .WALK_CYCLES(WALK_CYCLES)) u_next (
    .base_i(base), .level_i(level), .global_i(global_bit), .access_i(access), .start_i(start),
    .start_base_i(start_base), .start_level_i(start_level), .start_global_i(start_global),
    .down_i((arrive & {N{to_next}}) | descend), .reads_i(arrive & {N{to_next || retry || alone}}),
    .queued_i((rdq | casq) & ~waiting), .rsp_pte_i(rsp_pte), .base_o(base_next), .level_o(level_next),
    .global_o(global_next), .wish_o(wish), .store_o(store));

  mmu_offer #(.N(N), .XLEN(XLEN), .LINES(PTE_LINES)) u_offer (
    .clk_i(clk_i), .rst_i(rst_i), .wish_i(wish), .older_i(older), .casq_i(casq), .store_i(store), .va_i(va),
    .level_i(WALK_CYCLES == 0 ? level_next : level), .base_i(WALK_CYCLES == 0 ? base_next : base), .pte_i(pte),
    .withdraw_i(withdraw), .check_pa_o(pte_check_pa_o), .allowed_i(pte_allowed_i), .deny_o(denied),
    .line_allowed_i(line_allowed_i), .reads_i(rd & ~stale), .lines_i(line),
    .single_i(single | (arrive & {N{alone}})), .again_i(again), .arrive_i(arrive), .stale_i(stale),
    .read_level_i(level), .read_base_i(base), .share_o(shared), .share_lead_o(share_lead), .offer_o(offer),
    .cas_o(offer_cas), .line_o(offer_line), .taken_o(taken), .waits_o(waits), .mem_req_valid_o(mem_req_valid_o),
    .mem_req_op_o(mem_req_op_o), .mem_req_tag_o(mem_req_tag_o), .mem_req_addr_o(mem_req_addr_o),
    .mem_req_cmp_o(mem_req_cmp_o), .mem_req_data_o(mem_req_data_o), .mem_req_ready_i(mem_req_ready_i));

  // ---- The page behind those that came to L1, before anybody asks for it
  logic idle, ahead_free, ahead, ahead_fetch, ahead_busy;
  logic [44:0] ahead_vpn;

  assign idle_o = idle && !ahead_busy;
  assign ev_prefetch_o = ahead;

  mmu_prefetch #(.XLEN(XLEN), .STREAMS(PREFETCH_STREAMS), .EV_STATE(EV_STATE)) u_prefetch (
    .clk_i(clk_i), .rst_i(rst_i), .top_i(top_i), .forget_i(satp_write_i), .fence_i(fence_i), .ifill_i(ifill_o),
    .dfill_i(dfill_o), .ifill_vpn_i(ifill_vpn_o), .dfill_vpn_i(dfill_vpn_o), .ifill_level_i(ifill_level_o),
    .dfill_level_i(dfill_level_o), .ifill_napot_i(ifill_pte_o[56]), .dfill_napot_i(dfill_pte_o[56]),
    .ifill_span_i(ifill_span_o), .dfill_span_i(dfill_span_o), .free_i(ahead_free), .start_o(ahead),
    .fetch_o(ahead_fetch), .vpn_o(ahead_vpn), .busy_o(ahead_busy), .ev_used_o(ev_prefetch_used_o),
    .fold_o(fold_o));

  // [VM-2.1, VM-2.2, VM-9.6, VM-9.7]
  mmu_slot #(.XLEN(XLEN), .SLOTS_FETCH(SLOTS_FETCH), .SLOTS_DATA(SLOTS_DATA), .L2_CYCLES(L2_CYCLES),
             .WALK_CYCLES(WALK_CYCLES), .WALK_REFILL(WALK_REFILL), .AHEAD_SLOTS(AHEAD_SLOTS)) u_slot (
    .clk_i(clk_i), .rst_i(rst_i), .root_i(root_i), .top_i(top_i), .adue_i(adue_i), .pbmte_i(pbmte_i),
    .ifree_o(ifree_o), .imiss_i(imiss_i), .iid_i(iid_i), .iva_i(iva_i), .ilast_i(ilast_i), .ipriv_i(ipriv_i),
    .dfree_o(dfree_o), .dmiss_i(dmiss_i), .did_i(did_i), .dva_i(dva_i), .dlast_i(dlast_i), .daccess_i(daccess_i),
    .dpriv_i(dpriv_i), .dsum_i(dsum_i), .dmxr_i(dmxr_i), .ahead_free_o(ahead_free), .ahead_i(ahead),
    .ahead_fetch_i(ahead_fetch), .ahead_vpn_i(ahead_vpn), .oldest_valid_i(oldest_valid_i),
    .oldest_port_i(oldest_port_i), .oldest_id_i(oldest_id_i), .ikill_i(ikill_i), .dkill_i(dkill_i),
    .satp_write_i(satp_write_i), .fence_i(fence_i), .fence_here_i(fence_here_i), .by_va_i(by_va_i),
    .fence_vpn_i(fence_vpn_i), .imiss_check_pa_o(imiss_check_pa_o), .imiss_check_last_o(imiss_check_last_o),
    .imiss_check_priv_o(imiss_check_priv_o), .imiss_allowed_i(imiss_allowed_i), .imiss_pbmt_o(imiss_pbmt_o),
    .imiss_valid_o(imiss_valid_o), .imiss_id_o(imiss_id_o), .imiss_pa_o(imiss_pa_o), .imiss_cause_o(imiss_cause_o),
    .imiss_size_o(imiss_size_o), .imiss_source_o(imiss_source_o), .ifill_o(ifill_o), .ifill_vpn_o(ifill_vpn_o),
    .ifill_pte_o(ifill_pte_o), .ifill_level_o(ifill_level_o), .ifill_span_o(ifill_span_o),
    .dmiss_check_pa_o(dmiss_check_pa_o), .dmiss_check_last_o(dmiss_check_last_o),
    .dmiss_check_access_o(dmiss_check_access_o), .dmiss_check_priv_o(dmiss_check_priv_o),
    .dmiss_allowed_i(dmiss_allowed_i), .dmiss_pbmt_o(dmiss_pbmt_o), .dmiss_valid_o(dmiss_valid_o),
    .dmiss_id_o(dmiss_id_o), .dmiss_pa_o(dmiss_pa_o), .dmiss_cause_o(dmiss_cause_o), .dmiss_size_o(dmiss_size_o),
    .dmiss_source_o(dmiss_source_o), .dfill_o(dfill_o), .dfill_vpn_o(dfill_vpn_o), .dfill_pte_o(dfill_pte_o),
    .dfill_level_o(dfill_level_o), .dfill_span_o(dfill_span_o), .l2_read_o(l2_read_o), .l2_read_vpn_o(l2_read_vpn_o),
    .idle_o(idle), .l2s_o(l2s), .want_o(want), .rdq_o(rdq), .rd_o(rd), .casq_o(casq), .cas_o(cas), .share_o(sharing),
    .merged_o(merged), .lining_o(lining), .line_o(line), .single_o(single), .waiting_o(waiting), .named_o(named),
    .covered_o(covered), .stale_o(stale), .fetch_o(fetches), .fresh_o(fresh), .again_o(again), .killed_o(killed),
    .global_o(global_bit), .sum_o(sum), .mxr_o(mxr), .adue_o(adue), .pbmte_o(pbmte), .older_o(older), .va_o(va),
    .access_o(access), .priv_o(privilege), .level_o(level), .base_o(base), .pte_o(pte), .lead_o(lead_of),
    .start_i(start), .level_next_i(level_next), .base_next_i(base_next), .global_next_i(global_next), .hit_i(cmp_hit),
    .hit_pte_i(cmp_pte), .hit_level_i(cmp_level), .hit_span_i(cmp_span), .hit_source_i(cmp_source),
    .hit_cause_i(cmp_cause), .join_line_i(join_line), .alone_i(alone), .join_i(join_walk), .join_lead_i(lead_index),
    .arrive_i(arrive), .read_again_i(to_next || retry || alone), .casq_i(to_casq), .hold_i(to_hold), .leaf_i(leafing),
    .leaf_pte_i(judge_pte), .leaf_level_i(arrive_level),
    .leaf_span_i(arrive_line && read_leaf ? line_fill_span_i : 3'd0), .leaf_global_i(arrive_global),
    .ends_i(ends | waiters_end), .cause_i(cause), .deny_i(denied), .again_i(look_again | waiters_again),
    .share_i(shared), .share_lead_i(share_lead_index), .descend_i(descend), .offer_i(offer), .offer_cas_i(offer_cas),
    .offer_line_i(offer_line), .taken_i(taken), .waits_i(waits), .withdraw_o(withdraw));
endmodule

`default_nettype wire
