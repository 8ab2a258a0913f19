// SPDX-License-Identifier: Apache-2.0
//
// The answer of one port's slot, and the L1 fill it makes.
// Mirror: model/slot.c (respond)     Latency: 0
`default_nettype none

module mmu_answer #(
  parameter int unsigned N = 4
) (
  input  wire [N-1:0]    pick_i,      // one-hot, or zero: no answer
  input  wire [N*5-1:0]  id_i,
  input  wire [N*48-1:0] va_i,
  input  wire [N*54-1:0] pte_i,
  input  wire [N*2-1:0]  level_i,
  input  wire [N*4-1:0]  cause_i,
  input  wire [N*3-1:0]  source_i,
  input  wire [N-1:0]    global_i,
  input  wire [N-1:0]    covered_i,
  output logic           valid_o,
  output logic [4:0]     id_o,
  output logic [55:0]    pa_o,
  output logic [3:0]     cause_o,
  output logic [2:0]     size_o,
  output logic [2:0]     source_o,
  output logic           fill_o,
  output logic [35:0]    fill_vpn_o,
  output logic [53:0]    fill_pte_o,
  output logic [1:0]     fill_level_o
);
  logic [47:0] va;
  logic [53:0] pte;
  logic [1:0] level;
  logic covered, ok;

  always_comb begin
    valid_o = pick_i != '0;
    id_o = '0;
    cause_o = '0;
    source_o = '0;
    va = '0;
    pte = '0;
    level = '0;
    covered = 1'b0;
    for (int i = 0; i < N; i++) begin
      if (pick_i[i]) begin
        id_o = id_o | id_i[i*5 +: 5];
        cause_o = cause_o | cause_i[i*4 +: 4];
        source_o = source_o | source_i[i*3 +: 3];
        va = va | va_i[i*48 +: 48];
        pte = pte | pte_i[i*54 +: 54] | {48'b0, global_i[i], 5'b0};
        level = level | level_i[i*2 +: 2];
        covered = covered | covered_i[i];
      end
    end
    ok = valid_o && cause_o == '0;
    pa_o = ok ? mmu_fn_pkg::physical(pte[53:10], level, va[38:0]) : '0;
    size_o = ok ? {1'b0, level} : valid_o ? mmu_pkg::SIZE_NONE : '0;
    fill_o = ok && !covered;
    fill_vpn_o = va[47:12];
    fill_pte_o = pte;
    fill_level_o = level;
  end
endmodule

`default_nettype wire
