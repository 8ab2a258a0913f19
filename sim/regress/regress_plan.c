/* SPDX-License-Identifier: Apache-2.0
 *
 * What is run: traces by the names, lists, directories and tags of the command line, times
 * configurations, times seeds. A line of a list is a pattern of traces, beside the list or with a
 * path, then `from=N`, `to=N` and tags; generators stand where a pattern may. `random:RECORDS` is a
 * random trace and `random` a random configuration, both made from the seed alone, so the seed is
 * all that must be kept.
 *
 * Of a random configuration the knobs of the RTL are drawn for the C model only: to Verilate each
 * would take longer than to run it.
 */
#define _GNU_SOURCE /* vasprintf, GLOB_BRACE */
#include "config_file.h"
#include "dut.h"
#include "error.h"
#include "random_trace.h"
#include "regress.h"
#include "token.h"
#include "trace.h"
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SHIPPED "traces/regress.list"
static const char random_prefix[] = "random:";

char *regress_text(const char *format, ...) {
    char *text;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) internal_error("out of memory");
    return text;
}

/* ---- One run --------------------------------------------------------------------------------- */

static const struct {
    const char *key, *values;
    bool rtl;
} draws[] = {{"mem.model", "fixed random", false},
             {"mem.latency", "1 3 10 35", false},
             {"mem.latency_max", "40 60 90", false},
             {"mem.stall", "0 20 60", false},
             {"core.width", "1 2 4", false},
             {"core.window", "1 2 8 16", false},
             {"core.fetch_bytes", "4 16 64", false},
             {"core.deps", "none serial", false},
             {"os.asids", "0 1", false},
             {"os.svadu", "0 1", false},
             {"os.fragmentation", "0 30 90", false},
             {"os.fault_around", "1 4 16", false},
             {"os.mode", "sv39 sv48 sv57", false},
             {"l1i.ways", "1 3 16", true},
             {"l1d.sets", "1 2 8", true},
             {"l1d.ways", "1 2 5", true},
             {"l1d.repl", "lru plru fifo random", true},
             {"l2.sets", "1 4 128", true},
             {"l2.ways", "0 1 3 8", true},
             {"l2.large", "0 1 16", true},
             {"l2.repl", "lru plru fifo random", true},
             {"pwc.l1", "0 1 4", true},
             {"pwc.l2", "0 2 4", true},
             {"slots.data", "1 3 8", true},
             {"walkers", "1 2 4", true}};

static void free_drawn(struct config_args *a) {
    for (size_t i = 0; i < a->count; i++) free((char *)a->sets[i]);
    free(a->sets);
}

/* `os`: of the kernel half, too, on which the expectations of a trace may depend. */
static void draw_config(struct config_args *a, uint32_t seed, bool rtl, bool os) {
    uint64_t state = token_mix(seed ^ 0xc0f1600000000ull);
    a->sets = NULL;
    a->count = 0;
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
        const char *v = draws[i].values;
        unsigned words = 1;
        for (const char *s = v; *s; s++) words += *s == ' ';
        state = token_mix(state);
        for (unsigned skip = (unsigned)(state % words); skip; skip--) v = strchr(v, ' ') + 1;
        if ((draws[i].rtl && !rtl) || (!strncmp(draws[i].key, "os.", 3) && !os)) continue;
        a->sets = realloc(a->sets, (a->count + 1) * sizeof *a->sets);
        if (!a->sets) internal_error("out of memory");
        a->sets[a->count++] = regress_text("%s=%.*s", draws[i].key, (int)strcspn(v, " "), v);
    }
}

struct entry {
    const char *trace;
    uint64_t from, to;
};

static bool is_random(const char *trace) {
    return !strncmp(trace, random_prefix, sizeof random_prefix - 1);
}

/* The random trace as a file, so that the command can be pasted. */
static char *make_random(const struct regress *g, const char *trace, uint32_t seed) {
    char *end, *path = regress_text("%s/random-%s-%" PRIu32 ".trace", g->dir,
                                    trace + sizeof random_prefix - 1, seed);
    uint64_t records = strtoull(trace + sizeof random_prefix - 1, &end, 0);
    if (*end || !records)
        usage_error("for example random:5000", "`%s`: a number is missing", trace);
    FILE *f = fopen(path, "w");
    if (!f)
        input_error(path, 0, 0, "name a --output directory that can be written", "%s",
                    strerror(errno));
    random_trace(f, seed, records);
    if (ferror(f) | fclose(f)) input_error(path, 0, 0, "is the disk full?", "cannot be written");
    return path;
}

static void add_run(struct regress *g, const struct entry *e, const char *config, uint32_t seed) {
    char command[8192];
    struct run_args a = g->run;
    bool drawn = !strcmp(config, "random");
    if (g->count == g->room) {
        g->room = g->room ? 2 * g->room : 64;
        g->at = realloc(g->at, g->room * sizeof *g->at);
        if (!g->at) internal_error("out of memory");
    }
    struct regress_run *r = &g->at[g->count++];
    *r = (struct regress_run){.seed = seed};
    r->trace = is_random(e->trace) ? make_random(g, e->trace, seed) : regress_text("%s", e->trace);
    r->config = regress_text("%s", config);
    r->label = regress_text("%s, %s, seed %" PRIu32, e->trace, config, seed);
    a.config.config = drawn ? NULL : config;
    if (drawn)
        draw_config(&a.config, seed, !strcmp(g->run.replay.engine, "model"), is_random(e->trace));
    a.replay.seed = seed;
    a.replay.timeout = 0; /* of the regression, not of the run that is shown */
    if (e->from) a.replay.from = e->from;
    if (e->to) a.replay.to = e->to;
    r->command = regress_text("%s", run_args_command(&a, r->trace, command, sizeof command));
    if (drawn) free_drawn(&a.config);
}

