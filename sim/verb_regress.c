/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk regress [LIST|DIR|TRACE|TAG...]: traces times configurations times seeds, in parallel.
 * The verdict is results.json; junit.xml, index.html and what is printed are made from it.
 */
#define _GNU_SOURCE /* nftw */
#include "config_file.h"
#include "dut.h"
#include "error.h"
#include "regress.h"
#include "stop.h"
#include "verb.h"
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPTION_JOBS = 1024, /* apart from the keys of replay_argp */
    OPTION_CONFIGS,
    OPTION_SEEDS,
    OPTION_UNTIL,
    OPTION_COVERAGE,
    OPTION_TIMEOUT,
    OPTION_JSON
};

static const struct argp_option options[] = {
    {"jobs", OPTION_JOBS, "N", 0, "runs at a time (as many as there are processors)", 3},
    {"configs", OPTION_CONFIGS, "LIST", 0, "names or files, commas between, and `random`", 3},
    {"seeds", OPTION_SEEDS, "N", 0, "so many seeds, from --seed on (1)", 3},
    {"until-failure", OPTION_UNTIL, NULL, 0, "go on with further seeds until a run fails", 3},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "a run that takes longer hangs (600)", 3},
    {"coverage", OPTION_COVERAGE, NULL, 0, "count the points of the verification plan", 3},
    {"output", 'o', "DIR", 0, "where results and logs go (build/regress)", 3},
    {"json", OPTION_JSON, NULL, 0, "results.json on stdout, too", 3},
    {0}};

