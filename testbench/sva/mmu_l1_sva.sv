// SPDX-License-Identifier: Apache-2.0
//
// An L1 TLB of one array or two: a fill goes to one of them, or nowhere, by its page size; the
// first array's answer goes before [7]; after a fence neither answers [8].
`default_nettype none

module mmu_l1_sva #(
  parameter int unsigned SIZES = 127,
  parameter int unsigned SUPER = 0,
  parameter int unsigned SUPER_SIZES = 126
) (
  input wire clk_i,
  input wire rst_i,
  input wire base_hit, super_hit, hit_o, touch_i, fill_i, fill_o, fill_super_o, fill_base, fill_super,
  input wire flash_i, fence_i, by_va_i, by_ctx_i,
  input wire [56:0] pte_o, base_pte,
  input wire [2:0] size, fill_span_i, fill_level_i, span_o,
  input wire [56:0] fill_pte_i,
  input wire [44:0] vpn_i, fill_vpn_i, fence_vpn_i
);
  logic in_super, in_base;
  assign in_super = SUPER != 0 && (SUPER_SIZES >> size) % 2 == 1;
  assign in_base = !in_super && (SIZES >> size) % 2 == 1;
  `PW_ASSERT(FillOneArray_A, fill_base == (fill_i && in_base) && fill_super == (fill_i && in_super))
  `PW_ASSERT(FillSaid_A, fill_o == (fill_base || fill_super) && fill_super_o == fill_super)
  `PW_ASSERT(BaseFirst_A, hit_o == (base_hit || super_hit) && (!base_hit || pte_o == base_pte))

  // a block of 2, 4 or 8 pages of 4 KiB, aligned in both its addresses
  `PW_ASSERT(BlockAligned_A, !fill_i || fill_span_i == '0
      || (fill_level_i == '0 && !fill_pte_i[56] && (fill_span_i & (fill_span_i + 1'b1)) == '0
          && ((fill_pte_i[12:10] ^ fill_vpn_i[2:0]) & fill_span_i) == '0))

  // after a fence of a page nothing of it answers until something is filled
  logic gone_q;
  logic [44:0] fenced_vpn_q;
  always_ff @(posedge clk_i) begin
    gone_q <= !rst_i && !fill_o && (fence_i ? by_va_i && !by_ctx_i : gone_q);
    if (fence_i) fenced_vpn_q <= fence_vpn_i;
  end
  `PW_ASSERT(FencedGone_A, !gone_q || !hit_o || vpn_i != fenced_vpn_q)

  generate
    if (SUPER != 0) begin : g_super
      `PW_COVER(BothArraysHit_C, touch_i && base_hit && super_hit)
      `PW_COVER(SuperFilled_C, fill_super)
      `PW_COVER(SuperHitBesideFill_C, touch_i && super_hit && fill_base)
      `PW_COVER(SuperFenced_C, super_hit && fence_i && by_va_i && vpn_i == fence_vpn_i)
    end
    if (SIZES != 127) begin : g_sizes
      `PW_COVER(HeldNowhere_C, fill_i && !fill_o)
    end
  endgenerate
endmodule

bind mmu_l1 mmu_l1_sva #(.SIZES(SIZES), .SUPER(SUPER), .SUPER_SIZES(SUPER_SIZES)) u_sva (.*);

`default_nettype wire
