// SPDX-License-Identifier: Apache-2.0
//
// The oldest of four slots, where `older` is an order of them: exactly one is picked, and none is older.
`default_nettype none

module mmu_oldest_formal (
  input wire clk_i, rst_i,
  input wire [3:0] mask_i,
  input wire [7:0] age
);
  // ages of four slots, all different: slot j is older than slot i if its age is smaller
  logic [15:0] older_i;
  wire [3:0] pick_o;
  mmu_oldest #(.N(4)) u_unit (.mask_i(mask_i), .older_i(older_i), .pick_o(pick_o));

  logic order, least;
  always_comb begin
    order = 1'b1;
    least = 1'b1;
    for (int i = 0; i < 4; i++) begin
      for (int j = 0; j < 4; j++) begin
        older_i[i*4 + j] = age[j*2 +: 2] < age[i*2 +: 2];
        if (i != j && age[j*2 +: 2] == age[i*2 +: 2]) order = 1'b0;
        if (pick_o[i] && mask_i[j] && age[j*2 +: 2] < age[i*2 +: 2]) least = 1'b0;
      end
    end
  end
  `PW_ALWAYS(Order_S, order)
  `PW_ASSERT(OnePick_A, mask_i == '0 ? pick_o == '0 : $onehot(pick_o) && (pick_o & ~mask_i) == '0)
  `PW_ASSERT(OldestPick_A, least)
  `PW_COVER(OnePick_C, mask_i == 4'b1011 && pick_o == 4'b1000)
  `PW_COVER(OldestPick_C, mask_i == 4'b0111 && pick_o == 4'b0010)
endmodule

`default_nettype wire
