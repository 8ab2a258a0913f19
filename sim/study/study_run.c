/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop of a study: start what there is room for, store what has finished, say how far it is. A
 * result is in the database, by a transaction of its own, before the next one is looked at, so
 * whatever ends the program loses the jobs that run and no other. A job that fails stops new ones;
 * those that run are waited for and stored.
 */
#include "error.h"
#include "study_on.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int number) {
    (void)number;
    stop = 1;
}

/* The first SIGINT or SIGTERM ends the study cleanly, the second one at once. */
static void catch_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        struct sigaction act = {.sa_handler = on_signal}, old;
        act.sa_flags = (int)SA_RESETHAND;
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &act, NULL);
    }
}

/* ---- Progress ------------------------------------------------------------------------------ */

struct progress {
    bool quiet, terminal, drawn;
    double began, said;
    size_t jobs, before; /* all; those that were there */
    uint64_t done, left; /* accesses */
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void spell(double seconds, char *out, size_t bytes) {
    unsigned s = (unsigned)(seconds + 0.5);
    if (s < 100)
        snprintf(out, bytes, "%u s", s);
    else if (s < 6000)
        snprintf(out, bytes, "%u min %02u s", s / 60, s % 60);
    else
        snprintf(out, bytes, "%u h %02u min", s / 3600, s / 60 % 60);
}

/* In place on a terminal, else a line every ten seconds; silent for the first two. */
static void say(struct progress *p, const struct study_plan *plan, size_t ran, unsigned running) {
    double t = now(), spent = t - p->began;
    if (p->quiet || spent < 2 || t - p->said < (p->terminal ? 0.5 : 10)) return;
    char left[32] = "?";
    double rate = (double)p->done / spent;
    if (rate > 0) spell((double)p->left / rate, left, sizeof left);
    fprintf(stderr, "%s  %s: %zu of %zu jobs, %u running, %.2f million accesses/s, %s left%s",
            p->terminal ? "\r\033[K" : "", plan->file.name, p->before + ran, p->jobs, running,
            rate / 1e6, left, p->terminal ? "" : "\n");
    p->said = t;
    p->drawn = p->terminal;
}

static struct progress progress_of(const struct study_plan *plan, bool quiet) {
    struct progress p = {.quiet = quiet, .terminal = isatty(2), .began = now(), .jobs = plan->jobs};
    for (size_t i = 0; i < plan->jobs; i++) {
        p.before += plan->job[i].done;
        if (!plan->job[i].done) p.left += plan->job[i].accesses;
    }
    return p;
}

/* ---- The loop ------------------------------------------------------------------------------ */

static void take(struct study_plan *plan, struct study_db *db, const struct study_result *r,
                 struct study_tally *tally, struct progress *p) {
    struct study_job *j = &plan->job[r->job];
    if (r->exit_code != EXIT_PASS) {
        fprintf(stderr, "pagewalk: %s on %s (seed %" PRIu32 ") failed: exit %d\n",
                plan->point[j->point].label, plan->trace[j->trace].name, j->seed, r->exit_code);
        if (r->exit_code > tally->exit_code) tally->exit_code = r->exit_code;
        tally->failed++;
        return;
    }
    study_db_store(db, plan, r);
    j->done = true;
    tally->ran++;
    p->done += j->accesses;
    p->left -= j->accesses;
}

struct study_tally study_run(struct study_plan *plan, struct study_db *db,
                             const struct study_run_options *o) {
    struct study_tally tally = {0};
    struct progress p = progress_of(plan, o->quiet);
    static struct study_result r;
    size_t next = 0;
    void *place = o->on->open(plan, o->jobs);
    catch_signals();
    while (!stop) {
        while (next < plan->jobs && plan->job[next].done) next++;
        bool more = next < plan->jobs && !tally.failed;
        if (more && o->on->start(place, next)) {
            next++;
            continue;
        }
        if (!o->on->running(place)) break;
        if (o->on->next(place, &r, 0.25)) take(plan, db, &r, &tally, &p);
        say(&p, plan, tally.ran, o->on->running(place));
    }
    o->on->close(place);
    if (p.drawn) fputs("\r\033[K", stderr);
    if (stop) tally.exit_code = EXIT_INTERRUPTED;
    return tally;
}
