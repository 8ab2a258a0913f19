/* SPDX-License-Identifier: Apache-2.0
 *
 * The consumer's end of the ring (record/ring.h), and the end of a recording: when no process of
 * the guest is left and the ring is empty. This process is the subreaper of all of them, so waitpid
 * tells.
 */
#include "error.h"
#include "record.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { NAP_NS = 200000, STUCK_NAPS = 50000, KILLED_MAX = 4096 };

/* Reaps what has ended. False: nobody is left. */
static bool reap(pid_t first, int *status) {
    for (;;) {
        int s;
        pid_t pid = waitpid(-1, &s, WNOHANG);
        if (pid < 0 && errno == ECHILD) return false;
        if (pid <= 0) return true;
        if (pid == first) *status = s;
    }
}

static void end_all(const struct record_launch *l, const struct events *e, int sig) {
    uint32_t hosts[KILLED_MAX];
    uint32_t count = events_hosts(e, hosts, KILLED_MAX);
    if (!count) kill(l->child, sig);
    for (uint32_t i = 0; i < count; i++) kill((pid_t)hosts[i], sig);
}

/* Nothing more is wanted: producers are told so, and processes to end. */
static void stop(const struct record_launch *l, const struct events *e) {
    if (atomic_exchange(&l->ring->stop, 1)) return;
    end_all(l, e, events_refusal(e) ? SIGKILL : SIGTERM);
}

static volatile sig_atomic_t interrupted; /* how often somebody asked this process to end */

static void on_interrupt(int sig) {
    (void)sig;
    interrupted = interrupted + 1;
}

/* Ctrl-C ends the program; the trace is then finished as usual. A second one does not ask. */
static void pass_on(const struct record_launch *l, const struct events *e) {
    static sig_atomic_t passed;
    if (passed == interrupted) return;
    passed = interrupted;
    end_all(l, e, passed > 1 ? SIGKILL : SIGTERM);
}

static void watch_interrupts(void) {
    struct sigaction act = {.sa_handler = on_interrupt};
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

/* Takes the next item. False: there is none now. */
static bool take(struct ring *ring, struct events *e) {
    uint64_t ticket = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    const struct ring_item *item = &ring->item[ticket % RING_ITEMS];
    if (atomic_load_explicit(&item->stamp, memory_order_acquire) != ticket + 1) return false;
    if (!events_full(e) && !events_refusal(e)) events_item(e, item);
    atomic_store_explicit(&ring->tail, ticket + 1, memory_order_release);
    return true;
}

/* A ticket was drawn, but its item does not come. */
static bool hole(struct ring *ring) {
    return atomic_load(&ring->head) > atomic_load(&ring->tail);
}

int record_drain(const struct record_launch *l, struct events *e) {
    const struct timespec nap = {0, NAP_NS};
    int status = 0;
    unsigned stuck = 0;
    bool alive = true;
    watch_interrupts();
    for (;;) {
        while (take(l->ring, e)) {
            stuck = 0;
            pass_on(l, e);
            if (events_full(e) || events_refusal(e)) stop(l, e);
        }
        if (!alive) return status;
        pass_on(l, e);
        alive = reap(l->child,
                     &status); /* whoever ended has pushed before: look into the ring once more */
        if (alive) nanosleep(&nap, NULL);
        stuck = hole(l->ring) && !atomic_load(&l->ring->stop) ? stuck + 1 : 0;
        if (stuck > STUCK_NAPS) {
            end_all(l, e, SIGKILL);
            internal_error("a process of the recording was killed in the middle of an item");
        }
    }
}
