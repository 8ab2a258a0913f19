/* SPDX-License-Identifier: Apache-2.0
 *
 * One trace replayed on one engine: trace -> kernel half -> core driver -> engine -> kernel half,
 * with opinions 2, 3 and 4 watching. docs/interface.md lists the same numbers under the same names.
 */
#ifndef PW_REPLAY_H
#define PW_REPLAY_H
#include "config.h"
#include "counters.h"
#include "counts.h"
#include "engine.h"
#include "events.h"
#include "hierarchy.h"
#include "os/os.h"
#include "signature.h"
#include <signal.h>
#include <stdio.h>

struct replay_options {
    const char *engine; /* "model", "rtl", "lockstep" */
    bool check;         /* opinions 2 and 3; lockstep and rtl: always; model: also if the trace has
                           expectations */
    bool no_kernel_check; /* --no-kernel-check: opinions 2 and 3 without the kernel-side check */
    bool no_check;        /* --no-check: neither 2 nor 3, whatever the engine and the trace */
    uint64_t from,
        to; /* window of trace records that drives the engine, 1-based, inclusive; 0 = whole trace.
               Records before `from` run on the kernel half functionally (state, no clock) */
    uint64_t warmup;             /* the region begins when so many records of the window are done */
    uint64_t intervals;          /* records an interval of the region; 0: none are kept */
    uint64_t max_accesses;       /* stop cleanly after so many; 0 = no limit */
    uint32_t seed;               /* random initial state of the RTL */
    FILE *log;                   /* --log: one CSV row an access, or NULL */
    const char *log_path;        /* for messages */
    const char *wave;            /* --wave, or NULL */
    uint64_t wave_from, wave_to; /* cycles; 0 = all */
    const char *config_name;     /* for `expect cycles N in NAME`: "default" if untouched */
    uint64_t hang_cycles;        /* cycles without progress that count as a hang */
    volatile uint64_t *progress; /* if not NULL: accesses done so far, stored now and then */
    const struct event_options *events; /* --trace, or NULL */
    struct ps *ps;                      /* --ps: what is asked, and the answers; or NULL */
    struct explain *explain;            /* `pagewalk explain`: what is asked, and what happened */
    FILE *faults;                       /* `pagewalk faults`: one line a page fault, or NULL */
    const volatile sig_atomic_t *stop;  /* if not NULL and not 0: stop cleanly, exit code 6 */
    const char *rerun;           /* the command that reruns exactly this, for the failure report */
    bool no_waves;               /* of a failure none are written */
    struct snapshots *snapshots; /* replay_trace's own */
    uint64_t timeout;            /* seconds after which it counts as a hang; 0: none */
};

/* What a run says whose time is over. */
#define REPLAY_LATE "its time is over"

/* Why a run that replayed nothing did so. */
#define REPLAY_NO_ACCESS                                                                           \
    "no access was replayed: the trace has none, or the window lies beyond its end"

struct replay_tlb {
    uint64_t lookups, hits, misses;
    uint64_t
        missed[SIZE_COUNT]; /* misses that were answered, by the page size of the translation */
};

struct replay_vma {                 /* accesses that completed and had missed L1 */
    uint64_t misses, walks, cycles; /* cycles: from acceptance to answer */
};

enum { REPLAY_KILLS = 64 };
struct replay_kill { /* a process that the OOM killer ended */
    uint32_t pid;
    uint64_t record, skipped; /* its last record; those passed over since */
    int64_t points;           /* oom_badness, pages */
    bool born;                /* false: its parent was killed before it could be forked */
};

struct replay_result {
    uint64_t records, accesses, fetches, loads, stores, amos, instructions, splits, retries,
        killed_lookups;
    uint64_t cycles, active_cycles, os_cycles;
    uint64_t mismatches, compared_cycles, compared_responses;
    struct replay_tlb l1i, l1d, l2;
    uint64_t pwc_hits[5];
    uint64_t line_hits, line_waits, line_fills;
    uint64_t coalesced[2], prefetches, prefetches_used, prefetches_unused, prefetch_reads;
    uint64_t walks, pte_reads, pte_bytes, ad_writes, merged, holds, cas_retries;
    uint64_t walk_latency_min, walk_latency_max, walk_latency_sum, walks_ended;
    uint64_t walk_pending, walk_active; /* walks in flight summed over cycles; cycles with any */
    uint64_t walk_latency[COUNTERS_LATENCIES];
    uint64_t faults_instruction_page, faults_load_page, faults_store_page, faults_access;
    struct replay_vma vma[VMAKIND_COUNT];
    uint64_t translations, translation_cycles; /* answers, and cycles from acceptance to them */
    uint64_t fence_cycles;                     /* from offer to done */
    struct hierarchy_stats hierarchy;          /* all 0 with another mem.model */
    uint64_t pages[SIZE_COUNT];                /* translations answered, by enum size */
    struct os_stats os;
    uint64_t fences, csr_writes;
    uint64_t expectations, expectations_skipped;
    uint64_t signals, signals_caught; /* that ended their process; that a handler caught */
    uint64_t racing;                  /* accesses that the trace calls so, in what was read of it */
    struct replay_kill oom[REPLAY_KILLS];
    uint64_t frames_total, frames_peak, frames_tables; /* of the whole run */
    uint64_t oom_listed, oom_kills, oom_skipped;
    uint64_t warmup_records; /* records before `from` */
    bool region;             /* the warm-up has ended */
    struct counts warm;      /* when the region began: the region is the rest */
    uint64_t warm_latency[COUNTERS_LATENCIES];
    struct counts *interval; /* what each interval of the region counted; replay_result_free */
    uint64_t intervals;
    bool checked;
    uint64_t values; /* checked: hash of every byte loaded, then of each file at the end */
    bool instructions_known;
    bool waves;                      /* a waveform was written */
    double seconds;                  /* CPU time of the replay, start-up not */
    uint64_t first_fault_cycle;      /* of the first page fault, for the waveform's zoom; 0: none */
    int exit_code;                   /* enum exit_code: 0, 1 difference, 4 hang, 6 interrupted */
    uint64_t last_record;            /* the last record that was read */
    char report[8192];               /* the bug report, if exit_code is not 0 */
    char signature[SIGNATURE_BYTES]; /* what kind of failure it is; "" if there is none */
};

void replay_result_free(struct replay_result *);
/* What the region counted, as a result of its own: counts and walk latencies, nothing else. */
void replay_region(const struct replay_result *, struct replay_result *region);

/* Replays the trace. Bad input does not return (exit 3). A difference fills result->report. */
void replay_trace(const char *path, const struct config *, const struct replay_options *,
                  struct replay_result *);

/* The same on an engine of the caller's: `open` is called as engine_open is. */
typedef struct engine *replay_opener(const char *kind, const struct config *, uint32_t x_seed,
                                     char *why, size_t bytes);
void replay_trace_on(const char *path, const struct config *, const struct replay_options *,
                     replay_opener *open, struct replay_result *);

/* TRACE_SET records at the head of a trace, applied to a configuration before replay_trace is
 * called. */
void replay_trace_settings(const char *path, struct config *);

#endif
