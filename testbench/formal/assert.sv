// SPDX-License-Identifier: Apache-2.0
//
// The text of testbench/sva/ as Yosys takes it: the same terms under the same labels, as immediate
// assertions. A harness has a unit in it as u_unit, which has its SVA module in it. PW_RESET starts it
// with one cycle of reset; PW_ALWAYS is what the surroundings of the unit keep. Where covers are sought
// (PW_REACH), each is the assertion that it never happens, to be refuted.
`ifdef PW_REACH
`define PW_ASSERT(name, holds)
`define PW_COVER(name, happens) always @* if (!rst_i) name: assert (!(happens));
`else
`define PW_ASSERT(name, holds) always @* if (!rst_i) name: assert (holds);
`define PW_COVER(name, happens)
`endif
`define PW_ALWAYS(name, holds) always @* if (!rst_i) name: assume (holds);
`define PW_RESET \
  reg started = 1'b0; \
  always @(posedge clk_i) started <= 1'b1; \
  always @* if (!started) assume (rst_i);
