// SPDX-License-Identifier: Apache-2.0
//
// What a PTE read at a level is: a pointer, a leaf, or a page fault.
// Mirror: model/perm.c (pte_classify)   Latency: 0
// Spec:   [priv, Virtual Address Translation Process, steps 3 to 5; Svnapot; Svpbmt]
//
//   63   62 61 60      54 53                                   10 9  8 7 6 5 4 3 2 1 0
//  | N | PBMT | reserved |                 PPN                   |RSW |D|A|G|U|X|W|R|V|
`default_nettype none

module mmu_pte #(
  parameter int unsigned XLEN = 64
) (
  input  wire [63:0] pte_i,       // Sv32: zero-extended
  input  wire [2:0]  level_i,
  input  wire        svnapot_i,
  input  wire        pbmte_i,
  output logic       fault_o,
  output logic       pointer_o,
  output logic       leaf_o
);
  localparam logic RV32 = XLEN == 32;
  logic v, r, w, x, n, low, high_ok;
  logic [1:0] pbmt;

  always_comb begin
    v = pte_i[0];
    r = pte_i[1];
    w = pte_i[2];
    x = pte_i[3];
    n = pte_i[63];
    pbmt = pte_i[62:61];
    // [VM-3.3, VM-3.4, VM-3.5, VM-3.6, VM-3.7, VM-3.8, VM-3.9, VM-3.10]
    high_ok = pte_i[60:54] == '0 && (svnapot_i || !n) && (pbmte_i || pbmt == '0) && pbmt != '1;
    // [VM-5.1, NAP-2, NAP-3]
    // step 5: misaligned superpage; a NAPOT range of 64 KiB is the only one there is
    low = (level_i >= 3'd1 && pte_i[18:10] != '0) || (level_i >= 3'd2 && pte_i[27:19] != '0)
       || (level_i >= 3'd3 && pte_i[36:28] != '0) || (level_i == 3'd4 && pte_i[45:37] != '0)
       || (RV32 && level_i == 3'd1 && pte_i[19])
       || (n && (level_i != 3'd0 || pte_i[13:10] != 4'b1000));
    pointer_o = 1'b0;
    leaf_o = 1'b0;
    // [VM-3.1, VM-3.2]
    if (v && !(w && !r) && high_ok) begin  // step 3
      // [VM-5.2]
      if (r || x) leaf_o = !low;
      else begin                           // step 4
        // [VM-4.1, VM-4.2, VM-4.3, VM-4.4, VM-4.5, VM-4.6]
        pointer_o = !(pte_i[7] || pte_i[6] || pte_i[4] || n || pbmt != '0) && level_i != 3'd0;
      end
    end
    fault_o = !pointer_o && !leaf_o;
  end
endmodule

`default_nettype wire
