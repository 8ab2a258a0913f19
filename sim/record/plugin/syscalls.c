/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls of the guest, seen before and after: what they did to the address space, to files
 * and to user memory. riscv64 numbers; the arguments are kept from the first callback, since the
 * second one has the result only.
 *
 * Results are recorded, not requests: the address mmap chose, the bytes read(2) delivered. Calls
 * that failed changed nothing and are left out, but for the strings and structures that the kernel
 * read first. A file's size is taken from the host whenever the file is mentioned; the recorder
 * turns a size it did not expect into a truncate record, which covers ftruncate, fallocate, O_TRUNC
 * and other programs alike.
 */
#define _GNU_SOURCE
#include "enums.h"
#include "os/call.h"
#include "plugin.h"
#include "table.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* clang-format off */
enum {
    NR_TRUNCATE = 45, NR_OPENAT = 56, NR_READ = 63, NR_WRITE = 64, NR_READV = 65, NR_WRITEV = 66,
    NR_PREAD = 67, NR_PWRITE = 68, NR_PREADV = 69, NR_PWRITEV = 70, NR_FSYNC = 82,
    NR_FDATASYNC = 83, NR_EXIT = 93, NR_EXIT_GROUP = 94, NR_SIGRETURN = 139, NR_BRK = 214,
    NR_MUNMAP = 215, NR_MREMAP = 216, NR_CLONE = 220, NR_EXECVE = 221, NR_MMAP = 222,
    NR_MPROTECT = 226, NR_MSYNC = 227, NR_MADVISE = 233, NR_WAIT4 = 260, NR_EXECVEAT = 281,
    NR_PREADV2 = 286, NR_PWRITEV2 = 287,
    NR_MBIND = 235, NR_SET_MEMPOLICY = 237, NR_MIGRATE_PAGES = 238, NR_MOVE_PAGES = 239,
    NR_MEMFD_CREATE = 279, NR_USERFAULTFD = 282, NR_PKEY_MPROTECT = 288, NR_PKEY_ALLOC = 289,
    NR_HOME_NODE = 450, NR_SHADOW_STACK = 453
};
enum { FLAG_HUGETLB = 0x40000, FLAG_SYNC = 0x80000, MEMFD_HUGETLB = 4 }; /* of the guest */
/* clang-format on */
enum { ERROR_FAULT = -14, GUEST_PATH_MAX = 4096, IOVECS_MAX = 1024, NOTE_MAX = 200 };

static uint64_t args[6]; /* of the call under way */
static uint64_t heap_end;

