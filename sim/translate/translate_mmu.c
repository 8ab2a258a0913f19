/* SPDX-License-Identifier: Apache-2.0
 *
 * The engines `model` and `rtl`: a case on the pins of an MMU. One hardware for each XLEN, opened
 * when a line first asks for it; a line begins with reset and the pins of its hart. What a step
 * sets is written through the CSR port, a fence goes through the fence port and nothing else does,
 * so the caches keep from step to step what the steps leave in them. Memory answers a cycle later.
 * The third, without a name, stands on the bench of random traffic, which has a memory of its own
 * and tells what is on the pins (translate_pins.c).
 *
 * The driver gives no `row` and no `bus`: no pin tells them.
 */
#include "engine.h"
#include "enums.h"
#include "error.h"
#include "translate_spec.h"
#include "translate_pma.h"
#include "mem.h"
#include "traffic.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { HANG = 100000 }; /* cycles for one answer */

struct hardware {
    struct engine *engine; /* rtl */
    /* model: as it is after reset, and then after the writes of TRANSLATE_PMP_ALL, with which most
     * lines begin; to copy a state costs less than to come to it once more */
    struct mmu *model, *fresh, *open;
    size_t bytes;
};

struct mmu_engine {
    bool rtl;
    struct traffic *pins; /* or NULL */
    paddr_t *stored;      /* on the pins: PTEs of the case */
    unsigned stores, store_room;
    struct translate_memory *memory;
    struct config config;
    struct hardware xlen[2], *now;
    const struct translate_case *c;
    struct mmu_in in;
    struct mmu_out out;
    bool dirty;                  /* clocked since reset */
    struct translate_part *part; /* where memory accesses are noted */
    /* what the registers hold; indices in the case's sets */
    unsigned pmp, pma;
    uint64_t satp;
    bool adue, pbmte;
    struct spec_pmp ram; /* PMA of ram= */
};

/* ---- Open and close -------------------------------------------------------------------------- */
static void *open_engine(struct translate_memory *memory, const struct config *config, bool rtl) {
    struct mmu_engine *e = calloc(1, sizeof *e);
    if (!e) internal_error("out of memory");
    e->rtl = rtl;
    e->memory = memory;
    e->config = *config;
    return e;
}

static void *model_open(struct translate_memory *memory, const struct config *config) {
    return open_engine(memory, config, false);
}

static void *rtl_open(struct translate_memory *memory, const struct config *config) {
    return open_engine(memory, config, true);
}

static void mmu_close(void *engine) {
    struct mmu_engine *e = engine;
    free(e->stored);
    for (unsigned n = 0; n < 2; n++) {
        struct hardware *h = &e->xlen[n];
        if (h->engine) h->engine->close(h->engine);
        free(h->model);
        free(h->fresh);
        free(h->open);
    }
    free(e);
}

/* ---- One clock edge -------------------------------------------------------------------------- */
static unsigned word_bytes(const struct mmu_engine *e) {
    return e->c->rv32 ? SV32_PTE_BYTES : PTE_BYTES;
}

static pte_t read_entry(const struct mmu_engine *e, paddr_t pa) {
    uint64_t word = translate_memory_read(e->memory, pa & ~7ull);
    return e->c->rv32 ? (uint32_t)(word >> 8 * (pa % 8)) : word;
}

/* Takes the request of this cycle; its answer is on the pins in the next one. */
static void take_memory(struct mmu_engine *e) {
    const struct mmu_out *o = &e->out;
    struct mmu_in *in = &e->in;
    struct translate_part *p = e->part;
    paddr_t pa = o->mem_req_addr_o;
    in->mem_rsp_valid_i = o->mem_req_valid_o;
    in->mem_rsp_cas_ok_i = 0;
    if (!o->mem_req_valid_o) return;
    in->mem_rsp_tag_i = o->mem_req_tag_o;
    if (pa % word_bytes(e)) internal_error("a table word at %llx", (unsigned long long)pa);
    if (o->mem_req_op_o == MEMOP_READ) {
        in->mem_rsp_data_i[0] = read_entry(e, pa);
        if (p && p->reads < sizeof p->read / sizeof *p->read) p->read[p->reads++] = pa;
    } else if (o->mem_req_op_o == MEMOP_LINE) {
        for (unsigned n = 0; n < 8; n++)
            in->mem_rsp_data_i[n] = translate_memory_read(e->memory, (pa & ~63ull) + 8 * n);
    } else if (read_entry(e, pa) == o->mem_req_cmp_o) {
        in->mem_rsp_cas_ok_i = 1;
        translate_update(e->memory, pa, o->mem_req_data_o, e->c->rv32);
        if (p && p->writes < sizeof p->write / sizeof *p->write)
            p->write[p->writes++] =
                (struct translate_write){pa, o->mem_req_cmp_o, o->mem_req_data_o};
    }
}

