/* SPDX-License-Identifier: Apache-2.0
 *
 * The study file, in the syntax of configurations. Strict as they are: an unknown key, a value of
 * another type, a knob that does not exist are refused with place and remedy before anything runs.
 * Values stay text here; study_plan.c assigns them to knobs through config_assign, so what is legal
 * in a configuration is legal on an axis, and nothing else is.
 */
#include "config_file.h"
#include "config_scan.h"
#include "error.h"
#include "lex.h"
#include "study.h"
#include "study_metric.h"
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const study_sample_words[SAMPLE_COUNT + 1] = {"full", "one-at-a-time", "random",
                                                          "latin-hypercube", NULL};

static const char *const keys[] = {"title", "question", "traces",      "base",    "set",
                                   "axes",  "derive",   "constraints", "metrics", "warmup",
                                   "seeds", "sample",   NULL};

static _Noreturn void __attribute__((format(printf, 4, 5)))
refuse(const struct study_file *f, const config_setting_t *s, const char *remedy, const char *rule,
       ...) {
    char text[512];
    va_list args;
    va_start(args, rule);
    vsnprintf(text, sizeof text, rule, args);
    va_end(args);
    input_error(f->path, s ? config_setting_source_line(s) : 0, 0, remedy, "%s", text);
}

static void *grown(void *list, size_t count, size_t bytes) {
    void *more = realloc(list, (count + 1) * bytes);
    if (!more) internal_error("out of memory");
    memset((char *)more + count * bytes, 0, bytes);
    return more;
}

static char *copied(const char *text) {
    char *copy = strdup(text);
    if (!copy) internal_error("out of memory");
    return copy;
}

/* ---- Values -------------------------------------------------------------------------------- */

static const char *word_of(const struct study_file *f, const config_setting_t *s) {
    if (config_setting_type(s) != CONFIG_TYPE_STRING)
        refuse(f, s, "words stand in quotes", "%s: a word is expected", config_setting_name(s));
    return config_setting_get_string(s);
}

static unsigned number_of(const struct study_file *f, const config_setting_t *s, unsigned min,
                          unsigned max) {
    char range[64];
    snprintf(range, sizeof range, "%u to %u", min, max);
    long long n = -1;
    int type = config_setting_type(s);
    if (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) n = config_setting_get_int64(s);
    if (n < min || n > max)
        refuse(f, s, range, "%s: a whole number is expected", config_setting_name(s));
    return (unsigned)n;
}

/* A knob's value as text; what it means is judged by config_assign. */
static void value_of(const struct study_file *f, const config_setting_t *s, const char *key,
                     struct study_set *out) {
    const struct config_knob *k = config_find(key);
    int type = config_setting_type(s);
    bool number = type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
    out->line = config_setting_source_line(s);
    snprintf(out->key, sizeof out->key, "%s", key);
    if (k && k->words && type == CONFIG_TYPE_STRING)
        snprintf(out->value, sizeof out->value, "%s", config_setting_get_string(s));
    else if (number && !(k && k->words))
        snprintf(out->value, sizeof out->value, "%lld", config_setting_get_int64(s));
    else if (k)
        refuse(f, s, k->words ? "a word in quotes" : "a whole number", "%s: wrong type of value",
               key);
    struct config scratch; /* an unknown key and a value out of range are refused here */
    config_defaults(&scratch);
    config_assign(&scratch, key, out->value, f->path, out->line);
}

typedef void eat_fn(struct study_file *, const config_setting_t *, const char *key, void *to);

/* Groups nest; their names joined by dots are the key. */
static void eat_group(struct study_file *f, const config_setting_t *group, const char *prefix,
                      eat_fn *eat, void *to) {
    if (!config_setting_is_group(group))
        refuse(f, group, "GROUP = { KEY = VALUE; };", "%s: a group is expected",
               config_setting_name(group));
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
        char key[128];
        snprintf(key, sizeof key, "%s%s%s", prefix, *prefix ? "." : "", config_setting_name(s));
        if (config_setting_is_group(s))
            eat_group(f, s, key, eat, to);
        else
            eat(f, s, key, to);
    }
}

