// SPDX-License-Identifier: Apache-2.0
//
// PMP (ATTRIBUTES = 0) and PMA (1) of three entries against the words of the specification, for any
// content of the registers and any access that lies in one page [priv 3.7 Address Matching, Priority
// and Matching Logic]. It says what an entry matches by its first and its last byte; the RTL says it
// by comparisons with each pmpaddr that the entries share.
`default_nettype none

module mmu_pmp_formal #(
  parameter int unsigned ATTRIBUTES = 0
) (
  input wire clk_i, rst_i, write_i,
  input wire [11:0] csr_i,
  input wire [63:0] data_i,
  input wire [55:0] pa_i,
  input wire [11:0] last_i,
  input wire [2:0] access_i,
  input wire [1:0] priv_i,
  input wire table_i
);
  wire [161:0] base, mask;
  wire [23:0] cfg;
  wire [2:0] ordered;
  wire any, ok;
  mmu_pmp #(.ENTRIES(3), .XLEN(64), .ATTRIBUTES(ATTRIBUTES)) u_table (
    .clk_i(clk_i), .rst_i(rst_i), .write_i(write_i), .csr_i(csr_i), .data_i(data_i), .base_o(base),
    .mask_o(mask), .ordered_o(ordered), .cfg_o(cfg), .any_o(any));
  mmu_pmp_check #(.ENTRIES(3), .ATTRIBUTES(ATTRIBUTES)) u_unit (
    .base_i(base), .mask_i(mask), .ordered_i(ordered), .cfg_i(cfg), .any_i(any), .pa_i(pa_i),
    .last_i(last_i), .access_i(access_i), .priv_i(priv_i), .table_i(table_i), .ok_o(ok));

  (* hierconn *) wire [53:0] \u_table.g_entry[0].addr_q , \u_table.g_entry[1].addr_q , \u_table.g_entry[2].addr_q ;
  wire [53:0] addr0, addr1, addr2;
  assign addr0 = \u_table.g_entry[0].addr_q ;
  assign addr1 = \u_table.g_entry[1].addr_q ;
  assign addr2 = \u_table.g_entry[2].addr_q ;

  // ---- The first and the last byte of an entry, one bit wider than an address
  logic [56:0] begin0, begin1, begin2, end0, end1, end2, from, to;
  logic live0, live1, live2;

  function automatic [53:0] ones(input [53:0] addr);  // trailing ones, and the zero above them
    ones = addr ^ (addr + 54'd1);
  endfunction

  always_comb begin
    from = {1'b0, pa_i};
    to = {1'b0, pa_i} + {45'b0, last_i};
    begin0 = {1'b0, addr0, 2'b00};
    begin1 = {1'b0, addr1, 2'b00};
    begin2 = {1'b0, addr2, 2'b00};
    end0 = {1'b0, addr0, 2'b11};
    end1 = {1'b0, addr1, 2'b11};
    end2 = {1'b0, addr2, 2'b11};
    live0 = cfg[4:3] != 2'd0;
    live1 = cfg[12:11] != 2'd0;
    live2 = cfg[20:19] != 2'd0;
    // "matches any address y such that pmpaddr[i-1] <= y < pmpaddr[i] (irrespective of the value of
    // pmpcfg[i-1])"; "if PMP entry 0's A field is set to TOR, zero is used for the lower bound"
    if (cfg[4:3] == 2'd1) begin
      begin0 = '0;
      end0 = {1'b0, addr0, 2'b00} - 57'd1;
      live0 = addr0 != '0;
    end
    if (cfg[12:11] == 2'd1) begin
      begin1 = {1'b0, addr0, 2'b00};
      end1 = {1'b0, addr1, 2'b00} - 57'd1;
      live1 = addr0 < addr1;
    end
    if (cfg[20:19] == 2'd1) begin
      begin2 = {1'b0, addr1, 2'b00};
      end2 = {1'b0, addr2, 2'b00} - 57'd1;
      live2 = addr1 < addr2;
    end
    // "naturally aligned power-of-2 regions make use of the low-order bits of the associated address
    // register to encode the size of the range"
    if (cfg[4:3] == 2'd3) begin
      begin0 = {1'b0, addr0 & ~ones(addr0), 2'b00};
      end0 = {1'b0, addr0 | ones(addr0), 2'b11};
    end
    if (cfg[12:11] == 2'd3) begin
      begin1 = {1'b0, addr1 & ~ones(addr1), 2'b00};
      end1 = {1'b0, addr1 | ones(addr1), 2'b11};
    end
    if (cfg[20:19] == 2'd3) begin
      begin2 = {1'b0, addr2 & ~ones(addr2), 2'b00};
      end2 = {1'b0, addr2 | ones(addr2), 2'b11};
    end
  end

  // ---- "The lowest-numbered PMP entry that matches any byte of an access determines whether that
  // access succeeds or fails. [It] must match all bytes of an access, or the access fails"
  logic touch0, touch1, touch2, decided, whole, machine, right;
  logic [7:0] rights;

  always_comb begin
    touch0 = live0 && from <= end0 && to >= begin0;
    touch1 = live1 && from <= end1 && to >= begin1;
    touch2 = live2 && from <= end2 && to >= begin2;
    decided = touch0 || touch1 || touch2;
    whole = touch0 ? from >= begin0 && to <= end0
          : touch1 ? from >= begin1 && to <= end1 : from >= begin2 && to <= end2;
    rights = touch0 ? cfg[7:0] : touch1 ? cfg[15:8] : cfg[23:16];
    machine = priv_i == mmu_pkg::PRIV_M && !table_i;
    right = access_i == mmu_pkg::ACCESS_FETCH ? rights[2]
          : access_i == mmu_pkg::ACCESS_LOAD || access_i == mmu_pkg::ACCESS_LR
            || access_i == mmu_pkg::ACCESS_CBO ? rights[0] : rights[1];
    if (ATTRIBUTES != 0 && !rights[5] && (table_i || access_i == mmu_pkg::ACCESS_AMO
        || access_i == mmu_pkg::ACCESS_LR || access_i == mmu_pkg::ACCESS_SC
        || access_i == mmu_pkg::ACCESS_CBOZ)) right = 1'b0;
  end
  logic want;
  assign want = !decided ? (ATTRIBUTES != 0 ? cfg[4:3] == 2'd0 && cfg[12:11] == 2'd0 && cfg[20:19] == 2'd0 : machine)
              : whole && (right || (ATTRIBUTES == 0 && machine && !rights[7]));

  // an access lies in one page
  `PW_ALWAYS(InPage_S, {1'b0, pa_i[11:0]} + {1'b0, last_i} < 13'd4096)
  `PW_ASSERT(Verdict_A, ok == want)
  `PW_COVER(Verdict_C, !touch0 && touch1 && !whole && cfg[4:3] == 2'd3 && cfg[12:11] == 2'd1 && last_i == 12'd7)
endmodule

`default_nettype wire
