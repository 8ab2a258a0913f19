/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of the slots are packed into vectors as rtl/mmu_slot.sv packs them, bit by bit, so a
 * view cuts the same bits out of either and the two can be compared as they stand
 * (testbench/test_waves.sh does). As there, a field means nothing until its slot has set it.
 */
#include "wave_model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PINS_MAX = 160, FIELDS = 20, SIGNALS = PINS_MAX + FIELDS + MMU_SLOTS_MAX };

struct wave_model {
    char top[32], slot[64]; /* scopes */
    unsigned slots, lead_bits;
    size_t count, pins, used; /* signals; how many of them are pins; words in use */
    struct wave_signal signal[SIGNALS];
    uint32_t value[2048];
};

/* ---- Which there are ------------------------------------------------------------------------- */

static void add(struct wave_model *w, const char *scope, const char *name, int element,
                unsigned bits) {
    w->signal[w->count++] = (struct wave_signal){scope, name, element, bits, w->value + w->used};
    w->used += (bits + 31) / 32;
    if (w->count > SIGNALS || w->used > sizeof w->value / sizeof *w->value) abort();
}

/* FIELD(register of mmu_slot.sv, member of struct mmu_slot, bits) */
#define SLOT_FIELDS(FIELD)                                                                         \
    FIELD(id_q, id, 5)                                                                             \
    FIELD(va_q, va, 57)                                                                            \
    FIELD(access_q, access, 3)                                                                     \
    FIELD(source_q, source, 3)                                                                     \
    FIELD(last_q, last, 12)                                                                        \
    FIELD(priv_q, priv, 2)                                                                         \
    FIELD(level_q, level, 3)                                                                       \
    FIELD(base_q, base, 44)                                                                        \
    FIELD(pte_q, pte, 57)                                                                          \
    FIELD(cause_q, cause, 4)                                                                       \
    FIELD(lead_q, lead, w->lead_bits)                                                              \
    FIELD(sum_q, sum, 1)                                                                           \
    FIELD(mxr_q, mxr, 1)                                                                           \
    FIELD(stale_q, stale, 1)                                                                       \
    FIELD(fresh_q, fresh, 1)                                                                       \
    FIELD(again_q, again, 1)                                                                       \
    FIELD(killed_q, killed, 1)                                                                     \
    FIELD(global_q, global, 1)                                                                     \
    FIELD(line_q, line, 1)                                                                         \
    FIELD(single_q, single, 1)

static void add_pins(struct wave_model *w) {
#define PIN(name, bits) add(w, w->top, #name, -1, bits);
    MMU_IN_PINS(PIN)
    MMU_IN_WIDE_PINS(PIN)
    MMU_OUT_PINS(PIN)
#undef PIN
    w->pins = w->count;
}

static void add_slots(struct wave_model *w) {
    for (unsigned i = 0; i < w->slots; i++) add(w, w->slot, "state_q", (int)i, 4);
#define FIELD(name, member, bits) add(w, w->slot, #name, -1, (bits)*w->slots);
    SLOT_FIELDS(FIELD)
#undef FIELD
}

struct wave_model *wave_model_new(const char *scope, const struct mmu *m) {
    struct mmu_slot slot[MMU_SLOTS_MAX];
    struct wave_model *w = calloc(1, sizeof *w);
    if (!w) abort();
    w->slots = mmu_slots(m, slot);
    while (1u << w->lead_bits < w->slots) w->lead_bits++;
    if (!w->lead_bits) w->lead_bits = 1; /* as SLOT_W */
    snprintf(w->top, sizeof w->top, "%s", scope);
    snprintf(w->slot, sizeof w->slot, "%s mmu u_ptw u_slot", scope);
    add_pins(w);
    add_slots(w);
    return w;
}

void wave_model_delete(struct wave_model *w) {
    free(w);
}

const struct wave_signal *wave_model_signals(const struct wave_model *w, size_t *count) {
    *count = w->count;
    return w->signal;
}

/* ---- Their values ---------------------------------------------------------------------------- */

static uint32_t *value_of(struct wave_model *w, size_t signal) {
    return w->value + (w->signal[signal].value - w->value);
}

static void set(uint32_t *value, unsigned bits, uint64_t v) {
    value[0] = (uint32_t)v;
    if (bits > 32) value[1] = (uint32_t)(v >> 32);
}

/* Into bits at..at+bits-1 of a vector that was all 0. */
static void pack(uint32_t *value, unsigned at, unsigned bits, uint64_t v) {
    v &= bits < 64 ? (1ull << bits) - 1 : ~0ull;
    value[at / 32] |= (uint32_t)(v << at % 32);
    unsigned done = 32 - at % 32;
    if (bits > done) value[at / 32 + 1] |= (uint32_t)(v >> done);
    if (bits > done + 32) value[at / 32 + 2] |= (uint32_t)(v >> done >> 32);
}

void wave_model_state(struct wave_model *w, const struct mmu *m) {
    struct mmu_slot slot[MMU_SLOTS_MAX];
    size_t at = w->pins;
    uint32_t *first = value_of(w, at);
    memset(first, 0, (size_t)(w->value + w->used - first) * sizeof *first);
    mmu_slots(m, slot);
    for (unsigned i = 0; i < w->slots; i++) set(value_of(w, at++), 4, slot[i].state);
#define FIELD(name, member, bits)                                                                  \
    for (unsigned i = 0; i < w->slots; i++)                                                        \
        pack(value_of(w, at), i *(bits), bits, slot[i].member);                                    \
    at++;
    SLOT_FIELDS(FIELD)
#undef FIELD
}

void wave_model_pins(struct wave_model *w, const struct mmu_in *in, const struct mmu_out *out) {
    size_t at = 0;
#define PIN(name, bits) set(value_of(w, at++), bits, in->name);
    MMU_IN_PINS(PIN)
#undef PIN
#define PIN(name, bits)                                                                            \
    if (in->mem_rsp_valid_i) /* else the RTL's pin is left as it is, too */                        \
        memcpy(value_of(w, at), in->name, (bits) / 8);                                             \
    at++;
    MMU_IN_WIDE_PINS(PIN)
#undef PIN
#define PIN(name, bits) set(value_of(w, at++), bits, out->name);
    MMU_OUT_PINS(PIN)
#undef PIN
}
