/* SPDX-License-Identifier: Apache-2.0
 *
 * Opinion 3, a test for each rule: one small world, one rule, what every process then sees. The
 * rules in all their combinations are test_data_random.c.
 */
#include "data.h"
#include "token.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { RW = PROT_R | PROT_W };
enum { ANON = MAP_F_PRIVATE | MAP_F_ANON, SHANON = MAP_F_SHARED | MAP_F_ANON };
#define P(n) ((uint64_t)(n)*PAGE_BYTES)
#define BASE 0x10000000ull

struct world {
    struct config config;
    struct data *d;
    uint32_t pid;
};

static bool call(struct world *w, uint8_t nr, uint32_t file, uint64_t a, uint64_t b, uint64_t c,
                 uint64_t e, uint64_t f) {
    struct os_call k = {.nr = nr, .pid = w->pid, .file = file, .arg = {a, b, c, e, f}};
    return data_call(w->d, &k);
}
static bool map(struct world *w, uint64_t va, uint64_t bytes, uint64_t prot, uint64_t flags,
                uint32_t file, uint64_t offset) {
    return call(w, CALL_MMAP, file, va, bytes, prot, flags, offset);
}
#define anon(w, va, pages)    map(w, va, P(pages), RW, ANON, 0, 0)
#define fork_to(w, pid)       call(w, CALL_FORK, 0, pid, 0, 0, 0, 0)
#define truncate_to(w, bytes) call(w, CALL_TRUNCATE, 1, bytes, 0, 0, 0, 0)

static uint8_t last_code;
static uint8_t sig(struct world *w, uint8_t access, uint64_t va, size_t bytes) {
    return data_verdict(w->d, w->pid, access, va, bytes, &last_code);
}
#define GOOD(access, va) assert_int_equal(sig(w, access, va, 8), SIGNAL_NONE)
#define BAD(access, va, bytes, signal, sicode)                                                     \
    do {                                                                                           \
        assert_int_equal(sig(w, access, va, bytes), signal);                                       \
        assert_int_equal(last_code, sicode);                                                       \
    } while (0)
#define MAPERR(va)         BAD(ACCESS_LOAD, va, 1, SIGNAL_SEGV, SICODE_SEGV_MAPERR)
#define ACCERR(access, va) BAD(access, va, 8, SIGNAL_SEGV, SICODE_SEGV_ACCERR)
#define ADRERR(va)         BAD(ACCESS_LOAD, va, 1, SIGNAL_BUS, SICODE_BUS_ADRERR)

static void put(struct world *w, uint64_t va, uint8_t value) {
    assert_int_equal(sig(w, ACCESS_STORE, va, 1), SIGNAL_NONE);
    data_store(w->d, w->pid, va, &value, 1);
}
static uint8_t get(struct world *w, uint64_t va) {
    uint8_t value = 0xee;
    assert_int_equal(sig(w, ACCESS_LOAD, va, 1), SIGNAL_NONE);
    data_load(w->d, w->pid, va, &value, 1);
    return value;
}
static uint8_t on_disk(struct world *w, uint64_t offset) {
    uint8_t value = 0xee;
    assert_int_equal(data_disk_read(w->d, 1, offset, &value, 1), 1);
    return value;
}
#define born(offset)  token_file_byte(1, offset)
#define other(offset) ((uint8_t)~born(offset)) /* a value the file was not born with */

static int setup(void **state) {
    static struct world w;
    w = (struct world){
        .config = {.os_mode = MODE_SV39, .os_mmap_min_addr = 65536, .os_stack_limit = 1u << 20}};
    w.d = data_new(&w.config);
    w.pid = 1;
    *state = &w;
    assert_true(call(&w, CALL_EXEC, 0, 0, 0, 0, 0, 0));
    assert_true(call(&w, CALL_FILE, 1, P(2) + 100, 0, 0, 0,
                     0)); /* file 1: three pages, 100 bytes in the last */
    return 0;
}
static int teardown(void **state) {
    data_delete(((struct world *)*state)->d);
    return 0;
}
#define TEST(name)                                                                                 \
    static void name##_in(struct world *w);                                                        \
    static void name(void **state) {                                                               \
        name##_in(*state);                                                                         \
    }                                                                                              \
    static void name##_in(struct world *w)

