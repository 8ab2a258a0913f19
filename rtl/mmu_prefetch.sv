// SPDX-License-Identifier: Apache-2.0
//
// Next-page prefetch into the L2 TLB: pages that come to L1 one behind the other are a stream; its
// next page is predicted, and fetched into L2 by a slot of its own while predictions hold good.
// Mirror:  model/prefetch.c
// Latency: an answer of cycle t is looked at in t+1; the slot takes the next page in that cycle
//
// Accuracy filter: a prediction costs the score one, one that comes true earns it two, whether it
// was fetched or not; below ENOUGH nothing is fetched. So more than half of them must come true, and
// a program that becomes regular again is seen without a wrong read. A page is predicted only for
// a stream that has come true once, and never beyond its half of the address space.
`default_nettype none

module mmu_prefetch #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned STREAMS = 4,       // 0: absent
  parameter int unsigned EV_STATE = 0
) (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire [2:0]   top_i,          // level of the root's PTEs
  input  wire         forget_i,       // a satp write: streams are of one address space
  input  wire         fence_i,        // nothing is asked for in its cycle
  // the page that an answer brings to L1: data goes before fetch
  input  wire         ifill_i, dfill_i,
  input  wire [44:0]  ifill_vpn_i, dfill_vpn_i,
  input  wire [2:0]   ifill_level_i, dfill_level_i,
  input  wire         ifill_napot_i, dfill_napot_i,
  input  wire [2:0]   ifill_span_i, dfill_span_i,
  // the slot
  input  wire         free_i,
  output logic        start_o,
  output logic        fetch_o,        // the page is of fetches
  output logic [44:0] vpn_o,
  output logic        busy_o,         // an answer is still to be looked at
  // probe
  output logic        ev_used_o,      // a page that was fetched ahead is asked for
  output logic [31:0] fold_o          // streams and score, if EV_STATE
);
  generate
    if (STREAMS == 0) begin : g_none
      assign start_o = 1'b0;
      assign fetch_o = 1'b0;
      assign vpn_o = '0;
      assign busy_o = 1'b0;
      assign ev_used_o = 1'b0;
      assign fold_o = '0;
    end else begin : g_streams
      localparam logic RV32 = XLEN == 32;
      localparam int unsigned WAY_W = STREAMS > 1 ? $clog2(STREAMS) : 1;
      localparam logic [3:0] BEGIN = 4'd8, ENOUGH = 4'd4;

      // ---- What came in the last cycle: the page, and the one behind it
      logic came_q, fetch_q;
      logic [44:0] first_q, next_q, mask, vpn;

      always_comb begin
        vpn = dfill_i ? dfill_vpn_i : ifill_vpn_i;
        mask = dfill_i ? mmu_fn_pkg::vpn_mask(RV32, dfill_level_i, dfill_napot_i) & ~(45'(dfill_span_i))
                       : mmu_fn_pkg::vpn_mask(RV32, ifill_level_i, ifill_napot_i) & ~(45'(ifill_span_i));
      end

      always_ff @(posedge clk_i) begin
        came_q <= (ifill_i || dfill_i) && !rst_i;
        fetch_q <= !dfill_i;
        first_q <= vpn & mask;
        next_q <= (vpn | ~mask) + 1'b1;
      end

      // ---- Its stream: of all that expect the page the lowest, else the next in turn begins anew
      logic [STREAMS-1:0] valid_q, side_q, predicted_q, ahead_q, expects;
      logic [44:0] page_q [0:STREAMS-1];
      logic [WAY_W-1:0] turn_q, way;
      logic found, predicted, ahead, same_half, look;
      logic [3:0] score_q, left, score;

      always_comb begin
        look = came_q && !forget_i;
        way = turn_q;
        predicted = 1'b0;
        ahead = 1'b0;
        for (int w = STREAMS - 1; w >= 0; w--) begin
          expects[w] = valid_q[w] && side_q[w] == fetch_q && page_q[w] == first_q;
          if (expects[w]) begin
            way = WAY_W'(w);
            predicted = predicted_q[w];
            ahead = ahead_q[w];
          end
        end
        found = expects != '0;
        case (top_i)
          3'd1: same_half = first_q[20] == next_q[20];
          3'd2: same_half = first_q[26] == next_q[26];
          3'd3: same_half = first_q[35] == next_q[35];
          default: same_half = first_q[44] == next_q[44];
        endcase
      end

      // ---- The score, and the prefetch
      always_comb begin
        left = score_q;
        if (predicted) left = score_q > 4'd13 ? 4'd15 : score_q + 4'd2;
        score = left == '0 ? '0 : left - 1'b1;  // for the prediction made now
        start_o = look && found && same_half && score >= ENOUGH && free_i && !fence_i;
        fetch_o = fetch_q;
        vpn_o = next_q;
        busy_o = came_q;
        ev_used_o = look && found && ahead;
        fold_o = '0;
        if (EV_STATE != 0) begin
          fold_o = mmu_fn_pkg::fold(32'(score_q), 64'(turn_q));
          for (int w = 0; w < STREAMS; w++)
            fold_o = mmu_fn_pkg::fold(fold_o, {page_q[w], ahead_q[w], predicted_q[w], side_q[w], valid_q[w]}
                                              & {49{valid_q[w]}});
        end
      end

      always_ff @(posedge clk_i) begin
        if (look) begin
          page_q[way] <= next_q;
          side_q[way] <= fetch_q;
          predicted_q[way] <= found;
          ahead_q[way] <= start_o;
          valid_q[way] <= 1'b1;
          if (found) score_q <= score;
          else turn_q <= turn_q == WAY_W'(STREAMS - 1) ? '0 : turn_q + 1'b1;
        end
        if (forget_i) valid_q <= '0;
        if (rst_i) begin
          valid_q <= '0;
          turn_q <= '0;
          score_q <= BEGIN;
        end
      end
    end
  endgenerate
endmodule

`default_nettype wire
