/* SPDX-License-Identifier: Apache-2.0
 *
 * plan [TAG...]   Drives the directed tests of the verification plan, all or those of these tags,
 * each tag on builds of its own, model and RTL in lock-step. TAP: one line a tag; exit 1 if one
 * fails. With PAGEWALK_COVERAGE=DIR the counts of a tag's runs go to DIR/TAG, which is made.
 */
#include "machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const tags[] = {
#define ITEM(tag, clause, sentence) #tag,
#include "plan.def"
#undef ITEM
    PLAN_COINCIDENCES,
};

static bool wanted(const char *tag, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], tag)) return true;
    return argc < 2;
}

int main(int argc, char **argv) {
    const char *coverage = getenv("PAGEWALK_COVERAGE");
    char *base = coverage ? strdup(coverage) : NULL, dir[4096];
    unsigned bad = 0, count = 0;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        unsigned failed = 0;
        if (!wanted(tags[i], argc, argv)) continue;
        if (base) {
            snprintf(dir, sizeof dir, "%s/%s", base, tags[i]);
            mkdir(dir, 0777);
            setenv("PAGEWALK_COVERAGE", dir, 1);
        }
        bool any = plan_run(tags[i], &failed);
        printf("%s - %s%s\n", any && !failed ? "ok" : "not ok", tags[i], any ? "" : " has no test");
        fflush(stdout);
        bad += !any || failed;
        count++;
    }
    free(base);
    if (!count) fprintf(stderr, "plan: no such tag\n");
    return bad || !count;
}
