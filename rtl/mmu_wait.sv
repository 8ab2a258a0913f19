// SPDX-License-Identifier: Apache-2.0
//
// Extra cycles: how long each slot must still wait before it looks up L2, reads a PTE or answers.
// The wait stands before the port each time, so that nothing in flight is longer than it was and no
// order rule knows of it. Without extra cycles there is no counter.
// Mirror:  model/slot.c (slot_due)     Latency: 0
// Differs: wait_q counts down to the cycle that C keeps (due)
`default_nettype none

module mmu_wait #(
  parameter int unsigned N = 4,
  parameter int unsigned L2_CYCLES = 0,
  parameter int unsigned WALK_CYCLES = 0,
  parameter int unsigned REFILL = 0
) (
  input  wire          clk_i,
  input  wire [N-1:0]  l2q_i,     // begins to wait for the L2 port
  input  wire [N-1:0]  rdq_i,     // knows where its next PTE lies
  input  wire [N-1:0]  done_i,    // its walk ended
  output logic [N-1:0] wait_o
);
  // of a lookup and of a read the first cycle is that of the transition itself
  localparam int unsigned L2_LEFT = L2_CYCLES > 0 ? L2_CYCLES - 1 : 0;
  localparam int unsigned WALK_LEFT = WALK_CYCLES > 0 ? WALK_CYCLES - 1 : 0;
  localparam int unsigned LONGER = L2_LEFT > WALK_LEFT ? L2_LEFT : WALK_LEFT;
  localparam int unsigned LONGEST = LONGER > REFILL ? LONGER : REFILL;

  generate
    if (LONGEST == 0) begin : g_none
      assign wait_o = '0;
    end else begin : g_wait
      localparam int unsigned W = $clog2(LONGEST + 1);
      logic [N*W-1:0] wait_q;

      always_ff @(posedge clk_i) begin
        for (int i = 0; i < N; i++) begin
          if (l2q_i[i]) wait_q[i*W +: W] <= W'(L2_LEFT);
          else if (done_i[i]) wait_q[i*W +: W] <= W'(REFILL);  // a walk may start and be refused at once
          else if (rdq_i[i]) wait_q[i*W +: W] <= W'(WALK_LEFT);
          else if (wait_o[i]) wait_q[i*W +: W] <= wait_q[i*W +: W] - 1'b1;
        end
      end

      always_comb begin
        for (int i = 0; i < N; i++) wait_o[i] = wait_q[i*W +: W] != '0;
      end
    end
  endgenerate
endmodule

`default_nettype wire
