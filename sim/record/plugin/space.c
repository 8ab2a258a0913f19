/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls of the guest that change its address space. Results are recorded, not requests: the
 * address that mmap chose. Calls that failed changed nothing and are left out.
 *
 * One lock a process: such calls, and clone, of its threads come one after the other, so their
 * order in the ring is that in which they happened. Accesses of other threads go on meanwhile. What
 * adds rights takes effect at the call's entry, what takes some away at its exit, so that every
 * access that succeeded does so in a replay; RING_ENTER and RING_LEAVE say between which items that
 * matters. A call that does both takes effect at its exit.
 */
#include "enums.h"
#include "numbers.h"
#include "os/call.h"
#include "plugin.h"
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

enum { SETTLE_NAPS = 2000 };
enum { /* of the guest */
       FLAG_LOCKED = 0x2000,
       FLAG_REMAP = 0x4000, /* of shmat */
       FLAG_HUGETLB = 0x40000,
       FLAG_SYNC = 0x80000,
       FLAG_NOREPLACE = 0x100000
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t heap_end;
static bool threads;

void space_lock(struct recorder *r) {
    pthread_mutex_lock(&lock);
    r->locked = true;
}

void space_unlock(struct recorder *r) {
    if (!r->locked) return;
    r->locked = false;
    pthread_mutex_unlock(&lock);
}

/* An access was refused, perhaps because of a call that is still under way. What that call did must
 * be told before this thread's process ends of it. Not for long: who has the lock may wait for this
 * thread to leave the guest's code (fork). */
void space_settle(struct recorder *r) {
    const struct timespec nap = {0, 50000};
    for (unsigned naps = 0; threads && !r->locked && naps < SETTLE_NAPS; naps++) {
        if (pthread_mutex_trylock(&lock) == 0) {
            pthread_mutex_unlock(&lock);
            return;
        }
        nanosleep(&nap, NULL);
    }
}

void space_threads(bool several) {
    threads = several;
}

static bool is_space_call(int64_t nr) {
    return nr == NR_MMAP || nr == NR_MUNMAP || nr == NR_MREMAP || nr == NR_MPROTECT ||
           nr == NR_SHMAT || nr == NR_SHMDT || nr == NR_BRK || nr == NR_MADVISE || nr == NR_MLOCK ||
           nr == NR_MLOCK2 || nr == NR_MUNLOCK || nr == NR_MLOCKALL || nr == NR_MUNLOCKALL;
}

/* ---- Before ---------------------------------------------------------------------------------- */

static void push_range(struct recorder *r, enum ring_kind kind, uint64_t va, uint64_t bytes,
                       bool at_entry) {
    const uint64_t arg[] = {va, bytes, at_entry};
    if (threads) push(r, kind, 0, 0, arg, 3);
}

static void enter_mmap(struct recorder *r) {
    const uint64_t *a = r->args;
    bool fixed = a[3] & (MAP_F_FIXED | FLAG_NOREPLACE);
    bool adds = !fixed || !mapped_loses(a[0], a[1], MAPPED | (unsigned)(a[2] & 7));
    push_range(r, RING_ENTER, a[0], fixed ? a[1] : 0, adds);
}

static void enter_brk(struct recorder *r) {
    uint64_t end = r->args[0];
    if (end > heap_end)
        push_range(r, RING_ENTER, heap_end, end - heap_end, true);
    else
        push_range(r, RING_ENTER, end, end ? heap_end - end : 0, false);
}

/* MADV_DONTNEED, FREE, REMOVE, DONTNEED_LOCKED: what was there is gone. */
static bool drops(uint64_t advice) {
    return advice == 4 || advice == 8 || advice == 9 || advice == 24;
}

void space_enter(struct recorder *r, int64_t nr) {
    const uint64_t *a = r->args;
    if (!is_space_call(nr)) return;
    space_lock(r);
    switch (nr) {
    case NR_MMAP: enter_mmap(r); return;
    case NR_BRK: enter_brk(r); return;
    case NR_MPROTECT:
        push_range(r, RING_ENTER, a[0], a[1],
                   !mapped_loses(a[0], a[1], MAPPED | (unsigned)(a[2] & 7)));
        return;
    case NR_MREMAP: push_range(r, RING_ENTER, a[0], a[1], true); return;
    case NR_SHMAT: push_range(r, RING_ENTER, a[1], 0, !(a[2] & FLAG_REMAP)); return;
    case NR_SHMDT: push_range(r, RING_ENTER, a[0], sysv_bytes(a[0]), false); return;
    case NR_MADVISE: push_range(r, RING_ENTER, a[0], drops(a[2]) ? a[1] : 0, false); return;
    default: push_range(r, RING_ENTER, a[0], nr == NR_MUNMAP ? a[1] : 0, false);
    }
}

/* ---- After ----------------------------------------------------------------------------------- */

static void leave_mmap(struct recorder *r, uint64_t va) {
    const uint64_t *a = r->args;
    if (a[3] & FLAG_HUGETLB) push_refuse(r, RING_REFUSE_HUGETLB);
    if ((a[3] & FLAG_SYNC) && (a[3] & 3) == 3) push_refuse(r, RING_REFUSE_DAX);
    const uint64_t known =
        MAP_F_FIXED | MAP_F_ANON | MAP_F_GROWSDOWN | MAP_F_NORESERVE | MAP_F_POPULATE;
    uint64_t flags = (a[3] & known) | ((a[3] & 3) == MAP_F_PRIVATE ? MAP_F_PRIVATE : MAP_F_SHARED);
    bool file = !(flags & MAP_F_ANON) && push_fd(r, a[4], false, NULL);
    if (!file) flags |= MAP_F_ANON; /* a device: /dev/zero, for example */
    push_call(r, CALL_MMAP, file, va, a[1], a[2] & 7, flags, file ? a[5] : 0);
    if (a[3] & FLAG_LOCKED) push_call(r, CALL_MLOCK, false, va, a[1], 0, 0, 0);
    mapped_set(va, a[1], MAPPED | (unsigned)(a[2] & 7));
    push_range(r, RING_LEAVE, va, a[1], true);
}

static void leave_brk(struct recorder *r, uint64_t end) {
    if (end != heap_end) {
        push_call(r, CALL_BRK, false, end, 0, 0, 0, 0);
        uint64_t was = (heap_end + 4095) & ~4095ull, is = (end + 4095) & ~4095ull;
        if (heap_end && is > was) mapped_set(was, is - was, MAPPED | PROT_R | PROT_W);
        if (heap_end && is < was) mapped_set(is, was - is, 0);
        heap_end = end;
    }
    push_range(r, RING_LEAVE, 0, 0, true);
}

static void leave_mremap(struct recorder *r, uint64_t va) {
    const uint64_t *a = r->args;
    unsigned rights = mapped_rights(a[0]);
    push_call(r, CALL_MREMAP, false, a[0], a[1], a[2], a[3], va);
    mapped_set(a[0], a[1], 0);
    mapped_set(va, a[2], rights);
    push_range(r, RING_LEAVE, va, a[2], va == a[0] && a[2] >= a[1]);
}

static void leave_mprotect(struct recorder *r) {
    const uint64_t *a = r->args;
    push_call(r, CALL_MPROTECT, false, a[0], a[1], a[2] & 7, 0, 0);
    mapped_set(a[0], a[1], MAPPED | (unsigned)(a[2] & 7));
    push_range(r, RING_LEAVE, 0, 0, true);
}

/* Whole pages, as the kernel takes them [do_mlock, mm/mlock.c]. */
static void leave_lock(struct recorder *r, int64_t nr) {
    const uint64_t *a = r->args;
    uint64_t start = a[0] & ~4095ull, bytes = a[1] + (a[0] & 4095);
    if (nr == NR_MLOCK || nr == NR_MLOCK2)
        push_call(r, CALL_MLOCK, false, start, bytes, nr == NR_MLOCK2 && (a[2] & 1), 0, 0);
    if (nr == NR_MUNLOCK) push_call(r, CALL_MUNLOCK, false, start, bytes, 0, 0, 0);
    if (nr == NR_MLOCKALL) push_call(r, CALL_MLOCKALL, false, a[0], 0, 0, 0, 0);
    if (nr == NR_MUNLOCKALL) push_call(r, CALL_MUNLOCKALL, false, 0, 0, 0, 0, 0);
    push_range(r, RING_LEAVE, 0, 0, false);
}

static void leave(struct recorder *r, int64_t nr, uint64_t ret) {
    const uint64_t *a = r->args;
    switch (nr) {
    case NR_MMAP: leave_mmap(r, ret); return;
    case NR_BRK: leave_brk(r, ret); return;
    case NR_MREMAP: leave_mremap(r, ret); return;
    case NR_SHMAT: push_range(r, RING_LEAVE, ret, sysv_attach(r, ret), true); return;
    case NR_SHMDT: sysv_detach(r, a[0]); break;
    case NR_MPROTECT: leave_mprotect(r); return;
    case NR_MADVISE: push_call(r, CALL_MADVISE, false, a[0], a[1], a[2], 0, 0); break;
    case NR_MUNMAP:
        push_call(r, CALL_MUNMAP, false, a[0], a[1], 0, 0, 0);
        mapped_set(a[0], a[1], 0);
        break;
    default: leave_lock(r, nr); return;
    }
    push_range(r, RING_LEAVE, 0, 0, false);
}

/* What looks at mappings and changes none. */
static void leave_look(struct recorder *r, int64_t nr) {
    const uint64_t *a = r->args;
    if (nr == NR_MSYNC && (a[2] & MS_SYNC)) /* MS_ASYNC starts nothing [msync.c] */
        push_call(r, CALL_MSYNC, false, a[0], a[1], 0, 0, 0);
    if (nr != NR_MINCORE) return;
    push_call(r, CALL_MINCORE, false, a[0], a[1], 0, 0, 0);
    push_user(r, CALL_KSTORE, a[2], (a[1] + 4095) / 4096);
}

bool space_leave(struct recorder *r, int64_t nr, int64_t ret) {
    bool looks = nr == NR_MSYNC || nr == NR_MINCORE;
    if (looks && ret >= 0) leave_look(r, nr);
    if (!is_space_call(nr)) return looks;
    if (ret >= 0)
        leave(r, nr, (uint64_t)ret);
    else
        push_range(r, RING_LEAVE, 0, 0, false);
    space_unlock(r);
    return true;
}
