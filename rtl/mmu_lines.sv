// SPDX-License-Identifier: Apache-2.0
//
// The PTE-line buffer: 64-byte lines of level-0 PTEs as a walk read them, tagged by what they
// translate. It is looked up beside the L2 compare, so that the pages beside a walked one cost no
// read and no walker.
// Mirror: model/lines.c      Latency: lookup 0; fill, touch, drop and fence seen in the next cycle
//
// Of each PTE a bit says whether it may answer: a legal leaf with V and A set when it was read. A
// fence takes a line whole: by address it goes by the 64 KiB around it, since one PTE of a NAPOT
// range answers for all of it.
`default_nettype none

module mmu_lines #(
  parameter int unsigned XLEN = 64,
  parameter int unsigned LINES = 4,      // 0: absent
  parameter int unsigned COALESCE = 0,   // log2 of the pages an L1 entry may serve
  parameter int unsigned CTX_W = 8,
  parameter int unsigned EV_STATE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  // lookup, and the touch of an answer
  input  wire [44:0]      vpn_i,
  input  wire [CTX_W-1:0] ctx_i,
  input  wire             need_d_i,      // D=0 does not serve
  output logic            kept_o,        // a line holds the PTE
  output logic            hit_o,         // which may answer
  output logic [56:0]     pte_o,         // G or-ed along the walk
  output logic [2:0]      span_o,        // of how many pages around it one L1 entry may tell
  input  wire             touch_i,
  // fill
  input  wire             fill_i,
  input  wire [44:0]      fill_vpn_i,
  input  wire [511:0]     fill_data_i,
  input  wire             fill_global_i,
  input  wire             svnapot_i,
  input  wire             pbmte_i,
  output logic            fill_o,
  output logic [7:0]      fill_way_o,
  output logic [2:0]      fill_span_o,   // of fill_vpn_i's page in the line that fills
  // what drops a line: the MMU has written one of its PTEs, and fences
  input  wire             drop_i,
  input  wire [44:0]      drop_vpn_i,
  input  wire             flash_i,
  input  wire             fence_i,
  input  wire             by_va_i,
  input  wire             by_ctx_i,
  input  wire [44:0]      fence_vpn_i,
  input  wire [CTX_W-1:0] fence_ctx_i,
  output logic [31:0]     fold_o         // valid bits and replacement, if EV_STATE
);
  generate
    if (LINES == 0) begin : g_none
      assign kept_o = 1'b0;
      assign hit_o = 1'b0;
      assign pte_o = '0;
      assign fill_o = 1'b0;
      assign fill_way_o = '0;
      assign span_o = '0;
      assign fill_span_o = '0;
      assign fold_o = '0;
    end else begin : g_lines
      localparam int unsigned LOW = XLEN == 32 ? 4 : 3;
      localparam int unsigned PTES = XLEN == 32 ? 16 : 8;
      localparam int unsigned WORD_W = XLEN == 32 ? 32 : 64;
      localparam int unsigned PTE_W = XLEN == 32 ? 32 : 57;
      localparam int unsigned TAG_W = 45 - LOW;
      localparam int unsigned WAY_W = LINES > 1 ? $clog2(LINES) : 1;

      logic [LINES-1:0] valid_q, global_q, hit, same, covered;
      logic [TAG_W-1:0] tag_q [0:LINES-1];
      logic [CTX_W-1:0] ctx_q [0:LINES-1];
      logic [PTES-1:0] usable_q [0:LINES-1];
      logic [PTES*PTE_W-1:0] pte_q [0:LINES-1];
      logic [WAY_W-1:0] hit_way, fill_way, victim;

      // ---- Lookup: at most one line holds a page's PTE
      logic [PTES*PTE_W-1:0] line;
      logic [PTES-1:0] usable;
      logic [PTE_W-1:0] pte;
      logic global_line;

      always_comb begin
        line = '0;
        usable = '0;
        global_line = 1'b0;
        hit_way = '0;
        for (int w = 0; w < LINES; w++) begin
          // [TLB-8]
          hit[w] = valid_q[w] && tag_q[w] == vpn_i[44:LOW] && (ctx_q[w] == ctx_i || global_q[w]);
          if (hit[w]) begin
            line = line | pte_q[w];
            usable = usable | usable_q[w];
            global_line = global_line | global_q[w];
            hit_way = hit_way | WAY_W'(w);
          end
        end
        kept_o = |hit;
        pte = line[vpn_i[LOW-1:0]*PTE_W +: PTE_W];
        pte_o = 57'(pte) | {51'b0, global_line, 5'b0};
        // [VM-9.10]
        hit_o = usable[vpn_i[LOW-1:0]] && (!need_d_i || pte[7]);
      end

      // ---- Fill: what may answer
      logic [PTES-1:0] leaf, fill_usable, unused_fault, unused_pointer;
      logic [PTES*PTE_W-1:0] fill_pte;

      for (genvar k = 0; k < PTES; k++) begin : g_pte
        logic [63:0] word;
        assign word = 64'(fill_data_i[k*WORD_W +: WORD_W]);
        mmu_pte #(.XLEN(XLEN)) u_pte (
          .pte_i(word), .level_i(3'd0), .svnapot_i(svnapot_i), .pbmte_i(pbmte_i),
          .fault_o(unused_fault[k]), .pointer_o(unused_pointer[k]), .leaf_o(leaf[k]));
        assign fill_usable[k] = leaf[k] && word[6];
        if (XLEN == 32) begin : g_rv32
          assign fill_pte[k*PTE_W +: PTE_W] = word[31:0];
        end else begin : g_rv64
          assign fill_pte[k*PTE_W +: PTE_W] = {word[63:61], word[53:0]};
        end
      end

      // ---- Blocks of neighbours alike, found once as the line arrives
      if (COALESCE == 0) begin : g_single
        assign span_o = '0;
        assign fill_span_o = '0;
      end else begin : g_blocks
        logic [PTES*3-1:0] span_q [0:LINES-1];
        logic [PTES*3-1:0] fill_span, span;

        mmu_blocks #(.PTES(PTES), .PTE_W(PTE_W), .COALESCE(COALESCE)) u_blocks (
          .pte_i(fill_pte), .usable_i(fill_usable), .span_o(fill_span));

        always_ff @(posedge clk_i) begin
          for (int w = 0; w < LINES; w++) if (fill_i && fill_way == WAY_W'(w)) span_q[w] <= fill_span;
        end

        always_comb begin
          span = '0;
          for (int w = 0; w < LINES; w++) if (hit[w]) span = span | span_q[w];
          span_o = span[vpn_i[LOW-1:0]*3 +: 3];
          fill_span_o = fill_span[fill_vpn_i[LOW-1:0]*3 +: 3];
        end
      end

      always_comb begin
        for (int w = 0; w < LINES; w++) begin
          same[w] = valid_q[w] && tag_q[w] == fill_vpn_i[44:LOW]
                 && (ctx_q[w] == ctx_i || global_q[w] || fill_global_i);
        end
        fill_way = victim;
        for (int w = LINES - 1; w >= 0; w--) if (same[w]) fill_way = WAY_W'(w);
        fill_o = fill_i;
        fill_way_o = fill_i ? 8'(fill_way) : '0;
      end

      // ---- Fences, and the MMU's own writes
      always_comb begin
        for (int w = 0; w < LINES; w++) begin
          // [FEN-4, FEN-5, FEN-6]
          covered[w] = (fence_i && (!by_va_i || tag_q[w][TAG_W-1:4-LOW] == fence_vpn_i[44:4])
                        && (!by_ctx_i || (ctx_q[w] == fence_ctx_i && !global_q[w])))
                    || (drop_i && tag_q[w] == drop_vpn_i[44:LOW]);
        end
      end

      always_ff @(posedge clk_i) begin
        for (int w = 0; w < LINES; w++) begin
          if (covered[w] || (fill_i && same[w])) valid_q[w] <= 1'b0;
          if (fill_i && fill_way == WAY_W'(w)) begin
            valid_q[w] <= 1'b1;
            global_q[w] <= fill_global_i;
            tag_q[w] <= fill_vpn_i[44:LOW];
            ctx_q[w] <= ctx_i;
            usable_q[w] <= fill_usable;
            pte_q[w] <= fill_pte;
          end
        end
        if (rst_i || flash_i) valid_q <= '0;
      end

      logic [31:0] repl_fold;
      assign fold_o = EV_STATE != 0 ? mmu_fn_pkg::fold(repl_fold, 64'(valid_q)) : '0;

      mmu_repl #(.POLICY(mmu_pkg::REPL_LRU), .SETS(1), .WAYS(LINES), .EV_STATE(EV_STATE)) u_repl (
        .clk_i(clk_i), .rst_i(rst_i),
        .fill_set_i(1'b0), .fill_valid_i(valid_q), .victim_o(victim),
        .evict_i(fill_i && same == '0), .fill_i(fill_i), .fill_way_i(fill_way),
        .hit_i(touch_i), .hit_set_i(1'b0), .hit_way_i(hit_way), .fold_o(repl_fold));
    end
  endgenerate
endmodule

`default_nettype wire
