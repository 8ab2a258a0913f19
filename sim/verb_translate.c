/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk translate: one case a line in, one answer a line out. A malformed line is answered with
 * `err` and the run goes on; the exit code is then 3. With --legal an answer that opinion 2 does
 * not allow is marked, and the exit code 1.
 */
#include "config_args.h"
#include "error.h"
#include "translate.h"
#include "verb.h"
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_LEGAL = 256, OPTION_ROWS, OPTION_COMPARED, LAWFUL = 256 };

struct options {
    const char *in;
    const struct translate_engine *engine;
    struct config_args config;
    bool legal, rows, compared;
};

struct job {
    struct translate_run run;
    struct translate_out out;
    struct translate_case c;
    struct translate_answer lawful[LAWFUL];
    unsigned lawfuls;
    uint64_t lines, steps, row[TRANSLATE_ROWS];
    bool bad, unlawful;
};

/* ---- One line -------------------------------------------------------------------------------- */

/* The engine's answer, then every other one that is lawful. */
static void say_lawful(struct job *j, const struct translate_answer *own) {
    bool lawful = false;
    for (unsigned n = 0; n < j->lawfuls; n++) {
        if (translate_same(own, &j->lawful[n])) {
            lawful = true;
            continue;
        }
        translate_say(&j->out, " or ", 4);
        translate_print(&j->out, &j->lawful[n]);
    }
    if (lawful) return;
    j->unlawful = true;
    translate_say(&j->out, " unlawful", 9);
}

static void refuse(struct job *j, const char *why, bool well_formed) {
    char text[200];
    int n = well_formed ? snprintf(text, sizeof text, " err %s", why)
                        : snprintf(text, sizeof text, " err line %" PRIu64 ": %s", j->lines, why);
    translate_say(&j->out, text, (size_t)n);
    j->bad = true;
}

static void run_case(struct job *j) {
    const struct translate_case *c = &j->c;
    const char *join = " ", *why = translate_begin(&j->run, c);
    if (why) {
        refuse(j, why, true);
        return;
    }
    for (unsigned n = 0; n < c->steps; n++) {
        struct translate_answer a;
        translate_change(&j->run, c, n);
        if (!c->step[n].has_op) continue;
        if (j->run.legal)
            j->lawfuls = translate_legal_answers(j->run.legal, &c->step[n], j->lawful, LAWFUL);
        translate_access(&j->run, c, n, &a);
        translate_say(&j->out, join, strlen(join));
        translate_print(&j->out, &a);
        if (j->run.legal) say_lawful(j, &a);
        j->row[a.row]++; /* of engines that know: engine->rows */
        j->steps++;
        join = " | ";
    }
}

static void answer_line(struct job *j, const char *line, size_t bytes) {
    j->lines++;
    size_t first = strspn(line, " \t\r");
    if (line[first] == '#' || first == bytes) {
        translate_say(&j->out, line, bytes);
    } else {
        bool good = translate_parse(&j->c, line);
        translate_say(&j->out, j->c.id, j->c.id_bytes);
        if (strlen(line) != bytes)
            refuse(j, "a zero byte", false);
        else if (good)
            run_case(j);
        else
            refuse(j, j->c.why, j->c.two_stage);
    }
    translate_say(&j->out, "\n", 1);
}

/* ---- The run --------------------------------------------------------------------------------- */
static void say_rows(const struct job *j) {
    fprintf(stderr, "deciding row   steps   per million\n");
    for (unsigned n = 0; n < TRANSLATE_ROWS; n++) {
        if (n == TRANSLATE_ALIGN)
            fprintf(stderr, "   alignment");
        else
            fprintf(stderr, "   %9u", n);
        fprintf(stderr, " %9" PRIu64 " %11" PRIu64 "\n", j->row[n],
                j->steps ? j->row[n] * 1000000 / j->steps : 0);
    }
}

static void read_lines(struct job *j, FILE *file, const char *path) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, file)) >= 0) {
        if (n && line[n - 1] == '\n') line[--n] = 0;
        answer_line(j, line, (size_t)n);
    }
    if (ferror(file))
        input_error(path, j->lines, 0, "check the disk and the path", "cannot be read: %s",
                    strerror(errno));
    free(line);
}

static void run_file(struct job *j, const char *path) {
    bool stream = !path || !strcmp(path, "-");
    FILE *file = stream ? stdin : fopen(path, "r");
    if (!file) input_error(path, 0, 0, "check the path", "cannot be opened: %s", strerror(errno));
    read_lines(j, file, stream ? "stdin" : path);
    if (!stream) fclose(file);
    translate_flush(&j->out);
    if (fflush(stdout) || ferror(stdout))
        input_error("stdout", 0, 0, "is the disk full, or the reader gone?",
                    "cannot be written: %s", strerror(errno));
}

/* ---- Options --------------------------------------------------------------------------------- */
static const struct translate_engine *const engines[] = {&translate_spec, &translate_second,
                                                         &translate_model, &translate_rtl};

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->config; return 0;
    case 'e':
        for (size_t n = 0; n < sizeof engines / sizeof *engines; n++)
            if (!strcmp(arg, engines[n]->name)) {
                o->engine = engines[n];
                return 0;
            }
        argp_error(state, "--engine %s: one of spec, second, model, rtl", arg);
        return 0;
    case OPTION_LEGAL: o->legal = true; return 0;
    case OPTION_ROWS: o->rows = true; return 0;
    case OPTION_COMPARED: o->compared = true; return 0;
    case ARGP_KEY_ARG:
        if (o->in) usage_error("translate one file at a time", "a second file: %s", arg);
        o->in = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->rows && !o->engine->rows)
            argp_error(state, "--rows: the engine %s knows no rows", o->engine->name);
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

int verb_translate(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"engine", 'e', "E", 0, "spec (the literal walker, the default), second, model, rtl", 0},
        {"legal", OPTION_LEGAL, NULL, 0, "after an answer, what else the specification allows", 0},
        {"rows", OPTION_ROWS, NULL, 0, "on stderr, how often each row of the table decided", 0},
        {"compared", OPTION_COMPARED, NULL, 0, "only what all engines must agree on", 0},
        {0}};
    static const struct argp_child children[] = {{&config_argp, 0, "Hardware:", 1}, {0}};
    static const struct argp argp = {
        options,  parse,
        "[FILE]", "Answer one translation case a line; the keys are in docs/interface.md.",
        children, NULL,
        NULL};
    struct options o = {.engine = &translate_spec, .config.config = "translate"};
    struct config config;
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct job *j = calloc(1, sizeof *j);
    if (!j) internal_error("out of memory");
    config_args_apply(&o.config, NULL, &config);
    j->out.file = stdout;
    j->out.compared = o.compared;
    j->run.memory = translate_memory_new();
    j->run.engine = o.engine;
    j->run.state = o.engine->open(j->run.memory, &config);
    if (o.legal) j->run.legal = translate_legal_new(j->run.memory);
    run_file(j, o.in);
    if (o.rows) say_rows(j);
    int code = j->bad ? EXIT_INPUT : j->unlawful ? EXIT_DIFFERENCE : EXIT_PASS;
    translate_legal_delete(j->run.legal);
    o.engine->close(j->run.state);
    translate_memory_delete(j->run.memory);
    translate_case_free(&j->c);
    free(o.config.sets);
    free(j);
    return code;
}
