/* SPDX-License-Identifier: Apache-2.0
 *
 * pagewalk: the program. It finds the verb and steps aside; each verb is one file, sim/verb_NAME.c.
 * A word that is no verb is answered with the nearest one and exit 2, as usage errors are
 * everywhere.
 */
#include "error.h"
#include "lex.h"
#include "verb.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verb {
    const char *name, *sentence;
    int (*run)(int argc, char **argv);
};

static const struct verb verbs[] = {
#define VERB(name, sentence) {#name, sentence, verb_##name},
    VERBS(VERB)
#undef VERB
};
#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static int help(FILE *out) {
    fputs(
        "pagewalk: a cycle-level RISC-V MMU in RTL and in C, driven by traces of real programs\n\n"
        "usage: pagewalk VERB [OPTION...] [TRACE...]\n\n",
        out);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].sentence);
    }
    fputs(
        "\n`pagewalk VERB --help` lists a verb's options; docs/interface.md defines every output.\n"
        "exit: 0 pass, 1 a difference was found, 2 usage, 3 bad input, 4 hang or limit,\n"
        "      5 internal error, 6 interrupted: run it again\n",
        out);
    return out == stdout ? EXIT_PASS : EXIT_USAGE;
}

static _Noreturn void unknown_verb(const char *typed) {
    const char *names[VERB_COUNT + 1] = {NULL};
    for (size_t i = 0; i < VERB_COUNT; i++) names[i] = verbs[i].name;
    const char *near = nearest_word(typed, strlen(typed), names);
    usage_error(near ? near : "pagewalk --help", "`%s` is no verb of pagewalk", typed);
}

int main(int argc, char **argv) {
    argp_err_exit_status = EXIT_USAGE;
    if (argc < 2) return help(stderr);
    const char *word = argv[1];
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help"))
        return help(stdout);
    if (!strcmp(word, "--version")) {
        puts("pagewalk " PAGEWALK_VERSION);
        return EXIT_PASS;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(word, verbs[i].name)) continue;
        static char name[64];
        snprintf(name, sizeof name, "pagewalk %s", verbs[i].name);
        argv[1] = name;
        int code = verbs[i].run(argc - 1, argv + 1);
        if (fflush(stdout) || ferror(stdout)) internal_error("standard output cannot be written");
        return code;
    }
    unknown_verb(word);
}
