/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel half under 650,000 random operations: maps, forks, accesses, writeback, truncation,
 * advice and locks, in thirteen worlds that differ in mode, A and D, ASIDs, and in how short
 * memory, swap and stores are. Every thousand operations the audit counts all frames; at every
 * access the hart looks for translations that should be gone. At the end each kind of fault must
 * have occurred.
 */
#include "os_hart.h"

enum { PIDS = 6, FILES = 3, SPAN = 640, OPERATIONS = 50000, HUGE = 2 << 20 };

static uint64_t draw(uint64_t *seed, uint64_t below) {
    *seed = token_mix(*seed);
    return *seed % below;
}

static void random_map(struct world *w, uint64_t *s, uint32_t pid, vaddr_t va, uint64_t bytes) {
    static const uint32_t flags[] = {ANON, ANON, SHARED | MAP_F_ANON, PRIV, SHARED};
    uint32_t f = flags[draw(s, 5)];
    uint32_t file = f & MAP_F_ANON ? 0 : 1 + (uint32_t)draw(s, FILES);
    if (draw(s, 8) == 0) f |= MAP_F_POPULATE;
    if ((f & MAP_F_ANON) && !(f & SHARED) && draw(s, 6) == 0) f |= MAP_F_GROWSDOWN;
    ok(w, CALL_MMAP, pid, file, va, bytes, draw(s, 8), f, draw(s, 8) * PAGE);
}

static void random_read(struct world *w, uint64_t *s, uint32_t file, uint8_t *buffer, size_t n) {
    uint64_t cost, at = draw(s, 20 * PAGE);
    os_file_read(w->os, file, at, buffer, n, at + n, &cost);
    os_file_read_done(w->os, file, at + n);
}

static void random_write(struct world *w, uint64_t *s) {
    uint8_t buffer[3 * PAGE];
    uint64_t cost;
    memset(buffer, (int)draw(s, 256), sizeof buffer);
    uint32_t file = 1 + (uint32_t)draw(s, FILES);
    if (draw(s, 2))
        os_file_write(w->os, file, draw(s, 20 * PAGE), buffer, draw(s, sizeof buffer), &cost);
    else
        random_read(w, s, file, buffer, draw(s, sizeof buffer));
}

static void random_fork(struct world *w, uint64_t *s, uint32_t pid, uint32_t other) {
    uint64_t thread = draw(s, 2) ? CLONE_F_THREAD : 0;
    if (draw(s, 2))
        ask(w, CALL_FORK, pid, 0, other, 0, 0, 0, 0);
    else
        ask(w, CALL_CLONE, pid, 0, other, CLONE_F_VM | thread, 0, 0, 0);
}

static bool huge(const struct world *w) {
    return w->cfg.os_thp == THP_ALWAYS;
}

static void huge_call(struct world *w, uint64_t *s, uint32_t pid, vaddr_t va, uint64_t bytes) {
    static const uint8_t advice[] = {14, 15, 25, 25};
    switch (draw(s, 4)) {
    case 0: MMAP(pid, va, bytes, RW, ANON); break;
    case 1: ask(w, CALL_MREMAP, pid, 0, va, HUGE, HUGE, 1, AT + 3 * HUGE); break;
    case 2: ok(w, CALL_KHUGEPAGED, pid, 0, 0, 0, 0, 0, 0); break;
    default: ask(w, CALL_MADVISE, pid, 0, va, bytes, advice[draw(s, 4)], 0, 0); break;
    }
}