static void eat_set(struct study_file *f, const config_setting_t *s, const char *key, void *to) {
    struct study_sets *sets = to;
    sets->set = grown(sets->set, sets->count, sizeof *sets->set);
    value_of(f, s, key, &sets->set[sets->count++]);
}

/* ---- Lists of words ------------------------------------------------------------------------ */

static char **words_of(struct study_file *f, const config_setting_t *s, size_t *count) {
    char **list = NULL;
    if (!config_setting_is_array(s) && !config_setting_is_list(s))
        refuse(f, s, "(\"one\", \"two\")", "%s: a list is expected", config_setting_name(s));
    for (int i = 0; i < config_setting_length(s); i++) {
        const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
        if (config_setting_type(e) != CONFIG_TYPE_STRING)
            refuse(f, e, "words stand in quotes", "%s: a list of words is expected",
                   config_setting_name(s));
        list = grown(list, *count, sizeof *list);
        list[(*count)++] = copied(config_setting_get_string(e));
    }
    if (!*count) refuse(f, s, "name at least one", "%s: the list is empty", config_setting_name(s));
    return list;
}

static void read_traces(struct study_file *f, const config_setting_t *s) {
    f->trace = words_of(f, s, &f->traces);
    for (size_t i = 0; i < f->traces; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(f->trace[i], f->trace[j]))
                refuse(f, s, "name each trace once", "%s: this trace is named twice", f->trace[i]);
        }
    }
}

static void read_metrics(struct study_file *f, const config_setting_t *s) {
    f->metric = words_of(f, s, &f->metrics);
    for (size_t i = 0; i < f->metrics; i++) {
        const char *name = f->metric[i], *names[STUDY_METRICS + 1] = {NULL};
        for (size_t m = 0; m < STUDY_METRICS; m++) names[m] = study_metrics[m].key;
        if (study_metric_find(name)) continue;
        const char *near = nearest_word(name, strlen(name), names);
        refuse(f, s, near ? near : "docs/studies.md lists the metrics", "`%s` is no metric", name);
    }
}

static void read_constraints(struct study_file *f, const config_setting_t *s) {
    f->expression = words_of(f, s, &f->constraints);
    f->constraint = calloc(f->constraints, sizeof *f->constraint);
    if (!f->constraint) internal_error("out of memory");
    for (size_t i = 0; i < f->constraints; i++)
        f->constraint[i].line = config_setting_source_line(config_setting_get_elem(s, (unsigned)i));
}

/* ---- Axes ---------------------------------------------------------------------------------- */

static struct study_axis *new_axis(struct study_file *f, const config_setting_t *s,
                                   const char *key) {
    if (f->axes == STUDY_AXES) refuse(f, s, "leave one out", "more than %d axes", STUDY_AXES);
    struct study_axis *a = &f->axis[f->axes++];
    snprintf(a->key, sizeof a->key, "%s", key);
    return a;
}

static struct study_start *new_start(struct study_file *f, const char *name, uint64_t line) {
    f->start = grown(f->start, f->starts, sizeof *f->start);
    struct study_start *n = &f->start[f->starts++];
    snprintf(n->name, sizeof n->name, "%s", name);
    snprintf(n->config, sizeof n->config, "%s", name);
    n->line = line;
    return n;
}

static void eat_axis(struct study_file *f, const config_setting_t *s, const char *key, void *to) {
    (void)to;
    int n = config_setting_length(s);
    if ((!config_setting_is_array(s) && !config_setting_is_list(s)) || n < 1)
        refuse(f, s, "l2 = { ways = [2, 4, 8]; };", "axis %s: a list of values is expected", key);
    bool preset = !strcmp(key, "preset");
    struct study_axis *a = new_axis(f, s, preset ? "" : key);
    for (int i = 0; i < n; i++) {
        const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
        a->value = grown(a->value, a->count, sizeof *a->value);
        struct study_set *v = &a->value[a->count++];
        if (preset)
            new_start(f, word_of(f, e), config_setting_source_line(e));
        else
            value_of(f, e, key, v);
        for (struct study_set *u = a->value; !preset && u < v; u++) {
            if (!strcmp(u->value, v->value))
                refuse(f, e, "name each value once", "axis %s: %s stands twice", key, v->value);
        }
    }
}

