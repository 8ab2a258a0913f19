/* SPDX-License-Identifier: Apache-2.0
 *
 * Random traffic over every shipped configuration, model and RTL in lock-step, every answer and A/D
 * write judged by the spec opinion. PAGEWALK_TRAFFIC=SEEDS,CYCLES,FIRST sets the volume (make
 * campaign-traffic: hours of it); PAGEWALK_TRAFFIC_ONLY=NAME drives one configuration.
 */
#include "config_file.h"
#include "traffic.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static unsigned seeds = 2, first = 1;
static unsigned long long cycles = 20000;

static struct traffic_result run_seed(const char *name, const struct config *c, uint32_t seed,
                                      unsigned long long n) {
    char why[256];
    struct traffic_result r;
    struct engine *e = engine_open("lockstep", c, seed, why, sizeof why);
    if (!e) fail_msg("%s: %s", name, why);
    traffic_run(e, c, seed, n, &r);
    if (r.failed) {
        fail_msg("configuration %s, seed %u, cycle %llu, opinion %s: %s", name, seed,
                 (unsigned long long)r.failed_cycle, r.opinion, r.why);
    }
    assert_int_equal(e->compared_cycles,
                     r.cycles - r.resets); /* outputs mean nothing under reset */
    assert_true(r.answers > n / 20 && r.faults && r.killed && r.fences && r.csr_writes && r.hits);
    e->close(e);
    return r;
}

static void every_configuration(void **state) {
    const char *name = *state;
    bool lines = !strcmp(name, "rv32_lines");   /* 16 PTEs each */
    bool rv32 = lines || !strcmp(name, "rv32"); /* the default hardware with XLEN 32 */
    struct config c;
    if (rv32)
        config_defaults(&c);
    else
        config_load(&c, name);
    if (rv32) c.xlen = 32, c.asid_bits = SV32_ASID_BITS, c.pa_bits = SV32_PA_BITS;
    if (lines) c.pte_lines = 2, c.pte_coalesce = 2, c.prefetch_streams = 3;
    uint64_t prefetches = 0, used = 0, coalesced = 0, n = seeds * cycles;
    for (uint32_t s = first; s < first + seeds; s++) {
        struct traffic_result r = run_seed(name, &c, s, cycles);
        prefetches += r.prefetches, used += r.prefetches_used, coalesced += r.coalesced;
    }
    if (c.prefetch_streams && c.xlen == 32) /* few addresses: streams form by themselves */
        assert_true(prefetches > n / 4000 && used > n / 20000);
    if (c.pte_coalesce) assert_true(coalesced > n / 4000);
}

/* Two seeds, two stimuli; one seed, one stimulus. */
static void seeds_seed(void **state) {
    (void)state;
    struct config c;
    uint64_t hash[3];
    config_defaults(&c);
    for (uint32_t i = 0; i < 3; i++) {
        char why[256];
        struct traffic_result r;
        struct engine *e = engine_open("model", &c, 1, why, sizeof why);
        traffic_run(e, &c, i < 2 ? 7 : 8, 3000, &r);
        e->close(e);
        hash[i] = r.stimulus;
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[0] != hash[2]);
}

int main(void) {
    static const char *const names[] = {
        "default",       "tiny",        "no_l2",      "no_pwc",   "odd_ways",  "random_repl",
        "random_memory", "slow_memory", "wide",       "rv32",     "cva6-like", "wally-like",
        "registered",    "lines",       "rv32_lines", "prefetch", "coalesce"};
    enum { COUNT = sizeof names / sizeof *names };
    struct CMUnitTest tests[COUNT + 1] = {cmocka_unit_test(seeds_seed)};
    const char *volume = getenv("PAGEWALK_TRAFFIC");
    const char *only = getenv("PAGEWALK_TRAFFIC_ONLY");
    if (volume) sscanf(volume, "%u,%llu,%u", &seeds, &cycles, &first);
    if (only) cmocka_set_test_filter(only);
    for (unsigned i = 0; i < COUNT; i++) {
        tests[i + 1] = (struct CMUnitTest){names[i], every_configuration, NULL, NULL,
                                           (void *)(uintptr_t)names[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