static char **split(char *list, size_t *count) {
    char **words = NULL, *rest;
    for (char *w = strtok_r(list, ",", &rest); w; w = strtok_r(NULL, ",", &rest)) {
        words = realloc(words, (*count + 1) * sizeof *words);
        if (!words) internal_error("out of memory");
        words[(*count)++] = w;
    }
    return words;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct regress *g = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &g->run.replay; return 0;
    case OPTION_JOBS: g->jobs = (uint32_t)option_count(state, "jobs", arg); return 0;
    case OPTION_CONFIGS: g->configs = split(arg, &g->config_count); return 0;
    case OPTION_SEEDS: g->seeds = (uint32_t)option_count(state, "seeds", arg); return 0;
    case OPTION_UNTIL: g->until_failure = true; return 0;
    case OPTION_COVERAGE: g->coverage = true; return 0;
    case OPTION_TIMEOUT: g->run.replay.timeout = option_count(state, "timeout", arg); return 0;
    case OPTION_JSON: g->json = true; return 0;
    case 'o': g->dir = arg; return 0;
    case ARGP_KEY_ARGS:
        g->args = state->argv + state->next;
        g->arg_count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (!g->jobs) argp_error(state, "--jobs 0: one at least");
        if (!g->seeds) argp_error(state, "--seeds 0: one at least");
        if (g->coverage && !strcmp(g->run.replay.engine, "model"))
            argp_error(state, "--coverage needs --engine rtl or lockstep");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* A misspelt configuration ends it now, and not once in every run. */
static void check_configs(const struct regress *g) {
    struct config c;
    for (size_t n = 0; n < g->config_count; n++)
        if (strcmp(g->configs[n], "random")) config_load(&c, g->configs[n]);
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* Below the directory, empty; that itself with all above it. */
static void make_dirs(const struct regress *g) {
    static const char *const rooms[] = {"", "/runs", "/coverage"};
    for (size_t n = 0; n < sizeof rooms / sizeof *rooms; n++) {
        char *path = regress_text("%s%s", g->dir, rooms[n]);
        if (n) nftw(path, drop, 16, FTW_DEPTH | FTW_PHYS);
        for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
            *s = 0;
            mkdir(path, 0777);
            *s = '/';
        }
        if (mkdir(path, 0777) && errno != EEXIST)
            input_error(path, 0, 0, "name an --output directory that can be written", "%s",
                        strerror(errno));
        free(path);
    }
}

/* ---- Coverage -------------------------------------------------------------------------------- */

/* ``Name` 0` in a row of the plan's table is a point that nothing hit. */
static void row_gaps(const char *row, FILE *gaps) {
    const char *tag = strchr(row, '`');
    int tag_bytes = tag ? (int)strcspn(tag + 1, "`") : 0;
    for (const char *s = tag ? strstr(row, "` 0") : NULL; s; s = strstr(s + 1, "` 0")) {
        const char *name = s;
        while (name > row && name[-1] != '`') name--;
        fprintf(gaps, "%.*s %.*s\n", tag_bytes, tag + 1, (int)(s - name), name);
    }
}

/* All runs together, as `make coverage` does it. */
static void read_coverage(struct regress *g) {
    static char row[16384];
    char *command =
        regress_text("%s/testbench/plan/table.sh \"$(realpath %s/coverage)\"", dut_root(), g->dir);
    size_t bytes;
    FILE *f = popen(command, "r"), *gaps = open_memstream(&g->coverage_gaps, &bytes);
    free(command);
    if (!f || !gaps) internal_error("no more processes");
    while (fgets(row, sizeof row, f)) {
        if (strstr(row, "**gap**")) row_gaps(row, gaps);
        if (!strstr(row, " points; ")) continue;
        row[strcspn(row, "\n")] = 0;
        free(g->coverage_sum);
        g->coverage_sum = regress_text("%s", row);
    }
    pclose(f);
    fclose(gaps);
    if (!g->coverage_sum) internal_error("testbench/plan/table.sh made no table");
}

/* ---- The verb -------------------------------------------------------------------------------- */

static void report(const struct regress *g) {
    size_t left = g->count - g->passed - g->failed;
    for (size_t n = 0; n < g->groups; n++) {
        const struct regress_group *group = &g->group[n];
        printf("%s\n  %zu of %zu runs; the shortest: %s\n  %s\n", group->signature, group->count,
               g->count, g->at[group->first].label, g->at[group->first].command);
    }
    if (g->coverage_sum) printf("coverage: %s\n", g->coverage_sum);
    printf("%zu passed, %zu failed", g->passed, g->failed);
    if (left) printf(", %zu not run", left);
    printf(", stimulus %016" PRIx64 "; %s/index.html\n", regress_stimulus(g), g->dir);
}

static void write_all(const struct regress *g) {
    static const struct {
        const char *name;
        void (*write)(const struct regress *, const char *path);
    } files[] = {{"results.json", regress_write_json},
                 {"junit.xml", regress_write_junit},
                 {"index.html", regress_write_page}};
    for (size_t n = 0; n < sizeof files / sizeof *files; n++) {
        char *path = regress_text("%s/%s", g->dir, files[n].name);
        files[n].write(g, path);
        free(path);
    }
}

int verb_regress(int argc, char **argv) {
    static const struct argp_child children[] = {{&replay_argp, 0, "Each run:", 0}, {0}};
    static const struct argp argp = {
        options,
        parse,
        "[LIST|DIR|TRACE|TAG...]",
        "Replays traces under configurations and seeds, in parallel, with one verdict.",
        children,
        NULL,
        NULL};
    static char *plain[] = {"default"};
    static struct regress g = {.seeds = 1, .configs = plain, .dir = "build/regress"};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    g.jobs = processors > 0 ? (uint32_t)processors : 1;
    replay_defaults(&g.run.replay);
    g.run.replay.engine = "lockstep";
    g.run.replay.timeout = 600;
    argp_parse(&argp, argc, argv, 0, NULL, &g);
    if (!g.config_count) g.config_count = 1;
    g.seed = g.run.replay.seed;
    g.stop = stop_on_signals(false);
    check_configs(&g);
    make_dirs(&g);
    uint32_t seed = g.seed;
    if (!regress_plan(&g, seed, false)) usage_error("name some", "no trace is to be run");
    regress_runs(&g);
    while (g.until_failure && !g.failed && !*g.stop) {
        if (!regress_plan(&g, seed += g.seeds, true))
            usage_error("--configs random, random:RECORDS, or --engine lockstep",
                        "nothing that runs depends on the seed");
        regress_runs(&g);
    }
    regress_group(&g);
    if (g.coverage) read_coverage(&g);
    write_all(&g);
    if (g.json)
        regress_print_json(&g);
    else
        report(&g);
    int code = regress_exit_code(&g);
    regress_free(&g);
    if (g.configs != plain) free(g.configs);
    return code;
}
