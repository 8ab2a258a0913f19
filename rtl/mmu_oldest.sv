// SPDX-License-Identifier: Apache-2.0
//
// The oldest of a set of slots.
// Mirror: model/slot.c (slot_oldest)     Latency: 0
`default_nettype none

module mmu_oldest #(
  parameter int unsigned N = 4
) (
  input  wire [N-1:0]   mask_i,
  input  wire [N*N-1:0] older_i,  // bit i*N+j: slot j is older than slot i
  output logic [N-1:0]  pick_o    // one-hot, or zero if mask_i is
);
  always_comb begin
    for (int i = 0; i < N; i++) begin
      pick_o[i] = mask_i[i] && (mask_i & older_i[i*N +: N]) == '0;
    end
  end
endmodule

`default_nettype wire
