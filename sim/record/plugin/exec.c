/* SPDX-License-Identifier: Apache-2.0
 *
 * execve. qemu-user 7.2 hands it to the host, which runs a riscv64 program only if binfmt_misc has
 * been told how, and then without the recorder. So the plugin does it: it looks the program up as
 * `pagewalk record` does, in the root first, and starts qemu again in this very process, with the
 * options that it was started with, the same ring, and the arguments and environment that the guest
 * gave. Descriptors, signals that are blocked or ignored, and limits go the way that they go
 * anyway.
 *
 * What is not there, or may not be executed, is left to qemu, whose execve fails as it should. A
 * program of another architecture would run unrecorded: refused. A script is its interpreter with
 * the script as an argument [fs/binfmt_script.c].
 */
#include "enums.h"
#include "launch.h"
#include "os/call.h"
#include "plugin.h"
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, SCRIPT_LINE = 256, SCRIPTS = 4, LIST_MAX = 65536, STRING_MAX = 1 << 17 };

struct list {
    char **at;
    size_t count, room;
};

static void list_add(struct list *l, char *s) {
    if (l->count + 1 >= l->room) {
        l->room = l->room ? 2 * l->room : 64;
        l->at = realloc(l->at, l->room * sizeof *l->at);
        if (!l->at) abort();
    }
    l->at[l->count++] = s;
    l->at[l->count] = NULL;
}

static void list_free(struct list *l) {
    for (size_t i = 0; i < l->count; i++) free(l->at[i]);
    free(l->at);
}

/* ---- What the guest asks for ----------------------------------------------------------------- */

static char *string_at(const struct recorder *r, uint64_t va) {
    char *s = malloc(STRING_MAX);
    for (size_t i = 0; s && i < STRING_MAX && guest_read(r, va + i, &s[i], 1); i++)
        if (!s[i]) return realloc(s, i + 1);
    free(s);
    return NULL;
}

/* False: the kernel could not read it either (EFAULT, E2BIG). */
static bool strings_at(const struct recorder *r, uint64_t va, struct list *l) {
    for (uint64_t i = 0, at; va && i < LIST_MAX; i++) {
        if (!guest_read(r, va + 8 * i, &at, 8)) return false;
        if (!at) return true;
        char *s = string_at(r, at);
        if (!s) return false;
        list_add(l, s);
    }
    return !va;
}

/* The kernel reads an array of pointers, and then the strings, from the last to the first. */
static void push_array(struct recorder *r, uint64_t va) {
    uint64_t count = 0, at;
    while (va && guest_read(r, va + 8 * count, &at, 8) && at) count++;
    push_user(r, CALL_KLOAD, va, 8 * (count + 1));
    while (count-- > 0) {
        char *s = guest_read(r, va + 8 * count, &at, 8) ? string_at(r, at) : NULL;
        if (s) push_user(r, CALL_KLOAD, at, strlen(s) + 1);
        free(s);
    }
}

static void push_request(struct recorder *r) {
    char *path = string_at(r, r->args[0]);
    push_user(r, CALL_KLOAD, r->args[0], strlen(path) + 1);
    free(path);
    push_array(r, r->args[2]);
    push_array(r, r->args[1]);
    push(r, RING_EXEC, 0, 0, NULL, 0);
}

/* ---- The program ----------------------------------------------------------------------------- */

static bool is_program(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* In the root first: that is where programs of the other architecture are. */
static bool look_up(const char *root, const char *path, char *out) {
    bool absolute = path[0] == '/' && strcmp(root, "/") != 0;
    snprintf(out, PATH_BYTES, "%s%s", absolute ? root : "", path);
    if (is_program(out)) return true;
    snprintf(out, PATH_BYTES, "%s", path);
    return is_program(out);
}

static void insert(struct list *l, size_t at, const char *s) {
    list_add(l, strdup(s));
    char *last = l->at[l->count - 1];
    memmove(&l->at[at + 1], &l->at[at], (l->count - 1 - at) * sizeof *l->at);
    l->at[at] = last;
}

/* `#! INTERPRETER [ARGUMENT]`: path becomes the interpreter. False: it is no script. */
static bool script(const char *head, char *path, struct list *argv) {
    char line[SCRIPT_LINE + 1], given[PATH_BYTES];
    if (strncmp(head, "#!", 2) != 0) return false;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(head + 2, "\n"), head + 2);
    char *interpreter = line + strspn(line, " \t"),
         *end = interpreter + strcspn(interpreter, " \t");
    char *argument = end + strspn(end, " \t");
    *end = 0;
    for (size_t n = strlen(argument); n && strchr(" \t", argument[n - 1]);) argument[--n] = 0;
    snprintf(given, sizeof given, "%s", path);
    snprintf(path, PATH_BYTES, "%s", interpreter);
    if (argv->count) {
        free(argv->at[0]);
        memmove(argv->at, argv->at + 1, argv->count-- * sizeof *argv->at);
    }
    insert(argv, 0, given);
    if (*argument) insert(argv, 0, argument);
    insert(argv, 0, interpreter);
    return true;
}

