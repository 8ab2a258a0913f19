// SPDX-License-Identifier: Apache-2.0
//
// The example virtual platform: a fetch unit and a load/store unit, the MMU, memory behind it. The
// load/store unit plays the kernel, too: it builds tables, and repairs a page fault.
#include "platform.h"
#include <cstdio>

static const sc_core::sc_time cycle(10, sc_core::SC_NS);
static const uint64_t root = 0x80000000, code = 0x10000, heap = 0x20000; // heap: four pages
static const uint64_t page = PTE_V | PTE_U | PTE_R | PTE_W | PTE_X;

struct machine : sc_core::sc_module {
    ram memory{"memory", root, 1 << 20, 10 * cycle};
    initiator fetch{"fetch"}, data{"data"}, csr{"csr"};
    pagewalk::mmu mmu;

    machine(sc_core::sc_module_name, const config &c) : mmu("mmu", c, cycle) {
        fetch.socket.bind(mmu.fetch), data.socket.bind(mmu.data), csr.socket.bind(mmu.control);
        mmu.memory.bind(memory.bus), mmu.walk.bind(memory.walk);
        SC_HAS_PROCESS(machine);
        SC_THREAD(program);
    }
    void store(uint64_t pa, uint64_t value) { // in M mode
        mmu.set_mode({PRIV_U, PRIV_M, false, false});
        data.access(true, pa, &value, sizeof value);
        mmu.set_mode({PRIV_U, PRIV_U, false, false});
    }
    void map(uint64_t va, uint64_t pa) { store(root + 0x2000 + va / 512, pa >> 2 | page); }
    void program() {
        const uint64_t csrs[][2] = {
            {CSR_PMPADDR0, ~0ull}, // all of memory, R, W, X
            {CSR_PMPCFG0, PMP_NAPOT << PMP_A_SHIFT | PMP_R | PMP_W | PMP_X},
            {CSR_MENVCFG, MENVCFG_ADUE},
            {CSR_SATP, (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | root >> 12}};
        for (auto &c : csrs) csr.access(true, c[0], (void *)&c[1], 8);
        store(root, (root + 0x1000) >> 2 | PTE_V);
        store(root + 0x1000, (root + 0x2000) >> 2 | PTE_V);
        map(code, root + 0x10000);
        for (unsigned n = 0; n < 0x3000; n += 0x1000) map(heap + n, root + 0x20000 + n);
        sc_core::sc_spawn([this] { instructions(); });
        for (uint64_t n = 0; n < 2048; n++) {
            while (!data.access(true, heap + 8 * n, &n, sizeof n)) {
                say(data, "page fault, level %u", (unsigned)data.fault.level);
                map(heap + 0x3000, root + 0x23000);
            }
        }
        say(data, "2048 stores, past the MMU: %u", (unsigned)data.direct);
    }
    void instructions() {
        uint32_t word;
        for (unsigned pc = 0; pc < 4096; pc += 4) fetch.access(false, code + pc, &word, 4);
        say(fetch, "1024 fetches, past the MMU: %u", (unsigned)fetch.direct);
    }
    void say(const initiator &i, const char *what, unsigned n) {
        printf("%s ", i.time.get_current_time().to_string().c_str());
        printf(what, n), putchar('\n');
    }
};

int sc_main(int, char **) {
    config c;
    config_defaults(&c);
    tlm::tlm_global_quantum::instance().set(100 * cycle);
    machine m("machine", c);
    sc_core::sc_start();
    return 0;
}