/* ---- Verdicts -------------------------------------------------------------------------------- */

TEST(permissions) {
    const uint8_t prot[] = {0, PROT_R, PROT_W, PROT_X, RW, PROT_R | PROT_X, PROT_W | PROT_X};
    for (unsigned i = 0; i < sizeof prot; i++) {
        uint64_t va = BASE + P(2 * i);
        assert_true(map(w, va, P(1), prot[i], ANON, 0, 0));
        for (uint8_t a = 0; a < ACCESS_COUNT; a++) {
            bool load = a == ACCESS_LOAD || a == ACCESS_LR || a == ACCESS_CBO;
            uint8_t needs = a == ACCESS_FETCH ? PROT_X : load ? PROT_R | PROT_W : PROT_W;
            if (prot[i] & needs)
                GOOD(a, va);
            else
                ACCERR(a, va);
        }
        MAPERR(va + P(1));
    }
    assert_true(call(w, CALL_MPROTECT, 0, BASE, P(1), RW, 0, 0));
    put(w, BASE, 1);
    assert_true(call(w, CALL_MPROTECT, 0, BASE, P(1), PROT_R, 0, 0));
    ACCERR(ACCESS_STORE, BASE);
    assert_int_equal(get(w, BASE), 1);
    assert_false(call(w, CALL_MPROTECT, 0, BASE, P(2), PROT_R, 0, 0)); /* a hole */
}

TEST(crossing) {
    assert_true(anon(w, BASE, 2) && map(w, BASE + P(2), P(1), PROT_R, ANON, 0, 0));
    BAD(ACCESS_STORE, BASE + P(2) - 4, 8, SIGNAL_SEGV, SICODE_SEGV_ACCERR);
    BAD(ACCESS_LOAD, BASE + P(3) - 4, 8, SIGNAL_SEGV, SICODE_SEGV_MAPERR);
    BAD(ACCESS_STORE, BASE + P(3) - 4, 8, SIGNAL_SEGV,
        SICODE_SEGV_ACCERR); /* the first page speaks first */
    uint8_t in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8] = {0};
    assert_int_equal(sig(w, ACCESS_STORE, BASE + P(1) - 3, 8), SIGNAL_NONE);
    data_store(w->d, 1, BASE + P(1) - 3, in, 8);
    data_load(w->d, 1, BASE + P(1) - 3, out, 8);
    assert_memory_equal(in, out, 8);
    BAD(ACCESS_AMO, BASE + 4, 8, SIGNAL_BUS, SICODE_BUS_ADRALN);
    BAD(ACCESS_AMO, 1, 4, SIGNAL_BUS, SICODE_BUS_ADRALN); /* before translation */
    assert_int_equal(sig(w, ACCESS_AMO, BASE + 4, 4), SIGNAL_NONE);
}

TEST(bounds) {
    MAPERR(0);
    MAPERR(UINT64_MAX);
    assert_false(anon(w, 65536 - P(1), 1));
    assert_true(anon(w, 65536, 1));
    assert_true(anon(w, (1ull << 38) - P(1), 1)); /* TASK_SIZE of sv39: 256 GiB */
    assert_false(anon(w, 1ull << 38, 1));
    assert_false(map(w, BASE, UINT64_MAX, RW, ANON, 0, 0));
    assert_false(map(w, BASE + 1, P(1), RW, ANON, 0, 0) || map(w, BASE, 0, RW, ANON, 0, 0));
    assert_non_null(strstr(data_error(w->d), "no bytes"));
    w->config.os_mode = MODE_SV48;
    struct data *wide = data_new(&w->config);
    struct os_call k = {.nr = CALL_EXEC, .pid = 1};
    assert_true(data_call(wide, &k));
    k = (struct os_call){.nr = CALL_MMAP,
                         .pid = 1,
                         .arg = {(1ull << 47) - P(1), P(1), RW, ANON}}; /* of sv48: 128 TiB */
    assert_true(data_call(wide, &k));
    k.arg[0] = 1ull << 47;
    assert_false(data_call(wide, &k));
    data_delete(wide);
}