static void edge(struct mmu_engine *e) {
    struct hardware *h = e->now;
    if (e->pins) {
        traffic_step(e->pins, &e->in, &e->out);
        return;
    }
    if (e->rtl) {
        h->engine->step(h->engine, &e->in, &e->out);
        if (h->engine->failed) internal_error("the RTL: %s", h->engine->failed);
    } else {
        mmu_step(h->model, &e->in, &e->out);
    }
    take_memory(e);
}

/* ---- Registers ------------------------------------------------------------------------------- */
static void write_csr(struct mmu_engine *e, unsigned csr, uint64_t value) {
    e->in.csr_valid_i = 1;
    e->in.csr_addr_i = (uint16_t)csr;
    e->in.csr_wdata_i = value;
    do edge(e);
    while (!e->out.csr_ready_o);
    e->in.csr_valid_i = 0;
}

/* Cfg bytes of a register: RV64 has 8 of them in the even ones, RV32 4 in each. */
static uint64_t packed(const struct spec_pmp *p, unsigned from, unsigned count) {
    uint64_t value = 0;
    for (unsigned n = 0; n < count && from + n < p->entries; n++)
        value |= (uint64_t)p->cfg[from + n] << 8 * n;
    return value;
}

/* Addresses first, then cfg: only what changes, as it was asked for, whatever is locked. */
static void write_table(struct mmu_engine *e, unsigned cfg, unsigned addr,
                        const struct spec_pmp *was, const struct spec_pmp *now) {
    unsigned count = e->c->rv32 ? 4 : 8, entries = now->entries;
    if (entries < was->entries) entries = was->entries;
    for (unsigned n = 0; n < entries; n++) {
        uint64_t old = n < was->entries ? was->addr[n] : 0;
        uint64_t new = n < now->entries ? now->addr[n] : 0;
        if (old != new) write_csr(e, addr + n, new);
    }
    for (unsigned n = 0; n < entries; n += count)
        if (packed(was, n, count) != packed(now, n, count))
            write_csr(e, cfg + n / 4, packed(now, n, count));
}

static const struct spec_pmp *asked(const struct translate_case *c, unsigned set) {
    return &c->set[set > TRANSLATE_OFF ? set - 1 : set];
}

static void write_menvcfg(struct mmu_engine *e, const struct translate_step *s) {
    uint64_t value = (s->adue ? MENVCFG_ADUE : 0) | (s->pbmte ? MENVCFG_PBMTE : 0);
    if (s->adue == e->adue && s->pbmte == e->pbmte) return;
    e->adue = s->adue;
    e->pbmte = s->pbmte;
    if (e->c->rv32)
        write_csr(e, CSR_MENVCFGH, value >> 32);
    else
        write_csr(e, CSR_MENVCFG, value);
}

static void fence(struct mmu_engine *e) {
    e->in.fence_valid_i = 1;
    e->in.fence_op_i = FENCE_SFENCE_VMA;
    do edge(e);
    while (!e->out.fence_ready_o);
    e->in.fence_valid_i = 0;
    do edge(e);
    while (!e->out.fence_done_o);
}

/* Nothing can be cached in the first step. */
static void mmu_set(void *engine, const struct translate_step *s) {
    struct mmu_engine *e = engine;
    const struct translate_case *c = e->c;
    bool first = s == c->step;
    e->part = NULL;
    if (s->pmp != e->pmp)
        write_table(e, CSR_PMPCFG0, CSR_PMPADDR0, &c->set[e->pmp], asked(c, s->pmp));
    if (s->pma != e->pma)
        write_table(e, CSR_PMACFG0, CSR_PMAADDR0, &c->set[e->pma], asked(c, s->pma));
    e->pmp = s->pmp;
    e->pma = s->pma;
    write_menvcfg(e, s);
    if (s->satp != e->satp) write_csr(e, CSR_SATP, s->satp);
    e->satp = s->satp;
    if (s->fence && !first) fence(e);
}

