/* SPDX-License-Identifier: Apache-2.0
 *
 * What bytes the replay stores, since traces carry addresses only. A store writes the bytes of its
 * token, a function of its number; a file byte nobody wrote is a function of (file, offset);
 * anonymous memory starts as zero. The kernel half, the driver and the data opinion each apply
 * these functions for themselves.
 */
#ifndef PW_TOKEN_H
#define PW_TOKEN_H
#include <stdint.h>

static inline uint64_t token_mix(uint64_t x) { /* splitmix64 finaliser */
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/* Byte i of what store number n (from 1, in program order) writes. */
static inline uint8_t token_store_byte(uint64_t n, uint64_t i) {
    return (uint8_t)(token_mix(n * 0x10001 + (i >> 3)) >> (8 * (i & 7)));
}

/* Byte of an unwritten file at an offset below its end. file > 0. */
static inline uint8_t token_file_byte(uint32_t file, uint64_t offset) {
    return (uint8_t)(token_mix(((uint64_t)file << 44) + (offset >> 3)) >> (8 * (offset & 7)));
}

#endif
