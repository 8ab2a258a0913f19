// SPDX-License-Identifier: Apache-2.0
//
// What one request gets in the cycle it is offered: an answer without translation, a refusal before
// any PTE is read, the answer of an L1 hit, or none. PMP and PMA have the last word on an address.
// Mirror: model/mmu.c (answer_without_tlb, answer_from_l1)     Latency: 0
// Spec:   [priv, Virtual Address Translation Process; satp]
`default_nettype none

module mmu_access #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned PA_BITS = 56
) (
  input  wire [63:0]  va_i,
  input  wire [2:0]   access_i,
  input  wire [1:0]   priv_i,
  input  wire         sum_i,
  input  wire         mxr_i,
  input  wire         bare_i,
  input  wire [2:0]   top_i,
  input  wire [43:0]  root_i,
  input  wire         hit_i,          // the L1 TLB has a translation that serves
  input  wire [56:0]  pte_i,
  input  wire [2:0]   level_i,
  input  wire [2:0]   span_i,         // it serves a block of pages
  output logic        need_d_o,       // only an entry with D=1 serves
  output logic        translated_o,   // the TLB is asked
  output logic        now_o,          // answered in this cycle
  output logic [55:0] check_pa_o,     // before PMP and PMA, which decide
  input  wire         allowed_i,
  output logic [55:0] pa_o,
  output logic [3:0]  cause_o,
  output logic [2:0]  size_o,
  output logic [1:0]  pbmt_o
);
  localparam logic RV32 = XLEN == 32;
  logic perm_ok, canonical, root_wide, page_wide, va_wide, untranslated;
  logic [3:0] page_cause, access_cause;
  logic [55:0] page_pa;

  mmu_perm u_perm (.flags_i(pte_i[7:0]), .access_i(access_i), .priv_i(priv_i), .sum_i(sum_i),
                   .mxr_i(mxr_i), .ok_o(perm_ok));

  generate
    if (PA_BITS < 56) begin : g_narrow
      assign root_wide = root_i[43:PA_BITS-12] != '0;
      assign page_wide = page_pa[55:PA_BITS] != '0;
    end else begin : g_full
      assign root_wide = 1'b0;
      assign page_wide = 1'b0;
    end
  endgenerate

  always_comb begin
    need_d_o = mmu_fn_pkg::is_store(access_i);
    page_cause = mmu_fn_pkg::page_cause(access_i);
    access_cause = mmu_fn_pkg::access_cause(access_i);
    // [SATP-1, SATP-2]
    untranslated = priv_i == mmu_pkg::PRIV_M || bare_i;
    // [VM-1.1, VM-1.2, VM-1.3, VM-1.4]
    case (top_i)
      3'd1: canonical = 1'b1;  // Sv32
      3'd2: canonical = va_i[63:38] == '0 || va_i[63:38] == '1;
      3'd3: canonical = va_i[63:47] == '0 || va_i[63:47] == '1;
      default: canonical = va_i[63:56] == '0 || va_i[63:56] == '1;
    endcase
    va_wide = (va_i >> PA_BITS) != '0;
    translated_o = !untranslated && canonical && !root_wide;
    page_pa = mmu_fn_pkg::physical(RV32, pte_i[53:10], level_i, pte_i[56], va_i[47:0]);
    page_pa[14:12] = (page_pa[14:12] & ~span_i) | (va_i[14:12] & span_i);
    check_pa_o = untranslated ? va_i[55:0] : page_pa;
  end

  always_comb begin
    now_o = !translated_o || hit_i;
    pa_o = '0;
    cause_o = mmu_pkg::CAUSE_NONE;
    size_o = mmu_pkg::SIZE_NONE;
    pbmt_o = mmu_pkg::PBMT_PMA;
    if (untranslated) begin
      if (va_wide || !allowed_i) cause_o = access_cause;
      else pa_o = va_i[55:0];
    end else if (!canonical) begin
      cause_o = page_cause;
    end else if (root_wide) begin
      // [VM-2.4]
      cause_o = access_cause;  // step 2 on the root
    end else if (!perm_ok) begin
      // [TLB-4, TLB-5, PMP-20]
      cause_o = page_cause;
    end else if (page_wide || !allowed_i) begin
      // [PMP-18]
      cause_o = access_cause;
    end else begin
      pa_o = page_pa;
      size_o = mmu_fn_pkg::page_size(RV32, level_i, pte_i[56]);
      // [PBM-2, PBM-4]
      pbmt_o = pte_i[55:54];
    end
  end
endmodule

`default_nettype wire
