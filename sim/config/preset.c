/* SPDX-License-Identifier: Apache-2.0
 *
 * The files sim/presets/NAME.conf: `machine`, the `knobs` as rows ("key", value, "source"), and
 * what the machine has that the preset `lacks`. A row without a source is refused, so no value can
 * be there that nobody vouches for.
 */
#include "preset.h"
#include "config_file.h"
#include "config_scan.h"
#include "dut.h"
#include "error.h"
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copied(const char *text) {
    char *copy = strdup(text);
    if (!copy) internal_error("out of memory");
    return copy;
}

static _Noreturn void refuse(const struct preset *p, const config_setting_t *s, const char *rule) {
    input_error(p->path, s ? config_setting_source_line(s) : 0, 0,
                "machine = \"...\"; knobs = ((\"l1d.ways\", 4, \"where it is from\"), ...); "
                "lacks = (\"...\", ...);",
                "%s", rule);
}

static void read_knob(struct preset *p, const config_setting_t *row) {
    struct preset_knob *k = &p->knob[p->knobs++];
    const char *key = config_setting_get_string_elem(row, 0);
    const char *source = config_setting_get_string_elem(row, 2);
    const char *word = config_setting_get_string_elem(row, 1);
    if (!config_setting_is_list(row) || config_setting_length(row) != 3 || !key || !source)
        refuse(p, row, "a row is (\"key\", value, \"source, or assumed\")");
    snprintf(k->key, sizeof k->key, "%s", key);
    if (word)
        snprintf(k->value, sizeof k->value, "%s", word);
    else
        snprintf(k->value, sizeof k->value, "%lld", config_setting_get_int64_elem(row, 1));
    k->source = copied(source);
    k->line = config_setting_source_line(row);
}

static void read_lists(struct preset *p, config_t *tree) {
    const config_setting_t *knobs = config_lookup(tree, "knobs"),
                           *lacks = config_lookup(tree, "lacks");
    const char *machine = NULL;
    if (!config_lookup_string(tree, "machine", &machine)) refuse(p, NULL, "`machine` is missing");
    if (!knobs || !lacks || config_setting_length(config_root_setting(tree)) != 3)
        refuse(p, NULL, "a preset has machine, knobs and lacks, and nothing else");
    p->machine = copied(machine);
    p->knob = calloc((size_t)config_setting_length(knobs) + 1, sizeof *p->knob);
    p->lack = calloc((size_t)config_setting_length(lacks) + 1, sizeof *p->lack);
    if (!p->knob || !p->lack) internal_error("out of memory");
    for (int i = 0; i < config_setting_length(knobs); i++)
        read_knob(p, config_setting_get_elem(knobs, (unsigned)i));
    for (int i = 0; i < config_setting_length(lacks); i++) {
        const char *text = config_setting_get_string_elem(lacks, i);
        if (!text) refuse(p, lacks, "`lacks` is a list of sentences");
        p->lack[p->lacks++] = copied(text);
    }
}

bool preset_read(struct preset *p, const char *name) {
    const char *root = dut_root();
    memset(p, 0, sizeof *p);
    if (!root || strchr(name, '/')) return false;
    snprintf(p->path, sizeof p->path, "%s/sim/presets/%s.conf", root, name);
    if (access(p->path, F_OK)) return false;
    char *text = config_text(p->path, "");
    config_scan(text, p->path);
    config_t tree;
    config_init(&tree);
    if (!config_read_string(&tree, text))
        input_error(p->path, (uint64_t)config_error_line(&tree), 0, "docs/studies.md shows one",
                    "%s", config_error_text(&tree));
    free(text);
    read_lists(p, &tree);
    config_destroy(&tree);
    return true;
}

void preset_apply(const struct preset *p, struct config *c) {
    for (size_t i = 0; i < p->knobs; i++)
        config_assign(c, p->knob[i].key, p->knob[i].value, p->path, p->knob[i].line);
}

void preset_free(struct preset *p) {
    for (size_t i = 0; i < p->knobs; i++) free(p->knob[i].source);
    for (size_t i = 0; i < p->lacks; i++) free(p->lack[i]);
    free(p->knob);
    free(p->lack);
    free(p->machine);
}

char **preset_names(void) {
    return config_names("presets");
}
