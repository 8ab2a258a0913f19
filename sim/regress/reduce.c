/* SPDX-License-Identifier: Apache-2.0
 *
 * Records. The end is known from the first replay: nothing behind the failure is looked at. Then
 * the accesses before it go at once, all but the last 16, 64, 256, ... until it fails again, since
 * what a bug needs stands shortly before it as a rule, and a short replay is a cheap one; or they
 * stay, and move the kernel half only, which is cheap, too. What is left loses processes and
 * mappings with all that needs them, then runs of records, ever shorter ones (delta debugging,
 * Zeller and Hildebrandt 2002), until no single record can go.
 */
#include "reduce.h"
#include "error.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_LEAST = 16, TAIL_TIMES = 4 };
enum { DRAWN_RECORDS = 2048 };

double reduce_seconds(const struct reduce *r) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - r->began.tv_sec) + (double)(now.tv_nsec - r->began.tv_nsec) * 1e-9;
}

static void say(const struct reduce *r, const char *what) {
    bool terminal = isatty(2);
    if (reduce_stopped(r)) return;
    fprintf(stderr, "%s  %s: %zu records left, %" PRIu64 " replays, %.0f s%s",
            terminal ? "\r\033[K" : "", what, r->best.count, r->replays, reduce_seconds(r),
            terminal ? "" : "\n");
}

/* ---- One attempt ----------------------------------------------------------------------------- */

enum how {
    CLOSED, /* with whatever needs what is gone; a `run` where one is missing */
    ALONE   /* these and no others, as a reader of the trace would cut them out */
};

uint8_t *reduce_flags(const struct reduce *r) {
    uint8_t *gone = calloc(r->best.count + 1, 1);
    if (!gone) internal_error("out of memory");
    return gone;
}

/* Takes `gone` over. */
static bool without(struct reduce *r, uint8_t *gone, enum how how) {
    struct items kept;
    if (how == CLOSED) {
        struct needs *needs = items_needs(&r->best);
        items_close(&r->best, needs, gone);
        free(needs);
    }
    items_keep(&r->best, gone, how == CLOSED, &kept);
    free(gone);
    if (kept.count && kept.count < r->best.count) return reduce_try(r, &kept);
    items_free(&kept);
    return false;
}

/* ---- Which records --------------------------------------------------------------------------- */

static bool any(const struct item *i) {
    (void)i;
    return true;
}

static bool expectation(const struct item *i) {
    return i->record && i->record->kind == TRACE_EXPECT;
}

static bool filler(const struct item *i) { /* if by nothing else, needed by the number of others */
    return !i->record || i->record->kind == TRACE_NOTE;
}

static bool process(const struct item *i) {
    return item_calls(i, CALL_EXEC) || item_calls(i, CALL_FORK) || item_calls(i, CALL_CLONE);
}

static bool mapping(const struct item *i) {
    return item_calls(i, CALL_MMAP) || item_calls(i, CALL_BRK) || item_calls(i, CALL_MREMAP) ||
           item_calls(i, CALL_FILE);
}

typedef bool chooser(const struct item *);

static size_t count(const struct reduce *r, chooser *choose) {
    size_t n = 0;
    for (size_t k = 0; k < r->best.count; k++) n += choose(&r->best.at[k]);
    return n;
}

/* Flags of `run` of the chosen items, from the at-th of them on; NULL: there is none. */
static uint8_t *pick(const struct reduce *r, chooser *choose, size_t at, size_t run) {
    uint8_t *gone = reduce_flags(r);
    size_t seen = 0, picked = 0;
    for (size_t k = 0; k < r->best.count && picked < run; k++) {
        if (!choose(&r->best.at[k]) || seen++ < at) continue;
        gone[k] = 1;
        picked++;
    }
    if (picked) return gone;
    free(gone);
    return NULL;
}

/* Once through all of the chosen items, `run` at a time. True: some went. */
static bool pass(struct reduce *r, chooser *choose, enum how how, size_t run) {
    bool shorter = false;
    uint8_t *gone;
    for (size_t at = 0; !reduce_stopped(r) && (gone = pick(r, choose, at, run));) {
        if (without(r, gone, how))
            shorter = true;
        else
            at += run;
    }
    return shorter;
}

static void sweep(struct reduce *r, chooser *choose, const char *what) {
    for (size_t run = (count(r, choose) + 1) / 2; run > 1; run = (run + 1) / 2) {
        pass(r, choose, CLOSED, run);
        say(r, what);
    }
    while (pass(r, choose, CLOSED, 1)) {
    }
    say(r, what);
}

/* ---- The stages ------------------------------------------------------------------------------ */

/* All of the trace up to its failure, as text: the ground of all that follows. */
static void whole(struct reduce *r) {
    struct items all = {0};
    items_load(&all, r);
    if (r->records == UINT64_MAX) r->records = all.count;
    r->options.max_accesses = r->options.to = 0;
    if (reduce_try(r, &all) || reduce_stopped(r)) return;
    input_error(r->trace, 0, 0, "run it again: what fails by chance cannot be reduced",
                "it failed (%s), and does not fail again", r->signature);
}

