// SPDX-License-Identifier: Apache-2.0
//
// What a PTE read at a level is: a pointer, a leaf, or a page fault.
// Mirror: model/perm.c (pte_classify)   Latency: 0
// Spec:   [priv, Virtual Address Translation Process, steps 3 to 5]
//
//   63      54 53                                   10 9  8 7 6 5 4 3 2 1 0
//  | reserved |                 PPN                   |RSW |D|A|G|U|X|W|R|V|
`default_nettype none

module mmu_pte (
  input  wire [63:0] pte_i,
  input  wire [1:0]  level_i,
  output logic       fault_o,
  output logic       pointer_o,
  output logic       leaf_o
);
  logic v, r, w, x, low;

  always_comb begin
    v = pte_i[0];
    r = pte_i[1];
    w = pte_i[2];
    x = pte_i[3];
    low = (level_i >= 2'd1 && pte_i[18:10] != '0) || (level_i >= 2'd2 && pte_i[27:19] != '0)
        || (level_i == 2'd3 && pte_i[36:28] != '0);
    pointer_o = 1'b0;
    leaf_o = 1'b0;
    if (v && !(w && !r) && pte_i[63:54] == '0) begin  // step 3; N and PBMT without their extensions
      if (r || x) leaf_o = !low;                      // step 5: misaligned superpage
      else pointer_o = !(pte_i[7] || pte_i[6] || pte_i[4]) && level_i != 2'd0;  // step 4
    end
    fault_o = !pointer_o && !leaf_o;
  end
endmodule

`default_nettype wire
