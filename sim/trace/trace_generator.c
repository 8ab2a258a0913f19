/* SPDX-License-Identifier: Apache-2.0
 *
 * Synthetic streams: `gen:NAME?pages=N&accesses=N&seed=S` stands wherever a trace may. One process
 * maps anonymous memory, touches each page once by a store (so each has a frame of its own, and the
 * page faults come first), and then makes the accesses of its pattern, all of them loads but the
 * second half of a GUPS update. The mapping begins at a multiple of 1 GiB.
 *
 * Access n is a function of (pattern, seed, n) alone: nothing is remembered, whatever the length. A
 * pattern that reaches a page once a lap reads one line of it, which differs from page to page, as
 * the heads of separately allocated objects do; else all of them would lie in one set of a data
 * cache.
 */
#include "trace_private.h"
#include "config.h"
#include "error.h"
#include "line.h"
#include "token.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BASE     0x40000000ull /* 1 GiB: a superpage of any size below may lie there */
#define FAR      0x200000ull /* what one table of level 0 maps: all-miss leaves it with each step */
#define MIB      0x100000ull
#define LINE     64u
#define WORD     8u
#define PAGE_MAX 16777216ull

enum { KEY_PAGES, KEY_ACCESSES, KEY_SEED, KEY_STRIDE, KEY_HOT, KEY_PERCENT, KEYS };

struct generator {
    struct trace base;
    const struct pattern *pattern;
    uint64_t value[KEYS];
    uint64_t step; /* records of the head, then stores of the first touch, then accesses */
    char text[256];
};

/* ---- Patterns ------------------------------------------------------------------------------ */

static uint64_t draw(const struct generator *g, uint64_t stream, uint64_t n) {
    return token_mix(token_mix((g->value[KEY_SEED] << 8) + stream) + n);
}

static uint64_t below(uint64_t random, uint64_t bound) {
    return (uint64_t)((unsigned __int128)random * bound >> 64);
}

static uint64_t line_of(const struct generator *g, uint64_t page) {
    return page * PAGE_BYTES + draw(g, 1, page) % (PAGE_BYTES / LINE) * LINE;
}

static uint64_t any_word(const struct generator *g, uint64_t n) {
    return below(draw(g, 2, n), g->value[KEY_PAGES] * (PAGE_BYTES / WORD)) * WORD;
}

/* A permutation of the pages without a table: a Feistel network over the next power of four,
 * walked on until it falls inside. */
static uint64_t shuffled(const struct generator *g, uint64_t page) {
    unsigned half = 1;
    while (1ull << 2 * half < g->value[KEY_PAGES]) half++;
    uint64_t mask = (1ull << half) - 1;
    do {
        uint64_t left = page >> half, right = page & mask;
        for (unsigned round = 0; round < 4; round++) {
            uint64_t next = left ^ (draw(g, 8 + round, right) & mask);
            left = right;
            right = next;
        }
        page = left << half | right;
    } while (page >= g->value[KEY_PAGES]);
    return page;
}

static uint64_t cyclic(const struct generator *g, uint64_t n) {
    return line_of(g, n % g->value[KEY_PAGES]);
}
static uint64_t uniform(const struct generator *g, uint64_t n) {
    return any_word(g, n);
}
static uint64_t sequential(const struct generator *g, uint64_t n) {
    return n % (g->value[KEY_PAGES] * (PAGE_BYTES / WORD)) * WORD;
}
static uint64_t page_local(const struct generator *g, uint64_t n) {
    uint64_t word = any_word(g, n);
    if (draw(g, 3, n) % 100 >= g->value[KEY_PERCENT]) return word;
    uint64_t hot = shuffled(g, below(draw(g, 4, n), g->value[KEY_HOT]));
    return hot * PAGE_BYTES + word % PAGE_BYTES;
}
static uint64_t pointer_chase(const struct generator *g, uint64_t n) {
    return line_of(g, shuffled(g, n % g->value[KEY_PAGES]));
}
static uint64_t gups(const struct generator *g, uint64_t n) {
    return any_word(g, n / 2);
}
static uint64_t strided(const struct generator *g, uint64_t n) {
    uint64_t bytes = g->value[KEY_PAGES] * PAGE_BYTES;
    return (uint64_t)((unsigned __int128)n * g->value[KEY_STRIDE] % bytes);
}
static uint64_t all_miss(const struct generator *g, uint64_t n) {
    uint64_t page = n % g->value[KEY_PAGES];
    return page * FAR + line_of(g, page) % PAGE_BYTES;
}

