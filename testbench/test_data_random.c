/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 3 against brute force: the same random calls and accesses on a world so small that it can
 * be kept as plain arrays, one cell a page: fork copies every byte. Calls that make no sense are
 * made too; both must then refuse. Every 500 operations all bytes of all processes and files are
 * compared. Growing stacks are left to test_data.c. Last, the speed of a replay with --check.
 */
#include "data.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { CELLS = 32, HEAP = 24, PROCS = 6, FILES = 3, POOL = 256, THING_PAGES = 8 };
enum { THING_BYTES = THING_PAGES * PAGE_BYTES };
#define BASE 0x7ff0000ull

struct thing { /* a file or shared anonymous memory */
    uint64_t size;
    uint8_t byte[THING_BYTES], disk[THING_BYTES];
};
struct cell {
    bool mapped, shared, copied;
    uint8_t prot;
    struct thing *thing;
    uint64_t index;
    uint8_t byte[PAGE_BYTES]; /* if copied */
};
struct proc {
    bool alive, has_heap;
    size_t heap_end;
    struct cell cell[CELLS];
};

static struct {
    struct data *d;
    uint64_t seed, op, draws;
    struct proc proc[PROCS];          /* pid = index + 1 */
    struct thing thing[FILES + POOL]; /* file id = index + 1 */
} w;

static uint64_t draw(uint64_t below) {
    return token_mix(w.seed * 1000003 + w.draws++) % below;
}
#define CHECK(what, condition)                                                                     \
    if (!(condition)) fail_msg("seed %u operation %u: %s", (unsigned)w.seed, (unsigned)w.op, what)

/* ---- The oracle ------------------------------------------------------------------------------ */

static uint64_t thing_pages(const struct thing *t) {
    return (t->size + PAGE_BYTES - 1) / PAGE_BYTES;
}

static struct thing *thing_unused(void) {
    for (size_t t = FILES;; t++) {
        bool used = false;
        for (size_t i = 0; i < PROCS * CELLS; i++) {
            const struct cell *c = &w.proc[i / CELLS].cell[i % CELLS];
            used |= c->mapped && c->thing == &w.thing[t];
        }
        if (!used) return &w.thing[t];
    }
}

static void cell_copy(struct cell *c) {
    if (c->shared || c->copied) return;
    c->copied = true;
    if (c->thing)
        memcpy(c->byte, c->thing->byte + c->index * PAGE_BYTES, PAGE_BYTES);
    else
        memset(c->byte, 0, PAGE_BYTES);
}

static uint8_t *cell_byte(struct cell *c, uint64_t offset) {
    static uint8_t zero;
    if (c->copied) return &c->byte[offset];
    if (!c->thing) return zero = 0, &zero;
    return &c->thing->byte[c->index * PAGE_BYTES + offset];
}

static bool all_mapped(const struct proc *p, size_t first, size_t end) {
    for (size_t i = first; i < end; i++)
        if (!p->cell[i].mapped) return false;
    return true;
}
static bool none_mapped(const struct proc *p, size_t first, size_t end) {
    for (size_t i = first; i < end; i++)
        if (p->cell[i].mapped) return false;
    return true;
}
static void unmap(struct proc *p, size_t first, size_t end) {
    for (size_t i = first; i < end; i++) p->cell[i] = (struct cell){0};
}
static void populate(struct proc *p, size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
        struct cell *c = &p->cell[i];
        bool counts = c->mapped && !c->shared && c->thing && (c->prot & PROT_W);
        if (counts && c->index < thing_pages(c->thing)) cell_copy(c);
    }
}

static uint8_t verdict(struct proc *p, uint8_t access, uint64_t va, size_t bytes, uint8_t *code) {
    bool atomic = access == ACCESS_AMO || access == ACCESS_LR || access == ACCESS_SC;
    bool load = access == ACCESS_LOAD || access == ACCESS_LR || access == ACCESS_CBO;
    uint8_t needs = access == ACCESS_FETCH ? PROT_X : load ? PROT_R | PROT_W : PROT_W;
    *code = SICODE_BUS_ADRALN;
    if (atomic && va % bytes) return SIGNAL_BUS;
    for (uint64_t a = va; a < va + bytes; a++) {
        const struct cell *c = &p->cell[(a - BASE) / PAGE_BYTES];
        *code = SICODE_SEGV_MAPERR;
        if (a < BASE || a >= BASE + CELLS * PAGE_BYTES || !c->mapped) return SIGNAL_SEGV;
        *code = SICODE_SEGV_ACCERR;
        if (!(c->prot & needs)) return SIGNAL_SEGV;
        *code = SICODE_BUS_ADRERR;
        if (c->thing && c->index >= thing_pages(c->thing)) return SIGNAL_BUS;
    }
    *code = SICODE_NONE;
    return SIGNAL_NONE;
}

