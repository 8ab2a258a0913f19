/* SPDX-License-Identifier: Apache-2.0
 *
 * The binary form, written. Records are encoded into a block as they come; a full block is
 * compressed by itself and written with a header that names its first record, so a block can be
 * decoded without the ones before it. Every byte that goes out goes through one running hash, which
 * ends the file (docs/trace-format.md).
 *
 * An access that the predictor guessed (trace_predict.h) only lengthens a run; any other costs a
 * token (who, how many bytes, how wide its address is) and the difference of its address from the
 * likeliest one.
 */
#include "trace_private.h"
#include "error.h"
#include "trace_predict.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#include <zstd.h>

enum { LEVEL = 19, ROOM = PWT_EVENT_MAX + 16 };

struct trace_writer {
    char *path;
    FILE *file;
    XXH64_state_t hash;
    ZSTD_CCtx *zstd;
    struct trace_check check;
    uint64_t records, accesses, blocks; /* whole file */
    uint32_t in_block, accesses_in_block, pid_at_start;
    uint32_t run; /* accesses guessed and not yet written */
    struct predict predict;
    uint8_t *raw, *packed;
    size_t used, packed_room;
};

static _Noreturn void write_failed(const struct trace_writer *w) {
    input_error(w->path, 0, 0,
                errno == ENOSPC ? "free some space, or write to another disk" : "check the path",
                "cannot be written: %s", strerror(errno));
}

static void emit(struct trace_writer *w, const void *bytes, size_t count) {
    XXH64_update(&w->hash, bytes, count);
    if (fwrite(bytes, 1, count, w->file) != count) write_failed(w);
}

/* ---- Header -------------------------------------------------------------------------------- */

/* A value is one line of text, so control characters (a script behind `sh -c`) become blanks. */
static size_t put_field(uint8_t *out, const char *key, const char *value) {
    size_t k = strlen(key), v = strlen(value);
    out[0] = (uint8_t)k;
    memcpy(out + 1, key, k);
    store_le(out + 1 + k, v, 2);
    for (size_t i = 0; i < v; i++) {
        bool control = (uint8_t)value[i] < ' ' || value[i] == 127;
        out[3 + k + i] = (uint8_t)(control ? ' ' : value[i]);
    }
    return 3 + k + v;
}

static void emit_header(struct trace_writer *w, const struct trace_header *h) {
    uint8_t out[2048] = {0};
    size_t n = 16;
    memcpy(out, PWT_MAGIC, 8);
    store_le(out + 8, PWT_VERSION, 2);
    n += put_field(out + n, "isa", h->isa[0] ? h->isa : "rv64");
    n += put_field(out + n, "program", h->program);
    n += put_field(out + n, "command", h->command);
    n += put_field(out + n, "recorder", h->recorder);
    store_le(out + 12, n + 8, 4);
    store_le(out + n, XXH64(out, n, 0), 8);
    emit(w, out, n + 8);
}

struct trace_writer *trace_create(const char *path, const struct trace_header *h) {
    struct trace_writer *w = calloc(1, sizeof *w);
    if (!w) internal_error("out of memory");
    w->path = strdup(path);
    w->file = fopen(path, "wb");
    if (!w->file) write_failed(w);
    w->zstd = ZSTD_createCCtx();
    w->packed_room = ZSTD_compressBound(PWT_RAW_MAX);
    w->raw = malloc(PWT_RAW_MAX);
    w->packed = malloc(w->packed_room);
    if (!w->zstd || !w->raw || !w->packed) internal_error("out of memory");
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_contentSizeFlag, 1);
    XXH64_reset(&w->hash, 0);
    trace_check_init(&w->check);
    emit_header(w, h);
    return w;
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static size_t put_varint(uint8_t *out, uint64_t v) {
    size_t n = 0;
    for (; v >= 128; v >>= 7) out[n++] = (uint8_t)(v | 128);
    out[n++] = (uint8_t)v;
    return n;
}

static void encode_run(struct trace_writer *w) {
    uint8_t *out = w->raw + w->used;
    if (!w->run) return;
    bool small = w->run <= PWT_RUN_LONG - PWT_RUN;
    *out = (uint8_t)(small ? PWT_RUN + w->run - 1 : PWT_RUN_LONG);
    w->used += small ? 1 : 1 + put_varint(out + 1, w->run - (PWT_RUN_LONG - PWT_RUN + 1));
    w->run = 0;
}

static void start_block(struct trace_writer *w) {
    w->used = w->in_block = w->accesses_in_block = 0;
    w->pid_at_start = w->check.running;
    memset(&w->predict, 0, sizeof w->predict);
}

static void flush_block(struct trace_writer *w) {
    uint8_t head[PWT_BLOCK_HEADER];
    if (!w->in_block) return;
    encode_run(w);
    size_t packed = ZSTD_compress2(w->zstd, w->packed, w->packed_room, w->raw, w->used);
    if (ZSTD_isError(packed)) internal_error("zstd: %s", ZSTD_getErrorName(packed));
    store_le(head, PWT_BLOCK, 4);
    store_le(head + 4, w->in_block, 4);
    store_le(head + 8, w->used, 4);
    store_le(head + 12, packed, 4);
    store_le(head + 16, w->records - w->in_block + 1, 8);
    store_le(head + 24, w->accesses - w->accesses_in_block, 8);
    store_le(head + 32, XXH64(w->raw, w->used, 0), 8);
    store_le(head + 40, w->pid_at_start, 4);
    store_le(head + 44, XXH64(head, 44, 0), 4);
    emit(w, head, sizeof head);
    emit(w, w->packed, packed);
    w->blocks++;
    w->in_block = 0;
}

