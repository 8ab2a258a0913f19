/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a block of the binary form: accesses guessed, accesses missed, and other records.
 * This is the hot path of every replay: an access is one guess and one look at the stream's rules.
 */
#include "trace_decode.h"
#include "error.h"
#include <string.h>

static const char damaged[] = "copy or record the file again; it is damaged";
static const char newer[] = "a newer pagewalk may read it; this one reads version 1";

_Noreturn void decode_refuse(const struct binary *b, const char *remedy, const char *rule) {
    record_error(b->base.path, b->base.index, b->block_at, remedy, "%s", rule);
}

static _Noreturn void record_too_long(struct binary *b) {
    decode_refuse(b, damaged, "the record passes the end of its block or of itself");
}

static uint64_t get_varint(struct binary *b, const uint8_t **at, const uint8_t *end) {
    uint64_t v = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift == 63 && byte > 1) break;
        v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) return v;
    }
    record_too_long(b);
}

static uint32_t get_number(struct binary *b, const uint8_t **at, const uint8_t *end) {
    uint64_t v = get_varint(b, at, end);
    if (v > UINT32_MAX) decode_refuse(b, damaged, "a process or file number is below 2^32");
    return (uint32_t)v;
}

static void get_text(struct binary *b, const uint8_t *at, const uint8_t *end) {
    size_t n = (size_t)(end - at);
    if (memchr(at, 0, n)) decode_refuse(b, damaged, "a text has a zero byte");
    memcpy(b->text, at, n);
    b->text[n] = 0;
}

static void decode_call(struct binary *b, struct os_call *k, const uint8_t *at,
                        const uint8_t *end) {
    if (at == end) record_too_long(b);
    k->nr = *at++;
    k->pid = get_number(b, &at, end);
    k->file = get_number(b, &at, end);
    for (int i = 0; i < 5; i++) k->arg[i] = get_varint(b, &at, end);
    get_text(b, at, end);
    k->path = k->nr == CALL_FILE ? b->text : NULL;
    if (k->nr != CALL_FILE && at != end)
        decode_refuse(b, damaged, "only the call `file` has a name");
    struct os_call canonical = *k;
    trace_call_canonical(&canonical);
    if (memcmp(canonical.arg, k->arg, sizeof k->arg) || canonical.file != k->file) {
        decode_refuse(b, "write it with trace_write",
                      "the call has arguments or flags that version 1 does not give it");
    }
}

/* A record that is no access. False: one this reader may pass over. */
static bool decode_event(struct binary *b, struct trace_record *r, unsigned event) {
    static const enum trace_kind kinds[] = {TRACE_SWITCH, TRACE_CALL, TRACE_SIGNAL,
                                            TRACE_EXPECT, TRACE_SET,  TRACE_NOTE};
    uint64_t n = get_varint(b, &b->at, b->limit);
    if (n > PWT_EVENT_MAX || n > (size_t)(b->limit - b->at)) record_too_long(b);
    const uint8_t *at = b->at, *end = b->at + n;
    b->at = end;
    if (event >= PWT_OPTIONAL) return false;
    if (event > PWT_NOTE)
        decode_refuse(b, newer, "this kind of record is unknown and may not be passed over");
    memset(r, 0, sizeof *r);
    r->kind = kinds[event];
    switch (event) {
    case PWT_SWITCH:
        r->pid = get_number(b, &at, end);
        if (at != end) record_too_long(b);
        break;
    case PWT_CALL: decode_call(b, &r->call, at, end); break;
    case PWT_SIGNAL:
        if (n != 2 && !(n == 3 && at[2] == 1)) record_too_long(b);
        r->sig = at[0];
        r->code = at[1];
        r->caught = n == 3;
        break;
    default: get_text(b, at, end); r->text = b->text;
    }
    r->index = b->base.index;
    if (!trace_check_event(&b->base.check, r))
        decode_refuse(b, b->base.check.remedy, b->base.check.rule);
    if (r->kind != TRACE_SWITCH) r->pid = b->base.check.running;
    return true;
}

static inline const uint8_t *decode_delta(const uint8_t *at, unsigned how, uint64_t *delta) {
    switch (how) {
    case 0: *delta = 0; return at;
    case 1: *delta = (uint64_t)(int64_t)(int8_t)*at; return at + 1;
    case 2: *delta = (uint64_t)(int64_t)(int16_t)load_le(at, 2); return at + 2;
    case 3: *delta = (uint64_t)(int64_t)(int32_t)load_le(at, 4); return at + 4;
    default: *delta = load_le(at, 8); return at + 8;
    }
}

/* An access that was not guessed: 11 bytes at most behind the token, PAD of them may lie behind the
 * limit. */
static struct guess decode_miss(struct binary *b, unsigned token, const struct predict_slot *slot,
                                bool *racing) {
    unsigned size = token >> 2 & 7;
    const uint8_t *at = b->at;
    uint64_t delta;
    struct guess a = {.bytes = (uint16_t)(1u << size), .access = token & 3};
    if (size == 7) {
        uint16_t bytes = (uint16_t)load_le(at, 2);
        *racing = bytes & PWT_RACING;
        a.bytes = bytes & (PWT_RACING - 1);
        at += 2;
    }
    at = decode_delta(at, token >> 5, &delta);
    if (at > b->limit) record_too_long(b);
    b->at = at;
    a.va = predict_base(&b->predict, slot, a.access) + delta;
    return a;
}

static inline void deliver(struct binary *b, struct trace_record *r, struct predict_slot *slot,
                           struct guess a, bool racing) {
    r->kind = TRACE_ACCESS;
    r->access = a.access;
    r->racing = racing;
    r->bytes = a.bytes;
    r->pid = b->base.check.running;
    r->va = a.va;
    r->text = NULL;
    r->index = b->base.index;
    r->line = 0;
    b->accesses++;
    if (!trace_check_access(&b->base.check, r))
        decode_refuse(b, b->base.check.remedy, b->base.check.rule);
    predict_learn(&b->predict, slot, &a);
}

static uint32_t decode_run(struct binary *b, unsigned token) {
    uint64_t more = token == PWT_RUN_LONG ? get_varint(b, &b->at, b->limit) : 0;
    uint64_t run = token - PWT_RUN + 1 + more;
    if (more > b->left || run > b->left + 1ull)
        decode_refuse(b, damaged, "a run passes the end of its block");
    return (uint32_t)run;
}

bool decode_record(struct binary *b, struct trace_record *r) {
    struct predict_slot *slot = predict_find(&b->predict);
    b->left--;
    if (!b->run) {
        if (b->at == b->limit) record_too_long(b);
        unsigned token = *b->at++;
        if (token < PWT_RUN) {
            bool racing = false;
            struct guess a = decode_miss(b, token, slot, &racing);
            deliver(b, r, slot, a, racing);
            return true;
        }
        if (token >= PWT_EVENT) return decode_event(b, r, token - PWT_EVENT);
        b->run = decode_run(b, token);
    }
    b->run--;
    deliver(b, r, slot, predict_guess(&b->predict, slot), false);
    return true;
}
