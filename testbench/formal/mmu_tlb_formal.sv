// SPDX-License-Identifier: Apache-2.0
//
// A flip-flop TLB (L1, and L2's large pages) of two ways. The page that is looked up is arbitrary and
// stays: nothing in the TLB depends on it, so what holds of it holds of all. Pages are of any size, or
// blocks of neighbours in one entry.
`default_nettype none

module mmu_tlb_formal #(
  parameter int unsigned XLEN = 32,
  parameter int unsigned CTX_W = 2,
  parameter int unsigned POLICY = 0
) (
  input wire clk_i, rst_i,
  input wire [44:0] vpn_i, fill_vpn_i, fence_vpn_i,
  input wire [CTX_W-1:0] ctx_i, fence_ctx_i,
  input wire need_d_i, touch_i, fill_i, flash_i, fence_i, by_va_i, by_ctx_i,
  input wire [56:0] fill_pte_i,
  input wire [2:0] fill_level_i, fill_span_i
);
  `PW_RESET
  localparam logic RV32 = XLEN == 32;
  wire hit_o;
  wire [56:0] pte_o;
  wire [2:0] level_o, span_o;
  wire [7:0] fill_set_o, fill_way_o;
  wire [31:0] fold_o;
  mmu_tlb #(.XLEN(XLEN), .SETS(1), .WAYS(2), .POLICY(POLICY), .CTX_W(CTX_W)) u_unit (.*);

  (* hierconn *) wire \u_unit.g_way[0].u_way.valid_q , \u_unit.g_way[1].u_way.valid_q ;
  (* hierconn *) wire [44:0] \u_unit.g_way[0].u_way.vpn_q[0] , \u_unit.g_way[1].u_way.vpn_q[0] ;
  (* hierconn *) wire [56:0] \u_unit.g_way[0].u_way.pte_q[0] , \u_unit.g_way[1].u_way.pte_q[0] ;
  (* hierconn *) wire [2:0] \u_unit.g_way[0].u_way.level_q[0] , \u_unit.g_way[1].u_way.level_q[0] ;
  (* hierconn *) wire [2:0] \u_unit.g_way[0].u_way.span_q[0] , \u_unit.g_way[1].u_way.span_q[0] ;
  (* hierconn *) wire [CTX_W-1:0] \u_unit.g_way[0].u_way.ctx_q[0] , \u_unit.g_way[1].u_way.ctx_q[0] ;
  (* hierconn *) wire \u_unit.u_sva.gone_q , \u_unit.u_sva.empty_q ;
  (* hierconn *) wire [44:0] \u_unit.u_sva.fenced_vpn_q ;

  // ---- Which ways translate this page, whatever the address space?
  (* anyconst *) reg [44:0] any_vpn;
  wire a_valid, b_valid, a_global, b_global, apart;
  logic a_holds, b_holds;
  wire [56:0] a_pte, b_pte;

  assign a_valid = \u_unit.g_way[0].u_way.valid_q ;
  assign b_valid = \u_unit.g_way[1].u_way.valid_q ;
  assign a_pte = \u_unit.g_way[0].u_way.pte_q[0] ;
  assign b_pte = \u_unit.g_way[1].u_way.pte_q[0] ;
  assign apart = \u_unit.g_way[0].u_way.ctx_q[0] != \u_unit.g_way[1].u_way.ctx_q[0] && !a_pte[5] && !b_pte[5];

  always_comb begin
    a_holds = a_valid && ((\u_unit.g_way[0].u_way.vpn_q[0] ^ any_vpn)
        & mmu_fn_pkg::vpn_mask(RV32, \u_unit.g_way[0].u_way.level_q[0] , a_pte[56])
        & ~{42'd0, \u_unit.g_way[0].u_way.span_q[0] }) == '0;
    b_holds = b_valid && ((\u_unit.g_way[1].u_way.vpn_q[0] ^ any_vpn)
        & mmu_fn_pkg::vpn_mask(RV32, \u_unit.g_way[1].u_way.level_q[0] , b_pte[56])
        & ~{42'd0, \u_unit.g_way[1].u_way.span_q[0] }) == '0;
  end

  // the surroundings fill valid, accessed leaves, and look up the arbitrary page
  `PW_ALWAYS(FillLeaf_S, !fill_i || (fill_pte_i[0] && fill_pte_i[6] && (fill_pte_i[1] || fill_pte_i[3])))
  `PW_ALWAYS(LookupAny_S, vpn_i == any_vpn)
  `PW_ASSERT(OneHolds_A, !(a_holds && b_holds) || apart)
  `PW_ASSERT(HoldsLeaf_A, (!a_valid || (a_pte[0] && a_pte[6] && (a_pte[1] || a_pte[3])))
      && (!b_valid || (b_pte[0] && b_pte[6] && (b_pte[1] || b_pte[3]))))
  `PW_ASSERT(EmptyHolds_A, !\u_unit.u_sva.empty_q || !(a_valid || b_valid))
  `PW_COVER(OneHolds_C, a_holds && b_holds)
  `PW_COVER(OneHit_C, hit_o && a_valid && b_valid)
  `PW_COVER(FencedGone_C, \u_unit.u_sva.gone_q && b_valid)
  `PW_COVER(FlashEmpties_C, \u_unit.u_sva.empty_q && started && fill_i)
  `PW_COVER(HitDirty_C, hit_o && need_d_i)
  `PW_COVER(FillInPlace_C, fill_i && (a_holds || b_holds) && fill_vpn_i == any_vpn)
  `PW_ASSERT(GoneHolds_A, !\u_unit.u_sva.gone_q || any_vpn != \u_unit.u_sva.fenced_vpn_q || !(a_holds || b_holds))
endmodule

`default_nettype wire
