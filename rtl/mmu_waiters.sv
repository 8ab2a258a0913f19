// SPDX-License-Identifier: Apache-2.0
//
// What an arrival, or a refusal, means for those who wait. A pointer takes all who shared its read
// down; what else arrives is another page's, or a fault, and they look again, with their followers.
// A table access that PMP or PMA refuses ends its walk: of a refused read the followers would ask
// the same; those of a refused update may need none, and look again. Who waits for a walk's line
// looks again after its last read, whatever came.
// Mirror: model/ptw.c (give_up)     Latency: 0
`default_nettype none

module mmu_waiters #(
  parameter int unsigned N = 4,
  localparam int unsigned SLOT_W = N > 1 ? $clog2(N) : 1
) (
  input  wire [N-1:0] sharing_i,        // waits for another slot's read
  input  wire [N-1:0] merged_i,         // follows another slot's walk
  input  wire [N-1:0] lining_i,         // waits for the line that another slot's walk will read
  input  wire [N*SLOT_W-1:0] lead_of_i, // whose
  input  wire [N-1:0] joining_i,        // begins to follow lead_i in this cycle
  input  wire [N-1:0] waiting_i,        // begins to wait for the line of lead_i
  input  wire [N-1:0] lead_i,
  input  wire [N-1:0] arrive_i,
  input  wire         read_i,           // a read arrives
  input  wire         pointer_i,        // and goes on
  input  wire [N-1:0] denied_i,         // refused by PMP or PMA
  input  wire         update_i,         // an A/D update
  input  wire [N-1:0] shared_i,         // begins to wait for the read of share_lead_i
  input  wire [N-1:0] share_lead_i,
  output logic [N-1:0] descend_o,
  output logic [N-1:0] giveup_o,
  output logic [N-1:0] ends_o,          // with an access fault
  output logic [N-1:0] again_o,
  output logic [SLOT_W-1:0] share_lead_index_o,
  output logic [5:0]  ev_share_slot_o,
  output logic [5:0]  ev_deny_slot_o
);
  logic [N-1:0] follow_giveup, follow_denied, read_last, line_ends;

  always_comb begin
    for (int i = 0; i < N; i++) begin
      descend_o[i] = sharing_i[i] && arrive_i[lead_of_i[i*SLOT_W +: SLOT_W]] && pointer_i;
      giveup_o[i] = sharing_i[i] && arrive_i[lead_of_i[i*SLOT_W +: SLOT_W]]
                 && read_i && !pointer_i;
    end
  end

  always_comb begin
    read_last = giveup_o | denied_i | (arrive_i & {N{read_i && !pointer_i}});
    for (int i = 0; i < N; i++) begin
      follow_giveup[i] = (merged_i[i] && giveup_o[lead_of_i[i*SLOT_W +: SLOT_W]])
                      || (joining_i[i] && (giveup_o & lead_i) != '0);
      follow_denied[i] = (merged_i[i] && denied_i[lead_of_i[i*SLOT_W +: SLOT_W]])
                      || (joining_i[i] && (denied_i & lead_i) != '0);
      ends_o[i] = denied_i[i] || (follow_denied[i] && !update_i);
      line_ends[i] = (lining_i[i] && read_last[lead_of_i[i*SLOT_W +: SLOT_W]])
                  || (waiting_i[i] && (read_last & lead_i) != '0);
      again_o[i] = giveup_o[i] || follow_giveup[i] || (follow_denied[i] && update_i)
                || line_ends[i];
    end
  end

  always_comb begin
    share_lead_index_o = '0;
    ev_share_slot_o = '0;
    ev_deny_slot_o = '0;
    for (int i = 0; i < N; i++) begin
      if (share_lead_i[i]) share_lead_index_o = share_lead_index_o | SLOT_W'(i);
      if (shared_i[i]) ev_share_slot_o = ev_share_slot_o | 6'(i);
      if (denied_i[i]) ev_deny_slot_o = ev_deny_slot_o | 6'(i);
    end
  end
endmodule

`default_nettype wire
