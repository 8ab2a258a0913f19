/* SPDX-License-Identifier: Apache-2.0
 *
 * The runs behind a translation overhead. Cycles are the model's, which are those of every engine;
 * the opinions have been asked by the run that was asked for.
 */
#include "overhead.h"

static uint64_t region_cycles(const struct replay_result *r) {
    static struct replay_result region;
    replay_region(r, &region);
    return region.cycles;
}

static uint64_t replay_cycles(const char *trace, const struct config *c,
                              const struct replay_options *o) {
    static struct replay_result r;
    struct replay_options plain = {.engine = "model",
                                   .no_check = true,
                                   .from = o->from,
                                   .to = o->to,
                                   .warmup = o->warmup,
                                   .max_accesses = o->max_accesses,
                                   .hang_cycles = o->hang_cycles,
                                   .stop = o->stop};
    replay_trace(trace, c, &plain, &r);
    return region_cycles(&r);
}

void overhead_measure(const char *trace, const struct config *config,
                      const struct replay_options *o, const struct replay_result *done,
                      struct overhead *out) {
    for (uint32_t deps = 0; deps < DEPS_COUNT; deps++) {
        struct config c = *config;
        c.core_deps = deps;
        for (c.core_ideal = 0; c.core_ideal < 2; c.core_ideal++) {
            bool again = deps != config->core_deps || c.core_ideal != config->core_ideal;
            uint64_t cycles = again ? replay_cycles(trace, &c, o) : region_cycles(done);
            *(c.core_ideal ? &out->ideal_cycles[deps] : &out->cycles[deps]) = cycles;
        }
    }
}