static void thing_resize(struct thing *t, uint64_t size, bool written) {
    uint64_t low = size < t->size ? size : t->size, rest = -low & (PAGE_BYTES - 1);
    uint64_t high = size < t->size ? THING_BYTES : written || size > low + rest ? size : low + rest;
    memset(t->byte + low, 0, high - low);
    memset(t->disk + low, 0, THING_BYTES - low);
    t->size = size;
    for (size_t i = 0; i < PROCS * CELLS; i++) {
        struct cell *c = &w.proc[i / CELLS].cell[i % CELLS];
        if (c->mapped && c->thing == t && c->index >= thing_pages(t)) c->copied = false;
    }
}

static void thing_sync(struct thing *t, uint64_t index) {
    uint64_t from = index * PAGE_BYTES, next = from + PAGE_BYTES;
    uint64_t to = next < t->size ? next : t->size;
    if (from >= to) return;
    memset(t->byte + to, 0, next - to); /* behind the end, before the page is written */
    memcpy(t->disk + from, t->byte + from, to - from);
}

/* ---- One operation, on both ------------------------------------------------------------------ */

static uint32_t pid_of(const struct proc *p) {
    return (uint32_t)(p - w.proc) + 1;
}
static uint64_t va_of(size_t cell) {
    return BASE + cell * PAGE_BYTES;
}

static void both(bool legal, struct proc *p, uint8_t nr, uint32_t file, uint64_t a, uint64_t b,
                 uint64_t c, uint64_t d, uint64_t e) {
    struct os_call k = {.nr = nr, .pid = pid_of(p), .file = file, .arg = {a, b, c, d, e}};
    bool done = data_call(w.d, &k);
    if (done != legal)
        fail_msg("seed %u operation %u: call %u %s: %s", (unsigned)w.seed, (unsigned)w.op, nr,
                 done ? "granted" : "refused", data_error(w.d));
}

static void op_access(struct proc *p) {
    uint8_t access = (uint8_t)draw(2 * ACCESS_COUNT), code, want_code, bytes[5000], had[5000];
    if (access >= ACCESS_COUNT) access = access % 2 ? ACCESS_LOAD : ACCESS_STORE;
    size_t n = draw(50) ? (size_t)1 << draw(5) : 1 + draw(sizeof bytes);
    uint64_t va = BASE - PAGE_BYTES + draw((CELLS + 2) * PAGE_BYTES);
    if (draw(4) == 0) va = va_of(draw(CELLS)) - draw(n + 1);
    uint8_t want = verdict(p, access, va, n, &want_code);
    uint8_t sig = data_verdict(w.d, pid_of(p), access, va, n, &code);
    CHECK("verdict", sig == want && code == want_code);
    if (sig) return;
    bool store = access == ACCESS_STORE || access == ACCESS_AMO || access == ACCESS_CBOZ;
    for (size_t i = 0; i < n; i++) {
        struct cell *c = &p->cell[(va + i - BASE) / PAGE_BYTES];
        if (store) cell_copy(c);
        had[i] = *cell_byte(c, (va + i) % PAGE_BYTES);
        bytes[i] = token_store_byte(w.op, i);
        if (store) *cell_byte(c, (va + i) % PAGE_BYTES) = bytes[i];
    }
    if (store && draw(2)) {
        data_store(w.d, pid_of(p), va, bytes, n);
        return;
    }
    uint8_t got[5000];
    data_load(w.d, pid_of(p), va, got, n);
    CHECK("load", memcmp(got, had, n) == 0);
    if (store) data_store(w.d, pid_of(p), va, bytes, n);
}

static void op_mmap(struct proc *p) {
    size_t first = draw(CELLS), n = 1 + draw(THING_PAGES);
    if (first + n > CELLS) n = CELLS - first;
    bool shared = draw(2), fixed = draw(3), now = draw(4) == 0;
    uint32_t file = (uint32_t)draw(FILES + 2) % (FILES + 1);
    uint64_t prot = draw(6) ? PROT_R | PROT_W : draw(8), index = file ? draw(THING_PAGES) : 0;
    struct cell *below = first ? &p->cell[first - 1] : NULL;
    if (below && below->thing && below->thing < &w.thing[FILES] && draw(2)) { /* carry on from it */
        file = 1 + (uint32_t)(below->thing - w.thing);
        index = below->index + 1;
        prot = below->prot;
    }
    bool legal = fixed || none_mapped(p, first, first + n);
    both(legal, p, CALL_MMAP, file, va_of(first), n * PAGE_BYTES - draw(PAGE_BYTES), prot,
         (shared ? MAP_F_SHARED : MAP_F_PRIVATE) | (file ? 0 : MAP_F_ANON) |
             (fixed ? MAP_F_FIXED : 0) | (now ? MAP_F_POPULATE : 0),
         index * PAGE_BYTES);
    if (!legal) return;
    unmap(p, first, first + n);
    struct thing *t = file ? &w.thing[file - 1] : shared ? thing_unused() : NULL;
    if (!file && shared) {
        memset(t, 0, sizeof *t);
        t->size = n * PAGE_BYTES;
    }
    for (size_t i = 0; i < n; i++)
        p->cell[first + i] = (struct cell){.mapped = true,
                                           .shared = shared,
                                           .prot = (uint8_t)prot,
                                           .thing = t,
                                           .index = index + i};
    if (now) populate(p, first, first + n);
}

