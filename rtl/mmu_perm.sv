// SPDX-License-Identifier: Apache-2.0
//
// Does a leaf PTE allow an access? A and D are not its business.
// Mirror: model/perm.c (perm_check)      Latency: 0
// Spec:   [priv, Virtual Address Translation Process, step 6]
`default_nettype none

module mmu_perm (
  input  wire [7:0] flags_i,   // D A G U X W R V
  input  wire [2:0] access_i,
  input  wire [1:0] priv_i,
  input  wire       sum_i,
  input  wire       mxr_i,
  output logic      ok_o
);
  logic r, w, x, u, fetch, read;

  always_comb begin
    r = flags_i[1];
    w = flags_i[2];
    x = flags_i[3];
    u = flags_i[4];
    fetch = access_i == mmu_pkg::ACCESS_FETCH;
    read = r || (mxr_i && x);
    case (access_i)
      // [VM-8.1]
      mmu_pkg::ACCESS_FETCH: ok_o = x;
      // [VM-8.2, VM-8.3]
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: ok_o = read;
      // [VM-8.6]
      mmu_pkg::ACCESS_CBO: ok_o = read || w;
      // [VM-8.4, VM-8.5, VM-8.7]
      default: ok_o = w;
    endcase
    // [VM-6.1, VM-6.5]
    if (priv_i == mmu_pkg::PRIV_U && !u) ok_o = 1'b0;
    // [VM-6.2, VM-6.3, VM-6.4]
    // SUM never permits a fetch
    if (priv_i == mmu_pkg::PRIV_S && u && (fetch || !sum_i)) ok_o = 1'b0;
  end
endmodule

`default_nettype wire
