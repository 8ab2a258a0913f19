/* SPDX-License-Identifier: Apache-2.0
 *
 * Pins to records, and back.
 */
#include "pins.h"
#include "enums.h"

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
