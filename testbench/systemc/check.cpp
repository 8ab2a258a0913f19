// SPDX-License-Identifier: Apache-2.0
//
// check [keep]   The test of the TLM component: latencies, faults, transport_dbg, and that no order
// which ends a grant of DMI leaves a stale pointer. With `keep` the initiators keep theirs whatever
// they are told: then each of those must fail.
#include "platform.h"
#include <cstdio>

extern "C" {
#include "hart.h"
}

static const sc_core::sc_time cycle(10, sc_core::SC_NS);
static const uint64_t root = 0x80000000, frames = root + 0x10000, va = 0x40000000;
static const uint64_t leaf = PTE_V | PTE_U | PTE_R | PTE_W | PTE_A | PTE_D;
static const uint16_t asid = 5;
static const pagewalk::hart_mode in_u = {PRIV_U, PRIV_U, false, false};

struct unit : initiator {
    bool keep = false;
    using initiator::initiator;
    void forget(sc_dt::uint64 low, sc_dt::uint64 high) override {
        if (!keep) initiator::forget(low, high);
    }
};

struct bench : sc_core::sc_module {
    config knobs;
    ram memory{"memory", root, 1 << 20, 10 * cycle};
    unit fetch{"fetch"}, data{"data"};
    initiator csrs{"csrs"};
    pagewalk::mmu mmu;
    bool failed = false;

    bench(sc_core::sc_module_name, const config &c, bool keep) : knobs(c), mmu("mmu", c, cycle) {
        fetch.keep = data.keep = keep;
        fetch.socket.bind(mmu.fetch), data.socket.bind(mmu.data), csrs.socket.bind(mmu.control);
        mmu.memory.bind(memory.bus), mmu.walk.bind(memory.walk);
        SC_HAS_PROCESS(bench);
        SC_THREAD(all);
    }

    void check(const std::string &what, bool ok) {
        printf("%s - systemc: %s\n", ok ? "ok" : "not ok", what.c_str());
        failed |= !ok;
    }

    /* ---- The machine --------------------------------------------------------------------- */

