// SPDX-License-Identifier: Apache-2.0
//
// May an access touch these bytes? "The lowest-numbered entry that matches any byte of an access
// determines whether that access succeeds or fails", and "must match all bytes".
// Mirror: model/pmp.c (pmp_allows)     Latency: 0
// Spec:   [priv 3.7 Priority and Matching Logic; 3.6]
`default_nettype none

module mmu_pmp_check #(
  parameter int unsigned ENTRIES = 16,    // at least 1
  parameter int unsigned ATTRIBUTES = 0   // 1: PMA
) (
  input  wire [ENTRIES*54-1:0] lo_i,
  input  wire [ENTRIES*54-1:0] hi_i,
  input  wire [ENTRIES-1:0]    live_i,
  input  wire [ENTRIES*8-1:0]  cfg_i,
  input  wire                  any_i,
  input  wire [55:0]           pa_i,
  input  wire [11:0]           last_i,    // bytes minus one; they lie in one page
  input  wire [2:0]            access_i,
  input  wire [1:0]            priv_i,
  input  wire                  table_i,   // a page-table access, done as S
  output logic                 ok_o
);
  logic machine, main_memory;
  logic [11:0] end_byte;
  logic [53:0] first, last;
  logic [7:0] need;
  logic [ENTRIES-1:0] match, grants;

  always_comb begin
    end_byte = pa_i[11:0] + last_i;
    first = pa_i[55:2];
    last = {pa_i[55:12], end_byte[11:2]};
    machine = priv_i == mmu_pkg::PRIV_M && !table_i;
    // [PMA-3, PMA-4]
    main_memory = table_i || access_i == mmu_pkg::ACCESS_AMO || access_i == mmu_pkg::ACCESS_LR
               || access_i == mmu_pkg::ACCESS_SC || access_i == mmu_pkg::ACCESS_CBOZ;
    need = ATTRIBUTES != 0 && main_memory ? 8'h20 : 8'h00;
    // [PMP-9, PMA-1, PMA-2]
    case (access_i)
      mmu_pkg::ACCESS_FETCH: need[2] = 1'b1;
      mmu_pkg::ACCESS_LOAD, mmu_pkg::ACCESS_LR, mmu_pkg::ACCESS_CBO: need[0] = 1'b1;  // W comes with R
      default: need[1] = 1'b1;
    endcase
    for (int n = 0; n < ENTRIES; n++) begin
      match[n] = live_i[n] && last >= lo_i[n*54 +: 54] && first <= hi_i[n*54 +: 54];
      // [PMP-7, PMP-10, PMP-11, PMP-17, PMA-5]
      grants[n] = first >= lo_i[n*54 +: 54] && last <= hi_i[n*54 +: 54]
               && ((cfg_i[n*8 +: 8] & need) == need
                   || (ATTRIBUTES == 0 && machine && !cfg_i[n*8 + 7]));
    end
    // [PMP-8]
    ok_o = ATTRIBUTES != 0 ? !any_i : machine;  // no match
    // [PMP-6]
    for (int n = ENTRIES - 1; n >= 0; n--) if (match[n]) ok_o = grants[n];
  end
endmodule

`default_nettype wire
