/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds the Verilated MMU of a configuration, and has it built when it is missing. The knobs of
 * class RTL become NAME=VALUE arguments of testbench/dut.sh, which prints the path of the shared
 * object; everything else (hash, lock, flags) is that script's, so that `make` and `pagewalk`
 * cannot disagree about it.
 *
 * A build/ that cannot be written is no bug of ours and nothing a caller could mend: the program
 * ends here, with the exit code of bad input.
 */
#include "dut.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCRIPT_UNWRITABLE = 3, SCRIPT_NO_SYSTEMC, EXIT_BAD_INPUT = 3 }; /* docs/interface.md */

static const char of_rtl[] = "dut.sh", of_systemc[] = "systemc/build.sh";

/* Upwards from the running program to the directory that holds the script. */
const char *dut_root(void) {
    static char root[4096];
    if (root[0]) return root;
    char dir[sizeof root - 64], probe[sizeof root];
    ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);
    if (n <= 0) return NULL;
    dir[n] = 0;
    for (char *slash; (slash = strrchr(dir, '/'));) {
        *slash = 0;
        snprintf(probe, sizeof probe, "%s/testbench/dut.sh", dir);
        if (!access(probe, X_OK)) {
            snprintf(root, sizeof root, "%s", dir);
            return root;
        }
    }
    return NULL;
}

/* One NAME=VALUE a knob of class RTL, in the order of params.def. */
static size_t dut_arguments(const struct config *c, char text[][48], size_t room) {
    size_t count = 0;
    for (size_t i = 0; i < CONFIG_KNOBS && count < room; i++) {
        const struct config_knob *k = &config_knobs[i];
        if (strcmp(k->class, "RTL")) continue;
        char *out = text[count++];
        struct config copy = *c;
        snprintf(out, 48, "%s=%u", k->field, *config_field(&copy, k));
        for (; *out && *out != '='; out++) *out = (char)toupper((unsigned char)*out);
    }
    return count;
}

/* Runs the script; its one line of output into `line`. */
static int dut_run_script(char *const *argv, char *line, size_t bytes) {
    int ends[2];
    if (pipe(ends)) return -1;
    pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execv(argv[0], argv);
        _exit(127);
    }
    close(ends[1]);
    size_t have = 0;
    ssize_t n;
    while ((n = read(ends[0], line + have, bytes - 1 - have)) > 0) have += (size_t)n;
    close(ends[0]);
    line[have] = 0;
    line[strcspn(line, "\n")] = 0;
    int status;
    if (waitpid(child, &status, 0) != child) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What a script says of a configuration; its exit code. kind: its first argument, or NULL. */
static int dut_ask(const char *name, const char *kind, const struct config *c, char *path,
                   size_t bytes) {
    char text[CONFIG_KNOBS][48], script[4096], first[16];
    char *argv[CONFIG_KNOBS + 3];
    size_t args = 0;
    snprintf(script, sizeof script, "%s/testbench/%s", dut_root(), name);
    snprintf(first, sizeof first, "%s", kind ? kind : "");
    argv[args++] = script;
    if (kind) argv[args++] = first;
    size_t count = dut_arguments(c, text, CONFIG_KNOBS);
    for (size_t i = 0; i < count; i++) argv[args++] = text[i];
    argv[args] = NULL;
    fflush(NULL);
    return dut_run_script(argv, path, bytes);
}

bool dut_built(const struct config *c) {
    char path[4096];
    if (!dut_root()) return false;
    setenv("DUT_CHECK", "1", 1);
    bool there = dut_ask(of_rtl, NULL, c, path, sizeof path) == 0;
    unsetenv("DUT_CHECK");
    return there;
}

static const char *dut_made(const char *script, const char *kind, const struct config *c) {
    static char path[4096];
    if (!dut_root()) {
        fputs("pagewalk: the RTL's sources are not above this program: no Verilated engine\n",
              stderr);
        return NULL;
    }
    int status = dut_ask(script, kind, c, path, sizeof path);
    if (status == SCRIPT_UNWRITABLE) {
        fputs("pagewalk: the RTL could not be Verilated: build/ cannot be written\n", stderr);
        exit(EXIT_BAD_INPUT);
    }
    if (status == SCRIPT_NO_SYSTEMC) exit(EXIT_BAD_INPUT); /* it has said so */
    return status == 0 && path[0] ? path : NULL;
}

const char *dut_path(const struct config *c) {
    return dut_made(of_rtl, NULL, c);
}

const char *dut_systemc(const struct config *c, const char *kind) {
    return dut_made(of_systemc, kind, c);
}
