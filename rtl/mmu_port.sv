// SPDX-License-Identifier: Apache-2.0
//
// The L1 side of one port: a request is answered in the cycle it is offered, or takes a slot.
// Mirror: model/mmu.c (lookup)      Latency: hit LATENCY; a miss goes to mmu_slot
// Handshake: ready = answered now, or a slot is free; never a function of valid
`default_nettype none

module mmu_port #(
  parameter int unsigned SETS = 1,
  parameter int unsigned WAYS = 16,
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned LATENCY = 0,   // of a hit: 1 answers from a register
  parameter int unsigned SIZES = 127,
  parameter int unsigned SUPER = 0,
  parameter int unsigned SUPER_SIZES = 126,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  // request
  input  wire             valid_i,
  input  wire [4:0]       id_i,
  input  wire [63:0]      va_i,
  input  wire [2:0]       access_i,
  input  wire [1:0]       priv_i,
  input  wire             sum_i,
  input  wire             mxr_i,
  output logic            ready_o,
  // address space
  input  wire             bare_i,
  input  wire [2:0]       top_i,
  input  wire [43:0]      root_i,
  input  wire [CTX_W-1:0] ctx_i,
  // answered now
  output logic            hit_valid_o,
  output logic [4:0]      hit_id_o,
  output logic [55:0]     hit_pa_o,
  output logic [3:0]      hit_cause_o,
  output logic [2:0]      hit_size_o,
  output logic [1:0]      hit_pbmt_o,
  output logic [55:0]     check_pa_o,
  input  wire             allowed_i,
  // or a slot
  input  wire             free_i,
  output logic            miss_o,
  output logic            busy_o,       // the answer of a hit is still to leave
  // L1 fill and invalidation
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  input  wire [2:0]       fill_level_i,
  input  wire [2:0]       fill_span_i,
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  // probe
  output logic            ev_lookup_o,
  output logic            ev_hit_o,
  output logic            ev_fill_o,
  output logic            ev_fill_super_o,
  output logic [2:0]      ev_fill_span_o,
  output logic [7:0]      ev_fill_set_o,
  output logic [7:0]      ev_fill_way_o,
  output logic [31:0]     fold_o
);
  logic need_d, translated, now, hit, take;
  logic [56:0] pte;
  logic [2:0] level, span;
  logic [55:0] pa;
  logic [3:0] cause;
  logic [2:0] size;
  logic [1:0] pbmt;
  logic [70:0] answer;  // valid, id, pa, cause, size, pbmt

  mmu_access #(.XLEN(XLEN), .PA_BITS(PA_BITS)) u_access (
    .va_i(va_i), .access_i(access_i), .priv_i(priv_i), .sum_i(sum_i), .mxr_i(mxr_i),
    .bare_i(bare_i), .top_i(top_i), .root_i(root_i), .hit_i(hit), .pte_i(pte), .level_i(level), .span_i(span),
    .need_d_o(need_d), .translated_o(translated), .now_o(now), .check_pa_o(check_pa_o),
    .allowed_i(allowed_i), .pa_o(pa), .cause_o(cause), .size_o(size), .pbmt_o(pbmt));

  mmu_l1 #(.XLEN(XLEN), .SETS(SETS), .WAYS(WAYS), .POLICY(POLICY), .SEED(SEED), .SIZES(SIZES),
           .SUPER(SUPER), .SUPER_SIZES(SUPER_SIZES), .CTX_W(CTX_W), .EV_STATE(EV_STATE)) u_l1 (
    .clk_i(clk_i), .rst_i(rst_i), .vpn_i(va_i[56:12]), .ctx_i(ctx_i), .need_d_i(need_d),
    .hit_o(hit), .pte_o(pte), .level_o(level), .span_o(span), .touch_i(take && translated),
    .fill_i(fill_i), .fill_vpn_i(fill_vpn_i), .fill_pte_i(fill_pte_i), .fill_level_i(fill_level_i),
    .fill_span_i(fill_span_i),
    .fill_o(ev_fill_o), .fill_super_o(ev_fill_super_o), .fill_set_o(ev_fill_set_o), .fill_way_o(ev_fill_way_o),
    .flash_i(flash_i), .fence_i(fence_i), .by_va_i(by_va_i), .by_ctx_i(by_ctx_i),
    .fence_vpn_i(fence_vpn_i), .fence_ctx_i(fence_ctx_i), .fold_o(fold_o));

  always_comb begin
    ready_o = now || free_i;
    take = valid_i && ready_o;
    miss_o = take && !now;
    answer = take && now ? {1'b1, id_i, pa, cause, size, pbmt} : '0;
    ev_lookup_o = take && translated;
    ev_hit_o = take && translated && hit;
    ev_fill_span_o = ev_fill_o ? fill_span_i : '0;
  end

  // ---- The answer of this cycle's hit, or of the last one's
  logic [70:0] due;

  assign {hit_valid_o, hit_id_o, hit_pa_o, hit_cause_o, hit_size_o, hit_pbmt_o} = due;

  generate
    if (LATENCY == 0) begin : g_now
      assign due = answer;
      assign busy_o = 1'b0;
    end else begin : g_next
      logic [70:0] hit_q;
      assign due = hit_q;
      assign busy_o = hit_q[70];
      always_ff @(posedge clk_i) hit_q <= rst_i ? '0 : answer;
    end
  endgenerate
endmodule

`default_nettype wire
