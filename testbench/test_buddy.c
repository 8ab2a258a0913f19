/* SPDX-License-Identifier: Apache-2.0
 *
 * Free memory as a buddy system: no frame handed out twice, none lost, buddies joined, the same
 * calls give the same frames; os.fragmentation breaks the share of memory that it names. At the
 * end, the audit itself: each kind of damage it is for, done once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "os/kernel.h"

struct bench {
    struct config cfg;
    struct mem *mem;
    struct os *os;
};

static struct bench begin(uint32_t mib, uint32_t fragmentation, uint32_t seed) {
    struct bench b;
    config_defaults(&b.cfg);
    b.cfg.mem_mib = mib;
    b.cfg.os_fragmentation = fragmentation;
    b.cfg.os_seed = seed;
    b.mem = mem_new((uint64_t)mib << 20);
    b.os = os_new(&b.cfg, b.mem);
    return b;
}

static void end(struct bench *b) {
    os_delete(b->os);
    mem_delete(b->mem);
}

static void audit(const struct bench *b) {
    char why[200];
    if (!buddy_audit(b->os, why, sizeof why)) fail_msg("%s", why);
}

static uint32_t draw(uint64_t *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

/* ---- Random taking and giving, against a map of what is out ---------------------------- */
enum { BLOCKS = 400, STEPS = 20000 };

static uint64_t churn(uint32_t mib, uint32_t fragmentation, uint64_t seed) {
    struct bench b = begin(mib, fragmentation, (uint32_t)seed);
    uint64_t frames = mib * 256ull, trail = 0;
    struct {
        ppn_t ppn;
        unsigned order;
    } out[BLOCKS] = {{0, 0}};
    uint8_t *map = calloc(frames, 1);
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned i = draw(&seed) % BLOCKS;
        uint64_t at = out[i].ppn - b.os->frames.base, n = 1ull << out[i].order;
        if (out[i].ppn) {
            memset(map + at, 0, n);
            buddy_give(b.os, out[i].ppn, out[i].order);
            out[i].ppn = 0;
        } else {
            out[i].order = draw(&seed) % 3 ? 0 : draw(&seed) % (ORDER_MAX + 1);
            out[i].ppn = buddy_take(b.os, out[i].order);
            if (!out[i].ppn) continue;
            at = out[i].ppn - b.os->frames.base;
            n = 1ull << out[i].order;
            assert_true(!(at & (n - 1)) && at + n <= frames);
            for (uint64_t f = at; f < at + n; f++) {
                assert_false(map[f]);
                map[f] = 1;
                frame_of(b.os, b.os->frames.base + f)->kind = FRAME_ANON;
            }
            trail = trail * 31 + at;
        }
        if (step % 97 == 0) audit(&b);
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        if (out[i].ppn) buddy_give(b.os, out[i].ppn, out[i].order);
    buddy_drain(b.os);
    audit(&b);
    assert_int_equal(b.os->frames.used, 1 + b.os->frames.others); /* the zero page */
    free(map);
    end(&b);
    return trail;
}

static void test_churn(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        uint32_t mib = seed % 2 ? 64 : 7; /* a size that is no whole number of largest blocks */
        uint32_t fragmentation = seed % 3 ? 0 : 60;
        assert_int_equal(churn(mib, fragmentation, seed), churn(mib, fragmentation, seed));
    }
}

