/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams with a known answer: what a structure of so many entries must do is worked out here, by
 * theory or by a loop of its own, and the machine is asked. Generators make the streams, so the
 * page tables, the kernel half and the core driver lie under each figure.
 */
#include "known_kit.h"

/* ---- The ideal MMU ------------------------------------------------------------------------- */

static uint64_t cycles_with(const char *trace, struct config c, uint64_t warmup, uint32_t ideal) {
    c.core_ideal = ideal;
    known_replay(trace, &c, warmup);
    assert_int_equal(region.l1d.misses * ideal, 0);
    assert_int_equal(region.walks * ideal, 0);
    return region.cycles;
}

/* A footprint inside L1 costs nothing to translate, whatever the core and the memory. */
static void nothing_inside_l1(void **state) {
    (void)state;
    for (uint32_t deps = 0; deps < DEPS_COUNT; deps++) {
        for (uint32_t model = 0; model < MEMMODEL_COUNT; model++) {
            struct config c = known_config();
            c.core_deps = deps;
            c.mem_model = model;
            for (uint32_t window = 1; window <= 8; window *= 8) {
                c.core_window = window;
                uint64_t real = cycles_with("gen:uniform?pages=16&accesses=3000", c, 2000, 0);
                uint64_t ideal = cycles_with("gen:uniform?pages=16&accesses=3000", c, 2000, 1);
                assert_int_equal(real, ideal);
                assert_true(region.accesses >= 1015 && region.accesses <= 1019);
            }
        }
    }
}

/* With an ideal MMU and a core that waits for each load, an access takes the time of its data:
 * lines one after another, as many as L1D, the L2 or the last-level cache hold and the one before
 * does not. */
static void ideal_is_the_memory(void **state) {
    (void)state;
    static const struct {
        unsigned pages, cycles;
    } fits[] = {{4, 4}, {16, 4 + 10}, {128, 4 + 10 + 36}};
    struct config c = known_config();
    c.mem_model = MEMMODEL_HIERARCHY;
    c.mem_l2_sets = 256; /* 2048 lines: 32 pages */
    c.core_deps = DEPS_SERIAL;
    for (unsigned i = 0; i < 3; i++) {
        char name[80];
        unsigned pages = fits[i].pages, lap = pages * 64;
        snprintf(name, sizeof name, "gen:strided?pages=%u&stride=64&accesses=%u", pages, 4 * lap);
        uint64_t cycles = cycles_with(name, c, KNOWN_HEAD + pages + lap, 1);
        assert_true(region.accesses >= 3 * lap - 1 && region.accesses <= 3 * lap);
        assert_in_range(cycles, region.accesses * fits[i].cycles,
                        (region.accesses + 1) * fits[i].cycles);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_inside_l1),
        cmocka_unit_test(ideal_is_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