/* ---- Hardware that a line asks for first -------------------------------------------------------
 */
static void open_model(struct mmu_engine *e, struct hardware *h, const struct config *c) {
    static const struct spec_pmp none;
    h->bytes = mmu_size(c);
    h->model = calloc(1, h->bytes);
    h->fresh = calloc(1, h->bytes);
    h->open = calloc(1, h->bytes);
    if (!h->model || !h->fresh || !h->open) internal_error("out of memory");
    mmu_init(h->fresh, c);
    memcpy(h->model, h->fresh, h->bytes);
    write_table(e, CSR_PMPCFG0, CSR_PMPADDR0, &none, &e->c->set[TRANSLATE_PMP_ALL]);
    memcpy(h->open, h->model, h->bytes);
}

static void open_hardware(struct mmu_engine *e, bool rv32) {
    struct hardware *h = &e->xlen[rv32];
    struct config c = e->config;
    char why[256];
    c.xlen = rv32 ? 32 : 64;
    if (rv32 && c.pa_bits > SV32_PA_BITS) c.pa_bits = SV32_PA_BITS;
    if (rv32 && c.asid_bits > SV32_ASID_BITS) c.asid_bits = SV32_ASID_BITS;
    if (!e->rtl) {
        open_model(e, h, &c);
        return;
    }
    h->engine = engine_open("rtl", &c, 1, why, sizeof why);
    if (!h->engine) internal_error("%s", why);
}

/* ---- A case ---------------------------------------------------------------------------------- */
/* PMP is as it is after reset, or TRANSLATE_PMP_ALL stands. */
static void reset(struct mmu_engine *e) {
    struct hardware *h = e->now;
    bool all = e->c->step->pmp == TRANSLATE_PMP_ALL;
    e->pmp = TRANSLATE_OFF;
    if (e->pins) {
        for (; e->stores; e->stores--) traffic_store(e->pins, e->stored[e->stores - 1], 0);
        memset(&e->in, 0, sizeof e->in);
        traffic_reset(e->pins);
        return;
    }
    if (!e->rtl) {
        memcpy(h->model, all ? h->open : h->fresh, h->bytes);
        if (all) e->pmp = TRANSLATE_PMP_ALL;
        return;
    }
    memset(&e->in, 0, sizeof e->in);
    e->in.rst_i = 1;
    h->engine->step(h->engine, &e->in, &e->out);
    e->in.rst_i = 0;
}

/* The bench of random traffic has the hart of its configuration. */
static bool same_hart(const struct mmu_engine *e, const struct translate_case *c) {
    const struct config *g = &e->config;
    return c->rv32 == (g->xlen == 32) && g->hart_svadu &&
           (c->rv32 || (g->hart_svpbmt && c->svnapot == (g->hart_svnapot != 0)));
}

static const char *mmu_begin(void *engine, const struct translate_case *c) {
    struct mmu_engine *e = engine;
    const char *why = NULL;
    e->c = c;
    e->now = &e->xlen[c->rv32];
    if (e->pins && !same_hart(e, c)) return "its hart is another";
    if (!e->pins && !e->now->engine && !e->now->model) open_hardware(e, c->rv32);
    reset(e);
    e->part = NULL;
    e->in.mem_req_ready_i = 1;
    e->in.mem_rsp_valid_i = 0;
    e->in.svnapot_i = c->svnapot && !c->rv32;
    e->in.svpbmt_i = !c->rv32;
    e->in.svadu_i = 1;
    e->pma = TRANSLATE_OFF;
    e->satp = 0;
    e->adue = e->pbmte = false;
    if (!c->regions) return NULL;
    why = translate_pma(c, e->config.pma_entries, &e->ram);
    if (!why) write_table(e, CSR_PMACFG0, CSR_PMAADDR0, &c->set[TRANSLATE_OFF], &e->ram);
    return why;
}

static void store_pte(struct mmu_engine *e, paddr_t pa, uint64_t value) {
    if (e->stores == e->store_room) {
        e->store_room = e->store_room ? 2 * e->store_room : 64;
        e->stored = realloc(e->stored, e->store_room * sizeof *e->stored);
        if (!e->stored) internal_error("out of memory");
    }
    e->stored[e->stores++] = pa;
    traffic_store(e->pins, pa, value);
}

