/* SPDX-License-Identifier: Apache-2.0
 *
 * Signs of life on stderr while a replay takes more than two seconds: in place on a terminal, else
 * a line every five seconds. The counter is only ever read, so the replay pays nothing for being
 * watched.
 */
#ifndef PW_PROGRESS_H
#define PW_PROGRESS_H
#include <stdint.h>

void progress_begin(const char *what, volatile uint64_t *accesses);
void progress_end(void);

#endif
