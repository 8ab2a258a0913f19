/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks that share an mm: threads, CLONE_VM, vfork.
 */
#ifndef PW_OS_THREAD_H
#define PW_OS_THREAD_H
#include "kernel.h"

bool call_clone(struct os *, struct task *, const struct os_call *);
/* one that lives; NULL: none */
struct task *group_other(const struct os *, uint32_t group, const struct task *than);
void group_end(struct os *, uint32_t group, const struct task *but);
void vfork_done(struct os *, const struct task *child);

#endif