TEST(stack) {
    const uint64_t top = BASE + P(1024), limit = w->config.os_stack_limit; /* 256 pages */
    assert_true(map(w, top - P(2), P(2), RW, ANON | MAP_F_GROWSDOWN, 0, 0));
    MAPERR(top);
    assert_true(anon(w, top, 1)); /* above it: no part of it */
    put(w, top - P(10), 3);
    put(w, top - P(5), 4); /* between: mapped now */
    MAPERR(top - limit - 1);
    put(w, top - limit, 5);
    assert_true(
        anon(w, top - limit - P(1), 1)); /* mmap may come close; only growth keeps the gap */
    const uint64_t second = top + P(2000);
    assert_true(map(w, second - P(1), P(1), RW, ANON | MAP_F_GROWSDOWN, 0, 0));
    assert_true(anon(w, second - P(301), 1));
    put(w, second - P(44), 6); /* 256 pages above the end of the neighbour */
    MAPERR(second - P(45));
    assert_true(call(w, CALL_MPROTECT, 0, second - P(301), P(1), 0, 0, 0));
    put(w, second - P(45), 7); /* PROT_NONE asks for no gap */
    assert_true(call(w, CALL_MUNMAP, 0, second - P(301), P(1), 0, 0, 0));
    MAPERR(second - P(257)); /* the limit counts from the top */
    const uint64_t third = second + P(1000);
    assert_true(map(w, third - P(1), P(1), RW, ANON | MAP_F_GROWSDOWN, 0, 0));
    assert_true(map(w, third - P(10), P(1), RW, ANON | MAP_F_GROWSDOWN, 0, 0));
    put(w, third - P(9), 8); /* nor does another stack */
    assert_true(map(w, 65536 + P(4), P(1), PROT_R, ANON | MAP_F_GROWSDOWN, 0, 0));
    MAPERR(65535);
    ACCERR(ACCESS_STORE, 65536 + P(2)); /* grown first, refused then */
    assert_int_equal(get(w, 65536 + P(2)), 0);
    assert_false(map(w, BASE, P(1), RW, SHANON | MAP_F_GROWSDOWN, 0, 0));
}

/* ---- Anonymous memory ------------------------------------------------------------------------ */

TEST(copy_on_write) {
    assert_true(anon(w, BASE, 3) && map(w, BASE + P(3), P(1), RW, SHANON, 0, 0));
    put(w, BASE, 1);
    put(w, BASE + P(3), 1);
    assert_int_equal(get(w, BASE + P(1)), 0);
    assert_true(fork_to(w, 2) && !fork_to(w, 2));
    put(w, BASE, 2);
    w->pid = 2;
    assert_int_equal(get(w, BASE), 1); /* the parent's store is its own */
    put(w, BASE + P(1), 9);
    put(w, BASE + P(3), 9); /* shared memory stays shared */
    assert_true(fork_to(w, 3));
    put(w, BASE, 4);
    assert_true(call(w, CALL_EXIT, 0, 0, 0, 0, 0, 0));
    MAPERR(BASE);
    w->pid = 3;
    assert_int_equal(get(w, BASE), 1);
    put(w, BASE, 5); /* last owner */
    assert_int_equal(get(w, BASE + P(1)), 9);
    w->pid = 1;
    assert_int_equal(get(w, BASE), 2);
    assert_int_equal(get(w, BASE + P(1)), 0);
    assert_int_equal(get(w, BASE + P(3)), 9);
    data_killed(w->d, 3);
    assert_true(call(w, CALL_EXEC, 0, 0, 0, 0, 0, 0));
    MAPERR(BASE);
}

