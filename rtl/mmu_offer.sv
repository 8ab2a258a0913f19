// SPDX-License-Identifier: Apache-2.0
//
// The memory request of a cycle: what was offered and not taken, else the oldest slot that wishes,
// unless that PTE, or its line, is being read already: then it waits for that read; or PMP or PMA
// refuses the address: then its walk ends. In both cases there is no request.
// Mirror: model/offer.c (ptw_request)     Latency: 0
// Handshake: valid and payload stay until ready; only a killed access's A/D update is withdrawn
`default_nettype none

module mmu_offer #(
  parameter int unsigned N = 4,
  parameter int unsigned XLEN = 64,
  parameter int unsigned LINES = 0
) (
  input  wire            clk_i,
  input  wire            rst_i,
  input  wire [N-1:0]    wish_i,
  input  wire [N*N-1:0]  older_i,
  input  wire [N-1:0]    casq_i,        // its wish is an A/D update
  input  wire [N-1:0]    store_i,       // which sets D too
  input  wire [N*57-1:0] va_i,
  input  wire [N*3-1:0]  level_i,       // of the PTE to read, with this cycle's starts and arrivals
  input  wire [N*44-1:0] base_i,
  input  wire [N*57-1:0] pte_i,
  // reads in flight, which what would be read may share
  input  wire [N-1:0]    reads_i,       // in flight, arriving in this cycle or later, not stale
  input  wire [N-1:0]    lines_i,       // they bring whole lines
  input  wire [N-1:0]    single_i,      // the bus refused its line
  input  wire [N-1:0]    again_i,       // waits for no other page's line once more
  input  wire [N-1:0]    arrive_i,
  input  wire [N-1:0]    stale_i,
  input  wire [N*3-1:0]  read_level_i,
  input  wire [N*44-1:0] read_base_i,
  output logic [N-1:0]   share_o,       // one-hot, or zero: waits for the read of share_lead_o
  output logic [N-1:0]   share_lead_o,
  input  wire            withdraw_i,    // the offered A/D update's access is killed in this cycle
  // PMP and PMA on the table access
  output logic [55:0]    check_pa_o,
  input  wire            allowed_i,
  input  wire            line_allowed_i,  // on the whole line
  output logic [N-1:0]   deny_o,        // one-hot, or zero: refused, its walk ends
  output logic [N-1:0]   offer_o,       // one-hot, or zero
  output logic           cas_o,
  output logic           line_o,        // it reads a whole line
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
  localparam logic RV32 = XLEN == 32;
  logic held_q, held_line_q;
  logic [N-1:0] held_slot_q, pick, candidate;
  logic [2:0] level;
  logic [43:0] base;
  logic [44:0] vpn;
  logic [56:0] pte;
  logic store, update;
  logic [5:0] tag;
  logic [63:0] memory_pte;

  mmu_oldest #(.N(N)) u_offer (.mask_i(wish_i), .older_i(older_i), .pick_o(pick));

  always_comb begin
    candidate = held_q ? held_slot_q : pick;
    base = '0;
    vpn = '0;
    level = '0;
    pte = '0;
    store = 1'b0;
    tag = '0;
    for (int i = 0; i < N; i++) begin
      if (candidate[i]) begin
        base = base | base_i[i*44 +: 44];
        vpn = vpn | va_i[i*57+12 +: 45];
        level = level | level_i[i*3 +: 3];
        pte = pte | pte_i[i*57 +: 57];
        store = store | store_i[i];
        tag = tag | 6'(i);
      end
    end
    cas_o = (candidate & casq_i) != '0;
    check_pa_o = mmu_fn_pkg::pte_address(RV32, base, level, vpn);
  end

  // a read of the same PTE, or of its line, that is in flight and does not arrive now; neither stale,
  // as in merging
  logic [N-1:0] same;
  logic [55:0] apart;
  logic shares_line;

  always_comb begin
    apart = '0;
    shares_line = LINES != 0 && (candidate & again_i) == '0;
    for (int j = 0; j < N; j++) begin
      apart = mmu_fn_pkg::pte_address(RV32, read_base_i[j*44 +: 44], read_level_i[j*3 +: 3],
                                      va_i[j*57+12 +: 45]) ^ check_pa_o;
      same[j] = reads_i[j] && !arrive_i[j] && read_level_i[j*3 +: 3] == level
             && (apart == '0 || (shares_line && lines_i[j] && apart[55:6] == '0));
    end
    share_lead_o = '0;
    for (int j = N - 1; j >= 0; j--) begin
      if (same[j]) begin
        share_lead_o = '0;
        share_lead_o[j] = 1'b1;
      end
    end
    share_o = held_q || cas_o || (candidate & stale_i) != '0 || same == '0 ? '0 : candidate;
  end

  // a leaf table's PTE is read with its neighbours, if all of them may be read. What was offered once
  // is offered on
  always_comb begin
    line_o = LINES != 0 && (held_q ? held_line_q : line_allowed_i && !cas_o && level == 3'd0
                                                && (candidate & (stale_i | single_i)) == '0);
    deny_o = held_q || allowed_i ? '0 : candidate & ~share_o;
    offer_o = candidate & ~deny_o & ~share_o;
    mem_req_valid_o = offer_o != '0;
    update = mem_req_valid_o && cas_o;
    memory_pte = {pte[56:54], 7'b0, pte[53:0]};
    mem_req_op_o = update ? mmu_pkg::MEMOP_CAS
                 : line_o && mem_req_valid_o ? mmu_pkg::MEMOP_LINE : mmu_pkg::MEMOP_READ;
    mem_req_tag_o = mem_req_valid_o ? tag : '0;
    mem_req_addr_o = mem_req_valid_o ? check_pa_o : '0;
    mem_req_cmp_o = update ? memory_pte : '0;
    // [VM-9.11]
    mem_req_data_o = update ? memory_pte | {56'b0, store, 7'b1000000} : '0;
    taken_o = mem_req_valid_o && mem_req_ready_i;
    waits_o = mem_req_valid_o && !mem_req_ready_i;
  end

  always_ff @(posedge clk_i) begin
    held_q <= waits_o && !withdraw_i && !rst_i;
    held_slot_q <= offer_o;
    held_line_q <= line_o;
  end
endmodule

`default_nettype wire
