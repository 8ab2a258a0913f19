// SPDX-License-Identifier: Apache-2.0
//
// The L2 TLB: one for both sides, or one for each. There is one lookup a cycle in either case: what
// is split is where translations stand.
// Mirror: model/mmu.c (l2_of)     Latency: that of mmu_l2
`default_nettype none

module mmu_l2s #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SETS = 64,
  parameter int unsigned WAYS = 4,
  parameter int unsigned LARGE = 8,
  parameter int unsigned LARGE_SIZES = 126,
  parameter int unsigned I_SETS = 64,       // of fetches; no ways and no large pages: one for both
  parameter int unsigned I_WAYS = 0,
  parameter int unsigned I_LARGE = 0,
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  input  wire             read_i,
  input  wire [44:0]      read_vpn_i,
  input  wire             compare_i,
  input  wire             fetch_i,        // what is compared is a fetch
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  input  wire             need_d_i,
  output logic            hit_o,
  output logic [56:0]     pte_o,
  output logic [2:0]      level_o,
  input  wire             fill_i,
  input  wire             fill_fetch_i,   // what fills it is the walk of a fetch
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  input  wire [2:0]       fill_level_i,
  output logic            fill_o,
  output logic            fill_large_o,
  output logic [11:0]     fill_set_o,
  output logic [7:0]      fill_way_o,
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  input  wire             fence_known_i,
  output logic            clearing_o,
  output logic [31:0]     fold_o
);
  localparam logic SPLIT = I_WAYS != 0 || I_LARGE != 0;
  logic d_hit, i_hit, d_fill, i_fill, d_fill_large, i_fill_large;
  logic [56:0] d_pte, i_pte;
  logic [2:0] d_level, i_level;
  logic [11:0] d_set, i_set;
  logic [7:0] d_way, i_way;
  logic [31:0] d_fold, i_fold;

  mmu_l2 #(
    .XLEN(XLEN), .SETS(SETS), .WAYS(WAYS), .LARGE(LARGE), .LARGE_SIZES(LARGE_SIZES), .POLICY(POLICY),
    .SEED(SEED), .CTX_W(CTX_W), .EV_STATE(EV_STATE)
  ) u_l2 (
    .clk_i(clk_i), .rst_i(rst_i), .read_i(read_i), .read_vpn_i(read_vpn_i),
    .compare_i(compare_i && !(SPLIT && fetch_i)), .vpn_i(vpn_i), .ctx_i(ctx_i),
    .need_d_i(need_d_i), .hit_o(d_hit), .pte_o(d_pte), .level_o(d_level),
    .fill_i(fill_i && !(SPLIT && fill_fetch_i)), .fill_vpn_i(fill_vpn_i), .fill_pte_i(fill_pte_i),
    .fill_level_i(fill_level_i), .fill_o(d_fill), .fill_large_o(d_fill_large), .fill_set_o(d_set),
    .fill_way_o(d_way), .flash_i(flash_i), .fence_i(fence_i), .by_va_i(by_va_i),
    .by_ctx_i(by_ctx_i), .fence_vpn_i(fence_vpn_i), .fence_ctx_i(fence_ctx_i),
    .fence_known_i(fence_known_i), .clearing_o(clearing_o), .fold_o(d_fold));

  generate
    if (SPLIT) begin : g_split
      logic unused_clearing;
      mmu_l2 #(
        .XLEN(XLEN), .SETS(I_SETS), .WAYS(I_WAYS), .LARGE(I_LARGE), .LARGE_SIZES(LARGE_SIZES),
        .POLICY(POLICY), .SEED(SEED), .CTX_W(CTX_W), .EV_STATE(EV_STATE)
      ) u_l2i (
        .clk_i(clk_i), .rst_i(rst_i), .read_i(read_i), .read_vpn_i(read_vpn_i),
        .compare_i(compare_i && fetch_i), .vpn_i(vpn_i), .ctx_i(ctx_i), .need_d_i(need_d_i),
        .hit_o(i_hit), .pte_o(i_pte), .level_o(i_level), .fill_i(fill_i && fill_fetch_i),
        .fill_vpn_i(fill_vpn_i), .fill_pte_i(fill_pte_i), .fill_level_i(fill_level_i),
        .fill_o(i_fill), .fill_large_o(i_fill_large), .fill_set_o(i_set), .fill_way_o(i_way),
        .flash_i(flash_i), .fence_i(fence_i), .by_va_i(by_va_i), .by_ctx_i(by_ctx_i),
        .fence_vpn_i(fence_vpn_i), .fence_ctx_i(fence_ctx_i), .fence_known_i(fence_known_i),
        .clearing_o(unused_clearing), .fold_o(i_fold));
    end else begin : g_one
      assign i_hit = 1'b0;
      assign i_pte = '0;
      assign i_level = '0;
      assign i_fill = 1'b0;
      assign i_fill_large = 1'b0;
      assign i_set = '0;
      assign i_way = '0;
      assign i_fold = '0;
    end
  endgenerate

  always_comb begin
    hit_o = d_hit || i_hit;
    pte_o = SPLIT && fetch_i ? i_pte : d_pte;
    level_o = SPLIT && fetch_i ? i_level : d_level;
    fill_o = d_fill || i_fill;
    fill_large_o = d_fill_large || i_fill_large;
    fill_set_o = d_set | i_set;
    fill_way_o = d_way | i_way;
    fold_o = mmu_fn_pkg::fold(d_fold, 64'(i_fold));
  end
endmodule

`default_nettype wire