static void op_remap(struct proc *p) {
    static struct cell moved[CELLS];
    size_t from = draw(CELLS), n = 1 + draw(6), to = draw(3) ? draw(CELLS) : from, m = 1 + draw(6);
    if (draw(2)) m = n;
    if (from + n > CELLS || to + m > CELLS) return;
    bool plain = from != to && n == m; /* moves whatever there is, and the holes stay holes */
    bool legal = plain ? p->cell[from].mapped : all_mapped(p, from, from + (m < n ? m : n));
    if (from == to)
        legal = legal && (m <= n || none_mapped(p, from + n, to + m));
    else
        legal = legal && (from >= to + m || to >= from + n);
    both(legal, p, CALL_MREMAP, 0, va_of(from), n * PAGE_BYTES, m * PAGE_BYTES, 1, va_of(to));
    if (!legal) return;
    memcpy(moved, &p->cell[from], n * sizeof *moved);
    for (size_t i = n; i < m; i++) {
        moved[i] = (struct cell){.mapped = true,
                                 .shared = moved[n - 1].shared,
                                 .prot = moved[n - 1].prot,
                                 .thing = moved[n - 1].thing,
                                 .index = moved[n - 1].index + i - (n - 1)};
    }
    for (size_t i = 0; plain && i < n; i++)
        if (!moved[i].mapped) moved[i] = p->cell[to + i];
    unmap(p, from, from + n);
    memcpy(&p->cell[to], moved, m * sizeof *moved);
}

static void op_range(struct proc *p, uint8_t nr) {
    size_t first = draw(CELLS), end = first + 1 + draw(8);
    if (end > CELLS) end = CELLS;
    uint64_t arg = nr == CALL_MPROTECT ? (draw(2) ? 3 : draw(8))
                   : draw(2)           ? 4
                                       : 23; /* MADV_DONTNEED, POPULATE_WRITE */
    bool legal = nr != CALL_MPROTECT || all_mapped(p, first, end);
    both(legal, p, nr, 0, va_of(first), (end - first) * PAGE_BYTES, arg, 0, 0);
    if (nr == CALL_MUNMAP) unmap(p, first, end);
    if (nr == CALL_MADVISE && arg == 23) populate(p, first, end);
    for (size_t i = first; i < end && legal; i++) {
        struct cell *c = &p->cell[i];
        if (nr == CALL_MPROTECT) c->prot = (uint8_t)arg;
        if (nr == CALL_MADVISE && arg == 4) c->copied = false;
        bool file = c->thing && c->thing < &w.thing[FILES];
        if (nr == CALL_MSYNC && c->mapped && c->shared && file) thing_sync(c->thing, c->index);
    }
}

static void op_brk(struct proc *p) {
    size_t end = HEAP + (p->has_heap ? draw(CELLS - HEAP + 1) : 0);
    bool legal = !p->has_heap || end <= p->heap_end || none_mapped(p, p->heap_end, end);
    both(legal, p, CALL_BRK, 0, va_of(end), 0, 0, 0, 0);
    if (!legal) return;
    for (size_t i = p->heap_end; p->has_heap && i < end; i++)
        p->cell[i] = (struct cell){.mapped = true, .prot = PROT_R | PROT_W};
    if (p->has_heap && end < p->heap_end) unmap(p, end, p->heap_end);
    p->has_heap = true;
    p->heap_end = end;
}

static void op_process(struct proc *p) {
    struct proc *other = &w.proc[draw(PROCS)];
    if (draw(3)) {
        both(!other->alive, p, CALL_FORK, 0, pid_of(other), 0, 0, 0, 0);
        if (!other->alive) *other = *p;
        return;
    }
    uint8_t nr = draw(5) ? CALL_EXIT : CALL_EXEC;
    if (nr == CALL_EXIT && draw(2))
        data_killed(w.d, pid_of(p));
    else
        both(true, p, nr, 0, 0, 0, 0, 0, 0);
    memset(p, 0, sizeof *p);
    p->alive = nr == CALL_EXEC;
}

