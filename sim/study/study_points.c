/* SPDX-License-Identifier: Apache-2.0
 *
 * Points: what the axes and the starts make of the base configuration. Point 0 is the baseline, the
 * first start as it is; a combination that gives the same configuration is that point, not another.
 */
#include "config_file.h"
#include "error.h"
#include "study.h"
#include <stdlib.h>
#include <string.h>

static void assign(struct config *c, const struct study_set *s, const char *file) {
    config_assign(c, s->key, s->value, file, s->line);
}

static void assign_all(struct config *c, const struct study_sets *s, const char *file) {
    for (size_t i = 0; i < s->count; i++) assign(c, &s->set[i], file);
}

static unsigned start_of(const struct study_file *f, const int *value) {
    for (size_t a = 0; a < f->axes; a++) {
        if (!f->axis[a].key[0] && value[a] >= 0) return (unsigned)value[a];
    }
    return 0;
}

/* The configuration of a combination for a trace; NULL: before any trace's own settings. */
void study_point_config(const struct study_file *f, const int *value, const char *trace,
                        struct config *c) {
    const struct study_start *s = &f->start[start_of(f, value)];
    config_load(c, s->config);
    if (c->mem_model == MEMMODEL_FIXED) c->mem_model = MEMMODEL_HIERARCHY; /* what a study is for */
    if (trace) replay_trace_settings(trace, c);
    assign_all(c, &f->set, f->path);
    assign_all(c, &s->sets, f->path);
    for (size_t a = 0; a < f->axes; a++) {
        if (f->axis[a].key[0] && value[a] >= 0) assign(c, &f->axis[a].value[value[a]], f->path);
    }
}

/* "skylake-like, l2.sets=64 l2.ways=8": what the axes say, the start first if there are several. */
static void write_label(const struct study_file *f, struct study_point *p) {
    size_t at = 0, room = sizeof p->label;
    p->label[0] = 0;
    if (f->starts > 1) at += (size_t)snprintf(p->label, room, "%s", f->start[p->start].name);
    for (size_t a = 0; a < f->axes && at < room; a++) {
        char value[40];
        if (!f->axis[a].key[0]) continue;
        config_value(&p->config, config_find(f->axis[a].key), value, sizeof value);
        at += (size_t)snprintf(p->label + at, room - at, "%s%s=%s", at ? " " : "", f->axis[a].key,
                               value);
    }
}

static bool wanted(const struct study_file *f, const struct config *c) {
    for (size_t i = 0; i < f->constraints; i++) {
        if (!study_holds(f->expression[i], c, f->path, f->constraint[i].line)) return false;
    }
    return true;
}

static struct study_point *point_like(struct study_plan *plan, const struct study_point *p) {
    for (size_t i = 0; i < plan->points; i++) {
        struct study_point *q = &plan->point[i];
        if (q->start == p->start && !memcmp(&q->config, &p->config, sizeof p->config)) return q;
    }
    return NULL;
}

static void add_point(struct study_plan *plan, const int *value, bool always) {
    struct study_file *f = &plan->file;
    struct study_point p = {.id = (unsigned)plan->points, .start = start_of(f, value)};
    memcpy(p.value, value, sizeof p.value);
    study_point_config(f, value, NULL, &p.config);
    if (!always && !wanted(f, &p.config)) {
        plan->dropped++;
        return;
    }
    if (point_like(plan, &p)) return;
    p.bits = study_bits(&p.config);
    write_label(f, &p);
    plan->point = realloc(plan->point, (plan->points + 1) * sizeof p);
    if (!plan->point) internal_error("out of memory");
    plan->point[plan->points++] = p;
}

static void add_drawn(void *plan, const int *value) {
    add_point(plan, value, false);
}

void study_points_make(struct study_plan *plan) {
    int base[STUDY_AXES];
    for (size_t a = 0; a < STUDY_AXES; a++) base[a] = -1;
    add_point(plan, base, true);
    study_sample_draw(&plan->file, add_drawn, plan);
    if (plan->points < 2) {
        input_error(plan->file.path, plan->file.constraints ? plan->file.constraint[0].line : 0, 0,
                    "loosen a constraint, or give an axis another value",
                    "nothing to compare: the constraints leave no point beside the baseline");
    }
}
