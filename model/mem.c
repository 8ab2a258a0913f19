/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical memory as bytes, without time. RAM is divided into chunks of 512 frames; chunk and frame
 * come into being at the first write, so a terabyte of RAM costs what the program touches. A frame
 * that was never written reads zero, as RAM does here after reset.
 *
 * Each chunk carries two bits a frame: "this frame is a page table", "this frame is ROM". Every way
 * to change memory goes through change(), which compares the frame of a table word by word and
 * tells the watcher old and new value first; another frame costs one bit test.
 */
#include "mem.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK_FRAMES = 512, WORD_BITS = 64 };
enum mark { TABLE, ROM, MARKS };

struct chunk {
    uint8_t *frame[CHUNK_FRAMES];
    uint64_t marks[MARKS][CHUNK_FRAMES / WORD_BITS];
};

struct mem {
    uint64_t bytes;
    struct chunk **chunk;
    uint64_t chunks;
    mem_watch *watch;
    void *who;
};

static void *zeroed(size_t count, size_t bytes) {
    void *block = calloc(count, bytes);
    if (!block) abort(); /* the host has no memory left: nothing sensible can follow */
    return block;
}

struct mem *mem_new(uint64_t bytes) {
    struct mem *m = zeroed(1, sizeof *m);
    m->bytes = bytes & ~(uint64_t)(PAGE_BYTES - 1);
    m->chunks = (m->bytes / PAGE_BYTES + CHUNK_FRAMES - 1) / CHUNK_FRAMES;
    m->chunk = zeroed(m->chunks ? m->chunks : 1, sizeof(struct chunk *));
    return m;
}

void mem_delete(struct mem *m) {
    if (!m) return;
    for (uint64_t c = 0; c < m->chunks; c++) {
        if (!m->chunk[c]) continue;
        for (unsigned f = 0; f < CHUNK_FRAMES; f++) free(m->chunk[c]->frame[f]);
        free(m->chunk[c]);
    }
    free(m->chunk);
    free(m);
}

uint64_t mem_bytes(const struct mem *m) {
    return m->bytes;
}

bool mem_has(const struct mem *m, paddr_t pa, size_t bytes) {
    return pa >= MEM_BASE && pa - MEM_BASE <= m->bytes && bytes <= m->bytes - (pa - MEM_BASE);
}

/* ---- Frames -------------------------------------------------------------------------- */
static const uint8_t *frame_peek(const struct mem *m, paddr_t pa) {
    uint64_t number = (pa - MEM_BASE) / PAGE_BYTES;
    const struct chunk *c = m->chunk[number / CHUNK_FRAMES];
    return c ? c->frame[number % CHUNK_FRAMES] : NULL;
}

static struct chunk *chunk_make(struct mem *m, uint64_t number) {
    struct chunk **c = &m->chunk[number / CHUNK_FRAMES];
    if (!*c) *c = zeroed(1, sizeof **c);
    return *c;
}

static uint8_t *frame_make(struct mem *m, paddr_t pa) {
    uint64_t number = (pa - MEM_BASE) / PAGE_BYTES;
    uint8_t **frame = &chunk_make(m, number)->frame[number % CHUNK_FRAMES];
    if (!*frame) *frame = zeroed(1, PAGE_BYTES);
    return *frame;
}

static void mark(struct mem *m, ppn_t ppn, enum mark which) {
    uint64_t number = ppn - (MEM_BASE >> PAGE_SHIFT), bit = number % CHUNK_FRAMES;
    chunk_make(m, number)->marks[which][bit / WORD_BITS] |= 1ull << (bit % WORD_BITS);
}

static bool marked(const struct mem *m, ppn_t ppn, enum mark which) {
    uint64_t number = ppn - (MEM_BASE >> PAGE_SHIFT), bit = number % CHUNK_FRAMES;
    const struct chunk *c = m->chunk[number / CHUNK_FRAMES];
    return c && (c->marks[which][bit / WORD_BITS] >> (bit % WORD_BITS) & 1);
}