/* From a path of the guest's to a file of the host's. False: execve fails. */
static bool find_program(struct recorder *r, const char *root, char *path, char *out,
                         struct list *argv) {
    for (unsigned depth = 0; depth < SCRIPTS; depth++) {
        char head[SCRIPT_LINE + 1] = "";
        Elf64_Ehdr elf;
        if (!look_up(root, path, out)) return false;
        int fd = open(out, O_RDONLY | O_CLOEXEC);
        ssize_t got = fd < 0 ? 0 : pread(fd, head, SCRIPT_LINE, 0);
        if (fd >= 0) close(fd);
        memcpy(&elf, head, sizeof elf);
        if (got > 2 && script(head, path, argv)) continue;
        if (got < (ssize_t)sizeof elf || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) return false;
        if (elf.e_machine != EM_RISCV || elf.e_ident[EI_CLASS] != ELFCLASS64)
            push_refuse(r, RING_REFUSE_EXEC);
        return true;
    }
    return false;
}

/* ---- qemu, again ----------------------------------------------------------------------------- */

/* What it was started with, up to the program, and the program: /proc/self/exe is that. */
static bool own_options(struct list *l, const char **program) {
    static char text[16384];
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0) close(fd);
    char *at = text, *end = text + (got > 0 ? got : 0);
    for (; at < end && l->count < QEMU_OPTIONS; at += strlen(at) + 1) list_add(l, strdup(at));
    while (at < end && strcmp(at, "-E") == 0) {
        at += sizeof "-E";
        at += strlen(at) + 1;
    }
    *program = at;
    return l->count == QEMU_OPTIONS;
}

/* The ring's descriptor was closed, so that the guest does not see it; the recorder has one. */
static int ring_again(const struct recorder *r) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", r->ring->reader, r->ring->reader_fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int high = fcntl(fd, F_DUPFD, QEMU_RING_FD);
    close(fd);
    return high;
}

/* Variables of the host's dynamic loader are set for the guest alone. */
static void environment(struct list *options, struct list *env) {
    size_t kept = 0;
    for (size_t i = 0; i < env->count; i++) {
        if (strncmp(env->at[i], "LD_", 3) != 0) {
            env->at[kept++] = env->at[i];
            continue;
        }
        list_add(options, strdup("-E"));
        list_add(options, env->at[i]);
    }
    env->count = kept;
    if (env->at) env->at[kept] = NULL;
}

static void start(struct recorder *r, const char *program, struct list *options, struct list *argv,
                  struct list *env) {
    char plugin[PATH_BYTES];
    static char *const nothing[] = {NULL};
    int fd = ring_again(r);
    char *old = options->at[QEMU_PLUGIN];
    snprintf(plugin, sizeof plugin, "%.*s,ring=%d,vfork=%u", (int)(strstr(old, ",ring=") - old),
             old, fd, r->parent_at);
    free(old);
    options->at[QEMU_PLUGIN] = strdup(plugin);
    free(options->at[QEMU_ARGV0]);
    options->at[QEMU_ARGV0] = strdup(argv->count ? argv->at[0] : "");
    environment(options, env);
    list_add(options, strdup(program));
    for (size_t i = 1; i < argv->count; i++) list_add(options, strdup(argv->at[i]));
    execve("/proc/self/exe", options->at, env->at ? env->at : nothing);
    close(fd);
}

void exec_enter(struct recorder *r) {
    struct list options = {0}, argv = {0}, env = {0};
    char *given = string_at(r, r->args[0]), path[PATH_BYTES], program[PATH_BYTES];
    const char *self;
    if (given && strings_at(r, r->args[1], &argv) && strings_at(r, r->args[2], &env) &&
        own_options(&options, &self)) {
        snprintf(path, sizeof path, "%s", strcmp(given, "/proc/self/exe") ? given : self);
        if (find_program(r, options.at[QEMU_ROOT], path, program, &argv)) {
            push_request(r);
            start(r, program, &options, &argv, &env);
        }
    }
    free(given);
    list_free(&options);
    list_free(&argv);
    list_free(&env);
}