/* A key that a pattern has beyond pages, accesses and seed stands in `keys`. */
static const struct pattern {
    const char *name;
    uint64_t (*at)(const struct generator *, uint64_t n); /* offset in the mapping */
    unsigned keys;
    uint64_t step;      /* from a page that is touched to the next */
    uint64_t pages_max; /* all-miss: what the user half of Sv39 holds */
} patterns[] = {{"cyclic", cyclic, 0, PAGE_BYTES, PAGE_MAX},
                {"uniform", uniform, 0, PAGE_BYTES, PAGE_MAX},
                {"sequential", sequential, 0, PAGE_BYTES, PAGE_MAX},
                {"page-local", page_local, 1u << KEY_HOT | 1u << KEY_PERCENT, PAGE_BYTES, PAGE_MAX},
                {"pointer-chase", pointer_chase, 0, PAGE_BYTES, PAGE_MAX},
                {"gups", gups, 0, PAGE_BYTES, PAGE_MAX},
                {"strided", strided, 1u << KEY_STRIDE, PAGE_BYTES, PAGE_MAX},
                {"all-miss", all_miss, 0, FAR, 65536}};

enum { PATTERNS = sizeof patterns / sizeof *patterns };

/* ---- The name ------------------------------------------------------------------------------ */

static const struct key {
    const char *name, *what;
    uint64_t value, min, max, multiple; /* `value`: where the name does not say */
} keys[KEYS] = {{"pages", "the number of pages", 1024, 1, PAGE_MAX, 1},
                {"accesses", "the number of accesses", 1000000, 1, 1000000000000000, 1},
                {"seed", "the seed", 1, 0, UINT32_MAX, 1},
                {"stride", "the stride in bytes", 256, WORD, 1ull << 30, WORD},
                {"hot", "the number of hot pages", 16, 1, PAGE_MAX, 1},
                {"percent", "the percentage of accesses to hot pages", 99, 0, 100, 1}};

static unsigned read_key(struct lex *l, const struct pattern *p) {
    const char *words[KEYS + 1] = {NULL};
    for (unsigned k = 0; k < KEYS; k++)
        words[k] = k < KEY_STRIDE || p->keys >> k & 1 ? keys[k].name : "?"; /* `?`: not offered */
    return lex_pick(l, "a key of this generator", words);
}

static void read_value(struct generator *g, struct lex *l, unsigned key) {
    const struct key *k = &keys[key];
    const char *at = l->at + 1; /* behind the `=` */
    uint64_t max = key == KEY_PAGES ? g->pattern->pages_max : k->max;
    g->value[key] = lex_number(l, k->what, k->min, max);
    if (g->value[key] % k->multiple)
        lex_fail(l, at, "loads are aligned to their 8 bytes", "%s must be a multiple of %" PRIu64,
                 k->what, k->multiple);
}

/* `gen:NAME?KEY=VALUE&KEY=VALUE`, read as the words NAME KEY VALUE KEY VALUE; the marks between
 * them are looked at where they stand in the name. */
static void read_name(struct generator *g, struct line *line) {
    const char *names[PATTERNS + 1] = {NULL}, *mark = "?";
    struct lex *l = &line->lex;
    bool given[KEYS] = {false};
    for (unsigned i = 0; i < PATTERNS; i++) names[i] = patterns[i].name;
    for (unsigned k = 0; k < KEYS; k++) g->value[k] = keys[k].value;
    g->pattern = &patterns[lex_pick(l, "a generator", names)];
    for (; !l->bad && line->raw[l->at - line->work]; mark = "&") {
        if (line->raw[l->at - line->work] != *mark)
            lex_fail(l, l->at, "gen:NAME?KEY=VALUE&KEY=VALUE", "`%s` belongs here", mark);
        const char *at = l->at + 1;
        unsigned key = read_key(l, g->pattern);
        if (!l->bad && line->raw[l->at - line->work] != '=')
            lex_fail(l, l->at, "gen:NAME?KEY=VALUE&KEY=VALUE", "`=` and a value belong here");
        if (given[key]) lex_fail(l, at, "say it once", "%s is given twice", keys[key].name);
        given[key] = true;
        read_value(g, l, key);
    }
    if (!given[KEY_HOT] && g->value[KEY_HOT] > g->value[KEY_PAGES])
        g->value[KEY_HOT] = g->value[KEY_PAGES];
    if (g->value[KEY_HOT] > g->value[KEY_PAGES])
        lex_fail(l, l->at, "give a value in this range",
                 "%s must be 1 to the number of pages, %" PRIu64, keys[KEY_HOT].what,
                 g->value[KEY_PAGES]);
    line_check(line);
}

