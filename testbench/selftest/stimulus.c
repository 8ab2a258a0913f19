/* SPDX-License-Identifier: Apache-2.0
 *
 * What a planted fault must survive: random traffic at changing rates over several memories, then
 * text traces through the real replay. An RTL fault faces the right C model and all opinions. A
 * twin fault is in both, so that opinion 1 is blind, and of the others only the one it is made for
 * listens: each opinion is shown to catch faults on its own. Of data faults opinion 2 speaks, too,
 * and earlier, since a translation is wrong before its bytes are; who speaks first with all
 * listening is shown beside.
 *
 * The muting is done by the linker (--wrap): neither opinion knows of it.
 */
#include "selftest.h"
#include "config_file.h"
#include "counters.h"
#include "dut.h"
#include "engine.h"
#include "replay.h"
#include "spec.h"
#include "traffic.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { SEEDS = 16, SEED_CYCLES = 60000 };

unsigned mmu_fault_number; /* read by the patched copy of the C model */
static unsigned rtl_fault; /* for the Verilated copy */
static bool asleep, spec_listens = true, counters_listen = true;

/* ---- Muting ------------------------------------------------------------------------------------
 */

typeof(spec_judge_typed) __wrap_spec_judge_typed, __real_spec_judge_typed;
typeof(spec_judge_ad) __wrap_spec_judge_ad, __real_spec_judge_ad;
typeof(counters_agree) __wrap_counters_agree, __real_counters_agree;

bool __wrap_spec_judge_typed(struct spec *s, uint64_t accepted, uint64_t cycle,
                             const struct spec_request *r, uint8_t cause, paddr_t pa, uint8_t pbmt,
                             char *why, size_t bytes) {
    return __real_spec_judge_typed(s, accepted, cycle, r, cause, pa, pbmt, why, bytes) ||
           !spec_listens;
}

bool __wrap_spec_judge_ad(struct spec *s, uint64_t cycle, paddr_t pa, pte_t old, pte_t now,
                          const struct spec_request *unfinished, const uint64_t *accepted,
                          unsigned count, int oldest, char *why, size_t bytes) {
    return __real_spec_judge_ad(s, cycle, pa, old, now, unfinished, accepted, count, oldest, why,
                                bytes) ||
           !spec_listens;
}

bool __wrap_counters_agree(const struct counters *c, const struct mmu_stats *model,
                           const struct counters_driver *driver, char *why, size_t bytes) {
    return __real_counters_agree(c, model, driver, why, bytes) || !counters_listen;
}

/* ---- The engine ---------------------------------------------------------------------------------
 */

/* Small structures, so that everything is evicted, held, merged and wrapped all the time. */
static const char *const configs[] = {"small.conf", "knobs.conf"};
static const char *chosen = "small.conf";

static struct config small(void) {
    struct config c;
    char path[128];
    snprintf(path, sizeof path, "testbench/selftest/%s", chosen);
    config_load(&c, path);
    return c;
}

/* engine_open opens the library a second time: the number is set in the one it gets. */
static struct engine *open_planted(const char *kind, const struct config *c, uint32_t x_seed,
                                   char *why, size_t bytes) {
    const char *path = dut_path(c);
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    unsigned *number = library ? dlsym(library, "dut_fault_number") : NULL;
    if (!number) {
        snprintf(why, bytes, "no Verilated copy with planted faults");
        return NULL;
    }
    *number = rtl_fault;
    struct engine *e = engine_open(kind, c, x_seed, why, bytes);
    if (e) e->wave = NULL;
    return e;
}

bool stimulus_ready(char *why, unsigned long bytes) {
    struct engine *e = NULL;
    for (unsigned i = 0; i < sizeof configs / sizeof *configs; i++) {
        chosen = configs[i];
        struct config c = small();
        e = open_planted("lockstep", &c, 1, why, bytes);
        if (!e) break;
        e->close(e);
    }
    chosen = configs[0];
    return e != NULL;
}

/* ---- Traffic
 * -------------------------------------------------------------------------------------- */

