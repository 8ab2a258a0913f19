// SPDX-License-Identifier: Apache-2.0
//
// The L2 TLB's 4 KiB pages: one SRAM a way, valid bits in flip-flops.
// Mirror: model/l2.c     Latency: read in cycle t, compare in t+1
//
//  word of a way:  | VPN above the set | context | PBMT G D U X W R | PPN |
`default_nettype none

module mmu_l2_small #(
  parameter int unsigned SETS = 64,
  parameter int unsigned WAYS = 4,
  parameter int unsigned POLICY = mmu_pkg::REPL_PLRU,
  parameter int unsigned SEED = mmu_pkg::REPL_SEED,
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  input  wire             read_i,
  input  wire [44:0]      read_vpn_i,
  input  wire             compare_i,
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  input  wire             need_d_i,
  output logic            hit_o,
  output logic [56:0]     pte_o,
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [56:0]      fill_pte_i,
  output logic [11:0]     fill_set_o,
  output logic [7:0]      fill_way_o,
  input  wire             flash_i,
  input  wire             clear_i,        // second cycle of a VA fence: the set read before
  input  wire             clear_by_ctx_i,
  input  wire [44:0]      clear_vpn_i,
  input  wire [CTX_W-1:0] clear_ctx_i,
  output logic [31:0]     fold_o          // valid bits and replacement, if EV_STATE
);
  localparam int unsigned INDEX_W = $clog2(SETS);
  localparam int unsigned SET_W = SETS > 1 ? INDEX_W : 1;
  localparam int unsigned WAY_W = WAYS > 1 ? $clog2(WAYS) : 1;
  localparam int unsigned TAG_W = 45 - INDEX_W;
  localparam int unsigned FLAG_W = 8;
  localparam int unsigned WORD_W = TAG_W + CTX_W + FLAG_W + 44;

  logic [WAYS-1:0] valid_q [0:SETS-1];
  logic [SET_W-1:0] read_set, set, fill_set, clear_set;
  logic [WAYS*WORD_W-1:0] word;
  logic [WORD_W-1:0] fill_word;
  logic [WAY_W-1:0] victim, hit_way;
  logic [WAYS-1:0] same, serves, match;

  generate
    if (SETS > 1) begin : g_sets
      assign read_set = read_vpn_i[SET_W-1:0];
      assign set = vpn_i[SET_W-1:0];
      assign fill_set = fill_vpn_i[SET_W-1:0];
      assign clear_set = clear_vpn_i[SET_W-1:0];
    end else begin : g_one
      assign read_set = '0;
      assign set = '0;
      assign fill_set = '0;
      assign clear_set = '0;
    end
    for (genvar w = 0; w < WAYS; w++) begin : g_way
      mmu_sram #(.WORDS(SETS), .WIDTH(WORD_W)) u_sram (
        .clk_i(clk_i), .read_i(read_i), .read_addr_i(read_set), .data_o(word[w*WORD_W +: WORD_W]),
        .write_i(fill_i && victim == WAY_W'(w)), .write_addr_i(fill_set), .write_data_i(fill_word));
    end
  endgenerate

  assign fill_word = {fill_vpn_i[44:INDEX_W], ctx_i, fill_pte_i[55:54], fill_pte_i[5],
                      fill_pte_i[7], fill_pte_i[4:1], fill_pte_i[53:10]};

  // ---- Compare. A word's flags: bit 7:6 PBMT, 5 G, 4 D, 3 U, 2 X, 1 W, 0 R
  logic [TAG_W-1:0] tag;
  logic [CTX_W-1:0] ctx;
  logic [FLAG_W-1:0] flags;
  logic [43:0] ppn;

  always_comb begin
    hit_o = 1'b0;
    pte_o = '0;
    hit_way = '0;
    tag = '0;
    ctx = '0;
    flags = '0;
    ppn = '0;
    for (int w = WAYS - 1; w >= 0; w--) begin  // the lowest way that serves answers
      tag = word[w*WORD_W + 44 + FLAG_W + CTX_W +: TAG_W];
      ctx = word[w*WORD_W + 44 + FLAG_W +: CTX_W];
      flags = word[w*WORD_W + 44 +: FLAG_W];
      ppn = word[w*WORD_W +: 44];
      // [TLB-1, TLB-2, TLB-3, VM-9.10]
      same[w] = valid_q[set][w] && tag == vpn_i[44:INDEX_W] && (ctx == ctx_i || flags[5]);
      serves[w] = same[w] && (!need_d_i || flags[4]);
      if (compare_i && serves[w]) begin
        hit_o = 1'b1;
        hit_way = WAY_W'(w);
        pte_o = {1'b0, flags[7:6], ppn, 2'b00, flags[4], 1'b1, flags[5], flags[3:0], 1'b1};
      end
    end
  end

  // ---- VA fence: the ways it covers, as they stand at the start of its second cycle
  logic [TAG_W-1:0] clear_tag;
  logic [CTX_W-1:0] clear_ctx;
  logic clear_global;

  always_comb begin
    match = '0;
    clear_tag = '0;
    clear_ctx = '0;
    clear_global = 1'b0;
    if (clear_i) begin
      for (int w = 0; w < WAYS; w++) begin
        clear_tag = word[w*WORD_W + 44 + FLAG_W + CTX_W +: TAG_W];
        clear_ctx = word[w*WORD_W + 44 + FLAG_W +: CTX_W];
        clear_global = word[w*WORD_W + 44 + 5];
        // [FEN-4, FEN-5]
        match[w] = clear_tag == clear_vpn_i[44:INDEX_W]
                && (!clear_by_ctx_i || (clear_ctx == clear_ctx_i && !clear_global));
      end
    end
  end

  // ---- Valid bits: a fill beats the clear of the same way
  logic [WAYS-1:0] written, cleared;

  always_comb begin
    cleared = clear_i && clear_set == fill_set ? match : '0;
    written = '0;
    written[victim] = fill_i;
    fill_set_o = fill_i ? 12'(fill_set) : '0;
    fill_way_o = fill_i ? 8'(victim) : '0;
  end

  always_ff @(posedge clk_i) begin
    if (clear_i) valid_q[clear_set] <= valid_q[clear_set] & ~match;
    if (fill_i) begin
      valid_q[fill_set] <= (valid_q[fill_set] & ~cleared) | written;
    end
    if (rst_i || flash_i) for (int s = 0; s < SETS; s++) valid_q[s] <= '0;
  end

  // ---- Digest
  logic [31:0] repl_fold;

  always_comb begin
    fold_o = repl_fold;
    for (int s = 0; EV_STATE != 0 && s < SETS; s++) fold_o = mmu_fn_pkg::fold(fold_o, 64'(valid_q[s]));
  end

  mmu_repl #(.POLICY(POLICY), .SEED(SEED), .SETS(SETS), .WAYS(WAYS), .EV_STATE(EV_STATE)) u_repl (
    .clk_i(clk_i), .rst_i(rst_i),
    .fill_set_i(fill_set), .fill_valid_i(valid_q[fill_set]), .victim_o(victim), .evict_i(fill_i),
    .fill_i(fill_i), .fill_way_i(victim), .hit_i(hit_o), .hit_set_i(set), .hit_way_i(hit_way),
    .fold_o(repl_fold));
endmodule

`default_nettype wire