static void parse_name(struct generator *g) {
    static struct line line;
    const char *path = g->base.path;
    if (strlen(path) >= sizeof line.raw)
        input_error("gen:", 0, 0, "see docs/trace-format.md",
                    "the name of a generator is too long");
    line_init(&line, path, NULL);
    line.number = 1;
    strcpy(line.raw, path);
    for (size_t i = 0; i <= strlen(path); i++)
        line.work[i] = i < strlen(TRACE_GENERATOR) || strchr("?&=", path[i]) ? ' ' : path[i];
    line.work[strlen(path)] = 0;
    lex_init(&line.lex, line.work);
    read_name(g, &line);
}

/* ---- The stream ---------------------------------------------------------------------------- */

enum { STEP_MEMORY, STEP_NOTE, STEP_PROCESS, STEP_MMAP, STEP_TOUCH };

/* Pages, the tables above them, and an eighth for the kernel half's reserves. */
static uint64_t memory_mib(const struct generator *g) {
    uint64_t tables = g->value[KEY_PAGES] * g->pattern->step / FAR + 64;
    return (g->value[KEY_PAGES] + tables) * 9 / 8 * PAGE_BYTES / MIB + 1;
}

static void head_record(struct generator *g, struct trace_record *r) {
    uint64_t bytes = (g->value[KEY_PAGES] - 1) * g->pattern->step + PAGE_BYTES;
    switch (g->step) {
    case STEP_MEMORY:
        r->kind = TRACE_SET;
        r->text = g->text;
        snprintf(g->text, sizeof g->text, "mem.mib %" PRIu64, memory_mib(g));
        break;
    case STEP_NOTE:
        r->kind = TRACE_NOTE;
        r->text = g->text;
        snprintf(g->text, sizeof g->text, "%.*s", (int)sizeof g->text - 1, g->base.path);
        break;
    case STEP_PROCESS:
        r->kind = TRACE_CALL;
        r->call = (struct os_call){.nr = CALL_EXEC, .pid = 1};
        break;
    default:
        r->kind = TRACE_CALL;
        r->call = (struct os_call){
            .nr = CALL_MMAP,
            .pid = 1,
            .arg = {BASE, bytes, PROT_R | PROT_W, MAP_F_PRIVATE | MAP_F_ANON | MAP_F_FIXED}};
    }
}

static void access_record(const struct generator *g, struct trace_record *r) {
    uint64_t n = g->step - STEP_TOUCH, pages = g->value[KEY_PAGES];
    bool touch = n < pages;
    if (!touch) n -= pages;
    r->kind = TRACE_ACCESS;
    r->access = touch || (g->pattern->at == gups && n & 1) ? ACCESS_STORE : ACCESS_LOAD;
    r->bytes = WORD;
    r->va =
        BASE + (touch ? n * g->pattern->step + line_of(g, n) % PAGE_BYTES : g->pattern->at(g, n));
}

static bool generator_next(struct trace *t, struct trace_record *r) {
    struct generator *g = (struct generator *)t;
    *r = (struct trace_record){.pid = t->check.running};
    if (g->step >= STEP_TOUCH + t->header.accesses) return false;
    if (g->step >= STEP_TOUCH)
        access_record(g, r);
    else
        head_record(g, r);
    g->step++;
    r->index = ++t->index;
    bool kept = r->kind == TRACE_ACCESS ? trace_check_access(&t->check, r)
                                        : trace_check_event(&t->check, r);
    if (!kept) internal_error("%s: %s", t->path, t->check.rule);
    return true;
}

static void generator_close(struct trace *t) {
    free(t);
}

struct trace *trace_generator_open(const char *path) {
    struct config plain;
    struct generator *g = calloc(1, sizeof *g);
    if (!g) internal_error("out of memory");
    g->base.path = strdup(path);
    if (!g->base.path) internal_error("out of memory");
    g->base.next = generator_next;
    g->base.close = generator_close;
    trace_check_init(&g->base.check);
    parse_name(g);
    config_defaults(&plain);
    g->base.header = (struct trace_header){.version = 1, .generated = true};
    g->base.header.accesses = g->value[KEY_PAGES] + g->value[KEY_ACCESSES];
    if (memory_mib(g) <= plain.mem_mib) g->step = STEP_NOTE;
    return &g->base;
}
