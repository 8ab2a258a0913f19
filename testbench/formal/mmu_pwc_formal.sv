// SPDX-License-Identifier: Apache-2.0
//
// A page-walk cache of two ways: no pointer of an address space stands in it twice.
`default_nettype none

module mmu_pwc_formal #(
  parameter int unsigned XLEN = 32,
  parameter int unsigned CTX_W = 2
) (
  input wire clk_i, rst_i,
  input wire [44:0] vpn_i, fill_vpn_i,
  input wire [CTX_W-1:0] ctx_i, fence_ctx_i,
  input wire touch_i, fill_i, fill_global_i, flash_i, fence_i,
  input wire [43:0] fill_ppn_i
);
  `PW_RESET
  localparam int unsigned TAG_W = XLEN == 32 ? 35 : 36;
  wire hit_o, global_o, fill_o;
  wire [43:0] ppn_o;
  wire [7:0] fill_way_o;
  wire [31:0] fold_o;
  mmu_pwc #(.WAYS(2), .LEVEL(1), .XLEN(XLEN), .CTX_W(CTX_W)) u_unit (.*);

  (* hierconn *) wire [1:0] \u_unit.g_pwc.valid_q , \u_unit.g_pwc.hit , \u_unit.g_pwc.same ;
  (* hierconn *) wire [TAG_W-1:0] \u_unit.g_pwc.tag_q[0] , \u_unit.g_pwc.tag_q[1] ;
  (* hierconn *) wire [CTX_W-1:0] \u_unit.g_pwc.ctx_q[0] , \u_unit.g_pwc.ctx_q[1] ;
  wire both, twice;
  assign both = \u_unit.g_pwc.valid_q == 2'b11;
  assign twice = both && \u_unit.g_pwc.tag_q[0] == \u_unit.g_pwc.tag_q[1]
              && \u_unit.g_pwc.ctx_q[0] == \u_unit.g_pwc.ctx_q[1] ;

  logic empty_q;
  always_ff @(posedge clk_i) empty_q <= rst_i || flash_i || (empty_q && !fill_i);

  `PW_ASSERT(OneHolds_A, !twice)
  `PW_ASSERT(OneHit_A, $onehot0(\u_unit.g_pwc.hit ))
  `PW_ASSERT(OneSame_A, $onehot0(\u_unit.g_pwc.same ))
  `PW_ASSERT(EmptyHolds_A, !empty_q || \u_unit.g_pwc.valid_q == '0)
  `PW_ASSERT(FlashEmpties_A, !empty_q || !hit_o)
  `PW_ASSERT(FillWay_A, fill_i == fill_o && fill_way_o < 8'd2)
  `PW_COVER(OneHolds_C, both && fill_i && \u_unit.g_pwc.same != '0)
  `PW_COVER(OneHit_C, both && hit_o)
  `PW_COVER(OneSame_C, both && fill_i && \u_unit.g_pwc.same [1])
  `PW_COVER(FlashEmpties_C, empty_q && fill_i)
  `PW_COVER(FillWay_C, fill_o && fill_way_o == 8'd1)
endmodule

`default_nettype wire
