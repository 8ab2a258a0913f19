// SPDX-License-Identifier: Apache-2.0
//
// Which of the planted faults is awake; 0: none. Set once by testbench/shim.cpp before the first evaluation. Part of
// the copy of rtl/ that `make selftest` makes, never of rtl/.
`default_nettype none

package mmu_fault;
  logic [7:0] number /*verilator public_flat_rw*/;
endpackage

`default_nettype wire
