/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 2, the literal walker: "Virtual Address Translation Process" [priv 12.3.2] with Sv32,
 * Sv39, Sv48 and Sv57 [priv 12.3 to 12.6], Svnapot, Svpbmt, Svade and Svadu, step by step and under
 * the manual's own numbers, over memory as it is now. No caches, no time, no code in common with
 * the model's walker.
 *
 * Zicfiss would be step 7. What the manual leaves open is settled as docs say: a cbo.clean, flush
 * or inval is allowed where a load or a store is and never needs D; AMO and SC need W and D and
 * fault as stores; a translation uses the NAPOT PTE of its own page and updates no other.
 */
#include "spec_step.h"
#include "enums.h"
#include <assert.h>

/* ---- What kind of access --------------------------------------------------------------------- */
bool spec_needs_dirty(uint8_t access) {
    return access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
           access == ACCESS_CBOZ;
}

/* [ACC-1, ACC-2] */
/* "corresponding to the original access type": cbo faults are store faults [cmo 2.5.2] */
uint8_t spec_page_cause(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_PAGE;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_PAGE : CAUSE_STORE_PAGE;
}

uint8_t spec_access_cause(uint8_t access) {
    if (access == ACCESS_FETCH) return CAUSE_INSTRUCTION_ACCESS;
    return access == ACCESS_LOAD || access == ACCESS_LR ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
}

/* ---- The steps ------------------------------------------------------------------------------- */

/* [SATP-3, SATP-4, SATP-5, SATP-6] */
/* 0. satp.MODE is WARL: a value that is not here cannot be in the register. */
struct spec_mode spec_mode(const struct spec_hart *h, uint64_t satp) {
    uint64_t mode = satp >> (h->rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT);
    if (mode == MODE_BARE) return (struct spec_mode){0};
    if (h->rv32) return (struct spec_mode){2, 32, SV32_LEVEL_BITS, SV32_PTE_BYTES};
    assert(mode >= MODE_SV39 && mode <= MODE_SV57);
    unsigned levels = (unsigned)mode - MODE_SV39 + 3;
    return (struct spec_mode){levels, PAGE_SHIFT + LEVEL_BITS * levels, LEVEL_BITS, PTE_BYTES};
}

paddr_t spec_root(const struct spec_hart *h, uint64_t satp) {
    return (satp & (h->rv32 ? SATP32_PPN_MASK : SATP_PPN_MASK)) << PAGE_SHIFT;
}

uint16_t spec_asid(const struct spec_hart *h, uint64_t satp) {
    return h->rv32 ? (uint16_t)(satp >> SATP32_ASID_SHIFT & SATP32_ASID_MASK)
                   : (uint16_t)(satp >> SATP_ASID_SHIFT);
}

/* [VM-1.1, VM-1.2, VM-1.3, VM-1.4] */
/* "must have bits 63-39 all equal to bit 38, or else a page-fault exception will occur"
 * [priv 12.4.1]; an Sv32 address has no bits above */
bool spec_canonical(const struct spec_mode *mode, vaddr_t va) {
    int64_t above = (int64_t)va >> (mode->va_bits - 1);
    return above == 0 || above == -1 || mode->pte_bytes == SV32_PTE_BYTES;
}

/* [VM-1.5, VM-2.5, NAP-6] */
paddr_t spec_pte_address(const struct spec_mode *mode, paddr_t table, vaddr_t va, unsigned i) {
    uint64_t vpn = va >> (PAGE_SHIFT + mode->level_bits * i) & ((1u << mode->level_bits) - 1);
    return table + vpn * mode->pte_bytes;
}

paddr_t spec_pte_table(pte_t pte) {
    return (pte >> PTE_PPN_SHIFT & ((1ull << PTE_PPN_BITS) - 1)) << PAGE_SHIFT;
}

/* [VM-3.1, VM-3.2, VM-3.9, VM-3.10] */
/* 3. Not valid, or a reserved encoding, of leaf and pointer alike. Bits 60-54 belong to no
 * extension here. An Sv32 entry has none of the high bits. */
static bool reserved(const struct spec_hart *h, const struct spec_request *r, pte_t pte) {
    if (!(pte & PTE_V) || (!(pte & PTE_R) && pte & PTE_W)) return true;
    /* [VM-3.3, VM-3.4, VM-3.5] */
    if (pte & PTE_RESERVED || (pte & PTE_N && !h->svnapot)) return true;
    uint64_t pbmt = (pte & PTE_PBMT) >> PTE_PBMT_SHIFT;
    /* [VM-3.6, VM-3.7, VM-3.8] */
    return pbmt == 3 || (pbmt != PBMT_PMA && !(h->svpbmt && r->pbmte));
}

