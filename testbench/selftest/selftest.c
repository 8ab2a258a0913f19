/* SPDX-License-Identifier: Apache-2.0
 *
 * selftest [--json] [--jobs N] [--asleep] [NUMBER...]   Proof that the opinions can fail.
 *
 * Every planted fault runs in a process of its own, so one that crashes takes nothing along: number
 * 0, the unpatched design, must pass all of the stimulus; an RTL fault must be found by opinion 1;
 * a twin fault by the opinion it is made for. One line a fault, in order; exit 0 if all is so.
 * --asleep wakes none of them, so that every fault must be reported as not found.
 */
#include "selftest.h"
#include "dut.h"
#include "error.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct planted planted[] = {
    {0, "unpatched", '-', 0, "rtl", "", "the design as it is: nothing may be found"},
#include "faults.h"
};
enum { PLANTED = sizeof planted / sizeof *planted, JOBS_MAX = 64, GROUP_LEAST = 2 };

struct totals {
    unsigned rtl, rtl_caught, twins, twins_caught, spec, data, counters, group[26];
    bool sound; /* the unpatched design is clean */
};

/* ---- Verdicts ---------------------------------------------------------------------------------
 */

static bool passed(const struct planted *f, const struct outcome *o) {
    if (!o->done || !f->number) return o->done && !o->spoken;
    return o->spoken && !strcmp(o->opinion, planted_twin(f) ? f->kind : "cycle");
}

static void count(struct totals *t, const struct planted *f, const struct outcome *o) {
    bool ok = passed(f, o), twin = planted_twin(f);
    if (!f->number) {
        t->sound = ok;
        return;
    }
    t->rtl += !twin;
    t->rtl_caught += !twin && ok;
    t->twins += twin;
    t->twins_caught += twin && ok;
    t->spec += ok && !strcmp(f->kind, "spec");
    t->data += ok && !strcmp(f->kind, "data");
    t->counters += ok && !strcmp(f->kind, "counters");
    if (!twin && ok) t->group[f->group - 'A']++;
}

static bool all_well(const struct totals *t, bool whole) {
    bool well = t->sound && t->rtl_caught == t->rtl && t->twins_caught == t->twins;
    for (unsigned g = 0; whole && g < 7; g++) well = well && t->group[g] >= GROUP_LEAST;
    return well;
}

/* ---- Output -------------------------------------------------------------------------------------
 */

static void say_line(const struct planted *f, const struct outcome *o) {
    const char *twin = planted_twin(f) ? "twin" : f->number ? "rtl " : "    ";
    printf("%3u %c%-2u %s %-32s ", f->number, f->group, f->class, twin, f->name);
    if (!o->done)
        printf("FAILED: its run crashed");
    else if (!o->spoken)
        printf(f->number ? "FAILED: nobody speaks in %" PRIu64 " cycles: as the unpatched design"
                         : "clean in %" PRIu64 " cycles",
               o->cycles);
    else
        printf("%s%-8s after %8" PRIu64 " cycles, seed %" PRIu32 ", %s%s%s",
               passed(f, o) ? "" : "FAILED: ", o->opinion, o->cycles, o->seed, o->stimulus,
               *o->first ? "; all listening: " : "", o->first);
    putchar('\n');
    if (!passed(f, o)) printf("        %s\n        %s\n", f->sentence, o->why);
    fflush(stdout);
}

static void say_json(const struct planted *f, const struct outcome *o) {
    printf("{\"number\":%u,\"name\":\"%s\",\"group\":\"%c\",\"class\":%u,\"twin\":%s,"
           "\"pass\":%s,\"opinion\":\"%s\",\"first\":\"%s\",\"cycles\":%" PRIu64
           ",\"seed\":%" PRIu32 ",\"stimulus\":\"%s\"}\n",
           f->number, f->name, f->group, f->class, planted_twin(f) ? "true" : "false",
           passed(f, o) ? "true" : "false", o->opinion, *o->first ? o->first : o->opinion,
           o->cycles, o->seed, o->stimulus);
}

