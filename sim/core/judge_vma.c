/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 3 on VMAs: what the kernel half has mapped must be what the semantics have, piece by
 * piece. Where one VMA ends and the next begins, if both map alike, is Linux's own matter (`expect
 * maps`, make linux-check).
 */
#include "judge.h"
#include <stdio.h>

static void words(char *out, size_t bytes, bool there, const struct data_vma *m) {
    if (!there) {
        snprintf(out, bytes, "nothing");
        return;
    }
    int n =
        snprintf(out, bytes, "0x%llx-0x%llx %c%c%c%c", (unsigned long long)m->start,
                 (unsigned long long)m->end, m->prot & PROT_R ? 'r' : '-',
                 m->prot & PROT_W ? 'w' : '-', m->prot & PROT_X ? 'x' : '-', m->shared ? 's' : 'p');
    if (m->backed)
        snprintf(out + n, bytes - (size_t)n, " of %s %u from byte 0x%llx",
                 m->file ? "file" : "shared memory", m->file, (unsigned long long)m->offset);
}

/* What is mapped at `va` or next above it, cut to begin there. */
static bool half_at(const struct os *os, uint32_t pid, vaddr_t va, struct data_vma *out) {
    struct os_vma v;
    if (!os_vma(os, pid, va, &v)) return false;
    *out = (struct data_vma){v.start, v.end, v.prot, v.shared, v.backed, v.file, v.offset};
    return true;
}

static void cut(struct data_vma *m, vaddr_t va) {
    if (m->start >= va) return;
    m->offset += m->backed ? va - m->start : 0;
    m->start = va;
}

static bool alike(const struct data_vma *a, const struct data_vma *b) {
    return a->start == b->start && a->prot == b->prot && a->shared == b->shared &&
           a->backed == b->backed && a->file == b->file && a->offset == b->offset;
}

bool judge_vmas(struct judge *j, const struct os *os, uint32_t pid) {
    struct data_vma half = {0}, data = {0};
    for (vaddr_t va = 0;; va = half.end < data.end ? half.end : data.end) {
        bool a = half_at(os, pid, va, &half), b = data_vma(j->data, pid, va, &data);
        if (!a && !b) return true;
        cut(&half, va);
        cut(&data, va);
        if (a && b && alike(&half, &data)) continue;
        char got[96], want[96];
        words(got, sizeof got, a, &half);
        words(want, sizeof want, b, &data);
        snprintf(j->why, sizeof j->why, "process %u has %s mapped from 0x%llx on; must be %s", pid,
                 got, (unsigned long long)va, want);
        return false;
    }
}