/* [VM-6.1, VM-6.2, VM-6.3, VM-6.4, VM-6.5] */
/* 6. U, SUM and the effective privilege: "S-mode ... may not execute code on pages with U=1",
 * whatever SUM is. */
static bool allowed_by_u(const struct spec_request *r, pte_t pte) {
    if (r->priv == PRIV_U) return pte & PTE_U;
    return !(pte & PTE_U) || (r->sum && r->access != ACCESS_FETCH);
}

/* [VM-8.1, VM-8.2, VM-8.3, VM-8.4, VM-8.5, VM-8.6, VM-8.7] */
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

static struct spec_step refused(uint8_t row) {
    return (struct spec_step){SPEC_PAGE_FAULT, row};
}

struct spec_step spec_pte_step(const struct spec_hart *h, const struct spec_mode *mode,
                               const struct spec_request *r, pte_t pte, unsigned i) {
    if (reserved(h, r, pte)) return refused(3);
    /* 4. A pointer. "For non-leaf PTEs, the D, A, and U bits are reserved" [priv 12.3.1], and so
     * are N and PBMT [priv 12.4.1]. */
    if (!(pte & (PTE_R | PTE_X))) {
        /* [VM-4.1, VM-4.2, VM-4.3, VM-4.4, VM-4.5] */
        if (pte & (PTE_D | PTE_A | PTE_U | PTE_N | PTE_PBMT)) return refused(4);
        /* [VM-4.6] */
        return i == 0 ? refused(5) : (struct spec_step){SPEC_POINTER, 5};
    }
    /* 5. A leaf. pte.ppn[i-1:0] of a superpage must be zero; N at another level than 0, or with
     * another ppn[3:0] than 1000, is reserved [priv, Svnapot]. */
    uint64_t ppn = spec_pte_table(pte) >> PAGE_SHIFT;
    /* [VM-5.1, VM-5.2] */
    if (ppn & ((1ull << mode->level_bits * i) - 1)) return refused(6);
    /* [NAP-2, NAP-3] */
    if (pte & PTE_N && (i != 0 || ppn % NAPOT_PTES != NAPOT_ENCODING)) return refused(7);
    /* 6. */
    if (!allowed_by_u(r, pte)) return refused(8);
    /* 7. Shadow stacks: xwr=010 is reserved without Zicfiss, so step 3 took it. */
    /* 8. */
    if (!allowed_by_rwx(r, pte)) return refused(10);
    /* 9. Which of Svade and Svadu then acts is the caller's business. */
    bool update = spec_pte_updated(r, pte) != pte;
    return (struct spec_step){update ? SPEC_UPDATE : SPEC_SUCCESS, update ? 13 : 14};
}

/* [VM-9.3, VM-9.4, VM-9.11] */
pte_t spec_pte_updated(const struct spec_request *r, pte_t pte) {
    return pte | PTE_A | (spec_needs_dirty(r->access) ? PTE_D : 0);
}

unsigned spec_leaf_shift(const struct spec_mode *mode, pte_t pte, unsigned i) {
    return pte & PTE_N ? NAPOT_SHIFT : PAGE_SHIFT + mode->level_bits * i;
}

/* [VM-10.1, VM-10.2, VM-10.3, NAP-1] */
/* 10. pa.ppn above level i from the PTE, the rest and the page offset from the address; of a NAPOT
 * leaf, pa.ppn[3:0] from the address too. */
paddr_t spec_translated(const struct spec_mode *mode, vaddr_t va, pte_t pte, unsigned i) {
    uint64_t inside = (1ull << spec_leaf_shift(mode, pte, i)) - 1;
    return (spec_pte_table(pte) & ~inside) | (va & inside);
}

/* ---- The walk -------------------------------------------------------------------------------- */
static void fault(struct spec_answer *out, uint8_t cause, uint8_t row) {
    out->cause = cause;
    out->row = row;
}

/* PMA's refusal names the place. */
static void no_memory(const struct spec_request *r, paddr_t pa, uint8_t row,
                      struct spec_answer *out) {
    fault(out, spec_access_cause(r->access), row);
    out->bus = true;
    out->bus_pa = pa;
}

/* After translation the access itself is checked; A and D already set stay set. */
static void access_at(const struct spec_hart *h, const struct spec_request *r, paddr_t pa,
                      struct spec_answer *out) {
    paddr_t first = spec_first_byte(r, pa);
    if (!spec_pmp_allows(r->pmp, first, r->bytes, r->access, r->priv))
        fault(out, spec_access_cause(r->access), 15);
    else if (!spec_data_there(h, r, pa) || !spec_pma_allows(r->pma, first, r->bytes, r->access))
        no_memory(r, pa, 15, out);
    else
        out->pa = pa;
}

