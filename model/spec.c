/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 2, the literal walker: "Virtual Address Translation Process" [priv 12.3.2] with Sv39 and
 * Sv48 [priv 12.4, 12.5], step by step and under the manual's own numbers, over memory as it is
 * now. No caches, no time, no code in common with the model's walker.
 *
 * Steps that later extensions fill stand where the manual has them: a further mode is a row in
 * spec_mode; Svnapot and Svpbmt narrow PTE_HIGH in step 3 and add to 5 and 10; PMP joins PMA in
 * steps 2, 9 and after 10; Zicfiss is step 7. What the manual leaves open is settled as docs say: a
 * cbo.clean, flush or inval is allowed where a load or a store is and never needs D; AMO and SC
 * need W and D and fault as stores.
 */
#include "spec_step.h"
#include "enums.h"
#include <assert.h>

/* ---- What kind of access --------------------------------------------------------------------- */
bool spec_needs_dirty(uint8_t access) {
    return access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
           access == ACCESS_CBOZ;
}

/* "corresponding to the original access type": cbo faults are store faults [cmo 2.5.2] */
uint8_t spec_page_cause(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_PAGE;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE;
}

uint8_t spec_access_cause(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_ACCESS;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
}

static bool wider_than(paddr_t pa, unsigned bits) {
    return bits < 64 && pa >> bits != 0;
}

/* ---- The steps ------------------------------------------------------------------------------- */

/* 0. satp.MODE is WARL: a value that is not here cannot be in the register. */
struct spec_mode spec_mode(uint64_t satp) {
    switch (satp >> SATP_MODE_SHIFT) {
    case MODE_SV39: return (struct spec_mode){3, 39};
    case MODE_SV48: return (struct spec_mode){4, 48};
    default: assert(satp >> SATP_MODE_SHIFT == MODE_BARE); return (struct spec_mode){0, 0};
    }
}

/* "must have bits 63-39 all equal to bit 38, or else a page-fault exception will occur"
 * [priv 12.4.1] */
bool spec_canonical(vaddr_t va, unsigned va_bits) {
    int64_t above = (int64_t)va >> (va_bits - 1);
    return above == 0 || above == -1;
}

paddr_t spec_pte_address(paddr_t table, vaddr_t va, unsigned i) {
    uint64_t vpn = va >> (PAGE_SHIFT + LEVEL_BITS * i) & ((1u << LEVEL_BITS) - 1);
    return table + vpn * PTE_BYTES;
}

/* "The algorithm does not admit the possibility of ignoring high-order PPN bits": too wide is no
 * memory. */
bool spec_pte_readable(const struct mem *mem, const struct spec_request *r, paddr_t pa) {
    return !wider_than(pa, r->pa_bits) && mem_has(mem, pa, PTE_BYTES);
}

paddr_t spec_pte_table(pte_t pte) {
    return (pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1)) << PAGE_SHIFT;
}

/* 6. U, SUM and the effective privilege: "S-mode ... may not execute code on pages with U=1",
 * whatever SUM is. */
static bool allowed_by_u(const struct spec_request *r, pte_t pte) {
    if (r->priv == PRIV_U) return pte & PTE_U;
    return !(pte & PTE_U) || (r->sum && r->access != ACCESS_FETCH);
}

/* 8. R, W, X and MXR [priv 3.1.6.3]. */
static bool allowed_by_rwx(const struct spec_request *r, pte_t pte) {
    bool load = pte & PTE_R || (r->mxr && pte & PTE_X);
    switch (r->access) {
    case ACCESS_FETCH: return pte & PTE_X;
    case ACCESS_LOAD:
    case ACCESS_LR: return load;
    case ACCESS_CBO: return load || pte & PTE_W;
    default: return pte & PTE_W;
    }
}

