// SPDX-License-Identifier: Apache-2.0
//
// What the observer of the verification plan tells its cover properties: one record an access that
// had the MMU to itself, seen at the pins alone.
`default_nettype none

package plan_pkg;
  typedef struct packed {  // the lowest entry of a PMP or PMA table that matches a byte of an access
    logic hit, partial, others;  // `others`: an entry with a higher number matches too
    logic [7:0] cfg;
    logic [5:0] index;
  } match_t;

  typedef struct packed {  // what happened between the access before and this one
    logic [3:0] fences;
    logic [1:0] op;        // of the last fence, as its operands
    logic rs1, rs2;
    logic [63:0] va;
    logic [15:0] asid;
    logic [63:0] satp;     // when it was accepted
    logic bad_mode;        // a satp write with a MODE that does not exist
    logic wide_asid;       // one with ASID bits that do not exist
    logic empty_tor;       // a TOR entry was written that ends where it begins, or before
    logic locked_cfg, locked_addr, locked_below, write_only;  // PMP writes that must change nothing
    logic inval, ir;       // sfence.w.inval, then sinval.vma, then sfence.inval.ir: where it stands
    logic checks;          // a PMP or PMA register was written
  } between_t;

  typedef struct packed {
    logic valid;
    // the request
    logic [2:0] access;
    logic [1:0] priv;
    logic sum, mxr, adue, asked_adue, pbmte;
    logic [63:0] va, satp;
    logic [11:0] last;
    // the answer
    logic [3:0] cause;
    logic [55:0] pa;
    logic [2:0] size, source;
    logic [1:0] pbmt;
    // the walk: how many reads, the last of them, its level, and what became of the update
    logic walked;
    logic [3:0] reads;
    logic [2:0] start, level;
    logic [55:0] first, at;
    logic [63:0] pte;
    logic error, deny, glob, rsw;  // glob, rsw: G, RSW in a pointer
    logic [1:0] fails;      // comparisons that failed
    logic updated, refused; // an update was done, was refused by the bus
    logic [63:0] cmp, data;
    logic fenced, moved;    // a fence, a satp write while it was under way
    // where it goes, and what PMP and PMA say of that; what they say of the PTE that was denied
    logic to_known, deny_known;
    logic [55:0] to;
    match_t pmp, pma, pte_pmp, pte_pma;
  } record_t;

  localparam logic [2:0] L1 = mmu_pkg::SOURCE_L1;
  localparam logic [2:0] L2 = mmu_pkg::SOURCE_L2;
  localparam logic [2:0] WALK = mmu_pkg::SOURCE_WALK;

  function automatic logic is_fetch(input logic [2:0] access);
    is_fetch = access == mmu_pkg::ACCESS_FETCH;
  endfunction

  function automatic logic is_load(input logic [2:0] access);
    is_load = access == mmu_pkg::ACCESS_LOAD || access == mmu_pkg::ACCESS_LR;
  endfunction

  function automatic logic is_write(input logic [2:0] access);  // needs W and D
    is_write = access == mmu_pkg::ACCESS_STORE || access == mmu_pkg::ACCESS_AMO
            || access == mmu_pkg::ACCESS_SC || access == mmu_pkg::ACCESS_CBOZ;
  endfunction

  function automatic logic [3:0] page_fault(input logic [2:0] access);
    page_fault = is_fetch(access) ? 4'd12 : is_load(access) ? 4'd13 : 4'd15;
  endfunction

  function automatic logic [3:0] access_fault(input logic [2:0] access);
    access_fault = is_fetch(access) ? 4'd1 : is_load(access) ? 4'd5 : 4'd7;
  endfunction

  // log2 of the bytes that a leaf maps
  function automatic logic [5:0] shift(input logic rv32, input logic [2:0] level, input logic napot);
    shift = napot ? 6'd16 : rv32 ? 6'd12 + 6'd10 * 6'(level) : 6'd12 + 6'd9 * 6'(level);
  endfunction

  // index of the PTE of a level in its table, as bytes
  function automatic logic [11:0] offset(input logic rv32, input logic [2:0] level, input logic [63:0] va);
    logic [63:0] vpn;
    vpn = va >> shift(rv32, level, 1'b0);
    offset = rv32 ? {vpn[9:0], 2'b0} : {vpn[8:0], 3'b0};
  endfunction

  function automatic logic [2:0] levels(input logic rv32, input logic [3:0] mode);
    levels = rv32 ? 3'd2 : mode == 4'd8 ? 3'd3 : mode == 4'd9 ? 3'd4 : 3'd5;
  endfunction
endpackage

`default_nettype wire
