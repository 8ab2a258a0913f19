/* SPDX-License-Identifier: Apache-2.0
 *
 * Four bits a page of the guest: PROT_*, and whether it is mapped. The host cannot tell: everything
 * unmapped in the guest is one large PROT_NONE reservation of qemu's, as a PROT_NONE mapping of the
 * guest is. The bits decide between SEGV_MAPERR and SEGV_ACCERR as the guest's kernel would
 * [bad_area_nosemaphore, bad_area_access_error of arch/riscv/mm/fault.c], and whether a call adds
 * rights or takes some away.
 *
 * 2^26 pages of Sv39's user half are 32 MiB, untouched parts of which cost nothing; fork copies
 * them. Written under the lock of the address space.
 */
#include "plugin.h"

enum { MAPPED_PAGES = 1 << 26 };
static uint8_t rights_of[MAPPED_PAGES / 2];

static unsigned get(uint64_t page) {
    return rights_of[page >> 1] >> (page & 1) * 4 & 15;
}

static uint64_t end_of(uint64_t va, uint64_t bytes) {
    uint64_t end = (va + bytes + 4095) >> 12;
    return end < MAPPED_PAGES ? end : MAPPED_PAGES;
}

void mapped_set(uint64_t va, uint64_t bytes, unsigned rights) {
    for (uint64_t page = va >> 12, end = end_of(va, bytes); page < end; page++) {
        unsigned shift = (page & 1) * 4;
        uint8_t *at = &rights_of[page >> 1];
        *at = (uint8_t)((*at & ~(15u << shift)) | rights << shift);
    }
}

unsigned mapped_rights(uint64_t va) {
    return va >> 12 < MAPPED_PAGES ? get(va >> 12) : 0;
}

bool mapped_loses(uint64_t va, uint64_t bytes, unsigned rights) {
    for (uint64_t page = va >> 12, end = end_of(va, bytes); page < end; page++)
        if (get(page) & ~rights) return true;
    return false;
}
