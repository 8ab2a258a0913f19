/* SPDX-License-Identifier: Apache-2.0
 *
 * The case line: `<id> key=value ... [+ key=value ...]`, numbers in hex without 0x. A million lines
 * a second are read here, so keys are compared as one 64-bit word, and a case keeps its lists from
 * line to line. docs/interface.md has the keys.
 *
 * Values are kept raw until the step ends, since hart= may follow satp=. A value that a WARL field
 * cannot hold is not kept: an illegal satp.MODE leaves satp alone [priv 12.1.11].
 */
#include "enums.h"
#include "translate_reader.h"
#include <stdlib.h>
#include <string.h>

void translate_case_free(struct translate_case *c) {
    free(c->step);
    free(c->word);
    free(c->set);
    free(c->region);
    *c = (struct translate_case){0};
}

/* ---- Values ---------------------------------------------------------------------------------- */
static bool value_hart(struct reader *r) {
    static const char *const words[] = {"rv32", "rv64", "rv64n", "rv64m", NULL};
    int n = reader_word(r, words);
    if (n < 0) return false;
    if (r->hart_fixed) return reader_fail(r, "stands before mem=, in the first step");
    r->c->rv32 = n == 0;
    r->c->svnapot = n >= 2;
    r->c->misaligned = n == 3;
    r->c->pa_bits = n == 0 ? SV32_PA_BITS : 56;
    return true;
}

static bool value_priv(struct reader *r, bool all, uint8_t *out) {
    static const char *const words[] = {"U", "S", "M", "VS", "VU", NULL};
    static const uint8_t priv[] = {PRIV_U, PRIV_S, PRIV_M, PRIV_S, PRIV_U};
    int n = reader_word(r, words);
    if (n < 0) return false;
    if (n > 2 && !all) return reader_fail(r, "M, S or U is expected");
    *out = priv[n];
    r->virtual |= n > 2;
    return true;
}

static bool value_op(struct reader *r) {
    static const char *const words[] = {"fetch", "load", "store", "lr",   "amo", "sc",
                                        "cbo",   "cboz", "hlv",   "hlvx", "hsv", NULL};
    static const uint8_t access[] = {ACCESS_FETCH, ACCESS_LOAD, ACCESS_STORE, ACCESS_LR,
                                     ACCESS_AMO,   ACCESS_SC,   ACCESS_CBO,   ACCESS_CBOZ};
    int n = reader_word(r, words);
    if (n < 0) return false;
    r->step.access = n < 8 ? access[n] : (uint8_t)ACCESS_LOAD;
    r->virtual |= n >= 8;
    r->step.has_op = true;
    return true;
}

static bool value_bytes(struct reader *r) {
    uint64_t n;
    if (!reader_hex(r, &n)) return false;
    r->step.bytes = (unsigned)n;
    r->has_bytes = true;
    return n == 1 || n == 2 || n == 4 || n == 8 || reader_fail(r, "1, 2, 4 or 8 is expected");
}

static bool value_mem(struct reader *r) {
    struct translate_case *c = r->c;
    unsigned bytes = c->rv32 ? 4 : 8;
    r->hart_fixed = true;
    do {
        struct translate_word w = {.bytes = bytes};
        if (!reader_hex(r, &w.pa)) return false;
        if (!reader_take(r, ':')) return reader_fail(r, "pa:val,... is expected");
        if (!reader_hex(r, &w.value)) return false;
        if (w.pa % bytes) return reader_fail(r, "a memory word has %u bytes and is aligned", bytes);
        if (bytes == 4 && w.value >> 32) return reader_fail(r, "a memory word has 4 bytes");
        c->word = reader_room(c->word, c->words, &c->word_room, sizeof *c->word);
        c->word[c->words++] = w;
        r->step.words++;
    } while (reader_take(r, ','));
    return true;
}