/* Every configuration and seed of a trace. On the C model the seed says nothing to what is not
 * random. */
static void add_trace(struct regress *g, const struct entry *e, uint32_t from, bool again) {
    bool model = !strcmp(g->run.replay.engine, "model");
    for (size_t c = 0; c < g->config_count; c++) {
        bool random = is_random(e->trace) || !strcmp(g->configs[c], "random");
        if (again && model && !random) continue;
        uint32_t seeds = model && !random ? 1 : g->seeds;
        for (uint32_t s = 0; s < seeds; s++) add_run(g, e, g->configs[c], from + s);
    }
}

/* ---- What the command line names ------------------------------------------------------------- */

static void add_pattern(struct regress *g, const struct entry *e, const char *list, uint64_t line,
                        uint32_t from, bool again) {
    glob_t found;
    if (is_random(e->trace) || trace_is_generator(e->trace)) {
        add_trace(g, e, from, again);
        return;
    }
    const char *slash = list ? strrchr(list, '/') : NULL;
    int dir = slash && e->trace[0] != '/' ? (int)(slash - list + 1) : 0;
    char *pattern = regress_text("%.*s%s", dir, list ? list : "", e->trace);
    if (glob(pattern, GLOB_BRACE, NULL, &found))
        input_error(list ? list : pattern, line, 0, "a path or a pattern of traces",
                    "no trace is called %s", pattern);
    for (size_t n = 0; n < found.gl_pathc; n++) {
        const struct entry one = {found.gl_pathv[n], e->from, e->to};
        add_trace(g, &one, from, again);
    }
    globfree(&found);
    free(pattern);
}

/* The lines of a list with the tag; tag NULL: all. How many there were. */
static size_t add_list(struct regress *g, const char *list, const char *tag, uint32_t from,
                       bool again) {
    char line[4096];
    size_t taken = 0;
    uint64_t number = 0;
    FILE *f = fopen(list, "r");
    if (!f)
        input_error(list, 0, 0, "name a list, a directory, a trace or a tag", "%s",
                    strerror(errno));
    while (fgets(line, sizeof line, f)) {
        struct entry e = {0};
        bool tagged = !tag;
        char *rest;
        number++;
        line[strcspn(line, "#\n")] = 0;
        for (char *w = strtok_r(line, " \t", &rest); w; w = strtok_r(NULL, " \t", &rest)) {
            if (!e.trace)
                e.trace = w;
            else if (!strncmp(w, "from=", 5))
                e.from = strtoull(w + 5, NULL, 0);
            else if (!strncmp(w, "to=", 3))
                e.to = strtoull(w + 3, NULL, 0);
            else
                tagged |= tag && !strcmp(w, tag);
        }
        if (!e.trace || !tagged) continue;
        add_pattern(g, &e, list, number, from, again);
        taken++;
    }
    fclose(f);
    return taken;
}

/* A trace, of either form, or a list: the content says it, never the name. */
static bool is_trace(const char *path) {
    char first[16] = "";
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(first, 1, sizeof first - 1, f) : 0;
    if (f) fclose(f);
    return n && (!strncmp(first, "pagewalk-trace", 14) || !strncmp(first, "pagewalk-pins", 13) ||
                 !memcmp(first, "\x89PWT", 4));
}

static void add_argument(struct regress *g, const char *arg, const char *shipped, uint32_t from,
                         bool again) {
    struct stat st;
    struct entry e = {.trace = arg};
    if (is_random(arg) || trace_is_generator(arg)) {
        add_trace(g, &e, from, again);
    } else if (stat(arg, &st)) {
        if (!add_list(g, shipped, arg, from, again))
            usage_error("a list, a directory, a trace, or a tag of " SHIPPED,
                        "`%s` is none of these", arg);
    } else if (S_ISDIR(st.st_mode)) {
        char *in = regress_text("%s/", arg);
        e.trace = "*.{trace,pwt,pins}";
        add_pattern(g, &e, in, 0, from, again);
        free(in);
    } else if (is_trace(arg)) {
        add_trace(g, &e, from, again);
    } else {
        add_list(g, arg, NULL, from, again);
    }
}

bool regress_plan(struct regress *g, uint32_t from, bool again) {
    size_t before = g->count;
    const char *root = dut_root();
    char *shipped = regress_text("%s/" SHIPPED, root ? root : ".");
    for (int n = 0; n < g->arg_count; n++) add_argument(g, g->args[n], shipped, from, again);
    if (!g->arg_count) add_list(g, shipped, NULL, from, again);
    free(shipped);
    return g->count > before;
}
