/* SPDX-License-Identifier: Apache-2.0
 *
 * The runs, several at a time. Each is the very command that its report shows, with --json behind
 * it, in a process of its own; its object and its words go to files. One that fails runs once more:
 * if it fails in another way then, or passes, it is flaky, and that is a failure, too. What is over
 * its time says so itself (run --timeout) with the state of every unit; only what cannot is killed.
 */
#define _GNU_SOURCE
#include "error.h"
#include "regress.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum { LOOK_MS = 20, SAY_SECONDS = 10, GRACE = 60, REPORT_BYTES = 16384 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char *file_of(const struct regress *g, const struct regress_run *r, const char *what) {
    return regress_text("%s/runs/%zu.%s", g->dir, (size_t)(r - g->at) + 1, what);
}

/* ---- Start ----------------------------------------------------------------------------------- */

static void redirect(const char *path, int to) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || dup2(fd, to) < 0) _exit(EXIT_INTERNAL);
    close(fd);
}

static void start(struct regress *g, struct regress_run *r) {
    char *out = file_of(g, r, "json"), *err = file_of(g, r, "log");
    char *command =
        regress_text("exec %s --json --timeout %" PRIu64, r->command, g->run.replay.timeout);
    char *coverage = regress_text("%s/coverage/%zu", g->dir, (size_t)(r - g->at) + 1);
    if (g->coverage) mkdir(coverage, 0777);
    r->state = r->state == RUN_WAITING ? RUN_RUNNING : RUN_AGAIN;
    r->began = now();
    fflush(NULL);
    r->child = fork();
    if (r->child < 0) internal_error("no more processes");
    if (!r->child) {
        setpgid(0, 0); /* ^C is the regression's to pass on */
        redirect(out, 1);
        redirect(err, 2);
        if (g->coverage) setenv("PAGEWALK_COVERAGE", coverage, 1);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(EXIT_INTERNAL);
    }
    free(out);
    free(err);
    free(command);
    free(coverage);
}

/* ---- End ------------------------------------------------------------------------------------- */

static char *read_report(const char *path) {
    char *text = calloc(1, REPORT_BYTES);
    FILE *f = fopen(path, "r");
    if (!text) internal_error("out of memory");
    if (f) {
        size_t n = fread(text, 1, REPORT_BYTES - 1, f);
        text[n] = 0;
        fclose(f);
    }
    return text;
}

/* The row of `run --json`; what a run that left none ended with. */
static void read_row(struct regress_run *r, const char *path, int status, char *signature) {
    json_error_t why;
    json_t *row = json_load_file(path, 0, &why), *config = json_object_get(row, "config");
    const char *said = json_string_value(json_object_get(row, "signature"));
    r->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_INTERNAL;
    r->accesses = (uint64_t)json_integer_value(json_object_get(row, "accesses"));
    r->cycles = (uint64_t)json_integer_value(json_object_get(row, "cycles"));
    const char *hash = json_string_value(json_object_get(config, "hash"));
    char *text = regress_text("%s %" PRIu32, hash ? hash : "", r->seed);
    char *what = strstr(r->report, "pagewalk: ");
    r->stimulus = XXH64(text, strlen(text), 0);
    signature[0] = 0;
    if (r->killed) {
        r->exit_code = EXIT_HANG;
        snprintf(signature, SIGNATURE_BYTES, "hang it did not end and was killed");
    } else if (said) {
        snprintf(signature, SIGNATURE_BYTES, "%s", said);
    } else if (WIFSIGNALED(status)) {
        snprintf(signature, SIGNATURE_BYTES, "crash %s", strsignal(WTERMSIG(status)));
    } else if (r->exit_code != EXIT_PASS) {
        what = what ? strstr(what + sizeof "pagewalk: ", ": ") : NULL; /* behind the place */
        signature_make(signature, r->exit_code == EXIT_INPUT ? "input" : "crash",
                       what ? what + 2 : "it ended without a word");
    }
    free(text);
    json_decref(row);
}

/* Bytes of the trace into the hash of what went in: with them the same run can be known again. */
static void hash_trace(struct regress_run *r) {
    char block[65536];
    XXH64_state_t *s = XXH64_createState();
    FILE *f = fopen(r->trace, "rb");
    if (!s) internal_error("out of memory");
    XXH64_reset(s, r->stimulus);
    if (!f) XXH64_update(s, r->trace, strlen(r->trace)); /* a generator */
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;) XXH64_update(s, block, n);
    if (f) fclose(f);
    r->stimulus = XXH64_digest(s);
    XXH64_freeState(s);
}

