/* SPDX-License-Identifier: Apache-2.0
 *
 * results.json: the one place that holds the verdict. Whatever else is written or printed says no
 * more than stands here, from the same struct.
 */
#include "error.h"
#include "json_put.h"
#include "regress.h"
#include <inttypes.h>
#include <string.h>

enum { SCHEMA = 1 };

static json_t *hex(uint64_t value) {
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    return json_string(text);
}

static const char *state_of(const struct regress_run *r) {
    return r->state == RUN_PASSED ? "passed" : r->state == RUN_FAILED ? "failed" : "not run";
}

static json_t *run_object(const struct regress_run *r) {
    json_t *o = json_object();
    json_put(o, "trace", json_string(r->trace));
    json_put(o, "config", json_string(r->config));
    json_put(o, "seed", json_integer(r->seed));
    json_put(o, "state", json_string(state_of(r)));
    json_put(o, "flaky", json_boolean(r->flaky));
    json_put(o, "exit_code", json_integer(r->exit_code));
    json_put(o, "signature", *r->signature ? json_string(r->signature) : json_null());
    json_put(o, "accesses", json_integer((json_int_t)r->accesses));
    json_put(o, "cycles", json_integer((json_int_t)r->cycles));
    json_put(o, "stimulus", hex(r->stimulus));
    json_put(o, "seconds", json_real(r->seconds));
    json_put(o, "command", json_string(r->command));
    return o;
}

static json_t *groups_array(const struct regress *g) {
    json_t *groups = json_array();
    for (size_t n = 0; n < g->groups; n++) {
        json_t *o = json_object(), *runs = json_array();
        for (size_t k = 0; k < g->count; k++) {
            bool in =
                g->at[k].state == RUN_FAILED && !strcmp(g->at[k].signature, g->group[n].signature);
            if (in) json_push(runs, json_integer((json_int_t)k));
        }
        json_put(o, "signature", json_string(g->group[n].signature));
        json_put(o, "command", json_string(g->at[g->group[n].first].command));
        json_put(o, "runs", runs);
        json_push(groups, o);
    }
    return groups;
}

static json_t *coverage_object(const struct regress *g) {
    if (!g->coverage_sum) return json_null();
    json_t *o = json_object(), *gaps = json_array();
    for (const char *s = g->coverage_gaps; *s; s += strcspn(s, "\n") + 1)
        json_push(gaps, json_stringn(s, strcspn(s, "\n")));
    json_put(o, "sum", json_string(g->coverage_sum));
    json_put(o, "gaps", gaps);
    return o;
}

static json_t *all(const struct regress *g) {
    json_t *o = json_object(), *runs = json_array();
    int code = regress_exit_code(g);
    for (size_t n = 0; n < g->count; n++) json_push(runs, run_object(&g->at[n]));
    json_put(o, "schema", json_integer(SCHEMA));
    json_put(o, "verdict",
             json_string(code == EXIT_PASS          ? "passed"
                         : code == EXIT_INTERRUPTED ? "interrupted"
                                                    : "failed"));
    json_put(o, "exit_code", json_integer(code));
    json_put(o, "engine", json_string(g->run.replay.engine));
    json_put(o, "seed", json_integer(g->seed));
    json_put(o, "stimulus", hex(regress_stimulus(g)));
    json_put(o, "passed", json_integer((json_int_t)g->passed));
    json_put(o, "failed", json_integer((json_int_t)g->failed));
    json_put(o, "seconds", json_real(g->seconds));
    json_put(o, "groups", groups_array(g));
    json_put(o, "coverage", coverage_object(g));
    json_put(o, "runs", runs);
    return o;
}

void regress_write_json(const struct regress *g, const char *path) {
    json_t *o = all(g);
    if (!o || json_dump_file(o, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)))
        input_error(path, 0, 0, "name an --output directory that can be written",
                    "cannot be written");
    json_decref(o);
}

void regress_print_json(const struct regress *g) {
    json_t *o = all(g);
    if (!o || json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)))
        internal_error("--json could not be written");
    putchar('\n');
    json_decref(o);
}
