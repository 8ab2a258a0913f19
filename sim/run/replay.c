/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole run: trace, memory, kernel half, engine and opinions are made, the core driver runs, what
 * each counted is compared (opinion 4) and gathered into one result. If it failed on RTL without a
 * waveform, a copy from before the failure writes one (snapshot.c).
 */
#include "config_file.h"
#include "core.h"
#include "error.h"
#include "snapshot.h"
#include "traffic.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SCAN_RECORDS = 1000000, /* of a binary trace, searched for expectations */
    HANG_CYCLES = 100000
};

/* ---- The trace, before the run ------------------------------------------------------------- */

/* Has the trace expectations? A text trace is read whole; of a long recording the head must do. */
static bool expects(const char *path) {
    struct trace *t = trace_open(path);
    struct trace_record r;
    bool found = false, programs = !trace_get_header(t)->pins;
    while (programs && !found && trace_next(t, &r)) {
        found = r.kind == TRACE_EXPECT;
        if (!r.line && r.index >= SCAN_RECORDS) break;
    }
    trace_close(t);
    return found;
}

/* What may stand before the first process. */
static bool of_head(const struct trace_record *r) {
    return r->kind == TRACE_SET || r->kind == TRACE_NOTE ||
           (r->kind == TRACE_CALL && r->call.nr == CALL_FILE);
}

void replay_trace_settings(const char *path, struct config *cfg) {
    struct trace *t = trace_open(path);
    struct trace_record r;
    const struct trace_header *h = trace_get_header(t);
    bool more = true;
    while (more && trace_next(t, &r) && of_head(&r)) {
        char key[128], value[128];
        if (r.kind == TRACE_SET && sscanf(r.text, "%127s %127s", key, value) == 2) {
            config_assign(cfg, key, value, path, r.line);
        }
        /* what a generator makes of the pins behind its name follows the configuration */
        more = !h->pins || !h->generated || r.kind == TRACE_SET;
    }
    trace_close(t);
}

/* ---- Results ------------------------------------------------------------------------------- */

static struct replay_tlb tlb(uint64_t lookups, uint64_t hits, const uint64_t *missed) {
    struct replay_tlb t = {.lookups = lookups, .hits = hits, .misses = lookups - hits};
    memcpy(t.missed, missed, sizeof t.missed);
    return t;
}

/* What the kernel half counted in the window. struct os_stats is counts and nothing else. */
static struct os_stats os_counted(const struct core *c) {
    struct os_stats s = *os_get_stats(c->os);
    uint64_t *count = (uint64_t *)&s;
    const uint64_t *before = (const uint64_t *)&c->os_before;
    for (size_t i = 0; i < sizeof s / sizeof *count; i++) count[i] -= before[i];
    return s;
}

void core_gather(struct core *c) {
    struct counters whole = c->counters; /* a trace of the pins may reset the MMU in between */
    const struct counters *n = &whole;
    counters_add(&whole, &c->pins.before);
    struct replay_result *r = c->res;
    r->records = c->done - (c->opt->from > 1 ? c->opt->from - 1 : 0);
    r->cycles = c->cycle;
    r->active_cycles = n->active_cycles;
    r->l1i = tlb(n->l1_lookups[0], n->l1_hits[0], n->l1_missed[0]);
    r->l1d = tlb(n->l1_lookups[1], n->l1_hits[1], n->l1_missed[1]);
    r->l2 = tlb(n->l2_lookups, n->l2_hits, n->l2_missed);
    memcpy(r->pwc_hits, n->pwc_hits, sizeof r->pwc_hits);
    memcpy(r->pages, n->pages, sizeof r->pages);
    memcpy(r->walk_latency, n->walk_latency, sizeof r->walk_latency);
    r->walks = n->walks;
    r->pte_reads = n->pte_reads;
    r->pte_bytes = n->pte_bytes;
    r->line_hits = n->line_hits;
    r->line_waits = n->line_waits;
    r->line_fills = n->line_fills;
    memcpy(r->coalesced, n->coalesced, sizeof r->coalesced);
    r->prefetches = n->prefetches;
    r->prefetches_used = n->prefetches_used;
    r->prefetches_unused = n->prefetches - n->prefetches_used;
    r->prefetch_reads = n->prefetch_reads;
    r->ad_writes = n->ad_writes;
    r->merged = n->merged;
    r->holds = n->holds;
    r->cas_retries = n->retries;
    r->walk_latency_min = n->walk_latency_min;
    r->walk_latency_max = n->walk_latency_max;
    r->walk_latency_sum = n->walk_latency_sum;
    r->walks_ended = n->walks_ended;
    r->walk_pending = n->walker_cycles;
    r->walk_active = n->walking_cycles;
    if (c->port.hierarchy) r->hierarchy = *hierarchy_get_stats(c->port.hierarchy);
    r->fences = n->fences;
    r->csr_writes = n->csr_writes;
    r->os = os_counted(c);
}