static bool value_ram(struct reader *r) {
    struct translate_case *c = r->c;
    if (c->steps) return reader_fail(r, "stands in the first step");
    if (r->step.pma != TRANSLATE_OFF) return reader_fail(r, "says what pma= has said");
    c->regions = 0;
    do {
        struct spec_region g;
        if (!reader_hex(r, &g.lo)) return false;
        if (!reader_take(r, '-')) return reader_fail(r, "lo-hi,... is expected");
        if (!reader_hex(r, &g.hi)) return false;
        if (g.hi < g.lo) return reader_fail(r, "a range ends before it begins");
        c->region = reader_room(c->region, c->regions, &c->region_room, sizeof *c->region);
        c->region[c->regions++] = g;
    } while (reader_take(r, ','));
    return true;
}

static bool value_other_stage(struct reader *r) {
    uint64_t value;
    if (!reader_hex(r, &value)) return false;
    r->virtual |= value != 0;
    return true;
}

static bool value_skip(struct reader *r) {
    while (!reader_ends(*r->at)) r->at++;
    return true;
}

static bool value_satp(struct reader *r) {
    r->satp_written = true;
    return reader_hex(r, &r->satp);
}

static bool value_va(struct reader *r) {
    r->has_va = true;
    return reader_hex(r, &r->step.va);
}

/* ---- Keys ------------------------------------------------------------------------------------ */
#define KEY1(a)                (uint64_t)(a)
#define KEY2(a, b)             (KEY1(a) | (uint64_t)(b) << 8)
#define KEY3(a, b, c)          (KEY2(a, b) | (uint64_t)(c) << 16)
#define KEY4(a, b, c, d)       (KEY3(a, b, c) | (uint64_t)(d) << 24)
#define KEY5(a, b, c, d, e)    (KEY4(a, b, c, d) | (uint64_t)(e) << 32)
#define KEY6(a, b, c, d, e, f) (KEY5(a, b, c, d, e) | (uint64_t)(f) << 40)

static bool value_of(struct reader *r, uint64_t key) {
    bool ignored;
    switch (key) {
    case KEY4('h', 'a', 'r', 't'): return value_hart(r);
    case KEY1('p'): return value_priv(r, true, &r->p);
    case KEY4('s', 'a', 't', 'p'): return value_satp(r);
    case KEY3('s', 'u', 'm'): return reader_flag(r, &r->step.sum);
    case KEY3('m', 'x', 'r'): return reader_flag(r, &r->step.mxr);
    case KEY4('m', 'p', 'r', 'v'): return reader_flag(r, &r->mprv);
    case KEY3('m', 'p', 'p'): return value_priv(r, false, &r->mpp);
    case KEY3('m', 'p', 'v'): return reader_flag(r, &r->mpv);
    case KEY4('a', 'd', 'u', 'e'): return reader_flag(r, &r->step.adue);
    case KEY5('p', 'b', 'm', 't', 'e'): return reader_flag(r, &r->step.pbmte);
    case KEY3('p', 'm', 'p'): return reader_pmp(r);
    case KEY3('p', 'm', 'a'): return reader_pma(r);
    case KEY3('r', 'a', 'm'): return value_ram(r);
    case KEY3('m', 'e', 'm'): return value_mem(r);
    case KEY2('o', 'p'): return value_op(r);
    case KEY2('s', 'z'): return value_bytes(r);
    case KEY2('v', 'a'): return value_va(r);
    case KEY4('n', 'o', 't', 'e'): return value_skip(r);
    case KEY5('v', 's', 'a', 't', 'p'):
    case KEY5('h', 'g', 'a', 't', 'p'): return value_other_stage(r);
    case KEY4('v', 's', 'u', 'm'): /* these act on an access with V=1 only */
    case KEY4('v', 'm', 'x', 'r'):
    case KEY4('s', 'p', 'v', 'p'):
    case KEY5('h', 'a', 'd', 'u', 'e'):
    case KEY6('h', 'p', 'b', 'm', 't', 'e'): return reader_flag(r, &ignored);
    default: return reader_fail(r, "an unknown key");
    }
}

