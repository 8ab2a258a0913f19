// SPDX-License-Identifier: Apache-2.0
//
// The whole MMU at its pins, small: Sv32, two entries a structure, two walkers, a slot a port, one PMP
// entry; a memory that answers every read a cycle after it, with anything. From reset. Which of its
// properties are proved together, at which width of addresses, says units.txt.
`default_nettype none

module mmu_formal #(
  parameter int unsigned NARROW = 0,  // 1: few bits of addresses and PTEs differ
  parameter int unsigned OPEN = 0     // 1: PMP allows everything, from the third cycle on
) (
  input wire clk_i, rst_i, svpbmt_i, svadu_i, ireq_valid_i, dreq_valid_i, dreq_sum_i, dreq_mxr_i,
  input wire [4:0] ireq_id_i, dreq_id_i, oldest_id_i,
  input wire [63:0] ireq_va_i, dreq_va_i, csr_wdata_i, fence_va_i,
  input wire [11:0] ireq_last_i, dreq_last_i, csr_addr_i,
  input wire [1:0] ireq_priv_i, dreq_priv_i, fence_op_i,
  input wire [2:0] dreq_access_i,
  input wire oldest_valid_i, oldest_port_i, csr_valid_i, fence_valid_i, fence_rs1_i, fence_rs2_i,
  input wire [31:0] ikill_i, dkill_i,
  input wire [511:0] mem_rsp_data_i,
  input wire mem_rsp_error_i, mem_rsp_cas_ok_i,
  input wire [15:0] fence_asid_i
);
  `PW_RESET
  wire ireq_ready_o, dreq_ready_o, ihit_valid_o, imiss_valid_o, dhit_valid_o, dmiss_valid_o, fence_ready_o,
       fence_done_o, csr_ready_o, csr_done_o, idle_o, mem_req_valid_o, ev_il1_hit_o, ev_dl1_hit_o, ev_walk_start_o;
  wire [4:0] ihit_id_o, imiss_id_o, dhit_id_o, dmiss_id_o;
  wire [55:0] ihit_pa_o, imiss_pa_o, dhit_pa_o, dmiss_pa_o;
  wire [3:0] ihit_cause_o, imiss_cause_o, dhit_cause_o, dmiss_cause_o;
  wire [2:0] ihit_size_o, imiss_size_o, dhit_size_o, dmiss_size_o;
  wire [5:0] mem_req_tag_o;
  wire [1:0] mem_req_op_o;
  wire [55:0] mem_req_addr_o;
  wire [63:0] mem_req_cmp_o, mem_req_data_o;
  wire [6:0] ev_walkers_o;
  logic rsp_q;
  logic [5:0] tag_q;

  // ---- Narrow: four tables of four pages each, eight bytes of a page, PTEs of five PPN bits. Open: what
  // firmware does, pmpaddr0 and pmpcfg0 for a range of everything, and no other write of PMP
  logic [63:0] iva, dva, fence_va, csr_wdata;
  logic [31:0] pte_in;
  logic [11:0] csr_addr;
  logic csr_valid, opening_q, open_q;
  always_ff @(posedge clk_i) {open_q, opening_q} <= rst_i ? 2'b00 : {opening_q, 1'b1};
  always_comb begin
    csr_valid = csr_valid_i;
    csr_addr = csr_addr_i;
    csr_wdata = csr_wdata_i;
    if (OPEN != 0) begin
      csr_valid = csr_valid_i || !open_q;
      csr_addr = !opening_q ? 12'h3b0 : !open_q ? 12'h3a0 : csr_addr_i;
      if (open_q && csr_addr_i[11:6] == 6'h0e) csr_addr = 12'h180;
      if (!opening_q) csr_wdata = 64'hffffffff;
      else if (!open_q) csr_wdata = 64'h1f;
    end
    iva = NARROW == 0 ? ireq_va_i : ireq_va_i & 64'h00c03007;
    dva = NARROW == 0 ? dreq_va_i : dreq_va_i & 64'h00c03007;
    fence_va = NARROW == 0 ? fence_va_i : fence_va_i & 64'h00c03007;
    pte_in = NARROW == 0 ? mem_rsp_data_i[31:0] : mem_rsp_data_i[31:0] & 32'h80300cff;
  end

  mmu #(
    .XLEN(32), .L1I_SETS(1), .L1I_WAYS(2), .L1D_SETS(1), .L1D_WAYS(2), .L2_SETS(2), .L2_WAYS(1), .L2_LARGE(2),
    .PWC_L1(2), .PWC_L2(0), .PWC_L3(0), .PWC_L4(0), .SLOTS_FETCH(1), .SLOTS_DATA(1), .WALKERS(2), .CTX_ENTRIES(2),
    .CTX_BITS(2), .ASID_BITS(2), .PA_BITS(34), .PMP_ENTRIES(1), .PMA_ENTRIES(0), .PTE_COALESCE(0), .PREFETCH_STREAMS(0)
  ) u_unit (
    .clk_i(clk_i), .rst_i(rst_i), .svnapot_i(1'b0), .svpbmt_i(svpbmt_i), .svadu_i(svadu_i),
    .ireq_valid_i(ireq_valid_i), .ireq_id_i(ireq_id_i), .ireq_va_i(iva), .ireq_last_i(ireq_last_i),
    .ireq_priv_i(ireq_priv_i), .ireq_ready_o(ireq_ready_o), .dreq_valid_i(dreq_valid_i), .dreq_id_i(dreq_id_i),
    .dreq_va_i(dva), .dreq_last_i(dreq_last_i), .dreq_access_i(dreq_access_i), .dreq_priv_i(dreq_priv_i),
    .dreq_sum_i(dreq_sum_i), .dreq_mxr_i(dreq_mxr_i), .dreq_ready_o(dreq_ready_o),
    .oldest_valid_i(oldest_valid_i), .oldest_port_i(oldest_port_i), .oldest_id_i(oldest_id_i), .ikill_i(ikill_i),
    .dkill_i(dkill_i), .ihit_valid_o(ihit_valid_o), .ihit_id_o(ihit_id_o), .ihit_pa_o(ihit_pa_o),
    .ihit_cause_o(ihit_cause_o), .ihit_size_o(ihit_size_o), .imiss_valid_o(imiss_valid_o), .imiss_id_o(imiss_id_o),
    .imiss_pa_o(imiss_pa_o), .imiss_cause_o(imiss_cause_o), .imiss_size_o(imiss_size_o),
    .dhit_valid_o(dhit_valid_o), .dhit_id_o(dhit_id_o), .dhit_pa_o(dhit_pa_o), .dhit_cause_o(dhit_cause_o),
    .dhit_size_o(dhit_size_o), .dmiss_valid_o(dmiss_valid_o), .dmiss_id_o(dmiss_id_o), .dmiss_pa_o(dmiss_pa_o),
    .dmiss_cause_o(dmiss_cause_o), .dmiss_size_o(dmiss_size_o), .mem_req_valid_o(mem_req_valid_o),
    .mem_req_op_o(mem_req_op_o), .mem_req_tag_o(mem_req_tag_o), .mem_req_addr_o(mem_req_addr_o),
    .mem_req_cmp_o(mem_req_cmp_o), .mem_req_data_o(mem_req_data_o), .mem_req_ready_i(1'b1), .mem_rsp_valid_i(rsp_q),
    .mem_rsp_tag_i(tag_q), .mem_rsp_data_i({480'd0, pte_in}), .mem_rsp_error_i(mem_rsp_error_i),
    .mem_rsp_cas_ok_i(mem_rsp_cas_ok_i), .csr_valid_i(csr_valid), .csr_addr_i(csr_addr),
    .csr_wdata_i(csr_wdata), .csr_ready_o(csr_ready_o), .csr_done_o(csr_done_o), .fence_valid_i(fence_valid_i),
    .fence_op_i(fence_op_i), .fence_rs1_i(fence_rs1_i), .fence_rs2_i(fence_rs2_i), .fence_va_i(fence_va),
    .fence_asid_i(fence_asid_i), .fence_ready_o(fence_ready_o), .fence_done_o(fence_done_o), .idle_o(idle_o),
    .ev_il1_hit_o(ev_il1_hit_o), .ev_dl1_hit_o(ev_dl1_hit_o), .ev_walk_start_o(ev_walk_start_o),
    .ev_walkers_o(ev_walkers_o));

  // ---- The core and the memory: ids are free when used, accesses lie in a page, the oldest access
  // stays the oldest
  logic [31:0] ibusy_q, dbusy_q, ianswer, danswer, itaken, dtaken;
  logic cas_q, named_q, oldest_port_q;
  logic [4:0] oldest_id_q;
  logic oldest_busy, oldest_was_busy;
  always_comb begin
    ianswer = imiss_valid_o ? 32'd1 << imiss_id_o : '0;
    danswer = dmiss_valid_o ? 32'd1 << dmiss_id_o : '0;
    itaken = ireq_valid_i && ireq_ready_o && !ihit_valid_o ? 32'd1 << ireq_id_i : '0;
    dtaken = dreq_valid_i && dreq_ready_o && !dhit_valid_o ? 32'd1 << dreq_id_i : '0;
    oldest_busy = oldest_valid_i && (oldest_port_i ? dbusy_q[oldest_id_i] : ibusy_q[oldest_id_i]);
    oldest_was_busy = named_q && (oldest_port_q ? dbusy_q[oldest_id_q] : ibusy_q[oldest_id_q]);
  end
  always_ff @(posedge clk_i) begin
    ibusy_q <= rst_i ? '0 : (ibusy_q & ~ianswer & ~ikill_i) | itaken;
    dbusy_q <= rst_i ? '0 : (dbusy_q & ~danswer & ~dkill_i) | dtaken;
    rsp_q <= !rst_i && mem_req_valid_o;
    tag_q <= mem_req_tag_o;
    cas_q <= mem_req_op_o == mmu_pkg::MEMOP_CAS;
    // named in this cycle, and not to be accepted anew under that id
    named_q <= !rst_i && oldest_busy
            && ((oldest_port_i ? danswer | dkill_i : ianswer | ikill_i) >> oldest_id_i) % 2 == 0;
    oldest_port_q <= oldest_port_i;
    oldest_id_q <= oldest_id_i;
  end
  `PW_ALWAYS(Begins_S, started || !rsp_q)
  `PW_ALWAYS(FetchIdUnused_A, !ireq_valid_i || !ibusy_q[ireq_id_i])
  `PW_ALWAYS(DataIdUnused_A, !dreq_valid_i || !dbusy_q[dreq_id_i])
  `PW_ALWAYS(FetchInPage_A, {1'b0, iva[11:0]} + {1'b0, ireq_last_i} < 13'd4096)
  `PW_ALWAYS(DataInPage_A, {1'b0, dva[11:0]} + {1'b0, dreq_last_i} < 13'd4096)
  `PW_ALWAYS(Privilege_S, ireq_priv_i != 2'd2 && dreq_priv_i != 2'd2)
  `PW_ALWAYS(DataAccess_S, dreq_access_i != mmu_pkg::ACCESS_FETCH)
  `PW_ALWAYS(OldestStays_S, !oldest_was_busy
      || (oldest_valid_i && oldest_port_i == oldest_port_q && oldest_id_i == oldest_id_q))
  always @* if (started) assume (!rst_i);

  // ---- Answered or killed, once
  `PW_ASSERT(FetchAnswerOnce_A, (ianswer & ~ibusy_q) == '0)
  `PW_ASSERT(DataAnswerOnce_A, (danswer & ~dbusy_q) == '0)
  `PW_COVER(FetchAnswerOnce_C, imiss_valid_o && dmiss_valid_o)
  `PW_COVER(DataAnswerOnce_C, dmiss_valid_o && dmiss_cause_o == '0)

  // ---- What each slot's request was accepted with; slot 0 is that of fetches
  logic [31:0] satp_q;
  logic adue_q, iadue_q, dadue_q, isatp_q;
  logic [31:0] iva_q, dva_q;
  logic [4:0] iid_q, did_q;
  logic [2:0] daccess_q;
  logic [1:0] ipriv_q, dpriv_q;
  logic dsum_q, dmxr_q, dstore_q, dnamed;
  function automatic stores(input [2:0] access);
    stores = access == mmu_pkg::ACCESS_STORE || access == mmu_pkg::ACCESS_AMO || access == mmu_pkg::ACCESS_SC
          || access == mmu_pkg::ACCESS_CBOZ;
  endfunction
  always_ff @(posedge clk_i) begin
    if (itaken != '0) {iva_q, iid_q, ipriv_q, iadue_q} <= {iva[31:0], ireq_id_i, ireq_priv_i, adue_q};
    if (dtaken != '0) begin
      {dva_q, did_q, dpriv_q, dadue_q} <= {dva[31:0], dreq_id_i, dreq_priv_i, adue_q};
      {daccess_q, dsum_q, dmxr_q, dstore_q} <= {dreq_access_i, dreq_sum_i, dreq_mxr_i, stores(dreq_access_i)};
    end
    if (csr_valid && csr_ready_o && csr_addr == 12'h180) satp_q <= csr_wdata[31:0];
    if (csr_valid && csr_ready_o && csr_addr == 12'h31a) adue_q <= csr_wdata[29] && svadu_i;
    if (rst_i) {satp_q, adue_q} <= '0;
  end
  assign dnamed = oldest_valid_i && oldest_port_i && oldest_id_i == did_q;

  // ---- In time: BOUND cycles, and STRETCH more for each fence, satp write and failed compare since.
  // A store's cycles count while it is the oldest access: before, D is not its to set
  localparam int unsigned BOUND = 16;
  localparam int unsigned STRETCH = 4;
  logic [7:0] iage_q, dage_q, iallowed_q, dallowed_q;
  logic [7:0] stretch;
  always_comb begin
    stretch = (fence_valid_i && fence_ready_o) || (csr_valid && csr_ready_o && csr_addr == 12'h180)
            ? 8'(STRETCH) : '0;
    if (rsp_q && cas_q && !mem_rsp_error_i && !mem_rsp_cas_ok_i) stretch = stretch + 8'(STRETCH);
  end
  always_ff @(posedge clk_i) begin
    iage_q <= rst_i || ibusy_q == '0 ? 8'd1 : iage_q + 8'd1;
    dage_q <= rst_i || dbusy_q == '0 ? 8'd1 : dage_q + {7'd0, !dstore_q || dnamed};
    iallowed_q <= (rst_i || ibusy_q == '0 ? 8'(BOUND) : iallowed_q) + stretch;
    dallowed_q <= (rst_i || dbusy_q == '0 ? 8'(BOUND) : dallowed_q) + stretch;
  end
  `PW_ASSERT(FetchInTime_A, ibusy_q == '0 || iage_q <= iallowed_q)
  `PW_ASSERT(DataInTime_A, dbusy_q == '0 || dage_q <= dallowed_q)
  `PW_COVER(FetchInTime_C, imiss_valid_o && iage_q == 8'(BOUND) && iallowed_q == 8'(BOUND))
  `PW_COVER(DataInTime_C, dmiss_valid_o && dage_q > 8'd5 && dallowed_q != 8'(BOUND) && dmiss_cause_o == '0)

  // ---- Walkers rest when nobody waits: a killed access's read comes, and no more
  logic [1:0] nobody_q;
  logic nobody;
  assign nobody = (ibusy_q | dbusy_q | itaken | dtaken) == '0 && !(fence_valid_i && fence_ready_o);
  always_ff @(posedge clk_i) nobody_q <= rst_i || !nobody ? '0 : nobody_q == '1 ? nobody_q : nobody_q + 2'd1;
  `PW_ASSERT(WalkersRest_A, nobody_q != '1 || (idle_o && ev_walkers_o == '0))
  `PW_COVER(WalkersRest_C, nobody && rsp_q)

  // ---- No access to memory at an address that PMP denies, S and no other [PMP-15]; one entry
  (* hierconn *) wire [53:0] \u_unit.u_protect.g_pmp.u_table.g_entry[0].addr_q ;
  (* hierconn *) wire [7:0] \u_unit.u_protect.g_pmp.u_table.g_entry[0].cfg_q ;
  logic [53:0] addr, ones, word, low, high;
  logic [7:0] cfg;
  logic granted;
  always_comb begin
    addr = \u_unit.u_protect.g_pmp.u_table.g_entry[0].addr_q ;
    cfg = \u_unit.u_protect.g_pmp.u_table.g_entry[0].cfg_q ;
    ones = addr ^ (addr + 54'd1);
    word = mem_req_addr_o[55:2];
    low = cfg[4:3] == 2'd1 ? '0 : cfg[4:3] == 2'd3 ? addr & ~ones : addr;
    high = cfg[4:3] == 2'd1 ? addr - 54'd1 : cfg[4:3] == 2'd3 ? addr | ones : addr;
    granted = cfg[4:3] != 2'd0 && !(cfg[4:3] == 2'd1 && addr == '0) && word >= low && word <= high
           && (mem_req_op_o == mmu_pkg::MEMOP_READ ? cfg[0] : cfg[1]);
  end
  `PW_ASSERT(ReadAllowed_A, !mem_req_valid_o || granted)
  `PW_COVER(ReadAllowed_C, mem_req_valid_o && cfg[4:3] == 2'd3)

  // ---- A and D are written after every check alone, and into what was read: the PTE that memory
  // gave this slot last, by its words in step 3 to 7 [priv, Virtual Address Translation Process]
  logic [31:0] ilast_q, dlast_q, pte, va;
  logic [55:0] iaddr_q, daddr_q, from;
  logic inone_q, dnone_q, none, cas, store, user, legal, permitted;
  always_comb begin
    cas = mem_req_valid_o && mem_req_op_o == mmu_pkg::MEMOP_CAS;
    pte = mem_req_tag_o[0] ? dlast_q : ilast_q;
    from = mem_req_tag_o[0] ? daddr_q : iaddr_q;
    none = mem_req_tag_o[0] ? dnone_q : inone_q;
    va = mem_req_tag_o[0] ? dva_q : iva_q;
    store = mem_req_tag_o[0] && dstore_q;
    user = (mem_req_tag_o[0] ? dpriv_q : ipriv_q) == mmu_pkg::PRIV_U;
    // a leaf, of a page or of an aligned superpage
    legal = !none && pte[0] && (pte[1] || pte[3]) && !(pte[2] && !pte[1])
         && (from[11:2] == va[21:12] || (from[11:2] == va[31:22] && pte[19:10] == '0));
    permitted = !mem_req_tag_o[0] ? pte[3] && pte[4] == user
              : (store ? pte[2]
                 : daccess_q == mmu_pkg::ACCESS_CBO ? pte[1] || pte[2] || (dmxr_q && pte[3])
                 : pte[1] || (dmxr_q && pte[3])) && (pte[4] ? user || dsum_q : !user);
  end
  always_ff @(posedge clk_i) begin
    if (rsp_q && !cas_q) begin
      if (tag_q[0]) {dlast_q, dnone_q} <= {pte_in, mem_rsp_error_i};
      else {ilast_q, inone_q} <= {pte_in, mem_rsp_error_i};
    end
    if (mem_req_valid_o) begin
      if (mem_req_tag_o[0]) daddr_q <= mem_req_addr_o;
      else iaddr_q <= mem_req_addr_o;
    end
  end
  `PW_ASSERT(UpdateChecked_A, !cas || (legal && permitted && (mem_req_tag_o[0] ? dadue_q : iadue_q)))
  `PW_ASSERT(UpdateBits_A, !cas || (mem_req_addr_o == from && mem_req_cmp_o == {32'd0, pte}
      && mem_req_data_o == {32'd0, pte[31:8], pte[7] || store, 1'b1, pte[5:0]} && mem_req_data_o != mem_req_cmp_o))
  `PW_ASSERT(UpdateAwaited_A, !cas || (mem_req_tag_o[0] ? dbusy_q : ibusy_q) != '0)
  `PW_ASSERT(DirtyOldest_A, !cas || !store || pte[7] || dnamed)
  `PW_COVER(UpdateChecked_C, cas && pte[4] && !user)
  `PW_COVER(UpdateBits_C, cas && !pte[6] && store && !pte[7])
  `PW_COVER(UpdateAwaited_C, cas && ibusy_q != '0 && dbusy_q != '0)
  `PW_COVER(DirtyOldest_C, cas && store && pte[6] && ibusy_q != '0)

  // ---- A fence, and a page it covers, both arbitrary. Memory marks its leaves: those that it gives
  // to reads of before the fence are unlike those of after it. Who asks for that page when the fence
  // is done, or later, is not answered by a leaf of before
  (* anyconst *) reg by_page, by_asid;
  (* anyconst *) reg [19:0] page;
  (* anyconst *) reg [1:0] asid;
  (* anyseq *) reg this_one;
  logic fence, fenced_q, done_q, before_q, after_q, leaf, ilate, dlate, ilate_q, dlate_q, iold, dold;
  always_comb begin
    fence = this_one && !fenced_q && fence_valid_i && fence_ready_o && !fence_op_i[1]
         && fence_rs1_i == by_page && (!by_page || fence_va[31:12] == page)
         && fence_rs2_i == by_asid && (!by_asid || fence_asid_i[1:0] == asid);
    leaf = pte_in[1] || pte_in[3];
    ilate = fenced_q && (fence_done_o || done_q) && iva[31:12] == page && (!by_asid || satp_q[23:22] == asid);
    dlate = fenced_q && (fence_done_o || done_q) && dva[31:12] == page && (!by_asid || satp_q[23:22] == asid);
    iold = (ihit_valid_o && ilate && ihit_size_o != mmu_pkg::SIZE_NONE && !ihit_pa_o[33])
        || (imiss_valid_o && ilate_q && imiss_size_o != mmu_pkg::SIZE_NONE && !imiss_pa_o[33]);
    dold = (dhit_valid_o && dlate && dhit_size_o != mmu_pkg::SIZE_NONE && !dhit_pa_o[33])
        || (dmiss_valid_o && dlate_q && dmiss_size_o != mmu_pkg::SIZE_NONE && !dmiss_pa_o[33]);
  end
  always_ff @(posedge clk_i) begin
    fenced_q <= !rst_i && (fenced_q || fence);
    done_q <= !rst_i && fenced_q && (done_q || fence_done_o);
    before_q <= !fenced_q && !fence;  // a read of the fence's cycle may be either
    after_q <= fenced_q;
    if (itaken != '0) ilate_q <= ilate;
    if (dtaken != '0) dlate_q <= dlate;
  end
  `PW_ALWAYS(LeafMarked_S, !rsp_q || !leaf || (before_q ? !pte_in[31] : !after_q || pte_in[31]))
  `PW_ALWAYS(NotGlobal_S, !by_asid || !pte_in[5])  // a fence of an ASID leaves global pages
  `PW_ASSERT(FenceAll_A, by_page || by_asid || !(iold || dold))
  `PW_ASSERT(FenceAsid_A, by_page || !by_asid || !(iold || dold))
  `PW_ASSERT(FencePage_A, !by_page || by_asid || !(iold || dold))
  `PW_ASSERT(FencePageAsid_A, !by_page || !by_asid || !(iold || dold))
  `PW_COVER(FenceAll_C, !by_page && !by_asid && dhit_valid_o && dlate && dhit_pa_o[33])
  `PW_COVER(FenceAsid_C, !by_page && by_asid && dmiss_valid_o && dlate_q && dmiss_pa_o[33])
  `PW_COVER(FencePage_C, by_page && !by_asid && imiss_valid_o && ilate_q && imiss_pa_o[33])
  `PW_COVER(FencePageAsid_C, by_page && by_asid && dmiss_valid_o && dlate_q && dmiss_pa_o[33])
endmodule

`default_nettype wire