static uint64_t answers_judged(const struct core *c) {
    return c->pins.judged + judge_answers(c->judge);
}

static void finish(struct core *c) {
    struct replay_result *r = c->res;
    core_gather(c);
    core_region_end(c);
    r->compared_cycles = c->engine->compared_cycles;
    r->compared_responses = answers_judged(c);
    core_report_kills(c);
    os_frames_peak(c->os, &r->frames_total, &r->frames_peak, &r->frames_tables);
    r->checked = c->judge != NULL;
    r->last_record = c->next.index;
    r->racing = trace_racing(c->trace);
    r->instructions_known = r->fetches > 0;
    r->instructions = r->fetches;
}

void replay_result_free(struct replay_result *r) {
    free(r->interval);
    r->interval = NULL;
}

void replay_region(const struct replay_result *r, struct replay_result *region) {
    struct counts all;
    counts_read(&all, r);
    struct counts counted = counts_between(&r->warm, &all);
    memset(region, 0, sizeof *region);
    counts_write(&counted, region);
    region->instructions_known = r->instructions_known;
    region->instructions = region->fetches;
    uint64_t walks = 0;
    for (uint64_t i = 0; i < COUNTERS_LATENCIES; i++) {
        region->walk_latency[i] = r->walk_latency[i] - r->warm_latency[i];
        if (!region->walk_latency[i]) continue;
        if (!walks) region->walk_latency_min = i; /* 0 is one, too: PMP refused the first read */
        region->walk_latency_max = i;
        walks += region->walk_latency[i];
    }
    if (region->walk_latency_max == COUNTERS_LATENCIES - 1)
        region->walk_latency_max = r->walk_latency_max;
}

/* ---- The last look ------------------------------------------------------------------------- */

/* What the kernel half asked for is what the pins saw, but for the boot: one fence, and its CSR
 * writes. Nothing before a window reached the pins. */
static bool kernel_agrees(struct core *c) {
    const struct os_stats os = os_counted(c);
    const struct counters *n = &c->counters;
    if (c->res->os_cycles != os.os_cycles) {
        return core_fail(c, OPINION_COUNTERS, NULL,
                         "os_cycles: the driver says %" PRIu64 ", the kernel half %" PRIu64,
                         c->res->os_cycles, os.os_cycles);
    }
    uint64_t boot = c->boot_csr_writes, fences = os.fences + 1 + c->flushes;
    if (c->pins.on || c->opt->from > 1 ||
        (n->fences == fences && n->csr_writes == os.satp_writes + boot)) {
        return true;
    }
    return core_fail(c, OPINION_COUNTERS, NULL,
                     "the pins saw %" PRIu64 " fences and %" PRIu64
                     " CSR writes, the kernel half asked for %" PRIu64 " and %" PRIu64,
                     n->fences - 1, n->csr_writes - boot, os.fences, os.satp_writes);
}

bool core_books(struct core *c) {
    char why[512];
    bool own = c->engine->stats && !c->cfg->core_ideal; /* an ideal MMU is no part of the engine */
    const struct mmu_stats *model = own ? c->engine->stats(c->engine) : NULL;
    return (counters_agree(&c->counters, model, &c->driver, why, sizeof why) ||
            core_fail(c, OPINION_COUNTERS, NULL, "%s", why)) &&
           kernel_agrees(c);
}

/* Every frame, reference, lock and slot is accounted for; if no process is left, given back. */
static bool kernel_adds_up(struct core *c) {
    char why[512];
    return os_check(c->os, why, sizeof why) ||
           core_fail(c, OPINION_COUNTERS, NULL, "the kernel half at the end: %s", why);
}

