/* SPDX-License-Identifier: Apache-2.0
 *
 * `--on local`: a job is a process of this machine, which writes its result into a pipe and ends.
 * A process and not a thread, because bad input ends the program that meets it, because memory goes
 * back whole, and because a job that crashes takes no other with it. A job dies with the study, so
 * a killed study leaves nothing that works on.
 */
#include "error.h"
#include "study_on.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
    pid_t pid; /* 0: free */
    int pipe;
    size_t job, have; /* bytes of the result that have arrived */
    struct study_result result;
};

struct local {
    const struct study_plan *plan;
    unsigned workers;
    struct worker worker[];
};

static void *local_open(const struct study_plan *plan, unsigned jobs) {
    struct local *l = calloc(1, sizeof *l + jobs * sizeof l->worker[0]);
    if (!l) internal_error("out of memory");
    l->plan = plan;
    l->workers = jobs;
    return l;
}

static _Noreturn void work(struct local *l, size_t job, int out, pid_t parent) {
    static struct study_result r;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(EXIT_INTERNAL); /* it died before the line above */
    signal(SIGINT, SIG_IGN); /* ^C reaches the whole group: the study decides */
    study_job_run(l->plan, job, &r);
    for (size_t at = 0; at < sizeof r;) {
        ssize_t n = write(out, (const char *)&r + at, sizeof r - at);
        if (n <= 0 && errno != EINTR) _exit(EXIT_INTERNAL);
        if (n > 0) at += (size_t)n;
    }
    _exit(r.exit_code);
}

static bool local_start(void *place, size_t job) {
    struct local *l = place;
    int ends[2];
    unsigned n = 0;
    while (n < l->workers && l->worker[n].pid) n++;
    if (n == l->workers) return false;
    fflush(NULL);
    if (pipe(ends)) internal_error("no pipe for a job: %s", strerror(errno));
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) internal_error("no process for a job: %s", strerror(errno));
    if (!pid) {
        close(ends[0]);
        work(l, job, ends[1], parent);
    }
    close(ends[1]);
    l->worker[n].pid = pid;
    l->worker[n].pipe = ends[0];
    l->worker[n].job = job;
    l->worker[n].have = 0;
    return true;
}

/* The pipe has ended: the result is whole, or the process says why not. */
static void finish(struct worker *w, struct study_result *out) {
    int status = 0;
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(w->pipe);
    if (w->have == sizeof w->result)
        *out = w->result;
    else
        *out = (struct study_result){.exit_code = WIFEXITED(status) && WEXITSTATUS(status)
                                                      ? WEXITSTATUS(status)
                                                      : EXIT_INTERNAL};
    if (WIFSIGNALED(status))
        fprintf(stderr, "pagewalk: a job was ended by signal %d (%s)\n", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    out->job = w->job;
    w->pid = 0;
}

static bool read_some(struct worker *w, struct study_result *out) {
    char *to = (char *)&w->result + w->have;
    ssize_t n = read(w->pipe, to, sizeof w->result - w->have);
    if (n > 0) {
        w->have += (size_t)n;
        if (w->have < sizeof w->result) return false;
    } else if (n < 0 && errno == EINTR) {
        return false;
    }
    finish(w, out);
    return true;
}

static bool local_next(void *place, struct study_result *out, double seconds) {
    struct local *l = place;
    struct pollfd fd[l->workers];
    unsigned of[l->workers], count = 0;
    for (unsigned n = 0; n < l->workers; n++) {
        if (!l->worker[n].pid) continue;
        of[count] = n;
        fd[count++] = (struct pollfd){.fd = l->worker[n].pipe, .events = POLLIN};
    }
    if (poll(fd, count, (int)(seconds * 1000)) <= 0) return false;
    for (unsigned n = 0; n < count; n++) {
        if (fd[n].revents && read_some(&l->worker[of[n]], out)) return true;
    }
    return false;
}

static unsigned local_running(void *place) {
    struct local *l = place;
    unsigned count = 0;
    for (unsigned n = 0; n < l->workers; n++) count += l->worker[n].pid != 0;
    return count;
}

static void local_close(void *place) {
    struct local *l = place;
    for (unsigned n = 0; n < l->workers; n++) {
        struct worker *w = &l->worker[n];
        if (!w->pid) continue;
        kill(w->pid, SIGKILL);
        while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        close(w->pipe);
    }
    free(l);
}

static const struct study_place local = {
    "local",    "processes of this machine", local_open, local_start, local_next, local_running,
    local_close};

const struct study_place *const study_places[] = {&local, NULL};

const struct study_place *study_place_find(const char *name) {
    for (const struct study_place *const *p = study_places; *p; p++) {
        if (!strcmp((*p)->name, name)) return *p;
    }
    return NULL;
}
