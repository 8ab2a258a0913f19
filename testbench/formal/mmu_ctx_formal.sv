// SPDX-License-Identifier: Apache-2.0
//
// Context numbers of two address spaces, two bits wide: as in testbench/sva/mmu_ctx_sva.sv, whose port
// of an array Yosys does not take.
`default_nettype none

module mmu_ctx_formal (
  input wire clk_i, rst_i, switch_i, fence_i,
  input wire [15:0] satp_asid_i, switch_asid_i, fence_asid_i
);
  `PW_RESET
  localparam int unsigned CTX_W = 2;
  wire known_o, wrap_o;
  wire [CTX_W-1:0] number_o, current_o;
  wire [31:0] fold_o;
  mmu_ctx #(.ENTRIES(2), .CTX_W(CTX_W)) u_unit (.*);

  (* hierconn *) wire [1:0] \u_unit.valid_q , \u_unit.is_fence , \u_unit.is_switch ;
  (* hierconn *) wire [CTX_W-1:0] \u_unit.ctx_q[0] , \u_unit.ctx_q[1] ;
  (* hierconn *) wire [15:0] \u_unit.asid_q[0] , \u_unit.asid_q[1] ;
  (* hierconn *) wire [CTX_W:0] \u_unit.next_q ;
  (* hierconn *) wire \u_unit.miss , \u_unit.renew ;
  wire both, spent, behind;
  assign both = \u_unit.valid_q == 2'b11;
  assign spent = \u_unit.next_q == {1'b1, CTX_W'(0)};
  assign behind = (!\u_unit.valid_q [0] || {1'b0, \u_unit.ctx_q[0] } < \u_unit.next_q )
               && (!\u_unit.valid_q [1] || {1'b0, \u_unit.ctx_q[1] } < \u_unit.next_q );

  `PW_ALWAYS(OneCause_A, !(switch_i && fence_i))
  `PW_ASSERT(AsidsApart_A, !(both && \u_unit.asid_q[0] == \u_unit.asid_q[1] ))
  `PW_ASSERT(OneNumber_A, $onehot0(\u_unit.is_fence ) && $onehot0(\u_unit.is_switch ))
  `PW_ASSERT(NumbersApart_A, !(both && \u_unit.ctx_q[0] == \u_unit.ctx_q[1] ))
  `PW_ASSERT(NumbersBehind_A, behind)
  `PW_ASSERT(WrapWhenSpent_A, wrap_o == ((\u_unit.miss || \u_unit.renew ) && spent))
  `PW_ASSERT(NextInRange_A, \u_unit.next_q != '0 && (spent || !\u_unit.next_q [CTX_W]))
  `PW_COVER(AsidsApart_C, \u_unit.miss && both)
  `PW_COVER(OneNumber_C, both && \u_unit.is_fence != '0 && \u_unit.is_switch != '0)
  `PW_COVER(NumbersApart_C, \u_unit.renew && both)
  `PW_COVER(NumbersBehind_C, both && spent)
  `PW_COVER(WrapWhenSpent_C, wrap_o)
endmodule

`default_nettype wire
