/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader of the binary form in two files: trace_binary.c knows the file (header, blocks,
 * checks), trace_decode.c what is inside a block. Private to them.
 */
#ifndef PW_TRACE_DECODE_H
#define PW_TRACE_DECODE_H
#include "trace_predict.h"
#include "trace_private.h"
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#include <zstd.h>

/* Zeros behind the raw bytes: a token may be decoded before its end is checked. */
enum { PAD = 16 };

struct binary {
    struct trace base;
    XXH64_state_t hash;
    ZSTD_DCtx *zstd;
    uint64_t offset;   /* of the next byte in the file */
    uint64_t block_at; /* offset of the block that is being decoded */
    uint64_t expected; /* index of the next block's first record */
    uint64_t accesses, blocks;
    uint32_t left; /* records of the block not handed out yet */
    bool verified, finished;
    const uint8_t *at, *limit;
    uint32_t run; /* accesses to come that are as guessed */
    struct predict predict;
    uint8_t *raw, *packed;
    size_t raw_room, packed_room;
    char text[PWT_EVENT_MAX + 1];
};

/* The next record of the block, which has one left. False: one that this reader passes over. */
bool decode_record(struct binary *, struct trace_record *);
/* Ends the program: the record that is being read is wrong. */
_Noreturn void decode_refuse(const struct binary *, const char *remedy, const char *rule);

#endif
