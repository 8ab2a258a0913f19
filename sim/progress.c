/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread that sleeps, looks at a counter and prints. It is woken to end, so a short replay never
 * waits for it.
 */
#include "progress.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running, stop;
    const char *what;
    volatile uint64_t *accesses;
} progress = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

/* False if the replay ended meanwhile. The lock is held. */
static bool sleep_until(struct timespec *at, int seconds) {
    at->tv_sec += seconds;
    while (!progress.stop) {
        if (pthread_cond_timedwait(&progress.wake, &progress.lock, at)) return !progress.stop;
    }
    return false;
}

static void *watch(void *unused) {
    bool terminal = isatty(2), drawn = false;
    int seconds = 0, step = 2;
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    pthread_mutex_lock(&progress.lock);
    while (sleep_until(&at, step)) {
        seconds += step;
        step = terminal ? 1 : 5;
        fprintf(stderr, "%s  %s: %" PRIu64 " accesses, %d s%s", terminal ? "\r\033[K" : "",
                progress.what, *progress.accesses, seconds, terminal ? "" : "\n");
        drawn = terminal;
    }
    pthread_mutex_unlock(&progress.lock);
    if (drawn) fputs("\r\033[K", stderr);
    return unused;
}

void progress_begin(const char *what, volatile uint64_t *accesses) {
    progress.what = what;
    progress.accesses = accesses;
    progress.stop = false;
    progress.running = pthread_create(&progress.thread, NULL, watch, NULL) == 0;
}

void progress_end(void) {
    if (!progress.running) return;
    pthread_mutex_lock(&progress.lock);
    progress.stop = true;
    pthread_cond_signal(&progress.wake);
    pthread_mutex_unlock(&progress.lock);
    pthread_join(progress.thread, NULL);
    progress.running = false;
}
