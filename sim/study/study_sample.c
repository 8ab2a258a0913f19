/* SPDX-License-Identifier: Apache-2.0
 *
 * Which combinations of the axes' values become points. `full` takes all; `one-at-a-time` moves one
 * axis and leaves the others where the start has them; `random` draws without replacement;
 * `latin-hypercube` draws so that each axis's values appear equally often, as McKay, Beckman and
 * Conover (1979) do for strata. Draws are a function of the file's seed alone.
 */
#include "error.h"
#include "study.h"
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t x) { /* splitmix64 */
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static uint64_t draw(uint64_t *state, uint64_t below) {
    *state = mix(*state);
    return *state % below;
}

static uint64_t combinations(const struct study_file *f) {
    uint64_t n = 1;
    for (size_t a = 0; a < f->axes; a++) {
        n *= f->axis[a].count;
        if (n > 1u << 30)
            input_error(f->path, 0, 0, "fewer axes or values",
                        "the axes have more than a thousand million combinations");
    }
    return n;
}

/* The first axis varies slowest, as in nested loops. */
static void value_of(const struct study_file *f, uint64_t number, int *value) {
    for (size_t a = f->axes; a-- > 0;) {
        value[a] = (int)(number % f->axis[a].count);
        number /= f->axis[a].count;
    }
}

static void draw_full(const struct study_file *f, void (*add)(void *, const int *), void *to) {
    int value[STUDY_AXES];
    uint64_t all = combinations(f);
    for (uint64_t n = 0; n < all; n++) {
        value_of(f, n, value);
        add(to, value);
    }
}

static void draw_one(const struct study_file *f, void (*add)(void *, const int *), void *to) {
    for (size_t a = 0; a < f->axes; a++) {
        for (size_t v = 0; v < f->axis[a].count; v++) {
            int value[STUDY_AXES];
            for (size_t i = 0; i < STUDY_AXES; i++) value[i] = -1;
            value[a] = (int)v;
            add(to, value);
        }
    }
}

static void draw_random(const struct study_file *f, void (*add)(void *, const int *), void *to) {
    uint64_t all = combinations(f), state = f->sample_seed, points = f->points;
    int value[STUDY_AXES];
    /* Selection sampling (Knuth, algorithm S): each subset of that size is equally likely. */
    for (uint64_t n = 0; n < all && points; n++) {
        if (draw(&state, all - n) >= points) continue;
        points--;
        value_of(f, n, value);
        add(to, value);
    }
}

static void draw_latin(const struct study_file *f, void (*add)(void *, const int *), void *to) {
    uint64_t state = f->sample_seed;
    uint32_t *stratum[STUDY_AXES];
    combinations(f);
    for (size_t a = 0; a < f->axes; a++) { /* a shuffled order of the strata */
        stratum[a] = calloc(f->points, sizeof **stratum);
        if (!stratum[a]) internal_error("out of memory");
        for (uint32_t i = 0; i < f->points; i++) {
            uint32_t j = (uint32_t)draw(&state, i + 1);
            stratum[a][i] = stratum[a][j];
            stratum[a][j] = i;
        }
    }
    for (uint32_t i = 0; i < f->points; i++) {
        int value[STUDY_AXES];
        for (size_t a = 0; a < f->axes; a++)
            value[a] = (int)(stratum[a][i] * f->axis[a].count / f->points);
        add(to, value);
    }
    for (size_t a = 0; a < f->axes; a++) free(stratum[a]);
}

void study_sample_draw(const struct study_file *f, void (*add)(void *, const int *), void *to) {
    switch (f->sample) {
    case SAMPLE_ONE: draw_one(f, add, to); return;
    case SAMPLE_RANDOM: draw_random(f, add, to); return;
    case SAMPLE_LATIN: draw_latin(f, add, to); return;
    default: draw_full(f, add, to); return;
    }
}
