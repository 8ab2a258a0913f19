/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls of the guest, seen before and after: what they did to files and to user memory. What
 * changes the address space is in space.c, what makes and ends tasks in tasks.c.
 *
 * Results are recorded, not requests: the bytes read(2) delivered. Calls that failed changed
 * nothing and are left out, but for the strings and structures that the kernel read first. A file's
 * size is taken from the host whenever the file is mentioned; the recorder turns a size it did not
 * expect into a truncate record, which covers ftruncate, fallocate, O_TRUNC and other programs
 * alike.
 */
#define _GNU_SOURCE
#include "enums.h"
#include "numbers.h"
#include "os/call.h"
#include "plugin.h"
#include "table.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERROR_FAULT = -14, GUEST_PATH_MAX = 4096, IOVECS_MAX = 1024, NOTE_MAX = 200 };
enum { MEMFD_HUGETLB = 4 }; /* of the guest */

/* Guest memory through the kernel: a wild pointer of the guest is an error here, not a fault. */
bool guest_read(const struct recorder *r, uint64_t va, void *out, size_t bytes) {
    struct iovec local = {out, bytes},
                 remote = {(void *)(uintptr_t)(r->ring->guest_base + va), bytes};
    return va < r->ring->guest_bytes &&
           process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

void push_user(struct recorder *r, unsigned call, uint64_t va, uint64_t bytes) {
    if (va && bytes) push_call(r, call, false, va, bytes, 0, 0, 0);
}

/* Bytes of a string with its NUL; 0 if it cannot be read. */
static uint64_t guest_string(const struct recorder *r, uint64_t va, char *out) {
    for (uint64_t i = 0; i < GUEST_PATH_MAX; i++) {
        if (!guest_read(r, va + i, &out[i], 1)) return 0;
        if (!out[i]) return i + 1;
    }
    return 0;
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* memfd_create has tmpfs, too. */
static unsigned store_of(const struct statfs *fs) {
    switch (fs->f_type) {
    case TMPFS_MAGIC: return STORE_TMPFS;
    case NFS_SUPER_MAGIC: return STORE_NFS;
    default: return STORE_DISK;
    }
}

static struct host_file host_file(const char *name, const struct stat *st,
                                  const struct statfs *fs) {
    return (struct host_file){.name = name,
                              .device = st->st_dev,
                              .inode = st->st_ino,
                              .size = (uint64_t)st->st_size,
                              .store = store_of(fs)};
}

bool push_fd(struct recorder *r, uint64_t fd, bool grew, uint64_t *size) {
    struct stat st;
    struct statfs fs = {0};
    char link[64], name[512];
    if (fstat((int)fd, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    if (size) *size = (uint64_t)st.st_size;
    snprintf(link, sizeof link, "/proc/self/fd/%d", (int)fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    name[length > 0 ? length : 0] = 0;
    fstatfs((int)fd, &fs);
    struct host_file f = host_file(name, &st, &fs);
    f.grew = grew;
    push_file(r, &f);
    return true;
}

bool push_path(struct recorder *r, const char *name) {
    struct stat st;
    struct statfs fs;
    if (stat(name, &st) != 0 || !S_ISREG(st.st_mode) || statfs(name, &fs) != 0) return false;
    struct host_file f = host_file(name, &st, &fs);
    push_file(r, &f);
    return true;
}

/* One stretch of a read or write. A file that gave more than its size is made up by the kernel
 * (/proc): no file. One that is open for direct I/O goes past the page cache: its buffers are
 * pinned, and the bytes come from, or go to, the store. */
struct transfer {
    bool file, write, direct;
    uint64_t offset, size, left;
};

static void transfer_push(struct recorder *r, struct transfer *t, uint64_t va, uint64_t bytes) {
    if (bytes > t->left) bytes = t->left;
    if (!bytes) return;
    if (t->direct)
        push_call(r, CALL_GUP, false, va, bytes, GUP_PIN | (t->write ? 0 : GUP_WRITE), 0, 0);
    else if (t->file)
        push_call(r, t->write ? CALL_WRITE : CALL_READ, true, va, bytes, t->offset, 0, 0);
    else
        push_user(r, t->write ? CALL_KLOAD : CALL_KSTORE, va, bytes);
    t->offset += bytes;
    t->left -= bytes;
}

/* arg1 is a buffer, or an array of arg2 iovecs; `at` is the file offset, or -1: the descriptor's
 * own position. */
static void transfer(struct recorder *r, bool write, bool vector, uint64_t at, uint64_t bytes) {
    struct transfer t = {.write = write, .left = bytes};
    struct iovec iov[IOVECS_MAX];
    uint64_t count = r->args[2] < IOVECS_MAX ? r->args[2] : IOVECS_MAX;
    t.offset = at != UINT64_MAX ? at : (uint64_t)lseek((int)r->args[0], 0, SEEK_CUR) - bytes;
    t.direct = fcntl((int)r->args[0], F_GETFL) & O_DIRECT;
    t.file =
        bytes && push_fd(r, r->args[0], write && !t.direct, &t.size) && t.offset + bytes <= t.size;
    t.direct &= t.file;
    if (!vector) {
        transfer_push(r, &t, r->args[1], bytes);
        return;
    }
    if (!guest_read(r, r->args[1], iov, count * sizeof *iov)) return;
    push_user(r, CALL_KLOAD, r->args[1], count * sizeof *iov);
    for (uint64_t i = 0; i < count; i++)
        transfer_push(r, &t, (uintptr_t)iov[i].iov_base, iov[i].iov_len);
}

/* True: nr moved file bytes. */
static bool transfer_call(struct recorder *r, int64_t nr, int64_t ret) {
    bool vector = nr == NR_READV || nr == NR_WRITEV || nr == NR_PREADV || nr == NR_PWRITEV ||
                  nr == NR_PREADV2 || nr == NR_PWRITEV2;
    uint64_t bytes = ret > 0 ? (uint64_t)ret : 0;
    switch (nr) {
    case NR_READ:
    case NR_READV: transfer(r, false, vector, UINT64_MAX, bytes); return true;
    case NR_WRITE:
    case NR_WRITEV: transfer(r, true, vector, UINT64_MAX, bytes); return true;
    case NR_PREAD:
    case NR_PREADV:
    case NR_PREADV2: transfer(r, false, vector, r->args[3], bytes); return true;
    case NR_PWRITE:
    case NR_PWRITEV:
    case NR_PWRITEV2: transfer(r, true, vector, r->args[3], bytes); return true;
    default: return false;
    }
}

/* ---- Notes ----------------------------------------------------------------------------------- */

/* write(2) to descriptor -1 does nothing but fail with EBADF, before it looks at the buffer: so a
 * program says a line to its recording. */
static bool note_call(struct recorder *r, int64_t nr) {
    char text[NOTE_MAX + 1];
    uint64_t bytes = r->args[2] < NOTE_MAX ? r->args[2] : NOTE_MAX, length = 0;
    if (nr != NR_WRITE || (int32_t)r->args[0] != -1) return false;
    if (!guest_read(r, r->args[1], text, bytes)) return true;
    for (uint64_t i = 0; i < bytes; i++) {
        if (text[i] < ' ' || text[i] == 127) text[i] = ' ';
        if (text[i] != ' ') length = i + 1;
    }
    text[length] = 0;
    const char *line = text + strspn(text, " ");
    if (*line) push_note(r, line);
    return true;
}

/* ---- Refusals -------------------------------------------------------------------------------- */

/* What the kernel half has not is refused by name once it was granted. */
static void refuse_foreign(struct recorder *r, int64_t nr, int64_t ret) {
    static const struct {
        int64_t nr;
        enum ring_refuse why;
    } foreign[] = {{NR_MBIND, RING_REFUSE_NUMA},         {NR_SET_MEMPOLICY, RING_REFUSE_NUMA},
                   {NR_MIGRATE_PAGES, RING_REFUSE_NUMA}, {NR_MOVE_PAGES, RING_REFUSE_NUMA},
                   {NR_HOME_NODE, RING_REFUSE_NUMA},     {NR_USERFAULTFD, RING_REFUSE_USERFAULT},
                   {NR_PKEY_MPROTECT, RING_REFUSE_PKEY}, {NR_PKEY_ALLOC, RING_REFUSE_PKEY},
                   {NR_SHADOW_STACK, RING_REFUSE_SHADOW}};
    if (ret < 0) return;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (foreign[i].nr == nr) push_refuse(r, foreign[i].why);
    if (nr == NR_MEMFD_CREATE && (r->args[1] & MEMFD_HUGETLB)) push_refuse(r, RING_REFUSE_HUGETLB);
}

/* ---- Everything else: the table -------------------------------------------------------------- */

static void operand_push(struct recorder *r, const struct operand *o, int64_t ret) {
    char string[GUEST_PATH_MAX];
    uint64_t times = o->times < 6 ? r->args[o->times] : o->times == TIMES_RET ? (uint64_t)ret : 1;
    if (o->kind == OPERAND_STRING && ret != ERROR_FAULT)
        push_user(r, CALL_KLOAD, r->args[o->arg], guest_string(r, r->args[o->arg], string));
    if (o->kind == OPERAND_IN && ret != ERROR_FAULT)
        push_user(r, CALL_KLOAD, r->args[o->arg], o->size * times);
    if (o->kind == OPERAND_KEY && ret != ERROR_FAULT)
        push_call(r, CALL_GUP, false, r->args[o->arg], o->size, GUP_FUTEX, 0, 0);
    if (o->kind == OPERAND_OUT && ret >= 0)
        push_user(r, CALL_KSTORE, r->args[o->arg], o->size * times);
    if (o->kind == OPERAND_FILE && ret >= 0) push_fd(r, r->args[o->arg], false, NULL);
}

static void table_call(struct recorder *r, int64_t nr, int64_t ret) {
    const struct syscall_row *row = syscall_find(nr, r->args[1]);
    const uint64_t number = (uint64_t)nr;
    if (!row) {
        push(r, RING_UNKNOWN, 0, 0, &number, 1);
        return;
    }
    for (unsigned i = 0; i < sizeof row->operand / sizeof *row->operand; i++)
        operand_push(r, &row->operand[i], ret);
}

void syscall_enter(struct recorder *r, int64_t nr, const uint64_t *arg) {
    for (unsigned i = 0; i < 6; i++) r->args[i] = arg[i];
    if (nr == NR_EXECVEAT) push_refuse(r, RING_REFUSE_EXECVEAT);
    if (nr == NR_EXECVE) exec_enter(r);
    if (nr == NR_SIGRETURN) {
        const uint64_t frame = signals_frame_left(r);
        push(r, RING_SIGRETURN, 0, 0, &frame, 1);
    }
    signals_enter(r, nr);
    task_enter(r, nr);
    space_enter(r, nr);
}

void syscall_leave(struct recorder *r, int64_t nr, int64_t ret) {
    char path[GUEST_PATH_MAX];
    refuse_foreign(r, nr, ret);
    signals_leave(r, nr, ret);
    if (note_call(r, nr) || transfer_call(r, nr, ret)) return;
    if (space_leave(r, nr, ret) || task_leave(r, nr, ret)) return;
    switch (nr) {
    case NR_SIGRETURN: return;
    case NR_EXECVE: /* it failed */
        push_user(r, CALL_KLOAD, r->args[0], guest_string(r, r->args[0], path));
        return;
    case NR_OPENAT:
        push_user(r, CALL_KLOAD, r->args[1], guest_string(r, r->args[1], path));
        if (ret >= 0) push_fd(r, (uint64_t)ret, false, NULL);
        return;
    case NR_TRUNCATE:
        push_user(r, CALL_KLOAD, r->args[0], guest_string(r, r->args[0], path));
        if (ret >= 0) push_path(r, path);
        return;
    case NR_FSYNC:
    case NR_FDATASYNC:
        if (ret >= 0 && push_fd(r, r->args[0], false, NULL))
            push_call(r, CALL_FSYNC, true, 0, 0, 0, 0, 0);
        return;
    default:
        if (nr == NR_SHMCTL && ret >= 0) sysv_removed(r);
        table_call(r, nr, ret);
        if (nr == NR_WAIT4 && ret > 0 && !(r->args[2] & (WUNTRACED | WCONTINUED))) {
            const uint64_t child = (uint64_t)ret;
            push(r, RING_REAPED, 0, 0, &child, 1);
        }
    }
}
