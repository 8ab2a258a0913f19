/* SPDX-License-Identifier: Apache-2.0
 *
 * The page of a study: the template sim/web/page.html with style, chart library, scripts and data
 * put in. The library is the one that testbench/install.sh report has put into build/web; a missing
 * one is fetched now, as a missing Verilated MMU is built.
 */
#include "error.h"
#include "study_report.h"
#include "web_page.h"
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY "build/web/node_modules/echarts/dist/echarts.min.js"

static void fetch_library(void) {
    char script[4200];
    int status = 0;
    snprintf(script, sizeof script, "%s/testbench/install.sh", web_root());
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

static void put_part(FILE *out, const void *report, const char *name) {
    static const char *const scripts[] = {"data.js", "charts.js", "charts_trace.js", "page.js"};
    const struct report *r = report;
    char path[64];
    if (!strcmp(name, "TITLE")) web_put_escaped(out, r->title);
    if (!strcmp(name, "STYLE")) web_put_file(out, "sim/web/style.css");
    if (!strcmp(name, "LIBRARY")) web_put_file(out, LIBRARY);
    if (!strcmp(name, "DATA")) web_put_data(out, report_data(r));
    for (size_t i = 0; i < 4 && !strcmp(name, "SCRIPT"); i++) {
        snprintf(path, sizeof path, "sim/web/%s", scripts[i]);
        web_put_file(out, path);
    }
}

void report_html(const struct report *r, const char *path) {
    char library[4200];
    snprintf(library, sizeof library, "%s/" LIBRARY, web_root());
    if (access(library, R_OK)) fetch_library();
    web_page(path, "sim/web/page.html", put_part, r);
}