static void say_totals(const struct totals *t, bool json, bool well) {
    if (json) {
        printf("{\"schema\":1,\"pass\":%s,\"rtl\":{\"faults\":%u,\"caught\":%u},"
               "\"twins\":{\"faults\":%u,\"caught\":%u,\"spec\":%u,\"data\":%u,\"counters\":%u}}\n",
               well ? "true" : "false", t->rtl, t->rtl_caught, t->twins, t->twins_caught, t->spec,
               t->data, t->counters);
        return;
    }
    printf("RTL faults: %u of %u caught; twin faults: %u of %u caught (spec %u, data %u, counters "
           "%u)\n",
           t->rtl_caught, t->rtl, t->twins_caught, t->twins, t->spec, t->data, t->counters);
}

/* ---- Running
 * -------------------------------------------------------------------------------------- */

static pid_t start(const struct planted *f, struct outcome *o) {
    fflush(NULL); /* what is buffered is printed here, and not by the child again */
    pid_t child = fork();
    if (child < 0) internal_error("no more processes");
    if (child) return child;
    stimulus_run(f, o);
    o->done = true;
    _exit(0);
}

/* All that `wanted` names, `jobs` at a time; prints each when those before it are done. */
static void run_all(const bool *wanted, unsigned jobs, struct outcome *o, bool json) {
    pid_t child[PLANTED] = {0};
    bool ended[PLANTED] = {false};
    unsigned running = 0, next = 0, printed = 0;
    while (printed < PLANTED) {
        while (next < PLANTED && (running < jobs || !wanted[next])) {
            ended[next] = !wanted[next];
            if (wanted[next]) child[next] = start(&planted[next], &o[next]);
            running += wanted[next++];
        }
        while (printed < next && ended[printed]) {
            if (wanted[printed]) (json ? say_json : say_line)(&planted[printed], &o[printed]);
            printed++;
        }
        if (!running) continue;
        pid_t who = wait(NULL);
        for (unsigned i = 0; i < next; i++) {
            if (child[i] != who || ended[i]) continue;
            ended[i] = true;
            running--;
        }
    }
}

int main(int argc, char **argv) {
    bool json = false, wanted[PLANTED] = {true}, whole = true;
    unsigned jobs = 2;
    char why[512];
    for (int i = 1; i < argc; i++) {
        char *end;
        unsigned n = (unsigned)strtoul(argv[i], &end, 10);
        if (!strcmp(argv[i], "--json")) {
            json = true;
        } else if (!strcmp(argv[i], "--asleep")) {
            stimulus_asleep();
        } else if (!strcmp(argv[i], "--jobs") && i + 1 < argc) {
            jobs = (unsigned)strtoul(argv[++i], NULL, 10);
        } else {
            if (*end)
                usage_error("selftest [--json] [--jobs N] [--asleep] [NUMBER...]", "%s", argv[i]);
            for (unsigned k = 0; k < PLANTED; k++) wanted[k] |= planted[k].number == n;
            whole = false;
        }
    }
    if (jobs < 1 || jobs > JOBS_MAX) usage_error("--jobs 2", "--jobs takes 1 to %d", JOBS_MAX);
    for (unsigned k = 0; whole && k < PLANTED; k++) wanted[k] = true;
    if (!dut_root() || chdir(dut_root())) internal_error("the sources are not above this program");
    setenv("DUT_RTL", "build/selftest/rtl", 1);
    if (!stimulus_ready(why, sizeof why)) internal_error("%s", why);
    size_t bytes = sizeof(struct outcome) * PLANTED;
    struct outcome *o =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (o == MAP_FAILED) internal_error("out of memory");
    run_all(wanted, jobs, o, json);
    struct totals t = {0};
    for (unsigned k = 0; k < PLANTED; k++)
        if (wanted[k]) count(&t, &planted[k], &o[k]);
    bool well = all_well(&t, whole);
    say_totals(&t, json, well);
    return well ? EXIT_PASS : EXIT_DIFFERENCE;
}
