/* SPDX-License-Identifier: Apache-2.0
 *
 * The binary form, read. A file is read twice: once whole, when it is opened, for its structure and
 * its hash, so that a damaged file is refused before its first record is replayed; then block by
 * block as records are asked for. Memory is one block, whatever the length. Every number read is
 * checked before it is used, here and for the stream's own rules in trace_check.c: a file whose
 * hashes are right may still have been made by a bad program.
 */
#include "trace_decode.h"
#include "error.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct block {
    uint32_t records, raw, packed, pid;
    uint64_t first, accesses_before, hash;
};

static const char damaged[] = "copy or record the file again; it is damaged";
static const char shortened[] = "copy or record the file again; its end is missing";
static const char newer[] = "a newer pagewalk may read it; this one reads version 1";

#define REFUSE(b, at, remedy, ...)                                                                 \
    record_error((b)->base.path, (b)->expected, at, remedy, __VA_ARGS__)

bool trace_is_binary(const uint8_t *bytes, size_t count) {
    return !memcmp(bytes, PWT_MAGIC, count < 8 ? count : 8);
}

/* The next bytes of the file, all of them, into the hash as well. */
static void take(struct binary *b, void *out, size_t count, const char *what) {
    size_t n = fread(out, 1, count, b->base.file);
    if (n != count) {
        if (ferror(b->base.file)) trace_unreadable(b->base.path);
        REFUSE(b, b->offset + n, shortened, "the file ends inside %s", what);
    }
    XXH64_update(&b->hash, out, count);
    b->offset += count;
}

/* ---- Header -------------------------------------------------------------------------------- */

static void keep_field(struct trace_header *h, const char *key, size_t k, const uint8_t *value,
                       size_t v) {
    const struct {
        const char *key;
        char *out;
        size_t bytes;
    } known[] = {{"isa", h->isa, sizeof h->isa},
                 {"program", h->program, sizeof h->program},
                 {"command", h->command, sizeof h->command},
                 {"recorder", h->recorder, sizeof h->recorder}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].key) != k || memcmp(known[i].key, key, k)) continue;
        if (v >= known[i].bytes) v = known[i].bytes - 1;
        memcpy(known[i].out, value, v);
        known[i].out[v] = 0;
    }
}

/* A key of 1 to 255 bytes, a value of text: keys this reader does not know are passed over. */
static void parse_fields(struct binary *b, const uint8_t *h, size_t n, size_t end) {
    while (n < end) {
        size_t k = h[n], key = n + 1, value = key + k + 2;
        size_t v = value <= end ? (size_t)load_le(h + key + k, 2) : 0;
        if (!k || value + v > end) REFUSE(b, n, damaged, "a field of the header passes its end");
        for (size_t i = 0; i < v; i++) {
            if (h[value + i] < ' ' || h[value + i] == 127) {
                REFUSE(b, value + i, damaged, "a value of the header has a control character");
            }
        }
        keep_field(&b->base.header, (const char *)h + key, k, h + value, v);
        n = value + v;
    }
}

