/* SPDX-License-Identifier: Apache-2.0
 *
 * Templates filled in, and what stands in them kept from ending what it stands in.
 */
#include "web_page.h"
#include "dut.h"
#include "error.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *web_root(void) {
    const char *dir = dut_root();
    if (!dir)
        input_error("sim/web", 0, 0, "run build/pagewalk of a checkout",
                    "the page's template is not here");
    return dir;
}

/* The library of a report is larger than a configuration may be. */
static char *read_file(const char *name) {
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", web_root(), name);
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

void web_put_file(FILE *out, const char *name) {
    char *text = read_file(name);
    fputs(text, out);
    free(text);
}

void web_put_escaped(FILE *out, const char *text) {
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
void web_put_data(FILE *out, json_t *data) {
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

static void expand(FILE *out, const char *template, web_part *part, const void *who) {
    for (const char *open; (open = strstr(template, "{{")); template = strstr(open, "}}") + 2) {
        char name[32];
        fwrite(template, 1, (size_t)(open - template), out);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(open + 2, "}"), open + 2);
        part(out, who, name);
    }
    fputs(template, out);
}

void web_page(const char *path, const char *template, web_part *part, const void *who) {
    char fresh[4200];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *out = fopen(fresh, "w");
    if (!out)
        input_error(path, 0, 0, "name a file in a directory that can be written", "%s",
                    strerror(errno));
    char *text = read_file(template);
    expand(out, text, part, who);
    free(text);
    bool bad = ferror(out);
    if (fclose(out) || bad || rename(fresh, path)) {
        unlink(fresh);
        input_error(path, 0, 0, "free some space on the disk", "the page could not be written");
    }
}
