/* SPDX-License-Identifier: Apache-2.0
 *
 * Context numbers of address spaces. Mirror: rtl/mmu_ctx.sv
 */
#include "ctx.h"

void ctx_init(struct ctx *c, uint32_t entries, uint32_t bits) {
    *c = (struct ctx){.entries = (uint8_t)entries, .next = 1, .limit = 1u << bits};
    c->valid[0] = true; /* satp is 0 after reset: ASID 0 has number 0 */
}

int ctx_find(const struct ctx *c, uint16_t asid) {
    for (int i = 0; i < c->entries; i++) {
        if (c->valid[i] && c->asid[i] == asid) return i;
    }
    return -1;
}

/* A fresh number for an entry. On wrap every other entry is forgotten and the number is 0. */
static bool renumber(struct ctx *c, int entry, uint16_t asid) {
    bool wrap = c->next == c->limit;
    for (int i = 0; wrap && i < c->entries; i++) c->valid[i] = false;
    c->valid[entry] = true;
    c->asid[entry] = asid;
    c->number[entry] = wrap ? 0 : (uint16_t)c->next;
    c->next = wrap ? 1 : c->next + 1;
    c->current = c->number[entry];
    return wrap;
}

bool ctx_switch(struct ctx *c, uint16_t asid) {
    int i = ctx_find(c, asid);
    if (i >= 0) {
        c->current = c->number[i];
        return false;
    }
    for (i = 0; i < c->entries && c->valid[i]; i++) continue;
    if (i == c->entries) {
        i = c->fifo;
        c->fifo = (uint8_t)((c->fifo + 1) % c->entries);
    }
    return renumber(c, i, asid);
}

bool ctx_fence(struct ctx *c, uint16_t asid, uint16_t current_asid) {
    int i = ctx_find(c, asid);
    if (i < 0) return false;
    if (asid == current_asid) return renumber(c, i, asid);
    c->valid[i] = false; /* its next satp write hands out a number */
    return false;
}

uint32_t ctx_fold(const struct ctx *c) {
    uint32_t d = fold(c->next, (uint64_t)c->fifo << 32 | c->current);
    for (int i = 0; i < c->entries; i++) {
        uint64_t entry = 1ull << 32 | (uint64_t)c->asid[i] << 16 | c->number[i];
        d = fold(d, c->valid[i] ? entry : 0);
    }
    return d;
}
