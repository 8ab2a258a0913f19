/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk wave: opens the wave viewer on the waveform of a run, with a view. A run leaves F.gtkw
 * beside F.fst, the view that fits what happened; the others are written when they are asked for,
 * with its marker.
 */
#include "dut.h"
#include "error.h"
#include "verb.h"
#include "wave_read.h"
#include "wave_view.h"
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_VIEW = 256, OPTION_PRINT };

struct arguments {
    const char *run, *view;
    bool print;
};

static const struct argp_option options[] = {
    {"view", OPTION_VIEW, "NAME", 0,
     "overview, walk, fault, fence, l2, walkers, or `all` with --print (what fits the run)", 0},
    {"print", OPTION_PRINT, NULL, 0, "write the view and print its path; open nothing", 0},
    {0}};

static bool is_view(const char *name) {
    for (size_t i = 0; wave_views[i]; i++) {
        if (!strcmp(wave_views[i], name)) return true;
    }
    return false;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    bool all = a->view && !strcmp(a->view, "all");
    switch (key) {
    case OPTION_VIEW: a->view = arg; return 0;
    case OPTION_PRINT: a->print = true; return 0;
    case ARGP_KEY_ARG:
        if (a->run) argp_error(state, "one waveform at a time");
        a->run = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->run) argp_error(state, "name a waveform, or the trace of a run that failed");
        if (all && !a->print) argp_error(state, "--view all goes with --print");
        if (a->view && !all && !is_view(a->view))
            argp_error(state, "--view %s: overview, walk, fault, fence, l2 or walkers", a->view);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* F.fst itself, or what a failed run of this trace has left (sim/run/replay.c). */
static void find(const char *run, char *fst, size_t bytes) {
    const char *slash = strrchr(run, '/'), *name = slash ? slash + 1 : run, *root = dut_root();
    size_t n = strlen(run);
    snprintf(fst, bytes, "%s", run);
    if (n > 4 && !strcmp(run + n - 4, ".fst")) return;
    snprintf(fst, bytes, "%s/build/failed-%s.fst", root ? root : ".", name);
    if (access(fst, R_OK)) snprintf(fst, bytes, "failed-%s.fst", name);
    if (access(fst, R_OK))
        input_error(run, 0, 0, "a run that fails leaves one; `run --wave F.fst` writes any",
                    "there is no waveform of a failed run of this trace");
}

/* Writes the view; what it lacks is said. */
static void write_view(const char *fst, const char *view, uint64_t cycle, char *path,
                       size_t bytes) {
    struct wave_aim aim = {.view = view, .cycle = cycle};
    wave_view_path(fst, view, path, bytes);
    unsigned missing = wave_view_write(fst, path, &aim);
    if (missing)
        fprintf(stderr, "pagewalk: view %s: %u of its signals are not in %s\n", view, missing, fst);
}

static _Noreturn void open_viewer(const char *fst, const char *path) {
    execlp("gtkwave", "gtkwave", fst, path, (char *)NULL);
    input_error("gtkwave", 0, 0, "testbench/install.sh run", "%s", strerror(errno));
}

int verb_wave(int argc, char **argv) {
    static const struct argp argp = {
        options, parse, "F.fst|TRACE", "Opens the wave viewer on a run, with a view of it.",
        NULL,    NULL,  NULL};
    struct arguments a = {0};
    char fst[4096], path[4200], view[32] = "";
    uint64_t cycle = 0;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    find(a.run, fst, sizeof fst);
    struct wave_read *r = wave_read_open(fst);
    if (!r)
        input_error(fst, 0, 0, "run it again with --wave",
                    "this is no waveform, or not a whole one");
    wave_view_path(fst, NULL, path, sizeof path);
    bool ours = wave_view_read(path, view, &cycle);
    if (!ours) cycle = wave_read_begin(r);
    wave_read_close(r);
    for (size_t i = 0; wave_views[i]; i++) {
        bool asked = a.view && (!strcmp(a.view, wave_views[i]) || !strcmp(a.view, "all"));
        if (!asked && (a.view || ours || i)) continue;
        write_view(fst, wave_views[i], cycle, path, sizeof path);
        if (a.print) puts(path);
    }
    if (a.print && !a.view && ours) puts(path);
    if (!a.print) open_viewer(fst, path);
    return EXIT_PASS;
}