static bool compared_something(struct core *c) {
    const struct replay_options *o = c->opt;
    bool lockstep = !strcmp(o->engine, "lockstep"), none = !c->res->accesses;
    bool asked = c->judge && (o->check || strcmp(o->engine, "model") != 0);
    bool compared = (!lockstep || c->engine->compared_cycles) && (!asked || answers_judged(c));
    if (none && c->expecting && !o->no_check && !c->res->expectations) compared = false;
    return compared ||
           core_fail(c, OPINION_TRACE, NULL, "the run was asked to compare, and compared nothing%s",
                     none ? ": " REPLAY_NO_ACCESS : "");
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- One run ------------------------------------------------------------------------------- */

static bool wants_check(const struct replay_options *o, bool expecting) {
    if (o->no_check) return false;
    return o->check || expecting || strcmp(o->engine, "model") != 0;
}

static void begin(struct core *c, replay_opener *open) {
    char why[512];
    const struct config *cfg = c->cfg;
    c->engine = open(c->opt->engine, cfg, c->opt->seed, why, sizeof why);
    if (c->opt->timeout) c->deadline = core_now() + (time_t)c->opt->timeout;
    if (!c->engine) internal_error("engine %s: %s", c->opt->engine, why);
    c->expecting = expects(c->path);
    c->trace = trace_open_for(c->path, cfg);
    c->pins.on = trace_get_header(c->trace)->pins;
    c->mem = mem_new(c->pins.on ? TRAFFIC_MEMORY : (uint64_t)cfg->mem_mib << 20);
    if (c->pins.on) c->pins.elsewhere = mem_new((uint64_t)cfg->mem_mib << 20);
    c->hart = registers_hart(cfg, c->mem);
    if (wants_check(c->opt, c->expecting)) c->judge = judge_new(cfg, c->mem, &c->cycle);
    c->os = os_new(cfg, c->pins.on ? c->pins.elsewhere : c->mem);
    if (c->judge && !c->pins.on && !c->opt->no_kernel_check)
        judge_kernel_begin(c->judge, cfg, c->os);
    memport_init(&c->port, cfg, c->mem);
    if (c->opt->explain) explain_begin(c);
    if (cfg->mem_model == MEMMODEL_HIERARCHY) c->port.hierarchy = hierarchy_new(cfg);
    counters_init(&c->counters, cfg);
    if (c->opt->log) {
        fputs("index,pid,type,va,pa,issue_cycle,done_cycle,source,pte_reads,cause\n", c->opt->log);
    }
}

static void end(struct core *c) {
    c->engine->close(c->engine);
    judge_delete(c->judge);
    os_delete(c->os);
    hierarchy_delete(c->port.hierarchy);
    mem_delete(c->mem);
    mem_delete(c->pins.elsewhere);
    trace_close(c->trace);
    free(c->pids);
    free(c->values);
    free(c->kill);
    free(c->store_bytes);
    free(c);
}

static void run(const char *path, const struct config *cfg, const struct replay_options *options,
                replay_opener *open, struct replay_result *r) {
    struct core *c = calloc(1, sizeof *c);
    if (!c) internal_error("out of memory");
    memset(r, 0, sizeof *r);
    c->path = path;
    c->cfg = cfg;
    c->opt = options;
    c->res = r;
    c->snapshot_at = options->snapshots ? 0 : UINT64_MAX;
    begin(c, open);
    double from = cpu_seconds();
    bool whole = core_run(c) && core_books(c) && compared_something(c);
    if (whole) kernel_adds_up(c);
    if (r->exit_code == EXIT_INTERRUPTED) {
        snprintf(r->report, sizeof r->report,
                 "%s: interrupted in cycle %" PRIu64 ", after %" PRIu64 " accesses\n", path,
                 c->cycle, r->accesses);
    }
    r->seconds = cpu_seconds() - from;
    finish(c);
    core_digest_files(c);
    core_wave_end(c);
    snapshot_over(c);
    end(c);
}

void replay_trace_on(const char *path, const struct config *cfg,
                     const struct replay_options *options, replay_opener *open,
                     struct replay_result *r) {
    struct replay_options o = *options;
    if (!o.hang_cycles) o.hang_cycles = HANG_CYCLES;
    if (strcmp(o.engine, "model") && !o.wave && !o.no_waves) o.snapshots = snapshots_new();
    run(path, cfg, &o, open, r);
    bool failed = r->exit_code != EXIT_PASS && r->exit_code != EXIT_INTERRUPTED;
    if (failed && o.snapshots) snapshot_window(o.snapshots, path, &o, r);
    snapshots_delete(o.snapshots);
}

void replay_trace(const char *path, const struct config *cfg, const struct replay_options *options,
                  struct replay_result *r) {
    replay_trace_on(path, cfg, options, engine_open, r);
}
