// SPDX-License-Identifier: Apache-2.0
//
// The small functions that several units share.
// Mirror: model/perm.c, and its header     Spec: [priv, Virtual Address Translation Process]
`default_nettype none

package mmu_fn_pkg;
  // checked and reported as a store, and needs D
  function automatic is_store(input [2:0] kind);
    is_store = kind == mmu_pkg::ACCESS_STORE || kind == mmu_pkg::ACCESS_AMO
            || kind == mmu_pkg::ACCESS_SC || kind == mmu_pkg::ACCESS_CBOZ;
  endfunction

  function automatic [3:0] page_cause(input [2:0] kind);
    case (kind)
      mmu_pkg::ACCESS_FETCH: page_cause = mmu_pkg::CAUSE_INSTRUCTION_PAGE;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: page_cause = mmu_pkg::CAUSE_LOAD_PAGE;
      default: page_cause = mmu_pkg::CAUSE_STORE_PAGE;
    endcase
  endfunction

  function automatic [3:0] access_cause(input [2:0] kind);
    case (kind)
      mmu_pkg::ACCESS_FETCH: access_cause = mmu_pkg::CAUSE_INSTRUCTION_ACCESS;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: access_cause = mmu_pkg::CAUSE_LOAD_ACCESS;
      default: access_cause = mmu_pkg::CAUSE_STORE_ACCESS;
    endcase
  endfunction

  // step 8: a page inside a superpage takes its low PPN bits from the VPN
  function automatic [55:0] physical(input [43:0] ppn, input [1:0] level, input [38:0] va);
    case (level)
      2'd0: physical = {ppn, va[11:0]};
      2'd1: physical = {ppn[43:9], va[20:0]};
      2'd2: physical = {ppn[43:18], va[29:0]};
      default: physical = {ppn[43:27], va[38:0]};
    endcase
  endfunction
endpackage

`default_nettype wire