/* ---- Derived rows -------------------------------------------------------------------------- */

static void eat_derived(struct study_file *f, const config_setting_t *s, const char *key,
                        void *to) {
    if (!strcmp(key, "name") || !strcmp(key, "from"))
        word_of(f, s);
    else
        eat_set(f, s, key, to);
}

static const struct study_start *start_named(const struct study_file *f, const char *name) {
    for (size_t i = 0; i < f->starts; i++) {
        if (!strcmp(f->start[i].name, name)) return &f->start[i];
    }
    return NULL;
}

static void read_derived(struct study_file *f, const config_setting_t *row) {
    const char *name = NULL, *from = "base";
    if (!config_setting_is_group(row))
        refuse(f, row, "{ name = \"small\"; ... }", "derive: a row is a group");
    config_setting_lookup_string(row, "name", &name);
    config_setting_lookup_string(row, "from", &from);
    if (!name) refuse(f, row, "{ name = \"small\"; ... }", "derive: a row has a name");
    if (start_named(f, name)) refuse(f, row, "another name", "derive: `%s` stands twice", name);
    const struct study_start *parent = start_named(f, from);
    struct study_sets sets = {0};
    for (size_t i = 0; parent && i < parent->sets.count; i++) {
        sets.set = grown(sets.set, sets.count, sizeof *sets.set);
        sets.set[sets.count++] = parent->sets.set[i];
    }
    char config[STUDY_NAME];
    snprintf(config, sizeof config, "%s", parent ? parent->config : from);
    eat_group(f, row, "", eat_derived, &sets);
    struct study_start *n = new_start(f, name, config_setting_source_line(row));
    snprintf(n->config, sizeof n->config, "%s", config);
    n->sets = sets;
}

static void read_derive(struct study_file *f, const config_setting_t *s) {
    if (!config_setting_is_list(s))
        refuse(f, s, "derive = ({ name = \"a\"; }, ...);", "derive: a list of rows is expected");
    struct study_start *base = new_start(f, "base", 0);
    snprintf(base->config, sizeof base->config, "%s", f->base);
    for (int i = 0; i < config_setting_length(s); i++)
        read_derived(f, config_setting_get_elem(s, (unsigned)i));
    struct study_axis *a = new_axis(f, s, "");
    a->count = f->starts;
    a->value = calloc(f->starts, sizeof *a->value);
    if (!a->value) internal_error("out of memory");
}

/* ---- The rest ------------------------------------------------------------------------------ */

static void read_sample(struct study_file *f, const config_setting_t *s) {
    static const char *const words[] = {"method", "points", "seed", NULL};
    if (!config_setting_is_group(s))
        refuse(f, s, "sample = { method = \"full\"; };", "sample: a group is expected");
    for (int i = 0; i < config_setting_length(s); i++) {
        const config_setting_t *e = config_setting_get_elem(s, (unsigned)i);
        const char *key = config_setting_name(e);
        if (!strcmp(key, "points")) {
            f->points = number_of(f, e, 1, 100000);
        } else if (!strcmp(key, "seed")) {
            f->sample_seed = number_of(f, e, 1, 1u << 30);
        } else if (!strcmp(key, "method")) {
            const char *word = word_of(f, e);
            while (f->sample < SAMPLE_COUNT && strcmp(word, study_sample_words[f->sample]))
                f->sample++;
            if (f->sample == SAMPLE_COUNT)
                refuse(f, e, "full, one-at-a-time, random or latin-hypercube",
                       "sample: no method `%s`", word);
        } else {
            const char *near = nearest_word(key, strlen(key), words);
            refuse(f, e, near ? near : "method, points, seed", "sample has no key `%s`", key);
        }
    }
    bool drawn = f->sample == SAMPLE_RANDOM || f->sample == SAMPLE_LATIN;
    if (drawn != (f->points > 0))
        refuse(f, s, "points goes with random and latin-hypercube, and only with them",
               "sample: points is %s", drawn ? "missing" : "out of place");
}

