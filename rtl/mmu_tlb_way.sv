// SPDX-License-Identifier: Apache-2.0
//
// One way of a flip-flop TLB: every page size, compared with a mask for its level.
// Mirror: model/tlb.c      Latency: lookup 0; fill and invalidation seen in the next cycle
`default_nettype none

module mmu_tlb_way #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned SETS = 1,
  parameter int unsigned CTX_W = 8,
  localparam int unsigned SET_W = SETS > 1 ? $clog2(SETS) : 1
) (
  input  wire             clk_i,
  input  wire             rst_i,
  // lookup
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  input  wire             need_d_i,    // D=0 does not serve
  output logic            hit_o,
  output logic [56:0]     pte_o,       // G or-ed along the walk
  output logic [2:0]      level_o,
  output logic [2:0]      span_o,      // low VPN bits not compared: it serves a block of pages
  // fill: what the way holds in the set of fill_vpn_i, and its writing
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  input  wire [2:0]       fill_level_i,
  input  wire [2:0]       fill_span_i,
  output logic            valid_o,
  output logic            overlap_o,   // it would answer for part of the same pages
  input  wire             write_i,
  input  wire             drop_i,      // the set's entry goes, another way is written
  // invalidation
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  output logic [SETS-1:0] valid_sets_o
);
  localparam logic RV32 = XLEN == 32;
  logic [SETS-1:0] valid_q;
  logic [44:0] vpn_q [0:SETS-1];
  logic [56:0] pte_q [0:SETS-1];
  logic [2:0] level_q [0:SETS-1];
  logic [2:0] span_q [0:SETS-1];
  logic [CTX_W-1:0] ctx_q [0:SETS-1];
  logic [SET_W-1:0] set, fill_set;

  generate
    if (SETS > 1) begin : g_sets
      assign set = vpn_i[SET_W-1:0];
      assign fill_set = fill_vpn_i[SET_W-1:0];
    end else begin : g_one
      assign set = '0;
      assign fill_set = '0;
    end
  endgenerate

  // ---- Lookup
  always_comb begin
    pte_o = pte_q[set];
    level_o = level_q[set];
    span_o = span_q[set];
    // [TLB-1, TLB-2, TLB-3, VM-9.10]
    hit_o = valid_q[set]
         && ((vpn_q[set] ^ vpn_i) & mmu_fn_pkg::vpn_mask(RV32, level_o, pte_o[56])
             & ~(45'(span_o))) == '0
         && (ctx_q[set] == ctx_i || pte_q[set][5]) && (!need_d_i || pte_q[set][7]);
  end

  // ---- Fill
  logic [44:0] larger;  // VPN bits that the larger of two pages translates

  always_comb begin
    valid_o = valid_q[fill_set];
    larger = mmu_fn_pkg::vpn_mask(RV32, level_q[fill_set], pte_q[fill_set][56])
           & mmu_fn_pkg::vpn_mask(RV32, fill_level_i, fill_pte_i[56])
           & ~(45'(span_q[fill_set] | fill_span_i));
    overlap_o = valid_o && ((vpn_q[fill_set] ^ fill_vpn_i) & larger) == '0
             && (ctx_q[fill_set] == ctx_i || pte_q[fill_set][5] || fill_pte_i[5]);
  end

  // ---- Fences
  logic [SETS-1:0] covered;

  always_comb begin
    covered = '0;
    if (fence_i) begin
      for (int s = 0; s < SETS; s++) begin
        // [FEN-4, FEN-5]
        covered[s] = (!by_va_i || ((vpn_q[s] ^ fence_vpn_i)
                                   & mmu_fn_pkg::vpn_mask(RV32, level_q[s], pte_q[s][56])
                                   & ~(45'(span_q[s]))) == '0)
                  && (!by_ctx_i || (ctx_q[s] == fence_ctx_i && !pte_q[s][5]));
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (write_i) begin
      vpn_q[fill_set] <= fill_vpn_i;
      pte_q[fill_set] <= fill_pte_i;
      level_q[fill_set] <= fill_level_i;
      span_q[fill_set] <= fill_span_i;
      ctx_q[fill_set] <= ctx_i;
    end
  end

  logic [SETS-1:0] written, dropped;

  always_comb begin
    written = '0;
    dropped = '0;
    written[fill_set] = write_i;
    dropped[fill_set] = drop_i;
  end

  assign valid_sets_o = valid_q;

  // a fill that this cycle's fence covers was suppressed before it came here: what is written stays
  always_ff @(posedge clk_i) begin
    if (rst_i || flash_i) valid_q <= '0;
    else valid_q <= (valid_q & ~covered & ~dropped) | written;
  end
endmodule

`default_nettype wire
