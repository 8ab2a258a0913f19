/* SPDX-License-Identifier: Apache-2.0
 *
 * Page faults by place and by process, as smaps.c keeps them.
 */
#ifndef PW_OS_SMAPS_H
#define PW_OS_SMAPS_H
#include "kernel.h"

/* Repaired faults at a page, since it was mapped: they go where mremap carries the page, and with
 * the mapping. */
void faults_count(struct os *, const struct task *, const struct os_trap *,
                  const struct os_outcome *);
void faults_forget(struct mm *, vaddr_t start, vaddr_t end);
void faults_move(struct mm *, vaddr_t old, vaddr_t to, uint64_t bytes);
/* Of a process: they survive exec, and its end. A new process of this pid begins with none. */
void process_begin(struct os *, uint32_t pid);
void processes_free(struct os *);

/* ---- inspect.c: a VMA in the words of /proc/PID/maps --------------------------------- */
void vma_words(const struct vma *, char perm[5], const char **name);

#endif