TEST(many_pages) { /* more than one table of glances, more than one run of pages */
    assert_true(anon(w, BASE, 3000) && map(w, BASE + P(3000), P(1), PROT_R, ANON, 0, 0));
    for (unsigned i = 0; i < 3000; i++) put(w, BASE + P(i), (uint8_t)(i % 251));
    assert_true(fork_to(w, 2));
    for (unsigned i = 0; i < 3000; i++) put(w, BASE + P(i) + 1, get(w, BASE + P(i)));
    assert_int_equal(get(w, BASE + P(3000)), 0);
    ACCERR(ACCESS_STORE, BASE + P(3000));
    assert_true(call(w, CALL_MUNMAP, 0, BASE + P(500), P(2000), 0, 0, 0));
    MAPERR(BASE + P(500));
    assert_int_equal(get(w, BASE + P(2500) + 1), 2500 % 251);
    w->pid = 2;
    for (unsigned i = 0; i < 3000; i++) {
        assert_int_equal(get(w, BASE + P(i)), i % 251);
        assert_int_equal(get(w, BASE + P(i) + 1), 0);
    }
}

TEST(unmap_and_replace) {
    assert_true(anon(w, BASE, 5));
    for (unsigned i = 0; i < 5; i++) put(w, BASE + P(i), (uint8_t)(i + 1));
    assert_true(call(w, CALL_MUNMAP, 0, BASE + P(1), 5, 0, 0, 0)); /* length rounds up */
    assert_true(call(w, CALL_MUNMAP, 0, BASE + P(1), P(1), 0, 0, 0));
    MAPERR(BASE + P(1));
    assert_int_equal(get(w, BASE + P(2)), 3);
    assert_false(anon(w, BASE + P(1), 2));
    assert_true(map(w, BASE + P(1), P(2), RW, ANON | MAP_F_FIXED, 0, 0));
    assert_int_equal(get(w, BASE + P(2)), 0);
    assert_int_equal(get(w, BASE + P(3)), 4);
    assert_true(call(w, CALL_MADVISE, 0, BASE + P(3), P(1), 4, 0, 0));
    assert_int_equal(get(w, BASE + P(3)), 0);
    assert_int_equal(get(w, BASE + P(4)), 5);
    assert_false(call(w, CALL_MADVISE, 0, BASE, P(1), 9, 0, 0));
}

TEST(heap) {
    assert_true(call(w, CALL_BRK, 0, BASE + 100, 0, 0, 0, 0));
    MAPERR(BASE + 100);
    assert_true(call(w, CALL_BRK, 0, BASE + P(2) + 1, 0, 0, 0, 0));
    MAPERR(BASE + P(1) - 1);
    put(w, BASE + P(3) - 1, 1);
    MAPERR(BASE + P(3));
    assert_true(call(w, CALL_BRK, 0, BASE + P(2), 0, 0, 0, 0));
    MAPERR(BASE + P(2));
    assert_true(call(w, CALL_BRK, 0, BASE + P(3), 0, 0, 0, 0));
    assert_int_equal(get(w, BASE + P(3) - 1), 0);
    assert_true(anon(w, BASE + P(4), 1));
    assert_false(call(w, CALL_BRK, 0, BASE + P(5), 0, 0, 0, 0));
    assert_false(call(w, CALL_BRK, 0, BASE - P(1), 0, 0, 0, 0));
    assert_true(fork_to(w, 2));
    w->pid = 2;
    assert_true(call(w, CALL_BRK, 0, BASE + P(4), 0, 0, 0, 0));
    put(w, BASE + P(4) - 1, 1);
}

