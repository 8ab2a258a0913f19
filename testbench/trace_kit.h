/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of traces share: files in a directory of their own, and code run in a child, since
 * bad input ends the process.
 */
#ifndef PW_TRACE_KIT_H
#define PW_TRACE_KIT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace.h"
#include "verb.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char kit_directory[64];

static inline int kit_begin(void **state) {
    (void)state;
    strcpy(kit_directory, "/tmp/pagewalk-test-XXXXXX");
    return mkdtemp(kit_directory) ? 0 : -1;
}

static inline int kit_end(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", kit_directory);
    return system(command);
}

/* The path of a file of this name; four of them live at a time. */
static inline const char *kit_path(const char *name) {
    static char path[4][128];
    static unsigned at;
    char *out = path[at++ & 3];
    snprintf(out, sizeof path[0], "%s/%s", kit_directory, name);
    return out;
}

static inline const char *kit_write(const char *name, const void *bytes, size_t count) {
    const char *path = kit_path(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline uint8_t *kit_read(const char *path, size_t *count) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(f);
    uint8_t *bytes = calloc(1, size + 1); /* texts are used as strings */
    assert_non_null(bytes);
    rewind(f);
    *count = fread(bytes, 1, size, f);
    fclose(f);
    return bytes;
}

/* Runs `work` in a child with its output in two files; returns its exit code, -1 if a signal ended
 * it. */
static inline int kit_child(int (*work)(const void *), const void *argument, const char *out,
                            const char *err) {
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (o < 0 || e < 0 || dup2(o, 1) < 0 || dup2(e, 2) < 0) _exit(99);
        int code = work(argument);
        fflush(NULL);
        _exit(code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Reads a trace to its end. */
static inline int kit_replay(const void *path) {
    struct trace_record r;
    struct trace *t = trace_open(path);
    while (trace_next(t, &r)) continue;
    trace_close(t);
    return 0;
}

/* argv as kit_child wants it: the verb's words, ended by NULL. */
static inline int kit_verb(const void *argument) {
    char **argv = *(char ***)(uintptr_t)argument;
    int argc = 0;
    while (argv[argc]) argc++;
    return !strcmp(argv[0], "info")   ? verb_info(argc, argv)
           : !strcmp(argv[0], "dump") ? verb_dump(argc, argv)
                                      : verb_import(argc, argv);
}

/* Runs a verb; returns its exit code and what it said on stdout (freed by the caller) if it was 0,
 * else on stderr. */
#define kit_run(code, ...) kit_run_words(code, (const char *[]){__VA_ARGS__, NULL})
static inline char *kit_run_words(int *code, const char **words) {
    size_t n;
    *code = kit_child(kit_verb, &words, kit_path("out"), kit_path("err"));
    return (char *)kit_read(kit_path(*code ? "err" : "out"), &n);
}

#endif
