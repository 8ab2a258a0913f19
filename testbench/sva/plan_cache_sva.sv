// SPDX-License-Identifier: Apache-2.0
//
// Cover points of the verification plan: satp, the address-translation cache, fences, Svinval,
// Svvptc. Most compare an access with the one before it and with what lay between.
`default_nettype none

module plan_cache_sva #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned ASID_BITS = 16
) (
  input wire clk_i, rst_i,
  input wire plan_pkg::record_t r, p,
  input wire plan_pkg::between_t b
);
  localparam logic RV32 = XLEN == 32;
  logic on, p_on, ok, p_ok, hit, l1, l2, walk, whole, page, same_asid, same_satp, quiet, is_global, p_global, moved;
  logic near, all, of_asid, of_page, of_both, other_page, fenced;
  logic [3:0] mode, p_mode;
  logic [2:0] levels;
  logic [15:0] asid, p_asid, mask;
  logic [63:0] bytes;
  always_comb begin
    mode = RV32 ? {3'b0, r.satp[31]} : r.satp[63:60];
    p_mode = RV32 ? {3'b0, p.satp[31]} : p.satp[63:60];
    asid = RV32 ? {7'b0, r.satp[30:22]} : r.satp[59:44];
    p_asid = RV32 ? {7'b0, p.satp[30:22]} : p.satp[59:44];
    mask = 16'((1 << ASID_BITS) - 1);
    levels = plan_pkg::levels(RV32, mode);
    on = r.valid && r.priv != mmu_pkg::PRIV_M && mode != '0;
    p_on = p.valid && p.priv != mmu_pkg::PRIV_M && p_mode != '0;
    ok = r.cause == '0;
    p_ok = p_on && p.cause == '0;
    l1 = on && !r.walked && r.source == plan_pkg::L1;
    l2 = on && !r.walked && r.source == plan_pkg::L2;
    hit = l1 || l2;
    walk = on && r.walked && r.source == plan_pkg::WALK;
    whole = walk && r.start == levels - 3'd1;  // no cached pointer
    page = p_on && p.va[63:12] == r.va[63:12];
    bytes = (64'd1 << plan_pkg::shift(RV32, p.level, p.pte[63])) - 64'd1;
    near = p_ok && ((p.va ^ r.va) & ~bytes) == '0;
    same_asid = asid == p_asid;
    same_satp = r.satp == p.satp;
    moved = on && p_on && !same_asid && mode == p_mode;
    quiet = b.fences == '0;
    is_global = r.pte[5] || r.glob;
    p_global = p.pte[5] || p.glob;
    fenced = b.fences == 4'd1 && b.op == 2'd0 && page && p_ok && same_satp;
    all = fenced && !b.rs1 && !b.rs2;
    of_asid = fenced && !b.rs1 && b.rs2;
    of_page = fenced && b.rs1 && !b.rs2;
    of_both = fenced && b.rs1 && b.rs2;
    other_page = b.va[63:12] != p.va[63:12];
  end

  // ---- satp
  logic bare, bare_fetch, bare_load;
  assign bare = r.valid && mode == '0 && r.priv != mmu_pkg::PRIV_M;
  assign bare_fetch = bare && plan_pkg::is_fetch(r.access);
  assign bare_load = bare && plan_pkg::is_load(r.access);
  `PW_COVER(SATP_1_Fetch, bare_fetch && ok
      && r.pa == (RV32 ? {24'b0, r.va[31:0]} : r.va[55:0]))
  `PW_COVER(SATP_1_Load, bare_load && ok && r.va[31] && r.pa[31:0] == r.va[31:0])
  `PW_COVER(SATP_1_User, bare && ok && r.priv == mmu_pkg::PRIV_U)
  `PW_COVER(SATP_2_Machine, r.valid && r.priv == mmu_pkg::PRIV_M && mode != '0 && ok && !r.walked
      && r.size == mmu_pkg::SIZE_NONE)
  `PW_COVER(SATP_3_Three, whole && ok && !RV32 && mode == mmu_pkg::MODE_SV39 && r.reads == 4'd3)
  `PW_COVER(SATP_4_Four, whole && ok && mode == mmu_pkg::MODE_SV48 && r.reads == 4'd4)
  `PW_COVER(SATP_5_Five, whole && ok && mode == mmu_pkg::MODE_SV57 && r.reads == 4'd5)
  `PW_COVER(SATP_6_Two, whole && ok && RV32 && r.reads == 4'd2)
  `PW_COVER(SATP_7_Ignored, on && ok && b.bad_mode && same_satp && page && p_ok && r.pa[55:12] == p.pa[55:12])
  generate
    if (ASID_BITS < (RV32 ? 9 : 16)) begin : g_short
      `PW_COVER(SATP_8_Masked, hit && ok && page && p_ok && b.wide_asid && same_satp)
    end
  endgenerate
  `PW_COVER(SATP_9_ToBare, bare && ok && !r.walked && p_ok && quiet && p.va == r.va && r.pa != p.pa)
  `PW_COVER(SATP_9_FromBare, on && ok && p.valid && p_mode == '0 && p.cause == '0 && quiet && p.va == r.va
      && r.pa != p.pa)
  `PW_COVER(SATP_10_OwnPage, moved && walk && ok && page && p_ok && quiet && !p_global && r.pa != p.pa)
  `PW_COVER(SATP_10_AndBack, moved && hit && ok && page && p_ok && quiet && !is_global)
  `PW_COVER(SATP_11_Old, r.valid && r.priv != mmu_pkg::PRIV_M && r.moved && r.walked && ok)

  // ---- The cache
  `PW_COVER(TLB_1_L1, l1 && ok && page && p_ok && same_satp)
  `PW_COVER(TLB_1_L2, l2 && ok && page && p_ok && same_satp)
  `PW_COVER(TLB_2_Walks, moved && walk && page && p_ok && quiet && !p_global)
  `PW_COVER(TLB_3_L1, l1 && ok && moved && page && p_ok && quiet && p.pte[5])
  `PW_COVER(TLB_3_L2, l2 && ok && moved && page && p_ok && quiet && p.pte[5])
  `PW_COVER(VM_4_8_ByPointer, hit && ok && moved && page && p_ok && quiet && p.glob && !p.pte[5])
  `PW_COVER(TLB_4_SumOff, hit && !ok && page && p_ok && quiet && p.sum && !r.sum && p.access == r.access
      && p.priv == r.priv)
  `PW_COVER(TLB_4_SumOn, hit && ok && page && p_on && p.cause != '0 && quiet && !p.sum && r.sum && p.access == r.access)
  `PW_COVER(TLB_4_MxrOff, hit && !ok && page && p_ok && quiet && p.mxr && !r.mxr && p.access == r.access)
  `PW_COVER(TLB_4_MxrOn, hit && ok && page && p_on && p.cause != '0 && quiet && !p.mxr && r.mxr && p.access == r.access)
  `PW_COVER(TLB_5_L1Privilege, l1 && !ok && page && p_ok && quiet && p.priv != r.priv && p.access == r.access)
  `PW_COVER(TLB_5_L1Type, l1 && !ok && page && p_ok && quiet && p.priv == r.priv && p.access != r.access)
  `PW_COVER(TLB_5_L2Type, l2 && !ok && page && p_ok && quiet && p.priv == r.priv && p.access != r.access)
  `PW_COVER(TLB_6_WalksAgain, walk && page && p.walked && p.cause != '0 && !p.deny && !p.error && quiet && same_satp
      && r.at == p.at)
  `PW_COVER(TLB_7_Mega, hit && ok && near && !page && same_satp && p.level == 3'd1)
  `PW_COVER(TLB_7_Giga, hit && ok && near && !page && same_satp && p.level == 3'd2)
  `PW_COVER(TLB_7_Tera, hit && ok && near && !page && same_satp && p.level == 3'd3)
  `PW_COVER(TLB_7_Peta, hit && ok && near && !page && same_satp && p.level == 3'd4)
  `PW_COVER(TLB_8_Level1, walk && ok && same_satp && p_ok && r.start == 3'd0 && r.reads == 4'd1)
  `PW_COVER(TLB_8_Level2, walk && ok && same_satp && p_ok && r.start == 3'd1 && levels > 3'd2 && r.level == '0)
  `PW_COVER(TLB_8_Level3, walk && ok && same_satp && p_ok && r.start == 3'd2 && levels > 3'd3)
  `PW_COVER(TLB_8_Level4, walk && ok && same_satp && p_ok && r.start == 3'd3 && levels > 3'd4)
  `PW_COVER(TLB_8_Others, moved && whole && page && p_ok && quiet)
  `PW_COVER(SVV_1_Leaf, walk && ok && page && p.walked && p.cause != '0 && !p.pte[0] && p.level == '0 && quiet
      && same_satp
      && r.level == '0)
  `PW_COVER(SVV_2_Pointer, walk && ok && page && p.walked && p.cause != '0 && !p.pte[0] && p.level != '0 && quiet
      && same_satp && r.level < p.level)

  // ---- sfence.vma: that a page is gone shows by the walk, that it is kept by the hit
  `PW_COVER(FEN_1_All, all && whole)
  `PW_COVER(FEN_1_Global, all && whole && p_global)
  `PW_COVER(FEN_2_Asid, of_asid && walk && (b.asid & mask) == asid && !p_global)
  `PW_COVER(FEN_2_Pointers, of_asid && whole && (b.asid & mask) == asid && !p_global)
  `PW_COVER(FEN_3_Global, of_asid && hit && ok && (b.asid & mask) == asid && p_global)
  `PW_COVER(FEN_3_OtherAsid, of_asid && hit && ok && (b.asid & mask) != asid)
  `PW_COVER(FEN_4_Page, of_page && walk && !other_page && !p_global)
  `PW_COVER(FEN_4_Global, of_page && walk && !other_page && p.pte[5])
  `PW_COVER(FEN_4_AnyAsid, of_page && walk && !other_page && b.satp != r.satp)
  `PW_COVER(FEN_5_Page, of_both && walk && !other_page && (b.asid & mask) == asid && !p_global)
  `PW_COVER(FEN_5_GlobalStays, of_both && hit && ok && !other_page && (b.asid & mask) == asid && p.pte[5])
  `PW_COVER(FEN_5_OtherAsid, of_both && hit && ok && !other_page && (b.asid & mask) != asid)
  `PW_COVER(FEN_6_Mega, of_page && walk && other_page && p.level == 3'd1 && ((b.va ^ p.va) & ~bytes) == '0)
  `PW_COVER(FEN_6_Giga, of_page && walk && other_page && p.level == 3'd2 && ((b.va ^ p.va) & ~bytes) == '0)
  `PW_COVER(FEN_6_Tera, of_page && walk && other_page && p.level == 3'd3 && ((b.va ^ p.va) & ~bytes) == '0)
  `PW_COVER(FEN_6_Peta, of_page && walk && other_page && p.level == 3'd4 && ((b.va ^ p.va) & ~bytes) == '0)
  `PW_COVER(FEN_7_Ignored, of_page && hit && ok && !RV32 && b.va[38:12] == p.va[38:12] && b.va[63:56] != '0
      && b.va[63:56] != '1)
  generate
    if (ASID_BITS < (RV32 ? 9 : 16) && ASID_BITS > 0) begin : g_wide
      `PW_COVER(FEN_8_Masked, of_asid && walk && !p_global && b.asid != asid && (b.asid & mask) == asid)
    end
  endgenerate
  `PW_COVER(FEN_9_NothingLeft, whole && page && p_ok && p.walked && p.fenced && quiet && same_satp)
  `PW_COVER(FEN_10_NewPage, all && walk && ok && r.pa[55:12] != p.pa[55:12])
  `PW_COVER(FEN_10_NewTable, all && walk && ok && r.at[55:12] != p.at[55:12] && p.walked)
  `PW_COVER(FEN_11_PointersStay, of_page && walk && ok && !other_page && r.reads == 4'd1 && r.start == '0)

  // ---- Svinval
  logic sinval;
  assign sinval = b.fences == 4'd1 && b.op == 2'd1 && page && p_ok && same_satp;
  `PW_COVER(INV_1_All, sinval && whole && !b.rs1 && !b.rs2)
  `PW_COVER(INV_1_Asid, sinval && walk && !b.rs1 && b.rs2)
  `PW_COVER(INV_1_Page, sinval && walk && b.rs1 && !b.rs2)
  `PW_COVER(INV_1_Both, sinval && walk && b.rs1 && b.rs2)
  `PW_COVER(INV_2_DropsNothing, hit && ok && page && p_ok && same_satp && b.fences == 4'd1 && b.op == 2'd2)
  `PW_COVER(INV_2_Sequence, walk && ok && page && p_ok && same_satp && b.ir && r.pa[55:12] != p.pa[55:12])
  `PW_COVER(INV_3_DropsNothing, hit && ok && page && p_ok && same_satp && b.fences == 4'd1 && b.op == 2'd3)
  `PW_COVER(INV_3_Sequence, walk && ok && page && p_ok && same_satp && b.ir)
endmodule

`default_nettype wire
