// SPDX-License-Identifier: Apache-2.0
//
// The small functions that several units share. Inside the MMU a PTE is held in 57 bits, the form
// of RV64 without its reserved bits, an Sv32 PTE zero-extended:
//
//   56   55  54 53                                   10 9  8 7 6 5 4 3 2 1 0
//  | N | PBMT  |                 PPN                   |RSW |D|A|G|U|X|W|R|V|
//
// Mirror: model/perm.c, and its header     Spec: [priv, Virtual Address Translation Process]
`default_nettype none

package mmu_fn_pkg;
  // FNV-1a over the parameters in the order of model/params.def: pin config_o
  function automatic [31:0] digest(input [32*mmu_pkg::PARAMETERS-1:0] built);
    integer k;
    begin
      digest = 32'h811c9dc5;
      for (k = mmu_pkg::PARAMETERS - 1; k >= 0; k = k - 1)
        digest = (digest ^ built[k*32 +: 32]) * 32'h01000193;
    end
  endfunction

  // One more word of state into the digest of a structure: pins ev_*_state_o. A register that
  // differs in one bit is seen, wherever it stands.
  function automatic [31:0] fold(input [31:0] so_far, input [63:0] word);
    fold = {so_far[29:0], so_far[31:30]} ^ {word[30:0], word[31]} ^ word[63:32];
  endfunction

  // checked and reported as a store, and needs D
  function automatic is_store(input [2:0] kind);
    is_store = kind == mmu_pkg::ACCESS_STORE || kind == mmu_pkg::ACCESS_AMO
            || kind == mmu_pkg::ACCESS_SC || kind == mmu_pkg::ACCESS_CBOZ;
  endfunction

  // [ACC-1]
  function automatic [3:0] page_cause(input [2:0] kind);
    case (kind)
      mmu_pkg::ACCESS_FETCH: page_cause = mmu_pkg::CAUSE_INSTRUCTION_PAGE;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: page_cause = mmu_pkg::CAUSE_LOAD_PAGE;
      default: page_cause = mmu_pkg::CAUSE_STORE_PAGE;
    endcase
  endfunction

  // [ACC-2]
  function automatic [3:0] access_cause(input [2:0] kind);
    case (kind)
      mmu_pkg::ACCESS_FETCH: access_cause = mmu_pkg::CAUSE_INSTRUCTION_ACCESS;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR: access_cause = mmu_pkg::CAUSE_LOAD_ACCESS;
      default: access_cause = mmu_pkg::CAUSE_STORE_ACCESS;
    endcase
  endfunction

  // [TLB-7, NAP-4, NAP-5, FEN-6]
  // VPN bits that a leaf translates: not those inside its superpage or NAPOT range
  function automatic [44:0] vpn_mask(input rv32, input [2:0] level, input napot);
    case (level)
      3'd0: vpn_mask = {{41{1'b1}}, {4{!napot}}};
      3'd1: vpn_mask = {{35{1'b1}}, !rv32, 9'b0};
      3'd2: vpn_mask = {{27{1'b1}}, 18'b0};
      3'd3: vpn_mask = {{18{1'b1}}, 27'b0};
      default: vpn_mask = {{9{1'b1}}, 36'b0};
    endcase
  endfunction

  // [VM-10.1, VM-10.2, VM-10.3, NAP-1]
  // step 8: a page inside a superpage or NAPOT range takes its low PPN bits from the VPN
  function automatic [55:0] physical(input rv32, input [43:0] ppn, input [2:0] level, input napot,
                                     input [47:0] va);
    case (level)
      3'd0: physical = napot ? {ppn[43:4], va[15:0]} : {ppn, va[11:0]};
      3'd1: physical = rv32 ? {ppn[43:10], va[21:0]} : {ppn[43:9], va[20:0]};
      3'd2: physical = {ppn[43:18], va[29:0]};
      3'd3: physical = {ppn[43:27], va[38:0]};
      default: physical = {ppn[43:36], va[47:0]};
    endcase
  endfunction

  function automatic [2:0] page_size(input rv32, input [2:0] level, input napot);
    page_size = napot ? mmu_pkg::SIZE_64K : rv32 && level == 3'd1 ? mmu_pkg::SIZE_4M : level;
  endfunction

  // [VM-1.5, VM-2.5, NAP-6]
  // step 2: the PTE of a level
  function automatic [55:0] pte_address(input rv32, input [43:0] base, input [2:0] level,
                                        input [44:0] vpn);
    case (level)
      3'd0: pte_address = rv32 ? {base, vpn[9:0], 2'b0} : {base, vpn[8:0], 3'b0};
      3'd1: pte_address = rv32 ? {base, vpn[19:10], 2'b0} : {base, vpn[17:9], 3'b0};
      3'd2: pte_address = {base, vpn[26:18], 3'b0};
      3'd3: pte_address = {base, vpn[35:27], 3'b0};
      default: pte_address = {base, vpn[44:36], 3'b0};
    endcase
  endfunction
endpackage

`default_nettype wire
