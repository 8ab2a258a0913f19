/* SPDX-License-Identifier: Apache-2.0
 *
 * Words and sizes that every room shares. Addresses are byte addresses unless the name says vpn or
 * ppn.
 */
#ifndef PW_TYPES_H
#define PW_TYPES_H
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t vaddr_t; /* virtual address, as the program gave it */
typedef uint64_t paddr_t; /* physical address, 56 bits at most */
typedef uint64_t vpn_t;   /* virtual page number: va >> 12 */
typedef uint64_t ppn_t;   /* physical page number: pa >> 12 */
typedef uint64_t pte_t;   /* a page table entry as memory holds it */

enum { PAGE_SHIFT = 12, PAGE_BYTES = 4096, PTE_BYTES = 8, LEVEL_BITS = 9 };

/* PTE bits [priv, Sv39 page table entry] */
#define PTE_V         (1ull << 0)
#define PTE_R         (1ull << 1)
#define PTE_W         (1ull << 2)
#define PTE_X         (1ull << 3)
#define PTE_U         (1ull << 4)
#define PTE_G         (1ull << 5)
#define PTE_A         (1ull << 6)
#define PTE_D         (1ull << 7)
#define PTE_RSW       (3ull << 8)
#define PTE_PPN_SHIFT 10
#define PTE_PPN_BITS  44
#define PTE_HIGH      (~0ull << 54) /* N, PBMT and reserved */

/* satp fields [priv, satp] */
#define SATP_MODE_SHIFT 60
#define SATP_ASID_SHIFT 44
#define SATP_PPN_MASK   ((1ull << 44) - 1)

#define CSR_SATP      0x180
#define CSR_MENVCFG   0x30a
#define MENVCFG_ADUE  (1ull << 61)
#define MENVCFG_PBMTE (1ull << 62)

/* An architectural fault is a value. cause 0: none. */
struct fault {
    uint8_t cause; /* enum cause */
    vaddr_t tval;
};

#endif
