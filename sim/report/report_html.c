/* SPDX-License-Identifier: Apache-2.0
 *
 * One file that needs nothing: the template sim/web/page.html with style, chart library, scripts
 * and data put in. The library is the one that testbench/install.sh report has put into build/web;
 * a missing one is fetched now, as a missing Verilated MMU is built.
 */
#include "config_scan.h"
#include "dut.h"
#include "error.h"
#include "study_report.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "build/web/node_modules/echarts/dist/echarts.min.js"

static const char *root(void) {
    const char *dir = dut_root();
    if (!dir)
        input_error("sim/web", 0, 0, "run build/pagewalk of a checkout",
                    "the page's template is not here");
    return dir;
}

static void fetch_library(void) {
    char script[4200];
    int status = 0;
    snprintf(script, sizeof script, "%s/testbench/install.sh", root());
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        execl(script, script, "report", (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
        input_error(LIBRARY, 0, 0, "testbench/install.sh report, with a network",
                    "the chart library is not there and could not be fetched");
}

/* A file of the checkout as text. The library is larger than a configuration may be. */
static char *read_file(const char *name) {
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", root(), name);
    FILE *f = fopen(path, "r");
    if (!f) input_error(path, 0, 0, "run build/pagewalk of a checkout", "%s", strerror(errno));
    char *text = NULL;
    size_t have = 0;
    for (size_t n = 1; n > 0; have += n) {
        text = realloc(text, have + 65537);
        if (!text) internal_error("no memory to read %s", path);
        n = fread(text + have, 1, 65536, f);
    }
    text[have] = 0;
    fclose(f);
    return text;
}

/* ---- Parts --------------------------------------------------------------------------------- */

static void put_file(FILE *out, const char *name) {
    char *text = read_file(name);
    fputs(text, out);
    free(text);
}

static void put_escaped(FILE *out, const char *text) {
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else
            fputc(*text, out);
    }
}

/* A `<` inside a script element could end it. */
static void put_data(FILE *out, const struct report *r) {
    json_t *data = report_data(r);
    char *text = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(6));
    if (!text) internal_error("no memory for the page");
    for (const char *c = text; *c; c++) {
        if (*c == '<')
            fputs("\\u003c", out);
        else
            fputc(*c, out);
    }
    free(text);
    json_decref(data);
}

static void put_part(FILE *out, const struct report *r, const char *name) {
    static const char *const scripts[] = {"data.js", "charts.js", "charts_trace.js", "page.js"};
    char path[64];
    if (!strcmp(name, "TITLE")) put_escaped(out, r->title);
    if (!strcmp(name, "STYLE")) put_file(out, "sim/web/style.css");
    if (!strcmp(name, "LIBRARY")) put_file(out, LIBRARY);
    if (!strcmp(name, "DATA")) put_data(out, r);
    for (size_t i = 0; i < 4 && !strcmp(name, "SCRIPT"); i++) {
        snprintf(path, sizeof path, "sim/web/%s", scripts[i]);
        put_file(out, path);
    }
}

/* ---- The page ------------------------------------------------------------------------------ */

static void expand(FILE *out, const struct report *r, const char *template) {
    for (const char *open; (open = strstr(template, "{{")); template = strstr(open, "}}") + 2) {
        char name[32];
        fwrite(template, 1, (size_t)(open - template), out);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(open + 2, "}"), open + 2);
        put_part(out, r, name);
    }
    fputs(template, out);
}

void report_html(const struct report *r, const char *path) {
    char library[4200], fresh[4200];
    snprintf(library, sizeof library, "%s/" LIBRARY, root());
    if (access(library, R_OK)) fetch_library();
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *out = fopen(fresh, "w");
    if (!out)
        input_error(path, 0, 0, "name a file in a directory that can be written", "%s",
                    strerror(errno));
    char *template = read_file("sim/web/page.html");
    expand(out, r, template);
    free(template);
    bool bad = ferror(out);
    if (fclose(out) || bad || rename(fresh, path)) {
        unlink(fresh);
        input_error(path, 0, 0, "free some space on the disk", "the page could not be written");
    }
}
