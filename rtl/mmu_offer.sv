// SPDX-License-Identifier: Apache-2.0
//
// The memory request of a cycle: what was offered and not taken, else the oldest slot that wishes.
// Mirror: model/ptw.c (ptw_request, offer)     Latency: 0
// Handshake: valid and payload stay until ready; only a killed access's A/D update is withdrawn
`default_nettype none

module mmu_offer #(
  parameter int unsigned N = 4
) (
  input  wire            clk_i,
  input  wire            rst_i,
  input  wire [N-1:0]    wish_i,
  input  wire [N*N-1:0]  older_i,
  input  wire [N-1:0]    casq_i,        // its wish is an A/D update
  input  wire [N-1:0]    store_i,       // which sets D too
  input  wire [N*48-1:0] va_i,
  input  wire [N*2-1:0]  level_i,       // of the PTE to read, with this cycle's starts and arrivals
  input  wire [N*44-1:0] base_i,
  input  wire [N*54-1:0] pte_i,
  input  wire            withdraw_i,    // the offered A/D update's access is killed in this cycle
  output logic [N-1:0]   offer_o,       // one-hot, or zero
  output logic           cas_o,
  output logic           taken_o,
  output logic           waits_o,       // offered and not taken
  output logic           mem_req_valid_o,
  output logic [1:0]     mem_req_op_o,
  output logic [5:0]     mem_req_tag_o,
  output logic [55:0]    mem_req_addr_o,
  output logic [63:0]    mem_req_cmp_o,
  output logic [63:0]    mem_req_data_o,
  input  wire            mem_req_ready_i
);
  logic held_q;
  logic [N-1:0] held_slot_q, pick;
  logic [1:0] level;
  logic [43:0] base;
  logic [35:0] vpn;
  logic [53:0] pte;
  logic store;

  mmu_oldest #(.N(N)) u_offer (.mask_i(wish_i), .older_i(older_i), .pick_o(pick));

  always_comb begin
    offer_o = held_q ? held_slot_q : pick;
    base = '0;
    vpn = '0;
    level = '0;
    pte = '0;
    store = 1'b0;
    mem_req_tag_o = '0;
    for (int i = 0; i < N; i++) begin
      if (offer_o[i]) begin
        base = base | base_i[i*44 +: 44];
        vpn = vpn | va_i[i*48+12 +: 36];
        level = level | level_i[i*2 +: 2];
        pte = pte | pte_i[i*54 +: 54];
        store = store | store_i[i];
        mem_req_tag_o = mem_req_tag_o | 6'(i);
      end
    end
    cas_o = (offer_o & casq_i) != '0;
    mem_req_valid_o = offer_o != '0;
    mem_req_op_o = cas_o ? mmu_pkg::MEMOP_CAS : mmu_pkg::MEMOP_READ;
    case (level)
      2'd0: mem_req_addr_o = {base, vpn[8:0], 3'b0};
      2'd1: mem_req_addr_o = {base, vpn[17:9], 3'b0};
      2'd2: mem_req_addr_o = {base, vpn[26:18], 3'b0};
      default: mem_req_addr_o = {base, vpn[35:27], 3'b0};
    endcase
    if (!mem_req_valid_o) mem_req_addr_o = '0;
    mem_req_cmp_o = cas_o ? {10'b0, pte} : '0;
    mem_req_data_o = cas_o ? {10'b0, pte} | {56'b0, store, 7'b1000000} : '0;
    taken_o = mem_req_valid_o && mem_req_ready_i;
    waits_o = mem_req_valid_o && !mem_req_ready_i;
  end

  always_ff @(posedge clk_i) begin
    held_q <= waits_o && !withdraw_i && !rst_i;
    held_slot_q <= offer_o;
  end
endmodule

`default_nettype wire
