// SPDX-License-Identifier: Apache-2.0
//
// May an access touch these bytes? "The lowest-numbered entry that matches any byte of an access
// determines whether that access succeeds or fails", and "must match all bytes".
// Mirror: model/pmp.c (pmp_allows)     Latency: 0
// Spec:   [priv 3.7 Priority and Matching Logic; 3.6]
//
// The bytes lie in one page: the first and the last word share one comparison of page numbers with
// each pmpaddr, and differ in bits 11:2 alone. Both bounds of an entry come from such comparisons:
// a NAPOT range leaves out the bits under its mask; a TOR range begins where the pmpaddr below
// says, mask and all, for what touches the range of the entry below has been decided there.
`default_nettype none

module mmu_pmp_check #(
  parameter int unsigned ENTRIES = 16,    // at least 1
  parameter int unsigned ATTRIBUTES = 0   // 1: PMA
) (
  input  wire [ENTRIES*54-1:0] base_i,
  input  wire [ENTRIES*54-1:0] mask_i,
  input  wire [ENTRIES-1:0]    ordered_i,
  input  wire [ENTRIES*8-1:0]  cfg_i,
  input  wire                  any_i,
  input  wire [55:0]           pa_i,
  input  wire [11:0]           last_i,    // bytes minus one; they lie in one page
  input  wire [2:0]            access_i,
  input  wire [1:0]            priv_i,
  input  wire                  table_i,   // a page-table access, done as S
  output logic                 ok_o
);
  logic machine, main_memory, tor, page_at, page_past, first_at, first_past, last_at, last_past;
  logic first_below, last_below, first_from, first_beyond, last_from, last_beyond;
  logic [11:0] end_byte;
  logic [43:0] page, base_page;
  logic [9:0] first, last, base;
  logic [7:0] need;
  logic [ENTRIES-1:0] match, grants;

  always_comb begin
    end_byte = pa_i[11:0] + last_i;
    machine = priv_i == mmu_pkg::PRIV_M && !table_i;
    // [PMA-3, PMA-4]
    main_memory = table_i || access_i == mmu_pkg::ACCESS_AMO || access_i == mmu_pkg::ACCESS_LR
               || access_i == mmu_pkg::ACCESS_SC || access_i == mmu_pkg::ACCESS_CBOZ;
    need = ATTRIBUTES != 0 && main_memory ? 8'h20 : 8'h00;
    // [PMP-9, PMA-1, PMA-2]
    case (access_i)
      mmu_pkg::ACCESS_FETCH: need[2] = 1'b1;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR, mmu_pkg::ACCESS_CBO: need[0] = 1'b1;  // W with R
      default: need[1] = 1'b1;
    endcase

    first_below = 1'b1;  // below entry 0 is address 0
    last_below = 1'b1;
    for (int n = 0; n < ENTRIES; n++) begin
      page = pa_i[55:12] & ~mask_i[n*54+10 +: 44];
      base_page = base_i[n*54+10 +: 44];
      page_past = page > base_page;
      page_at = page >= base_page;
      first = pa_i[11:2] & ~mask_i[n*54 +: 10];
      last = end_byte[11:2] & ~mask_i[n*54 +: 10];
      base = base_i[n*54 +: 10];
      first_at = page_past || (page_at && first >= base);
      first_past = page_past || (page_at && first > base);
      last_at = page_past || (page_at && last >= base);
      last_past = page_past || (page_at && last > base);
      // [PMP-2]
      tor = cfg_i[n*8+3 +: 2] == 2'd1;
      first_from = tor ? first_below : first_at;
      last_from = tor ? last_below : last_at;
      first_beyond = tor ? first_at : first_past;
      last_beyond = tor ? last_at : last_past;
      // [PMP-1, PMP-3]
      match[n] = cfg_i[n*8+3 +: 2] != 2'd0 && last_from && !first_beyond
              && (first_from || !last_beyond || ordered_i[n]);
      // [PMP-7, PMP-10, PMP-11, PMP-17, PMA-5]
      grants[n] = first_from && !last_beyond
               && ((cfg_i[n*8 +: 8] & need) == need
                   || (ATTRIBUTES == 0 && machine && !cfg_i[n*8 + 7]));
      first_below = first_at;
      last_below = last_at;
    end
    // [PMP-8]
    ok_o = ATTRIBUTES != 0 ? !any_i : machine;  // no match
    // [PMP-6]
    for (int n = ENTRIES - 1; n >= 0; n--) if (match[n]) ok_o = grants[n];
  end
endmodule

`default_nettype wire
