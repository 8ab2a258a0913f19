// SPDX-License-Identifier: Apache-2.0
//
// The L2 TLB's array of 4 KiB pages, two sets of two ways, in which several ways may hold one page:
// the lowest that serves answers, and one fence drops all of them. A page and an address space are
// arbitrary and stay.
`default_nettype none

module mmu_l2_formal #(
  parameter int unsigned CTX_W = 2
) (
  input wire clk_i, rst_i,
  input wire read_i, compare_i, need_d_i, fill_i, flash_i, fence_i, by_va_i, by_ctx_i, fence_known_i,
  input wire [44:0] read_vpn_i, vpn_i, fill_vpn_i, fence_vpn_i,
  input wire [CTX_W-1:0] ctx_i, fence_ctx_i,
  input wire [56:0] fill_pte_i,
  input wire [2:0] fill_level_i
);
  `PW_RESET
  wire hit_o, fill_o, fill_large_o, clearing_o;
  wire [56:0] pte_o;
  wire [2:0] level_o;
  wire [11:0] fill_set_o;
  wire [7:0] fill_way_o;
  wire [31:0] fold_o;
  mmu_l2 #(.XLEN(32), .SETS(2), .WAYS(2), .LARGE(0), .POLICY(0), .CTX_W(CTX_W)) u_unit (.*);

  localparam int unsigned TAG_W = 44;
  localparam int unsigned WORD_W = TAG_W + CTX_W + 8 + 44;
  (* hierconn *) wire [1:0] \u_unit.g_small.u_small.valid_q[0] , \u_unit.g_small.u_small.valid_q[1] ;
  (* hierconn *) wire [WORD_W-1:0] \u_unit.g_small.u_small.g_way[0].u_sram.word_q[0] ,
      \u_unit.g_small.u_small.g_way[0].u_sram.word_q[1] , \u_unit.g_small.u_small.g_way[1].u_sram.word_q[0] ,
      \u_unit.g_small.u_small.g_way[1].u_sram.word_q[1] ;
  (* hierconn *) wire [2*WORD_W-1:0] \u_unit.g_small.u_small.word ;
  (* hierconn *) wire \u_unit.clear_q , \u_unit.clear_by_ctx_q , \u_unit.clear_known_q ;
  (* hierconn *) wire [44:0] \u_unit.clear_vpn_q ;
  (* hierconn *) wire [CTX_W-1:0] \u_unit.clear_ctx_q ;
  (* hierconn *) wire \u_unit.u_sva.gone_q , \u_unit.u_sva.fenced_q , \u_unit.u_sva.fence_va_q , \u_unit.u_sva.empty_q ;
  (* hierconn *) wire [44:0] \u_unit.u_sva.fenced_vpn_q ;

  // ---- The set of the arbitrary page, and which of its ways hold the page
  (* anyconst *) reg [44:0] any_vpn;
  (* anyconst *) reg [CTX_W-1:0] any_ctx;
  logic [1:0] valid, same, here, serves;
  logic [WORD_W-1:0] word0, word1;
  always_comb begin
    valid = any_vpn[0] ? \u_unit.g_small.u_small.valid_q[1] : \u_unit.g_small.u_small.valid_q[0] ;
    word0 = any_vpn[0] ? \u_unit.g_small.u_small.g_way[0].u_sram.word_q[1]
                       : \u_unit.g_small.u_small.g_way[0].u_sram.word_q[0] ;
    word1 = any_vpn[0] ? \u_unit.g_small.u_small.g_way[1].u_sram.word_q[1]
                       : \u_unit.g_small.u_small.g_way[1].u_sram.word_q[0] ;
    // a word: tag, context, PBMT G D U X W R, PPN
    same[0] = valid[0] && word0[WORD_W-1 -: TAG_W] == any_vpn[44:1];
    same[1] = valid[1] && word1[WORD_W-1 -: TAG_W] == any_vpn[44:1];
    here[0] = same[0] && word0[52 +: CTX_W] == any_ctx && !word0[49];
    here[1] = same[1] && word1[52 +: CTX_W] == any_ctx && !word1[49];
    serves[0] = same[0] && (word0[52 +: CTX_W] == ctx_i || word0[49]) && (!need_d_i || word0[48]);
    serves[1] = same[1] && (word1[52 +: CTX_W] == ctx_i || word1[49]) && (!need_d_i || word1[48]);
  end

  // ---- What the surroundings keep: a lookup's set was read in the cycle before, a fence's is read as
  // it is taken, and has no lookup after it; walks fill valid, accessed leaves. The page that is looked up
  // is the arbitrary one: but for the order of replacement nothing depends on it
  logic read_q, read_set_q;
  always_ff @(posedge clk_i) begin
    read_q <= read_i && !rst_i;
    read_set_q <= read_vpn_i[0];
  end
  `PW_ALWAYS(LookupAny_S, vpn_i == any_vpn)
  `PW_ALWAYS(CompareRead_S, !compare_i || (read_q && read_set_q == vpn_i[0]))
  `PW_ALWAYS(FenceReads_A, !(fence_i && by_va_i) || (read_i && read_vpn_i == fence_vpn_i))
  `PW_ALWAYS(ClearAlone_A, !clearing_o || !(compare_i || fence_i))
  `PW_ALWAYS(FlashFence_S, !flash_i || !(fence_i && by_va_i))
  `PW_ALWAYS(FillLeaf_S, !fill_i || (fill_pte_i[0] && fill_pte_i[6] && (fill_pte_i[1] || fill_pte_i[3])))

  // ---- A word that was read is the one that stands there; so a fence clears what it must
  logic [WORD_W-1:0] read0, read1;
  always_comb begin
    read0 = read_set_q ? \u_unit.g_small.u_small.g_way[0].u_sram.word_q[1]
                       : \u_unit.g_small.u_small.g_way[0].u_sram.word_q[0] ;
    read1 = read_set_q ? \u_unit.g_small.u_small.g_way[1].u_sram.word_q[1]
                       : \u_unit.g_small.u_small.g_way[1].u_sram.word_q[0] ;
  end
  `PW_ASSERT(ReadStands_A, !read_q || \u_unit.g_small.u_small.word == {read1, read0})
  `PW_ASSERT(ClearRead_A, !\u_unit.clear_q || (read_q && read_set_q == \u_unit.clear_vpn_q [0]))
  `PW_ASSERT(HoldsLeaf_A, (!valid[0] || word0[44] || word0[46]) && (!valid[1] || word1[44] || word1[46]))

  // ---- Of several ways that hold a page the lowest that serves answers, with what it holds
  `PW_ASSERT(LowestAnswers_A, !compare_i || (hit_o == (serves != '0)
      && (!hit_o || pte_o[53:10] == (serves[0] ? word0[43:0] : word1[43:0]))))

  // ---- They fall together: after a fence of the page none holds it, after one of its address space
  // as well none holds it for that one, until it is filled again
  logic all_q, gone_all_q, own_q, gone_own_q, filled;
  assign filled = fill_i && fill_vpn_i == any_vpn;
  always_ff @(posedge clk_i) begin
    all_q <= !rst_i && fence_i && by_va_i && !by_ctx_i && fence_vpn_i == any_vpn;
    own_q <= !rst_i && fence_i && by_va_i && by_ctx_i && fence_known_i && fence_ctx_i == any_ctx
          && fence_vpn_i == any_vpn;
    gone_all_q <= !rst_i && (all_q || gone_all_q) && !filled;
    gone_own_q <= !rst_i && (own_q || gone_own_q) && !filled;
  end
  `PW_ASSERT(FallTogether_A, !gone_all_q || same == '0)
  `PW_ASSERT(FallOfContext_A, !gone_own_q || here == '0)
  `PW_ASSERT(ClearOwn_A, (!all_q || (\u_unit.clear_q && !\u_unit.clear_by_ctx_q && \u_unit.clear_vpn_q == any_vpn))
      && (!own_q || (\u_unit.clear_q && \u_unit.clear_by_ctx_q && \u_unit.clear_known_q
      && \u_unit.clear_vpn_q == any_vpn && \u_unit.clear_ctx_q == any_ctx)))
  // the same of the page that the bound module remembers
  `PW_ASSERT(GoneHolds_A, (!\u_unit.u_sva.gone_q || any_vpn != \u_unit.u_sva.fenced_vpn_q || same == '0)
      && (!\u_unit.u_sva.fenced_q || (\u_unit.clear_q && !\u_unit.clear_by_ctx_q
      && \u_unit.clear_vpn_q == \u_unit.u_sva.fenced_vpn_q )) && (\u_unit.clear_q == \u_unit.u_sva.fence_va_q ))
  `PW_ASSERT(EmptyHolds_A, !\u_unit.u_sva.empty_q || valid == '0)

  `PW_COVER(ReadStands_C, read_q && same == 2'b11 && fill_i)
  `PW_COVER(LowestAnswers_C, hit_o && vpn_i == any_vpn && serves == 2'b11 && word0[43:0] != word1[43:0])
  `PW_COVER(FallTogether_C, all_q && same == 2'b11)
  `PW_COVER(FallOfContext_C, own_q && here == 2'b11 && fill_i)
  `PW_COVER(HitDirty_C, hit_o && need_d_i && same == 2'b11 && serves == 2'b10)
  `PW_COVER(FlashEmpties_C, \u_unit.u_sva.empty_q && fill_i && started)
endmodule

`default_nettype wire
