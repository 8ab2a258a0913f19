// SPDX-License-Identifier: Apache-2.0
//
// What a leaf means for a request, against the words of step 6 and 7 [priv, Virtual Address Translation
// Process]: A or D is asked for only where every check passed, and one thing at a time. A prefetch takes
// any page that has A set, and asks for nothing.
`default_nettype none

module mmu_judge_formal (
  input wire clk_i, rst_i,
  input wire [56:0] pte_i,
  input wire [2:0] level_i, access_i,
  input wire [47:0] va_i,
  input wire [1:0] priv_i,
  input wire sum_i, mxr_i, adue_i, ahead_i
);
  wire ok_o, fault_o, a_o, d_o, wide_o;
  mmu_judge #(.XLEN(64), .PA_BITS(40)) u_unit (.*);

  logic fetch, load, cbo, store, permitted, beyond;
  wire [55:0] pa;
  assign pa = mmu_fn_pkg::physical(1'b0, pte_i[53:10], level_i, pte_i[56], va_i);

  always_comb begin
    fetch = access_i == mmu_pkg::ACCESS_FETCH;
    load = access_i == mmu_pkg::ACCESS_LOAD || access_i == mmu_pkg::ACCESS_LR;
    cbo = access_i == mmu_pkg::ACCESS_CBO;
    store = !fetch && !load && !cbo;
    beyond = pa[55:40] != '0;
    permitted = fetch ? pte_i[3] : load ? pte_i[1] || (mxr_i && pte_i[3])
              : cbo ? pte_i[1] || pte_i[2] || (mxr_i && pte_i[3]) : pte_i[2];
    if (pte_i[4]) permitted = permitted && (priv_i == mmu_pkg::PRIV_U || (sum_i && !fetch));
    else permitted = permitted && priv_i != mmu_pkg::PRIV_U;
  end

  // M is never translated, 2 is no privilege
  `PW_ALWAYS(Translated_S, priv_i == mmu_pkg::PRIV_U || priv_i == mmu_pkg::PRIV_S)
  `PW_ASSERT(OneVerdict_A, ok_o + fault_o + a_o + d_o == 3'd1 && (!wide_o || fault_o))
  `PW_ASSERT(Usable_A, ok_o == ((permitted || ahead_i) && !beyond && pte_i[6] && (pte_i[7] || !store)))
  `PW_ASSERT(UpdateChecked_A, !(a_o || d_o) || (permitted && !beyond && adue_i && !ahead_i))
  `PW_ASSERT(UpdateNeeded_A, (!d_o || (store && !pte_i[7])) && (!a_o || !pte_i[6]))
  `PW_COVER(OneVerdict_C, wide_o)
  `PW_COVER(Usable_C, ok_o && pte_i[4] && priv_i == mmu_pkg::PRIV_S)
  `PW_COVER(UpdateChecked_C, a_o && mxr_i && !pte_i[1])
  `PW_COVER(UpdateNeeded_C, d_o && !pte_i[6])
endmodule

`default_nettype wire