static void op_file(struct proc *p) {
    uint32_t file = 1 + (uint32_t)draw(FILES);
    struct thing *t = &w.thing[file - 1];
    uint8_t bytes[3000];
    uint64_t at = draw(THING_BYTES), n = draw(sizeof bytes), end = at + n;
    switch (draw(6)) {
    case 0:
        both(true, p, CALL_TRUNCATE, file, at, 0, 0, 0, 0);
        thing_resize(t, at, false);
        return;
    case 1:
        both(true, p, CALL_FSYNC, file, 0, 0, 0, 0, 0);
        for (size_t i = 0; i < THING_PAGES; i++) thing_sync(t, i);
        return;
    case 2:
    case 3:
        if (end > THING_BYTES || n == 0) return;
        if (end > t->size) thing_resize(t, end, true);
        for (size_t i = 0; i < n; i++) t->byte[at + i] = bytes[i] = token_store_byte(w.op, i);
        CHECK("write", data_file_write(w.d, file, at, bytes, n) == n);
        return;
    default: n = at >= t->size ? 0 : end > t->size ? t->size - at : n;
    }
    CHECK("read", data_file_read(w.d, file, at, bytes, end - at) == n);
    CHECK("bytes read", memcmp(bytes, t->byte + at, n) == 0);
}

/* ---- The test -------------------------------------------------------------------------------- */

static void compare_all(void) {
    static uint8_t bytes[THING_BYTES];
    uint8_t code, want_code;
    for (size_t i = 0; i < PROCS * CELLS; i++) {
        struct proc *p = &w.proc[i / CELLS];
        uint64_t va = va_of(i % CELLS);
        uint8_t sig = data_verdict(w.d, pid_of(p), ACCESS_LOAD, va, 1, &code);
        CHECK("verdict in sweep", sig == verdict(p, ACCESS_LOAD, va, 1, &want_code));
        if (sig) continue;
        data_load(w.d, pid_of(p), va, bytes, PAGE_BYTES);
        for (size_t k = 0; k < PAGE_BYTES; k++)
            CHECK("byte in sweep", bytes[k] == *cell_byte(&p->cell[i % CELLS], k));
    }
    for (uint32_t f = 1; f <= FILES; f++) {
        const struct thing *t = &w.thing[f - 1];
        CHECK("file size", data_file_read(w.d, f, 0, bytes, THING_BYTES) == t->size);
        CHECK("file in sweep", memcmp(bytes, t->byte, t->size) == 0);
        CHECK("disk size", data_disk_read(w.d, f, 0, bytes, THING_BYTES) == t->size);
        CHECK("disk in sweep", memcmp(bytes, t->disk, t->size) == 0);
    }
}

static void operation(struct proc *p) {
    switch (draw(64)) {
    case 0:
    case 1:
    case 2:
    case 3: op_mmap(p); break;
    case 4: op_range(p, CALL_MUNMAP); break;
    case 5: op_range(p, CALL_MPROTECT); break;
    case 6: op_range(p, CALL_MADVISE); break;
    case 7: op_range(p, CALL_MSYNC); break;
    case 8: op_remap(p); break;
    case 9: op_brk(p); break;
    case 10: op_process(p); break;
    case 11:
    case 12:
    case 13: op_file(p); break;
    default: op_access(p);
    }
}

static struct proc *some_process(void) {
    size_t i = draw(PROCS), tries = 0;
    while (!w.proc[i].alive && tries++ < PROCS) i = (i + 1) % PROCS;
    if (!w.proc[i].alive) both(true, &w.proc[i], CALL_EXEC, 0, 0, 0, 0, 0, 0);
    w.proc[i].alive = true;
    return &w.proc[i];
}

static void against_oracle(void **state) {
    (void)state;
    const struct config config = {
        .os_mode = MODE_SV39, .os_mmap_min_addr = 65536, .os_stack_limit = 1u << 20};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        memset(&w, 0, sizeof w);
        w.seed = seed;
        w.d = data_new(&config);
        for (uint32_t f = 1; f <= FILES; f++) {
            struct thing *t = &w.thing[f - 1];
            t->size = draw(THING_BYTES);
            both(true, w.proc, CALL_FILE, f, t->size, 0, 0, 0, 0);
            for (uint64_t i = 0; i < t->size; i++) t->byte[i] = t->disk[i] = token_file_byte(f, i);
        }
        for (w.op = 1; w.op <= 25000; w.op++) {
            operation(some_process());
            if (w.op % 500 == 0) compare_all();
        }
        data_delete(w.d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_oracle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
