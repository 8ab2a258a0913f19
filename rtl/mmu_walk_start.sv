// SPDX-License-Identifier: Apache-2.0
//
// Walk start: a walker is free, the oldest waiting slot takes it; the walk caches give the deepest
// known table.
// Mirror: model/ptw.c (ptw_start)     Latency: 0
`default_nettype none

module mmu_walk_start #(
  parameter int unsigned N = 4,
  parameter int unsigned WALKERS = 2,
  parameter logic [N-1:0] AHEAD = '0     // needs none of them: a prefetch
) (
  input  wire [N-1:0]    want_i,
  input  wire [N-1:0]    walking_i,     // has a walker
  input  wire [N*N-1:0]  older_i,
  input  wire [N*57-1:0] va_i,
  input  wire [N*3-1:0]  level_i,
  input  wire [N*44-1:0] base_i,
  input  wire [N-1:0]    global_i,
  input  wire [N-1:0]    cached_i,      // may ask the walk caches: first walk, not stale
  output logic [44:0]    pwc_vpn_o,
  input  wire [3:0]      pwc_hit_i,
  input  wire [175:0]    pwc_ppn_i,
  input  wire [3:0]      pwc_global_i,
  output logic [3:0]     pwc_touch_o,   // the level that is used
  output logic [N-1:0]   start_o,       // one-hot, or zero
  output logic [5:0]     slot_o,
  output logic [2:0]     level_o,
  output logic [43:0]    base_o,
  output logic           global_o,
  output logic [6:0]     walkers_o      // walks in flight
);
  logic cached, can_start;
  logic [3:0] use_it;

  always_comb begin
    walkers_o = '0;
    for (int i = 0; i < N; i++) walkers_o = walkers_o + 7'(walking_i[i] && !AHEAD[i]);
    can_start = walkers_o < 7'(WALKERS);
  end

  mmu_oldest #(.N(N)) u_start (
    .mask_i(can_start ? want_i : want_i & AHEAD), .older_i(older_i), .pick_o(start_o));

  always_comb begin
    pwc_vpn_o = '0;
    for (int i = 0; i < N; i++) if (start_o[i]) pwc_vpn_o = pwc_vpn_o | va_i[i*57+12 +: 45];
  end

  always_comb begin
    level_o = '0;
    base_o = '0;
    global_o = 1'b0;
    cached = 1'b0;
    pwc_touch_o = '0;
    slot_o = '0;
    for (int i = 0; i < N; i++) begin
      if (start_o[i]) begin
        level_o = level_o | level_i[i*3 +: 3];
        base_o = base_o | base_i[i*44 +: 44];
        global_o = global_o | global_i[i];
        cached = cached | cached_i[i];
        slot_o = slot_o | 6'(i);
      end
    end
    for (int k = 3; k >= 0; k--) begin  // the deepest known table
      use_it[k] = cached && pwc_hit_i[k] && level_o > 3'(k);
      if (use_it[k]) begin
        pwc_touch_o = '0;
        pwc_touch_o[k] = 1'b1;
      end
    end
    for (int k = 0; k < 4; k++) begin
      if (pwc_touch_o[k]) begin
        level_o = 3'(k);
        base_o = pwc_ppn_i[k*44 +: 44];
        global_o = pwc_global_i[k];
      end
    end
  end
endmodule

`default_nettype wire
