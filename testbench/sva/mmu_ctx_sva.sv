// SPDX-License-Identifier: Apache-2.0
//
// Context numbers [11]: an ASID has one at most, two ASIDs never share one, counting starts anew
// only at a wrap.
`default_nettype none

module mmu_ctx_sva #(
  parameter int unsigned ENTRIES = 1,
  parameter int unsigned CTX_W = 1
) (
  input wire clk_i,
  input wire rst_i,
  input wire [ENTRIES-1:0] is_fence, is_switch, valid_q,
  input wire [CTX_W-1:0] ctx_q [0:ENTRIES-1],
  input wire [CTX_W:0] next_q,
  input wire switch_i, fence_i, known_o, wrap_o, miss, renew, full
);
  `PW_ASSERT(OneNumber_A, $onehot0(is_fence) && $onehot0(is_switch))
  `PW_ASSERT(OneCause_A, !(switch_i && fence_i))
  `PW_ASSERT(WrapWhenSpent_A, wrap_o == ((miss || renew) && next_q == {1'b1, CTX_W'(0)}))

  logic apart, behind;
  always_comb begin
    apart = 1'b1;
    behind = 1'b1;
    for (int i = 0; i < ENTRIES; i++) begin
      if (valid_q[i] && {1'b0, ctx_q[i]} >= next_q) behind = 1'b0;
      for (int j = 0; j < i; j++) if (valid_q[i] && valid_q[j] && ctx_q[i] == ctx_q[j]) apart = 1'b0;
    end
  end
  `PW_ASSERT(NumbersApart_A, apart)
  `PW_ASSERT(NumbersBehind_A, behind)

  `PW_COVER(SwitchEvicts_C, miss && full)
  `PW_COVER(FenceRenews_C, renew)
  `PW_COVER(FenceForgets_C, fence_i && known_o && !renew)
  `PW_COVER(FenceUnknown_C, fence_i && !known_o)
  `PW_COVER(SwitchWraps_C, miss && wrap_o)
  `PW_COVER(FenceWraps_C, renew && wrap_o)
endmodule

bind mmu_ctx mmu_ctx_sva #(.ENTRIES(ENTRIES), .CTX_W(CTX_W)) u_sva (.*);

`default_nettype wire
