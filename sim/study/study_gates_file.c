/* SPDX-License-Identifier: Apache-2.0
 *
 * What was synthesized, from docs/area.json. A parameter that a row does not name had no knob when
 * it was made, so it is built as the default.
 */
#include "config_file.h"
#include "dut.h"
#include "error.h"
#include "study_gates.h"
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void broken(const char *path, const char *what) {
    input_error(path, 0, 0, "make gates", "%s", what);
}

static void copy_text(char *to, size_t bytes, json_t *row, const char *key, const char *path) {
    const char *text = json_string_value(json_object_get(row, key));
    if (!text) broken(path, "a row lacks its provenance");
    snprintf(to, bytes, "%s", text);
}

/* L2_SETS is the knob l2_sets. */
static void read_parameters(struct config *c, json_t *parameters, const char *path) {
    const char *name;
    json_t *value;
    config_defaults(c);
    json_object_foreach(parameters, name, value) {
        size_t k = 0;
        while (k < CONFIG_KNOBS && strcasecmp(config_knobs[k].field, name)) k++;
        if (k == CONFIG_KNOBS || !json_is_integer(value)) broken(path, "a parameter has no knob");
        *config_field(c, &config_knobs[k]) = (uint32_t)json_integer_value(value);
    }
}

static void read_row(struct gates_known *k, json_t *row, const char *path) {
    json_t *all = json_object_get(row, "by_module");
    json_t *flip_flops = json_object_get(all, "flip_flops");
    json_t *gates = json_object_get(all, "gate_equivalents");
    if (!json_is_number(flip_flops) || !json_is_number(gates)) broken(path, "a row has no gates");
    copy_text(k->name, sizeof k->name, row, "config", path);
    copy_text(k->hash, sizeof k->hash, row, "hash", path);
    copy_text(k->commit, sizeof k->commit, row, "commit", path);
    copy_text(k->rtl, sizeof k->rtl, row, "rtl", path);
    copy_text(k->yosys, sizeof k->yosys, row, "yosys", path);
    copy_text(k->library, sizeof k->library, row, "library", path);
    read_parameters(&k->config, json_object_get(row, "parameters"), path);
    k->is[GATES_FLIP_FLOPS] = json_number_value(flip_flops);
    k->is[GATES_ALL] = json_number_value(gates);
    k->sram_bits = (uint64_t)json_integer_value(json_object_get(row, "sram_bits"));
}

/* A law is of one RTL: the default's. */
static void sort_rows(struct gates_law *l) {
    char rtl[sizeof l->known->rtl] = "";
    for (size_t n = 0; n < l->all; n++)
        if (!strcmp(l->known[n].name, "default")) memcpy(rtl, l->known[n].rtl, sizeof rtl);
    for (size_t n = 0; n < l->all; n++) {
        struct gates_known one = l->known[n];
        if (strcmp(one.rtl, rtl)) continue;
        l->known[n] = l->known[l->count];
        l->known[l->count++] = one;
    }
}

void gates_read(struct gates_law *l, const char *path) {
    json_error_t error;
    json_t *all = json_load_file(path, 0, &error), *row;
    size_t i;
    *l = (struct gates_law){0};
    if (!json_is_array(all)) broken(path, all ? "not a list of configurations" : error.text);
    l->known = calloc(json_array_size(all) + 1, sizeof *l->known);
    if (!l->known) internal_error("out of memory");
    json_array_foreach(all, i, row) read_row(&l->known[l->all++], row, path);
    json_decref(all);
    sort_rows(l);
    gates_fit(l);
}

void gates_read_shipped(struct gates_law *l) {
    char path[4200];
    const char *root = dut_root();
    *l = (struct gates_law){0};
    snprintf(path, sizeof path, "%s/docs/area.json", root ? root : ".");
    if (!access(path, R_OK)) gates_read(l, path);
}