static void random_call(struct world *w, uint64_t *s, uint32_t pid) {
    vaddr_t va = AT + draw(s, SPAN) * PAGE, to = AT + (SPAN + draw(s, SPAN)) * PAGE;
    uint64_t bytes = (1 + draw(s, draw(s, 8) ? 20 : 100)) * PAGE;
    if (huge(w) && draw(s, 3) == 0) {
        va = AT + draw(s, 3) * HUGE;
        bytes = draw(s, 2) ? HUGE : (1 + draw(s, 1200)) * PAGE;
        if (draw(s, 4) == 0) {
            huge_call(w, s, pid, va, bytes);
            return;
        }
    }
    uint32_t other = 1 + (uint32_t)draw(s, PIDS), file = 1 + (uint32_t)draw(s, FILES);
    static const uint8_t advice[] = {3, 8, 8, 9, 20, 21, 21, 22, 24};
    switch (draw(s, 34)) {
    case 0:
    case 1:
    case 2:
    case 3: random_map(w, s, pid, va, bytes); break;
    case 4:
    case 5: MUNMAP(pid, va, bytes); break;
    case 6:
    case 7:
    case 8: ask(w, CALL_MPROTECT, pid, 0, va, bytes, draw(s, 8), 0, 0); break;
    case 9:
    case 10: ask(w, CALL_MADVISE, pid, 0, va, bytes, 4, 0, 0); break;
    case 11: ask(w, CALL_MREMAP, pid, 0, va, bytes, (1 + draw(s, 20)) * PAGE, 1, to); break;
    case 12: ask(w, CALL_MREMAP, pid, 0, to, bytes, (1 + draw(s, 20)) * PAGE, 1, va); break;
    case 13: ask(w, CALL_MREMAP, pid, 0, va, bytes, (1 + draw(s, 20)) * PAGE, 1, va); break;
    case 14: ask(w, CALL_BRK, pid, 0, AT + 2 * SPAN * PAGE + draw(s, 40 * PAGE), 0, 0, 0, 0); break;
    case 15: ask(w, CALL_FORK, pid, 0, other, 0, 0, 0, 0); break;
    case 16: random_fork(w, s, pid, other); break;
    case 17:
        if (draw(s, 4) == 0) ask(w, CALL_EXIT, other, 0, draw(s, 4) == 0, 0, 0, 0, 0);
        break;
    case 18:
        if (draw(s, 8) == 0) ask(w, CALL_EXEC, other, 0, 0, 0, 0, 0, 0);
        break;
    case 19: ok(w, CALL_MSYNC, pid, 0, va, bytes, 0, 0, 0); break;
    case 20: ok(w, CALL_FSYNC, pid, file, 0, 0, 0, 0, 0); break;
    case 21: ok(w, CALL_TRUNCATE, pid, file, draw(s, 24 * PAGE), 0, 0, 0, 0); break;
    case 22:
    case 23:
    case 24: ask(w, CALL_MADVISE, pid, 0, va, bytes, advice[draw(s, 9)], 0, 0); break;
    case 25: ask(w, CALL_MLOCK, pid, 0, va, (1 + draw(s, 4)) * PAGE, draw(s, 2), 0, 0); break;
    case 26: ask(w, CALL_MUNLOCK, pid, 0, va, bytes, 0, 0, 0); break;
    case 27:
        if (draw(s, 4) == 0) ok(w, CALL_MUNLOCKALL, pid, 0, 0, 0, 0, 0, 0);
        break;
    case 28: ok(w, CALL_RECLAIM, pid, 0, 1 + draw(s, 30), 0, 0, 0, 0); break;
    case 30: ok(w, CALL_MIGRATE, pid, 0, va, bytes, 0, 0, 0); break;
    case 31: ok(w, CALL_COMPACT, pid, 0, 0, 0, 0, 0, 0); break;
    case 32: ask(w, CALL_MREMAP, pid, 0, va, bytes, bytes, 5, to); break;
    case 29:
        if (draw(s, 4) == 0) ok(w, CALL_WRITEBACK, pid, 0, 0, 0, 0, 0, 0);
        break;
    default: random_write(w, s); break;
    }
}

static uint32_t someone(struct world *w, uint64_t *s) {
    for (unsigned tries = 0; tries < 4 * PIDS; tries++) {
        uint32_t pid = 1 + (uint32_t)draw(s, PIDS);
        if (os_alive(w->os, pid)) return pid;
    }
    for (uint32_t pid = 1; pid <= PIDS; pid++)
        if (os_alive(w->os, pid)) return pid;
    EXEC(2);
    return 2;
}

/* Mostly the kernel's, which raise no signal: or the processes would not live long. */
static void random_access(struct world *w, uint64_t *s, uint32_t pid) {
    char word[64];
    vaddr_t va = AT + draw(s, (2 * SPAN + 40) * PAGE);
    for (unsigned tries = 0; tries < 8 && !os_vma_kind(w->os, pid, va, word, sizeof word); tries++)
        va = AT + draw(s, (2 * SPAN + 40) * PAGE);
    w->kernel = draw(s, 200);
    for (uint64_t n = 1 + draw(s, 4); n && os_alive(w->os, pid); n--)
        touch(w, pid, (uint8_t)draw(s, 3), va + draw(s, 8 * PAGE));
    w->kernel = false;
}

