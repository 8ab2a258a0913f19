// SPDX-License-Identifier: Apache-2.0
//
// What a leaf means for one request: use it, refuse it, or set A or D first.
// Mirror: model/ptw.c (judge)     Latency: 0
// Spec:   [priv, Virtual Address Translation Process, steps 6 to 8]
`default_nettype none

module mmu_judge #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = mmu_pkg::PA_BITS
) (
  input  wire [56:0] pte_i,
  input  wire [2:0]  level_i,
  input  wire [47:0] va_i,
  input  wire [2:0]  access_i,
  input  wire [1:0]  priv_i,
  input  wire        sum_i,
  input  wire        mxr_i,
  input  wire        adue_i,
  input  wire        ahead_i,   // a prefetch: any page will do that has A set
  output logic       ok_o,      // exactly one of ok, fault, a, d
  output logic       fault_o,
  output logic       a_o,       // A must be set, D need not
  output logic       d_o,       // D must be set
  output logic       wide_o     // fault: an access fault, the page lies beyond physical addresses
);
  logic perm_ok, store, need_d, need_a, beyond;

  mmu_perm u_perm (.flags_i(pte_i[7:0]), .access_i(access_i), .priv_i(priv_i), .sum_i(sum_i),
                   .mxr_i(mxr_i), .ok_o(perm_ok));

  generate
    if (PA_BITS < 56) begin : g_narrow
      // of the address, not the PTE alone: a superpage takes part of it from the VA
      logic [55:0] pa;
      assign pa = mmu_fn_pkg::physical(1'(XLEN == 32), pte_i[53:10], level_i, pte_i[56], va_i);
      assign beyond = pa[55:PA_BITS] != '0;
    end else begin : g_full
      assign beyond = 1'b0;
    end
  endgenerate

  always_comb begin
    store = mmu_fn_pkg::is_store(access_i);
    need_d = store && !pte_i[7];
    need_a = !pte_i[6];
    // [VM-10.4]
    // the page is found beyond physical memory before A or D is set, not after
    // [VM-9.3, VM-9.4, VM-9.8]
    d_o = perm_ok && adue_i && need_d && !beyond && !ahead_i;
    a_o = perm_ok && adue_i && need_a && !need_d && !beyond && !ahead_i;
    ok_o = (perm_ok || ahead_i) && !need_a && !need_d && !beyond;
    wide_o = perm_ok && beyond && (adue_i || (!need_a && !need_d));
    // [VM-9.1, VM-9.2]
    fault_o = !ok_o && !a_o && !d_o;
  end
endmodule

`default_nettype wire
