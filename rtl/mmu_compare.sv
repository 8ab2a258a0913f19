// SPDX-License-Identifier: Apache-2.0
//
// L2 compare: the slot whose L2 read is under way hits L2 or a kept line of PTEs; or it joins the
// walk of its page, waits for the line that a walk beside it will read, or becomes a walk.
// Mirror: model/compare.c (ptw_compare)     Latency: 0
`default_nettype none

module mmu_compare #(
  parameter int unsigned N = 4,
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56,
  parameter int unsigned LINES = 0,
  localparam int unsigned SLOT_W = N > 1 ? $clog2(N) : 1
) (
  input  wire [N-1:0]    l2s_i,        // the slot compared: one, or none
  input  wire [N*57-1:0] va_i,
  input  wire [N*3-1:0]  access_i,
  input  wire [N*2-1:0]  priv_i,
  input  wire [N-1:0]    sum_i,
  input  wire [N-1:0]    mxr_i,
  input  wire [N-1:0]    adue_i,
  input  wire [N-1:0]    stale_i,
  input  wire [N-1:0]    again_i,
  input  wire [N-1:0]    ahead_i,      // a prefetch: not counted, joins nothing
  input  wire [N-1:0]    walking_i,    // walks, or waits for a walker
  input  wire [N-1:0]    reading_i,    // of these: its last PTE is still to come
  input  wire [N-1:0]    killed_i,
  output logic [44:0]    l2_vpn_o,
  output logic           l2_compare_o,
  output logic           l2_need_d_o,
  input  wire            l2_hit_i,
  input  wire [56:0]     l2_pte_i,
  input  wire [2:0]      l2_level_i,
  input  wire            line_kept_i,  // a line has its PTE
  input  wire            line_hit_i,   // which may answer
  input  wire [56:0]     line_pte_i,
  input  wire [2:0]      line_span_i,  // for how many pages around it
  output logic           hit_o,        // found, there or in a line
  output logic [56:0]    pte_o,
  output logic [2:0]     level_o,
  output logic [2:0]     span_o,
  output logic [2:0]     source_o,
  output logic           fill_o,       // what a line answers goes to L2
  output logic [3:0]     cause_o,      // of a hit
  output logic           join_o,       // it follows the walk of lead_o
  output logic           wait_o,       // it waits for the line of lead_o
  output logic [N-1:0]   lead_o,
  output logic [SLOT_W-1:0] lead_index_o,
  output logic           ev_l2_lookup_o,
  output logic           ev_l2_hit_o,
  output logic [5:0]     ev_l2_slot_o,
  output logic           ev_line_hit_o,
  output logic [5:0]     ev_line_hit_slot_o
);
  localparam int unsigned LOW = XLEN == 32 ? 4 : 3;
  logic [2:0] cmp_access;
  logic [1:0] cmp_priv;
  logic cmp_sum, cmp_mxr, cmp_adue, cmp_stale, cmp_again, cmp_ahead;
  logic cmp_ok, cmp_fault, cmp_a, cmp_d, cmp_wide;
  logic [5:0] slot;
  logic from_line;

  always_comb begin
    l2_vpn_o = '0;
    cmp_access = '0;
    cmp_priv = '0;
    cmp_sum = 1'b0;
    cmp_mxr = 1'b0;
    cmp_adue = 1'b0;
    cmp_stale = 1'b0;
    cmp_again = 1'b0;
    cmp_ahead = (l2s_i & ahead_i) != '0;
    slot = '0;
    for (int i = 0; i < N; i++) begin
      if (l2s_i[i]) begin
        l2_vpn_o = l2_vpn_o | va_i[i*57+12 +: 45];
        cmp_access = cmp_access | access_i[i*3 +: 3];
        cmp_priv = cmp_priv | priv_i[i*2 +: 2];
        cmp_sum = cmp_sum | sum_i[i];
        cmp_mxr = cmp_mxr | mxr_i[i];
        cmp_adue = cmp_adue | adue_i[i];
        cmp_stale = cmp_stale | stale_i[i];
        cmp_again = cmp_again | again_i[i];
        slot = slot | 6'(i);
      end
    end
    l2_compare_o = l2s_i != '0 && !cmp_stale;
    l2_need_d_o = mmu_fn_pkg::is_store(cmp_access);
    ev_l2_lookup_o = l2s_i != '0 && !cmp_again && !cmp_ahead;
    ev_l2_slot_o = ev_l2_lookup_o ? slot : '0;
  end

  // ---- What was found, there or in a kept line
  always_comb begin
    from_line = l2_compare_o && !l2_hit_i && line_hit_i;
    ev_line_hit_o = from_line && !cmp_ahead;
    ev_line_hit_slot_o = ev_line_hit_o ? slot : '0;
    hit_o = l2_hit_i || from_line;
    pte_o = l2_hit_i ? l2_pte_i : line_pte_i;
    level_o = l2_hit_i ? l2_level_i : 3'd0;
    span_o = l2_hit_i ? '0 : line_span_i;
    source_o = l2_hit_i ? mmu_pkg::SOURCE_L2 : mmu_pkg::SOURCE_LINE;
  end

  mmu_judge #(.XLEN(XLEN), .PA_BITS(PA_BITS)) u_judge_l2 (
    .pte_i(pte_o), .level_i(level_o), .va_i({l2_vpn_o[35:0], 12'b0}),
    .access_i(cmp_access), .priv_i(cmp_priv), .sum_i(cmp_sum), .mxr_i(cmp_mxr), .adue_i(cmp_adue), .ahead_i(cmp_ahead),
    .ok_o(cmp_ok), .fault_o(cmp_fault), .a_o(cmp_a), .d_o(cmp_d),
    .wide_o(cmp_wide));

  // ---- Whom it joins: the lowest slot that walks its page, else one that walks a page of its
  // line. A slot waits for a line once: it may not come, or not answer, and then it walks
  logic [N-1:0] page_lead, line_lead;
  logic [44:0] apart;

  always_comb begin
    page_lead = '0;
    line_lead = '0;
    apart = '0;
    for (int i = N - 1; i >= 0; i--) begin
      apart = va_i[i*57+12 +: 45] ^ l2_vpn_o;
      if (walking_i[i] && !stale_i[i] && !killed_i[i] && apart == '0) begin
        page_lead = '0;
        page_lead[i] = 1'b1;
      end
      if (LINES != 0 && reading_i[i] && !stale_i[i] && !killed_i[i] && apart[44:LOW] == '0) begin
        line_lead = '0;
        line_lead[i] = 1'b1;
      end
    end
    join_o = l2_compare_o && !hit_o && page_lead != '0;
    wait_o = l2_compare_o && !hit_o && !line_kept_i && !cmp_again && page_lead == '0
          && line_lead != '0;
    lead_o = page_lead != '0 ? page_lead : line_lead;
    lead_index_o = '0;
    for (int i = 0; i < N; i++) if (lead_o[i]) lead_index_o = lead_index_o | SLOT_W'(i);
    ev_l2_hit_o = ev_l2_lookup_o && l2_hit_i;
    cause_o = cmp_ok ? '0 : cmp_wide ? mmu_fn_pkg::access_cause(cmp_access)
                                     : mmu_fn_pkg::page_cause(cmp_access);
    fill_o = from_line && cmp_ok;
  end
endmodule

`default_nettype wire
