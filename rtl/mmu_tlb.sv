// SPDX-License-Identifier: Apache-2.0
//
// A TLB in flip-flops: sets x ways, every page size in every way. L1 TLBs, and L2's large pages.
// Mirror: model/tlb.c      Latency: lookup 0; fill, touch and invalidation seen in the next cycle
//
// A fill drops whatever in its set would answer for part of the same pages: at most one way hits.
`default_nettype none

module mmu_tlb #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SETS = 1,
  parameter int unsigned WAYS = 4,
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  // lookup, and the touch of a hit
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  input  wire             need_d_i,
  output logic            hit_o,
  output logic [56:0]     pte_o,
  output logic [2:0]      level_o,
  output logic [2:0]      span_o,      // low VPN bits not compared: a block of neighbouring pages
  input  wire             touch_i,
  // fill
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  input  wire [2:0]       fill_level_i,
  input  wire [2:0]       fill_span_i,
  output logic [7:0]      fill_set_o,
  output logic [7:0]      fill_way_o,
  // invalidation
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  output logic [31:0]     fold_o       // valid bits and replacement, if EV_STATE
);
  localparam int unsigned SET_W = SETS > 1 ? $clog2(SETS) : 1;
  localparam int unsigned WAY_W = WAYS > 1 ? $clog2(WAYS) : 1;

  logic [WAYS-1:0] hit, valid, overlap, write;
  logic [WAYS*57-1:0] pte;
  logic [WAYS*3-1:0] level, span;
  logic [WAYS*SETS-1:0] valid_sets;
  logic [31:0] repl_fold;
  logic [WAY_W-1:0] hit_way, fill_way, victim;
  logic [SET_W-1:0] set, fill_set;

  generate
    if (SETS > 1) begin : g_sets
      assign set = vpn_i[SET_W-1:0];
      assign fill_set = fill_vpn_i[SET_W-1:0];
    end else begin : g_one
      assign set = '0;
      assign fill_set = '0;
    end
    for (genvar w = 0; w < WAYS; w++) begin : g_way
      mmu_tlb_way #(.XLEN(XLEN), .SETS(SETS), .CTX_W(CTX_W)) u_way (
        .clk_i(clk_i), .rst_i(rst_i),
        .vpn_i(vpn_i), .ctx_i(ctx_i), .need_d_i(need_d_i),
        .hit_o(hit[w]), .pte_o(pte[w*57 +: 57]), .level_o(level[w*3 +: 3]),
        .span_o(span[w*3 +: 3]),
        .fill_vpn_i(fill_vpn_i), .fill_pte_i(fill_pte_i), .fill_level_i(fill_level_i),
        .fill_span_i(fill_span_i), .valid_o(valid[w]), .overlap_o(overlap[w]), .write_i(write[w]),
        .drop_i(fill_i && overlap[w] && !write[w]),
        .flash_i(flash_i), .fence_i(fence_i), .by_va_i(by_va_i), .by_ctx_i(by_ctx_i),
        .fence_vpn_i(fence_vpn_i), .fence_ctx_i(fence_ctx_i),
        .valid_sets_o(valid_sets[w*SETS +: SETS]));
    end
  endgenerate

  // ---- Lookup: at most one way hits
  always_comb begin
    hit_o = |hit;
    pte_o = '0;
    level_o = '0;
    span_o = '0;
    hit_way = '0;
    for (int w = 0; w < WAYS; w++) begin
      if (hit[w]) begin
        pte_o = pte_o | pte[w*57 +: 57];
        level_o = level_o | level[w*3 +: 3];
        span_o = span_o | span[w*3 +: 3];
        hit_way = hit_way | WAY_W'(w);
      end
    end
  end

  // ---- Fill: the first way that overlaps, else the victim
  always_comb begin
    fill_way = victim;
    for (int w = WAYS - 1; w >= 0; w--) if (overlap[w]) fill_way = WAY_W'(w);
    write = '0;
    write[fill_way] = fill_i;
    fill_set_o = fill_i ? 8'(fill_set) : '0;
    fill_way_o = fill_i ? 8'(fill_way) : '0;
  end

  // ---- Digest
  logic [63:0] ways;

  always_comb begin
    fold_o = repl_fold;
    ways = '0;
    for (int s = 0; EV_STATE != 0 && s < SETS; s++) begin
      for (int w = 0; w < WAYS; w++) ways[w] = valid_sets[w*SETS + s];
      fold_o = mmu_fn_pkg::fold(fold_o, ways);
    end
  end

  mmu_repl #(.POLICY(POLICY), .SEED(SEED), .SETS(SETS), .WAYS(WAYS), .EV_STATE(EV_STATE)) u_repl (
    .clk_i(clk_i), .rst_i(rst_i),
    .fill_set_i(fill_set), .fill_valid_i(valid), .victim_o(victim),
    .evict_i(fill_i && overlap == '0), .fill_i(fill_i), .fill_way_i(fill_way),
    .hit_i(touch_i && hit_o), .hit_set_i(set), .hit_way_i(hit_way), .fold_o(repl_fold));
endmodule

`default_nettype wire
