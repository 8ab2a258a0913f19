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
enum { VPN_BITS = 45 }; /* of the widest mode, Sv57: those that every tag holds */

/* PTE bits [priv, Sv39 page table entry] */
#define PTE_V          (1ull << 0)
#define PTE_R          (1ull << 1)
#define PTE_W          (1ull << 2)
#define PTE_X          (1ull << 3)
#define PTE_U          (1ull << 4)
#define PTE_G          (1ull << 5)
#define PTE_A          (1ull << 6)
#define PTE_D          (1ull << 7)
#define PTE_RSW        (3ull << 8)
#define PTE_PPN_SHIFT  10
#define PTE_PPN_BITS   44
#define PTE_HIGH       (~0ull << 54) /* N, PBMT and reserved */
#define PTE_RESERVED   (0x7full << 54)
#define PTE_PBMT       (3ull << 61)
#define PTE_PBMT_SHIFT 61
#define PTE_N          (1ull << 63)

/* A 64 KiB NAPOT leaf has ppn[3:0] = 1000 [priv, Svnapot] */
#define NAPOT_SHIFT    16
#define NAPOT_PTES     16
#define NAPOT_ENCODING 8

/* Sv32 where it differs [priv, Sv32] */
#define SV32_PTE_BYTES    4
#define SV32_LEVEL_BITS   10
#define SV32_PA_BITS      34
#define SV32_ASID_BITS    9
#define SATP32_MODE_SHIFT 31
#define SATP32_ASID_SHIFT 22
#define SATP32_ASID_MASK  0x1ffu
#define SATP32_ASID_BITS  9
#define SATP32_PPN_MASK   ((1ull << 22) - 1)

/* pmpcfg: one byte an entry [priv, physical memory protection] */
#define PMP_ENTRIES_MAX 64
#define PMP_R           0x01u
#define PMP_W           0x02u
#define PMP_X           0x04u
#define PMP_A_SHIFT     3
#define PMP_L           0x80u
#define PMA_MEM         0x20u                  /* pmacfg, ours: main memory */
enum { PMP_OFF, PMP_TOR, PMP_NA4, PMP_NAPOT }; /* pmpcfg.A */

/* satp fields [priv, satp] */
#define SATP_MODE_SHIFT 60
#define SATP_ASID_SHIFT 44
#define SATP_PPN_MASK   ((1ull << 44) - 1)

#define CSR_SATP      0x180
#define CSR_PMPCFG0   0x3a0
#define CSR_PMPADDR0  0x3b0
#define CSR_PMACFG0   0x7c0 /* custom, machine level: physical memory attributes */
#define CSR_PMAADDR0  0x7d0
#define CSR_MENVCFG   0x30a
#define CSR_MENVCFGH  0x31a /* RV32: bits 63:32 */
#define MENVCFG_ADUE  (1ull << 61)
#define MENVCFG_PBMTE (1ull << 62)

/* One more word of state into the digest of a structure. Mirror: rtl/mmu_fn_pkg.sv */
static inline uint32_t fold(uint32_t so_far, uint64_t word) {
    return (so_far << 2 | so_far >> 30) ^ (uint32_t)(word << 1 | (word >> 31 & 1)) ^
           (uint32_t)(word >> 32);
}

/* An architectural fault is a value. cause 0: none. */
struct fault {
    uint8_t cause; /* enum cause */
    vaddr_t tval;
};

#endif
