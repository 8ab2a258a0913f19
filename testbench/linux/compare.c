/* SPDX-License-Identifier: Apache-2.0
 *
 * compare TRACE TABLE HALF EXCUSED   Row by row: what a real kernel did (a table: the runner's
 * output) and what the kernel half does (the output of `half`). Prints each difference and one line
 * of counts; exit 1 if rows differ that are not excused, are missing, or are excused without need.
 * The table belongs to the trace only if it has its hash: a table of another trace has no rows.
 */
#include "row.h"
#include "error.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1 << 20 };

struct rows {
    char **line; /* [number] */
    size_t count;
};

struct counts {
    uint64_t rows, equal, excused, differ, missing, needless;
};

static FILE *open_or_end(const char *path) {
    FILE *f = fopen(path, "r");
    if (!f)
        input_error(path, 0, 0, "make linux-check UPDATE=1 on a real kernel", "%s",
                    strerror(errno));
    return f;
}

/* Lines `NUMBER | ...`; others, the head of a table, are passed over. */
static struct rows rows_read(FILE *f, uint64_t want) {
    struct rows r = {calloc(want + 2, sizeof *r.line), want};
    char *line = malloc(LINE_BYTES);
    if (!r.line || !line) internal_error("out of memory");
    while (fgets(line, LINE_BYTES, f)) {
        char *end;
        uint64_t n = strtoull(line, &end, 10);
        line[strcspn(line, "\n")] = 0;
        if (end != line && strncmp(end, " | ", 3) == 0 && n && n <= want) r.line[n] = strdup(line);
    }
    free(line);
    fclose(f);
    return r;
}

static void rows_free(struct rows *r) {
    for (size_t i = 0; i <= r->count; i++) free(r->line[i]);
    free(r->line);
}

static struct rows table_read(const struct plan *p, const char *path) {
    char line[256], want[64];
    bool fits = false;
    FILE *f = open_or_end(path);
    snprintf(want, sizeof want, "trace %016" PRIx64 "\n", p->hash);
    while (!fits && fgets(line, sizeof line, f) && strcmp(line, "rows\n") != 0)
        fits = strcmp(line, want) == 0;
    if (!fits) {
        printf("    %s: its rows are of another trace\n", path);
        fseek(f, 0, SEEK_END);
    }
    return rows_read(f, p->records);
}

/* NAME ROW CLAUSE...: one line a row. */
static bool is_excused(const char *path, const char *name, uint64_t number) {
    FILE *f = open_or_end(path);
    char line[1024], word[256];
    bool found = false;
    uint64_t n;
    while (!found && fgets(line, sizeof line, f))
        found = *line != '#' && sscanf(line, "%255s %" SCNu64, word, &n) == 2 && n == number &&
                strcmp(word, name) == 0;
    fclose(f);
    return found;
}

static const char *name_of(const char *path, char *out, size_t bytes) {
    const char *last = strrchr(path, '/');
    snprintf(out, bytes, "%s", last ? last + 1 : path);
    char *dot = strrchr(out, '.');
    if (dot) *dot = 0;
    return out;
}

static void judge(struct counts *c, const char *kernel, const char *half, bool excused,
                  uint64_t n) {
    bool equal = kernel && half && strcmp(kernel, half) == 0;
    c->rows++;
    c->equal += equal;
    c->missing += !kernel || !half;
    c->excused += excused && !equal;
    c->needless += excused && equal;
    c->differ += kernel && half && !equal && !excused;
    if (!kernel || !half)
        printf("    row %" PRIu64 " is missing in the %s\n", n, kernel ? "kernel half" : "table");
    else if (equal && excused)
        printf("    excused, yet equal: %s\n", kernel);
    else if (!equal && !excused)
        printf("    kernel: %s\n    half:   %s\n", kernel, half);
}

int main(int argc, char **argv) {
    if (argc != 5) usage_error("compare TRACE TABLE HALF EXCUSED", "four arguments are needed");
    static struct plan plan;
    char name[256];
    struct counts c = {0};
    plan_make(&plan, argv[1]);
    struct rows kernel = table_read(&plan, argv[2]);
    struct rows half = rows_read(open_or_end(argv[3]), plan.records);
    name_of(argv[1], name, sizeof name);
    for (uint64_t n = 1; n <= plan.records; n++)
        judge(&c, kernel.line[n], half.line[n], is_excused(argv[4], name, n), n);
    printf("%s rows %" PRIu64 " equal %" PRIu64 " excused %" PRIu64 " different %" PRIu64
           " missing %" PRIu64 " needless %" PRIu64 "\n",
           name, c.rows, c.equal, c.excused, c.differ, c.missing, c.needless);
    rows_free(&kernel);
    rows_free(&half);
    return c.differ || c.missing || c.needless ? EXIT_DIFFERENCE : EXIT_PASS;
}