/* The word at `at`: a key with its value, or `fence`. */
static bool read_key(struct reader *r) {
    const char *from = r->at;
    uint64_t key = 0;
    unsigned n = 0;
    while (!reader_ends(*r->at) && *r->at != '=') {
        if (n < 8) key |= (uint64_t)(uint8_t)*r->at << 8 * n;
        n++;
        r->at++;
    }
    if (n == 5 && key == KEY5('f', 'e', 'n', 'c', 'e') && *r->at != '=') {
        r->step.fence = true;
        return true;
    }
    char why[sizeof r->c->why];
    bool ok;
    if (!reader_take(r, '='))
        ok = reader_fail(r, "key=value is expected");
    else
        ok = value_of(r, n < 7 ? key : 0) &&
             (reader_ends(*r->at) || reader_fail(r, "more than a value"));
    if (ok) return true;
    memcpy(why, r->c->why, sizeof why);
    return reader_fail(r, "%.*s: %.100s", (int)(n < 24 ? n : 24), from, why);
}

/* ---- Steps ----------------------------------------------------------------------------------- */
static void write_satp(struct reader *r) {
    uint64_t mode = r->satp >> (r->c->rv32 ? SATP32_MODE_SHIFT : SATP_MODE_SHIFT);
    bool legal = mode == MODE_BARE || r->c->rv32 || (mode >= MODE_SV39 && mode <= MODE_SV57);
    if (legal) r->step.satp = r->satp;
    r->satp_written = false;
}

static bool check_op(struct reader *r) {
    struct translate_step *s = &r->step;
    bool fetch = s->access == ACCESS_FETCH;
    if (!r->has_bytes || !r->has_va) return reader_fail(r, "an op needs sz= and va=");
    if (fetch && (s->bytes < 2 || s->bytes > 4 || s->va % 2))
        return reader_fail(r, "a fetch has 2 or 4 bytes at an even address");
    if (r->c->rv32 && s->va >> 32) return reader_fail(r, "va: an address of RV32 has 32 bits");
    s->priv = !fetch && r->mprv ? r->mpp : r->p;
    r->virtual |= !fetch && r->mprv && r->mpv && r->mpp != PRIV_M;
    return true;
}

static bool end_step(struct reader *r) {
    struct translate_case *c = r->c;
    struct translate_step *s = &r->step;
    if (c->rv32 && r->satp_written && r->satp >> 32)
        return reader_fail(r, "satp: a register of RV32 has 32 bits");
    if (r->satp_written) write_satp(r);
    reader_end_sets(r);
    if (s->has_op && !check_op(r)) return false;
    c->two_stage = r->virtual;
    if (r->virtual) return reader_fail(r, "two-stage translation is not available");
    s->fence |= c->steps == 0;
    s->word_from = c->words - s->words;
    c->step = reader_room(c->step, c->steps, &c->step_room, sizeof *c->step);
    c->step[c->steps++] = *s;
    s->has_op = s->fence = false;
    s->words = 0;
    r->hart_fixed = true;
    return true;
}

static void start_case(struct translate_case *c) {
    c->rv32 = c->misaligned = c->two_stage = false;
    c->svnapot = true;
    c->pa_bits = 56;
    c->steps = c->words = c->regions = 0;
    reader_start_sets(c);
}

bool translate_parse(struct translate_case *c, const char *line) {
    struct reader r = {.c = c, .at = line, .p = PRIV_S, .mpp = PRIV_M};
    bool any = false;
    start_case(c);
    r.step.pmp = TRANSLATE_PMP_ALL;
    r.step.pma = TRANSLATE_OFF;
    while (*r.at && reader_ends(*r.at)) r.at++;
    c->id = r.at;
    while (!reader_ends(*r.at)) r.at++;
    c->id_bytes = (size_t)(r.at - c->id);
    if (memchr(c->id, '=', c->id_bytes)) return reader_fail(&r, "a line begins with its id");
    for (;;) {
        while (*r.at && reader_ends(*r.at)) r.at++;
        if (*r.at && !(*r.at == '+' && reader_ends(r.at[1]))) {
            if (!read_key(&r)) return false;
            any |= r.step.has_op;
            continue;
        }
        if (!end_step(&r)) return false;
        if (!*r.at) break;
        r.at++;
    }
    return any || reader_fail(&r, "no op");
}
