/* SPDX-License-Identifier: Apache-2.0
 *
 * What an access does to the bytes, in program order, at retirement: loads read, stores write their
 * token, both at the physical address that the MMU answered. Opinion 3 is asked here, and the
 * values of loads are kept for expectations.
 */
#include "core.h"
#include "error.h"
#include "token.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Bytes from.. of a store record: token_store_byte, eight at a time. */
void core_store_bytes(uint64_t store, uint64_t from, uint8_t *out, size_t bytes) {
    size_t i = 0;
    for (; i < bytes && (from + i) % 8; i++) out[i] = token_store_byte(store, from + i);
    for (; i < bytes; i += 8) {
        uint64_t word = token_mix(store * 0x10001 + ((from + i) >> 3));
        memcpy(out + i, &word, bytes - i < 8 ? bytes - i : 8);
    }
}

static struct load_value *value_of(struct core *c, uint32_t pid) {
    for (size_t i = 0; i < c->value_count; i++) {
        if (c->values[i].pid == pid) return &c->values[i];
    }
    c->values = realloc(c->values, (c->value_count + 1) * sizeof *c->values);
    if (!c->values) internal_error("out of memory");
    struct load_value *v = &c->values[c->value_count++];
    *v = (struct load_value){.pid = pid};
    return v;
}

static void remember(struct core *c, const struct entry *a, const uint8_t *got) {
    struct load_value *v = value_of(c, a->pid);
    v->bytes[1] = v->bytes[0];
    memcpy(v->byte[1], v->byte[0], VALUE_BYTES);
    v->bytes[0] = a->bytes < VALUE_BYTES ? a->bytes : VALUE_BYTES;
    memcpy(v->byte[0], got, v->bytes[0]);
}

void core_digest(struct core *c, const void *bytes, size_t count) {
    c->res->values = XXH64(bytes, count, c->res->values);
}

/* What a reader of each file would see. */
void core_digest_files(struct core *c) {
    uint8_t bytes[PAGE_BYTES];
    uint64_t cost;
    for (size_t i = 0; c->judge && i < c->judge->files; i++) {
        uint64_t offset = 0;
        size_t n;
        do {
            n = os_file_read(c->os, c->judge->file[i], offset, bytes, sizeof bytes,
                             offset + sizeof bytes, &cost);
            core_digest(c, bytes, n);
            offset += n;
        } while (n == sizeof bytes);
    }
}

static bool load(struct core *c, const struct entry *a) {
    uint8_t got[PAGE_BYTES];
    size_t at = 0;
    for (unsigned n = 0; n < a->parts; n++) {
        mem_read(c->mem, a->part[n].pa, got + at, a->part[n].bytes);
        at += a->part[n].bytes;
    }
    if (c->expecting) remember(c, a, got);
    core_digest(c, got, at);
    return !c->judge || judge_load(c->judge, a->pid, a->va, got, a->bytes) ||
           core_fail(c, OPINION_DATA, a, "%s", c->judge->why);
}

static void store(struct core *c, const struct entry *a) {
    uint8_t bytes[PAGE_BYTES];
    size_t at = 0;
    core_store_bytes(a->store, 0, bytes, a->bytes);
    for (unsigned n = 0; n < a->parts; n++) {
        mem_write(c->mem, a->part[n].pa, bytes + at, a->part[n].bytes);
        at += a->part[n].bytes;
    }
    if (c->judge) data_store(c->judge->data, a->pid, a->va, bytes, a->bytes);
}

bool core_perform(struct core *c, struct entry *a) {
    if (c->judge &&
        !judge_verdict(c->judge, a->pid, a->type, a->va, a->bytes, SIGNAL_NONE, SICODE_NONE)) {
        return core_fail(c, OPINION_DATA, a, "%s", c->judge->why);
    }
    for (unsigned n = 0; n < a->parts; n++) {
        if (!mem_has(c->mem, a->part[n].pa, a->part[n].bytes)) {
            return core_fail(c, OPINION_SPEC, a, "the answer 0x%" PRIx64 " is no memory",
                             a->part[n].pa);
        }
    }
    if (access_reads(a->type) && (c->judge || c->expecting) && !load(c, a)) return false;
    if (access_writes(a->type)) store(c, a);
    return true;
}
