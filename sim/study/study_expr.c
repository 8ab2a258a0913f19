/* SPDX-License-Identifier: Apache-2.0
 *
 * Constraints: which combinations of the axes are worth a run. `l2.sets * l2.ways <= 2048 && bits <
 * 300000` is evaluated for each combination by recursive descent; a name is a knob that is a
 * number, or `bits`, the storage of the configuration. A division by zero makes the constraint not
 * hold.
 */
#include "config_file.h"
#include "error.h"
#include "lex.h"
#include "study.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct expr {
    const char *text, *at, *file;
    uint64_t line;
    const struct config *config;
    bool zero; /* something was divided by zero */
};

static double either(struct expr *);

static _Noreturn void refuse(const struct expr *e, const char *remedy, const char *rule) {
    input_error(e->file, e->line, 0, remedy, "constraint `%s`: at `%s`: %s", e->text, e->at, rule);
}

static bool take(struct expr *e, const char *word) {
    while (*e->at == ' ') e->at++;
    size_t n = strlen(word);
    if (strncmp(e->at, word, n)) return false;
    if (n == 1 && strchr("<>!=", *word) && e->at[1] == '=') return false; /* a longer operator */
    e->at += n;
    return true;
}

static double name(struct expr *e) {
    char key[64];
    size_t n = 0;
    while (isalnum((unsigned char)e->at[n]) || strchr("._", e->at[n] ? e->at[n] : ' ')) n++;
    snprintf(key, sizeof key, "%.*s", (int)n, e->at);
    if (!strcmp(key, "bits")) {
        e->at += n;
        return (double)study_bits(e->config);
    }
    const struct config_knob *k = config_find(key);
    if (!k) {
        const char *keys[CONFIG_KNOBS + 1] = {NULL};
        for (size_t i = 0; i < CONFIG_KNOBS; i++) keys[i] = config_knobs[i].key;
        const char *near = nearest_word(key, strlen(key), keys);
        refuse(e, near ? near : "a number, a knob, or bits", "there is no such name");
    }
    if (k->words) refuse(e, "leave it out: its value is a word", "this knob is no number");
    struct config copy = *e->config;
    e->at += n;
    return *config_field(&copy, k);
}

static double primary(struct expr *e) {
    if (take(e, "(")) {
        double v = either(e);
        if (!take(e, ")")) refuse(e, "close the bracket", "`)` is expected");
        return v;
    }
    if (take(e, "!")) return primary(e) == 0;
    if (take(e, "-")) return -primary(e);
    while (*e->at == ' ') e->at++;
    if (isdigit((unsigned char)*e->at)) {
        char *end;
        double v = strtod(e->at, &end);
        e->at = end;
        return v;
    }
    if (isalpha((unsigned char)*e->at)) return name(e);
    refuse(e, "l2.sets * l2.ways <= 2048", "a number or a knob is expected");
}

static double product(struct expr *e) {
    double v = primary(e);
    for (;;) {
        if (take(e, "*")) {
            v *= primary(e);
        } else if (take(e, "/")) {
            double by = primary(e);
            e->zero |= by == 0;
            v = by == 0 ? 0 : v / by;
        } else {
            return v;
        }
    }
}

static double sum(struct expr *e) {
    double v = product(e);
    for (;;) {
        if (take(e, "+"))
            v += product(e);
        else if (take(e, "-"))
            v -= product(e);
        else
            return v;
    }
}

static double compared(struct expr *e) {
    double v = sum(e);
    if (take(e, "<=")) return v <= sum(e);
    if (take(e, ">=")) return v >= sum(e);
    if (take(e, "==")) return v == sum(e);
    if (take(e, "!=")) return v != sum(e);
    if (take(e, "<")) return v < sum(e);
    if (take(e, ">")) return v > sum(e);
    return v;
}

static double both(struct expr *e) {
    double v = compared(e);
    while (take(e, "&&")) v = (compared(e) != 0) & (v != 0);
    return v;
}

static double either(struct expr *e) {
    double v = both(e);
    while (take(e, "||")) v = (both(e) != 0) | (v != 0);
    return v;
}

bool study_holds(const char *expression, const struct config *c, const char *file, uint64_t line) {
    struct expr e = {expression, expression, file, line, c, false};
    double v = either(&e);
    while (*e.at == ' ') e.at++;
    if (*e.at) refuse(&e, "join two constraints by && or make them two", "this is one too many");
    return v != 0 && !e.zero;
}