    uint64_t &word(uint64_t pa) { return *(uint64_t *)&memory.bytes.at(pa - root); }
    uint64_t &pte(unsigned page) { return word(root + 0x2000 + page * PTE_BYTES); }
    void map(unsigned page, unsigned frame, uint64_t flags) {
        pte(page) = (frames + frame * 0x1000ull) >> 2 | flags;
    }
    void csr(uint16_t number, uint64_t value) { csrs.access(true, number, &value, 8); }
    void satp(uint16_t space) {
        csr(CSR_SATP, (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | (uint64_t)space << SATP_ASID_SHIFT |
                          root >> PAGE_SHIFT);
    }
    void order(pagewalk::fence f) {
        payload t;
        sc_core::sc_time delay;
        t.set_extension(&f);
        csrs.socket->b_transport(t, delay);
        t.clear_extension(&f);
        wait(delay);
    }
    void pmp_open() {
        hart_csr open[2];
        for (unsigned i = 0, n = hart_firmware(&knobs, open); i < n; i++)
            csr(open[i].csr, open[i].value);
    }
    void begin() { /* eight pages, A and D set, frame n behind page n; nothing cached */
        word(root + 8) = (root + 0x1000) >> 2 | PTE_V;
        word(root + 0x1000) = (root + 0x2000) >> 2 | PTE_V;
        for (unsigned n = 0; n < 8; n++) map(n, n, leaf), word(frames + n * 0x1000) = 100 + n;
        pmp_open();
        csr(CSR_MENVCFG, MENVCFG_ADUE);
        satp(asid);
        order({});
        mmu.set_mode(in_u);
        fetch.pages.clear(), data.pages.clear();
    }
    /* Cycles of an access, waited for and annotated, without those of the memory behind. */
    int64_t took(initiator &i, bool write, unsigned page, uint64_t offset = 0) {
        uint64_t value = 0;
        fetch.time.sync(), data.time.sync();
        wait(4 * cycle); /* until it is idle: at the instant of an edge the kernel chooses who is
                            first */
        i.pages.clear();
        sc_core::sc_time from = i.time.get_current_time();
        bool ok = i.access(write, va + page * 0x1000 + offset, &value, 8);
        int64_t n = (int64_t)((i.time.get_current_time() - from) / cycle);
        return ok ? n - 10 : n;
    }
    uint64_t load(unsigned page) {
        uint64_t value = 0;
        data.access(false, va + page * 0x1000, &value, 8);
        return value;
    }

    /* ---- Time, faults, debug ------------------------------------------------------------- */

    void latencies(const char *how) {
        std::string of = std::string(" cycles") + how;
        begin();
        check("cold walk of a 4 KiB page: 3 (L + 0) + 3 = 33" + of, took(data, false, 0) == 33);
        check("L1 hit: 0" + of, took(data, false, 0, 8) == 0);
        check("warm walk: L + 3 = 13" + of, took(data, false, 1) == 13);
        check("L2 hit, for the fetch unit: 2" + of, took(fetch, false, 1) == 2);
        map(2, 2, leaf & ~PTE_D);
        check("walk that sets D: 2 L + 4 = 24" + of, took(data, true, 2) == 24 && pte(2) & PTE_D);
    }
    void faults() {
        begin();
        map(3, 3, 0);
        check("a page fault: cause 13, tval, level 0",
              took(data, false, 3, 0x10) == 13 + 20 && data.fault.cause == CAUSE_LOAD_PAGE &&
                  data.fault.tval == va + 0x3010 && data.fault.level == 0);
        took(data, false, 0x40000); /* the next entry of the root */
        check("an empty entry of the root: level 2",
              data.fault.cause == CAUSE_LOAD_PAGE && data.fault.level == 2);
        payload t;
        uint64_t value;
        sc_core::sc_time delay;
        t.set_command(tlm::TLM_READ_COMMAND);
        t.set_data_ptr((unsigned char *)&value);
        t.set_address(va + 0x3000), t.set_data_length(8), t.set_streaming_width(8);
        data.socket->b_transport(t, delay);
        check("without the extension: an address error",
              t.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
        t.set_address(va + 0xffc);
        t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        data.socket->b_transport(t, delay);
        check("an access that crosses a page is refused",
              t.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);
    }
    void debug() {
        begin();
        map(1, 1, leaf & ~(PTE_A | PTE_D));
        uint64_t two[2] = {}, before = pte(1);
        payload t;
        word(frames + 0xff8) = 7, word(frames + 0x1000) = 8;
        t.set_command(tlm::TLM_READ_COMMAND);
        t.set_address(va + 0xff8), t.set_data_ptr((unsigned char *)two), t.set_data_length(16);
        check("transport_dbg reads across a page",
              data.socket->transport_dbg(t) == 16 && two[0] == 7 && two[1] == 8);
        check("and sets no A, fills no TLB", pte(1) == before && took(data, false, 0) == 33);
        map(2, 2, 0);
        t.set_address(va + 0x1ff8);
        check("and ends where the access would fault", data.socket->transport_dbg(t) == 8);
    }

    /* ---- DMI ----------------------------------------------------------------------------- */

    bool granted(unsigned page, bool write) {
        payload t;
        tlm::tlm_dmi d;
        t.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        t.set_address(va + page * 0x1000);
        return data.socket->get_direct_mem_ptr(t, d) &&
               d.get_start_address() == va + page * 0x1000 &&
               d.get_end_address() == va + page * 0x1000 + 0xfff && d.is_write_allowed() >= write;
    }
    void grants() {
        begin();
        map(0, 0, leaf & ~(PTE_A | PTE_D)), map(1, 1, leaf & ~PTE_D);
        check("no DMI of a page with A clear", !granted(0, false) && !(pte(0) & PTE_A));
        check("nor for writing with D clear", granted(1, false) && !granted(1, true));
        check("DMI of one page where both are set", granted(2, true));
        csr(CSR_PMPCFG0, 0); /* first entry off: none matches */
        check("no DMI where PMP allows nothing", !granted(2, false));
        csr(CSR_PMPADDR0, 0);
        csr(CSR_PMPADDR0 + 1, (frames + 0x2800) >> 2); /* TOR up to the middle of the frame */
        csr(CSR_PMPCFG0, (1u << PMP_A_SHIFT | PMP_R | PMP_W) << 8);
        check("nor where it allows half of the page", load(2) == 102 && !granted(2, false));
    }

    /* A load has left a pointer to page 2. Then its PTE is changed, and `what` ordered: the next
     * load must not use the pointer if the order reaches it, and does if it does not. */
    template <class F> void stale(const std::string &what, bool reaches, F act) {
        begin();
        load(2);
        bool held = data.pages.count((va >> PAGE_SHIFT) + 2);
        map(2, 6, leaf);
        act();
        bool gone = !data.pages.count((va >> PAGE_SHIFT) + 2);
        bool fresh = load(2) == 106;
        check(what + (reaches ? ": no stale pointer" : ": the pointer stays"),
              held && gone == reaches && (!reaches || fresh));
    }
    void fences(uint8_t op, bool reaches) {
        const std::string name = fence_word(op);
        const uint64_t here = va + 0x2000;
        auto form = [&](const char *operands, bool hit, bool rs1, bool rs2, uint64_t at) {
            stale(name + operands, hit && reaches, [&] {
                pagewalk::fence f;
                f.op = op, f.rs1 = rs1, f.rs2 = rs2, f.va = at, f.asid = asid;
                order(f);
            });
        };
        form(" x0, x0", true, false, false, 0);
        form(" va, x0", true, true, false, here + 0x123);
        form(" x0, asid", true, false, true, 0);
        form(" va, asid", true, true, true, here);
        form(" va of the next page, x0", false, true, false, here + 0x1000);
    }
    /* Fences of a kernel would go along: here each change stands alone, and the tables as they are.
     */
    void changes() {
        auto again = [this] { order({}); };
        auto mode = [this](pagewalk::hart_mode m) { mmu.set_mode(m); };
        auto refetch = [&](const std::string &what, auto act) {
            begin();
            load(2);
            bool held = data.pages.count((va >> PAGE_SHIFT) + 2);
            act();
            uint64_t value, direct = data.direct;
            data.access(false, va + 0x2000, &value, 8);
            check(what + ": no stale pointer", held && data.direct == direct);
        };
        refetch("a satp write", [&] { satp(asid + 1); });
        refetch("privilege", [&] { mode({PRIV_U, PRIV_S, false, false}); });
        refetch("SUM", [&] { mode({PRIV_U, PRIV_U, true, false}); });
        refetch("MXR", [&] { mode({PRIV_U, PRIV_U, false, true}); });
        refetch("pmpcfg", [&] { csr(CSR_PMPCFG0, 0); });
        refetch("pmpaddr", [&] { csr(CSR_PMPADDR0, 0); });
        refetch("pmacfg", [&] { csr(CSR_PMACFG0, 0); });
        refetch("menvcfg", [&] { csr(CSR_MENVCFG, 0); });
        again();
    }

    void all() {
        auto &quantum = tlm::tlm_global_quantum::instance();
        latencies(", waited for at quantum 0");
        quantum.set(1000 * cycle);
        latencies(", annotated within the quantum");
        faults();
        debug();
        grants();
        fences(FENCE_SFENCE_VMA, true);
        fences(FENCE_SINVAL_VMA, true);
        fences(FENCE_SFENCE_W_INVAL, false);
        fences(FENCE_SFENCE_INVAL_IR, false);
        changes();
    }
};

int sc_main(int argc, char **argv) {
    config c;
    config_defaults(&c);
    bench b("bench", c, argc > 1 && !strcmp(argv[1], "keep"));
    sc_core::sc_start();
    return b.failed;
}