TEST(remap) {
    assert_true(anon(w, BASE, 3));
    for (unsigned i = 0; i < 3; i++) put(w, BASE + P(i), (uint8_t)(i + 1));
    assert_true(call(w, CALL_MREMAP, 0, BASE + P(1), P(1), P(3), 1, BASE + P(8)));
    MAPERR(BASE + P(1));
    assert_int_equal(get(w, BASE + P(8)), 2);
    assert_int_equal(get(w, BASE + P(10)), 0);
    assert_true(call(w, CALL_MREMAP, 0, BASE + P(8), P(3), P(1), 1, BASE + P(8)));
    MAPERR(BASE + P(9));
    assert_true(call(w, CALL_MREMAP, 0, BASE + P(2), P(1), P(4), 1, BASE + P(2)));
    assert_int_equal(get(w, BASE + P(2)), 3);
    put(w, BASE + P(5), 9);
    assert_false(call(w, CALL_MREMAP, 0, BASE + P(2), P(4), P(7), 1, BASE + P(2)));
    /* replaces what is there */
    assert_true(call(w, CALL_MREMAP, 0, BASE + P(2), P(4), P(4), 3, BASE + P(6)));
    assert_int_equal(get(w, BASE + P(9)), 9);
    assert_false(call(w, CALL_MREMAP, 0, BASE, P(2), P(3), 1, BASE + P(14))); /* a hole */
    assert_false(call(w, CALL_MREMAP, 0, BASE, P(1), P(2), 5, BASE + P(12)));
    assert_true(call(w, CALL_MREMAP, 0, BASE, P(1), P(1), 5, BASE + P(12))); /* DONTUNMAP */
    assert_int_equal(get(w, BASE + P(12)), 1);
    assert_int_equal(get(w, BASE), 0);
    assert_true(map(w, BASE + P(20), P(1), RW, SHANON, 0, 0));
    put(w, BASE + P(20), 7);
    assert_true(call(w, CALL_MREMAP, 0, BASE + P(20), P(1), P(2), 1, BASE + P(30)));
    assert_int_equal(get(w, BASE + P(30)), 7);
    ADRERR(BASE + P(31)); /* the object did not grow */
}

/* ---- Files ----------------------------------------------------------------------------------- */

TEST(file_mappings) {
    assert_true(map(w, BASE, P(4), RW, MAP_F_PRIVATE, 1, 0) &&
                map(w, BASE + P(8), P(4), RW, MAP_F_SHARED, 1, 0));
    assert_int_equal(get(w, BASE + 5), born(5));
    assert_int_equal(get(w, BASE + P(2) + 99), born(P(2) + 99));
    assert_int_equal(get(w, BASE + P(2) + 100), 0); /* beyond the end, in the last page */
    ADRERR(BASE + P(3));
    BAD(ACCESS_STORE, BASE + P(3) - 4, 8, SIGNAL_BUS, SICODE_BUS_ADRERR);
    put(w, BASE + P(8) + 5, other(5)); /* a page not yet written follows the file */
    assert_int_equal(get(w, BASE + 5), other(5));
    put(w, BASE + 6, 77);
    put(w, BASE + P(8) + 7, other(7));
    assert_int_equal(get(w, BASE + 5), other(5)); /* copied with what the file had then */
    assert_int_equal(get(w, BASE + 7), born(7));  /* and no longer follows */
    assert_int_equal(get(w, BASE + P(8) + 6), born(6));
    assert_int_equal(on_disk(w, 5), born(5));
    assert_true(call(w, CALL_MADVISE, 0, BASE, P(1), 4, 0, 0));
    assert_int_equal(get(w, BASE + 6), born(6));
    assert_int_equal(get(w, BASE + 7), other(7));
    assert_true(map(w, BASE + P(16), P(1), RW, MAP_F_PRIVATE | MAP_F_POPULATE, 1, P(1)));
    put(w, BASE + P(9), other(P(1)));
    assert_int_equal(get(w, BASE + P(16)), born(P(1))); /* populated by writes: copied already */
    assert_false(map(w, BASE + P(20), P(1), RW, MAP_F_SHARED, 2, 0));
    assert_false(call(w, CALL_FILE, 1, 5, 0, 0, 0, 0));
}

