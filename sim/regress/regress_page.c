/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdict for machines that know JUnit and for people: one XML file, one HTML page that needs
 * nothing beside it. First the groups, each with the command to paste; then coverage and its gaps;
 * then every run.
 */
#include "error.h"
#include "regress.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Text between tags or in an attribute; what XML cannot hold is left out. */
static void put(FILE *f, const char *s) {
    for (; *s; s++) {
        switch (*s) {
        case '&': fputs("&amp;", f); break;
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '"': fputs("&quot;", f); break;
        default:
            if ((unsigned char)*s >= ' ' || *s == '\n' || *s == '\t') fputc(*s, f);
        }
    }
}

/* `<before>TEXT<after>` */
static void piece(FILE *f, const char *before, const char *text, const char *after) {
    fputs(before, f);
    put(f, text);
    fputs(after, f);
}

static FILE *begin(const char *path) {
    FILE *f = fopen(path, "w");
    if (!f)
        input_error(path, 0, 0, "name an --output directory that can be written", "%s",
                    strerror(errno));
    return f;
}

static void end(FILE *f, const char *path) {
    if (ferror(f) | fclose(f))
        input_error(path, 0, 0, "is the disk full?", "cannot be written: %s", strerror(errno));
}

/* ---- JUnit ----------------------------------------------------------------------------------- */

static void junit_case(FILE *f, const struct regress_run *r) {
    piece(f, "  <testcase classname=\"", r->config, "\"");
    piece(f, " name=\"", r->label, "\"");
    fprintf(f, " time=\"%.3f\">\n", r->seconds);
    if (r->state == RUN_FAILED) {
        piece(f, "    <failure message=\"", r->signature, "\">");
        piece(f, "", r->command, "\n\n");
        piece(f, "", r->report, "</failure>\n");
    } else if (r->state != RUN_PASSED) {
        fputs("    <skipped/>\n", f);
    }
    fputs("  </testcase>\n", f);
}

void regress_write_junit(const struct regress *g, const char *path) {
    FILE *f = begin(path);
    fprintf(f,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuite name=\"pagewalk regress\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\" "
            "time=\"%.3f\">\n",
            g->count, g->failed, g->count - g->passed - g->failed, g->seconds);
    for (size_t n = 0; n < g->count; n++) junit_case(f, &g->at[n]);
    fputs("</testsuite>\n", f);
    end(f, path);
}

/* ---- The page -------------------------------------------------------------------------------- */

static const char style[] =
    "body{font:15px/1.45 sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25em .7em;"
    "border-bottom:1px solid #ddd;vertical-align:top}td.n{text-align:right}"
    "pre{background:#f5f5f2;padding:.6em;overflow-x:auto;font-size:13px;margin:.4em 0}"
    ".failed{color:#a40000}.passed{color:#22651f}.not{color:#777}"
    "h2{margin-top:1.6em}summary{cursor:pointer}";

static void page_group(FILE *f, const struct regress *g, const struct regress_group *group) {
    const struct regress_run *r = &g->at[group->first];
    piece(f, "<h3 class=\"failed\">", group->signature, "</h3>\n");
    fprintf(f, "<p>%zu %s; the shortest: ", group->count, group->count == 1 ? "run" : "runs");
    piece(f, "", r->label, "</p>\n");
    piece(f, "<pre>", r->command, "</pre>\n");
    piece(f, "<details><summary>its report</summary><pre>", r->report, "</pre></details>\n");
}

static void page_coverage(FILE *f, const struct regress *g) {
    if (!g->coverage_sum) return;
    piece(f, "<h2>Coverage of the verification plan</h2>\n<p>", g->coverage_sum, "</p>\n");
    if (!*g->coverage_gaps) return;
    piece(f, "<details><summary>the gaps: points that no run hit</summary><pre>", g->coverage_gaps,
          "</pre></details>\n");
}

static void page_run(FILE *f, const struct regress_run *r) {
    const char *class = r->state == RUN_PASSED   ? "passed"
                        : r->state == RUN_FAILED ? "failed"
                                                 : "not";
    piece(f, "<tr><td>", r->trace, "</td>");
    piece(f, "<td>", r->config, "</td>");
    fprintf(f, "<td class=\"n\">%" PRIu32 "</td><td class=\"%s\">", r->seed, class);
    put(f, r->state == RUN_PASSED ? "passed" : r->state == RUN_FAILED ? r->signature : "not run");
    fprintf(f,
            "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
            "</td><td class=\"n\">%.1f</td><td>%016" PRIx64 "</td></tr>\n",
            r->accesses, r->cycles, r->seconds, r->stimulus);
}

void regress_write_page(const struct regress *g, const char *path) {
    FILE *f = begin(path);
    size_t left = g->count - g->passed - g->failed;
    fprintf(f,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<title>pagewalk regress: %zu failed</title><style>%s</style></head><body>\n"
            "<h1>pagewalk regress</h1>\n<p><b class=\"passed\">%zu passed</b>, "
            "<b class=\"failed\">%zu failed</b>, %zu not run; engine %s, %.1f s, stimulus "
            "<code>%016" PRIx64 "</code></p>\n",
            g->failed, style, g->passed, g->failed, left, g->run.replay.engine, g->seconds,
            regress_stimulus(g));
    if (g->groups) fputs("<h2>Failures, by signature</h2>\n", f);
    for (size_t n = 0; n < g->groups; n++) page_group(f, g, &g->group[n]);
    page_coverage(f, g);
    fputs(
        "<h2>Runs</h2>\n<table><tr><th>trace</th><th>configuration</th><th>seed</th>"
        "<th>verdict</th><th>accesses</th><th>cycles</th><th>seconds</th><th>stimulus</th></tr>\n",
        f);
    for (size_t n = 0; n < g->count; n++) page_run(f, &g->at[n]);
    fputs("</table>\n</body></html>\n", f);
    end(f, path);
}
