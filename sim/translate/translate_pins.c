/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated cases on the pins of an MMU, each with a reset before it: what `translate:MODE:COUNT`
 * as a trace is made of. Cases of a hart with other extensions are passed over.
 */
#include "error.h"
#include "translate.h"
#include "translate_plan.h"
#include <stdlib.h>
#include <string.h>

struct translate_pins {
    const struct plan_mode *mode;
    struct translate_run run;
    struct translate_case c;
    uint64_t left, number;
};

struct translate_pins *translate_pins_new(const struct config *config, struct traffic *traffic,
                                          const char *mode, uint64_t count, uint64_t seed) {
    const struct plan_mode *m = plan_find_mode(mode);
    struct translate_pins *p = m ? calloc(1, sizeof *p) : NULL;
    if (!m) return NULL;
    if (!p) internal_error("out of memory");
    p->mode = m;
    p->left = count;
    p->run.memory = translate_memory_new();
    p->run.engine = &translate_on_pins;
    p->run.state = translate_pins_open(p->run.memory, config, traffic);
    plan_begin(m, seed);
    plan_with_pma = true;
    return p;
}

void translate_pins_delete(struct translate_pins *p) {
    if (!p) return;
    p->run.engine->close(p->run.state);
    translate_memory_delete(p->run.memory);
    translate_case_free(&p->c);
    free(p);
}

static void parse(struct translate_pins *p, uint64_t number) {
    char *line = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&line, &bytes);
    if (!f) internal_error("out of memory");
    plan_line(f, p->mode, number);
    fclose(f);
    line[strcspn(line, "\n")] = 0;
    if (!translate_parse(&p->c, line)) internal_error("a generated case: %s: %s", p->c.why, line);
    free(line);
}

bool translate_pins_next(struct translate_pins *p) {
    struct translate_answer answer;
    if (!p->left) return false;
    do parse(p, p->number++);
    while (translate_begin(&p->run, &p->c));
    for (unsigned n = 0; n < p->c.steps; n++) {
        translate_change(&p->run, &p->c, n);
        if (p->c.step[n].has_op) translate_access(&p->run, &p->c, n, &answer);
    }
    p->left--;
    return true;
}