static void read_header(struct binary *b) {
    static uint8_t h[PWT_HEADER_MAX];
    take(b, h, 16, "the header");
    if (memcmp(h, PWT_MAGIC, 8)) REFUSE(b, 0, damaged, "the magic of a .pwt file is wrong");
    size_t size = load_le(h + 12, 4);
    b->base.header.version = (uint32_t)load_le(h + 8, 2);
    if (b->base.header.version != PWT_VERSION) {
        REFUSE(b, 8, newer, "version %u of the binary form is unknown", b->base.header.version);
    }
    if (load_le(h + 10, 2)) {
        REFUSE(b, 10, newer, "the file needs features 0x%llx",
               (unsigned long long)load_le(h + 10, 2));
    }
    if (size < 24 || size > PWT_HEADER_MAX) {
        REFUSE(b, 12, damaged, "a header has 24 to %d bytes, not %zu", PWT_HEADER_MAX, size);
    }
    take(b, h + 16, size - 16, "the header");
    if (load_le(h + size - 8, 8) != XXH64(h, size - 8, 0)) {
        REFUSE(b, size - 8, damaged, "the header does not match its check");
    }
    parse_fields(b, h, 16, size - 8);
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static void check_block(struct binary *b, const struct block *k) {
    uint64_t at = b->block_at;
    if (!k->records || k->records > PWT_BLOCK_RECORDS) {
        REFUSE(b, at + 4, damaged, "a block has 1 to %d records, not %u", PWT_BLOCK_RECORDS,
               k->records);
    }
    if (!k->raw || k->raw > PWT_RAW_MAX) {
        REFUSE(b, at + 8, damaged, "a block has 1 to %d bytes, not %u", PWT_RAW_MAX, k->raw);
    }
    if (!k->packed || k->packed > ZSTD_compressBound(PWT_RAW_MAX)) {
        REFUSE(b, at + 12, damaged, "a block cannot have %u compressed bytes", k->packed);
    }
    if (k->first != b->expected) {
        REFUSE(b, at + 16, "a block is missing or doubled; copy or record the file again",
               "this block begins with record %llu", (unsigned long long)k->first);
    }
}

/* Room for the next block: a buffer grows to the largest block of the file, PWT_RAW_MAX at most. */
static void reserve(uint8_t **buffer, size_t *room, size_t bytes) {
    if (bytes <= *room) return;
    free(*buffer);
    *buffer = malloc(bytes);
    if (!*buffer) internal_error("out of memory");
    *room = bytes;
}

/* Whole-file counts and hash, and nothing behind them. */
static void read_end(struct binary *b, uint8_t *end) {
    take(b, end + 4, PWT_END - 12, "the end block");
    uint64_t hash = XXH64_digest(&b->hash), at = b->block_at;
    take(b, end + PWT_END - 8, 8, "the end block");
    if (load_le(end + 4, 4))
        REFUSE(b, at + 4, damaged, "bytes 4 to 7 of the end block are not zero");
    if (load_le(end + 8, 8) != b->expected - 1)
        REFUSE(b, at + 8, damaged, "the end block counts other records");
    if (load_le(end + 24, 8) != b->blocks)
        REFUSE(b, at + 24, damaged, "the end block counts other blocks");
    if (!b->verified && load_le(end + 32, 8) != hash) {
        REFUSE(b, at + 32, damaged, "the file does not match its check");
    }
    if (getc(b->base.file) != EOF) {
        REFUSE(b, b->offset, "cut the file there, or copy it again",
               "something follows the end of the trace");
    }
    b->base.header.records = load_le(end + 8, 8);
    b->base.header.accesses = load_le(end + 16, 8);
}

/* The next block's header and compressed bytes. False at the end block. */
static bool read_block(struct binary *b, struct block *k) {
    uint8_t h[PWT_BLOCK_HEADER];
    b->block_at = b->offset;
    take(b, h, 4, "the blocks: the end block is missing");
    if (load_le(h, 4) == PWT_END_MAGIC) {
        read_end(b, h);
        return false;
    }
    if (load_le(h, 4) != PWT_BLOCK)
        REFUSE(b, b->block_at, damaged, "neither a block nor the end block begins here");
    take(b, h + 4, PWT_BLOCK_HEADER - 4, "a block's header");
    if (load_le(h + 44, 4) != (uint32_t)XXH64(h, 44, 0)) {
        REFUSE(b, b->block_at + 44, damaged, "a block's header does not match its check");
    }
    *k = (struct block){.records = (uint32_t)load_le(h + 4, 4),
                        .raw = (uint32_t)load_le(h + 8, 4),
                        .packed = (uint32_t)load_le(h + 12, 4),
                        .first = load_le(h + 16, 8),
                        .accesses_before = load_le(h + 24, 8),
                        .hash = load_le(h + 32, 8),
                        .pid = (uint32_t)load_le(h + 40, 4)};
    check_block(b, k);
    reserve(&b->packed, &b->packed_room, k->packed);
    take(b, b->packed, k->packed, "a block");
    b->blocks++;
    return true;
}

/* The first reading: structure and hash. */
static void verify(struct binary *b) {
    struct block k;
    uint64_t start = b->offset;
    while (read_block(b, &k)) b->expected += k.records;
    if (fseeko(b->base.file, (off_t)start, SEEK_SET)) trace_unreadable(b->base.path);
    b->offset = start;
    b->expected = 1;
    b->blocks = 0;
    b->verified = true; /* the hash was right */
}

static bool next_block(struct binary *b) {
    struct block k;
    if (!read_block(b, &k)) {
        if (b->base.header.accesses != b->accesses) {
            REFUSE(b, b->block_at + 16, damaged, "the end block counts other accesses");
        }
        return false;
    }
    if (k.accesses_before != b->accesses)
        REFUSE(b, b->block_at + 24, damaged, "the block counts other accesses before it");
    if (k.pid != b->base.check.running)
        REFUSE(b, b->block_at + 40, damaged, "the block says process %u runs", k.pid);
    reserve(&b->raw, &b->raw_room, k.raw + PAD);
    size_t n = ZSTD_decompressDCtx(b->zstd, b->raw, k.raw, b->packed, k.packed);
    if (ZSTD_isError(n) || n != k.raw) {
        REFUSE(b, b->block_at + PWT_BLOCK_HEADER, damaged, "the block cannot be decompressed: %s",
               ZSTD_isError(n) ? ZSTD_getErrorName(n) : "wrong length");
    }
    if (XXH64(b->raw, n, 0) != k.hash)
        REFUSE(b, b->block_at + 32, damaged, "the block's bytes do not match its check");
    memset(b->raw + n, 0, PAD);
    memset(&b->predict, 0, sizeof b->predict);
    b->run = 0;
    b->at = b->raw;
    b->limit = b->raw + n;
    b->left = k.records;
    b->expected += k.records;
    return true;
}

/* ---- Reading ------------------------------------------------------------------------------- */

static bool binary_next(struct trace *base, struct trace_record *r) {
    struct binary *b = (struct binary *)base;
    do {
        if (!b->left) {
            if (b->at != b->limit)
                decode_refuse(b, damaged, "bytes are left over behind the block's last record");
            if (b->finished || (b->finished = !next_block(b))) return false;
        }
        base->index++;
    } while (!decode_record(b, r));
    return true;
}

static void binary_close(struct trace *base) {
    struct binary *b = (struct binary *)base;
    ZSTD_freeDCtx(b->zstd);
    free(b->raw);
    free(b->packed);
    free(b);
}

struct trace *trace_binary_open(const char *path, FILE *file) {
    struct binary *b = calloc(1, sizeof *b);
    if (!b) internal_error("out of memory");
    b->base.path = strdup(path);
    b->base.file = file;
    b->base.next = binary_next;
    b->base.close = binary_close;
    b->base.header.binary = true;
    b->expected = 1;
    b->zstd = ZSTD_createDCtx();
    if (!b->base.path || !b->zstd) internal_error("out of memory");
    XXH64_reset(&b->hash, 0);
    trace_check_init(&b->base.check);
    read_header(b);
    verify(b);
    return &b->base;
}
