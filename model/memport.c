/* SPDX-License-Identifier: Apache-2.0
 *
 * The latency model of physical memory. Values are decided when a request is accepted, times by a
 * queue sorted by (due, order of acceptance): one answer leaves a cycle, so the later of two that
 * are due together slips, and nothing depends on how the host sorts. Random latency and not-ready
 * cycles are hashes, never a running generator: the same request number and the same cycle give the
 * same time in every engine, gear and job.
 *
 * Caches and DRAM are hierarchy.h's: who makes a port with mem.model = hierarchy gives it one. A
 * request outside RAM, or not aligned, is answered with `error`, as a bus would.
 */
#include "memport.h"
#include "token.h"
#include <string.h>

void memport_init(struct memport *p, const struct config *cfg, struct mem *mem) {
    memset(p, 0, sizeof *p);
    p->mem = mem;
    p->pte_bytes = cfg->xlen == 32 ? SV32_PTE_BYTES : PTE_BYTES;
    p->model = cfg->mem_model;
    p->latency = cfg->mem_latency;
    p->latency_max =
        cfg->mem_latency_max > cfg->mem_latency ? cfg->mem_latency_max : cfg->mem_latency;
    p->stall = cfg->mem_stall;
    p->seed = cfg->mem_seed;
}

/* Two streams from one seed: the constant keeps cycle n and request n apart. */
static uint64_t hash(uint32_t seed, uint64_t stream, uint64_t n) {
    return token_mix(token_mix(((uint64_t)seed << 8) + stream) + n);
}

static uint64_t latency_of(const struct memport *p, uint64_t number) {
    if (p->model != MEMMODEL_RANDOM) return p->latency;
    return p->latency + hash(p->seed, 1, number) % (p->latency_max - p->latency + 1);
}

void memport_drive(struct memport *p, uint64_t cycle, struct mmu_in *in) {
    in->mem_req_ready_i =
        p->count < MEMPORT_DEPTH && (!p->stall || hash(p->seed, 2, cycle) % 100 >= p->stall);
    if (!p->count || p->queue[0].due > cycle) return;
    const struct memport_answer *a = &p->queue[0];
    in->mem_rsp_valid_i = 1;
    in->mem_rsp_tag_i = a->tag;
    in->mem_rsp_error_i = a->error;
    in->mem_rsp_cas_ok_i = a->cas_ok;
    if (a->op == MEMOP_LINE && !a->error) {
        memcpy(in->mem_rsp_data_i, p->lines[a->line], sizeof in->mem_rsp_data_i);
    } else {
        in->mem_rsp_data_i[0] = a->word;
    }
    p->answered = *a;
    p->count--;
    memmove(p->queue, p->queue + 1, p->count * sizeof p->queue[0]);
}

static paddr_t address_of(const struct mmu_out *out) {
    return out->mem_req_op_o == MEMOP_LINE ? out->mem_req_addr_o & ~63ull : out->mem_req_addr_o;
}

static bool refused(const struct memport *p, const struct mmu_out *out) {
    paddr_t pa = address_of(out);
    return pa % p->pte_bytes ||
           !mem_has(p->mem, pa, out->mem_req_op_o == MEMOP_LINE ? 64 : p->pte_bytes) ||
           (out->mem_req_op_o == MEMOP_CAS && mem_is_rom(p->mem, pa >> PAGE_SHIFT));
}

static uint64_t pte_at(const struct memport *p, paddr_t pa) {
    uint64_t word = mem_read64(p->mem, pa & ~7ull);
    return p->pte_bytes == PTE_BYTES ? word : word >> 8 * (pa & 4) & 0xffffffffu;
}

static bool compares(const struct memport *p, const struct mmu_out *out) {
    return pte_at(p, address_of(out)) == out->mem_req_cmp_o;
}

bool memport_writes(const struct memport *p, const struct mmu_in *in, const struct mmu_out *out) {
    return out->mem_req_valid_o && in->mem_req_ready_i && out->mem_req_op_o == MEMOP_CAS &&
           !refused(p, out) && compares(p, out);
}

/* A request that no memory is behind has nobody to wait for. */
static uint64_t due(struct memport *p, uint64_t cycle, const struct mmu_out *out) {
    uint64_t number = p->accepted++;
    if (!p->hierarchy || refused(p, out)) return cycle + latency_of(p, number);
    return hierarchy_access(p->hierarchy, HIERARCHY_PTE, address_of(out), p->pte_bytes, cycle);
}

static void act(struct memport *p, struct memport_answer *a, const struct mmu_out *out) {
    paddr_t pa = address_of(out);
    a->error = refused(p, out);
    if (a->error) return;
    if (a->op == MEMOP_CAS) {
        a->cas_ok = compares(p, out);
        if (a->cas_ok) mem_write(p->mem, pa, &out->mem_req_data_o, p->pte_bytes);
    } else if (a->op == MEMOP_LINE) {
        a->line = p->free_line;
        p->free_line = (p->free_line + 1) % MEMPORT_DEPTH;
        for (unsigned i = 0; i < 8; i++) p->lines[a->line][i] = mem_read64(p->mem, pa + 8 * i);
    } else {
        a->word = pte_at(p, pa);
    }
}

void memport_accept(struct memport *p, uint64_t cycle, const struct mmu_in *in,
                    const struct mmu_out *out) {
    if (!out->mem_req_valid_o || !in->mem_req_ready_i) return;
    struct memport_answer a = {
        .due = due(p, cycle, out), .tag = out->mem_req_tag_o, .op = out->mem_req_op_o};
    act(p, &a, out);
    uint32_t at = p->count++;
    for (; at && p->queue[at - 1].due > a.due; at--) p->queue[at] = p->queue[at - 1];
    p->queue[at] = a;
}