static void check_keys(const struct study_file *f, const config_setting_t *root) {
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
        const char *name = config_setting_name(s), *const *k = keys;
        while (*k && strcmp(*k, name)) k++;
        if (*k) continue;
        const char *near = nearest_word(name, strlen(name), keys);
        refuse(f, s, near ? near : "docs/studies.md lists the keys", "a study has no key `%s`",
               name);
    }
}

static void read_keys(struct study_file *f, config_t *tree) {
    const config_setting_t *s;
    check_keys(f, config_root_setting(tree));
    if ((s = config_lookup(tree, "title"))) f->title = copied(word_of(f, s));
    if ((s = config_lookup(tree, "question"))) f->question = copied(word_of(f, s));
    if ((s = config_lookup(tree, "base"))) snprintf(f->base, sizeof f->base, "%s", word_of(f, s));
    if (!(s = config_lookup(tree, "traces")))
        refuse(f, NULL, "traces = (\"traces/sqlite.pwt\");", "a study names its traces");
    read_traces(f, s);
    if ((s = config_lookup(tree, "set"))) eat_group(f, s, "", eat_set, &f->set);
    if ((s = config_lookup(tree, "derive"))) read_derive(f, s);
    const config_setting_t *axes = config_lookup(tree, "axes");
    if (axes && config_lookup(tree, "derive") && config_setting_get_member(axes, "preset"))
        refuse(f, axes, "name the preset in `from` of a row",
               "derive and an axis of presets together");
    if (axes) eat_group(f, axes, "", eat_axis, NULL);
    if (!f->axes)
        refuse(f, axes, "axes = { l2 = { ways = [2, 4, 8]; }; };",
               "a study has an axis, or derived rows");
    if (!f->starts) snprintf(new_start(f, "base", 0)->config, STUDY_NAME, "%s", f->base);
    if ((s = config_lookup(tree, "constraints"))) read_constraints(f, s);
    if ((s = config_lookup(tree, "metrics"))) read_metrics(f, s);
    if ((s = config_lookup(tree, "warmup"))) f->warmup = number_of(f, s, 0, 90);
    if ((s = config_lookup(tree, "seeds"))) f->seeds = number_of(f, s, 1, 1000);
    if ((s = config_lookup(tree, "sample"))) read_sample(f, s);
}

static void name_study(struct study_file *f) {
    const char *slash = strrchr(f->path, '/');
    snprintf(f->name, sizeof f->name, "%s", slash ? slash + 1 : f->path);
    char *dot = strrchr(f->name, '.');
    if (dot && dot != f->name) *dot = 0;
}

void study_file_read(struct study_file *f, const char *path) {
    *f = (struct study_file){.path = path, .base = "default", .warmup = 20, .sample_seed = 1};
    name_study(f);
    f->text = config_text(path, "docs/studies.md shows a study file");
    config_scan(f->text, path);
    config_t tree;
    config_init(&tree);
    if (!config_read_string(&tree, f->text)) {
        input_error(path, (uint64_t)config_error_line(&tree), 0,
                    "KEY = VALUE; words in quotes, comments from # on", "%s",
                    config_error_text(&tree));
    }
    read_keys(f, &tree);
    if (!f->title) f->title = copied(f->name);
    if (!f->question) f->question = copied("");
    config_destroy(&tree);
}

void study_file_free(struct study_file *f) {
    for (size_t i = 0; i < f->traces; i++) free(f->trace[i]);
    for (size_t i = 0; i < f->metrics; i++) free(f->metric[i]);
    for (size_t i = 0; i < f->constraints; i++) free(f->expression[i]);
    for (size_t i = 0; i < f->axes; i++) free(f->axis[i].value);
    for (size_t i = 0; i < f->starts; i++) free(f->start[i].sets.set);
    free(f->trace);
    free(f->metric);
    free(f->expression);
    free(f->constraint);
    free(f->start);
    free(f->set.set);
    free(f->text);
    free(f->title);
    free(f->question);
}
