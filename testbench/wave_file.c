/* SPDX-License-Identifier: Apache-2.0
 *
 * Scopes and names are laid out as Verilator lays them out, so that a view of one file fits the
 * other. A clock is added: it shows where cycles begin.
 */
#include "wave_file.h"
#include "gtkwave/fstapi.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wave_file {
    void *fst;
    const struct wave_signal *signal;
    size_t count;
    fstHandle clock, *handle;
    uint32_t *last; /* values of the cycle before, one signal behind the other */
    bool begun;
};

static size_t words(unsigned bits) {
    return (bits + 31) / 32;
}

/* From the scopes that are open to those of the next signal. */
static void enter(void *fst, char *open, size_t room, const char *scope) {
    size_t same = 0;
    for (size_t i = 0;; i++) {
        bool end = !open[i] || open[i] == ' ', next_end = !scope[i] || scope[i] == ' ';
        if (end && next_end) same = i;
        if (!open[i] || !scope[i] || open[i] != scope[i]) break;
    }
    for (const char *s = open + same; *s; s++) {
        if (*s == ' ' || s == open) fstWriterSetUpscope(fst);
    }
    for (const char *s = scope + same; *s;) {
        char level[128];
        s += *s == ' ';
        size_t n = strcspn(s, " ");
        snprintf(level, sizeof level, "%.*s", (int)n, s);
        fstWriterSetScope(fst, FST_ST_VCD_MODULE, level, NULL);
        s += n;
    }
    snprintf(open, room, "%s", scope);
}

static fstHandle declare(void *fst, const struct wave_signal *s) {
    char name[160], element[16] = "", range[24] = "";
    if (s->element >= 0) snprintf(element, sizeof element, "[%d]", s->element);
    if (s->bits > 1) snprintf(range, sizeof range, " [%u:0]", s->bits - 1);
    snprintf(name, sizeof name, "%s%s%s", s->name, element, range);
    return fstWriterCreateVar(fst, FST_VT_VCD_WIRE, FST_VD_IMPLICIT, s->bits, name, 0);
}

struct wave_file *wave_file_open(const char *path, const struct wave_signal *signal, size_t count) {
    char open[256] = "";
    size_t total = 0;
    void *fst = fstWriterCreate(path, 1);
    if (!fst) return NULL;
    struct wave_file *f = calloc(1, sizeof *f);
    if (f) f->handle = calloc(count, sizeof *f->handle);
    for (size_t i = 0; i < count; i++) total += words(signal[i].bits);
    if (f) f->last = calloc(total, sizeof *f->last);
    if (!f || !f->handle || !f->last) abort();
    f->fst = fst;
    f->signal = signal;
    f->count = count;
    fstWriterSetPackType(fst, FST_WR_PT_LZ4);
    fstWriterSetTimescaleFromString(fst, "1ps"); /* Verilator's */
    for (size_t i = 0; i < count; i++) {
        enter(fst, open, sizeof open, signal[i].scope);
        if (!i) f->clock = fstWriterCreateVar(fst, FST_VT_VCD_WIRE, FST_VD_INPUT, 1, "clk_i", 0);
        f->handle[i] = declare(fst, &signal[i]);
    }
    enter(fst, open, sizeof open, "");
    return f;
}

static void emit(const struct wave_file *f, size_t i, const uint32_t *value) {
    char text[8192];
    unsigned bits = f->signal[i].bits;
    for (unsigned b = 0; b < bits; b++)
        text[bits - 1 - b] = (char)('0' + (value[b / 32] >> b % 32 & 1));
    fstWriterEmitValueChange(f->fst, f->handle[i], text);
}

void wave_file_cycle(struct wave_file *f, uint64_t cycle) {
    uint32_t *last = f->last;
    fstWriterEmitTimeChange(f->fst, cycle * WAVE_CYCLE);
    fstWriterEmitValueChange(f->fst, f->clock, "1");
    for (size_t i = 0; i < f->count; i++) {
        size_t n = words(f->signal[i].bits);
        if (!f->begun || memcmp(last, f->signal[i].value, n * sizeof *last)) {
            memcpy(last, f->signal[i].value, n * sizeof *last);
            emit(f, i, last);
        }
        last += n;
    }
    f->begun = true;
    fstWriterEmitTimeChange(f->fst, cycle * WAVE_CYCLE + WAVE_CYCLE / 2);
    fstWriterEmitValueChange(f->fst, f->clock, "0");
}

void wave_file_close(struct wave_file *f) {
    fstWriterClose(f->fst);
    free(f->handle);
    free(f->last);
    free(f);
}
