/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk report: a study's database as one page, or as figures for a paper.
 */
#include "error.h"
#include "study_report.h"
#include "verb.h"
#include <argp.h>
#include <stdlib.h>

enum { OPTION_GNUPLOT = 256, OPTION_JSON };

struct arguments {
    const char *database, *output, *gnuplot;
    bool json;
};

static const struct argp_option options[] = {
    {"output", 'o', "F.html", 0, "the page: one file that needs no network", 0},
    {"gnuplot", OPTION_GNUPLOT, "DIR", 0, "figures as CSV and gnuplot scripts into DIR", 0},
    {"json", OPTION_JSON, NULL, 0, "what the page carries, as one object on stdout", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct arguments *a = state->input;
    switch (key) {
    case 'o': a->output = arg; return 0;
    case OPTION_GNUPLOT: a->gnuplot = arg; return 0;
    case OPTION_JSON: a->json = true; return 0;
    case ARGP_KEY_ARG:
        if (a->database) argp_error(state, "one database at a time");
        a->database = arg;
        return 0;
    case ARGP_KEY_END:
        if (!a->database) argp_error(state, "name a database");
        if (!a->output && !a->gnuplot && !a->json)
            argp_error(state, "say what to make: -o F.html, --gnuplot DIR or --json");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int verb_report(int argc, char **argv) {
    static const struct argp argp = {
        options, parse, "DB", "Makes a page of the study in the database DB, or figures.",
        NULL,    NULL,  NULL};
    static struct report r;
    struct arguments a = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    report_load(&r, a.database);
    if (r.missing)
        fprintf(stderr, "pagewalk: %s: %lld rows have no result yet and are left out\n", a.database,
                (long long)r.missing);
    if (a.output) report_html(&r, a.output);
    if (a.gnuplot) report_gnuplot(&r, a.gnuplot);
    if (a.json) {
        json_t *data = report_data(&r);
        json_dumpf(data, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
        putchar('\n');
        json_decref(data);
    }
    report_free(&r);
    return EXIT_PASS;
}
