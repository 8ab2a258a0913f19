/* SPDX-License-Identifier: Apache-2.0
 *
 * A signal that is ignored, as nohup and `&` in scripts arrange, stays so.
 */
#define _GNU_SOURCE
#include "stop.h"
#include <stddef.h>

static volatile sig_atomic_t stop;

static void on_signal(int number) {
    (void)number;
    stop = 1;
}

const volatile sig_atomic_t *stop_on_signals(bool restart) {
    static const int numbers[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < 2; i++) {
        struct sigaction act = {.sa_handler = on_signal}, old;
        act.sa_flags = (int)SA_RESETHAND | (restart ? (int)SA_RESTART : 0);
        if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &act, NULL);
    }
    return &stop;
}
