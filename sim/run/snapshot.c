/* SPDX-License-Identifier: Apache-2.0
 *
 * Now and then the process forks, and the child sleeps on a pipe; the last two are kept, so that
 * one is always before the window. When the run fails, the nearest that is before the window goes
 * on as if nothing had been: it runs the same program from the same memory, so it fails in the same
 * cycle, and all that differs is that its waves are on. It tells nobody anything but its parent, by
 * shared memory. A copy ends with its parent, however that ends.
 */
#define _GNU_SOURCE
#include "snapshot.h"
#include "core.h"
#include "dut.h"
#include "error.h"
#include "wave_view.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EVERY = 20000,          /* cycles, at least */
    KEPT = 2,               /* copies */
    WAVE_BEFORE = 500,      /* cycles before a failure that its waveform shows */
    LOOK_MS = 10,           /* between two looks at a copy that works */
    GONE_ON = 2 * STOP_LOOK /* cycles past the failure: it has not shown again */
};

/* What parent and copy tell each other. */
struct shared {
    volatile sig_atomic_t stop;
    char wave[8192];
    uint64_t from, late_at;
    bool waves;
    int exit_code;
    char report[sizeof((struct replay_result *)NULL)->report];
};

struct copy {
    pid_t pid; /* 0: none */
    int wake;  /* the pipe's end on which it waits */
    uint64_t cycle;
};

struct snapshots {
    struct shared *shared;
    struct copy copy[KEPT]; /* the older one first */
    bool woken;             /* this process is a copy, and works */
};

struct snapshots *snapshots_new(void) {
    struct snapshots *s = calloc(1, sizeof *s);
    void *shared = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!s || shared == MAP_FAILED) internal_error("out of memory");
    s->shared = shared;
    return s;
}

