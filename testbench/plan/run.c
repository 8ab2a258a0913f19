/* SPDX-License-Identifier: Apache-2.0
 *
 * The tests of a tag: the rows and the functions that bear it, each on a machine of its own.
 */
#include "machine.h"
#include <string.h>

static void run(const char *tag, unsigned build, void (*test)(struct machine *), unsigned *failed) {
    static struct machine m;
    machine_open(&m, tag, build, 0);
    test(&m);
    settle(&m);
    machine_close(&m);
    *failed += m.failures;
}

/* The rows and the functions of a tag, on each build that they name. */
bool plan_run(const char *tag, unsigned *failed) {
    static const struct plan_test *const lists[] = {plan_satp, plan_step, plan_pmp, plan_pma,
                                                    plan_fence};
    bool any = false;
    if (!strcmp(tag, PLAN_COINCIDENCES)) {
        run(tag, RV64, plan_coincidences, failed);
        run(tag, RV64_LINES, plan_coincidences, failed);
        run(tag, RV64_LINES, plan_lines, failed);
        return true;
    }
    for (unsigned build = RV64; build < 1u << BUILDS; build <<= 1) {
        bool wide = build == RV64 || build == RV32;
        if (wide && plan_has_rows(tag, build == RV32))
            run(tag, build, plan_rows, failed), any = true;
        for (size_t l = 0; l < 5; l++) {
            for (const struct plan_test *t = lists[l]; t->tag; t++) {
                if (strcmp(t->tag, tag) || !(t->builds & build)) continue;
                run(tag, build, t->run, failed);
                any = true;
            }
        }
    }
    return any;
}
