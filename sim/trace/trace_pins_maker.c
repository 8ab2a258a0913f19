/* SPDX-License-Identifier: Apache-2.0
 *
 * Traces of the pins that are made, not read: `traffic:SEED?accesses=N`, the random traffic of the
 * testbench, and `translate:MODE:COUNT:SEED`, generated cases of the decision table. Both look at
 * the answers (which ids are free, when the next case may begin), so they run on a C model of the
 * same configuration, a few edges ahead of what has been read: what they offer there is what the
 * records say, cycle by cycle, and an MMU that is equal gets the same.
 */
#include "trace_private.h"
#include "config.h"
#include "error.h"
#include "traffic.h"
#include "translate.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TRAFFIC   "traffic:"
#define TRANSLATE "translate:"
enum { ACCESSES = 2000 }; /* where the name does not say */

struct maker {
    struct trace base;
    struct config config;
    struct engine *engine; /* with the first record */
    struct traffic *traffic;
    struct traffic_result result;
    struct translate_pins *cases; /* or NULL */
    char mode[8];
    uint64_t seed, count;
    unsigned settings; /* given */
    bool noted;
    struct pins_record *made;
    size_t made_count, room, given;
};

/* ---- The name -------------------------------------------------------------------------------- */

static bool begins(const char *s, const char *with) {
    return !strncmp(s, with, strlen(with));
}

bool trace_makes_pins(const char *path) {
    return begins(path, TRAFFIC) || begins(path, TRANSLATE);
}

static bool parse_traffic(struct maker *m, const char *s) {
    int end = 0;
    m->count = ACCESSES;
    bool seed = sscanf(s, "%" SCNu64 "%n", &m->seed, &end) == 1;
    if (!seed || !s[end]) return seed;
    return sscanf(s += end, "?accesses=%" SCNu64 "%n", &m->count, &end) == 1 && !s[end];
}

static bool parse_translate(struct maker *m, const char *s) {
    int end = 0;
    m->seed = 1;
    if (sscanf(s, "%7[a-z0-9]:%" SCNu64 "%n", m->mode, &m->count, &end) != 2) return false;
    return !s[end] || (sscanf(s += end, ":%" SCNu64 "%n", &m->seed, &end) == 1 && !s[end]);
}

static void parse(struct maker *m) {
    const char *path = m->base.path;
    bool good = begins(path, TRAFFIC) ? parse_traffic(m, path + strlen(TRAFFIC))
                                      : parse_translate(m, path + strlen(TRANSLATE));
    if (!good || !m->count || m->seed > UINT32_MAX)
        input_error(path, 0, 0, "traffic:SEED?accesses=N or translate:MODE:COUNT:SEED",
                    "this is no generator of traffic at the pins");
}

/* ---- Making ---------------------------------------------------------------------------------- */

static void keep(void *who, const struct pins_record *r) {
    struct maker *m = who;
    if (m->made_count == m->room) {
        m->room = m->room ? 2 * m->room : 256;
        m->made = realloc(m->made, m->room * sizeof *m->made);
        if (!m->made) internal_error("out of memory");
    }
    m->made[m->made_count++] = *r;
}

static void begin(struct maker *m) {
    char why[256];
    m->engine = engine_open("model", &m->config, 1, why, sizeof why);
    if (!m->engine) internal_error("%s", why);
    m->traffic = traffic_new(m->engine, &m->config, &m->result, keep, m);
    if (!m->traffic) internal_error("out of memory");
    if (!*m->mode) {
        traffic_seed(m->traffic, (uint32_t)m->seed, TRAFFIC_MOODS);
        return;
    }
    bool rv32 = !strcmp(m->mode, "sv32");
    if (rv32 != (m->config.xlen == 32) || !m->config.hart_svadu ||
        (!rv32 && !m->config.hart_svpbmt))
        input_error(m->base.path, 0, 0, "sv32 needs xlen = 32, the others 64, Svadu and Svpbmt",
                    "this hart has no such cases");
    m->cases = translate_pins_new(&m->config, m->traffic, m->mode, m->count, m->seed);
    if (!m->cases)
        input_error(m->base.path, 0, 0, "sv32, sv39, sv48 or sv57", "`%s` is no mode", m->mode);
}

/* Some more records; false: there are none. An opinion that speaks here will speak again. */
static bool make(struct maker *m) {
    m->made_count = m->given = 0;
    if (!m->traffic) begin(m);
    while (!m->made_count) {
        if (m->result.failed) return false;
        if (m->cases) {
            if (!translate_pins_next(m->cases)) return false;
        } else {
            if (m->result.requests >= m->count) return false;
            traffic_edge(m->traffic);
        }
    }
    return true;
}

/* ---- Settings -------------------------------------------------------------------------------- */

/* The memory behind random traffic is the seed's: quick or slow, always ready or not; and of eight
 * seeds two are of a hart without one extension or two. */
static const char *const setting_of[][8] = {
    {"mem.model fixed", "mem.latency 10", "mem.latency_max 10", "mem.stall 0"},
    {"mem.model random", "mem.latency 1", "mem.latency_max 20", "mem.stall 30"},
    {"mem.model fixed", "mem.latency 1", "mem.latency_max 1", "mem.stall 0"},
    {"mem.model random", "mem.latency 4", "mem.latency_max 80", "mem.stall 60"},
    {"mem.model fixed", "mem.latency 10", "mem.latency_max 10", "mem.stall 0"},
    {"mem.model random", "mem.latency 1", "mem.latency_max 20", "mem.stall 30"},
    {"mem.model fixed", "mem.latency 1", "mem.latency_max 1", "mem.stall 0", "hart.svnapot 0",
     "os.svadu 0", "hart.svadu 0"},
    {"mem.model random", "mem.latency 4", "mem.latency_max 80", "mem.stall 60", "hart.svpbmt 0"},
};

static bool setting(struct maker *m, struct trace_record *r) {
    const char *const *of_seed = setting_of[m->seed % (sizeof setting_of / sizeof *setting_of)];
    if (*m->mode || !of_seed[m->settings]) return false;
    r->kind = TRACE_SET;
    r->text = of_seed[m->settings++];
    return true;
}

/* ---- The stream ------------------------------------------------------------------------------ */

static bool maker_next(struct trace *t, struct trace_record *r) {
    struct maker *m = (struct maker *)t;
    *r = (struct trace_record){.kind = TRACE_NOTE, .text = t->path};
    bool set = setting(m, r);
    if (!set && m->noted) {
        if (m->given == m->made_count && !make(m)) return false;
        r->kind = TRACE_PINS;
        r->pins = m->made[m->given++];
    }
    m->noted = !set;
    r->index = ++t->index;
    if (!trace_check_event(&t->check, r)) internal_error("%s: %s", t->path, t->check.rule);
    return true;
}

static void maker_close(struct trace *t) {
    struct maker *m = (struct maker *)t;
    translate_pins_delete(m->cases);
    traffic_delete(m->traffic);
    if (m->engine) m->engine->close(m->engine);
    free(m->made);
    free(m);
}

struct trace *trace_pins_open(const char *path, const struct config *config) {
    struct maker *m = calloc(1, sizeof *m);
    if (!m) internal_error("out of memory");
    m->base.path = strdup(path);
    if (!m->base.path) internal_error("out of memory");
    m->base.next = maker_next;
    m->base.close = maker_close;
    m->base.header = (struct trace_header){.version = 1, .generated = true, .pins = true};
    m->config = *config;
    trace_check_init(&m->base.check);
    m->base.check.pins = true;
    parse(m);
    return &m->base;
}
