/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies around a translation and is the same for every engine: the address-misaligned check,
 * the split of an access that crosses a page, and the bytes that stores leave in memory.
 * `misaligned` harts do loads and stores at any address; lr, sc and amo must be aligned there too
 * and then raise an access fault, as "Zam" is not there to do better [unpriv 13.2, 13.4]. A cbo has
 * no alignment: it works on the block around its address.
 */
#include "enums.h"
#include "translate.h"

static bool is_block(uint8_t access) {
    return access == ACCESS_CBO || access == ACCESS_CBOZ;
}

static uint8_t misaligned_cause(bool may_split, uint8_t access) {
    bool load = access == ACCESS_LOAD || access == ACCESS_LR;
    if (!may_split) return load ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED;
    if (access == ACCESS_LOAD || access == ACCESS_STORE) return CAUSE_NONE;
    return load ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
}

struct translate_split translate_split(const struct translate_case *c,
                                       const struct translate_step *s) {
    struct translate_split out = {.bytes = {s->bytes, 0}, .va = {s->va, 0}};
    if (s->va % s->bytes == 0 || is_block(s->access)) return out;
    if (s->access != ACCESS_FETCH) out.cause = misaligned_cause(c->misaligned, s->access);
    unsigned left = PAGE_BYTES - (unsigned)(s->va % PAGE_BYTES);
    if (left >= s->bytes) return out;
    out.bytes[0] = left;
    out.bytes[1] = s->bytes - left;
    out.va[1] = c->rv32 ? (uint32_t)(s->va + left) : s->va + left;
    return out;
}

/* ---- Memory ---------------------------------------------------------------------------------- */
static void change(struct translate_run *t, paddr_t pa, uint64_t mask, uint64_t bits) {
    uint64_t old = translate_memory_read(t->memory, pa), now = (old & ~mask) | (bits & mask);
    if (now == old) return;
    translate_memory_write(t->memory, pa, now);
    t->engine->changed(t->state, pa, old, now);
    if (t->legal) translate_legal_changed(t->legal, pa, old, now);
}

/* Stores and amo write zeros. */
static void zero(struct translate_run *t, paddr_t pa, unsigned bytes) {
    while (bytes) {
        unsigned at = pa % 8, n = 8 - at < bytes ? 8 - at : bytes;
        change(t, pa - at, (n < 8 ? (1ull << 8 * n) - 1 : ~0ull) << 8 * at, 0);
        pa += n;
        bytes -= n;
    }
}

static bool stores(uint8_t access) {
    return access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_SC ||
           access == ACCESS_CBOZ;
}

/* ---- A case ---------------------------------------------------------------------------------- */
const char *translate_begin(struct translate_run *t, const struct translate_case *c) {
    translate_memory_clear(t->memory);
    if (t->legal) translate_legal_begin(t->legal, c);
    return t->engine->begin(t->state, c);
}

void translate_change(struct translate_run *t, const struct translate_case *c, unsigned n) {
    const struct translate_step *s = &c->step[n];
    for (unsigned i = 0; i < s->words; i++) {
        const struct translate_word *w = &c->word[s->word_from + i];
        if (w->bytes == 8)
            change(t, w->pa, ~0ull, w->value);
        else
            change(t, w->pa & ~7ull, 0xffffffffull << 8 * (w->pa % 8), w->value << 8 * (w->pa % 8));
    }
    t->engine->set(t->state, s);
    if (t->legal) translate_legal_set(t->legal, s);
}

static void add_part(struct translate_answer *a, const struct translate_part *p) {
    for (unsigned n = 0; n < p->writes; n++) a->write[a->writes++] = p->write[n];
    for (unsigned n = 0; n < p->reads; n++) a->read[a->reads++] = p->read[n];
    a->row = p->row;
    a->cause = p->cause;
    if (p->cause) {
        a->bus = p->bus;
        a->bus_pa = p->bus_pa;
    } else {
        a->pbmt[a->parts] = p->pbmt;
        a->pa[a->parts++] = p->pa;
    }
}

void translate_access(struct translate_run *t, const struct translate_case *c, unsigned n,
                      struct translate_answer *a) {
    const struct translate_step *s = &c->step[n];
    struct translate_split split = translate_split(c, s);
    a->cause = split.cause;
    a->row = TRANSLATE_ALIGN;
    a->tval = s->va;
    a->bus = false;
    a->parts = a->writes = a->reads = 0;
    if (split.cause) return;
    for (unsigned i = 0; i < 2 && split.bytes[i]; i++) {
        struct translate_part part;
        a->tval = split.va[i];
        t->engine->access(t->state, s, split.va[i], split.bytes[i], &part);
        add_part(a, &part);
        for (unsigned k = 0; t->legal && k < part.writes; k++)
            translate_legal_updated(t->legal, &part.write[k]);
        if (part.cause) return;
        paddr_t mask = is_block(s->access) ? split.bytes[i] - 1 : 0;
        if (stores(s->access)) zero(t, part.pa & ~mask, split.bytes[i]);
    }
}
