/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are wrong on purpose: a good one to damage, and blocks of any bytes with every check
 * right.
 */
#ifndef PW_TRACE_FORGE_H
#define PW_TRACE_FORGE_H
#include "trace_kit.h"
#include <xxhash.h>
#include <zstd.h>

static inline uint8_t *good_file(size_t *bytes) {
    struct trace_header h = {.isa = "rv64", .program = "p", .command = "c", .recorder = "test"};
    struct trace_writer *w = trace_create(kit_path("good.pwt"), &h);
    struct trace_record r = {.kind = TRACE_CALL, .call = {.nr = CALL_EXEC, .pid = 1}};
    trace_write(w, &r);
    for (uint64_t i = 0; i < 300; i++) {
        r = (struct trace_record){
            .kind = TRACE_ACCESS, .access = (uint8_t)(i % 3), .bytes = 4, .va = i * i * 4};
        trace_write(w, &r);
    }
    trace_finish(w);
    return kit_read(kit_path("good.pwt"), bytes);
}

static inline void put(uint8_t **at, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) *(*at)++ = (uint8_t)(value >> (8 * i));
}

/* A file of one block with these bytes in it, written from docs/trace-format.md and nothing else.
 */
static inline const char *forge(const uint8_t *raw, size_t n, uint32_t records, uint64_t accesses) {
    static uint8_t file[1 << 16];
    uint8_t *at = file, *block;
    memcpy(at, "\x89PWT\r\n\x1a\n", 8);
    at += 8;
    put(&at, 1, 4);
    put(&at, 24, 4);
    put(&at, XXH64(file, 16, 0), 8);
    block = at;
    size_t packed = ZSTD_compress(at + 48, sizeof file - 200, raw, n, 1);
    assert_false(ZSTD_isError(packed));
    put(&at, 0x314b4c42, 4);
    put(&at, records, 4);
    put(&at, n, 4);
    put(&at, packed, 4);
    put(&at, 1, 8);
    put(&at, 0, 8);
    put(&at, XXH64(raw, n, 0), 8);
    put(&at, 0, 4);
    put(&at, XXH64(block, 44, 0) & UINT32_MAX, 4);
    at += packed;
    put(&at, 0x31444e45, 8);
    put(&at, records, 8);
    put(&at, accesses, 8);
    put(&at, 1, 8);
    put(&at, XXH64(file, (size_t)(at - file), 0), 8);
    return kit_write("forged.pwt", file, (size_t)(at - file));
}

#define EXEC "\xe1\x08\x01\x01\0\0\0\0\0\0" /* process 1 */

#endif
