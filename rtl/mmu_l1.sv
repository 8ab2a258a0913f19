// SPDX-License-Identifier: Apache-2.0
//
// One L1 TLB: an array, and beside it one for superpages if there are any entries for it. A page
// size stands in one of the two, or in none. Both may answer for a page whose size was changed
// without a fence: the first array's answer goes before, and one fence drops both.
// Mirror: model/l1.c      Latency: lookup 0; fill, touch and invalidation seen in the next cycle
`default_nettype none

module mmu_l1 #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SETS = 1,
  parameter int unsigned WAYS = 16,
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned SIZES = 127,        // bit s: page size s may stand in the first array,
  parameter int unsigned SUPER = 0,          // unless the superpage array has entries
  parameter int unsigned SUPER_SIZES = 126,  // and takes it
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
  output logic [2:0]      span_o,
  input  wire             touch_i,
  // fill
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  input  wire [2:0]       fill_level_i,
  input  wire [2:0]       fill_span_i,       // a block of neighbouring pages, all alike
  output logic            fill_o,            // it has a place
  output logic            fill_super_o,
  output logic [7:0]      fill_set_o,
  output logic [7:0]      fill_way_o,
  // invalidation
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  output logic [31:0]     fold_o             // valid bits and replacement, if EV_STATE
);
  localparam int unsigned TAKEN = SUPER == 0 ? 0 : SUPER_SIZES;
  logic [7:0] held, taken;
  logic base_hit, super_hit, fill_base, fill_super;
  logic [56:0] base_pte, super_pte;
  logic [2:0] base_level, super_level, base_span, super_span, size;
  logic [7:0] base_set, base_way, super_way;
  logic [31:0] base_fold, super_fold;

  assign size = mmu_fn_pkg::page_size(1'(XLEN == 32), fill_level_i, fill_pte_i[56]);
  assign held = 8'(SIZES) & ~taken;
  assign taken = 8'(TAKEN);

  generate
    if (TAKEN == 0 && SIZES == 127) begin : g_all
      assign fill_base = fill_i;
    end else begin : g_some
      assign fill_base = fill_i && held[size];
    end
  endgenerate

  assign fill_super = TAKEN != 0 && fill_i && taken[size];

  mmu_tlb #(.XLEN(XLEN), .SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .SEED(SEED),
            .CTX_W(CTX_W), .EV_STATE(EV_STATE)) u_base (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(vpn_i), .ctx_i(ctx_i), .need_d_i(need_d_i),
    .hit_o(base_hit), .pte_o(base_pte), .level_o(base_level), .span_o(base_span),
    .touch_i(touch_i), .fill_i(fill_base), .fill_vpn_i(fill_vpn_i), .fill_pte_i(fill_pte_i),
    .fill_level_i(fill_level_i), .fill_span_i(fill_span_i), .fill_set_o(base_set), .fill_way_o(base_way),
    .flash_i(flash_i), .fence_i(fence_i), .by_va_i(by_va_i), .by_ctx_i(by_ctx_i), .fence_vpn_i(fence_vpn_i),
    .fence_ctx_i(fence_ctx_i), .fold_o(base_fold));

  generate
    if (SUPER == 0) begin : g_unified
      assign super_hit = 1'b0;
      assign super_pte = '0;
      assign super_level = '0;
      assign super_span = '0;
      assign super_way = '0;
      assign super_fold = '0;
    end else begin : g_super
      logic [7:0] unused_set;
      mmu_tlb #(.XLEN(XLEN), .SETS(1), .WAYS(SUPER), .POLICY(POLICY), .SEED(SEED),
                .CTX_W(CTX_W), .EV_STATE(EV_STATE)) u_super (
        .clk_i(clk_i), .rst_i(rst_i), .vpn_i(vpn_i), .ctx_i(ctx_i), .need_d_i(need_d_i),
        .hit_o(super_hit), .pte_o(super_pte), .level_o(super_level), .span_o(super_span),
        .touch_i(touch_i && !base_hit), .fill_i(fill_super), .fill_vpn_i(fill_vpn_i),
        .fill_pte_i(fill_pte_i), .fill_level_i(fill_level_i), .fill_span_i(fill_span_i),
        .fill_set_o(unused_set),
        .fill_way_o(super_way), .flash_i(flash_i), .fence_i(fence_i), .by_va_i(by_va_i),
        .by_ctx_i(by_ctx_i), .fence_vpn_i(fence_vpn_i), .fence_ctx_i(fence_ctx_i),
        .fold_o(super_fold));
    end
  endgenerate

  always_comb begin
    hit_o = base_hit || super_hit;
    pte_o = base_hit ? base_pte : super_pte;
    level_o = base_hit ? base_level : super_level;
    span_o = base_hit ? base_span : super_span;
    fill_o = fill_base || fill_super;
    fill_super_o = fill_super;
    fill_set_o = base_set;
    fill_way_o = base_way | super_way;
    fold_o = mmu_fn_pkg::fold(base_fold, 64'(super_fold));
  end
endmodule

`default_nettype wire
