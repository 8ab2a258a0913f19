// SPDX-License-Identifier: Apache-2.0
//
// The observer of the verification plan. It sees the pins and nothing else, keeps its own copy of
// the CSRs, and writes down each access that has the MMU to itself from acceptance to answer: `r`
// is the last one, in the cycle in which r.valid is high, `p` the one before, `b` what lay between.
// An access that had company is no record, and breaks the pair. Exists with coverage alone.
`default_nettype none

module plan_observer_sva #(
  parameter int unsigned XLEN = 64,
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
  input wire ev_walk_start_o, ev_deny_o,
  input wire [2:0] ev_walk_start_level_o,
  output plan_pkg::record_t r, p,
  output plan_pkg::between_t b
);
  localparam logic RV32 = XLEN == 32;

  // ---- CSRs
  logic [63:0] satp_q;
  logic adue_q, pbmte_q, asked_adue_q;  // asked: as written, Svadu there or not
  logic [63:0][7:0] pmp_cfg_q, pma_cfg_q, pmp_cfg_d, pma_cfg_d;
  logic [63:0][53:0] pmp_addr_q, pma_addr_q, pmp_addr_d, pma_addr_d;
  logic csr, mode_ok, hit_cfg_lock, hit_addr_lock, hit_below_lock, hit_write_only, hit_empty;
  logic [63:0] asid_mask, satp_new;

  assign csr = csr_valid_i && csr_ready_o;
  assign asid_mask = RV32 ? 64'((1 << ASID_BITS) - 1) << 22 : 64'((1 << ASID_BITS) - 1) << 44;
  assign mode_ok = RV32 || csr_wdata_i[63:60] == 4'd0 || (csr_wdata_i[63:60] >= 4'd8 && csr_wdata_i[63:60] <= 4'd10);
  assign satp_new = RV32 ? {32'b0, csr_wdata_i[31], 9'b0, csr_wdata_i[21:0]} | (csr_wdata_i & asid_mask)
                         : {csr_wdata_i[63:60], 16'b0, csr_wdata_i[43:0]} | (csr_wdata_i & asid_mask);

  always_comb begin
    pmp_cfg_d = pmp_cfg_q;
    pma_cfg_d = pma_cfg_q;
    pmp_addr_d = pmp_addr_q;
    pma_addr_d = pma_addr_q;
    hit_cfg_lock = 1'b0;
    hit_addr_lock = 1'b0;
    hit_below_lock = 1'b0;
    hit_write_only = 1'b0;
    hit_empty = 1'b0;
    for (int i = 0; i < 64; i++) begin
      if (csr && i < PMP_ENTRIES && csr_addr_i == 12'h3a0 + 12'(i / (XLEN / 8) * (XLEN / 32))) begin
        if (pmp_cfg_q[i][7]) hit_cfg_lock = hit_cfg_lock || pmp_cfg_q[i] != csr_wdata_i[i % (XLEN / 8) * 8 +: 8];
        else begin
          pmp_cfg_d[i] = csr_wdata_i[i % (XLEN / 8) * 8 +: 8] & 8'h9f;
          if (pmp_cfg_d[i][1:0] == 2'b10) begin
            hit_write_only = 1'b1;
            pmp_cfg_d[i][1] = 1'b0;
          end
        end
      end
      if (csr && i > 0 && i < PMP_ENTRIES && pmp_cfg_d[i][4:3] == 2'd1
          && pmp_addr_q[i] <= pmp_addr_q[i > 0 ? i - 1 : 0] && pmp_addr_q[i] != '0) hit_empty = 1'b1;
      if (csr && i < PMA_ENTRIES && csr_addr_i == 12'h7c0 + 12'(i / (XLEN / 8) * (XLEN / 32))
          && !pma_cfg_q[i][7]) pma_cfg_d[i] = csr_wdata_i[i % (XLEN / 8) * 8 +: 8] & 8'hbf;
      if (csr && i < PMP_ENTRIES && csr_addr_i == 12'h3b0 + 12'(i)) begin
        if (pmp_cfg_q[i][7]) hit_addr_lock = pmp_addr_q[i] != csr_wdata_i[53:0];
        else if (i < 63 && pmp_cfg_q[i < 63 ? i + 1 : i][7] && pmp_cfg_q[i < 63 ? i + 1 : i][4:3] == 2'd1)
          hit_below_lock = pmp_addr_q[i] != csr_wdata_i[53:0];
        else pmp_addr_d[i] = RV32 ? {22'b0, csr_wdata_i[31:0]} : csr_wdata_i[53:0];
      end
      if (csr && i < PMA_ENTRIES && i < 16 && csr_addr_i == 12'h7d0 + 12'(i) && !pma_cfg_q[i][7])
        pma_addr_d[i] = RV32 ? {22'b0, csr_wdata_i[31:0]} : csr_wdata_i[53:0];
    end
  end

  always_ff @(posedge clk_i) begin
    pmp_cfg_q <= rst_i ? '0 : pmp_cfg_d;
    pma_cfg_q <= rst_i ? '0 : pma_cfg_d;
    pmp_addr_q <= rst_i ? '0 : pmp_addr_d;
    pma_addr_q <= rst_i ? '0 : pma_addr_d;
    if (rst_i) begin
      satp_q <= '0;
      adue_q <= 1'b0;
      pbmte_q <= 1'b0;
      asked_adue_q <= 1'b0;
    end else if (csr) begin
      if (csr_addr_i == 12'h180 && mode_ok) satp_q <= satp_new;
      if (csr_addr_i == (RV32 ? 12'h31a : 12'h30a)) begin
        asked_adue_q <= csr_wdata_i[RV32 ? 29 : 61];
        adue_q <= svadu_i && csr_wdata_i[RV32 ? 29 : 61];
        pbmte_q <= svpbmt_i && csr_wdata_i[RV32 ? 30 : 62];
      end
    end
  end

  // ---- Who is unfinished
  logic [31:0] ibusy_q, dbusy_q, itake, dtake;
  logic [63:0] pending_q, asked, replied;
  logic iaccept, daccept, lone, answered, crowd_q, crowd;
  plan_pkg::record_t now, seen, open_q, open;
  plan_pkg::between_t gap_q, gap;

  assign iaccept = ireq_valid_i && ireq_ready_o;
  assign daccept = dreq_valid_i && dreq_ready_o;
  assign itake = 32'(iaccept && !ihit_valid_o) << ireq_id_i;
  assign dtake = 32'(daccept && !dhit_valid_o) << dreq_id_i;
  assign asked = 64'(mem_req_valid_o && mem_req_ready_i) << mem_req_tag_o;
  assign replied = 64'(mem_rsp_valid_i) << mem_rsp_tag_i;
  assign lone = (iaccept ^ daccept) && ibusy_q == '0 && dbusy_q == '0 && pending_q == '0;
  assign crowd = !lone && (crowd_q || iaccept || daccept || (ikill_i & ibusy_q) != '0 || (dkill_i & dbusy_q) != '0);
  assign answered = ihit_valid_o || dhit_valid_o || imiss_valid_o || dmiss_valid_o;

  always_ff @(posedge clk_i) begin
    ibusy_q <= rst_i ? '0 : (ibusy_q & ~(32'(imiss_valid_o) << imiss_id_o) & ~ikill_i) | itake;
    dbusy_q <= rst_i ? '0 : (dbusy_q & ~(32'(dmiss_valid_o) << dmiss_id_o) & ~dkill_i) | dtake;
    pending_q <= rst_i ? '0 : (pending_q & ~replied) | asked;
    crowd_q <= !rst_i && crowd;
  end

  // ---- What lies between
  always_comb begin
    gap = gap_q;
    if (fence_valid_i && fence_ready_o) begin
      gap.fences = gap_q.fences + 4'(gap_q.fences != '1);
      gap.op = fence_op_i;
      gap.rs1 = fence_rs1_i;
      gap.rs2 = fence_rs2_i;
      gap.va = fence_va_i;
      gap.asid = fence_asid_i;
      gap.satp = satp_q;
      gap.ir = fence_op_i == 2'd3 && gap_q.fences >= 4'd2 && gap_q.inval && gap_q.op == 2'd1;
      gap.inval = fence_op_i == 2'd2 || (fence_op_i == 2'd1 && gap_q.inval);
    end
    if (csr) begin
      gap.bad_mode = gap_q.bad_mode
          || (csr_addr_i == 12'h180 && !mode_ok && csr_wdata_i[59:0] != satp_q[59:0]);
      gap.wide_asid = gap_q.wide_asid || (csr_addr_i == 12'h180 && mode_ok
          && (csr_wdata_i & ~asid_mask & (RV32 ? 64'h7fc00000 : 64'h0ffff00000000000)) != '0);
      gap.empty_tor = gap_q.empty_tor || hit_empty;
      gap.checks = gap_q.checks || csr_addr_i[11:5] == 7'h1d || csr_addr_i[11:5] == 7'h1e || csr_addr_i[11:5] == 7'h3e;
      gap.locked_cfg = gap_q.locked_cfg || hit_cfg_lock;
      gap.locked_addr = gap_q.locked_addr || hit_addr_lock;
      gap.locked_below = gap_q.locked_below || hit_below_lock;
      gap.write_only = gap_q.write_only || hit_write_only;
    end
  end

  // ---- The access: its request, its walk, its answer
  logic [1:0] op_q;
  logic pointer_q, pointer;

  always_comb begin
    open = open_q;
    pointer = pointer_q;
    if (lone) begin
      open = '0;
      pointer = 1'b0;
      open.access = iaccept ? mmu_pkg::ACCESS_FETCH : dreq_access_i;
      open.priv = iaccept ? ireq_priv_i : dreq_priv_i;
      open.sum = daccept && dreq_sum_i;
      open.mxr = daccept && dreq_mxr_i;
      open.adue = adue_q;
      open.asked_adue = asked_adue_q;
      open.pbmte = pbmte_q;
      open.va = iaccept ? ireq_va_i : dreq_va_i;
      open.last = iaccept ? ireq_last_i : dreq_last_i;
      open.satp = satp_q;
    end else begin
      open.fenced = open_q.fenced || (fence_valid_i && fence_ready_o);
      open.moved = open_q.moved || (csr && csr_addr_i == 12'h180 && mode_ok && satp_new != satp_q);
    end
    if (mem_rsp_valid_i && op_q == mmu_pkg::MEMOP_READ) begin
      open.pte = RV32 ? {32'b0, mem_rsp_data_i[31:0]} : mem_rsp_data_i[63:0];
      open.error = mem_rsp_error_i;
      pointer = !mem_rsp_error_i && mem_rsp_data_i[3:0] == 4'b0001;
      if (pointer && mem_rsp_data_i[5]) open.glob = 1'b1;
      if (pointer && mem_rsp_data_i[9:8] != '0) open.rsw = 1'b1;
    end else if (mem_rsp_valid_i) begin
      if (mem_rsp_error_i) open.refused = 1'b1;
      else if (mem_rsp_cas_ok_i) begin
        open.updated = 1'b1;
        open.pte = open_q.data;
      end else open.fails = open_q.fails + 2'(open_q.fails != '1);
    end
    if (ev_walk_start_o) begin
      open.walked = 1'b1;
      open.start = ev_walk_start_level_o;
      open.level = ev_walk_start_level_o;
      pointer = 1'b0;
    end
    if (ev_deny_o) begin
      open.deny = 1'b1;
      if (pointer) open.level = open.level - 3'd1;
    end
    if (mem_req_valid_o && mem_req_ready_i) begin
      open.at = mem_req_addr_o;
      if (mem_req_op_o == mmu_pkg::MEMOP_READ) begin
        if (open.reads == '0) open.first = mem_req_addr_o;
        open.reads = open.reads + 4'(open.reads != '1);
        if (pointer) open.level = open.level - 3'd1;
        pointer = 1'b0;
      end else begin
        open.cmp = mem_req_cmp_o;
        open.data = mem_req_data_o;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (mem_req_valid_o && mem_req_ready_i) op_q <= mem_req_op_o;
    pointer_q <= pointer;
    open_q <= rst_i ? '0 : open;
  end

  // ---- Where it goes: of a hit, by the leaf of the record before, if that is its page
  logic [63:0] near, leaf_va;
  logic [3:0] mode;
  logic translated, same, bad_update;
  logic [55:0] deny_at;
  plan_pkg::match_t pmp_to, pma_to, pmp_pte, pma_pte;

  always_comb begin
    seen = open;
    seen.valid = 1'b1;
    seen.cause = ihit_cause_o | imiss_cause_o | dhit_cause_o | dmiss_cause_o;
    seen.pa = ihit_pa_o | imiss_pa_o | dhit_pa_o | dmiss_pa_o;
    seen.size = ihit_valid_o ? ihit_size_o : dhit_valid_o ? dhit_size_o : imiss_size_o | dmiss_size_o;
    seen.pbmt = ihit_pbmt_o | imiss_pbmt_o | dhit_pbmt_o | dmiss_pbmt_o;
    seen.source = imiss_source_o | dmiss_source_o;
    if (ihit_valid_o || dhit_valid_o) seen.source = plan_pkg::L1;
    mode = RV32 ? {3'b0, open.satp[31]} : open.satp[63:60];
    translated = open.priv != mmu_pkg::PRIV_M && mode != 4'd0;
    // without a walk the leaf is that of the record before
    leaf_va = r.va;
    near = (64'd1 << plan_pkg::shift(RV32, r.level, r.pte[63])) - 64'd1;
    same = ((open.va ^ leaf_va) & ~near) == '0;
    if (!open.walked && translated && same) begin
      seen.pte = r.pte;
      seen.level = r.level;
      seen.glob = r.glob;
    end
    near = (64'd1 << plan_pkg::shift(RV32, seen.level, seen.pte[63])) - 64'd1;
    bad_update = seen.pte[0] && (seen.pte[1] || seen.pte[3]);  // denied with a leaf in hand: its update
    seen.to_known = !translated || seen.cause == '0 || (bad_update && (open.walked || same));
    seen.to = !translated ? (RV32 ? {24'b0, open.va[31:0]} : open.va[55:0])
           : ({seen.pte[53:10], 12'b0} & ~near[55:0]) | (open.va[55:0] & near[55:0]);
    seen.deny_known = open.deny && (bad_update || open.reads != '0
        || open.start == plan_pkg::levels(RV32, mode) - 3'd1);
    deny_at = bad_update ? open.at
        : {(open.reads != '0 ? open.pte[53:10] : RV32 ? {22'b0, open.satp[21:0]} : open.satp[43:0]),
           plan_pkg::offset(RV32, open.level, open.va)};
    if (open.deny) seen.at = deny_at;
  end

  always_comb begin
    now = seen;
    now.pmp = pmp_to;
    now.pma = pma_to;
    now.pte_pmp = pmp_pte;
    now.pte_pma = pma_pte;
  end

  plan_match_sva #(.ENTRIES(PMP_ENTRIES)) u_pmp (.cfg_i(pmp_cfg_q), .addr_i(pmp_addr_q), .at_i(seen.to),
    .last_i(open.last), .match_o(pmp_to));
  plan_match_sva #(.ENTRIES(PMA_ENTRIES)) u_pma (.cfg_i(pma_cfg_q), .addr_i(pma_addr_q), .at_i(seen.to),
    .last_i(open.last), .match_o(pma_to));
  plan_match_sva #(.ENTRIES(PMP_ENTRIES)) u_pmp_pte (.cfg_i(pmp_cfg_q), .addr_i(pmp_addr_q), .at_i(seen.at),
    .last_i(12'(XLEN / 8 - 1)), .match_o(pmp_pte));
  plan_match_sva #(.ENTRIES(PMA_ENTRIES)) u_pma_pte (.cfg_i(pma_cfg_q), .addr_i(pma_addr_q), .at_i(seen.at),
    .last_i(12'(XLEN / 8 - 1)), .match_o(pma_pte));

  logic paired_q;  // the record in r may be the p of the next
  always_ff @(posedge clk_i) begin
    r.valid <= 1'b0;
    if (rst_i) begin
      r <= '0;
      p <= '0;
      b <= '0;
      gap_q <= '0;
      paired_q <= 1'b0;
    end else if (answered && !crowd) begin
      r <= now;
      p <= paired_q ? r : '0;
      p.valid <= paired_q;
      paired_q <= 1'b1;
      if (lone) b <= gap_q;  // else it was latched at acceptance
      gap_q <= '0;
    end else begin
      gap_q <= gap;
      if (lone) begin
        b <= gap_q;
        gap_q <= '0;
      end
      if (crowd) paired_q <= 1'b0;
    end
  end
endmodule

`default_nettype wire