/* The last `left` accesses and all calls. */
static bool tail(struct reduce *r, size_t left) {
    uint8_t *gone = reduce_flags(r);
    for (size_t k = r->best.count; k-- > 0;) {
        if (r->best.at[k].record) continue;
        gone[k] = left == 0;
        left -= left > 0;
    }
    return without(r, gone, CLOSED);
}

/* All records, those before the last `left` accesses without a clock: as quick, and nothing is
 * missing but what the engine remembers. */
static bool warmed(struct reduce *r, size_t left) {
    uint8_t *none = reduce_flags(r);
    struct items l;
    items_keep(&r->best, none, false, &l);
    free(none);
    size_t k = l.count;
    while (k > 0 && left > 0) left -= !l.at[--k].record;
    for (size_t n = 0; n < k; n++) l.at[n].warm = true;
    return reduce_try(r, &l);
}

/* The clock from the start on, as `run` has it without --from. */
static bool cold(struct reduce *r) {
    uint8_t *none = reduce_flags(r);
    struct items l;
    items_keep(&r->best, none, false, &l);
    free(none);
    for (size_t n = 0; n < l.count; n++) l.at[n].warm = false;
    return reduce_try(r, &l);
}

static void ending(struct reduce *r) {
    if (r->best.pins) {
        reduce_begin_later(r);
        return;
    }
    for (size_t left = TAIL_LEAST; left < r->best.count && !reduce_stopped(r); left *= TAIL_TIMES) {
        if (tail(r, left) || warmed(r, left)) return;
    }
}

static void records(struct reduce *r) {
    whole(r);
    say(r, "the end");
    ending(r);
    say(r, "the accesses before it");
    uint8_t *expectations = pick(r, expectation, 0, r->best.count);
    if (expectations) without(r, expectations, CLOSED);
    sweep(r, process, "processes");
    sweep(r, mapping, "mappings");
    sweep(r, any, "records");
}

/* ---- Memory that is drawn -------------------------------------------------------------------- */

typedef bool simplify(struct reduce *);

static bool any_run(struct reduce *r) {
    bool shorter = false;
    for (size_t run = (r->best.count + 1) / 2; run >= 1; run /= 2)
        shorter |= pass(r, any, CLOSED, run);
    return shorter;
}

/* Where latency and stalls are drawn, whatever goes moves what all later requests meet, and the
 * failure may need one draw out of many: so the same with others, fewer the longer the trace. */
static bool on_a_draw(struct reduce *r, simplify *simpler) {
    const uint32_t seed = r->config.mem_seed;
    const size_t draws = DRAWN_RECORDS / (r->best.count + 1);
    for (uint32_t n = 0; n < draws && !reduce_stopped(r); n++) {
        reduce_draw(r, n);
        if (simpler(r)) return true;
    }
    reduce_draw(r, seed);
    return false;
}

/* The pauses first: a trace of few cycles is replayed on many draws. */
static bool redrawn(struct reduce *r) {
    bool drawn = r->config.mem_model == MEMMODEL_RANDOM || r->config.mem_stall;
    if (!drawn || r->config_file) return false;
    return on_a_draw(r, reduce_squeeze) || on_a_draw(r, any_run);
}

/* ---- All ------------------------------------------------------------------------------------- */

/* Until nothing can be left out, and nothing be simpler. */
static void shorten(struct reduce *r) {
    bool simpler = true;
    records(r);
    while (simpler && !reduce_stopped(r)) {
        if (items_warm(&r->best)) cold(r);
        while (pass(r, any, ALONE, 1)) {
        }
        simpler = reduce_mappings(r);
        simpler |= reduce_pauses(r);
        simpler |= reduce_config(r);
        simpler |= pass(r, any, CLOSED, 1);
        simpler |= pass(r, any, ALONE, 1);
        simpler |= reduce_period(r) > 1 && pass(r, filler, CLOSED, reduce_period(r));
        simpler = simpler || redrawn(r);
        say(r, "mappings and configuration");
    }
}

/* On the C model where that shows the failure, too: its replays take a tenth of the time. What is
 * found there must hold on the engine that was asked for; else all begins again on that one. */
void reduce_all(struct reduce *r) {
    const struct reduce before = *r;
    bool on_model = reduce_on_model(r);
    shorten(r);
    if (reduce_stopped(r)) return;
    reduce_write(r);
    if (reduce_holds(r)) return;
    if (!on_model || !strcmp(r->engine, "model"))
        internal_error("%s does not fail as %s did", r->out, r->trace);
    items_free(&r->best);
    *r = before;
    reduce_as_asked(r);
    shorten(r);
    reduce_write(r);
}
