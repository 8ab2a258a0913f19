// SPDX-License-Identifier: Apache-2.0
//
// Whose memory answer arrives, and what its slot knows.
// Mirror: model/ptw.c (ptw_answer)     Latency: 0
`default_nettype none

module mmu_arrive #(
  parameter int unsigned N = 4
) (
  input  wire            valid_i,
  input  wire  [5:0]     tag_i,
  input  wire [N*3-1:0]  level_i,
  input  wire [N*57-1:0] pte_i,
  input  wire [N-1:0]    global_i,
  input  wire [N*3-1:0]  access_i,
  input  wire [N*57-1:0] va_i,
  output logic [N-1:0]   arrive_o,   // one-hot, or zero
  output logic [2:0]     level_o,
  output logic [56:0]    pte_o,
  output logic           global_o,
  output logic           store_o,
  output logic [44:0]    vpn_o
);
  always_comb begin
    arrive_o = '0;
    level_o = '0;
    pte_o = '0;
    global_o = 1'b0;
    store_o = 1'b0;
    vpn_o = '0;
    for (int i = 0; i < N; i++) begin
      arrive_o[i] = valid_i && tag_i == 6'(i);
      if (arrive_o[i]) begin
        level_o = level_o | level_i[i*3 +: 3];
        pte_o = pte_o | pte_i[i*57 +: 57];
        global_o = global_o | global_i[i];
        store_o = store_o | mmu_fn_pkg::is_store(access_i[i*3 +: 3]);
        vpn_o = vpn_o | va_i[i*57+12 +: 45];
      end
    end
  end
endmodule

`default_nettype wire
