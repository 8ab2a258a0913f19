/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams with a known answer: what a structure of so many entries must do is worked out here, by
 * theory or by a loop of its own, and the machine is asked. Generators make the streams, so the
 * page tables, the kernel half and the core driver lie under each figure.
 */
#include "trace_kit.h"
#include "known_kit.h"
#include "preset.h"

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

/* ---- TLBs ---------------------------------------------------------------------------------- */

/* One access at a time, no L2 TLB; L1D of so many sets and ways. */
static struct config l1d_alone(uint32_t sets, uint32_t ways) {
    struct config c = known_config();
    c.l1d_sets = sets, c.l1d_ways = ways;
    c.l2_ways = c.l2_large = 0;
    c.core_window = 1;
    return c;
}

static void replay_warm(const char *pattern, unsigned pages, unsigned warm, unsigned accesses,
                        const struct config *c) {
    char name[96];
    snprintf(name, sizeof name, "gen:%s?pages=%u&accesses=%u", pattern, pages, warm + accesses);
    known_replay(name, c, KNOWN_HEAD + pages + warm);
    assert_int_equal(region.accesses, accesses);
    assert_int_equal(region.l1d.lookups, accesses);
}

/* LRU and one page too many: nothing is ever there any more. */
static void cyclic_sweep(void **state) {
    (void)state;
    for (uint32_t ways = 1; ways <= 64; ways *= 4) {
        struct config c = l1d_alone(1, ways);
        replay_warm("cyclic", ways, ways, 1000, &c);
        assert_int_equal(region.l1d.misses, 0);
        replay_warm("cyclic", ways + 1, ways + 1, 1000, &c);
        assert_int_equal(region.l1d.misses, 1000);
    }
}

/* S sets of W ways and S W + 1 pages: one set has W + 1 of them and thrashes, the others hit. */
static void cyclic_sets(void **state) {
    (void)state;
    static const uint32_t shapes[][2] = {{4, 4}, {8, 3}, {16, 1}, {2, 7}};
    for (unsigned i = 0; i < 4; i++) {
        uint32_t sets = shapes[i][0], ways = shapes[i][1], pages = sets * ways + 1;
        struct config c = l1d_alone(sets, ways);
        replay_warm("cyclic", pages, 2 * pages, 50 * pages, &c);
        assert_int_equal(region.l1d.misses, 50 * (ways + 1));
    }
}

/* `hits` of `n` independent trials with chance `p`: within five standard deviations. */
static void about(uint64_t hits, uint64_t n, double p) {
    double off = (double)hits - (double)n * p, variance = (double)n * p * (1 - p);
    if (off * off > 25 * variance)
        fail_msg("%llu hits of %llu, expected a share of %f", (unsigned long long)hits,
                 (unsigned long long)n, p);
}

/* Whatever is replaced, a TLB of C entries holds C of N pages: it hits C / N of uniform accesses.
 */
static void uniform_random(void **state) {
    (void)state;
    for (uint32_t repl = 0; repl < REPL_COUNT; repl++) {
        struct config c = l1d_alone(1, 16);
        c.l1d_repl = repl;
        replay_warm("uniform", 64, 1000, 10000, &c);
        about(region.l1d.hits, 10000, 16 / 64.);
        c = l1d_alone(4, 8); /* spread evenly over the sets: the same */
        c.l1d_repl = repl;
        replay_warm("uniform", 128, 1000, 10000, &c);
        about(region.l1d.hits, 10000, 32 / 128.);
    }
    struct config c = l1d_alone(1, 8);
    c.l2_sets = 32, c.l2_ways = 4; /* 128 entries, of which those of L1 are some, or almost */
    replay_warm("uniform", 512, 2000, 20000, &c);
    about(region.l1d.hits, 20000, 8 / 512.);
    uint64_t either = region.l1d.hits + region.l2.hits;
    assert_in_range(either, 20000 * 128 / 512 * 97 / 100, 20000 * (128 + 8) / 512 * 103 / 100);
}

/* Every word of a page, one after another: a miss a page. */
static void sequential(void **state) {
    (void)state;
    struct config c = l1d_alone(1, 16);
    replay_warm("sequential", 40, 512 * 20, 512 * 40, &c);
    assert_int_equal(region.l1d.misses, 40);
}

/* A larger LRU holds all that a smaller one does: misses never grow with the ways. */
static void inclusion(void **state) {
    (void)state;
    uint64_t before = UINT64_MAX;
    for (uint32_t ways = 1; ways <= 8; ways++) {
        struct config c = l1d_alone(4, ways);
        replay_warm("page-local", 200, 500, 4000, &c);
        assert_true(region.l1d.misses <= before);
        before = region.l1d.misses;
    }
    assert_true(before > 0);
}

/* ---- Replacement by hand ------------------------------------------------------------------- */

