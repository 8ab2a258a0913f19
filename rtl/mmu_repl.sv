// SPDX-License-Identifier: Apache-2.0
//
// Replacement state of one structure: LRU (exact ranks), tree-PLRU, FIFO, seeded random.
// Mirror: model/repl.c     Differs: next_q, the FIFO way, shares the word of a set in C
// Latency: 0 (victim), state one cycle later
//
// The victim is the first invalid way, else the policy's choice from the state at the start of the
// cycle. Within a cycle the fill is touched before the hit. FIFO pointer and LFSR step only when a
// full set gives up its victim.
`default_nettype none

module mmu_repl #(
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,  // where the LFSR starts; at 0 it would stay
  parameter int unsigned SETS = 1,
  parameter int unsigned WAYS = 4,
  parameter int unsigned EV_STATE = 0,
  localparam int unsigned SET_W = SETS > 1 ? $clog2(SETS) : 1,
  localparam int unsigned WAY_W = WAYS > 1 ? $clog2(WAYS) : 1
) (
  input  wire              clk_i,
  input  wire              rst_i,
  input  wire [SET_W-1:0]  fill_set_i,     // set that asks for a victim
  input  wire [WAYS-1:0]   fill_valid_i,   // its valid ways
  output logic [WAY_W-1:0] victim_o,
  input  wire              evict_i,        // the victim is given up; steps state if the set is full
  input  wire              fill_i,         // touch fill_way_i of fill_set_i
  input  wire [WAY_W-1:0]  fill_way_i,
  input  wire              hit_i,          // then touch hit_way_i of hit_set_i
  input  wire [SET_W-1:0]  hit_set_i,
  input  wire [WAY_W-1:0]  hit_way_i,
  output logic [31:0]      fold_o          // its state, of every set, if EV_STATE
);
  localparam int unsigned SPAN = 1 << $clog2(WAYS);
  localparam int unsigned TREE_W = SPAN > 1 ? SPAN - 1 : 1;

  logic full;
  logic [WAY_W-1:0] invalid, choice;

  always_comb begin
    full = &fill_valid_i;
    invalid = '0;
    for (int w = WAYS - 1; w >= 0; w--) if (!fill_valid_i[w]) invalid = WAY_W'(w);
    victim_o = full ? choice : invalid;
  end

  generate
    if (WAYS == 1) begin : g_one
      assign choice = '0;
      assign fold_o = '0;
    end else if (POLICY == 32'(mmu_pkg::REPL_PLRU)) begin : g_plru
      // node n has children 2n+1 and 2n+2; its bit 1 sends the victim to the right
      logic [TREE_W-1:0] tree_q [0:SETS-1];
      logic [TREE_W-1:0] filled, hit;

      function automatic [TREE_W-1:0] touch(input [TREE_W-1:0] bits, input [WAY_W-1:0] way);
        integer node, k;
        begin
          touch = bits;
          node = 0;
          for (k = WAY_W - 1; k >= 0; k = k - 1) begin
            touch[node] = !way[k];
            node = 2 * node + 1 + (way[k] ? 1 : 0);
          end
        end
      endfunction

      function automatic [WAY_W-1:0] pick(input [TREE_W-1:0] bits);
        integer node, k, low;
        begin
          node = 0;
          low = 0;
          for (k = WAY_W - 1; k >= 0; k = k - 1) begin
            // a right half without a way that exists is never entered
            if (low + (1 << k) < WAYS && bits[node]) begin
              low = low + (1 << k);
              node = 2 * node + 2;
            end else begin
              node = 2 * node + 1;
            end
          end
          pick = low[WAY_W-1:0];
        end
      endfunction

      always_comb begin
        choice = pick(tree_q[fill_set_i]);
        filled = touch(tree_q[fill_set_i], fill_way_i);
        hit = touch(fill_i && fill_set_i == hit_set_i ? filled : tree_q[hit_set_i], hit_way_i);
        fold_o = '0;
        for (int s = 0; EV_STATE != 0 && s < SETS; s++) fold_o = mmu_fn_pkg::fold(fold_o, 64'(tree_q[s]));
      end

      always_ff @(posedge clk_i) begin
        if (fill_i) tree_q[fill_set_i] <= filled;
        if (hit_i) tree_q[hit_set_i] <= hit;
        if (rst_i) for (int s = 0; s < SETS; s++) tree_q[s] <= '0;
      end
    end else if (POLICY == 32'(mmu_pkg::REPL_LRU)) begin : g_lru
      // rank of each way: 0 is the newest, WAYS-1 the victim
      localparam int unsigned RANKS_W = WAYS * WAY_W;
      logic [RANKS_W-1:0] rank_q [0:SETS-1];
      logic [RANKS_W-1:0] filled, hit, first;

      function automatic [RANKS_W-1:0] touch(input [RANKS_W-1:0] ranks, input [WAY_W-1:0] way);
        integer w;
        reg [WAY_W-1:0] old;
        begin
          touch = ranks;
          old = ranks[way*WAY_W +: WAY_W];
          for (w = 0; w < WAYS; w = w + 1) begin
            if (w[WAY_W-1:0] == way) touch[w*WAY_W +: WAY_W] = '0;
            else if (ranks[w*WAY_W +: WAY_W] < old)
              touch[w*WAY_W +: WAY_W] = ranks[w*WAY_W +: WAY_W] + 1'b1;
          end
        end
      endfunction

      always_comb begin
        choice = '0;
        first = '0;
        for (int w = 0; w < WAYS; w++) begin
          first[w*WAY_W +: WAY_W] = WAY_W'(w);
          if (rank_q[fill_set_i][w*WAY_W +: WAY_W] == WAY_W'(WAYS - 1)) choice = WAY_W'(w);
        end
        filled = touch(rank_q[fill_set_i], fill_way_i);
        hit = touch(fill_i && fill_set_i == hit_set_i ? filled : rank_q[hit_set_i], hit_way_i);
        fold_o = '0;
        for (int s = 0; EV_STATE != 0 && s < SETS; s++)
          for (int w = 0; w < WAYS; w++)
            fold_o = mmu_fn_pkg::fold(fold_o, 64'(rank_q[s][w*WAY_W +: WAY_W]));
      end

      always_ff @(posedge clk_i) begin
        if (fill_i) rank_q[fill_set_i] <= filled;
        if (hit_i) rank_q[hit_set_i] <= hit;
        if (rst_i) for (int s = 0; s < SETS; s++) rank_q[s] <= first;
      end
    end else if (POLICY == 32'(mmu_pkg::REPL_FIFO)) begin : g_fifo
      logic [WAY_W-1:0] next_q [0:SETS-1];

      assign choice = next_q[fill_set_i];

      always_comb begin
        fold_o = '0;
        for (int s = 0; EV_STATE != 0 && s < SETS; s++) fold_o = mmu_fn_pkg::fold(fold_o, 64'(next_q[s]));
      end

      always_ff @(posedge clk_i) begin
        if (evict_i && full) next_q[fill_set_i] <= choice == WAY_W'(WAYS - 1) ? '0 : choice + 1'b1;
        if (rst_i) for (int s = 0; s < SETS; s++) next_q[s] <= '0;
      end
    end else begin : g_random
      logic [15:0] lfsr_q;  // x^16 + x^14 + x^13 + x^11 + 1

      assign choice = WAY_W'(lfsr_q % 16'(WAYS));
      assign fold_o = EV_STATE != 0 ? mmu_fn_pkg::fold('0, 64'(lfsr_q)) : '0;

      always_ff @(posedge clk_i) begin
        if (evict_i && full) lfsr_q <= (lfsr_q >> 1) ^ (lfsr_q[0] ? 16'hb400 : 16'h0);
        if (rst_i) lfsr_q <= 16'(SEED);
      end
    end
  endgenerate
endmodule

`default_nettype wire
