/* SPDX-License-Identifier: Apache-2.0
 *
 * What random traffic meets once in fifty seeds: two 4 KiB pages stand in L1, their table gives way
 * to a 2 MiB leaf without a fence, and a third page of the range brings that leaf in. Both entries
 * must go; the page that stays behind would hit twice.
 */
#include "selftest.h"
#include "hart.h"
#include "memport.h"
#include <stdio.h>
#include <string.h>

enum { SETTLE = 400, REGIONS = 3 };
static const ppn_t root = MEM_BASE >> PAGE_SHIFT;

struct driver {
    struct engine *engine;
    struct mem *mem;
    struct memport port;
    const struct config *config;
    uint64_t cycle;
    struct mmu_in in;
    struct mmu_out out;
};

static void clock_edge(struct driver *d) {
    hart_pins(d->config, &d->in);
    memport_drive(&d->port, d->cycle++, &d->in);
    d->engine->step(d->engine, &d->in, &d->out);
    memport_accept(&d->port, d->cycle - 1, &d->in, &d->out);
    memset(&d->in, 0, sizeof d->in);
}

static void write_csr(struct driver *d, struct hart_csr w) {
    d->in.csr_valid_i = 1, d->in.csr_addr_i = w.csr, d->in.csr_wdata_i = w.value;
    clock_edge(d);
}

static void fetch(struct driver *d, unsigned region, unsigned page) {
    d->in.ireq_valid_i = 1, d->in.ireq_priv_i = PRIV_S;
    d->in.ireq_va_i = (vaddr_t)region << 21 | page * PAGE_BYTES;
    clock_edge(d);
    clock_edge(d); /* idle_o is of the start of a cycle */
    for (unsigned n = 0; n < SETTLE && !d->out.idle_o; n++) clock_edge(d);
}

static void build_tables(struct driver *d) {
    const pte_t leaf = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D;
    mem_write64(d->mem, root << PAGE_SHIFT, PTE_V | (root + 1) << PTE_PPN_SHIFT);
    for (unsigned r = 0; r < REGIONS; r++) {
        mem_write64(d->mem, ((root + 1) << PAGE_SHIFT) + r * PTE_BYTES,
                    PTE_V | (root + 2 + r) << PTE_PPN_SHIFT);
        for (unsigned page = 0; page < 3; page++)
            mem_write64(d->mem, ((root + 2 + r) << PAGE_SHIFT) + page * PTE_BYTES,
                        leaf | (root + 100 + 8 * r + page) << PTE_PPN_SHIFT);
    }
}

/* The frame of the leaf is unlike those of the pages, so two hits or-ed show. */
static void overtaken_by_a_superpage(struct driver *d) {
    fetch(d, 0, 0);
    fetch(d, 0, 1);
    mem_write64(d->mem, (root + 1) << PAGE_SHIFT,
                PTE_V | PTE_R | PTE_X | PTE_A | PTE_D | (ppn_t)0x40000 << PTE_PPN_SHIFT);
    for (unsigned r = 1; r < REGIONS; r++) fetch(d, r, 0); /* push the pointer out of its cache */
    fetch(d, 0, 2);
    fetch(d, 0, 1);
    fetch(d, 0, 0);
}

void directed_run(struct engine *engine, const struct config *c, struct outcome *o) {
    struct driver d = {.engine = engine, .config = c, .mem = mem_new(1 << 20)};
    struct hart_csr open[2];
    memport_init(&d.port, c, d.mem);
    build_tables(&d);
    for (unsigned i = 0; i < hart_firmware(c, open); i++) write_csr(&d, open[i]);
    write_csr(&d, (struct hart_csr){CSR_SATP, (uint64_t)MODE_SV39 << SATP_MODE_SHIFT | root});
    clock_edge(&d);
    overtaken_by_a_superpage(&d);
    mem_delete(d.mem);
    o->cycles += d.cycle;
    if (!engine->diff.found) return;
    o->spoken = true;
    snprintf(o->opinion, sizeof o->opinion, "cycle");
    snprintf(o->why, sizeof o->why, "pin %s: model %llx, rtl %llx", engine->diff.pin,
             (unsigned long long)engine->diff.model, (unsigned long long)engine->diff.rtl);
}