void mem_mark_table(struct mem *m, ppn_t ppn) {
    mark(m, ppn, TABLE);
}

bool mem_is_table(const struct mem *m, ppn_t ppn) {
    return marked(m, ppn, TABLE);
}

void mem_mark_rom(struct mem *m, ppn_t ppn) {
    mark(m, ppn, ROM);
}

bool mem_is_rom(const struct mem *m, ppn_t ppn) {
    return marked(m, ppn, ROM);
}

void mem_set_watch(struct mem *m, mem_watch *watch, void *who) {
    m->watch = watch;
    m->who = who;
}

/* ---- Changes ------------------------------------------------------------------------- */

/* Report every aligned word of a table frame that these bytes will change. */
static void report(struct mem *m, paddr_t pa, const uint8_t *in, size_t bytes) {
    const uint8_t *frame = frame_peek(m, pa);
    paddr_t base = pa & ~(paddr_t)(PAGE_BYTES - 1);
    size_t first = (pa - base) / PTE_BYTES;
    size_t last = (pa - base + bytes - 1) / PTE_BYTES;
    for (size_t w = first; w <= last; w++) {
        uint8_t now[PTE_BYTES] = {0};
        uint64_t before = 0, after;
        if (frame) memcpy(now, frame + w * PTE_BYTES, PTE_BYTES);
        memcpy(&before, now, PTE_BYTES);
        for (size_t b = 0; b < PTE_BYTES; b++) {
            paddr_t at = base + w * PTE_BYTES + b;
            if (at >= pa && at - pa < bytes) now[b] = in[at - pa];
        }
        memcpy(&after, now, PTE_BYTES);
        if (before != after) m->watch(m->who, base + w * PTE_BYTES, before, after);
    }
}

/* Bytes inside one frame. */
static void change(struct mem *m, paddr_t pa, const uint8_t *in, size_t bytes) {
    if (m->watch && mem_is_table(m, pa >> PAGE_SHIFT)) report(m, pa, in, bytes);
    memcpy(frame_make(m, pa) + pa % PAGE_BYTES, in, bytes);
}

uint64_t mem_read64(const struct mem *m, paddr_t pa) {
    const uint8_t *frame = frame_peek(m, pa);
    uint64_t value = 0;
    if (frame) memcpy(&value, frame + pa % PAGE_BYTES, sizeof value);
    return value;
}

void mem_write64(struct mem *m, paddr_t pa, uint64_t value) {
    uint8_t in[sizeof value];
    memcpy(in, &value, sizeof value);
    change(m, pa, in, sizeof value);
}

void mem_read(const struct mem *m, paddr_t pa, void *out, size_t bytes) {
    uint8_t *to = out;
    while (bytes) {
        size_t part = PAGE_BYTES - pa % PAGE_BYTES;
        if (part > bytes) part = bytes;
        const uint8_t *frame = frame_peek(m, pa);
        if (frame)
            memcpy(to, frame + pa % PAGE_BYTES, part);
        else
            memset(to, 0, part);
        to += part;
        pa += part;
        bytes -= part;
    }
}

void mem_write(struct mem *m, paddr_t pa, const void *in, size_t bytes) {
    const uint8_t *from = in;
    while (bytes) {
        size_t part = PAGE_BYTES - pa % PAGE_BYTES;
        if (part > bytes) part = bytes;
        change(m, pa, from, part);
        from += part;
        pa += part;
        bytes -= part;
    }
}

void mem_zero_frame(struct mem *m, ppn_t ppn) {
    static const uint8_t zeros[PAGE_BYTES];
    paddr_t pa = ppn << PAGE_SHIFT;
    if (frame_peek(m, pa)) /* a frame never written is zero already */
        change(m, pa, zeros, PAGE_BYTES);
}

void mem_copy_frame(struct mem *m, ppn_t to, ppn_t from) {
    uint8_t bytes[PAGE_BYTES];
    mem_read(m, from << PAGE_SHIFT, bytes, PAGE_BYTES);
    change(m, to << PAGE_SHIFT, bytes, PAGE_BYTES);
}
