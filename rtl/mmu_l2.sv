// SPDX-License-Identifier: Apache-2.0
//
// The L2 TLB: an SRAM array of 4 KiB pages, and a flip-flop array of larger ones, NAPOT ranges
// among them, compared in the same cycle.
// Mirror: model/l2.c
// Differs: clear_q, clear_by_ctx_q, clear_vpn_q, clear_ctx_q, clear_known_q are struct cover clear
// Latency: read in cycle t, compare in t+1; a fill in t is seen by a read in t. VA fence: read in
//          t, clear in t+1.
//
// Several ways may hold one page (a global page walked under two ASIDs; D=0 and D=1): the lowest
// that serves answers, and one fence drops all of them.
`default_nettype none

module mmu_l2 #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SETS = 64,
  parameter int unsigned WAYS = 4,     // 0: no array of 4 KiB pages
  parameter int unsigned LARGE = 8,    // 0: no array of larger pages
  parameter int unsigned LARGE_SIZES = 126,  // bit s: page size s may stand in it
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  // read, for a lookup or a VA fence
  input  wire             read_i,
  input  wire [44:0]      read_vpn_i,
  // compare, the cycle after
  input  wire             compare_i,      // a slot is compared, and may hit
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  input  wire             need_d_i,
  output logic            hit_o,
  output logic [56:0]     pte_o,
  output logic [2:0]      level_o,
  // fill
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  input  wire [2:0]       fill_level_i,
  output logic            fill_o,         // it has a place
  output logic            fill_large_o,
  output logic [11:0]     fill_set_o,
  output logic [7:0]      fill_way_o,
  // invalidation
  input  wire             flash_i,
  input  wire             fence_i,        // taken in this cycle; by VA its read is in read_i
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  input  wire             fence_known_i,
  output logic            clearing_o,     // second cycle of a VA fence
  output logic [31:0]     fold_o          // valid bits and replacement, if EV_STATE
);
  logic small_hit, large_hit, fill_small, fill_large;
  logic [56:0] small_pte, large_pte;
  logic [2:0] large_level;
  logic [11:0] small_set;
  logic [7:0] small_way, large_way;
  logic [31:0] small_fold, large_fold;

  // ---- Second cycle of a VA fence: what it covers
  logic clear_q, clear_by_ctx_q, clear_known_q;
  logic [44:0] clear_vpn_q;
  logic [CTX_W-1:0] clear_ctx_q;

  always_ff @(posedge clk_i) begin
    clear_q <= fence_i && by_va_i && !rst_i;
    if (fence_i) begin
      clear_by_ctx_q <= by_ctx_i;
      clear_vpn_q <= fence_vpn_i;
      clear_ctx_q <= fence_ctx_i;
      clear_known_q <= fence_known_i;
    end
  end

  assign clearing_o = clear_q;

  // ---- 4 KiB pages
  generate
    if (WAYS == 0) begin : g_none
      assign small_hit = 1'b0;
      assign small_pte = '0;
      assign fill_small = 1'b0;
      assign small_set = '0;
      assign small_way = '0;
      assign small_fold = '0;
    end else begin : g_small
      mmu_l2_small #(.SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .SEED(SEED),
                     .CTX_W(CTX_W), .EV_STATE(EV_STATE)) u_small (
        .clk_i(clk_i), .rst_i(rst_i), .read_i(read_i), .read_vpn_i(read_vpn_i),
        .compare_i(compare_i), .vpn_i(vpn_i), .ctx_i(ctx_i), .need_d_i(need_d_i),
        .hit_o(small_hit), .pte_o(small_pte),
        .fill_i(fill_small), .fill_vpn_i(fill_vpn_i), .fill_pte_i(fill_pte_i),
        .fill_set_o(small_set), .fill_way_o(small_way), .flash_i(flash_i),
        .clear_i(clear_q && (!clear_by_ctx_q || clear_known_q)),
        .clear_by_ctx_i(clear_by_ctx_q),
        .clear_vpn_i(clear_vpn_q), .clear_ctx_i(clear_ctx_q), .fold_o(small_fold));
      assign fill_small = fill_i && fill_level_i == 3'd0 && !fill_pte_i[56];
    end
  endgenerate

  // ---- Larger pages
  generate
    if (LARGE == 0) begin : g_no_large
      assign large_hit = 1'b0;
      assign large_pte = '0;
      assign large_level = '0;
      assign fill_large = 1'b0;
      assign large_way = '0;
      assign large_fold = '0;
    end else begin : g_large
      logic [7:0] unused_set;
      logic [2:0] unused_span;
      mmu_tlb #(.XLEN(XLEN), .SETS(1), .WAYS(LARGE), .POLICY(POLICY), .SEED(SEED),
                .CTX_W(CTX_W), .EV_STATE(EV_STATE)) u_large (
        .clk_i(clk_i), .rst_i(rst_i), .vpn_i(vpn_i), .ctx_i(ctx_i), .need_d_i(need_d_i),
        .hit_o(large_hit), .pte_o(large_pte), .level_o(large_level),
        .span_o(unused_span), .touch_i(compare_i && !small_hit), .fill_i(fill_large), .fill_vpn_i(fill_vpn_i),
        .fill_pte_i(fill_pte_i), .fill_level_i(fill_level_i),
        .fill_span_i(3'd0), .fill_set_o(unused_set), .fill_way_o(large_way),
        .flash_i(flash_i), .fence_i(fence_i && (!by_ctx_i || fence_known_i)), .by_va_i(by_va_i),
        .by_ctx_i(by_ctx_i), .fence_vpn_i(fence_vpn_i), .fence_ctx_i(fence_ctx_i),
        .fold_o(large_fold));
      logic [7:0] held;
      logic [2:0] size;
      assign held = 8'(LARGE_SIZES);
      assign size = mmu_fn_pkg::page_size(1'(XLEN == 32), fill_level_i, fill_pte_i[56]);
      assign fill_large = fill_i && (fill_level_i != 3'd0 || fill_pte_i[56])
                       && (LARGE_SIZES == 126 || held[size]);
    end
  endgenerate

  always_comb begin
    hit_o = compare_i && (small_hit || large_hit);
    pte_o = small_hit ? small_pte : large_pte;
    level_o = small_hit ? 3'd0 : large_level;
    fold_o = mmu_fn_pkg::fold(small_fold, 64'(large_fold));
    fill_o = fill_small || fill_large;
    fill_large_o = fill_large;
    fill_set_o = fill_small ? small_set : '0;
    fill_way_o = fill_small ? small_way : fill_large ? large_way : '0;
  end
endmodule

`default_nettype wire
