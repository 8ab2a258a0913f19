// SPDX-License-Identifier: Apache-2.0
//
// The slots that new misses take, and the L2 port: VA fence, the oldest slot that waits, then new
// misses, data before fetch.
// Mirror: model/slot.c (slot_admit)     Latency: 0
`default_nettype none

module mmu_admit #(
  parameter int unsigned N = 4,
  parameter logic [N-1:0] FETCH = '0,   // slots of the fetch port
  parameter logic [N-1:0] DATA = '0,    // of the data port; the rest is for prefetch
  parameter int unsigned L2_CYCLES = 0  // more than 0: a new miss has no port in its own cycle
) (
  input  wire [N-1:0]    free_i,
  input  wire [N-1:0]    waiting_i,     // wants the L2 port
  input  wire [N*N-1:0]  older_i,
  input  wire [N*57-1:0] va_i,
  input  wire            imiss_i,
  input  wire [56:0]     iva_i,
  input  wire            dmiss_i,
  input  wire [56:0]     dva_i,
  input  wire            va_fence_i,    // has the port
  output logic [N-1:0]   alloc_i_o,     // one-hot, or zero
  output logic [N-1:0]   alloc_d_o,
  output logic [N-1:0]   admit_o,       // its L2 read goes out: one-hot, or zero
  output logic           read_o,
  output logic [44:0]    read_vpn_o
);
  logic [N-1:0] pick;

  mmu_oldest #(.N(N)) u_oldest (.mask_i(waiting_i), .older_i(older_i), .pick_o(pick));

  always_comb begin
    alloc_i_o = '0;
    alloc_d_o = '0;
    for (int i = N - 1; i >= 0; i--) begin
      if (imiss_i && free_i[i] && FETCH[i]) begin
        alloc_i_o = '0;
        alloc_i_o[i] = 1'b1;
      end
      if (dmiss_i && free_i[i] && DATA[i]) begin
        alloc_d_o = '0;
        alloc_d_o[i] = 1'b1;
      end
    end
  end

  always_comb begin
    admit_o = pick;
    read_vpn_o = '0;
    for (int i = 0; i < N; i++) begin
      if (pick[i]) read_vpn_o = read_vpn_o | va_i[i*57+12 +: 45];
    end
    if (pick == '0 && L2_CYCLES == 0) begin
      admit_o = dmiss_i ? alloc_d_o : alloc_i_o;
      read_vpn_o = dmiss_i ? dva_i[56:12] : iva_i[56:12];
    end
    if (va_fence_i) admit_o = '0;
    read_o = admit_o != '0;
  end
endmodule

`default_nettype wire
