/* SPDX-License-Identifier: Apache-2.0
 *
 * The core driver: what stands between a trace and the pins. It issues accesses in program order,
 * keeps up to core.window of them in flight, retires them in order, takes faults precisely, and
 * performs what the kernel half asks for. docs/architecture.md, "The core driver" and "Time and
 * order", states the model; the chapters are
 *
 *   core_issue.c       trace -> ring of accesses -> request pins
 *   core.c             one clock edge: answers, retirement
 *   core_rest.c        edges in which nothing can happen, passed over
 *   core_pins.c        a trace of the pins: the same edges, no program
 *   core_kernel.c      between edges: traps, signals, calls, fences
 *   core_copy.c        the kernel's own accesses to user memory
 *   core_oom.c         what the kernel half does of its own accord: kills, background work
 *   core_functional.c  records before a window: the same effects, no clock
 *   core_ideal.c       an MMU that always hits, in place of the engine
 *   core_region.c      what is counted after the warm-up, and an interval at a time
 *   core_wave.c        the waveform, open in its window
 *   core_data.c        what an access does to the bytes, and opinion 3
 *
 * An access of the trace is one entry of the ring, with one part for each page it touches; a part
 * is one request, or rides on the fetch of its block. Inputs of a cycle depend on outputs of
 * earlier cycles only.
 */
#ifndef PW_CORE_H
#define PW_CORE_H
#include "core_pins.h"
#include "counters.h"
#include "events.h"
#include "error.h"
#include "expect.h"
#include "judge.h"
#include "memport.h"
#include "ps.h"
#include "replay.h"
#include "trace.h"
#include <time.h>

enum {
    RING = 128, /* twice RING_USED: a leader's entry outlives every fetch that rides on it */
    RING_USED = 64,
    CORE_EVENTS = 16,     /* remembered for the report */
    STOP_LOOK = 4096,     /* cycles, or records before a window, between two looks for a signal */
    STOP_LOOK_WAVES = 64, /* cycles, while a waveform is being written */
    VALUE_BYTES = 64      /* of a load, remembered for `expect value` */
};

enum part_state { PART_NEW, PART_LIVE, PART_RIDES, PART_OK, PART_FAULT };

struct part {
    vaddr_t va;
    paddr_t pa;
    uint64_t issue, done; /* cycles of acceptance and answer */
    uint64_t data;        /* cycle in which the bytes are there, too: mem.model = hierarchy */
    uint64_t leader;      /* PART_RIDES: entry and part it rides on */
    uint16_t bytes;
    uint8_t leader_part, state, id, cause, size, source, pte_reads;
    bool rode; /* served by another fetch's lookup */
};

struct entry {
    uint64_t index; /* trace record */
    uint32_t line, pid;
    vaddr_t va;
    uint64_t store;  /* number of the store record, 0: no store */
    uint64_t frames; /* os_frames_used before the first trap of the record */
    uint32_t traps;
    uint16_t bytes;
    uint8_t type;                     /* enum access */
    uint8_t kfault;                   /* of the last trap */
    uint8_t sig, code;                /* how it ended */
    uint8_t parts, issued;            /* `issued` parts are accepted, or ride */
    bool kernel, gup, efault, framed; /* gup: get_user_pages */
    bool caught;                      /* by a handler: the process lives on */
    bool racing, forgiven; /* forgiven: refused, though the trace has it succeed (core_signal.c) */
    bool counted;          /* one of the window's core.window */
    bool again;            /* taken before, and killed: the next time is a retry */
    struct part part[2];
};

/* The block the last fetch reached: fetches inside it are served by that one's lookup. */
struct fetch_block {
    bool valid;
    vaddr_t block;
    uint64_t leader;
    uint8_t leader_part;
    struct part answer; /* state PART_OK once it is there */
};

struct offer {
    bool valid;
    uint8_t part;
    uint64_t entry;
};

