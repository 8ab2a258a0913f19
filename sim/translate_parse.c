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
#include "error.h"
#include "translate.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The keys of a line as they stand, and where reading is. */
struct reader {
    struct translate_case *c;
    const char *at;
    struct translate_step step;
    uint8_t p, mpp;
    bool mprv, mpv, virtual; /* virtual: a key that asks for two stages */
    bool has_bytes, has_va, hart_fixed;
    bool satp_written;
    uint64_t satp;
};

static bool fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct reader *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(r->c->why, sizeof r->c->why, format, args);
    va_end(args);
    return false;
}

/* Room for one more in a list that only grows. */
static void *room(void *list, unsigned used, unsigned *have, size_t bytes) {
    if (used < *have) return list;
    *have = *have ? 2 * *have : 16;
    list = realloc(list, *have * bytes);
    if (!list) internal_error("out of memory");
    return list;
}

void translate_case_free(struct translate_case *c) {
    free(c->step);
    free(c->word);
    free(c->pmp);
    free(c->region);
    *c = (struct translate_case){0};
}

/* ---- Numbers and words ----------------------------------------------------------------------- */
static bool ends(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == 0;
}

static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex(struct reader *r, uint64_t *out) {
    const char *from = r->at;
    uint64_t value = 0;
    int d;
    while ((d = digit(*r->at)) >= 0) {
        if (value >> 60) return fail(r, "a number of more than 64 bits");
        value = value << 4 | (uint64_t)d;
        r->at++;
    }
    *out = value;
    return r->at != from || fail(r, "a hex number is expected");
}

static bool flag(struct reader *r, bool *out) {
    uint64_t value;
    if (!hex(r, &value)) return false;
    *out = value;
    return value < 2 || fail(r, "0 or 1 is expected");
}

/* One of the words; its index. */
static int word(struct reader *r, const char *const *words) {
    size_t n = 0;
    while (!ends(r->at[n])) n++;
    for (int i = 0; words[i]; i++) {
        if (strlen(words[i]) != n || memcmp(words[i], r->at, n)) continue;
        r->at += n;
        return i;
    }
    fail(r, "`%.*s` is unknown here", (int)(n < 32 ? n : 32), r->at);
    return -1;
}

static bool take(struct reader *r, char c) {
    if (*r->at != c) return false;
    r->at++;
    return true;
}

/* ---- Values ---------------------------------------------------------------------------------- */
static bool value_hart(struct reader *r) {
    static const char *const words[] = {"rv32", "rv64", "rv64n", "rv64m", NULL};
    int n = word(r, words);
    if (n < 0) return false;
    if (r->hart_fixed) return fail(r, "stands before mem=, in the first step");
    r->c->rv32 = n == 0;
    r->c->svnapot = n >= 2;
    r->c->misaligned = n == 3;
    r->c->pa_bits = n == 0 ? SV32_PA_BITS : 56;
    return true;
}

static bool value_priv(struct reader *r, bool all, uint8_t *out) {
    static const char *const words[] = {"U", "S", "M", "VS", "VU", NULL};
    static const uint8_t priv[] = {PRIV_U, PRIV_S, PRIV_M, PRIV_S, PRIV_U};
    int n = word(r, words);
    if (n < 0) return false;
    if (n > 2 && !all) return fail(r, "M, S or U is expected");
    *out = priv[n];
    r->virtual |= n > 2;
    return true;
}

static bool value_op(struct reader *r) {
    static const char *const words[] = {"fetch", "load", "store", "lr",   "amo", "sc",
                                        "cbo",   "cboz", "hlv",   "hlvx", "hsv", NULL};
    static const uint8_t access[] = {ACCESS_FETCH, ACCESS_LOAD, ACCESS_STORE, ACCESS_LR,
                                     ACCESS_AMO,   ACCESS_SC,   ACCESS_CBO,   ACCESS_CBOZ};
    int n = word(r, words);
    if (n < 0) return false;
    r->step.access = n < 8 ? access[n] : (uint8_t)ACCESS_LOAD;
    r->virtual |= n >= 8;
    r->step.has_op = true;
    return true;
}

