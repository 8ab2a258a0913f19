/* SPDX-License-Identifier: Apache-2.0
 *
 * Pins to records, and back.
 */
#include "pins.h"
#include "enums.h"
#define XXH_INLINE_ALL
#include <xxhash.h>

static void tell_kill(uint32_t ids, uint8_t access, uint64_t cycle, pins_told *told, void *who) {
    const struct pins_record r = {
        .cycle = cycle, .kind = PINS_KILL, .access = access, .value = ids};
    if (ids) told(who, &r);
}

static void tell_fence(const struct mmu_in *in, uint64_t cycle, pins_told *told, void *who) {
    const struct pins_record r = {.cycle = cycle,
                                  .kind = PINS_FENCE,
                                  .fence = in->fence_op_i,
                                  .rs1 = in->fence_rs1_i,
                                  .rs2 = in->fence_rs2_i,
                                  .at = in->fence_va_i,
                                  .value = in->fence_asid_i};
    told(who, &r);
}

void pins_tell(const struct mmu_in *in, uint64_t cycle, pins_told *told, void *who) {
    struct pins_record r = {.cycle = cycle};
    if (in->csr_valid_i) {
        r.kind = PINS_CSR;
        r.at = in->csr_addr_i;
        r.value = in->csr_wdata_i;
        told(who, &r);
    }
    if (in->fence_valid_i) tell_fence(in, cycle, told, who);
    tell_kill(in->ikill_i, ACCESS_FETCH, cycle, told, who);
    tell_kill(in->dkill_i, ACCESS_LOAD, cycle, told, who);
    r = (struct pins_record){.cycle = cycle, .kind = PINS_REQUEST};
    if (in->dreq_valid_i) {
        r.access = in->dreq_access_i;
        r.id = in->dreq_id_i;
        r.priv = in->dreq_priv_i;
        r.sum = in->dreq_sum_i;
        r.mxr = in->dreq_mxr_i;
        r.bytes = (uint16_t)(in->dreq_last_i + 1);
        r.at = in->dreq_va_i;
        told(who, &r);
    }
    if (in->ireq_valid_i) {
        r.access = ACCESS_FETCH;
        r.id = in->ireq_id_i;
        r.priv = in->ireq_priv_i;
        r.sum = r.mxr = false;
        r.bytes = (uint16_t)(in->ireq_last_i + 1);
        r.at = in->ireq_va_i;
        told(who, &r);
    }
}

static void drive_request(const struct pins_record *r, struct mmu_in *in) {
    if (r->access == ACCESS_FETCH) {
        in->ireq_valid_i = 1;
        in->ireq_id_i = r->id;
        in->ireq_va_i = r->at;
        in->ireq_last_i = (uint16_t)(r->bytes - 1);
        in->ireq_priv_i = r->priv;
        return;
    }
    in->dreq_valid_i = 1;
    in->dreq_id_i = r->id;
    in->dreq_va_i = r->at;
    in->dreq_last_i = (uint16_t)(r->bytes - 1);
    in->dreq_access_i = r->access;
    in->dreq_priv_i = r->priv;
    in->dreq_sum_i = r->sum;
    in->dreq_mxr_i = r->mxr;
}

void pins_drive(const struct pins_record *r, struct mmu_in *in) {
    switch (r->kind) {
    case PINS_CSR:
        in->csr_valid_i = 1;
        in->csr_addr_i = (uint16_t)r->at;
        in->csr_wdata_i = r->value;
        break;
    case PINS_REQUEST: drive_request(r, in); break;
    case PINS_KILL:
        if (r->access == ACCESS_FETCH)
            in->ikill_i |= (uint32_t)r->value;
        else
            in->dkill_i |= (uint32_t)r->value;
        break;
    case PINS_FENCE:
        in->fence_valid_i = 1;
        in->fence_op_i = r->fence;
        in->fence_rs1_i = r->rs1;
        in->fence_rs2_i = r->rs2;
        in->fence_va_i = r->at;
        in->fence_asid_i = (uint16_t)r->value;
        break;
    default: break;
    }
}

/* ---- What means nothing ---------------------------------------------------------------------- */

static uint64_t noise(uint64_t cycle, unsigned n) {
    return XXH64(&cycle, sizeof cycle, n);
}

/* Any address, or one of the few that are likely to be cached. */
static vaddr_t idle_va(uint64_t cycle, unsigned n) {
    uint64_t va = noise(cycle, n);
    return va >> 63 ? va : va % (2 * PAGE_BYTES);
}

static void idle_requests(struct mmu_in *in, uint64_t cycle) {
    uint64_t n = noise(cycle, 0);
    if (!in->ireq_valid_i) {
        in->ireq_id_i = n & 31, in->ireq_priv_i = n >> 5 & 3, in->ireq_last_i = n >> 7 & 0xfff;
        in->ireq_va_i = idle_va(cycle, 1);
    }
    if (!in->dreq_valid_i) {
        in->dreq_id_i = n >> 20 & 31, in->dreq_priv_i = n >> 25 & 3;
        in->dreq_last_i = n >> 27 & 0xfff, in->dreq_access_i = n >> 40 & 7;
        in->dreq_sum_i = n >> 43 & 1, in->dreq_mxr_i = n >> 44 & 1;
        in->dreq_va_i = idle_va(cycle, 2);
    }
    if (!in->oldest_valid_i) in->oldest_port_i = n >> 45 & 1, in->oldest_id_i = n >> 46 & 31;
}

static void idle_memory(struct mmu_in *in, uint64_t cycle) {
    uint64_t n = noise(cycle, 3);
    in->mem_rsp_tag_i = n & 63, in->mem_rsp_error_i = n >> 6 & 1, in->mem_rsp_cas_ok_i = n >> 7 & 1;
    for (unsigned i = 0; i < 8; i++) in->mem_rsp_data_i[i] = noise(cycle, 8 + i);
}

/* Of an answer: all data if there is an error or nothing was read, all but one PTE of a single
 * read; and whether a compare held, if there was none. */
static void unused_of_answer(struct mmu_in *in, uint64_t cycle, const struct memport *port) {
    const struct memport_answer *a = &port->answered;
    bool update = a->op == MEMOP_CAS, single = a->op == MEMOP_READ && !a->error;
    if (!update || a->error) in->mem_rsp_cas_ok_i = noise(cycle, 3) & 1;
    for (unsigned i = single; (update || a->error || single) && i < 8; i++)
        in->mem_rsp_data_i[i] = noise(cycle, 8 + i);
    if (single && port->pte_bytes == SV32_PTE_BYTES)
        in->mem_rsp_data_i[0] |= noise(cycle, 8) >> 32 << 32;
}

void pins_idle(struct mmu_in *in, uint64_t cycle, const struct memport *port) {
    uint64_t n = noise(cycle, 4);
    idle_requests(in, cycle);
    if (in->mem_rsp_valid_i)
        unused_of_answer(in, cycle, port);
    else
        idle_memory(in, cycle);
    if (!in->csr_valid_i) in->csr_addr_i = n & 0xfff, in->csr_wdata_i = noise(cycle, 5);
    if (in->fence_valid_i) return;
    in->fence_op_i = n >> 12 & 3, in->fence_rs1_i = n >> 14 & 1, in->fence_rs2_i = n >> 15 & 1;
    in->fence_asid_i = n >> 16 & 7, in->fence_va_i = idle_va(cycle, 6);
}
