// SPDX-License-Identifier: Apache-2.0
//
// The answer of one port's slot, and the L1 fill it makes. PMP and PMA have the last word.
// Mirror: model/slot.c (answer_of, respond)     Latency: 0
`default_nettype none

module mmu_answer #(
  parameter int unsigned N = 4,
  parameter int unsigned XLEN = 64
) (
  input  wire [N-1:0]    pick_i,      // one-hot, or zero: no answer
  input  wire [N*5-1:0]  id_i,
  input  wire [N*57-1:0] va_i,
  input  wire [N*12-1:0] last_i,
  input  wire [N*3-1:0]  access_i,
  input  wire [N*2-1:0]  priv_i,
  input  wire [N*57-1:0] pte_i,
  input  wire [N*3-1:0]  level_i,
  input  wire [N*3-1:0]  span_i,
  input  wire [N*4-1:0]  cause_i,
  input  wire [N*3-1:0]  source_i,
  input  wire [N-1:0]    global_i,
  input  wire [N-1:0]    covered_i,
  // PMP and PMA on the bytes of the access
  output logic [55:0]    check_pa_o,
  output logic [11:0]    check_last_o,
  output logic [2:0]     check_access_o,
  output logic [1:0]     check_priv_o,
  input  wire            allowed_i,
  output logic           valid_o,
  output logic [4:0]     id_o,
  output logic [55:0]    pa_o,
  output logic [3:0]     cause_o,
  output logic [2:0]     size_o,
  output logic [1:0]     pbmt_o,
  output logic [2:0]     source_o,
  output logic           fill_o,
  output logic [44:0]    fill_vpn_o,
  output logic [56:0]    fill_pte_o,
  output logic [2:0]     fill_level_o,
  output logic [2:0]     fill_span_o
);
  localparam logic RV32 = XLEN == 32;
  logic [56:0] va;
  logic [56:0] pte;
  logic [2:0] level, span;
  logic [3:0] cause;
  logic covered, found, ok;

  always_comb begin
    valid_o = pick_i != '0;
    id_o = '0;
    cause = '0;
    check_last_o = '0;
    check_access_o = '0;
    check_priv_o = '0;
    source_o = '0;
    va = '0;
    pte = '0;
    level = '0;
    span = '0;
    covered = 1'b0;
    for (int i = 0; i < N; i++) begin
      if (pick_i[i]) begin
        id_o = id_o | id_i[i*5 +: 5];
        cause = cause | cause_i[i*4 +: 4];
        check_last_o = check_last_o | last_i[i*12 +: 12];
        check_access_o = check_access_o | access_i[i*3 +: 3];
        check_priv_o = check_priv_o | priv_i[i*2 +: 2];
        source_o = source_o | source_i[i*3 +: 3];
        va = va | va_i[i*57 +: 57];
        pte = pte | pte_i[i*57 +: 57] | {51'b0, global_i[i], 5'b0};
        level = level | level_i[i*3 +: 3];
        span = span | span_i[i*3 +: 3];
        covered = covered | covered_i[i];
      end
    end
    found = valid_o && cause == '0;
    check_pa_o = mmu_fn_pkg::physical(RV32, pte[53:10], level, pte[56], va[47:0]);
    // [PMP-17, PMP-18, VM-9.12]
    // the translation of an access that PMP or PMA refuses is right all the same: the verdict
    // belongs to the bytes of each access
    fill_o = found && !covered;
    fill_vpn_o = va[56:12];
    fill_pte_o = pte;
    fill_level_o = level;
    fill_span_o = span;
  end

  always_comb begin
    ok = found && allowed_i;
    cause_o = found && !allowed_i ? mmu_fn_pkg::access_cause(check_access_o) : cause;
    pa_o = ok ? check_pa_o : '0;
    // [PBM-1, PBM-3, PBM-4]
    pbmt_o = ok ? pte[55:54] : '0;
    size_o = ok ? mmu_fn_pkg::page_size(RV32, level, pte[56])
                : valid_o ? mmu_pkg::SIZE_NONE : '0;
  end
endmodule

`default_nettype wire
