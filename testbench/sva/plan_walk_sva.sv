// SPDX-License-Identifier: Apache-2.0
//
// Cover points of the verification plan, steps 1 to 5 of the translation process: the address, the
// PTE reads, what a PTE is. A label begins with the tag of its item; each point is the clause in
// action, seen with the answer that the clause demands.
`default_nettype none

module plan_walk_sva #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56
) (
  input wire clk_i, rst_i, svnapot_i, svpbmt_i,
  input wire plan_pkg::record_t r
);
  localparam logic RV32 = XLEN == 32;
  logic on, ok, pf, af, got, v, w, x, readable, leaf, pointer, ad, low_mega, low_giga, low_tera, low_peta;
  logic sv39, sv48, sv57, plus, minus, refused, late, fetch, load, write;
  logic [11:0] top_offset;
  logic [3:0] mode;
  logic [2:0] top;
  logic [9:0] high;
  always_comb begin
    mode = RV32 ? {3'b0, r.satp[31]} : r.satp[63:60];
    on = r.valid && r.priv != mmu_pkg::PRIV_M && mode != '0;
    sv39 = on && !RV32 && mode == mmu_pkg::MODE_SV39;
    sv48 = on && mode == mmu_pkg::MODE_SV48;
    sv57 = on && mode == mmu_pkg::MODE_SV57;
    top = plan_pkg::levels(RV32, mode) - 3'd1;
    ok = r.cause == '0;
    pf = r.cause == plan_pkg::page_fault(r.access);
    af = r.cause == plan_pkg::access_fault(r.access);
    got = on && r.walked && r.reads != '0 && !r.error && !r.deny;
    v = r.pte[0];
    readable = r.pte[1];
    w = r.pte[2];
    x = r.pte[3];
    leaf = v && (readable || x) && !(w && !readable);
    pointer = v && !readable && !w && !x;
    ad = r.pte[6] && (r.pte[7] || !plan_pkg::is_write(r.access));  // no update wanted
    high = r.pte[63:54];
    low_mega = RV32 ? r.pte[19:10] != '0 : r.pte[18:10] != '0;
    low_giga = r.pte[27:19] != '0;
    low_tera = r.pte[36:28] != '0;
    low_peta = r.pte[45:37] != '0;
    plus = !r.walked && r.reads == '0 && pf;  // refused without a read
    minus = r.va[63];
    refused = on && r.walked && af && !ok;
    late = r.level != top;
    fetch = plan_pkg::is_fetch(r.access);
    load = plan_pkg::is_load(r.access);
    write = plan_pkg::is_write(r.access);
    top_offset = plan_pkg::offset(RV32, top, r.va);
  end

  // ---- Step 1
  `PW_COVER(VM_1_1_Above, sv39 && plus && !minus && r.va[38:0] != '0)
  `PW_COVER(VM_1_1_Below, sv39 && plus && minus)
  `PW_COVER(VM_1_1_SignAlone, sv39 && plus && r.va[63:38] == 26'h1)
  `PW_COVER(VM_1_1_Fits, sv39 && ok && r.va[63:38] == '1)
  `PW_COVER(VM_1_2_Above, sv48 && plus && !minus && r.va[63:39] != '0)
  `PW_COVER(VM_1_2_Below, sv48 && plus && minus)
  `PW_COVER(VM_1_2_SignAlone, sv48 && plus && r.va[63:47] == 17'h1)
  `PW_COVER(VM_1_2_Fits, sv48 && ok && r.va[63:47] == '1)
  `PW_COVER(VM_1_3_Above, sv57 && plus && !minus)
  `PW_COVER(VM_1_3_Below, sv57 && plus && minus)
  `PW_COVER(VM_1_3_SignAlone, sv57 && plus && r.va[63:56] == 8'h1)
  `PW_COVER(VM_1_3_Fits, sv57 && ok && r.va[63:56] == '1)
  `PW_COVER(VM_1_4_High, on && RV32 && ok && r.walked && r.va[31])
  `PW_COVER(VM_1_4_Ones, on && RV32 && ok && r.walked && r.va[31:12] == '1)
  `PW_COVER(VM_1_5_First, got && r.start == top && r.first[11:0] == top_offset
      && r.first[55:12] == (RV32 ? {22'b0, r.satp[21:0]} : r.satp[43:0]) && r.first[11:0] != '0)
  `PW_COVER(VM_1_5_Last, got && r.start == top && r.first[11:3] == '1)

  // ---- Step 2; which of PMP and PMA refused, plan_check_sva.sv
  `PW_COVER(VM_2_3_Root, refused && r.error && !late && !r.refused)
  `PW_COVER(VM_2_3_Leaf, refused && r.error && r.level == '0)
  `PW_COVER(VM_2_3_Fetch, refused && r.error && fetch)
  `PW_COVER(VM_2_3_Load, refused && r.error && load)
  `PW_COVER(VM_2_3_Store, refused && r.error && write)
  generate
    if (PA_BITS < (RV32 ? 34 : 56)) begin : g_narrow
      `PW_COVER(VM_2_4_Root, on && af && r.reads == '0 && r.satp[(RV32 ? 21 : 43):PA_BITS-12] != '0)
      `PW_COVER(VM_2_4_Pointer, on && af && r.walked && pointer && r.pte[(RV32 ? 31 : 53):PA_BITS-2] != '0)
    end
  endgenerate
  `PW_COVER(VM_2_5_Eight, got && !RV32 && r.at[2:0] == '0 && r.at[3] && ok)
  `PW_COVER(VM_2_5_FourEven, got && RV32 && r.at[2:0] == 3'd0 && ok)
  `PW_COVER(VM_2_5_FourOdd, got && RV32 && r.at[2:0] == 3'd4 && ok)

  // ---- Step 3
  `PW_COVER(VM_3_1_Level0, got && pf && !v && r.level == 3'd0)
  `PW_COVER(VM_3_1_Level1, got && pf && !v && r.level == 3'd1)
  `PW_COVER(VM_3_1_Level2, got && pf && !v && r.level == 3'd2)
  `PW_COVER(VM_3_1_Level3, got && pf && !v && r.level == 3'd3)
  `PW_COVER(VM_3_1_Level4, got && pf && !v && r.level == 3'd4)
  `PW_COVER(VM_3_1_Alone, got && pf && r.pte[7:0] == 8'b1101_1110)  // but for V a page for all
  `PW_COVER(VM_3_2_W, got && pf && v && w && !readable && !x && high == '0 && ad)
  `PW_COVER(VM_3_2_WX, got && pf && v && w && !readable && x && high == '0 && ad)
  `PW_COVER(VM_3_3_Bit54, got && pf && leaf && ad && high == 10'h001)
  `PW_COVER(VM_3_3_Bit55, got && pf && leaf && ad && high == 10'h002)
  `PW_COVER(VM_3_3_Bit56, got && pf && leaf && ad && high == 10'h004)
  `PW_COVER(VM_3_3_Bit57, got && pf && leaf && ad && high == 10'h008)
  `PW_COVER(VM_3_3_Bit58, got && pf && leaf && ad && high == 10'h010)
  `PW_COVER(VM_3_3_Bit59, got && pf && leaf && ad && high == 10'h020)
  `PW_COVER(VM_3_3_Bit60, got && pf && leaf && ad && high == 10'h040)
  `PW_COVER(VM_3_4_Bit54, got && pf && pointer && r.level != '0 && high == 10'h001)
  `PW_COVER(VM_3_4_Bit55, got && pf && pointer && r.level != '0 && high == 10'h002)
  `PW_COVER(VM_3_4_Bit56, got && pf && pointer && r.level != '0 && high == 10'h004)
  `PW_COVER(VM_3_4_Bit57, got && pf && pointer && r.level != '0 && high == 10'h008)
  `PW_COVER(VM_3_4_Bit58, got && pf && pointer && r.level != '0 && high == 10'h010)
  `PW_COVER(VM_3_4_Bit59, got && pf && pointer && r.level != '0 && high == 10'h020)
  `PW_COVER(VM_3_4_Bit60, got && pf && pointer && r.level != '0 && high == 10'h040)
  `PW_COVER(VM_3_5_Leaf, got && pf && leaf && ad && high == 10'h200 && !svnapot_i && r.pte[13:10] == 4'd8)
  `PW_COVER(VM_3_5_Pointer, got && pf && pointer && high == 10'h200 && !svnapot_i)
  `PW_COVER(VM_3_6_Leaf, got && pf && leaf && ad && (high == 10'h080 || high == 10'h100) && !svpbmt_i)
  `PW_COVER(VM_3_7_Nc, got && pf && leaf && ad && high == 10'h080 && svpbmt_i && !r.pbmte)
  `PW_COVER(VM_3_7_Io, got && pf && leaf && ad && high == 10'h100 && svpbmt_i && !r.pbmte)
  `PW_COVER(VM_3_8_Leaf, got && pf && leaf && ad && high == 10'h180 && r.pbmte)
  `PW_COVER(VM_3_9_Leaf1, got && ok && leaf && r.pte[9:8] == 2'd1)
  `PW_COVER(VM_3_9_Leaf2, got && ok && leaf && r.pte[9:8] == 2'd2)
  `PW_COVER(VM_3_9_Pointer, got && ok && r.rsw)
  `PW_COVER(VM_3_10_High, got && ok && RV32 && leaf && r.pte[31])

  // ---- Step 4
  `PW_COVER(VM_4_1_Top, got && pf && pointer && !late && r.pte[7:4] == 4'b0100 && high == '0)
  `PW_COVER(VM_4_1_Lower, got && pf && pointer && late && r.pte[7:4] == 4'b0100 && high == '0 && r.level != '0)
  `PW_COVER(VM_4_2_Top, got && pf && pointer && !late && r.pte[7:4] == 4'b1000 && high == '0)
  `PW_COVER(VM_4_2_Lower, got && pf && pointer && late && r.pte[7:4] == 4'b1000 && high == '0 && r.level != '0)
  `PW_COVER(VM_4_3_Top, got && pf && pointer && !late && r.pte[7:4] == 4'b0001 && high == '0)
  `PW_COVER(VM_4_3_Lower, got && pf && pointer && late && r.pte[7:4] == 4'b0001 && high == '0 && r.level != '0)
  `PW_COVER(VM_4_4_Svnapot, got && pf && pointer && high == 10'h200 && svnapot_i && r.level != '0)
  `PW_COVER(VM_4_5_Nc, got && pf && pointer && high == 10'h080 && r.pbmte && r.level != '0)
  `PW_COVER(VM_4_5_Io, got && pf && pointer && high == 10'h100 && r.pbmte && r.level != '0)
  `PW_COVER(VM_4_6_Deep, got && pf && pointer && r.level == '0 && r.pte[7:4] == '0 && high == '0)
  `PW_COVER(VM_4_7_Two, got && ok && r.level == '0 && r.start == 3'd1)
  `PW_COVER(VM_4_7_Three, got && ok && r.level == '0 && r.start == 3'd2)
  `PW_COVER(VM_4_7_Four, got && ok && r.level == '0 && r.start == 3'd3)
  `PW_COVER(VM_4_7_Five, got && ok && r.level == '0 && r.start == 3'd4)

  // ---- Step 5
  `PW_COVER(VM_5_1_Mega, got && pf && leaf && ad && high == '0 && r.level == 3'd1 && low_mega)
  `PW_COVER(VM_5_1_GigaLow, got && pf && leaf && ad && high == '0 && r.level == 3'd2 && low_mega && !low_giga)
  `PW_COVER(VM_5_1_GigaHigh, got && pf && leaf && ad && high == '0 && r.level == 3'd2 && !low_mega && low_giga)
  `PW_COVER(VM_5_1_Tera, got && pf && leaf && ad && high == '0 && r.level == 3'd3 && !low_mega && !low_giga && low_tera)
  `PW_COVER(VM_5_1_Peta, got && pf && leaf && ad && high == '0 && r.level == 3'd4
      && !low_mega && !low_giga && !low_tera && low_peta)
  `PW_COVER(VM_5_1_Mega32, got && pf && leaf && ad && RV32 && r.level == 3'd1 && r.pte[19:10] == 10'h200)
  `PW_COVER(VM_5_2_Mega, got && ok && !RV32 && r.level == 3'd1 && r.size == mmu_pkg::SIZE_2M)
  `PW_COVER(VM_5_2_Giga, got && ok && r.level == 3'd2 && r.size == mmu_pkg::SIZE_1G)
  `PW_COVER(VM_5_2_Tera, got && ok && r.level == 3'd3 && r.size == mmu_pkg::SIZE_512G)
  `PW_COVER(VM_5_2_Peta, got && ok && r.level == 3'd4 && r.size == mmu_pkg::SIZE_256T)
  `PW_COVER(VM_5_2_Mega32, got && ok && RV32 && r.level == 3'd1 && r.size == mmu_pkg::SIZE_4M)
endmodule

`default_nettype wire
