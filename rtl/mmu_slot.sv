// SPDX-License-Identifier: Apache-2.0
//
// The slots: from the acceptance of a request that missed L1 to its answer.
// Mirror: model/slot.c
// Differs: older_q is an age matrix, the order of acceptance (seq) in C
// Latency: answer in the cycle after DONE is reached, unless an older one of its port answers
//
// A request keeps its slot to its answer and the slot number is the memory tag, so nothing behind
// the request port can be full. Wherever several slots want one thing the one accepted first has
// it.
`default_nettype none

module mmu_slot #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SLOTS_FETCH = 4,
  parameter int unsigned SLOTS_DATA = 8,
  parameter int unsigned L2_CYCLES = 0,
  parameter int unsigned WALK_CYCLES = 0,
  parameter int unsigned WALK_REFILL = 0,
  parameter int unsigned AHEAD_SLOTS = 0,   // 1: one more, of no port, for prefetch
  localparam int unsigned N = SLOTS_FETCH + SLOTS_DATA + AHEAD_SLOTS,
  localparam int unsigned SLOT_W = N > 1 ? $clog2(N) : 1
) (
  input  wire         clk_i,
  input  wire         rst_i,
  // address space
  input  wire [43:0]  root_i,
  input  wire [2:0]   top_i,          // level of the root's PTEs
  input  wire         adue_i,
  input  wire         pbmte_i,
  // requests that missed L1, accepted in this cycle
  output logic        ifree_o, dfree_o,
  input  wire         imiss_i, dmiss_i,
  input  wire [4:0]   iid_i, did_i,
  input  wire [56:0]  iva_i, dva_i,
  input  wire [11:0]  ilast_i, dlast_i,
  input  wire [2:0]   daccess_i,
  input  wire [1:0]   ipriv_i, dpriv_i,
  input  wire         dsum_i, dmxr_i,
  // and a page that nobody asked for yet
  output logic        ahead_free_o,
  input  wire         ahead_i, ahead_fetch_i,
  input  wire [44:0]  ahead_vpn_i,
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
  // L2 port
  output logic        l2_read_o,
  output logic [44:0] l2_read_vpn_o,
  output logic        idle_o,
  // the slots by state, and their fields
  output logic [N-1:0] l2s_o, want_o, rdq_o, rd_o, casq_o, cas_o, merged_o, share_o, lining_o,
  output logic [N-1:0] line_o,         // its read brings a whole line
  output logic [N-1:0] single_o,       // the bus refused the whole line
  output logic [N-1:0] waiting_o,      // extra cycles: before its read, among others
  output logic [N-1:0] named_o,        // by oldest_*
  output logic [N-1:0] covered_o,      // stale, or made so in this cycle
  output logic [N-1:0] stale_o,
  output logic [N-1:0] fetch_o,        // works for the instruction side
  output logic [N-1:0] fresh_o,        // not walked yet: base is the root
  output logic [N-1:0] again_o,        // looks up L2 a second time
  output logic [N-1:0] killed_o,       // killed while its read was offered
  output logic [N-1:0] global_o,
  output logic [N-1:0] sum_o, mxr_o, adue_o, pbmte_o,
  output logic [N*N-1:0] older_o,      // bit i*N+j: slot j was accepted before slot i
  output logic [N*57-1:0] va_o,
  output logic [N*3-1:0] access_o,
  output logic [N*2-1:0] priv_o,
  output logic [N*3-1:0] level_o,      // of the PTE at base
  output logic [N*44-1:0] base_o,
  output logic [N*57-1:0] pte_o,       // last leaf read
  output logic [N*SLOT_W-1:0] lead_o,
  // what the walkers do in this cycle
  input  wire [N-1:0] start_i,
  input  wire [N*3-1:0] level_next_i,
  input  wire [N*44-1:0] base_next_i,
  input  wire [N-1:0] global_next_i,
  input  wire        hit_i,            // the compared slot is answered
  input  wire [56:0] hit_pte_i,
  input  wire [2:0]  hit_level_i, hit_span_i, hit_source_i,
  input  wire [3:0]  hit_cause_i,
  input  wire        join_i,           // it follows join_lead_i
  input  wire        join_line_i,      // or waits for its line
  input  wire [SLOT_W-1:0] join_lead_i,
  input  wire [N-1:0] arrive_i,        // whose memory answer came
  input  wire        read_again_i,     // and goes on with a read
  input  wire        alone_i,          // of its PTE alone
  input  wire        casq_i,           // and goes on with an A/D update
  input  wire        hold_i,           // and holds
  input  wire        leaf_i,           // and brought a leaf, or updated it
  input  wire [56:0] leaf_pte_i,
  input  wire [2:0]  leaf_level_i, leaf_span_i,
  input  wire        leaf_global_i,
  input  wire [N-1:0] ends_i,          // ends its walk, as leader or follower
  input  wire [N*4-1:0] cause_i,
  input  wire [N-1:0] again_i,         // a follower that looks again
  input  wire [N-1:0] deny_i,          // its table access is refused: it ends
  input  wire [N-1:0] share_i,         // it waits for the read of share_lead_i
  input  wire [SLOT_W-1:0] share_lead_i,
  input  wire [N-1:0] descend_i,       // the read it waits for brought a pointer
  input  wire [N-1:0] offer_i,
  input  wire        offer_cas_i,
  input  wire        offer_line_i,
  input  wire        taken_i,
  input  wire        waits_i,
  output logic       withdraw_o
);
  localparam logic [N-1:0] FETCH = (N'(1) << SLOTS_FETCH) - 1'b1;
  localparam logic [N-1:0] AHEAD = N'(AHEAD_SLOTS) << (SLOTS_FETCH + SLOTS_DATA);
  localparam logic [N-1:0] DATA = ~(FETCH | AHEAD);

  // ---- State
  logic [3:0] state_q [0:N-1];
  logic [3:0] state_d [0:N-1];
  logic [N*5-1:0] id_q;
  logic [N*57-1:0] va_q;
  logic [N*3-1:0] access_q, source_q, span_q;
  logic [N*12-1:0] last_q;
  logic [N*2-1:0] priv_q;
  logic [N*3-1:0] level_q;
  logic [N*44-1:0] base_q;
  logic [N*57-1:0] pte_q;
  logic [N*4-1:0] cause_q;
  logic [N*SLOT_W-1:0] lead_q, lead_d;
  logic [N-1:0] sum_q, mxr_q, adue_q, pbmte_q, stale_q, fresh_q, again_q, killed_q, global_q;
  logic [N-1:0] line_q, single_q;
  logic [N*N-1:0] older_q;
  logic [N-1:0] is_free, is_l2q, is_hold, is_done, is_drain;

  // Does this cycle's fence or satp write reach a page? By address: by the region of the largest
  // page of any mode. The size of a page not yet found is unknown, and L2 may still hold a 256 TiB
  // page under Sv39 (order rule 9).
  localparam logic [44:0] LARGEST = XLEN == 32 ? 45'h1ffffffffc00 : 45'h1ff000000000;

  function automatic reached(input [44:0] vpn);
    // [SATP-11, FEN-10]
    reached = satp_write_i || (fence_i && fence_here_i
                               && (!by_va_i || ((vpn ^ fence_vpn_i) & LARGEST) == '0));
  endfunction

  always_comb begin
    for (int i = 0; i < N; i++) begin
      is_free[i] = state_q[i] == mmu_pkg::SLOT_FREE;
      is_l2q[i] = state_q[i] == mmu_pkg::SLOT_L2Q;
      l2s_o[i] = state_q[i] == mmu_pkg::SLOT_L2S;
      want_o[i] = state_q[i] == mmu_pkg::SLOT_WANT;
      rdq_o[i] = state_q[i] == mmu_pkg::SLOT_RDQ;
      rd_o[i] = state_q[i] == mmu_pkg::SLOT_RD;
      casq_o[i] = state_q[i] == mmu_pkg::SLOT_CASQ;
      cas_o[i] = state_q[i] == mmu_pkg::SLOT_CAS;
      merged_o[i] = state_q[i] == mmu_pkg::SLOT_MERGED;
      share_o[i] = state_q[i] == mmu_pkg::SLOT_SHARE;
      lining_o[i] = state_q[i] == mmu_pkg::SLOT_LINE;
      is_hold[i] = state_q[i] == mmu_pkg::SLOT_HOLD;
      is_done[i] = state_q[i] == mmu_pkg::SLOT_DONE;
      is_drain[i] = state_q[i] == mmu_pkg::SLOT_DRAIN;
      named_o[i] = oldest_valid_i && !AHEAD[i] && oldest_port_i == DATA[i] && oldest_id_i == id_q[i*5 +: 5];
      fetch_o[i] = FETCH[i] || (AHEAD[i] && access_q[i*3 +: 3] == mmu_pkg::ACCESS_FETCH);
      covered_o[i] = stale_q[i] || reached(va_q[i*57+12 +: 45]);
    end
    idle_o = &is_free;
    ifree_o = (is_free & FETCH) != '0;
    dfree_o = (is_free & DATA) != '0;
    ahead_free_o = (is_free & AHEAD) != '0;
  end

  assign stale_o = stale_q;
  assign fresh_o = fresh_q;
  assign again_o = again_q;
  assign killed_o = killed_q;
  assign global_o = global_q;
  assign line_o = line_q;
  assign single_o = single_q;
  assign sum_o = sum_q;
  assign mxr_o = mxr_q;
  assign adue_o = adue_q;
  assign pbmte_o = pbmte_q;
  assign older_o = older_q;
  assign va_o = va_q;
  assign access_o = access_q;
  assign priv_o = priv_q;
  assign level_o = level_q;
  assign base_o = base_q;
  assign pte_o = pte_q;
  assign lead_o = lead_q;

  // ---- Answer: one a port a cycle, the oldest that is done; it fills L1
  logic [N-1:0] answer_i, answer_d, due;
  logic [2:0] unused_access;

  assign due = is_done & ~waiting_o;

  mmu_oldest #(.N(N)) u_oldest_i (.mask_i(due & FETCH), .older_i(older_q), .pick_o(answer_i));
  mmu_oldest #(.N(N)) u_oldest_d (.mask_i(due & DATA), .older_i(older_q), .pick_o(answer_d));

  mmu_answer #(.N(N), .XLEN(XLEN)) u_answer_i (
    .pick_i(answer_i), .id_i(id_q), .va_i(va_q), .last_i(last_q), .access_i(access_q),
    .priv_i(priv_q), .pte_i(pte_q), .level_i(level_q), .span_i(span_q),
    .check_pa_o(imiss_check_pa_o), .check_last_o(imiss_check_last_o), .check_access_o(unused_access),
    .check_priv_o(imiss_check_priv_o), .allowed_i(imiss_allowed_i), .pbmt_o(imiss_pbmt_o),
    .cause_i(cause_q), .source_i(source_q), .global_i(global_q), .covered_i(covered_o),
    .valid_o(imiss_valid_o), .id_o(imiss_id_o), .pa_o(imiss_pa_o), .cause_o(imiss_cause_o),
    .size_o(imiss_size_o), .source_o(imiss_source_o), .fill_o(ifill_o), .fill_vpn_o(ifill_vpn_o),
    .fill_pte_o(ifill_pte_o), .fill_level_o(ifill_level_o), .fill_span_o(ifill_span_o));

  mmu_answer #(.N(N), .XLEN(XLEN)) u_answer_d (
    .pick_i(answer_d), .id_i(id_q), .va_i(va_q), .last_i(last_q), .access_i(access_q),
    .priv_i(priv_q), .pte_i(pte_q), .level_i(level_q), .span_i(span_q),
    .check_pa_o(dmiss_check_pa_o), .check_last_o(dmiss_check_last_o), .check_access_o(dmiss_check_access_o),
    .check_priv_o(dmiss_check_priv_o), .allowed_i(dmiss_allowed_i), .pbmt_o(dmiss_pbmt_o),
    .cause_i(cause_q), .source_i(source_q), .global_i(global_q), .covered_i(covered_o),
    .valid_o(dmiss_valid_o), .id_o(dmiss_id_o), .pa_o(dmiss_pa_o), .cause_o(dmiss_cause_o),
    .size_o(dmiss_size_o), .source_o(dmiss_source_o), .fill_o(dfill_o), .fill_vpn_o(dfill_vpn_o),
    .fill_pte_o(dfill_pte_o), .fill_level_o(dfill_level_o), .fill_span_o(dfill_span_o));

  // ---- Allocation, and the L2 port
  logic [N-1:0] alloc_i, alloc_d, alloc, admit;

  mmu_admit #(.N(N), .FETCH(FETCH), .DATA(DATA), .L2_CYCLES(L2_CYCLES)) u_admit (
    .free_i(is_free), .waiting_i(is_l2q & ~waiting_o), .older_i(older_q), .va_i(va_q), .imiss_i(imiss_i), .iva_i(iva_i),
    .dmiss_i(dmiss_i), .dva_i(dva_i), .va_fence_i(fence_i && by_va_i), .alloc_i_o(alloc_i), .alloc_d_o(alloc_d),
    .admit_o(admit), .read_o(l2_read_o), .read_vpn_o(l2_read_vpn_o));

  assign alloc = alloc_i | alloc_d | (AHEAD & {N{ahead_i}});

  // ---- Next state: each chapter in the order of the model
  logic [N-1:0] doomed, again, withdraw;

  always_comb begin
    for (int i = 0; i < N; i++) begin
      state_d[i] = state_q[i];
      again[i] = again_i[i];
      lead_d[i*SLOT_W +: SLOT_W] = l2s_o[i] && (join_i || join_line_i) ? join_lead_i
                                 : share_i[i] ? share_lead_i : lead_q[i*SLOT_W +: SLOT_W];
      if (answer_i[i] || answer_d[i]) state_d[i] = mmu_pkg::SLOT_FREE;
      if (start_i[i]) state_d[i] = mmu_pkg::SLOT_RDQ;
      if (l2s_o[i]) begin
        state_d[i] = mmu_pkg::SLOT_WANT;
        if (join_i) state_d[i] = mmu_pkg::SLOT_MERGED;
        if (join_line_i) state_d[i] = mmu_pkg::SLOT_LINE;
        if (hit_i) state_d[i] = mmu_pkg::SLOT_DONE;
      end
      if (arrive_i[i]) begin
        if (is_drain[i]) state_d[i] = mmu_pkg::SLOT_FREE;
        if (read_again_i) state_d[i] = mmu_pkg::SLOT_RDQ;
        if (casq_i) state_d[i] = mmu_pkg::SLOT_CASQ;
        if (hold_i) state_d[i] = mmu_pkg::SLOT_HOLD;
      end
      if (descend_i[i]) state_d[i] = mmu_pkg::SLOT_RDQ;
      if (share_i[i]) state_d[i] = mmu_pkg::SLOT_SHARE;
      if (ends_i[i]) state_d[i] = mmu_pkg::SLOT_DONE;
      if (again_i[i]) state_d[i] = mmu_pkg::SLOT_L2Q;
      if (is_hold[i] && named_o[i]) state_d[i] = mmu_pkg::SLOT_WANT;
      if (offer_i[i] && taken_i) begin
        state_d[i] = offer_cas_i ? mmu_pkg::SLOT_CAS : mmu_pkg::SLOT_RD;
        if (killed_q[i]) state_d[i] = mmu_pkg::SLOT_DRAIN;
      end
      if (alloc[i]) state_d[i] = mmu_pkg::SLOT_L2Q;
      if (admit[i]) state_d[i] = mmu_pkg::SLOT_L2S;
      // a prefetch has nobody to answer; what another brings it need not wait for
      if (AHEAD[i] && (state_d[i] == mmu_pkg::SLOT_DONE || (l2s_o[i] && (join_i || join_line_i))))
        state_d[i] = mmu_pkg::SLOT_FREE;
      doomed[i] = !is_free[i] && !is_drain[i] && !killed_q[i]
               && (AHEAD[i] ? reached(va_q[i*57+12 +: 45])
                   : DATA[i] ? dkill_i[id_q[i*5 +: 5]] : ikill_i[id_q[i*5 +: 5]])
               && state_d[i] != mmu_pkg::SLOT_FREE && state_d[i] != mmu_pkg::SLOT_DRAIN;
    end
    // kill: what is in flight drains, what is offered stays until taken, the rest is free
    withdraw = '0;
    for (int i = 0; i < N; i++) begin
      if (doomed[i]) begin
        case (state_d[i])
          mmu_pkg::SLOT_RD, mmu_pkg::SLOT_CAS: state_d[i] = mmu_pkg::SLOT_DRAIN;
          mmu_pkg::SLOT_RDQ: if (!(waits_i && offer_i[i])) state_d[i] = mmu_pkg::SLOT_FREE;
          default: begin
            state_d[i] = mmu_pkg::SLOT_FREE;
            withdraw[i] = offer_i[i];
          end
        endcase
      end else if ((state_d[i] == mmu_pkg::SLOT_MERGED || state_d[i] == mmu_pkg::SLOT_LINE)
                   && doomed[lead_d[i*SLOT_W +: SLOT_W]]) begin
        state_d[i] = mmu_pkg::SLOT_L2Q;  // its leader dies: it looks again
        again[i] = 1'b1;
      end else if (state_d[i] == mmu_pkg::SLOT_SHARE && doomed[lead_d[i*SLOT_W +: SLOT_W]]) begin
        state_d[i] = mmu_pkg::SLOT_RDQ;  // it reads for itself
      end
    end
  end

  assign withdraw_o = withdraw != '0;

  // ---- Extra cycles
  logic [N-1:0] to_l2q;

  always_comb begin
    for (int i = 0; i < N; i++) begin
      to_l2q[i] = alloc[i] || (state_d[i] == mmu_pkg::SLOT_L2Q && !is_l2q[i]);
    end
  end

  mmu_wait #(.N(N), .L2_CYCLES(L2_CYCLES), .WALK_CYCLES(WALK_CYCLES), .REFILL(WALK_REFILL)) u_wait (
    .clk_i(clk_i), .l2q_i(to_l2q), .rdq_i(start_i | descend_i | (arrive_i & {N{read_again_i}})), .done_i(ends_i),
    .wait_o(waiting_o));

  // ---- Registers
  generate
    for (genvar i = 0; i < N; i++) begin : g_slot
      always_ff @(posedge clk_i) begin
        state_q[i] <= rst_i ? mmu_pkg::SLOT_FREE : state_d[i];
        base_q[i*44 +: 44] <= base_next_i[i*44 +: 44];
        level_q[i*3 +: 3] <= level_next_i[i*3 +: 3];
        global_q[i] <= global_next_i[i];
        lead_q[i*SLOT_W +: SLOT_W] <= lead_d[i*SLOT_W +: SLOT_W];
        if (start_i[i]) fresh_q[i] <= 1'b0;
        if (l2s_o[i] && hit_i) begin
          pte_q[i*57 +: 57] <= hit_pte_i;
          level_q[i*3 +: 3] <= hit_level_i;
          span_q[i*3 +: 3] <= hit_span_i;
          cause_q[i*4 +: 4] <= hit_cause_i;
          source_q[i*3 +: 3] <= hit_source_i;
        end
        if (arrive_i[i] && leaf_i) begin
          pte_q[i*57 +: 57] <= leaf_pte_i;
          span_q[i*3 +: 3] <= leaf_span_i;
        end
        if (ends_i[i]) begin
          if (!arrive_i[i]) begin  // a follower takes over what its leader found
            pte_q[i*57 +: 57] <= leaf_pte_i;
            level_q[i*3 +: 3] <= leaf_level_i;
            span_q[i*3 +: 3] <= leaf_span_i;
            global_q[i] <= leaf_global_i;
          end
          cause_q[i*4 +: 4] <= cause_i[i*4 +: 4];
          source_q[i*3 +: 3] <= arrive_i[i] || deny_i[i] ? mmu_pkg::SOURCE_WALK
                                                         : mmu_pkg::SOURCE_MERGED;
        end
        if (again[i]) again_q[i] <= 1'b1;
        if (covered_o[i]) stale_q[i] <= 1'b1;
        if (doomed[i] && state_d[i] == mmu_pkg::SLOT_RDQ) killed_q[i] <= 1'b1;
        if (offer_i[i] && taken_i) begin
          killed_q[i] <= 1'b0;
          line_q[i] <= offer_line_i;
        end
        if (arrive_i[i] && alone_i) single_q[i] <= 1'b1;
        if (alloc[i]) begin
          id_q[i*5 +: 5] <= AHEAD[i] ? '0 : DATA[i] ? did_i : iid_i;
          va_q[i*57 +: 57] <= AHEAD[i] ? {ahead_vpn_i, 12'b0} : DATA[i] ? dva_i : iva_i;
          access_q[i*3 +: 3] <= DATA[i] ? daccess_i : AHEAD[i] && !ahead_fetch_i ? mmu_pkg::ACCESS_LOAD
                                                                                : mmu_pkg::ACCESS_FETCH;
          priv_q[i*2 +: 2] <= AHEAD[i] ? '0 : DATA[i] ? dpriv_i : ipriv_i;
          sum_q[i] <= DATA[i] && dsum_i;
          mxr_q[i] <= DATA[i] && dmxr_i;
          adue_q[i] <= adue_i;
          pbmte_q[i] <= pbmte_i;
          last_q[i*12 +: 12] <= AHEAD[i] ? '0 : DATA[i] ? dlast_i : ilast_i;
          base_q[i*44 +: 44] <= root_i;
          level_q[i*3 +: 3] <= top_i;
          global_q[i] <= 1'b0;
          fresh_q[i] <= 1'b1;
          again_q[i] <= 1'b0;
          killed_q[i] <= 1'b0;
          single_q[i] <= 1'b0;
          stale_q[i] <= !AHEAD[i] && reached(DATA[i] ? dva_i[56:12] : iva_i[56:12]);
        end
        for (int j = 0; j < N; j++) begin  // of those accepted in one cycle data is the oldest
          if (alloc[i]) older_q[i*N + j] <= j != i && !(DATA[i] && alloc_i[j]) && !(AHEAD[j] && ahead_i);
          else if (alloc[j]) older_q[i*N + j] <= 1'b0;
        end
      end
    end
  endgenerate
endmodule

`default_nettype wire
