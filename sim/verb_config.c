/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk config: the effective configuration, after the file, the settings of a trace and --set;
 * the names of the shipped ones; and the Verilated MMU that belongs to one.
 */
#include "config_args.h"
#include "config_file.h"
#include "dut.h"
#include "error.h"
#include "json.h"
#include "preset.h"
#include "verb.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON = 256, OPTION_LIST, OPTION_PRESETS, OPTION_DUT, OPTION_PRINT };

struct arguments {
    struct config_args config;
    bool json, list, presets, dut;
    char **traces;
    int count;
};

static const struct argp_option options[] = {
    {"print", OPTION_PRINT, NULL, 0, "print every knob: this is the default", 0},
    {"json", OPTION_JSON, NULL, 0, "one object a line", 0},
    {"list", OPTION_LIST, NULL, 0, "names of the shipped configurations", 0},
    {"presets", OPTION_PRESETS, NULL, 0, "names of the presets, and the machine of each", 0},
    {"dut", OPTION_DUT, NULL, 0, "path of its Verilated MMU, which is built if missing", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &a->config; return 0;
    case OPTION_PRINT: return 0;
    case OPTION_JSON: a->json = true; return 0;
    case OPTION_LIST: a->list = true; return 0;
    case OPTION_PRESETS: a->presets = true; return 0;
    case OPTION_DUT: a->dut = true; return 0;
    case ARGP_KEY_ARGS:
        a->traces = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int list(void) {
    char **names = config_shipped();
    if (!names) {
        input_error("sim/configs", 0, 0, "run build/pagewalk of a checkout",
                    "no shipped configurations here");
    }
    for (char **n = names; *n; n++) {
        puts(*n);
        free(*n);
    }
    free(names);
    return EXIT_PASS;
}

static int list_presets(void) {
    char **names = preset_names();
    for (char **n = names; n && *n; n++) {
        struct preset p;
        if (!preset_read(&p, *n)) continue;
        printf("%-20s %s\n", *n, p.machine);
        preset_free(&p);
        free(*n);
    }
    free(names);
    return EXIT_PASS;
}

static void print_text(const struct config *c, const char *name) {
    char hash[17], value[32], was[32];
    struct config base;
    config_defaults(&base);
    config_hash_text(c, hash);
    printf("# %s, hash %s; * differs from the default\n", name, hash);
    for (size_t i = 0; i < CONFIG_KNOBS; i++) {
        const struct config_knob *k = &config_knobs[i];
        config_value(c, k, value, sizeof value);
        config_value(&base, k, was, sizeof was);
        printf("%c %-18s = %-11s # %s\n", strcmp(value, was) ? '*' : ' ', k->key, value, k->doc);
    }
}

static void show(struct arguments *a, const char *trace) {
    struct config c;
    const char *name = config_args_apply(&a->config, trace, &c);
    if (a->dut) {
        const char *path = dut_path(&c);
        if (!path) internal_error("the RTL could not be Verilated; the output above says why");
        puts(path);
    } else if (a->json) {
        json_print_config(stdout, &c, name);
    } else {
        print_text(&c, name);
    }
}

int verb_config(int argc, char **argv) {
    static const struct argp_child children[] = {{&config_argp, 0, "Configuration:", 1}, {0}};
    static const struct argp argp = {options,
                                     parse,
                                     "[TRACE...]",
                                     "Prints the effective configuration: the defaults, then "
                                     "--config, then the `set` lines of each TRACE, then --set.",
                                     children,
                                     NULL,
                                     NULL};
    struct arguments a = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.list) return list();
    if (a.presets) return list_presets();
    if (a.count == 0) show(&a, NULL);
    for (int i = 0; i < a.count; i++) show(&a, a.traces[i]);
    free(a.config.sets);
    return EXIT_PASS;
}