static bool value_bytes(struct reader *r) {
    uint64_t n;
    if (!hex(r, &n)) return false;
    r->step.bytes = (unsigned)n;
    r->has_bytes = true;
    return n == 1 || n == 2 || n == 4 || n == 8 || fail(r, "1, 2, 4 or 8 is expected");
}

static bool value_mem(struct reader *r) {
    struct translate_case *c = r->c;
    unsigned bytes = c->rv32 ? 4 : 8;
    r->hart_fixed = true;
    do {
        struct translate_word w = {.bytes = bytes};
        if (!hex(r, &w.pa)) return false;
        if (!take(r, ':')) return fail(r, "pa:val,... is expected");
        if (!hex(r, &w.value)) return false;
        if (w.pa % bytes) return fail(r, "a memory word has %u bytes and is aligned", bytes);
        if (bytes == 4 && w.value >> 32) return fail(r, "a memory word has 4 bytes");
        c->word = room(c->word, c->words, &c->word_room, sizeof *c->word);
        c->word[c->words++] = w;
        r->step.words++;
    } while (take(r, ','));
    return true;
}

static bool value_ram(struct reader *r) {
    struct translate_case *c = r->c;
    if (c->steps) return fail(r, "stands in the first step");
    c->regions = 0;
    do {
        struct spec_region g;
        if (!hex(r, &g.lo)) return false;
        if (!take(r, '-')) return fail(r, "lo-hi,... is expected");
        if (!hex(r, &g.hi)) return false;
        if (g.hi < g.lo) return fail(r, "a range ends before it begins");
        c->region = room(c->region, c->regions, &c->region_room, sizeof *c->region);
        c->region[c->regions++] = g;
    } while (take(r, ','));
    return true;
}

static struct spec_pmp *pmp_new(struct translate_case *c) {
    c->pmp = room(c->pmp, c->pmps, &c->pmp_room, sizeof *c->pmp);
    struct spec_pmp *p = &c->pmp[c->pmps++];
    p->entries = 16;
    memset(p->cfg, 0, 16);
    memset(p->addr, 0, 16 * sizeof *p->addr);
    return p;
}

/* The registers hold bits 55:2 of an address, of RV32 33:2; cfg bits 6:5 are not there. */
static bool value_pmp(struct reader *r) {
    static const char *const none[] = {"none", NULL};
    struct spec_pmp *p = pmp_new(r->c);
    r->step.pmp = r->c->pmps - 1;
    if (*r->at == 'n') return word(r, none) == 0;
    do {
        uint64_t n, cfg, addr;
        if (!hex(r, &n)) return false;
        if (n > 15) return fail(r, "there are 16 PMP entries, 0 to f");
        if (!take(r, ':')) return fail(r, "idx:cfg:pmpaddr,... is expected");
        if (!hex(r, &cfg)) return false;
        if (cfg > 0xff) return fail(r, "pmpcfg is a byte");
        if (!take(r, ':')) return fail(r, "idx:cfg:pmpaddr,... is expected");
        if (!hex(r, &addr)) return false;
        p->cfg[n] = (uint8_t)cfg;
        p->addr[n] = addr;
    } while (take(r, ','));
    return true;
}

static bool value_other_stage(struct reader *r) {
    uint64_t value;
    if (!hex(r, &value)) return false;
    r->virtual |= value != 0;
    return true;
}

static bool value_skip(struct reader *r) {
    while (!ends(*r->at)) r->at++;
    return true;
}

static bool value_satp(struct reader *r) {
    r->satp_written = true;
    return hex(r, &r->satp);
}

static bool value_va(struct reader *r) {
    r->has_va = true;
    return hex(r, &r->step.va);
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
    case KEY3('s', 'u', 'm'): return flag(r, &r->step.sum);
    case KEY3('m', 'x', 'r'): return flag(r, &r->step.mxr);
    case KEY4('m', 'p', 'r', 'v'): return flag(r, &r->mprv);
    case KEY3('m', 'p', 'p'): return value_priv(r, false, &r->mpp);
    case KEY3('m', 'p', 'v'): return flag(r, &r->mpv);
    case KEY4('a', 'd', 'u', 'e'): return flag(r, &r->step.adue);
    case KEY5('p', 'b', 'm', 't', 'e'): return flag(r, &r->step.pbmte);
    case KEY3('p', 'm', 'p'): return value_pmp(r);
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
    case KEY6('h', 'p', 'b', 'm', 't', 'e'): return flag(r, &ignored);
    default: return fail(r, "an unknown key");
    }
}

