/* SPDX-License-Identifier: Apache-2.0
 *
 * get_user_pages on a real kernel, as the words of a `gup` record ask for it:
 *
 *   futex           futex(2), FUTEX_WAKE without FUTEX_PRIVATE_FLAG: get_futex_key
 *   force           /proc/PID/mem, as PTRACE_PEEKDATA and POKEDATA do: FOLL_FORCE
 *   write, pin      process_vm_writev, process_vm_readv of the runner's: FOLL_PIN, which to a write
 *                   makes no difference
 *   none of these   vmsplice(2) of the process itself: FOLL_GET
 *
 * The faults on the way are no exceptions. They count for the task that asks: the runner, in two of
 * the four.
 */
#define _GNU_SOURCE
#include "native.h"
#include "error.h"
#include "stub.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long by_memory(const struct child *c, const struct os_call *k, uint8_t *data) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", c->real);
    int fd = open(path, O_RDWR);
    if (fd < 0) internal_error("%s: %s", path, strerror(errno));
    long n = k->arg[2] & GUP_WRITE ? pwrite(fd, data, k->arg[1], (off_t)k->arg[0])
                                   : pread(fd, data, k->arg[1], (off_t)k->arg[0]);
    close(fd);
    return n < 0 ? -EFAULT : n; /* access_remote_vm says 0, mem_rw EIO */
}

static long by_process_vm(const struct child *c, const struct os_call *k, uint8_t *data) {
    const struct iovec own = {data, k->arg[1]}, its = {(void *)k->arg[0], k->arg[1]};
    long n = k->arg[2] & GUP_WRITE ? process_vm_writev(c->real, &own, 1, &its, 1, 0)
                                   : process_vm_readv(c->real, &own, 1, &its, 1, 0);
    return n < 0 ? -errno : n;
}

/* Its iovec lies in a page beside the stub that is there for this call alone. */
static long by_vmsplice(struct child *c, const struct os_call *k, int out, int in, uint8_t *data) {
    const uint64_t word[] = {k->arg[0], k->arg[1]}, at = STUB_PARK;
    if (CALL(c, SYS_mmap, at, PAGE_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, UINT64_MAX) != (long)at)
        internal_error("no page beside the stub");
    for (unsigned i = 0; i < 2; i++)
        ptrace(PTRACE_POKEDATA, c->real, at + i * sizeof *word, word[i]);
    long n = CALL(c, SYS_vmsplice, (uint64_t)out, at, 1, SPLICE_F_NONBLOCK);
    for (long done = 0, got; done < n; done += got)
        if ((got = read(in, data + done, (size_t)(n - done))) <= 0) internal_error("vmsplice");
    CALL(c, SYS_munmap, at, PAGE_BYTES);
    return n;
}

long gup_perform(struct child *c, const struct os_call *k, int out, int in, uint8_t *data,
                 struct row *row) {
    struct rusage before, after;
    if (k->arg[2] & GUP_FUTEX) {
        long n = CALL(c, SYS_futex, k->arg[0], FUTEX_WAKE, 1);
        return n < 0 ? n : (long)k->arg[1];
    }
    if (!k->arg[2]) return by_vmsplice(c, k, out, in, data);
    getrusage(RUSAGE_SELF, &before);
    long n = k->arg[2] & GUP_FORCE ? by_memory(c, k, data) : by_process_vm(c, k, data);
    getrusage(RUSAGE_SELF, &after);
    row->minor = (uint64_t)(after.ru_minflt - before.ru_minflt);
    row->major = (uint64_t)(after.ru_majflt - before.ru_majflt);
    return n;
}