/* Guest memory through the kernel: a wild pointer of the guest is an error here, not a fault. */
bool guest_read(const struct recorder *r, uint64_t va, void *out, size_t bytes) {
    struct iovec local = {out, bytes},
                 remote = {(void *)(uintptr_t)(r->ring->guest_base + va), bytes};
    return va < r->ring->guest_bytes &&
           process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

static void push_user(struct recorder *r, unsigned call, uint64_t va, uint64_t bytes) {
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

/* Announces the file behind a descriptor. False: it is no regular file. */
static bool push_fd(struct recorder *r, uint64_t fd, bool grew, uint64_t *size) {
    struct stat st;
    char link[64], name[512];
    if (fstat((int)fd, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    if (size) *size = (uint64_t)st.st_size;
    snprintf(link, sizeof link, "/proc/self/fd/%d", (int)fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    name[length > 0 ? length : 0] = 0;
    push_file(r, name, st.st_dev, st.st_ino, (uint64_t)st.st_size, grew);
    return true;
}

static void push_path(struct recorder *r, uint64_t va) {
    struct stat st;
    char name[GUEST_PATH_MAX];
    if (guest_string(r, va, name) && stat(name, &st) == 0 && S_ISREG(st.st_mode))
        push_file(r, name, st.st_dev, st.st_ino, (uint64_t)st.st_size, false);
}

/* One stretch of a read or write. A file that gave more than its size is made up by the kernel
 * (/proc): no file. */
struct transfer {
    bool file, write;
    uint64_t offset, size, left;
};

static void transfer_push(struct recorder *r, struct transfer *t, uint64_t va, uint64_t bytes) {
    if (bytes > t->left) bytes = t->left;
    if (!bytes) return;
    if (t->file)
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
    uint64_t count = args[2] < IOVECS_MAX ? args[2] : IOVECS_MAX;
    t.offset = at != UINT64_MAX ? at : (uint64_t)lseek((int)args[0], 0, SEEK_CUR) - bytes;
    t.file = bytes && push_fd(r, args[0], write, &t.size) && t.offset + bytes <= t.size;
    if (!vector) {
        transfer_push(r, &t, args[1], bytes);
        return;
    }
    if (!guest_read(r, args[1], iov, count * sizeof *iov)) return;
    push_user(r, CALL_KLOAD, args[1], count * sizeof *iov);
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
    case NR_PREADV2: transfer(r, false, vector, args[3], bytes); return true;
    case NR_PWRITE:
    case NR_PWRITEV:
    case NR_PWRITEV2: transfer(r, true, vector, args[3], bytes); return true;
    default: return false;
    }
}

/* ---- Notes ----------------------------------------------------------------------------------- */

/* write(2) to descriptor -1 does nothing but fail with EBADF, before it looks at the buffer: so a
 * program says a line to its recording. */
static bool note_call(struct recorder *r, int64_t nr) {
    char text[NOTE_MAX + 1];
    uint64_t bytes = args[2] < NOTE_MAX ? args[2] : NOTE_MAX, length = 0;
    if (nr != NR_WRITE || (int32_t)args[0] != -1) return false;
    if (!guest_read(r, args[1], text, bytes)) return true;
    for (uint64_t i = 0; i < bytes; i++) {
        if (text[i] < ' ' || text[i] == 127) text[i] = ' ';
        if (text[i] != ' ') length = i + 1;
    }
    text[length] = 0;
    const char *line = text + strspn(text, " ");
    if (*line) push_note(r, line);
    return true;
}

/* ---- Address space --------------------------------------------------------------------------- */

static void leave_mmap(struct recorder *r, uint64_t va) {
    if (args[3] & FLAG_HUGETLB) push_refuse(r, RING_REFUSE_HUGETLB);
    if ((args[3] & FLAG_SYNC) && (args[3] & 3) == 3) push_refuse(r, RING_REFUSE_DAX);
    const uint64_t known = MAP_F_FIXED | MAP_F_ANON | MAP_F_GROWSDOWN | MAP_F_POPULATE;
    uint64_t flags =
        (args[3] & known) | ((args[3] & 3) == MAP_F_PRIVATE ? MAP_F_PRIVATE : MAP_F_SHARED);
    bool file = !(flags & MAP_F_ANON) && push_fd(r, args[4], false, NULL);
    if (!file) flags |= MAP_F_ANON; /* a device: /dev/zero, for example */
    push_call(r, CALL_MMAP, file, va, args[1], args[2] & 7, flags, file ? args[5] : 0);
    mapped_set(va, args[1], true);
}

static void leave_brk(struct recorder *r, uint64_t end) {
    if (end == heap_end) return;
    push_call(r, CALL_BRK, false, end, 0, 0, 0, 0);
    uint64_t was = (heap_end + 4095) & ~4095ull, is = (end + 4095) & ~4095ull;
    if (heap_end && is > was) mapped_set(was, is - was, true);
    if (heap_end && is < was) mapped_set(is, was - is, false);
    heap_end = end;
}

static void leave_mremap(struct recorder *r, uint64_t va) {
    push_call(r, CALL_MREMAP, false, args[0], args[1], args[2], args[3], va);
    mapped_set(args[0], args[1], false);
    mapped_set(va, args[2], true);
}

/* True: nr changed, or looked after, the address space. */
static bool space_call(struct recorder *r, int64_t nr, int64_t ret) {
    if (nr != NR_MMAP && nr != NR_MUNMAP && nr != NR_MREMAP && nr != NR_MPROTECT && nr != NR_BRK &&
        nr != NR_MADVISE && nr != NR_MSYNC)
        return false;
    if (ret < 0) return true;
    if (nr == NR_MMAP) leave_mmap(r, (uint64_t)ret);
    if (nr == NR_BRK) leave_brk(r, (uint64_t)ret);
    if (nr == NR_MREMAP) leave_mremap(r, (uint64_t)ret);
    if (nr == NR_MPROTECT) push_call(r, CALL_MPROTECT, false, args[0], args[1], args[2] & 7, 0, 0);
    if (nr == NR_MADVISE) push_call(r, CALL_MADVISE, false, args[0], args[1], args[2], 0, 0);
    if (nr == NR_MSYNC && (args[2] & MS_SYNC)) /* MS_ASYNC starts nothing [mm/msync.c] */
        push_call(r, CALL_MSYNC, false, args[0], args[1], 0, 0, 0);
    if (nr == NR_MUNMAP) {
        push_call(r, CALL_MUNMAP, false, args[0], args[1], 0, 0, 0);
        mapped_set(args[0], args[1], false);
    }
    return true;
}

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
    if (nr == NR_MEMFD_CREATE && (args[1] & MEMFD_HUGETLB)) push_refuse(r, RING_REFUSE_HUGETLB);
}

/* ---- Processes ------------------------------------------------------------------------------- */

static void leave_clone(struct recorder *r, int64_t ret) {
    const uint64_t parent = r->pid, child = (uint64_t)ret;
    if (ret < 0) return;
    if (ret == 0) {
        r->pid = (uint32_t)getpid();
        push(r, RING_FORKED, 0, 0, &parent, 1);
        if (args[0] & CLONE_CHILD_SETTID) push_user(r, CALL_KSTORE, args[4], 4);
        return;
    }
    push(r, RING_FORK, 0, 0, &child, 1);
    if (args[0] & CLONE_PARENT_SETTID) push_user(r, CALL_KSTORE, args[2], 4);
}

void syscall_enter(struct recorder *r, int64_t nr, const uint64_t *arg) {
    for (unsigned i = 0; i < 6; i++) args[i] = arg[i];
    if (nr == NR_EXIT || nr == NR_EXIT_GROUP) push_call(r, CALL_EXIT, false, 0, 0, 0, 0, 0);
    if (nr == NR_EXECVE || nr == NR_EXECVEAT) push_refuse(r, RING_REFUSE_EXEC);
    if (nr == NR_CLONE && (arg[0] & CLONE_VM) && !(arg[0] & CLONE_VFORK))
        push_refuse(r, RING_REFUSE_THREAD);
    if (nr == NR_SIGRETURN) push(r, RING_SIGRETURN, 0, 0, NULL, 0);
}

/* ---- Everything else: the table -------------------------------------------------------------- */

static void operand_push(struct recorder *r, const struct operand *o, int64_t ret) {
    char string[GUEST_PATH_MAX];
    uint64_t times = o->times < 6 ? args[o->times] : o->times == TIMES_RET ? (uint64_t)ret : 1;
    if (o->kind == OPERAND_STRING && ret != ERROR_FAULT)
        push_user(r, CALL_KLOAD, args[o->arg], guest_string(r, args[o->arg], string));
    if (o->kind == OPERAND_IN && ret != ERROR_FAULT)
        push_user(r, CALL_KLOAD, args[o->arg], o->size * times);
    if (o->kind == OPERAND_OUT && ret >= 0)
        push_user(r, CALL_KSTORE, args[o->arg], o->size * times);
    if (o->kind == OPERAND_FILE && ret >= 0) push_fd(r, args[o->arg], false, NULL);
}

static void table_call(struct recorder *r, int64_t nr, int64_t ret) {
    const struct syscall_row *row = syscall_find(nr, args[1]);
    const uint64_t number = (uint64_t)nr;
    if (!row) {
        push(r, RING_UNKNOWN, 0, 0, &number, 1);
        return;
    }
    for (unsigned i = 0; i < sizeof row->operand / sizeof *row->operand; i++)
        operand_push(r, &row->operand[i], ret);
}

void syscall_leave(struct recorder *r, int64_t nr, int64_t ret) {
    char path[GUEST_PATH_MAX];
    refuse_foreign(r, nr, ret);
    if (note_call(r, nr) || transfer_call(r, nr, ret) || space_call(r, nr, ret)) return;
    switch (nr) {
    case NR_CLONE: leave_clone(r, ret); return;
    case NR_EXIT:
    case NR_EXIT_GROUP:
    case NR_SIGRETURN: return;
    case NR_OPENAT:
        push_user(r, CALL_KLOAD, args[1], guest_string(r, args[1], path));
        if (ret >= 0) push_fd(r, (uint64_t)ret, false, NULL);
        return;
    case NR_TRUNCATE:
        push_user(r, CALL_KLOAD, args[0], guest_string(r, args[0], path));
        if (ret >= 0) push_path(r, args[0]);
        return;
    case NR_FSYNC:
    case NR_FDATASYNC:
        if (ret >= 0 && push_fd(r, args[0], false, NULL))
            push_call(r, CALL_FSYNC, true, 0, 0, 0, 0, 0);
        return;
    default:
        table_call(r, nr, ret);
        if (nr == NR_WAIT4 && ret > 0 && !(args[2] & (WUNTRACED | WCONTINUED))) {
            const uint64_t child = (uint64_t)ret;
            push(r, RING_REAPED, 0, 0, &child, 1);
        }
    }
}