/* True: it must run once more. */
static bool ended(struct regress *g, struct regress_run *r, int status) {
    char signature[SIGNATURE_BYTES], *out = file_of(g, r, "json"), *log = file_of(g, r, "log");
    bool second = r->state == RUN_AGAIN;
    char *before = second ? r->report : NULL;
    r->report = read_report(log);
    r->seconds += now() - r->began;
    read_row(r, out, status, signature);
    free(out);
    free(log);
    if (r->exit_code == EXIT_INTERRUPTED) { /* as if it had never begun */
        r->state = RUN_WAITING;
        free(before);
        return false;
    }
    if (second && strcmp(signature, r->signature)) {
        char *both =
            regress_text("flaky: %s, then %s", r->signature, *signature ? signature : "it passed");
        snprintf(r->signature, sizeof r->signature, "%s", both);
        free(both);
        r->flaky = true;
        if (r->exit_code == EXIT_PASS) r->exit_code = EXIT_DIFFERENCE;
        free(r->report);
        r->report = before;
    } else {
        free(before);
        snprintf(r->signature, sizeof r->signature, "%s", signature);
    }
    if (!second && *signature && !r->killed && !*g->stop) return true;
    hash_trace(r);
    r->state = *r->signature ? RUN_FAILED : RUN_PASSED;
    g->passed += r->state == RUN_PASSED;
    g->failed += r->state == RUN_FAILED;
    return false;
}

/* ---- Progress -------------------------------------------------------------------------------- */

static void say(const struct regress *g, double began, unsigned running, bool last) {
    static double said;
    bool terminal = isatty(2);
    if (!last && now() - said < (terminal ? 0.1 : SAY_SECONDS)) return;
    said = now();
    fprintf(stderr, "%s  %zu of %zu: %zu passed, %zu failed, %u running, %.0f s%s",
            terminal ? "\r\033[K" : "", g->passed + g->failed, g->count, g->passed, g->failed,
            running, now() - began, terminal && !last ? "" : "\n");
}

static void say_failure(const struct regress_run *r) {
    fprintf(stderr, "%s  FAIL  %s: %s\n", isatty(2) ? "\r\033[K" : "", r->label, r->signature);
}

/* ---- All ------------------------------------------------------------------------------------- */

/* What is running ends; what is over its time is killed. */
static void watch(struct regress *g, unsigned *running) {
    double limit = g->run.replay.timeout ? 2 * (double)g->run.replay.timeout + GRACE : 0;
    int status;
    for (size_t n = 0; n < g->count; n++) {
        struct regress_run *r = &g->at[n];
        if (r->state != RUN_RUNNING && r->state != RUN_AGAIN) continue;
        if (waitpid(r->child, &status, WNOHANG) == r->child) {
            if (ended(g, r, status)) {
                start(g, r);
                continue;
            }
            (*running)--;
            if (r->state == RUN_FAILED) say_failure(r);
        } else if (limit && now() - r->began > limit) {
            r->killed = true;
            kill(-r->child, SIGKILL);
        }
    }
}

static void pass_on(const struct regress *g) {
    for (size_t n = 0; n < g->count; n++) {
        const struct regress_run *r = &g->at[n];
        if (r->state == RUN_RUNNING || r->state == RUN_AGAIN) kill(-r->child, SIGTERM);
    }
}

void regress_runs(struct regress *g) {
    double began = now();
    unsigned running = 0;
    size_t next = 0;
    bool told = false;
    while (next < g->count && g->at[next].state != RUN_WAITING) next++;
    for (;;) {
        bool over = *g->stop || (g->until_failure && g->failed);
        while (!over && running < g->jobs && next < g->count) {
            start(g, &g->at[next++]);
            running++;
        }
        if (!running) break;
        if (*g->stop && !told) pass_on(g);
        told = *g->stop;
        nanosleep(&(struct timespec){0, LOOK_MS * 1000000}, NULL);
        watch(g, &running);
        say(g, began, running, false);
    }
    say(g, began, 0, true);
    g->seconds += now() - began;
}

uint64_t regress_stimulus(const struct regress *g) {
    uint64_t hash = 0;
    for (size_t n = 0; n < g->count; n++)
        hash = XXH64(&g->at[n].stimulus, sizeof g->at[n].stimulus, hash);
    return hash;
}

int regress_exit_code(const struct regress *g) {
    int worst = EXIT_PASS;
    bool whole = true;
    for (size_t n = 0; n < g->count; n++) {
        const struct regress_run *r = &g->at[n];
        whole = whole && r->state != RUN_WAITING;
        if (r->state == RUN_FAILED && r->exit_code > worst) worst = r->exit_code;
    }
    bool stopped = *g->stop || (!whole && !(g->until_failure && g->failed));
    return stopped ? EXIT_INTERRUPTED : worst;
}

/* ---- Groups ---------------------------------------------------------------------------------- */

/* The shortest run of a group stands for it: it is the one to look at. */
void regress_group(struct regress *g) {
    for (size_t n = 0; n < g->count; n++) {
        const struct regress_run *r = &g->at[n];
        size_t k = 0;
        if (r->state != RUN_FAILED) continue;
        while (k < g->groups && strcmp(g->group[k].signature, r->signature)) k++;
        if (k == g->groups) {
            g->group = realloc(g->group, (g->groups + 1) * sizeof *g->group);
            if (!g->group) internal_error("out of memory");
            g->group[g->groups++] = (struct regress_group){r->signature, 0, n};
        }
        g->group[k].count++;
        if (r->cycles < g->at[g->group[k].first].cycles) g->group[k].first = n;
    }
}

void regress_free(struct regress *g) {
    for (size_t n = 0; n < g->count; n++) {
        free(g->at[n].trace);
        free(g->at[n].config);
        free(g->at[n].command);
        free(g->at[n].label);
        free(g->at[n].report);
    }
    free(g->at);
    free(g->group);
    free(g->coverage_sum);
    free(g->coverage_gaps);
}
