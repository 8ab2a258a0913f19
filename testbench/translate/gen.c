/* SPDX-License-Identifier: Apache-2.0
 *
 * translate-gen: the cases of sim/translate/translate_gen.c as lines on stdout.
 *
 *   translate-gen MODE COUNT SEED [pma]    COUNT lines; MODE is sv32, sv39, sv48 or sv57; with
 * pma= too
 *   translate-gen MODE flags         1024 low PTE bits x level x access x S and U x SUM x MXR x
 * ADUE
 */
#include "translate_plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    const struct plan_mode *m = argc >= 3 ? plan_find_mode(argv[1]) : NULL;
    if (!m) {
        fputs("usage: translate-gen sv32|sv39|sv48|sv57 COUNT [SEED [pma]] | MODE flags\n", stderr);
        return 2;
    }
    if (!strcmp(argv[2], "flags")) {
        plan_all_flags(stdout, m);
        return fflush(stdout) != 0;
    }
    plan_begin(m, argc > 3 ? strtoull(argv[3], NULL, 0) : 1);
    plan_with_pma = argc > 4 && !strcmp(argv[4], "pma");
    uint64_t count = strtoull(argv[2], NULL, 0);
    for (uint64_t line = 0; line < count; line++) plan_line(stdout, m, line);
    return fflush(stdout) != 0;
}
