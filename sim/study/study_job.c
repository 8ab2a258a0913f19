/* SPDX-License-Identifier: Apache-2.0
 *
 * One job: the trace replayed on the model under the job's configuration. The records of the
 * warm-up run with the clock as all others, so page tables, page cache and TLBs are warm when the
 * measured region begins; the region is cut into intervals of equally many records, and what is
 * left over belongs to the last.
 */
#include "counts.h"
#include "error.h"
#include "study.h"
#include <stdio.h>
#include <string.h>

void study_counts_read(struct study_counts *c, const struct replay_result *r) {
#define COUNT(name, value, sentence) c->name = (uint64_t)(value);
#include "study_count.def"
#undef COUNT
}

static void add_counts(struct study_counts *to, const struct study_counts *c) {
#define COUNT(name, value, sentence) to->name += c->name;
#include "study_count.def"
#undef COUNT
}

static void read_intervals(struct study_result *out, const struct replay_result *r) {
    static struct replay_result one;
    struct study_counts c;
    for (uint64_t i = 0; i < r->intervals; i++) {
        counts_write(&r->interval[i], &one);
        one.instructions_known = r->instructions_known;
        one.instructions = one.fetches; /* a fetch is one instruction */
        study_counts_read(&c, &one);
        add_counts(&out->interval[i < STUDY_INTERVALS ? i : STUDY_INTERVALS - 1], &c);
    }
}

/* Latencies to the nearest sixteenth below: exact up to 32 cycles, and one row never has many. */
static uint32_t bucket(uint32_t cycles) {
    uint32_t step = 1;
    while (cycles / step >= 32) step *= 2;
    return cycles / step * step;
}

static void read_latencies(struct study_result *out, const struct replay_result *region) {
    for (uint32_t cycles = 0; cycles < COUNTERS_LATENCIES; cycles++) {
        uint64_t walks = region->walk_latency[cycles];
        if (!walks) continue;
        uint32_t at = bucket(cycles), n = out->latencies;
        if (!n || out->latency[n - 1].cycles != at) out->latency[out->latencies++].cycles = at;
        out->latency[out->latencies - 1].walks += walks;
    }
}

void study_job_run(const struct study_plan *plan, size_t job, struct study_result *out) {
    static struct replay_result r, region;
    const struct study_job *j = &plan->job[job];
    struct replay_options o = {.engine = "model",
                               .no_check = true,
                               .config_name = "study",
                               .warmup = j->warmup,
                               .intervals = (j->records - j->warmup) / STUDY_INTERVALS};
    memset(out, 0, sizeof *out);
    out->job = job;
    replay_trace(plan->trace[j->trace].name, &j->config, &o, &r);
    out->exit_code = r.exit_code;
    out->seconds = r.seconds;
    if (r.exit_code != EXIT_PASS) fputs(r.report, stderr);
    replay_region(&r, &region);
    study_counts_read(&out->whole, &r);
    study_counts_read(&out->region, &region);
    read_intervals(out, &r);
    read_latencies(out, &region);
    replay_result_free(&r);
}