/* Memory is one for all, but on the pins. */
static void mmu_changed(void *engine, paddr_t pa, uint64_t old, uint64_t now) {
    struct mmu_engine *e = engine;
    if (!e->pins || pa < MEM_BASE || pa >= MEM_BASE + TRAFFIC_MEMORY) return;
    if (!e->c->rv32) {
        store_pte(e, pa, now);
        return;
    }
    if ((uint32_t)old != (uint32_t)now) store_pte(e, pa, (uint32_t)now);
    if (old >> 32 != now >> 32) store_pte(e, pa + SV32_PTE_BYTES, now >> 32);
}

/* ---- An access ------------------------------------------------------------------------------- */
static void offer(struct mmu_engine *e, const struct translate_step *s, vaddr_t va,
                  unsigned bytes) {
    struct mmu_in *in = &e->in;
    in->oldest_valid_i = 1;
    in->oldest_port_i = s->access != ACCESS_FETCH;
    if (s->access == ACCESS_FETCH) {
        in->ireq_valid_i = 1;
        in->ireq_va_i = va;
        in->ireq_last_i = (uint16_t)(bytes - 1);
        in->ireq_priv_i = s->priv;
        return;
    }
    in->dreq_valid_i = 1;
    in->dreq_va_i = va;
    in->dreq_last_i = (uint16_t)(bytes - 1);
    in->dreq_priv_i = s->priv;
    in->dreq_access_i = s->access;
    in->dreq_sum_i = s->sum;
    in->dreq_mxr_i = s->mxr;
}

static bool answered(const struct mmu_out *o, bool data, struct translate_part *out) {
    if (data ? o->dhit_valid_o : o->ihit_valid_o) {
        out->cause = data ? o->dhit_cause_o : o->ihit_cause_o;
        out->pa = data ? o->dhit_pa_o : o->ihit_pa_o;
        out->pbmt = data ? o->dhit_pbmt_o : o->ihit_pbmt_o;
        return true;
    }
    if (!(data ? o->dmiss_valid_o : o->imiss_valid_o)) return false;
    out->cause = data ? o->dmiss_cause_o : o->imiss_cause_o;
    out->pa = data ? o->dmiss_pa_o : o->imiss_pa_o;
    out->pbmt = data ? o->dmiss_pbmt_o : o->imiss_pbmt_o;
    return true;
}

/* A cbo asks for the block around its address. */
static void mmu_access(void *engine, const struct translate_step *s, vaddr_t va, unsigned bytes,
                       struct translate_part *out) {
    struct mmu_engine *e = engine;
    bool data = s->access != ACCESS_FETCH;
    bool block = s->access == ACCESS_CBO || s->access == ACCESS_CBOZ;
    vaddr_t inside = block ? va % bytes : 0;
    memset(out, 0, offsetof(struct translate_part, write));
    e->part = out;
    offer(e, s, va - inside, bytes);
    for (unsigned n = 0;; n++) {
        edge(e);
        if (data ? e->out.dreq_ready_o : e->out.ireq_ready_o)
            e->in.ireq_valid_i = e->in.dreq_valid_i = 0;
        if (answered(&e->out, data, out)) break;
        if (n == HANG) internal_error("no answer within %u cycles", n);
    }
    e->in.oldest_valid_i = 0;
    if (!out->cause) out->pa += inside;
}

const struct translate_engine translate_model = {.name = "model",
                                                 .open = model_open,
                                                 .close = mmu_close,
                                                 .begin = mmu_begin,
                                                 .set = mmu_set,
                                                 .changed = mmu_changed,
                                                 .access = mmu_access};

const struct translate_engine translate_rtl = {.name = "rtl",
                                               .open = rtl_open,
                                               .close = mmu_close,
                                               .begin = mmu_begin,
                                               .set = mmu_set,
                                               .changed = mmu_changed,
                                               .access = mmu_access};

const struct translate_engine translate_on_pins = {.close = mmu_close,
                                                   .begin = mmu_begin,
                                                   .set = mmu_set,
                                                   .changed = mmu_changed,
                                                   .access = mmu_access};

void *translate_pins_open(struct translate_memory *memory, const struct config *config,
                          struct traffic *pins) {
    struct mmu_engine *e = open_engine(memory, config, false);
    e->pins = pins;
    return e;
}
