// SPDX-License-Identifier: Apache-2.0
//
// The PTE-line buffer: at most one line holds a page's PTE; only valid and accessed leaves answer,
// dirty ones to stores; and what a fence or the MMU's own write takes does not answer [18, 19].
`default_nettype none

module mmu_lines_sva #(
  parameter int unsigned LINES = 1,
  parameter int unsigned LOW = 3
) (
  input wire clk_i,
  input wire rst_i,
  input wire kept_o, hit_o, need_d_i, touch_i, fill_i, drop_i, flash_i, fence_i, by_va_i, by_ctx_i,
  input wire [56:0] pte_o,
  input wire [44:0] vpn_i, fill_vpn_i, drop_vpn_i, fence_vpn_i
);
  generate
    if (LINES == 0) begin : g_absent
      `PW_ASSERT(Absent_A, !kept_o && !hit_o && !fill_i && !touch_i)
    end else begin : g_present
      `PW_ASSERT(OneLine_A, $onehot0(g_lines.hit))
    end
  endgenerate

  `PW_ASSERT(AnswerKept_A, !hit_o || kept_o)
  `PW_ASSERT(AnswerValid_A, !hit_o || (pte_o[0] && pte_o[6] && (pte_o[1] || pte_o[3])))
  `PW_ASSERT(AnswerDirty_A, !hit_o || !need_d_i || pte_o[7])
  `PW_ASSERT(TouchAnswer_A, !touch_i || hit_o)
  `PW_ASSERT(DropAlone_A, !(drop_i && fill_i))  // one answer of memory is one of the two

  // after a fence of a page, a flash or a write of a PTE its line is gone until one is filled
  logic page_q, drop_q, empty_q;
  logic [44:0] page_vpn_q, drop_vpn_q;
  always_ff @(posedge clk_i) begin
    page_q <= !rst_i && ((fence_i && by_va_i && !by_ctx_i) || (page_q && !fill_i && !(fence_i && by_va_i)));
    drop_q <= !rst_i && (drop_i || (drop_q && !fill_i));
    empty_q <= rst_i || flash_i || (empty_q && !fill_i);
    if (fence_i && by_va_i) page_vpn_q <= fence_vpn_i;
    if (drop_i) drop_vpn_q <= drop_vpn_i;
  end
  `PW_ASSERT(FencedGone_A, !page_q || !kept_o || vpn_i[44:4] != page_vpn_q[44:4])
  `PW_ASSERT(WrittenGone_A, !drop_q || !kept_o || vpn_i[44:LOW] != drop_vpn_q[44:LOW])
  `PW_ASSERT(FlashEmpties_A, !empty_q || !kept_o)

  `PW_COVER(Answer_C, touch_i)
  `PW_COVER(NapotAnswers_C, touch_i && pte_o[56])
  `PW_COVER(KeptNotUsable_C, kept_o && !hit_o)
  `PW_COVER(CleanNotForStore_C, kept_o && !hit_o && need_d_i && pte_o[6] && !pte_o[7])
  `PW_COVER(FencedLine_C, fence_i && by_va_i && kept_o && vpn_i[44:4] == fence_vpn_i[44:4])
  `PW_COVER(Dropped_C, drop_i && kept_o && vpn_i[44:LOW] == drop_vpn_i[44:LOW])
  `PW_COVER(FillSameLine_C, fill_i && kept_o && vpn_i[44:LOW] == fill_vpn_i[44:LOW])
endmodule

bind mmu_lines mmu_lines_sva #(.LINES(LINES), .LOW(XLEN == 32 ? 4 : 3)) u_sva (.*);

`default_nettype wire
