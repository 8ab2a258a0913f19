// SPDX-License-Identifier: Apache-2.0
//
// The registers of a table of address ranges with rights: PMP [priv 3.7], and once more, in the
// same format at custom CSR numbers, the physical memory attributes [priv 3.6]. An entry leaves as
// a base and the mask of the bits that its NAPOT range leaves out, in words of 4 bytes, so that
// TOR, NA4 and NAPOT are one comparison in mmu_pmp_check.
// Mirror: model/pmp.c      Latency: a write acts in the next cycle
//
//  cfg:  | L | 0 | MEM | A A | X | W | R |      MEM only in the attributes
//          7   6    5    4 3   2   1   0
`default_nettype none

module mmu_pmp #(
  parameter int unsigned ENTRIES = 16,    // at least 1
  parameter int unsigned XLEN = 64,
  parameter int unsigned ATTRIBUTES = 0,  // 1: PMA
  parameter int unsigned CFG0 = 928,      // CSR numbers
  parameter int unsigned ADDR0 = 944
) (
  input  wire                    clk_i,
  input  wire                    rst_i,
  input  wire                    write_i,
  input  wire [11:0]             csr_i,
  input  wire [63:0]             data_i,
  output logic [ENTRIES*54-1:0]  base_o,
  output logic [ENTRIES*54-1:0]  mask_o,
  output logic [ENTRIES-1:0]     ordered_o,
  output logic [ENTRIES*8-1:0]   cfg_o,
  output logic                   any_o    // an entry is not OFF
);
  localparam int unsigned BYTES = XLEN / 8;         // entries a pmpcfg register
  localparam int unsigned STEP = XLEN == 32 ? 1 : 2;  // RV64 has the even ones
  localparam logic [7:0] KEPT = ATTRIBUTES != 0 ? 8'hbf : 8'h9f;

  logic [ENTRIES*54-1:0] addr;
  logic [ENTRIES-1:0] on, lock, lock_below, write_cfg, write_addr;

  generate
    for (genvar n = 0; n < ENTRIES; n++) begin : g_entry
      logic [7:0] cfg_q, byte_in;
      logic [53:0] addr_q, below;

      assign byte_in = data_i[(n % BYTES)*8 +: 8];
      assign write_cfg[n] = write_i && csr_i == 12'(CFG0 + n / BYTES * STEP) && !lock[n];
      assign write_addr[n] = write_i && csr_i == 12'(ADDR0 + n) && !lock[n] && !lock_below[n];
      // [PMP-12]
      assign lock[n] = cfg_q[7];
      assign on[n] = cfg_q[4:3] != 2'd0;
      assign cfg_o[n*8 +: 8] = cfg_q;
      assign addr[n*54 +: 54] = addr_q;

      // [PMP-13]
      // "If entry i is locked and its A field is TOR, writes to pmpaddr[i-1] are ignored."
      if (n + 1 < ENTRIES) begin : g_next
        assign lock_below[n] = lock[n+1] && cfg_o[(n+1)*8+3 +: 2] == 2'd1;
      end else begin : g_last
        assign lock_below[n] = 1'b0;
      end
      if (n > 0) begin : g_below
        assign below = addr[(n-1)*54 +: 54];
      end else begin : g_zero
        assign below = '0;
      end

      // [PMP-4, PMP-5]
      // NAPOT leaves out its trailing ones and the zero above them
      assign mask_o[n*54 +: 54] = addr_q ^ (addr_q + 54'(cfg_q[4:3] == 2'd3));
      assign base_o[n*54 +: 54] = addr_q & ~mask_o[n*54 +: 54];
      // [PMP-3]
      // a TOR range with both its bounds in one page is empty, unless they ascend there
      assign ordered_o[n] = cfg_q[4:3] != 2'd1 || below[9:0] < addr_q[9:0];

      // [PMP-14]
      // R=0, W=1 is reserved: W is not kept then
      always_ff @(posedge clk_i) begin
        if (write_cfg[n]) cfg_q <= byte_in & KEPT & {6'b111111, byte_in[0], 1'b1};
        if (write_addr[n]) addr_q <= XLEN == 32 ? {22'b0, data_i[31:0]} : data_i[53:0];
        if (rst_i) begin
          cfg_q <= '0;
          addr_q <= '0;
        end
      end
    end
  endgenerate

  assign any_o = on != '0;
endmodule

`default_nettype wire