enum core_event_kind {
    EV_REQUEST,
    EV_ANSWER,
    EV_MEM,
    EV_MEM_ANSWER,
    EV_CSR,
    EV_FENCE,
    EV_KILL,
    EV_TRAP,
    EV_CALL
};
struct core_event {
    uint64_t cycle, a, b;
    uint8_t kind, port, id, code;
};

/* The last two loads of a process, for `expect value same`. */
struct load_value {
    uint32_t pid;
    uint16_t bytes[2]; /* [0] the last, [1] the one before */
    uint8_t byte[2][VALUE_BYTES];
};

/* A process that the OOM killer ended, or that it kept from being born. */
struct core_kill {
    uint32_t pid;
    uint64_t record, skipped;  /* where it died; how many records it had left so far */
    int64_t points;            /* oom_badness */
    bool born, expected, over; /* over: its exit has been passed over, too */
};

struct core {
    const char *path;
    const struct config *cfg;
    const struct replay_options *opt;
    struct replay_result *res;
    struct trace *trace;
    struct mem *mem;
    struct spec_hart hart; /* as opinion 2 has it */
    struct os *os;
    struct engine *engine;
    struct judge *judge; /* NULL: opinions 2 and 3 are off */
    struct core_pins pins;
    bool timed;                /* past the start of the window: the engine is clocked */
    struct lanes *lanes;       /* a waveform is being written */
    uint64_t done, mark;       /* the last record done; the one behind which a mark stands */
    struct counts marked;      /* the counts at the last mark */
    struct os_stats os_before; /* what the kernel half had counted when the window began */

    /* ---- pins ------------------------------------------------------------------------------ */
    struct mmu_in in;
    struct mmu_out out;
    struct memport port;
    struct counters counters;
    struct counters_driver driver;
    uint64_t cycle, progress; /* `progress`: cycle in which something last moved */
    time_t deadline;          /* CLOCK_MONOTONIC; 0: none */
    uint64_t late_at;         /* cycle in which time is over, too; 0: none */
    uint64_t snapshot_at;     /* cycle of the next copy (snapshot.h) */

    /* ---- the ring: entries head..tail-1, entry n at ring[n % RING] ------------------------- */
    uint64_t head, issue, tail;
    unsigned inflight;   /* entries taken and not retired, riders left out: at most core.window */
    unsigned offered;    /* entries that this cycle's offers would add to them */
    bool load_waits;     /* core.deps=serial: the last load taken is not answered, */
    uint64_t load_entry; /* and this is its entry: what is younger waits */
    uint64_t load_data;  /* cycle in which its bytes are there: until then, too */
    bool trap;           /* the oldest access has faulted */
    bool stirred;        /* the ring has changed in this cycle */
    struct entry ring[RING];
    struct offer offer[2];
    struct offer owner[2][32]; /* which part an id stands for; valid: in flight */
    uint32_t busy[2];          /* ids in flight */
    uint32_t killed[2];        /* of these, killed in this cycle */
    struct fetch_block fetched;
    uint64_t boot_csr_writes;

    /* ---- the trace ------------------------------------------------------------------------- */
    struct trace_record next;
    bool have_next, ended;
    bool expecting;   /* the trace has expectations: keep what they may ask for */
    uint32_t running; /* pid; 0: nobody */
    uint64_t accesses_read, stores_read, fault_lines, flushes; /* flushes: of core.flush */
    uint16_t *store_bytes; /* length of each store record, kept if the trace has expectations */
    size_t store_room;
    uint32_t *pids; /* every process there was */
    size_t pid_count;
    struct entry call;         /* the record of the last call, as a subject of expectations */
    struct entry *subject;     /* the record that expectations are about */
    bool signalled, announced; /* the subject was ended by a signal; the trace has said so */
    bool denied;               /* the last call ended in ENOMEM; the trace has not said so yet */
    struct core_kill *kill;
    size_t kills;
    uint32_t skipping;   /* the process whose records are passed over; 0: none */
    uint64_t background; /* record up to which background work is done */
    uint64_t aged;       /* os_aged, when last looked at */
    struct load_value *values;
    size_t value_count;