TEST(read_and_write) {
    uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8] = {0};
    assert_true(map(w, BASE, P(5), RW, MAP_F_SHARED, 1, 0));
    put(w, BASE + P(2) + 150, 9); /* visible here, never part of the file */
    put(w, BASE + P(2) + 300, 9);
    assert_int_equal(data_file_read(w->d, 1, P(2) + 96, out, 8), 4);
    assert_int_equal(data_file_write(w->d, 1, P(2) + 200, bytes, 8), 8); /* grows past a gap */
    assert_int_equal(get(w, BASE + P(2) + 150), 0);
    assert_int_equal(get(w, BASE + P(2) + 207), 8);
    assert_int_equal(get(w, BASE + P(2) + 300), 9);
    ADRERR(BASE + P(3));
    assert_int_equal(data_file_write(w->d, 1, P(4) - 4, bytes, 8), 8);
    assert_int_equal(get(w, BASE + P(2) + 300), 0);
    assert_int_equal(get(w, BASE + P(3)), 0);
    assert_int_equal(data_file_read(w->d, 1, P(4) - 4, out, 8), 8);
    assert_memory_equal(out, bytes, 8);
    assert_int_equal(data_file_write(w->d, 7, 0, bytes, 8), 0);
    assert_int_equal(data_file_write(w->d, 1, UINT64_MAX - 2, bytes, 8), 0);
}

TEST(truncation) {
    assert_true(map(w, BASE, P(3), RW, MAP_F_PRIVATE, 1, 0) &&
                map(w, BASE + P(8), P(3), RW, MAP_F_SHARED, 1, 0));
    put(w, BASE, 1);
    put(w, BASE + 600, 1);
    put(w, BASE + P(1), 1);
    assert_true(fork_to(w, 2));
    assert_true(truncate_to(w, 500));
    assert_int_equal(get(w, BASE), 1);
    assert_int_equal(get(w, BASE + 600), 1); /* the copy of the page that stays, stays whole */
    assert_int_equal(get(w, BASE + P(8) + 499), born(499));
    assert_int_equal(get(w, BASE + P(8) + 500), 0);
    ADRERR(BASE + P(1));
    w->pid = 2;
    ADRERR(BASE + P(1));
    assert_true(truncate_to(w, P(2)));
    assert_int_equal(get(w, BASE + P(1)), 0); /* the private copy is gone, the file has a hole */
    assert_int_equal(get(w, BASE + P(8) + 500), 0);
    assert_int_equal(on_disk(w, 500), 0);
    assert_int_equal(on_disk(w, 499), born(499));
}

TEST(writeback) {
    assert_true(map(w, BASE, P(3), RW, MAP_F_SHARED, 1, 0));
    for (unsigned i = 0; i < 3; i++) put(w, BASE + P(i), other(P(i)));
    put(w, BASE + P(2) + 100, 9);
    assert_true(call(w, CALL_MSYNC, 0, BASE + P(1), P(1), 0, 0, 0));
    assert_int_equal(on_disk(w, 0), born(0));
    assert_int_equal(on_disk(w, P(1)), other(P(1)));
    put(w, BASE + P(1), 5);
    assert_int_equal(on_disk(w, P(1)), other(P(1)));
    assert_true(call(w, CALL_EXIT, 0, 0, 0, 0, 0, 0));
    assert_int_equal(on_disk(w, P(1)), other(P(1))); /* exit writes nothing */
    assert_true(call(w, CALL_FSYNC, 1, 0, 0, 0, 0, 0));
    assert_int_equal(on_disk(w, 0), other(0));
    assert_int_equal(on_disk(w, P(1)), 5);
    uint8_t byte;
    assert_int_equal(data_disk_read(w->d, 1, P(2) + 100, &byte, 1), 0);
    w->pid = 2;
    assert_true(call(w, CALL_EXEC, 0, 0, 0, 0, 0, 0) && truncate_to(w, P(3)));
    assert_int_equal(on_disk(w, P(2) + 100), 0);
    assert_false(call(w, CALL_READ, 1, BASE, 1, 0, 0, 0) || call(w, CALL_FSYNC, 9, 0, 0, 0, 0, 0));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(permissions),    T(crossing),          T(bounds),   T(stack), T(copy_on_write),
        T(many_pages),     T(unmap_and_replace), T(heap),     T(remap), T(file_mappings),
        T(read_and_write), T(truncation),        T(writeback)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
