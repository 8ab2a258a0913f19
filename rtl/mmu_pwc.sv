// SPDX-License-Identifier: Apache-2.0
//
// Page-walk cache of one level: pointer PTEs, fully associative. Never a V=0 PTE, never a leaf.
// Mirror: model/pwc.c      Latency: lookup 0; fill, touch and fence seen in the next cycle
//
// A VA fence leaves it alone: sfence.vma with rs1 != x0 orders leaf PTEs only [priv, SFENCE.VMA].
`default_nettype none

module mmu_pwc #(
  parameter int unsigned WAYS = 4,     // 0: absent
  parameter int unsigned LEVEL = 1,
  parameter int unsigned XLEN = 64,
  parameter int unsigned POLICY = mmu_pkg::REPL_LRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  output logic            hit_o,
  output logic [43:0]     ppn_o,
  output logic            global_o,
  input  wire             touch_i,
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [43:0]      fill_ppn_i,
  input  wire             fill_global_i,
  output logic            fill_o,
  output logic [7:0]      fill_way_o,
  input  wire             flash_i,
  input  wire             fence_i,      // by context number
  input  wire [CTX_W-1:0] fence_ctx_i,
  output logic [31:0]     fold_o        // valid bits and replacement, if EV_STATE
);
  generate
    if (WAYS == 0) begin : g_none
      assign hit_o = 1'b0;
      assign ppn_o = '0;
      assign global_o = 1'b0;
      assign fill_o = 1'b0;
      assign fill_way_o = '0;
      assign fold_o = '0;
    end else begin : g_pwc
      localparam int unsigned LOW = (XLEN == 32 ? 10 : 9) * LEVEL;
      localparam int unsigned TAG_W = 45 - LOW;
      localparam int unsigned WAY_W = WAYS > 1 ? $clog2(WAYS) : 1;

      logic [WAYS-1:0] valid_q, global_q, hit, same;
      logic [TAG_W-1:0] tag_q [0:WAYS-1];
      logic [43:0] ppn_q [0:WAYS-1];
      logic [CTX_W-1:0] ctx_q [0:WAYS-1];
      logic [WAY_W-1:0] hit_way, fill_way, victim;

      always_comb begin
        ppn_o = '0;
        global_o = 1'b0;
        hit_way = '0;
        for (int w = 0; w < WAYS; w++) begin
          // [TLB-8]
          hit[w] = valid_q[w] && ctx_q[w] == ctx_i && tag_q[w] == vpn_i[44:LOW];
          same[w] = valid_q[w] && ctx_q[w] == ctx_i && tag_q[w] == fill_vpn_i[44:LOW];
          if (hit[w]) begin
            ppn_o = ppn_o | ppn_q[w];
            global_o = global_o | global_q[w];
            hit_way = hit_way | WAY_W'(w);
          end
        end
        hit_o = |hit;
        fill_way = victim;
        for (int w = WAYS - 1; w >= 0; w--) if (same[w]) fill_way = WAY_W'(w);
        fill_o = fill_i;
        fill_way_o = fill_i ? 8'(fill_way) : '0;
      end

      always_ff @(posedge clk_i) begin
        for (int w = 0; w < WAYS; w++) begin
          // [FEN-2, FEN-3, FEN-11]
          if (fence_i && ctx_q[w] == fence_ctx_i && !global_q[w]) valid_q[w] <= 1'b0;
          if (fill_i && fill_way == WAY_W'(w)) begin
            valid_q[w] <= 1'b1;
            global_q[w] <= fill_global_i;
            tag_q[w] <= fill_vpn_i[44:LOW];
            ppn_q[w] <= fill_ppn_i;
            ctx_q[w] <= ctx_i;
          end
        end
        if (rst_i || flash_i) valid_q <= '0;
      end

      logic [31:0] repl_fold;
      assign fold_o = EV_STATE != 0 ? mmu_fn_pkg::fold(repl_fold, 64'(valid_q)) : '0;

      mmu_repl #(.POLICY(POLICY), .SEED(SEED), .SETS(1), .WAYS(WAYS), .EV_STATE(EV_STATE)) u_repl (
        .clk_i(clk_i), .rst_i(rst_i),
        .fill_set_i(1'b0), .fill_valid_i(valid_q), .victim_o(victim),
        .evict_i(fill_i && same == '0), .fill_i(fill_i), .fill_way_i(fill_way),
        .hit_i(touch_i), .hit_set_i(1'b0), .hit_way_i(hit_way), .fold_o(repl_fold));
    end
  endgenerate
endmodule

`default_nettype wire