    /* ---- functional mode ------------------------------------------------------------------- */
    struct lookaside *lookaside;

    struct walk_event asked[COUNTERS_TAGS]; /* for --trace: the last memory request of each slot */

    struct core_event event[CORE_EVENTS];
    unsigned events;
};

static inline struct entry *core_at(struct core *c, uint64_t entry) {
    return &c->ring[entry % RING];
}
/* Asked to stop, by SIGINT or SIGTERM? Looked up now and then; `now` counts what goes on. */
static inline bool core_interrupted(struct core *c, uint64_t now) {
    if (now % (c->lanes ? STOP_LOOK_WAVES : STOP_LOOK) || !c->opt->stop || !*c->opt->stop)
        return false;
    c->res->exit_code = EXIT_INTERRUPTED;
    return true;
}
/* Is anybody told what happens, by --trace, in a waveform or by explain? */
static inline bool core_told(const struct core *c) {
    return c->opt->events || c->lanes || c->opt->explain;
}
static inline time_t core_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}
/* Past the time limit? Looked up as a signal is. */
static inline bool core_late(const struct core *c, uint64_t now) {
    bool late = c->late_at && now >= c->late_at;
    return now % STOP_LOOK == 0 && (late || (c->deadline && core_now() >= c->deadline));
}
static inline bool access_reads(uint8_t t) {
    return t == ACCESS_LOAD || t == ACCESS_AMO;
}
/* The core itself refuses an AMO that is not aligned to its size, before any translation. */
static inline bool entry_misaligned(const struct entry *a) {
    return a->type == ACCESS_AMO && a->va % a->bytes;
}
static inline bool access_writes(uint8_t t) {
    return t == ACCESS_STORE || t == ACCESS_AMO;
}

static inline void core_note(struct core *c, enum core_event_kind kind, unsigned port, unsigned id,
                             unsigned code, uint64_t a, uint64_t b) {
    struct core_event *e = &c->event[c->events++ % CORE_EVENTS];
    *e = (struct core_event){c->cycle,     a, b, (uint8_t)kind, (uint8_t)port, (uint8_t)id,
                             (uint8_t)code};
}

/* What the spec walker is asked about one part of an access, the process's own satp in force. */
static inline struct spec_request core_spec_request(const struct core *c, const struct entry *a,
                                                    const struct part *p) {
    return (struct spec_request){.access = a->type,
                                 .priv = a->kernel ? PRIV_S : PRIV_U,
                                 .sum = a->kernel,
                                 .satp = os_satp(c->os, a->pid),
                                 .adue = c->cfg->os_svadu,
                                 .va = p->va,
                                 .bytes = p->bytes,
                                 .pbmte = c->cfg->hart_svpbmt,
                                 .pa_bits = c->hart.rv32 ? SV32_PA_BITS : c->cfg->pa_bits};
}

/* All that is older than record `next` is done, and nothing else: --ps looks. */
static inline void core_ps(struct core *c, uint64_t next) {
    if (ps_due(c->opt->ps, next)) ps_take(c->opt->ps, c->os, next);
}

/* Functions that return bool return false when the run must stop: core_fail has been called. */

/* core_issue.c */
void core_reaches(struct core *, vaddr_t, uint64_t bytes); /* refuses what XLEN cannot name */
bool core_peek(struct core *); /* is there a next record? it is c->next, notes left out */
void core_access(struct core *, const struct trace_record *, struct entry *);
void core_number_store(struct core *, struct entry *);
struct entry *core_push(struct core *);     /* a fresh entry at the tail, all zero */
void core_split(struct entry *, bool rv32); /* its parts, from va and bytes */
void core_issue(struct core *);             /* sets the request pins of the next cycle */

/* core.c */
bool core_clock(struct core *);                   /* one clock edge: */
bool core_edge(struct core *);                    /* the edge itself, */
bool core_passed(struct core *, uint64_t cycles); /* and that it is over: may the run go on? */
void core_name_oldest(struct core *);             /* on the pins */
bool core_settle(struct core *);                  /* until the ring is empty */
bool core_run(struct core *);                     /* the whole trace */
bool core_retired(struct core *,
                  struct entry *); /* effects, counts and log row of a finished access */

