// SPDX-License-Identifier: Apache-2.0
//
// The page-walk caches, one a level of pointers, 1 to 4. Sv32 has pointers of level 1 only.
// Mirror: model/pwc.c      Latency: as mmu_pwc
`default_nettype none

module mmu_pwcs #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned L1 = 4,        // entries of each; 0: absent
  parameter int unsigned L2 = 4,
  parameter int unsigned L3 = 2,
  parameter int unsigned L4 = 2,
  parameter int unsigned POLICY = mmu_pkg::REPL_LRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  // [k-1]: level k
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  output logic [3:0]      hit_o,
  output logic [175:0]    ppn_o,
  output logic [3:0]      global_o,
  input  wire [3:0]       touch_i,
  input  wire [3:0]       fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [43:0]      fill_ppn_i,
  input  wire             fill_global_i,
  input  wire [2:0]       fill_level_i,
  output logic            ev_fill_o,
  output logic [2:0]      ev_fill_level_o,
  output logic [7:0]      ev_fill_way_o,
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  output logic [31:0]     fold_o
);
  localparam logic RV32 = XLEN == 32;
  logic [3:0] filled;
  logic [31:0] way;
  logic [127:0] folds;

  generate
    for (genvar k = 0; k < 4; k++) begin : g_pwc
      localparam int unsigned ENTRIES = k == 0 ? L1 : k == 1 ? L2 : k == 2 ? L3 : L4;

      mmu_pwc #(.WAYS(RV32 && k > 0 ? 0 : ENTRIES), .LEVEL(k + 1), .XLEN(XLEN), .POLICY(POLICY),
                .SEED(SEED), .CTX_W(CTX_W), .EV_STATE(EV_STATE)) u_pwc (
        .clk_i(clk_i), .rst_i(rst_i), .vpn_i(vpn_i), .ctx_i(ctx_i), .hit_o(hit_o[k]),
        .ppn_o(ppn_o[k*44 +: 44]), .global_o(global_o[k]), .touch_i(touch_i[k]),
        .fill_i(fill_i[k]), .fill_vpn_i(fill_vpn_i), .fill_ppn_i(fill_ppn_i),
        .fill_global_i(fill_global_i), .fill_o(filled[k]), .fill_way_o(way[k*8 +: 8]),
        .flash_i(flash_i), .fence_i(fence_i), .fence_ctx_i(fence_ctx_i),
        .fold_o(folds[k*32 +: 32]));
    end
  endgenerate

  always_comb begin
    ev_fill_o = filled != '0;
    ev_fill_level_o = ev_fill_o ? fill_level_i : '0;
    fold_o = '0;
    for (int k = 0; k < 4; k++) fold_o = mmu_fn_pkg::fold(fold_o, 64'(folds[k*32 +: 32]));
    ev_fill_way_o = way[7:0] | way[15:8] | way[23:16] | way[31:24];
  end
endmodule

`default_nettype wire
