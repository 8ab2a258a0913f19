// SPDX-License-Identifier: Apache-2.0
//
// Cover points of the verification plan: PMP and PMA, on the final address and on page tables.
// Which entry decides is the observer's own reading of the tables (plan_match_sva.sv).
`default_nettype none

module plan_check_sva #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned PMP_ENTRIES = 16,
  parameter int unsigned PMA_ENTRIES = 4
) (
  input wire clk_i, rst_i,
  input wire plan_pkg::record_t r, p,
  input wire plan_pkg::between_t b
);
  localparam logic RV32 = XLEN == 32;
  localparam logic [1:0] TOR = 2'd1;
  localparam logic [1:0] NA4 = 2'd2;
  localparam logic [1:0] NAPOT = 2'd3;
  logic on, ok, af, pf, fetch, load, write, m_mode, known, whole, allows, pma_allows, device, hole, leaf, pte_write;
  logic by_pmp, by_pma, read_deny, write_deny, hit, same_page, pma_all;
  logic [1:0] how;
  always_comb begin
    on = r.valid && r.priv != mmu_pkg::PRIV_M && (RV32 ? r.satp[31] : r.satp[63:60] != '0);
    ok = r.cause == '0;
    af = r.cause == plan_pkg::access_fault(r.access);
    pf = r.cause == plan_pkg::page_fault(r.access);
    fetch = plan_pkg::is_fetch(r.access);
    load = plan_pkg::is_load(r.access);
    write = plan_pkg::is_write(r.access);
    m_mode = r.priv == mmu_pkg::PRIV_M;
    known = r.valid && r.to_known && !r.deny && !r.error && !r.refused;
    whole = known && r.pmp.hit && !r.pmp.partial;
    allows = fetch ? r.pmp.cfg[2] : load ? r.pmp.cfg[0] : write ? r.pmp.cfg[1] : r.pmp.cfg[0] || r.pmp.cfg[1];
    how = r.pmp.cfg[4:3];
    leaf = r.pte[0] && (r.pte[1] || r.pte[3]);
    pma_all = !r.pma.hit;  // only where every PMA entry is off
    device = known && r.pma.hit && !r.pma.partial && r.pma.cfg[5] == 1'b0 && r.pma.cfg[1:0] == 2'b11 && !r.pma.cfg[2];
    pma_allows = pma_all || (!r.pma.partial && (fetch ? r.pma.cfg[2] : load ? r.pma.cfg[0] : r.pma.cfg[1]));
    hole = known && r.pma.hit && !r.pma.partial && r.pma.cfg[2:0] == '0;
    by_pmp = known && af && pma_allows && !r.pma.hit;  // nothing else speaks against it
    by_pma = known && af && r.pmp.hit && !r.pmp.partial && (allows || (m_mode && !r.pmp.cfg[7]));
    pte_write = leaf;  // refused with a leaf in hand: its update was
    read_deny = on && af && r.deny && r.deny_known && !pte_write;
    write_deny = on && af && r.deny && r.deny_known && pte_write && !r.updated && r.adue;
    hit = on && !r.walked;
    same_page = p.valid && p.va[63:12] == r.va[63:12] && b.fences == '0;
  end

  // ---- Page tables
  logic pmp_read, pma_read;
  assign pmp_read = read_deny && !r.pte_pma.hit
      && (!r.pte_pmp.hit || r.pte_pmp.partial || !r.pte_pmp.cfg[0]);
  assign pma_read = read_deny && r.pte_pmp.hit && !r.pte_pmp.partial && r.pte_pmp.cfg[0] && r.pte_pma.hit;
  `PW_COVER(VM_2_1_Root, pmp_read && r.reads == '0)
  `PW_COVER(VM_2_1_Leaf, pmp_read && r.level == '0)
  `PW_COVER(VM_2_1_Fetch, pmp_read && fetch)
  `PW_COVER(VM_2_1_Load, pmp_read && load)
  `PW_COVER(VM_2_1_Store, pmp_read && write)
  `PW_COVER(VM_2_1_Cbo, pmp_read && r.access == mmu_pkg::ACCESS_CBO)
  `PW_COVER(VM_2_2_Hole, pma_read && !r.pte_pma.partial && r.pte_pma.cfg[2:0] == '0)
  `PW_COVER(VM_2_2_Fetch, pma_read && fetch)
  `PW_COVER(VM_2_2_Load, pma_read && load)
  `PW_COVER(VM_2_2_Store, pma_read && write)
  logic pmp_write;
  assign pmp_write = write_deny && !r.pte_pma.hit && r.pte_pmp.hit && !r.pte_pmp.partial && r.pte_pmp.cfg[0]
      && !r.pte_pmp.cfg[1];
  `PW_COVER(VM_9_6_Fetch, pmp_write && fetch)
  `PW_COVER(VM_9_6_Load, pmp_write && load)
  `PW_COVER(VM_9_6_Store, pmp_write && write)
  `PW_COVER(VM_9_7_ReadOnly, write_deny && r.pte_pmp.hit && r.pte_pmp.cfg[1] && r.pte_pma.hit && !r.pte_pma.cfg[1])

  // ---- PMP on the access: how the deciding entry matches
  `PW_COVER(PMP_1_Off, known && ok && r.pmp.hit && r.pmp.index != '0 && b.checks)
  `PW_COVER(PMP_2_Inside, whole && ok && how == TOR && r.pmp.index != '0)
  `PW_COVER(PMP_2_FromZero, whole && ok && how == TOR && r.pmp.index == '0)
  `PW_COVER(PMP_2_Refuses, whole && by_pmp && how == TOR && !allows)
  `PW_COVER(PMP_3_Empty, whole && ok && b.empty_tor)
  `PW_COVER(PMP_4_Inside, whole && ok && how == NA4 && !m_mode)
  `PW_COVER(PMP_4_Refuses, whole && by_pmp && how == NA4 && !allows)
  `PW_COVER(PMP_5_Inside, whole && ok && how == NAPOT && !m_mode)
  `PW_COVER(PMP_5_Refuses, whole && by_pmp && how == NAPOT && !allows)
  `PW_COVER(PMP_6_Refuses, whole && by_pmp && !allows && r.pmp.others)
  `PW_COVER(PMP_6_Allows, whole && ok && allows && !m_mode && r.pmp.others && r.pmp.index == 6'd1)
  `PW_COVER(PMP_7_Low, known && by_pmp && r.pmp.partial && allows)
  `PW_COVER(PMP_7_Machine, known && by_pmp && r.pmp.partial && m_mode)
  `PW_COVER(PMP_8_Supervisor, known && by_pmp && !r.pmp.hit && r.priv == mmu_pkg::PRIV_S)
  `PW_COVER(PMP_8_User, known && by_pmp && !r.pmp.hit && r.priv == mmu_pkg::PRIV_U)
  `PW_COVER(PMP_8_Machine, known && ok && !r.pmp.hit && m_mode)
  `PW_COVER(PMP_9_Fetch, whole && by_pmp && fetch && r.pmp.cfg[2:0] == 3'b011)
  `PW_COVER(PMP_9_Load, whole && by_pmp && load && r.pmp.cfg[2:0] == 3'b100)
  `PW_COVER(PMP_9_Store, whole && by_pmp && write && r.pmp.cfg[2:0] == 3'b101)
  `PW_COVER(PMP_9_FetchAllowed, whole && ok && fetch && !m_mode && r.pmp.cfg[2:0] == 3'b100)
  `PW_COVER(PMP_9_LoadAllowed, whole && ok && load && !m_mode && r.pmp.cfg[2:0] == 3'b001)
  `PW_COVER(PMP_10_Machine, whole && ok && m_mode && !allows && !r.pmp.cfg[7])
  `PW_COVER(PMP_11_Machine, whole && by_pmp && m_mode && !allows && r.pmp.cfg[7])
  `PW_COVER(PMP_12_Cfg, whole && by_pmp && r.pmp.cfg[7] && b.locked_cfg)
  `PW_COVER(PMP_12_Addr, whole && by_pmp && r.pmp.cfg[7] && b.locked_addr)
  `PW_COVER(PMP_13_Below, whole && by_pmp && r.pmp.cfg[7] && how == TOR && b.locked_below)
  `PW_COVER(PMP_14_Refuses, whole && by_pmp && write && b.write_only && r.pmp.cfg[1:0] == '0)

  // ---- PMP and paging
  `PW_COVER(PMP_15_User, on && r.valid && r.priv == mmu_pkg::PRIV_U && pmp_read)
  `PW_COVER(PMP_15_ExecuteAlone, pmp_read && fetch && r.pte_pmp.hit && !r.pte_pmp.partial
      && r.pte_pmp.cfg[2:0] == 3'b100)
  `PW_COVER(PMP_15_ReadAlone, on && r.walked && ok && r.pte_pmp.hit && r.pte_pmp.cfg[2:0] == 3'b001 && !load)
  `PW_COVER(PMP_16_Load, on && ok && r.updated && load && r.pte_pmp.hit && r.pte_pmp.cfg[1])
  `PW_COVER(PMP_16_Refused, pmp_write && load)
  `PW_COVER(PMP_17_Straddles, hit && by_pmp && whole && p.valid && p.cause == '0 && p.level == r.level && r.level != '0
      && b.fences == '0 && p.va[63:30] == r.va[63:30] && p.satp == r.satp)
  `PW_COVER(PMP_17_SamePage, hit && by_pmp && same_page && p.cause == '0 && p.va != r.va && !b.checks)
  `PW_COVER(PMP_18_L1, hit && by_pmp && r.source == plan_pkg::L1 && same_page)
  `PW_COVER(PMP_18_L2, hit && by_pmp && r.source == plan_pkg::L2 && same_page)
  `PW_COVER(PMP_18_Walk, on && by_pmp && r.source == plan_pkg::WALK)
  `PW_COVER(PMP_19_Eight, read_deny && !RV32 && r.pte_pmp.hit && r.pte_pmp.partial && r.pte_pmp.cfg[4:3] == NA4
      && r.pte_pmp.cfg[0])
  `PW_COVER(PMP_19_Four, on && r.walked && ok && RV32 && r.pte_pmp.hit && !r.pte_pmp.partial
      && r.pte_pmp.cfg[4:3] == NA4)
  `PW_COVER(PMP_20_PageFault, on && r.walked && pf && !r.deny && leaf && known && r.pmp.hit && !r.pmp.partial
      && !allows)

  // ---- PMA
  `PW_COVER(PMA_1_Fetch, hole && by_pma && fetch)
  `PW_COVER(PMA_1_Load, hole && by_pma && load)
  `PW_COVER(PMA_1_Store, hole && by_pma && write)
  `PW_COVER(PMA_1_Machine, hole && by_pma && m_mode)
  `PW_COVER(PMA_2_Load, device && ok && r.access == mmu_pkg::ACCESS_LOAD)
  `PW_COVER(PMA_2_Store, device && ok && r.access == mmu_pkg::ACCESS_STORE)
  `PW_COVER(PMA_2_Fetch, device && by_pma && fetch)
  `PW_COVER(PMA_3_Lr, device && by_pma && r.access == mmu_pkg::ACCESS_LR)
  `PW_COVER(PMA_3_Sc, device && by_pma && r.access == mmu_pkg::ACCESS_SC)
  `PW_COVER(PMA_3_Amo, device && by_pma && r.access == mmu_pkg::ACCESS_AMO)
  `PW_COVER(PMA_3_Cboz, device && by_pma && r.access == mmu_pkg::ACCESS_CBOZ)
  `PW_COVER(PMA_4_Device, pma_read && !r.pte_pma.partial && r.pte_pma.cfg[2:0] == 3'b011 && !r.pte_pma.cfg[5])
  `PW_COVER(PMA_5_Edge, known && by_pma && r.pma.hit && r.pma.partial)
endmodule

`default_nettype wire