/* core_rest.c */
bool core_advance(struct core *); /* one clock edge, and what must be like it */

#include "core_kernel.h"

/* core_functional.c */
void core_functional_flush(struct core *);
bool core_functional_access(struct core *, struct entry *);
bool core_functional_run(struct core *); /* records before the window */

/* core_ideal.c */
void core_ideal_step(struct core *); /* one clock edge: c->in to c->out */

/* core_region.c */
void core_region_begin(struct core *); /* with the window */
void core_mark(struct core *);         /* c->done has reached c->mark */
void core_region_end(struct core *);

/* replay.c */
bool core_books(struct core *);  /* does everybody who counts agree? */
void core_gather(struct core *); /* what is counted so far, into the result */

/* core_wave.c */
void core_wave(struct core *);     /* before each edge: opens, closes, or tells the lanes */
void core_wave_end(struct core *); /* closes it, if it is open */
void core_step(struct core *);     /* the engine's edge */

/* core_data.c */
void core_digest(struct core *, const void *bytes, size_t count); /* into replay_result.values */
void core_digest_files(struct core *);
bool core_perform(struct core *, struct entry *);
void core_store_bytes(uint64_t store, uint64_t from, uint8_t *out, size_t bytes);

/* events.c: to --trace, to the lanes and to explain, if core_told */
/* Whose slot it is; NULL: of an access that was killed. */
const struct part *core_slot_part(struct core *, unsigned slot, const struct entry **);
void events_edge(struct core *); /* after each clock edge */
void events_trap(struct core *, const struct entry *, uint8_t cause, vaddr_t,
                 const struct os_outcome *);
/* Of a signal frame there: what became of the process. */
void events_frame_refused(struct core *, uint32_t pid, vaddr_t, const struct os_outcome *);
void events_record(struct core *, const struct trace_record *); /* a call or switch, before it */
void events_fence(struct core *, const struct os_op *, bool done);
void events_csr(struct core *, uint16_t csr, uint64_t value, bool done);

/* lanes.c: text in a waveform */
struct lanes *lanes_new(unsigned slots);
void lanes_cycle(struct core *); /* before each edge */
void lanes_event(struct core *, enum event_kind, const char *word, const char *text);
void lanes_level(struct core *, unsigned slot, uint8_t level);
void lanes_answer(struct core *, unsigned slot, pte_t); /* a read: a pointer leads a level down */
void lanes_walk(struct core *, unsigned slot, const char *word, const char *more,
                const struct entry *, const struct part *); /* entry NULL: it was killed */

/* explain*.c: one access, as it happens. All but the first two are told by events.c */
void explain_begin(struct core *); /* memory and kernel half are there, nothing has happened */
void explain_trapping(struct core *, const struct entry *, vaddr_t); /* the kernel half is next */
void explain_edge(struct core *);
void explain_walk(struct core *, const struct walk_event *);
void explain_trap(struct core *, const struct entry *, uint8_t cause, vaddr_t,
                  const struct os_outcome *);
void explain_fence(struct core *, const struct os_op *, bool done);
void explain_csr(struct core *, uint16_t csr, uint64_t value);
void explain_retired(struct core *, const struct entry *);
bool explain_over(const struct core *); /* all there is to tell has happened */

/* expect_eval.c */
bool core_expect(struct core *, const char *text);

/* report.c: the first difference. Always returns false. */
enum opinion {
    OPINION_CYCLE,
    OPINION_SPEC,
    OPINION_DATA,
    OPINION_KERNEL,
    OPINION_COUNTERS,
    OPINION_TRACE,
    OPINION_DUT,
    OPINION_HANG
};
bool core_timed_out(struct core *);
bool core_fail(struct core *, enum opinion, const struct entry *, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

#endif
