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
  parameter int unsigned SLOTS_FETCH = 4,
  parameter int unsigned SLOTS_DATA = 8,
  parameter int unsigned WALKERS = 2,
  parameter int unsigned PA_BITS = 56
) (
  input  wire         clk_i,
  input  wire         rst_i,
  // address space
  input  wire [43:0]  root_i,
  input  wire [1:0]   top_i,          // level of the root's PTEs
  input  wire         adue_i,
  // requests that missed L1, accepted in this cycle
  output logic        ifree_o,
  input  wire         imiss_i,
  input  wire [4:0]   iid_i,
  input  wire [47:0]  iva_i,
  input  wire [1:0]   ipriv_i,
  output logic        dfree_o,
  input  wire         dmiss_i,
  input  wire [4:0]   did_i,
  input  wire [47:0]  dva_i,
  input  wire [2:0]   daccess_i,
  input  wire [1:0]   dpriv_i,
  input  wire         dsum_i,
  input  wire         dmxr_i,
  input  wire         oldest_valid_i,
  input  wire         oldest_port_i,
  input  wire [4:0]   oldest_id_i,
  input  wire [31:0]  ikill_i,
  input  wire [31:0]  dkill_i,
  // fence or satp write of this cycle
  input  wire         satp_write_i,
  input  wire         fence_i,
  input  wire         fence_here_i,
  input  wire         by_va_i,
  input  wire [35:0]  fence_vpn_i,
  // answers, and the L1 fills they make
  output logic        imiss_valid_o,
  output logic [4:0]  imiss_id_o,
  output logic [55:0] imiss_pa_o,
  output logic [3:0]  imiss_cause_o,
  output logic [2:0]  imiss_size_o,
  output logic [2:0]  imiss_source_o,
  output logic        ifill_o,
  output logic [35:0] ifill_vpn_o,
  output logic [53:0] ifill_pte_o,
  output logic [1:0]  ifill_level_o,
  output logic        dmiss_valid_o,
  output logic [4:0]  dmiss_id_o,
  output logic [55:0] dmiss_pa_o,
  output logic [3:0]  dmiss_cause_o,
  output logic [2:0]  dmiss_size_o,
  output logic [2:0]  dmiss_source_o,
  output logic        dfill_o,
  output logic [35:0] dfill_vpn_o,
  output logic [53:0] dfill_pte_o,
  output logic [1:0]  dfill_level_o,
  // L2 TLB
  output logic        l2_read_o,
  output logic [35:0] l2_read_vpn_o,
  output logic        l2_compare_o,
  output logic [35:0] l2_vpn_o,
  output logic        l2_need_d_o,
  input  wire         l2_hit_i,
  input  wire [53:0]  l2_pte_i,
  input  wire [1:0]   l2_level_i,
  output logic        l2_fill_o,
  output logic [35:0] l2_fill_vpn_o,
  output logic [53:0] l2_fill_pte_o,
  output logic [1:0]  l2_fill_level_o,
  // walk caches, [k-1]: level k
  output logic [35:0] pwc_vpn_o,
  input  wire [2:0]   pwc_hit_i,
  input  wire [131:0] pwc_ppn_i,
  input  wire [2:0]   pwc_global_i,
  output logic [2:0]  pwc_touch_o,
  output logic [2:0]  pwc_fill_o,
  output logic [35:0] pwc_fill_vpn_o,
  output logic [43:0] pwc_fill_ppn_o,
  output logic        pwc_fill_global_o,
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
  input  wire [63:0]  mem_rsp_data_i,
  input  wire         mem_rsp_error_i,
  input  wire         mem_rsp_cas_ok_i,
  output logic        idle_o,
  // probe
  output logic        ev_l2_lookup_o,
  output logic        ev_l2_hit_o,
  output logic [5:0]  ev_l2_slot_o,
  output logic        ev_merge_o,
  output logic        ev_walk_start_o,
  output logic [5:0]  ev_walk_start_slot_o,
  output logic [2:0]  ev_walk_start_level_o,
  output logic        ev_walk_end_o,
  output logic [5:0]  ev_walk_end_slot_o,
  output logic [2:0]  ev_walk_end_size_o,
  output logic [2:0]  ev_pwc_level_o,
  output logic        ev_hold_o,
  output logic        ev_retry_o,
  output logic [6:0]  ev_walkers_o
);
  localparam int unsigned N = SLOTS_FETCH + SLOTS_DATA;
  localparam int unsigned SLOT_W = N > 1 ? $clog2(N) : 1;
  localparam logic [N-1:0] DATA = {{SLOTS_DATA{1'b1}}, {SLOTS_FETCH{1'b0}}};

  // ---- State of the slots
  logic [3:0] state_q [0:N-1];
  logic [3:0] state_d [0:N-1];
  logic [4:0] id_q [0:N-1];
  logic [47:0] va_q [0:N-1];
  logic [2:0] access_q [0:N-1];
  logic [1:0] priv_q [0:N-1];
  logic [1:0] level_q [0:N-1];
  logic [1:0] level_d [0:N-1];
  logic [43:0] base_q [0:N-1];
  logic [43:0] base_d [0:N-1];
  logic [53:0] pte_q [0:N-1];
  logic [3:0] cause_q [0:N-1];
  logic [2:0] source_q [0:N-1];
  logic [SLOT_W-1:0] lead_q [0:N-1];
  logic [SLOT_W-1:0] lead_d [0:N-1];
  logic [N-1:0] sum_q, mxr_q, adue_q, stale_q, fresh_q, again_q, killed_q, global_q;
  logic [N*N-1:0] older_q;  // bit i*N+j: slot j was accepted before slot i
  logic held_q;
  logic [N-1:0] held_slot_q;

  function automatic [3:0] page_cause(input [2:0] access);
    case (access)
      mmu_pkg::ACCESS_FETCH: page_cause = mmu_pkg::CAUSE_INSTRUCTION_PAGE;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: page_cause = mmu_pkg::CAUSE_LOAD_PAGE;
      default: page_cause = mmu_pkg::CAUSE_STORE_PAGE;
    endcase
  endfunction

  function automatic [3:0] access_cause(input [2:0] access);
    case (access)
      mmu_pkg::ACCESS_FETCH: access_cause = mmu_pkg::CAUSE_INSTRUCTION_ACCESS;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: access_cause = mmu_pkg::CAUSE_LOAD_ACCESS;
      default: access_cause = mmu_pkg::CAUSE_STORE_ACCESS;
    endcase
  endfunction

  function automatic is_store(input [2:0] access);
    is_store = access == mmu_pkg::ACCESS_STORE || access == mmu_pkg::ACCESS_AMO
            || access == mmu_pkg::ACCESS_SC || access == mmu_pkg::ACCESS_CBOZ;
  endfunction

  // step 8: a page inside a superpage takes its low PPN bits from the VPN
  function automatic [55:0] physical(input [43:0] ppn, input [1:0] level, input [47:0] va);
    case (level)
      2'd0: physical = {ppn, va[11:0]};
      2'd1: physical = {ppn[43:9], va[20:0]};
      2'd2: physical = {ppn[43:18], va[29:0]};
      default: physical = {ppn[43:27], va[38:0]};
    endcase
  endfunction

  // Does this cycle's fence or satp write reach a page? By address: by the region of the largest
  // page of any mode. The size of a page not yet found is unknown, and L2 may still hold a 512 GiB
  // page under Sv39 (order rule 9).
  function automatic reached(input [35:0] vpn);
    reached = satp_write_i
           || (fence_i && fence_here_i && (!by_va_i || vpn[35:27] == fence_vpn_i[35:27]));
  endfunction

  logic [N-1:0] is_free, is_l2q, is_l2s, is_want, is_rdq, is_rd, is_casq, is_cas, is_merged;
  logic [N-1:0] is_hold, is_done, is_drain, named, covered;

  always_comb begin
    for (int i = 0; i < N; i++) begin
      is_free[i] = state_q[i] == mmu_pkg::SLOT_FREE;
      is_l2q[i] = state_q[i] == mmu_pkg::SLOT_L2Q;
      is_l2s[i] = state_q[i] == mmu_pkg::SLOT_L2S;
      is_want[i] = state_q[i] == mmu_pkg::SLOT_WANT;
      is_rdq[i] = state_q[i] == mmu_pkg::SLOT_RDQ;
      is_rd[i] = state_q[i] == mmu_pkg::SLOT_RD;
      is_casq[i] = state_q[i] == mmu_pkg::SLOT_CASQ;
      is_cas[i] = state_q[i] == mmu_pkg::SLOT_CAS;
      is_merged[i] = state_q[i] == mmu_pkg::SLOT_MERGED;
      is_hold[i] = state_q[i] == mmu_pkg::SLOT_HOLD;
      is_done[i] = state_q[i] == mmu_pkg::SLOT_DONE;
      is_drain[i] = state_q[i] == mmu_pkg::SLOT_DRAIN;
      named[i] = oldest_valid_i && oldest_port_i == DATA[i] && oldest_id_i == id_q[i];
      covered[i] = stale_q[i] || reached(va_q[i][47:12]);
    end
    idle_o = &is_free;
    ifree_o = (is_free & ~DATA) != '0;
    dfree_o = (is_free & DATA) != '0;
  end

  // ---- Answer: one a port a cycle, the oldest that is done; it fills L1
  logic [N-1:0] answer_i, answer_d;

  mmu_oldest #(.N(N)) u_answer_i (.mask_i(is_done & ~DATA), .older_i(older_q), .pick_o(answer_i));
  mmu_oldest #(.N(N)) u_answer_d (.mask_i(is_done & DATA), .older_i(older_q), .pick_o(answer_d));

  always_comb begin
    imiss_valid_o = answer_i != '0;
    imiss_id_o = '0;
    imiss_pa_o = '0;
    imiss_cause_o = '0;
    imiss_size_o = '0;
    imiss_source_o = '0;
    ifill_o = 1'b0;
    ifill_vpn_o = '0;
    ifill_pte_o = '0;
    ifill_level_o = '0;
    for (int i = 0; i < SLOTS_FETCH; i++) begin
      if (answer_i[i]) begin
        imiss_id_o = id_q[i];
        imiss_pa_o = cause_q[i] == '0 ? physical(pte_q[i][53:10], level_q[i], va_q[i]) : '0;
        imiss_cause_o = cause_q[i];
        imiss_size_o = cause_q[i] == '0 ? {1'b0, level_q[i]} : mmu_pkg::SIZE_NONE;
        imiss_source_o = source_q[i];
        ifill_o = cause_q[i] == '0 && !covered[i];
        ifill_vpn_o = va_q[i][47:12];
        ifill_pte_o = pte_q[i] | {48'b0, global_q[i], 5'b0};
        ifill_level_o = level_q[i];
      end
    end
    dmiss_valid_o = answer_d != '0;
    dmiss_id_o = '0;
    dmiss_pa_o = '0;
    dmiss_cause_o = '0;
    dmiss_size_o = '0;
    dmiss_source_o = '0;
    dfill_o = 1'b0;
    dfill_vpn_o = '0;
    dfill_pte_o = '0;
    dfill_level_o = '0;
    for (int i = SLOTS_FETCH; i < N; i++) begin
      if (answer_d[i]) begin
        dmiss_id_o = id_q[i];
        dmiss_pa_o = cause_q[i] == '0 ? physical(pte_q[i][53:10], level_q[i], va_q[i]) : '0;
        dmiss_cause_o = cause_q[i];
        dmiss_size_o = cause_q[i] == '0 ? {1'b0, level_q[i]} : mmu_pkg::SIZE_NONE;
        dmiss_source_o = source_q[i];
        dfill_o = cause_q[i] == '0 && !covered[i];
        dfill_vpn_o = va_q[i][47:12];
        dfill_pte_o = pte_q[i] | {48'b0, global_q[i], 5'b0};
        dfill_level_o = level_q[i];
      end
    end
  end

  // ---- Walk start: a walker is free, the oldest waiting slot takes it
  logic [N-1:0] start;
  logic [2:0] use_pwc;
  logic [1:0] start_level;
  logic [43:0] start_base;
  logic start_fresh, start_global;
  logic can_start;

  always_comb begin
    ev_walkers_o = '0;
    for (int i = 0; i < N; i++) begin
      ev_walkers_o = ev_walkers_o + 7'(is_rdq[i] || is_rd[i] || is_casq[i] || is_cas[i]);
    end
    can_start = ev_walkers_o < 7'(WALKERS);
  end

  mmu_oldest #(.N(N)) u_start (
    .mask_i(can_start ? is_want : '0), .older_i(older_q), .pick_o(start));

  always_comb begin
    pwc_vpn_o = '0;
    for (int i = 0; i < N; i++) if (start[i]) pwc_vpn_o = pwc_vpn_o | va_q[i][47:12];
  end

  always_comb begin
    start_level = '0;
    start_base = '0;
    start_global = 1'b0;
    start_fresh = 1'b0;
    ev_walk_start_o = start != '0;
    ev_walk_start_slot_o = '0;
    for (int i = 0; i < N; i++) begin
      if (start[i]) begin
        start_level = start_level | level_q[i];
        start_base = start_base | base_q[i];
        start_global = start_global | global_q[i];
        start_fresh = start_fresh | (fresh_q[i] && !stale_q[i]);
        ev_walk_start_slot_o = ev_walk_start_slot_o | 6'(i);
      end
    end
    use_pwc[0] = start_fresh && pwc_hit_i[0] && start_level >= 2'd1;
    use_pwc[1] = start_fresh && pwc_hit_i[1] && start_level >= 2'd2 && !use_pwc[0];
    use_pwc[2] = start_fresh && pwc_hit_i[2] && start_level == 2'd3 && !use_pwc[0] && !use_pwc[1];
    for (int k = 0; k < 3; k++) begin
      if (use_pwc[k]) begin
        start_level = 2'(k);
        start_base = pwc_ppn_i[k*44 +: 44];
        start_global = pwc_global_i[k];
      end
    end
    pwc_touch_o = use_pwc;
    ev_walk_start_level_o = {1'b0, start_level};
  end

  // ---- L2 compare; what misses joins a walk of its page or becomes one
  logic [N-1:0] compared, lead;
  logic [SLOT_W-1:0] lead_index;
  logic [2:0] cmp_access;
  logic [1:0] cmp_priv;
  logic cmp_sum, cmp_mxr, cmp_adue, cmp_stale, cmp_again, join_walk;
  logic cmp_ok, cmp_fault, cmp_a, cmp_d, cmp_wide;

  always_comb begin
    compared = is_l2s;
    l2_vpn_o = '0;
    cmp_access = '0;
    cmp_priv = '0;
    cmp_sum = 1'b0;
    cmp_mxr = 1'b0;
    cmp_adue = 1'b0;
    cmp_stale = 1'b0;
    cmp_again = 1'b0;
    ev_l2_slot_o = '0;
    for (int i = 0; i < N; i++) begin
      if (is_l2s[i]) begin
        l2_vpn_o = l2_vpn_o | va_q[i][47:12];
        cmp_access = cmp_access | access_q[i];
        cmp_priv = cmp_priv | priv_q[i];
        cmp_sum = cmp_sum | sum_q[i];
        cmp_mxr = cmp_mxr | mxr_q[i];
        cmp_adue = cmp_adue | adue_q[i];
        cmp_stale = cmp_stale | stale_q[i];
        cmp_again = cmp_again | again_q[i];
        if (!again_q[i]) ev_l2_slot_o = ev_l2_slot_o | 6'(i);
      end
    end
    l2_compare_o = is_l2s != '0 && !cmp_stale;
    l2_need_d_o = is_store(cmp_access);
    ev_l2_lookup_o = is_l2s != '0 && !cmp_again;
  end

  mmu_judge #(.PA_BITS(PA_BITS)) u_judge_l2 (
    .pte_i(l2_pte_i), .access_i(cmp_access), .priv_i(cmp_priv), .sum_i(cmp_sum), .mxr_i(cmp_mxr),
    .adue_i(cmp_adue), .ok_o(cmp_ok), .fault_o(cmp_fault), .a_o(cmp_a), .d_o(cmp_d),
    .wide_o(cmp_wide));

  always_comb begin
    lead = '0;
    lead_index = '0;
    for (int i = N - 1; i >= 0; i--) begin  // the lowest slot that walks this page
      if ((is_want[i] || is_rdq[i] || is_rd[i] || is_casq[i]
           || is_cas[i]) && !stale_q[i] && !killed_q[i] && va_q[i][47:12] == l2_vpn_o) begin
        lead = '0;
        lead[i] = 1'b1;
        lead_index = SLOT_W'(i);
      end
    end
    join_walk = l2_compare_o && !l2_hit_i && lead != '0;
    ev_merge_o = join_walk;
    ev_l2_hit_o = ev_l2_lookup_o && l2_hit_i;
  end

  // ---- Memory answer: what arrived, for which slot
  logic [N-1:0] arrive;
  logic rd_now, cas_now, pte_fault, pte_pointer, pte_leaf, beyond;
  logic to_next, read_leaf, cas_done, cas_error, retry, wake_cause;
  logic [1:0] arrive_level;
  logic [53:0] arrive_pte, judge_pte;
  logic arrive_global, arrive_store;
  logic [35:0] arrive_vpn;

  always_comb begin
    arrive = '0;
    arrive_level = '0;
    arrive_pte = '0;
    arrive_global = 1'b0;
    arrive_store = 1'b0;
    arrive_vpn = '0;
    for (int i = 0; i < N; i++) begin
      arrive[i] = mem_rsp_valid_i && mem_rsp_tag_i == 6'(i);
      if (arrive[i]) begin
        arrive_level = arrive_level | level_q[i];
        arrive_pte = arrive_pte | pte_q[i];
        arrive_global = arrive_global | global_q[i];
        arrive_store = arrive_store | is_store(access_q[i]);
        arrive_vpn = arrive_vpn | va_q[i][47:12];
      end
    end
    rd_now = (arrive & is_rd) != '0;
    cas_now = (arrive & is_cas) != '0;
  end

  mmu_pte u_pte (.pte_i(mem_rsp_data_i), .level_i(arrive_level), .fault_o(pte_fault),
                 .pointer_o(pte_pointer), .leaf_o(pte_leaf));

  generate
    if (PA_BITS < 56) begin : g_narrow
      assign beyond = pte_pointer && mem_rsp_data_i[53:PA_BITS-2] != '0;
    end else begin : g_full
      assign beyond = 1'b0;
    end
  endgenerate

  always_comb begin
    to_next = rd_now && !mem_rsp_error_i && pte_pointer && !beyond;
    read_leaf = rd_now && !mem_rsp_error_i && pte_leaf;
    wake_cause = rd_now && (mem_rsp_error_i || pte_fault || beyond);
    cas_done = cas_now && !mem_rsp_error_i && mem_rsp_cas_ok_i;
    cas_error = cas_now && mem_rsp_error_i;
    retry = cas_now && !mem_rsp_error_i && !mem_rsp_cas_ok_i;
    judge_pte = arrive_pte;
    if (rd_now) judge_pte = mem_rsp_data_i[53:0];
    if (cas_done) judge_pte = arrive_pte | {46'b0, arrive_store, 7'b1000000};
  end

  // ---- Verdict: each slot is judged for itself against the leaf
  logic [N-1:0] v_ok, v_fault, v_a, v_d, v_wide;

  generate
    for (genvar i = 0; i < N; i++) begin : g_judge
      mmu_judge #(.PA_BITS(PA_BITS)) u_judge (
        .pte_i(judge_pte), .access_i(access_q[i]), .priv_i(priv_q[i]), .sum_i(sum_q[i]),
        .mxr_i(mxr_q[i]), .adue_i(adue_q[i]), .ok_o(v_ok[i]), .fault_o(v_fault[i]),
        .a_o(v_a[i]), .d_o(v_d[i]),
        .wide_o(v_wide[i]));
    end
  endgenerate

  logic leafing, to_casq, to_hold, wake_judge, found;
  logic [N-1:0] follow;

  always_comb begin
    leafing = read_leaf || cas_done;
    to_casq = leafing && ((arrive & v_a) != '0 || (arrive & v_d & named) != '0);
    // D for a younger store: no walker (order rule 12)
    to_hold = leafing && (arrive & v_d & ~named) != '0;
    wake_judge = (leafing && !to_casq) || cas_error;
    found = leafing && (arrive & v_ok) != '0;
    for (int i = 0; i < N; i++) begin
      follow[i] = (is_merged[i] && arrive[lead_q[i]])
               || (is_l2s[i] && join_walk && (arrive & lead) != '0);
    end
    ev_walk_end_o = wake_cause || wake_judge;
    ev_walk_end_slot_o = ev_walk_end_o ? mem_rsp_tag_i : '0;
    ev_walk_end_size_o = !ev_walk_end_o ? '0 : found ? {1'b0, arrive_level} : mmu_pkg::SIZE_NONE;
    ev_hold_o = to_hold;
    ev_retry_o = retry;
    l2_fill_o = found && (arrive & covered) == '0;
    l2_fill_vpn_o = arrive_vpn;
    l2_fill_pte_o = judge_pte | {48'b0, arrive_global, 5'b0};
    l2_fill_level_o = arrive_level;
    pwc_fill_o = '0;
    for (int k = 0; k < 3; k++) begin
      pwc_fill_o[k] = to_next && (arrive & covered) == '0 && arrive_level == 2'(k + 1);
    end
    pwc_fill_vpn_o = arrive_vpn;
    pwc_fill_ppn_o = mem_rsp_data_i[53:10];
    pwc_fill_global_o = arrive_global || mem_rsp_data_i[5];
    ev_pwc_level_o = {1'b0, arrive_level};
  end

  // ---- Memory request: what is held, else the oldest; an arrived PTE may ask for the next at once
  logic [N-1:0] wish, wish_pick, offer;
  logic [1:0] offer_level;
  logic [43:0] offer_base;
  logic [35:0] offer_vpn;
  logic [53:0] offer_pte;
  logic offer_cas, offer_store, taken, held1;

  always_comb begin
    for (int i = 0; i < N; i++) begin
      base_d[i] = base_q[i];
      level_d[i] = level_q[i];
      if (start[i]) begin
        base_d[i] = start_base;
        level_d[i] = start_level;
      end
      if (arrive[i] && to_next) begin
        base_d[i] = mem_rsp_data_i[53:10];
        level_d[i] = level_q[i] - 2'd1;
      end
      wish[i] = is_rdq[i] || is_casq[i] || start[i] || (arrive[i] && (to_next || retry));
    end
  end

  mmu_oldest #(.N(N)) u_offer (.mask_i(wish), .older_i(older_q), .pick_o(wish_pick));

  always_comb begin
    offer = held_q ? held_slot_q : wish_pick;
    offer_base = '0;
    offer_vpn = '0;
    offer_level = '0;
    offer_pte = '0;
    offer_store = 1'b0;
    mem_req_tag_o = '0;
    for (int i = 0; i < N; i++) begin
      if (offer[i]) begin
        offer_base = offer_base | base_d[i];
        offer_vpn = offer_vpn | va_q[i][47:12];
        offer_level = offer_level | level_d[i];
        offer_pte = offer_pte | pte_q[i];
        offer_store = offer_store | is_store(access_q[i]);
        mem_req_tag_o = mem_req_tag_o | 6'(i);
      end
    end
    offer_cas = (offer & is_casq) != '0;
    mem_req_valid_o = offer != '0;
    mem_req_op_o = offer_cas ? mmu_pkg::MEMOP_CAS : mmu_pkg::MEMOP_READ;
    case (offer_level)
      2'd0: mem_req_addr_o = {offer_base, offer_vpn[8:0], 3'b0};
      2'd1: mem_req_addr_o = {offer_base, offer_vpn[17:9], 3'b0};
      2'd2: mem_req_addr_o = {offer_base, offer_vpn[26:18], 3'b0};
      default: mem_req_addr_o = {offer_base, offer_vpn[35:27], 3'b0};
    endcase
    if (!mem_req_valid_o) mem_req_addr_o = '0;
    mem_req_cmp_o = offer_cas ? {10'b0, offer_pte} : '0;
    mem_req_data_o = offer_cas ? {10'b0, offer_pte} | {56'b0, offer_store, 7'b1000000} : '0;
    taken = mem_req_valid_o && mem_req_ready_i;
    held1 = mem_req_valid_o && !mem_req_ready_i;
  end

  // ---- Allocation, and the L2 port: VA fence, oldest waiting slot, new misses, data before fetch
  logic [N-1:0] alloc_i, alloc_d, l2q_pick, admit;

  mmu_oldest #(.N(N)) u_l2q (.mask_i(is_l2q), .older_i(older_q), .pick_o(l2q_pick));

  always_comb begin
    alloc_i = '0;
    alloc_d = '0;
    for (int i = N - 1; i >= 0; i--) begin
      if (imiss_i && is_free[i] && !DATA[i]) begin
        alloc_i = '0;
        alloc_i[i] = 1'b1;
      end
      if (dmiss_i && is_free[i] && DATA[i]) begin
        alloc_d = '0;
        alloc_d[i] = 1'b1;
      end
    end
    admit = l2q_pick;
    l2_read_vpn_o = '0;
    for (int i = 0; i < N; i++) if (l2q_pick[i]) l2_read_vpn_o = l2_read_vpn_o | va_q[i][47:12];
    if (l2q_pick == '0) begin
      admit = dmiss_i ? alloc_d : alloc_i;
      l2_read_vpn_o = dmiss_i ? dva_i[47:12] : iva_i[47:12];
    end
    if (fence_i && by_va_i) admit = '0;
    l2_read_o = admit != '0;
  end

  // ---- Next state: each chapter in the order of the model
  logic [N-1:0] doomed, ends_done, requeue, drop_hold;
  logic held_d;

  always_comb begin
    for (int i = 0; i < N; i++) begin
      state_d[i] = state_q[i];
      lead_d[i] = is_l2s[i] && join_walk ? lead_index : lead_q[i];
      if (answer_i[i] || answer_d[i]) state_d[i] = mmu_pkg::SLOT_FREE;
      if (start[i]) state_d[i] = mmu_pkg::SLOT_RDQ;
      if (is_l2s[i]) begin
        state_d[i] = mmu_pkg::SLOT_WANT;
        if (join_walk) state_d[i] = mmu_pkg::SLOT_MERGED;
        if (l2_hit_i) state_d[i] = mmu_pkg::SLOT_DONE;
      end
      if (arrive[i]) begin
        if (is_drain[i]) state_d[i] = mmu_pkg::SLOT_FREE;
        if (to_next || retry) state_d[i] = mmu_pkg::SLOT_RDQ;
        if (wake_cause || wake_judge) state_d[i] = mmu_pkg::SLOT_DONE;
        if (to_casq) state_d[i] = mmu_pkg::SLOT_CASQ;
        if (to_hold) state_d[i] = mmu_pkg::SLOT_HOLD;
      end
      // a follower that needs A or D looks again, alone
      ends_done[i] = follow[i] && (wake_cause || (wake_judge && (v_ok[i] || v_fault[i])));
      requeue[i] = follow[i] && wake_judge && (v_a[i] || v_d[i]);
      if (ends_done[i]) state_d[i] = mmu_pkg::SLOT_DONE;
      if (requeue[i]) state_d[i] = mmu_pkg::SLOT_L2Q;
      if (is_hold[i] && named[i]) state_d[i] = mmu_pkg::SLOT_WANT;
      if (offer[i] && taken) begin
        state_d[i] = offer_cas ? mmu_pkg::SLOT_CAS : mmu_pkg::SLOT_RD;
        if (killed_q[i]) state_d[i] = mmu_pkg::SLOT_DRAIN;
      end
      if (alloc_i[i] || alloc_d[i]) state_d[i] = mmu_pkg::SLOT_L2Q;
      if (admit[i]) state_d[i] = mmu_pkg::SLOT_L2S;
      doomed[i] = !is_free[i] && !is_drain[i] && !killed_q[i]
               && (DATA[i] ? dkill_i[id_q[i]] : ikill_i[id_q[i]])
               && state_d[i] != mmu_pkg::SLOT_FREE && state_d[i] != mmu_pkg::SLOT_DRAIN;
    end
    // kill: what is in flight drains, what is offered stays until taken, the rest is free
    held_d = held1;
    drop_hold = '0;
    for (int i = 0; i < N; i++) begin
      if (doomed[i]) begin
        case (state_d[i])
          mmu_pkg::SLOT_RD, mmu_pkg::SLOT_CAS: state_d[i] = mmu_pkg::SLOT_DRAIN;
          mmu_pkg::SLOT_RDQ: if (!(held1 && offer[i])) state_d[i] = mmu_pkg::SLOT_FREE;
          default: begin
            state_d[i] = mmu_pkg::SLOT_FREE;
            drop_hold[i] = offer[i];
          end
        endcase
      end else if (state_d[i] == mmu_pkg::SLOT_MERGED && doomed[lead_d[i]]) begin
        state_d[i] = mmu_pkg::SLOT_L2Q;  // its leader dies: it looks again
        requeue[i] = 1'b1;
      end
    end
    if (drop_hold != '0) held_d = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    for (int i = 0; i < N; i++) begin
      state_q[i] <= rst_i ? mmu_pkg::SLOT_FREE : state_d[i];
      base_q[i] <= base_d[i];
      level_q[i] <= level_d[i];
      lead_q[i] <= lead_d[i];
      if (start[i]) fresh_q[i] <= 1'b0;
      if (start[i]) global_q[i] <= start_global;
      if (arrive[i] && to_next) global_q[i] <= pwc_fill_global_o;
      if (arrive[i] && read_leaf) pte_q[i] <= judge_pte;
      if (arrive[i] && cas_done) pte_q[i] <= judge_pte;
      if (is_l2s[i] && l2_hit_i) begin
        pte_q[i] <= l2_pte_i;
        level_q[i] <= l2_level_i;
        cause_q[i] <= cmp_ok ? '0 : cmp_wide ? access_cause(access_q[i]) : page_cause(access_q[i]);
        source_q[i] <= mmu_pkg::SOURCE_L2;
      end
      if (ends_done[i]) begin
        pte_q[i] <= judge_pte;
        level_q[i] <= arrive_level;
        global_q[i] <= arrive_global;
      end
      if (ends_done[i] || (arrive[i] && (wake_cause || wake_judge))) begin
        source_q[i] <= arrive[i] ? mmu_pkg::SOURCE_WALK : mmu_pkg::SOURCE_MERGED;
        if (wake_cause) begin
          cause_q[i] <= mem_rsp_error_i || beyond ? access_cause(access_q[i])
                                                  : page_cause(access_q[i]);
        end else if (arrive[i] && cas_error) begin
          cause_q[i] <= access_cause(access_q[i]);
        end else begin
          cause_q[i] <= v_ok[i] ? '0 : v_wide[i] ? access_cause(access_q[i])
                                                 : page_cause(access_q[i]);
        end
      end
      if (requeue[i]) again_q[i] <= 1'b1;
      if (covered[i]) stale_q[i] <= 1'b1;
      if (doomed[i] && state_d[i] == mmu_pkg::SLOT_RDQ) killed_q[i] <= 1'b1;
      if (offer[i] && taken) killed_q[i] <= 1'b0;
      if (alloc_i[i] || alloc_d[i]) begin
        id_q[i] <= alloc_d[i] ? did_i : iid_i;
        va_q[i] <= alloc_d[i] ? dva_i : iva_i;
        access_q[i] <= alloc_d[i] ? daccess_i : mmu_pkg::ACCESS_FETCH;
        priv_q[i] <= alloc_d[i] ? dpriv_i : ipriv_i;
        sum_q[i] <= alloc_d[i] && dsum_i;
        mxr_q[i] <= alloc_d[i] && dmxr_i;
        adue_q[i] <= adue_i;
        base_q[i] <= root_i;
        level_q[i] <= top_i;
        global_q[i] <= 1'b0;
        fresh_q[i] <= 1'b1;
        again_q[i] <= 1'b0;
        killed_q[i] <= 1'b0;
        stale_q[i] <= reached(alloc_d[i] ? dva_i[47:12] : iva_i[47:12]);
      end
      for (int j = 0; j < N; j++) begin  // data is the older of two accepted in one cycle
        if (alloc_d[i]) older_q[i*N + j] <= j != i;
        else if (alloc_i[i]) older_q[i*N + j] <= j != i;
        else if (alloc_d[j] || alloc_i[j]) older_q[i*N + j] <= 1'b0;
        if (alloc_d[i] && alloc_i[j]) older_q[i*N + j] <= 1'b0;
      end
    end
    held_q <= held_d && !rst_i;
    held_slot_q <= offer;
  end
endmodule

`default_nettype wire
