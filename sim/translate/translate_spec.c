/* SPDX-License-Identifier: Apache-2.0
 *
 * The engines `spec`, opinion 2's literal walker over the memory of the case, and `second`, a
 * second transcription of the decision table. They cache nothing, so fences mean nothing to them.
 */
#include "enums.h"
#include "error.h"
#include "spec_second.h"
#include "translate_spec.h"
#include <stdlib.h>

struct spec_engine {
    struct translate_memory *memory;
    const struct translate_case *c;
    const struct translate_step *step;
    struct spec_hart hart;
};

static bool read_word(const void *memory, paddr_t pa, unsigned bytes, pte_t *out) {
    uint64_t word = translate_memory_read(memory, pa & ~7ull);
    *out = bytes == 8 ? word : (uint32_t)(word >> 8 * (pa % 8));
    return true;
}

struct spec_hart translate_hart(const struct translate_case *c,
                                const struct translate_memory *memory) {
    return (struct spec_hart){.rv32 = c->rv32,
                              .svnapot = c->svnapot,
                              .svpbmt = !c->rv32,
                              .region = c->region,
                              .regions = c->regions,
                              .read = read_word,
                              .memory = memory};
}

struct spec_request translate_request(const struct translate_case *c,
                                      const struct translate_step *s, vaddr_t va, unsigned bytes) {
    return (struct spec_request){.access = s->access,
                                 .priv = s->priv,
                                 .sum = s->sum,
                                 .mxr = s->mxr,
                                 .satp = s->satp,
                                 .adue = s->adue,
                                 .va = va,
                                 .bytes = bytes,
                                 .pa_bits = c->pa_bits,
                                 .pbmte = s->pbmte,
                                 .pmp = &c->set[s->pmp],
                                 .pma = &c->set[s->pma]};
}

static void *spec_open(struct translate_memory *memory, const struct config *config) {
    (void)config;
    struct spec_engine *e = calloc(1, sizeof *e);
    if (!e) internal_error("out of memory");
    e->memory = memory;
    return e;
}

static const char *spec_begin(void *engine, const struct translate_case *c) {
    struct spec_engine *e = engine;
    e->c = c;
    e->hart = translate_hart(c, e->memory);
    return NULL;
}

static void spec_set(void *engine, const struct translate_step *s) {
    ((struct spec_engine *)engine)->step = s;
}

static void spec_changed(void *engine, paddr_t pa, uint64_t old, uint64_t now) {
    (void)engine, (void)pa, (void)old, (void)now;
}

void translate_update(struct translate_memory *m, paddr_t pa, pte_t pte, bool rv32) {
    uint64_t word = translate_memory_read(m, pa & ~7ull), mask = 0xffffffffull << 8 * (pa % 8);
    translate_memory_write(m, pa & ~7ull, rv32 ? (word & ~mask) | pte << 8 * (pa % 8) : pte);
}

static void spec_access(void *engine, const struct translate_step *s, vaddr_t va, unsigned bytes,
                        struct translate_part *out) {
    struct spec_engine *e = engine;
    struct spec_request r = translate_request(e->c, s, va, bytes);
    struct spec_answer a;
    spec_walk_hart(&e->hart, &r, &a);
    out->cause = a.cause;
    out->row = a.row;
    out->pbmt = a.pbmt;
    out->pa = a.pa;
    out->bus = a.bus;
    out->bus_pa = a.bus_pa;
    out->reads = a.reads;
    for (unsigned n = 0; n < a.reads; n++) out->read[n] = a.read_pa[n];
    out->writes = a.writes;
    if (!a.writes) return;
    out->write[0] = (struct translate_write){a.write_pa, a.write_old, a.write_new};
    translate_update(e->memory, a.write_pa, a.write_new, e->c->rv32);
}

static void second_access(void *engine, const struct translate_step *s, vaddr_t va, unsigned bytes,
                          struct translate_part *out) {
    struct spec_engine *e = engine;
    struct spec_request r = translate_request(e->c, s, va, bytes);
    struct second a = second_walk(&e->hart, &r);
    *out = (struct translate_part){
        .cause = (uint8_t)a.cause, .row = (uint8_t)a.row, .pbmt = (uint8_t)a.pbmt, .pa = a.pa};
    if (!a.writes) return;
    pte_t old, now;
    read_word(e->memory, a.write_pa, e->c->rv32 ? SV32_PTE_BYTES : PTE_BYTES, &old);
    now = old | PTE_A | (second_dirties(s->access) ? PTE_D : 0);
    out->writes = 1;
    out->write[0] = (struct translate_write){a.write_pa, old, now};
    translate_update(e->memory, a.write_pa, now, e->c->rv32);
}

const struct translate_engine translate_second = {.name = "second",
                                                  .rows = true,
                                                  .open = spec_open,
                                                  .close = free,
                                                  .begin = spec_begin,
                                                  .set = spec_set,
                                                  .changed = spec_changed,
                                                  .access = second_access};

const struct translate_engine translate_spec = {.name = "spec",
                                                .rows = true,
                                                .open = spec_open,
                                                .close = free,
                                                .begin = spec_begin,
                                                .set = spec_set,
                                                .changed = spec_changed,
                                                .access = spec_access};