/* All of memory, frame by frame: each one once, and back to what it was. */
static void test_all_of_it(void **state) {
    (void)state;
    for (uint32_t mib = 1; mib <= 13; mib += 3) {
        struct bench b = begin(mib, 0, 1);
        uint64_t frames = frames_left(b.os);
        ppn_t *ppn = calloc(frames, sizeof *ppn);
        assert_int_equal(frames, mib * 256ull - 1);
        for (uint64_t i = 0; i < frames; i++) {
            ppn[i] = frame_alloc(b.os, FRAME_ANON);
            assert_true(!i || mib % 4 || ppn[i] > ppn[i - 1]); /* in order of address */
        }
        assert_int_equal(frames_left(b.os), 0);
        assert_int_equal(buddy_take(b.os, 0), 0);
        for (uint64_t i = 0; i < frames; i += 2) frame_put(b.os, ppn[i]);
        assert_int_equal(frame_alloc(b.os, FRAME_ANON), ppn[(frames - 1) / 2 * 2]); /* hot */
        frame_put(b.os, ppn[(frames - 1) / 2 * 2]);
        assert_int_equal(buddy_take(b.os, 1), 0); /* half is free, and no two of it together */
        for (uint64_t i = 1; i < frames; i += 2) frame_put(b.os, ppn[i]);
        buddy_drain(b.os);
        audit(&b);
        assert_int_equal(b.os->frames.blocks[ORDER_MAX], mib / 4 - (mib >= 4)); /* the zero page */
        free(ppn);
        end(&b);
    }
}

/* ---- os.fragmentation ------------------------------------------------------------------ */
static uint64_t huge_blocks(uint32_t fragmentation, uint32_t seed, ppn_t *first) {
    struct bench b = begin(400, fragmentation, seed);
    uint64_t huge = 0, napot = 0;
    *first = buddy_take(b.os, ORDER_HUGE);
    for (huge = *first != 0; buddy_take(b.os, ORDER_HUGE); huge++) {
    }
    assert_int_equal(b.os->frames.touched, b.os->frames.total); /* all was looked at */
    assert_int_equal(b.os->frames.others % (HUGE_FRAMES / 16), 0);
    while (buddy_take(b.os, 4)) napot++;
    assert_true(napot <= HUGE_FRAMES / 16); /* in the block of the zero page alone */
    end(&b);
    return huge;
}

static void test_fragmentation(void **state) {
    (void)state;
    ppn_t first, other;
    assert_int_equal(huge_blocks(0, 1, &first), 199); /* 200 blocks, one has the zero page */
    assert_int_equal(huge_blocks(100, 1, &first), 0);
    for (uint32_t percent = 10; percent < 100; percent += 20) {
        uint64_t huge = huge_blocks(percent, 7, &first), whole = 200 - 2 * percent;
        assert_true(huge == whole || huge + 1 == whole);
        assert_int_equal(huge_blocks(percent, 7, &other), huge);
        assert_int_equal(first, other);
    }
}

/* ---- What the audit is for ------------------------------------------------------------- */
static void caught(struct bench *b, const char *words) {
    char why[200] = "";
    assert_false(buddy_audit(b->os, why, sizeof why));
    if (!strstr(why, words)) fail_msg("'%s' does not say '%s'", why, words);
    end(b);
}

static void test_audit(void **state) {
    (void)state;
    struct bench b = begin(16, 0, 1);
    b.os->frames.frame[b.os->frames.free[3] - 1 + 5].kind = FRAME_ANON;
    caught(&b, "in use, or free twice");

    b = begin(16, 0, 1);
    b.os->frames.free[4] = 0;
    caught(&b, "order 4 has 0 free blocks, but counts 1");

    b = begin(16, 0, 1);
    b.os->frames.used++;
    caught(&b, "together not the 1024");

    b = begin(16, 0, 1); /* the lowest block of order 3 as two of order 2 */
    struct frames *f = &b.os->frames;
    uint32_t low = f->free[3] - 1, old = f->free[2];
    f->frame[low].order = f->frame[low + 4].order = 2;
    f->frame[low].free.next = low + 5;
    f->frame[low + 4].free.next = old;
    f->free[3] = 0;
    f->free[2] = low + 1;
    f->blocks[3]--;
    f->blocks[2] += 2;
    caught(&b, "not joined");

    b = begin(16, 0, 1);
    f = &b.os->frames;
    f->frame[f->free[2] - 1].free.next = f->free[2];
    caught(&b, "no end");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_churn),
        cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_fragmentation),
        cmocka_unit_test(test_audit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
