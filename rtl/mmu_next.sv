// SPDX-License-Identifier: Apache-2.0
//
// Where each walk goes next: a walk that starts, and a pointer that arrives, act in this cycle.
// Mirror: model/ptw.c (descend)     Latency: 0
// Spec:   [priv, Virtual Address Translation Process, step 4]
`default_nettype none

module mmu_next #(
  parameter int unsigned N = 4,
  parameter int unsigned WALK_CYCLES = 0   // 0: what starts or arrives may ask in its cycle
) (
  input  wire [N*44-1:0] base_i,
  input  wire [N*3-1:0]  level_i,
  input  wire [N-1:0]    global_i,
  input  wire [N*3-1:0]  access_i,
  input  wire [N-1:0]    start_i,
  input  wire [43:0]     start_base_i,
  input  wire [2:0]      start_level_i,
  input  wire            start_global_i,
  input  wire [N-1:0]    down_i,       // the pointer that arrives is for it
  input  wire [N-1:0]    reads_i,      // its answer arrives, and it reads on
  input  wire [N-1:0]    queued_i,     // wants the memory port already
  input  wire [63:0]     rsp_pte_i,
  output logic [N*44-1:0] base_o,
  output logic [N*3-1:0] level_o,
  output logic [N-1:0]   global_o,
  output logic [N-1:0]   wish_o,       // wants the memory port
  output logic [N-1:0]   store_o
);
  always_comb begin
    for (int i = 0; i < N; i++) begin
      base_o[i*44 +: 44] = base_i[i*44 +: 44];
      level_o[i*3 +: 3] = level_i[i*3 +: 3];
      global_o[i] = global_i[i];
      if (start_i[i]) begin
        base_o[i*44 +: 44] = start_base_i;
        level_o[i*3 +: 3] = start_level_i;
        global_o[i] = start_global_i;
      end
      if (down_i[i]) begin
        // [VM-4.7]
        base_o[i*44 +: 44] = rsp_pte_i[53:10];
        level_o[i*3 +: 3] = level_i[i*3 +: 3] - 3'd1;
        // [VM-4.8]
        global_o[i] = global_i[i] || rsp_pte_i[5];
      end
      wish_o[i] = queued_i[i] || (WALK_CYCLES == 0 && (start_i[i] || down_i[i] || reads_i[i]));
      store_o[i] = mmu_fn_pkg::is_store(access_i[i*3 +: 3]);
    end
  end
endmodule

`default_nettype wire