/* 9 and 10. The words of `region` can be written if they can be read. */
static void leaf_found(const struct spec_hart *h, const struct spec_mode *mode,
                       const struct spec_request *r, paddr_t at, pte_t pte, unsigned i,
                       struct spec_answer *out) {
    if (out->row == 13) {
        /* [VM-9.1, VM-9.2, VM-9.8] */
        if (!r->adue) { /* Svade */
            fault(out, spec_page_cause(r->access), 11);
            return;
        }
        if (!spec_pmp_allows(r->pmp, at, mode->pte_bytes, SPEC_TABLE_WRITE, PRIV_S) ||
            !spec_pma_allows(r->pma, at, mode->pte_bytes, SPEC_TABLE_WRITE) ||
            (h->rom && h->rom(h->memory, at))) { /* Svadu */
            fault(out, spec_access_cause(r->access), 12);
            return;
        }
        out->writes = true;
        out->write_pa = at;
        out->write_old = pte;
        out->write_new = spec_pte_updated(r, pte);
    }
    access_at(h, r, spec_translated(mode, r->va, pte, i), out);
    if (out->cause) return;
    out->level = (int)i;
    /* [PBM-1, PBM-3, PBM-4] */
    out->pbmt = (uint8_t)(pte >> PTE_PBMT_SHIFT & 3);
}

/* 2. False: the access faults. */
static bool entry_read(const struct spec_hart *h, const struct spec_mode *mode,
                       const struct spec_request *r, paddr_t at, struct spec_answer *out) {
    if (!spec_pmp_allows(r->pmp, at, mode->pte_bytes, SPEC_TABLE_READ, PRIV_S)) {
        fault(out, spec_access_cause(r->access), 2);
        return false;
    }
    if (!spec_pma_allows(r->pma, at, mode->pte_bytes, SPEC_TABLE_READ) ||
        !spec_pte_read(h, mode, r->pa_bits, at, &out->read_pte[out->reads])) {
        no_memory(r, at, 2, out);
        return false;
    }
    out->read_pa[out->reads++] = at;
    return true;
}

void spec_walk_hart(const struct spec_hart *h, const struct spec_request *r,
                    struct spec_answer *out) {
    *out = (struct spec_answer){.level = -1};
    /* 0. satp is active if the effective privilege is S or U and MODE is not Bare [priv 12.1.11].
     */
    struct spec_mode mode = spec_mode(h, r->priv == PRIV_M ? 0 : r->satp);
    /* [SATP-1, SATP-2] */
    if (mode.levels == 0) {
        access_at(h, r, r->va, out);
        return;
    }
    if (!spec_canonical(&mode, r->va)) {
        fault(out, spec_page_cause(r->access), 1);
        return;
    }
    /* 1. */
    paddr_t a = spec_root(h, r->satp);
    for (unsigned i = mode.levels - 1;; i--) {
        paddr_t at = spec_pte_address(&mode, a, r->va, i);
        if (!entry_read(h, &mode, r, at, out)) return;
        pte_t pte = out->read_pte[out->reads - 1];
        /* 3 to 9. */
        struct spec_step step = spec_pte_step(h, &mode, r, pte, i);
        out->row = step.row;
        if (step.verdict == SPEC_PAGE_FAULT) {
            fault(out, spec_page_cause(r->access), step.row);
            return;
        }
        if (step.verdict != SPEC_POINTER) { /* 10. */
            leaf_found(h, &mode, r, at, pte, i, out);
            return;
        }
        /* [VM-4.7] */
        a = spec_pte_table(pte);
    }
}

/* ---- Over plain memory ----------------------------------------------------------------------- */
static bool read_mem(const void *memory, paddr_t pa, unsigned bytes, pte_t *out) {
    if (!mem_has(memory, pa, bytes)) return false;
    uint64_t word = mem_read64(memory, pa & ~(paddr_t)(PTE_BYTES - 1));
    *out = bytes == PTE_BYTES ? word : (uint32_t)(word >> 8 * (pa % PTE_BYTES));
    return true;
}

static bool rom_mem(const void *memory, paddr_t pa) {
    return mem_is_rom(memory, pa >> PAGE_SHIFT);
}

struct spec_hart spec_hart_over(const struct mem *mem) {
    return (struct spec_hart){.read = read_mem, .rom = rom_mem, .memory = mem};
}

void spec_walk(const struct mem *mem, const struct spec_request *r, struct spec_answer *out) {
    struct spec_hart h = spec_hart_over(mem);
    spec_walk_hart(&h, r, out);
}