/* The word at `at`: a key with its value, or `fence`. */
static bool read_key(struct reader *r) {
    const char *from = r->at;
    uint64_t key = 0;
    unsigned n = 0;
    while (!ends(*r->at) && *r->at != '=') {
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
    if (!take(r, '='))
        ok = fail(r, "key=value is expected");
    else
        ok = value_of(r, n < 7 ? key : 0) && (ends(*r->at) || fail(r, "more than a value"));
    if (ok) return true;
    memcpy(why, r->c->why, sizeof why);
    return fail(r, "%.*s: %.100s", (int)(n < 24 ? n : 24), from, why);
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
    if (!r->has_bytes || !r->has_va) return fail(r, "an op needs sz= and va=");
    if (fetch && (s->bytes < 2 || s->bytes > 4 || s->va % 2))
        return fail(r, "a fetch has 2 or 4 bytes at an even address");
    if (r->c->rv32 && s->va >> 32) return fail(r, "va: an address of RV32 has 32 bits");
    s->priv = !fetch && r->mprv ? r->mpp : r->p;
    r->virtual |= !fetch && r->mprv && r->mpv && r->mpp != PRIV_M;
    return true;
}

static bool end_step(struct reader *r) {
    struct translate_case *c = r->c;
    struct translate_step *s = &r->step;
    if (c->rv32 && r->satp_written && r->satp >> 32)
        return fail(r, "satp: a register of RV32 has 32 bits");
    if (r->satp_written) write_satp(r);
    if (s->pmp && s->pmp == c->pmps - 1)
        for (unsigned n = 0; n < 16; n++) /* WARL */
            c->pmp[s->pmp].addr[n] &= (1ull << (c->rv32 ? 32 : 54)) - 1;
    if (s->has_op && !check_op(r)) return false;
    c->two_stage = r->virtual;
    if (r->virtual) return fail(r, "two-stage translation is not available");
    s->fence |= c->steps == 0;
    s->word_from = c->words - s->words;
    c->step = room(c->step, c->steps, &c->step_room, sizeof *c->step);
    c->step[c->steps++] = *s;
    s->has_op = s->fence = false;
    s->words = 0;
    r->hart_fixed = true;
    return true;
}

/* Entry 0 = NAPOT over everything, RWX: the state before any pmp=. */
static void start_case(struct translate_case *c) {
    c->rv32 = c->misaligned = c->two_stage = false;
    c->svnapot = true;
    c->pa_bits = 56;
    c->steps = c->words = c->regions = 0;
    if (c->pmps) {
        c->pmps = 1;
        return;
    }
    struct spec_pmp *all = pmp_new(c);
    all->entries = 1;
    all->cfg[0] = PMP_NAPOT << PMP_A_SHIFT | PMP_X | PMP_W | PMP_R;
    all->addr[0] = (1ull << 54) - 1;
}

bool translate_parse(struct translate_case *c, const char *line) {
    struct reader r = {.c = c, .at = line, .p = PRIV_S, .mpp = PRIV_M};
    bool any = false;
    start_case(c);
    while (*r.at && ends(*r.at)) r.at++;
    c->id = r.at;
    while (!ends(*r.at)) r.at++;
    c->id_bytes = (size_t)(r.at - c->id);
    if (memchr(c->id, '=', c->id_bytes)) return fail(&r, "a line begins with its id");
    for (;;) {
        while (*r.at && ends(*r.at)) r.at++;
        if (*r.at && !(*r.at == '+' && ends(r.at[1]))) {
            if (!read_key(&r)) return false;
            any |= r.step.has_op;
            continue;
        }
        if (!end_step(&r)) return false;
        if (!*r.at) break;
        r.at++;
    }
    return any || fail(&r, "no op");
}