enum spec_verdict spec_pte_verdict(const struct spec_request *r, pte_t pte, unsigned i) {
    /* 3. Not valid, or a reserved encoding; N, PBMT and bits 60-54 are reserved without their
     * extensions. */
    if (!(pte & PTE_V) || (!(pte & PTE_R) && pte & PTE_W) || pte & PTE_HIGH) return SPEC_PAGE_FAULT;
    /* 4. A pointer. "For non-leaf PTEs, the D, A, and U bits are reserved" [priv 12.3.1], so step 3
     * refuses them. */
    if (!(pte & (PTE_R | PTE_X))) {
        if (pte & (PTE_D | PTE_A | PTE_U)) return SPEC_PAGE_FAULT;
        return i == 0 ? SPEC_PAGE_FAULT : SPEC_POINTER;
    }
    /* 5. A leaf. pte.ppn[i-1:0] of a superpage must be zero. */
    if (spec_pte_table(pte) >> PAGE_SHIFT & ((1ull << LEVEL_BITS * i) - 1)) return SPEC_PAGE_FAULT;
    /* 6. */
    if (!allowed_by_u(r, pte)) return SPEC_PAGE_FAULT;
    /* 7. Shadow stacks: xwr=010 is reserved without Zicfiss, so step 3 took it. */
    /* 8. */
    if (!allowed_by_rwx(r, pte)) return SPEC_PAGE_FAULT;
    /* 9. Which of Svade and Svadu then acts is the caller's business. */
    return spec_pte_updated(r, pte) == pte ? SPEC_SUCCESS : SPEC_UPDATE;
}

pte_t spec_pte_updated(const struct spec_request *r, pte_t pte) {
    return pte | PTE_A | (spec_needs_dirty(r->access) ? PTE_D : 0);
}

/* 10. pa.ppn above level i from the PTE, the rest and the page offset from the address. */
paddr_t spec_translated(vaddr_t va, pte_t pte, unsigned i) {
    uint64_t inside = (1ull << (PAGE_SHIFT + LEVEL_BITS * i)) - 1;
    return (spec_pte_table(pte) & ~inside) | (va & inside);
}

bool spec_reachable(const struct spec_request *r, paddr_t pa) {
    return !wider_than(pa, r->pa_bits);
}

/* ---- The walk -------------------------------------------------------------------------------- */

/* After translation the access itself is checked; A and D already set stay set. */
static void access_at(const struct spec_request *r, paddr_t pa, struct spec_answer *out) {
    if (spec_reachable(r, pa))
        out->pa = pa;
    else
        out->cause = spec_access_cause(r->access);
}

static void leaf_found(const struct spec_request *r, paddr_t at, pte_t pte, unsigned i, bool update,
                       struct spec_answer *out) {
    if (update && !r->adue) { /* 9, Svade */
        out->cause = spec_page_cause(r->access);
        return;
    }
    if (update) { /* 9, Svadu: what was read can be written, PMA knows no read-only memory yet */
        out->writes = true;
        out->write_pa = at;
        out->write_old = pte;
        out->write_new = spec_pte_updated(r, pte);
    }
    access_at(r, spec_translated(r->va, pte, i), out);
    if (!out->cause) out->level = (int)i;
}

void spec_walk(const struct mem *mem, const struct spec_request *r, struct spec_answer *out) {
    *out = (struct spec_answer){.level = -1};
    /* 0. satp is active if the effective privilege is S or U and MODE is not Bare [priv 12.1.11].
     */
    struct spec_mode mode = spec_mode(r->priv == PRIV_M ? 0 : r->satp);
    if (mode.levels == 0) {
        access_at(r, r->va, out);
        return;
    }
    if (!spec_canonical(r->va, mode.va_bits)) {
        out->cause = spec_page_cause(r->access);
        return;
    }
    /* 1. */
    paddr_t a = (r->satp & SATP_PPN_MASK) << PAGE_SHIFT;
    for (unsigned i = mode.levels - 1;; i--) {
        /* 2. */
        paddr_t at = spec_pte_address(a, r->va, i);
        if (!spec_pte_readable(mem, r, at)) {
            out->cause = spec_access_cause(r->access);
            return;
        }
        pte_t pte = mem_read64(mem, at);
        out->read_pa[out->reads] = at;
        out->read_pte[out->reads++] = pte;
        /* 3 to 9. */
        enum spec_verdict verdict = spec_pte_verdict(r, pte, i);
        if (verdict == SPEC_PAGE_FAULT) {
            out->cause = spec_page_cause(r->access);
            return;
        }
        if (verdict != SPEC_POINTER) { /* 10. */
            leaf_found(r, at, pte, i, verdict == SPEC_UPDATE, out);
            return;
        }
        a = spec_pte_table(pte);
    }
}
