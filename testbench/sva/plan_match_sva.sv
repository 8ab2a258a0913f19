// SPDX-License-Identifier: Apache-2.0
//
// The observer's own reading of a PMP or PMA table: the lowest entry that matches any byte of an
// access, and whether it matches all of them.
`default_nettype none

module plan_match_sva #(
  parameter int unsigned ENTRIES = 16
) (
  input wire [63:0][7:0] cfg_i,
  input wire [63:0][53:0] addr_i,
  input wire [55:0] at_i,
  input wire [11:0] last_i,
  output plan_pkg::match_t match_o
);
  logic [57:0] low, high, from, to;
  logic [53:0] ones;
  logic found;

  always_comb begin
    match_o = '0;
    from = {2'b0, at_i};
    to = {2'b0, at_i} + 58'(last_i);
    low = '0;
    high = '0;
    ones = '0;
    found = 1'b0;
    for (int i = 0; i < ENTRIES; i++) begin
      ones = addr_i[i] ^ (addr_i[i] + 54'd1);  // the trailing ones, and the zero above them
      low = {2'b0, addr_i[i], 2'b0};
      high = low + 58'd3;
      case (cfg_i[i][4:3])
        2'd1: begin
          high = low - 58'd1;
          low = i == 0 ? '0 : {2'b0, addr_i[i == 0 ? 0 : i - 1], 2'b0};
        end
        2'd3: begin
          low = {2'b0, addr_i[i] & ~ones, 2'b0};
          high = {2'b0, addr_i[i] | ones, 2'b11};
        end
        default: ;
      endcase
      if (cfg_i[i][4:3] != 2'd0 && !(cfg_i[i][4:3] == 2'd1 && low > high)
          && !(cfg_i[i][4:3] == 2'd1 && addr_i[i] == '0) && from <= high && to >= low) begin
        if (found) match_o.others = 1'b1;
        else begin
          match_o.hit = 1'b1;
          match_o.partial = from < low || to > high;
          match_o.cfg = cfg_i[i];
          match_o.index = 6'(i);
        end
        found = 1'b1;
      end
    end
  end
endmodule

`default_nettype wire
