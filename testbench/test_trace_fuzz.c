/* SPDX-License-Identifier: Apache-2.0
 *
 * Mutated traces: PAGEWALK_FUZZ of them, 20000 if unset. Each must be read or refused, never crash,
 * never hang, never ask for memory it does not need. A refusal ends the program, so this test
 * brings error functions of its own that jump back instead; what a refused reader held is lost, so
 * the work is done by children, a batch each.
 */
#include "error.h"
#include "trace_forge.h"
#include <sys/mman.h>

const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0:quarantine_size_mb=1:allocator_may_return_null=0:max_allocation_size_mb="
           "64";
}

/* ---- The ways out, in place of sim/error.c ------------------------------------------------- */

static jmp_buf refusal;

void input_error(const char *file, uint64_t line, uint64_t column, const char *remedy,
                 const char *rule, ...) {
    if (!file || !remedy || !rule || (column && !line)) abort();
    longjmp(refusal, 1);
}
void record_error(const char *file, uint64_t record, uint64_t offset, const char *remedy,
                  const char *rule, ...) {
    if (!file || !remedy || !rule || (record > 100 && !offset)) abort();
    longjmp(refusal, 1);
}
void usage_error(const char *remedy, const char *rule, ...) {
    fprintf(stderr, "%s, %s\n", rule, remedy);
    abort();
}
void internal_error(const char *rule, ...) {
    fprintf(stderr, "%s\n", rule);
    abort();
}

/* ---- Mutations ----------------------------------------------------------------------------- */

static uint64_t random_state = 42;

static size_t below(size_t n) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (size_t)(random_state % n);
}

/* A few bytes changed, dropped or doubled; in place, returns the new length. */
static size_t mutate(uint8_t *s, size_t n) {
    for (size_t times = 1 + below(4); times--;) {
        size_t at = below(n), run = 1 + below(8);
        if (at + run > n) run = n - at;
        switch (below(4)) {
        case 0: s[at] ^= (uint8_t)(1u << below(8)); break;
        case 1: s[at] = (uint8_t)below(256); break;
        case 2:
            if (run == n) break;
            memmove(s + at, s + at + run, n - at - run);
            n -= run;
            break;
        default: memmove(s + at + run, s + at, n - at); n += run;
        }
    }
    return n;
}

static const char seed_text[] =
    "pagewalk-trace 1\nset os.svadu 0\nfile 1 a size 8192\nprocess 1\n"
    "mmap 0x10000 0x3000 r-x private file 1 0x1000\nI 10000 4\nexpect faults 1\n"
    "fork 2\nrun 2\nL 10ffc 8\nexpect pte 0x30000 rw-u a1d-\nS 0 1\n"
    "signal sigsegv maperr caught\nsigframe 0x20000 1088\nsignal sigsegv kernel\n"
    "run 1\nexpect maps 10000-13000 r-xp a\nexit\n";
static const uint8_t seed_raw[] = "\xe5\x06"
                                  "a note" EXEC "\xe1\x08\x02\x01\0\x02\0\0\0\0"
                                  "\x68\0\0\x01\0\xa3\xf1\x02zz\x2d\x10\xa0"
                                  "\xe0\x01\x01\xe3\x0d"
                                  "fault mkwrite"
                                  "\x9d\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a"
                                  "\xe2\x02\x0b\x01";

/* Text, a file damaged anywhere, and a block that is damaged before its checks are made right. */
static const char *mutant(size_t i, const uint8_t *good, size_t good_bytes) {
    static uint8_t buffer[1 << 14];
    size_t n = i % 3 == 0 ? sizeof seed_text - 1 : i % 3 == 1 ? good_bytes : sizeof seed_raw - 1;
    memcpy(buffer, i % 3 == 0 ? (const uint8_t *)seed_text : i % 3 == 1 ? good : seed_raw, n);
    n = mutate(buffer, n);
    if (i % 3 < 2) return kit_write("mutant", buffer, n);
    return forge(buffer, n, below(4) ? 15 : (uint32_t)(1 + below(20)), below(4) ? 8 : below(12));
}

enum { BATCH = 400 }; /* a refused reader keeps its file open */

struct batch {
    size_t from, count, at, refused; /* `at`, `refused`: what the child tells */
    const uint8_t *good;
    size_t good_bytes;
};

static int run_batch(const void *argument) {
    struct batch *b = *(struct batch *const *)argument;
    random_state = 0x9e3779b97f4a7c15 + b->from;
    for (volatile size_t i = 0; i < b->count; i++) {
        b->at = b->from + i;
        if (setjmp(refusal))
            b->refused++;
        else
            kit_replay(mutant(b->at, b->good, b->good_bytes));
    }
    return 0;
}

static void mutants_never_crash(void **state) {
    const char *wanted = getenv("PAGEWALK_FUZZ");
    size_t count = wanted ? strtoul(wanted, NULL, 10) : 20000;
    struct batch *b =
        mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)state;
    assert_true(b != MAP_FAILED);
    b->good = good_file(&b->good_bytes);
    kit_replay(forge(seed_raw, sizeof seed_raw - 1, 15, 8)); /* the seeds are sound */
    kit_replay(kit_write("seed", seed_text, sizeof seed_text - 1));
    for (; b->from < count; b->from += b->count) {
        b->count = count - b->from < BATCH ? count - b->from : BATCH;
        int code = kit_child(run_batch, &b, "/dev/null", kit_path("err"));
        if (code) {
            size_t n;
            fail_msg("mutant %zu: exit %d\n%s", b->at, code, (char *)kit_read(kit_path("err"), &n));
        }
    }
    printf("# %zu mutants, %zu refused\n", count, b->refused);
    assert_true(b->refused > count / 2 && b->refused < count);
    free((void *)(uintptr_t)b->good);
    munmap(b, sizeof *b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(mutants_never_crash)};
    return cmocka_run_group_tests_name("trace_fuzz", tests, kit_begin, kit_end);
}