/* Pages A B C ... of a data TLB of four ways, `m` or `h` for each access.
 *
 *   LRU   A B C D fill, A hits; E takes B's place, B takes C's, A hits, C takes D's
 *   PLRU  D's touch leaves root -> left, left -> A; A's leaves root -> right, right -> C: E takes
 * C's place; then B and A hit; A's touch leaves root -> right, E's left right -> D: C takes D's
 *   FIFO  E takes A's place, the first that came, though A has just been used; B hits; A takes B's
 *         place; C hits
 *   random from 1: E takes the place of way 1, B's, and the LFSR goes on to 0xb400: B takes A's,
 *         and it to 0x5a00: A takes way 0 again; C hits
 *   random from 2: E takes C's; B and A hit; from 1, C takes way 1 */
static void by_hand(void **state) {
    (void)state;
    static const char accesses[] = "ABCDAEBAC";
    static const struct {
        uint32_t repl, seed;
        const char *hits;
    } hands[] = {{REPL_LRU, 1, "mmmmhmmhm"},
                 {REPL_PLRU, 1, "mmmmhmhhm"},
                 {REPL_FIFO, 1, "mmmmhmhmh"},
                 {REPL_RANDOM, 1, "mmmmhmmmh"},
                 {REPL_RANDOM, 2, "mmmmhmhhm"}};
    char trace[1024], seen[sizeof accesses] = "", *log = NULL;
    size_t n = (size_t)snprintf(
               trace, sizeof trace,
               "pagewalk-trace 1\nprocess 1\nmmap 0x10000 0x5000 rw- private anon\n"
               "madvise 0x10000 0x5000 populate_write\n"),
           bytes;
    for (unsigned i = 0; accesses[i]; i++)
        n += (size_t)snprintf(trace + n, sizeof trace - n, "L %x 8\n",
                              0x10000 + (accesses[i] - 'A') * 4096);
    const char *path = kit_write("hand.trace", trace, n);
    for (unsigned h = 0; h < sizeof hands / sizeof hands[0]; h++) {
        struct config c = l1d_alone(1, 4);
        c.l1d_repl = hands[h].repl;
        c.repl_seed = hands[h].seed;
        FILE *out = open_memstream(&log, &bytes);
        struct replay_options o = {.engine = "model", .log = out};
        replay_trace(path, &c, &o, &whole);
        fclose(out);
        unsigned i = 0;
        for (char *line = strchr(log, '\n') + 1; *line; line = strchr(line, '\n') + 1)
            seen[i++] =
                strstr(line, ",l1,") && strstr(line, ",l1,") < strchr(line, '\n') ? 'h' : 'm';
        assert_string_equal(seen, hands[h].hits);
        free(log);
    }
}

/* ---- Reach --------------------------------------------------------------------------------- */

/* A pointer chase: cycles of translation for each access, by how far the footprint reaches. */
static void reach(void **state) {
    (void)state;
    struct config c = l1d_alone(1, 16);
    c.l2_sets = 128, c.l2_ways = 8;
    c.core_deps = DEPS_SERIAL;
    uint64_t walk = c.mem_latency + 3;
    static const unsigned pages[] = {16, 17, 1024, 2048};
    const uint64_t cycles[] = {0, 2, 2, walk}; /* L1, L2 up to 1024 entries, walks of one read */
    for (unsigned i = 0; i < 4; i++) {
        replay_warm("pointer-chase", pages[i], 2 * pages[i], 4000, &c);
        assert_int_equal(region.translation_cycles, 4000 * cycles[i]);
    }
}

/* The steps of every preset: no miss of L1 up to its entries, no walk up to those of the L2 TLB,
 * and walks beyond them. */
static void reach_of_presets(void **state) {
    (void)state;
    char **names = preset_names();
    assert_non_null(names);
    for (char **name = names; *name; name++) {
        static struct preset preset;
        struct config c;
        config_defaults(&c);
        assert_true(preset_read(&preset, *name));
        preset_apply(&preset, &c);
        preset_free(&preset);
        c.core_window = 1;
        unsigned l1 = c.l1d_sets * c.l1d_ways, l2 = c.l2_sets * c.l2_ways;
        unsigned last = l2 > l1 ? l2 : l1;
        replay_warm("pointer-chase", l1, 2 * l1, 500, &c);
        assert_int_equal(region.l1d.misses, 0);
        if (l2 > l1) {
            replay_warm("pointer-chase", l2, 2 * l2, 500, &c);
            assert_int_equal(region.walks, 0);
            assert_true(region.l1d.misses > 0);
        }
        replay_warm("pointer-chase", 2 * last, 2 * last, 500, &c);
        assert_true(region.walks > 250);
        print_message("%s: %u, %u entries\n", *name, l1, l2);
        free(*name);
    }
    free(names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_inside_l1),
        cmocka_unit_test(ideal_is_the_memory),
        cmocka_unit_test(cyclic_sweep),
        cmocka_unit_test(cyclic_sets),
        cmocka_unit_test(uniform_random),
        cmocka_unit_test(sequential),
        cmocka_unit_test(inclusion),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(reach),
        cmocka_unit_test(reach_of_presets),
    };
    return cmocka_run_group_tests(tests, kit_begin, kit_end);
}