static void stress(struct world *w, uint64_t seed) {
    bool svadu = w->cfg.os_svadu, scarce = w->cfg.os_swap < 1000;
    for (uint32_t id = 1; id <= FILES; id++)
        ok(w, CALL_FILE, 0, id, id * 5 * PAGE + id,
           id == FILES && w->cfg.os_tmpfs_pages ? STORE_TMPFS : STORE_DISK, 0, 0, 0);
    for (unsigned n = 1; n <= OPERATIONS; n++) {
        uint32_t pid = someone(w, &seed);
        assert_true(os_switch(w->os, pid));
        perform(w);
        if (draw(&seed, 3) == 0)
            random_call(w, &seed, pid);
        else
            random_access(w, &seed, pid);
        if (n % 1000 == 0) check(w);
    }
    const struct os_stats *st = os_get_stats(w->os);
    assert_true(st->cow_copy && st->cow_reuse && st->cow_file && st->mkwrite && st->shmem_alloc);
    assert_true(st->zero_page && st->anon_alloc && st->file_map && st->sigbus && st->sigsegv);
    assert_true(st->fault_around && st->writeback && !st->spurious && !st->ad_update == svadu);
    if (w->cfg.os_thp64) assert_true(st->thp64_alloc && st->thp_split);
    if (w->cfg.os_thp64) assert_int_equal(st->napot_unfold > 0, w->cfg.hart_svnapot);
    if (huge(w)) assert_true(st->thp_alloc && st->thp_zero && st->thp_split && st->thp_collapse);
    assert_true(st->swap_in && st->swap_out && st->lazyfree && st->reclaimed);
    assert_int_equal(scarce, st->oom_kill > 0);
    assert_int_equal(st->satp_writes, w->satp_writes);
    assert_int_equal(st->fences, w->fences);
    for (uint32_t pid = 1; pid <= PIDS; pid++) ask(w, CALL_EXIT, pid, 0, 0, 0, 0, 0, 0);
    world_end(w);
}

/* Memory and swap of so many pages. */
static struct world *world_scarce(uint32_t mode, bool svadu, uint32_t frames, uint32_t swap) {
    struct world *w = world_new(mode, svadu, true, 16);
    os_delete(w->os);
    w->cfg.os_frames = frames;
    w->cfg.os_swap = swap;
    w->os = os_new(&w->cfg, w->mem);
    return w;
}

/* Stores that are full, on a hart with Svinval. */
static struct world *world_full(uint32_t mode, bool svadu) {
    struct world *w = world_new(mode, svadu, true, 16);
    os_delete(w->os);
    w->cfg.os_tmpfs_pages = 6;
    w->cfg.os_store_free = 2;
    w->cfg.os_svinval = 1;
    w->os = os_new(&w->cfg, w->mem);
    return w;
}

static struct world *world_64k(struct world *w, bool svnapot, uint32_t frames) {
    os_delete(w->os);
    w->cfg.os_thp64 = THP_ALWAYS;
    w->cfg.hart_svnapot = svnapot;
    w->cfg.os_frames = frames;
    w->os = os_new(&w->cfg, w->mem);
    return w;
}

static struct world *world_huge(struct world *w, uint32_t frames) {
    os_delete(w->os);
    w->cfg.os_thp = THP_ALWAYS;
    w->cfg.os_frames = frames;
    w->os = os_new(&w->cfg, w->mem);
    return w;
}

static void test_huge(void **state) {
    (void)state;
    stress(world_huge(world_new(MODE_SV39, true, true, 16), 0), 7);
    stress(world_huge(world_new(MODE_SV48, false, true, 3), 0), 8);
    stress(world_huge(world_new(MODE_SV39, false, false, 16), 4000), 9);
}

static void test_64k(void **state) {
    (void)state;
    stress(world_64k(world_new(MODE_SV39, true, true, 16), true, 0), 11);
    stress(world_64k(world_new(MODE_SV48, false, true, 3), true, 700), 12);
    stress(world_64k(world_new(MODE_SV57, true, false, 16), true, 400), 13);
    stress(world_64k(world_new(MODE_SV39, false, true, 16), false, 0), 14);
    stress(world_64k(world_huge(world_new(MODE_SV39, true, true, 16), 0), true, 4000), 15);
}

static void test_stress(void **state) {
    (void)state;
    stress(world_new(MODE_SV39, true, true, 16), 1);
    stress(world_new(MODE_SV48, false, true, 3), 2);
    stress(world_new(MODE_SV39, false, true, 2), 3);
    stress(world_new(MODE_SV48, true, false, 16), 4);
    stress(world_new(MODE_SV57, false, true, 16), 5);
    stress(world_new(MODE_SV32, true, true, 16), 6);
    stress(world_new(MODE_SV32, false, false, 2), 7);
    stress(world_full(MODE_SV39, false), 8);
    stress(world_scarce(MODE_SV39, true, 260, 8000), 5);
    stress(world_scarce(MODE_SV32, false, 200, 30), 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stress),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_64k),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