/* ---- Records ------------------------------------------------------------------------------- */

static void encode_miss(struct trace_writer *w, const struct guess *a, vaddr_t base, bool racing) {
    uint8_t *token = w->raw + w->used, *out = token + 1;
    bool power = !(a->bytes & (a->bytes - 1)) && a->bytes <= 64 && !racing;
    unsigned size = power ? (unsigned)__builtin_ctz(a->bytes) : 7;
    int64_t d = (int64_t)(a->va - base);
    unsigned how = !d ? 0 : d == (int8_t)d ? 1 : d == (int16_t)d ? 2 : d == (int32_t)d ? 3 : 4;
    unsigned width = how ? 1u << (how - 1) : 0;
    if (!power) store_le(out, a->bytes | (racing ? PWT_RACING : 0u), 2), out += 2;
    store_le(out, (uint64_t)d, width);
    *token = (uint8_t)(how << 5 | size << 2 | a->access);
    w->used = (size_t)(out + width - w->raw);
}

static void encode_access(struct trace_writer *w, const struct trace_record *r) {
    struct guess a = {r->va, r->bytes, r->access};
    struct predict_slot *slot = predict_find(&w->predict);
    struct guess g = predict_guess(&w->predict, slot);
    if (a.va == g.va && a.bytes == g.bytes && a.access == g.access && !r->racing) {
        w->run++;
    } else {
        encode_run(w);
        encode_miss(w, &a, predict_base(&w->predict, slot, a.access), r->racing);
    }
    predict_learn(&w->predict, slot, &a);
    w->accesses++;
    w->accesses_in_block++;
}

static size_t encode_call(uint8_t *out, const struct os_call *k) {
    size_t n = 1;
    out[0] = k->nr;
    n += put_varint(out + n, k->pid);
    n += put_varint(out + n, k->file);
    for (int i = 0; i < 5; i++) n += put_varint(out + n, k->arg[i]);
    size_t name = k->path ? strlen(k->path) : 0;
    if (name) memcpy(out + n, k->path, name);
    return n + name;
}

static void encode_event(struct trace_writer *w, const struct trace_record *r) {
    uint8_t body[PWT_EVENT_MAX];
    enum pwt_event event = PWT_NOTE;
    size_t n = 0;
    switch (r->kind) {
    case TRACE_SWITCH:
        event = PWT_SWITCH;
        n = put_varint(body, r->pid);
        break;
    case TRACE_CALL:
        event = PWT_CALL;
        n = encode_call(body, &r->call);
        break;
    case TRACE_SIGNAL:
        event = PWT_SIGNAL;
        body[n++] = r->sig;
        body[n++] = r->code;
        if (r->caught) body[n++] = 1;
        break;
    default:
        event = r->kind == TRACE_EXPECT ? PWT_EXPECT : r->kind == TRACE_SET ? PWT_SET : PWT_NOTE;
        n = strlen(r->text);
        memcpy(body, r->text, n);
    }
    encode_run(w);
    uint8_t *out = w->raw + w->used;
    *out++ = (uint8_t)(PWT_EVENT + event);
    out += put_varint(out, n);
    memcpy(out, body, n);
    w->used = (size_t)(out + n - w->raw);
}

void trace_write(struct trace_writer *w, const struct trace_record *record) {
    struct trace_record r = *record;
    if (!w->in_block) start_block(w);
    if (r.kind == TRACE_CALL) {
        trace_call_canonical(&r.call);
        size_t n = r.call.path ? strlen(r.call.path)
                               : 0; /* the end of a long name says more than its start */
        if (n > TRACE_NAME_MAX) r.call.path += n - TRACE_NAME_MAX;
        if (r.call.nr == CALL_FILE) r.call.pid = w->check.running;
    }
    if (!trace_check_event(&w->check, &r)) {
        internal_error("%s: record %llu cannot be written: %s (%s)", w->path,
                       (unsigned long long)w->records + 1, w->check.rule, w->check.remedy);
    }
    if (r.kind == TRACE_ACCESS)
        encode_access(w, &r);
    else
        encode_event(w, &r);
    w->records++;
    if (++w->in_block == PWT_BLOCK_RECORDS || w->used + ROOM > PWT_RAW_MAX) flush_block(w);
}

void trace_finish(struct trace_writer *w) {
    uint8_t end[PWT_END] = {0};
    flush_block(w);
    store_le(end, PWT_END_MAGIC, 4);
    store_le(end + 8, w->records, 8);
    store_le(end + 16, w->accesses, 8);
    store_le(end + 24, w->blocks, 8);
    emit(w, end, PWT_END - 8);
    store_le(end + PWT_END - 8, XXH64_digest(&w->hash), 8);
    emit(w, end + PWT_END - 8, 8);
    if (fclose(w->file)) write_failed(w);
    ZSTD_freeCCtx(w->zstd);
    trace_check_free(&w->check);
    free(w->raw);
    free(w->packed);
    free(w->path);
    free(w);
}
