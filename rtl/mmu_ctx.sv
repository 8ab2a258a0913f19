// SPDX-License-Identifier: Apache-2.0
//
// Context numbers: a short number that stands for an ASID in every tag. An address space is fenced
// by giving its ASID a fresh number; what carries the old one never matches again.
// Mirror: model/ctx.c      Latency: current number one cycle after the satp write or fence
//
// Numbers are handed out once, in order. When they run out (wrap_o) every translation is dropped
// and counting starts anew.
`default_nettype none

module mmu_ctx #(
  parameter int unsigned ENTRIES = 8,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire              clk_i,
  input  wire              rst_i,
  input  wire [15:0]       satp_asid_i,    // ASID of satp
  input  wire              switch_i,       // satp is written with switch_asid_i
  input  wire [15:0]       switch_asid_i,
  input  wire              fence_i,        // fence of fence_asid_i, no address; never with switch_i
  input  wire [15:0]       fence_asid_i,
  output logic             known_o,        // fence_asid_i has a number:
  output logic [CTX_W-1:0] number_o,
  output logic [CTX_W-1:0] current_o,
  output logic             wrap_o,
  output logic [31:0]      fold_o          // all that it holds, if EV_STATE
);
  localparam int unsigned ENTRY_W = ENTRIES > 1 ? $clog2(ENTRIES) : 1;

  logic [ENTRIES-1:0] valid_q, is_switch, is_fence;
  logic [15:0] asid_q [0:ENTRIES-1];
  logic [CTX_W-1:0] ctx_q [0:ENTRIES-1];
  logic [ENTRY_W-1:0] fifo_q, entry, invalid;
  logic [CTX_W:0] next_q;
  logic [CTX_W-1:0] current_q, switch_ctx, fresh;
  logic full, miss, renew;

  always_comb begin
    known_o = 1'b0;
    number_o = '0;
    switch_ctx = '0;
    invalid = '0;
    entry = '0;
    for (int i = ENTRIES - 1; i >= 0; i--) begin
      is_fence[i] = valid_q[i] && asid_q[i] == fence_asid_i;
      is_switch[i] = valid_q[i] && asid_q[i] == switch_asid_i;
      if (is_fence[i]) number_o = number_o | ctx_q[i];
      if (is_switch[i]) switch_ctx = switch_ctx | ctx_q[i];
      if (!valid_q[i]) invalid = ENTRY_W'(i);
    end
    known_o = |is_fence;
    full = &valid_q;
    miss = switch_i && is_switch == '0;
    // the running address space goes on at once
    renew = fence_i && known_o && fence_asid_i == satp_asid_i;
    entry = full ? fifo_q : invalid;
    for (int i = 0; i < ENTRIES; i++) if (renew && is_fence[i]) entry = ENTRY_W'(i);
    wrap_o = (miss || renew) && next_q[CTX_W];
    fresh = wrap_o ? '0 : next_q[CTX_W-1:0];
  end

  assign current_o = current_q;

  always_comb begin
    fold_o = '0;
    if (EV_STATE != 0) begin
      fold_o = mmu_fn_pkg::fold(32'(next_q), {16'b0, 16'(fifo_q), 32'(current_q)});
      for (int i = 0; i < ENTRIES; i++)
        fold_o = mmu_fn_pkg::fold(fold_o, valid_q[i] ? {31'b0, 1'b1, asid_q[i], 16'(ctx_q[i])} : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (switch_i && !miss) current_q <= switch_ctx;
    if (fence_i && !renew) valid_q <= valid_q & ~is_fence;
    if (miss || renew) begin
      if (wrap_o) valid_q <= '0;
      valid_q[entry] <= 1'b1;
      asid_q[entry] <= miss ? switch_asid_i : fence_asid_i;
      ctx_q[entry] <= fresh;
      current_q <= fresh;
      next_q <= wrap_o ? (CTX_W+1)'(1) : next_q + 1'b1;
      if (miss && full) fifo_q <= fifo_q == ENTRY_W'(ENTRIES - 1) ? '0 : fifo_q + 1'b1;
    end
    if (rst_i) begin
      valid_q <= ENTRIES'(1);
      asid_q[0] <= '0;
      ctx_q[0] <= '0;
      fifo_q <= '0;
      next_q <= (CTX_W+1)'(1);
      current_q <= '0;
    end
  end
endmodule

`default_nettype wire
