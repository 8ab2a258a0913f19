// SPDX-License-Identifier: Apache-2.0
//
// How the bound assertions are written; stands before them on Verilator's command line, as `a`
// before `m`.
//
// What must hold is a term of one cycle: what happened before is kept in registers of the assertion
// module, which reset clears, since this Verilator has no delays in sequences. A failure names
// itself on stderr, for stdout belongs to results, and stops: the shim sees that and ends the
// replay as a failed opinion. Terms are called NAME_A; a coincidence that must be met at least
// once, NAME_C; a point of the verification plan, TAG_NAME. In a cover property this Verilator takes
// the value of a called function to be 0: assign it to a signal first. Numbers in brackets are the
// order rules of docs/microarchitecture.md.
`define PW_ASSERT(name, holds) \
  always_ff @(posedge clk_i) \
    if (!rst_i) name: assert (holds) else begin \
      $fdisplay(32'h8000_0002, "assertion %s failed in %m", `"name`"); \
      $stop; \
    end

`define PW_COVER(name, happens) \
  name: cover property (@(posedge clk_i) disable iff (rst_i) happens);