static void end_copy(struct copy *y) {
    if (!y->pid) return;
    kill(y->pid, SIGKILL);
    while (waitpid(y->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    close(y->wake);
    y->pid = 0;
}

void snapshots_delete(struct snapshots *s) {
    if (!s) return;
    for (size_t i = 0; i < KEPT; i++) end_copy(&s->copy[i]);
    munmap(s->shared, sizeof *s->shared);
    free(s);
}

/* ---- A copy ---------------------------------------------------------------------------------- */

/* A signal of the terminal is for the parent, which passes it on. */
static void sleep_until_woken(struct snapshots *s, int wait) {
    char byte;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    for (size_t i = 0; i < KEPT; i++) {
        if (s->copy[i].pid) close(s->copy[i].wake);
    }
    ssize_t n;
    while ((n = read(wait, &byte, 1)) < 0 && errno == EINTR) {
    }
    if (n <= 0) _exit(EXIT_PASS); /* not needed any more */
    close(wait);
}

/* What it says has been said by its parent, or will be. */
static void go_on(struct core *c, struct snapshots *s) {
    static struct replay_options o;
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    close(nowhere);
    o = *c->opt;
    o.log = o.faults = NULL;
    o.events = NULL;
    o.explain = NULL;
    o.ps = NULL;
    o.intervals = 0;
    o.wave = s->shared->wave;
    o.wave_from = s->shared->from;
    o.stop = &s->shared->stop;
    c->opt = &o;
    c->deadline = 0;
    c->late_at = s->shared->late_at;
    c->snapshot_at = UINT64_MAX;
    s->woken = true;
}

void snapshot_over(const struct core *c) {
    struct snapshots *s = c->opt->snapshots;
    if (!s || !s->woken) return;
    s->shared->waves = c->res->waves;
    s->shared->exit_code = c->res->exit_code;
    memcpy(s->shared->report, c->res->report, sizeof s->shared->report);
    _exit(EXIT_PASS);
}

/* ---- Its parent ------------------------------------------------------------------------------ */

void snapshot_take(struct core *c) {
    struct snapshots *s = c->opt->snapshots;
    pid_t parent = getpid();
    int pipes[2];
    fflush(NULL); /* what is buffered would come out of the copy, too */
    long at = trace_position(c->trace);
    uint64_t window = WAVE_BEFORE + c->opt->hang_cycles; /* of a hang: back to where it began */
    c->snapshot_at = c->cycle + (window > EVERY ? window : EVERY);
    if (pipe2(pipes, O_CLOEXEC)) return;
    pid_t pid = fork();
    if (pid == 0) {
        close(pipes[1]);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(EXIT_PASS);
        trace_forked(c->trace, at);
        sleep_until_woken(s, pipes[0]);
        go_on(c, s);
        return;
    }
    close(pipes[0]);
    if (pid < 0) {
        close(pipes[1]);
        return;
    }
    end_copy(&s->copy[0]);
    s->copy[0] = s->copy[1];
    s->copy[1] = (struct copy){pid, pipes[1], c->cycle};
}

/* The one that is nearest before the window, else the older one. */
static struct copy *nearest(struct snapshots *s, uint64_t from) {
    struct copy *older = &s->copy[0], *newer = &s->copy[1];
    if (!newer->pid) return NULL;
    return older->pid && newer->cycle > from ? older : newer;
}

/* Wakes it, and waits until it has ended. */
static bool works(struct copy *y, struct shared *shared, const volatile sig_atomic_t *stop) {
    int status = 0;
    if (write(y->wake, "", 1) != 1) return false;
    while (waitpid(y->pid, &status, WNOHANG) == 0) {
        shared->stop = stop && *stop;
        usleep(LOOK_MS * 1000);
    }
    close(y->wake);
    y->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_PASS;
}

static bool can_write(const char *path) {
    FILE *f = fopen(path, "wb");
    return f && !fclose(f);
}

/* build/ of the checkout that the program belongs to, else where one is. False: nowhere. Runs of
 * one trace may fail at a time, so each writes a file of its own first: its name has `own` at the
 * end. */
static bool wave_path(const char *trace, const char *own, char *out, size_t bytes) {
    const char *slash = strrchr(trace, '/'), *name = slash ? slash + 1 : trace, *root = dut_root();
    if (root) {
        snprintf(out, bytes, "%s/build", root);
        mkdir(out, 0777); /* there already, as a rule; can_write says whether it is now */
        snprintf(out, bytes, "%s/build/failed-%s.fst%s", root, name, own);
        if (can_write(out)) return true;
    }
    snprintf(out, bytes, "failed-%s.fst%s", name, own);
    return can_write(out);
}

/* The file gets its name, in the report, too; then its view. */
static void publish(char *own, size_t suffix, struct replay_result *r) {
    char path[8192], view[8192];
    struct wave_aim aim = wave_view_aim(r->signature, r->cycles);
    char *said = strstr(r->report, own);
    snprintf(path, sizeof path, "%.*s", (int)(strlen(own) - suffix), own);
    if (said) memmove(said + strlen(path), said + strlen(own), strlen(said + strlen(own)) + 1);
    wave_view_path(path, NULL, view, sizeof view);
    rename(own, path);
    wave_view_write(path, view, &aim);
}

static void waves(struct replay_result *r, const char *what, const char *which) {
    size_t used = strlen(r->report);
    snprintf(r->report + used, sizeof r->report - used, "  waves    %s%s\n", what, which);
}

void snapshot_window(struct snapshots *s, const char *trace, const struct replay_options *o,
                     struct replay_result *r) {
    struct shared *shared = s->shared;
    bool late = strstr(r->signature, REPLAY_LATE);
    uint64_t before = WAVE_BEFORE + (r->exit_code == EXIT_HANG && !late ? o->hang_cycles : 0);
    shared->from = r->cycles > before ? r->cycles - before : 0;
    shared->late_at = late ? r->cycles : r->cycles + GONE_ON;
    struct copy *y = nearest(s, shared->from);
    if (!y) {
        waves(r, "none: ", "it failed before the first cycle");
        return;
    }
    char own[32];
    snprintf(own, sizeof own, ".%d", (int)getpid());
    if (!wave_path(trace, own, shared->wave, sizeof shared->wave)) {
        waves(r, "none: ", "neither build/ nor the current directory can be written");
        return;
    }
    if (y->cycle > shared->from) shared->from = y->cycle;
    bool whole = works(y, shared, o->stop) && shared->waves;
    if (whole && shared->exit_code == r->exit_code) {
        memcpy(r->report, shared->report, sizeof r->report);
    } else if (whole && shared->exit_code == EXIT_INTERRUPTED) {
        waves(r, shared->wave, ", interrupted before the failure");
    } else {
        unlink(shared->wave);
        waves(r, "none: ", "the failure did not show again");
        return;
    }
    publish(shared->wave, strlen(own), r);
}
