// SPDX-License-Identifier: Apache-2.0
//
// Cover points of the verification plan, steps 6 to 10 of the translation process, Svnapot, Svpbmt
// and causes: what a leaf allows, what is written into it, and what the answer is.
`default_nettype none

module plan_leaf_sva #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56
) (
  input wire clk_i, rst_i, svnapot_i, svadu_i,
  input wire plan_pkg::record_t r, p,
  input wire plan_pkg::between_t b,
  input wire ireq_valid_i, ireq_ready_o, dreq_valid_i, dreq_ready_o, ihit_valid_o, dhit_valid_o,
  input wire [1:0] ireq_priv_i, dreq_priv_i,
  input wire [3:0] ihit_cause_o, dhit_cause_o,
  input wire [31:0] dkill_i,
  input wire mem_req_valid_o, mem_req_ready_i, ev_hold_o, idle_o,
  input wire [1:0] mem_req_op_o,
  input wire [63:0] mem_req_cmp_o, mem_req_data_o
);
  localparam logic RV32 = XLEN == 32;
  localparam logic [2:0] LOAD = mmu_pkg::ACCESS_LOAD;
  localparam logic [2:0] STORE = mmu_pkg::ACCESS_STORE;
  localparam logic [2:0] AMO = mmu_pkg::ACCESS_AMO;
  localparam logic [2:0] LR = mmu_pkg::ACCESS_LR;
  localparam logic [2:0] SC = mmu_pkg::ACCESS_SC;
  localparam logic [2:0] CBO = mmu_pkg::ACCESS_CBO;
  localparam logic [2:0] CBOZ = mmu_pkg::ACCESS_CBOZ;

  logic on, ok, pf, af, got, fetch, load, store, u_mode, s_mode, readable, w, x, u, a, d, n, leaf, clean, hit, same;
  logic cas, napot_good;
  logic [1:0] pbmt;
  always_comb begin
    on = r.valid && r.priv != mmu_pkg::PRIV_M && (RV32 ? r.satp[31] : r.satp[63:60] != '0);
    ok = r.cause == '0;
    pf = r.cause == plan_pkg::page_fault(r.access);
    af = r.cause == plan_pkg::access_fault(r.access);
    fetch = plan_pkg::is_fetch(r.access);
    load = r.access == LOAD;
    store = r.access == STORE;
    u_mode = r.priv == mmu_pkg::PRIV_U;
    s_mode = r.priv == mmu_pkg::PRIV_S;
    readable = r.pte[1];
    w = r.pte[2];
    x = r.pte[3];
    u = r.pte[4];
    a = r.pte[6];
    d = r.pte[7];
    n = r.pte[63];
    pbmt = r.pte[62:61];
    leaf = r.pte[0] && (readable || x) && !(w && !readable);
    got = on && r.walked && r.reads != '0 && !r.error && !r.deny && leaf;
    clean = got && a && (d || !plan_pkg::is_write(r.access)) && !n && pbmt == '0 && r.pte[60:54] == '0;
    hit = on && !r.walked && (r.source == plan_pkg::L1 || r.source == plan_pkg::L2);
    same = p.valid && p.va[63:12] == r.va[63:12];
    cas = mem_req_valid_o && mem_req_ready_i && mem_req_op_o == mmu_pkg::MEMOP_CAS;
    napot_good = n && svnapot_i && r.pte[13:10] == 4'd8;
  end

  // ---- Step 6: all that is refused would be allowed but for U
  `PW_COVER(VM_6_1_Fetch, clean && pf && u_mode && !u && fetch && x)
  `PW_COVER(VM_6_1_Load, clean && pf && u_mode && !u && load && readable)
  `PW_COVER(VM_6_1_Store, clean && pf && u_mode && !u && store && w)
  `PW_COVER(VM_6_2_Load, clean && pf && s_mode && u && load && readable && !r.sum)
  `PW_COVER(VM_6_2_Store, clean && pf && s_mode && u && store && w && !r.sum)
  `PW_COVER(VM_6_3_Load, clean && ok && s_mode && u && load && r.sum)
  `PW_COVER(VM_6_3_Store, clean && ok && s_mode && u && store && r.sum)
  `PW_COVER(VM_6_4_Fetch, clean && pf && s_mode && u && fetch && x)
  `PW_COVER(VM_6_5_Fetch, clean && ok && u_mode && u && fetch)
  `PW_COVER(VM_6_5_Load, clean && ok && u_mode && u && load)
  `PW_COVER(VM_6_5_Store, clean && ok && u_mode && u && store)

  // ---- Step 8
  `PW_COVER(VM_8_1_Refused, clean && pf && s_mode && !u && fetch && !x)
  `PW_COVER(VM_8_1_XAlone, clean && ok && fetch && x && !readable)
  `PW_COVER(VM_8_2_Load, clean && pf && s_mode && !u && load && !readable && !r.mxr)
  `PW_COVER(VM_8_2_Lr, clean && pf && s_mode && !u && r.access == LR && !readable && !r.mxr)
  `PW_COVER(VM_8_3_Load, clean && ok && load && !readable && x && r.mxr)
  `PW_COVER(VM_8_3_Lr, clean && ok && r.access == LR && !readable && x && r.mxr)
  `PW_COVER(VM_8_4_Store, clean && pf && s_mode && !u && store && readable && !w)
  `PW_COVER(VM_8_4_Sc, clean && pf && s_mode && !u && r.access == SC && readable && !w)
  `PW_COVER(VM_8_4_Amo, clean && pf && s_mode && !u && r.access == AMO && readable && !w)
  `PW_COVER(VM_8_4_AmoUnreadable, clean && pf && s_mode && !u && r.access == AMO && !readable)
  `PW_COVER(VM_8_5_Store, clean && pf && s_mode && !u && store && x && !w && r.mxr)
  `PW_COVER(VM_8_5_Amo, clean && pf && s_mode && !u && r.access == AMO && x && !w && r.mxr)
  `PW_COVER(VM_8_6_Read, clean && ok && r.access == CBO && readable && !w && !d)
  `PW_COVER(VM_8_6_Refused, clean && pf && s_mode && !u && r.access == CBO && !readable && !r.mxr)
  `PW_COVER(VM_8_7_Refused, clean && pf && s_mode && !u && r.access == CBOZ && readable && !w)
  `PW_COVER(VM_8_7_Allowed, clean && ok && r.access == CBOZ && w)

  // ---- Step 9
  logic plain;  // but for A and D all is well
  assign plain = got && !n && pbmt == '0 && r.pte[60:54] == '0 && s_mode && !u && (fetch ? x : w && readable);
  `PW_COVER(VM_9_1_Fetch, plain && pf && !r.adue && !a && fetch)
  `PW_COVER(VM_9_1_Load, plain && pf && !r.adue && !a && load)
  `PW_COVER(VM_9_1_Store, plain && pf && !r.adue && !a && d && store)
  `PW_COVER(VM_9_2_Store, plain && pf && !r.adue && a && !d && store)
  `PW_COVER(VM_9_2_Amo, plain && pf && !r.adue && a && !d && r.access == AMO)
  `PW_COVER(VM_9_3_Fetch, got && ok && r.updated && fetch && (r.cmp ^ r.data) == 64'h40)
  `PW_COVER(VM_9_3_Load, got && ok && r.updated && load && !r.cmp[7] && (r.cmp ^ r.data) == 64'h40)
  `PW_COVER(VM_9_3_Lr, got && ok && r.updated && r.access == LR && !r.cmp[7] && (r.cmp ^ r.data) == 64'h40)
  `PW_COVER(VM_9_3_Cbo, got && ok && r.updated && r.access == CBO && !r.cmp[7] && (r.cmp ^ r.data) == 64'h40)
  `PW_COVER(VM_9_3_StoreDirty, got && ok && r.updated && store && (r.cmp ^ r.data) == 64'h40)
  `PW_COVER(VM_9_4_Both, got && ok && r.updated && store && (r.cmp ^ r.data) == 64'hc0)
  `PW_COVER(VM_9_4_DirtyAlone, got && ok && r.updated && store && (r.cmp ^ r.data) == 64'h80)
  `PW_COVER(VM_9_4_Sc, got && ok && r.updated && r.access == SC && !r.cmp[7] && r.data[7])
  `PW_COVER(VM_9_4_Amo, got && ok && r.updated && r.access == AMO && !r.cmp[7] && r.data[7])
  `PW_COVER(VM_9_4_Cboz, got && ok && r.updated && r.access == CBOZ && !r.cmp[7] && r.data[7])
  `PW_COVER(VM_9_5_Again, got && ok && r.fails != '0 && r.updated)
  `PW_COVER(VM_9_5_NoMoreNeeded, got && ok && r.fails != '0 && !r.updated)
  `PW_COVER(VM_9_5_NowInvalid, on && r.walked && pf && r.fails != '0 && !r.pte[0])
  `PW_COVER(VM_9_5_NowRefused, got && pf && r.fails != '0 && !r.updated)
  `PW_COVER(VM_9_7_Bus, on && r.walked && af && r.refused && !r.updated)
  `PW_COVER(VM_9_8_User, got && pf && r.adue && !a && s_mode && u && !r.updated && r.fails == '0)
  `PW_COVER(VM_9_8_Rwx, got && pf && r.adue && !a && store && !w && !r.updated)
  `PW_COVER(VM_9_8_Misaligned, got && pf && r.adue && !a && r.level != '0 && r.pte[18:10] != '0 && !r.updated)
  `PW_COVER(VM_9_8_Reserved, got && pf && r.adue && !a && r.pte[60:54] != '0 && !r.updated)
  `PW_COVER(VM_9_8_Napot, got && pf && r.adue && !a && n && svnapot_i && !r.updated)
  logic held_q;
  always_ff @(posedge clk_i) held_q <= !rst_i && (ev_hold_o || (held_q && !cas && !idle_o));
  `PW_COVER(VM_9_9_Held, ev_hold_o)
  `PW_COVER(VM_9_9_ThenSet, held_q && cas && !mem_req_cmp_o[7] && mem_req_data_o[7])
  `PW_COVER(VM_9_9_Killed, held_q && dkill_i != '0)
  `PW_COVER(VM_9_10_StoreAgain, got && ok && store && r.updated && same && !p.pte[7] && p.cause == '0 && b.fences == '0
      && r.satp == p.satp)
  `PW_COVER(VM_9_11_Rsw, got && ok && r.updated && r.cmp[9:8] != '0 && r.data[9:8] == r.cmp[9:8])
  `PW_COVER(VM_9_11_High, got && ok && r.updated && r.cmp[62:61] != '0 && r.data[63:54] == r.cmp[63:54])
  `PW_COVER(VM_9_11_Four, got && ok && RV32 && r.updated && r.at[2])
  `PW_COVER(VM_9_12_Pmp, on && af && r.updated && r.to_known && r.pmp.hit && !r.refused)
  `PW_COVER(VM_9_12_Pma, on && af && r.updated && r.to_known && r.pma.hit && !r.pma.cfg[1] && !r.refused)
  `PW_COVER(VM_9_13_Absent, plain && pf && !svadu_i && r.asked_adue && (!a || (store && !d)))

  // ---- Step 10
  logic [55:0] page;
  assign page = {r.pte[53:10], 12'b0};
  `PW_COVER(VM_10_1_Page, clean && ok && r.level == '0 && r.pa == (page | 56'(r.va[11:0])) && r.va[11:0] != '0
      && r.size == mmu_pkg::SIZE_4K)
  `PW_COVER(VM_10_2_Mega, clean && ok && !RV32 && r.level == 3'd1 && r.pa == (page | 56'(r.va[20:0]))
      && r.va[20:12] != '0)
  `PW_COVER(VM_10_2_Giga, clean && ok && r.level == 3'd2 && r.pa == (page | 56'(r.va[29:0])) && r.va[29:21] != '0)
  `PW_COVER(VM_10_2_Tera, clean && ok && r.level == 3'd3 && r.pa == (page | 56'(r.va[38:0])) && r.va[38:30] != '0)
  `PW_COVER(VM_10_2_Peta, clean && ok && r.level == 3'd4 && r.pa == (page | 56'(r.va[47:0])) && r.va[47:39] != '0)
  `PW_COVER(VM_10_2_Mega32, clean && ok && RV32 && r.level == 3'd1 && r.pa == (page | 56'(r.va[21:0]))
      && r.va[21:12] != '0)
  `PW_COVER(VM_10_3_Sv39, got && ok && !RV32 && r.pa[55])
  `PW_COVER(VM_10_3_Sv32, got && ok && RV32 && r.pa[33])
  generate
    if (PA_BITS < (RV32 ? 34 : 56)) begin : g_narrow
      `PW_COVER(VM_10_4_Page, got && af && !r.updated && r.pte[(RV32 ? 31 : 53):PA_BITS-2] != '0)
      `PW_COVER(VM_10_4_HighestBit, got && af && r.pte[(RV32 ? 31 : 53)] && r.pte[(RV32 ? 30 : 52):PA_BITS-2] == '0)
    end
    if (PA_BITS < 56 && !RV32) begin : g_bare
      `PW_COVER(VM_10_4_Bare, r.valid && !on && af && r.va[63:PA_BITS] != '0)
    end
  endgenerate

  // ---- Svnapot
  logic near;  // of the 64 KiB that the record before found
  assign near = p.valid && p.pte[63] && p.cause == '0 && p.va[63:16] == r.va[63:16] && p.va[15:12] != r.va[15:12];
  `PW_COVER(NAP_1_Low, got && ok && napot_good && r.va[15:12] == 4'd0 && r.pa[15:12] == 4'd0)
  `PW_COVER(NAP_1_Through, got && ok && napot_good && r.va[15:12] == 4'hb && r.pa[15:0] == r.va[15:0]
      && r.size == mmu_pkg::SIZE_64K)
  `PW_COVER(NAP_2_Bit0, got && pf && svnapot_i && n && a && r.level == '0 && r.pte[10])
  `PW_COVER(NAP_2_Bit1, got && pf && svnapot_i && n && a && r.level == '0 && r.pte[11:10] == 2'b10)
  `PW_COVER(NAP_2_Bit2, got && pf && svnapot_i && n && a && r.level == '0 && r.pte[12:10] == 3'b100)
  `PW_COVER(NAP_2_None, got && pf && svnapot_i && n && a && r.level == '0 && r.pte[13:10] == 4'b0000)
  `PW_COVER(NAP_3_Mega, got && pf && svnapot_i && n && a && r.level == 3'd1)
  `PW_COVER(NAP_3_Giga, got && pf && svnapot_i && n && a && r.level == 3'd2)
  `PW_COVER(NAP_4_L1, hit && ok && r.source == plan_pkg::L1 && near && r.pa[15:0] == r.va[15:0] && b.fences == '0)
  `PW_COVER(NAP_4_L2, hit && ok && r.source == plan_pkg::L2 && near && r.pa[15:0] == r.va[15:0] && b.fences == '0)
  `PW_COVER(NAP_5_Other, got && near && b.fences != '0 && b.rs1 && b.va[63:16] == p.va[63:16]
      && b.va[15:12] != p.va[15:12])
  `PW_COVER(NAP_6_Own, got && ok && napot_good && r.updated && r.va[15:12] != '0
      && r.at[11:0] == {r.va[20:12], 3'b0})

  // ---- Svpbmt
  `PW_COVER(PBM_1_Pma, got && ok && r.pbmte && pbmt == 2'd0 && r.pbmt == mmu_pkg::PBMT_PMA)
  `PW_COVER(PBM_1_Nc, got && ok && r.pbmte && pbmt == 2'd1 && r.pbmt == mmu_pkg::PBMT_NC)
  `PW_COVER(PBM_1_Io, got && ok && r.pbmte && pbmt == 2'd2 && r.pbmt == mmu_pkg::PBMT_IO)
  `PW_COVER(PBM_2_L1, hit && ok && r.source == plan_pkg::L1 && r.pbmt == mmu_pkg::PBMT_IO)
  `PW_COVER(PBM_2_L2, hit && ok && r.source == plan_pkg::L2 && r.pbmt == mmu_pkg::PBMT_NC)
  `PW_COVER(PBM_3_Mega, got && ok && r.level == 3'd1 && r.pbmt == pbmt && pbmt != '0)
  `PW_COVER(PBM_3_Giga, got && ok && r.level == 3'd2 && r.pbmt == pbmt && pbmt != '0)
  `PW_COVER(PBM_4_Machine, r.valid && !on && ok && r.pbmt == '0 && p.valid && p.pbmt != '0)
  `PW_COVER(PBM_4_Fault, got && pf && r.pbmte && (pbmt == 2'd1 || pbmt == 2'd2) && r.pbmt == '0)

  // ---- Causes
  `PW_COVER(ACC_1_Fetch, on && fetch && r.cause == 4'd12)
  `PW_COVER(ACC_1_Load, on && load && r.cause == 4'd13)
  `PW_COVER(ACC_1_Lr, on && r.access == LR && r.cause == 4'd13)
  `PW_COVER(ACC_1_Store, on && store && r.cause == 4'd15)
  `PW_COVER(ACC_1_Sc, on && r.access == SC && r.cause == 4'd15)
  `PW_COVER(ACC_1_Amo, on && r.access == AMO && r.cause == 4'd15)
  `PW_COVER(ACC_1_Cbo, on && r.access == CBO && r.cause == 4'd15)
  `PW_COVER(ACC_1_Cboz, on && r.access == CBOZ && r.cause == 4'd15)
  `PW_COVER(ACC_2_Fetch, on && fetch && r.cause == 4'd1)
  `PW_COVER(ACC_2_Load, on && load && r.cause == 4'd5)
  `PW_COVER(ACC_2_Lr, on && r.access == LR && r.cause == 4'd5)
  `PW_COVER(ACC_2_Store, on && store && r.cause == 4'd7)
  `PW_COVER(ACC_2_Sc, on && r.access == SC && r.cause == 4'd7)
  `PW_COVER(ACC_2_Amo, on && r.access == AMO && r.cause == 4'd7)
  `PW_COVER(ACC_2_Cbo, on && r.access == CBO && r.cause == 4'd7)
  `PW_COVER(ACC_2_Cboz, on && r.access == CBOZ && r.cause == 4'd7)
  logic both;
  assign both = ireq_valid_i && ireq_ready_o && ihit_valid_o && dreq_valid_i && dreq_ready_o && dhit_valid_o;
  `PW_COVER(ACC_3_FetchRefused, both && ireq_priv_i != dreq_priv_i && ihit_cause_o == 4'd12 && dhit_cause_o == '0)
  `PW_COVER(ACC_3_DataRefused, both && ireq_priv_i != dreq_priv_i && ihit_cause_o == '0 && dhit_cause_o != '0)
endmodule

`default_nettype wire
