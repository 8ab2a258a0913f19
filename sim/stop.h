/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGINT and SIGTERM: the first one asks whoever works to end cleanly, the second one ends the
 * program.
 */
#ifndef PW_STOP_H
#define PW_STOP_H
#include <signal.h>
#include <stdbool.h>

/* Not 0 once a signal came. `restart`: reading and writing go on; else a wait ends with EINTR. */
const volatile sig_atomic_t *stop_on_signals(bool restart);

#endif
