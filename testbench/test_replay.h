/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of replays share: a trace given as text, replayed on the C model, or on a C model
 * behind which a saboteur stands.
 */
#ifndef PW_TEST_REPLAY_H
#define PW_TEST_REPLAY_H
#include "error.h"
#include "replay.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- An engine that lies ------------------------------------------------------------------- */

enum lie {
    HONEST,
    WRONG_PA,     /* a miss is answered with the neighbouring frame */
    WRONG_CAUSE,  /* a miss is answered with a fault */
    LOST,         /* an answer never leaves */
    STRAY,        /* an answer nobody asked for */
    FALSE_HIT,    /* a probe tells of a hit that was none */
    FALSE_WALK,   /* the walkers in flight are one too many, once */
    WRONG_UPDATE, /* an A/D update sets G as well */
    DIFFERENCE,   /* lock-step found one */
    ASSERTION,    /* the RTL stopped */
    QUIET         /* honest; the report of a failure that is expected is not printed */
};

struct liar {
    struct engine engine;
    struct mmu *mmu;
    enum lie lie;
    bool lied;
};

static enum lie next_lie; /* what the next engine does: openers have no other way to know */

static void lie_now(struct liar *l, const struct mmu_in *in, struct mmu_out *o) {
    bool miss = o->dmiss_valid_o && !o->dmiss_cause_o;
    bool cas = o->mem_req_valid_o && o->mem_req_op_o == MEMOP_CAS;
    switch (l->lie) {
    case WRONG_PA: l->lied = miss, o->dmiss_pa_o ^= miss ? 0x1000 : 0; break;
    case WRONG_CAUSE: l->lied = miss, o->dmiss_cause_o = miss ? CAUSE_LOAD_ACCESS : 0; break;
    case LOST: l->lied = miss, o->dmiss_valid_o = o->dmiss_valid_o && !miss; break;
    case STRAY:
        l->lied = miss && !o->imiss_valid_o;
        o->imiss_valid_o |= l->lied, o->imiss_id_o = l->lied ? 31 : o->imiss_id_o;
        break;
    case FALSE_HIT: l->lied = miss, o->ev_dl1_hit_o |= miss; break;
    case FALSE_WALK: l->lied = miss, o->ev_walkers_o = (uint8_t)(o->ev_walkers_o + miss); break;
    case WRONG_UPDATE: l->lied = cas, o->mem_req_data_o |= cas ? PTE_G : 0; break;
    case DIFFERENCE:
        l->lied = miss;
        l->engine.diff = (struct engine_diff){.found = miss,
                                              .pin = "dmiss_cause_o",
                                              .model = 0,
                                              .rtl = 13,
                                              .in = *in,
                                              .out_model = *o,
                                              .out_rtl = *o};
        break;
    case ASSERTION:
        l->lied = miss;
        l->engine.failed = miss ? "assertion NoStall_A" : NULL;
        break;
    default: break;
    }
}

static void liar_step(struct engine *e, const struct mmu_in *in, struct mmu_out *out) {
    struct liar *l = (struct liar *)e;
    mmu_step(l->mmu, in, out);
    e->compared_cycles++;
    if (!l->lied) lie_now(l, in, out);
}

static void liar_close(struct engine *e) {
    free(((struct liar *)e)->mmu);
    free(e);
}

static const struct mmu_stats *liar_stats(struct engine *e) {
    return mmu_get_stats(((struct liar *)e)->mmu);
}

static struct engine *liar_open(const char *kind, const struct config *c, uint32_t seed, char *why,
                                size_t bytes) {
    struct liar *l = calloc(1, sizeof *l);
    (void)seed, (void)why, (void)bytes;
    l->mmu = calloc(1, mmu_size(c));
    mmu_init(l->mmu, c);
    l->lie = next_lie;
    l->engine =
        (struct engine){.name = kind, .step = liar_step, .close = liar_close, .stats = liar_stats};
    return &l->engine;
}

/* ---- One replay ---------------------------------------------------------------------------- */

static struct replay_result result;
static char log_text[1 << 16];

/* Replays `text` (without its first line) and leaves result and log_text. Returns the exit code. */
static int replay(const char *text, struct replay_options o, const struct config *cfg) {
    char name[] = "build/test_core.XXXXXX";
    struct config c;
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fprintf(f, "pagewalk-trace 1\n%s", text);
    fclose(f);
    memset(log_text, 0, sizeof log_text);
    o.log = fmemopen(log_text, sizeof log_text - 1, "w");
    if (!o.engine) o.engine = "model";
    if (cfg)
        c = *cfg;
    else
        config_defaults(&c);
    replay_trace_settings(name, &c);
    replay_trace_on(name, &c, &o, liar_open, &result);
    fclose(o.log);
    unlink(name);
    if (result.exit_code && next_lie == HONEST) print_message("%s", result.report);
    return result.exit_code;
}

static const struct replay_options checked = {.check = true};

#define HEAD                                                                                       \
    "process 1\n"                                                                                  \
    "mmap 0x10000 0x4000 rwx private anon\n"

#define WORK                                                                                       \
    HEAD                                                                                           \
        "S 10000 8\nS 10ffc 8\nfork 2\nrun 2\nS 10000 4\nL 10000 8\nI 10000 4\nrun 1\nL 10000 8\n" \
        "expect value store 1\nkstore 0x12ff0 32\nL 12ff0 16\nexpect value store 4\nS 13000 1\n"   \
        "expect rss 4\nexit\nrun 2\nexit\n"

static inline const char *row(unsigned n) { /* the n-th row of the log, from 1 */
    static char line[256];
    const char *at = log_text;
    for (unsigned i = 0; i < n; i++) at = strchr(at, '\n') + 1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

#endif
