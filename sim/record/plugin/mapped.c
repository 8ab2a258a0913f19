/* SPDX-License-Identifier: Apache-2.0
 *
 * One bit a page of the guest: mapped or not. The host cannot tell: everything unmapped in the
 * guest is one large PROT_NONE reservation of qemu's, as a PROT_NONE mapping of the guest is. The
 * bits decide between SEGV_MAPERR and SEGV_ACCERR as the guest's kernel would
 * [bad_area_nosemaphore, bad_area_access_error of arch/riscv/mm/fault.c].
 *
 * 2^26 pages of Sv39's user half are 8 MiB, untouched pages of which cost nothing; fork copies
 * them.
 */
#include "plugin.h"

enum { MAPPED_PAGES = 1 << 26 };
static uint8_t mapped[MAPPED_PAGES / 8];

void mapped_set(uint64_t va, uint64_t bytes, bool on) {
    uint64_t page = va >> 12, end = (va + bytes + 4095) >> 12;
    if (end > MAPPED_PAGES) end = MAPPED_PAGES;
    for (; page < end; page++) {
        uint8_t bit = (uint8_t)(1u << (page & 7));
        mapped[page >> 3] = (uint8_t)(on ? mapped[page >> 3] | bit : mapped[page >> 3] & ~bit);
    }
}

bool mapped_get(uint64_t va) {
    uint64_t page = va >> 12;
    return page < MAPPED_PAGES && (mapped[page >> 3] >> (page & 7) & 1);
}