static void hart_of(struct config *c, uint32_t seed) {
    static const uint32_t latency[4][4] = {/* least, greatest, stalls in 100, random? */
                                           {10, 10, 0, MEMMODEL_FIXED},
                                           {1, 20, 30, MEMMODEL_RANDOM},
                                           {1, 1, 0, MEMMODEL_FIXED},
                                           {4, 80, 60, MEMMODEL_RANDOM}};
    const uint32_t *l = latency[seed % 4];
    c->mem_latency = l[0];
    c->mem_latency_max = l[1];
    c->mem_stall = l[2];
    c->mem_model = l[3];
    c->mem_seed = seed;
    c->hart_svnapot = seed % 2; /* a hart with Svnapot, and one without */
}

static void traffic(struct outcome *o) {
    struct config c = small();
    struct traffic_result r;
    for (uint32_t seed = 1; seed <= SEEDS && !o->spoken; seed++) {
        hart_of(&c, seed);
        o->seed = seed;
        snprintf(o->stimulus, sizeof o->stimulus, "traffic");
        struct engine *e = open_planted("lockstep", &c, seed, o->why, sizeof o->why);
        if (!e) return;
        traffic_run(e, &c, seed, SEED_CYCLES, &r);
        e->close(e);
        o->spoken = r.failed;
        o->cycles += r.cycles;
        snprintf(o->opinion, sizeof o->opinion, "%s", r.opinion);
        snprintf(o->why, sizeof o->why, "%.399s", r.why);
    }
}

static void directed(struct outcome *o) {
    struct config c = small();
    c.mem_latency = 2;
    o->seed = 1;
    snprintf(o->stimulus, sizeof o->stimulus, "directed");
    struct engine *e = open_planted("lockstep", &c, 1, o->why, sizeof o->why);
    if (!e) return;
    directed_run(e, &c, o);
    e->close(e);
}

/* ---- Traces
 * ----------------------------------------------------------------------------------------- */

static const char *opinion_of(const struct replay_result *r) {
    static const char *const named[] = {"cycle", "spec", "data", "counters"};
    const char *by = strstr(r->report, "found by opinion ");
    unsigned n = by ? (unsigned)(by[17] - '1') : 4;
    return n < 4 ? named[n] : "other";
}

static void trace(struct outcome *o, const char *name) {
    static struct replay_result r;
    char path[128];
    struct config c = small();
    struct replay_options options = {
        .engine = "lockstep", .check = true, .seed = 1, .wave = "none", .config_name = "selftest"};
    snprintf(path, sizeof path, "testbench/selftest/traces/%s", name);
    snprintf(o->stimulus, sizeof o->stimulus, "%s", name);
    o->seed = 1;
    replay_trace_settings(path, &c);
    replay_trace_on(path, &c, &options, open_planted, &r);
    o->spoken = r.exit_code != 0;
    o->cycles += r.cycles;
    snprintf(o->opinion, sizeof o->opinion, "%s", o->spoken ? opinion_of(&r) : "");
    snprintf(o->why, sizeof o->why, "%.399s", r.report);
}

void stimulus_asleep(void) {
    asleep = true;
}

static void listen(const struct planted *f) {
    spec_listens = !planted_twin(f) || !strcmp(f->kind, "spec");
    counters_listen = !planted_twin(f) || !strcmp(f->kind, "counters");
}

static void all_of_it(struct outcome *o) {
    static const char *const traces[] = {"l1.trace", "l2.trace", "spaces.trace", "cow.trace",
                                         "pages.trace"};
    traffic(o);
    if (!o->spoken) directed(o);
    for (unsigned i = 0; !o->spoken && i < sizeof traces / sizeof *traces; i++) trace(o, traces[i]);
}

void stimulus_run(const struct planted *f, struct outcome *o) {
    rtl_fault = asleep ? 0 : f->number;
    mmu_fault_number = !asleep && planted_twin(f) ? f->number : 0;
    if (!strcmp(f->kind, "data")) {
        struct outcome all = *o;
        trace(&all, f->where);
        memcpy(o->first, all.opinion, sizeof o->first);
        listen(f);
        trace(o, f->where);
        return;
    }
    listen(f);
    if (!planted_twin(f) && *f->where) chosen = f->where;
    all_of_it(o);
    if (f->number) return;
    for (unsigned i = 1; !o->spoken && i < sizeof configs / sizeof *configs; i++) {
        chosen = configs[i];
        all_of_it(o);
    }
}
